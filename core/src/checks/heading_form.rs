use super::Reading;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::{HeadingLayout, Paragraph};

code! {
    /// 标题的写法
    ///
    /// 标题独占一行时末尾不加标点；段首句与后面的文字接排，末尾要有标点，不然两句连成一句。空的标题排出来只有一个序号。
    ///
    /// 错误（独占一行的标题）：规范行政执法行为。
    ///
    /// 正确：规范行政执法行为
    ///
    /// 错误（段首句）：一是健全推进机制
    ///
    /// 正确：一是健全推进机制。
    ///
    /// 接排的标题（`layout.headings: run-in`）有没有句号都可以，程序会补上。
    ///
    /// 看不出：标题太长、几个标题不对仗、标题与下面的文字不是一件事。
    pub(super) HEADING_FORM = "heading-form", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let is_own_line = reading.context.headings == HeadingLayout::OwnLine;
    let headings = reading.passages.iter().filter(|passage| {
        passage.kind == PassageKind::Heading && (is_own_line || passage.path.pattern().ends_with("title"))
    });
    headings.filter_map(ends_in_mark).chain(empty_headings(reading)).chain(run_on_leads(reading)).collect()
}

fn ends_in_mark(passage: &Passage) -> Option<Diagnostic> {
    let text = passage.text.trim_end();
    let mark = text.chars().next_back().filter(|last| "。，、；：,;:.．".contains(*last))?;
    let message = format!("“{}”独占一行，末尾不应有“{mark}”", passage.label());
    Some(passage.at(&HEADING_FORM, text.len() - mark.len_utf8()..text.len(), message, "请删除末尾的标点"))
}

/// Headings that are there, but say nothing.
fn empty_headings(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    let measures = report.measures.iter().enumerate().map(|(i, one)| ("measures", i, &one.heading));
    let duties = report.duties.iter().enumerate().map(|(i, one)| ("duties", i, &one.heading));
    let plans = report.plans.iter().enumerate().map(|(i, one)| ("plans", i, &one.heading));
    let headings = measures.chain(duties).chain(plans);
    headings
        .filter(|(.., heading)| heading.as_ref().is_some_and(|heading| heading.trim().is_empty()))
        .map(|(section, index, _)| {
            let path = crate::path![section, index, "heading"];
            let message = format!("“{}”是空的", crate::report::contract::label(&path));
            HEADING_FORM.at(path, message, "请写出标题，或者去掉这个字段")
        })
        .collect()
}

/// Openings that run into the text behind them.
fn run_on_leads(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    let bodies: Vec<&Paragraph> = (report.measures.iter().flat_map(|one| &one.body))
        .chain(report.duties.iter().flat_map(|one| &one.body))
        .chain(report.plans.iter().flat_map(|one| &one.body))
        .chain(report.attachments.iter().flat_map(|one| &one.body))
        .collect();
    // In the order of the contract, as the passages are: the leads that run on and those passages
    // meet one by one.
    let mut runs_on =
        bodies.iter().filter(|one| one.lead.as_deref().is_some_and(|lead| !lead.is_empty())).map(|one| {
            let last = one.lead.as_deref().and_then(|lead| lead.trim_end().chars().next_back());
            let is_ended = last.is_none_or(|last| "。！？；：，、…—”’》）.!?;:,".contains(last));
            !is_ended && !one.text.trim().is_empty()
        });
    let leads = reading.passages.iter().filter(|passage| passage.kind == PassageKind::Lead);
    leads
        .filter(|_| runs_on.next() == Some(true))
        .map(|passage| {
            let end = passage.text.trim_end().len();
            let last = passage.text[..end].chars().next_back().map_or(0, char::len_utf8);
            let message = format!("“{}”与后面的文字接排，末尾没有标点", passage.label());
            passage.at(&HEADING_FORM, end - last..end, message, "请在段首句末尾加上句号")
        })
        .collect()
}
