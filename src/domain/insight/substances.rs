//! What precautions and contents mean: codes against codes, codes against names. The table of substances and diets is in
//! `words::codes`, the words of names are in `words`.
//!
//! The table errs on the side of leaving something out; it makes no claim that what is left in is safe.

pub use crate::domain::words::codes::{
    Forbids, Substances, diet_fits, each, gelatine, is_diet, made_raw, meat, related_to, states_of, with_parts,
};
pub use crate::domain::words::illness::without_likes;
pub use crate::domain::words::lexicon::{is_raw_of_unknown, says_raw};
pub use crate::domain::words::phrases::named_as;
pub use crate::domain::words::pictures::{has_nameless as has_nameless_picture, in_words as pictures_in_words};
pub use crate::domain::words::pregnancy::DIET as PREGNANCY;
pub use crate::domain::words::{
    Doubted, Lifted, after_no, besides_not_served, brought, doubted, is_one_thing, lifted, lifted_of_all,
    told_after_lifting, told_both_ways, told_by, unlifted,
};
use crate::domain::words::{codes, illness, phrases, pregnancy, slips};

/// What a precaution's code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Understood(Forbids),
    /// It may be about anything. With a slip of the pen: the code that was most likely meant.
    NotUnderstood {
        suggestion: Option<&'static str>,
    },
}

/// Whether something that contains these can't be for a diet, whoever vouches for it. Gelatine can: it is of pork or beef unless
/// somebody says otherwise.
pub fn diet_leaves_out(diet: &str, contains: Substances) -> bool {
    let forbids = forbidden_by(diet);
    let is_left_out = || forbids.substances & contains & !of_content("GELATINE") != 0;
    is_diet(diet) && (is_left_out() || forbids.together(contains) != 0)
}

/// What can't be in something that is vouched for under a diet. Of a diet that allows a thing only where it was made in a certain
/// way: nothing.
pub fn ruled_out_by(diet: &str) -> Substances {
    let forbids = if is_diet(diet) { forbidden_by(diet) } else { Forbids::default() };
    if forbids.unless_vouched == 0 { forbids.substances } else { 0 }
}

/// What a code of contents means, as people write codes: NUTS, NO_NUTS, NUSSALLERGIE. It works out a suggestion: only what tells of it
/// asks for it.
pub fn meaning(code: &str) -> Meaning {
    match exactly_understood(code) {
        Some(forbids) => Meaning::Understood(forbids),
        None => Meaning::NotUnderstood { suggestion: slips::suggestion(code) },
    }
}

/// Whether it is understood what a precaution with this code is about.
pub fn is_understood(code: &str) -> bool {
    understood(code).is_some()
}

fn understood(code: &str) -> Option<Forbids> {
    exactly_understood(code).or_else(|| phrases::meaning_by_letters(code))
}

/// Whether it is understood what contents with this code are: it must be written as it is known.
pub fn is_exactly_understood(code: &str) -> bool {
    exactly_understood(code).is_some()
}

fn exactly_understood(code: &str) -> Option<Forbids> {
    codes::forbidden_by(code).or_else(|| phrases::meaning(code))
}

/// What a precaution with this code forbids. Of one that is not understood, what its words tell of.
pub fn forbidden_by(code: &str) -> Forbids {
    understood(code).unwrap_or_else(|| {
        let by_illness = illness::told_by_code(code).substances;
        // "Nuts strict" is peanuts too, as the code NUTS is.
        let named = told_in_words(&phrases::apart_from_digits(code));
        Forbids { substances: related_to(told_by(code)) | named | by_illness, ..Forbids::default() }
    })
}

/// What the words of a precaution forbid that name a substance or an illness: "coeliac", "lactose intolerant".
pub fn forbidden_by_words(text: &str) -> Substances {
    forbidden_by_words_that(text, |_| true)
}

/// What the words of a precaution tell of, with what its names of substances mean: "nuts" are peanuts too.
pub fn told_in_words(text: &str) -> Substances {
    related_to(told_by(text) | phrases::names_in(text))
}

/// The same of some of the words.
pub fn forbidden_by_words_that(text: &str, counts: impl Fn(&str) -> bool) -> Substances {
    let words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| word.len() > 1);
    // What tells of a pregnancy, and what only sounds like it, is not seen by single words.
    let counts = |word: &&str| {
        counts(word) && !pregnancy::is_told(word) && !codes::is_about_diet(pregnancy::DIET, &word.to_uppercase())
    };
    words.filter(counts).filter_map(phrases::meaning).fold(0, |set, forbids| set | forbids.substances)
}

