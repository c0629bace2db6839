//! What there is to ask about allergies and diets today. An answer is one person's, of one visit: nobody's silence is "none".

use jiff::civil::Date;

use super::{
    codes,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    kernel::{id::CustomerId, time::Timestamp},
    moment::{Moment, question::Question},
    parts::precaution::Precaution,
    profile::{Asked, Profile},
};

/// How the question about allergies and diets stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Standing {
    /// Never asked.
    NotAsked,
    /// Several people share the profile: whoever is here today was not asked.
    SeveralPeople,
    /// The answer no longer stands: to be asked anew.
    Outdated,
    /// Asked in this visit.
    Answered(Timestamp),
    /// Asked in an earlier visit: the answer is shown, and asked for again.
    AnsweredBefore(Timestamp),
}

impl Standing {
    /// By the server's clock, whatever time the question is about. A visit is a business day of the venue.
    pub fn of(moment: &Moment<'_>) -> Self {
        let question = moment.question;
        let visit =
            if question.at == question.now { moment.local.date } else { question.venue.local(question.now).date };
        match moment.asked {
            Asked::SeveralPeople => Self::SeveralPeople,
            Asked::Never => Self::NotAsked,
            Asked::Outdated => Self::Outdated,
            Asked::At(asked) if question.venue.local(asked).date >= visit => Self::Answered(asked),
            Asked::At(asked) => Self::AnsweredBefore(asked),
        }
    }
}

/// For the section respect: the question, or the answer and how old it is.
pub(super) fn statement(moment: &Moment<'_>) -> Option<Statement> {
    let listed = Listed::of(&moment.precautions);
    match Standing::of(moment) {
        Standing::NotAsked | Standing::SeveralPeople | Standing::Outdated => question(moment),
        Standing::Answered(asked) => answer(moment.question, listed, asked, false),
        Standing::AnsweredBefore(asked) => answer(moment.question, listed, asked, true),
    }
}

/// What of the precautions on record an answer may rest on. What is never mentioned must not show in what is said aloud.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Listed {
    /// An illness of something eaten that somebody noted as a topic: it is not said, and no answer may say that there is none.
    Guarded,
    /// Nothing that may be said.
    Nothing,
    /// What may be said, and nothing of it is about food.
    Needs,
    /// Some that may be said are about food.
    Food,
}

impl Listed {
    fn of(precautions: &[&Precaution]) -> Self {
        if precautions.iter().any(|known| known.reported.is_guarded_illness()) {
            Self::Guarded
        } else if precautions.iter().any(|known| known.is_said_about_food()) {
            Self::Food
        } else if precautions.iter().any(|known| !known.reported.is_never_mentioned()) {
            Self::Needs
        } else {
            Self::Nothing
        }
    }
}

/// An answer, and whether it is of an earlier visit: then it is asked for again.
fn answer(question: &Question<'_>, listed: Listed, asked: Timestamp, is_earlier: bool) -> Option<Statement> {
    let on = question.venue.date_of(asked);
    match listed {
        Listed::Guarded => Some(not_asked(Basis::AnswerOutdated)),
        Listed::Food => is_earlier.then(|| still_so(on, asked)),
        Listed::Nothing | Listed::Needs => {
            let stands = question.policy.rules.none_known_stands;
            Some(none_known((on, asked), is_earlier && !stands, listed == Listed::Needs))
        }
    }
}

/// The question that stays until it is asked, whatever is listed already.
pub(super) fn question(moment: &Moment<'_>) -> Option<Statement> {
    match Standing::of(moment) {
        Standing::SeveralPeople if moment.profile.is_deceased() => Some(not_asked(Basis::SomebodyElse)),
        Standing::SeveralPeople => Some(not_asked(Basis::SeveralPeople)),
        Standing::Outdated => Some(not_asked(Basis::AnswerOutdated)),
        // What somebody noted is no answer to what nobody asked.
        Standing::NotAsked if Listed::of(&moment.precautions) == Listed::Food => {
            Some(not_asked(Basis::OthersNeverAsked))
        }
        Standing::NotAsked => Some(not_asked(Basis::NobodyAsked)),
        Standing::Answered(_) | Standing::AnsweredBefore(_) => None,
    }
}

/// The same for customers who share an identity: one who was never asked is enough, and so is a household, or one whose answer
/// no longer stands.
pub(super) fn question_to_candidates(candidates: &[(CustomerId, Profile)], now: Timestamp) -> Option<Statement> {
    let any = |state: Asked| candidates.iter().any(|(_, profile)| profile.asked(now) == state);
    if any(Asked::Never) || candidates.is_empty() {
        Some(not_asked(Basis::OneNeverAsked))
    } else if any(Asked::SeveralPeople) {
        Some(not_asked(Basis::SeveralPeople))
    } else if any(Asked::Outdated) {
        Some(not_asked(Basis::AnswerOutdated))
    } else {
        None
    }
}

/// For the section respect of customers who share an identity: the question, or the oldest answer, which is to be doubted first.
pub(super) fn statement_to_candidates(
    candidates: &[(CustomerId, Profile)],
    question: &Question<'_>,
    precautions: &[&Precaution],
) -> Option<Statement> {
    question_to_candidates(candidates, question.now).or_else(|| {
        let oldest = candidates.iter().filter_map(|(_, profile)| profile.asked_time).min()?;
        let venue = question.venue;
        let is_earlier = venue.local(oldest).date < venue.local(question.now).date;
        answer(question, Listed::of(precautions), oldest, is_earlier)
    })
}

pub(super) fn not_asked(basis: Basis) -> Statement {
    Statement {
        code: codes::PRECAUTIONS_NOT_ASKED,
        parameters: Vec::new(),
        basis,
        form: Form::Section,
        tact: Tact::Say,
    }
}

fn none_known((on, asked): (Date, Timestamp), ask_again: bool, has_needs: bool) -> Statement {
    let mut parameters = vec![("asked_time", Value::Time(asked))];
    if ask_again {
        parameters.push(("ask_again", Value::Number(1)));
    }
    if has_needs {
        parameters.push(("has_needs", Value::Number(1)));
    }
    Statement {
        code: codes::PRECAUTIONS_NONE_KNOWN,
        parameters,
        basis: Basis::Asked(on),
        form: Form::Section,
        tact: Tact::Say,
    }
}

fn still_so(on: Date, asked: Timestamp) -> Statement {
    Statement {
        code: codes::PRECAUTIONS_STILL_SO,
        parameters: vec![("asked_time", Value::Time(asked))],
        basis: Basis::LastAnswer(on),
        form: Form::Section,
        tact: Tact::Say,
    }
}
