//! What a customer will want now, the likeliest first.
//!
//! Every recent purchase votes for what it held. Its vote is the heavier, the newer it is, the fewer items it held, and the
//! more it resembles what is asked: same venue, near hour, same weekday, items in common with the basket. How much such a
//! resemblance says is not the same everywhere: at a bar the hour decides, at a grocer it hardly matters. So it is not a
//! constant but seen in the customer's own purchases, see `likeness`. How readily an item is bought again is seen in those
//! of all customers, see [`observe`]; and what others buy stands in for what is not known yet.
//!
//! It is a ranking, not a permission: whoever uses it leaves out what must not be suggested.

mod expected;
mod likeness;
mod repurchase;
pub mod snapshot;
mod votes;

pub use expected::Expected;
pub use repurchase::observe;
pub use votes::Now;

use crate::domain::parts::{
    habits::Habits,
    recent::{Mask, short_hash},
    repurchase::lag,
};
use snapshot::Snapshot;
use votes::votes;

/// Purchases worth of belief that it does not matter how long ago an item was bought, before its own rhythm is believed.
const RHYTHM_EXPECTED: f64 = 16.0;

/// The `max` likeliest of the items that are wanted, the likeliest first. Without `others`, only what the customer bought
/// before.
///
/// Of an item that the customer bought, `is_wanted` sees the tally and the share alone, and it must be monotone in
/// `share`: it is first asked with an upper bound of it.
pub fn expected<'a>(
    habits: &'a Habits,
    others: Option<&'a Snapshot>,
    now: &Now<'_>,
    max: usize,
    is_wanted: impl Fn(&Expected<'_>) -> bool,
) -> Vec<Expected<'a>> {
    let votes = votes(habits, now);
    let mut expected = Vec::new();
    for tally in habits.items.iter().filter(|tally| tally.recent != 0) {
        let mut one = Expected::of(tally, votes.share_max(tally.recent.count_ones()));
        // Most are bought so seldom that their votes need not be counted.
        if is_wanted(&one) {
            one.share = votes.share(tally.recent);
            expected.extend(is_wanted(&one).then_some(one));
        }
    }
    let here = others.map(|others| others.here(now.venue, now.basket));
    if let Some(here) = &here {
        expected.extend(here.most_bought().filter(|one| is_wanted(one) && !habits.has_item(one.item)));
    }
    let trust = likeness::trust_in_others(&habits.items, habits.recent.len());
    for one in &mut expected {
        let mut own = 0.0;
        if let Some(tally) = one.tally {
            one.rhythm = rhythm(tally.recent, habits.recent.len());
            own = one.share * votes.all * one.rhythm;
            if let (Some(here), Some(last)) = (&here, habits.recent.get(tally.recent.trailing_zeros() as usize)) {
                let hash = short_hash(&tally.key);
                one.of_others = here.share(hash);
                own *= here.again(hash, lag(now.seen(last.second), now.second));
            }
        }
        one.score = own + one.of_others * trust;
    }
    let order = |one: &Expected<'_>, other: &Expected<'_>| {
        other.score.total_cmp(&one.score).then_with(|| one.item.cmp(other.item))
    };
    if expected.len() > max {
        expected.select_nth_unstable_by(max, order);
        expected.truncate(max);
    }
    expected.sort_unstable_by(order);
    expected
}

/// How much oftener than by chance an item was bought again exactly as many purchases later as have passed since the last:
/// above 1 it is due, below 1 it is not due yet.
fn rhythm(mask: Mask, purchases: usize) -> f64 {
    let passed = mask.trailing_zeros() + 1;
    let again = mask.checked_shr(passed).map_or(0, |later| (mask & later).count_ones());
    let (count, all) = (f64::from(mask.count_ones()), purchases.max(1) as f64);
    let by_chance = count * count / all * (all - f64::from(passed)).max(0.0) / all;
    (f64::from(again) + RHYTHM_EXPECTED) / (by_chance + RHYTHM_EXPECTED)
}

#[cfg(test)]
mod tests;
