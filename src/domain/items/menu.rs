//! What one venue has declared at one time: the contents of its items as sets, found by id or name.

mod inside;
mod making;

pub(super) use making::Of;

use std::borrow::Cow;

use super::{
    fold::{accents, folded, hash_of, joined, short_hash_of, small},
    item::added,
    mention::{Beginnings, Unparted},
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
    /// Bytes of the longest: most names are longer, and not looked for among ids.
    id_bytes_max: u16,
    /// By hash.
    names: Vec<Key>,
    /// The forms of names that are alike in one word and apart, as ascending hashes. Two bytes each, since there may be 60,000: who looks
    /// one up compares the names themselves.
    joined: Vec<u16>,
    /// The place in `names` of each.
    joined_places: Vec<u32>,
    beginnings: Beginnings,
    unparted: Unparted,
    /// Ids, folded names and first names as they are written, one after another.
    texts: String,
    diets: Vec<String>,
    categories: Vec<String>,
    kitchen: Substances,
    rules: ItemRules,
    reader: Reader,
    /// What is put for later: from when, and what is declared then.
    pub(super) later: Vec<(Timestamp, Self)>,
    /// When the first declaration ends by itself; `None`: never.
    ends: Option<Timestamp>,
}

/// An item.
#[expect(clippy::struct_excessive_bools, reason = "none follows from the others")]
#[derive(Debug, Clone, Copy)]
struct Row {
    contains: Substances,
    may_contain: Substances,
    told: Told,
    /// Indices in `Menu::diets`.
    suits: u64,
    ends: Timestamp,
    /// Index in `Menu::categories`.
    category: u32,
    /// Length of its first name, which stands behind its id in `Menu::texts`; 0: it has none.
    name_bytes: u16,
    is_sold: bool,
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
    row: u32,
    /// Of a name: what was folded away.
    accents: u32,
}

/// What is declared of an item, or of all items that a text may mean.
#[expect(clippy::struct_excessive_bools, reason = "none follows from the others")]
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
    /// Until when that stays so by itself.
    pub ends: Timestamp,
    /// False: no item that is sold now is surely meant. One was called so or will be, or one is written otherwise.
    pub is_sold: bool,
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
    id_bytes_max: 0,
    names: Vec::new(),
    joined: Vec::new(),
    joined_places: Vec::new(),
    beginnings: Beginnings::none(),
    unparted: Unparted::none(),
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
    ends: None,
};

