//! Names as words in a row, found in other texts in the singular or the plural.

use super::stems;

/// A name as it is looked for.
#[derive(Debug)]
pub struct Name {
    /// The roots of its words, and whether each was in the plural.
    roots: Vec<(String, bool)>,
    /// What its words begin with.
    initials: Initials,
}

/// What some words begin with: a bit for each letter, one for all digits, one for everything that is not ASCII.
#[derive(Debug, Clone, Copy)]
struct Initials(u32);

impl Initials {
    /// The bit of each byte; none: it is no part of a word.
    const OF_BYTES: [u32; 256] = {
        let mut bits = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            bits[byte] = match byte as u8 {
                letter @ b'a'..=b'z' => 1 << (letter - b'a'),
                letter @ b'A'..=b'Z' => 1 << (letter - b'A'),
                b'0'..=b'9' => 1 << 26,
                0x80.. => 1 << 27,
                _ => 0,
            };
            byte += 1;
        }
        bits
    };

    fn of_byte(byte: u8) -> u32 {
        Self::OF_BYTES[usize::from(byte)]
    }

    /// Of the words of a text that is ASCII.
    fn of_ascii(text: &str) -> Self {
        let mut before = 0;
        Self(text.bytes().fold(0, |set, byte| {
            let bit = Self::of_byte(byte);
            let begins = before == 0;
            before = bit;
            if begins { set | bit } else { set }
        }))
    }

    fn has_all(self, of: Self) -> bool {
        of.0 & !self.0 == 0
    }
}

impl Name {
    /// `None`: it has no words.
    pub fn of(name: &str) -> Option<Self> {
        let lower = name.to_lowercase();
        let roots: Vec<(String, bool)> = roots(&lower).map(|(root, ended)| (root.to_owned(), ended)).collect();
        let initials =
            roots.iter().filter_map(|(root, _)| root.bytes().next()).fold(0, |set, byte| set | Initials::of_byte(byte));
        (!roots.is_empty()).then_some(Self { roots, initials: Initials(initials) })
    }
}

fn roots(lower: &str) -> impl Iterator<Item = (&str, bool)> {
    stems::stems(lower).into_iter().map(stems::root)
}

/// What stands beside the first of some names that a text has.
pub fn find<'n, T>(names: impl Iterator<Item = (&'n Name, T)> + Clone, text: &str) -> Option<T> {
    // Only of few texts are the roots made.
    if !may_have(names.clone().map(|(name, _)| name), text) {
        return None;
    }
    let text = text.to_lowercase();
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
    if names.peek().is_none() || !text.is_ascii() {
        return names.peek().is_some();
    }
    let initials = Initials::of_ascii(text);
    let begins = |root: &str| ascii_words(text).any(|word| begins_with(word, root));
    names.any(|name| initials.has_all(name.initials) && name.roots.iter().all(|(root, _)| begins(root)))
}

/// The words of a text that is ASCII.
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
            mark in prop::sample::select(vec![" ", "-", ", ", " & "]),
        ) {
            let (name, text) = (Name::of(&name.join(" ")).expect("words"), text.join(mark));
            let lower = text.to_lowercase();
            let of_text: Vec<(String, bool)> = roots(&lower).map(|(root, ended)| (root.to_owned(), ended)).collect();
            let stands = of_text.windows(name.roots.len()).any(|row| row == name.roots);
            prop_assert_eq!(find(std::iter::once((&name, ())), &text).is_some(), stands);
        }
    }

    /// In the singular and the plural, in two spellings, and some that begin alike.
    const WORDS: [&str; 12] =
        ["nut", "Nuts", "nutmeg", "berry", "berries", "cookie", "COOKIES", "cook", "1", "12", "Käse", "käses"];
}
