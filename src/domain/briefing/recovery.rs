//! What is unresolved, and what is owed: told before anything else.

use jiff::civil::DateTime;

use super::{
    codes,
    statement::{Statement, Tact, Value},
};
use crate::domain::{
    kernel::{time::days_between, words},
    moment::Moment,
    parts::{
        follow_up::{FollowUp, FollowUpKind},
        issue::{Issue, IssueSeverity},
    },
    suitability::{objection::Objection, sides},
};

/// Promises in one briefing: what somebody can keep in this encounter.
const PROMISES_MAX: usize = 3;
/// Promises are told as far ahead: what is due in a month is not for tonight.
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

/// "air conditioning, Room 412".
fn about(issue: &Issue) -> String {
    let cause = issue.reported.cause.to_lowercase().replace('_', " ");
    if issue.reported.item.is_empty() { cause } else { format!("{cause}, {}", issue.reported.item) }
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
    let by = if reported.owner.is_empty() {
        "Nobody has taken it on".into()
    } else {
        format!("{} is on it", reported.owner)
    };
    Statement {
        code: codes::ISSUE_OPEN,
        parameters: vec![
            ("issue_id", Value::Text(words::part('i', issue.id))),
            ("severity", Value::Text(severity(reported.severity).to_owned())),
            ("cause", Value::Text(reported.cause.clone())),
            ("item", Value::Text(reported.item.clone())),
            ("owner", Value::Text(reported.owner.clone())),
            ("open_time", Value::Time(issue.open_time)),
        ],
        text: format!("Not solved yet: {}. Apologise, and say what is being done.", about(issue)),
        reason: format!("Opened on {} by {}. {by}.", moment.day_of(issue.open_time), issue.opened_by),
        tact: Tact::Say,
    }
}

/// What a precaution says against a delivery that was promised before it was recorded, or before the recipe changed.
fn conflict<'a>(moment: &Moment<'a>, known: &FollowUp) -> Option<Objection<'a>> {
    let gesture = moment.profile.gesture(known.promised.gesture?)?;
    let kind = moment.question.policy.rules.gesture_type(&gesture.given.gesture_type)?;
    sides::endangers(moment, kind)
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
    let text = promised.text.trim_end_matches('.');
    let conflict = if promised.kind == FollowUpKind::Delivery { conflict(moment, known) } else { None };
    let mut parameters = vec![
        ("follow_up_id", Value::Text(words::part('f', known.id))),
        ("kind", Value::Text(kind.to_owned())),
        ("due_time", Value::Time(promised.due_time)),
        ("owner", Value::Text(promised.owner.clone())),
        ("place", Value::Text(promised.place.clone())),
    ];
    let mut reason =
        ["Promised by ", &known.promised_by, " for ", &words::day(due.date()), " at ", &words::clock(due), "."]
            .concat();
    if let Some(against) = &conflict {
        parameters.push(("conflict", Value::Text(against.code().to_owned())));
        reason = [&against.reason(moment), " ", &reason].concat();
    }
    let warning = match (&conflict, overdue) {
        (Some(_), _) => "Do not deliver: ",
        (None, true) => "Overdue: ",
        (None, false) => "",
    };
    Statement {
        code: if overdue { codes::PROMISE_OVERDUE } else { codes::PROMISE_DUE },
        parameters,
        text: [warning, text, "."].concat(),
        reason,
        // What was promised may be said; a surprise on its way may not.
        tact: if promised.kind == FollowUpKind::Delivery { Tact::ActQuietly } else { Tact::Say },
    }
}

/// The headline's line about what is open.
pub(super) fn headline(moment: &Moment<'_>) -> Option<Statement> {
    let open_issues = moment.profile.open_issues();
    if let Some(worst) = open_issues.first() {
        return Some(Statement { text: format!("Open issue: {}", about(worst)), ..open(moment, worst) });
    }
    let owed = moment.profile.owed();
    let overdue = owed.into_iter().find(|known| known.is_overdue(moment.question.now))?;
    let due = moment.question.venue.zone.to_datetime(overdue.promised.due_time);
    Some(promise(moment, overdue, due))
}
