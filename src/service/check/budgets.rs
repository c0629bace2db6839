//! Budgets: what they count against the gestures on record, and holds that nobody made good or freed.

use super::{Check, Event, Fault, Repair, Suspicion, split_corruption};
use crate::{
    service::{error::Result, gestures::recount::Uncounted},
    store::{
        BudgetKey, StoreExt as _,
        keys::{self, Kind},
        walk::Walk,
    },
};

impl Check<'_> {
    /// Every budget.
    pub(super) async fn budgets(&mut self) -> Result<()> {
        self.holds_on_budgets().await?;
        let uncounted = self.parts.uncounted(&self.caller).await?;
        let suspicion = |one: Uncounted| {
            let name = keys::budget(one.budget());
            let what = "counts less than the gestures on record drew on it";
            Suspicion::at(&name, Fault::BudgetUncounted, what, Repair::CountIn(one))
        };
        self.report_and_repair(uncounted.into_iter().map(suspicion).collect()).await
    }

    async fn holds_on_budgets(&mut self) -> Result<()> {
        let mut walk = Walk::start(self.parts.records.store.as_ref(), Kind::Budget);
        while let Some(names) = walk.next().await? {
            (self.tell)(Event::Looked(names.len() as u64));
            for name in names {
                let suspicions = match keys::parse_budget(&name) {
                    Some(key) if key.tenant == *self.tenant() => {
                        self.report.budgets += 1;
                        self.look_at_budget(&name, key).await?
                    }
                    Some(_) => Vec::new(),
                    None => {
                        let what = "a key that no release wrote; remove it, if you know whose it is";
                        vec![Suspicion::at(&name, Fault::UnknownKey, what, Repair::None)]
                    }
                };
                self.report_and_repair(suspicions).await?;
            }
        }
        Ok(())
    }

    async fn look_at_budget(&self, name: &str, key: BudgetKey) -> Result<Vec<Suspicion>> {
        if matches!(self.has_overdue_hold(&key).await?, Ok(false)) {
            return Ok(Vec::new());
        }
        self.parts.worker.catch_up().await?;
        Ok(match self.has_overdue_hold(&key).await? {
            Ok(false) => Vec::new(),
            Ok(true) => {
                let what = "a hold of a giver who did not come back";
                vec![Suspicion::at(name, Fault::HoldOverdue, what, Repair::SettleBudget(key))]
            }
            Err(fault) => vec![Suspicion::at(name, Fault::BudgetDamaged, fault.to_string(), Repair::None)],
        })
    }

    async fn has_overdue_hold(&self, key: &BudgetKey) -> Result<std::result::Result<bool, crate::store::StoreError>> {
        let now_ms = self.caller.now_ms();
        let found = split_corruption(self.parts.records.store.budgets(std::slice::from_ref(key), now_ms).await)?;
        Ok(found.map(|states| states.iter().flat_map(|state| &state.entries).any(|entry| entry.deadline_ms <= now_ms)))
    }
}
