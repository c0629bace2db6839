//! Notes that no code says what they are about: whether they keep somebody from an allergen ("strictly no nuts"), and whether they tell of an
//! illness of nobody says what ("carries an EpiPen"). The words are in `data/needs.txt`. In doubt they do.

use std::sync::LazyLock;

use super::{fold, illness, lists::Lists, other_things, phrases};

static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("data/needs.txt")));

/// Words of a note that say something of their own, the allergen among them: with more of them it may be named by the way.
const WORDS_MAX: usize = 4;

/// Whether a word that is like the name of an allergen is one of its own: "hearing" is no herring.
pub(super) fn is_no_slip(word: &str) -> bool {
    LISTS.has("no_slips", word)
}

/// Parts of a note of which each says something by itself.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |char: char| matches!(char, ',' | ';' | ':' | '.' | '!' | '?' | '(' | ')' | '\n' | '–' | '—' | '|');
    text.split(is_mark).flat_map(|part| part.split(" - ")).map(str::trim).filter(|part| !part.is_empty())
}

/// Whether a note names an allergen that somebody must not have, for all that it says: "no nuts please". Nobody notes nuts for another reason;
/// but what is liked, denied or only a place ("near the fish counter") is none.
pub fn keeps_from_allergen(note: &str) -> bool {
    names_what_is_kept_from(note, false)
}

/// The same of words beside a code that says something else ("wheelchair"): they must forbid it.
pub fn forbids_allergen(note: &str) -> bool {
    names_what_is_kept_from(note, true)
}

fn names_what_is_kept_from(note: &str, must_forbid: bool) -> bool {
    let left = illness::without_likes(note);
    clauses(&left).any(|clause| {
        let folded = fold::folded(clause);
        let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let is = |list: &'static str| move |word: &&str| LISTS.has(list, word);
        // "No parking near the fish market", and not "near her no nuts".
        if let Some(at) = words.iter().position(is("near")).filter(|at| !words[*at..].iter().any(is("keeps"))) {
            words.truncate(at);
        }
        let keeps = words.iter().any(is("keeps"));
        if LISTS.has_in("no_problem", &folded) || (!keeps && words.iter().any(is("fine"))) {
            return false;
        }
        let said = words.iter().filter(|word| !illness::says_nothing(word) && !LISTS.has("small", word)).count();
        let is_by_the_way = words.iter().any(is("by_the_way")) || said > WORDS_MAX;
        (keeps || (!must_forbid && !is_by_the_way)) && phrases::allergens_of_need(&words.join(" ")) != 0
    })
}

/// Whether a note tells of an illness, and a part of it says nothing besides, so that nobody knows of what: "severe allergy", "allergies: see
/// file". Where a pen is kept says nothing either.
pub fn is_nameless_illness(note: &str) -> bool {
    illness::told(note, false).illness.is_some() && clauses(note).any(tells_of_nameless_illness)
}

fn tells_of_nameless_illness(clause: &str) -> bool {
    let told = illness::told(clause, false);
    let says_nothing = |word: &str| {
        illness::says_nothing(word)
            || LISTS.has("nothing", word)
            || (told.is_dangerous && (LISTS.has("kept", word) || other_things::is_one(word)))
    };
    told.illness.is_some() && fold::folded(clause).split(' ').all(|word| word.is_empty() || says_nothing(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_names_an_allergen_keeps_from_it() {
        for note in [
            "no nuts please",
            "strictly no nuts",
            "nuts please",
            "no nuts near him",
            "near him no nuts",
            "nuts no",
            "nuts not ok",
            "wants no nuts",
            "needs nut-free food",
            "keine Nüsse bitte",
            "sans noix svp",
            "pas de noix merci",
            "senza noci per favore",
            "sin nueces por favor",
            "sem nozes por favor",
            "never hazelnuts",
            "zorglub nuts",
            "wheelchair, never any nuts",
        ] {
            assert!(keeps_from_allergen(note), "{note}");
        }
        for note in [
            "likes nuts",
            "no nut allergy",
            "no problem with nuts",
            "nuts ok",
            "wheelchair, ramp near the fish counter",
            "no parking near the fish market",
            "fish tank in the room",
            "warm milk for the baby",
            "help with cutting the fish",
            "Walnut Room, second floor",
            "no wine please",
            "chair with a back",
        ] {
            assert!(!keeps_from_allergen(note), "{note}");
        }
    }

    #[test]
    fn an_illness_that_names_nothing_is_told_from_one_of_no_food() {
        for note in [
            "severe allergy",
            "carries an EpiPen",
            "EpiPen in her handbag",
            "anaphylaxis",
            "allergies",
            "allergies: see file",
            "severe allergy since birth",
            "Allergien: siehe Profil",
            "Notfallset",
            "auto-injector",
            "danger of death",
        ] {
            assert!(is_nameless_illness(note), "{note}");
        }
        for note in [
            "no allergies",
            "allergic to small talk",
            "allergic to loud music",
            "hypoallergenic pillow",
            "allergy bedding",
            "lebensbedrohliche Epilepsie",
            "wheelchair",
        ] {
            assert!(!is_nameless_illness(note), "{note}");
        }
    }
}
