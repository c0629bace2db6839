//! What is certainly not food or drink. Everything else may be eaten: if a precaution is not understood, only what is listed
//! here stays allowed.

use crate::domain::{kernel::text::is_same, policy::ItemRules, words};

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

/// As a situation, a meal says when, not what.
const MEALS: &[&str] = &[
    "abendessen",
    "almoço",
    "almuerzo",
    "breakfast",
    "brunch",
    "cena",
    "colazione",
    "comida",
    "desayuno",
    "dinner",
    "déjeuner",
    "dîner",
    "frühstück",
    "jantar",
    "lunch",
    "mittagessen",
    "petit-déjeuner",
    "pranzo",
    "supper",
];

/// Whether an item may be food or drink: always, unless its category is in the list and its name does not say food.
/// The policy may add to the list, and take from it.
pub fn may_be(item: &str, category: &str, rules: &ItemRules) -> bool {
    let category = category.trim();
    if category.is_empty() {
        return true;
    }
    let singular = category.strip_suffix(['s', 'S']).unwrap_or(category);
    let is_category = |known: &str| is_same(category, known) || is_same(singular, known);
    let is_added = || rules.not_food_categories.iter().any(|known| is_category(known));
    let is_taken = || rules.food_categories.iter().any(|known| is_category(known));
    let is_not_eaten = (is_listed(category) || is_listed(singular)) && !is_taken() || is_added();
    !is_not_eaten || is_named(item)
}

/// By halves, since it is asked of each item that is looked at.
fn is_listed(category: &str) -> bool {
    let lower = || category.bytes().map(|byte| byte.to_ascii_lowercase());
    NOT_EATEN.binary_search_by(|known| known.bytes().cmp(lower())).is_ok()
}

/// Whether a name alone says that something is eaten or drunk: it tells of a substance, or has a word of food.
pub fn is_named(name: &str) -> bool {
    words::is_food(name)
}

/// The same of a situation: "with strawberries", but not "breakfast".
pub fn is_named_in_situation(situation: &str) -> bool {
    let situation = situation.trim().to_lowercase();
    !MEALS.contains(&situation.as_str()) && is_named(&situation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parts::precaution::PRECAUTIONS_NOT_EATEN;

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
            ("fruit basket", "room", true),
            ("Chocolates on the pillow", "room", true),
            ("minibar", "Room", true),
            ("breakfast in bed", "service", true),
            ("Macarons", "greeting", true),
            ("strawberries", "decoration", true),
        ] {
            assert_eq!(may_be(item, category, &ItemRules::default()), expected, "{item} ({category})");
        }
    }

    #[test]
    fn a_meal_as_a_situation_says_when() {
        for (situation, expected) in [
            ("with strawberries", true),
            ("after dessert", true),
            ("with almonds", true),
            ("breakfast", false),
            ("Lunch", false),
            ("evening", false),
            ("on Sundays", false),
        ] {
            assert_eq!(is_named_in_situation(situation), expected, "{situation}");
        }
    }

    #[test]
    fn the_lists_are_in_order_and_each_word_once() {
        assert!(NOT_EATEN.is_sorted() && MEALS.is_sorted() && MEALS.iter().all(|meal| is_named(meal)));
        for food in [
            "apple",
            "beverage",
            "chocolate",
            "dessert",
            "crisps",
            "ice",
            "pudding",
            "rice",
            "smoothie",
            "tea",
            "truffle",
        ] {
            assert!(is_named(food) && !NOT_EATEN.contains(&food), "{food}");
            assert_eq!(words::told_by(food), 0, "{food} is food, whatever it contains");
        }
        assert!(NOT_EATEN.iter().all(|category| !is_named(category)));
        for code in PRECAUTIONS_NOT_EATEN {
            assert_eq!(words::told_by(code), 0, "{code}");
        }
        for name in
            ["A handwritten note", "Late check-out, until two", "A better room", "Flowers", "Gift wrap", "500 points"]
        {
            assert!(!is_named(name), "{name}");
        }
    }
}
