//! Gestures: which may be given to a customer, and which is best.
//!
//! The ledger remembers when each type was given. Repetition makes a gesture ordinary, time makes it special again; how
//! fast is the policy's ([`Drift`](super::policy::Drift)).

mod consider;
mod suggest;
mod verdict;

pub use consider::{GestureQuery, NotVetoed, OverAuthority, Veto, barred, consider, who_may_approve};
pub use suggest::{GiverLimits, Reasons, Suggested, suggest};
pub use verdict::{Agreement, Finding, Verdict};

pub use crate::domain::{
    insight::near::Near,
    parts::ledger::{DrawnOn, ExpectationLevel, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry},
    suitability::objection::{Dimension, Limit, Objection},
};

#[cfg(test)]
mod tests;
