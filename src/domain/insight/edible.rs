//! What is certainly not food or drink. Everything else may be eaten: if a precaution is not understood, only what is listed
//! here stays allowed.

use super::substances;

/// Categories of things that are not eaten or drunk, in the singular and in small letters. A category counts when it is one
/// of these as a whole: "room service" is food.
const NOT_EATEN: &[&str] = &[
    "accessory",
    "art",
    "bed",
    "bedding",
    "book",
    "clothes",
    "clothing",
    "decoration",
    "fashion",
    "fitness",
    "floor",
    "flower",
    "furniture",
    "greeting",
    "housekeeping",
    "jewellery",
    "lighting",
    "linen",
    "location",
    "magazine",
    "mattress",
    "music",
    "newspaper",
    "parking",
    "pillow",
    "room",
    "seat",
    "seating",
    "service",
    "shoe",
    "stationery",
    "table",
    "taxi",
    "temperature",
    "towel",
    "transfer",
    "transport",
    "vehicle",
    "view",
];

/// Codes of precautions that have nothing to do with eating or drinking. Latex and nickel are not among them: they get into
/// food.
const PRECAUTIONS_NOT_EATEN: &[&str] = &[
    "BEE_STINGS",
    "CAT",
    "CATS",
    "CAT_HAIR",
    "DOG",
    "DOGS",
    "DOG_HAIR",
    "DOWN",
    "DUST",
    "DUST_MITES",
    "FEATHER",
    "FEATHERS",
    "FRAGRANCE",
    "FRAGRANCES",
    "GAMBLING",
    "HOUSE_DUST",
    "INSECT_STINGS",
    "MITES",
    "NICOTINE",
    "PERFUME",
    "PERFUMES",
    "PETS",
    "PET_HAIR",
    "POLLEN",
    "SMOKE",
    "SMOKING",
    "TOBACCO",
    "WOOL",
];

/// Whether an item may be food or drink: always, unless its category is in the list and its name contains no known substance.
pub(in crate::domain) fn may_be(item: &str, category: &str) -> bool {
    let category = category.trim();
    let singular = category.strip_suffix(['s', 'S']).unwrap_or(category);
    let is_category = |known: &&str| category.eq_ignore_ascii_case(known) || singular.eq_ignore_ascii_case(known);
    !NOT_EATEN.iter().any(is_category) || substances::told_by(item) != 0
}

/// Whether a precaution with this code is about nothing that is eaten or drunk.
pub(in crate::domain) fn is_about_something_else(code: &str) -> bool {
    PRECAUTIONS_NOT_EATEN.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plainly_something_else_is_not_food() {
        for (item, category, expected) in [
            ("high floor", "room", false),
            ("by the window", "Seats", false),
            ("firm pillow", "bedding", false),
            ("Neue Zürcher Zeitung", "newspaper", false),
            ("mariachi", "music", false),
            ("jogging shoes", "shoes", false),
            ("Chinotto", "drink", true),
            ("Surprise of the house", "", true),
            ("Club sandwich", "room service", true),
            ("Almond milk bath", "service", true),
            ("Mystery", "toom", true),
        ] {
            assert_eq!(may_be(item, category), expected, "{item} ({category})");
        }
    }

    #[test]
    fn the_lists_are_in_order_and_no_code_stands_for_a_substance() {
        assert!(NOT_EATEN.is_sorted() && PRECAUTIONS_NOT_EATEN.is_sorted());
        for code in PRECAUTIONS_NOT_EATEN {
            assert!(is_about_something_else(code) && substances::of_content(code) == 0, "{code}");
        }
        for code in ["LATEX", "KIWI", "OTHER", ""] {
            assert!(!is_about_something_else(code), "{code}");
        }
    }
}
