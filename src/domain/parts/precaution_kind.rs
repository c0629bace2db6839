//! Kinds of precautions, and what those act as that are noted as another kind than they are.

use std::cell::RefCell;

use super::not_eaten::is_not_eaten;
use crate::domain::words::{
    self, Lately, codes, fold,
    illness::{self, Illness},
    phrases,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrecautionKind {
    Allergy,
    Intolerance,
    Diet,
    Accessibility,
    Abstention,
    Topic,
}

impl PrecautionKind {
    /// Whether it is about food or drink: staff ask about those before they serve.
    pub fn is_about_food(self) -> bool {
        match self {
            Self::Allergy | Self::Intolerance | Self::Diet | Self::Abstention => true,
            Self::Accessibility | Self::Topic => false,
        }
    }
}

/// The kind of precaution that an illness is.
pub fn kind_of(illness: Illness) -> PrecautionKind {
    match illness {
        Illness::Allergy => PrecautionKind::Allergy,
        Illness::Intolerance => PrecautionKind::Intolerance,
    }
}

/// The kind of precaution that an illness makes of another: an intolerance makes no allergy milder.
pub(super) fn made_worse(kind: PrecautionKind, illness: Option<Illness>) -> PrecautionKind {
    match (kind, illness) {
        (PrecautionKind::Allergy, _) | (_, None) => kind,
        (_, Some(illness)) => kind_of(illness),
    }
}

/// Of which illness a text tells, the most dangerous: "coeliac, nut allergy" tells of an allergy.
pub fn illness_told(text: &str) -> Option<PrecautionKind> {
    illness::told(text, false).illness.map(kind_of)
}

/// What a precaution of some kind acts as. What its code says is an illness ("COELIAC" as a diet) is no matter of taste; an allergy that is
/// noted as an intolerance ("NUT_ALLERGY") is one; and an illness that something eaten causes is none of a room.
pub fn acts_as(kind: PrecautionKind, code: &str) -> PrecautionKind {
    let is_of_food = || {
        words::told_by(code) != 0
            || phrases::meaning(code).is_some_and(|forbids| forbids.substances != 0)
            || !unknown_allergens(&code.replace('_', " "), true).is_empty()
    };
    match kind {
        PrecautionKind::Allergy => kind,
        PrecautionKind::Accessibility | PrecautionKind::Topic => {
            let told = illness::told_by_code(code).illness.filter(|_| is_of_food());
            made_worse(kind, told.or_else(|| names_allergen(code).then_some(Illness::Allergy)))
        }
        _ => made_worse(kind, illness::told_by_code(code).illness),
    }
}

/// Codes that each thread keeps whether they name an allergen: more than a house writes. 32 bytes each.
const CODES_MAX: usize = 256;

thread_local! {
    static ALLERGENS: RefCell<Lately<bool>> = Lately::new(CODES_MAX);
}

/// Codes that name something eaten or drunk which people keep away from for other reasons than an allergy.
const KEPT_FROM_OTHERWISE: [&str; 5] = ["ALCOHOL", "COFFEE", "CAFFEINE", "MEAT", "GELATINE"];

/// Whether a code is nothing but the name of an allergen: NUTS, PEANUT. Nobody notes nuts as a need for another reason; "alcohol" somebody does.
fn names_allergen(code: &str) -> bool {
    ALLERGENS.with(|known| words::lately(known, code, || is_name_of_allergen(code)))
}

fn is_name_of_allergen(code: &str) -> bool {
    let otherwise = || KEPT_FROM_OTHERWISE.iter().fold(0, |set, code| set | codes::with_parts(codes::alone(code)));
    let named = phrases::named_as(code);
    named != 0 && named & otherwise() == 0
}

/// What a precaution acts as whose code leaves to its words what is meant.
pub fn acts_as_told(kind: PrecautionKind, words: &str) -> PrecautionKind {
    if words.is_empty() || kind == PrecautionKind::Allergy {
        return kind;
    }
    match kind {
        // Feathers in a room are no food.
        PrecautionKind::Accessibility | PrecautionKind::Topic if phrases::is_of_names(words) => PrecautionKind::Allergy,
        PrecautionKind::Accessibility | PrecautionKind::Topic if !is_illness_of_food(words) => kind,
        _ => made_worse(kind, illness::told(words, false).illness),
    }
}

/// Whether what words say of an illness is about something eaten: beside what is no food, they must name it.
pub(super) fn is_eaten_by(kind: PrecautionKind, words: &str) -> bool {
    kind.is_about_food() || is_illness_of_food(words)
}

/// What words name beside an illness that nobody knows: "kiwi allergy", "strawberry", of "allergic to nuts, strawberry". It may be anything that is
/// eaten. `is_aside`: they stand beside what is no food, where "food allergy" is as much.
pub(super) fn unknown_allergens(text: &str, is_aside: bool) -> Vec<&str> {
    let is_known = |item: &str| {
        let mut words = item.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        words::told_by(item) != 0 || phrases::meaning(item).is_some() || {
            words.any(|word| phrases::meaning(word).is_some()) || is_no_food(item)
        }
    };
    illness::unknown_items(text, is_aside, is_known)
}

/// Whether the illnesses that a text tells of are all of what is not eaten.
pub(super) fn is_illness_of_no_food(text: &str) -> bool {
    illness::is_only_of(text, is_no_food)
}

/// Whether words name only what is not eaten: "pollen allergy", "Hausstauballergie".
fn is_no_food(item: &str) -> bool {
    let folded = fold::folded(item);
    let words = folded.split(' ').map(|word| phrases::stem_of_illness(word).unwrap_or(word));
    let left: Vec<&str> = words.filter(|word| !illness::says_nothing(word)).collect();
    is_not_eaten(&left.concat()) || (!left.is_empty() && left.iter().all(|word| is_not_eaten(word)))
}

/// Whether words tell of an illness that something eaten causes, and of what: "nut allergy", "coeliac"; or of one of what nobody knows.
pub fn is_illness_of_food(text: &str) -> bool {
    let is_known = |word: &str| {
        illness_told(word).is_some() && phrases::meaning(word).is_some_and(|forbids| forbids.substances != 0)
    };
    !text.is_empty()
        && illness_told(text).is_some()
        && (words::told_by(text) != 0
            || text.split(|char: char| !char.is_alphanumeric()).any(is_known)
            || !unknown_allergens(text, true).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_food_is_no_unknown_allergen() {
        for text in ["pollen allergy", "allergic to penicillin", "Hausstauballergie", "allergic to wool and cats"] {
            assert!(unknown_allergens(text, false).is_empty(), "{text}");
            assert!(is_illness_of_no_food(text), "{text}");
        }
        for text in ["kiwi allergy", "allergic to pollen and kiwi", "several food allergies", "severe food allergy"] {
            assert!(!unknown_allergens(text, true).is_empty(), "{text}");
            assert!(!is_illness_of_no_food(text), "{text}");
        }
    }

    #[test]
    fn a_code_that_names_an_unknown_allergen_is_about_food() {
        for code in ["KIWI_ALLERGY", "FOOD_ALLERGY", "STRAWBERRY_ALLERGY"] {
            assert_eq!(acts_as(PrecautionKind::Accessibility, code), PrecautionKind::Allergy, "{code}");
        }
        for code in ["NUTS", "PEANUT", "MILK", "TREE_NUTS", "SHELLFISH"] {
            assert_eq!(acts_as(PrecautionKind::Accessibility, code), PrecautionKind::Allergy, "{code}");
            assert_eq!(acts_as(PrecautionKind::Topic, code), PrecautionKind::Allergy, "{code}");
        }
        for code in ["ALCOHOL", "WINE", "COFFEE", "PORK", "BEEF", "DIVORCE", "WHEELCHAIR", "CHEESECAKE", "VEGAN"] {
            assert_eq!(acts_as(PrecautionKind::Topic, code), PrecautionKind::Topic, "{code}");
        }
        for code in
            ["ALLERGY_FRIENDLY_ROOM", "HYPOALLERGENIC_PILLOW", "POLLEN_ALLERGY", "NO_KNOWN_ALLERGIES", "ALLERGY"]
        {
            assert_eq!(acts_as(PrecautionKind::Accessibility, code), PrecautionKind::Accessibility, "{code}");
        }
    }
}
