//! Words for things that are plainly not eaten or drunk: "room", "Sitzplatz", "musique". The words are in `data/not_eaten.txt`.

use std::{cell::RefCell, collections::HashSet, sync::LazyLock};

use fnv::FnvBuildHasher;

use super::{
    fold,
    memo::{self, Lately},
};

/// In one spelling.
static NOT_EATEN: LazyLock<HashSet<Vec<u8>, FnvBuildHasher>> = LazyLock::new(|| {
    let lines = include_str!("data/not_eaten.txt").lines().filter(|line| !line.starts_with(['#', '[']));
    let words = lines.flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty());
    words.flat_map(fold::spellings).map(String::into_bytes).collect()
});

/// Longest word that is looked for: none of the list is as long.
const WORD_BYTES: usize = 32;

/// Words that each thread keeps whether they are in the list: the categories of a few houses. 32 bytes each.
const LISTED_MAX: usize = 256;

thread_local! {
    static LISTED: RefCell<Lately<bool>> = Lately::new(LISTED_MAX);
}

/// Whether words as a whole name such a thing. It is asked of each item that is looked at.
pub fn is_one(words: &str) -> bool {
    LISTED.with(|known| memo::lately(known, words, || is_in_list(words)))
}

fn is_in_list(words: &str) -> bool {
    let (mut folded, mut length) = ([0; WORD_BYTES], 0);
    fold::symbols(words, |symbol, _| {
        if let Some(place) = folded.get_mut(length) {
            *place = if symbol == fold::BREAK { fold::BLANK } else { symbol };
        }
        length += 1;
    });
    let Some(folded) = folded.get(..length) else { return false };
    NOT_EATEN.contains(folded) || folded.strip_suffix(b"s").is_some_and(|singular| NOT_EATEN.contains(singular))
}

/// All of the list.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = &'static str> {
    NOT_EATEN.iter().map(|known| str::from_utf8(known).expect("text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_list_is_found() {
        assert!(all().all(|known| known.len() < WORD_BYTES && is_one(known)));
        for (words, expected) in
            [("Rooms", true), ("SITZPLAETZE", true), ("ropa de cama", true), ("platz", false), ("", false)]
        {
            assert_eq!(is_one(words), expected, "{words}");
        }
    }
}
