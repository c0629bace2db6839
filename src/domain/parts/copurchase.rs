//! What all customers of a tenant buy: how often, where, and what together. Learnt purchase by purchase, bounded, and safe:
//! nothing that fewer than [`CROWD_MIN`] customers bought is ever told or counted in.

use std::collections::BTreeMap;

use super::{
    habits::items_of,
    interaction::Interaction,
    recent::short_hash,
    repurchase::{Again, LAGS, Observation},
};
use crate::domain::kernel::{id::CustomerId, time::DAY_SECONDS};

/// An item that fewer customers bought is forgotten when so many days have passed since the last purchase: a month, in which what many buy is
/// bought by five.
pub const RARE_DAYS: u32 = 30;
/// Fewer customers than this could be recognised by what they buy: a usual threshold of official statistics.
pub const CROWD_MIN: u32 = 5;
/// Items of a tenant. When there are twice as many, the least bought half goes.
pub const ITEMS_MAX: usize = 2_048;
/// Items of one venue; the same.
pub const VENUE_ITEMS_MAX: usize = 64;
/// Venues; the same, and the least visited go. A document of all that is full takes some 2 MB.
pub const VENUES_MAX: usize = 256;
/// Pairs of items; the same.
pub const PAIRS_MAX: usize = 8_192;
/// A larger purchase says little about what goes together, and its pairs grow with the square.
const PAIRED_ITEMS_MAX: usize = 32;
/// Parts of one in which weights are counted, so that they are whole and can be summed in any order.
pub(in crate::domain) const PARTS: f64 = 256.0;
/// Days after which observations count half: seasons fade.
const HALF_LIFE_DAYS: i64 = 14;

/// A set of customers, as a filter of 32 bits of which each customer sets one: it gives a lower bound of their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crowd(pub u32);

impl Crowd {
    /// Surely enough: the least that says so, and nothing of who.
    const ENOUGH: Self = Self((1 << CROWD_MIN) - 1);

    fn of(customer: CustomerId) -> Self {
        // The last byte of an id is random, and so is that of a keyed hash in its place.
        Self(1 << (customer.as_bytes()[15] % 32))
    }

    /// Whether there are surely enough customers.
    pub fn hides_each(self) -> bool {
        self.0.count_ones() >= CROWD_MIN
    }
}

/// How often something was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Purchases that had it, in any quantity.
    pub purchases: u32,
    /// The same, each purchase as 256 / √(its items): what is bought for its own sake weighs more.
    pub weight: u64,
    /// Who bought it.
    pub crowd: Crowd,
}

/// What is known of one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// Empty, like the category, until an addition brings it. It is not stored until enough customers bought the item.
    pub name: String,
    /// The category of the first addition.
    pub category: String,
    /// At all venues.
    pub count: Count,
    /// How readily it is bought again, as of [`Others::half_life`].
    pub again: Again,
    /// The day, since 1970, on which a purchase of it was counted last; 0: it was not noted.
    pub day: u32,
}

/// What is bought at one venue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtVenue {
    /// All of the venue's, with items or without.
    pub purchases: u64,
    /// Up to [`VENUE_ITEMS_MAX`], twice as many between two cuts.
    pub items: BTreeMap<u32, Count>,
}

/// What the customers of a tenant, or of a part of them, buy. Items and venues are keyed by their
/// [`short_hash`]; where they are kept, items are keyed by another hash in its place, see [`Others::renamed`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Others {
    /// All of them, with items or without.
    pub purchases: u64,
    /// Up to `ITEMS_MAX`, twice as many between two cuts.
    pub items: BTreeMap<u32, Item>,
    /// Up to `VENUES_MAX`, twice as many between two cuts.
    pub venues: BTreeMap<u32, AtVenue>,
    /// Purchases that had both items; the lesser hash first.
    pub pairs: BTreeMap<(u32, u32), Count>,
    /// How readily anything is bought again, by [`super::repurchase::lag`].
    pub lags: [Again; LAGS],
    /// The newest of the spans of 14 days since 1970 in which something was bought: with each, what was counted
    /// of `Item::again` before is halved.
    pub half_life: i64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.purchases = self.purchases.saturating_add(other.purchases);
        self.weight = self.weight.saturating_add(other.weight);
        self.crowd.0 |= other.crowd.0;
    }

    /// Subtracts; answers whether nothing is left. Customers stay in the crowd: whether they bought it another time is not
    /// known.
    fn take(&mut self, other: Self) -> bool {
        self.purchases = self.purchases.saturating_sub(other.purchases);
        self.weight = self.weight.saturating_sub(other.weight);
        self.purchases == 0
    }
}

