//! Changes of precautions.

use std::cmp::Reverse;

use super::effect::{Effect, TouchedParts, made, next_part, touched};
use crate::domain::{
    kernel::{
        author::Stamp,
        error::Refusal,
        id::PartId,
        limits::{PRECAUTIONS_MAX, TEXT_CHARS_MAX},
    },
    parts::{
        precaution::{Precaution, PrecautionDraft, PrecautionStatus, Review},
        precaution_joined::Joined,
    },
    profile::Profile,
};

/// Adds a precaution, or what it says beyond one of the same that is on record and active: see [`Joined`]. The answer names that one
/// then: nobody finds out by adding what is on record. What has no room beside its words is refused: cut off, a warning would be lost, and
/// beside it there would be two of which one may be refuted.
pub(super) fn add(profile: &mut Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    let Some((rest, pregnancy)) = draft.apart_from_pregnancy_beside(stamp.at) else {
        return add_one(profile, draft, stamp);
    };
    // It may be refused, and nothing is changed then.
    let mut both = profile.clone();
    let effect = add_one(&mut both, &rest, stamp)?;
    match add_one(&mut both, &pregnancy, stamp) {
        // A list that is sent each night says it for ever.
        Ok(_) | Err(Refusal::PregnancyOver) => {}
        Err(refused) => return Err(refused),
    }
    *profile = both;
    Ok(effect)
}

fn add_one(profile: &mut Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    let all = &profile.precautions;
    let mut same: Vec<usize> = (0..all.len()).filter(|at| is_same(&all[*at], draft, stamp)).collect();
    // What stays longest, and is most dangerous, first.
    same.sort_by_key(|at| Reverse((all[*at].reported.end(), all[*at].reported.criticality.rank())));
    // What was said for this visit alone does not stay because a colleague says it once more, whatever else is on record.
    if !same.iter().any(|at| all[*at].reported.is_kept_saying(draft)) {
        let joins = |known: &PrecautionDraft| known.is_said_for_visit(draft) || known.is_said_until_departure(draft);
        same.sort_by_key(|at| !joins(&all[*at].reported));
    }
    let draft = &as_one_pregnancy(profile, draft, stamp)?;
    let is_marked = profile.is_marked(&draft.of_whom);
    let mut id = None;
    for at in &same {
        let may_lower = has_second_person(&profile.precautions, *at, stamp);
        let known = &mut profile.precautions[*at];
        match known.joined(draft, may_lower, stamp.at) {
            Joined::Apart => {}
            Joined::NoRoom => return Err(Refusal::NoRoomForText { max: TEXT_CHARS_MAX }),
            Joined::One(both) => {
                update(known, both, stamp);
                id = Some(known.id);
                break;
            }
        }
    }
    let same: Vec<PartId> = same.into_iter().map(|at| profile.precautions[at].id).collect();
    // It may be refused, and nothing is changed then.
    let id = id.map_or_else(|| push(profile, draft, stamp), Ok)?;
    if is_marked {
        // Said of somebody who is marked as deceased: a mark ends what was said before it, and all of it counts again.
        for known in profile.precautions.iter_mut().filter(|known| same.contains(&known.id)) {
            known.record_time = stamp.at;
        }
    }
    Ok(made(TouchedParts::PRECAUTIONS, id))
}

fn is_same(known: &Precaution, draft: &PrecautionDraft, stamp: &Stamp) -> bool {
    let reported = &known.reported;
    known.is_active(stamp.at) && (reported.is_same_as(draft) || reported.is_one_pregnancy_with(draft))
}

/// A pregnancy does not begin anew: it ends with the one on record, whatever it is called. One that is over is none.
fn as_one_pregnancy(profile: &Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<PrecautionDraft, Refusal> {
    let mut draft = draft.clone();
    if !draft.is_pregnancy() {
        return Ok(draft);
    }
    let mut is_on_record = false;
    for known in profile.precautions.iter().filter(|known| known.is_active(stamp.at)) {
        is_on_record |= known.reported.is_kept_pregnancy_of(&draft);
        known.reported.bounds_pregnancy(&mut draft, stamp.at);
    }
    let is_of_one_that_is_over = |known: &Precaution| known.is_over_for(&draft, stamp.at);
    if !is_on_record && profile.precautions.iter().any(is_of_one_that_is_over) {
        return Err(Refusal::PregnancyOver);
    }
    Ok(draft)
}

/// As a precaution of its own. At the limit, the past one that was reviewed first is dropped; an active one never is.
fn push(profile: &mut Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<PartId, Refusal> {
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
    Ok(id)
}

/// An illness that an older version recorded together with a pregnancy is a precaution of its own wherever it is read: else it would end with
/// the pregnancy, and be as quiet. So is the pregnancy that was joined with a diet: else that would be as quiet.
pub fn part_pregnancies(mut profile: Profile) -> Profile {
    let mut apart: Vec<Precaution> = Vec::new();
    for known in &mut profile.precautions {
        if let Some(rest) = known.part_from_pregnancy(PartId(profile.next_part)) {
            profile.next_part = profile.next_part.saturating_add(1);
            apart.push(rest);
        }
    }
    profile.precautions.extend(apart);
    profile
}

/// Whether somebody is none of those who vouch for a precaution: also of those who said, in another active one of the same thing, that it
/// is as dangerous or more.
fn has_second_person(all: &[Precaution], at: usize, stamp: &Stamp) -> bool {
    let of = &all[at].reported;
    let mut vouch = all.iter().enumerate().filter(|(other, known)| {
        let reported = &known.reported;
        let is_as_bad = reported.may_kill() && reported.danger().rank() >= of.danger().rank();
        *other == at || (is_as_bad && is_same(known, of, stamp))
    });
    vouch.all(|(_, known)| known.has_second_person(&stamp.by))
}

/// Whether it, or another active one of the same thing that is as dangerous or more, may be life-threatening.
fn is_dangerous(all: &[Precaution], at: usize, stamp: &Stamp) -> bool {
    let of = &all[at].reported;
    all.iter().enumerate().any(|(other, known)| (other == at || is_same(known, of, stamp)) && known.reported.may_kill())
}

/// Whoever changes how dangerous it is, by the number or by the words, has reported it as it is now; a till without a name takes nobody's place.
fn update(known: &mut Precaution, updated: PrecautionDraft, stamp: &Stamp) {
    let as_now = PrecautionDraft { status: updated.status, ..known.reported.clone() };
    if updated != as_now {
        let danger = |one: &PrecautionDraft| (one.criticality, one.danger(), one.may_kill());
        if danger(&updated) != danger(&known.reported) && stamp.by.staff().is_some() {
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
    let found = profile.precautions.iter().position(|known| known.id == id);
    let at = found.ok_or(Refusal::Missing { what: "precaution" })?;
    let all = &profile.precautions;
    let needs_second = is_dangerous(all, at, stamp) && !has_second_person(all, at, stamp);
    let precaution = &mut profile.precautions[at];
    if !precaution.is_active(stamp.at) {
        return Err(Refusal::NotActive { what: "precaution" });
    }
    let leaves = match status {
        PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed => false,
        PrecautionStatus::Refuted | PrecautionStatus::Resolved | PrecautionStatus::EnteredInError => true,
    };
    if leaves && needs_second {
        return Err(Refusal::SecondPersonNeeded);
    }
    precaution.reported.status = status;
    precaution.review = Some(Review { by: stamp.by.clone(), time: stamp.at, reason: reason.to_owned() });
    Ok(touched(TouchedParts::PRECAUTIONS))
}

#[cfg(test)]
#[path = "precaution_tests.rs"]
mod tests;
