//! Checks budgets: that each counts at least what the gestures on record drew on it, and that no overdue hold is left.

use super::{Check, Event, Fault, Repair, Suspicion};
use crate::{
    service::{error::Result, gestures::recount::Uncounted},
    store::{
        BudgetKey, StoreExt as _,
        keys::{self, Kind},
        split_corruption,
        walk::Walk,
    },
};

impl Check<'_> {
    /// Every budget.
    pub(super) async fn budgets(&mut self) -> Result<()> {
        self.holds_on_budgets().await?;
        let uncounted = self.parts.uncounted(&self.caller).await?;
        let suspicion = |one: Uncounted| {
            let raw_key = keys::budget(one.budget());
            let what = "counts less than the gestures on record drew on it";
            Suspicion::at(&raw_key, Fault::BudgetUncounted, what, Repair::CountIn(one))
        };
        self.report_and_repair(uncounted.into_iter().map(suspicion).collect()).await
    }

    async fn holds_on_budgets(&mut self) -> Result<()> {
        let mut walk = Walk::start(self.parts.records.store.as_ref(), Kind::Budget);
        while let Some(raw_keys) = walk.next().await? {
            (self.tell)(Event::Looked(raw_keys.len() as u64));
            for raw_key in raw_keys {
                let suspicions = match keys::parse_budget(&raw_key) {
                    Some(key) if key.tenant == *self.tenant() => {
                        self.report.budgets += 1;
                        self.look_at_budget(&raw_key, key).await?
                    }
                    Some(_) => Vec::new(),
                    None => {
                        let what = "a key that no release wrote; remove it, if you know whose it is";
                        vec![Suspicion::at(&raw_key, Fault::UnknownKey, what, Repair::None)]
                    }
                };
                self.report_and_repair(suspicions).await?;
            }
        }
        Ok(())
    }

    async fn look_at_budget(&self, raw_key: &str, key: BudgetKey) -> Result<Vec<Suspicion>> {
        if matches!(self.has_overdue_hold(&key).await?, Ok(false)) {
            return Ok(Vec::new());
        }
        self.parts.worker.catch_up().await?;
        Ok(match self.has_overdue_hold(&key).await? {
            Ok(false) => Vec::new(),
            Ok(true) => {
                let what = "a hold of a giver who did not come back";
                vec![Suspicion::at(raw_key, Fault::HoldOverdue, what, Repair::SettleBudget(key))]
            }
            Err(fault) => vec![Suspicion::at(raw_key, Fault::BudgetDamaged, fault.to_string(), Repair::None)],
        })
    }

    async fn has_overdue_hold(&self, key: &BudgetKey) -> Result<std::result::Result<bool, crate::store::StoreError>> {
        let now_ms = self.caller.now_ms();
        let found = split_corruption(self.parts.records.store.budgets(std::slice::from_ref(key), now_ms).await)?;
        Ok(found.map(|states| states.iter().flat_map(|state| &state.entries).any(|entry| entry.deadline_ms <= now_ms)))
    }
}
