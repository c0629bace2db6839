//! Issues, follow-ups, gestures and their ledger as stored messages, and back.

use super::{
    super::{Result, stored},
    profile::{Numbered, all, damaged, must, nanos, numbers, time, venue},
};
use crate::domain::{
    advocacy::Advocacy,
    follow_up::{Completion, FollowUp, FollowUpDraft, FollowUpKind},
    gesture::{DrawnOn, ExpectationLevel, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry},
    id::{GestureTypeId, PartId, RoleId},
    issue::{Issue, IssueDraft, IssueSeverity},
    money::{Currency, Money},
    review::Month,
};

numbers!(IssueSeverity { Minor = 1, Major = 2, Critical = 3 });
numbers!(FollowUpKind { AfterIssue = 1, Promise = 2, Delivery = 3 });
numbers!(ExpectationLevel { Generic = 1, Expected = 2, Augmented = 3, Potential = 4 });
numbers!(GestureOutcome { Delighted = 1, Neutral = 2, Declined = 3 });
numbers!(GestureState { Proposed = 1, Given = 2, Delivered = 3, Cancelled = 4 });

/// Parts are numbered from 1: 0 is none.
fn part(id: Option<PartId>) -> u32 {
    id.map_or(0, |id| id.0)
}

fn part_back(number: u32) -> Option<PartId> {
    (number > 0).then_some(PartId(number))
}

pub(super) fn rating_back(rating: u32) -> Result<u8> {
    u8::try_from(rating).map_err(|_| damaged("a rating"))
}

pub(super) fn role_back(raw: &str) -> Result<RoleId> {
    RoleId::parse("role", raw).map_err(|_| damaged("a role"))
}

pub(super) fn gesture_type_back(raw: &str) -> Result<GestureTypeId> {
    GestureTypeId::parse("gesture_type", raw).map_err(|_| damaged("a type of gesture"))
}

pub(super) fn issue_draft(value: &IssueDraft) -> stored::IssueDraft {
    stored::IssueDraft {
        severity: value.severity.number(),
        cause: value.cause.clone(),
        venue: value.venue.as_str().to_owned(),
        item: value.item.clone(),
        text: value.text.clone(),
        owner: value.owner.clone(),
    }
}

pub(super) fn issue_draft_back(raw: stored::IssueDraft) -> Result<IssueDraft> {
    let stored::IssueDraft { severity, cause, venue: place, item, text, owner } = raw;
    Ok(IssueDraft { severity: IssueSeverity::from_number(severity)?, cause, venue: venue(&place)?, item, text, owner })
}

pub(super) fn issue(value: &Issue) -> stored::Issue {
    stored::Issue {
        id: value.id.0,
        reported: Some(issue_draft(&value.reported)),
        opened_by: value.opened_by.clone(),
        open_time: nanos(value.open_time),
        resolve_time: value.resolve_time.map(nanos),
        resolution: value.resolution.clone(),
        reopen_count: value.reopen_count,
    }
}

pub(super) fn issue_back(raw: stored::Issue) -> Result<Issue> {
    Ok(Issue {
        id: PartId(raw.id),
        reported: issue_draft_back(must(raw.reported, "an issue")?)?,
        opened_by: raw.opened_by,
        open_time: time(raw.open_time)?,
        resolve_time: raw.resolve_time.map(time).transpose()?,
        resolution: raw.resolution,
        reopen_count: raw.reopen_count,
    })
}

pub(super) fn follow_up_draft(value: &FollowUpDraft) -> stored::FollowUpDraft {
    stored::FollowUpDraft {
        kind: value.kind.number(),
        text: value.text.clone(),
        owner: value.owner.clone(),
        due_time: nanos(value.due_time),
        venue: value.venue.as_str().to_owned(),
        place: value.place.clone(),
        issue: part(value.issue),
        gesture: part(value.gesture),
    }
}

pub(super) fn follow_up_draft_back(raw: stored::FollowUpDraft) -> Result<FollowUpDraft> {
    Ok(FollowUpDraft {
        kind: FollowUpKind::from_number(raw.kind)?,
        text: raw.text,
        owner: raw.owner,
        due_time: time(raw.due_time)?,
        venue: venue(&raw.venue)?,
        place: raw.place,
        issue: part_back(raw.issue),
        gesture: part_back(raw.gesture),
    })
}

pub(super) fn follow_up(value: &FollowUp) -> stored::FollowUp {
    stored::FollowUp {
        id: value.id.0,
        promised: Some(follow_up_draft(&value.promised)),
        promised_by: value.promised_by.clone(),
        promise_time: nanos(value.promise_time),
        completion: value.completion.as_ref().map(|Completion { by, time, kept, rating }| stored::Completion {
            by: by.clone(),
            time: nanos(*time),
            kept: *kept,
            rating: u32::from(*rating),
        }),
    }
}

