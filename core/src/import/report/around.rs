//! What stands around the chapters: title, year, unit, signature and date.

use super::super::account::Confidence;
use super::super::dates;
use super::super::draft::DraftIssuer;
use super::super::ending::{Ending, attachment_mark};
use super::super::head::{self, Head};
use super::super::letter;
use super::super::outline::{SourceLine, fit, paragraphs};
use super::super::section::{HeadingName, Section, named};
use super::super::spam::Spam;
use super::super::{Particulars, units};
use super::builder::{Builder, table};
use crate::path;
use crate::report::{Attachment, IssuerRank};

impl Builder {
    pub(super) fn head(&mut self, head: &Head, given: &Particulars) {
        if let Some((line, title)) = &head.title {
            self.draft.title = Some(fit(title));
            self.place(*line, title, path!["title"], Confidence::High);
        } else if let Some((line, title)) = &head.opening_title {
            self.draft.title = Some(fit(title));
            self.place(*line, title, path!["title"], Confidence::Medium);
            self.doubt(Some(*line), format!("没有单独一行的标题，取自“现将……”一句：“{title}”，请核对"));
        } else if head::is_title(&given.file_title()) {
            self.draft.title = Some(fit(&given.file_title()));
            self.doubt(None, format!("没有找到标题，取自文件名：“{}”，请核对", given.file_title()));
        } else {
            self.doubt(None, "没有找到标题，将由模板按单位和年度拟定；要用别的标题，请填写");
        }
        if let Some((line, addressees)) = &head.addressees {
            self.draft.addressees = units(addressees, &['，', '；']);
            self.place(*line, addressees, path!["addressees"], Confidence::High);
        }
        for (line, text) in &head.preface {
            self.place(*line, text, path!["preface", self.draft.preface.len()], Confidence::High);
            self.draft.preface.push(fit(text));
        }
        for (line, text) in &head.odd {
            self.unplaced(&SourceLine::plain(*line, text), "正文之前的一行，不是句子");
        }
        if let Some((line, _)) = head.odd.first() {
            self.doubt(Some(*line), "正文之前有不是句子的行，可能是网页的文字，列在“未归类的文字”里，请核对");
        }
        self.draft.year = given.year;
    }