impl Menu {
    /// The menu of a venue that has declared nothing.
    pub fn nothing() -> &'static Self {
        &NOTHING
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is declared of the item with this id and of all items with this name in any language, whatever its capitals, with its
    /// accents or without any. With other accents, or written in one word or apart otherwise, it may be another thing, and what was called
    /// so, or will be, is not sold: what is known counts, and is no declaration. `None`: nothing of that name is known.
    pub fn find(&self, text: &str) -> Option<Declared<'_>> {
        if self.is_empty() {
            return None;
        }
        // Where an id is the name of another item, nobody can tell which is meant; nor where a till prints ids in capitals.
        let by_id = self.of_ids(text).map(|key| self.declared(key.row)).reduce(Declared::or);
        let by_name = folded(text, |folded| {
            let by_name = self.of_name(folded, accents(text));
            if by_name.is_some() || by_id.is_some() { by_name } else { self.of_joined(folded, text) }
        });
        by_id.into_iter().chain(by_name).reduce(|one, other| match (one.is_sold, other.is_sold) {
            (true, false) => one,
            (false, true) => other,
            _ => one.or(other),
        })
    }

    /// What is declared of all items with this folded name, written with these accents or without any. Where none is sold that is written
    /// so, what is known of all others counts too: of those that were called so, or will be, or are written otherwise.
    fn of_name(&self, folded: &str, accents: u32) -> Option<Declared<'_>> {
        let is_same = |key: &Key| key.accents == accents || key.accents == 0 || accents == 0;
        let each = || self.matching(&self.names, folded).map(|key| (key, self.declared(key.row)));
        let sold = each().filter(|(key, known)| is_same(key) && known.is_sold);
        let (is_exact, sold) = sold.fold((false, None), |(is_exact, sold), (key, known)| {
            let both = sold.map_or(known, |sold: Declared<'_>| sold.or(known));
            (is_exact || key.accents == accents, Some(both))
        });
        if is_exact {
            return sold;
        }
        let others = each().filter(|(key, known)| !(is_same(key) && known.is_sold));
        let others = others.map(|(key, known)| if is_same(key) { known } else { known.undeclared() });
        sold.into_iter().chain(others).reduce(Declared::or)
    }

    /// What is known of all items whose names are written in one word or apart otherwise ("icedtea", "ice tea", "Iced tea"): it may be
    /// another thing. The text's own words count too: apart, they may tell more.
    fn of_joined(&self, folded: &str, text: &str) -> Option<Declared<'_>> {
        let known = joined(folded).flat_map(|form| {
            let hash = short_hash_of(&form);
            let first = self.joined.partition_point(|known| *known < hash);
            let same = self.joined[first..].iter().zip(&self.joined_places[first..]);
            let keys =
                same.take_while(move |(known, _)| **known == hash).map(|(_, place)| &self.names[*place as usize]);
            let keys = keys.filter(move |key| joined(self.text(key)).any(|known| known == form));
            keys.map(|key| self.declared(key.row).undeclared())
        });
        known.reduce(Declared::or).map(|known| Declared { told: known.told.or(self.told_by(text)), ..known })
    }

    /// The items with this id, whatever its capitals.
    fn of_ids(&self, text: &str) -> impl Iterator<Item = &Key> {
        let may_be = text.len() <= usize::from(self.id_bytes_max);
        let (ids, text): (&[Key], _) = if may_be { (&self.ids, small(text)) } else { (&[], Cow::Borrowed("")) };
        with_hash_of(ids, &text).filter(move |key| small(self.text(key)) == text)
    }

    fn matching<'m>(&'m self, keys: &'m [Key], text: &str) -> impl Iterator<Item = &'m Key> {
        with_hash_of(keys, text).filter(move |key| self.text(key) == text)
    }

    fn text(&self, key: &Key) -> &str {
        let start = key.start as usize;
        &self.texts[start..start + usize::from(key.bytes)]
    }

    fn declared(&self, row: u32) -> Declared<'_> {
        let Row {
            contains,
            may_contain,
            told,
            suits,
            ends,
            category,
            name_bytes: _,
            is_sold,
            is_declared,
            not_food,
            not_for_minors,
        } = self.rows[row as usize];
        Declared {
            contains,
            may_contain,
            told,
            is_declared,
            ends,
            is_sold,
            not_food,
            suits: Suits { codes: &self.diets, mask: suits },
            not_for_minors,
            category: self.categories.get(category as usize).map_or("", String::as_str),
        }
    }

    /// The first name of the item with this id; `None`: there is none, or the text is a name itself.
    pub fn name_of_id(&self, text: &str) -> Option<&str> {
        let key = self.of_ids(text).find(|key| self.text(key) == text)?;
        let bytes = usize::from(self.rows[key.row as usize].name_bytes);
        let is_name = folded(text, |folded| self.matching(&self.names, folded).next().is_some());
        let start = key.start as usize + usize::from(key.bytes);
        (bytes != 0 && !is_name).then(|| &self.texts[start..start + bytes])
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

    /// Whether all that is declared still counts at a time.
    pub fn lasts_until(&self, time: Timestamp) -> bool {
        self.ends.is_none_or(|ends| time < ends)
    }

    /// What it takes in memory, in bytes.
    pub fn weight(&self) -> usize {
        size_of_val(self.rows.as_slice())
            + size_of_val(self.ids.as_slice())
            + size_of_val(self.names.as_slice())
            + size_of_val(self.joined.as_slice())
            + size_of_val(self.joined_places.as_slice())
            + self.beginnings.weight()
            + self.unparted.weight()
            + self.texts.len()
            + self.diets.iter().chain(&self.categories).map(|text| text.len() + size_of::<String>()).sum::<usize>()
            + self.later.iter().map(|(_, menu)| menu.weight()).sum::<usize>()
    }
}

/// The keys of a text, and of what has its hash by chance.
fn with_hash_of<'m>(keys: &'m [Key], text: &str) -> impl Iterator<Item = &'m Key> + use<'m> {
    let hash = hash_of(text);
    let first = keys.partition_point(|key| key.hash < hash);
    keys[first..].iter().take_while(move |key| key.hash == hash)
}

impl Declared<'_> {
    /// The same at a later time: what is declared may end until then.
    pub fn on(self, time: Timestamp) -> Self {
        Self { is_declared: self.is_declared && time < self.ends, ..self }
    }

    /// The same, of something that may be another thing.
    pub(in crate::domain) fn undeclared(self) -> Self {
        let suits = Suits { mask: 0, ..self.suits };
        let told = self.told.by_words_alone();
        Self { told, is_declared: false, is_sold: false, not_food: false, suits, category: "", ..self }
    }

    /// What holds if either is meant.
    pub fn or(self, other: Self) -> Self {
        Self {
            contains: self.contains | other.contains,
            may_contain: self.may_contain | other.may_contain,
            told: self.told.or(other.told),
            is_declared: self.is_declared && other.is_declared,
            ends: self.ends.min(other.ends),
            is_sold: self.is_sold && other.is_sold,
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

#[cfg(test)]
#[path = "menu_tests.rs"]
pub(super) mod tests;