pub(super) fn follow_up_back(raw: stored::FollowUp) -> Result<FollowUp> {
    let completion = |stored::Completion { by, time: at, kept, rating }| {
        Ok(Completion { by, time: time(at)?, kept, rating: rating_back(rating)? })
    };
    Ok(FollowUp {
        id: PartId(raw.id),
        promised: follow_up_draft_back(must(raw.promised, "a follow-up")?)?,
        promised_by: raw.promised_by,
        promise_time: time(raw.promise_time)?,
        completion: raw.completion.map(completion).transpose()?,
    })
}

pub(super) fn drawn_on(value: &DrawnOn) -> stored::DrawnOn {
    stored::DrawnOn { month: value.month.to_string(), business_date: value.business_date.to_string() }
}

pub(super) fn drawn_on_back(raw: stored::DrawnOn) -> Result<DrawnOn> {
    let month = Month::parse(&raw.month).ok_or_else(|| damaged("a month"))?;
    Ok(DrawnOn { month, business_date: raw.business_date.parse().map_err(|_| damaged("a date"))? })
}

pub(super) fn gesture_draft(value: &GestureDraft) -> stored::GestureDraft {
    stored::GestureDraft {
        gesture_type: value.gesture_type.as_str().to_owned(),
        venue: value.venue.as_str().to_owned(),
        currency: value.cost.currency.as_str().to_owned(),
        cost_minor_units: value.cost.minor_units,
        note: value.note.clone(),
        place: value.place.clone(),
        deliver_time: value.deliver_time.map(nanos),
        deliver_owner: value.deliver_owner.clone(),
        issue: part(value.issue),
        expectation: value.expectation.number(),
        role: value.role.as_str().to_owned(),
        proposed: value.proposed,
        drawn_on: value.drawn_on.as_ref().map(drawn_on),
    }
}

pub(super) fn gesture_draft_back(raw: stored::GestureDraft) -> Result<GestureDraft> {
    let currency = Currency::parse("currency", &raw.currency).map_err(|_| damaged("a currency"))?;
    Ok(GestureDraft {
        gesture_type: gesture_type_back(&raw.gesture_type)?,
        venue: venue(&raw.venue)?,
        cost: Money { currency, minor_units: raw.cost_minor_units },
        note: raw.note,
        place: raw.place,
        deliver_time: raw.deliver_time.map(time).transpose()?,
        deliver_owner: raw.deliver_owner,
        issue: part_back(raw.issue),
        expectation: ExpectationLevel::from_number(raw.expectation)?,
        role: role_back(&raw.role)?,
        proposed: raw.proposed,
        drawn_on: raw.drawn_on.map(drawn_on_back).transpose()?,
    })
}

pub(super) fn gesture(value: &Gesture) -> stored::Gesture {
    stored::Gesture {
        id: value.id.0,
        given: Some(gesture_draft(&value.given)),
        state: value.state.number(),
        given_by: value.given_by.clone(),
        give_time: nanos(value.give_time),
        approved_by: value.approved_by.clone(),
        outcome: value.outcome.map_or(0, Numbered::number),
    }
}

pub(super) fn gesture_back(raw: stored::Gesture) -> Result<Gesture> {
    let outcome = (raw.outcome > 0).then(|| GestureOutcome::from_number(raw.outcome)).transpose()?;
    Ok(Gesture {
        id: PartId(raw.id),
        given: gesture_draft_back(must(raw.given, "a gesture")?)?,
        state: GestureState::from_number(raw.state)?,
        given_by: raw.given_by,
        give_time: time(raw.give_time)?,
        approved_by: raw.approved_by,
        outcome,
    })
}

pub(super) fn ledger_entry(value: &LedgerEntry) -> stored::LedgerEntry {
    stored::LedgerEntry {
        gesture_type: value.gesture_type.as_str().to_owned(),
        given: value.given,
        delighted: value.delighted,
        declined: value.declined,
        times: value.times.iter().copied().map(nanos).collect(),
    }
}

pub(super) fn ledger_entry_back(raw: stored::LedgerEntry) -> Result<LedgerEntry> {
    let stored::LedgerEntry { gesture_type, given, delighted, declined, times } = raw;
    let gesture_type = gesture_type_back(&gesture_type)?;
    Ok(LedgerEntry { gesture_type, given, delighted, declined, times: all(times, time)? })
}

/// Nothing is stored for customers who have not been heard.
pub(super) fn advocacy(value: &Advocacy) -> Option<stored::Advocacy> {
    let Advocacy { feedback, score_sum, referrals } = *value;
    (*value != Advocacy::default()).then_some(stored::Advocacy { feedback, score_sum, referrals })
}

pub(super) fn advocacy_back(raw: Option<stored::Advocacy>) -> Advocacy {
    let stored::Advocacy { feedback, score_sum, referrals } = raw.unwrap_or_default();
    Advocacy { feedback, score_sum, referrals }
}
