//! Names as words in a row, found in other texts in the singular or the plural, with or without their accents.

use std::borrow::Cow;

use super::{stems, text::unaccented};

/// A name as it is looked for.
#[derive(Debug)]
pub struct Name {
    /// The roots of its words, and whether each was in the plural.
    roots: Vec<(String, bool)>,
    /// What its words begin with.
    initials: Initials,
}

/// What some words begin with: of the first two letters of each, one of 64 bits. A word of one letter has none.
#[derive(Debug, Clone, Copy)]
struct Initials(u64);

impl Initials {
    /// A number for each byte that is part of a word, letters without case and digits without value; 0: it is none.
    const LETTERS: [u8; 256] = {
        let mut letters = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            letters[byte] = match byte as u8 {
                letter @ b'a'..=b'z' => letter - b'a' + 1,
                letter @ b'A'..=b'Z' => letter - b'A' + 1,
                b'0'..=b'9' => 27,
                0x80.. => 28,
                _ => 0,
            };
            byte += 1;
        }
        letters
    };
    /// Spreads pairs of letters over the bits.
    const SPREAD: u8 = 7;

    fn of(text: &str) -> Self {
        let letter = |byte: &u8| Self::LETTERS[usize::from(*byte)];
        let pair = |word: &[u8]| match word {
            [first, second, ..] => 1 << (letter(first).wrapping_mul(Self::SPREAD).wrapping_add(letter(second)) % 64),
            _ => 0,
        };
        Self(text.as_bytes().split(|byte| letter(byte) == 0).fold(0, |set, word| set | pair(word)))
    }

    fn has_all(self, of: Self) -> bool {
        of.0 & !self.0 == 0
    }
}

impl Name {
    /// `None`: it has no words.
    pub fn of(name: &str) -> Option<Self> {
        let lower = unaccented(name);
        let roots: Vec<(String, bool)> = roots(&lower).map(|(root, ended)| (root.to_owned(), ended)).collect();
        let initials = roots.iter().fold(0, |set, (root, _)| set | Initials::of(root).0);
        (!roots.is_empty()).then_some(Self { roots, initials: Initials(initials) })
    }
}

fn roots(lower: &str) -> impl Iterator<Item = (&str, bool)> {
    stems::stems(lower).map(stems::root)
}

/// What stands beside the first of some names that a text has.
pub fn find<'n, T>(names: impl Iterator<Item = (&'n Name, T)> + Clone, text: &str) -> Option<T> {
    names.clone().next()?;
    // Only of few texts are the roots made.
    let plain = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(unaccented(text)) };
    if !may_have_plain(names.clone().map(|(name, _)| name), &plain) {
        return None;
    }
    let text = if matches!(plain, Cow::Borrowed(_)) { Cow::Owned(unaccented(text)) } else { plain };
    let roots: Vec<(&str, bool)> = roots(&text).collect();
    let is_row = |row: &[(&str, bool)], name: &Name| {
        row.iter().zip(&name.roots).all(|(one, (root, ended))| *one == (root.as_str(), *ended))
    };
    let mut names = names;
    names.find(|(name, _)| roots.windows(name.roots.len()).any(|row| is_row(row, name))).map(|(_, of)| of)
}

/// Whether a text may have one of some names: words that begin like each of its own.
pub fn may_have<'n>(names: impl Iterator<Item = &'n Name>, text: &str) -> bool {
    let mut names = names.peekable();
    // Mostly there is none, and then the text need not be read.
    if names.peek().is_none() {
        return false;
    }
    if text.is_ascii() { may_have_plain(names, text) } else { may_have_plain(names, &unaccented(text)) }
}

/// The same of a text without accents.
fn may_have_plain<'n>(mut names: impl Iterator<Item = &'n Name>, text: &str) -> bool {
    let begins = |root: &str| ascii_words(text).any(|word| begins_with(word, root));
    if !text.is_ascii() {
        // What is no letter of ASCII may be a mark between words: more words begin there than there are.
        let may_begin = |root: &str| !root.is_ascii() || begins(root);
        return names.any(|name| name.roots.iter().all(|(root, _)| may_begin(root)));
    }
    let initials = Initials::of(text);
    // Names of one house differ at their end: "Tower suite 1", "Tower suite 2".
    names.any(|name| initials.has_all(name.initials) && name.roots.iter().rev().all(|(root, _)| begins(root)))
}

/// The words of a text, as far as they are ASCII.
fn ascii_words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a word begins like another, whatever its capitals.
fn begins_with(word: &[u8], lower: &str) -> bool {
    word.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What texts are not looked at for has no name that is found.
        #[test]
        fn a_name_is_found_where_its_words_stand_in_a_row(
            name in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..4),
            text in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..6),
            mark in prop::sample::select(vec![" ", "-", ", ", " & ", "，"]),
        ) {
            let (name, text) = (Name::of(&name.join(" ")).expect("words"), text.join(mark));
            let lower = unaccented(&text);
            let of_text: Vec<(String, bool)> = roots(&lower).map(|(root, ended)| (root.to_owned(), ended)).collect();
            let stands = of_text.windows(name.roots.len()).any(|row| row == name.roots);
            prop_assert_eq!(find(std::iter::once((&name, ())), &text).is_some(), stands);
        }
    }

    /// In the singular and the plural, in two spellings, some that begin alike, and some of other scripts.
    const WORDS: [&str; 17] = [
        "nut", "Nuts", "nutmeg", "berry", "berries", "cookie", "COOKIES", "cook", "1", "12", "Käse", "käses", "KASE",
        "각", "각각", "nut각", "ᾂ",
    ];

    #[test]
    fn a_name_is_found_with_and_without_its_accents() {
        for (name, text) in [
            ("Crème brûlée", "creme brulee, 2 spoons"),
            ("creme brulee", "Crèmes Brûlées"),
            ("Weißwein", "WEISSWEIN 0.2"),
            ("OEUFS", "œufs mimosa"),
            ("Smørrebrød", "SMORREBROD"),
        ] {
            let is_found = find(std::iter::once((&Name::of(name).expect("words"), ())), text).is_some();
            assert!(is_found, "{name} in {text}");
        }
        let accented = Name::of("Crème brûlée").expect("words");
        assert!(find(std::iter::once((&accented, ())), "CRÈME-BRÛLÉE").is_some());
        assert!(find(std::iter::once((&accented, ())), "creme caramel").is_none());
    }
}
