//! What people write where one value is asked for, a number, a year, a day, yes or no: １６０４, 1,604, 1604项,
//! 约1600, 2025.2.18, √. Understood where it can mean one thing only; what is meant by it the field decides.

use super::{figures, narrow, numerals};

/// A number, and what was written around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberEntry {
    /// In plain digits, with the decimals that were written.
    pub digits: String,
    /// What it counts: 项, 万户, %. Empty where nothing was written.
    pub unit: String,
    /// 约, 近, 余 and the like.
    pub is_approximate: bool,
}

/// The longest entry that is looked into, in characters.
const LONGEST: usize = 40;

/// A text in the narrow forms of its letters, digits and marks, without white space around it.
pub(crate) fn narrow(written: &str) -> String {
    written.chars().map(narrow::narrow).collect::<String>().trim().to_owned()
}

/// A short entry in narrow forms, without a mark behind it that says nothing.
fn tidied(written: &str) -> Option<String> {
    if written.chars().count() > LONGEST {
        return None;
    }
    let narrow = narrow(written);
    Some(narrow.trim_end_matches(['。', ';', '、', ',']).trim_end().to_owned())
}

/// A number with whatever belongs to it, and nothing else.
pub(crate) fn number(written: &str) -> Option<NumberEntry> {
    const BEFORE: [&str; 10] = ["大约", "将近", "接近", "超过", "约", "近", "超", "逾", "≈", "~"];
    const BEHIND: [&str; 5] = ["左右", "上下", "余", "多", "+"];
    let entry = tidied(written)?;
    let mut rest = entry.as_str();
    let mut is_approximate = false;
    if let Some(without) = BEFORE.iter().find_map(|word| rest.strip_prefix(word)) {
        (rest, is_approximate) = (without.trim_start(), true);
    }
    let (sign, unsigned) = match rest.strip_prefix(['-', '−', '负']) {
        Some(unsigned) => ("-", unsigned),
        None => ("", rest.strip_prefix('+').unwrap_or(rest)),
    };
    let (digits, behind) = plain_digits(unsigned).or_else(|| numerals_of(unsigned))?;
    let behind = behind.trim_start();
    // 2.4万余人: of the words between scale and unit.
    let scale_end = behind.find(|c| !is_scale(c)).unwrap_or(behind.len());
    let (scale, mut behind) = behind.split_at(scale_end);
    for word in BEHIND {
        if let Some(without) = behind.strip_prefix(word) {
            behind = without.trim_start();
            is_approximate = true;
        }
    }
    let (more, behind) = behind.split_at(behind.find(|c| !is_scale(c)).unwrap_or(behind.len()));
    let counted = match BEHIND.iter().find_map(|word| behind.strip_suffix(word)) {
        Some(counted) => {
            is_approximate = true;
            counted.trim_end()
        }
        None => behind,
    };
    let unit = format!("{scale}{more}{counted}");
    is_unit(&unit).then(|| NumberEntry { digits: format!("{sign}{digits}"), unit, is_approximate })
}

fn is_scale(c: char) -> bool {
    matches!(c, '十' | '百' | '千' | '万' | '亿')
}

/// Whether these words count something: 项, 万, 万户, %.
fn is_unit(unit: &str) -> bool {
    let counted = unit.trim_start_matches(is_scale);
    unit == "%" || counted.is_empty() || figures::class_of(counted).is_some()
}

/// The digits that a text begins with, without the commas and spaces between groups of three, and what follows.
fn plain_digits(text: &str) -> Option<(String, &str)> {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | ' ' | '.'))).unwrap_or(text.len());
    let (number, behind) = (text[..end].trim_end(), &text[end..]);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mark = whole.chars().find(|c| !c.is_ascii_digit());
    let whole = match mark {
        None => whole.to_owned(),
        Some(mark) => {
            let mut groups = whole.split(mark);
            let first = groups.next()?;
            let is_grouped = (1..=3).contains(&first.len())
                && is_digits(first)
                && groups.all(|group| group.len() == 3 && is_digits(group));
            is_grouped.then(|| whole.replace(mark, ""))?
        }
    };
    if whole.is_empty() || !is_digits(decimals) || number.ends_with('.') {
        return None;
    }
    let digits = if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") };
    Some((digits, behind))
}

