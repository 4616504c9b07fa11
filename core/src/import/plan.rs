//! From lines to a plan of work: sections of tasks, each with who is to do it.

use std::sync::LazyLock;

use regex::Regex;

use super::account::Confidence;
use super::dates;
use super::draft::{DraftIssuer, DraftPlan};
use super::ending::Ending;
use super::head::Head;
use super::outline::{SourceLine, fit, groups};
use super::report::Builder;
use super::{Particulars, units};
use crate::language::lists;
use crate::path;
use crate::report::{IssuerRank, PlanSection, Task};

/// Builds the plan of these chapters. The builder keeps the account.
pub(super) fn build(
    head: &Head,
    chapters: &[SourceLine],
    ending: &Ending,
    given: &Particulars,
) -> (DraftPlan, Builder) {
    let mut builder = Builder::default();
    let mut plan = DraftPlan { template: "work-plan", ..DraftPlan::default() };
    if let Some((line, title)) = &head.title {
        plan.title = Some(fit(title));
        builder.place(*line, title, path!["title"], Confidence::High);
    }
    let year = head.title.as_ref().and_then(|(_, title)| dates::year(title));
    plan.year = given.year.or(year.and_then(|year| year.to_string().parse().ok()));
    if plan.year.is_none() {
        builder.doubt(None, "没有找到计划年度，请填写");
    }
    // The letter that hands the plan out stands before it.
    let addressees = head.addressees.iter().map(|(line, text)| (*line, format!("{text}：")));
    for (line, text) in addressees.chain(head.preface.iter().cloned()) {
        builder.place(line, &text, path!["preface", plan.preface.len()], Confidence::High);
        plan.preface.push(fit(&text));
    }

    for (line, text) in &head.odd {
        builder.unplaced(&SourceLine::plain(*line, text), "正文之前的一行，不是句子");
    }
    if let Some((line, date)) = head.date {
        builder.reworded.insert(line);
        builder.doubt(Some(line), format!("标题下面写的日期是{date}，工作计划没有“印发日期”一栏"));
    }
    let (intro, chapters) = groups(chapters);
    for line in intro {
        builder.unplaced(line, "第一个标题之前");
    }
    for (at, chapter) in chapters.iter().enumerate() {
        let is_last = at + 1 == chapters.len();
        section(chapter, is_last, &mut plan, &mut builder);
    }

    issuer(head, ending, given, &mut plan, &mut builder);
    if let Some((line, closing)) = &ending.closing {
        match plan.closing {
            None => {
                builder.place(*line, closing, path!["closing"], Confidence::High);
                plan.closing = Some(fit(closing));
            }
            Some(_) => builder.unplaced(&SourceLine::plain(*line, closing), "工作计划已有结束语"),
        }
    }
    if let Some((line, _)) = ending.date {
        builder.unplaced(&SourceLine::plain(line, &ending.date_line), "工作计划没有“印发日期”一栏");
    }
    if let Some((line, notes)) = &ending.notes {
        builder.unplaced(&SourceLine::plain(*line, &format!("（{notes}）")), "工作计划没有“附注”一栏");
    }
    for (line, title) in &ending.attachments {
        builder.unplaced(&SourceLine::plain(*line, &format!("附件：{title}")), "工作计划没有“附件”一栏");
    }
    for line in ending.odd {
        builder.unplaced(line, "结尾的一行，不是句子");
    }
    for line in ending.rest {
        builder.unplaced(line, "在落款之后");
    }
    plan.unplaced = std::mem::take(&mut builder.draft.unplaced);
    (plan, builder)
}

/// The unit that issues the plan: the one that signs, else the one that stands alone at the head.
fn issuer(head: &Head, ending: &Ending, given: &Particulars, plan: &mut DraftPlan, builder: &mut Builder) {
    let names: Vec<&(usize, String)> = ending.names.iter().chain(&head.units).collect();
    let given = given.issuer.as_ref().map(|name| name.to_string());
    let Some(name) = given.or_else(|| names.first().map(|(_, name)| name.clone())) else { return };
    for (line, unit) in names {
        let is_dated = ending.date.is_some_and(|(dated, _)| dated == *line);
        match *unit == name {
            true => builder.place(*line, unit, path!["issuer", "name"], Confidence::High),
            // A name beside the date is kept with it.
            false if is_dated => {}
            false => builder.unplaced(&SourceLine::plain(*line, unit), "单独一行的单位名称"),
        }
    }
    let IssuerRank { kind, level } = IssuerRank::of(&name);
    plan.issuer = Some(DraftIssuer { name: Some(fit(&name)), short_name: None, kind, level });
}

