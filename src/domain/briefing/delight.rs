//! Delight: wishes and personal touches.

use super::{Moment, Statement, Tact, Value, codes, occasions, respect};
use crate::domain::{consent::Part, occasion::OccasionKind, preference::Stance};

/// Touches in one briefing: one is enough to be remembered, a second is there if the first is sold out.
const TOUCHES_MAX: usize = 2;

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    if moment.may_see(Part::Occasions) {
        statements.extend(moment.near.iter().map(|near| wish(moment, near)));
    }
    statements.extend(touches(moment));
    statements
}

fn wish(moment: &Moment<'_>, near: &occasions::Near<'_>) -> Statement {
    let reported = &near.occasion.reported;
    let greeting = match reported.kind {
        OccasionKind::Birthday | OccasionKind::Anniversary => "Wish a happy",
        OccasionKind::Other => "Give your good wishes:",
    };
    let when = if near.days == 0 { String::new() } else { format!(" in advance, it is on {}", near.next.date) };
    Statement {
        code: codes::OCCASION_WISH,
        parameters: near.parameters(),
        text: format!("{greeting} {}{when}.", near.name()),
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
        text: format!("Have {} ready before they ask.", known.subject.item),
        reason: respect::preference_reason(moment, known),
        tact: respect::preference_tact(known),
    });
    touches.collect()
}
