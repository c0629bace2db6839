//! How readily things are bought again: what one purchase tells of it, and what many tell together.
//!
//! The share of a customer's recent purchases that had an item says how likely it is in the next. Over all customers that
//! can be tested, purchase by purchase: milk is bought oftener than its share says, a birthday cake seldomer; in Advent
//! mulled wine is; and whatever was bought this morning is not bought again at noon, unless it is coffee. So each purchase
//! tells of every item that its customer had bought before: how much of it was to be expected, and how much was bought.

use super::{Votes, snapshot::Snapshot, start_of_day, weight_of};
use crate::domain::{
    habits::{Habits, Tally, items_of},
    interaction::Interaction,
    recent::short_hash,
};

/// Parts of a purchase in which is counted, so that sums are whole whatever their order: an item seldom bought is expected
/// in a thousandth of one.
pub const PARTS: f64 = 65_536.0;
/// Classes of time since an item was last bought, in hours to powers of 2: up to a year.
pub const LAGS: usize = 14;
/// Fewer purchases say little of what was to be expected.
const PURCHASES_MIN: usize = 3;

/// What was to be expected, and what was bought, in [`PARTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Again {
    pub expected: u64,
    pub bought: u64,
}

impl Again {
    pub fn add(&mut self, other: Self) {
        self.expected = self.expected.saturating_add(other.expected);
        self.bought = self.bought.saturating_add(other.bought);
    }

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

/// What a purchase tells of one item known before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// [`short_hash`] of the item.
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

/// What a purchase tells of the items that its customer had bought before. It does not matter whether `habits` have it
/// counted already. The more items, the less each was come for, and the less it tells.
pub fn told(habits: &Habits, interaction: &Interaction, others: Option<&Snapshot>) -> Vec<Told> {
    let Some(purchase) = &interaction.purchase else {
        return Vec::new();
    };
    let items = items_of(purchase);
    let second = interaction.occur_time.as_second();
    let day = start_of_day(second);
    let newer = habits.recent.partition_point(|known| known.second >= second);
    let before = &habits.recent[newer..];
    if items.is_empty() || before.len() < PURCHASES_MIN {
        return Vec::new();
    }
    let votes = Votes::new(std::array::from_fn(|place| before.get(place).map_or(0.0, |known| weight_of(known, day))));
    let one = PARTS / (items.len() as f64).sqrt();
    let tell = |tally: &Tally| {
        let mask = tally.recent.checked_shr(newer as u32).unwrap_or(0);
        let last = before.get(mask.trailing_zeros() as usize)?;
        let (share, lag) = (votes.share(mask), lag(last.second, day));
        let is_bought = items.binary_search_by(|(item, _)| (*item).cmp(&tally.key)).is_ok();
        let bought = if is_bought { one as u64 } else { 0 };
        let by_share = Again { expected: (one * share) as u64, bought };
        let ratio = others.map_or(1.0, |others| others.lags[lag]);
        let by_lag = Again { expected: (one * share * ratio) as u64, bought };
        Some(Told { hash: short_hash(&tally.key), lag, by_share, by_lag })
    };
    habits.items.iter().filter_map(tell).collect()
}
