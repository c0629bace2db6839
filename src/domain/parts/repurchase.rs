//! Counts of how readily things are bought again.

/// Counts are in parts of a purchase, so that they are whole and can be summed in any order: an item seldom bought is expected
/// in a thousandth of one.
pub const PARTS: f64 = 65_536.0;
/// Classes of time since an item was last bought, in hours to powers of 2: up to a year.
pub const LAGS: usize = 14;

/// What was to be expected, and what was bought, in [`PARTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Again {
    /// Purchases that were to be expected by the customer's own purchases before.
    pub expected: u64,
    /// Purchases that came.
    pub bought: u64,
}

impl Again {
    /// Adds another's counts.
    pub fn add(&mut self, other: Self) {
        self.expected = self.expected.saturating_add(other.expected);
        self.bought = self.bought.saturating_add(other.bought);
    }

    /// Takes counts back that were added before.
    pub fn take(&mut self, other: Self) {
        self.expected = self.expected.saturating_sub(other.expected);
        self.bought = self.bought.saturating_sub(other.bought);
    }

    /// Halved so many times.
    #[must_use]
    pub fn halved(self, times: u32) -> Self {
        let halved = |parts: u64| parts.checked_shr(times).unwrap_or(0);
        Self { expected: halved(self.expected), bought: halved(self.bought) }
    }

    /// How much oftener than expected it was bought, as if `prior` more had been bought just as expected.
    pub fn ratio(self, prior: f64) -> f64 {
        (self.bought as f64 / PARTS + prior) / (self.expected as f64 / PARTS + prior)
    }
}

/// What one purchase shows of one item that was bought before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// [`short_hash`](super::recent::short_hash) of the item.
    pub hash: u32,
    /// See [`lag`].
    pub lag: usize,
    /// By its share alone.
    pub by_share: Again,
    /// By its share and the time since it was last bought.
    pub by_lag: Again,
}

/// The class of time between two purchases, in seconds.
pub fn lag(since: i64, now: i64) -> usize {
    let hours = u64::try_from(now.saturating_sub(since) / 3_600).unwrap_or(0);
    ((hours + 1).ilog2() as usize).min(LAGS - 1)
}
