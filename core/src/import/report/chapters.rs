//! Each chapter to the section that its heading names.

use std::sync::LazyLock;

use regex::Regex;

use super::super::account::Confidence;
use super::super::dates::year;
use super::super::outline::{self, SourceLine, body, fit, groups, paragraph};
use super::super::section::{HeadingName, Section, named};
use super::super::{marker, plan};
use super::builder::Builder;
use crate::language::lists;
use crate::path;
use crate::report::{Duty, DutyHolder, Line, Measure, Paragraph, Plan, Year, contract};

/// Where what follows tells no more measures: at the shortcomings or the plans.
fn end_of_measures(mut names: impl ExactSizeIterator<Item = HeadingName>) -> usize {
    let all = names.len();
    let is_of_end = |name| {
        matches!(
            name,
            HeadingName::Section(Section::Problems | Section::Plans) | HeadingName::ProblemsAndPlans
        )
    };
    names.position(is_of_end).unwrap_or(all)
}

impl Builder {
    pub(super) fn chapters(&mut self, chapters: &[&[SourceLine]]) {
        let names = self.settled(chapters);
        let end = end_of_measures(names.iter().map(|(name, _)| *name));
        for (at, (chapter, (name, confidence))) in chapters.iter().zip(&names).enumerate() {
            let (first, below) = (&chapter[0], &chapter[1..]);
            match name {
                HeadingName::Section(section) => {
                    self.reword(first, *section, *confidence);
                    self.told_of_heading(first, *section, *confidence);
                    // What stands behind the heading on its line belongs below it.
                    self.section(*section, first, below);
                }
                HeadingName::ProblemsAndPlans => self.problems_and_plans(first, below),
                HeadingName::Topic(Section::Duties) => self.topic(Section::Duties, first, below),
                _ if at < end => self.topic(Section::Measures, first, below),
                _ => {
                    for line in *chapter {
                        self.unplaced(line, "它的标题不属于规定的四个部分");
                    }
                }
            }
        }
    }

    /// What each chapter is, seen beside the others: where no heading is a section's own, the one that comes
    /// nearest is.
    fn settled(&self, chapters: &[&[SourceLine]]) -> Vec<(HeadingName, Confidence)> {
        let headings: Vec<&str> = chapters.iter().map(|chapter| chapter[0].heading()).collect();
        let mut names: Vec<HeadingName> = headings.iter().map(|heading| named(heading)).collect();
        let mut sure = vec![Confidence::High; names.len()];
        let has = |names: &[HeadingName], section| {
            let joint = matches!(section, Section::Problems | Section::Plans);
            names.iter().any(|name| {
                *name == HeadingName::Section(section) || joint && *name == HeadingName::ProblemsAndPlans
            })
        };
        // 2024年重点工作 of the report on 2024 tells what was done, if another chapter tells what will be.
        let plans = names.iter().filter(|name| **name == HeadingName::Section(Section::Plans)).count();
        if plans > 1
            && names[0] == HeadingName::Section(Section::Plans)
            && year(headings[0]) == self.draft.year.map(Year::number)
        {
            (names[0], sure[0]) = (HeadingName::Section(Section::Measures), Confidence::Medium);
        }
        if has(&names, Section::Duties) {
            let topics = names.iter_mut().filter(|name| **name == HeadingName::Topic(Section::Duties));
            topics.for_each(|name| *name = HeadingName::Nothing);
        }
        let first_of = |names: &[HeadingName], topic| names.iter().position(|name| *name == topic);
        let last_of = |names: &[HeadingName], topic| names.iter().rposition(|name| *name == topic);
        for (section, place) in [
            (Section::Problems, first_of(&names, HeadingName::Topic(Section::Problems))),
            (Section::Plans, last_of(&names, HeadingName::Topic(Section::Plans))),
        ] {
            if let Some(at) = place.filter(|at| *at > 0 && !has(&names, section)) {
                (names[at], sure[at]) = (HeadingName::Section(section), Confidence::Medium);
            }
        }
        // Whatever its words, a heading that names the next year tells of plans.
        let next = self.draft.year.map(Year::next);
        let is_next = |at: &usize| next.is_some() && year(headings[*at]) == next;
        let is_open = |name| matches!(name, HeadingName::Nothing | HeadingName::Topic(Section::Plans));
        if let Some(at) = (1..names.len()).rev().find(is_next)
            && is_open(names[at])
            && !has(&names, Section::Plans)
        {
            (names[at], sure[at]) = (HeadingName::Section(Section::Plans), Confidence::Medium);
        }
        // One chapter alone before the shortcomings, with parts of its own, is the measures. Beside a topic on
        // the first responsible person it is another topic.
        let end = end_of_measures(names.iter().copied());
        let is_topic = |at: &usize| !matches!(names[*at], HeadingName::Section(_));
        let topics: Vec<usize> = (0..end).filter(is_topic).collect();
        let is_by_topics = names.contains(&HeadingName::Topic(Section::Duties));
        if let ([at], false) = (&topics[..], is_by_topics || has(&names, Section::Measures))
            && !groups(&chapters[*at][1..]).1.is_empty()
        {
            (names[*at], sure[*at]) = (HeadingName::Section(Section::Measures), Confidence::Medium);
        }
        names.into_iter().zip(sure).collect()
    }

