//! The words of names, so that "Tree nuts" and "tree nut" are one.

/// The words of a name in small letters, without their English plural endings. Words are what letters and digits make up.
pub fn stems(lower: &str) -> impl Iterator<Item = &str> {
    lower.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).map(stem)
}

/// Shortest word that may be a plural's singular: "gas" is no plural.
const SINGULAR_CHARS_MIN: usize = 3;

/// "Tree nuts" as "Tree nut": how a substance stands before "allergy".
pub fn singular(text: &str) -> &str {
    stem(text)
}

/// What singular and plural have in common, and whether "y", "i" or "ie" followed. Only for comparing: "hummus" loses its
/// "s" on both sides, and "brioche" the "e" that "brioches" loses with its ending.
pub fn root(word: &str) -> (&str, bool) {
    let stem = match word.strip_suffix('s') {
        Some(cut) if cut.len() >= SINGULAR_CHARS_MIN && cut.ends_with(['i', 'u']) => cut,
        _ => stem(word),
    };
    let cut = ["ie", "y", "i"].into_iter().find_map(|ending| stem.strip_suffix(ending)).filter(|cut| !cut.is_empty());
    let without_e = || stem.strip_suffix('e').filter(|cut| cut.ends_with(ASKING_FOR_ES)).unwrap_or(stem);
    cut.map_or_else(|| (without_e(), false), |cut| (cut, true))
}

/// "pastries" of "pastry"; `None`: the plural does not end in "ies".
pub fn plural_of_y(singular: &str) -> Option<String> {
    let cut = singular.strip_suffix('y').filter(|cut| !cut.is_empty() && !cut.ends_with(['a', 'e', 'i', 'o', 'u']))?;
    Some(cut.to_owned() + "ies")
}

/// Letters whose sound asks for "es" in the plural.
const ASKING_FOR_ES: [char; 4] = ['h', 'x', 'z', 'o'];

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
    (ending.eq_ignore_ascii_case("es") && ASKING_FOR_ES.contains(&char::from(last)))
        || (ending.eq_ignore_ascii_case("s") && !b"sui".contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_are_one_word() {
        for (one, other, same) in [
            ("kiwi", "kiwis", true),
            ("strawberry", "strawberries", true),
            ("cookie", "cookies", true),
            ("peach", "peaches", true),
            ("nut", "nuts", true),
            ("tomato", "tomatoes", true),
            ("hummus", "hummus", true),
            ("brioche", "brioches", true),
            ("quiche", "quiches", true),
            ("shoe", "shoes", true),
            ("sundae", "sundaes", true),
            ("size", "sizes", true),
            ("axe", "axes", true),
            ("cook", "cookie", false),
            ("nut", "nutmeg", false),
            ("strawberry", "blueberry", false),
        ] {
            assert_eq!(root(one) == root(other), same, "{one} and {other}");
        }
    }
}
