//! Figures in Chinese text, understood as far as the sentence itself says: what is counted, in
//! which unit, how exactly. A figure is an interval: 余, 近, 约 and the rounding of 1.2万 widen it,
//! so whatever compares figures asks whether they can agree, and an approximate one never
//! disagrees with what it could mean. Decimals are exact; a number too long for them is no figure.

mod interval;
mod written;

use std::ops::Range;
use std::sync::LazyLock;

use foldhash::HashMap;
use rust_decimal::Decimal;

use super::marks::{marks, within};
use super::{lists, numerals, sentences};
pub(crate) use interval::Interval;
use written::{Notation, WrittenFigure, written};

/// A sentence and its figures, in their order.
pub(crate) struct Sentence {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub figures: Vec<Figure>,
}

/// One figure and the words around it, as ranges of bytes of the text.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub range: Range<usize>,
    /// What it says at face value.
    pub value: Decimal,
    /// Where the true value may lie.
    pub interval: Interval,
    pub dimension: Dimension,
    /// Whether the text itself calls it approximate.
    pub is_approximate: bool,
    /// Whether it is one numeral alone, which is more often a word: 最多跑一次.
    pub is_lone: bool,
    /// The clause it stands in, from mark to mark.
    pub clause: Range<usize>,
    /// The words of the clause before it, from the figure before on.
    pub before: Range<usize>,
    /// The words of the clause after it, up to the next figure.
    pub after: Range<usize>,
    /// Where the innermost bracket opens that it stands in.
    pub bracket: Option<usize>,
}

/// What a figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    /// A count, by the class of its unit: 人, 名 and 位 are one class.
    Count(usize),
    Percent,
    /// 百分点
    Points,
    /// 倍
    Times,
    /// A year, a day, an age.
    Time,
}

/// The units with their classes, each line of the file one class; by their first character, the longest
/// before what it begins with. They are looked for behind every numeral of a text, and most are words.
static UNITS: LazyLock<HashMap<char, Vec<(&'static str, usize)>>> = LazyLock::new(|| {
    let mut units: HashMap<char, Vec<_>> = HashMap::default();
    for (class, line) in lists::lines(include_str!("../data/units.txt")).enumerate() {
        for unit in line.split_whitespace() {
            units.entry(first(unit)).or_default().push((unit, class));
        }
    }
    for of_one in units.values_mut() {
        of_one.sort_by_key(|(unit, _)| std::cmp::Reverse(unit.len()));
    }
    units
});

fn first(text: &str) -> char {
    text.chars().next().unwrap_or_default()
}

/// The unit that a text begins with, and its class.
fn unit(text: &str) -> Option<(&'static str, usize)> {
    UNITS.get(&first(text))?.iter().copied().find(|(unit, _)| text.starts_with(unit))
}

/// The class of a unit of measure: of 件 and 起 the same.
pub(crate) fn class_of(unit: &str) -> Option<usize> {
    UNITS.get(&first(unit))?.iter().find(|(known, _)| *known == unit).map(|(_, class)| *class)
}

/// The sentences of a text that have figures.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    sentences_between(text, &marks(text))
}

/// The same, where the text's marks are known.
pub(crate) fn sentences_between(text: &str, marks: &[(usize, char)]) -> Vec<Sentence> {
    let sentences = sentences::sentences_between(text, marks.iter().copied());
    let read = sentences.map(|range| Sentence { figures: figures(text, &range, marks), range });
    read.filter(|sentence| !sentence.figures.is_empty()).collect()
}

impl Figure {
    /// Whether both are counts in units of one class.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        matches!((self.dimension, other.dimension), (Dimension::Count(one), Dimension::Count(another)) if one == another)
    }

    pub(crate) fn is_count(&self) -> bool {
        matches!(self.dimension, Dimension::Count(_))
    }

    /// A value of its kind, as a message writes it: 23.72%, 3个百分点, 2.5倍, 74.
    pub(crate) fn written_like(&self, value: Decimal) -> String {
        let places = match self.value.scale() {
            written @ 3..=MOST_PLACES => written,
            _ => 2,
        };
        match self.dimension {
            Dimension::Percent => format!("{:.*}%", places as usize, value.round_dp(places)),
            Dimension::Points => format!("{}个百分点", value.round_dp(places).normalize()),
            Dimension::Times => format!("{}倍", value.round_dp(places).normalize()),
            Dimension::Count(_) | Dimension::Time => value.normalize().to_string(),
        }
    }

    /// The words around it within its clause.
    pub(crate) fn words<'a>(&self, text: &'a str) -> [&'a str; 2] {
        [&text[self.before.clone()], &text[self.after.clone()]]
    }

    /// Whether one of these stands in the words around it.
    pub(crate) fn is_about(&self, text: &str, words: &[impl AsRef<str>]) -> bool {
        self.words(text).iter().any(|around| words.iter().any(|word| around.contains(word.as_ref())))
    }
}

