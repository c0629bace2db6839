//! Holds: how a customer's slot changes together with identities or budgets outside it, although one commit writes only
//! the slot. First a hold is placed in each identity or budget; then the commit in the customer's slot makes them good;
//! then the index worker confirms them from the log. The customer's slot decides: an overdue hold that a commit made
//! good is confirmed; any other is marked there as refused, so that a late commit fails, and then freed.

use std::{sync::Arc, time::Duration};

use super::{
    error::{Error, Result},
    worker::Worker,
};
use crate::{
    domain::id::{CustomerId, HoldToken},
    store::{
        BudgetEntry, BudgetKey, BudgetOutcome, CustomerKey, Settled, StoreExt as _, keys, records::Records,
        sealing::random,
    },
};

/// How long a hold is left alone: twice the time that one `Store::commit` may take. A write that queues or retries for
/// longer may find its hold refused.
const HOLD_TIME: Duration = Duration::from_secs(10);
/// Attempts to draw on a budget: between settling overdue holds and trying again, others may take what was freed.
const ATTEMPTS_MAX: usize = 4;

/// Places holds on identities (see `identities.rs`) and on budgets, and settles those that are overdue.
#[derive(Clone)]
pub struct Holds {
    pub(super) records: Arc<Records>,
    pub(super) worker: Arc<Worker>,
}

/// A part of a budget that is wanted for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// What is drawn on.
    pub budget: BudgetKey,
    /// Whose commit decides.
    pub customer: CustomerId,
    /// Minor units; below zero it gives back.
    pub amount: i64,
    /// What the budget holds in all, minor units.
    pub limit: i64,
    /// When the budget may be dropped, long after its period.
    pub expire_ms: i64,
}

/// The answer to a [`Draw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Held: commit with this token and [`ConfirmBudget`](crate::store::IndexOp::ConfirmBudget) in the log, or release it.
    Held(HoldToken),
    /// Only this much is left.
    Short {
        /// Minor units.
        left: i64,
    },
}

/// When a hold that is placed now becomes overdue.
pub(super) fn deadline_ms(now_ms: i64) -> i64 {
    now_ms + HOLD_TIME.as_millis() as i64
}

impl Holds {
    /// If a hold is overdue, settles it in the slot of its customer: committed, or refused, so that a late commit fails.
    pub(super) async fn decide(
        &self,
        owner: &CustomerKey,
        token: HoldToken,
        deadline_ms: i64,
        now_ms: i64,
    ) -> Result<Option<Settled>> {
        if deadline_ms > now_ms {
            return Ok(None);
        }
        Ok(Some(self.records.store.settle(owner, token, now_ms).await?))
    }

    /// Holds a part of a budget for a commit of the customer.
    ///
    /// # Errors
    /// `Contended` if too many holds are open at once; those of the store.
    pub async fn draw(&self, draw: &Draw, now_ms: i64) -> Result<Drawn> {
        let entry = BudgetEntry {
            customer: draw.customer,
            token: random().map(HoldToken)?,
            amount: draw.amount,
            deadline_ms: deadline_ms(now_ms),
        };
        let (store, key) = (&self.records.store, &draw.budget);
        let mut outcome = BudgetOutcome::Full;
        for _ in 0..ATTEMPTS_MAX {
            outcome = store.hold_budget(key, entry.clone(), draw.limit, draw.expire_ms, now_ms).await?;
            if outcome == BudgetOutcome::Placed {
                return Ok(Drawn::Held(entry.token));
            }
            if !self.settle_budget(key, now_ms).await? {
                break;
            }
        }
        match outcome {
            BudgetOutcome::Short { left } => Ok(Drawn::Short { left }),
            _ => Err(Error::Contended),
        }
    }

    /// Gives a hold back after a commit that certainly did not happen. Best effort: what stays is overdue soon.
    pub async fn give_back_draw(&self, key: &BudgetKey, token: HoldToken) {
        let _ = self.records.store.release_budget(key, token).await;
    }

    /// Settles the overdue holds of a budget; answers whether there were any.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn settle_budget(&self, key: &BudgetKey, now_ms: i64) -> Result<bool> {
        let store = &self.records.store;
        let state = store.budgets(std::slice::from_ref(key), now_ms).await?.pop().unwrap_or_default();
        let mut settled = false;
        for entry in &state.entries {
            let owner = CustomerKey { tenant: key.tenant.clone(), customer: entry.customer };
            match self.decide(&owner, entry.token, entry.deadline_ms, now_ms).await? {
                None => continue,
                Some(Settled::Committed) => store.confirm_budget(key, entry.token).await?,
                Some(Settled::Refused) => {
                    // The slot may have forgotten a commit: with an erasure, or after a day. Then the log still has it,
                    // and confirms it before the release comes.
                    self.worker.work(vec![keys::bucket(&owner.tenant, &owner.customer)]).await?;
                    store.release_budget(key, entry.token).await?;
                }
            }
            settled = true;
        }
        Ok(settled)
    }
}
