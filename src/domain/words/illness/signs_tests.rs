//! Signs of illness beside names that nobody knows, and what is none.

use super::*;
use crate::domain::words::{no_food, phrases};

const OF_UNKNOWN: &[&str] = &[
    "Strawberries are deadly",
    "kiwi: throat closes",
    "Lemon puts her in hospital",
    "anaphylaxis, kiwi",
    "EpiPen. kiwi",
    "kiwi (EpiPen)",
    "allergies - kiwi",
    "anaphylaxis (kiwi)",
    "anaphylactic shock, lemon",
    "lemon; anaphylaxis 2019",
    "carries EpiPen, kiwi",
    "kiwi EpiPen",
    "kiwi - EpiPen",
    "kiwi, life-threatening",
    "Kiwi ist lebensgefährlich",
    "Known allergies. Lemon",
    "N.U.T.S. (allergy)",
    "kiwi is fatal",
    "kiwi nearly killed him",
    "kiwi: ICU",
    "kiwi: 911",
    "kiwi is poison",
    "kiwi kills her",
    "danger: kiwi",
    "emergency: kiwi",
    "kiwi: shock",
    "kiwi: Schock",
    "throat swells from kiwi",
    "swells from kiwi",
    "gonfiore: kiwi",
    "kiwi: se hincha",
    "kiwi: can't breathe",
    "Kiwi: Atemnot",
    "collapses after kiwi",
    "asthma from kiwi",
    "rash from kiwi",
    "hives from kiwi",
    "urticaire: kiwi",
    "kiwi: œdème",
    "kiwi: Quincke",
    "kiwi angioedema",
    "kiwi: antihistamine",
    "vomits from kiwi",
    "kiwi makes him sick",
    "cannot digest kiwi",
    "sensitive to kiwi",
    "kiwi le sienta mal",
    "passa mal com kiwi",
    "dog allergy, lemon",
    "lemon, dog allergy",
    "dog allergy; lemon",
    "bees (EpiPen), lemon",
    "cat allergy. Strawberries: hives",
    "allergic to cold soup",
    "allergic to perfume tea",
    "allergic to Cold Bliss",
    "kiwi put her in hospital last year",
    "kiwi: severe",
    "Kiwi tödlich",
    "kiwi mortel",
    "strawberry, nut allergy",
    "nut allergy, kiwi",
    "kiwi, also traces",
    "doctor forbids kiwi",
    "allergic to cats; kiwi",
    "kiwi swells his face",
    "rash on arms from kiwi",
    "strawberries make her face swell",
    "kiwi gives him stomach cramps",
    "kiwi often makes him sick",
    "Kiwi: Spital",
    "allergique au kiwi, EpiPen",
    "fraises: mortel",
    "fragole: mortale",
    "fresas: mortal",
    "alergia a gatos, kiwi",
    "Katzenallergie, Kiwi",
    "EpiPen (wasps), kiwi",
];

