//! Delight: wishes and personal touches.

use super::{Moment, Statement, Tact, Value, codes, occasions, respect, words};
use crate::domain::{consent::Part, occasion::OccasionKind, preference::Stance};

/// Touches in one briefing: one is enough to be remembered, a second is there if the first is sold out.
const TOUCHES_MAX: usize = 2;

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    if moment.may_see(Part::Occasions) {
        statements.extend(moment.near.iter().map(|near| wish(moment, near)));
    }
    if !moment.is_unresolved {
        statements.extend(touches(moment));
    }
    statements
}

fn wish(moment: &Moment<'_>, near: &occasions::Near<'_>) -> Statement {
    let reported = &near.occasion.reported;
    let name = near.name();
    let text = match reported.kind {
        // To wish in advance is bad luck for many.
        _ if near.days > 0 => format!("Prepare good wishes: {name} {}.", words::in_days(near.days)),
        _ if !reported.of_whom.is_empty() => format!("Send good wishes for the {name}."),
        // Nobody wants their age called across a lobby.
        OccasionKind::Birthday => format!("Wish a happy {}.", occasions::name_of(reported)),
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
        text: format!("Have ready before they ask: {}.", known.subject.item),
        reason: respect::preference_reason(moment, known),
        tact: respect::preference_tact(known),
    });
    touches.collect()
}
