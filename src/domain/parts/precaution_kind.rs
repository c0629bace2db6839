//! Kinds of precautions, and what those act as that are noted as another kind than they are.

use std::{borrow::Cow, cell::RefCell};

use super::not_eaten::is_not_eaten;
use crate::domain::words::{
    self, Lately, fold,
    illness::{self, Illness},
    needs, none, phrases, pictures, pregnancy, slips,
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
        let told = || phrases::names_in(&code.replace('_', " "));
        words::told_by(code) != 0
            // HAS_LACTOSE_INTOLERANCE: known as a code, and no word of a dish.
            || told() != 0
            // COELIAC, in WHEELCHAIR_COELIAC.
            || illness::told_by_code(code).substances != 0
            || phrases::meaning(code).is_some_and(|forbids| forbids.substances != 0)
            || !unknown_allergens(&code.replace('_', " "), true).is_empty()
            || of_need(code).is_pen_for_name
    };
    match kind {
        PrecautionKind::Allergy => kind,
        PrecautionKind::Accessibility | PrecautionKind::Topic => {
            let told = illness::told_by_code(code).illness.filter(|_| is_of_food());
            made_worse(kind, told.or_else(|| of_need(code).names_allergen.then_some(Illness::Allergy)))
        }
        _ => made_worse(kind, illness::told_by_code(code).illness),
    }
}

/// Codes that each thread keeps what they are as a need or a topic: more than a house writes. 32 bytes each.
const CODES_MAX: usize = 256;
/// Words that each thread keeps what they make of such a code: those of a few hundred guests. 32 bytes each.
const WORDS_MAX: usize = 1_024;

/// What the code of a need or a topic says of something eaten.
#[derive(Debug, Clone, Copy, Default)]
struct OfNeed {
    names_allergen: bool,
    /// An illness, and nothing that makes somebody ill: ALLERGY, EPIPEN.
    is_nameless_illness: bool,
    /// What is carried against an illness, and a name of what makes somebody ill: EPIPEN_KIWI.
    is_pen_for_name: bool,
    /// It says that it is about food, and not which: DIETARY.
    is_meal: bool,
}

thread_local! {
    static NEEDS: RefCell<Lately<OfNeed>> = Lately::new(CODES_MAX);
    static TOLD: RefCell<Lately<Option<PrecautionKind>>> = Lately::new(WORDS_MAX);
}

/// What a code is that nobody notes as a need for another reason: NUTS, NO_NUTS. "Alcohol" somebody does.
fn of_need(code: &str) -> OfNeed {
    let work_out = || OfNeed {
        names_allergen: phrases::allergens_of_need(code) != 0 || slips::is_slip_of_allergen(code),
        is_meal: illness::is_of_meals(code),
        is_nameless_illness: illness::told_by_code(code).illness.is_some()
            && (phrases::says_no_name(code) || needs::is_nameless_illness(&code.replace('_', " ")))
            && !none::says_none(code),
        is_pen_for_name: is_pen_for_name(code),
    };
    NEEDS.with(|known| words::lately(known, code, work_out))
}

/// Whether a code names what a pen is carried against, in whatever order: it is read as "EpiPen for kiwi".
fn is_pen_for_name(code: &str) -> bool {
    if !illness::told_by_code(code).is_dangerous {
        return false;
    }
    let words: Vec<&str> = code.split('_').filter(|word| !word.is_empty()).collect();
    (1..words.len()).any(|at| {
        let (before, after) = (words[..at].join(" "), words[at..].join(" "));
        let is_for = |pen: &str, name: &str| !unknown_allergens(&[pen, "for", name].join(" "), true).is_empty();
        is_for(&before, &after) || is_for(&after, &before)
    })
}

/// What a need or a topic acts as whose code says an illness and not of what (ALLERGY), beside words that name nothing either: it may be of
/// anything that is eaten.
pub(super) fn acts_as_nameless(kind: PrecautionKind, code: &str, words: &str) -> PrecautionKind {
    if kind.is_about_food() {
        return kind;
    }
    match of_need(code) {
        OfNeed { is_meal: true, .. } => return acts_as_told(kind, words),
        OfNeed { is_nameless_illness: false, .. } => return kind,
        OfNeed { .. } => {}
    }
    let names_nothing = || {
        let said = [&code.replace('_', " "), ": ", words].concat();
        let is_of_no_food = || words.split(|char: char| !char.is_alphanumeric()).any(is_not_eaten);
        words.is_empty()
            || (words::told_by(words) == 0
                && illness::told(&said, false).substances == 0
                && unknown_allergens(&said, true).is_empty()
                && !is_illness_of_no_food(&said)
                && !is_of_no_food())
    };
    let work_out = || Some(if names_nothing() { PrecautionKind::Allergy } else { kind });
    TOLD.with(|known| words::lately(known, (kind, code, words), work_out)).unwrap_or(kind)
}

/// What a precaution acts as whose code leaves to its words what is meant.
pub fn acts_as_told(kind: PrecautionKind, words: &str) -> PrecautionKind {
    if words.is_empty() || kind == PrecautionKind::Allergy {
        return kind;
    }
    let read = || Some(read_told(kind, &pictures::in_words(words)));
    TOLD.with(|known| words::lately(known, (kind, words), read)).unwrap_or(kind)
}

