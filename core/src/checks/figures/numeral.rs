//! Digits and Chinese numerals as decimals. Whatever is too long for a decimal is none.

use std::str::FromStr;

use rust_decimal::Decimal;

/// 1,234.50: its value, and how many places it was written with.
pub(super) fn digits(written: &str) -> Option<(Decimal, u32)> {
    let plain: String = written.chars().filter(|c| *c != ',').collect();
    let places = plain.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let value = Decimal::from_str(&plain).ok()?;
    // A decimal that had to be rounded is not what was written.
    (value.scale() as usize == places).then_some((value, places as u32))
}

/// 万, 十万, 亿: by how much a number is multiplied. Nothing is one.
pub(super) fn scale(written: &str) -> Option<Decimal> {
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
pub(super) fn spelled(written: &str) -> Option<Decimal> {
    let (whole, fraction) = written.split_once('点').unwrap_or((written, ""));
    let mut value = Decimal::from(whole_number(whole)?);
    let mut place = Decimal::new(1, 1);
    for c in fraction.chars() {
        value = value.checked_add(Decimal::from(digit(c)?).checked_mul(place)?)?;
        place = place.checked_mul(Decimal::new(1, 1))?;
    }
    Some(value)
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
    for c in characters {
        match c {
            '十' => section = section.checked_add(pending.take().unwrap_or(1) * 10)?,
            '百' => section = section.checked_add(pending.take()? * 100)?,
            '千' => section = section.checked_add(pending.take()? * 1000)?,
            '万' | '亿' => {
                let times = if c == '万' { 10_000 } else { 100_000_000 };
                section = section.checked_add(pending.take().unwrap_or(0))?;
                total = total.checked_add(section)?.checked_mul(times)?;
                section = 0;
            }
            _ => pending = Some(digit(c)?),
        }
    }
    total.checked_add(section)?.checked_add(pending.unwrap_or(0))
}

fn digit(c: char) -> Option<u64> {
    match c {
        '零' | '〇' => Some(0),
        '两' => Some(2),
        _ => "一二三四五六七八九".chars().position(|one| one == c).map(|index| index as u64 + 1),
    }
}
