//! The headline: at most three short lines, the precaution first.

use super::{
    acknowledge, codes, recovery, respect,
    statement::{Statement, Tact},
};
use crate::domain::{
    insight::near::Near,
    kernel::words,
    moment::{Moment, phrases},
    parts::{
        consent::Part,
        precaution::{Precaution, PrecautionKind, PrecautionState},
    },
};

/// Longest statement of the headline: a line of a till's display.
pub const HEADLINE_CHARS_MAX: usize = 60;
/// Statements of the headline.
pub const HEADLINE_MAX: usize = 3;

pub(super) fn known(moment: &Moment<'_>) -> Vec<Statement> {
    let mut headline = Vec::with_capacity(HEADLINE_MAX);
    if moment.may_see(Part::Precautions) {
        headline.extend(precaution(&moment.profile.active_precautions()));
        if moment.profile.precaution_state() == PrecautionState::NotAsked {
            headline.push(ask_precautions());
        }
    }
    if moment.may_see(Part::Recovery) {
        headline.extend(recovery::headline(moment).map(|one| short(&one)));
    }
    headline.extend(name_with_occasion(moment));
    headline.truncate(HEADLINE_MAX);
    headline
}

/// The most critical of precautions in order, and how many there are besides. A display faces the customer at times: a
/// topic is only hinted at.
pub(super) fn precaution(active: &[&Precaution]) -> Option<Statement> {
    let first = active.iter().find(|known| known.reported.kind != PrecautionKind::Topic).or(active.first())?;
    let title = if first.reported.kind == PrecautionKind::Topic {
        "A topic not to mention: see the briefing".to_owned()
    } else {
        phrases::precaution(first)
    };
    let more = match active.len() - 1 {
        0 => String::new(),
        more => format!(" +{more} more"),
    };
    let room = HEADLINE_CHARS_MAX - more.len();
    Some(Statement {
        code: respect::code(first.reported.kind),
        parameters: Vec::new(),
        text: words::cut(&title, room) + &more,
        reason: "The most critical precaution.".to_owned(),
        tact: respect::tact(first.reported.kind),
    })
}

pub(super) fn ask_precautions() -> Statement {
    Statement {
        text: "Ask about allergies and diets.".to_owned(),
        ..respect::not_asked("Nobody has asked this customer yet.")
    }
}

/// "Ms Ferreira: 40th birthday today".
fn name_with_occasion(moment: &Moment<'_>) -> Option<Statement> {
    let name = if moment.may_see(Part::Name) { acknowledge::name(moment.profile) } else { None };
    let occasion = if moment.may_see(Part::Occasions) { moment.near.first() } else { None };
    let text = match (name, occasion) {
        (None, None) => return None,
        (Some(name), None) => name.to_owned(),
        (None, Some(near)) => [&phrases::capital(near.name()), " ", &words::in_days(near.days)].concat(),
        (Some(name), Some(near)) => [name, ": ", &near.name(), " ", &words::in_days(near.days)].concat(),
    };
    Some(Statement {
        code: match occasion {
            Some(near) if near.days == 0 => codes::OCCASION_TODAY,
            Some(_) => codes::OCCASION_SOON,
            None => codes::NAME,
        },
        parameters: occasion.map(Near::parameters).unwrap_or_default(),
        text: words::cut(&text, HEADLINE_CHARS_MAX),
        reason: occasion.map_or_else(|| "The name on record.".to_owned(), |near| near.reason(moment)),
        tact: Tact::Say,
    })
}

/// A statement cut to the length of a headline.
pub(super) fn short(statement: &Statement) -> Statement {
    Statement { text: words::cut(&statement.text, HEADLINE_CHARS_MAX), ..statement.clone() }
}
