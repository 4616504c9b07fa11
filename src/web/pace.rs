//! How slow the other side may be: a credit of time that waiting takes away and every byte gives
//! back. Who is quick may rest for a while; who trickles runs out of it.

use std::time::Duration;

/// The credit of one body or one connection.
pub(super) struct PaceLimit {
    bytes_per_second: u32,
    most: Duration,
    left: Duration,
}

impl PaceLimit {
    /// So many bytes a second are asked for, after a grace; nobody ever has more than `most`.
    pub(super) fn new(bytes_per_second: u32, grace: Duration, most: Duration) -> Self {
        Self { bytes_per_second, most, left: grace }
    }

    /// How long the other side may still be waited for.
    pub(super) fn left(&self) -> Duration {
        self.left
    }

    /// After a wait so many bytes went over.
    pub(super) fn moved(&mut self, bytes: usize, waited: Duration) {
        let earned = Duration::from_secs_f64(bytes as f64 / f64::from(self.bytes_per_second));
        self.left = self.left.saturating_sub(waited).saturating_add(earned).min(self.most);
    }
}
