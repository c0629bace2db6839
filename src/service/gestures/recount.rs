//! Recomputes what was spent, from the gestures on record. A budget that counts less than they drew on it would be overspent, so
//! what it lacks is counted in. One that counts more is right: the gestures of erased customers, and those dropped from a
//! full list, stay spent.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        Caller, Maintenance,
        error::Result,
        holds::{Draw, Drawn},
    },
    money::GestureBudgets,
};
use crate::{
    domain::CustomerId,
    store::{BudgetKey, BudgetState, CustomerKey, StoreExt as _, split_corruption, walk::Listed},
};

/// Records, or budgets, read at once.
const BATCH: usize = 64;

/// What a budget lacks: the draw that would make it count all of it.
#[derive(Debug, Clone)]
pub(in crate::service) struct Uncounted(Draw);

impl Uncounted {
    pub fn budget(&self) -> &BudgetKey {
        &self.0.budget
    }
}

impl Maintenance {
    /// Budgets that count less than the gestures on record drew on them. Walks all listed customers, and once more if any
    /// seems to; holds one sum per budget. A budget that somebody draws on meanwhile is left to the next check: what is
    /// taken back between two looks seems to be lacking.
    pub(in crate::service) async fn uncounted(&self, caller: &Caller) -> Result<Vec<Uncounted>> {
        let suspects = self.lacking(caller).await?;
        if suspects.is_empty() {
            return Ok(suspects);
        }
        let before = self.states(caller, &suspects).await?;
        let still_lacking = self.lacking(caller).await?;
        let after = self.states(caller, &suspects).await?;
        let is_idle = |state: BudgetState| state.without_overdue(caller.now_ms()).entries.is_empty();
        let at_rest = suspects.iter().zip(before.into_iter().zip(after));
        let at_rest = at_rest.filter(|(_, (before, after))| before == after && before.clone().is_some_and(is_idle));
        let at_rest: BTreeSet<&BudgetKey> = at_rest.map(|(suspect, _)| suspect.budget()).collect();
        Ok(still_lacking.into_iter().filter(|one| at_rest.contains(one.budget())).collect())
    }

    async fn lacking(&self, caller: &Caller) -> Result<Vec<Uncounted>> {
        let drawn: Vec<Uncounted> = self.drawn_on_record(caller).await?.into_values().map(Uncounted).collect();
        // What was committed before a record was read is confirmed from now on.
        self.worker.catch_up().await?;
        let states = self.states(caller, &drawn).await?;
        let lacks = drawn.into_iter().zip(states).filter_map(|(Uncounted(draw), state)| {
            Some(Uncounted(Draw { amount: draw.amount.saturating_sub(state?.spent), ..draw }))
        });
        Ok(lacks.filter(|Uncounted(draw)| draw.amount > 0).collect())
    }

    /// `None`: the budget does not decode, which is told for the budget.
    async fn states(&self, caller: &Caller, of: &[Uncounted]) -> Result<Vec<Option<BudgetState>>> {
        let store = &self.records.store;
        let mut states = Vec::with_capacity(of.len());
        for batch in of.chunks(BATCH) {
            let keys: Vec<BudgetKey> = batch.iter().map(|one| one.budget().clone()).collect();
            if let Ok(found) = split_corruption(store.budgets(&keys, caller.now_ms()).await)? {
                states.extend(found.into_iter().map(Some));
                continue;
            }
            for key in &keys {
                let found = split_corruption(store.budgets(std::slice::from_ref(key), caller.now_ms()).await)?;
                states.push(found.ok().and_then(|mut found| found.pop()));
            }
        }
        Ok(states)
    }

    /// Counts in what a budget lacks, under a hold of its own. Answers whether there was room for the hold.
    pub(in crate::service) async fn count_in(&self, caller: &Caller, Uncounted(draw): &Uncounted) -> Result<bool> {
        match self.holds.draw(draw, caller.now_ms()).await? {
            Drawn::Held(token) => self.records.store.confirm_budget(&draw.budget, token).await?,
            Drawn::Short { .. } => return Ok(false),
        }
        Ok(true)
    }

    /// What stands in records, for every budget that cannot have run out since.
    async fn drawn_on_record(&self, caller: &Caller) -> Result<BTreeMap<BudgetKey, Draw>> {
        let tenant = &caller.principal.tenant;
        let mut listed = Listed::start(self.records.store.as_ref(), tenant).await?;
        let mut drawn = BTreeMap::new();
        loop {
            let mut keys = Vec::with_capacity(BATCH);
            while keys.len() < BATCH
                && let Some(customer) = listed.next().await?
            {
                keys.push(CustomerKey { tenant: tenant.clone(), customer });
            }
            if keys.is_empty() {
                return Ok(drawn);
            }
            for (key, record) in keys.iter().zip(self.records.read_many(&keys).await?) {
                // What does not open is told for its customer.
                let Ok(Some(current)) = record else { continue };
                for gesture in &current.profile.gestures {
                    let Some(budgets) = GestureBudgets::of(caller, gesture) else { continue };
                    add(&mut drawn, caller, budgets, gesture.given.cost.minor_units, key.customer);
                }
            }
        }
    }
}

fn add(
    drawn: &mut BTreeMap<BudgetKey, Draw>,
    caller: &Caller,
    budgets: GestureBudgets,
    amount: i64,
    customer: CustomerId,
) {
    for budget in [budgets.month, budgets.day] {
        if budget.expire_ms <= caller.now_ms() {
            continue;
        }
        let nothing =
            || Draw { budget: budget.key.clone(), customer, amount: 0, limit: i64::MAX, expire_ms: budget.expire_ms };
        let sum = drawn.entry(budget.key.clone()).or_insert_with(nothing);
        sum.amount = sum.amount.saturating_add(amount);
        sum.expire_ms = sum.expire_ms.max(budget.expire_ms);
    }
}
