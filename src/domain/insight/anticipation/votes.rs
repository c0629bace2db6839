//! How much each recent purchase says about this moment.

use super::likeness;
use crate::domain::{
    kernel::{
        id::VenueId,
        limits::RECENT_MAX,
        time::{DAY_SECONDS, Timestamp, start_of_day},
    },
    parts::{
        habits::{Habits, Tally},
        interaction::LocalMoment,
        recent::{Mask, RecentPurchase, WEEK_HOURS, hour_of_week, indices, short_hash},
    },
    words::fold::is_same_item,
};

/// Days within which age hardly matters.
const FRESH_DAYS: f64 = 7.0;
/// Hours to either side that are near: a meal, a shift.
const NEAR_HOURS: u8 = 2;
const DAY_HOURS: u8 = 24;

/// Where and when it is asked.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// [`short_hash`] of the venue's id.
    pub venue: u32,
    /// As [`hour_of_week`] has it.
    pub hour_of_week: u8,
    /// Seconds since 1970. Votes depend on it; the start of a day, where answers are kept.
    pub second: i64,
    /// Whether the hour counts; else the day alone.
    pub has_hour: bool,
    /// What was chosen already; it is not left out of the answer.
    pub basket: &'a [String],
}

impl<'a> Now<'a> {
    /// At a venue, by its clock. Votes move with the UTC day, so that an answer can be kept for a while.
    pub fn new(venue: &VenueId, local: LocalMoment, time: Timestamp, basket: &'a [String]) -> Self {
        Self {
            venue: short_hash(venue.as_str()),
            hour_of_week: hour_of_week(local),
            second: start_of_day(time.as_second()),
            has_hour: true,
            basket,
        }
    }

    /// The same of a day, whatever the hour.
    #[must_use]
    pub fn of_day(self) -> Self {
        Self { has_hour: false, ..self }
    }

    /// When a purchase was, as far as it counts: where the hour does not, the UTC day.
    pub(super) fn seen(&self, second: i64) -> i64 {
        if self.has_hour { second } else { start_of_day(second) }
    }
}

/// What the recent purchases say.
pub(super) struct Votes {
    each: [f64; RECENT_MAX],
    /// Never 0.
    pub all: f64,
    highest: f64,
}

impl Votes {
    #[expect(clippy::large_types_passed_by_value, reason = "it is kept")]
    pub fn new(each: [f64; RECENT_MAX]) -> Self {
        let all = each.iter().sum::<f64>();
        Self { each, all: if all > 0.0 { all } else { 1.0 }, highest: each.iter().copied().fold(0.0, f64::max) }
    }

    /// The share of these purchases: summed over them, or over the others if they are fewer.
    pub fn share(&self, mask: Mask) -> f64 {
        let is_most = mask.count_ones() > Mask::BITS / 2;
        let sum: f64 = indices(if is_most { !mask } else { mask }).map(|index| self.each[index]).sum();
        (if is_most { self.all - sum } else { sum }) / self.all
    }

    /// What the share of so many purchases cannot exceed.
    pub fn share_max(&self, purchases: u32) -> f64 {
        f64::from(purchases) * self.highest / self.all
    }
}

pub(super) fn votes(habits: &Habits, now: &Now<'_>) -> Votes {
    let recent = &habits.recent;
    let is_chosen = |tally: &&Tally| now.basket.iter().any(|item| is_same_item(item, &tally.key));
    let chosen: Vec<&Tally> =
        if now.basket.is_empty() { Vec::new() } else { habits.items.iter().filter(is_chosen).collect() };
    let resembling = |like: fn(&RecentPurchase, &Now<'_>) -> bool| -> Mask {
        recent.iter().enumerate().fold(0, |mask, (index, one)| mask | (Mask::from(like(one, now)) << index))
    };
    let resemblances = [
        (resembling(|one, now| one.venue == now.venue), likeness::VENUE_EXPECTED),
        (resembling(|one, now| now.has_hour && is_near(one.hour_of_week, now.hour_of_week)), 0.0),
        (resembling(|one, now| one.hour_of_week / DAY_HOURS == now.hour_of_week / DAY_HOURS), 0.0),
    ];
    let gains = likeness::gains(&habits.items, recent.len(), resemblances);
    let mut votes = [0.0; RECENT_MAX];
    for (index, (vote, one)) in votes.iter_mut().zip(recent).enumerate() {
        let has = |mask: Mask| (mask >> index & 1) as f64;
        let gained: f64 = resemblances.iter().zip(gains).map(|((mask, _), gain)| has(*mask) * gain).sum();
        let in_common: f64 = chosen.iter().map(|tally| has(tally.recent)).sum();
        // With a basket begun, this is no small purchase any more.
        let items = if now.basket.is_empty() { 1.0 } else { f64::from(one.items.max(1)).sqrt() };
        *vote = (1.0 + gained)
            * (1.0 + in_common)
            * weight_of(&RecentPurchase { second: now.seen(one.second), ..*one }, now.second)
            * items;
    }
    Votes::new(votes)
}

/// The weight of a purchase without its resemblance to the moment. It falls with age, and with the number of items: each item
/// of a small purchase was more likely the reason for it.
pub(super) fn weight_of(purchase: &RecentPurchase, second: i64) -> f64 {
    let days = (second.saturating_sub(purchase.second) as f64 / DAY_SECONDS as f64).max(0.0);
    1.0 / (f64::from(purchase.items.max(1)) * (1.0 + days / FRESH_DAYS).sqrt()).sqrt()
}

/// Whether two hours are near on the clock, on any weekdays.
fn is_near(one: u8, other: u8) -> bool {
    debug_assert!(one < WEEK_HOURS && other < WEEK_HOURS);
    let apart = (one % DAY_HOURS).abs_diff(other % DAY_HOURS);
    apart.min(DAY_HOURS - apart) <= NEAR_HOURS
}
