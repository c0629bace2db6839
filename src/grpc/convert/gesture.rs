//! Gestures: suggested, given, listed. The notation of `parse!` and `send!` is explained in `mirror.rs`.

use super::{
    Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX,
    customer::part_id,
    mirror::{IntoWire, enum_table, parse, send},
    recovery::{Told, due, owner_maybe, venue},
    values::{self, from_text, line, part_id_maybe},
};
use crate::{
    domain::{
        Timestamp, Violation, card,
        gesture::{
            Dimension, ExpectationLevel, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry, Suggested,
            Verdict,
        },
        id::{GestureTypeId, PartId, RoleId},
        policy::{GestureType, Venue},
    },
    phrasing::{self, Language},
    proto,
    service::{
        Caller,
        gestures::{Give, ListedGesture},
    },
};

enum_table!(outcome: proto::GestureOutcome = GestureOutcome {
    Delighted = Delighted, Neutral = Neutral, Declined = Declined,
});
enum_table!(proto::GestureState = GestureState {
    Proposed = Proposed, Given = Given, Delivered = Delivered, Cancelled = Cancelled,
});
enum_table!(proto::ExpectationLevel = ExpectationLevel {
    Generic = Generic, Expected = Expected, Augmented = Augmented, Potential = Potential,
});
enum_table!(proto::VerdictDimension = Dimension {
    Customer = Customer, Concept = Concept, Process = Process, Tools = Tools, BusinessPlan = BusinessPlan, Team = Team,
});

/// Suggestions in one answer: the default, and the most.
const SUGGESTIONS_DEFAULT: usize = 5;
const SUGGESTIONS_MAX: i32 = 50;

pub fn gesture_id(raw: &str) -> Parsed<PartId> {
    part_id("gesture_id", 'g', raw)
}

/// The issue that the gesture compensates for; empty: none.
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

/// The gesture to give: all fields but those that the handler parses.
pub fn give(caller: &Caller, raw: proto::GiveGestureRequest) -> Parsed<Give> {
    parse!("", raw: proto::GiveGestureRequest => Give {
        // The handler has read these.
        _ = customer_id,
        _ = request_id,
        _ = etag,
        kind = gesture_type_id: from_text(GestureTypeId::parse),
        venue = venue_id: from_text(|_, raw| Ok(at_venue(caller, raw)?.id.clone())),
        issue = issue_id: from_text(|_, raw| self::issue_id(raw)),
        note: line(0..=TEXT_CHARS_MAX),
        place: line(0..=SHORT_CHARS_MAX),
        deliver_time: |field, raw| due(caller, field, raw),
        deliver_owner: from_text(owner_maybe),
        propose,
        { card::refuse_card_data([("note", note.as_str()), ("place", place.as_str())])?; }
    })
}

pub fn role_ids(roles: &[RoleId]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

pub fn suggested_out(language: Language, one: Suggested<'_>) -> proto::SuggestedGesture {
    let (reason, suggested) = (phrasing::suggestion(language, &one), one.is_suggested());
    let venue = one.venue;
    let each = |verdicts: Vec<Verdict<'_>>| verdicts.into_iter().map(|one| verdict_out(language, one, venue)).collect();
    send!(one: Suggested => proto::SuggestedGesture {
        (kind) = (gesture_type_id, display_name): |kind: &GestureType| (kind.id.to_string(), kind.display_name.clone()),
        + reason: reason,
        expectation,
        verdicts: each,
        + suggested: suggested,
        cost,
        approving = approving_role_ids,
        // `phrasing::suggestion` has made the reason from them.
        reasons = _,
        venue = _,
    })
}

fn verdict_out(language: Language, verdict: Verdict<'_>, venue: &Venue) -> proto::Verdict {
    let (agrees, code, reason) = (verdict.agrees(), verdict.code(), phrasing::verdict(language, &verdict, venue));
    send!(verdict: Verdict => proto::Verdict {
        dimension,
        + agrees: agrees,
        + code: code.to_owned(),
        + reason: reason,
        // Code and reason are made from it.
        finding = _,
    })
}

pub fn gesture_out(caller: &Caller, listed: ListedGesture) -> proto::Gesture {
    let ListedGesture { gesture, delivery, verdict } = listed;
    let told = Told::of(caller, &gesture.given.venue, verdict);
    send!(gesture: Gesture => proto::Gesture {
        id = gesture_id: values::part_id('g'),
        given => GestureDraft {
            gesture_type = gesture_type_id,
            venue = venue_id,
            cost,
            note,
            place,
            issue = issue_id: part_id_maybe('i'),
            expectation,
            role = role_id,
            // Time and owner of the delivery are in its follow-up; whether it was proposed is in its state.
            deliver_time = _,
            deliver_owner = _,
            proposed = _,
            // The periods of the budgets it was drawn on: needed only to refund it.
            drawn_on = _,
        },
        state,
        given_by,
        give_time,
        approved_by,
        outcome,
        + follow_up_id: part_id_maybe('f')(delivery),
        + conflict: told.conflict,
        + conflict_text: told.conflict_text,
        + clearance: told.clearance,
        + clearance_text: told.clearance_text,
    })
}

pub fn ledger_out((entry, expectation): (LedgerEntry, ExpectationLevel)) -> proto::LedgerEntry {
    send!(entry: LedgerEntry => proto::LedgerEntry {
        gesture_type = gesture_type_id,
        + expectation: expectation.into_wire(),
        given = given_count,
        delighted = delighted_count,
        declined = declined_count,
        times = last_time: |times: Vec<Timestamp>| times.last().copied().into_wire(),
    })
}

pub fn given_state(proposed: bool) -> i32 {
    if proposed { GestureState::Proposed } else { GestureState::Given }.into_wire()
}
