//! Open issues and owed follow-ups: the first of the section communicate, and lines of the headline.

use jiff::civil::DateTime;

use super::{
    codes, respect,
    statement::{Basis, Conflict, Danger, Form, Promise, Promised, Statement, Tact, Value, WhyStopped},
};
use crate::domain::{
    gate::{Clearance, Cleared, How, Stop},
    kernel::time::days_between,
    moment::{Moment, question::Question},
    parts::{
        follow_up::{FollowUp, FollowUpDraft, FollowUpKind},
        issue::{Issue, IssueSeverity},
        precaution::PrecautionDraft,
    },
    profile::Profile,
    suitability::dimensions,
};

/// Promises in one briefing: what can be kept in one encounter.
const PROMISES_MAX: usize = 3;
/// Days ahead within which a promise is due to be in the briefing: what is due in a month is not for tonight.
const PROMISE_DAYS_AHEAD: i64 = 7;

/// Open follow-ups, the earliest due first; apart from them the promises and deliveries to stop (see [`Stop`]).
#[derive(Default)]
pub(super) struct Owed<'a> {
    stopped: Vec<(&'a FollowUp, Stop<'a>)>,
    rest: Vec<(&'a FollowUp, Cleared<&'a str>)>,
}

impl<'a> Owed<'a> {
    pub fn of(moment: &Moment<'a>) -> Self {
        let mut parted = Self::default();
        for known in moment.profile.owed() {
            match dimensions::still_right(moment, known) {
                Err(stop) => parted.stopped.push((known, stop)),
                Ok(cleared) => parted.rest.push((known, cleared)),
            }
        }
        // What is stopped by its own words is no haste.
        parted.stopped.sort_by_key(|(_, stop)| matches!(stop, Stop::NotServed(_)));
        parted
    }
}

/// A promise that must not be kept as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Stopped {
    /// Why, for programs.
    pub code: &'static str,
    pub statement: Statement,
}

/// Whether something that is owed may be served by now, as the briefing tells it.
///
/// # Errors
/// It must not: why.
pub fn judged(profile: &Profile, question: &Question<'_>, known: &FollowUp) -> Result<Clearance, Box<Stopped>> {
    let moment = Moment::of(profile, question);
    let cleared = dimensions::still_right(&moment, known)
        .map_err(|stop| Box::new(Stopped { code: stop.code(), statement: promise(&moment, known, Err(stop)) }))?;
    Ok(cleared.clearance())
}

/// Deliveries to stop, open issues, and promises that are due.
pub(super) fn section(moment: &Moment<'_>, owed: &Owed<'_>) -> Vec<Statement> {
    let mut statements: Vec<Statement> = to_stop(moment, owed).collect();
    statements.extend(moment.profile.open_issues().into_iter().map(|issue| open(moment, issue)));
    let is_soon = |known| days_between(moment.date, due_time(moment, known).date()) <= PROMISE_DAYS_AHEAD;
    let due = owed.rest.iter().filter(|(known, _)| is_soon(known));
    statements.extend(due.take(PROMISES_MAX).map(|(known, cleared)| promise(moment, known, Ok(*cleared))));
    statements
}

