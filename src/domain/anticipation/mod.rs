//! What a customer will want now, the likeliest first.
//!
//! Every recent purchase votes for what it held. Its vote is the heavier, the newer it is, the fewer items it held, and the
//! more it resembles this moment: same venue, near hour, same weekday, items in common with the basket. How much such a
//! resemblance says is not the same everywhere: at a bar the hour decides, at a grocer it hardly matters. So it is not a
//! constant but seen in the customer's own purchases, see `likeness`. How readily an item is bought again is seen in those
//! of all customers, see [`again`]; and what others buy stands in for what is not known yet.
//!
//! It is a ranking, not a permission: what must not be suggested is for the caller to leave out.

pub mod again;
mod likeness;
pub mod others;
pub mod snapshot;

use super::{
    Timestamp, VenueId,
    habits::{Habits, Tally},
    interaction::LocalMoment,
    limits::RECENT_MAX,
    recent::{Mask, RecentPurchase, WEEK_HOURS, hour_of_week, places, short_hash},
    text::is_same,
};
use snapshot::Snapshot;

/// The moment that is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// [`short_hash`] of the venue's id.
    pub venue: u32,
    /// As [`super::recent::hour_of_week`] has it.
    pub hour_of_week: u8,
    /// Seconds since 1970. Votes move with it; whoever keeps answers gives the start of a day.
    pub second: i64,
    /// What was chosen already; it is not left out of the answer.
    pub basket: &'a [String],
}

impl<'a> Now<'a> {
    /// A moment at a venue. Votes move with the UTC day, so that an answer can be kept for a while.
    pub fn new(venue: &VenueId, local: LocalMoment, time: Timestamp, basket: &'a [String]) -> Self {
        Self {
            venue: short_hash(venue.as_str()),
            hour_of_week: hour_of_week(local),
            second: start_of_day(time.as_second()),
            basket,
        }
    }
}

/// An item that is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected<'a> {
    pub item: &'a str,
    pub category: &'a str,
    /// What is known of the customer's own purchases; none: it is known from others alone.
    pub tally: Option<&'a Tally>,
    /// The share of all votes that it has, 0 to 1: a chance as far as the customer's own purchases tell.
    pub share: f64,
    /// How much others buy it here, or with this basket; 0 when too few do.
    pub of_others: f64,
    /// How much oftener than by chance it was bought again just as many purchases after the last as now: above 1 it is due.
    pub rhythm: f64,
    /// Orders the items of one answer; means nothing outside it.
    pub score: f64,
}

/// Days within which age hardly matters.
const FRESH_DAYS: f64 = 7.0;
const DAY_SECONDS: i64 = 86_400;
/// Hours to either side that are near: a meal, a shift.
const NEAR_HOURS: u8 = 2;
const DAY_HOURS: u8 = 24;
/// Purchases worth of belief that it does not matter how long ago an item was bought, before its own rhythm is believed.
const RHYTHM_EXPECTED: f64 = 16.0;

/// The `max` likeliest of the items that are wanted, the likeliest first. Without `others`, only what the customer bought
/// before. Of what the customer bought, `is_wanted` is told no more than the tally and the share; whatever is wanted with a
/// share is wanted with any greater one.
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
                own *= here.again(hash, again::lag(last.second, now.second));
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

impl<'a> Expected<'a> {
    fn of(tally: &'a Tally, share: f64) -> Self {
        let (item, category) = (tally.key.as_str(), tally.category.as_str());
        Self { item, category, tally: Some(tally), share, of_others: 0.0, rhythm: 1.0, score: 0.0 }
    }
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

/// What the recent purchases say.
struct Votes {
    each: [f64; RECENT_MAX],
    /// Never 0.
    all: f64,
    highest: f64,
}

impl Votes {
    fn new(each: [f64; RECENT_MAX]) -> Self {
        let all = each.iter().sum::<f64>();
        Self { each, all: if all > 0.0 { all } else { 1.0 }, highest: each.iter().copied().fold(0.0, f64::max) }
    }

    /// The share of these purchases: summed over them, or over the others if they are fewer.
    fn share(&self, mask: Mask) -> f64 {
        let is_most = mask.count_ones() > Mask::BITS / 2;
        let sum: f64 = places(if is_most { !mask } else { mask }).map(|place| self.each[place]).sum();
        (if is_most { self.all - sum } else { sum }) / self.all
    }

    /// What the share of so many purchases cannot exceed.
    fn share_max(&self, purchases: u32) -> f64 {
        f64::from(purchases) * self.highest / self.all
    }
}

fn votes(habits: &Habits, now: &Now<'_>) -> Votes {
    let recent = &habits.recent;
    let is_chosen = |tally: &&Tally| now.basket.iter().any(|item| is_same(item, &tally.key));
    let chosen: Vec<&Tally> =
        if now.basket.is_empty() { Vec::new() } else { habits.items.iter().filter(is_chosen).collect() };
    let resembling = |like: fn(&RecentPurchase, &Now<'_>) -> bool| -> Mask {
        recent.iter().enumerate().fold(0, |mask, (place, one)| mask | (Mask::from(like(one, now)) << place))
    };
    let resemblances = [
        (resembling(|one, now| one.venue == now.venue), likeness::VENUE_EXPECTED),
        (resembling(|one, now| is_near(one.hour_of_week, now.hour_of_week)), 0.0),
        (resembling(|one, now| one.hour_of_week / DAY_HOURS == now.hour_of_week / DAY_HOURS), 0.0),
    ];
    let gains = likeness::gains(&habits.items, recent.len(), resemblances);
    let mut votes = [0.0; RECENT_MAX];
    for (place, (vote, one)) in votes.iter_mut().zip(recent).enumerate() {
        let has = |mask: Mask| (mask >> place & 1) as f64;
        let gained: f64 = resemblances.iter().zip(gains).map(|((mask, _), gain)| has(*mask) * gain).sum();
        let in_common: f64 = chosen.iter().map(|tally| has(tally.recent)).sum();
        // With a basket begun, this is no small purchase any more.
        let items = if now.basket.is_empty() { 1.0 } else { f64::from(one.items.max(1)).sqrt() };
        *vote = (1.0 + gained) * (1.0 + in_common) * weight_of(one, now.second) * items;
    }
    Votes::new(votes)
}

/// What a purchase weighs, whatever it resembles: less with its age, and less with every item, because those of a small
/// purchase were come for.
fn weight_of(purchase: &RecentPurchase, second: i64) -> f64 {
    let days = (second.saturating_sub(purchase.second) as f64 / DAY_SECONDS as f64).max(0.0);
    1.0 / (f64::from(purchase.items.max(1)) * (1.0 + days / FRESH_DAYS).sqrt()).sqrt()
}

/// The start of a UTC day.
fn start_of_day(second: i64) -> i64 {
    second - second.rem_euclid(DAY_SECONDS)
}

/// Whether two hours are near on the clock, whatever the weekday.
fn is_near(one: u8, other: u8) -> bool {
    debug_assert!(one < WEEK_HOURS && other < WEEK_HOURS);
    let apart = (one % DAY_HOURS).abs_diff(other % DAY_HOURS);
    apart.min(DAY_HOURS - apart) <= NEAR_HOURS
}

#[cfg(test)]
mod tests;
