//! What a venue has put for later, and what is declared then: for what is delivered on another day.

use std::collections::BTreeSet;

use super::{Catalogue, Menu};
use crate::domain::{kernel::time::Timestamp, policy::ItemRules};

/// Times for which something is put, of which a menu is kept: each takes as much memory as that of now. What is delivered after the
/// last of them is judged by it, and again on its way.
pub const LATER_MAX: usize = 4;

impl Menu {
    /// What is declared at a time: by what is put for then, if that is known.
    pub fn at(&self, time: Timestamp) -> &Self {
        let later = self.later.iter().rev().find(|(from, _)| *from <= time);
        later.map_or(self, |(_, menu)| menu)
    }
}

impl Catalogue {
    /// The menu at a time, with what is put for later, and until when it stays so by itself; `None`: for ever. Contents of later
    /// count as they would by now: whether they are confirmed in time nobody knows.
    pub fn menu(&self, rules: &ItemRules, now: Timestamp) -> (Menu, Option<Timestamp>) {
        let (mut menu, mut until) = self.menu_at(rules, now, now);
        for from in self.put_after(now).into_iter().take(LATER_MAX) {
            let (later, ends) = self.menu_at(rules, from, now);
            until = until.into_iter().chain(ends).min();
            menu.later.push((from, later));
        }
        (menu, until)
    }

    /// When something comes into force that is put for later.
    fn put_after(&self, now: Timestamp) -> BTreeSet<Timestamp> {
        let items = self.entries.iter().flat_map(|entry| &entry.versions).map(|version| version.from);
        items.chain(self.kitchen.iter().map(|kitchen| kitchen.from)).filter(|from| *from > now).collect()
    }
}
