//! All words as one automaton: a name is read once for all of them.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use aho_corasick::{
    Anchored, PatternID,
    automaton::{Automaton, StateID},
    nfa::contiguous::NFA,
};
use fnv::FnvBuildHasher;

use super::{
    codes::{self, FOOD, Substances},
    file::{self, Entry},
    fold::{self, BLANK, BREAK},
    plural,
};

/// States so many letters deep have a row of their own, by which the next state is found at once: most of a name is read there.
const DENSE_DEPTH: usize = 6;

/// Names of several words are found in one word too ("padthai"), if it has so many letters: shorter ones are other words.
const JOINED_CHARS_MIN: usize = 7;

/// Finds words in texts, and has a value of each.
pub(super) struct Finder<T> {
    automaton: NFA,
    /// Where every reading begins: a blank stands before the text.
    start: StateID,
    found: Vec<Found<T>>,
}

/// A word to be found: how many letters it has, whether a blank must stand after them, and its value.
struct Found<T> {
    chars: usize,
    ends_with_blank: bool,
    value: T,
}

impl<T> Finder<T> {
    /// Of entries that are found in the same places, the values are merged.
    pub fn of(entries: impl Iterator<Item = (Entry, T)>, merge: impl Fn(&mut T, T)) -> Self
    where
        T: Clone,
    {
        let mut places: HashMap<String, usize, FnvBuildHasher> = HashMap::default();
        let mut found: Vec<Found<T>> = Vec::new();
        for (entry, value) in entries {
            let is_fixed = entry.is_exact || entry.is_open_after;
            let mut forms = match entry.section {
                _ if is_fixed => fold::spellings(entry.word),
                "dishes" => plural::forms_of_dish(entry.language, entry.word),
                _ => plural::forms(entry.language, entry.word),
            };
            if matches!(entry.section, "words" | "dishes") && !entry.is_open_before && !entry.is_open_after {
                let joined: Vec<String> = forms.iter().filter_map(|form| joined(form)).collect();
                forms.extend(joined);
            }
            let [before, after] = [entry.is_open_before, entry.is_open_after].map(|open| if open { "" } else { " " });
            for form in forms {
                let chars = form.len();
                match places.entry(format!("{before}{form}{after}")) {
                    std::collections::hash_map::Entry::Occupied(known) => {
                        merge(&mut found[*known.get()].value, value.clone());
                    }
                    std::collections::hash_map::Entry::Vacant(place) => {
                        place.insert(found.len());
                        found.push(Found { chars, ends_with_blank: !entry.is_open_after, value: value.clone() });
                    }
                }
            }
        }
        let mut patterns: Vec<(String, usize)> = places.into_iter().collect();
        patterns.sort_unstable_by_key(|(_, at)| *at);
        // A DFA takes fewer instructions and four times the memory: it misses the processor's caches, and is slower.
        let automaton = NFA::builder()
            .prefilter(false)
            .dense_depth(DENSE_DEPTH)
            .build(patterns.iter().map(|(pattern, _)| pattern.as_bytes()))
            .expect("the table is small and fixed");
        let start = automaton.start_state(Anchored::No).expect("it starts unanchored");
        let start = automaton.next_state(Anchored::No, start, BLANK);
        Self { automaton, start, found }
    }

    /// Hands over each word that is found: its index, and where it begins and ends in the text as it is folded.
    pub fn each(&self, text: &str, mut hit: impl FnMut(usize, usize, usize)) {
        let (automaton, mut state, mut read) = (&self.automaton, self.start, 0);
        let mut step = |symbol: u8| {
            state = automaton.next_state(Anchored::No, state, symbol);
            read += 1;
            if automaton.is_special(state) {
                self.at_words(state, read, &mut hit);
            }
        };
        if text.is_ascii() {
            // Most names: the same as below, without looking for where a character ends.
            let mut is_between = true;
            for at in 0..text.len() {
                let symbol = fold::ascii_at(text.as_bytes(), at);
                let separates = fold::is_separator(symbol);
                if !separates {
                    step(symbol);
                } else if !is_between {
                    step(BLANK);
                }
                is_between = separates;
            }
        } else {
            fold::symbols(text, |symbol, _| step(if symbol == BREAK { BLANK } else { symbol }));
        }
        step(BLANK);
    }

    #[cold]
    fn at_words(&self, state: StateID, read: usize, hit: &mut impl FnMut(usize, usize, usize)) {
        let words = if self.automaton.is_match(state) { self.automaton.match_len(state) } else { 0 };
        for at in 0..words {
            let index = PatternID::as_usize(&self.automaton.match_pattern(state, at));
            let found = &self.found[index];
            let end = read - usize::from(found.ends_with_blank);
            hit(index, end - found.chars, end);
        }
    }

    pub fn value(&self, index: usize) -> &T {
        &self.found[index].value
    }
}

/// Several words in one. `None`: it is one word, is too short, or a code of the table: in one word that is a slip, which staff are asked
/// about.
fn joined(form: &str) -> Option<String> {
    let joined = form.replace(' ', "");
    let is_code = || codes::of_code(&form.replace(' ', "_").to_uppercase()).is_some();
    (joined.len() < form.len() && joined.len() >= JOINED_CHARS_MIN && !is_code()).then_some(joined)
}

/// What a word tells of.
#[derive(Clone)]
pub(super) struct Tells {
    substances: Substances,
    /// Of these, what the word names, and does not only hold as a dish usually does: beef, in "beef", but not in "lasagne".
    named: Substances,
    /// It counts instead of the words inside it: "butternut" is no nut.
    only: bool,
}

