//! The service review: what is counted of every change of a customer, and what the counters say.
//!
//! [`Facts`] are what is counted of a profile. [`counted`] compares the facts of two revisions, and returns what to add to the
//! counters. Every commit calls it, so no use case can forget to count, and what is cancelled is subtracted. The counters name
//! no customer.

mod facts;
mod figures;
mod names;

pub use facts::{Facts, counted};
pub use figures::{Cause, Drifted, Figures, Given, Met, Moved, Promises, Standard};
pub use names::LEVELS;

pub use crate::domain::kernel::time::Month;

#[cfg(test)]
mod tests;
