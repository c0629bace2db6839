//! Whether two words name the same person: "my son", "My  Son."; "O'Neil", "O’Neil"; "Strauß", "STRAUSS"; "José", "Jose".

use std::borrow::Cow;

use super::{fold, illness, phrases};
use crate::domain::kernel::text::is_same;

/// Whatever the capitals, accents, marks and blanks. Empty is the customer, and nobody else.
pub fn is_same_person(one: &str, other: &str) -> bool {
    is_same(one, other) || fold::is_alike(one, other)
}

/// Words for a husband or a wife, too: what follows may be what they must not have ("Frau Nüsse").
const ALSO_SPOUSES: [&str; 3] = ["frau", "signora", "senora"];

/// A text without the names that stand after titles: "see Dr. Fischer" tells of no fish. One word, in capitals as names are.
pub fn without_titled(text: &str) -> Cow<'_, str> {
    let is_titled = |title: &str, name: &str| {
        let folded = fold::folded(title);
        let is_spouse = ALSO_SPOUSES.contains(&folded.as_str());
        let is_title = is_spouse || illness::is_title(&folded);
        let ends = title.trim_end_matches('.');
        is_title
            && ends.chars().all(char::is_alphabetic)
            && name.starts_with(char::is_uppercase)
            && name.chars().skip(1).any(char::is_lowercase)
            && !(is_spouse && (phrases::named_as(name) != 0 || illness::told(name, true).illness.is_some()))
    };
    let words: Vec<&str> = text.split(' ').collect();
    if !words.windows(2).any(|pair| is_titled(pair[0], pair[1])) {
        return Cow::Borrowed(text);
    }
    let mark = |name: &str| name.trim_start_matches(|char: char| char.is_alphanumeric() || char == '-').to_owned();
    let kept = words.iter().enumerate().map(|(at, word)| match at {
        1.. if is_titled(words[at - 1], word) => mark(word),
        _ => (*word).to_owned(),
    });
    Cow::Owned(kept.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_after_a_title_is_somebody() {
        for (text, expected) in [
            ("see letter of Dr. Fischer", "see letter of Dr. "),
            ("Call Mr. Butterfield, bring nuts", "Call Mr. , bring nuts"),
            ("Letter to Ms. Sherry Brown", "Letter to Ms.  Brown"),
            ("Frau Fischer", "Frau "),
            ("Frau Nüsse", "Frau Nüsse"),
            ("Mr. nuts", "Mr. nuts"),
            ("Dr: Fischer", "Dr: Fischer"),
        ] {
            assert_eq!(without_titled(text), expected, "{text}");
        }
    }

    #[test]
    fn a_person_is_the_same_however_they_are_written() {
        for (one, other) in [
            ("my son", "My  Son."),
            ("O'Neil", "O\u{2019}Neil"),
            ("STRAUSS", "Strauß"),
            ("Jose", "José"),
            ("Müller", "Mueller"),
            ("Мария", "МАРИЯ"),
            ("علی\u{200c}رضا", "علیرضا"),
            ("", ""),
        ] {
            assert!(is_same_person(one, other) && is_same_person(other, one), "{one} and {other}");
        }
        for (one, other) in [("", "☕"), ("☕", "-"), ("Mia", "Mia Keller"), ("Мария", "Марина"), ("my son", "")]
        {
            assert!(!is_same_person(one, other) && !is_same_person(other, one), "{one} and {other}");
        }
    }
}
