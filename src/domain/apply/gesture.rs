//! Changes of gestures and their ledger.

use super::{
    delivery,
    effect::{Effect, TouchedParts, made, next_part, touched},
};
use crate::domain::{
    kernel::{
        author::{Author, Stamp},
        error::Refusal,
        id::{GestureTypeId, PartId, RoleId},
        limits::{GESTURES_MAX, GIVES_KEEP, LEDGER_MAX},
        time::{DAY_SECONDS, Timestamp},
    },
    parts::{
        issue::Issue,
        ledger::{DrawnOn, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry},
    },
    policy::catalogue::GUEST_DAYS,
    profile::Profile,
};

/// Gives or proposes a gesture. At the limit, the oldest one that nothing depends on is dropped: it is over, its issue is not
/// open, and it is outside the time over which a role's authority is summed up.
pub(super) fn give(profile: &mut Profile, draft: &GestureDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if let Some(issue) = draft.issue
        && profile.issue(issue).is_none()
    {
        return Err(Refusal::Missing { what: "issue" });
    }
    if profile.gestures.len() >= GESTURES_MAX {
        let over = profile.gestures.iter().enumerate().filter(|(_, known)| is_over(profile, known, stamp.at));
        let Some((index, _)) = over.min_by_key(|(_, known)| (known.give_time, known.id)) else {
            return Err(Refusal::LimitReached { what: "recent gestures", max: GESTURES_MAX });
        };
        profile.gestures.remove(index);
    }
    let id = next_part(profile);
    profile.gestures.push(Gesture {
        id,
        given: draft.clone(),
        state: if draft.proposed { GestureState::Proposed } else { GestureState::Given },
        given_by: stamp.by.clone(),
        give_time: stamp.at,
        approved_by: Author::default(),
        outcome: None,
    });
    if !draft.proposed {
        enter(profile, &draft.gesture_type, stamp.at);
    }
    Ok(made(TouchedParts::GESTURES, id))
}

fn is_over(profile: &Profile, known: &Gesture, now: Timestamp) -> bool {
    let ended = matches!(known.state, GestureState::Delivered | GestureState::Cancelled)
        || known.outcome == Some(GestureOutcome::Declined);
    let issue_open = known.given.issue.and_then(|id| profile.issue(id)).is_some_and(Issue::is_open);
    ended && !issue_open && now.as_second() - known.give_time.as_second() > GUEST_DAYS * DAY_SECONDS
}

/// Approves a proposal: it is given from now on.
pub(super) fn approve(
    profile: &mut Profile,
    id: PartId,
    role: &RoleId,
    drawn_on: Option<DrawnOn>,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = delivery::found(profile, id)?;
    if known.state != GestureState::Proposed {
        return Err(Refusal::NotActive { what: "proposal" });
    }
    if !stamp.by.is_second_person(&known.given_by) {
        return Err(Refusal::SecondPersonNeeded);
    }
    known.state = GestureState::Given;
    known.approved_by.clone_from(&stamp.by);
    known.give_time = stamp.at;
    known.given.role = role.clone();
    known.given.drawn_on = drawn_on;
    let kind = known.given.gesture_type.clone();
    enter(profile, &kind, stamp.at);
    Ok(touched(TouchedParts::GESTURES))
}

/// Takes back a gesture that was not delivered.
pub(super) fn cancel(profile: &mut Profile, id: PartId) -> Result<Effect, Refusal> {
    let known = delivery::found(profile, id)?;
    if !matches!(known.state, GestureState::Proposed | GestureState::Given) {
        return Err(Refusal::NotActive { what: "gesture" });
    }
    let was_given = known.state == GestureState::Given && known.outcome != Some(GestureOutcome::Declined);
    known.state = GestureState::Cancelled;
    let (kind, time) = (known.given.gesture_type.clone(), known.give_time);
    if was_given {
        strike(profile, &kind, time);
    }
    delivery::drop_delivery(profile, id);
    Ok(touched(TouchedParts::GESTURES.with(TouchedParts::RECOVERY)))
}

/// Records how the customer took a gesture; a later outcome replaces an earlier one. A gesture that was taken is delivered, so
/// its follow-up counts as kept. One that is declined before its delivery loses its open follow-up, and can still be
/// cancelled; one that was delivered stays delivered.
pub(super) fn record_outcome(
    profile: &mut Profile,
    id: PartId,
    outcome: GestureOutcome,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = delivery::found(profile, id)?;
    if !known.is_spent() {
        return Err(Refusal::NotActive { what: "gesture" });
    }
    let is_taken = outcome != GestureOutcome::Declined;
    if is_taken {
        known.state = GestureState::Delivered;
    }
    let before = known.outcome.replace(outcome);
    let (kind, time) = (known.given.gesture_type.clone(), known.give_time);
    let counts = |outcome: Option<GestureOutcome>| outcome != Some(GestureOutcome::Declined);
    match (counts(before), counts(Some(outcome))) {
        (true, false) => strike(profile, &kind, time),
        (false, true) => enter(profile, &kind, time),
        (true, true) | (false, false) => {}
    }
    let entry = entry(profile, &kind);
    let mut count = |outcome: Option<GestureOutcome>, up: bool| {
        let counter = match outcome {
            Some(GestureOutcome::Delighted) => &mut entry.delighted,
            Some(GestureOutcome::Declined) => &mut entry.declined,
            Some(GestureOutcome::Neutral) | None => return,
        };
        *counter = if up { counter.saturating_add(1) } else { counter.saturating_sub(1) };
    };
    count(before, false);
    count(Some(outcome), true);
    if is_taken {
        delivery::keep_delivery(profile, id, stamp);
    } else {
        delivery::drop_delivery(profile, id);
    }
    Ok(touched(TouchedParts::GESTURES.with(TouchedParts::RECOVERY)))
}

/// The ledger's entry of a type; made if there is none. When the ledger is full, the type given longest ago is dropped.
fn entry<'a>(profile: &'a mut Profile, kind: &GestureTypeId) -> &'a mut LedgerEntry {
    if profile.ledger.len() >= LEDGER_MAX && profile.ledger_entry(kind).is_none() {
        let oldest = profile.ledger.iter().enumerate().min_by_key(|(_, entry)| entry.times.last().copied());
        if let Some((index, _)) = oldest {
            profile.ledger.remove(index);
        }
    }
    let index = match profile.ledger.binary_search_by(|entry| entry.gesture_type.cmp(kind)) {
        Ok(index) => index,
        Err(index) => {
            let fresh =
                LedgerEntry { gesture_type: kind.clone(), given: 0, delighted: 0, declined: 0, times: Vec::new() };
            profile.ledger.insert(index, fresh);
            index
        }
    };
    &mut profile.ledger[index]
}

fn enter(profile: &mut Profile, kind: &GestureTypeId, time: Timestamp) {
    let entry = entry(profile, kind);
    entry.given = entry.given.saturating_add(1);
    let index = entry.times.partition_point(|known| *known <= time);
    entry.times.insert(index, time);
    let surplus = entry.times.len().saturating_sub(GIVES_KEEP);
    entry.times.drain(..surplus);
}

fn strike(profile: &mut Profile, kind: &GestureTypeId, time: Timestamp) {
    let entry = entry(profile, kind);
    entry.given = entry.given.saturating_sub(1);
    if let Some(index) = entry.times.iter().position(|known| *known == time) {
        entry.times.remove(index);
    }
}
