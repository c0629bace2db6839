//! Where names may stand inside a text, as whole words in a row: "Bring a Wobble".

use std::iter::once;

use super::fold::hash_of;

/// The words that names begin with, by hash, each with the number of words of the longest of these names. Most words of a text
/// begin no name, and nothing is looked up there; at any other word, at most so many runs of words are.
#[derive(Debug, Default)]
pub(super) struct Beginnings(Vec<(u64, u16)>);

impl Beginnings {
    /// Of no names.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Of folded names.
    pub fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut all: Vec<(u64, u16)> = names.map(|name| (first(name), words(name))).collect();
        all.sort_unstable();
        // The later of one word is the longer.
        all.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                kept.1 = later.1;
            }
            is_same
        });
        all.shrink_to_fit();
        Self(all)
    }

    /// The rows of words in a folded text that may be names; some are not.
    pub fn rows<'t>(&self, folded: &'t str) -> impl Iterator<Item = &'t str> {
        let starts = once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
        starts.flat_map(|start| {
            let rest = &folded[start..];
            let ends = rest.match_indices(' ').map(|(at, _)| at).chain(once(rest.len()));
            ends.take(self.longest(rest)).map(|end| &rest[..end])
        })
    }

    /// How many words a name has at most that begins with a text's first word.
    fn longest(&self, text: &str) -> usize {
        let first = first(text);
        self.0.binary_search_by_key(&first, |known| known.0).map_or(0, |index| usize::from(self.0[index].1))
    }

    /// What it takes in memory, in bytes.
    pub fn weight(&self) -> usize {
        size_of_val(self.0.as_slice())
    }
}

/// The hash of a text's first word without an `s` at its end: a plural that only adds an `s` has its singular's.
fn first(text: &str) -> u64 {
    let word = text.split(' ').next().unwrap_or_default();
    hash_of(word.strip_suffix('s').unwrap_or(word))
}

fn words(name: &str) -> u16 {
    u16::try_from(name.split(' ').count()).unwrap_or(u16::MAX)
}
