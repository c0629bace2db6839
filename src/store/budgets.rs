//! Budgets: limited amounts that customers of many slots draw on, and the rules of their holds.
//!
//! A budget is what was spent, and the open holds. Only what is open may be confirmed, and confirming removes it: so an
//! amount counts once, however often the confirmation comes. A token is for one commit: after that commit it
//! never holds again.

use super::{
    Result,
    cas::{Decision, GARBAGE_MS, Lifetime},
    codec::budgets::{decode_budget, encode_budget},
};
use crate::domain::{
    TenantId,
    id::{CustomerId, HoldToken},
};

/// Open holds of one budget. A hold lives for the milliseconds of a commit, or until it is overdue and settled, ten
/// seconds later: this many mean that something else is wrong, and keep the value at some 16 KB.
pub const BUDGET_HOLDS_MAX: usize = 256;

/// A budget of a tenant. The name is the service's: what kind, of whom, which period, which currency; no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetKey {
    /// Whose budget it is.
    pub tenant: TenantId,
    /// Unique within the tenant.
    pub name: String,
}

/// An open hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetEntry {
    /// Whose commit decides the hold.
    pub customer: CustomerId,
    /// Drawn for one commit.
    pub token: HoldToken,
    /// Minor units. Below zero it gives back, which counts only when confirmed: capacity is never given twice.
    pub amount: i64,
    /// After this anybody may settle it.
    pub deadline_ms: i64,
}

/// What is spent and held of a budget.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetState {
    /// What was confirmed, minor units.
    pub spent: i64,
    /// By customer, then by token.
    pub entries: Vec<BudgetEntry>,
}

/// The answer to placing a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetOutcome {
    /// The amount counts as spent until the hold is closed.
    Placed,
    /// Not enough is left: this much is. Open holds count as spent.
    Short {
        /// Minor units, never below zero.
        left: i64,
    },
    /// [`BUDGET_HOLDS_MAX`] holds are open. Settle those that are overdue, or try again soon.
    Full,
}

/// A budget as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget {
    pub state: BudgetState,
    /// When the budget is dropped, long after its period; from then on it counts as untouched.
    pub expire_ms: i64,
    /// Counts the changes, so that no bytes ever come back: a delayed compare-and-swap cannot succeed on a later value.
    pub changes: u64,
}

impl Budget {
    fn at(there: &[u8], now_ms: i64) -> Result<Self> {
        let mut budget = decode_budget(there)?;
        if budget.expire_ms <= now_ms {
            budget.state = BudgetState::default();
        }
        Ok(budget)
    }

    fn encode_next(mut self) -> Vec<u8> {
        self.changes += 1;
        encode_budget(&self)
    }
}

impl BudgetState {
    /// Without overdue holds: those are settled before anybody is refused for them.
    #[must_use]
    pub fn without_overdue(mut self, now_ms: i64) -> Self {
        self.entries.retain(|entry| entry.deadline_ms > now_ms);
        self
    }

    /// What may still be held under the limit.
    pub fn left(&self, limit: i64) -> i64 {
        i64::try_from(self.room(limit).max(0)).unwrap_or(i64::MAX)
    }

    /// The same; less than nothing where the limit was lowered.
    fn room(&self, limit: i64) -> i128 {
        let open = self.entries.iter().map(|entry| i128::from(entry.amount.max(0))).sum::<i128>();
        i128::from(limit) - i128::from(self.spent) - open
    }
}

/// The budget at a moment.
pub fn state(there: &[u8], now_ms: i64) -> Result<BudgetState> {
    Ok(Budget::at(there, now_ms)?.state)
}

/// Whether nobody will ask for it any more.
pub fn is_garbage(there: &[u8], now_ms: i64) -> Result<bool> {
    Ok(decode_budget(there)?.expire_ms.saturating_add(GARBAGE_MS) <= now_ms)
}

/// Places a hold if the limit allows it. The same token again replaces its entry.
pub fn hold(
    there: &[u8],
    entry: &BudgetEntry,
    limit: i64,
    expire_ms: i64,
    now_ms: i64,
) -> Result<Decision<BudgetOutcome>> {
    let mut budget = Budget::at(there, now_ms)?;
    let state = &mut budget.state;
    state.entries.retain(|other| other.token != entry.token);
    if entry.amount > 0 && i128::from(entry.amount) > state.room(limit) {
        return Ok(Decision::keep(BudgetOutcome::Short { left: state.left(limit) }));
    }
    if state.entries.len() >= BUDGET_HOLDS_MAX {
        return Ok(Decision::keep(BudgetOutcome::Full));
    }
    state.entries.push(entry.clone());
    state.entries.sort_by_key(|entry| (entry.customer, entry.token));
    budget.expire_ms = budget.expire_ms.max(expire_ms);
    let lifetime = Lifetime::until(Some(budget.expire_ms), now_ms);
    Ok(Decision::put(BudgetOutcome::Placed, budget.encode_next(), lifetime))
}

/// Counts the token's amount as spent and closes its hold, if it is open.
pub fn confirm(there: &[u8], token: HoldToken) -> Result<Decision<()>> {
    close(there, token, |entry| entry.amount)
}

/// Closes the token's hold, if it is open.
pub fn release(there: &[u8], token: HoldToken) -> Result<Decision<()>> {
    close(there, token, |_| 0)
}

fn close(there: &[u8], token: HoldToken, spent: fn(&BudgetEntry) -> i64) -> Result<Decision<()>> {
    let mut budget = decode_budget(there)?;
    let Some(place) = budget.state.entries.iter().position(|entry| entry.token == token) else {
        return Ok(Decision::keep(()));
    };
    let entry = budget.state.entries.remove(place);
    // What was held was within the limit; only giving back without end could leave the range.
    budget.state.spent = budget.state.spent.saturating_add(spent(&entry));
    Ok(Decision::put((), budget.encode_next(), Lifetime::Keep))
}
