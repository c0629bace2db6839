//! Changes of precautions.

use super::effect::{Effect, TouchedParts, made, next_part, touched};
use crate::domain::{
    kernel::{
        author::Stamp,
        error::Refusal,
        id::PartId,
        limits::{PRECAUTIONS_MAX, TEXT_CHARS_MAX},
    },
    parts::precaution::{Precaution, PrecautionDraft, PrecautionStatus, Review},
    profile::Profile,
};

/// Adds a precaution, or what it says beyond one that is on record and active. The answer names that one then: nobody finds
/// out by adding what is on record. What has no room beside its words is refused: cut off, a warning would be lost, and beside it there
/// would be two of which one may be refuted. What is said for some time only is kept by itself, and ends by itself. At the limit, the past one that was reviewed first is dropped; an active one never is.
pub(super) fn add(profile: &mut Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    let is_marked = profile.is_marked(&draft.of_whom);
    let same = |known: &&mut Precaution| {
        known.is_active(stamp.at) && known.reported.is_same_as(draft) && known.is_one_with(draft, stamp)
    };
    let mut is_on_record = false;
    for known in profile.precautions.iter_mut().filter(same) {
        is_on_record = true;
        if let Some(updated) = known.updated(draft, &stamp.by, stamp.at) {
            update(known, updated, stamp);
            if is_marked {
                // Said of somebody who is marked as deceased: a mark ends what was said before it.
                known.record_time = stamp.at;
            }
            return Ok(made(TouchedParts::PRECAUTIONS, known.id));
        }
    }
    if is_on_record {
        return Err(Refusal::NoRoomForText { max: TEXT_CHARS_MAX });
    }
    if profile.precautions.len() >= PRECAUTIONS_MAX {
        let past = profile.precautions.iter().enumerate().filter(|(_, known)| !known.is_active(stamp.at));
        let oldest = past.min_by_key(|(_, known)| (known.review.as_ref().map(|review| review.time), known.id));
        let Some((index, _)) = oldest else {
            return Err(Refusal::LimitReached { what: "active precautions", max: PRECAUTIONS_MAX });
        };
        profile.precautions.remove(index);
    }
    let id = next_part(profile);
    profile.precautions.push(Precaution {
        id,
        reported: draft.clone(),
        recorded_by: stamp.by.clone(),
        first_said_by: None,
        record_time: stamp.at,
        review: None,
    });
    Ok(made(TouchedParts::PRECAUTIONS, id))
}

/// Whoever changes how dangerous it is has reported it as it is now; a till without a name takes nobody's place.
fn update(known: &mut Precaution, updated: PrecautionDraft, stamp: &Stamp) {
    let as_now = PrecautionDraft { status: updated.status, ..known.reported.clone() };
    if updated != as_now {
        if updated.criticality != known.reported.criticality && stamp.by.staff().is_some() {
            let before = std::mem::replace(&mut known.recorded_by, stamp.by.clone());
            // Who said it first vouches for it also after a colleague made less of it: another may make as much of it again.
            let has_first = known.first_said_by.as_ref().is_some_and(|first| stamp.by.is_second_person(first));
            // A till without a name vouches for nothing.
            if !has_first && before.staff().is_some() && stamp.by.is_second_person(&before) {
                known.first_said_by = Some(before);
            }
        }
        known.record_time = stamp.at;
        known.review = None;
    } else if updated.status != known.reported.status {
        known.review = Some(Review { by: stamp.by.clone(), time: stamp.at, reason: String::new() });
    }
    known.reported = updated;
}

pub(super) fn review(
    profile: &mut Profile,
    id: PartId,
    status: PrecautionStatus,
    reason: &str,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let found = profile.precautions.iter_mut().find(|known| known.id == id);
    let precaution = found.ok_or(Refusal::Missing { what: "precaution" })?;
    if !precaution.is_active(stamp.at) {
        return Err(Refusal::NotActive { what: "precaution" });
    }
    let leaves = match status {
        PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed => false,
        PrecautionStatus::Refuted | PrecautionStatus::Resolved | PrecautionStatus::EnteredInError => true,
    };
    if leaves && precaution.reported.criticality.is_dangerous() && !precaution.has_second_person(&stamp.by) {
        return Err(Refusal::SecondPersonNeeded);
    }
    precaution.reported.status = status;
    precaution.review = Some(Review { by: stamp.by.clone(), time: stamp.at, reason: reason.to_owned() });
    Ok(touched(TouchedParts::PRECAUTIONS))
}

#[cfg(test)]
#[path = "precaution_tests.rs"]
mod tests;