/// Promises and deliveries to stop (see [`Stop`]): all of them, whenever they are due. Never trimmed.
pub(super) fn to_stop(moment: &Moment<'_>, owed: &Owed<'_>) -> impl Iterator<Item = Statement> {
    let stopped = owed.stopped.iter();
    stopped.map(|(known, stop)| promise(moment, known, Err(*stop)))
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

/// Why something promised is stopped.
fn stop(stop: Stop<'_>, too_young_for: impl FnOnce() -> &'static str) -> WhyStopped {
    let is_named = matches!(stop, Stop::NotServed(_));
    let is_denied_twice = matches!(stop, Stop::DeniedTwice(_));
    let against = match stop {
        Stop::Precaution(against) | Stop::NotServed(Some(against)) | Stop::DeniedTwice(Some(against)) => against,
        Stop::TooYoung | Stop::NotServed(None) | Stop::DeniedTwice(None) => {
            return WhyStopped::TooYoung(too_young_for());
        }
        Stop::FetchManager => return WhyStopped::FetchManager,
        Stop::DoNotCelebrate | Stop::NothingToCelebrate => return WhyStopped::NotCelebrated,
    };
    let how = match against.how {
        How::Contains(content) if is_named => Danger::Named(content.to_owned()),
        How::Contains(content) if is_denied_twice => Danger::Ordered(content.to_owned()),
        How::Contains(content) => Danger::Contains(content.to_owned()),
        How::UnknownContents => Danger::UnknownContents,
        How::NotUnderstood => Danger::NotUnderstood,
    };
    let PrecautionDraft { code, criticality, .. } = &against.precaution.reported;
    let is_never_mentioned = against.is_quiet || against.precaution.reported.is_never_mentioned();
    let (kind, code, criticality) = (against.precaution.reported.told_as(), code.clone(), *criticality);
    let of_whom = against.precaution.reported.told_whom().into_owned();
    let words = against.precaution.reported.telling_words().into_owned();
    WhyStopped::Precaution(Conflict { is_never_mentioned, kind, code, words, of_whom, criticality, how })
}

/// The words of what is stopped, with its place where that may be what speaks against it.
fn with_place(moment: &Moment<'_>, promised: &FollowUpDraft) -> String {
    match dimensions::place_of(moment, promised) {
        "" => promised.text.clone(),
        place => [&promised.text, " (", place, ")"].concat(),
    }
}

fn promise(moment: &Moment<'_>, known: &FollowUp, passed: Result<Cleared<&str>, Stop<'_>>) -> Statement {
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
    let mut is_quiet = promised.kind == FollowUpKind::Delivery;
    let what = match passed {
        Ok(cleared) => {
            respect::tell_clearance(cleared.clearance(), &mut parameters);
            Promised::Keep(cleared.kept())
        }
        Err(why) => {
            parameters.push(("conflict", Value::Text(why.code().to_owned())));
            let is_said = matches!(why, Stop::NotServed(_));
            let is_denied_twice = matches!(why, Stop::DeniedTwice(_));
            parameters.extend(is_said.then_some(("not_served", Value::Number(1))));
            parameters.extend(is_denied_twice.then_some(("denied_twice", Value::Number(1))));
            let stopped = if is_said || is_denied_twice { Promised::NotServed } else { Promised::Stop };
            let why = stop(why, || dimensions::too_young_for(moment, known));
            // That somebody has died is never mentioned.
            is_quiet |= match &why {
                WhyStopped::Precaution(conflict) => conflict.is_never_mentioned,
                WhyStopped::NotCelebrated => true,
                WhyStopped::TooYoung(_) | WhyStopped::FetchManager => false,
            };
            stopped(with_place(moment, promised), why)
        }
    };
    let basis = Promise { what, by: known.promised_by.to_string(), due: due_time(moment, known) };
    Statement {
        code: if overdue { codes::PROMISE_OVERDUE } else { codes::PROMISE_DUE },
        parameters,
        basis: Basis::Promised(Box::new(basis)),
        // What was promised may be said; a surprise on its way may not, nor what is stopped for what is never mentioned.
        form: Form::Section,
        tact: if is_quiet { Tact::ActQuietly } else { Tact::Say },
    }
}

/// The headline's line about what is open.
pub(super) fn headline(moment: &Moment<'_>, owed: &Owed<'_>) -> Option<Statement> {
    let open_issues = moment.profile.open_issues();
    if let Some(worst) = open_issues.first() {
        return Some(open(moment, worst));
    }
    let (overdue, cleared) = owed.rest.iter().find(|(known, _)| known.is_overdue(moment.question.now))?;
    Some(promise(moment, overdue, Ok(*cleared)))
}
