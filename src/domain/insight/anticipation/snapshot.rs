//! What others buy, made ready for reading: only what enough customers bought, and at each venue what is bought most.

use std::collections::HashMap;

use fnv::FnvBuildHasher;

use super::expected::Expected;
use crate::domain::parts::{
    copurchase::{AtVenue, Item, Others, PARTS},
    recent::short_hash,
    repurchase::{Again, LAGS},
};

/// Items of a venue that are looked at although the customer never bought them; the same of all venues together.
pub(super) const MOST_BOUGHT_MAX: usize = 16;
/// Purchases of the whole tenant's that a venue's own are mixed with: what few purchases leave open.
const VENUE_EXPECTED: f64 = 30.0;
/// The same for purchases that have an item of the basket.
const PAIR_EXPECTED: f64 = 100.0;
/// Purchases of an item worth of belief that it is bought again as all are.
const AGAIN_EXPECTED: f64 = 20.0;
/// The same for a time since an item was bought: that it does not matter.
const LAG_EXPECTED: f64 = 50.0;

#[derive(Debug)]
struct Known {
    name: String,
    category: String,
    purchases: f64,
    /// Share of all purchases, and the same with small purchases weighing more.
    share: f64,
    weight: f64,
    /// How much oftener than its share says it is bought again.
    again: f64,
}

#[derive(Debug)]
struct Venue {
    shares: ByHash<Share>,
    /// Of an item that is not among them: which part of its share everywhere it has here.
    elsewhere: f64,
    most_bought: Vec<u32>,
}

/// How much an item is bought at a venue.
#[derive(Debug, Clone, Copy)]
struct Share {
    /// See [`Here::share`].
    mixed: f64,
    /// Of the venue's purchases alone, see [`Expected::of_venue`].
    own: f64,
}

type ByHash<T> = HashMap<u32, T, FnvBuildHasher>;

/// What others buy, at one moment. Nothing in it stands for fewer customers than `CROWD_MIN`.
#[derive(Debug)]
pub struct Snapshot {
    items: ByHash<Known>,
    venues: ByHash<Venue>,
    most_bought: Vec<u32>,
    /// Purchases that had both; the lesser hash first.
    pairs: HashMap<(u32, u32), f64, FnvBuildHasher>,
    /// How much oftener than its share says anything is bought again, by the time since.
    pub(super) lags: [f64; LAGS],
}

impl Snapshot {
    /// Works out once what every reader of a briefing would.
    pub fn of(others: &Others) -> Self {
        let all = others.purchases.max(1) as f64;
        let known = |item: &Item| Known {
            name: item.name.clone(),
            category: item.category.clone(),
            purchases: f64::from(item.count.purchases),
            share: f64::from(item.count.purchases) / all,
            weight: item.count.weight as f64 / PARTS / all,
            again: item.again.ratio(AGAIN_EXPECTED),
        };
        let public = others.items.iter().filter(|(_, item)| item.count.crowd.hides_each() && !item.name.is_empty());
        let items: ByHash<Known> = public.map(|(hash, item)| (*hash, known(item))).collect();
        let venues = others.venues.iter().map(|(hash, venue)| (*hash, Venue::of(venue, &items))).collect();
        let pairs = others.pairs.iter().filter(|(_, count)| count.crowd.hides_each());
        Self {
            venues,
            most_bought: most(items.iter().map(|(hash, known)| (*hash, known.weight)).collect()),
            items,
            lags: others.lags.map(|lag: Again| lag.ratio(LAG_EXPECTED)),
            pairs: pairs.map(|(pair, count)| (*pair, f64::from(count.purchases))).collect(),
        }
    }

    /// What is bought at a venue by those who have such a basket.
    pub(super) fn here(&self, venue: u32, basket: &[String]) -> Here<'_> {
        let known = basket.iter().map(|item| short_hash(item));
        let basket = known.filter_map(|hash| Some((hash, self.items.get(&hash)?.purchases))).collect();
        Here { others: self, venue: self.venues.get(&venue), basket }
    }
}

impl Venue {
    fn of(venue: &AtVenue, items: &ByHash<Known>) -> Self {
        let public = venue.items.iter().filter(|(hash, count)| count.crowd.hides_each() && items.contains_key(hash));
        let weights: Vec<(u32, f64)> = public.map(|(hash, count)| (*hash, count.weight as f64 / PARTS)).collect();
        let all = venue.purchases as f64 + VENUE_EXPECTED;
        let share = |(hash, weight): &(u32, f64)| {
            let everywhere = items.get(hash).map_or(0.0, |known| known.weight);
            let own = weight / venue.purchases.max(1) as f64;
            (*hash, Share { mixed: (weight + VENUE_EXPECTED * everywhere) / all, own })
        };
        let shares = weights.iter().map(share).collect();
        Self { shares, elsewhere: VENUE_EXPECTED / all, most_bought: most(weights) }
    }
}

/// The items with the greatest weight; among equals the lesser hash.
fn most(mut weights: Vec<(u32, f64)>) -> Vec<u32> {
    weights.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    weights.truncate(MOST_BOUGHT_MAX);
    weights.into_iter().map(|(hash, _)| hash).collect()
}

/// What others buy at one venue with one basket.
pub(super) struct Here<'a> {
    others: &'a Snapshot,
    venue: Option<&'a Venue>,
    /// Items chosen that are known, with the purchases that had them.
    basket: Vec<(u32, f64)>,
}

impl<'a> Here<'a> {
    /// How much an item is bought: the share of purchases here that had it, small ones weighing more; or, with a basket, the
    /// share of purchases that had it beside an item of the basket. 0 for what too few customers bought.
    pub fn share(&self, hash: u32) -> f64 {
        if self.basket.is_empty()
            && let Some(share) = self.venue.and_then(|venue| venue.shares.get(&hash))
        {
            return share.mixed;
        }
        self.others.items.get(&hash).map_or(0.0, |known| self.share_of(hash, known))
    }

    fn share_of(&self, hash: u32, known: &Known) -> f64 {
        if self.basket.is_empty() {
            return known.weight * self.venue.map_or(1.0, |venue| venue.elsewhere);
        }
        let beside = |(chosen, purchases): &(u32, f64)| {
            let pair = (hash.min(*chosen), hash.max(*chosen));
            let both = self.others.pairs.get(&pair).copied().unwrap_or(0.0);
            (both + PAIR_EXPECTED * known.share) / (purchases + PAIR_EXPECTED)
        };
        self.basket.iter().map(beside).sum::<f64>() / self.basket.len() as f64
    }

    /// How much oftener than its share of a customer's purchases says an item is bought again after such a time.
    pub fn again(&self, hash: u32, lag: usize) -> f64 {
        self.others.lags[lag] * self.others.items.get(&hash).map_or(1.0, |known| known.again)
    }

    /// What is bought most, here and everywhere.
    pub fn most_bought(&self) -> impl Iterator<Item = Expected<'a>> {
        let here = self.venue.map_or(&[][..], |venue| &venue.most_bought);
        let elsewhere = self.others.most_bought.iter().filter(move |hash| !here.contains(hash));
        here.iter().chain(elsewhere).filter_map(|hash| {
            let known = self.others.items.get(hash)?;
            Some(Expected {
                item: &known.name,
                category: &known.category,
                tally: None,
                share: 0.0,
                of_others: self.share(*hash),
                of_venue: self.venue.and_then(|venue| venue.shares.get(hash)).map_or(0.0, |share| share.own),
                rhythm: 1.0,
                score: 0.0,
            })
        })
    }
}