impl Others {
    /// Counts what a customer bought; an id that stands for the customer here does as well. The order of purchases does not matter while nothing has to go, but for the rounding
    /// of halves. `observations`: see `anticipation::observe`.
    pub fn fold(&mut self, customer: CustomerId, interaction: &Interaction, observations: &[Observation]) {
        let Some(purchase) = &interaction.purchase else {
            return;
        };
        let items = items_of(purchase);
        if items.is_empty() {
            return;
        }
        let weight = (PARTS / (items.len() as f64).sqrt()).round() as u64;
        let one = Count { purchases: 1, weight, crowd: Crowd::of(customer) };
        self.purchases = self.purchases.saturating_add(1);
        let venue = self.venues.entry(short_hash(interaction.venue.as_str())).or_default();
        venue.purchases = venue.purchases.saturating_add(1);
        let mut hashes = Vec::with_capacity(items.len());
        for (name, category) in items {
            let hash = short_hash(name);
            self.items.entry(hash).or_default().add(name, category, one);
            venue.items.entry(hash).or_default().add(one);
            hashes.push(hash);
        }
        if hashes.len() <= PAIRED_ITEMS_MAX {
            hashes.sort_unstable();
            for (index, first) in hashes.iter().enumerate() {
                let pairs = hashes[index + 1..].iter().map(|second| (*first, *second));
                pairs.for_each(|pair| self.pairs.entry(pair).or_default().add(one));
            }
        }
        let day = interaction.occur_time.as_second().div_euclid(DAY_SECONDS);
        let halvings = self.halvings_since(day.div_euclid(HALF_LIFE_DAYS));
        for one in observations {
            self.items.entry(one.hash).or_default().again.add(one.by_lag.halved(halvings));
            self.lags[one.lag].add(one.by_share);
        }
        self.bound();
    }

    /// How often what was counted in a half-life has been halved by now; moves on to that half-life if it is newer.
    fn halvings_since(&mut self, half_life: i64) -> u32 {
        let since = |newer: i64, older: i64| u32::try_from(newer.saturating_sub(older)).unwrap_or(0);
        let newer = since(half_life, self.half_life);
        if newer > 0 {
            self.half_life = half_life;
            self.items.values_mut().for_each(|item| item.again = item.again.halved(newer));
        }
        since(self.half_life, half_life)
    }

    /// Takes a purchase back that was counted.
    pub fn unfold(&mut self, customer: CustomerId, interaction: &Interaction, observations: &[Observation]) {
        let mut one = Self::default();
        one.fold(customer, interaction, observations);
        self.take(&one);
    }

    /// Adds what another part of the customers bought.
    pub fn merge(&mut self, other: &Self) {
        self.purchases = self.purchases.saturating_add(other.purchases);
        let halvings = self.halvings_since(other.half_life);
        for (hash, item) in &other.items {
            let own = self.items.entry(*hash).or_default();
            own.add(&item.name, &item.category, item.count);
            own.again.add(item.again.halved(halvings));
            own.day = own.day.max(item.day);
        }
        self.lags.iter_mut().zip(other.lags).for_each(|(own, lag)| own.add(lag));
        for (hash, venue) in &other.venues {
            let own = self.venues.entry(*hash).or_default();
            own.purchases = own.purchases.saturating_add(venue.purchases);
            venue.items.iter().for_each(|(hash, count)| own.items.entry(*hash).or_default().add(*count));
        }
        other.pairs.iter().for_each(|(pair, count)| self.pairs.entry(*pair).or_default().add(*count));
        self.bound();
    }

    /// Takes back what was counted apart. What is not here, or no more, is left out.
    pub fn take(&mut self, other: &Self) {
        self.purchases = self.purchases.saturating_sub(other.purchases);
        let halvings = self.halvings_since(other.half_life);
        for (hash, item) in &other.items {
            take_in(&mut self.items, hash, |own| {
                own.again.take(item.again.halved(halvings));
                own.count.take(item.count)
            });
        }
        self.lags.iter_mut().zip(other.lags).for_each(|(own, lag)| own.take(lag));
        for (hash, venue) in &other.venues {
            take_in(&mut self.venues, hash, |own| {
                for (hash, count) in &venue.items {
                    take_in(&mut own.items, hash, |own| own.take(*count));
                }
                own.purchases = own.purchases.saturating_sub(venue.purchases);
                own.purchases == 0
            });
        }
        for (pair, count) in &other.pairs {
            take_in(&mut self.pairs, pair, |own| own.take(*count));
        }
    }

    /// The same with items under other hashes: where items are kept, one that only who has a key can make of a name. Two that get the same
    /// hash count as one.
    #[must_use]
    pub fn renamed(&self, hash: impl Fn(u32) -> u32) -> Self {
        self.mapped(|item| Some(hash(item)))
    }

