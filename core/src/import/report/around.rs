//! What stands around the chapters: title, year, unit, signature and date.

use super::super::account::Confidence;
use super::super::draft::DraftIssuer;
use super::super::ending::Ending;
use super::super::head::{self, Head};
use super::super::outline::{SourceLine, fit};
use super::super::section::{HeadingName, Section, named};
use super::super::spam::Spam;
use super::super::{Particulars, units};
use super::builder::Builder;
use crate::path;
use crate::report::Attachment;

impl Builder {
    pub(super) fn head(&mut self, head: &Head, given: &Particulars) {
        if let Some((line, title)) = &head.title {
            self.draft.title = Some(fit(title));
            self.place(*line, title, path!["title"], Confidence::High);
        } else {
            self.doubt(None, "没有找到标题，将由模板按单位和年度拟定");
        }
        if let Some((line, addressees)) = &head.addressees {
            self.draft.addressees = units(addressees, &['，', '；']);
            self.place(*line, addressees, path!["addressees"], Confidence::High);
        }
        for (line, text) in &head.preface {
            self.place(*line, text, path!["preface", self.draft.preface.len()], Confidence::High);
            self.draft.preface.push(fit(text));
        }
        self.draft.year = given.year;
    }

    /// The year: of the title, else of the headings, else of the first sentence that names one.
    pub(super) fn year(&mut self, head: &Head, chapters: &[&[SourceLine]], given: &Particulars) {
        if given.year.is_some() {
            return;
        }
        let of_title = head.title.as_ref().and_then(|(_, title)| head::year(title));
        let of_heading = chapters.iter().find_map(|chapter| {
            let year = head::year(chapter[0].heading())?;
            match named(chapter[0].heading()) {
                HeadingName::Section(Section::Plans) => Some(year - 1),
                HeadingName::Section(_) | HeadingName::ProblemsAndPlans => Some(year),
                _ => None,
            }
        });
        let of_text = || head.preface.iter().find_map(|(_, text)| head::year(text));
        let year = of_title.or(of_heading).or_else(of_text);
        self.draft.year = year.and_then(|year| year.to_string().parse().ok());
        match (of_title, self.draft.year) {
            (None, Some(year)) => {
                self.doubt(None, format!("标题里没有年份，报告年度按正文推定为{}年", year.number()))
            }
            (_, None) => self.doubt(None, "没有找到报告年度，请填写"),
            _ => {}
        }
    }

    pub(super) fn ending(&mut self, ending: &Ending, given: &Particulars) {
        if let Some((line, closing)) = &ending.closing {
            self.draft.closing = fit(closing);
            self.place(*line, closing, path!["closing"], Confidence::High);
        }
        for (line, name) in &ending.names {
            let path = path!["signature", "names", self.draft.signature.names.len()];
            self.place(*line, name, path, Confidence::High);
            self.draft.signature.names.push(fit(name));
        }
        if let Some((line, date)) = ending.date {
            self.draft.signature.date = Some(date);
            self.place(line, &date.to_string(), path!["signature", "date"], Confidence::High);
            self.reworded.insert(line);
        }
        if given.date.is_some() {
            self.draft.signature.date = given.date;
        }
        if self.draft.signature.date.is_none() {
            self.doubt(None, "没有找到成文日期，请填写");
        }
        if let Some((line, notes)) = &ending.notes {
            self.draft.notes = Some(fit(notes));
            self.place(*line, notes, path!["notes"], Confidence::High);
        }
        for (line, title) in ending.attachments.iter().rev() {
            let index = self.draft.attachments.len();
            // The template writes 附件 and its number.
            self.reworded.insert(*line);
            self.place(*line, title, path!["attachments", index, "title"], Confidence::Medium);
            self.draft.attachments.push(Attachment { title: fit(title), body: vec![], table: None });
        }
        for line in ending.rest {
            self.unplaced(line, "在落款之后");
        }
    }

    /// The unit, as far as title, signature and head name it.
    pub(super) fn issuer(&mut self, head: &Head, given: &Particulars, spam: &Spam) {
        let title = head.title.as_ref().map(|(_, title)| title.as_str());
        let signed = match &self.draft.signature.names[..] {
            [one] => Some(one.to_string()),
            _ => None,
        };
        let standing = head.units.first().map(|(_, unit)| unit.clone());
        let of_title = title.and_then(head::full_name);
        let name = given
            .issuer
            .as_ref()
            .map(|name| name.to_string())
            .or(of_title)
            .or(signed)
            .or(standing)
            .or(head.site.clone());
        let short_name = head::short_name(title, &head.preface).or_else(|| spam.name.clone());
        if let Some(name) = &spam.name {
            self.doubt(None, format!("广告和博彩文字占了名称的位置，按上下文推定为“{name}”，请逐处核对"));
        }
        for (line, unit) in &head.units {
            match name.as_deref() == Some(unit) {
                true => self.place(*line, unit, path!["issuer", "name"], Confidence::Medium),
                false => {
                    self.unplaced(&SourceLine::plain(*line, unit), "单独一行的单位名称");
                }
            }
        }
        let rank = head::rank(name.as_deref().or(short_name.as_deref()).unwrap_or_default());
        if name.is_none() {
            let likely = short_name
                .as_deref()
                .filter(|_| rank.0.is_some())
                .map(|place| format!("，可能是“{place}人民政府”"));
            self.doubt(None, format!("没有找到单位全称{}，请填写", likely.unwrap_or_default()));
        }
        self.draft.issuer = DraftIssuer {
            name: name.as_deref().map(fit),
            short_name: short_name.as_deref().map(fit),
            kind: rank.0,
            level: rank.1,
        };
    }
}
