//! What interactions add up to: bounded counts that take late and disordered arrivals, and can be undone.
//!
//! All counts are whole numbers and all times are extremes, so folding is commutative exactly. Recency is kept as counts
//! per period of 28 days, the newest 13 periods; weights are computed from them when read.

use super::{
    interaction::{Interaction, InteractionKind, LocalMoment, Purchase},
    recent::{self, Mask, RecentPurchase},
    whereabouts::Whereabouts,
};
use crate::domain::kernel::{
    id::VenueId,
    limits::{CURRENCIES_MAX, HABIT_CATEGORIES_MAX, HABIT_ITEMS_MAX},
    money::{Currency, Money},
    time::{DAY_SECONDS, Timestamp},
};

/// Days of one period: four weeks, so that every period has each weekday equally often.
pub const PERIOD_DAYS: i32 = 28;
/// Periods kept: a year.
pub const PERIODS: usize = 13;
/// Parts of the day: six of four hours each, from midnight.
pub const DAYPARTS: usize = 6;
/// Cells of the week: weekday (Monday first) × part of the day.
pub const CELLS: usize = 7 * DAYPARTS;

/// How often something was bought, and when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    pub key: String,
    /// An item's category; empty for a category.
    pub category: String,
    /// Purchases that had it: a basket counts once, however many lines.
    pub count: u32,
    /// The counts are minima: others had been evicted when this one was admitted, so it may be one of them come back.
    pub at_least: bool,
    /// Counts by period, newest first: index 0 is [`Habits::newest_period`].
    pub periods: [u16; PERIODS],
    /// Seconds since 1970.
    pub first: i64,
    pub last: i64,
    /// Which of [`Habits::recent`] had it.
    pub recent: Mask,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spend {
    pub currency: Currency,
    pub minor_units: i64,
    pub purchases: u64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Habits {
    pub visits: u64,
    pub purchases: u64,
    pub lines: u64,
    pub contacts: u64,
    pub first_visit: Option<Timestamp>,
    pub last_visit: Option<Timestamp>,
    /// At which venues; empty although there were visits: a record of before they were kept.
    pub whereabouts: Whereabouts,
    /// Visits by cell of the week; empty, or [`CELLS`] long.
    pub visit_cells: Vec<u32>,
    /// Visits by hour; empty, or 24 long.
    pub visit_hours: Vec<u32>,
    pub spend: Vec<Spend>,
    /// The newest period of any interaction: days since 1970 / [`PERIOD_DAYS`].
    pub newest_period: i32,
    /// The newest purchases that had an item, the newest first.
    pub recent: Vec<RecentPurchase>,
    pub items: Vec<Tally>,
    pub categories: Vec<Tally>,
    /// An item was evicted at some time; what is admitted from then on may have been counted before.
    pub items_evicted: bool,
    /// The same of categories.
    pub categories_evicted: bool,
    /// Interactions in the history.
    pub kept: u32,
    /// Interactions up to here were dropped from the history: no longer recognised, so no longer folded.
    pub horizon: Option<Timestamp>,
}

/// Weight of a count by its age in periods, in parts of 4096: 4096 × 2^(−age/3). Three periods are the half-life of
/// [`HALF_LIFE_DAYS`]. Whole numbers, so that every replica evicts the same tally.
const PERIOD_WEIGHTS: [u64; PERIODS] = [4096, 3251, 2580, 2048, 1625, 1290, 1024, 813, 645, 512, 406, 323, 256];
/// Days after which a purchase counts half: a season.
pub const HALF_LIFE_DAYS: i32 = 3 * PERIOD_DAYS;
const HOURS: usize = 24;
/// Days by which a business date may lie behind the date in UTC: a zone in the west, and a day that begins in the afternoon.
const ZONE_DAYS: i64 = 2;

/// When an interaction happened, as it is counted.
#[derive(Clone, Copy)]
struct CountedAt {
    period: i32,
    cell: u8,
    hour: usize,
    second: i64,
}

impl CountedAt {
    fn of(interaction: &Interaction) -> Self {
        let local = interaction.local;
        Self {
            period: period_of(days_since_1970(local.date)),
            cell: cell_of(local),
            hour: usize::from(local.hour.clamp(0, 23).unsigned_abs()),
            second: interaction.occur_time.as_second(),
        }
    }
}

/// The cell of the week: weekday of the business date × part of the day.
pub fn cell_of(local: LocalMoment) -> u8 {
    cell_of_hour(recent::hour_of_week(local))
}

/// The cell that an hour of the week is in.
fn cell_of_hour(hour_of_week: u8) -> u8 {
    hour_of_week / HOURS_PER_DAYPART
}

/// Hours of one part of the day.
const HOURS_PER_DAYPART: u8 = (HOURS / DAYPARTS) as u8;

fn days_since_1970(date: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.duration_since(epoch).as_hours().div_euclid(24) as i32
}

fn period_of(days: i32) -> i32 {
    days.div_euclid(PERIOD_DAYS)
}

impl Habits {
    /// Counts an interaction.
    ///
    /// The order of interactions does not matter while items, categories and currencies are within their limits.
    pub fn fold(&mut self, interaction: &Interaction) {
        let at = CountedAt::of(interaction);
        if interaction.was_there() {
            // Before the counts move on: what was before is placed by them.
            self.whereabouts = self.placed();
            self.whereabouts.fold(&interaction.venue, interaction.occur_time);
        }
        self.advance(at.period);
        if interaction.kind == InteractionKind::Contact {
            self.contacts = self.contacts.saturating_add(1);
        }
        if interaction.is_visit() {
            self.fold_visit(at, interaction.occur_time);
        }
        let Some(purchase) = &interaction.purchase else {
            return;
        };
        self.purchases = self.purchases.saturating_add(1);
        self.lines = self.lines.saturating_add(purchase.lines.len() as u64);
        self.fold_spend(purchase.total);
        let newest = self.newest_period;
        let items = items_of(purchase);
        let bit = self.remember(&RecentPurchase::of(interaction, &items), items.is_empty());
        for (item, category) in items {
            count_in(&mut self.items, item, category, at, newest, self.items_evicted).recent |= bit;
        }
        self.items_evicted |= evict(&mut self.items, HABIT_ITEMS_MAX);
        for category in categories_of(purchase) {
            count_in(&mut self.categories, category, "", at, newest, self.categories_evicted);
        }
        self.categories_evicted |= evict(&mut self.categories, HABIT_CATEGORIES_MAX);
    }

    /// Takes an interaction back that was counted.
    ///
    /// Every count is as if it had never been. The first and last times and the newest period are extremes, which counts
    /// alone cannot take back: they stay, until nothing is left that they could be about. If it was the latest visit to its
    /// venue, it is not known when the one before was: see [`Whereabouts::unfold`].
    pub fn unfold(&mut self, interaction: &Interaction) {
        self.unfold_counts(interaction);
        if interaction.was_there() {
            self.whereabouts.unfold(&interaction.venue, interaction.occur_time, &self.recent);
        }
        if self.visits == 0 && self.purchases == 0 {
            self.whereabouts = Whereabouts::default();
        }
    }

    fn unfold_counts(&mut self, interaction: &Interaction) {
        let at = CountedAt::of(interaction);
        if interaction.kind == InteractionKind::Contact {
            self.contacts = self.contacts.saturating_sub(1);
        }
        if interaction.is_visit() {
            self.unfold_visit(at);
        }
        let Some(purchase) = &interaction.purchase else {
            return;
        };
        self.purchases = self.purchases.saturating_sub(1);
        self.lines = self.lines.saturating_sub(purchase.lines.len() as u64);
        self.unfold_spend(purchase.total);
        let items = items_of(purchase);
        if let Some(gone) = recent::remove(&mut self.recent, &RecentPurchase::of(interaction, &items)) {
            self.items.iter_mut().for_each(|tally| tally.recent = recent::closed(tally.recent, gone));
        }
        for (item, _) in items {
            uncount_in(&mut self.items, item, at, self.newest_period);
        }
        for category in categories_of(purchase) {
            uncount_in(&mut self.categories, category, at, self.newest_period);
        }
    }

    /// Whether the customer was at a venue at `since` or later; `None`: it is not known at which venues they were.
    pub fn was_at(&self, venue: &VenueId, since: Timestamp) -> Option<bool> {
        self.placed().was_at(venue, since)
    }

    /// Where the customer was, as far as the record tells.
    fn placed(&self) -> Whereabouts {
        if !self.whereabouts.is_empty() || (self.visits == 0 && self.purchases == 0) {
            return self.whereabouts.clone();
        }
        // A purchase of a visit is in no time of a visit: of one that is not kept apart, the period says how late it may have been.
        let days = (i64::from(self.newest_period) + 1) * i64::from(PERIOD_DAYS) + ZONE_DAYS;
        let unplaced = (self.purchases > self.recent.len() as u64).then_some(days * DAY_SECONDS);
        Whereabouts::of_before(&self.recent, self.last_visit.map(Timestamp::as_second).max(unplaced))
    }

    /// Usual days between visits; `None` before the second.
    pub fn usual_interval_days(&self) -> Option<f64> {
        let (first, last) = (self.first_visit?, self.last_visit?);
        let gaps = self.visits.checked_sub(1).filter(|gaps| *gaps > 0)?;
        let seconds = last.as_second().saturating_sub(first.as_second());
        Some(seconds as f64 / DAY_SECONDS as f64 / gaps as f64)
    }

    /// The recent weight of a tally at `now`: its counts by period with a half-life of [`HALF_LIFE_DAYS`].
    ///
    /// It changes from period to period, not within one.
    pub fn weight(&self, tally: &Tally, now: Timestamp) -> f64 {
        let current = i32::try_from(now.as_second().div_euclid(DAY_SECONDS)).map_or(self.newest_period, period_of);
        let behind = current.saturating_sub(self.newest_period).max(0);
        let whole = tally.rank() as f64 / PERIOD_WEIGHTS[0] as f64;
        whole * (-f64::from(behind * PERIOD_DAYS) / f64::from(HALF_LIFE_DAYS)).exp2()
    }

    /// Whether an item is counted.
    pub fn has_item(&self, item: &str) -> bool {
        self.items.binary_search_by(|tally| tally.key.as_str().cmp(item)).is_ok()
    }

    /// Visits in a cell of the week.
    pub fn visits_in(&self, cell: u8) -> u32 {
        self.visit_cells.get(usize::from(cell)).copied().unwrap_or(0)
    }

    /// How many of the newest purchases in a cell of the week had an item.
    pub fn recent_in(&self, tally: &Tally, cell: u8) -> u32 {
        let had = recent::indices(tally.recent).filter_map(|index| self.recent.get(index));
        had.filter(|purchase| cell_of_hour(purchase.hour_of_week) == cell).count() as u32
    }

    /// How many of the newest purchases were in a cell of the week.
    pub fn recent_purchases_in(&self, cell: u8) -> u32 {
        self.recent.iter().filter(|purchase| cell_of_hour(purchase.hour_of_week) == cell).count() as u32
    }

    /// Moves all counts on to a newer period; what becomes older than a year is dropped.
    fn advance(&mut self, period: i32) {
        let steps = period.saturating_sub(self.newest_period);
        if steps <= 0 {
            return;
        }
        self.newest_period = period;
        let steps = usize::try_from(steps).unwrap_or(PERIODS).min(PERIODS);
        for tally in self.items.iter_mut().chain(&mut self.categories) {
            tally.periods.copy_within(..PERIODS - steps, steps);
            tally.periods[..steps].fill(0);
        }
    }

    /// Puts a purchase among the newest; the bit that its items get.
    fn remember(&mut self, purchase: &RecentPurchase, is_empty: bool) -> Mask {
        if is_empty {
            return 0;
        }
        let Some(index) = recent::insert(&mut self.recent, *purchase) else {
            return 0;
        };
        self.items.iter_mut().for_each(|tally| tally.recent = recent::opened(tally.recent, index));
        1 << index
    }

    fn fold_visit(&mut self, at: CountedAt, time: Timestamp) {
        self.visits = self.visits.saturating_add(1);
        self.first_visit = Some(self.first_visit.map_or(time, |first| first.min(time)));
        self.last_visit = self.last_visit.max(Some(time));
        self.visit_cells.resize(CELLS, 0);
        self.visit_hours.resize(HOURS, 0);
        let (cell, hour) = (&mut self.visit_cells[usize::from(at.cell)], &mut self.visit_hours[at.hour]);
        *cell = cell.saturating_add(1);
        *hour = hour.saturating_add(1);
    }

    fn unfold_visit(&mut self, at: CountedAt) {
        self.visits = self.visits.saturating_sub(1);
        if let Some(cell) = self.visit_cells.get_mut(usize::from(at.cell)) {
            *cell = cell.saturating_sub(1);
        }
        if let Some(hour) = self.visit_hours.get_mut(at.hour) {
            *hour = hour.saturating_sub(1);
        }
        if self.visits == 0 {
            self.first_visit = None;
            self.last_visit = None;
            self.visit_cells.clear();
            self.visit_hours.clear();
        }
    }

    /// A currency beyond the limit is not summed; the purchase still counts in everything else.
    fn fold_spend(&mut self, total: Money) {
        let index = match self.spend.binary_search_by_key(&total.currency, |spend| spend.currency) {
            Ok(index) => index,
            Err(_) if self.spend.len() >= CURRENCIES_MAX => return,
            Err(index) => {
                self.spend.insert(index, Spend { currency: total.currency, minor_units: 0, purchases: 0 });
                index
            }
        };
        let spend = &mut self.spend[index];
        spend.minor_units = spend.minor_units.saturating_add(total.minor_units);
        spend.purchases = spend.purchases.saturating_add(1);
    }

    fn unfold_spend(&mut self, total: Money) {
        let Ok(index) = self.spend.binary_search_by_key(&total.currency, |spend| spend.currency) else {
            return;
        };
        let spend = &mut self.spend[index];
        spend.minor_units = spend.minor_units.saturating_sub(total.minor_units).max(0);
        spend.purchases = spend.purchases.saturating_sub(1);
        if spend.purchases == 0 {
            self.spend.remove(index);
        }
    }
}

impl Tally {
    /// Recent weight in parts of 4096: decides which tally is evicted.
    fn rank(&self) -> u64 {
        self.periods.iter().zip(PERIOD_WEIGHTS).map(|(count, weight)| u64::from(*count) * weight).sum()
    }
}

/// The items of a purchase with their categories, each once. A line taken back (a negative quantity) is no purchase.
pub(in crate::domain) fn items_of(purchase: &Purchase) -> Vec<(&str, &str)> {
    let bought = purchase.lines.iter().filter(|line| line.quantity >= 0.0 && !line.item.is_empty());
    let mut items: Vec<(&str, &str)> = bought.map(|line| (line.item.as_str(), line.category.as_str())).collect();
    // The greatest category last, where `dedup_by` keeps the first: so sort it first.
    items.sort_unstable_by(|one, other| one.0.cmp(other.0).then(other.1.cmp(one.1)));
    items.dedup_by(|next, kept| next.0 == kept.0);
    items
}

fn categories_of(purchase: &Purchase) -> Vec<&str> {
    let bought = purchase.lines.iter().filter(|line| line.quantity >= 0.0 && !line.category.is_empty());
    let mut categories: Vec<&str> = bought.map(|line| line.category.as_str()).collect();
    categories.sort_unstable();
    categories.dedup();
    categories
}

/// Counts a key. Tallies are ordered by key, so that equal counts make equal lists. `at_least`: that of a new tally.
fn count_in<'a>(
    tallies: &'a mut Vec<Tally>,
    key: &str,
    category: &str,
    at: CountedAt,
    newest: i32,
    at_least: bool,
) -> &'a mut Tally {
    let found = tallies.binary_search_by(|tally| tally.key.as_str().cmp(key));
    let index = found.unwrap_or_else(|index| {
        let tally = Tally { key: key.to_owned(), at_least, first: at.second, last: at.second, ..Tally::default() };
        tallies.insert(index, tally);
        index
    });
    let tally = &mut tallies[index];
    // Of several categories the greatest name: any rule will do that does not depend on the order of arrival.
    if tally.category.as_str() < category {
        category.clone_into(&mut tally.category);
    }
    tally.count = tally.count.saturating_add(1);
    tally.first = tally.first.min(at.second);
    tally.last = tally.last.max(at.second);
    if let Some(count) = period_slot(&mut tally.periods, at.period, newest) {
        *count = count.saturating_add(1);
    }
    tally
}

