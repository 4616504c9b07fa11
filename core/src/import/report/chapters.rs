//! Each chapter to the section that its heading names.

use super::super::account::Confidence;
use super::super::outline::{self, SourceLine, body, fit, groups, paragraph};
use super::super::section::{HeadingName, Section, named};
use super::super::{marker, plan};
use super::builder::Builder;
use crate::path;
use crate::report::{Duty, DutyHolder, Line, Measure, Paragraph, Plan};

impl Builder {
    pub(super) fn chapters(&mut self, chapters: &[&[SourceLine]]) {
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
                    self.reword(first, *section, Confidence::High);
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
    pub(super) fn reword(&mut self, line: &SourceLine, section: Section, confidence: Confidence) {
        self.reworded.insert(line.line);
        self.place(line.line, &line.written, path![section.field()], confidence);
    }

    pub(super) fn section(&mut self, section: Section, heading: &SourceLine, below: &[SourceLine]) {
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
    pub(super) fn measures(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        for part in intro_and_parts(intro, &parts) {
            let (heading, body) = self.part(part, Section::Measures, self.draft.measures.len());
            self.draft.measures.push(Measure { heading, area: None, body });
        }
    }

    pub(super) fn duties(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        for part in intro_and_parts(intro, &parts) {
            let (heading, body) = self.part(part, Section::Duties, self.draft.duties.len());
            self.draft.duties.push(Duty { heading, holder: DutyHolder::default(), body });
        }
    }

    pub(super) fn plans(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        for part in intro_and_parts(intro, &parts) {
            let index = self.draft.plans.len();
            let (heading, mut body) = self.part(part, Section::Plans, index);
            let mut plan = Plan { heading, body: vec![], answers: vec![], lead: None, support: vec![] };
            if let Some(last) = body.last_mut()
                && let Some(task) = plan::task(&last.text)
            {
                (plan.lead, plan.support) = (task.lead, task.support);
                last.text = task.text;
            }
            plan.body = body;
            self.draft.plans.push(plan);
        }
    }

    /// A heading and its paragraphs: （一）提升质效。一是……。
    pub(super) fn part(
        &mut self,
        lines: &[SourceLine],
        section: Section,
        index: usize,
    ) -> (Option<Line>, Vec<Paragraph>) {
        let first = &lines[0];
        let at = |key: &str| path![section.field(), index].key(key);
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
            if section == Section::Measures {
                *(if rest.is_empty() { &mut self.own_line } else { &mut self.run_in }) += 1;
            }
        }
        let paragraphs = body(rest, below);
        let in_one = marker::points(rest).len();
        self.together += usize::from(in_one > 1);
        self.apart += below.iter().filter(|line| marker::is_point(&line.text)).count().min(1);
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
    pub(super) fn topic(&mut self, section: Section, first: &SourceLine, below: &[SourceLine]) {
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

    /// Problems until a paragraph speaks of the next year, plans from there on.
    pub(super) fn problems_and_plans(&mut self, first: &SourceLine, below: &[SourceLine]) {
        self.reword(first, Section::Problems, Confidence::Medium);
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
