//! Illnesses that are noted as something else: what a precaution acts as.

use super::precaution::PrecautionKind;
use crate::domain::words::{fold::plain, phrases};

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

/// Of which illness upper-case words tell.
fn illness_in(words: &str) -> Option<PrecautionKind> {
    ILLNESSES.iter().find(|(word, _)| words.contains(word)).map(|(_, kind)| *kind)
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

/// Of which illness a text tells: "vegan, allergic to almonds".
pub(super) fn told_by(text: &str) -> Option<PrecautionKind> {
    illness_in(&plain(text).to_uppercase())
}
