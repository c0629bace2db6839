//! What venues sell: stored as a head, whose revision stands for all, and parts; read as menus, changed item by item.
//!
//! `stored`: head and parts in the store. `menus`: the menus in force, kept in memory. `change`: how a venue's catalogue of
//! items changes. `read`: what callers ask of it. `undeclared`: what is sold and not declared.

pub mod change;
pub mod menus;
pub mod read;
pub mod stored;
pub mod undeclared;