    /// What may be told: the items that enough customers bought, under the hashes of their names.
    #[must_use]
    pub fn told(&self) -> Self {
        let public = self.items.iter().filter(|(_, item)| item.count.crowd.hides_each() && !item.name.is_empty());
        let names: BTreeMap<u32, u32> = public.map(|(hash, item)| (*hash, short_hash(&item.name))).collect();
        self.mapped(|item| names.get(&item).copied())
    }

    /// With the items under these hashes; without those that have none.
    fn mapped(&self, hash: impl Fn(u32) -> Option<u32>) -> Self {
        let mut mapped =
            Self { purchases: self.purchases, lags: self.lags, half_life: self.half_life, ..Self::default() };
        for (old, item) in &self.items {
            let Some(new) = hash(*old) else { continue };
            let own = mapped.items.entry(new).or_default();
            own.add(&item.name, &item.category, item.count);
            own.again.add(item.again);
            own.day = own.day.max(item.day);
        }
        for (name, venue) in &self.venues {
            let own = mapped.venues.entry(*name).or_default();
            own.purchases = venue.purchases;
            let items = venue.items.iter().filter_map(|(old, count)| Some((hash(*old)?, *count)));
            items.for_each(|(new, count)| own.items.entry(new).or_default().add(count));
        }
        for ((one, other), count) in &self.pairs {
            if let (Some(one), Some(other)) = (hash(*one), hash(*other))
                && one != other
            {
                mapped.pairs.entry((one.min(other), one.max(other))).or_default().add(*count);
            }
        }
        mapped
    }

    /// Notes that what was bought here was bought on this day.
    pub fn note_day(&mut self, day: u32) {
        self.items.values_mut().filter(|item| item.count.purchases > 0).for_each(|item| item.day = day);
    }

    /// Begins every crowd anew that does not hide its customers yet: customers are told apart otherwise from now on, and nobody must count
    /// twice.
    pub fn begin_crowds(&mut self, today: u32) {
        let begun = |count: &mut Count| {
            count.crowd = if count.crowd.hides_each() { Crowd::ENOUGH } else { Crowd::default() };
        };
        self.pairs.values_mut().for_each(begun);
        self.venues.values_mut().flat_map(|venue| venue.items.values_mut()).for_each(begun);
        for item in self.items.values_mut() {
            begun(&mut item.count);
            item.day = today;
        }
    }

    /// Whether [`Others::forget_rare`] would forget something.
    pub fn has_forgotten(&self, today: u32) -> bool {
        self.items.values().any(|item| item.is_forgotten(today))
    }

    /// Forgets items that few customers bought, and that nobody has bought for `RARE_DAYS`, with all that tells of them.
    pub fn forget_rare(&mut self, today: u32) {
        if !self.has_forgotten(today) {
            return;
        }
        self.items.retain(|_, item| !item.is_forgotten(today));
        let items = &self.items;
        self.pairs.retain(|(one, other), _| items.contains_key(one) && items.contains_key(other));
        self.venues.values_mut().for_each(|venue| venue.items.retain(|hash, _| items.contains_key(hash)));
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn bound(&mut self) {
        keep_most(&mut self.items, ITEMS_MAX, |item| item.count.weight);
        keep_most(&mut self.pairs, PAIRS_MAX, |count| u64::from(count.purchases));
        keep_most(&mut self.venues, VENUES_MAX, |venue| venue.purchases);
        for venue in self.venues.values_mut() {
            keep_most(&mut venue.items, VENUE_ITEMS_MAX, |count| count.weight);
        }
    }
}

impl Item {
    fn is_forgotten(&self, today: u32) -> bool {
        !self.count.crowd.hides_each() && self.day.saturating_add(RARE_DAYS) < today
    }

    fn add(&mut self, name: &str, category: &str, count: Count) {
        if self.name.is_empty() {
            name.clone_into(&mut self.name);
            category.clone_into(&mut self.category);
        }
        self.count.add(count);
    }
}

/// Takes back from the entry of a key; `take` answers whether nothing is left.
fn take_in<K: Ord, V>(counts: &mut BTreeMap<K, V>, key: &K, take: impl FnOnce(&mut V) -> bool) {
    if counts.get_mut(key).is_some_and(take) {
        counts.remove(key);
    }
}

/// When there are more than twice as many, keeps those with the greatest rank; among equals the lesser key.
fn keep_most<K: Ord + Copy, V>(counts: &mut BTreeMap<K, V>, max: usize, rank: impl Fn(&V) -> u64) {
    if counts.len() <= 2 * max {
        return;
    }
    let mut ranks: Vec<(std::cmp::Reverse<u64>, K)> =
        counts.iter().map(|(key, value)| (std::cmp::Reverse(rank(value)), *key)).collect();
    ranks.sort_unstable();
    ranks[max..].iter().for_each(|(_, key)| {
        counts.remove(key);
    });
}

#[cfg(test)]
#[path = "copurchase_tests.rs"]
mod tests;
