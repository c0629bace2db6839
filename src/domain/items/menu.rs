//! What one venue has declared at one time: the contents of its items as sets, found by id or name.

use std::collections::HashMap;

use super::{
    catalogue::{Catalogue, Entry},
    fold::{accents, fold_umlauts, folded, hash_of, spellings},
    item::{Item, Level, Standing, Version, added, of_code},
    mention::Beginnings,
    told::{Reader, Told},
};
use crate::domain::{
    insight::substances::{self, Substances},
    kernel::time::Timestamp,
    policy::{DECLARED_DAYS, ItemRules},
};

/// Diets that the items of one venue may name; one more is not vouched for.
const DIETS_MAX: usize = 64;

/// What a venue has declared, at one moment.
#[derive(Debug, Default)]
pub struct Menu {
    rows: Vec<Row>,
    /// By hash.
    ids: Vec<Key>,
    /// By hash.
    names: Vec<Key>,
    beginnings: Beginnings,
    /// Ids and folded names, one after another.
    texts: String,
    diets: Vec<String>,
    categories: Vec<String>,
    kitchen: Substances,
    rules: ItemRules,
    reader: Reader,
    /// What is put for later: from when, and what is declared then.
    pub(super) later: Vec<(Timestamp, Self)>,
}

/// An item.
#[derive(Debug, Clone, Copy)]
struct Row {
    contains: Substances,
    may_contain: Substances,
    told: Told,
    /// Indices in `Menu::diets`.
    suits: u64,
    /// Index in `Menu::categories`.
    category: u32,
    is_declared: bool,
    not_food: bool,
    not_for_minors: bool,
}

/// An id or name of an item.
#[derive(Debug, Clone, Copy)]
struct Key {
    hash: u64,
    start: u32,
    bytes: u16,
    row: u16,
    /// Of a name: what was folded away.
    accents: u32,
}

/// What is declared of an item, or of all items that a text may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared<'m> {
    /// What it contains.
    pub contains: Substances,
    /// What it may contain besides.
    pub may_contain: Substances,
    /// What its names tell of in all languages, and those of its components.
    pub told: Told,
    /// False: it is listed, and its contents are unknown, or too old to count. What is known of them counts all the same.
    pub is_declared: bool,
    /// It is nothing to eat or drink.
    pub not_food: bool,
    /// For which diets the venue vouches that it is suitable.
    pub suits: Suits<'m>,
    /// It must not be proposed to minors.
    pub not_for_minors: bool,
    /// Its category; empty: none, or the items that are meant have different ones.
    pub category: &'m str,
}

/// Diets for which an item is suitable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suits<'m> {
    /// The codes of the menu's diets.
    codes: &'m [String],
    /// Indices in `codes`.
    mask: u64,
}

/// Endings of a precaution's code that say nothing of what it is about.
const SAY_NOTHING: [&str; 2] = ["_ALLERGY", "_INTOLERANCE"];

static NOTHING: Menu = Menu {
    rows: Vec::new(),
    ids: Vec::new(),
    names: Vec::new(),
    beginnings: Beginnings::none(),
    texts: String::new(),
    diets: Vec::new(),
    categories: Vec::new(),
    kitchen: 0,
    rules: ItemRules {
        declared_days: DECLARED_DAYS,
        added_substances: Vec::new(),
        not_food_categories: Vec::new(),
        food_categories: Vec::new(),
    },
    reader: Reader::none(),
    later: Vec::new(),
};