    /// A report without headings: each paragraph to the section of which it speaks, and what follows it as well.
    pub(super) fn paragraphs(&mut self, lines: &[SourceLine]) {
        let Some(first) = lines.first() else { return };
        self.doubt(Some(first.line), "正文没有标题，各段按意思归入了各部分，请核对");
        self.tables(lines);
        let next = self.draft.year.map(|year| format!("{}年", year.next()));
        let mut section = Section::Measures;
        let mut begin = 0;
        for at in 0..=lines.len() {
            let of_line = lines.get(at).map(|line| opened_section(&line.text, next.as_deref()));
            let other = match of_line {
                Some(of_line) => of_line.filter(|other| *other != section),
                None => Some(section),
            };
            let Some(other) = other else { continue };
            let run = &lines[begin..at];
            match section {
                _ if run.is_empty() => {}
                Section::Problems => self.problems(run),
                Section::Duties => self.duties(run),
                Section::Plans => self.plans(run),
                Section::Measures | Section::Other => self.measures(run),
            }
            (section, begin) = (other, at);
        }
    }

    /// Notes a heading that the template words itself.
    pub(super) fn reword(&mut self, line: &SourceLine, section: Section, confidence: Confidence) {
        self.reworded.insert(line.line);
        self.place(line.line, &line.written, path![section.field()], confidence);
    }

    /// Tells how a heading will be set where that is not how it is written, above all if its year is another.
    fn told_of_heading(&mut self, line: &SourceLine, section: Section, confidence: Confidence) {
        let heading = line.heading();
        let year_of_section = self.draft.year.map(|year| match section {
            Section::Plans => year.next(),
            _ => year.number(),
        });
        let written_year = year(heading);
        let prefix = match (section, year_of_section) {
            (Section::Other, _) | (_, None) => String::new(),
            (_, Some(year)) => format!("{year}年"),
        };
        let set = format!("{prefix}{}", section.wording());
        let other_year =
            written_year.filter(|_| section != Section::Other && written_year != year_of_section);
        let message = match (other_year, year_of_section) {
            (Some(other), Some(year)) => format!(
                "标题“{heading}”写的是{other}年，按报告年度应当是{year}年；排印时写作“{set}”，请核对年份"
            ),
            _ if is_same_wording(heading, section.wording()) => return,
            _ => format!("标题“{heading}”排印时改用规定的写法“{set}”，请核对"),
        };
        let unsure = match confidence {
            Confidence::High => String::new(),
            other => format!("；这个标题归入哪一部分，把握：{}", other.label()),
        };
        self.doubt(Some(line.line), message + &unsure);
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
            // Who is to do it may stand in a paragraph of its own.
            if body.pop_if(|last| !last.says_something()).is_some() {
                let gone = path!["plans", index, "body", body.len()];
                let lead = path!["plans", index, "lead"];
                for placed in self.placed.iter_mut().filter(|placed| gone.holds(&placed.path)) {
                    placed.label = contract::label(&lead);
                    placed.path = lead.clone();
                }
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
        let heading = first.heading();
        self.doubt(
            Some(first.line),
            format!("“{heading}”一个标题下既写不足又写打算，已逐段分开，标题改用规定的写法，请核对"),
        );
        let (problems, plans) = lines.split_at(cut);
        let problems = self.without_heading(problems, Section::Problems);
        let plans = self.without_heading(plans, Section::Plans);
        self.problems(problems);
        self.plans(plans);
    }

    /// Without the heading that a section has within a chapter of two: （一）存在的不足.
    fn without_heading<'a>(&mut self, lines: &'a [SourceLine], section: Section) -> &'a [SourceLine] {
        match lines.split_first() {
            Some((first, below))
                if first.marker.is_some()
                    && !below.is_empty()
                    && first.heading() == first.text
                    && named(&first.text) == HeadingName::Section(section) =>
            {
                self.reword(first, section, Confidence::Medium);
                below
            }
            _ => lines,
        }
    }
}

/// The section that a paragraph opens by how it begins.
fn opened_section(text: &str, next_year: Option<&str>) -> Option<Section> {
    static PROBLEMS: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            "(?:存在|面临|还有|仍有|尚有).{0,16}(?:问题|不足|差距|短板|困难|薄弱)|与.{0,12}要求相比",
        )
    });
    static DUTIES: LazyLock<Regex> =
        LazyLock::new(|| lists::pattern(r"\A.{0,12}(?:第一责任人|主要负责人|主要负责同志|主要领导|一把手)"));
    const NEXT: [&str; 6] = ["下一步", "下步", "今后", "明年", "下一年", "接下来"];
    let start: String = text.chars().take(40).collect();
    if NEXT.iter().any(|word| start.starts_with(word))
        || next_year.is_some_and(|year| start.starts_with(year))
    {
        Some(Section::Plans)
    } else if PROBLEMS.is_match(&start) {
        Some(Section::Problems)
    } else {
        DUTIES.is_match(&start).then_some(Section::Duties)
    }
}

/// Whether a heading says the same as the template's, the year and the marks set aside.
fn is_same_wording(heading: &str, wording: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (heading, wording) = (words(heading), words(wording));
    let year = heading.strip_suffix(&wording);
    year.is_some_and(|year| year.is_empty() || matches!(year.chars().count(), 5 | 6) && year.contains('年'))
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
