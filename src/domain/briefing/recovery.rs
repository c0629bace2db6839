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

/// Open follow-ups, the earliest due first, and apart from them the deliveries that a precaution speaks against.
#[derive(Default)]
pub(super) struct Owed<'a> {
    stopped: Vec<(&'a FollowUp, Objection<'a>)>,
    rest: Vec<&'a FollowUp>,
}

impl<'a> Owed<'a> {
    pub fn of(moment: &Moment<'a>) -> Self {
        let owed = moment.profile.owed();
        if moment.precautions.is_empty() {
            return Self { stopped: Vec::new(), rest: owed };
        }
        let mut parted = Self::default();
        for known in owed {
            match conflict(moment, known) {
                Some(against) => parted.stopped.push((known, against)),
                None => parted.rest.push(known),
            }
        }
        parted
    }
}

/// Deliveries to stop, open issues, and promises that are due.
pub(super) fn section(moment: &Moment<'_>, owed: &Owed<'_>) -> Vec<Statement> {
    let mut statements: Vec<Statement> = to_stop(moment, owed).collect();
    statements.extend(moment.profile.open_issues().into_iter().map(|issue| open(moment, issue)));
    let rest = owed.rest.iter().map(|known| (known, due_time(moment, known)));
    let due = rest.filter(|(_, due)| days_between(moment.date, due.date()) <= PROMISE_DAYS_AHEAD);
    statements.extend(due.take(PROMISES_MAX).map(|(known, due)| promise(moment, known, due, None)));
    statements
}

/// Deliveries that a precaution speaks against: all of them, whenever they are due. Never trimmed.
pub(super) fn to_stop(moment: &Moment<'_>, owed: &Owed<'_>) -> impl Iterator<Item = Statement> {
    let stopped = owed.stopped.iter();
    stopped.map(|(known, against)| promise(moment, known, due_time(moment, known), Some(*against)))
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
fn conflict<'a>(moment: &Moment<'a>, known: &'a FollowUp) -> Option<Objection<'a>> {
    if known.promised.kind != FollowUpKind::Delivery {
        return None;
    }
    let gesture = known.promised.gesture.and_then(|id| moment.profile.gesture(id));
    let kind = gesture.and_then(|gesture| moment.question.policy.rules.gesture_type(&gesture.given.gesture_type));
    match kind {
        Some(kind) => dimensions::endangers(moment, kind),
        None => dimensions::endangers_by_name(moment, &known.promised.text),
    }
}

/// Why a delivery is stopped. `None` for objections that no precaution makes: they stop none.
fn danger(against: Objection<'_>) -> Option<Conflict> {
    let (precaution, how) = match against {
        Objection::Contains(known, content) => (known, Danger::Contains(content.to_owned())),
        Objection::UnknownContents(known) => (known, Danger::UnknownContents),
        Objection::NotUnderstood(known) => (known, Danger::NotUnderstood),
        _ => return None,
    };
    let PrecautionDraft { kind, code, criticality, .. } = &precaution.reported;
    Some(Conflict { kind: *kind, code: code.clone(), criticality: *criticality, how })
}

/// `due`: on the venue's clock.
fn promise(moment: &Moment<'_>, known: &FollowUp, due: DateTime, against: Option<Objection<'_>>) -> Statement {
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
    if let Some(against) = against {
        parameters.push(("conflict", Value::Text(against.code().to_owned())));
    }
    let basis = Promise {
        text: promised.text.clone(),
        by: known.promised_by.to_string(),
        due,
        conflict: against.and_then(danger),
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
pub(super) fn headline(moment: &Moment<'_>, owed: &Owed<'_>) -> Option<Statement> {
    if let Some(stop) = to_stop(moment, owed).next() {
        return Some(stop);
    }
    let open_issues = moment.profile.open_issues();
    if let Some(worst) = open_issues.first() {
        return Some(open(moment, worst));
    }
    let overdue = owed.rest.iter().find(|known| known.is_overdue(moment.question.now))?;
    Some(promise(moment, overdue, due_time(moment, overdue), None))
}
