//! How a menu is made of what a catalogue has in force: each item with its components.

use std::collections::HashMap;

use super::{
    super::{
        bounds::{UNSOLD_MAX, UNSOLD_VERSIONS_MAX},
        catalogue::{Catalogue, Entry},
        fold::{hash_of, joined, short_hash_of, small, spellings},
        item::{Item, Level, Standing, Version, of_code},
        mention::{Beginnings, Unparted},
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
    /// Until when it counts as declared.
    ends: Timestamp,
    not_for_minors: bool,
}

/// An item as it is found.
struct Listed<'c> {
    entry: &'c Entry,
    version: &'c Version,
    item: &'c Item,
    /// False: it is not in force, but was or will be, under names that its entry does not have now.
    is_sold: bool,
    is_found_by_id: bool,
    names: Vec<&'c str>,
}

impl<'c> Listed<'c> {
    /// The version of an entry that is in force at a time.
    fn sold(entry: &'c Entry, at: Timestamp) -> Option<Self> {
        let version = entry.at(at)?;
        let item = version.item.as_ref()?;
        let names = item.names.iter().map(|name| name.text.as_str()).collect();
        Some(Self { entry, version, item, is_sold: true, is_found_by_id: true, names })
    }

    /// The other versions of an entry, by the names that no nearer one has: those before, the newest first, then those to come.
    fn unsold(entry: &'c Entry, at: Timestamp, sold: Option<&Self>) -> Vec<Self> {
        let (before, later) = entry.versions.split_at(entry.versions.partition_point(|version| version.from <= at));
        let mut known = sold.map_or_else(Vec::new, |sold| sold.names.clone());
        let mut all: Vec<Self> = Vec::new();
        for version in before.iter().rev().chain(later) {
            let Some(item) = version.item.as_ref() else { continue };
            let names = item.names.iter().map(|name| name.text.as_str());
            let names: Vec<&str> = names.filter(|name| !known.contains(name)).collect();
            let is_found_by_id = sold.is_none() && all.is_empty();
            if names.is_empty() && !is_found_by_id {
                continue;
            }
            if all.len() == UNSOLD_VERSIONS_MAX {
                break;
            }
            known.extend(&names);
            all.push(Self { entry, version, item, is_sold: false, is_found_by_id, names });
        }
        all
    }
}

/// Of which time a menu is made.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Of {
    pub at: Timestamp,
    /// By when it is judged whether contents count.
    pub now: Timestamp,
    /// It stands for all that follows: what is put for an item after `at` counts with what it is then, and none of it is declared.
    pub is_last: bool,
}

/// The items in force at one time, with the sums of their components; then what is known of others.
pub(in crate::domain) struct InForce<'c> {
    items: Vec<Listed<'c>>,
    /// How many of them are in force.
    sold: usize,
    places: HashMap<&'c str, usize>,
    sums: Vec<Sum>,
    rules: &'c ItemRules,
    /// `None`: nobody asks what the names tell of.
    reader: Option<&'c Reader>,
    of: Of,
    /// When something is next declared otherwise by itself.
    until: Option<Timestamp>,
}

impl<'c> InForce<'c> {
    fn of(catalogue: &'c Catalogue, rules: &'c ItemRules, of: Of, reader: Option<&'c Reader>) -> Self {
        let mut until = catalogue.kitchen.iter().map(|kitchen| kitchen.from).find(|from| *from > of.at);
        let mut sooner = |time: Option<Timestamp>| until = until.into_iter().chain(time).min();
        let mut items = Vec::with_capacity(catalogue.entries.len());
        let mut unsold = Vec::new();
        for entry in &catalogue.entries {
            sooner(entry.next_after(of.at));
            let sold = Listed::sold(entry, of.at);
            unsold.extend(Listed::unsold(entry, of.at, sold.as_ref()));
            if let Some(listed) = sold {
                sooner(listed.version.own_standing(rules, of.now).1);
                items.push(listed);
            }
        }
        if unsold.len() > UNSOLD_MAX {
            unsold.sort_by_key(|listed| listed.version.from.duration_since(of.at).abs());
            unsold.truncate(UNSOLD_MAX);
        }
        let sold = items.len();
        items.extend(unsold);
        let by_id = items.iter().enumerate().filter(|(_, listed)| listed.is_found_by_id);
        let places = by_id.map(|(index, listed)| (listed.entry.id.as_str(), index)).collect();
        let mut in_force = Self { items, sold, places, sums: Vec::new(), rules, reader, of, until };
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

    /// Whether something else is put for it, of which this menu must tell too.
    fn is_open(&self, listed: &Listed<'_>) -> bool {
        self.of.is_last && listed.entry.next_after(self.of.at).is_some()
    }

    /// What an item is taken to be: as it was put, and as it will be; where that says nothing of its contents, as it was before.
    fn meant(&self, index: usize) -> impl Iterator<Item = &'c Item> {
        let listed = &self.items[index];
        let later = if self.is_open(listed) { listed.entry.versions.as_slice() } else { &[] };
        let at = self.of.at;
        let later = later.iter().filter(move |version| version.from > at).filter_map(|version| version.item.as_ref());
        let before = listed.entry.declared_before(listed.version);
        std::iter::once(listed.item).chain(later).chain(before)
    }

