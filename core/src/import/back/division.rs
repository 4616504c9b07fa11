//! A changed paragraph divided among the pieces that it was printed of.

use similar::DiffOp;

use crate::difference::compared_if;

/// A piece of a paragraph as it was printed.
#[derive(Clone, Copy)]
pub(super) struct PieceBefore<'a> {
    pub text: &'a str,
    pub is_field: bool,
    /// Whether it is set as the opening of its paragraph.
    pub is_lead: bool,
}

/// How many pairs of characters are held against each other at most, all paragraphs together. Beyond, only
/// what both begin and end with is known again.
pub(super) const STEPS: usize = 400_000_000;

/// What of `text` each piece has become. `is_lead` says of a place in it (in bytes) whether it is set as an
/// opening. Together they are the text.
pub(super) fn divide(
    text: &str,
    pieces: &[PieceBefore],
    is_lead: impl Fn(usize) -> bool,
    steps: &mut usize,
) -> Vec<String> {
    let mut divided = vec![String::new(); pieces.len()];
    let before: Vec<char> = pieces.iter().flat_map(|piece| piece.text.chars()).collect();
    let owner: Vec<usize> =
        pieces.iter().enumerate().flat_map(|(at, piece)| piece.text.chars().map(move |_| at)).collect();
    let (places, after): (Vec<usize>, Vec<char>) = text.char_indices().unzip();
    let is_affordable = |old_len: usize, new_len: usize| {
        let left = steps.checked_sub(old_len.saturating_mul(new_len));
        *steps = left.unwrap_or(*steps);
        left.is_some()
    };
    for op in compared_if(&before, &after, is_affordable) {
        let (old, new) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            old.zip(new).for_each(|(old, new)| divided[owner[old]].push(after[new]));
            continue;
        }
        for new in new {
            let at = heir(pieces, &owner, old.clone(), is_lead(places[new]));
            divided[at].push(after[new]);
        }
    }
    divided
}

/// The piece that a new character belongs to, which stands in the place of these old ones.
fn heir(pieces: &[PieceBefore], owner: &[usize], old: std::ops::Range<usize>, is_lead: bool) -> usize {
    let touched = if old.is_empty() {
        // Between two characters that stayed.
        let left = old.start.checked_sub(1).map(|at| owner[at]);
        let right = owner.get(old.start).copied();
        left.or(right).unwrap_or_default()..=right.or(left).unwrap_or(pieces.len() - 1)
    } else {
        owner[old.start]..=owner[old.end - 1]
    };
    let mut fields = touched.clone().filter(|at| pieces[*at].is_field);
    let Some(first) = fields.next() else { return *touched.start() };
    match fields.next() {
        // The opening is set as such; what follows it is not.
        Some(second) if pieces[first].is_lead && !is_lead => second,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `一是|*人少|。|主要原因是|*编制少|。`: fields with a star, openings with two.
    fn divided(printed: &str, text: &str) -> String {
        let pieces: Vec<PieceBefore> = printed
            .split('|')
            .map(|piece| PieceBefore {
                text: piece.trim_start_matches('*'),
                is_field: piece.starts_with('*'),
                is_lead: piece.starts_with("**"),
            })
            .collect();
        divide(text, &pieces, |_| false, &mut STEPS.clone()).join("|")
    }

    #[test]
    fn what_is_new_goes_to_the_field_beside_it() {
        let problem = "一是|*人手少|。主要原因是|*编制少|。";
        for (printed, text, expected) in [
            (problem, "一是人手很少。主要原因是编制少。", "一是|人手很少|。主要原因是|编制少|。"),
            (problem, "一是人手少、设备旧。主要原因是编制少。", "一是|人手少、设备旧|。主要原因是|编制少|。"),
            (
                problem,
                "一是法治人手少。主要原因是编制少。又缺钱。",
                "一是|法治人手少|。主要原因是|编制少|。又缺钱。",
            ),
            (
                "**一是学法。|*全年组织8次。",
                "一是学法。先学后干。全年组织9次。",
                "一是学法。|先学后干。全年组织9次。",
            ),
            ("*|", "新写的", "新写的|"),
            ("*甲", "", ""),
        ] {
            assert_eq!(divided(printed, text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(
            pieces in prop::collection::vec(("[甲乙丙。]{0,4}", any::<bool>()), 1..5),
            text in "[甲乙丙。丁]{0,12}",
            steps in 0usize..50,
        ) {
            let pieces: Vec<PieceBefore> = pieces
                .iter()
                .map(|(text, is_field)| PieceBefore { text, is_field: *is_field, is_lead: false })
                .collect();
            let divided = divide(&text, &pieces, |_| false, &mut steps.clone());
            prop_assert_eq!(divided.concat(), text);
        }
    }
}
