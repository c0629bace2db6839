//! Communicate: what is unresolved and owed, what to ask and to confirm.

use super::{
    acknowledge, codes,
    recovery::{self, Owed},
    respect,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    kernel::time::days_between,
    moment::Moment,
    parts::{
        consent::{Part, Purpose},
        precaution::PrecautionStatus,
        preference::{CONFIDENCE_TO_ACT, CONFIDENCE_TO_ASK, Preference},
    },
    profile::Asked,
};

/// Questions about preferences in one briefing: more would be an interrogation.
const PREFERENCE_QUESTIONS_MAX: usize = 2;
/// Visits before a customer is asked whether they want offers.
const VISITS_BEFORE_CONSENT: u64 = 3;
/// After a year an answer about precautions is asked for again.
const ASK_AGAIN_DAYS: i64 = 365;

pub(super) fn section(moment: &Moment<'_>, owed: &Owed<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    if moment.may_see(Part::Recovery) {
        statements.extend(recovery::section(moment, owed));
    }
    if moment.may_see(Part::Precautions) {
        statements.extend(unconfirmed(moment));
        statements.extend(ask_precautions_again(moment));
    }
    if moment.may_see(Part::Name) && acknowledge::name(moment.profile).is_none() {
        statements.push(ask_name());
    }
    statements.extend(weak_preferences(moment));
    if statements.is_empty() && may_ask_consent(moment) {
        statements.push(ask_consent());
    }
    statements
}

pub(super) fn for_stranger() -> Vec<Statement> {
    vec![ask_name()]
}

pub(super) fn ask_who(candidates: usize) -> Statement {
    Statement {
        code: codes::ASK_WHO,
        parameters: vec![("candidates", Value::Number(i64::try_from(candidates).unwrap_or(i64::MAX)))],
        basis: Basis::SharedIdentity,
        form: Form::Section,
        tact: Tact::Say,
    }
}

fn ask_name() -> Statement {
    Statement {
        code: codes::ASK_NAME,
        parameters: Vec::new(),
        basis: Basis::NoName,
        form: Form::Section,
        tact: Tact::Say,
    }
}

/// A question for the business, not for the customer: it waits until they are at home here, until their needs are known,
/// and until there is nothing else to ask.
fn may_ask_consent(moment: &Moment<'_>) -> bool {
    let undecided = !moment.profile.consents.iter().any(|consent| consent.purpose == Purpose::Marketing);
    moment.question.purpose == Purpose::Service
        && undecided
        && moment.profile.habits.visits >= VISITS_BEFORE_CONSENT
        && moment.profile.asked_time.is_some()
}

fn ask_consent() -> Statement {
    Statement {
        code: codes::ASK_CONSENT,
        parameters: vec![("purpose", Value::Text("MARKETING".to_owned()))],
        basis: Basis::NoDecision,
        form: Form::Section,
        tact: Tact::Say,
    }
}

/// What is never mentioned is never asked about.
fn unconfirmed(moment: &Moment<'_>) -> impl Iterator<Item = Statement> {
    let open = moment
        .precautions
        .iter()
        .filter(|known| known.reported.status == PrecautionStatus::Unconfirmed && !known.reported.is_never_mentioned());
    open.map(|known| Statement {
        code: codes::CONFIRM_PRECAUTION,
        parameters: vec![
            ("precaution_id", Value::Text(known.id.with_letter('p'))),
            ("code", Value::Text(known.reported.code.clone())),
            ("text", Value::Text(known.reported.told_text().into_owned())),
            ("of_whom", Value::Text(known.reported.told_whom().into_owned())),
        ],
        basis: Basis::Unverified { kind: known.reported.told_as(), criticality: known.reported.criticality },
        form: Form::Section,
        tact: Tact::Say,
    })
}

fn ask_precautions_again(moment: &Moment<'_>) -> Option<Statement> {
    let Asked::At(asked) = moment.asked else { return None };
    let days = days_between(moment.date_of(asked), moment.date);
    let is_due = days > ASK_AGAIN_DAYS && !moment.precautions.iter().any(|known| known.is_said_about_food());
    is_due.then(|| Statement {
        code: codes::ASK_PRECAUTIONS_AGAIN,
        parameters: vec![("asked_time", Value::Time(asked))],
        basis: Basis::LastAnswer(moment.date_of(asked)),
        form: Form::Section,
        tact: Tact::Say,
    })
}

/// What is believed too weakly to act on, the strongest first. What is forbidden is not asked about either: the question
/// offers it.
fn weak_preferences(moment: &Moment<'_>) -> Vec<Statement> {
    let weak = moment.preferences.iter().filter(|(known, confidence)| {
        (CONFIDENCE_TO_ASK..CONFIDENCE_TO_ACT).contains(confidence) && known.stance.is_positive()
    });
    let mut weak: Vec<(&Preference, f64)> = weak.copied().collect();
    weak.sort_by(|one, other| other.1.total_cmp(&one.1));
    // The gate is asked last, because it costs most.
    let allowed = weak.into_iter().filter_map(|(known, confidence)| Some((moment.gate().admit(known)?, confidence)));
    let asked = allowed.take(PREFERENCE_QUESTIONS_MAX).map(|(known, confidence)| Statement {
        tact: Tact::Say,
        ..respect::liked(moment, codes::CONFIRM_PREFERENCE, &known, confidence)
    });
    asked.collect()
}
