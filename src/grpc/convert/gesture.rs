//! Gestures: suggested, given, listed.

use super::{
    Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX,
    customer::part_id,
    enum_table, money_out,
    recovery::{due, owner_maybe, venue},
    time_out,
};
use crate::{
    domain::{
        Timestamp, Violation, card,
        gesture::{
            Dimension, ExpectationLevel, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry, Suggested,
            Verdict,
        },
        id::{GestureTypeId, PartId, RoleId},
        policy::Venue,
        text,
    },
    proto,
    service::{
        Caller,
        gestures::{Give, ListedGesture},
    },
};

enum_table!(outcome, outcome_out, proto::GestureOutcome, GestureOutcome, {
    Delighted = Delighted, Neutral = Neutral, Declined = Declined,
});

/// Suggestions in one answer: the default, and the most.
const SUGGESTIONS_DEFAULT: usize = 5;
const SUGGESTIONS_MAX: i32 = 50;

pub fn gesture_id(raw: &str) -> Parsed<PartId> {
    part_id("gesture_id", 'g', raw)
}

/// The issue that is made good; empty: none.
pub fn issue_id(raw: &str) -> Parsed<Option<PartId>> {
    if raw.is_empty() { Ok(None) } else { part_id("issue_id", 'i', raw).map(Some) }
}

pub fn limit(raw: i32) -> Parsed<usize> {
    match usize::try_from(raw) {
        Ok(0) => Ok(SUGGESTIONS_DEFAULT),
        Ok(limit) if raw <= SUGGESTIONS_MAX => Ok(limit),
        _ => Err(Violation::new("limit", "must be 0 to 50; 0 is 5")),
    }
}

pub fn at_venue<'a>(caller: &'a Caller, raw: &str) -> Parsed<&'a Venue> {
    venue(caller, "venue_id", raw)
}

/// What is to be given, out of the request's own fields.
pub fn give(caller: &Caller, raw: proto::GiveGestureRequest) -> Parsed<Give> {
    let proto::GiveGestureRequest {
        customer_id: _,
        request_id: _,
        etag: _,
        gesture_type_id,
        venue_id,
        issue_id: issue,
        note,
        place,
        deliver_time,
        deliver_owner,
        propose,
    } = raw;
    let give = Give {
        kind: GestureTypeId::parse("gesture_type_id", &gesture_type_id)?,
        venue: at_venue(caller, &venue_id)?.id.clone(),
        issue: issue_id(&issue)?,
        note: text::line("note", &note, 0..=TEXT_CHARS_MAX)?,
        place: text::line("place", &place, 0..=SHORT_CHARS_MAX)?,
        deliver_time: due(caller, "deliver_time", deliver_time)?,
        deliver_owner: owner_maybe("deliver_owner", &deliver_owner)?,
        propose,
    };
    card::refuse([("note", give.note.as_str()), ("place", give.place.as_str())])?;
    Ok(give)
}

pub fn role_ids(roles: &[RoleId]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

pub fn suggested_out(one: Suggested<'_>) -> proto::SuggestedGesture {
    let suggested = one.is_suggested();
    let Suggested { kind, cost, expectation, verdicts, approving, reason } = one;
    proto::SuggestedGesture {
        gesture_type_id: kind.id.as_str().to_owned(),
        display_name: kind.display_name.clone(),
        reason,
        expectation: expectation_out(expectation),
        verdicts: verdicts.into_iter().map(verdict_out).collect(),
        suggested,
        cost: cost.map(money_out),
        approving_role_ids: role_ids(&approving),
    }
}

fn verdict_out(verdict: Verdict) -> proto::Verdict {
    let Verdict { dimension, agrees, code, reason } = verdict;
    let dimension = match dimension {
        Dimension::Customer => proto::VerdictDimension::Customer,
        Dimension::Concept => proto::VerdictDimension::Concept,
        Dimension::Process => proto::VerdictDimension::Process,
        Dimension::Tools => proto::VerdictDimension::Tools,
        Dimension::BusinessPlan => proto::VerdictDimension::BusinessPlan,
        Dimension::Team => proto::VerdictDimension::Team,
    };
    proto::Verdict { dimension: dimension as i32, agrees, code: code.to_owned(), reason }
}

fn expectation_out(expectation: ExpectationLevel) -> i32 {
    let level = match expectation {
        ExpectationLevel::Generic => proto::ExpectationLevel::Generic,
        ExpectationLevel::Expected => proto::ExpectationLevel::Expected,
        ExpectationLevel::Augmented => proto::ExpectationLevel::Augmented,
        ExpectationLevel::Potential => proto::ExpectationLevel::Potential,
    };
    level as i32
}

fn state_out(state: GestureState) -> i32 {
    let state = match state {
        GestureState::Proposed => proto::GestureState::Proposed,
        GestureState::Given => proto::GestureState::Given,
        GestureState::Delivered => proto::GestureState::Delivered,
        GestureState::Cancelled => proto::GestureState::Cancelled,
    };
    state as i32
}

pub fn gesture_out(listed: ListedGesture) -> proto::Gesture {
    let ListedGesture { gesture, delivery } = listed;
    let Gesture { id, given, state, given_by, give_time, approved_by, outcome } = gesture;
    // When and by whom it is delivered stands in its follow-up.
    let GestureDraft {
        gesture_type,
        venue,
        cost,
        note,
        place,
        deliver_time: _,
        deliver_owner: _,
        issue,
        expectation,
        role,
        proposed: _,
        drawn_on: _,
    } = given;
    proto::Gesture {
        gesture_id: format!("g{}", id.0),
        gesture_type_id: gesture_type.as_str().to_owned(),
        venue_id: venue.as_str().to_owned(),
        state: state_out(state),
        cost: Some(money_out(cost)),
        note,
        place,
        issue_id: issue.map(|id| format!("i{}", id.0)).unwrap_or_default(),
        expectation: expectation_out(expectation),
        given_by: given_by.into(),
        role_id: role.as_str().to_owned(),
        give_time: Some(time_out(give_time)),
        approved_by: approved_by.into(),
        outcome: outcome.map(outcome_out).unwrap_or_default(),
        follow_up_id: delivery.map(|id| format!("f{}", id.0)).unwrap_or_default(),
    }
}

pub fn ledger_out((entry, expectation): (LedgerEntry, ExpectationLevel)) -> proto::LedgerEntry {
    let LedgerEntry { gesture_type, given, delighted, declined, times } = entry;
    proto::LedgerEntry {
        gesture_type_id: gesture_type.as_str().to_owned(),
        expectation: expectation_out(expectation),
        given_count: i64::from(given),
        delighted_count: i64::from(delighted),
        declined_count: i64::from(declined),
        last_time: times.last().copied().map(|time: Timestamp| time_out(time)),
    }
}

pub fn given_state(proposed: bool) -> i32 {
    state_out(if proposed { GestureState::Proposed } else { GestureState::Given })
}