    fn own(&self, index: usize) -> Sum {
        let listed = &self.items[index];
        let is_known = listed.is_sold && !self.is_open(listed);
        let standing = if is_known { listed.version.own_standing(self.rules, self.of.now) } else { NOTHING_DECLARED };
        let mut sum = Sum {
            contains: 0,
            may_contain: 0,
            told: Told::default(),
            standing: standing.0,
            ends: standing.1.unwrap_or(Timestamp::MAX),
            not_for_minors: false,
        };
        for item in self.meant(index) {
            sum.not_for_minors |= item.not_for_minors;
            let mut contains = 0;
            for content in item.contents.iter().flat_map(|contents| &contents.list) {
                let substances = of_code(self.rules, &content.code);
                match content.level {
                    Level::Contains => contains |= substances,
                    Level::MayContain => sum.may_contain |= substances,
                }
                // Declared by a release or a policy that understood it.
                if substances == 0 {
                    sum.standing = Standing::NotDeclared;
                }
            }
            sum.contains |= contains;
            let told = self.reader.map_or_else(Told::default, |it| it.read(&listed.entry.id, item));
            // What does not count as declared any more says nothing for it.
            let is_declared = sum.standing == Standing::Declared;
            sum.told = sum.told.or(if is_declared { told.declared(contains) } else { told });
        }
        sum
    }

    fn with_components(&self, index: usize) -> Sum {
        let mut sum = self.sums[index];
        let listed = &self.items[index];
        // What was called otherwise may be what the item is by now.
        let renamed = (!listed.is_sold).then_some(&listed.entry.id);
        for id in self.meant(index).flat_map(|item| &item.components).chain(renamed) {
            let part = self.places.get(id.as_str()).map(|part| self.vouched(*part));
            if let Some(part) = part {
                sum.contains |= part.contains;
                sum.may_contain |= part.may_contain;
                sum.told = sum.told.or(part.told);
                sum.ends = sum.ends.min(part.ends);
                sum.not_for_minors |= part.not_for_minors;
            }
            let is_declared = part.is_some_and(|part| part.standing == Standing::Declared);
            if !is_declared && sum.standing == Standing::Declared {
                sum.standing = Standing::ComponentNotDeclared;
            }
        }
        sum
    }

    /// Whether the venue's word for the item's diets counts.
    fn vouches(&self, listed: &Listed<'_>) -> bool {
        listed.is_sold && !self.is_open(listed)
    }

    /// The diets for which an item is suitable. What is declared decides, of components too, whatever was vouched for.
    fn suits(&self, index: usize) -> impl Iterator<Item = &'c String> {
        let (contains, listed) = (self.sums[index].contains, &self.items[index]);
        let vouches = self.vouches(listed);
        let is_true = move |diet: &&String| vouches && !substances::diet_leaves_out(diet, contains);
        listed.item.suits_diets.iter().filter(is_true)
    }

    /// The sum of an item, without what its diets rule out that its names tell of, and those of its components.
    fn vouched(&self, index: usize) -> Sum {
        let sum = self.sums[index];
        let ruled_out = self.suits(index).fold(0, |set, diet| set | substances::ruled_out_by(diet));
        Sum { told: sum.told.without_for_diets(ruled_out), ..sum }
    }

    /// The row of an item.
    fn row(&self, index: usize, menu: &mut Menu) -> Row {
        let (sum, listed) = (self.vouched(index), &self.items[index]);
        let suits = self.suits(index).filter_map(|diet| place_of(&mut menu.diets, diet, DIETS_MAX));
        let suits = suits.fold(0, |mask, place| mask | 1 << place);
        let category = place_of(&mut menu.categories, &listed.item.category, usize::MAX).unwrap_or(0);
        Row {
            contains: sum.contains,
            may_contain: sum.may_contain,
            told: Told { is_food: sum.told.is_food || !listed.item.components.is_empty(), ..sum.told },
            suits,
            ends: sum.ends,
            category: u32::try_from(category).unwrap_or(0),
            name_bytes: 0,
            is_sold: listed.is_sold,
            is_declared: sum.standing == Standing::Declared,
            not_food: self.meant(index).all(|item| item.not_food),
            not_for_minors: sum.not_for_minors,
        }
    }
}

