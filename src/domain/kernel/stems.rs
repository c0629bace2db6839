//! The words of names, so that "Tree nuts" and "tree nut" are one.

/// The words of a name in small letters, without their English plural endings. Words are what letters and digits make up.
pub fn stems(lower: &str) -> Vec<&str> {
    lower.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).map(stem).collect()
}

/// Shortest word that may be a plural's singular: "gas" is no plural.
const SINGULAR_CHARS_MIN: usize = 3;

/// "Tree nuts" as "Tree nut": how a substance stands before "allergy".
pub fn singular(text: &str) -> &str {
    stem(text)
}

fn stem(word: &str) -> &str {
    for ending in ["es", "s"] {
        if let Some(cut) = word.strip_suffix(ending)
            && cut.len() >= SINGULAR_CHARS_MIN
            && is_plural_ending(cut.as_bytes()[cut.len() - 1], ending)
        {
            return cut;
        }
    }
    word
}

/// Whether an ending makes a plural after a letter: "es" only after a sound that asks for it; "hummus" and "glass" keep
/// their "s".
pub fn is_plural_ending(last: u8, ending: &str) -> bool {
    let last = last.to_ascii_lowercase();
    (ending.eq_ignore_ascii_case("es") && b"hxzo".contains(&last))
        || (ending.eq_ignore_ascii_case("s") && !b"sui".contains(&last))
}
