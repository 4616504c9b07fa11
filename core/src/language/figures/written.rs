//! How a figure is written: 约1.2万余件, 百分之九十八, 300至500人. Found by hand and not by a pattern:
//! this looks at every digit and numeral of every report.

use std::ops::Range;

use super::super::numerals::{begins_number, is_numeral};
use super::unit;

/// One figure as it stands in a text, in parts; what is absent is empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrittenFigure<'a> {
    /// From its first word to its last, in bytes.
    pub range: Range<usize>,
    /// 约, 近: the word of approximation before it.
    pub lead: &'a str,
    /// Where its first number begins.
    pub first: usize,
    /// Of a range its first number, and the 万 behind that.
    pub from: &'a str,
    pub from_scale: &'a str,
    /// The number itself, and where it stands.
    pub number: &'a str,
    pub number_at: Range<usize>,
    pub notation: Notation,
    /// 余, 多: there is somewhat more.
    pub more: bool,
    /// 万, 十万, 亿.
    pub scale: &'a str,
    pub unit: &'a str,
    /// 以上, 左右.
    pub tail: &'a str,
}

/// With what a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// 1,234.5
    Digits,
    /// 三十二
    Spelled,
    /// 百分之九十八点一
    Hundredth,
    /// 三分之二: the number is the 二, the denominator stands in `from`; so does the 五 of 九成五.
    Fraction,
    /// 三成
    Tenths,
    /// 一半, 翻一番, 减半: words that stand for a number.
    Word,
}

const LEADS: [&str; 14] = [
    "不少于",
    "不低于",
    "大约",
    "将近",
    "接近",
    "超过",
    "突破",
    "不足",
    "不到",
    "至少",
    "约",
    "近",
    "超",
    "逾",
];
const MORE: [&str; 4] = ["余", "多", "几", "来"];
const TAILS: [&str; 5] = ["以上", "以下", "以内", "左右", "上下"];
const SHARES: [&str; 6] = ["个百分点", "百分点", "%", "％", "‰", "倍"];

/// What 三成 may be followed by; otherwise the 成 begins a word: 三成员, 一成立.
const BEHIND_TENTHS: &str = "，。；、：）,;:)！？以左多的和与为 ";

/// Words that stand for a number without a numeral of their own, or with one that counts nothing, and how
/// many percent each says. What turns out twice as much has grown by 100.
const WORDS: [(&str, u32); 9] = [
    ("翻了两番", 300),
    ("翻两番", 300),
    ("翻了一番", 100),
    ("翻一番", 100),
    ("翻了番", 100),
    ("翻番", 100),
    ("减半", 50),
    ("一半", 50),
    ("半数", 50),
];

/// Whether one of the words may begin with this character: most numerals are none of them.
fn begins_word(c: char) -> bool {
    matches!(c, '翻' | '减' | '半' | '一')
}

/// How many percent a word says.
pub(super) fn percent_of_word(word: &str) -> Option<u32> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, percent)| *percent)
}
const TIMES: [&str; 7] = ["年", "月", "日", "时", "点", "岁", "周"];

/// Whether a character may stand behind 百分之.
fn is_of_hundredth(c: char) -> bool {
    c == '点' || is_numeral(c) && !matches!(c, '两' | '千' | '万' | '亿')
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '－' | '—' | '–' | '−' | '~' | '～' | '至')
}

/// The figures of a part of a text that have a unit, in their order. The part begins at `offset`, with the
/// first of these marks.
pub(super) fn written<'a>(part: &'a str, offset: usize, marks: &[(usize, char)]) -> Vec<WrittenFigure<'a>> {
    let mut found = Vec::new();
    let mut end = 0;
    let mut from = 0;
    for start in marks.iter().filter(|(_, c)| begins_number(*c)).map(|(at, _)| at - offset) {
        if start < from {
            continue;
        }
        match at(part, start, end) {
            Some(figure) => {
                (from, end) = (figure.range.end, figure.range.end);
                found.push(figure);
            }
            // Whatever follows the rest of this number follows all of it.
            None => from = start + number(&part[start..]),
        }
    }
    found
}

/// The figure whose number begins at `start`; nothing before `earliest` belongs to it.
fn at(text: &str, start: usize, earliest: usize) -> Option<WrittenFigure<'_>> {
    let mut rest = Rest(&text[start..]);
    let place = |rest: &Rest| text.len() - rest.0.len();
    let lead = || {
        let before = text[earliest..start].trim_end();
        match LEADS.iter().find(|lead| before.ends_with(**lead)) {
            Some(lead) => (*lead, earliest + before.len() - lead.len()),
            None => ("", start),
        }
    };

    if let Some((from, number, notation)) = rest.share() {
        let number_at = place(&rest) - number.len()..place(&rest);
        let more = !rest.spaced(|rest| rest.one_of(&MORE)).is_empty();
        let tail = rest.one_of(&TAILS);
        let (lead, begin) = lead();
        return Some(WrittenFigure {
            range: begin..place(&rest),
            lead,
            first: start,
            from,
            from_scale: "",
            number,
            number_at,
            notation,
            more,
            scale: "",
            unit: "",
            tail,
        });
    }
    let (from, from_scale) = rest.first_of_range().unwrap_or_default();
    let number_start = place(&rest);
    let length = number(rest.0);
    let number = &rest.0[..length];
    rest.skip(number);
    let number_at = number_start..place(&rest);
    let mut more = !rest.spaced(|rest| rest.one_of(&MORE)).is_empty();
    let scale = rest.scale();
    more |= !rest.one_of(&MORE[..2]).is_empty();
    let unit = rest.spaced(Rest::unit);
    if number.is_empty() || unit.is_empty() {
        return None;
    }
    let is_digits = number.starts_with(|c: char| c.is_ascii_digit());
    let notation = if is_digits { Notation::Digits } else { Notation::Spelled };
    let tail = rest.one_of(&TAILS);
    let (lead, begin) = lead();
    let range = begin..place(&rest);
    Some(WrittenFigure {
        range,
        lead,
        first: start,
        from,
        from_scale,
        number,
        number_at,
        notation,
        more,
        scale,
        unit,
        tail,
    })
}

