//! Names that stand after titles: they are somebody's, and nothing to eat.

use std::borrow::Cow;

use super::{is_in, told};
use crate::domain::words::{fold, phrases};

/// Words for a husband or a wife, too: what follows may be what they must not have ("Frau Nüsse").
const ALSO_SPOUSES: [&str; 3] = ["frau", "signora", "senora"];

/// A text without the names that stand after titles: "see Dr. Fischer" tells of no fish. One word, in capitals as names are.
pub fn without_titled(text: &str) -> Cow<'_, str> {
    let is_titled = |title: &str, name: &str| {
        let folded = fold::folded(title);
        let is_spouse = ALSO_SPOUSES.contains(&folded.as_str());
        let is_title = is_spouse || is_in("title", &folded);
        let ends = title.trim_end_matches('.');
        is_title
            && ends.chars().all(char::is_alphabetic)
            && name.starts_with(char::is_uppercase)
            && name.chars().skip(1).any(char::is_lowercase)
            && !(is_spouse && (phrases::named_as(name) != 0 || told(name, true).illness.is_some()))
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
}
