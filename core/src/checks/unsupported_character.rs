use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::Texts;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::Pattern;
use crate::report::{FieldPath, contract};

code! {
    /// 字体里没有的字
    ///
    /// 所用的字体和备用字体都没有这个字，排出来会是一个空框。表情符号、少数民族文字和极少见的生僻字常有这种情况。
    ///
    /// 错误：标题里有表情符号“😀”。
    ///
    /// 正确：删除表情符号；生僻的人名、地名，请把含有该字的字体放进 fonts 文件夹。
    ///
    /// 看不出：字体里有、却写错了的字（另有“错别字”一条）。
    ///
    /// 各种字体的收字情况见 `nianbao fonts`。
    pub(super) UNSUPPORTED_CHARACTER = "unsupported-character", Error
}

/// Pictures and not writing. Some faces that fill gaps have a few of them, so the faces alone would let one
/// smile pass and refuse the next.
pub(super) static EMOJI: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(concat!(
        r"[\u{1F000}-\u{1FAFF}",
        // Those of the older symbols that are drawn as pictures, and the hearts, faces and hands beside them.
        r"\u{231A}\u{231B}\u{23E9}-\u{23F3}\u{2600}-\u{2604}\u{2614}\u{2615}\u{261D}\u{2639}\u{263A}",
        r"\u{2648}-\u{2653}\u{267F}\u{2693}\u{26A1}\u{26AA}\u{26AB}\u{26BD}\u{26BE}\u{26C4}\u{26C5}\u{26CE}",
        r"\u{26D4}\u{26EA}\u{26F2}\u{26F3}\u{26F5}\u{26FA}\u{26FD}\u{2705}\u{2708}-\u{270D}\u{2728}",
        r"\u{274C}\u{274E}\u{2753}-\u{2755}\u{2757}\u{2763}\u{2764}\u{2795}-\u{2797}\u{2B50}\u{2B55}]\u{FE0F}?|\u{FE0F}",
    ))
});

const HINT: &str = "请换一个字，或把含有该字的字体文件放进 fonts 文件夹";

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in &texts.passages {
        let missing = (texts.context.undrawable)(&passage.path, &passage.text);
        let mut emoji = if texts.may_have(passage, &EMOJI) { emoji(&passage.text) } else { BTreeSet::new() };
        emoji.retain(|character| !missing.contains(character));
        let missing =
            missing.into_iter().map(|character| (character, message(&passage.path, character), HINT));
        let emoji = emoji.into_iter().map(|character| {
            let (label, number) = (passage.label(), character as u32);
            let message = format!("“{label}”里有表情符号“{character}”（U+{number:04X}），公文里不用");
            (character, message, "请删除，或改用文字")
        });
        found.extend(missing.chain(emoji).map(
            |(character, message, hint)| match passage.text.find(character) {
                Some(start) => {
                    passage.at(&UNSUPPORTED_CHARACTER, start..start + character.len_utf8(), message, hint)
                }
                None => UNSUPPORTED_CHARACTER.at(passage.path.clone(), message, hint),
            },
        ));
    }
    found
}

fn emoji(text: &str) -> BTreeSet<char> {
    EMOJI.find_iter(text).filter_map(|found| found.as_str().chars().next()).collect()
}

/// Says that no face can draw `character`, which stands in the field at `path`.
pub fn diagnostic(path: FieldPath, character: char) -> Diagnostic {
    let message = message(&path, character);
    UNSUPPORTED_CHARACTER.at(path, message, HINT)
}

fn message(path: &FieldPath, character: char) -> String {
    let (label, number) = (contract::label(path), character as u32);
    format!("“{label}”里的“{character}”（U+{number:04X}）字体里没有，排不出来")
}
