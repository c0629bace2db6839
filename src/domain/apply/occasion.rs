//! Changes of occasions.

use super::effect::{Effect, TouchedParts, made, next_part, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, id::PartId, limits::OCCASIONS_MAX},
    parts::occasion::{Occasion, OccasionDraft},
    profile::Profile,
    words::people::is_same_person,
};

pub(super) fn add(profile: &mut Profile, draft: &OccasionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if profile.occasions.iter().any(|known| known.reported == *draft) {
        return Err(Refusal::Duplicate { what: "occasion", field: "occasion" });
    }
    if profile.has_died(&draft.of_whom) {
        return Err(Refusal::DayOfTheDead);
    }
    if profile.occasions.len() >= OCCASIONS_MAX {
        return Err(Refusal::LimitReached { what: "occasions", max: OCCASIONS_MAX });
    }
    let id = next_part(profile);
    profile.occasions.push(occasion(id, draft, stamp));
    Ok(made(TouchedParts::OCCASIONS, id))
}

pub(super) fn replace(
    profile: &mut Profile,
    id: PartId,
    draft: &OccasionDraft,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let index = profile.occasions.iter().position(|known| known.id == id);
    let index = index.ok_or(Refusal::Missing { what: "occasion" })?;
    if profile.occasions.iter().any(|known| known.id != id && known.reported == *draft) {
        return Err(Refusal::Duplicate { what: "occasion", field: "occasion" });
    }
    let of_whom = &profile.occasions[index].reported.of_whom;
    if profile.is_marked(of_whom) && !is_same_person(of_whom, &draft.of_whom) {
        return Err(Refusal::OfTheDead);
    }
    profile.occasions[index] = occasion(id, draft, stamp);
    Ok(touched(TouchedParts::OCCASIONS))
}

fn occasion(id: PartId, draft: &OccasionDraft, stamp: &Stamp) -> Occasion {
    Occasion { id, reported: draft.clone(), recorded_by: stamp.by.clone(), record_time: stamp.at }
}

pub(super) fn remove(profile: &mut Profile, id: PartId) -> Result<Effect, Refusal> {
    let index = profile.occasions.iter().position(|known| known.id == id);
    let index = index.ok_or(Refusal::Missing { what: "occasion" })?;
    profile.occasions.remove(index);
    Ok(touched(TouchedParts::OCCASIONS))
}
