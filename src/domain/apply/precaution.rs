//! Changes of precautions.

use super::effect::{Effect, TouchedParts, made, next_part, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, id::PartId, limits::PRECAUTIONS_MAX},
    parts::precaution::{Criticality, Precaution, PrecautionDraft, PrecautionStatus, Review},
    profile::Profile,
};

/// Adds a precaution. At the limit, the past one that was reviewed first is dropped; an active one never is.
pub(super) fn add(profile: &mut Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    let same = |known: &Precaution| {
        known.is_active() && known.reported.kind == draft.kind && known.reported.code == draft.code
    };
    if profile.precautions.iter().any(same) {
        return Err(Refusal::Duplicate { what: "precaution", field: "precautions" });
    }
    if profile.precautions.len() >= PRECAUTIONS_MAX {
        let past = profile.precautions.iter().enumerate().filter(|(_, known)| !known.is_active());
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
        record_time: stamp.at,
        review: None,
    });
    Ok(made(TouchedParts::PRECAUTIONS, id))
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
    if !precaution.is_active() {
        return Err(Refusal::NotActive { what: "precaution" });
    }
    let leaves = match status {
        PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed => false,
        PrecautionStatus::Refuted | PrecautionStatus::Resolved | PrecautionStatus::EnteredInError => true,
    };
    let critical = match precaution.reported.criticality {
        Criticality::High | Criticality::Unknown => true,
        Criticality::Low => false,
    };
    if leaves && critical && !stamp.by.is_second_person(&precaution.recorded_by) {
        return Err(Refusal::SecondPersonNeeded);
    }
    precaution.reported.status = status;
    precaution.review = Some(Review { by: stamp.by.clone(), time: stamp.at, reason: reason.to_owned() });
    Ok(touched(TouchedParts::PRECAUTIONS))
}
