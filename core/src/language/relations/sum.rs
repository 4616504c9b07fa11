//! Wholes and their parts: 214项，其中新增67项、取消58项、变更89项; 46宗（正职25宗，副职21宗）; 97件、121件，合计218件.

use std::sync::LazyLock;

use regex::Regex;

use super::super::figures::{Figure, Interval};
use super::super::lists;
use super::{Moment, Outcomes, RELATIONS};

/// A whole and what a sentence counts as its parts.
pub(crate) struct Sum<'a> {
    pub whole: &'a Figure,
    pub parts: Vec<&'a Figure>,
    pub breadth: Breadth,
}

/// Whether a sentence means to name all parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// 包括, 分别为, 合计; or the words for all outcomes of one whole.
    Complete,
    /// Directly in a bracket behind the whole: most name all.
    Bracketed,
    /// 其中, 的N件中: perhaps not all.
    Partial,
    /// 等 at the end: certainly not all.
    Examples,
    /// Nothing says that these are parts, but for the whole before them and the 、 between them.
    Implied,
}

/// A longer list is a table.
const MOST_PARTS: usize = 40;

impl Sum<'_> {
    /// What the parts come to; nothing for more than can be counted.
    pub(crate) fn total(&self) -> Option<Interval> {
        let nothing = Interval::between(0.into(), 0.into());
        self.parts.iter().try_fold(nothing, |sum, part| sum.plus(&part.interval))
    }
}

/// The wholes of a sentence with their parts, as it says them.
pub(crate) fn sums<'a>(text: &str, figures: &'a [Figure]) -> Vec<Sum<'a>> {
    let counts = figures.iter().filter(|figure| figure.is_count()).count();
    if counts < 3 {
        return vec![];
    }
    let of_each = (0..figures.len()).flat_map(|index| {
        let found = [
            parts_behind(text, figures, index),
            parts_in_bracket(text, figures, index),
            parts_before(text, figures, index),
        ];
        found.into_iter().flatten()
    });
    of_each.chain(remainder(text, figures)).collect()
}

/// The parts that follow the figure at `index`.
fn parts_behind<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Sum<'a>> {
    let whole = &figures[index];
    // What stands in a bracket explains one part.
    let level = || {
        let behind = figures[index + 1..].iter().take(MOST_PARTS);
        behind.filter(|one| one.bracket == whole.bracket)
    };
    let first = level().next().filter(|first| whole.is_count() && first.is_like(whole))?;
    let between = &text[whole.range.end..first.range.start];
    // 上年分别为150件、320件 are no parts of this year's.
    if between.contains('；') || Moment::of(between) != Moment::Unsaid {
        return None;
    }
    let announced = announced(between, &text[whole.after.clone()]);
    if announced.is_none() && !between.starts_with(['，', '：', '、']) {
        return None;
    }
    let parts = list(text, &level().collect::<Vec<_>>(), whole);
    // Most figures have no parts, and most that have are followed by one.
    if parts.len() < 2
        || announced.is_none() && !is_enumerated(text, whole, &parts) && !names_outcome(text, whole, &parts)
    {
        return None;
    }
    // A part greater than its whole is no part, unless the sentence calls it one.
    let is_greater = parts.iter().any(|part| part.value >= whole.value && whole.value > 1.into());
    if is_greater || announced.is_some() && !are_parts(text, &parts) {
        return None;
    }
    let breadth = match announced {
        Some(breadth) => breadth,
        None => match outcomes_of(text, &parts).filter(|outcomes| is_complete(text, &parts, outcomes)) {
            Some(outcomes) if outcomes.open => Breadth::Partial,
            Some(_) => Breadth::Complete,
            None if are_parts(text, &parts) && is_enumerated(text, whole, &parts) => Breadth::Implied,
            None => return None,
        },
    };
    let breadth = if is_open(text, &parts) { Breadth::Examples } else { breadth };
    Some(Sum { whole, parts, breadth })
}

/// 出庭应诉46宗（正职25宗，副职20宗）.
fn parts_in_bracket<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Sum<'a>> {
    let whole = &figures[index];
    let bracket = figures.get(index + 1)?.bracket.filter(|at| *at >= whole.range.end)?;
    let between = &text[whole.range.end..bracket];
    if between.chars().count() > 6 || between.contains(['，', '；', '、', '：']) {
        return None;
    }
    let behind = figures[index + 1..].iter().take(MOST_PARTS);
    let level: Vec<&Figure> = behind.filter(|one| one.bracket == Some(bracket)).collect();
    let parts = list(text, &level, whole);
    let is_whole_list = parts.len() >= 2 && parts.len() == level.len();
    let opening = &text[bracket..parts.first()?.range.start];
    // What was before, or what it rose from, is no part.
    let is_of_other_time = ["年", "同期", "增", "减", "累计", "其余", "另"];
    let says_other =
        parts.iter().any(|part| is_of_other_time.iter().any(|word| text[part.before.clone()].contains(word)));
    if !is_whole_list || !whole.is_count() || says_other || !are_parts(text, &parts) {
        return None;
    }
    let is_partial = ["其中", "含", "如", "例"].iter().any(|word| opening.contains(word));
    let breadth = match opening {
        _ if is_open(text, &parts) => Breadth::Examples,
        _ if is_partial => Breadth::Partial,
        _ if opening.contains("包括") => Breadth::Complete,
        _ => Breadth::Bracketed,
    };
    (!parts.iter().any(|part| part.value >= whole.value)).then_some(Sum { whole, parts, breadth })
}