/// Whether words say that somebody is ill, and of nothing that makes them so: "severe allergy".
pub fn says_no_name(text: &str) -> bool {
    phrases::says_no_name(text)
}

/// The substances that a code among contents stands for.
pub fn of_content(code: &str) -> Substances {
    codes::of_code(code).unwrap_or_else(|| told_by(code))
}

/// The code of one of some substances; `None`: there are none.
pub(in crate::domain) fn code_of(substances: Substances) -> Option<&'static str> {
    codes::code_of(substances)
}

/// Whether the table knows a code, or its words tell of something in the table. Against any other content only a precaution
/// with the very same code speaks.
pub fn is_known(code: &str) -> bool {
    codes::of_code(code).is_some() || told_by(code) != 0
}

/// The milk of a drink, if something takes its place as "oat milk" does.
pub fn milk_replaced_by(name: &str) -> Substances {
    let (_, milk) = codes::milk_drink();
    // What is left of the milk that the name of a drink tells of, beside it.
    if told_after_lifting(&[name, MILK_DRINK].join(" ")) & milk == 0 { milk } else { 0 }
}

/// A drink whose name tells of milk.
const MILK_DRINK: &str = "latte";

/// Whether the table has a code itself.
pub fn is_code(code: &str) -> bool {
    codes::of_code(code).is_some()
}

/// Of some substances the one that says most: a part rather than what it is a part of.
pub fn narrowest(substances: Substances) -> Substances {
    substances.checked_ilog2().map_or(0, |highest| 1 << highest)
}

/// How contents meet a precaution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overlap {
    /// Nothing that was declared meets it. That is no promise.
    None,
    May,
    Contains,
}

/// How declared contents meet what a precaution forbids ([`Forbids::substances`]). Nuts conflict with every nut; a hazelnut
/// may carry traces of the walnut that somebody must not have, as traces of one nut are traces of nuts; and one fish of another.
/// Eggs may be raw, where nobody says that they are not.
pub fn conflict(forbidden: Substances, contains: Substances, may_contain: Substances) -> Overlap {
    if forbidden & contains != 0 {
        return Overlap::Contains;
    }
    let kin = kin_of(forbidden);
    if kin & (contains | may_contain) != 0 || forbidden & may_contain != 0 { Overlap::May } else { Overlap::None }
}

