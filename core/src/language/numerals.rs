//! Numbers in digits and in Chinese numerals: 一 of a heading, 二〇二四年, 三十二件, ③, 1.2万. Whatever is
//! too long for a decimal is none.

use std::str::FromStr;

use rust_decimal::Decimal;

/// 1,234.50: its value, and how many places it was written with.
pub(crate) fn digits(written: &str) -> Option<(Decimal, u32)> {
    let plain: String = written.chars().filter(|c| *c != ',').collect();
    let places = plain.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let value = Decimal::from_str(&plain).ok()?;
    // A decimal that had to be rounded is not what was written.
    (value.scale() as usize == places).then_some((value, places as u32))
}

/// 万, 十万, 亿: by how much a number is multiplied. Nothing is one.
pub(crate) fn scale(written: &str) -> Option<Decimal> {
    let of = |c: char| match c {
        '十' => Some(10u64),
        '百' => Some(100),
        '千' => Some(1000),
        '万' => Some(10_000),
        '亿' => Some(100_000_000),
        _ => None,
    };
    let product = written.chars().try_fold(1u64, |product, c| product.checked_mul(of(c)?));
    product.map(Decimal::from)
}

/// 三十二, 两千零五, 九十八点一, 一万二: the value of a number in Chinese numerals.
pub(crate) fn spelled(written: &str) -> Option<Decimal> {
    let (whole, fraction) = written.split_once('点').unwrap_or((written, ""));
    let mut value = Decimal::from(whole_number(whole)?);
    let mut place = Decimal::new(1, 1);
    for c in fraction.chars() {
        value = value.checked_add(Decimal::from(digit(c)?).checked_mul(place)?)?;
        place = place.checked_mul(Decimal::new(1, 1))?;
    }
    Some(value)
}

/// A number written either way: 3, 三.
pub(crate) fn either(written: &str) -> Option<Decimal> {
    digits(written).map(|(value, _)| value).or_else(|| spelled(written))
}

/// 三分之二, of 三 and 二: two thirds.
pub(crate) fn fraction(denominator: &str, numerator: &str) -> Option<Decimal> {
    let denominator = match denominator {
        "千" => Decimal::ONE_THOUSAND,
        "万" => Decimal::from(10_000),
        written => either(written)?,
    };
    either(numerator)?.checked_div(denominator)
}

fn whole_number(written: &str) -> Option<u64> {
    let characters: Vec<char> = written.chars().collect();
    if characters.is_empty() || characters.len() > 20 {
        return None;
    }
    // 二〇二四: digits one after another.
    if characters.len() > 1 && characters.iter().all(|c| digit(*c).is_some()) {
        return characters.iter().try_fold(0u64, |value, c| value.checked_mul(10)?.checked_add(digit(*c)?));
    }
    let (mut total, mut section, mut pending) = (0u64, 0u64, None);
    // What a last digit counts: the 二 of 一万二 thousands, that of 一万零二 ones.
    let mut last = 1;
    for c in characters {
        let unit = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            '万' => 10_000,
            '亿' => 100_000_000,
            _ => {
                pending = Some(digit(c)?);
                last = if pending == Some(0) { 1 } else { last };
                continue;
            }
        };
        match c {
            '十' => section = section.checked_add(pending.take().unwrap_or(1) * unit)?,
            '百' | '千' => section = section.checked_add(pending.take()? * unit)?,
            _ => {
                section = section.checked_add(pending.take().unwrap_or(0))?;
                total = total.checked_add(section).filter(|counted| *counted > 0)?.checked_mul(unit)?;
                section = 0;
            }
        }
        last = unit / 10;
    }
    total.checked_add(section)?.checked_add(pending.unwrap_or(0).checked_mul(last)?)
}

/// What one numeral stands for: 零 and 〇 for 0, 一 to 九 and 两 for 1 to 9.
fn digit(c: char) -> Option<u64> {
    match c {
        '零' | '〇' | '○' => Some(0),
        '两' => Some(2),
        _ => ONES.iter().position(|one| *one == c).map(|index| index as u64 + 1),
    }
}

const ONES: [char; 9] = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// A year in numerals one after another: 二〇二四.
pub(crate) fn year(written: &str) -> Option<u16> {
    let mut digits = written.chars().map(|c| digit(c).and_then(|digit| u16::try_from(digit).ok()));
    let first = digits.next()??;
    digits.try_fold(first, |year, digit| year.checked_mul(10)?.checked_add(digit?))
}

/// The number from 一 to 九十九 that a text begins with, as headings and points bear it, and the rest.
pub(crate) fn leading(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c| !is_place(c)).unwrap_or(text.len());
    Some((place(&text[..end])?, &text[end..]))
}

