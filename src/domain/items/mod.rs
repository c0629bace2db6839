//! What venues sell, and what they have declared of it.
//!
//! `item`: an item, and one version of it. `catalogue`: all items of a venue with their versions, and how they change.
//! `menu`: what is declared at one time, as answers ask it; `mention`: where names of its items may stand inside texts.
//! `later`: what is put for later. `told`: what the names tell of. `fold`: when two names are the same.

mod bounds;
mod catalogue;
mod fold;
mod item;
mod later;
mod mention;
mod menu;
mod told;

pub use bounds::*;
pub use catalogue::{Catalogue, Entry, Put, Refusals, Selection};
pub use item::{Content, ContentSource, Contents, Item, Kitchen, Level, Name, Standing, Version, of_code};
#[cfg(test)]
pub(in crate::domain) use menu::tests::{menu_with, outdated_menu_with};
pub use menu::{Declared, Menu, Suits};
pub use told::Told;
