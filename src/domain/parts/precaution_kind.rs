//! Kinds of precautions, and what those act as that are noted as another kind than they are.

use crate::domain::words::{self, fold::plain, phrases};

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

/// Parts of words that say that somebody is ill, in six languages ("NUSSALLERGIE"), and the kind of precaution that they tell of.
const ILLNESSES: [(&str, PrecautionKind); 34] = [
    ("ALLERG", PrecautionKind::Allergy),
    ("ALERG", PrecautionKind::Allergy),
    ("ANAPHYLA", PrecautionKind::Allergy),
    ("ANAFILA", PrecautionKind::Allergy),
    ("ADRENALIN", PrecautionKind::Allergy),
    ("EPIPEN", PrecautionKind::Allergy),
    ("EPINEPHRIN", PrecautionKind::Allergy),
    ("EPINEFRIN", PrecautionKind::Allergy),
    ("HYPERSENSI", PrecautionKind::Allergy),
    ("HIPERSENSI", PrecautionKind::Allergy),
    ("IPERSENSI", PrecautionKind::Allergy),
    ("UBEREMPFINDLICH", PrecautionKind::Allergy),
    ("UEBEREMPFINDLICH", PrecautionKind::Allergy),
    ("LEBENSGEFAHR", PrecautionKind::Allergy),
    ("LEBENSBEDROHLICH", PrecautionKind::Allergy),
    ("LIFE THREAT", PrecautionKind::Allergy),
    ("LIFE_THREAT", PrecautionKind::Allergy),
    ("NOTFALLSET", PrecautionKind::Allergy),
    ("SEVERE REACTION", PrecautionKind::Allergy),
    ("SEVERE_REACTION", PrecautionKind::Allergy),
    ("COELIA", PrecautionKind::Intolerance),
    ("CELIA", PrecautionKind::Intolerance),
    ("ZOLIAK", PrecautionKind::Intolerance),
    ("ZOELIAK", PrecautionKind::Intolerance),
    ("INTOLERAN", PrecautionKind::Intolerance),
    ("INTOLLERAN", PrecautionKind::Intolerance),
    ("UNVERTRAG", PrecautionKind::Intolerance),
    ("UNVERTRAEG", PrecautionKind::Intolerance),
    ("VERTRAGT KEIN", PrecautionKind::Intolerance),
    ("VERTRAEGT KEIN", PrecautionKind::Intolerance),
    ("NE SUPPORTE PAS", PrecautionKind::Intolerance),
    ("NO TOLERA", PrecautionKind::Intolerance),
    ("NON TOLLERA", PrecautionKind::Intolerance),
    ("NAO TOLERA", PrecautionKind::Intolerance),
];

/// Of which illness words tell, the most dangerous: "coeliac, nut allergy" tells of an allergy. Asked several times for each briefing: few
/// letters begin one.
fn illness_in(words: &str) -> Option<PrecautionKind> {
    let bytes = words.as_bytes();
    let begins = |byte: &u8| b"ACEHILNSUVZ".contains(&byte.to_ascii_uppercase());
    let is_at =
        |rest: &[u8], word: &str| rest.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word.as_bytes()));
    let places = bytes.iter().enumerate().filter(|(_, byte)| begins(byte)).map(|(at, _)| &bytes[at..]);
    let found = places.filter_map(|rest| ILLNESSES.iter().find(|(word, _)| is_at(rest, word)));
    found.map(|(_, kind)| *kind).min_by_key(|kind| *kind != PrecautionKind::Allergy)
}

/// The same of a text as people write it.
pub fn illness_told(text: &str) -> Option<PrecautionKind> {
    if text.is_ascii() { illness_in(text) } else { illness_in(&plain(text)) }
}

/// What a precaution of some kind acts as. What its code says is an illness ("COELIAC" as a diet) is no matter of taste; an allergy that is
/// noted as an intolerance ("NUT_ALLERGY") is one; and an illness that something eaten causes is none of a room.
pub fn acts_as(kind: PrecautionKind, code: &str) -> PrecautionKind {
    let illness = match kind {
        PrecautionKind::Allergy => None,
        PrecautionKind::Intolerance => illness_in(code).filter(|illness| *illness == PrecautionKind::Allergy),
        PrecautionKind::Diet | PrecautionKind::Abstention => illness_in(code),
        PrecautionKind::Accessibility | PrecautionKind::Topic => {
            illness_in(code).filter(|_| phrases::meaning(code).is_some_and(|forbids| forbids.substances != 0))
        }
    };
    illness.unwrap_or(kind)
}

/// What a precaution acts as whose code leaves to its words what is meant.
pub fn acts_as_told(kind: PrecautionKind, words: &str) -> PrecautionKind {
    let illness = if words.is_empty() { None } else { illness_told(words) };
    match kind {
        PrecautionKind::Diet | PrecautionKind::Abstention => illness.unwrap_or(kind),
        PrecautionKind::Intolerance => illness.filter(|illness| *illness == PrecautionKind::Allergy).unwrap_or(kind),
        // Feathers in a room are no food.
        PrecautionKind::Accessibility | PrecautionKind::Topic => {
            illness.filter(|_| is_illness_of_food(words)).unwrap_or(kind)
        }
        PrecautionKind::Allergy => kind,
    }
}

/// Whether words tell of an illness that something eaten causes, and of what: "nut allergy", "coeliac".
pub fn is_illness_of_food(text: &str) -> bool {
    let is_known = |word: &str| {
        illness_told(word).is_some() && phrases::meaning(word).is_some_and(|forbids| forbids.substances != 0)
    };
    !text.is_empty()
        && illness_told(text).is_some()
        && (words::told_by(text) != 0 || text.split(|char: char| !char.is_alphanumeric()).any(is_known))
}
