//! How readily things are bought again, observed purchase by purchase.
//!
//! The share of a customer's recent purchases that had an item says how likely it is in the next. Over all customers that
//! can be tested, purchase by purchase: milk is bought oftener than its share says, a birthday cake seldomer; in Advent
//! mulled wine is; and what was bought this morning is not bought again at noon, unless it is coffee. So each purchase is an
//! observation of every item that its customer had bought before: how much was to be expected, and how much was bought.

use super::{
    snapshot::Snapshot,
    votes::{Votes, weight_of},
};
use crate::domain::{
    kernel::time::start_of_day,
    parts::{
        habits::{Habits, Tally, items_of},
        interaction::Interaction,
        recent::short_hash,
        repurchase::{Again, Observation, PARTS, lag},
    },
};

/// Fewer purchases say little of what was to be expected.
const PURCHASES_MIN: usize = 3;

/// The observations that a purchase makes of the items that its customer had bought before. `habits` may have counted it
/// already or not. The more items a purchase has, the less each of them weighs.
pub fn observe(habits: &Habits, interaction: &Interaction, others: Option<&Snapshot>) -> Vec<Observation> {
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
    let votes = Votes::new(std::array::from_fn(|index| before.get(index).map_or(0.0, |known| weight_of(known, day))));
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
        Some(Observation { hash: short_hash(&tally.key), lag, by_share, by_lag })
    };
    habits.items.iter().filter_map(tell).collect()
}
