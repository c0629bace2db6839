//! What a venue has put for later, and what is declared then: for what is delivered on another day.

use std::collections::BTreeSet;

use super::{Catalogue, Menu, menu::Of};
use crate::domain::{kernel::time::Timestamp, policy::ItemRules};

/// Times for which something is put, of which a menu is kept: each takes as much memory as that of now. One more tells of all that
/// follows: what is put for an item after it counts against it, and is not declared, until its day comes nearer.
pub const LATER_MAX: usize = 4;

impl Menu {
    /// What is declared at a time: by what is put for then.
    pub fn at(&self, time: Timestamp) -> &Self {
        let later = self.later.iter().rev().find(|(from, _)| *from <= time);
        later.map_or(self, |(_, menu)| menu)
    }
}

impl Catalogue {
    /// The menu at a time, with what is put for later, and until when it stays so by itself; `None`: for ever. Contents of later
    /// count as they will then, if nobody confirms them.
    pub fn menu(&self, rules: &ItemRules, now: Timestamp) -> (Menu, Option<Timestamp>) {
        let (mut menu, until) = self.menu_of(rules, Of { at: now, now, is_last: false });
        for (index, at) in self.put_after(now).into_iter().take(LATER_MAX + 1).enumerate() {
            let (later, _) = self.menu_of(rules, Of { at, now, is_last: index == LATER_MAX });
            menu.later.push((at, later));
        }
        (menu, until)
    }

    /// When something comes into force that is put for later.
    fn put_after(&self, now: Timestamp) -> BTreeSet<Timestamp> {
        let items = self.entries.iter().flat_map(|entry| &entry.versions).map(|version| version.from);
        items.chain(self.kitchen.iter().map(|kitchen| kitchen.from)).filter(|from| *from > now).collect()
    }
}

#[cfg(test)]
#[path = "later_tests.rs"]
mod tests;
