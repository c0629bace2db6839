//! What venues sell, and what they have declared of it.
//!
//! `menu`: what one venue has declared at one moment, as answers ask it.

#[allow(dead_code, clippy::unused_self, reason = "answers begin to ask it step by step")]
mod menu;

#[allow(unused_imports, reason = "named by what begins to ask it")]
pub use menu::{Declared, Menu, Suits};
