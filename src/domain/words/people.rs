//! Whether two words name the same person: "my son", "My  Son."; "O'Neil", "O’Neil"; "Strauß", "STRAUSS"; "José", "Jose".

use super::fold;
use crate::domain::kernel::text::is_same;

/// Whatever the capitals, accents, marks and blanks. Empty is the customer, and nobody else.
pub fn is_same_person(one: &str, other: &str) -> bool {
    is_same(one, other) || fold::is_alike(one, other)
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
