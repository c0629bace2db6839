//! Acknowledge: how to recognise the customer.

use super::{
    codes,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    insight::absence::{ABSENCE_DAYS_MIN, ABSENCE_INTERVALS},
    kernel::time::days_between,
    moment::Moment,
    parts::consent::Part,
    profile::{CustomerKind, Profile},
};

/// With one visit there is no usual interval; after a year they come back.
const ABSENCE_DAYS_UNKNOWN: i64 = 365;

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = Vec::with_capacity(6);
    let details = &moment.profile.details;
    if moment.may_see(Part::Name) {
        statements.extend(address(moment.profile));
    }
    if moment.may_see(Part::Language) && !details.language.is_empty() {
        statements.push(Statement {
            code: codes::LANGUAGE,
            parameters: vec![("language", Value::Text(details.language.clone()))],
            basis: Basis::LanguageOnRecord,
            form: Form::Section,
            tact: Tact::Say,
        });
    }
    if details.kind == CustomerKind::Household {
        statements.push(Statement {
            code: codes::HOUSEHOLD,
            parameters: Vec::new(),
            basis: Basis::Household,
            form: Form::Section,
            tact: Tact::ActQuietly,
        });
    }
    statements.extend(visits(moment));
    if moment.may_see(Part::Occasions) {
        statements.extend(moment.near.iter().map(|near| near.acknowledged(moment)));
    }
    statements
}

/// How the customer is called: as they want to be, or by the whole name.
pub(super) fn name(profile: &Profile) -> Option<&str> {
    let name = &profile.details.name;
    [&name.addressed_as, &name.full].into_iter().map(String::as_str).find(|name| !name.is_empty())
}

fn address(profile: &Profile) -> Vec<Statement> {
    let mut statements = Vec::new();
    let wished = &profile.details.name.addressed_as;
    if let Some(name) = name(profile) {
        statements.push(Statement {
            code: codes::NAME,
            parameters: vec![("name", Value::Text(name.to_owned()))],
            basis: if wished.is_empty() { Basis::NameOnRecord } else { Basis::NameWished },
            form: Form::Section,
            tact: Tact::Say,
        });
    }
    let pronunciation = &profile.details.name.pronunciation;
    if !pronunciation.is_empty() {
        statements.push(Statement {
            code: codes::NAME_PRONUNCIATION,
            parameters: vec![("pronunciation", Value::Text(pronunciation.clone()))],
            basis: Basis::NotedWithName,
            form: Form::Section,
            tact: Tact::Say,
        });
    }
    statements
}

pub(super) fn first_visit(basis: Basis) -> Statement {
    Statement { code: codes::FIRST_VISIT, parameters: Vec::new(), basis, form: Form::Section, tact: Tact::Say }
}

fn visits(moment: &Moment<'_>) -> Vec<Statement> {
    let habits = &moment.profile.habits;
    // Nobody welcomes whom the manager is to be fetched for.
    let is_welcome = moment.is_welcome();
    let Some(last) = habits.last_visit.filter(|_| habits.visits > 0) else {
        return if is_welcome { vec![first_visit(Basis::NoVisit)] } else { Vec::new() };
    };
    let last_date = moment.date_of(last);
    let days = days_between(last_date, moment.date);
    let visits = i64::try_from(habits.visits).unwrap_or(i64::MAX);
    let mut statements = vec![Statement {
        code: codes::VISITS,
        parameters: vec![("visits", Value::Number(visits)), ("last_visit", Value::Time(last))],
        basis: Basis::Visits { last: last_date },
        form: Form::Section,
        tact: Tact::ActQuietly,
    }];
    let usual = habits.usual_interval_days();
    let long = match usual {
        Some(usual) => days >= ABSENCE_DAYS_MIN && days as f64 > usual * ABSENCE_INTERVALS,
        None => days >= ABSENCE_DAYS_UNKNOWN,
    };
    if long && is_welcome {
        statements.push(Statement {
            code: codes::RETURNING_AFTER_ABSENCE,
            parameters: vec![("days", Value::Number(days)), ("last_visit", Value::Time(last))],
            basis: Basis::Interval(usual),
            form: Form::Section,
            tact: Tact::Say,
        });
    }
    statements
}
