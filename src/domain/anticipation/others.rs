//! What all customers of a tenant buy: how often, where, and what together. Learnt purchase by purchase, bounded, and safe:
//! nothing that fewer than [`CROWD_MIN`] customers bought is ever told or counted in.

use std::collections::BTreeMap;

use super::super::{habits::items_of, id::CustomerId, interaction::Interaction, recent::short_hash};

/// Fewer customers than this could be recognised by what they buy: a usual threshold of official statistics.
pub const CROWD_MIN: u32 = 5;
/// Items of a tenant. When there are twice as many, the least bought half goes.
pub const ITEMS_MAX: usize = 2_048;
/// Items of one venue; the same.
pub const VENUE_ITEMS_MAX: usize = 64;
/// Pairs of items; the same.
pub const PAIRS_MAX: usize = 8_192;
/// A larger purchase says little about what goes together, and its pairs grow with the square.
const PAIRED_ITEMS_MAX: usize = 32;
/// Parts of one in which weights are counted, so that they are whole and can be summed in any order.
pub(super) const PARTS: f64 = 256.0;

/// A set of customers of which only a lower bound of the size can be told: each sets one bit of 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crowd(pub u32);

impl Crowd {
    fn of(customer: CustomerId) -> Self {
        // The last byte of an id is random.
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
    pub purchases: u32,
    /// The same, each purchase as 256 / √(its items): what is bought for its own sake weighs more.
    pub weight: u64,
    pub crowd: Crowd,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    pub name: String,
    pub category: String,
    pub count: Count,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtVenue {
    pub purchases: u64,
    pub items: BTreeMap<u32, Count>,
}

/// What the customers of a tenant, or of a part of them, buy. Items and venues stand under their
/// [`short_hash`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Others {
    pub purchases: u64,
    pub items: BTreeMap<u32, Item>,
    pub venues: BTreeMap<u32, AtVenue>,
    /// Purchases that had both items; the lesser hash first.
    pub pairs: BTreeMap<(u32, u32), Count>,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.purchases = self.purchases.saturating_add(other.purchases);
        self.weight = self.weight.saturating_add(other.weight);
        self.crowd.0 |= other.crowd.0;
    }

    /// Customers that were counted stay in the crowd: nobody can tell whether they bought it another time.
    fn take(&mut self, other: Self) {
        self.purchases = self.purchases.saturating_sub(other.purchases);
        self.weight = self.weight.saturating_sub(other.weight);
    }
}

impl Others {
    /// Counts what a customer bought. The order of purchases does not matter while nothing has to go.
    pub fn fold(&mut self, customer: CustomerId, interaction: &Interaction) {
        self.change(customer, interaction, Count::add);
        self.bound();
    }

    /// Takes a purchase back that was counted.
    pub fn unfold(&mut self, customer: CustomerId, interaction: &Interaction) {
        self.change(customer, interaction, Count::take);
        self.items.retain(|_, item| item.count.purchases > 0);
        self.venues.retain(|_, venue| venue.purchases > 0);
        self.venues.values_mut().for_each(|venue| venue.items.retain(|_, count| count.purchases > 0));
        self.pairs.retain(|_, count| count.purchases > 0);
    }

    /// Adds what another part of the customers bought.
    pub fn merge(&mut self, other: &Self) {
        self.purchases = self.purchases.saturating_add(other.purchases);
        for (hash, item) in &other.items {
            self.items.entry(*hash).or_insert_with(|| item.unbought()).count.add(item.count);
        }
        for (hash, venue) in &other.venues {
            let own = self.venues.entry(*hash).or_default();
            own.purchases = own.purchases.saturating_add(venue.purchases);
            venue.items.iter().for_each(|(hash, count)| own.items.entry(*hash).or_default().add(*count));
        }
        other.pairs.iter().for_each(|(pair, count)| self.pairs.entry(*pair).or_default().add(*count));
        self.bound();
    }

    fn change(&mut self, customer: CustomerId, interaction: &Interaction, change: fn(&mut Count, Count)) {
        let Some(purchase) = &interaction.purchase else {
            return;
        };
        let items = items_of(purchase);
        if items.is_empty() {
            return;
        }
        let weight = (PARTS / (items.len() as f64).sqrt()).round() as u64;
        let one = Count { purchases: 1, weight, crowd: Crowd::of(customer) };
        let mut all = Count { purchases: 0, weight: 0, crowd: Crowd::default() };
        change(&mut all, one);
        let count = |known: u64| if all.purchases == 1 { known.saturating_add(1) } else { known.saturating_sub(1) };
        self.purchases = count(self.purchases);
        let venue = self.venues.entry(short_hash(interaction.venue.as_str())).or_default();
        venue.purchases = count(venue.purchases);
        let mut hashes = Vec::with_capacity(items.len());
        for (name, category) in items {
            let hash = short_hash(name);
            let item = self.items.entry(hash).or_insert_with(|| Item {
                name: name.to_owned(),
                category: category.to_owned(),
                count: Count::default(),
            });
            change(&mut item.count, one);
            change(venue.items.entry(hash).or_default(), one);
            hashes.push(hash);
        }
        if hashes.len() > PAIRED_ITEMS_MAX {
            return;
        }
        hashes.sort_unstable();
        for (place, first) in hashes.iter().enumerate() {
            for second in &hashes[place + 1..] {
                change(self.pairs.entry((*first, *second)).or_default(), one);
            }
        }
    }

    fn bound(&mut self) {
        keep_most(&mut self.items, ITEMS_MAX, |item| item.count.weight);
        keep_most(&mut self.pairs, PAIRS_MAX, |count| u64::from(count.purchases));
        for venue in self.venues.values_mut() {
            keep_most(&mut venue.items, VENUE_ITEMS_MAX, |count| count.weight);
        }
    }
}

impl Item {
    fn unbought(&self) -> Self {
        Self { name: self.name.clone(), category: self.category.clone(), count: Count::default() }
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
#[path = "others_tests.rs"]
mod tests;