/// The value of a whole text from 一 to 九十九.
pub(crate) fn place(text: &str) -> Option<usize> {
    let one = |c: char| ONES.iter().position(|one| *one == c).map(|index| index + 1);
    let mut characters = text.chars();
    match (characters.next()?, characters.next(), characters.next(), characters.next()) {
        ('十', None, ..) => Some(10),
        (ones, None, ..) => one(ones),
        ('十', Some(ones), None, _) => Some(10 + one(ones)?),
        (tens, Some('十'), None, _) => Some(one(tens)? * 10),
        (tens, Some('十'), Some(ones), None) => Some(one(tens)? * 10 + one(ones)?),
        _ => None,
    }
}

/// Whether a character is one of 三十二. Asked of every character, so no search.
pub(crate) fn is_numeral(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '两' | '零' | '〇')
        || matches!(c, '百' | '千' | '万' | '亿')
}

/// Whether a number may begin with this character, or a word for one: 翻番, 减半, 半数.
pub(crate) fn begins_number(c: char) -> bool {
    c.is_ascii_digit() || is_numeral(c) || matches!(c, '翻' | '减' | '半')
}

/// Whether a character is one of those from 一 to 九十九.
pub fn is_place(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}

/// A number in a circle: ③.
pub(crate) fn circled(c: char) -> Option<usize> {
    matches!(c, '①'..='⑳').then(|| c as usize - '①' as usize + 1)
}

/// A number from 1 to 99 as headings bear it; others in digits.
pub fn in_chinese(number: usize) -> String {
    let ones = |number: usize| number.checked_sub(1).map(|index| ONES[index]);
    match (number / 10, number % 10) {
        (0, 0) | (10.., _) => number.to_string(),
        (0, one) => ones(one).into_iter().collect(),
        (1, one) => ['十'].into_iter().chain(ones(one)).collect(),
        (ten, one) => ones(ten).into_iter().chain(['十']).chain(ones(one)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Option<Decimal> {
        text.parse().ok()
    }

    #[test]
    fn what_is_spelled_out_has_its_value() {
        for (written, value) in [
            ("零", "0"),
            ("十", "10"),
            ("十二", "12"),
            ("三十二", "32"),
            ("一百零五", "105"),
            ("一百二十", "120"),
            ("三百二", "320"),
            ("一万二", "12000"),
            ("一万零二", "10002"),
            ("两千零五", "2005"),
            ("二〇二四", "2024"),
            ("九十八点一", "98.1"),
            ("一亿二", "120000000"),
            ("三万五千", "35000"),
        ] {
            assert_eq!(spelled(written), number(value), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_has_none() {
        for written in [
            "",
            "点",
            "百",
            "万一",
            "千万",
            "一点一点一",
            "二x",
            "一".repeat(21).as_str(),
            "亿亿亿亿万万万万一",
        ] {
            assert_eq!(spelled(written), None, "{written}");
        }
        for written in
            ["", ".", "1.2.3", "１２", "9".repeat(50).as_str(), "0.0000000000000000000000000000000000001"]
        {
            assert_eq!(digits(written), None, "{written}");
        }
        assert_eq!(scale("亿亿亿"), None);
        assert_eq!(scale("个"), None);
        for written in ["", "二〇二四年", "九九九九九"] {
            assert_eq!(year(written), None, "{written}");
        }
        for written in ["", "十十", "一二", "二十三四", "百"] {
            assert_eq!(place(written), None, "{written}");
        }
    }

    #[test]
    fn digits_keep_their_places() {
        assert_eq!(digits("1,234.50"), number("1234.50").map(|value| (value, 2)));
        assert_eq!(scale(""), number("1"));
        assert_eq!(scale("十万"), number("100000"));
        assert_eq!(year("二〇二四"), Some(2024));
        assert_eq!(circled('③'), Some(3));
        assert_eq!(circled('3'), None);
    }

    #[test]
    fn the_number_of_a_heading_is_read_as_it_is_written() {
        for number in 1..=99 {
            let written = in_chinese(number);
            assert_eq!(place(&written), Some(number), "{written}");
            assert_eq!(leading(&format!("{written}、依法")), Some((number, "、依法")));
        }
        assert_eq!((in_chinese(0), in_chinese(100)), ("0".to_owned(), "100".to_owned()));
    }

    proptest! {
        #[test]
        fn anything_is_read_without_a_panic(text in "[零〇一二三四五六七八九十百千万亿两点0-9,.]{0,24}") {
            spelled(&text);
            digits(&text);
            scale(&text);
            year(&text);
            leading(&text);
        }
    }
}
