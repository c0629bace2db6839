//! When two names are the same: whatever their capitals, accents and marks. Letters of other scripts stay: `words::fold`, which
//! looks for words of six languages, has one symbol for all of them.

use std::{borrow::Cow, hash::BuildHasher as _};

use foldhash::fast::FixedState;

use crate::domain::words::fold::with_spelt_umlauts;
pub use crate::domain::words::fold::{accents, plain as fold};

/// Names of at most so many bytes are folded without an allocation: those of tills have at most 80 characters.
const STACK_BYTES: usize = 128;

/// Hands the folded form of a text to `read`: small letters and digits without accents, in words with one blank between.
pub fn folded<T>(text: &str, read: impl FnOnce(&str) -> T) -> T {
    if !text.is_ascii() || text.len() > STACK_BYTES {
        return read(&fold(text));
    }
    let mut bytes = [0; STACK_BYTES];
    let (mut length, mut is_between) = (0, false);
    for byte in text.bytes() {
        let letter = SMALL[usize::from(byte)];
        if letter == 0 {
            is_between = length > 0;
            continue;
        }
        if is_between {
            bytes[length] = b' ';
            length += 1;
            is_between = false;
        }
        bytes[length] = letter;
        length += 1;
    }
    read(std::str::from_utf8(&bytes[..length]).unwrap_or_default())
}

/// A plain letter or digit of each byte, small; 0: it is none.
const SMALL: [u8; 256] = {
    let mut small = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            small[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    small
};

/// The folded form with umlauts written as two letters, where it differs.
pub fn fold_umlauts(text: &str) -> Option<String> {
    with_spelt_umlauts(text).map(|spelt| fold(&spelt))
}

/// The folded forms by which a name is found, each with its accents.
pub fn spellings(name: &str) -> impl Iterator<Item = (String, u32)> {
    let spelt = with_spelt_umlauts(name).map(|spelt| (fold(&spelt), accents(&spelt)));
    std::iter::once((fold(name), accents(name))).chain(spelt).filter(|(name, _)| !name.is_empty())
}

/// A folded name without the blanks between its words and without a plural's `s`: as it is written, and with "ice" for "iced" where
/// that differs. So "icedtea", "ice tea" and "iced teas" have one in common.
pub fn joined(folded: &str) -> impl Iterator<Item = String> {
    let mut whole = String::with_capacity(folded.len());
    let mut has_participle = false;
    for word in folded.split(' ') {
        whole.push_str(word);
        has_participle |= undone(word) != word;
    }
    let undone = has_participle.then(|| folded.split(' ').map(undone).collect());
    std::iter::once(whole).chain(undone).map(|mut name: String| {
        name.truncate(name.strip_suffix('s').unwrap_or(&name).len());
        name
    })
}

/// "ice" of "iced".
fn undone(word: &str) -> &str {
    if word.ends_with("ed") { word.strip_suffix('d').unwrap_or(word) } else { word }
}

/// A text in small letters, which differs from it in capitals alone.
pub fn small(text: &str) -> Cow<'_, str> {
    let is_small = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_small { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// The hash by which ids and folded names are found. Only a house can make names of its own menu that have one hash.
pub fn hash_of(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}

/// The same in two bytes, for an index beside that of names.
pub fn short_hash_of(text: &str) -> u16 {
    let hash = hash_of(text);
    let [.., high, low] = (hash ^ (hash >> 32)).to_be_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_the_same() {
        for (one, other) in [
            ("Crème brûlée", "CREME BRULEE"),
            ("Käse-Fondue", "kase fondue"),
            ("Spaghetti  \"Carbonara\"", "spaghetti carbonara"),
            ("Straßenkuchen", "STRASSENKUCHEN"),
            ("Œufs à la coque", "oeufs a la coque"),
            ("İskender", "iskender"),
            ("ΚΑΦΕΣ", "καφές"),
            ("WEIẞBIER", "Weissbier"),
            ("Smørrebrød", "smorrebrod"),
            ("  Tea ", "tea"),
        ] {
            assert_eq!(folded(one, str::to_owned), folded(other, str::to_owned), "{one}");
        }
        assert_eq!(fold_umlauts("Käsespätzle").as_deref(), Some("kaesespaetzle"));
        assert_eq!(fold_umlauts("Crème"), None);
        assert_ne!(fold("tea"), fold("te a"));
        assert_eq!(fold("☕"), "");
    }

    /// Marks are vowels, tones and voicing there: milk pudding is no cucumber.
    #[test]
    fn marks_of_other_scripts_are_letters() {
        for (one, other) in [
            ("खीरा", "खीर"),
            ("หมี่", "หมู"),
            ("バイ", "パイ"),
            ("ばば", "はは"),
            ("बेटा", "बेटी"),
            ("দাদা", "দাদি"),
            ("мой", "мои"),
        ] {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
            assert!(!fold(one).contains(' '), "{one} is one word");
            assert_eq!(fold(one), fold(one), "{one}");
        }
        assert_eq!(fold("Ελιά"), fold("ΕΛΙΑ"));
    }

    #[test]
    fn names_in_one_word_and_apart_have_a_form_in_common() {
        for (one, other) in [
            ("iced tea", "icedtea"),
            ("iced tea", "ice tea"),
            ("ice tea", "iced teas"),
            ("iced tea", "icetea"),
            ("walnut bread", "walnutbread"),
            ("zitronen sorbet", "zitronensorbet"),
        ] {
            assert!(joined(one).any(|form| joined(other).any(|known| known == form)), "{one} and {other}");
        }
        assert!(joined("red tea").all(|form| joined("tea").all(|known| known != form)));
        assert_eq!(joined("").next().as_deref(), Some(""));
    }

    #[test]
    fn short_and_long_names_fold_alike() {
        for text in ["", "a", "A-b", "--a--", "a  b", &"Xy ".repeat(60)] {
            assert_eq!(folded(text, str::to_owned), fold(text), "{text}");
        }
    }
}
