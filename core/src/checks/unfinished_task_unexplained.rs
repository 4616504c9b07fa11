use foldhash::HashMap;

use super::Reading;
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::pairs::{CharacterPair, TellingPairs, telling_pairs};
use crate::language::sentences::shortened;
use crate::report::FieldPath;

code! {
    /// 计划的任务没有下文
    ///
    /// 年初计划里的任务，年度报告要么写完成情况，要么说明没有完成的理由。要给出计划才能检查（--plan）。
    ///
    /// 错误：计划有“出台政府法律顾问考核办法”，报告通篇没有提到法律顾问。
    ///
    /// 正确：写明办法何时出台；没有出台的，在“其他需要报告的情况”里说明理由。
    ///
    /// 程序按用词比对任务和报告的各个段落：几乎没有共同用词的作为警告，有一些但不多的作为提示，请人判断。
    ///
    /// 看不出：用词相同、却没有说完成没有的；任务里的数字没有达到的；换了一套说法写的（这时会误提）。
    pub(super) UNFINISHED_TASK_UNEXPLAINED = "unfinished-task-unexplained", Warning
}

/// What share of its words a clause of the task must find in one paragraph, in percent: below the
/// first it is missing, below the second nobody can be sure.
const MISSING: usize = 40;
const UNSURE: usize = 60;

/// A clause of fewer telling words says too little to be looked for.
const FEWEST_WORDS: usize = 4;

/// A word that so many paragraphs have tells none of them apart.
const MOST_PARAGRAPHS: usize = 200;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let Some(plan) = reading.context.plan else { return vec![] };
    let paragraphs_with = paragraphs_with(reading);
    let mut found = Vec::new();
    for section in &plan.sections {
        for (number, task) in section.tasks.iter().enumerate() {
            // A report tells of a task in its own words and rarely of all of it: the clause that is
            // best told counts.
            let clauses = task.text.split(['，', '。', '；', ',', ';', '、', '：']).chain([&*task.text]);
            let shares = clauses.filter_map(|clause| share(&telling_pairs(clause), &paragraphs_with));
            let Some(share) = shares.max() else { continue };
            if share < UNSURE {
                let heading = section.heading.as_deref().unwrap_or("计划");
                found.push(told(heading, number, &task.text, share < MISSING));
            }
        }
    }
    found
}

/// What share of these words the paragraph has that has most of them, in percent.
fn share(words: &TellingPairs, paragraphs_with: &HashMap<CharacterPair, Vec<usize>>) -> Option<usize> {
    if words.len() < FEWEST_WORDS {
        return None;
    }
    let mut shared: HashMap<usize, usize> = HashMap::default();
    for paragraph in words.iter().filter_map(|word| paragraphs_with.get(word)).flatten() {
        *shared.entry(*paragraph).or_default() += 1;
    }
    Some(shared.values().max().map_or(0, |most| most * 100 / words.len()))
}

/// Which paragraphs have a word. Those about next year say nothing of what was done.
fn paragraphs_with(reading: &Reading) -> HashMap<CharacterPair, Vec<usize>> {
    let mut paragraphs_with: HashMap<CharacterPair, Vec<usize>> = HashMap::default();
    let done = reading.prose().filter(|passage| passage.section() != "plans");
    for (number, passage) in done.enumerate() {
        for pair in telling_pairs(&passage.text) {
            let paragraphs = paragraphs_with.entry(pair).or_default();
            if paragraphs.len() < MOST_PARAGRAPHS {
                paragraphs.push(number);
            }
        }
    }
    paragraphs_with
}

fn told(heading: &str, number: usize, task: &str, is_missing: bool) -> Diagnostic {
    let what = format!("计划“{heading}”第{}项任务“{}”", number + 1, shortened(task, 24));
    let hint = "请写明完成情况；没有完成的，请在“其他需要报告的情况”里说明理由";
    let (severity, message) = if is_missing {
        (Severity::Warning, format!("{what}在报告里找不到下文"))
    } else {
        (Severity::Note, format!("{what}在报告里不一定有下文，请人工核对"))
    };
    Diagnostic { severity, ..UNFINISHED_TASK_UNEXPLAINED.at(FieldPath::root(), message, hint) }
}
