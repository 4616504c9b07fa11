use super::Reading;
use super::reading::Passage;
use super::relations::RELATIONS;
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::figures::{Figure, Interval};

code! {
    /// 分项相加不等于总数
    ///
    /// 一句话里写了总数和分项，可是加起来不是总数：多半是改了一处、忘了另一处。
    ///
    /// 错误：共清理文件400件，拟继续有效320件，拟废止73件，拟修改8件。（合计401件）
    ///
    /// 正确：共清理文件400件，拟继续有效320件，拟废止73件，拟修改7件。
    ///
    /// “其中”后面可以只列一部分：合计超过总数才是错误，少而只差一点的作为警告提出。“受理、审结、答复”是几个环节，不是分项；带“余”“近”“约”的数，只要可能对得上就不提。
    pub(super) SUM_MISMATCH = "sum-mismatch", Error
}

/// How a whole announces its parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Enumeration {
    /// 包括, 分别为, 分为; or the words for all outcomes of one whole.
    Complete,
    /// 其中, 的N件中: perhaps not all.
    Partial,
}

/// A partial list that falls short by so much at most, in percent, looks like a slip.
const NEARLY: u32 = 2;

/// A longer list is a table.
const MOST_PARTS: usize = 40;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in reading.prose() {
        for sentence in passage.figures() {
            for whole in 0..sentence.figures.len() {
                found.extend(parts_of(passage, &sentence.figures, whole));
            }
            found.extend(remainder(passage, &sentence.figures));
        }
    }
    found
}

/// The finding about the parts that follow the figure at `index`, if they are parts and do not add up.
fn parts_of(passage: &Passage, figures: &[Figure], index: usize) -> Option<Diagnostic> {
    let text = &passage.text;
    let whole = &figures[index];
    let first = figures.get(index + 1).filter(|first| whole.is_count() && first.is_like(whole))?;
    let between = &text[whole.range.end..first.range.start];
    if between.contains('；') {
        return None;
    }
    let announced = listing(between, &text[whole.after.clone()]);
    let parts = list(text, &figures[index + 1..], whole);
    if parts.len() < 2 || parts.iter().any(|part| part.value >= whole.value && whole.value > 1.into()) {
        // A part greater than its whole is no part, unless the sentence calls it one.
        return None;
    }
    let listing = match announced {
        Some(listing) => listing,
        None if is_complete(text, &parts) => Enumeration::Complete,
        None => return None,
    };
    let label = |part: &&Figure| {
        part.is_about(text, &RELATIONS.stages.words) || part.is_about(text, &RELATIONS.attributes.words)
    };
    let is_open = text[parts.last()?.after.clone()].starts_with('等');
    if announced.is_some() && parts.iter().any(label) {
        return None;
    }
    let sum =
        parts.iter().try_fold(Interval::between(0.into(), 0.into()), |sum, part| sum.plus(&part.interval))?;
    if sum.meets(&whole.interval) {
        return None;
    }
    let is_less = sum.high < whole.interval.low;
    if is_less && is_open {
        return None;
    }
    let missing = whole.interval.low.checked_sub(sum.high)?;
    let is_slip = is_less && missing.checked_mul(100.into())? <= whole.value.checked_mul(NEARLY.into())?;
    if is_less && listing == Enumeration::Partial && !is_slip {
        return None;
    }
    let mut found = told(passage, whole, &parts, is_less);
    if is_less && listing == Enumeration::Partial {
        found.severity = Severity::Warning;
    }
    Some(found)
}

fn listing(between: &str, after: &str) -> Option<Enumeration> {
    let has = |words: &[&str]| words.iter().any(|word| between.contains(word));
    if has(&["包括", "分别为", "分别是", "分为", "由以下"]) {
        Some(Enumeration::Complete)
    } else if has(&["其中"]) || after.trim_end().ends_with('中') {
        Some(Enumeration::Partial)
    } else {
        None
    }
}

/// The figures at the front that form one list: of one class, joined alike, in one statement.
fn list<'a>(text: &str, figures: &'a [Figure], whole: &Figure) -> Vec<&'a Figure> {
    let mut parts: Vec<&Figure> = Vec::new();
    let mut joint = None;
    for figure in figures.iter().take(MOST_PARTS).take_while(|figure| figure.is_like(whole)) {
        if let Some(last) = parts.last() {
            let between = &text[last.range.end..figure.range.start];
            let is_enumerated =
                between.contains('、') || between.starts_with('和') || between.starts_with('及');
            let is_apart = between.contains(['；', '。'])
                || ["其中", "其余", "占", "率"].iter().any(|word| between.contains(word));
            // A list with 、 ends where a clause begins.
            if is_apart || *joint.get_or_insert(is_enumerated) != is_enumerated && !is_enumerated {
                break;
            }
        }
        parts.push(figure);
    }
    parts
}

/// Whether the words around the parts name all outcomes of one whole.
fn is_complete(text: &str, parts: &[&Figure]) -> bool {
    RELATIONS.outcomes.iter().any(|outcomes| {
        let all = outcomes.complete.iter().flatten().chain(&outcomes.others).collect::<Vec<_>>();
        let named = parts.iter().all(|part| part.is_about(text, &all));
        let has = |words: &Vec<String>| parts.iter().any(|part| part.is_about(text, words));
        named && outcomes.complete.iter().all(has)
    })
}

/// 812人…, 797人合格…, 其余15人: what is left must make up the whole.
fn remainder(passage: &Passage, figures: &[Figure]) -> Option<Diagnostic> {
    let text = &passage.text;
    let is_rest = |figure: &Figure| {
        ["其余", "剩余", "余下"].iter().any(|word| text[figure.before.clone()].contains(word))
    };
    let index = figures.iter().position(|figure| figure.is_count() && is_rest(figure))?;
    let rest = &figures[index];
    let before: Vec<&Figure> = figures[..index].iter().filter(|figure| figure.is_like(rest)).collect();
    let [whole, part] = before[..] else { return None };
    // Only one whole and one part: with more, nobody can tell what is the rest of what.
    let sum = part.interval.plus(&rest.interval)?;
    let is_split = part.value < whole.value && rest.value < whole.value;
    (is_split && !sum.meets(&whole.interval))
        .then(|| told(passage, whole, &[part, rest], sum.high < whole.interval.low))
}

fn told(passage: &Passage, whole: &Figure, parts: &[&Figure], is_less: bool) -> Diagnostic {
    let said = |figure: &Figure| passage.text[figure.range.clone()].trim().to_owned();
    let list: Vec<String> = parts.iter().map(|part| said(part)).collect();
    let sum = parts.iter().try_fold(rust_decimal::Decimal::ZERO, |sum, part| sum.checked_add(part.value));
    let sum = sum.map_or(String::new(), |sum| sum.normalize().to_string());
    let than = if is_less { "少于" } else { "多于" };
    let message =
        format!("“{}”里的分项{}合计{sum}，{than}总数{}", passage.label(), list.join("、"), said(whole));
    let end = parts.last().map_or(whole.range.end, |last| last.range.end);
    let hint = "请核对总数和各个分项；如果只列了一部分，请写明还有其他";
    passage.at(&SUM_MISMATCH, whole.range.start..end, message, hint)
}
