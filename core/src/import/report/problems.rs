//! Section 2: each shortcoming with its cause.

use std::sync::LazyLock;

use regex::Regex;

use super::super::account::Confidence;
use super::super::marker;
use super::super::outline::{self, SourceLine, fit, groups};
use super::builder::Builder;
use crate::language::{enumeration, lists};
use crate::path;
use crate::report::Problem;

impl Builder {
    pub(super) fn problems(&mut self, lines: &[SourceLine]) {
        let (intro, parts) = groups(lines);
        let intro: Vec<&SourceLine> = intro.iter().filter(|line| line.table.is_none()).collect();
        // 存在以下不足： above the paragraphs that tell them.
        let leads_up = |at: usize| intro.len() > at + 1 && at == 0 && intro[0].text.ends_with('：');
        for (at, line) in intro.iter().enumerate() {
            if parts.is_empty() && !leads_up(at) {
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

    /// The problems of one paragraph: the items of its list, or all of it as one.
    pub(in crate::import) fn problems_of(&mut self, line: &SourceLine) {
        let text = line.written.as_str();
        if cause_at(text) == Some(0) && !self.draft.problems.is_empty() {
            return self.cause_of_all(line);
        }
        let items = enumeration::items(text);
        let is_of_cause = |start: usize| cause_at(text).is_some_and(|at| at < start);
        let Some(start) = items.first().map(|item| item.start).filter(|start| !is_of_cause(*start)) else {
            if marker::points(text).first() == Some(&0) {
                return self.item(line.line, "", text);
            }
            let (problem, cause) = cause(text);
            if problem.contains(['、', '；']) {
                self.doubt(Some(line.line), "这一段像是写了几条不足，请分开填写，各写原因");
            }
            return self.problem(line.line, &problem, "", &cause);
        };
        // 存在以下不足：一是……；二是……。 What leads up to the list stays with the first item, unless it is a
        // sentence of its own.
        let intro = &text[..start];
        let is_sentence = intro.trim_end().ends_with(['。', '！']);
        if is_sentence {
            self.unplaced(
                &SourceLine::plain(line.line, intro.trim_end()),
                "第二部分开头的一段，没有说具体的不足",
            );
        }
        for (at, item) in items.iter().enumerate() {
            let intro = if at == 0 && !is_sentence { intro } else { "" };
            self.item(line.line, intro, text[item.clone()].trim_end());
        }
        self.doubt(Some(line.line), format!("这一段分成了{}条不足，请核对，各写原因", items.len()));
    }

    /// A paragraph that tells the causes of what stands before it: kept with the last.
    fn cause_of_all(&mut self, line: &SourceLine) {
        let index = self.draft.problems.len() - 1;
        let last = &mut self.draft.problems[index];
        let before = last.cause.as_deref().map(|cause| format!("{cause}\n")).unwrap_or_default();
        last.cause = Some(fit(&format!("{before}{}", line.written)));
        self.place(line.line, &line.written, path!["problems", index, "cause"], Confidence::Medium);
        self.doubt(Some(line.line), "各条不足的原因写在一段里，暂列在最后一条，请分给各条");
    }

    /// One item of a list, with its cause.
    fn item(&mut self, line: usize, intro: &str, item: &str) {
        let point = outline::opened(item);
        let (problem, detail) = match &point.lead {
            Some(lead) => (format!("{intro}{}", &**lead), point.text.to_string()),
            None => (format!("{intro}{}", &*point.text), String::new()),
        };
        let (problem, detail, cause) = match cause(&detail) {
            (detail, cause) if !cause.is_empty() => (problem, detail, cause),
            _ => {
                let (problem, cause) = cause(&problem);
                match cause.is_empty() {
                    true => (problem, detail, cause),
                    // What follows the cause goes on with it.
                    false => (problem, String::new(), format!("{cause}{detail}")),
                }
            }
        };
        self.problem(line, &problem, &detail, &cause);
    }

    pub(super) fn problem(&mut self, line: usize, problem: &str, detail: &str, cause: &str) {
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
}

/// How a clause that tells a cause begins.
static CAUSES: LazyLock<Regex> = LazyLock::new(|| lists::any_of(include_str!("../data/causes.txt")));

/// Where a text begins to tell the cause.
fn cause_at(text: &str) -> Option<usize> {
    let is_clause = |at: usize| at == 0 || text[..at].ends_with(['，', '。', '；', '\n', '、', '：', '（']);
    CAUSES.find_iter(text).map(|found| found.start()).find(|at| is_clause(*at))
}

/// Whether a text tells a cause and nothing before it.
pub(in crate::import) fn is_cause(text: &str) -> bool {
    cause_at(text) == Some(0)
}

/// A text up to its cause, and the cause.
fn cause(text: &str) -> (String, String) {
    match cause_at(text) {
        Some(at) => {
            let problem = text[..at].trim_end_matches(['，', '；', '、', '\n', '（']);
            let cause = &text[at..];
            let is_bracketed = text[..at].ends_with('（');
            let end = cause.rfind('）').filter(|_| is_bracketed);
            let cause = end.map_or(cause.to_owned(), |end| {
                format!("{}{}", &cause[..end], &cause[end + '）'.len_utf8()..])
            });
            (problem.to_owned(), cause)
        }
        None => (text.to_owned(), String::new()),
    }
}
