//! What was read lately: the items of a house come again with each of its customers, and the words of a precaution several times in each
//! answer. Reading a name takes ten times as long as finding it here.

use std::{
    cell::RefCell,
    hash::{BuildHasher as _, Hash, RandomState},
};

use super::codes::Substances;

/// Names kept by each thread that reads names: twice those of a large house, since two may want one place. 48 bytes each.
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

/// What was worked out lately, by a hash under a key that is drawn for each thread: nobody can make two texts that have one, and none can be
/// read here. That two of a house have one by chance is less likely than that its memory fails: once in 2^64 pairs.
pub(in crate::domain) struct Lately<T> {
    key: RandomState,
    /// By the hash, of which zero is nobody's.
    known: Vec<(u64, T)>,
}

impl<T: Copy + Default> Lately<T> {
    /// With so many places.
    pub fn new(places: usize) -> RefCell<Self> {
        RefCell::new(Self { key: RandomState::new(), known: vec![(0, T::default()); places] })
    }

    fn find(&self, of: impl Hash) -> (u64, Option<T>) {
        let hash = self.key.hash_one(of).max(1);
        let (there, known) = self.known[hash as usize % self.known.len()];
        (hash, (there == hash).then_some(known))
    }

    fn keep(&mut self, hash: u64, found: T) {
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