fn uncount_in(tallies: &mut Vec<Tally>, key: &str, at: CountedAt, newest: i32) {
    // Evicted meanwhile: nothing is left to take back.
    let Ok(index) = tallies.binary_search_by(|tally| tally.key.as_str().cmp(key)) else {
        return;
    };
    let tally = &mut tallies[index];
    // Evicted and come back: what was counted before that is gone already.
    if tally.at_least && at.second < tally.first {
        return;
    }
    tally.count = tally.count.saturating_sub(1);
    if tally.count == 0 {
        tallies.remove(index);
        return;
    }
    if let Some(count) = period_slot(&mut tally.periods, at.period, newest) {
        *count = count.saturating_sub(1);
    }
}

fn period_slot(periods: &mut [u16; PERIODS], period: i32, newest: i32) -> Option<&mut u16> {
    usize::try_from(newest.saturating_sub(period)).ok().and_then(|age| periods.get_mut(age))
}

/// Drops the tallies with the lowest recent weight; among equals the fewer purchases, the longer ago, the later key.
/// Whether there were any to drop.
fn evict(tallies: &mut Vec<Tally>, max: usize) -> bool {
    let is_full = tallies.len() > max;
    while tallies.len() > max {
        let lowest = tallies.iter().enumerate().min_by(|(_, one), (_, other)| {
            let rank = |tally: &Tally| (tally.rank(), tally.count, tally.last);
            rank(one).cmp(&rank(other)).then_with(|| other.key.cmp(&one.key))
        });
        match lowest {
            Some((index, _)) => tallies.remove(index),
            None => break,
        };
    }
    is_full
}

#[cfg(test)]
#[path = "habits_tests.rs"]
mod tests;
