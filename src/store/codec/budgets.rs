//! Stored bytes of budgets. No bytes at all are an untouched budget.

use prost::Message;

use super::entries::{damaged, id16};
use crate::{
    domain::id::{CustomerId, HoldToken},
    store::{
        Result,
        budgets::{Budget, BudgetEntry, BudgetState},
        stored,
    },
};

/// A budget.
pub fn encode_budget(budget: &Budget) -> Vec<u8> {
    let entry = |entry: &BudgetEntry| stored::BudgetEntry {
        customer: entry.customer.as_bytes().to_vec(),
        token: entry.token.0.to_vec(),
        amount: entry.amount,
        deadline_ms: entry.deadline_ms,
    };
    stored::Budget {
        spent: budget.state.spent,
        entries: budget.state.entries.iter().map(entry).collect(),
        expire_ms: budget.expire_ms,
        changes: budget.changes,
    }
    .encode_to_vec()
}

/// The reverse of [`encode_budget`].
///
/// # Errors
/// `Corrupt` if the bytes are not a budget.
pub fn decode_budget(bytes: &[u8]) -> Result<Budget> {
    let budget = stored::Budget::decode(bytes).map_err(|_| damaged("budget"))?;
    let entry = |entry: stored::BudgetEntry| {
        Ok(BudgetEntry {
            customer: CustomerId::from_bytes(id16(&entry.customer, "customer of a budget's hold")?),
            token: HoldToken(id16(&entry.token, "token of a budget's hold")?),
            amount: entry.amount,
            deadline_ms: entry.deadline_ms,
        })
    };
    let entries = budget.entries.into_iter().map(entry).collect::<Result<_>>()?;
    Ok(Budget {
        state: BudgetState { spent: budget.spent, entries },
        expire_ms: budget.expire_ms,
        changes: budget.changes,
    })
}
