//! Items that a text names inside it: "Bring a Wobble", "Plonk with Wobble".

use std::borrow::Cow;

use super::{
    super::{
        fold::{fold_umlauts, folded},
        told::Told,
    },
    Declared, Key, Menu,
};
use crate::domain::{insight::substances, words};

/// Words of a text that are one of a name, at most; a longer row is rarely written apart.
const JOINED_WORDS_MAX: usize = 3;
/// Shorter runs are ordinary words too often: "i ce".
const JOINED_BYTES_MIN: usize = 6;

impl Menu {
    /// What is declared of all items that a text names: by its whole as an id or a name, or inside it.
    pub fn mentioned_in(&self, text: &str) -> Option<Declared<'_>> {
        self.find(text).into_iter().chain(self.named_inside(text)).reduce(Declared::or)
    }

    /// What is declared of all items that a text names inside it: by an id as a word of it, or by a whole name, in the singular or the
    /// plural. `None`: it names none.
    pub fn named_inside(&self, text: &str) -> Option<Declared<'_>> {
        if self.is_empty() {
            return None;
        }
        let inside = folded(text, |folded| self.inside(folded));
        let spelt = fold_umlauts(text).and_then(|spelt| self.inside(&spelt));
        let parted = words::without_stuck_counts(text).and_then(|parted| folded(&parted, |parted| self.inside(parted)));
        let found = [self.with_id_in(text), inside, spelt, parted];
        found.into_iter().flatten().reduce(Declared::or)
    }

    /// What is declared of all items whose ids are words of a text, whatever its capitals: "Bring SKU4711". Of one character, or
    /// of digits alone, a word is a number or a letter.
    fn with_id_in(&self, text: &str) -> Option<Declared<'_>> {
        let is_between = |char: char| !char.is_alphanumeric() && !['-', '_', '.'].contains(&char);
        let words = text.split(is_between).map(|word| word.trim_matches(['-', '_', '.']));
        let is_id = |word: &&str| word.chars().nth(1).is_some() && word.contains(char::is_alphabetic);
        // An id may be the item's name: "beer".
        let declared = |key: &Key| self.declared(key.row).in_text(self.text(key), text);
        words.filter(is_id).flat_map(|id| self.of_ids(id)).map(declared).reduce(Declared::or)
    }

    /// The same of the items alone whose names have a word of negation ("Sin City"): it is none of the text's.
    pub fn negating_inside(&self, text: &str) -> Option<Declared<'_>> {
        let is_negating = |name: &str| matches!(substances::unlifted(name), Cow::Owned(_));
        folded(text, |folded| {
            let rows = self.beginnings.rows(folded).filter(|name| is_negating(name));
            rows.flat_map(|name| self.of_number(name)).reduce(Declared::or)
        })
    }

    /// What is declared of the items of a folded name, in the singular or the plural.
    fn of_number(&self, name: &str) -> impl Iterator<Item = Declared<'_>> {
        let singular = name.strip_suffix('s').and_then(|singular| self.of_name(singular, 0));
        [self.of_name(name, 0), singular, self.of_name(&format!("{name}s"), 0)].into_iter().flatten()
    }

    /// What is declared of all items that a folded text names.
    fn inside(&self, folded: &str) -> Option<Declared<'_>> {
        let rows = self.beginnings.rows(folded).flat_map(|name| self.of_number(name).map(move |known| (name, known)));
        let rows = rows.map(|(name, known)| known.in_text(name, folded));
        rows.chain(self.joined_inside(folded)).chain(self.unparted_inside(folded)).reduce(Declared::or)
    }

    /// What is known of all items whose names stand in a text of a script that does not part words as others do: 请上宫保鸡丁.
    fn unparted_inside<'m>(&'m self, folded: &str) -> impl Iterator<Item = Declared<'m>> + use<'m> {
        let places = self.unparted.places(folded, |place| self.text(&self.names[place as usize]));
        places.into_iter().map(|place| self.declared(self.names[place as usize].row))
    }

    /// What is known of all items that a folded text names in one word or apart otherwise: "Bring ColdBliss", "Bring a zauber brot".
    fn joined_inside<'m>(&'m self, folded: &str) -> impl Iterator<Item = Declared<'m>> + use<'m> {
        let words: Vec<&str> = folded.split(' ').collect();
        let runs = (1..=JOINED_WORDS_MAX).flat_map(|length| words.windows(length).map(|run| run.join(" ")));
        let runs: Vec<String> = runs.filter(|run| run.len() >= JOINED_BYTES_MIN).collect();
        let known = runs.into_iter().filter_map(|run| Some(self.of_joined(&run, &run)?.in_text(&run, folded)));
        known.collect::<Vec<_>>().into_iter()
    }
}

impl Declared<'_> {
    /// The same without what the words of its name tell of, and those of the whole text do not: "Ginger beer" names no beer, and "peanut
    /// butter" no butter.
    fn in_text(self, name: &str, text: &str) -> Self {
        let holds = self.contains | self.may_contain | self.told.all;
        let own = if holds == 0 || name.len() == text.len() { 0 } else { substances::told_by(name) };
        let others = if own == 0 { 0 } else { substances::with_parts(own & !substances::told_by(text)) };
        if others == 0 {
            return self;
        }
        Self {
            contains: self.contains & !others,
            may_contain: self.may_contain & !others,
            told: Told {
                all: self.told.all & !others,
                lifted: self.told.lifted & !others,
                for_diets: self.told.for_diets & !others,
                ..self.told
            },
            not_for_minors: self.not_for_minors && others & substances::of_content("ALCOHOL") == 0,
            ..self
        }
    }
}
