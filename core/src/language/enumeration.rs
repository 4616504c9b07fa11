//! Lists within a paragraph: 一是……；二是……, 1.……2.……, ①……②……, 首先……其次……, and what leads up to them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::lists;
use super::numerals::{in_chinese, leading};

/// The longest list, in items. A longer one is a table.
const MOST: usize = 20;

/// Words that number by their order alone.
const WORDS: [&[&[&str]]; 2] = [
    &[&["首先"], &["其次", "第二"], &["再次", "再者", "第三", "然后", "最后"], &["最后", "此外"]],
    &[&["一方面", "一个方面"], &["另一方面", "另外一方面", "二方面"], &["还有一方面", "三方面"]],
];

/// The items of a list within a text, each with its number; none where there are not at least two. What
/// stands before the first is what leads up to the list.
pub fn items(text: &str) -> Vec<Range<usize>> {
    let starts = FAMILIES.iter().map(|family| starts(text, *family)).filter(|starts| starts.len() > 1);
    let outermost = starts.min_by_key(|starts| (starts[0], std::cmp::Reverse(starts.len())));
    let starts = outermost.filter(|starts| introduces(&text[..starts[0]])).unwrap_or_default();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// Whether a text begins with the first number of a list, maybe behind what leads up to it.
pub fn is_begun(text: &str) -> bool {
    let mut first = FAMILIES.iter().filter_map(|family| next(text, 0, *family, 1));
    first.any(|start| introduces(&text[..start]))
}

/// Whether a text bears the number of a point itself, whichever it is: 五是.
pub fn is_point(text: &str) -> bool {
    leading(text).is_some_and(|(_, rest)| rest.starts_with('是'))
}

/// How a list numbers its items: the ways to write a number.
type Family = fn(usize) -> Vec<String>;

const FAMILIES: [Family; 9] = [
    |number| vec![format!("{}是", in_chinese(number))],
    |number| ["，", "、", "是", "："].map(|mark| format!("第{}{mark}", in_chinese(number))).into(),
    |number| ["，", "是", "、"].map(|mark| format!("其{}{mark}", in_chinese(number))).into(),
    |number| vec![format!("{}、", in_chinese(number))],
    |number| vec![format!("（{}）", in_chinese(number)), format!("({})", in_chinese(number))],
    |number| vec![format!("{number}."), format!("{number}．"), format!("{number}、")],
    |number| {
        vec![format!("（{number}）"), format!("({number})"), format!("{number}）"), format!("{number})")]
    },
    |number| {
        u32::try_from(number - 1)
            .ok()
            .and_then(|one| char::from_u32('①' as u32 + one))
            .map(String::from)
            .into_iter()
            .collect()
    },
    |number| {
        let of_order = WORDS.iter().filter_map(|words| words.get(number - 1)).copied().flatten();
        of_order.map(|word| (*word).to_owned()).collect()
    },
];

/// Where the items of one family begin, each after the one before.
fn starts(text: &str, family: Family) -> Vec<usize> {
    let mut starts: Vec<usize> = Vec::new();
    let mut from = 0;
    while let Some(start) = next(text, from, family, starts.len() + 1).filter(|_| starts.len() < MOST) {
        from = start + text[start..].chars().next().map_or(1, char::len_utf8);
        starts.push(start);
    }
    starts
}

/// The next place where this number opens a clause.
fn next(text: &str, from: usize, family: Family, number: usize) -> Option<usize> {
    let is_start = |at: usize| {
        at == 0
            || text[..at]
                .ends_with(['，', '。', '；', '：', '！', '？', '、', '\n', '”', '）', ' ', ';', ':', ','])
    };
    let of = |written: String| {
        let places = text[from..].match_indices(&written).map(|(at, _)| from + at);
        let is_decimal = |at: usize| {
            written.starts_with(|c: char| c.is_ascii_digit())
                && text[at + written.len()..].starts_with(|c: char| c.is_ascii_digit())
        };
        places.into_iter().find(|at| is_start(*at) && !is_decimal(*at))
    };
    family(number).into_iter().filter_map(of).min()
}

/// Whether what stands before a list leads up to it: 存在以下不足：, 但仍有一些薄弱环节，. What names one
/// thing (执法力量不足，) is explained by the list, not divided.
fn introduces(lead: &str) -> bool {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            "存在|仍有|还有|尚有|以下|如下|表现|面临|几个?方面|主要(?:是|有|问题|不足)[：，]?$|(?:问题|不足|短板|差距|困难|薄弱环节|弱项)[：。]$",
        )
    });
    lead.trim().is_empty() || LEAD.is_match(lead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        items(text).into_iter().map(|item| &text[item]).collect()
    }

    #[test]
    fn lists_are_known_however_they_are_numbered() {
        for (text, expected) in [
            ("也存在薄弱环节，一是力度不够；二是创新不多。", ["一是力度不够；", "二是创新不多。"]),
            ("一是力度不够。二是创新不多。", ["一是力度不够。", "二是创新不多。"]),
            ("主要问题：1.力度不够；2.创新不多。", ["1.力度不够；", "2.创新不多。"]),
            ("存在以下问题：1、力度不够2.5%；2、创新不多。", ["1、力度不够2.5%；", "2、创新不多。"]),
            ("存在问题：（1）力度不够；（2）创新不多。", ["（1）力度不够；", "（2）创新不多。"]),
            ("仍有不足：①力度不够；②创新不多。", ["①力度不够；", "②创新不多。"]),
            ("首先，力度不够；其次，创新不多。", ["首先，力度不够；", "其次，创新不多。"]),
            (
                "还存在不足。一方面，力度不够；另一方面，创新不多。",
                ["一方面，力度不够；", "另一方面，创新不多。"],
            ),
            ("面临困难，第一，力度不够。第二，创新不多。", ["第一，力度不够。", "第二，创新不多。"]),
            ("主要表现在：其一，力度不够；其二，创新不多。", ["其一，力度不够；", "其二，创新不多。"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
            assert!(is_begun(text), "{text}");
        }
    }

    #[test]
    fn a_point_bears_its_number_at_its_beginning() {
        for (text, expected) in [
            ("五是人手少。", true),
            ("十二是人手少。", true),
            ("人手少，一是编制少。", false),
            ("一些人不学", false),
            ("", false),
        ] {
            assert_eq!(is_point(text), expected, "{text}");
        }
    }

    #[test]
    fn what_explains_one_thing_is_no_list_and_neither_is_one_item() {
        for text in [
            "",
            "执法力量薄弱，一方面编制少，另一方面任务重。",
            "执法力量不足，一是编制少；二是任务重。",
            "存在不足，一是力度不够。",
            "统一是关键，不二是原则。",
            "增长1.5倍，提高2.5倍。",
            "二是创新不多。一是力度不够。",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
