//! What a name comes to without the ways of writing it.

use super::unit::narrow;
use crate::language::alike::is_alike;
use crate::language::invisible::is_invisible;
use crate::language::traditional::simplified;

/// A name without white space, marks, width, case and script: 東 陽 區 as 东阳区.
pub(super) fn shape(name: &str) -> Vec<char> {
    let narrow = narrow(name);
    let kept = narrow.chars().filter(|c| c.is_alphanumeric() && !is_invisible(*c));
    kept.map(|c| simplified(c).unwrap_or(c)).flat_map(char::to_lowercase).collect()
}

/// What the names of units end with.
const LAST: &str = "省市州盟区县旗镇乡村局委办厅院会处所站队府组部社团心司室库园道学校厂行";

/// Whether a text ends as the names of units do.
pub(super) fn is_called_as_a_unit(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().next_back().is_some_and(|last| LAST.contains(last))
}

/// Whether a unit's name may end with this.
pub(super) fn ends_a_unit(c: char) -> bool {
    LAST.contains(c)
}

/// What a unit is called besides its own name.
const ENDINGS: [&str; 8] = [
    "人民政府办公室",
    "人民政府机关",
    "人民政府办",
    "人民政府",
    "政府办公室",
    "政府办",
    "政府",
    "街道办事处",
];

/// Whether a shape is that of a government's office, and not of the government.
pub(super) fn is_office(shape: &[char]) -> bool {
    let is_of = |ending: &str| shape.ends_with(&ending.chars().collect::<Vec<char>>());
    ["政府办公室", "政府办"].into_iter().any(is_of)
}

/// A shape without the words that every government's name has: 东阳区人民政府 as 东阳区.
pub(super) fn stem(shape: &[char]) -> Vec<char> {
    // 东阳区（本级） is 东阳区 without what is below it.
    let shape = shape.strip_suffix(&['本', '级']).filter(|rest| rest.len() >= 2).unwrap_or(shape);
    for ending in ENDINGS {
        let ending: Vec<char> = ending.chars().collect();
        if let Some(stem) = shape.strip_suffix(ending.as_slice())
            && stem.len() >= 2
        {
            // The office keeps what tells it from other offices of its name.
            let is_street = ending.starts_with(&['街']);
            return if is_street { [stem, &['街', '道']].concat() } else { stem.to_vec() };
        }
    }
    shape.to_vec()
}

/// A stem without the names of what is above it, the nearest first: of 云州市东阳区司法局 东阳区司法局 and 司法局.
pub(super) fn without_superiors(stem: &[char]) -> impl Iterator<Item = &[char]> {
    let ends = stem.iter().enumerate().filter(|(at, c)| *at >= 1 && is_above(**c));
    ends.map(|(at, _)| &stem[at + 1..]).filter(|rest| rest.len() >= 2)
}

/// Whether the name of what is above a unit may end with this.
pub(super) fn is_above(c: char) -> bool {
    matches!(c, '省' | '市' | '州' | '盟' | '区' | '县' | '旗')
}

/// What a unit is called for short by whoever knows what is above it, the longest first: 云州市东阳区司法局 区司法局 and
/// 司法局, too.
pub(super) fn short_names(stem: &[char]) -> impl Iterator<Item = &[char]> {
    without_superiors(stem).flat_map(|own| {
        let at = stem.len() - own.len();
        [&stem[at - 1..], own]
    })
}

/// Whether one may stand where the other was meant: numbers tell names apart.
pub(super) fn is_like(one: char, other: char) -> bool {
    !(is_number(one) && is_number(other)) && is_alike(one, other)
}

/// Whether it is a number that tells one name from another: 第四 and 第十 sound alike and are two.
fn is_number(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九十百两甲乙丙丁东西南北中上下".contains(c)
}

/// A unit's name without the ways of writing it and without the words that every government's name has: what two
/// names have in common that are one unit's beyond doubt.
pub fn bare_name(name: &str) -> String {
    stem(&shape(name)).into_iter().collect()
}

/// The same without the names of what is above the unit, the nearest first: of 云州市东阳区司法局 东阳区司法局 and 司法局.
pub(super) fn own_names(name: &str) -> Vec<String> {
    without_superiors(&stem(&shape(name))).map(|own| own.iter().collect()).collect()
}
