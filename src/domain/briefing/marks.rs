//! Marks of a person: a customer who is deceased or barred, for whom a manager is fetched; and others on record who have died.
//! Why somebody is barred, and by whom, is told to nobody here.

use super::{
    codes::{self, Code},
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    kernel::{id::CustomerId, time::Timestamp},
    moment::Moment,
    parts::mark::Deceased,
    profile::Profile,
};

fn statement(code: Code, parameters: Vec<(&'static str, Value)>, basis: Basis) -> Statement {
    Statement { code, parameters, basis, form: Form::Section, tact: Tact::NeverMention }
}

/// The first things that staff read, but for what must not be served.
pub(super) fn of_customer(moment: &Moment<'_>) -> Vec<Statement> {
    let profile = moment.profile;
    let own = profile.dead().find(|known| known.of_whom.is_empty());
    let dead = own.and_then(|known| death(moment, codes::MARKED_DECEASED, known));
    let barred = profile.barred_until(moment.question.now).map(|until| {
        let parameters = vec![("until_time", Value::Time(until))];
        statement(codes::BARRED, parameters, Basis::Barred { until: moment.date_of(until) })
    });
    dead.into_iter().chain(barred).collect()
}

/// Others on record who have died: they are not asked after.
pub(super) fn of_others(moment: &Moment<'_>) -> impl Iterator<Item = Statement> {
    let others = moment.profile.dead().filter(|known| !known.of_whom.is_empty());
    others.filter_map(|known| death(moment, codes::OTHER_DECEASED, known))
}

fn death(moment: &Moment<'_>, code: Code, known: &Deceased) -> Option<Statement> {
    let confirmed = known.confirmed.as_ref()?;
    let mut parameters = vec![("time", Value::Time(confirmed.at))];
    if !known.of_whom.is_empty() {
        parameters.push(("of_whom", Value::Text(known.of_whom.clone())));
    }
    let basis = Basis::Recorded { on: moment.date_of(confirmed.at), by: confirmed.by.to_string() };
    Some(statement(code, parameters, basis))
}

/// The same of customers who share an identity: one is enough, and which one is not told.
pub(super) fn of_candidates(candidates: &[(CustomerId, Profile)], now: Timestamp) -> Vec<Statement> {
    let any = |marked: fn(&Profile, Timestamp) -> bool| candidates.iter().any(|(_, profile)| marked(profile, now));
    let marks = [
        (codes::MARKED_DECEASED, any(|profile, _| profile.is_deceased())),
        (codes::BARRED, any(|profile, now| profile.barred_until(now).is_some())),
    ];
    let told = marks.into_iter().filter(|(_, is_marked)| *is_marked);
    told.map(|(code, _)| statement(code, Vec::new(), Basis::OfOneOf(candidates.len()))).collect()
}
