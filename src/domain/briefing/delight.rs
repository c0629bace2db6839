//! Delight: wishes and personal touches.

use super::{
    codes, respect,
    statement::{Basis, Because, Form, Statement, Tact, Value},
};
use crate::domain::{
    gate::Cleared,
    insight::near::Near,
    moment::Moment,
    parts::{
        consent::Part,
        ledger::ExpectationLevel,
        preference::{Preference, Stance},
    },
    suitability::{merit, missed},
};

/// Touches in one briefing: one is enough to be remembered, a second is there if the first is sold out.
const TOUCHES_MAX: usize = 2;

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    if moment.may_see(Part::Occasions) {
        statements.extend(moment.near.iter().map(|near| wish(moment, near)));
    }
    // While something is unresolved a personal touch would mock; what makes good is suggested all the same.
    if !moment.is_unresolved {
        statements.extend(touches(moment));
    }
    if moment.may_see(Part::Gestures) {
        statements.extend(missed::warnings(moment).into_iter().map(|warning| counted_on(moment, &warning)));
        statements.extend(suggestion(moment));
    }
    statements
}

/// What they would miss.
fn counted_on(moment: &Moment<'_>, warning: &missed::Warning<'_>) -> Statement {
    let kind = warning.kind.get();
    let expectation = if warning.expectation == ExpectationLevel::Generic { "GENERIC" } else { "EXPECTED" };
    let mut parameters = vec![
        ("gesture_type_id", Value::Text(kind.id.as_str().to_owned())),
        ("expectation", Value::Text(expectation.to_owned())),
        ("times", Value::Number(i64::try_from(warning.times).unwrap_or(i64::MAX))),
        ("last", Value::Time(warning.last)),
    ];
    respect::tell_clearance(warning.kind.clearance(), &mut parameters);
    Statement {
        code: codes::EXPECTED_GESTURE,
        parameters,
        basis: Basis::Given { name: warning.kind.name(), last: moment.date_of(warning.last) },
        form: Form::Section,
        tact: Tact::ActQuietly,
    }
}

/// What might be given. Whether there is money and authority for it is asked when it is given: that depends on who gives.
fn suggestion(moment: &Moment<'_>) -> Option<Statement> {
    let (kind, merit) = merit::top(moment)?;
    let mut parameters = vec![("gesture_type_id", Value::Text(kind.get().id.as_str().to_owned()))];
    respect::tell_clearance(kind.clearance(), &mut parameters);
    Some(Statement {
        code: codes::GESTURE_SUGGESTION,
        parameters,
        basis: Basis::Suggested { name: kind.name(), because: because(moment, &merit) },
        form: Form::Section,
        tact: Tact::ActQuietly,
    })
}

/// What speaks most for a gesture; the briefing's other sections tell the rest.
fn because<'a>(moment: &Moment<'a>, merit: &merit::Merit<'_, 'a>) -> Because {
    if let Some(issue) = merit.makes_good {
        Because::MakesGood(issue.reported.cause.clone())
    } else if let Some(near) = merit.occasion {
        let reported = &near.occasion.reported;
        let (label, of_whom) = (moment.label_of(near.occasion).to_owned(), reported.of_whom.clone());
        Because::Occasion { kind: reported.kind, label, of_whom }
    } else {
        merit.taste.map_or(Because::Fresh, |known| Because::Taste(known.name()))
    }
}

fn wish<'a>(moment: &Moment<'a>, near: &Near<'a>) -> Statement {
    Statement {
        code: codes::OCCASION_WISH,
        parameters: near.parameters(moment),
        basis: near.basis(moment),
        form: Form::Section,
        tact: Tact::Say,
    }
}

/// What they want first, ready before they ask.
fn touches(moment: &Moment<'_>) -> Vec<Statement> {
    let favourites = moment.believed().iter().filter(|(known, _)| known.get().stance == Stance::Favourite);
    // With its situation: "with oat milk" is what they drink it with.
    let touch = |(known, confidence): &(Cleared<&Preference>, f64)| {
        respect::liked(moment, codes::FAVOURITE_TOUCH, known, *confidence)
    };
    favourites.take(TOUCHES_MAX).map(touch).collect()
}
