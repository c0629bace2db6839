//! An item as the gate reads it: what its names tell, and what the catalogue has of it.

use super::known::Item;
use crate::domain::{
    insight::substances::Substances,
    items::{self, Declared, Menu},
};

/// What the names of an item tell of, read once for all precautions.
#[derive(Default)]
pub(super) struct Told {
    pub all: Substances,
    /// But for what its own words negate.
    pub lifted: Substances,
    /// What of that a diet believes, see [`items::Told`].
    pub for_diets: Substances,
    pub asks_meat: bool,
}

impl Told {
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>, menu: &Menu) -> Self {
        let mut told = Self::default();
        texts.for_each(|text| told.read(text, None, menu));
        told
    }

    /// Adds what all its texts together tell of.
    pub fn add(&mut self, told: Substances) {
        self.all |= told;
        self.lifted |= told;
        self.for_diets |= told;
    }

    /// Adds what items tell of that a text names inside it.
    pub fn read_besides(&mut self, told: &items::Told) {
        self.all |= told.all;
        self.lifted |= told.lifted;
        self.for_diets |= told.for_diets;
    }

    /// Adds a text: what the catalogue has for it tells as much, and was read when the menu was made.
    pub fn read(&mut self, text: &str, listed: Option<&items::Told>, menu: &Menu) {
        let items::Told { all, lifted, for_diets, asks_meat, .. } =
            listed.copied().unwrap_or_else(|| menu.told_by(text));
        self.all |= all;
        self.lifted |= lifted;
        self.for_diets |= for_diets;
        self.asks_meat |= asks_meat;
    }
}

/// An item, with what its names tell and what the catalogue has of it.
pub(super) struct Seen<'s> {
    pub item: &'s Item<'s>,
    /// False: no precaution is named by its words.
    pub may_be_named: bool,
    pub told: Told,
    /// What is known of it counts against it; only what is declared clears it.
    pub listed: Option<Declared<'s>>,
}

impl<'s> Seen<'s> {
    pub fn of(item: &'s Item<'s>, listed: Option<Declared<'s>>, menu: &Menu) -> Self {
        let mut told = Told::of([item.category, item.situation].into_iter().filter(|text| !text.is_empty()), menu);
        told.read(item.name, listed.as_ref().map(|listed| &listed.told), menu);
        Self { item, may_be_named: true, told, listed }
    }

    pub fn is_declared(&self) -> bool {
        self.listed.is_some_and(|listed| listed.is_declared)
    }
}
