//! What venues sell: stored for each venue as a head, whose revision stands for all, and parts.
//!
//! `stored`: head and parts in the store. `menus`: the menus in force, made of them, and used for some seconds before they are read
//! again (a minute while the store cannot be reached); briefings, checks of items, gestures, lists of follow-ups and `undeclared` use them. `change`: how a venue's catalogue of items changes; an
//! item that is put replaces the one of the same id whole, and items that a change does not select stay. `read`: what callers ask
//! of the catalogue; it reads the store each time. `undeclared`: what is sold and not declared.

pub mod change;
pub mod menus;
pub mod read;
pub mod stored;
pub mod undeclared;
