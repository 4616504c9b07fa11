//! What a packed file may be: the one rule against those that are small to send and endless to unpack.

/// How many times its packed size a part may have. Text is packed ten to one at most.
pub(crate) const MAX_RATIO: u64 = 200;

/// A part of so many bytes may be packed in any ratio.
const SMALL: u64 = 1 << 20;

/// Whether a part that is `packed` into so many bytes and comes to `unpacked` is there to do harm.
pub(crate) fn is_bomb(unpacked: u64, packed: u64) -> bool {
    unpacked > SMALL && unpacked / packed.max(1) > MAX_RATIO
}