/// Whether one numeral stands alone at the front.
fn is_half(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|c| is_numeral(c) && !matches!(c, '百' | '千' | '万' | '亿' | '十' | '零' | '〇'))
        && characters.next().is_none_or(|c| BEHIND_TENTHS.contains(c))
}

/// How long the number is that a text begins with, in bytes: 1,234.50 or 三十二.
fn number(text: &str) -> usize {
    let digits = digits(text);
    if digits == 0 {
        return run(text, is_numeral);
    }
    let mut length = digits;
    while let Some(group) = text[length..].strip_prefix(',').filter(|group| self::digits(group) == 3) {
        length = text.len() - group.len() + 3;
    }
    length + fraction(&text[length..])
}

fn digits(text: &str) -> usize {
    run(text, |c| c.is_ascii_digit())
}

/// How long the places behind the point are that a text begins with, the point included.
fn fraction(text: &str) -> usize {
    match text.strip_prefix('.').map_or(0, digits) {
        0 => 0,
        places => 1 + places,
    }
}

/// How many bytes at the beginning are of characters such as these.
fn run(text: &str, is_of: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_of(c)).unwrap_or(text.len())
}

/// What of a text is still to be read.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, read: &str) {
        self.0 = &self.0[read.len()..];
    }

    /// The first of these words that comes next.
    fn one_of(&mut self, words: &[&str]) -> &'a str {
        let length = words.iter().find(|word| self.0.starts_with(**word)).map_or(0, |word| word.len());
        let read = &self.0[..length];
        self.skip(read);
        read
    }

    /// What `read` finds behind blanks; they stay if it finds nothing.
    fn spaced(&mut self, read: impl Fn(&mut Self) -> &'a str) -> &'a str {
        let mut rest = Self(self.0.trim_start());
        let found = read(&mut rest);
        if !found.is_empty() {
            *self = rest;
        }
        found
    }

    fn scale(&mut self) -> &'a str {
        let tens = run(self.0, |c| matches!(c, '十' | '百' | '千'));
        let tens = if tens == '十'.len_utf8() { tens } else { 0 };
        let length = if self.0[tens..].starts_with(['万', '亿']) { tens + '万'.len_utf8() } else { 0 };
        let read = &self.0[..length];
        self.skip(read);
        read
    }

    fn unit(&mut self) -> &'a str {
        let fixed = self.one_of(&SHARES);
        if !fixed.is_empty() {
            return fixed;
        }
        let time = self.one_of(&TIMES);
        if !time.is_empty() {
            return time;
        }
        let length = unit(self.0).map_or(0, |(unit, _)| unit.len());
        let read = &self.0[..length];
        self.skip(read);
        read
    }

    /// A share in words, 百分之九十八, 三分之二, 三成, 一半: its denominator, its number, how it is written.
    /// Nothing is read if there is none.
    fn share(&mut self) -> Option<(&'a str, &'a str, Notation)> {
        let mut rest = *self;
        let begins = rest.0.starts_with(begins_word);
        let word = if begins { rest.one_of(&WORDS.map(|(word, _)| word)) } else { "" };
        if !word.is_empty() {
            *self = rest;
            return Some(("", word, Notation::Word));
        }
        if rest.0.starts_with("百分之") {
            let number = &rest.0[.."百分之".len() + run(&rest.0["百分之".len()..], is_of_hundredth)];
            rest.skip(number);
            let has_number = number.len() > "百分之".len();
            return has_number.then(|| {
                *self = rest;
                ("", number, Notation::Hundredth)
            });
        }
        let first = &rest.0[..number(rest.0)];
        rest.skip(first);
        let (from, number, notation) = if !rest.one_of(&["分之"]).is_empty() {
            let second = &rest.0[..number(rest.0)];
            rest.skip(second);
            (first, second, Notation::Fraction)
        } else if first.chars().count() == 1 && !rest.one_of(&["成"]).is_empty() {
            // 九成五.
            let half = &rest.0[..if is_half(rest.0) { '五'.len_utf8() } else { 0 }];
            rest.skip(half);
            let is_share = rest.0.chars().next().is_none_or(|c| BEHIND_TENTHS.contains(c));
            (half, if is_share { first } else { "" }, Notation::Tenths)
        } else {
            return None;
        };
        (!number.is_empty()).then(|| {
            *self = rest;
            (from, number, notation)
        })
    }

    /// 300 of 300至500人, with the 万 behind it; nothing is read if there is no range.
    fn first_of_range(&mut self) -> Option<(&'a str, &'a str)> {
        let mut rest = *self;
        let whole = digits(rest.0);
        let number = &rest.0[..whole + fraction(&rest.0[whole..])];
        rest.skip(number);
        let scale = rest.one_of(&["万", "亿"]);
        rest.one_of(&["%"]);
        let dashes = rest.0.trim_start();
        let behind = dashes.trim_start_matches(is_dash);
        let is_range = whole > 0 && behind.len() < dashes.len() && self::number(behind.trim_start()) > 0;
        is_range.then(|| {
            *self = Self(behind.trim_start());
            (number, scale)
        })
    }
}