fn section(chapter: &[SourceLine], is_last: bool, plan: &mut DraftPlan, builder: &mut Builder) {
    let index = plan.sections.len();
    let first = &chapter[0];
    builder.place(first.line, &first.text, path!["sections", index, "heading"], Confidence::High);
    let (intro, parts) = groups(&chapter[1..]);
    let mut tasks: Vec<Task> = Vec::new();
    let mut add = |line: usize, text: &str, builder: &mut Builder| {
        let task = task(text).unwrap_or_else(|| Task { text: fit(text), lead: None, support: vec![] });
        builder.place(line, text, path!["sections", index, "tasks", tasks.len()], Confidence::High);
        if task.lead.is_none() && task.support.is_empty() {
            builder.doubt(Some(line), "这项任务没有写牵头单位和责任单位");
        }
        tasks.push(task);
    };
    for line in intro {
        add(line.line, &line.written, builder);
    }
    let count = parts.len();
    for (at, part) in parts.into_iter().enumerate() {
        // What follows the very last task may close the plan.
        let tail = (is_last && at + 1 == count).then(|| part.iter().skip(1).position(closes)).flatten();
        let (part, closing) = part.split_at(tail.map_or(part.len(), |tail| tail + 1));
        let text: Vec<&str> = std::iter::once(part[0].text.as_str())
            .chain(part[1..].iter().map(|line| line.written.as_str()))
            .collect();
        add(part[0].line, &text.join("\n"), builder);
        for line in closing {
            match plan.closing {
                None => {
                    builder.place(line.line, &line.written, path!["closing"], Confidence::Medium);
                    plan.closing = Some(fit(&line.written));
                }
                Some(_) => builder.unplaced(line, "在最后一项任务之后"),
            }
        }
    }
    plan.sections.push(PlanSection { heading: Some(fit(&first.text)), tasks });
}

/// Whether a paragraph speaks of the whole plan.
fn closes(line: &SourceLine) -> bool {
    let whole = ["本计划", "本方案", "本要点", "各级", "各部门", "各单位", "各镇"];
    line.marker.is_none() && whole.iter().any(|word| line.text.starts_with(word))
}

/// A task whose text ends with who is to do it: （牵头单位：……；责任单位：……）.
pub(super) fn task(text: &str) -> Option<Task> {
    static DUTY: LazyLock<Regex> =
        LazyLock::new(|| lists::pattern(r"[（(\[［【](?:牵头|责任|配合)(?:单位|部门)[：:]"));
    let start = DUTY.find_iter(text).last()?.start();
    let open = text[start..].chars().next()?;
    let tail = text[start + open.len_utf8()..].trim_end_matches(['。', '；']);
    // The bracket that closes this one, if it was not forgotten.
    let close = match open {
        '（' => '）',
        '(' => ')',
        '[' => ']',
        '［' => '］',
        _ => '】',
    };
    let tail = match tail.strip_suffix(close) {
        Some(inner) => inner,
        None if tail.contains(close) => return None,
        None => tail,
    };
    let (lead, support) = match ["；责任单位：", "；责任部门：", "；配合单位：", "，责任单位："]
        .iter()
        .find_map(|words| tail.split_once(words))
    {
        Some((lead, support)) => (Some(lead), support),
        None => (None, tail),
    };
    let without_label =
        |text: &str| -> String { text.split_once(['：', ':']).map_or(text, |(_, names)| names).to_owned() };
    let (lead, support) = match lead {
        Some(lead) => (Some(without_label(lead)), support.to_owned()),
        None if support.starts_with("牵头") => (Some(without_label(support)), String::new()),
        None => (None, without_label(support)),
    };
    Some(Task {
        text: fit(text[..start].trim_end()),
        lead: lead.filter(|name| !name.trim().is_empty()).map(|name| fit(&name)),
        support: units(&support, &['，', '、', '；']),
    })
}
