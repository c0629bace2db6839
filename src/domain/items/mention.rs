//! Where names may stand inside a text, as whole words in a row: "Bring a Wobble".

use std::iter::once;

use unicode_normalization::char::is_combining_mark;

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

/// Names of scripts that do not part words as others do, by what they begin with: anywhere in a text one of them may begin.
#[derive(Debug, Default)]
pub(super) struct Unparted(Vec<(u64, u32)>);

/// Letters by which such names are looked up.
const FIRST_LETTERS: usize = 2;

impl Unparted {
    /// Of no names.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Of folded names, each at its place.
    pub fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let key = |(place, name): (usize, &str)| {
            let is_one = name.contains(is_unparted) && !is_one_syllable(name);
            if is_one { Some((first_letters(name)?, u32::try_from(place).ok()?)) } else { None }
        };
        let mut all: Vec<(u64, u32)> = names.enumerate().filter_map(key).collect();
        all.sort_unstable();
        all.shrink_to_fit();
        Self(all)
    }

    /// The places of the names that stand in a folded text. `name`: that of a place.
    pub fn places<'n>(&self, folded: &str, name: impl Fn(u32) -> &'n str) -> Vec<u32> {
        if self.0.is_empty() || !folded.contains(is_unparted) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (at, _) in folded.char_indices() {
            let rest = &folded[at..];
            let Some(letters) = first_letters(rest) else { break };
            let known = self.0.partition_point(|(known, _)| *known < letters);
            let alike = self.0[known..].iter().take_while(|(known, _)| *known == letters);
            let stands = |place: &u32| rest.strip_prefix(name(*place)).is_some_and(|after| !goes_on(after));
            found.extend(alike.map(|(_, place)| *place).filter(stands));
        }
        found
    }

    /// What it takes in memory, in bytes.
    pub fn weight(&self) -> usize {
        size_of_val(self.0.as_slice())
    }
}

/// The hash of the letters that a text begins with; `None`: it has fewer.
fn first_letters(text: &str) -> Option<u64> {
    let (last, letter) = text.char_indices().nth(FIRST_LETTERS - 1)?;
    Some(hash_of(&text[..last + letter.len_utf8()]))
}

/// Whether a letter is of a script that writes words without blanks, or with endings at nouns: Thai to Burmese, Hangul (as it is folded,
/// into its letters), Khmer, kana, Han.
fn is_unparted(char: char) -> bool {
    matches!(char, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a name is one syllable of Hangul, which is part of many other words.
fn is_one_syllable(name: &str) -> bool {
    let begins = |char: &char| matches!(char, '\u{1100}'..='\u{115f}');
    let is_jamo = |char: char| matches!(char, '\u{1100}'..='\u{11ff}');
    name.chars().all(is_jamo) && name.chars().filter(begins).nth(1).is_none()
}

/// Whether a text goes on with the last letter of what stands before: a mark, or the vowel or the end of a syllable.
fn goes_on(after: &str) -> bool {
    after.chars().next().is_some_and(|next| is_combining_mark(next) || matches!(next, '\u{1160}'..='\u{11ff}'))
}
