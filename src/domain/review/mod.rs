//! The service review: what is counted of every change of a customer, and what the counters say.
//!
//! [`Facts`] are what of a profile is countable. [`counted`] says what the way from one revision's facts to the next adds
//! to the counters, so that no use case can forget it, and what is taken back is taken out again. Nobody is named in it.

mod facts;
mod figures;
mod names;

pub use facts::{Count, Facts, counted};
pub use figures::{Cause, Drifted, Figures, Given, Met, Moved, Promises, Standard};
pub use names::LEVELS;

pub use crate::domain::kernel::time::Month;

#[cfg(test)]
mod tests;