/// 人大代表建议97件、政协提案121件，合计218件: the whole comes last.
fn parts_before<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Sum<'a>> {
    let whole = &figures[index];
    let before = text[whole.before.clone()].trim_end_matches(['为', '达', '到', '有', ' ']);
    let totals = ["合计", "总计", "总共", "共计", "总数", "总量"];
    // 8个镇街、27个部门共35个单位, in one breath.
    let is_in_one_breath = before.ends_with('共')
        && before.chars().count() > 1
        && whole.before.start == figures[..index].last()?.range.end;
    // 上半年210件，下半年190件，全年共受理400件, whatever the verb.
    let is_of_year = before.contains("全年");
    // 区级办理210件、镇街办理190件，共计办理400件: the verb is that of the parts. 共7次 alone is less sure.
    let verb = before.strip_prefix("共计").or(before.strip_prefix("合计")).unwrap_or_default();
    let is_bare = matches!(before, "共" | "共有");
    let is_total = totals.iter().any(|total| before.ends_with(total));
    if !whole.is_count() || verb.is_empty() && !is_bare && !is_of_year && !is_in_one_breath && !is_total {
        return None;
    }
    let mut parts: Vec<&Figure> = Vec::new();
    let level = figures[..index].iter().rev().take(MOST_PARTS).filter(|one| one.bracket == whole.bracket);
    let mut next = whole;
    for part in level {
        let between = &text[part.range.end..next.range.start];
        let is_apart = ["；", "其中", "占", "率", "包括", "分别"].iter().any(|word| between.contains(word));
        if !part.is_like(whole) || is_apart {
            break;
        }
        parts.push(part);
        next = part;
    }
    parts.reverse();
    let is_listed = parts
        .windows(2)
        .all(|pair| text[pair[0].range.end..pair[1].range.start].contains(['、', '，', '和']));
    // 收到建议97件、提案121件: the verb before the first holds for all.
    let is_of_part =
        |part: &&Figure| ["半年", "季度", "月"].iter().any(|time| text[part.before.clone()].contains(time));
    let is_listed = is_listed && (!is_of_year || parts.iter().all(is_of_part));
    if !verb.is_empty() && !parts.iter().all(|part| text[part.before.clone()].contains(verb)) {
        return None;
    }
    let breadth = if is_bare { Breadth::Implied } else { Breadth::Complete };
    let is_sum = parts.len() >= 2 && is_listed && are_parts(text, &parts[1..]);
    // A whole that was named before its parts has been counted already.
    let has_earlier_whole = parts.first()?.value >= whole.value;
    (is_sum && !has_earlier_whole).then_some(Sum { whole, parts, breadth })
}

/// 812人…, 797人合格…, 其余15人: what is left must make up the whole.
fn remainder<'a>(text: &str, figures: &'a [Figure]) -> Option<Sum<'a>> {
    let is_rest = |figure: &Figure| {
        let before = &text[figure.before.clone()];
        before.contains('余') && ["其余", "剩余", "余下"].iter().any(|word| before.contains(word))
    };
    let index = figures.iter().position(|figure| figure.is_count() && is_rest(figure))?;
    let rest = &figures[index];
    let before = &figures[index.saturating_sub(MOST_PARTS)..index];
    let before: Vec<&Figure> =
        before.iter().filter(|one| one.is_like(rest) && one.bracket == rest.bracket).collect();
    // One whole and one part; with more, the sentence must say what are the parts.
    let (whole, mut parts) = match before[..] {
        [whole, part] => (whole, vec![part]),
        [.., _] => {
            let position = before.windows(2).rposition(|pair| {
                let between = &text[pair[0].range.end..pair[1].range.start];
                announced(between, &text[pair[0].after.clone()]).is_some()
            })?;
            let parts = before[position + 1..].to_vec();
            if !are_parts(text, &parts) || parts.is_empty() {
                return None;
            }
            (before[position], parts)
        }
        [] => return None,
    };
    parts.push(rest);
    let is_split = parts.iter().all(|part| part.value < whole.value);
    let is_one = !text[whole.range.end..rest.range.start].contains('；');
    (is_split && (is_one || parts.len() == 2)).then_some(Sum { whole, parts, breadth: Breadth::Complete })
}

