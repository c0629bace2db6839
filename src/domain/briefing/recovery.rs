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

/// Open issues, and promises that are due.
pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements: Vec<Statement> =
        moment.profile.open_issues().into_iter().map(|issue| open(moment, issue)).collect();
    let zone = &moment.question.venue.zone;
    let owed = moment.profile.owed().into_iter().map(|known| (known, zone.to_datetime(known.promised.due_time)));
    let due = owed.filter(|(_, due)| days_between(moment.date, due.date()) <= PROMISE_DAYS_AHEAD);
    statements.extend(due.take(PROMISES_MAX).map(|(known, due)| promise(moment, known, due)));
    statements
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

/// What a precaution says against a delivery that was promised before it was recorded, or before the recipe changed.
fn conflict<'a>(moment: &Moment<'a>, known: &FollowUp) -> Option<(Objection<'a>, Conflict)> {
    let gesture = moment.profile.gesture(known.promised.gesture?)?;
    let kind = moment.question.policy.rules.gesture_type(&gesture.given.gesture_type)?;
    let against = dimensions::endangers(moment, kind)?;
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
fn promise(moment: &Moment<'_>, known: &FollowUp, due: DateTime) -> Statement {
    let promised = &known.promised;
    let overdue = known.is_overdue(moment.question.now);
    let kind = match promised.kind {
        FollowUpKind::AfterIssue => "AFTER_ISSUE",
        FollowUpKind::Promise => "PROMISE",
        FollowUpKind::Delivery => "DELIVERY",
    };
    let conflict = if promised.kind == FollowUpKind::Delivery { conflict(moment, known) } else { None };
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

/// The headline's line about what is open.
pub(super) fn headline(moment: &Moment<'_>) -> Option<Statement> {
    let open_issues = moment.profile.open_issues();
    if let Some(worst) = open_issues.first() {
        return Some(open(moment, worst));
    }
    let owed = moment.profile.owed();
    let overdue = owed.into_iter().find(|known| known.is_overdue(moment.question.now))?;
    let due = moment.question.venue.zone.to_datetime(overdue.promised.due_time);
    Some(promise(moment, overdue, due))
}
