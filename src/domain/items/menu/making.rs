//! How a menu is made of what a catalogue has in force: each item with its components.

use std::collections::HashMap;

use super::{
    super::{
        catalogue::{Catalogue, Entry},
        fold::{hash_of, spellings},
        item::{Item, Level, Standing, Version, of_code},
        mention::Beginnings,
        told::{Reader, Told},
    },
    DIETS_MAX, Key, Menu, Row,
};
use crate::domain::{
    insight::substances::{self, Substances},
    kernel::time::Timestamp,
    policy::ItemRules,
};

/// An item's own contents and what its names tell of, with those of its components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    contains: Substances,
    may_contain: Substances,
    told: Told,
    standing: Standing,
    not_for_minors: bool,
}

/// The items in force at one time, with the sums of their components.
pub(in crate::domain) struct InForce<'c> {
    items: Vec<(&'c Entry, &'c Version, &'c Item)>,
    places: HashMap<&'c str, usize>,
    sums: Vec<Sum>,
    rules: &'c ItemRules,
    /// `None`: nobody asks what the names tell of.
    reader: Option<&'c Reader>,
    /// By when it is judged whether contents count.
    now: Timestamp,
    /// When something is next declared otherwise by itself.
    until: Option<Timestamp>,
}

impl<'c> InForce<'c> {
    fn of(
        catalogue: &'c Catalogue,
        rules: &'c ItemRules,
        at: Timestamp,
        now: Timestamp,
        reader: Option<&'c Reader>,
    ) -> Self {
        let mut until = catalogue.kitchen.iter().map(|kitchen| kitchen.from).find(|from| *from > at);
        let mut sooner = |time: Option<Timestamp>| until = until.into_iter().chain(time).min();
        let mut items = Vec::with_capacity(catalogue.entries.len());
        for entry in &catalogue.entries {
            sooner(entry.next_after(at));
            let Some(version) = entry.at(at) else { continue };
            if let Some(item) = &version.item {
                sooner(version.own_standing(rules, now).1);
                items.push((entry, version, item));
            }
        }
        let places = items.iter().enumerate().map(|(index, (entry, ..))| (entry.id.as_str(), index)).collect();
        let mut in_force = Self { items, places, sums: Vec::new(), rules, reader, now, until };
        in_force.add_up();
        in_force
    }

    /// The items' own contents, then again and again with those of their components, until nothing is added: however deep
    /// they go, and in whatever order they stand, all that is known counts.
    fn add_up(&mut self) {
        self.sums = (0..self.items.len()).map(|index| self.own(index)).collect();
        let mut is_growing = true;
        while is_growing {
            is_growing = false;
            for index in 0..self.items.len() {
                let sum = self.with_components(index);
                is_growing |= sum != self.sums[index];
                self.sums[index] = sum;
            }
        }
    }

    fn own(&self, index: usize) -> Sum {
        let (entry, version, item) = self.items[index];
        let mut sum = Sum {
            contains: 0,
            may_contain: 0,
            told: self.reader.map_or_else(Told::default, |reader| reader.read(&entry.id, item)),
            standing: version.own_standing(self.rules, self.now).0,
            not_for_minors: item.not_for_minors,
        };
        for content in item.contents.iter().flat_map(|contents| &contents.list) {
            let substances = of_code(self.rules, &content.code);
            match content.level {
                Level::Contains => sum.contains |= substances,
                Level::MayContain => sum.may_contain |= substances,
            }
            // Declared by a release or a policy that understood it.
            if substances == 0 {
                sum.standing = Standing::NotDeclared;
            }
        }
        sum
    }

    fn with_components(&self, index: usize) -> Sum {
        let mut sum = self.sums[index];
        for id in &self.items[index].2.components {
            let part = self.places.get(id.as_str()).map(|part| self.sums[*part]);
            if let Some(part) = part {
                sum.contains |= part.contains;
                sum.may_contain |= part.may_contain;
                sum.told = sum.told.or(part.told);
                sum.not_for_minors |= part.not_for_minors;
            }
            let is_declared = part.is_some_and(|part| part.standing == Standing::Declared);
            if !is_declared && sum.standing == Standing::Declared {
                sum.standing = Standing::ComponentNotDeclared;
            }
        }
        sum
    }
}

