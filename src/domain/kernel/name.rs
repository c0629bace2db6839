//! Names as words in a row, found in other texts in the singular or the plural.

use super::stems;

/// The roots of a name's words, and whether each was in the plural.
#[derive(Debug)]
pub struct Name(Vec<(String, bool)>);

impl Name {
    /// `None`: it has no words.
    pub fn of(name: &str) -> Option<Self> {
        let lower = name.to_lowercase();
        let roots: Vec<(String, bool)> = roots(&lower).map(|(root, ended)| (root.to_owned(), ended)).collect();
        (!roots.is_empty()).then_some(Self(roots))
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
        row.iter().zip(&name.0).all(|(one, (root, ended))| *one == (root.as_str(), *ended))
    };
    let mut names = names;
    names.find(|(name, _)| roots.windows(name.0.len()).any(|row| is_row(row, name))).map(|(_, of)| of)
}

/// Whether a text may have one of some names: most have no word that begins like one.
pub fn may_have<'n>(names: impl Iterator<Item = &'n Name> + Clone, text: &str) -> bool {
    let begins = |word: &[u8]| names.clone().any(|name| begins_with(word, &name.0[0].0));
    names.clone().next().is_some() && (!text.is_ascii() || ascii_words(text).any(begins))
}

/// The words of a text that is ASCII.
fn ascii_words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a word begins like another, whatever its capitals.
fn begins_with(word: &[u8], lower: &str) -> bool {
    word.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower.as_bytes()))
}
