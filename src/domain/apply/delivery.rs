//! Changes of follow-ups, and the delivery that ties a gesture to one.

use super::effect::{Effect, TouchedParts, made, next_part, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, id::PartId, limits::FOLLOW_UPS_MAX, time::Timestamp},
    parts::{
        follow_up::{Completion, FollowUp, FollowUpDraft, FollowUpKind},
        ledger::{Gesture, GestureState},
    },
    profile::Profile,
};

/// Adds a follow-up; nobody calls on the dead, and nothing is promised while a customer is barred. At the limit, the one that was
/// completed first is dropped.
pub(super) fn promise(profile: &mut Profile, draft: &FollowUpDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if let Some(issue) = draft.issue
        && profile.issue(issue).is_none()
    {
        return Err(Refusal::Missing { what: "issue" });
    }
    if profile.is_deceased() {
        return Err(Refusal::Deceased);
    }
    if profile.barred_until(stamp.at).is_some() {
        return Err(Refusal::Barred);
    }
    if profile.follow_ups.len() >= FOLLOW_UPS_MAX {
        let completed = profile.follow_ups.iter().enumerate().filter(|(_, known)| !known.is_open());
        let oldest = completed.min_by_key(|(_, known)| (known.completion.as_ref().map(|end| end.time), known.id));
        let Some((index, _)) = oldest else {
            return Err(Refusal::LimitReached { what: "open follow-ups", max: FOLLOW_UPS_MAX });
        };
        profile.follow_ups.remove(index);
    }
    let id = next_part(profile);
    profile.follow_ups.push(FollowUp {
        id,
        promised: draft.clone(),
        promised_by: stamp.by.clone(),
        promise_time: stamp.at,
        completion: None,
    });
    Ok(made(TouchedParts::RECOVERY, id))
}

/// Completes what is owed; with a kept delivery the gesture is delivered.
pub(super) fn complete(
    profile: &mut Profile,
    id: PartId,
    kept: bool,
    rating: u8,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = profile.follow_ups.iter_mut().find(|known| known.id == id);
    let known = known.ok_or(Refusal::Missing { what: "follow-up" })?;
    if !known.is_open() {
        return Err(Refusal::NotActive { what: "follow-up" });
    }
    known.completion = Some(Completion { by: stamp.by.clone(), time: stamp.at, kept, rating });
    let delivered = known.promised.gesture.filter(|_| kept);
    if let Some(gesture) = delivered {
        deliver(profile, gesture);
        return Ok(touched(TouchedParts::RECOVERY.with(TouchedParts::GESTURES)));
    }
    Ok(touched(TouchedParts::RECOVERY))
}

/// Keeps what is owed for a gesture that has reached the customer.
pub(super) fn keep_delivery(profile: &mut Profile, gesture: PartId, stamp: &Stamp) {
    let owed = profile.follow_ups.iter_mut();
    for known in owed.filter(|known| known.is_open() && known.promised.gesture == Some(gesture)) {
        known.completion = Some(Completion { by: stamp.by.clone(), time: stamp.at, kept: true, rating: 0 });
    }
}

/// Drops what is owed for a gesture that was taken back, or is not wanted.
pub(super) fn drop_delivery(profile: &mut Profile, gesture: PartId) {
    profile.follow_ups.retain(|known| !(known.is_open() && known.promised.gesture == Some(gesture)));
}

/// Drops the follow-up that a resolution made, when the issue is opened again: the next resolution makes another. Other
/// promises stay owed.
pub(super) fn drop_after_issue(profile: &mut Profile, issue: PartId, resolve_time: Timestamp) {
    let is_moot = |known: &FollowUp| {
        known.is_open()
            && known.promised.kind == FollowUpKind::AfterIssue
            && known.promised.issue == Some(issue)
            && known.promise_time == resolve_time
    };
    profile.follow_ups.retain(|known| !is_moot(known));
}

/// Its delivery was completed. A missed one keeps the gesture given: it can still be carried up, or cancelled.
fn deliver(profile: &mut Profile, id: PartId) {
    if let Ok(known) = found(profile, id)
        && known.state == GestureState::Given
    {
        known.state = GestureState::Delivered;
    }
}

pub(super) fn found(profile: &mut Profile, id: PartId) -> Result<&mut Gesture, Refusal> {
    profile.gestures.iter_mut().find(|known| known.id == id).ok_or(Refusal::Missing { what: "gesture" })
}
