//! Kinds of precautions, and what those act as that are noted as another kind than they are.

use crate::domain::words::{fold::plain, phrases};

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
const ILLNESSES: [(&str, PrecautionKind); 10] = [
    ("ALLERG", PrecautionKind::Allergy),
    ("ALERG", PrecautionKind::Allergy),
    ("ANAPHYLA", PrecautionKind::Allergy),
    ("COELIA", PrecautionKind::Intolerance),
    ("CELIA", PrecautionKind::Intolerance),
    ("ZOLIAK", PrecautionKind::Intolerance),
    ("ZOELIAK", PrecautionKind::Intolerance),
    ("INTOLERAN", PrecautionKind::Intolerance),
    ("INTOLLERAN", PrecautionKind::Intolerance),
    ("UNVERTRAG", PrecautionKind::Intolerance),
];

/// Of which illness upper-case words tell. Asked several times for each briefing: few letters begin one.
fn illness_in(words: &str) -> Option<PrecautionKind> {
    let begins = |byte: &u8| matches!(byte, b'A' | b'C' | b'I' | b'U' | b'Z');
    let places = words.bytes().enumerate().filter(|(_, byte)| begins(byte)).map(|(at, _)| &words.as_bytes()[at..]);
    let mut found = places.filter_map(|rest| ILLNESSES.iter().find(|(word, _)| rest.starts_with(word.as_bytes())));
    found.next().map(|(_, kind)| *kind)
}

/// What a precaution of some kind acts as. What its code says is an illness ("COELIAC" as a diet) is no matter of taste; and an illness that
/// something eaten causes ("NUT_ALLERGY") is none of a room.
pub fn acts_as(kind: PrecautionKind, code: &str) -> PrecautionKind {
    let illness = match kind {
        PrecautionKind::Allergy | PrecautionKind::Intolerance => None,
        PrecautionKind::Diet | PrecautionKind::Abstention => illness_in(code),
        PrecautionKind::Accessibility | PrecautionKind::Topic => {
            illness_in(code).filter(|_| phrases::meaning(code).is_some_and(|forbids| forbids.substances != 0))
        }
    };
    illness.unwrap_or(kind)
}

/// What a precaution acts as whose code leaves to its words what is meant.
pub fn acts_as_told(kind: PrecautionKind, words: &str) -> PrecautionKind {
    let is_diet = matches!(kind, PrecautionKind::Diet | PrecautionKind::Abstention);
    if is_diet && !words.is_empty() { illness_in(&plain(words).to_uppercase()).unwrap_or(kind) } else { kind }
}