static LEXICON: LazyLock<Finder<Tells>> = LazyLock::new(|| {
    let tells = |entry: Entry| {
        let substances = match entry.section {
            "words" | "dishes" | "only" => entry.contents(),
            "foods" => FOOD,
            "raw" => codes::RAW,
            _ => return None,
        };
        let named = if entry.section == "dishes" { 0 } else { substances };
        Some((entry, Tells { substances, named, only: entry.section == "only" }))
    };
    Finder::of(file::entries().filter_map(tells), |known, more| {
        known.substances |= more.substances;
        known.named |= more.named;
        known.only |= more.only;
    })
});

/// Reads the data files now rather than for the first briefing.
pub fn warm_up() {
    LazyLock::force(&LEXICON);
}

/// A word that was found in a text.
#[derive(Clone, Copy, Default)]
pub(super) struct Hit {
    pub start: u32,
    pub end: u32,
    index: u32,
}

impl Hit {
    pub fn substances(self) -> Substances {
        LEXICON.value(self.index as usize).substances
    }

    /// What the word names.
    pub fn named(self) -> Substances {
        LEXICON.value(self.index as usize).named
    }

    /// What a dish of this name usually holds, and the word does not name.
    pub fn usual(self) -> Substances {
        let tells = LEXICON.value(self.index as usize);
        tells.substances & !tells.named
    }

    /// Whether a word is inside another. One whose ending is open takes in what begins inside it: "Muskatnüss" the nuts of
    /// "Muskatnüsse".
    fn is_inside(self, other: Self) -> bool {
        let is_open = !LEXICON.found[other.index as usize].ends_with_blank;
        let is_within = self.end <= other.end && self.end - self.start < other.end - other.start;
        let begins_inside = is_open && other.start < self.start && self.start < other.end;
        begins_inside || (other.start <= self.start && is_within)
    }
}

/// How many words of a text are kept apart. The names of items have few; of a longer text, further words always count.
const HITS_MAX: usize = 16;

/// The words that count in one text.
#[derive(Default)]
pub(super) struct Hits {
    hits: [Hit; HITS_MAX],
    len: usize,
    /// What the words tell of that came when the list was full.
    further: Substances,
}

impl Hits {
    /// Adds the words of a text.
    pub fn read(&mut self, text: &str) {
        LEXICON.each(text, |index, start, end| {
            self.push(Hit { start: start as u32, end: end as u32, index: index as u32 });
        });
    }

    fn push(&mut self, hit: Hit) {
        let is_only = |hit: Hit| LEXICON.value(hit.index as usize).only;
        if self.as_slice().iter().any(|known| is_only(*known) && hit.is_inside(*known)) {
            return;
        }
        if is_only(hit) {
            let mut kept = 0;
            for at in 0..self.len {
                if !self.hits[at].is_inside(hit) {
                    self.hits[kept] = self.hits[at];
                    kept += 1;
                }
            }
            self.len = kept;
        }
        match self.hits.get_mut(self.len) {
            Some(free) => (*free, self.len) = (hit, self.len + 1),
            None => self.further |= hit.substances(),
        }
    }

    pub fn as_slice(&self) -> &[Hit] {
        &self.hits[..self.len]
    }

    /// What the words tell of, each as far as it counts.
    pub fn sum(&self, counts: impl Fn(Hit) -> Substances) -> Substances {
        self.as_slice().iter().fold(self.further, |set, hit| set | counts(*hit))
    }
}

/// What the words of a name tell of, negated or not.
pub fn told_by(text: &str) -> Substances {
    all_in(text) & !FOOD
}

/// Whether a name has a word of food or drink.
pub fn is_food(text: &str) -> bool {
    all_in(text) != 0
}

/// What the words of a name tell of, and [`FOOD`], if one is a word of food or drink that holds nothing.
pub fn all_in(text: &str) -> Substances {
    let mut hits = Hits::default();
    hits.read(text);
    codes::with_raw(hits.sum(Hit::substances))
}

/// Whether a text says of something that it is raw, and names nothing else: "rare", "al sangue", but not "raw onion".
pub fn says_raw(text: &str) -> bool {
    let mut hits = Hits::default();
    hits.read(text);
    let is_raw = |hit: &Hit| hit.substances() & codes::RAW != 0;
    !hits.as_slice().is_empty() && hits.as_slice().iter().all(is_raw)
}

/// Names that as a whole are of something raw, and inside longer names of anything: "Pâté".
static RAW_NAMES: LazyLock<HashSet<String, FnvBuildHasher>> = LazyLock::new(|| {
    let whole = file::entries().filter(|entry| entry.section == "raw_whole");
    whole.flat_map(|entry| fold::spellings(entry.word)).collect()
});

/// Whether a name tells that something is raw, and of nothing that it may be: "Tartare", "Crudo".
pub fn is_raw_of_unknown(name: &str) -> bool {
    says_raw(name) || RAW_NAMES.contains(&fold::folded(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is in memory from the start. Digits in words cost half of it: with them, a state has more than 32 ways on.
    const AUTOMATON_BYTES_MAX: usize = 16 << 20;

    #[test]
    fn the_automaton_is_small() {
        let bytes = LEXICON.automaton.memory_usage();
        assert!(bytes <= AUTOMATON_BYTES_MAX, "{bytes}");
    }

    #[test]
    fn dishes_are_found_in_one_word_and_apart() {
        for (name, code) in [
            ("padthai", "PEANUTS"),
            ("Beeftartare", "RAW_MEAT"),
            ("ginandtonic", "ALCOHOL"),
            ("alkoholfreier Punsch mit Schuss", "ALCOHOL"),
            ("Taça de tinto", "ALCOHOL"),
            ("Tinten Fisch", "MOLLUSCS"),
            ("tira misu", "EGGS"),
        ] {
            assert!(told_by(name) & codes::of_code(code).expect("a code") != 0, "{name}");
        }
    }
}
