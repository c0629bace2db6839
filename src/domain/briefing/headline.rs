//! The headline: at most three short lines, the most urgent first.

use super::{
    acknowledge, asked,
    basket::Checked,
    codes, marks,
    recovery::{self, Owed},
    respect,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    items::Menu,
    moment::Moment,
    parts::{
        consent::Part,
        precaution::{Criticality, Precaution, PrecautionKind},
    },
};

/// Longest statement of the headline: a line of a till's display.
pub const HEADLINE_CHARS_MAX: usize = 60;
/// Statements of the headline.
pub const HEADLINE_MAX: usize = 3;

/// What a headline says besides what was found in the basket.
#[derive(Default)]
pub(super) struct Besides {
    /// That a manager is to be fetched.
    pub mark: Option<Statement>,
    /// The precautions in one line.
    pub precautions: Option<Statement>,
    /// The first promise or delivery to stop.
    pub stop: Option<Statement>,
    /// What to ask about precautions.
    pub ask: Option<Statement>,
}

/// In the order of every headline: what of the basket must not be served, marks, precautions, what of the basket may contain what an intolerance
/// that nobody called mild is about, what the whole kitchen may carry over (if a basket was checked), what to stop, what to ask about precautions,
/// lines of the basket that are not declared, other lines that may contain something. Where traces are as bad as the substance, the
/// state is `Conflict`.
pub(super) fn in_order(checked: Checked, besides: Besides) -> impl Iterator<Item = Statement> {
    let Besides { mark, precautions, stop, ask } = besides;
    let Checked { conflicts, traces, kitchen, undeclared, .. } = checked;
    let (traces, mild_traces) = if checked.traces_are_dangerous { (traces, Vec::new()) } else { (Vec::new(), traces) };
    let one = |statement: Option<Statement>| statement.into_iter().collect();
    let all = [
        conflicts,
        one(mark.map(short)),
        one(precautions),
        traces,
        kitchen,
        one(stop.map(short)),
        one(ask.map(short)),
        one(undeclared),
        mild_traces,
    ];
    all.into_iter().flatten()
}

/// The first [`HEADLINE_MAX`] that there are: [`in_order`], then what is unresolved or overdue, the name with an occasion.
pub(super) fn known(moment: &Moment<'_>, owed: &Owed<'_>, checked: Checked) -> Vec<Statement> {
    let mut besides = Besides::default();
    if moment.may_see(Part::Precautions) {
        besides.mark = marks::of_customer(moment).into_iter().next();
        besides.precautions = precaution(&moment.precautions, moment.question.menu, true);
        besides.ask = asked::question(moment);
    }
    let may_see_owed = moment.may_see(Part::Recovery) && !moment.profile.is_deceased();
    if may_see_owed {
        let mut stops = recovery::to_stop(moment, owed);
        besides.stop = stops.next().map(|first| counted(first, stops.count()));
    }
    let mut headline = Vec::with_capacity(HEADLINE_MAX);
    headline.extend(in_order(checked, besides));
    if may_see_owed {
        headline.extend(recovery::headline(moment, owed).map(short));
    }
    headline.extend(name_with_occasion(moment));
    headline.truncate(HEADLINE_MAX);
    headline
}

/// The most dangerous precaution that may be mentioned, else the first of all; and how many more there are. `None`: there are
/// none. What is never mentioned (a topic, a pregnancy) is only hinted at, as a topic. `active`: the most dangerous first.
/// `tells_id`: they are all of one customer.
pub(super) fn precaution(active: &[&Precaution], menu: &Menu, tells_id: bool) -> Option<Statement> {
    let said = active.iter().find(|known| !known.reported.is_never_mentioned());
    // A display faces the customer at times: not even the topic's code.
    let is_hidden = said.is_none();
    let first = said.or(active.first())?;
    let mut parameters = if is_hidden { Vec::new() } else { respect::parameters(first, menu) };
    if tells_id {
        parameters.push(("precaution_id", Value::Text(first.id.with_letter('p'))));
    }
    let more = active.len() - 1;
    let statement = Statement {
        code: if is_hidden { codes::PRECAUTION_TOPIC } else { respect::code(first.reported.told_as()) },
        parameters,
        basis: life_threatening(active).unwrap_or(Basis::MostCritical { more }),
        form: Form::Headline,
        tact: if is_hidden { Tact::NeverMention } else { Tact::Say },
    };
    Some(counted(statement, more))
}

/// Several allergies and intolerances that are life-threatening, or must be taken for it, share a line. `None`: there are not
/// several.
fn life_threatening(active: &[&Precaution]) -> Option<Basis> {
    let is_food =
        |known: &Precaution| matches!(known.reported.worst(), PrecautionKind::Allergy | PrecautionKind::Intolerance);
    let is_said = |known: &Precaution| is_food(known) && !known.reported.is_never_mentioned();
    let is_bad = |known: &&&Precaution| known.reported.danger() != Criticality::Low && is_said(known);
    let bad: Vec<&Precaution> = active.iter().filter(is_bad).copied().collect();
    if bad.len() < 2 {
        return None;
    }
    let mut of: Vec<(String, String, String)> = Vec::new();
    for known in &bad {
        let code = &known.reported.code;
        let (text, of_whom) = (known.reported.told_text(), known.reported.told_whom());
        // An allergy or intolerance with the same code and words is named once, no matter who has it and which of the two it is: the first is
        // the customer's own, if it is theirs too and as bad.
        if !of.iter().any(|(known, words, _)| known == code && *words == text) {
            of.push((code.clone(), text.into_owned(), of_whom.into_owned()));
        }
    }
    let surely = bad.iter().all(|known| known.reported.criticality == Criticality::High);
    Some(Basis::LifeThreatening { of, surely, all: active.len() })
}

/// "Ms Ferreira: 40th birthday today"; or the name alone, or the occasion alone.
fn name_with_occasion(moment: &Moment<'_>) -> Option<Statement> {
    let name = if moment.may_see(Part::Name) { acknowledge::name(moment.profile) } else { None };
    let occasion = if moment.may_see(Part::Occasions) { moment.near.first() } else { None };
    if name.is_none() && occasion.is_none() {
        return None;
    }
    let mut parameters = occasion.map(|near| near.parameters(moment)).unwrap_or_default();
    parameters.extend(name.map(|name| ("name", Value::Text(name.to_owned()))));
    Some(Statement {
        code: match occasion {
            Some(near) if near.days == 0 => codes::OCCASION_TODAY,
            Some(_) => codes::OCCASION_SOON,
            None => codes::NAME,
        },
        parameters,
        basis: occasion.map_or(Basis::NameOnRecord, |near| near.basis(moment)),
        form: Form::Headline,
        tact: Tact::Say,
    })
}

/// The first of several, with how many more there are.
fn counted(mut first: Statement, more: usize) -> Statement {
    if more > 0 {
        first.parameters.push(("more", Value::Number(i64::try_from(more).unwrap_or(i64::MAX))));
    }
    first
}

/// A statement with the room of a headline.
pub(super) fn short(statement: Statement) -> Statement {
    Statement { form: Form::Headline, ..statement }
}
