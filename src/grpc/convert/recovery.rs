//! Issues and follow-ups.

use jiff::civil::DateTime;

use super::{
    ITEM_CHARS_MAX, Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX,
    customer::part_id,
    mirror::{IntoWire, enum_table, parse, send},
    one_of, time,
    values::{self, from_text, from_text_maybe, given, line, part_id_maybe},
};
use crate::{
    domain::{
        Timestamp, VenueId, Violation, card,
        follow_up::{Completion, FollowUp, FollowUpDraft, FollowUpKind},
        id,
        issue::{Issue, IssueDraft},
        policy::Venue,
        text,
    },
    phrasing::{self, Language},
    proto,
    service::{
        Caller,
        recovery::{Filter, Judged, Owed, Verdict},
    },
};

enum_table!(proto::FollowUpKind = FollowUpKind {
    AfterIssue = AfterIssue, Promise = Promise, Delivery = Delivery,
});

/// The longest cause: a code that fits a report's column.
const CAUSE_CHARS_MAX: usize = 40;
/// How far ahead something is promised: two years.
const DUE_AHEAD_SECONDS: i64 = 731 * 86_400;
const RATING_MAX: i32 = 5;

pub fn issue(caller: &Caller, field: &str, raw: proto::IssueDraft) -> Parsed<IssueDraft> {
    parse!(field, raw: proto::IssueDraft => IssueDraft {
        cause: from_text(text::code),
        {
            if cause.len() > CAUSE_CHARS_MAX {
                return Err(Violation::new("cause", "must be 1 to 40 characters of A-Z, 0-9 and \"_\""));
            }
        }
        severity,
        venue = venue_id: from_text(|field, raw| known_venue(caller, field, raw)),
        item: line(0..=ITEM_CHARS_MAX),
        text: line(0..=TEXT_CHARS_MAX),
        owner: from_text(owner_maybe),
        { card::refuse_card_data([("cause", cause.as_str()), ("item", item.as_str()), ("text", text.as_str())])?; }
    })
}

fn known_venue(caller: &Caller, field: &str, raw: &str) -> Parsed<VenueId> {
    Ok(venue(caller, field, raw)?.id.clone())
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
    card::refuse_card_data([(field, raw)])?;
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
    parse!(field, raw: proto::FollowUpDraft => FollowUpDraft {
        kind,
        {
            if kind == FollowUpKind::Delivery {
                return Err(Violation::new("kind", "must not be DELIVERY: that one is made by GiveGesture"));
            }
        }
        due_time: |field, raw| due(caller, field, raw),
        text: line(1..=TEXT_CHARS_MAX),
        owner: from_text(owner_maybe),
        { let due_time = given("due_time", due_time)?; }
        venue = venue_id: from_text(|field, raw| known_venue(caller, field, raw)),
        place: line(0..=SHORT_CHARS_MAX),
        issue = issue_id: from_text_maybe(|field, raw| part_id(field, 'i', raw)),
        + gesture: None,
        {
            if kind == FollowUpKind::AfterIssue && issue.is_none() {
                return Err(Violation::new("issue_id", "must be given when the kind is AFTER_ISSUE"));
            }
            card::refuse_card_data([("text", text.as_str()), ("place", place.as_str())])?;
        }
    })
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

send!(IssueDraft => proto::IssueDraft { severity, cause, venue = venue_id, item, text, owner });

pub fn issue_out(issue: Issue) -> proto::Issue {
    let state = if issue.resolve_time.is_some() { proto::IssueState::Resolved } else { proto::IssueState::Open };
    send!(issue: Issue => proto::Issue {
        id = issue_id: values::part_id('i'),
        reported,
        + state: state as i32,
        opened_by,
        open_time,
        resolve_time,
        resolution,
        reopen_count,
    })
}

send!(FollowUpDraft => proto::FollowUpDraft {
    kind,
    text,
    owner,
    due_time,
    venue = venue_id,
    place,
    issue = issue_id: part_id_maybe('i'),
    // The follow-up names it.
    gesture = _,
});

/// Codes for programs with their words; empty: nothing is to be said.
#[derive(Default)]
pub struct Told {
    pub conflict: String,
    pub conflict_text: String,
    pub clearance: String,
    pub clearance_text: String,
}

impl Told {
    /// What is to be said of something that is owed.
    pub fn of(caller: &Caller, venue: &VenueId, verdict: Option<Verdict>) -> Self {
        let venue = caller.in_force.policy.venue(venue);
        let language = venue.map_or_else(Language::default, |venue| Language::chosen("", venue));
        match verdict {
            None => Self::default(),
            Some(Err(stopped)) => Self {
                conflict: stopped.code.to_owned(),
                conflict_text: phrasing::stopped(language, &stopped.statement),
                ..Self::default()
            },
            Some(Ok(passed)) => Self {
                clearance: passed.name().unwrap_or_default().to_owned(),
                clearance_text: phrasing::clearance(language, passed).to_owned(),
                ..Self::default()
            },
        }
    }
}

pub fn follow_up_out(caller: &Caller, judged: Judged) -> proto::FollowUp {
    let Judged { follow_up: known, verdict } = judged;
    let told = Told::of(caller, &known.promised.venue, verdict);
    let state = match &known.completion {
        None => proto::FollowUpState::Open,
        Some(completion) if completion.kept => proto::FollowUpState::Done,
        Some(_) => proto::FollowUpState::Missed,
    };
    let gesture = known.promised.gesture;
    send!(known: FollowUp => proto::FollowUp {
        id = follow_up_id: values::part_id('f'),
        promised,
        + state: state as i32,
        promised_by,
        promise_time,
        (completion) = (complete_time, rating, completed_by): completion_out,
        + gesture_id: part_id_maybe('g')(gesture),
        + conflict: told.conflict,
        + conflict_text: told.conflict_text,
        + clearance: told.clearance,
        + clearance_text: told.clearance_text,
    })
}

fn completion_out(completion: Option<Completion>) -> (Option<prost_types::Timestamp>, i32, String) {
    let parts = |Completion { by, time, kept: _, rating }| (time.into_wire(), rating.into_wire(), by.into_wire());
    completion.map(parts).unwrap_or_default()
}

pub fn owed_out(caller: &Caller, owed: Owed, venue: &Venue) -> proto::OwedFollowUp {
    let Owed { customer, follow_up: judged } = owed;
    let local: DateTime = venue.zone.to_datetime(judged.follow_up.promised.due_time);
    let overdue = judged.follow_up.is_overdue(caller.now);
    let follow_up = follow_up_out(caller, judged);
    proto::OwedFollowUp {
        customer_id: customer.to_string(),
        due_local: local.strftime("%Y-%m-%d %H:%M").to_string(),
        overdue,
        conflict: follow_up.conflict.clone(),
        conflict_text: follow_up.conflict_text.clone(),
        clearance: follow_up.clearance.clone(),
        clearance_text: follow_up.clearance_text.clone(),
        follow_up: Some(follow_up),
    }
}
