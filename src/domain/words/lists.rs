//! Lists of words under headings, each in all its spellings.

use std::collections::{HashMap, HashSet};

use fnv::FnvBuildHasher;

use super::fold;

pub(super) struct Lists(HashMap<&'static str, HashSet<String, FnvBuildHasher>, FnvBuildHasher>);

impl Lists {
    /// A line is a heading in brackets, or a list with commas between.
    pub fn of(text: &'static str) -> Self {
        let mut lists: HashMap<&'static str, HashSet<String, FnvBuildHasher>, FnvBuildHasher> = HashMap::default();
        let mut heading = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(named) = line.strip_prefix('[') {
                heading = named.trim_end_matches(']');
                continue;
            }
            let words = line.split(',').map(str::trim).filter(|word| !word.is_empty());
            lists.entry(heading).or_default().extend(words.flat_map(fold::spellings));
        }
        Self(lists)
    }

    /// Whether a word, as it is folded, stands under a heading.
    pub fn has(&self, heading: &str, word: &str) -> bool {
        self.0.get(heading).is_some_and(|list| list.contains(word))
    }

    /// Whether words of a text, as they are folded, are one of a heading.
    pub fn has_in(&self, heading: &str, folded: &str) -> bool {
        let text = [" ", folded, " "].concat();
        let mut all = self.0.get(heading).into_iter().flatten();
        all.any(|phrase| text.contains(&[" ", phrase, " "].concat()))
    }
}
