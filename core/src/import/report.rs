//! From lines to a report: each text to the section that its heading names, in its order.

use std::collections::HashSet;

use super::account::{Confidence, Doubt, Placement, Recognition};
use super::draft::{Draft, DraftIssuer};
use super::ending::Ending;
use super::head::{self, Head};
use super::outline::{self, SourceLine, body, fit, groups, paragraph};
use super::section::{HeadingName, Section, named};
use super::spam::Spam;
use super::{Particulars, units};
use crate::path;
use crate::report::contract;
use crate::report::{
    Attachment, Duty, DutyHolder, FieldPath, HeadingLayout, Layout, Measure, Paragraph, Plan, PointLayout,
    Problem, Table, Unplaced,
};

/// A report as it grows, and where each text went.
#[derive(Default)]
pub(super) struct Builder {
    pub draft: Draft,
    pub placed: Vec<Placement>,
    pub doubts: Vec<Doubt>,
    /// The lines whose words the template sets in its own way: headings of sections, dates.
    pub reworded: HashSet<usize>,
    pub indicators: Vec<Recognition>,
    /// Whether a heading of section 1 opened its own paragraph, and points ran on in one.
    run_in: usize,
    own_line: usize,
    together: usize,
    apart: usize,
}

/// Builds the report of these chapters. `head` and `ending` stand around them.
pub(super) fn build(
    head: &Head,
    chapters: &[SourceLine],
    ending: &Ending,
    given: &Particulars,
    spam: &Spam,
) -> Builder {
    let mut builder = Builder::default();
    builder.head(head, given);
    let (intro, chapters) = groups(chapters);
    for line in intro {
        builder.unplaced(line, "第一个标题之前");
    }
    builder.year(head, &chapters, given);
    builder.chapters(&chapters);
    builder.ending(ending, given);
    builder.issuer(head, given, spam);
    builder.layout();
    builder
}

/// Keeps an article that is no report: its title has a place, its paragraphs have none.
pub(super) fn digest(head: &Head, given: &Particulars) -> Builder {
    let mut builder = Builder::default();
    builder.doubt(None, "这不是年度报告，没有规定的章节；文字全部列在“未归类的文字”里，数字列为指标");
    builder.head(&Head { title: head.title.clone(), ..Head::default() }, given);
    builder.year(head, &[], given);
    let mut lines = head.addressees.clone().into_iter().chain(head.units.clone()).chain(head.preface.clone());
    let mut lines: Vec<(usize, String)> = lines.by_ref().collect();
    lines.sort_by_key(|(line, _)| *line);
    for (line, text) in lines {
        builder.unplaced(&SourceLine::plain(line, &text), "不是报告的文章");
    }
    builder.ending(&Ending::default(), given);
    builder.issuer(&Head { title: head.title.clone(), ..Head::default() }, given, &Spam::default());
    builder
}

impl Builder {
    /// Notes where a text went.
    pub(super) fn place(&mut self, line: usize, text: &str, path: FieldPath, confidence: Confidence) {
        let label = contract::label(&path);
        self.placed.push(Placement { line, text: text.to_owned(), path, label, confidence });
    }

    pub(super) fn doubt(&mut self, line: Option<usize>, message: impl Into<String>) {
        self.doubts.push(Doubt { line, message: message.into() });
    }

    /// Keeps a text that has no place, with the reason.
    pub(super) fn unplaced(&mut self, line: &SourceLine, why: &str) {
        if let Some(rows) = &line.table {
            self.table(line, rows, None);
            return;
        }
        let note = format!("来源第{}行：{why}", line.line);
        let path = path!["unplaced", self.draft.unplaced.len()];
        self.place(line.line, &line.written, path, Confidence::Low);
        self.draft.unplaced.push(Unplaced { text: fit(&line.written), note: Some(fit(&note)) });
    }

