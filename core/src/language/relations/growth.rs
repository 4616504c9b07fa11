//! How something changed: 较上年的312件增长23.72%, 由150件增至450件, 同比下降20%（上年160件）.

use std::sync::LazyLock;

use regex::Regex;

use super::super::figures::{Dimension, Figure, Interval};
use super::super::lists;
use super::{MEMORY, Moment};

/// What a sentence says of how something changed.
pub(crate) struct Trend<'a> {
    pub is_up: bool,
    /// The value it changed from, and the value it changed to.
    pub base: Option<&'a Figure>,
    pub now: Option<&'a Figure>,
    /// By how much it changed, as a count of its own: 增加74件，增长23.72%.
    pub by: Option<&'a Figure>,
    /// Whether 倍 are of the old value: 增至3倍, 是上年的3倍.
    pub is_multiple: bool,
    /// Whether the sentence tells bases somewhere, for several at once: 上年分别为150件、320件，分别下降….
    pub has_bases: bool,
}

impl Trend<'_> {
    /// The change that follows from two values, in the dimension of what is said.
    pub(crate) fn follows(&self, said: Dimension, base: &Interval, now: &Interval) -> Option<Interval> {
        let change = match said {
            Dimension::Count(_) => now.minus(base)?,
            // Each end is off by half a place, and so is what lies between.
            Dimension::Points => now.minus(base)?.halved()?,
            Dimension::Times if self.is_multiple => return now.percent_of(base)?.hundredth(),
            Dimension::Times => now.growth_from(base)?.hundredth()?,
            _ => now.growth_from(base)?,
        };
        Some(if self.is_up { change } else { change.negated() })
    }
}

const UP: [&str; 16] = [
    "增长", "上升", "增加", "提升", "提高", "增幅", "上涨", "升幅", "翻", "增至", "扩大", "多出", "高出",
    "再增", "激增", "攀升",
];
const DOWN: [&str; 20] = [
    "下降", "减少", "降低", "压减", "缩短", "降幅", "下滑", "回落", "精简", "减半", "降至", "减至", "压缩",
    "少了", "再降", "锐减", "骤减", "压降", "缩减", "骤降",
];

/// The last word of growth in a clause: whether it went up, or nothing if it speaks of no growth.
pub(crate) fn direction(words: &str) -> Option<bool> {
    // Most characters begin none.
    let starts = words.char_indices().rev().filter(|(_, c)| begins_direction(*c));
    starts.map(|(at, _)| &words[at..]).find_map(|rest| {
        let begins_with = |options: &[&str]| options.iter().any(|word| rest.starts_with(word));
        if begins_with(&UP) { Some(true) } else { begins_with(&DOWN).then_some(false) }
    })
}

/// Whether 增长, 下降 or one of the others begins with this character.
fn begins_direction(c: char) -> bool {
    matches!(c, '增' | '上' | '提' | '升' | '翻' | '扩' | '多' | '高' | '再' | '激' | '攀')
        || matches!(c, '下' | '减' | '降' | '压' | '缩' | '回' | '精' | '少' | '锐' | '骤')
}

/// Whether a figure is held against an earlier time: 同比, 较上年, 与去年同期相比，….
pub(crate) fn is_compared(text: &str, figure: &Figure) -> bool {
    static COMPARED: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"同比|环比|[较比](?:上一?|去|前一?)年|[较比](?:同期|往年)|[较比](?:19|20)[0-9][0-9]年|年(?:度|同期|全年)?相比|[是为达](?:(?:上一?|去|前一?)年(?:度|同期)?|(?:19|20)[0-9][0-9]年)的|增幅|降幅|再[降增升]",
        )
    });
    // 与上年相比，案件增长45%.
    let opening = text[..figure.clause.start].trim_end_matches(['，', ' ']);
    let opening = opening.rfind(['，', '。', '；', '\n']).map_or(opening, |mark| &opening[mark..]);
    // 翻番 is of what was before, unless it is the name of a plan.
    let is_doubled = text[figure.range.clone()].starts_with('翻')
        && !["计划", "行动", "工程", "目标"].iter().any(|plan| text[figure.range.end..].starts_with(plan));
    is_doubled
        || COMPARED.is_match(&text[figure.clause.start..figure.range.end])
        || opening.ends_with("相比") && opening.contains('年')
        || opening.ends_with("同比")
}