    /// The year: of the title; else the one before that of the plan; else what the headings, the file's name,
    /// the date and the text say, the surest first.
    pub(super) fn year(
        &mut self,
        head: &Head,
        chapters: &[&[SourceLine]],
        ending: &Ending,
        given: &Particulars,
    ) {
        if given.year.is_some() {
            return;
        }
        let title = head.title.as_ref().or(head.opening_title.as_ref());
        let of_title = title.and_then(|(_, title)| dates::year(title));
        let of_headings = |is_plan: bool| {
            chapters.iter().map(|chapter| chapter[0].heading()).find_map(|heading| {
                let name = named(heading);
                let is_of_plan = name == HeadingName::Section(Section::Plans);
                let is_known = matches!(name, HeadingName::Section(_) | HeadingName::ProblemsAndPlans);
                dates::year(heading).filter(|_| is_known && is_of_plan == is_plan)
            })
        };
        let texts = || head.preface.iter().map(|(_, text)| text.as_str());
        let found = [
            ("标题", of_title),
            ("下一年度安排的标题", of_headings(true).map(|year| year - 1)),
            ("章节标题", of_headings(false)),
            ("文件名", dates::year(&given.file_title())),
            ("成文日期", ending.date.and_then(|(_, date)| dates::year_told_of(date))),
            ("导语", texts().find_map(dates::opening_year).or_else(|| texts().find_map(dates::year))),
        ];
        let first = found.iter().find_map(|(whence, year)| Some((*whence, (*year)?)));
        self.draft.year = first.and_then(|(_, year)| year.to_string().parse().ok());
        match first.filter(|_| self.draft.year.is_some()) {
            Some(("标题", _)) => {}
            Some((whence, year)) => {
                self.doubt(None, format!("标题里没有年份，报告年度按{whence}推定为{year}年，请核对"));
            }
            None => self.doubt(None, "没有找到报告年度，请填写"),
        }
        if let (Some((line, date)), Some((_, year))) = (ending.date, first)
            && dates::year_told_of(date) != Some(year)
        {
            self.doubt(Some(line), format!("成文日期是{date}，和报告年度{year}年对不上，请核对"));
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
        self.reworded.extend(&ending.labelled);
        if let Some((line, written)) = &ending.month {
            self.unplaced(&SourceLine::plain(*line, &ending.date_line), "日期没有写到日");
            self.doubt(Some(*line), format!("“{written}”没有写到日，请填写成文日期"));
        }
        if given.date.is_some() {
            self.draft.signature.date = given.date;
        }
        if let Some((line, notes)) = &ending.notes {
            self.draft.notes = Some(fit(notes));
            self.place(*line, notes, path!["notes"], Confidence::High);
        }
        let listed = self.draft.attachments.len();
        for (line, title) in ending.attachments.iter().rev() {
            let index = self.draft.attachments.len();
            // The template writes 附件 and its number.
            self.reworded.insert(*line);
            self.place(*line, title, path!["attachments", index, "title"], Confidence::Medium);
            self.draft.attachments.push(Attachment { title: fit(title), body: vec![], table: None });
        }
        self.attached(listed, ending.rest);
        for line in ending.odd {
            self.unplaced(line, "结尾的一行，不是句子");
        }
    }

    /// What stands behind the date: the attachments that were listed, or that their marks name. The first of those
    /// listed has the number `listed`.
    fn attached(&mut self, listed: usize, lines: &[SourceLine]) {
        let packed = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
        let mut open: Option<usize> = None;
        for line in lines {
            if let Some((number, title)) = attachment_mark(&line.written) {
                let known = self.draft.attachments.get(listed + number - 1).map(|one| packed(&one.title));
                open = match known {
                    Some(known) if title.is_empty() || packed(title) == known => Some(listed + number - 1),
                    _ => None,
                };
                if open.is_some() {
                    self.reworded.insert(line.line);
                    continue;
                }
            }
            let Some(index) = open else {
                self.unplaced(line, "在落款之后");
                continue;
            };
            let path = path!["attachments", index];
            let attachment = &mut self.draft.attachments[index];
            if packed(&line.written) == packed(&attachment.title) {
                self.place(line.line, &line.written, path.key("title"), Confidence::High);
            } else if let Some(rows) = &line.table {
                match table(rows).filter(|_| attachment.table.is_none()) {
                    Some(table) => {
                        attachment.table = Some(table);
                        let columns = rows[0].join(" ");
                        self.place(line.line, &columns, path.key("table"), Confidence::High);
                    }
                    None => self.unplaced(line, "在落款之后"),
                }
            } else {
                let first = attachment.body.len();
                attachment.body.extend(paragraphs(&line.written));
                self.place(line.line, &line.written, path.key("body").index(first), Confidence::Medium);
            }
        }
    }

    /// The letter before the report: kept, and asked for what the report itself does not say.
    pub(super) fn letter(&mut self, letter: &[SourceLine]) {
        for line in letter {
            self.unplaced(line, "报送的函，不是报告的正文");
        }
        let (addressees, told) = letter::told(letter);
        let mut taken = Vec::new();
        // Another unit that hands the report on writes to others.
        let signed = &self.draft.signature.names;
        let is_own =
            signed.is_empty() || told.names.iter().all(|(_, name)| signed.iter().any(|own| **own == **name));
        let is_open = is_own && self.draft.addressees.is_empty();
        if let Some(addressees) = addressees.filter(|_| is_open) {
            self.draft.addressees = units(&addressees, &['，', '；']);
            taken.push("主送机关");
        }
        if self.draft.signature.names.is_empty() && !told.names.is_empty() {
            self.draft.signature.names = told.names.iter().map(|(_, name)| fit(name)).collect();
            taken.push("署名");
        }
        if let (None, Some((_, date))) = (self.draft.signature.date, told.date) {
            self.draft.signature.date = Some(date);
            taken.push("成文日期");
        }
        if let Some(first) = letter.first() {
            let from_it = match &taken[..] {
                [] => String::new(),
                taken => format!("，报告里没有的{}取自这份函", taken.join("、")),
            };
            let message = format!("报告前面有一份报送的函，列在“未归类的文字”里{from_it}，请核对");
            self.doubt(Some(first.line), message);
        }
    }

    /// The date, where neither the ending nor a letter has it: of the line below the title.
    pub(super) fn undated(&mut self, head: &Head, ending: &Ending) {
        if let Some((line, date)) = head.date {
            self.reworded.insert(line);
            match self.draft.signature.date {
                None => {
                    self.draft.signature.date = Some(date);
                    self.place(line, &date.to_string(), path!["signature", "date"], Confidence::Medium);
                    self.doubt(Some(line), format!("成文日期取自标题下面的一行：{date}，请核对"));
                }
                Some(signed) if signed != date => {
                    self.doubt(Some(line), format!("标题下面写的是{date}，落款是{signed}，已取落款，请核对"));
                }
                Some(_) => {}
            }
        }
        if self.draft.signature.date.is_none() && ending.month.is_none() {
            self.doubt(None, "没有找到成文日期，请填写");
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
        let standing = IssuerRank::of(name.as_deref().or(short_name.as_deref()).unwrap_or_default());
        if name.is_none() {
            let likely = short_name
                .as_deref()
                .filter(|_| standing.kind.is_some())
                .map(|place| format!("，可能是“{place}人民政府”"));
            self.doubt(None, format!("没有找到单位全称{}，请填写", likely.unwrap_or_default()));
        }
        self.draft.issuer = DraftIssuer {
            name: name.as_deref().map(fit),
            short_name: short_name.as_deref().map(fit),
            kind: standing.kind,
            level: standing.level,
        };
    }
}