fn announced(between: &str, after: &str) -> Option<Breadth> {
    let has = |words: &[&str]| words.iter().any(|word| between.contains(word));
    if has(&["包括", "分别为", "分别是", "分为", "由以下"]) {
        Some(Breadth::Complete)
    } else if has(&["其中"]) || after.trim_end().ends_with('中') {
        Some(Breadth::Partial)
    } else {
        None
    }
}

/// The figures at the front that form one list: of one class, joined alike, in one statement.
fn list<'a>(text: &str, figures: &[&'a Figure], whole: &Figure) -> Vec<&'a Figure> {
    let mut parts: Vec<&Figure> = Vec::new();
    let mut joint = None;
    for figure in figures.iter().take_while(|figure| figure.is_like(whole)) {
        if let Some(last) = parts.last() {
            let between = &text[last.range.end..figure.range.start];
            let is_enumerated =
                between.contains('、') || between.starts_with('和') || between.starts_with('及');
            let is_apart = between.contains(['；', '。'])
                || ["其中", "其余", "剩余", "占", "率"].iter().any(|word| between.contains(word));
            // A list with 、 ends where a clause begins.
            if is_apart || *joint.get_or_insert(is_enumerated) != is_enumerated && !is_enumerated {
                break;
            }
        }
        parts.push(figure);
    }
    parts
}

/// Whether these can be parts of one whole. Stages of a work are not: of 100 received, 90 may be concluded
/// and 95 answered; nor are qualities that one person has at once.
fn are_parts(text: &str, parts: &[&Figure]) -> bool {
    let stage = |part: &&Figure| {
        part.words(text).into_iter().find_map(|words| RELATIONS.stages.words.first_in(words))
    };
    let is_attribute =
        parts.iter().any(|part| part.words(text).iter().any(|words| RELATIONS.attributes.is_in(words)));
    // 市级受理40件、区级受理50件 is one stage, split otherwise.
    let first = parts.first().and_then(stage);
    !is_attribute && parts.iter().all(|part| stage(part) == first) || outcomes_of(text, parts).is_some()
}

/// Whether an outcome is named beside the first part.
fn names_outcome(text: &str, whole: &Figure, parts: &[&Figure]) -> bool {
    static OUTCOME: LazyLock<Regex> = LazyLock::new(|| {
        let all = RELATIONS.outcomes.iter();
        let all = all.flat_map(|outcomes| outcomes.complete.iter().flatten().chain(&outcomes.others));
        let all: Vec<String> = all.map(|word| regex::escape(word)).collect();
        lists::pattern(&all.join("|"))
    });
    OUTCOME.is_match(&text[whole.range.end..parts[0].after.end])
}

fn is_open(text: &str, parts: &[&Figure]) -> bool {
    parts.last().is_some_and(|last| text[last.after.clone()].trim_start().starts_with('等'))
}

/// 设立联系点15个，镇街8个、园区3个、商圈4个: a clause of its own for each whole and list.
fn is_enumerated(text: &str, whole: &Figure, parts: &[&Figure]) -> bool {
    let between = &text[whole.range.end..parts[0].range.start];
    let is_listed = parts.windows(2).all(|pair| text[pair[0].range.end..pair[1].range.start].contains('、'));
    // A colon announces a list, whatever joins it. 新增12件，办结10件: a verb begins something else; a name does not.
    between.starts_with('：') || between.starts_with('，') && is_listed
}

/// The outcomes of one whole that these parts are named with, each by a word of its own.
fn outcomes_of(text: &str, parts: &[&Figure]) -> Option<&'static Outcomes> {
    RELATIONS.outcomes.iter().find(|outcomes| {
        let words: Vec<_> = parts.iter().filter_map(|part| outcome(text, part, outcomes)).collect();
        let is_distinct = words.iter().enumerate().all(|(at, word)| !words[..at].contains(word));
        words.len() == parts.len() && is_distinct
    })
}

/// The longest word for an outcome beside a part: 不予受理 is not 受理.
fn outcome<'a>(text: &str, part: &Figure, outcomes: &'a Outcomes) -> Option<&'a String> {
    let all = outcomes.complete.iter().flatten().chain(&outcomes.others);
    all.filter(|word| part.is_about(text, &[word])).max_by_key(|word| word.len())
}

/// Whether the parts are named with all outcomes of one whole.
fn is_complete(text: &str, parts: &[&Figure], outcomes: &Outcomes) -> bool {
    let words: Vec<_> = parts.iter().filter_map(|part| outcome(text, part, outcomes)).collect();
    outcomes.complete.iter().all(|needed| words.iter().any(|word| needed.contains(word)))
}