/// What the figure at `index` says of a change, if it does: a percentage, points, times, or a count that
/// directly follows such a word.
pub(crate) fn growth<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Trend<'a>> {
    let said = &figures[index];
    let clause = &text[said.clause.start..said.range.end];
    let before = text[said.before.clone()].trim_end();
    let is_multiple = said.dimension == Dimension::Times
        && (before.ends_with(['到', '至', '的', '为', '是', '达']) || before.ends_with("相当于"));
    // 败诉率降至5% is what was reached.
    if said.dimension == Dimension::Percent && before.ends_with(['至', '到']) {
        return None;
    }
    let is_up = match said.dimension {
        Dimension::Count(_) => count_direction(before).filter(|_| clause.contains(['比', '较']))?,
        Dimension::Times if is_multiple => true,
        // 分别下降3.5%、30%: the verb stands before the first.
        _ => direction(clause).or_else(|| {
            let first = &figures[run_start(text, figures, index)];
            direction(&text[first.clause.start..first.range.end])
        })?,
    };
    let is_end = |figure: &Figure| match said.dimension {
        Dimension::Points => figure.dimension == Dimension::Percent,
        Dimension::Count(_) => figure.is_like(said),
        _ => figure.is_count(),
    };
    let ends = respective_ends(text, figures, index)
        .map(|[base, now]| (base, Some(now)))
        .or_else(|| ends(text, figures, index, &is_end));
    let (base, now) = ends.unzip();
    let by = figures[..index].last().filter(|by| {
        // 增加74件, 减少检查次数96次.
        let before = text[by.before.clone()].trim();
        let begins = ["增加", "减少", "压减"].iter().any(|verb| before.starts_with(verb));
        base.is_none_or(|base| base.range != by.range)
            && by.is_count()
            && (count_direction(before).is_some() || begins && !before.ends_with(['至', '到']))
            && !text[by.range.end..said.range.start].contains(['；', '、'])
    });
    let has_bases = clause.contains("分别")
        && figures[..index]
            .iter()
            .rev()
            .take(MEMORY)
            .any(|one| Moment::of(&text[one.before.clone()]) == Moment::Earlier);
    Some(Trend { has_bases, is_up, base, now: now.flatten(), by, is_multiple })
}

/// 增加64件, not 增加到64件 and not 新增64件.
fn count_direction(before: &str) -> Option<bool> {
    let ends = |words: &[&str]| words.iter().any(|word| before.ends_with(word));
    if ends(&["增加", "增加了", "上升", "上升了", "增长", "增长了", "多", "同比增"]) {
        Some(true)
    } else if ends(&["减少", "减少了", "下降", "下降了", "少", "同比减"]) {
        Some(false)
    } else {
        None
    }
}

/// The two values between which something changed, the earlier first; the later may be unsaid.
fn ends<'a>(
    text: &str,
    figures: &'a [Figure],
    index: usize,
    is_end: &impl Fn(&Figure) -> bool,
) -> Option<(&'a Figure, Option<&'a Figure>)> {
    let said = &figures[index];
    let moment = |figure: &Figure| Moment::of(&text[figure.before.clone()]);
    let is_one_statement = |one: &Figure, other: &Figure| {
        let [start, end] = if one.range.end <= other.range.start {
            [one.range.end, other.range.start]
        } else {
            [other.range.end, one.range.start]
        };
        !text[start..end].contains(['；', '、'])
    };
    // 减少1953户次，下降24.99%: by how much is neither end.
    let is_by =
        |one: &Figure| one.is_count() && count_direction(text[one.before.clone()].trim_end()).is_some();
    let back: Vec<&Figure> =
        figures[..index].iter().rev().take(MEMORY).filter(|one| is_end(one) && !is_by(one)).collect();
    let ahead: Vec<&Figure> = figures[index + 1..].iter().take(2).filter(|one| is_end(one)).collect();
    let pair = |base: &'a Figure, now: Option<&&'a Figure>| {
        Some((base, now.copied().filter(|now| base.dimension == now.dimension)))
    };

    // 2023年、2024年分别受理150件、450件，增长200%.
    if let [now, base, ..] = back[..]
        && are_respective(text, base)
        && is_one_list(text, base, now)
    {
        return pair(base, Some(&now));
    }
    // 由150件增至450件，增长200%.
    if let Some(now) = back.first().filter(|now| is_reached(text, now))
        && let Some(base) = back.get(1).filter(|base| is_left(text, base))
        && is_one_statement(base, said)
    {
        return pair(base, Some(now));
    }
    // 386件，较上年的312件增长23.72%.
    let is_earlier = |one: &Figure| match moment(one) {
        Moment::Earlier => true,
        Moment::Year(_) => has_comparison(&text[one.before.clone()]),
        _ => false,
    };
    if let Some(base) = back.first().filter(|base| is_earlier(base)) {
        if !is_one_statement(base, said) {
            return None;
        }
        let now = back.get(1).filter(|now| !is_earlier(now));
        return pair(base, now.or(ahead.first().filter(|now| is_reached(text, now))));
    }
    // 上年受理312件，今年受理386件，增长23.72%.
    if let [now, base, ..] = back[..]
        && !has_comparison(&text[base.before.clone()])
        && moment(now) != Moment::Unsaid
        && moment(base).is_before(moment(now))
        && is_one_statement(base, said)
    {
        return pair(base, Some(&now));
    }
    // 同比下降20%（上年160件）; 同比增长118.6%，比上年的21亿元增至45.9亿元.
    let base = *ahead.first()?;
    let is_base = match moment(base) {
        Moment::Earlier => true,
        Moment::Year(_) => {
            base.bracket.is_some() || is_left(text, base) || has_comparison(&text[base.before.clone()])
        }
        _ => is_left(text, base),
    };
    if !is_base || !is_one_statement(base, said) {
        return None;
    }
    let now = ahead.get(1).filter(|now| is_reached(text, now)).or(back.first());
    pair(base, now)
}

