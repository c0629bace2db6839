//! Delight: wishes and personal touches.

use super::{
    codes, respect,
    statement::{Statement, Tact, Value},
};
use crate::domain::{
    insight::near::Near,
    kernel::words,
    moment::{Moment, phrases},
    parts::{consent::Part, ledger::ExpectationLevel, occasion::OccasionKind, preference::Stance},
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
    let kind = warning.kind;
    let (expectation, text) = match warning.expectation {
        ExpectationLevel::Generic => ("GENERIC", "They take it for granted, as part of the service"),
        _ => ("EXPECTED", "They count on it"),
    };
    let times = words::counted(warning.times as u64, "time");
    Statement {
        code: codes::EXPECTED_GESTURE,
        parameters: vec![
            ("gesture_type_id", Value::Text(kind.id.as_str().to_owned())),
            ("expectation", Value::Text(expectation.to_owned())),
            ("times", Value::Number(i64::try_from(warning.times).unwrap_or(i64::MAX))),
            ("last", Value::Time(warning.last)),
        ],
        text: [text, ": ", &kind.display_name, "."].concat(),
        reason: ["Given ", &times, " lately, the last on ", &moment.day_of(warning.last), ", and not yet today."]
            .concat(),
        tact: Tact::ActQuietly,
    }
}

/// What might be given. Whether there is money and authority for it is asked when it is given: that depends on who gives.
fn suggestion(moment: &Moment<'_>) -> Option<Statement> {
    let (kind, reason) = merit::top(moment)?;
    Some(Statement {
        code: codes::GESTURE_SUGGESTION,
        parameters: vec![("gesture_type_id", Value::Text(kind.id.as_str().to_owned()))],
        text: ["Consider giving: ", &kind.display_name, "."].concat(),
        reason: [&reason, ". Budget and authority are still to be asked for."].concat(),
        tact: Tact::ActQuietly,
    })
}

fn wish(moment: &Moment<'_>, near: &Near<'_>) -> Statement {
    let reported = &near.occasion.reported;
    let name = near.name();
    let text = match reported.kind {
        // To wish in advance is bad luck for many.
        _ if near.days > 0 => ["Prepare good wishes: ", &name, " ", &words::in_days(near.days), "."].concat(),
        _ if !reported.of_whom.is_empty() => format!("Send good wishes for the {name}."),
        // Nobody wants their age called across a lobby.
        OccasionKind::Birthday => format!("Wish a happy {}.", phrases::occasion(reported)),
        OccasionKind::Anniversary => format!("Wish a happy {name}."),
        OccasionKind::Other => format!("Give good wishes: {name}."),
    };
    Statement {
        code: codes::OCCASION_WISH,
        parameters: near.parameters(),
        text,
        reason: near.reason(moment),
        tact: Tact::Say,
    }
}

/// What they want first, ready before they ask.
fn touches(moment: &Moment<'_>) -> Vec<Statement> {
    let favourites = moment.believed().iter().filter(|(known, _)| known.stance == Stance::Favourite);
    let touches = favourites.take(TOUCHES_MAX).map(|&(known, confidence)| Statement {
        code: codes::FAVOURITE_TOUCH,
        parameters: vec![
            ("item", Value::Text(known.subject.item.clone())),
            ("category", Value::Text(known.subject.category.clone())),
            ("confidence", Value::Ratio(confidence)),
        ],
        text: ["Have ready before they ask: ", &known.subject.item, "."].concat(),
        reason: phrases::preference_reason(moment, known),
        tact: respect::preference_tact(known),
    });
    touches.collect()
}
