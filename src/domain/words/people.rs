//! Whether two words name the same person: "my son", "My  Son."; "O'Neil", "O’Neil"; "Strauß", "STRAUSS"; "José", "Jose".

use super::fold::{plain, with_spelt_umlauts};
use crate::domain::kernel::text::is_same;

/// Whatever the capitals, accents, marks and blanks. Empty is the customer, and nobody else.
pub fn is_same_person(one: &str, other: &str) -> bool {
    if is_same(one, other) {
        return true;
    }
    let spelt = |name: &str| plain(&with_spelt_umlauts(name).unwrap_or_else(|| name.to_owned()));
    let is_alike = |one: String, other: String| !one.is_empty() && one == other;
    is_alike(plain(one), plain(other)) || is_alike(spelt(one), spelt(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_however_they_are_written() {
        for (one, other) in [
            ("my son", "My  Son."),
            ("O'Neil", "O\u{2019}Neil"),
            ("STRAUSS", "Strauß"),
            ("Jose", "José"),
            ("Müller", "Mueller"),
            ("Мария", "МАРИЯ"),
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
