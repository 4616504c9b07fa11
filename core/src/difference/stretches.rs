//! Two texts held against each other, as a reader would mark them: sentence by sentence, and in those that
//! differ word by word.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use similar::DiffOp;

use super::sequence::compared;
use crate::language::words;

/// Texts up to this many bytes, both together, are held against each other word by word. A paragraph of a
/// report has a tenth of it.
const WORDS_BYTES: usize = 60_000;

/// What stays of a text in which so little stays (the reciprocal of its share) is left out: whoever reads it
/// sees two texts.
const LITTLE: usize = 4;

/// A part of two texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "一段文字")]
pub struct Stretch {
    pub kind: StretchKind,
    pub text: String,
}

/// Which of the two texts has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "both 两边都有，old 原来的，new 新的")]
#[serde(rename_all = "kebab-case")]
pub enum StretchKind {
    Both,
    Old,
    New,
}

/// Two texts as one: what both say, what only the old says, and what only the new. Each can be read from it
/// whole. Of what was changed in one place, the old stands first.
pub fn stretches(old: &str, new: &str) -> Vec<Stretch> {
    let (before, after) = (sentences(old), sentences(new));
    let mut marked = StretchList::default();
    for op in compared(&before, &after) {
        let (of_old, of_new) = (before[op.old_range()].concat(), after[op.new_range()].concat());
        match op {
            DiffOp::Equal { .. } => marked.push(StretchKind::Both, &of_old),
            _ => mark_words(&of_old, &of_new, &mut marked),
        }
    }
    marked.stretches
}

/// The sentences of a text, each with the mark that ends it. Together they are the text.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['。', '！', '？', '\n']).collect()
}

fn mark_words(old: &str, new: &str, marked: &mut StretchList) {
    if old.is_empty() || new.is_empty() || old.len() + new.len() > WORDS_BYTES {
        return marked.replace(old, new);
    }
    let (before, after) = (words::split(old), words::split(new));
    // The old words, the new ones, and whether both have them.
    let mut parts: Vec<(String, String, bool)> = vec![];
    for op in compared(&before, &after) {
        let (of_old, of_new) = (before[op.old_range()].concat(), after[op.new_range()].concat());
        let is_same = matches!(op, DiffOp::Equal { .. }) && is_worth_reading(&of_old);
        match parts.last_mut() {
            Some((last_old, last_new, is_last_same)) if *is_last_same == is_same => {
                last_old.push_str(&of_old);
                last_new.push_str(&of_new);
            }
            _ => parts.push((of_old, of_new, is_same)),
        }
    }
    let same: usize = parts.iter().filter(|(_, _, is_same)| *is_same).map(|(text, ..)| text.len()).sum();
    if same * LITTLE < old.len().max(new.len()) {
        return marked.replace(old, new);
    }
    for (of_old, of_new, is_same) in parts {
        if is_same {
            marked.push(StretchKind::Both, &of_old);
        } else {
            marked.replace(&of_old, &of_new);
        }
    }
}

/// Whether a reader is helped by seeing that this stayed: a mark or a lonely character between two changes
/// only tears them.
fn is_worth_reading(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).nth(1).is_some()
}

#[derive(Default)]
struct StretchList {
    stretches: Vec<Stretch>,
}

impl StretchList {
    fn push(&mut self, kind: StretchKind, text: &str) {
        match self.stretches.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ => self.stretches.push(Stretch { kind, text: text.to_owned() }),
        }
    }

    /// One in the place of the other. The marks that both begin or end with are no change.
    fn replace(&mut self, old: &str, new: &str) {
        let is_mark = |(one, other): &(char, char)| one == other && !one.is_alphanumeric();
        let length = |(one, _): (char, char)| one.len_utf8();
        let start: usize = old.chars().zip(new.chars()).take_while(is_mark).map(length).sum();
        let (head, old, new) = (&old[..start], &old[start..], &new[start..]);
        let end: usize = old.chars().rev().zip(new.chars().rev()).take_while(is_mark).map(length).sum();
        self.push(StretchKind::Both, head);
        self.push(StretchKind::Old, &old[..old.len() - end]);
        self.push(StretchKind::New, &new[..new.len() - end]);
        self.push(StretchKind::Both, &old[old.len() - end..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(old: &str, new: &str) -> String {
        let told = stretches(old, new).into_iter().map(|Stretch { kind, text }| match kind {
            StretchKind::Both => text,
            StretchKind::Old => format!("[-{text}-]"),
            StretchKind::New => format!("[+{text}+]"),
        });
        told.collect()
    }

    #[test]
    fn whole_words_are_marked() {
        for (old, new, marked) in [
            ("", "", ""),
            ("甲", "", "[-甲-]"),
            ("", "甲。", "[+甲。+]"),
            (
                "全年受理行政复议案件120件。办结率100%。",
                "全年受理行政复议案件135件。办结率100%。",
                "全年受理行政复议案件[-120件-][+135件+]。办结率100%。",
            ),
            (
                "我局制定行政规范性文件三件，备案率百分之百。",
                "我局修订行政规范性文件三件，备案率百分之百。",
                "我局[-制定-][+修订+]行政规范性文件三件，备案率百分之百。",
            ),
            ("深入学习贯彻。推进改革。", "深入学习贯彻。", "深入学习贯彻。[-推进改革。-]"),
            (
                "加强执法监督，开展案卷评查。",
                "完善法律顾问制度，组织培训八次。",
                "[-加强执法监督，开展案卷评查-][+完善法律顾问制度，组织培训八次+]。",
            ),
        ] {
            assert_eq!(told(old, new), marked);
        }
    }

    /// A million characters of either kind: no two sentences the same, or all of them one sentence.
    #[test]
    fn the_longest_texts_are_held_against_each_other() {
        let text = |step: usize| {
            (0..100_000).map(|at| format!("第{}件办结。", at * step % 99_991)).collect::<String>()
        };
        let marked = stretches(&text(1), &text(7));
        assert!(marked.iter().any(|one| one.kind == StretchKind::New));
        let marked = stretches(&"法治".repeat(500_000), &"政府".repeat(500_000));
        assert_eq!(marked.len(), 2);
        // Everything is everywhere.
        let shuffled = |mut random: u32, length: usize, end: &str| {
            let mut draw = || {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ['甲', '乙', '丙'][random as usize / 65_536 % 3]
            };
            (0..length).map(|_| format!("{}{end}", draw())).collect::<String>()
        };
        for (length, end) in [(500_000, "。"), (4_000, "，")] {
            assert!(stretches(&shuffled(1, length, end), &shuffled(2, length, end)).len() > 1);
        }
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_whole(
            old in "([甲乙丙。，]|[\\PC]|行政复议|规范性文件|2024年){0,12}",
            new in "([甲乙丙。，]|[\\PC]|行政复议|规范性文件|2024年){0,12}",
        ) {
            let marked = stretches(&old, &new);
            let of = |other| marked.iter().filter(|one| one.kind != other).map(|one| &*one.text).collect::<String>();
            prop_assert_eq!(of(StretchKind::New), old);
            prop_assert_eq!(of(StretchKind::Old), new);
        }
    }
}
