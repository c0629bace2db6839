//! What stands apart from a word that lifts, in one part of a name: "vegan burger bacon".

use super::{Lift, Role, UNIT_CHARS_MAX, Word};
use crate::domain::words::{codes, fold, lexicon::Hit};

/// Whether a word that lifts is a drink itself, in which something may be put.
pub(super) fn is_drink(word: &str) -> bool {
    fold::folded(word).trim_end_matches('s') == "mocktail"
}

impl Lift {
    /// Whether a word of its own group stands apart from what it says: what is put on or in a dish that was named before ("vegan
    /// burger bacon", "beef burger vegan mayo", "burger vegano pancetta", "virgin mojito rum"). In doubt it does.
    pub(super) fn stands_apart(&self, text: &str, words: &[Word], hit: Hit) -> bool {
        let any_of = |code: &str| codes::with_parts(codes::alone(code));
        let (meat, fish) = (any_of("MEAT"), any_of("SEAFOOD"));
        let is_of_diet = self.lifted & meat != 0;
        if !is_of_diet && self.lifted & any_of("ALCOHOL") == 0 {
            return false;
        }
        let (start, end) = (hit.start as usize, hit.end as usize);
        let group = || words.iter().filter(|word| word.group == self.group && word.part == self.part);
        let is_first = group().next().is_none_or(|first| self.start <= first.start);
        if end <= self.start {
            let next = group().find(|word| self.end < word.start);
            let says_more = |word: &Word| word.names_something() && word.end - word.start > UNIT_CHARS_MAX;
            return is_of_diet
                && self.lifted & fish != 0
                && !self.follows_its_noun(text, words)
                && next.is_some_and(says_more);
        }
        let is_dish = self.lifted & fish == 0 && is_of_diet;
        let is_base = |word: &Word| word.role == Some(Role::Base) && self.end < word.start && word.end < start;
        // "Mocktail gin".
        let is_drink = || group().any(|word| self.is_word(word) && is_drink(&text[word.from..word.to]));
        is_dish || is_drink() || group().any(is_base) || (!is_first && self.follows_its_noun(text, words))
    }

    fn is_word(&self, word: &Word) -> bool {
        self.start <= word.start && word.end <= self.end
    }

    /// Whether it is a word that stands after what it is said of: "vegano", "végétarien", "analcolico".
    fn follows_its_noun(&self, text: &str, words: &[Word]) -> bool {
        let mut own = words.iter().filter(|word| self.is_word(word));
        let (Some(word), None) = (own.next(), own.next()) else { return false };
        let word = fold::folded(&text[word.from..word.to]);
        ["o", "a", "os", "as", "i", "al", "ale", "ien", "iens", "ienne", "iennes"]
            .iter()
            .any(|ending| word.ends_with(ending))
    }
}