fn has_comparison(before: &str) -> bool {
    before.contains(['较', '比', '由', '从'])
}

/// 由312件, 从上年的312件: what is left behind.
fn is_left(text: &str, figure: &Figure) -> bool {
    let before = &text[figure.before.clone()];
    before.contains(['由', '从', '自']) || Moment::of(before) == Moment::Earlier
}

/// 增至386件, 下降到298件: what is reached.
fn is_reached(text: &str, figure: &Figure) -> bool {
    let verb = reaching(text, figure);
    verb.ends_with(['到', '至'])
        || verb.ends_with('为') && direction(verb).is_some()
        || verb.ends_with("变为")
        || verb.ends_with("今年的") && verb.contains(['到', '至'])
}

/// The words up to what is reached, without the year between: 增至2024年的450件.
fn reaching<'a>(text: &'a str, figure: &Figure) -> &'a str {
    let before = text[figure.before.clone()].trim_end();
    before.split_once("20").map_or(before, |(verb, _)| verb)
}

/// 由1250件上升到1000件: the figure that is reached at `index` lies on the other side of where it came from
/// than the verb says. What it came from, and whether the verb says up.
pub(crate) fn against_its_verb<'a>(
    text: &str,
    figures: &'a [Figure],
    index: usize,
) -> Option<(&'a Figure, bool)> {
    let now = &figures[index];
    let base = figures[..index].last().filter(|base| {
        let is_pair =
            base.is_like(now) || base.dimension == now.dimension && now.dimension == Dimension::Percent;
        is_pair && text[base.before.clone()].contains(['由', '从'])
    })?;
    // 从312件中抽取20件，下降到…: only one breath.
    let between = &text[base.range.end..now.range.start];
    if !is_reached(text, now) || between.contains(['，', '；', '、', '中']) {
        return None;
    }
    let is_up = direction(reaching(text, now))?;
    let is_against = match is_up {
        true => now.interval.high < base.interval.low,
        false => now.interval.low > base.interval.high,
    };
    is_against.then_some((base, is_up))
}

/// Where a run of percentages or counts begins that the figure at `index` is one of: 分别下降3.5%、30%.
pub(super) fn run_start(text: &str, figures: &[Figure], index: usize) -> usize {
    let is_joined = |at: usize| {
        let (one, next) = (&figures[at - 1], &figures[at]);
        let between = text[one.range.end..next.range.start].trim();
        let is_alike = one.dimension == next.dimension || one.is_like(next);
        is_alike && between.chars().count() < 8 && between.starts_with(['、', '和', '与', '及'])
    };
    let mut start = index;
    while start > 0 && index - start < MEMORY && is_joined(start) {
        start -= 1;
    }
    start
}

/// The run of like counts that ends before `end`, of this length.
pub(super) fn run_before<'a>(
    text: &str,
    figures: &'a [Figure],
    end: usize,
    length: usize,
) -> Option<&'a [Figure]> {
    let last = end.checked_sub(1)?;
    let start = end.checked_sub(length)?;
    (run_start(text, figures, last) <= start && figures[start..end].iter().all(Figure::is_count))
        .then_some(&figures[start..end])
}

/// 复议386件、诉讼120件，上年分别为400件、150件，分别下降3.5%、20%: the one of each run in the same place.
fn respective_ends<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<[&'a Figure; 2]> {
    let start = run_start(text, figures, index);
    if !text[figures[start].before.clone()].contains("分别") {
        return None;
    }
    let after = figures[index + 1..].iter().take(MEMORY).enumerate();
    let behind = after.take_while(|(more, _)| run_start(text, figures, index + 1 + more) == start).count();
    let length = index + 1 + behind - start;
    if length < 2 {
        return None;
    }
    let bases = run_before(text, figures, start, length)?;
    if Moment::of(&text[bases[0].before.clone()]) != Moment::Earlier {
        return None;
    }
    let nows = run_before(text, figures, start - length, length)?;
    Some([&bases[index - start], &nows[index - start]])
}

/// Whether the figure is the first of two of two years: 2023年、2024年分别受理150件.
fn are_respective(text: &str, base: &Figure) -> bool {
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"(?:(?:19|20)[0-9][0-9]年|去年|上年)度?[和、与及](?:(?:19|20)[0-9][0-9]年|今年|本年)度?[^，；。]{0,20}分别[^，；。0-9]{0,20}$",
        )
    });
    let start = text.floor_char_boundary(base.range.start.saturating_sub(160));
    text[start..base.range.start].contains("分别") && BOTH.is_match(&text[start..base.range.start])
}

fn is_one_list(text: &str, one: &Figure, other: &Figure) -> bool {
    matches!(text[one.range.end..other.range.start].trim(), "、" | "和" | "，" | "与" | "及")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_growth_begins_with_a_character_that_it_is_looked_for_by() {
        for word in UP.iter().chain(&DOWN) {
            assert!(word.starts_with(begins_direction), "{word}");
        }
    }
}