    fn head(&mut self, head: &Head, given: &Particulars) {
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
    fn year(&mut self, head: &Head, chapters: &[&[SourceLine]], given: &Particulars) {
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

    fn chapters(&mut self, chapters: &[&[SourceLine]]) {
        let names: Vec<HeadingName> = chapters.iter().map(|chapter| named(chapter[0].heading())).collect();
        // What follows the shortcomings tells no more measures.
        let is_of_end = |name: &HeadingName| {
            matches!(
                name,
                HeadingName::Section(Section::Problems | Section::Plans) | HeadingName::ProblemsAndPlans
            )
        };
        let last_topic = names.iter().position(is_of_end).unwrap_or(names.len());
        let has_measures = names.contains(&HeadingName::Section(Section::Measures));
        for (at, (chapter, name)) in chapters.iter().zip(&names).enumerate() {
            let (first, below) = (&chapter[0], &chapter[1..]);
            match name {
                HeadingName::Section(section) => {
                    self.reword(first, section.field(), Confidence::High);
                    // What stands behind the heading on its line belongs below it.
                    self.section(*section, first, below);
                }
                HeadingName::ProblemsAndPlans => self.problems_and_plans(first, below),
                HeadingName::Topic(Section::Duties) if !has_measures => {
                    self.topic(Section::Duties, first, below)
                }
                _ if at < last_topic => self.topic(Section::Measures, first, below),
                _ => {
                    for line in *chapter {
                        self.unplaced(line, "它的标题不属于规定的四个部分");
                    }
                }
            }
        }
    }

    /// Notes a heading that the template words itself.
    fn reword(&mut self, line: &SourceLine, section: &str, confidence: Confidence) {
        self.reworded.insert(line.line);
        self.place(line.line, &line.written, path![section], confidence);
    }

    fn section(&mut self, section: Section, heading: &SourceLine, below: &[SourceLine]) {
        let lines: Vec<SourceLine> = behind(heading).into_iter().chain(below.iter().cloned()).collect();
        self.tables(&lines);
        match section {
            Section::Measures => self.measures(&lines),
            Section::Problems => self.problems(&lines),
            Section::Duties => self.duties(&lines),
            Section::Plans => self.plans(&lines),
            Section::Other => {
                for line in lines.iter().filter(|line| line.table.is_none()) {
                    let path = path!["other", self.draft.other.len()];
                    self.place(line.line, &line.written, path, Confidence::High);
                    self.draft.other.push(fit(&line.written));
                }
            }
        }
    }

    /// Section 1: its parts (一), or paragraphs without.
    fn measures(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        for part in intro_and_parts(intro, &parts) {
            let (heading, body) = self.part(part, "measures", self.draft.measures.len());
            self.draft.measures.push(Measure { heading, area: None, body });
        }
    }

    fn duties(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        for part in intro_and_parts(intro, &parts) {
            let (heading, body) = self.part(part, "duties", self.draft.duties.len());
            self.draft.duties.push(Duty { heading, holder: DutyHolder::default(), body });
        }
    }

    fn plans(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        for part in intro_and_parts(intro, &parts) {
            let index = self.draft.plans.len();
            let (heading, mut body) = self.part(part, "plans", index);
            let mut plan = Plan { heading, body: vec![], answers: vec![], lead: None, support: vec![] };
            if let Some(last) = body.last_mut()
                && let Some(task) = super::plan::task(&last.text)
            {
                (plan.lead, plan.support) = (task.lead, task.support);
                last.text = task.text;
            }
            plan.body = body;
            self.draft.plans.push(plan);
        }
    }

    /// A heading and its paragraphs: （一）提升质效。一是……。
    fn part(
        &mut self,
        lines: &[SourceLine],
        field: &str,
        index: usize,
    ) -> (Option<crate::report::Line>, Vec<Paragraph>) {
        let first = &lines[0];
        let at = |key: &str| path![field, index].key(key);
        let (heading, rest, below) = match first.marker {
            None => (None, "", lines),
            Some(_) => {
                let (heading, rest) = outline::heading(&first.text);
                (heading, rest, &lines[1..])
            }
        };
        // A lone sentence is what it says, not the heading of nothing.
        let says_more = !rest.is_empty() || below.iter().any(|line| line.table.is_none());
        let (heading, rest) = match heading {
            Some(_) if !says_more && first.text.ends_with('。') => (None, first.text.as_str()),
            heading => (heading, rest),
        };
        if let Some(heading) = heading {
            self.place(first.line, heading, at("heading"), Confidence::High);
            if field == "measures" {
                *(if rest.is_empty() { &mut self.own_line } else { &mut self.run_in }) += 1;
            }
        }
        let paragraphs = body(rest, below);
        let in_one = super::marker::points(rest).len();
        self.together += usize::from(in_one > 1);
        self.apart += below.iter().filter(|line| super::marker::is_point(&line.text)).count().min(1);
        let mut written = Vec::new();
        for (position, (line, paragraph)) in paragraphs.into_iter().enumerate() {
            let line = if heading.is_some() && !rest.is_empty() && line == 0 || line < first.line {
                first.line
            } else {
                line
            };
            self.place(line, &said(&paragraph), at("body").index(position), Confidence::High);
            written.push(paragraph);
        }
        (heading.map(fit), written)
    }

    /// A chapter under a heading of its own: it becomes one part of a section, its parts become
    /// paragraphs with an opening.
    fn topic(&mut self, section: Section, first: &SourceLine, below: &[SourceLine]) {
        let confidence = if section == Section::Measures { Confidence::Medium } else { Confidence::Low };
        let (heading, rest) = outline::heading(&first.text);
        let field = section.field();
        let index = match section {
            Section::Duties => self.draft.duties.len(),
            _ => self.draft.measures.len(),
        };
        let at = |key: &str| path![field, index].key(key);
        if let Some(heading) = heading {
            self.place(first.line, heading, at("heading"), confidence);
        }
        self.tables(below);
        let mut paragraphs = outline::paragraphs(rest);
        let lines: Vec<usize> = paragraphs.iter().map(|_| first.line).collect();
        let mut lines = lines;
        let (intro, parts) = groups(below);
        for line in intro.iter().filter(|line| line.table.is_none()) {
            let all = outline::paragraphs(&line.text);
            lines.extend(all.iter().map(|_| line.line));
            paragraphs.extend(all);
        }
        for part in parts {
            let (heading, rest) = outline::heading(&part[0].text);
            let mut all = body(rest, &part[1..]);
            match (heading, all.first_mut()) {
                // Its heading opens the first paragraph.
                (Some(heading), Some((_, one))) if one.lead.is_none() => {
                    one.lead = Some(fit(&format!("{heading}。")));
                }
                (Some(heading), _) => all.insert(0, (part[0].line, paragraph(None, &format!("{heading}。")))),
                (None, _) => {}
            }
            for (line, one) in all {
                lines.push(line.max(part[0].line));
                paragraphs.push(one);
            }
        }
        for (position, (line, one)) in lines.iter().zip(&paragraphs).enumerate() {
            self.place(*line, &said(one), at("body").index(position), confidence);
        }
        let section_name =
            if section == Section::Duties { "第一责任人履职情况" } else { "主要举措和成效" };
        self.doubt(
            Some(first.line),
            format!("“{}”不是规定的标题，归入“{section_name}”（把握：{}）", first.text, confidence.label()),
        );
        let heading = heading.map(fit);
        match section {
            Section::Duties => {
                self.draft.duties.push(Duty { heading, holder: DutyHolder::default(), body: paragraphs })
            }
            _ => self.draft.measures.push(Measure { heading, area: None, body: paragraphs }),
        }
    }

    fn problems(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        let intro: Vec<&SourceLine> = intro.iter().filter(|line| line.table.is_none()).collect();
        for line in intro {
            if parts.is_empty() {
                self.problems_of(line);
            } else {
                self.unplaced(line, "第二部分开头的一段，没有说具体的不足");
            }
        }
        for part in parts {
            let first = &part[0];
            let (heading, rest) = outline::heading(&first.text);
            let details: Vec<&str> = std::iter::once(rest)
                .chain(part[1..].iter().filter(|line| line.table.is_none()).map(|line| line.written.as_str()))
                .filter(|text| !text.is_empty())
                .collect();
            let (detail, cause) = cause(&details.join("\n"));
            let (problem, detail) = match heading {
                Some(heading) => (heading.to_owned(), detail),
                None => (detail, String::new()),
            };
            self.problem(first.line, &problem, &detail, &cause);
        }
    }

    /// The problems of one paragraph: its points, or all of it as one.
    fn problems_of(&mut self, line: &SourceLine) {
        let text = line.written.as_str();
        // 存在以下不足：一是……；二是……。 The introduction stays with the first.
        let (intro, list) = match text.find("：一是") {
            Some(at) => text.split_at(at + '：'.len_utf8()),
            None => ("", text),
        };
        let points = super::marker::points(list);
        if points.first() != Some(&0) {
            let (problem, cause) = cause(text);
            if problem.contains(['、', '；']) {
                self.doubt(Some(line.line), "这一段像是写了几条不足，请分开填写，各写原因");
            }
            return self.problem(line.line, &problem, "", &cause);
        }
        let ends = points.iter().skip(1).copied().chain([list.len()]);
        for (start, end) in points.iter().zip(ends) {
            let point = outline::opened(&list[*start..end]);
            let intro = if *start == 0 { intro } else { "" };
            let (problem, detail) = match &point.lead {
                Some(lead) => (format!("{intro}{}", &**lead), point.text.to_string()),
                None => (format!("{intro}{}", &*point.text), String::new()),
            };
            let (problem, detail, cause) = match cause(&detail) {
                (detail, cause) if !cause.is_empty() => (problem, detail, cause),
                _ => {
                    let (problem, cause) = cause(&problem);
                    (problem, detail, cause)
                }
            };
            self.problem(line.line, &problem, &detail, &cause);
        }
    }

    fn problem(&mut self, line: usize, problem: &str, detail: &str, cause: &str) {
        // What tells a cause and nothing else is all that is said.
        let (problem, cause) = if problem.is_empty() { (cause, problem) } else { (problem, cause) };
        let index = self.draft.problems.len();
        let some = |text: &str| (!text.is_empty()).then(|| fit(text));
        for (key, text) in [("problem", problem), ("detail", detail), ("cause", cause)] {
            if !text.is_empty() {
                self.place(line, text, path!["problems", index].key(key), Confidence::High);
            }
        }
        self.draft.problems.push(Problem { problem: fit(problem), cause: some(cause), detail: some(detail) });
    }

    /// Problems until a paragraph speaks of the next year, plans from there on.
    fn problems_and_plans(&mut self, first: &SourceLine, below: &[SourceLine]) {
        self.reword(first, "problems", Confidence::Medium);
        let lines: Vec<SourceLine> = behind(first).into_iter().chain(below.iter().cloned()).collect();
        self.tables(&lines);
        let next = self.draft.year.map(|year| format!("{}年", year.next()));
        let is_of_plans = |line: &SourceLine| {
            let words = ["下一步", "下步", "今后", "下一年", "接下来"];
            let of_next_year = next.as_deref().is_some_and(|next| line.text.starts_with(next));
            of_next_year
                || words.iter().any(|word| line.text.starts_with(word))
                || matches!(named(line.heading()), HeadingName::Section(Section::Plans))
        };
        let cut = lines.iter().position(is_of_plans).unwrap_or(lines.len());
        self.doubt(Some(first.line), "一个标题下既写不足又写打算，已逐段分开，请核对");
        self.problems(&lines[..cut]);
        self.plans(&lines[cut..]);
    }

    fn tables(&mut self, lines: &[SourceLine]) {
        let mut caption = None;
        for line in lines {
            match &line.table {
                Some(rows) => self.table(line, rows, caption.take()),
                None => caption = Some(line.written.clone()),
            }
        }
    }

    /// A table becomes an attachment, under the line above it if that is its caption.
    fn table(&mut self, line: &SourceLine, rows: &[Vec<String>], caption: Option<String>) {
        let Some((columns, rows)) = rows.split_first() else { return };
        let caption = caption.filter(|text| text.ends_with('表') && text.chars().count() < 40);
        let index = self.draft.attachments.len();
        if caption.is_none() {
            self.doubt(Some(line.line), "表格没有名称，暂称“表格”，已列为附件，请改名");
        }
        let width = columns.len();
        // A row of another width still has all its cells.
        let row = |cells: &Vec<String>| {
            let mut row: Vec<_> = cells.iter().take(width).map(|cell| fit(cell)).collect();
            if cells.len() > width && width > 0 {
                row[width - 1] = fit(&cells[width - 1..].join(" "));
            }
            row.resize_with(width, Default::default);
            row
        };
        let table = Table {
            columns: columns.iter().map(|cell| fit(cell)).collect(),
            rows: rows.iter().map(row).collect(),
        };
        let text = columns.join(" ");
        self.place(line.line, &text, path!["attachments", index, "table"], Confidence::Medium);
        let title = fit(caption.as_deref().unwrap_or("表格"));
        self.draft.attachments.push(Attachment { title, body: vec![], table: Some(table) });
    }

    fn ending(&mut self, ending: &Ending, given: &Particulars) {
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
    fn issuer(&mut self, head: &Head, given: &Particulars, spam: &Spam) {
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

    /// The source's own way of setting headings and points.
    fn layout(&mut self) {
        self.draft.layout = Layout {
            headings: (self.run_in > self.own_line).then_some(HeadingLayout::RunIn),
            points: (self.together > self.apart).then_some(PointLayout::Together),
        };
    }
}

/// What stands behind a heading on the same line, as a line of its own.
fn behind(heading: &SourceLine) -> Option<SourceLine> {
    let (_, rest) = outline::heading(&heading.text);
    (!rest.is_empty() && rest != heading.text).then(|| SourceLine {
        marker: None,
        text: rest.to_owned(),
        written: rest.to_owned(),
        ..heading.clone()
    })
}

/// Paragraphs before the first part are a part without a heading.
fn intro_and_parts<'a>(intro: &'a [SourceLine], parts: &[&'a [SourceLine]]) -> Vec<&'a [SourceLine]> {
    let says_something = intro.iter().any(|line| line.table.is_none());
    says_something.then_some(intro).into_iter().chain(parts.iter().copied()).collect()
}

fn said(paragraph: &Paragraph) -> String {
    format!("{}{}", paragraph.lead.as_deref().unwrap_or_default(), &*paragraph.text)
}

/// The beginnings of a clause that tells a cause.
const CAUSES: [&str; 9] = [
    "主要原因是",
    "主要原因在于",
    "究其原因",
    "其原因是",
    "原因是",
    "原因在于",
    "主要是由于",
    "主要是因为",
    "这主要是",
];

/// A text up to its cause, and the cause.
fn cause(text: &str) -> (String, String) {
    let is_clause = |at: usize| at == 0 || text[..at].ends_with(['，', '。', '；', '\n', '、']);
    let starts = CAUSES.iter().flat_map(|words| text.match_indices(words).map(|(at, _)| at));
    match starts.filter(|at| is_clause(*at)).min() {
        Some(at) => {
            let problem = text[..at].trim_end_matches(['，', '；', '、', '\n']);
            (problem.to_owned(), text[at..].to_owned())
        }
        None => (text.to_owned(), String::new()),
    }
}
