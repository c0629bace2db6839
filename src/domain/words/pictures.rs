//! Pictures of food in words: "allergy to 🥜" names peanuts. By their names in Unicode 17; what the table does not have is food of which nobody
//! knows the name.

use std::borrow::Cow;

const NAMES: [(char, &str); 62] = [
    ('🥜', "peanuts"),
    ('🌰', "chestnut"),
    ('🥛', "milk"),
    ('🍼', "milk"),
    ('🧀', "cheese"),
    ('🧈', "butter"),
    ('🍦', "milk"),
    ('🍨', "milk"),
    ('🐄', "milk"),
    ('🐮', "milk"),
    ('🥚', "egg"),
    ('🍳', "egg"),
    ('🪺', "egg"),
    ('🐟', "fish"),
    ('🐠', "fish"),
    ('🐡', "fish"),
    ('🎣', "fish"),
    ('🍣', "fish"),
    ('🍥', "fish"),
    ('🦐', "shrimp"),
    ('🍤', "shrimp"),
    ('🦀', "crab"),
    ('🦞', "lobster"),
    ('🦪', "oyster"),
    ('🐚', "shellfish"),
    ('🦑', "squid"),
    ('🐙', "octopus"),
    ('🐌', "snails"),
    ('🌾', "wheat"),
    ('🍞', "bread"),
    ('🥖', "bread"),
    ('🫓', "bread"),
    ('🥐', "croissant"),
    ('🥨', "pretzel"),
    ('🥯', "bagel"),
    ('🍝', "pasta"),
    ('🍕', "pizza"),
    ('🍰', "cake"),
    ('🎂', "cake"),
    ('🍪', "biscuit"),
    ('🫘', "beans"),
    ('🫛', "peas"),
    ('🌽', "maize"),
    ('🍓', "strawberry"),
    ('🥝', "kiwi"),
    ('🍋', "lemon"),
    ('🍌', "banana"),
    ('🍎', "apple"),
    ('🍑', "peach"),
    ('🍅', "tomato"),
    ('🥭', "mango"),
    ('🧄', "garlic"),
    ('🧅', "onion"),
    ('🐖', "pork"),
    ('🐷', "pork"),
    ('🥓', "bacon"),
    ('🐔', "chicken"),
    ('🍗', "chicken"),
    ('🍖', "meat"),
    ('🥩', "meat"),
    ('🍷', "wine"),
    ('🍺', "beer"),
];

/// What stands for a picture of food without a name: no list knows it.
const NAMELESS: &str = "delicacy";

/// Whether words made of pictures have one without a name.
pub fn has_nameless(words: &str) -> bool {
    words.contains(NAMELESS)
}

/// The blocks of Unicode that have pictures of food.
fn is_food(char: char) -> bool {
    matches!(char, '\u{1f32d}'..='\u{1f330}' | '\u{1f33d}' | '\u{1f344}'..='\u{1f37f}' | '\u{1f950}'..='\u{1f96f}' | '\u{1f9c0}'..='\u{1f9cb}'
        | '\u{1fad0}'..='\u{1fadf}')
}

/// The first byte of all of them.
const LEAD: u8 = 0xf0;

/// A text with names for its pictures of food. Hardly any text has one.
pub fn in_words(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.as_bytes().contains(&LEAD) {
        return Cow::Borrowed(text);
    }
    let mut words = String::with_capacity(text.len());
    for char in text.chars() {
        match NAMES.iter().find(|(picture, _)| *picture == char) {
            Some((_, name)) => words.extend([" ", name, " "]),
            None if is_food(char) => words.extend([" ", NAMELESS, " "]),
            None => words.push(char),
        }
    }
    Cow::Owned(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_food_are_named_and_others_stay() {
        for (text, expected) in [
            ("allergy: 🥚", "allergy:  egg "),
            ("🦐🦀", " shrimp  crab "),
            ("🫐 allergy", " delicacy  allergy"),
            ("VIP 🙂", "VIP 🙂"),
            ("Käse", "Käse"),
        ] {
            assert_eq!(in_words(text), expected);
        }
    }
}
