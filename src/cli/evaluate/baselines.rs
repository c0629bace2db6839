//! The three rankings that every method of next-basket recommendation is held against: what is bought most by all
//! (G-TopFreq), by the customer (P-TopFreq), and the second filled up with the first (GP-TopFreq).

use std::{cmp::Reverse, collections::HashMap};

use super::{
    history::{Bought, Histories},
    replay::{CustomerTarget, items},
};

pub struct Baselines<'a> {
    /// The items of all purchases that count, those in the most purchases first.
    global: Vec<&'a str>,
    /// For each customer: the items of their purchases that count, those in the most purchases first; of equals the one
    /// that is in more purchases of all.
    personal: Vec<Vec<&'a str>>,
}

impl<'a> Baselines<'a> {
    /// A purchase counts if its customer made it before their own target. So the global ranking counts even what others
    /// bought later than the target that is being ranked: that is how these baselines are usually measured.
    pub fn of(histories: &'a Histories, targets: &HashMap<usize, CustomerTarget>) -> Self {
        let mut global: HashMap<&str, u32> = HashMap::new();
        let mut personal: Vec<HashMap<&str, u32>> = vec![HashMap::new(); histories.customers];
        for (place, Bought { customer, interaction }) in histories.purchases.iter().enumerate() {
            if targets.get(customer).is_some_and(|target| place < target.place) {
                for item in items(interaction) {
                    *global.entry(item).or_default() += 1;
                    *personal[*customer].entry(item).or_default() += 1;
                }
            }
        }
        let of_all = |item: &str| global.get(item).copied().unwrap_or(0);
        let ranked = |counts: &HashMap<&'a str, u32>| {
            let mut items: Vec<(Reverse<u32>, Reverse<u32>, &str)> =
                counts.iter().map(|(item, count)| (Reverse(*count), Reverse(of_all(item)), *item)).collect();
            items.sort_unstable();
            items.into_iter().map(|(_, _, item)| item).collect()
        };
        Self { global: ranked(&global), personal: personal.iter().map(ranked).collect() }
    }

    pub fn global(&self) -> impl Iterator<Item = &'a str> {
        self.global.iter().copied()
    }

    pub fn personal(&self, customer: usize) -> impl Iterator<Item = &'a str> {
        self.personal[customer].iter().copied()
    }

    pub fn both(&self, customer: usize) -> impl Iterator<Item = &'a str> {
        let own = &self.personal[customer];
        self.personal(customer).chain(self.global().filter(|item| !own.contains(item)))
    }
}
