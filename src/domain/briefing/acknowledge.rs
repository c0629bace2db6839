//! Acknowledge: how to recognise the customer.

use super::{
    codes, languages,
    statement::{Statement, Tact, Value},
};
use crate::domain::{
    insight::absence::{ABSENCE_DAYS_MIN, ABSENCE_INTERVALS},
    kernel::{time::days_between, words},
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
            text: ["Speak ", &languages::name(&details.language), " if you can."].concat(),
            reason: "The preferred language on record.".to_owned(),
            tact: Tact::Say,
        });
    }
    if details.kind == CustomerKind::Household {
        statements.push(Statement {
            code: codes::HOUSEHOLD,
            parameters: Vec::new(),
            text: "A household: several people share this profile.".to_owned(),
            reason: "Recorded as a household.".to_owned(),
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
            text: [if wished.is_empty() { "The name is " } else { "Address as " }, name, "."].concat(),
            reason: if wished.is_empty() { "The name on record." } else { "How the customer wants to be addressed." }
                .to_owned(),
            tact: Tact::Say,
        });
    }
    let pronunciation = &profile.details.name.pronunciation;
    if !pronunciation.is_empty() {
        statements.push(Statement {
            code: codes::NAME_PRONUNCIATION,
            parameters: vec![("pronunciation", Value::Text(pronunciation.clone()))],
            text: format!("Said: {pronunciation}."),
            reason: "Noted with the name.".to_owned(),
            tact: Tact::Say,
        });
    }
    statements
}

pub(super) fn first_visit(reason: &str) -> Statement {
    Statement {
        code: codes::FIRST_VISIT,
        parameters: Vec::new(),
        text: "Welcome them: no earlier visit is known.".to_owned(),
        reason: reason.to_owned(),
        tact: Tact::Say,
    }
}

fn visits(moment: &Moment<'_>) -> Vec<Statement> {
    let habits = &moment.profile.habits;
    let Some(last) = habits.last_visit.filter(|_| habits.visits > 0) else {
        return vec![first_visit("No visit was recorded.")];
    };
    let last_date = moment.date_of(last);
    let days = days_between(last_date, moment.date);
    let visits = i64::try_from(habits.visits).unwrap_or(i64::MAX);
    let mut statements = vec![Statement {
        code: codes::VISITS,
        parameters: vec![("visits", Value::Number(visits)), ("last_visit", Value::Time(last))],
        text: match habits.visits {
            1 => ["1 visit so far, on ", &words::day(last_date), "."].concat(),
            visits => [&visits.to_string(), " visits so far, the last on ", &words::day(last_date), "."].concat(),
        },
        reason: "Counted from what tills and desks reported.".to_owned(),
        tact: Tact::ActQuietly,
    }];
    let usual = habits.usual_interval_days();
    let long = match usual {
        Some(usual) => days >= ABSENCE_DAYS_MIN && days as f64 > usual * ABSENCE_INTERVALS,
        None => days >= ABSENCE_DAYS_UNKNOWN,
    };
    if long {
        let reason = match usual {
            Some(usual) => format!("Usually comes every {:.0} days.", usual.max(1.0)),
            None => "Came once before.".to_owned(),
        };
        statements.push(Statement {
            code: codes::RETURNING_AFTER_ABSENCE,
            parameters: vec![("days", Value::Number(days)), ("last_visit", Value::Time(last))],
            text: format!("Back after {days} days: welcome them back."),
            reason,
            tact: Tact::Say,
        });
    }
    statements
}