/// The number in Chinese numerals that a text begins with, and what follows.
fn numerals_of(text: &str) -> Option<(String, &str)> {
    let is_numeral = |c: char| "零〇一二三四五六七八九十百千两点".contains(c);
    let end = text.find(|c| !is_numeral(c)).unwrap_or(text.len());
    let value = numerals::spelled(&text[..end])?;
    Some((value.to_string(), &text[end..]))
}

/// A year: 2024年, ２０２４, 2024年度, 二〇二四年.
pub(crate) fn year(written: &str) -> Option<u16> {
    let entry = tidied(written)?;
    let named = entry.strip_suffix("年度").or_else(|| entry.strip_suffix('年')).map(str::trim_end);
    let bare = named.unwrap_or(&entry);
    match bare.len() == 4 && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        true => bare.parse().ok(),
        // Bare numerals may be a number of any kind.
        // Nor is 二四年 any year.
        false => named.and_then(numerals::year).filter(|year| *year >= 1000),
    }
}

/// A day, as 2025-02-18: 2025.2.18, 2025/2/18, 20250218, 2025 年 2 月 18 日, 二〇二五年二月十八日. Whether the
/// calendar has it is not asked.
pub(crate) fn day(written: &str) -> Option<String> {
    let entry: String = tidied(written)?.chars().filter(|c| *c != ' ' || written.contains(':')).collect();
    let midnight = [" 00:00:00", "T00:00:00", " 0:00:00", " 00:00", " 0:00"];
    let entry = midnight.iter().find_map(|time| entry.strip_suffix(time)).unwrap_or(&entry);
    if entry.len() == 8 && entry.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(format!("{}-{}-{}", &entry[..4], &entry[4..6], &entry[6..]));
    }
    let parts: Vec<&str> = match entry.strip_suffix(['日', '号']) {
        Some(of_words) => of_words.split(['年', '月']).collect(),
        None if entry.contains('年') => entry.split(['年', '月']).collect(),
        None => {
            let mark = entry.chars().find(|c| matches!(c, '-' | '/' | '.' | '、'))?;
            entry.split(mark).collect()
        }
    };
    let [year, month, day] = parts[..] else { return None };
    let within = |written: &str| -> Option<usize> {
        let number = match written.bytes().all(|byte| byte.is_ascii_digit()) {
            // A sign is no digit.
            true => written.parse().ok(),
            false if written.chars().all(numerals::is_place) => numerals::place(written),
            false => None,
        };
        number.filter(|_| written.len() <= 2 || !written.is_ascii())
    };
    let year = self::year(&format!("{year}年"))?;
    Some(format!("{year:04}-{:02}-{:02}", within(month)?, within(day)?))
}

/// Yes or no: √, 是的, 否, ×.
pub(crate) fn mark(written: &str) -> Option<bool> {
    const YES: [&str; 12] = ["是", "是的", "对", "有", "√", "✓", "✔", "☑", "y", "yes", "true", "1"];
    const NO: [&str; 13] = ["否", "不是", "不", "没有", "×", "✗", "✘", "☒", "x", "n", "no", "false", "0"];
    let entry = tidied(written)?.to_lowercase();
    match (YES.contains(&entry.as_str()), NO.contains(&entry.as_str())) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The place of one thing among others: 3, ３, 第3项, 三、, （三）, ③.
pub(crate) fn place(written: &str) -> Option<usize> {
    let entry = tidied(written)?;
    let bare = entry.strip_prefix('第').unwrap_or(&entry);
    let bare = bare.trim_start_matches('(').trim_end_matches(['.', ')', '项', '条', '点', '号']);
    let mut characters = bare.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) if numerals::circled(one).is_some() => numerals::circled(one),
        _ if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) => bare.parse().ok(),
        _ => numerals::place(bare),
    }
}

/// Whether it is a stroke that stands for nothing: -, ——, /.
pub(crate) fn is_stroke(written: &str) -> bool {
    let entry = narrow(written);
    !entry.is_empty() && entry.chars().all(|c| matches!(c, '-' | '−' | '–' | '—' | '―' | '─' | '/' | '\\'))
}

