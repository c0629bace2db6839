//! Issues and follow-ups.

use jiff::civil::DateTime;

use super::{
    ITEM_CHARS_MAX, Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX,
    customer::part_id,
    enum_table, one_of, path,
    rules::{issue_severity, issue_severity_out},
    time, time_out,
};
use crate::{
    domain::{
        Timestamp, VenueId, Violation, card,
        follow_up::{FollowUp, FollowUpDraft, FollowUpKind},
        id,
        issue::{Issue, IssueDraft},
        policy::Venue,
        text,
    },
    proto,
    service::{
        Caller,
        recovery::{Filter, Owed},
    },
};

enum_table!(follow_up_kind, follow_up_kind_out, proto::FollowUpKind, FollowUpKind, {
    AfterIssue = AfterIssue, Promise = Promise, Delivery = Delivery,
});

/// The longest cause: a code that fits a report's column.
const CAUSE_CHARS_MAX: usize = 40;
/// How far ahead something is promised: two years.
const DUE_AHEAD_SECONDS: i64 = 731 * 86_400;
const RATING_MAX: i32 = 5;

pub fn issue(caller: &Caller, field: &str, raw: proto::IssueDraft) -> Parsed<IssueDraft> {
    let proto::IssueDraft { severity, cause, venue_id, item, text: words, owner } = raw;
    let at = |name: &str| path(field, name);
    let cause = text::code(&at("cause"), &cause)?;
    if cause.len() > CAUSE_CHARS_MAX {
        return Err(Violation::new(at("cause"), "must be 1 to 40 characters of A-Z, 0-9 and \"_\""));
    }
    let draft = IssueDraft {
        severity: issue_severity(&at("severity"), severity)?,
        cause,
        venue: venue(caller, &at("venue_id"), &venue_id)?.id.clone(),
        item: text::line(&at("item"), &item, 0..=ITEM_CHARS_MAX)?,
        text: text::line(&at("text"), &words, 0..=TEXT_CHARS_MAX)?,
        owner: owner_maybe(&at("owner"), &owner)?,
    };
    card::refuse([
        (at("cause").as_str(), draft.cause.as_str()),
        (at("item").as_str(), draft.item.as_str()),
        (at("text").as_str(), draft.text.as_str()),
    ])?;
    Ok(draft)
}

pub fn venue<'a>(caller: &'a Caller, field: &str, raw: &str) -> Parsed<&'a Venue> {
    caller.venue(field, &VenueId::parse(field, raw)?)
}

/// Who keeps or solves something: a name as staff have it in metadata.
pub fn owner(field: &str, raw: &str) -> Parsed<String> {
    let fits = (1..=id::NAME_CHARS_MAX).contains(&raw.len())
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !fits {
        return Err(Violation::new(field, "must be 1 to 64 characters of letters, digits and \"._-\""));
    }
    card::refuse([(field, raw)])?;
    Ok(raw.to_owned())
}

pub fn owner_maybe(field: &str, raw: &str) -> Parsed<String> {
    if raw.is_empty() { Ok(String::new()) } else { owner(field, raw) }
}

/// When something is due: not in the past, and not out of sight.
pub fn due(caller: &Caller, field: &str, raw: Option<prost_types::Timestamp>) -> Parsed<Option<Timestamp>> {
    let Some(due) = time(field, raw)? else {
        return Ok(None);
    };
    let ahead = due.as_second() - caller.now.as_second();
    if due >= caller.now && ahead <= DUE_AHEAD_SECONDS {
        Ok(Some(due))
    } else {
        Err(Violation::new(field, "must not be in the past, and at most two years ahead"))
    }
}

pub fn follow_up(caller: &Caller, field: &str, raw: proto::FollowUpDraft) -> Parsed<FollowUpDraft> {
    let proto::FollowUpDraft { kind, text: words, owner, due_time, venue_id, place, issue_id } = raw;
    let at = |name: &str| path(field, name);
    let kind = follow_up_kind(&at("kind"), kind)?;
    if kind == FollowUpKind::Delivery {
        return Err(Violation::new(at("kind"), "must not be DELIVERY: that one is made by GiveGesture"));
    }
    let due_time = due(caller, &at("due_time"), due_time)?;
    let draft = FollowUpDraft {
        kind,
        text: text::line(&at("text"), &words, 1..=TEXT_CHARS_MAX)?,
        owner: owner_maybe(&at("owner"), &owner)?,
        due_time: due_time.ok_or_else(|| Violation::new(at("due_time"), "must be given"))?,
        venue: venue(caller, &at("venue_id"), &venue_id)?.id.clone(),
        place: text::line(&at("place"), &place, 0..=SHORT_CHARS_MAX)?,
        issue: if issue_id.is_empty() { None } else { Some(part_id(&at("issue_id"), 'i', &issue_id)?) },
        gesture: None,
    };
    if kind == FollowUpKind::AfterIssue && draft.issue.is_none() {
        return Err(Violation::new(at("issue_id"), "must be given when the kind is AFTER_ISSUE"));
    }
    card::refuse([(at("text").as_str(), draft.text.as_str()), (at("place").as_str(), draft.place.as_str())])?;
    Ok(draft)
}

