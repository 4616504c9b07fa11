//! Section 2: each shortcoming with its cause.

use super::super::account::Confidence;
use super::super::marker;
use super::super::outline::{self, SourceLine, fit, groups};
use super::builder::Builder;
use crate::path;
use crate::report::Problem;

impl Builder {
    pub(super) fn problems(&mut self, lines: &[SourceLine]) {
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
    pub(super) fn problems_of(&mut self, line: &SourceLine) {
        let text = line.written.as_str();
        // 存在以下不足：一是……；二是……。 The introduction stays with the first.
        let (intro, list) = match text.find("：一是") {
            Some(at) => text.split_at(at + '：'.len_utf8()),
            None => ("", text),
        };
        let points = marker::points(list);
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