/// Whether it says that there is nothing.
pub(crate) fn is_nothing(written: &str) -> bool {
    is_stroke(written) || matches!(narrow(written).trim_matches(['(', ')']), "无" | "空" | "N/A" | "n/a")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_understood_with_what_belongs_to_them() {
        for (written, digits, unit, is_approximate) in [
            ("１６０４", "1604", "", false),
            ("1,604", "1604", "", false),
            ("1，604，000.50", "1604000.50", "", false),
            ("1 604", "1604", "", false),
            ("1604项", "1604", "项", false),
            ("1604 项。", "1604", "项", false),
            ("95.48%", "95.48", "%", false),
            ("９５．４８％", "95.48", "%", false),
            ("8.66万户", "8.66", "万户", false),
            ("1600余", "1600", "", true),
            ("1600余项", "1600", "项", true),
            ("1600项左右", "1600", "项", true),
            ("2.4万余人", "2.4", "万人", true),
            ("1600多万元", "1600", "万元", true),
            ("约1600", "1600", "", true),
            ("1600+", "1600", "", true),
            ("超过 1,600人次", "1600", "人次", true),
            ("三十二件", "32", "件", false),
            ("-3", "-3", "", false),
            ("负3", "-3", "", false),
        ] {
            let read = number(written).unwrap_or_else(|| panic!("{written}"));
            assert_eq!((read.digits.as_str(), read.unit.as_str()), (digits, unit), "{written}");
            assert_eq!(read.is_approximate, is_approximate, "{written}");
        }
        for written in [
            "",
            "-",
            "/",
            "无",
            "16,04",
            "1,6",
            "1.",
            "1.2.3",
            "十来个",
            "1604（含上年）",
            "3-5",
            "1604项2",
            "约",
            "件",
        ] {
            assert_eq!(number(written), None, "{written}");
        }
    }

    #[test]
    fn days_and_years_are_understood_in_every_writing() {
        for written in [
            "2025.2.18",
            "2025/2/18",
            "2025-2-18",
            "20250218",
            "２０２５．２．１８",
            "2025年2月18日",
            "2025 年 2 月 18 日",
            "2025年2月18",
            "2025年2月18号",
            "二〇二五年二月十八日",
            "2025-02-18 00:00:00",
            "2025-02-18T00:00:00",
        ] {
            assert_eq!(day(written).as_deref(), Some("2025-02-18"), "{written}");
        }
        for written in [
            "",
            "2025",
            "2025.2",
            "2025年2月",
            "25.2.18",
            "2/18/2025",
            "2025-02-18 09:30",
            "日",
            "2025-002-18",
        ] {
            assert_eq!(day(written), None, "{written}");
        }
        for written in ["2024", "2024年", "２０２４", "2024年度", "二〇二四年"] {
            assert_eq!(year(written), Some(2024), "{written}");
        }
        for written in ["", "24年", "2024-2025", "二四年", "今年", "二〇二四", "2024.0"] {
            assert_eq!(year(written), None, "{written}");
        }
    }

    #[test]
    fn marks_places_and_strokes_are_told_apart() {
        assert_eq!(["√", "是", "Y", "１"].map(mark), [Some(true); 4]);
        assert_eq!(["×", "否", "no"].map(mark), [Some(false); 3]);
        assert_eq!(["大约", "○", ""].map(mark), [None; 3]);
        assert_eq!(["3", "３", "第3项", "三、", "（三）", "③"].map(place), [Some(3); 6]);
        assert_eq!(["1-2", "首", "", "一二"].map(place), [None; 4]);
        assert!(["-", "——", "／"].map(is_stroke) == [true; 3] && !is_stroke("-1") && !is_stroke(""));
    }

    proptest! {
        #[test]
        fn anything_is_read_without_a_panic(text in "[约近-（0-9０-９,，. 年月日/项%余左右第三)）T:]{0,16}") {
            number(&text);
            year(&text);
            day(&text);
            mark(&text);
            place(&text);
            is_nothing(&text);
        }
    }
}