impl Menu {
    /// The menu of a venue that has declared nothing.
    pub fn nothing() -> &'static Self {
        &NOTHING
    }

    /// What is declared of the item with this id and of all items with this name in any language, whatever its capitals, with its
    /// accents or without any. With other accents it may be another thing: what is known counts, and is no declaration. `None`:
    /// nothing of that name is listed.
    pub fn find(&self, text: &str) -> Option<Declared<'_>> {
        if self.rows.is_empty() {
            return None;
        }
        // Where an id is the name of another item, nobody can tell which is meant.
        let by_id = self.matching(&self.ids, text).next().map(|key| self.declared(key.row));
        let by_name = folded(text, |folded| self.of_name(folded, accents(text)));
        by_id.into_iter().chain(by_name).reduce(Declared::or)
    }

    /// What is declared of all items with this folded name, written with these accents or without any.
    fn of_name(&self, folded: &str, accents: u32) -> Option<Declared<'_>> {
        let all = |is_same: bool| {
            let keys = self.matching(&self.names, folded);
            let keys = keys.filter(move |key| is_same == (key.accents == accents || key.accents == 0 || accents == 0));
            keys.map(|key| self.declared(key.row)).reduce(Declared::or)
        };
        all(true).or_else(|| all(false).map(Declared::undeclared))
    }

    /// What is declared of all items that a text names: by its whole as an id or a name, or by a whole name inside it, in the
    /// singular or the plural. `None`: it names none.
    pub fn mentioned_in(&self, text: &str) -> Option<Declared<'_>> {
        if self.rows.is_empty() {
            return None;
        }
        let inside = folded(text, |folded| self.inside(folded));
        let spelt = fold_umlauts(text).and_then(|spelt| self.inside(&spelt));
        [self.find(text), inside, spelt].into_iter().flatten().reduce(Declared::or)
    }

    /// What is declared of all items that a folded text names.
    fn inside(&self, folded: &str) -> Option<Declared<'_>> {
        let rows = self.beginnings.rows(folded).flat_map(|name| {
            let singular = name.strip_suffix('s').and_then(|singular| self.of_name(singular, 0));
            [self.of_name(name, 0), singular, self.of_name(&format!("{name}s"), 0)].into_iter().flatten()
        });
        rows.reduce(Declared::or)
    }

    fn matching<'m>(&'m self, keys: &'m [Key], text: &str) -> impl Iterator<Item = &'m Key> {
        let hash = hash_of(text);
        let first = keys.partition_point(|key| key.hash < hash);
        let same = keys[first..].iter().take_while(move |key| key.hash == hash);
        same.filter(move |key| self.text(key) == text)
    }

    fn text(&self, key: &Key) -> &str {
        let start = key.start as usize;
        &self.texts[start..start + usize::from(key.bytes)]
    }

    fn declared(&self, row: u16) -> Declared<'_> {
        let Row { contains, may_contain, told, suits, category, is_declared, not_food, not_for_minors } =
            self.rows[usize::from(row)];
        Declared {
            contains,
            may_contain,
            told,
            is_declared,
            not_food,
            suits: Suits { codes: &self.diets, mask: suits },
            not_for_minors,
            category: self.categories.get(category as usize).map_or("", String::as_str),
        }
    }

    /// What the venue's kitchen may carry over to everything that it makes.
    pub fn kitchen(&self) -> Substances {
        self.kitchen
    }

    /// The menu of a venue that has declared nothing. What the policy adds to the table counts there too.
    pub fn of_nothing(rules: &ItemRules) -> Self {
        Self { rules: rules.clone(), reader: Reader::of(rules), ..Self::default() }
    }

    /// The substances that a code stands for: those of the table, and the one that the policy has added under this code.
    pub fn of_code(&self, code: &str) -> Substances {
        substances::of_content(code) | self.added_by(code)
    }

    /// What the policy has added under the code of a precaution: KIWI, KIWIS, KIWI_ALLERGY.
    pub fn added_by(&self, code: &str) -> Substances {
        let plain = SAY_NOTHING.iter().find_map(|suffix| code.strip_suffix(suffix)).unwrap_or(code);
        [Some(plain), plain.strip_suffix('S')].into_iter().flatten().fold(0, |set, code| set | added(&self.rules, code))
    }

    /// What a text tells of, by the words of the table and by what the policy has added.
    pub fn told_by(&self, text: &str) -> Told {
        self.reader.told_by(text)
    }

    /// What the policy has added of which a text has the words.
    pub fn added_in(&self, text: &str) -> Substances {
        self.reader.added_in(text)
    }

    /// What it takes in memory, in bytes.
    pub fn weight(&self) -> usize {
        size_of_val(self.rows.as_slice())
            + size_of_val(self.ids.as_slice())
            + size_of_val(self.names.as_slice())
            + self.beginnings.weight()
            + self.texts.len()
            + self.diets.iter().chain(&self.categories).map(|text| text.len() + size_of::<String>()).sum::<usize>()
            + self.later.iter().map(|(_, menu)| menu.weight()).sum::<usize>()
    }
}

impl Declared<'_> {
    /// The same, of something that may be another thing.
    fn undeclared(self) -> Self {
        let suits = Suits { mask: 0, ..self.suits };
        Self { is_declared: false, not_food: false, suits, category: "", ..self }
    }

    /// What holds if either is meant.
    fn or(self, other: Self) -> Self {
        Self {
            contains: self.contains | other.contains,
            may_contain: self.may_contain | other.may_contain,
            told: self.told.or(other.told),
            is_declared: self.is_declared && other.is_declared,
            not_food: self.not_food && other.not_food,
            suits: Suits { codes: self.suits.codes, mask: self.suits.mask & other.suits.mask },
            not_for_minors: self.not_for_minors || other.not_for_minors,
            category: if self.category == other.category { self.category } else { "" },
        }
    }
}

impl Suits<'_> {
    /// Whether it is suitable for a diet: the very one, or a stricter one.
    pub fn diet(&self, code: &str) -> bool {
        let mut named = self.codes.iter().enumerate().filter(|(index, _)| self.mask & (1 << index) != 0);
        named.any(|(_, vouched)| substances::diet_fits(code, vouched))
    }
}

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
    pub(super) fn menu_at(&self, rules: &ItemRules, at: Timestamp, now: Timestamp) -> (Menu, Option<Timestamp>) {
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

#[cfg(test)]
#[path = "menu_tests.rs"]
pub(super) mod tests;