impl Catalogue {
    /// What is in force at a time, of which it is judged at another whether contents count; and until when that stays so.
    pub(in super::super) fn menu_at(
        &self,
        rules: &ItemRules,
        at: Timestamp,
        now: Timestamp,
    ) -> (Menu, Option<Timestamp>) {
        let reader = Reader::of(rules);
        let in_force = InForce::of(self, rules, at, now, Some(&reader));
        let mut menu = Menu { rules: rules.clone(), ..Menu::default() };
        let (mut ids, mut names) = (Vec::new(), Vec::new());
        for index in 0..in_force.items.len() {
            let sum = in_force.sums[index];
            let (entry, _, item) = in_force.items[index];
            let Ok(row) = u16::try_from(index) else { break };
            // What is declared decides, of components too, whatever was vouched for.
            let is_true = |diet: &&String| !substances::diet_leaves_out(diet, sum.contains);
            let suits = item.suits_diets.iter().filter(is_true);
            let suits = suits.filter_map(|diet| place_of(&mut menu.diets, diet, DIETS_MAX));
            let suits = suits.fold(0, |mask, place| mask | 1 << place);
            let category = place_of(&mut menu.categories, &item.category, usize::MAX).unwrap_or(0);
            menu.rows.push(Row {
                contains: sum.contains,
                may_contain: sum.may_contain,
                told: Told { is_food: sum.told.is_food || !item.components.is_empty(), ..sum.told },
                suits,
                category: u32::try_from(category).unwrap_or(0),
                is_declared: sum.standing == Standing::Declared,
                not_food: item.not_food,
                not_for_minors: sum.not_for_minors,
            });
            ids.extend(key(&mut menu.texts, (&entry.id, 0), row));
            let mut own: Vec<(String, u32)> = item.names.iter().flat_map(|name| spellings(&name.text)).collect();
            own.sort_unstable();
            own.dedup();
            names.extend(own.iter().filter_map(|(name, accents)| key(&mut menu.texts, (name, *accents), row)));
        }
        ids.sort_unstable_by_key(|key: &Key| key.hash);
        names.sort_unstable_by_key(|key: &Key| key.hash);
        menu.ids = ids;
        menu.beginnings = Beginnings::of(names.iter().map(|name| menu.text(name)));
        menu.names = names;
        menu.texts.shrink_to_fit();
        menu.names.shrink_to_fit();
        let kitchen = self.kitchen_at(at).into_iter().flat_map(|kitchen| &kitchen.may_contain);
        menu.kitchen = kitchen.fold(0, |set, code| set | of_code(rules, code));
        let until = in_force.until;
        menu.reader = reader;
        (menu, until)
    }

    /// Whether the contents of the item in force at a time count, with its components.
    pub fn standing(&self, id: &str, rules: &ItemRules, at: Timestamp) -> Standing {
        let in_force = InForce::of(self, rules, at, at, None);
        match in_force.places.get(id).copied() {
            Some(index) => in_force.sums[index].standing,
            None => Standing::NotDeclared,
        }
    }

    /// The items in force at a time by their ids, with what each comes to.
    pub fn all_at<'c>(&'c self, rules: &'c ItemRules, at: Timestamp) -> Vec<(&'c Entry, &'c Version, Standing)> {
        let in_force = InForce::of(self, rules, at, at, None);
        let standings: Vec<Standing> = (0..in_force.items.len()).map(|index| in_force.sums[index].standing).collect();
        let items = in_force.items.iter().zip(standings);
        let mut all: Vec<_> = items.map(|((entry, version, _), standing)| (*entry, *version, standing)).collect();
        all.sort_unstable_by(|one, other| one.0.id.cmp(&other.0.id));
        all
    }
}

/// The place of a text in a list, which gets it if there is room.
fn place_of(list: &mut Vec<String>, text: &str, most: usize) -> Option<usize> {
    if let Some(place) = list.iter().position(|known| known == text) {
        return Some(place);
    }
    (list.len() < most).then(|| {
        list.push(text.to_owned());
        list.len() - 1
    })
}

/// The key of a text and its accents, which is added to all texts.
fn key(texts: &mut String, (text, accents): (&str, u32), row: u16) -> Option<Key> {
    let (start, bytes) = (u32::try_from(texts.len()).ok()?, u16::try_from(text.len()).ok()?);
    texts.push_str(text);
    Some(Key { hash: hash_of(text), start, bytes, row, accents })
}
