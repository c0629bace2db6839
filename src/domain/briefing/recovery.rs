//! Open issues and owed follow-ups: they come before anything else.

use jiff::civil::DateTime;

use super::{
    codes,
    statement::{Basis, Conflict, Danger, Form, Promise, Statement, Tact, Value},
};
use crate::domain::{
    kernel::time::days_between,
    moment::Moment,
    parts::{
        follow_up::{FollowUp, FollowUpKind},
        issue::{Issue, IssueSeverity},
        precaution::PrecautionDraft,
    },
    suitability::{dimensions, objection::Objection},
};

/// Promises in one briefing: what can be kept in one encounter.
const PROMISES_MAX: usize = 3;
/// Days ahead within which a promise is due to be in the briefing: what is due in a month is not for tonight.
const PROMISE_DAYS_AHEAD: i64 = 7;

/// Deliveries to stop, open issues, and promises that are due.
pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = to_stop(moment);
    statements.extend(moment.profile.open_issues().into_iter().map(|issue| open(moment, issue)));
    let owed = moment.profile.owed().into_iter().map(|known| (known, due_time(moment, known)));
    let due = owed.filter(|(_, due)| days_between(moment.date, due.date()) <= PROMISE_DAYS_AHEAD);
    let safe = due.filter(|(known, _)| conflict(moment, known).is_none());
    statements.extend(safe.take(PROMISES_MAX).map(|(known, due)| promise(moment, known, due, None)));
    statements
}

/// Deliveries that a precaution speaks against: all of them, whenever they are due. Never trimmed.
pub(super) fn to_stop(moment: &Moment<'_>) -> Vec<Statement> {
    if !moment.profile.follow_ups.iter().any(may_conflict) {
        return Vec::new();
    }
    let owed = moment.profile.owed().into_iter();
    let stopped = owed.filter_map(|known| Some((known, conflict(moment, known)?)));
    stopped.map(|(known, conflict)| promise(moment, known, due_time(moment, known), Some(conflict))).collect()
}

fn may_conflict(known: &FollowUp) -> bool {
    known.is_open() && known.promised.kind == FollowUpKind::Delivery
}

/// On the venue's clock.
fn due_time(moment: &Moment<'_>, known: &FollowUp) -> DateTime {
    moment.question.venue.zone.to_datetime(known.promised.due_time)
}

fn severity(severity: IssueSeverity) -> &'static str {
    match severity {
        IssueSeverity::Minor => "MINOR",
        IssueSeverity::Major => "MAJOR",
        IssueSeverity::Critical => "CRITICAL",
    }
}

pub(super) fn open(moment: &Moment<'_>, issue: &Issue) -> Statement {
    let reported = &issue.reported;
    Statement {
        code: codes::ISSUE_OPEN,
        parameters: vec![
            ("issue_id", Value::Text(issue.id.with_letter('i'))),
            ("severity", Value::Text(severity(reported.severity).to_owned())),
            ("cause", Value::Text(reported.cause.clone())),
            ("item", Value::Text(reported.item.clone())),
            ("owner", Value::Text(reported.owner.clone())),
            ("open_time", Value::Time(issue.open_time)),
        ],
        basis: Basis::Opened { on: moment.date_of(issue.open_time), by: issue.opened_by.to_string() },
        form: Form::Section,
        tact: Tact::Say,
    }
}

/// What a precaution says against a delivery that was promised before it was recorded, or before the recipe changed. Of one
/// whose type has left the catalogue the words alone are known.
fn conflict<'a>(moment: &Moment<'a>, known: &FollowUp) -> Option<(Objection<'a>, Conflict)> {
    if !may_conflict(known) {
        return None;
    }
    let gesture = known.promised.gesture.and_then(|id| moment.profile.gesture(id));
    let kind = gesture.and_then(|gesture| moment.question.policy.rules.gesture_type(&gesture.given.gesture_type));
    let against = match kind {
        Some(kind) => dimensions::endangers(moment, kind)?,
        None => dimensions::endangers_by_name(moment, &known.promised.text)?,
    };
    let (precaution, how) = match against {
        Objection::Contains(known, content) => (known, Danger::Contains(content.to_owned())),
        Objection::UnknownContents(known) => (known, Danger::UnknownContents),
        Objection::NotUnderstood(known) => (known, Danger::NotUnderstood),
        // Only precautions endanger.
        _ => return None,
    };
    let PrecautionDraft { kind, code, criticality, .. } = &precaution.reported;
    Some((against, Conflict { kind: *kind, code: code.clone(), criticality: *criticality, how }))
}

/// `due`: on the venue's clock.
fn promise(
    moment: &Moment<'_>,
    known: &FollowUp,
    due: DateTime,
    conflict: Option<(Objection<'_>, Conflict)>,
) -> Statement {
    let promised = &known.promised;
    let overdue = known.is_overdue(moment.question.now);
    let kind = match promised.kind {
        FollowUpKind::AfterIssue => "AFTER_ISSUE",
        FollowUpKind::Promise => "PROMISE",
        FollowUpKind::Delivery => "DELIVERY",
    };
    let mut parameters = vec![
        ("follow_up_id", Value::Text(known.id.with_letter('f'))),
        ("kind", Value::Text(kind.to_owned())),
        ("due_time", Value::Time(promised.due_time)),
        ("owner", Value::Text(promised.owner.clone())),
        ("place", Value::Text(promised.place.clone())),
    ];
    if let Some((against, _)) = &conflict {
        parameters.push(("conflict", Value::Text(against.code().to_owned())));
    }
    let basis = Promise {
        text: promised.text.clone(),
        by: known.promised_by.to_string(),
        due,
        conflict: conflict.map(|(_, conflict)| conflict),
    };
    Statement {
        code: if overdue { codes::PROMISE_OVERDUE } else { codes::PROMISE_DUE },
        parameters,
        basis: Basis::Promised(Box::new(basis)),
        // What was promised may be said; a surprise on its way may not.
        form: Form::Section,
        tact: if promised.kind == FollowUpKind::Delivery { Tact::ActQuietly } else { Tact::Say },
    }
}

/// The headline's line about what is open: a delivery to stop before anything else.
pub(super) fn headline(moment: &Moment<'_>) -> Option<Statement> {
    if let Some(stop) = to_stop(moment).into_iter().next() {
        return Some(stop);
    }
    let open_issues = moment.profile.open_issues();
    if let Some(worst) = open_issues.first() {
        return Some(open(moment, worst));
    }
    let owed = moment.profile.owed();
    let overdue = owed.into_iter().find(|known| known.is_overdue(moment.question.now))?;
    Some(promise(moment, overdue, due_time(moment, overdue), None))
}
