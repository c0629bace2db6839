//! What makes people ill and is plainly not eaten or drunk: wasps, mould, metal. The words are in `data/no_food.txt`.

use std::{collections::HashSet, sync::LazyLock};

use fnv::FnvBuildHasher;

use super::fold;

fn words() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("data/no_food.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

/// Words that are food in another language, and so no codes: "polvo" is an octopus, too.
const ALSO_FOOD: char = '~';

/// In one spelling, without blanks.
static NO_FOOD: LazyLock<HashSet<String, FnvBuildHasher>> = LazyLock::new(|| {
    let spelt = words().flat_map(|word| fold::spellings(word.trim_start_matches(ALSO_FOOD)));
    spelt.map(|word| word.replace(' ', "")).collect()
});

/// As codes are written, in order.
pub static CODES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let spelt = words().filter(|word| !word.starts_with(ALSO_FOOD)).flat_map(fold::spellings);
    let mut codes: Vec<String> = spelt.map(|word| word.to_uppercase().replace(' ', "_")).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
});

/// Whether a folded word, or several in one, is such a thing.
pub fn is_one(folded: &str) -> bool {
    NO_FOOD.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_no_food_in_any_language() {
        for code in CODES.iter() {
            assert_eq!(super::super::told_by(&code.replace('_', " ")), 0, "{code}");
        }
        for word in ["wespen", "guepes", "vespe", "avispas", "housedustmites", "polvo"] {
            assert!(is_one(word), "{word}");
        }
    }
}
