//! Every scenario of the stores' contract, on every backend.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the failure itself")]

mod adoption;
mod backend;
mod budget_model;
mod budgets;
mod commits;
#[path = "../common/mod.rs"]
mod common;
mod documents;
mod faults;
mod file_faults;
mod hints;
mod history;
mod holds;
mod identities;
mod isolation;
mod key_store;
mod layers;
mod logs;
mod make;
mod model;
mod races;
mod refusals;
mod rewriting;
mod stalls;
mod tallies;
mod worker;