/// Whether it was kept.
pub fn kept(raw: i32) -> Parsed<bool> {
    match proto::FollowUpState::try_from(raw) {
        Ok(proto::FollowUpState::Done) => Ok(true),
        Ok(proto::FollowUpState::Missed) => Ok(false),
        _ => Err(Violation::new("state", "must be FOLLOW_UP_STATE_DONE or FOLLOW_UP_STATE_MISSED")),
    }
}

pub fn rating(raw: i32) -> Parsed<u8> {
    let rating = u8::try_from(raw).ok().filter(|_| raw <= RATING_MAX);
    rating.ok_or_else(|| Violation::new("rating", "must be 1 to 5, or 0 when not said"))
}

pub fn filter(raw: i32) -> Parsed<Filter> {
    use proto::FollowUpFilter::{DueToday, Overdue, Unspecified};
    match proto::FollowUpFilter::try_from(raw) {
        Ok(Unspecified) => Ok(Filter::Owed),
        Ok(DueToday) => Ok(Filter::DueToday),
        Ok(Overdue) => Ok(Filter::Overdue),
        Err(_) => Err(one_of("filter", &[Unspecified, DueToday, Overdue].map(|filter| filter.as_str_name()))),
    }
}

pub fn issue_out(issue: Issue) -> proto::Issue {
    let Issue { id, reported, opened_by, open_time, resolve_time, resolution, reopen_count } = issue;
    let IssueDraft { severity, cause, venue, item, text, owner } = reported;
    let state = if resolve_time.is_some() { proto::IssueState::Resolved } else { proto::IssueState::Open };
    proto::Issue {
        issue_id: format!("i{}", id.0),
        reported: Some(proto::IssueDraft {
            severity: issue_severity_out(severity),
            cause,
            venue_id: venue.as_str().to_owned(),
            item,
            text,
            owner,
        }),
        state: state as i32,
        opened_by: opened_by.into(),
        open_time: Some(time_out(open_time)),
        resolve_time: resolve_time.map(time_out),
        resolution,
        reopen_count: i32::try_from(reopen_count).unwrap_or(i32::MAX),
    }
}

pub fn follow_up_out(known: FollowUp) -> proto::FollowUp {
    let FollowUp { id, promised, promised_by, promise_time, completion } = known;
    let FollowUpDraft { kind, text, owner, due_time, venue, place, issue, gesture } = promised;
    let state = match &completion {
        None => proto::FollowUpState::Open,
        Some(end) if end.kept => proto::FollowUpState::Done,
        Some(_) => proto::FollowUpState::Missed,
    };
    proto::FollowUp {
        follow_up_id: format!("f{}", id.0),
        promised: Some(proto::FollowUpDraft {
            kind: follow_up_kind_out(kind),
            text,
            owner,
            due_time: Some(time_out(due_time)),
            venue_id: venue.as_str().to_owned(),
            place,
            issue_id: issue.map(|id| format!("i{}", id.0)).unwrap_or_default(),
        }),
        state: state as i32,
        promised_by: promised_by.into(),
        promise_time: Some(time_out(promise_time)),
        complete_time: completion.as_ref().map(|end| time_out(end.time)),
        rating: completion.as_ref().map_or(0, |end| i32::from(end.rating)),
        completed_by: completion.map(|end| end.by.into()).unwrap_or_default(),
        gesture_id: gesture.map(|id| format!("g{}", id.0)).unwrap_or_default(),
    }
}

pub fn owed_out(owed: Owed, venue: &Venue, now: Timestamp) -> proto::OwedFollowUp {
    let local: DateTime = venue.zone.to_datetime(owed.follow_up.promised.due_time);
    proto::OwedFollowUp {
        customer_id: owed.customer.to_string(),
        due_local: local.strftime("%Y-%m-%d %H:%M").to_string(),
        overdue: owed.follow_up.is_overdue(now),
        follow_up: Some(follow_up_out(owed.follow_up)),
    }
}