fn read_told(kind: PrecautionKind, words: &str) -> PrecautionKind {
    // "Pregnant, nuts" is of nuts besides.
    let apart = if pregnancy::is_told(words) { Cow::Owned(pregnancy::without(words)) } else { Cow::Borrowed(words) };
    let is_of_names = || apart.split([',', ';', '.']).any(phrases::is_of_names) || needs::keeps_from_allergen(&apart);
    let is_ill = || is_illness_of_food(words) || is_nameless_illness(words, words);
    match kind {
        // Feathers in a room are no food.
        PrecautionKind::Accessibility | PrecautionKind::Topic if is_of_names() => PrecautionKind::Allergy,
        PrecautionKind::Accessibility | PrecautionKind::Topic if !is_ill() => kind,
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
        // What is known, and means nothing that could be in a dish, says as little as what nobody knows: BANANA.
        let means = |words: &str| phrases::meaning(words).is_some_and(|forbids| forbids.substances != 0);
        words::told_by(item) != 0 || means(item) || words.any(means) || is_no_food(item)
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

/// Whether words tell of an illness of nobody says what, where what is said as a whole (`said`: with its code) is not of what is no food.
pub(super) fn is_nameless_illness(words: &str, said: &str) -> bool {
    needs::is_nameless_illness(words) && !is_illness_of_no_food(said)
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
        for code in ["ALLERGY_FRIENDLY_ROOM", "HYPOALLERGENIC_PILLOW", "POLLEN_ALLERGY", "NO_KNOWN_ALLERGIES", "POLLEN"]
        {
            let acts_as = acts_as(PrecautionKind::Accessibility, code);
            assert_eq!(acts_as_nameless(acts_as, code, ""), PrecautionKind::Accessibility, "{code}");
        }
    }

    #[test]
    fn a_code_of_a_need_is_read_as_a_whole() {
        let acts_as = |code| acts_as_nameless(acts_as(PrecautionKind::Topic, code), code, "");
        let codes = "NO_NUTS NUT_FREE AVOID_NUTS WITHOUT_NUTS GLUTEN_FREE LACTOSE_FREE NUSSFREI GLUTENFREI KEINE_NUESSE OHNE_NUESSE \
            SANS_NOIX SENZA_GLUTINE SIN_GLUTEN TAHINI MILK_PROTEIN COWS_MILK_PROTEIN CEREALS SCHALENFRUECHTE MUSCHELN FROMENT \
            PEANUTS_AND_MILK NUTS_MILK NUTS_AND_SESAME PEANUT_TREE_NUT NUTS_PEANUTS FOOD_NUTS ALLERGY ALLERGIES EPIPEN ANAPHYLAXIS \
            NUTS_STRICT NUTS_ALL STRICTLY_NO_NUTS FREE_FROM_NUTS NUTS_PLEASE NUTS_IN_AIR AIRBORNE_NUTS WHEELCHAIR_NUTS \
            NUTS_WHEELCHAIR DIET_NUTS HALAL_NUTS MENU_NUTS NOIX_INTERDITES STRENG_KEINE_NUESSE SOJABOHNE SOJABOHNEN SULFITI KASEIN \
            CASEINE CASEINA LAITAGE LAITIER E220 SO2 NO_E220 ALBUMEN";
        for code in codes.split_whitespace() {
            assert_eq!(acts_as(code), PrecautionKind::Allergy, "{code}");
        }
        for code in ["WHEELCHAIR_COELIAC", "MEDICAL_COELIAC", "COELIAC_CHILD", "FAMILY_NCGS", "WIFE_COELIAC"] {
            assert_eq!(acts_as(code), PrecautionKind::Intolerance, "{code}");
        }
        let codes = "NO_ALCOHOL NO_COFFEE MEAT_FREE NO_PORK VEGAN_DIET HALAL_FOOD TOAST CAKE FISH_TANK MILK_BOTTLE_WARMER BABY_MILK \
            LIKES_NUTS SOLE_OCCUPANCY PERCH_STOOL STRICTLY_NO_ALCOHOL COCONUT_MILK_BATH FOOD DIETARY MENU GRAB_BAR";
        for code in codes.split_whitespace() {
            assert_eq!(acts_as(code), PrecautionKind::Topic, "{code}");
        }
        // What is about food as a whole leaves it to the words.
        for code in ["FOOD", "DIETARY", "MENU", "SPECIAL_DIET", "DIETARY_NEEDS", "MEALS"] {
            for (words, expected) in [("nuts", PrecautionKind::Allergy), ("early dinner", PrecautionKind::Topic)] {
                assert_eq!(acts_as_nameless(PrecautionKind::Topic, code, words), expected, "{code}, {words}");
            }
        }
        for (code, words, expected) in [
            ("ALLERGY", "see card", PrecautionKind::Allergy),
            ("ALLERGY", "severe", PrecautionKind::Allergy),
            ("ALLERGY", "pollen", PrecautionKind::Topic),
            ("ALLERGY", "nuts", PrecautionKind::Topic),
            ("DIVORCE", "", PrecautionKind::Topic),
        ] {
            assert_eq!(acts_as_nameless(PrecautionKind::Topic, code, words), expected, "{code}, {words}");
        }
    }

    #[test]
    fn food_beside_a_pregnancy_counts() {
        for words in ["pregnant, nuts", "pregnant and nuts", "pregnant, hazelnut", "nuts", "nuts, expecting in May"] {
            assert_eq!(acts_as_told(PrecautionKind::Topic, words), PrecautionKind::Allergy, "{words}");
        }
        for words in ["pregnant", "pregnant, window seat", "5th month"] {
            assert_eq!(acts_as_told(PrecautionKind::Topic, words), PrecautionKind::Topic, "{words}");
        }
    }
}
