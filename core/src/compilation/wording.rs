//! A unit's sentence as it stands in a report about many: its name in front, and what it says of itself as
//! we said in the third person. Nothing of a sentence is cut but its number and 同时，.

use super::YearSpan;
use super::units::spoken;
use crate::language::numerals::leading;
use crate::report::Issuer;

/// What joins a sentence to the one before it and says nothing by itself.
const JOINTS: [&str; 7] = ["同时，", "此外，", "另外，", "其次，", "首先，", "再次，", "最后，"];

/// Characters behind 区, 市 and so on that make another word of it: 区域, 市场.
const OTHER_WORDS: [(char, &str); 8] = [
    ('区', "域分别间块划"),
    ('市', "场民值容区"),
    ('县', "域"),
    ('州', ""),
    ('局', "部面势限"),
    ('镇', "街村"),
    ('乡', "村镇风"),
    ('厅', "堂"),
];

/// The sentence of a unit, said of it by others: 调整权责清单214项 becomes 临江区调整权责清单214项.
pub(super) fn attributed(name: &str, issuer: &Issuer, sentence: &str, years: YearSpan) -> String {
    let bare = without_joint(sentence, years);
    let rest = without_subject(bare, name, issuer);
    format!("{name}{}", in_third_person(rest, issuer))
}

/// The sentence without a name in front of it.
pub(super) fn unattributed<'a>(name: &str, issuer: &Issuer, sentence: &'a str, years: YearSpan) -> &'a str {
    without_subject(without_joint(sentence, years), name, issuer)
}

/// Without the number in a list, 同时， and the year that the whole report is about.
fn without_joint(sentence: &str, years: YearSpan) -> &str {
    let mut bare = sentence.trim();
    loop {
        let year = |year: u16| bare.strip_prefix(&year.to_string())?.strip_prefix("年，");
        let less = JOINTS
            .iter()
            .find_map(|joint| bare.strip_prefix(joint))
            .or_else(|| {
                let (_, rest) = leading(bare)?;
                rest.strip_prefix(['是', '、'])
            })
            .or_else(|| {
                let (_, rest) = leading(bare.strip_prefix('（')?)?;
                rest.strip_prefix('）')
            })
            .or_else(|| year(years.of).or_else(|| year(years.of + 1)));
        match less.filter(|less| !less.trim().is_empty()) {
            Some(less) => bare = less.trim_start(),
            None => return bare,
        }
    }
}

/// Without the unit's own name, or what it says in its place: 我区, 全区, the 区 of 区政府.
fn without_subject<'a>(sentence: &'a str, name: &str, issuer: &Issuer) -> &'a str {
    let names = [name, &issuer.name, spoken(issuer)];
    let Some(end) = last_character(issuer) else { return sentence };
    let named = names.iter().find_map(|name| sentence.strip_prefix(name));
    let said = || {
        // 全区 is the name again where that ends in 区, too.
        let all = sentence.strip_prefix('全').filter(|_| name.ends_with(end));
        let rest = sentence.strip_prefix('我').or(all)?.strip_prefix(end)?;
        (!is_other_word(end, rest)).then_some(rest)
    };
    let overlapping = || {
        let rest = sentence.strip_prefix(end)?;
        let is_unit = name.ends_with(end) && OTHER_WORDS.iter().any(|(known, _)| *known == end);
        (is_unit && !is_other_word(end, rest)).then_some(rest)
    };
    let rest = named.or_else(said).or_else(overlapping).map(|rest| rest.trim_start_matches(['，', ' ']));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(sentence)
}

/// 我区 of a district is 该区 for others; 我市 of a district is another's and stays.
fn in_third_person(sentence: &str, issuer: &Issuer) -> String {
    let Some(end) = last_character(issuer) else { return sentence.to_owned() };
    let mut told = String::with_capacity(sentence.len());
    let mut rest = sentence;
    let own = format!("我{end}");
    while let Some(at) = rest.find(&own) {
        let behind = &rest[at + own.len()..];
        told.push_str(&rest[..at]);
        // 自我区分 is no district.
        let is_own = !rest[..at].ends_with(['自', '大', '小', '忘']) && !is_other_word(end, behind);
        told.push(if is_own { '该' } else { '我' });
        told.push(end);
        rest = behind;
    }
    told + rest
}

fn is_other_word(end: char, behind: &str) -> bool {
    let makes = OTHER_WORDS.iter().find(|(known, _)| *known == end).map_or("", |(_, makes)| *makes);
    behind.starts_with(|next| makes.contains(next))
}

/// The 区 of 临江区: what the unit calls itself by. Of a bureau 局.
fn last_character(issuer: &Issuer) -> Option<char> {
    spoken(issuer).chars().next_back().filter(|c| c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(name: &str, short: &str) -> Issuer {
        Issuer {
            name: name.parse().unwrap(),
            short_name: Some(short.parse().unwrap()),
            kind: Default::default(),
            level: Default::default(),
            code: None,
        }
    }

    #[test]
    fn a_sentence_is_told_of_its_unit() {
        let district = issuer("云州市临江区人民政府", "临江区");
        for (said, told) in [
            ("调整权责清单214项", "临江区调整权责清单214项"),
            ("临江区调整权责清单214项", "临江区调整权责清单214项"),
            ("一是调整权责清单214项", "临江区调整权责清单214项"),
            ("（二）调整权责清单214项", "临江区调整权责清单214项"),
            ("同时，2024年，我区调整权责清单214项", "临江区调整权责清单214项"),
            ("区政府常务会议学法6次", "临江区政府常务会议学法6次"),
            ("区域合作项目12个", "临江区区域合作项目12个"),
            ("全区村（社区）112个", "临江区村（社区）112个"),
            ("全年受理案件386件", "临江区全年受理案件386件"),
            ("经验在我市推广，我区获评示范", "临江区经验在我市推广，该区获评示范"),
            ("我区", "临江区该区"),
            ("", "临江区"),
        ] {
            assert_eq!(attributed("临江区", &district, said, YearSpan { of: 2024 }), told, "{said}");
        }
        // By its full name, which does not end in 区.
        let full = "云州市临江区人民政府";
        let told = attributed(full, &district, "区委常委会听取汇报2次", YearSpan { of: 2024 });
        assert_eq!(told, "云州市临江区人民政府区委常委会听取汇报2次");
        let bureau = issuer("云州市市场监督管理局", "市市场监管局");
        let told = attributed("市市场监管局", &bureau, "我局办结案件5件", YearSpan { of: 2024 });
        assert_eq!(told, "市市场监管局办结案件5件");
    }
}