fn figures(text: &str, sentence: &Range<usize>, marks: &[(usize, char)]) -> Vec<Figure> {
    let said = &text[sentence.clone()];
    let marks = within(marks, sentence.clone());
    let read = written(said, sentence.start, marks);
    let read = read.iter().filter_map(|written| figure(said, sentence.start, written));
    // A year or a day says when, and belongs to the words around what is counted.
    let mut figures: Vec<Figure> = read.filter(|figure| figure.dimension != Dimension::Time).collect();
    place(text, sentence, marks, &mut figures);
    figures
}

fn figure(said: &str, start: usize, written: &WrittenFigure) -> Option<Figure> {
    let WrittenFigure { lead, from, number, notation, unit, tail, more, .. } = *written;
    let is_range = !from.is_empty() && !matches!(notation, Notation::Fraction | Notation::Tenths);
    // 第3项, 5.0版, 1+5+N, PM2.5: not a figure but a name.
    let previous = said[..written.first].trim_end().chars().next_back();
    let next = said[written.number_at.end..].chars().next();
    let is_name = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '第' | '+' | '＋' | '×' | '.' | '/' | '_' | '“' | '〔')
    };
    if previous.is_some_and(is_name)
        || next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '+' | '＋' | '.'))
    {
        return None;
    }
    let dimension = match unit {
        "%" | "％" => Dimension::Percent,
        _ if notation == Notation::Hundredth => Dimension::Percent,
        _ if matches!(notation, Notation::Fraction | Notation::Tenths | Notation::Word) => Dimension::Percent,
        "个百分点" | "百分点" => Dimension::Points,
        "倍" => Dimension::Times,
        "‰" | "年" | "月" | "日" | "时" | "点" | "岁" | "周" => Dimension::Time,
        _ => Dimension::Count(self::unit(unit)?.1),
    };
    // 一件事, 三个责任区: a lone numeral is more often a word than a figure.
    let is_lone = notation == Notation::Spelled && number.chars().count() < 2;
    if is_lone && !matches!(unit, "次" | "件" | "人" | "名" | "起" | "宗" | "倍" | "个百分点" | "百分点")
    {
        return None;
    }
    let scale = numerals::scale(written.scale)?;
    let (digits, places) = match notation {
        Notation::Digits => numerals::digits(number)?,
        Notation::Spelled => (numerals::spelled(number)?, 0),
        Notation::Hundredth => (numerals::spelled(number.trim_start_matches("百分之"))?, 0),
        Notation::Fraction => (numerals::fraction(from, number)?.checked_mul(Decimal::ONE_HUNDRED)?, 0),
        Notation::Tenths => (tenths(number, from)?, 0),
        Notation::Word => (Decimal::from(written::percent_of_word(number)?), 0),
    };
    let value = digits.checked_mul(scale)?;
    let is_said_exactly = !more && lead.is_empty() && tail.is_empty();
    let interval = if matches!(notation, Notation::Fraction | Notation::Tenths | Notation::Word) {
        // 三成 and 三分之一 are what is left of a figure when nobody needs it exactly.
        if is_said_exactly {
            let round =
                if from.is_empty() || notation == Notation::Fraction { ROUND_SHARE } else { ROUND_HALF };
            let round = Decimal::new(round, 1);
            Interval { low: value.checked_sub(round)?, high: value.checked_add(round)? }
        } else {
            Interval::of(value.round(), 0, Decimal::ONE, more, lead, tail, true)?
        }
    } else if dimension == Dimension::Times && is_said_exactly && !is_range {
        let half = Decimal::new(5, places.checked_add(1)?);
        Interval { low: value.checked_sub(half)?, high: value.checked_add(half)? }
    } else if is_range {
        let own = if written.from_scale.is_empty() { scale } else { numerals::scale(written.from_scale)? };
        Interval::between(numerals::digits(from)?.0.checked_mul(own)?, value)
    } else {
        Interval::of(value, places, scale, more, lead, tail, dimension == Dimension::Percent)?
    };
    let is_approximate = is_range || !is_said_exactly;
    let range = start + written.range.start..start + written.range.end;
    let empty = range.start..range.start;
    Some(Figure {
        range,
        value,
        interval,
        dimension,
        is_approximate,
        is_lone,
        clause: empty.clone(),
        before: empty.clone(),
        after: empty,
        bracket: None,
    })
}