const NOTHING_DECLARED: (Standing, Option<Timestamp>) = (Standing::NotDeclared, None);

impl Catalogue {
    /// What is in force at a time, and until when that stays so.
    pub(in super::super) fn menu_of(&self, rules: &ItemRules, of: Of) -> (Menu, Option<Timestamp>) {
        let reader = Reader::of(rules);
        let in_force = InForce::of(self, rules, of, Some(&reader));
        let mut menu = Menu { rules: rules.clone(), ..Menu::default() };
        let (mut ids, mut names) = (Vec::new(), Vec::new());
        for (index, listed) in in_force.items.iter().enumerate() {
            let Ok(number) = u32::try_from(index) else { break };
            let row = in_force.row(index, &mut menu);
            menu.ends = menu.ends.into_iter().chain(row.is_declared.then_some(row.ends)).min();
            let mut name_bytes = 0;
            if listed.is_found_by_id {
                let hash = hash_of(&small(&listed.entry.id));
                ids.extend(key(&mut menu.texts, (&listed.entry.id, 0), number).map(|key| Key { hash, ..key }));
                // Behind the id, so that its place need not be kept.
                let name = listed.names.first().copied().unwrap_or_default();
                name_bytes = u16::try_from(name.len()).unwrap_or(0);
                menu.texts.push_str(if name_bytes > 0 { name } else { "" });
            }
            menu.rows.push(Row { name_bytes, ..row });
            let mut own: Vec<(String, u32)> = listed.names.iter().flat_map(|name| spellings(name)).collect();
            own.sort_unstable();
            own.dedup();
            names.extend(own.iter().filter_map(|(name, accents)| key(&mut menu.texts, (name, *accents), number)));
        }
        ids.sort_unstable_by_key(|key: &Key| key.hash);
        names.sort_unstable_by_key(|key: &Key| key.hash);
        menu.id_bytes_max = ids.iter().map(|key| key.bytes).max().unwrap_or_default();
        menu.ids = ids;
        menu.beginnings = Beginnings::of(names.iter().map(|name| menu.text(name)));
        menu.unparted = Unparted::of(names.iter().map(|name| menu.text(name)));
        menu.names = names;
        (menu.joined, menu.joined_places) = menu.joined();
        menu.rows.shrink_to_fit();
        menu.texts.shrink_to_fit();
        menu.names.shrink_to_fit();
        let later = self.kitchen.iter().filter(|kitchen| of.is_last && kitchen.from > of.at);
        let kitchen = self.kitchen_at(of.at).into_iter().chain(later).flat_map(|kitchen| &kitchen.may_contain);
        menu.kitchen = kitchen.fold(0, |set, code| set | of_code(rules, code));
        let until = in_force.until;
        menu.reader = reader;
        (menu, until)
    }

    /// Whether the contents of the item in force at a time count, with its components.
    pub fn standing(&self, id: &str, rules: &ItemRules, at: Timestamp) -> Standing {
        let in_force = InForce::of(self, rules, Of { at, now: at, is_last: false }, None);
        match in_force.places.get(id).copied() {
            Some(index) => in_force.sums[index].standing,
            None => Standing::NotDeclared,
        }
    }

    /// The items in force at a time by their ids, with what each comes to.
    pub fn all_at<'c>(&'c self, rules: &'c ItemRules, at: Timestamp) -> Vec<(&'c Entry, &'c Version, Standing)> {
        let in_force = InForce::of(self, rules, Of { at, now: at, is_last: false }, None);
        let items = in_force.items.iter().zip(&in_force.sums).take(in_force.sold);
        let mut all: Vec<_> = items.map(|(listed, sum)| (listed.entry, listed.version, sum.standing)).collect();
        all.sort_unstable_by(|one, other| one.0.id.cmp(&other.0.id));
        all
    }
}

impl Menu {
    /// For each name, the forms that it may be written in otherwise.
    fn joined(&self) -> (Vec<u16>, Vec<u32>) {
        let names = self.names.iter().enumerate();
        let forms = names.flat_map(|(place, key)| {
            let hashes = joined(self.text(key)).map(|form| short_hash_of(&form));
            hashes.filter_map(move |hash| Some((hash, u32::try_from(place).ok()?)))
        });
        let mut forms: Vec<(u16, u32)> = forms.collect();
        forms.sort_unstable();
        forms.dedup();
        forms.into_iter().unzip()
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
fn key(texts: &mut String, (text, accents): (&str, u32), row: u32) -> Option<Key> {
    let (start, bytes) = (u32::try_from(texts.len()).ok()?, u16::try_from(text.len()).ok()?);
    texts.push_str(text);
    Some(Key { hash: hash_of(text), start, bytes, row, accents })
}
