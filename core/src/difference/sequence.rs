//! Two sequences held against each other in bounded time.

use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Between what both begin and end with, so many are held against each other one by one. The longest report
/// seen has a hundredth of it.
const MOST: usize = 40_000;

/// What both have in the same order, and what each has instead of the other. Beyond the bound nothing but the
/// beginning and the end is the same.
pub(super) fn compared<T: Hash + Eq>(old: &[T], new: &[T]) -> Vec<DiffOp> {
    compared_if(old, new, |old_len, new_len| old_len + new_len <= MOST)
}

/// The same, where `is_affordable` is asked for the bound: it is told how much of each lies between what both
/// begin and end with.
pub(crate) fn compared_if<T: Hash + Eq>(
    old: &[T],
    new: &[T],
    is_affordable: impl FnOnce(usize, usize) -> bool,
) -> Vec<DiffOp> {
    let is_same = |(one, other): &(&T, &T)| one == other;
    let start = old.iter().zip(new).take_while(is_same).count();
    let (rest, other_rest) = (&old[start..], &new[start..]);
    let end = rest.iter().rev().zip(other_rest.iter().rev()).take_while(is_same).count();
    let (old_len, new_len) = (rest.len() - end, other_rest.len() - end);
    if is_affordable(old_len, new_len) {
        return capture_diff_slices(Algorithm::Myers, old, new);
    }
    let ops = [
        DiffOp::Equal { old_index: 0, new_index: 0, len: start },
        DiffOp::Replace { old_index: start, old_len, new_index: start, new_len },
        DiffOp::Equal { old_index: start + old_len, new_index: start + new_len, len: end },
    ];
    ops.into_iter().filter(|op| !op.old_range().is_empty() || !op.new_range().is_empty()).collect()
}