/// 九成五 are 95 percent.
fn tenths(number: &str, half: &str) -> Option<Decimal> {
    let half = if half.is_empty() { Decimal::ZERO } else { numerals::either(half)? };
    numerals::either(number)?.checked_mul(Decimal::TEN)?.checked_add(half)
}

/// No figure in such a report is told to more places behind the point.
const MOST_PLACES: u32 = 4;

/// By how many tenths of a percent 三成, 一半 and 三分之一 may be off and still be said; and 九成五.
const ROUND_SHARE: i64 = 49;
const ROUND_HALF: i64 = 25;

/// No clause says more than this about its figures, in bytes; without a bound a text without marks
/// would be read again for each of them.
const LONGEST_CLAUSE: usize = 240;

/// Fills in the clause of each figure and the words around it.
fn place(text: &str, sentence: &Range<usize>, marks: &[(usize, char)], figures: &mut [Figure]) {
    let ends_clause = |(_, c): &&(usize, char)| {
        matches!(c, '，' | '；' | '、' | '：' | '（' | '）' | ',' | ';' | ':' | '(' | ')' | '。')
    };
    let mut previous_end = sentence.start;
    let mut open: Vec<usize> = Vec::new();
    for index in 0..figures.len() {
        let range = figures[index].range.clone();
        let next_start = figures.get(index + 1).map_or(sentence.end, |next| next.range.start);
        let between = within(marks, previous_end..range.start);
        for (at, c) in between {
            match c {
                '（' | '(' => open.push(*at),
                '）' | ')' => drop(open.pop()),
                _ => {}
            }
        }
        figures[index].bracket = open.last().copied();
        let mark = between.iter().rfind(ends_clause);
        let before = mark.map_or(previous_end, |(at, c)| at + c.len_utf8());
        let behind = within(marks, range.end..next_start);
        let after = behind.iter().find(ends_clause).map_or(next_start, |(at, _)| *at);
        // Without a mark in between, the clause began before the last figure.
        let earliest = text.floor_char_boundary(range.start.saturating_sub(LONGEST_CLAUSE));
        let clause = match mark {
            None if index > 0 => figures[index - 1].clause.start.max(earliest),
            _ => before,
        };
        figures[index].clause = clause..after;
        figures[index].before = before..range.start;
        figures[index].after = range.end..after;
        previous_end = range.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each figure of a text as it is written, and its value.
    fn found(text: &str) -> Vec<(&str, String)> {
        let figures = sentences(text).into_iter().flat_map(|sentence| sentence.figures);
        figures.map(|figure| (&text[figure.range], figure.value.normalize().to_string())).collect()
    }

    #[test]
    fn figures_are_read_with_what_belongs_to_them() {
        let said = |text, written, value: &str| assert_eq!(found(text), [(written, value.to_owned())]);
        said("全年受理1,234件", "1,234件", "1234");
        said("培训约1.2万余人次", "约1.2万余人次", "12000");
        said("合格率百分之九十八点一", "百分之九十八点一", "98.1");
        said("新增三十二名", "三十二名", "32");
        said("帮助300至500人", "300至500人", "500");
        said("占四分之一", "四分之一", "25");
        said("压减近3成。", "近3成", "30");
        said("增长2.5倍", "2.5倍", "2.5");
        said("数量翻了一番", "翻了一番", "100");
        said("超过一半的案件", "超过一半", "50");
    }

    #[test]
    fn names_days_and_words_are_no_figures() {
        for text in [
            "第3项",
            "5.0版",
            "1+5+N模式",
            "PM2.5",
            "2024年1月1日",
            "三成员单位",
            "减少环节",
            "四分之",
            "一件",
            "三个责任区",
            "9".repeat(60).as_str(),
        ] {
            let found = found(text);
            assert!(found.is_empty() || text == "一件", "{text}: {found:?}");
        }
    }

    #[test]
    fn a_clause_ends_at_its_marks() {
        let text = "受理行政复议386件，其中办结350件。";
        let figures = &sentences(text)[0].figures;
        assert_eq!(figures[0].words(text), ["受理行政复议", ""]);
        assert_eq!(&text[figures[1].clause.clone()], "其中办结350件");
        assert!(figures[1].is_about(text, &["办结"]) && figures[0].is_like(&figures[1]));
    }

    proptest! {
        #[test]
        fn anything_is_read_within_its_text(text in "[0-9一二十百万亿约近余%％件人年至—.,，。；（）第+a ]{0,60}") {
            for sentence in sentences(&text) {
                for figure in sentence.figures {
                    let _ = (&text[figure.range.clone()], &text[figure.clause.clone()], figure.words(&text));
                    prop_assert!(sentence.range.start <= figure.range.start);
                    prop_assert!(figure.interval.low <= figure.interval.high);
                }
            }
        }
    }
}
