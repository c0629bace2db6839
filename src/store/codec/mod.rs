//! Stored bytes: from domain and store types to bytes and back. `mirror.rs` has the macros that make both directions from one
//! list of fields, `values.rs` says how single values are stored. Nothing here panics on damaged bytes: bytes
//! that no encoder could have written give [`StoreError::Corrupt`](super::StoreError::Corrupt).

pub(crate) mod backfill;
pub(crate) mod budgets;
pub mod copurchase;
pub(crate) mod destroyed;
pub(crate) mod entries;
pub(crate) mod erasures;
pub(crate) mod formats;
mod habits;
pub mod header;
pub(crate) mod history;
pub(crate) mod identity_walk;
mod issues_and_gestures;
pub(crate) mod items;
pub(crate) mod marks;
mod mirror;
pub(crate) mod policy;
pub(crate) mod profile;
pub(crate) mod requests;
mod rules;
pub mod sealed;
pub(crate) mod tallies;
mod values;

#[cfg(test)]
mod golden_tests;