/// What may bring something that is forbidden: the others of its family, and what it may be a state of.
pub fn kin_of(forbidden: Substances) -> Substances {
    codes::families_of(forbidden) | codes::wholes_of_states(forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a precaution about one code speaks against a content with another.
    fn vetoes(precaution: &str, content: &str) -> bool {
        forbidden_by(precaution).substances & of_content(content) != 0
    }

    #[test]
    fn a_part_and_its_whole_forbid_each_other_and_sisters_do_not() {
        for (precaution, content, expected) in [
            ("ALMOND", "ALMOND", true),
            ("ALMOND", "ALMONDS", true),
            ("ALMOND", "TREE_NUTS", true),
            ("ALMOND", "NUTS", true),
            ("ALMOND", "HAZELNUT", false),
            ("ALMOND", "PEANUTS", false),
            ("TREE_NUTS", "ALMOND", true),
            ("TREE_NUTS", "PEANUTS", false),
            ("NUTS", "PEANUT", true),
            ("NUT_ALLERGY", "PEANUT", true),
            ("NUSSALLERGIE", "PEANUT", true),
            ("NOIX", "PEANUT", true),
            ("FRUTTA_SECCA", "PEANUT", true),
            ("FRUTOS_SECOS", "PEANUT", true),
            ("NUECES", "ALMOND", true),
            ("NOZES", "PEANUT", true),
            ("HASELNUSS", "PEANUT", false),
            ("NUTS", "BRAZIL_NUT", true),
            ("PEANUTS", "TREE_NUTS", false),
            ("SHELLFISH", "MOLLUSCS", true),
            ("MOLLUSCS", "CRUSTACEANS", false),
            ("FISH", "SHELLFISH", false),
            ("SEAFOOD", "FISH", true),
            ("WHEAT", "GLUTEN", true),
            ("WHEAT", "RYE", false),
            ("COELIAC", "OATS", true),
            ("LACTOSE", "MILK", true),
            ("PORK", "MEAT", true),
            ("PORK", "BEEF", false),
            ("SHRIMP", "CRUSTACEANS", true),
            ("CRUSTACEANS", "SHRIMP", true),
            ("SHRIMP", "MILK", false),
            ("KIWI", "MILK", false),
        ] {
            assert_eq!(vetoes(precaution, content), expected, "{precaution} and {content}");
        }
    }

    #[test]
    fn every_allergen_of_annex_ii_is_known() {
        let annex = [
            "GLUTEN",
            "WHEAT",
            "RYE",
            "BARLEY",
            "OATS",
            "CRUSTACEANS",
            "EGGS",
            "FISH",
            "PEANUTS",
            "SOYBEANS",
            "MILK",
            "TREE_NUTS",
            "ALMOND",
            "HAZELNUT",
            "WALNUT",
            "CASHEW",
            "PECAN",
            "BRAZIL_NUT",
            "PISTACHIO",
            "MACADAMIA",
            "CELERY",
            "MUSTARD",
            "SESAME",
            "SULPHITES",
            "LUPIN",
            "MOLLUSCS",
        ];
        for code in annex {
            assert!(forbidden_by(code).is_known && vetoes(code, code), "{code}");
        }
    }

    #[test]
    fn names_tell_of_substances_in_the_singular_and_the_plural() {
        for (name, code) in [
            ("Danish pastries", "GLUTEN"),
            ("danish pastry", "GLUTEN"),
            ("Two brandies", "ALCOHOL"),
            ("Whiskies of Islay", "ALCOHOL"),
            ("Sherries", "ALCOHOL"),
            ("Anchovies on toast", "FISH"),
            ("Almond", "ALMOND"),
            ("Macarons", "ALMOND"),
            ("Macarons", "EGGS"),
            ("Coconut macaroon", "EGGS"),
            ("Muesli", "GLUTEN"),
            ("Granola bar", "TREE_NUTS"),
            ("Eclairs", "GLUTEN"),
            ("Eclairs", "MILK"),
            ("Eclairs", "EGGS"),
            ("Apple pie", "GLUTEN"),
            ("Fruit tarts", "GLUTEN"),
            ("Caramel fudge", "MILK"),
        ] {
            assert!(told_by(name) & of_content(code) != 0, "{name} and {code}");
        }
        for name in ["A magpie", "Tartan", "Turkish delight", "A tarty jam"] {
            assert_eq!(told_by(name), 0, "{name}");
        }
        for code in ["PASTRIES", "ANCHOVIES", "ANCHOVY", "PIES"] {
            assert!(is_understood(code), "{code}");
        }
    }

    #[test]
    fn a_code_is_understood_whole_or_not_at_all() {
        for code in [
            "MILK",
            "TREENUTS",
            "SHRIMP",
            "SHRIMPS",
            "PEANUT",
            "HALAL",
            "MANDEL",
            "KUHMILCHEIWEISS",
            "NOIX",
            "COELIAC_DISEASE",
            "PEA_NUTS",
            "SHELL_FISH",
            "LACTOSE_INTOLERANCE",
            "NUT_ALLERGY",
            "NO_ALCOHOL",
            "NUSSALLERGIE",
            "LAKTOSEINTOLERANZ",
            "SANS_GLUTEN",
            "ALERGIA_AL_MARISCO",
            "MILK_AND_EGGS",
            "LATTE",
            "PREGNANCY",
            "GLUTENFREI",
            "EGG_WHITE",
            "camarão",
        ] {
            assert!(is_understood(code), "{code}");
        }
        for code in [
            "",
            "_",
            "TREENUT",
            "TREENUT_ALLERGY",
            "TRENUTS",
            "PINENUTS",
            "PEA_NUTZ",
            "EGG_PLANT",
            "CHEST_NUTS",
            "COE_LIAC",
            "COCONUT_MILK",
            "BUTTERNUT",
            "KIWI",
            "OTHER",
            "SEE_TEXT",
            "NUTMEG",
            "RED_WINE",
            "ALLERGY",
            "NO",
            "LOW_FODMAP",
            "TIRAMISU",
            "PEANTUS",
            "NOT_ALLERGIC_TO_NUTS",
        ] {
            assert!(!is_understood(code), "{code}");
        }
        let latte = forbidden_by("LATTE").substances;
        assert!(latte & of_content("MILK") != 0 && latte & of_content("CAFFEINE") != 0);
        assert!(forbidden_by("NOIX").substances & of_content("HAZELNUT") != 0);
    }

    #[test]
    fn a_slip_has_a_suggestion_and_nonsense_has_none() {
        for (code, expected) in [
            ("TREENUT", Some("TREE_NUTS")),
            ("PEANTUS", Some("PEANUTS")),
            ("GLUTTEN_ALLERGY", Some("GLUTEN")),
            ("OTHER", None),
            ("SEE_TEXT", None),
            ("KIWI", None),
            ("", None),
        ] {
            assert_eq!(meaning(code), Meaning::NotUnderstood { suggestion: expected }, "{code}");
        }
        assert!(matches!(meaning("NUT_ALLERGY"), Meaning::Understood(_)));
    }

    #[test]
    fn nuts_conflict_with_every_nut_and_one_nut_may_carry_another() {
        for (precaution, contains, may_contain, expected) in [
            ("TREE_NUTS", "HAZELNUT", "", Overlap::Contains),
            ("WALNUT", "TREE_NUTS", "", Overlap::Contains),
            ("WALNUT", "HAZELNUT", "", Overlap::May),
            ("WALNUT", "", "WALNUT", Overlap::May),
            ("WALNUT", "", "HAZELNUT", Overlap::May),
            ("PEANUTS", "", "HAZELNUT", Overlap::None),
            ("PEANUTS", "HAZELNUT", "", Overlap::None),
            ("SHELLFISH", "MUSSEL", "", Overlap::Contains),
            ("HAKE", "COD", "", Overlap::May),
            ("WHEAT", "SPELT", "", Overlap::Contains),
            ("MILK", "EGGS", "", Overlap::None),
            ("LACTOSE", "MILK", "", Overlap::Contains),
            ("EGGS", "RAW_EGG", "", Overlap::Contains),
            ("RAW_EGG", "EGGS", "", Overlap::May),
            ("RAW_EGG", "", "EGGS", Overlap::May),
            ("RAW_EGG", "MILK", "", Overlap::None),
            ("RAW_FISH", "SALMON", "", Overlap::May),
            ("RAW_FISH", "RAW_FISH", "", Overlap::Contains),
            ("RAW_MEAT", "BEEF", "", Overlap::May),
            ("RAW_MEAT", "EGGS", "", Overlap::None),
            ("UNPASTEURISED_MILK", "MILK", "", Overlap::May),
            ("PORK", "BEEF", "", Overlap::None),
            // Without its caffeine, coffee is coffee.
            ("COFFEE", "COFFEE", "", Overlap::Contains),
            ("COFFEE", "CAFFEINE", "", Overlap::Contains),
            ("CAFFEINE", "COFFEE", "", Overlap::May),
        ] {
            let [contains, may_contain] = [contains, may_contain].map(of_content);
            let found = conflict(forbidden_by(precaution).substances, contains, may_contain);
            assert_eq!(found, expected, "{precaution}");
        }
    }

    #[test]
    fn diets_leave_out_what_they_do() {
        for (diet, content, forbidden, unless_vouched) in [
            ("VEGAN", "MILK", true, false),
            ("VEGAN", "ALMOND", false, false),
            ("VEGAN", "BEEF", true, false),
            ("VEGETARIAN", "EGGS", false, false),
            ("VEGETARIAN", "OYSTER", true, false),
            ("PESCATARIAN", "FISH", false, false),
            ("HALAL", "PORK", true, false),
            ("HALAL", "ALCOHOL", true, false),
            ("HALAL", "BEEF", false, true),
            ("KOSHER", "CRUSTACEANS", true, false),
            ("KOSHER", "POULTRY", false, true),
            ("KOSHER", "FISH", false, false),
        ] {
            let Forbids { substances, unless_vouched: vouched, is_known, .. } = forbidden_by(diet);
            let hits = |set: Substances| set & of_content(content) != 0;
            assert!(is_known);
            assert_eq!((hits(substances), hits(vouched)), (forbidden, forbidden && hits(vouched) || unless_vouched));
        }
        assert!(diet_fits("VEGETARIAN", "VEGAN") && !diet_fits("VEGAN", "VEGETARIAN"));
        assert!(diet_fits("LOW_SALT", "LOW_SALT") && !diet_fits("HALAL", "KOSHER"));
    }
}
