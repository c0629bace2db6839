//! Stored bytes of budgets. No bytes at all are an untouched budget.

use super::{mirror::mirror, values};
use crate::store::{
    Result,
    budgets::{Budget, BudgetEntry, BudgetState},
    stored,
};

/// A budget.
pub fn encode_budget(budget: &Budget) -> Vec<u8> {
    values::encode::<stored::Budget>(budget)
}

/// The reverse of [`encode_budget`].
///
/// # Errors
/// `Corrupt` if the bytes are not a budget.
pub fn decode_budget(bytes: &[u8]) -> Result<Budget> {
    values::decode::<stored::Budget, _>(bytes, "budget")
}

mirror!(Budget = stored::Budget {
    state => BudgetState { spent, entries },
    expire_ms,
    changes,
});

mirror!(BudgetEntry = stored::BudgetEntry { customer, token, amount, deadline_ms });
