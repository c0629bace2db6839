//! The replay: every purchase is counted as the service counts it, in the order of time; just before a customer's target, what
//! is expected is asked for.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    ReplayOptions, TargetPurchase,
    baselines::Baselines,
    history::{Bought, Histories, customer_id},
};
use crate::domain::{
    anticipation::{self, Now, snapshot::Snapshot},
    copurchase::Others,
    habits::Habits,
    interaction::Interaction,
};

/// Sums over customers of three measures of a ranking.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    pub customers: u32,
    recall: f64,
    ndcg: f64,
    hits: f64,
}

impl Score {
    /// Counts one customer's ranking: `named` in order, at most `k` of it; `bought` is the truth.
    pub fn add<'a>(&mut self, named: impl IntoIterator<Item = &'a str>, bought: &BTreeSet<&str>, k: usize) {
        let gain = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let right: Vec<bool> = named.into_iter().take(k).map(|item| bought.contains(item)).collect();
        let found = right.iter().filter(|right| **right).count();
        let gained: f64 = right.iter().enumerate().filter(|(_, right)| **right).map(|(place, _)| gain(place)).sum();
        let best: f64 = (0..k.min(bought.len())).map(gain).sum();
        self.customers += 1;
        self.recall += found as f64 / bought.len() as f64;
        self.ndcg += gained / best;
        self.hits += if found > 0 { 1.0 } else { 0.0 };
    }

    /// Recall, nDCG and hit rate: means over customers.
    pub fn means(&self) -> [f64; 3] {
        [self.recall, self.ndcg, self.hits].map(|sum| sum / f64::from(self.customers.max(1)))
    }
}

/// What was measured.
#[derive(Default)]
pub struct Measured {
    pub customers: usize,
    /// By name, in the order in which they are shown.
    pub rankings: Vec<(&'static str, Score)>,
    /// The rest of the purchase, without and with a beginning of it.
    pub rest_unaided: Score,
    pub rest: Score,
}

/// What others buy is made ready anew when this part more is known; a service does it now and then.
const SNAPSHOT_SHARE: u64 = 100;

/// Replays all histories.
pub fn replay(histories: &Histories, options: &ReplayOptions) -> Measured {
    let targets = targets(histories, options);
    let baselines = Baselines::of(histories, &targets);
    let mut habits = vec![Habits::default(); histories.customers];
    let (mut others, mut snapshot, mut next_snapshot) = (Others::default(), None, 0);
    let mut measured =
        Measured { customers: targets.values().filter(|target| target.is_measured).count(), ..Measured::default() };
    let (mut global, mut personal, mut both, mut ours) =
        (Score::default(), Score::default(), Score::default(), Score::default());
    for (place, bought) in histories.purchases.iter().enumerate() {
        let own = &habits[bought.customer];
        if targets.get(&bought.customer).is_some_and(|target| target.place == place && target.is_measured) {
            let truth = items(&bought.interaction);
            let truth_set: BTreeSet<&str> = truth.iter().copied().collect();
            global.add(baselines.global(), &truth_set, options.k);
            personal.add(baselines.personal(bought.customer), &truth_set, options.k);
            both.add(baselines.both(bought.customer), &truth_set, options.k);
            let Interaction { venue, local, occur_time, .. } = &bought.interaction;
            let ask = |basket: &[String]| -> Vec<String> {
                let now = Now::new(venue, *local, *occur_time, basket);
                let expected = anticipation::expected(own, snapshot.as_ref(), &now, options.k + basket.len(), |_| true);
                expected.into_iter().map(|one| one.item.to_owned()).collect()
            };
            let unaided = ask(&[]);
            ours.add(unaided.iter().map(String::as_str), &truth_set, options.k);
            if truth.len() > options.basket {
                let basket: Vec<String> = truth[..options.basket].iter().map(|item| (*item).to_owned()).collect();
                let rest: BTreeSet<&str> = truth[options.basket..].iter().copied().collect();
                let fresh = |named: &[String]| -> Vec<String> {
                    named.iter().filter(|item| !basket.contains(item)).cloned().collect()
                };
                measured.rest_unaided.add(fresh(&unaided).iter().map(String::as_str), &rest, options.k);
                measured.rest.add(fresh(&ask(&basket)).iter().map(String::as_str), &rest, options.k);
            }
        }
        habits[bought.customer].fold(&bought.interaction);
        if !options.alone {
            let told = anticipation::observe(&habits[bought.customer], &bought.interaction, snapshot.as_ref());
            others.fold(customer_id(bought.customer), &bought.interaction, &told);
            if others.purchases >= next_snapshot {
                snapshot = Some(Snapshot::of(&others));
                next_snapshot = others.purchases + others.purchases / SNAPSHOT_SHARE + 1;
            }
        }
    }
    measured.rankings = vec![("G-TopFreq", global), ("P-TopFreq", personal), ("GP-TopFreq", both), ("Rapport", ours)];
    measured
}

/// A customer's purchase that is to be anticipated.
#[derive(Debug, Clone, Copy)]
pub struct CustomerTarget {
    pub place: usize,
    /// Enough purchases are known to measure by; others only end here what baselines may know.
    pub is_measured: bool,
}

fn targets(histories: &Histories, options: &ReplayOptions) -> HashMap<usize, CustomerTarget> {
    let mut places: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, Bought { customer, interaction }) in histories.purchases.iter().enumerate() {
        if !items(interaction).is_empty() {
            places.entry(*customer).or_default().push(place);
        }
    }
    let back = match options.target {
        TargetPurchase::Last => 1,
        TargetPurchase::SecondLast => 2,
    };
    let target = |(customer, places): (usize, Vec<usize>)| {
        let place = *places.get(places.len().checked_sub(back)?)?;
        Some((customer, CustomerTarget { place, is_measured: places.len() >= options.purchases_min }))
    };
    places.into_iter().filter_map(target).collect()
}

/// The different items of a purchase, in the order of its lines; returns are none.
pub fn items(interaction: &Interaction) -> Vec<&str> {
    let lines = interaction.purchase.iter().flat_map(|purchase| &purchase.lines);
    let mut seen = HashSet::new();
    lines
        .filter(|line| line.quantity >= 0.0 && !line.item.is_empty())
        .map(|line| line.item.as_str())
        .filter(|item| seen.insert(*item))
        .collect()
}