const OF_NONE: &[&str] = &[
    "stomach pain",
    "pain after meals",
    "joint pain",
    "back pain, allergic to cats",
    "alergia al polvo",
    "allergia al sole",
    "allergia ai gatti",
    "Allergisch auf Bienenstiche",
    "sun cream",
    "Kann keine Treppen steigen",
    "allergic to wasps, EpiPen",
    "allergic to bees and wasps",
    "mosquito bites: swelling",
    "allergic to insect bites",
    "mould allergy",
    "allergic to hair dye",
    "nail polish allergy",
    "allergic to metal",
    "allergic to iodine",
    "Wespenallergie",
    "Nickelallergie",
    "Milbenallergie",
    "Tierhaarallergie",
    "Birkenpollenallergie",
    "allergique aux abeilles",
    "allergie aux guêpes",
    "allergie à la poussière",
    "allergique aux plumes",
    "allergie à la laine",
    "allergia alle api",
    "allergia alle vespe",
    "allergia alla polvere",
    "alergia a las abejas",
    "alergia a las avispas",
    "alergia a los gatos",
    "alergia ao pó",
    "Must avoid direct sun",
    "Cannot have a bath",
    "Allergist by profession",
    "Reagiert auf Zugluft",
    "peanuts ok",
    "fish is fine",
    "can eat fish",
    "tolerates fish",
    "verträgt Fisch",
    "poisson ok",
    "no problem with nuts",
    "nuts tested negative",
    "see letter of Dr. Fischer",
    "Ms. Bass",
    "Dr. Mandel",
    "allergic to cats, see Dr. Miller",
    "EpiPen in handbag",
    "carries two EpiPens",
    "EpiPen at reception",
    "EpiPen in left drawer",
    "severe arthritis",
    "swollen ankles",
    "her doctor visits on Tuesday",
    "sensitive skin",
    "sensitive about his weight",
    "works in a hospital",
    "husband in hospital",
    "hospital bed needed",
    "emergency contact: wife",
    "emergency contact: Anna Miller",
    "danger of falling",
    "seizures (epilepsy)",
    "faints easily",
    "severe hearing loss",
    "medical student",
    "asthma attacks",
    "rash on arm",
    "itchy skin, cotton sheets",
    "extreme sports fan",
    "reacts to loud noise",
    "migraine from bright light",
    "in shock after accident",
    "mother died in hospital",
    "can't climb stairs",
    "cannot stand long",
    "wheelchair, swollen knee",
    "heart attack 2019, hospital",
    "allergic to dogs, quiet room",
    "pollen allergy, window seat",
    "severe back trouble",
    "food poisoning last year",
    "sensitive to noise",
    "sensitive to cold",
    "grave hearing loss",
    "EpiPen with wife",
    "nurse comes at eight",
    "oxygen, emergency number at reception",
    "speaks no German, hard of hearing",
    "cannot walk far, swollen foot",
    "needs ambulance access",
    "fear of hospitals",
    "Rollstuhl, Notfallset im Rucksack",
    "EpiPen im Zimmer",
    "Herzinfarkt 2019, Spital",
    "allergisch auf Wespen",
    "allergica alle vespe, EpiPen",
    "quiet room, carries EpiPen",
    "VIP",
    "speaks French",
    "afraid of dogs",
    "Hausstauballergie, Fensterplatz",
];

fn unknown(text: &str) -> Vec<&str> {
    unknown_items(text, true, is_known)
}

#[test]
fn a_sign_makes_an_illness_of_a_name_that_nobody_knows() {
    for text in OF_UNKNOWN {
        assert!(told(text, false).illness.is_some() && !unknown(text).is_empty(), "{text}");
        let said = format!("WHEELCHAIR: {text}");
        assert!(told(&said, false).illness.is_some() && !unknown(&said).is_empty(), "{said}");
    }
}

#[test]
fn what_is_no_food_and_what_is_eaten_is_no_illness_of_food() {
    for text in OF_NONE {
        let is_no_food = |item: &&str| {
            let folded = fold::folded(item);
            let words = folded.split(' ').map(|word| phrases::stem_of_illness(word).unwrap_or(word));
            let left: Vec<&str> = words.filter(|word| !says_nothing(word)).collect();
            left.iter().all(|word| no_food::is_one(word)) || no_food::is_one(&left.concat())
        };
        let named: Vec<&str> = unknown(text).into_iter().filter(|item| !is_no_food(item)).collect();
        assert!(named.is_empty(), "{text}: {named:?}");
        assert_eq!(lexicon::told_by(&without_likes(text)), 0, "{text}");
    }
    for text in [
        "peanuts ok?",
        "peanuts not ok",
        "ok, nuts",
        "no nuts, ok",
        "verträgt Nüsse schlecht",
        "barely tolerates fish",
        "only fish ok",
        "fish ok if cooked",
        "Frau Nüsse",
        "alergia ao polvo",
        "allergy: sole",
        "pain au chocolat",
    ] {
        assert_ne!(lexicon::told_by(&without_likes(text)), 0, "{text}");
    }
}

#[test]
fn a_denial_that_ends_or_is_taken_back_denies_nothing() {
    for text in [
        "had no nut allergy, has one now",
        "no nut allergy until 2020",
        "no nut allergy before, now yes",
        "no nut allergy, mother says yes",
        "not allergic to nuts was wrong",
    ] {
        assert_eq!(told(text, false).illness, Some(Illness::Allergy), "{text}");
    }
}

#[test]
fn a_low_criticality_is_not_believed_beside_words_for_a_danger() {
    for text in [
        "airborne",
        "by touch",
        "life or death",
        "hochgradig",
        "extreme",
        "zero tolerance",
        "separate fryer",
        "heart stopped",
        "reacts to smell",
    ] {
        assert!(told(text, true).is_dangerous, "{text}");
    }
}
