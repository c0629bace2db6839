//! What was read lately: the items of a house come again with each of its customers, and the words of a precaution several times in each
//! answer. Reading a name takes ten times as long as finding it here.

use std::{
    cell::RefCell,
    hash::{BuildHasher as _, Hash},
};

use foldhash::quality::RandomState;

use super::codes::Substances;

/// Names kept by each thread that reads names: twice those of a large house, since two may want one place. 64 bytes each.
const NAMES_MAX: usize = 4_096;
/// Longer texts are what people wrote once. In bytes.
const NAME_BYTES_MAX: usize = 64;

/// What the words of a text tell of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Negated or not, and whether a word is of food or drink.
    pub all: Substances,
    /// But for what the text negates itself.
    pub lifted: Substances,
}

/// What was worked out lately, by two hashes under keys that are drawn for each thread: nobody knows of two texts that have both, and none
/// can be read here. That two have them by chance is less likely than that the machine's memory fails: once in 2^128 pairs.
pub(in crate::domain) struct Lately<T> {
    keys: [RandomState; 2],
    /// By both hashes, of which zero is nobody's.
    known: Vec<(u128, T)>,
}

impl<T: Copy + Default> Lately<T> {
    /// With so many places.
    pub fn new(places: usize) -> RefCell<Self> {
        RefCell::new(Self { keys: Default::default(), known: vec![(0, T::default()); places] })
    }

    fn find(&self, of: impl Hash) -> (u128, Option<T>) {
        let [high, low] = &self.keys;
        let hash = (u128::from(high.hash_one(&of)) << 64 | u128::from(low.hash_one(&of))).max(1);
        let (there, known) = &self.known[hash as usize % self.known.len()];
        (hash, (*there == hash).then_some(*known))
    }

    fn keep(&mut self, hash: u128, found: T) {
        let place = hash as usize % self.known.len();
        self.known[place] = (hash, found);
    }
}

/// What is known of something, as it was worked out lately; else as `work_out` does.
pub(in crate::domain) fn lately<T: Copy + Default>(
    all: &RefCell<Lately<T>>,
    of: impl Hash,
    work_out: impl FnOnce() -> T,
) -> T {
    let (hash, known) = all.borrow().find(of);
    known.unwrap_or_else(|| {
        let found = work_out();
        all.borrow_mut().keep(hash, found);
        found
    })
}

thread_local! {
    static NAMES: RefCell<Lately<Told>> = Lately::new(NAMES_MAX);
}

/// What a text tells of, as it was read lately; else as `read` reads it.
pub(super) fn told(text: &str, read: impl Fn(&str) -> Told) -> Told {
    if text.len() > NAME_BYTES_MAX { read(text) } else { NAMES.with(|names| lately(names, text, || read(text))) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_name_is_read_once() {
        let reads = Cell::new(0);
        let read = |text: &str| {
            reads.set(reads.get() + 1);
            Told { all: text.len() as Substances, lifted: 1 }
        };
        for name in ["almond cake", "walnut", "almond cake", "walnut"] {
            assert_eq!(told(name, read).all, name.len() as Substances, "{name}");
        }
        assert_eq!(reads.get(), 2);
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        for _ in 0..2 {
            told(&long, read);
        }
        assert_eq!(reads.get(), 4, "a long text is read each time");
    }

    #[test]
    fn many_names_are_told_apart() {
        let read = |text: &str| Told { all: text.parse().expect("a number"), lifted: 0 };
        for number in (0..4 * NAMES_MAX as Substances).chain(0..NAMES_MAX as Substances) {
            assert_eq!(told(&number.to_string(), read).all, number);
        }
    }
}
