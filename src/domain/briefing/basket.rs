//! The basket, checked: what must not be served comes before everything else.

use super::{
    codes,
    statement::{Basis, Form, InLine, Statement, Tact, Value},
};
use crate::domain::{
    gate::{Finding, Gate, LineCheck, LineState, ToldBy},
    kernel::id::PartId,
    moment::question::Question,
    parts::{
        basket::{BasketLine, Seat},
        precaution::Precaution,
    },
};

/// A line of the basket, for programs.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLine {
    /// Its index in the basket.
    pub line: usize,
    /// `None`: there was nothing to check it against.
    pub state: Option<LineState>,
    pub findings: Vec<LineFinding>,
}

/// What one precaution finds in a line, for programs.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFinding {
    /// `None`: it is not told whose precaution it is.
    pub precaution: Option<PartId>,
    pub precaution_code: String,
    /// Empty: the precaution's code is not understood.
    pub substance: String,
    pub told_by: Option<ToldBy>,
    pub state: LineState,
}

/// What was found in a basket.
pub(super) struct Checked {
    pub lines: Vec<CheckedLine>,
    /// For the beginning of `respect`: conflicts, then lines that may contain something, then what the kitchen may carry over, then
    /// what is not declared.
    pub statements: Vec<Statement>,
    /// For the headline: all conflicts as one line.
    pub conflicts: Option<Statement>,
    /// For the headline of a basket: what the whole kitchen may carry over.
    pub kitchen: Option<Statement>,
    /// For the headline, after what is more urgent: lines of which nobody knows what they contain.
    pub undeclared: Option<Statement>,
}

/// The lines of a question, before they are checked.
pub(super) fn unchecked(question: &Question<'_>) -> Vec<CheckedLine> {
    let unchecked = |line| CheckedLine { line, state: None, findings: Vec::new() };
    (0..question.lines.len()).map(unchecked).collect()
}

/// Checks the lines of a question. `seat`: where those sit whose precautions these are. `tells_id`: they are all of one customer.
pub(super) fn check(gate: &Gate<'_>, question: &Question<'_>, seat: Seat<'_>, tells_id: bool) -> Checked {
    let kitchen = carried_over(gate);
    let mut checked = Checked {
        lines: unchecked(question),
        statements: Vec::new(),
        conflicts: None,
        kitchen: None,
        undeclared: None,
    };
    let mut checks = gate.check(question.lines, seat);
    if checks.is_empty() {
        checked.statements.extend(kitchen);
        return checked;
    }
    checked.kitchen = kitchen.clone().map(|statement| Statement { form: Form::Headline, ..statement });
    for check in &checks {
        let findings = check.findings.iter().map(|found| finding(found, tells_id)).collect();
        checked.lines[check.index] = CheckedLine { line: check.index, state: Some(check.state), findings };
    }
    let undeclared: Vec<usize> =
        checks.iter().filter(|check| check.state == LineState::NotDeclared).map(|check| check.index).collect();
    checks.retain(|check| check.state >= LineState::MayContain);
    // The worst first, of these what is dangerous, and in the order of the basket.
    checks.sort_by_cached_key(|check| std::cmp::Reverse((check.state, danger(check))));
    let shown: Vec<String> = question.lines.iter().map(BasketLine::shown).collect();
    let item = |index: usize| shown[index].as_str();
    checked.statements = checks.iter().map(|check| against(check, item(check.index), tells_id)).collect();
    let conflicts = || checks.iter().filter(|check| check.state == LineState::Conflict);
    // One that is acted on without a word makes the whole line such.
    let is_quiet = conflicts().any(|check| worst(check).all(|one| one.is_never_mentioned));
    let told: Vec<(String, String)> =
        conflicts().map(|check| (item(check.index).to_owned(), substance(check).to_owned())).collect();
    checked.conflicts = (!told.is_empty()).then(|| all_conflicts(told, is_quiet));
    checked.statements.extend(kitchen);
    if let [first, ..] = undeclared[..] {
        let statement = not_declared(undeclared.len(), item(first));
        checked.undeclared = Some(Statement { form: Form::Headline, ..statement.clone() });
        checked.statements.push(statement);
    }
    checked
}

/// What the kitchen may carry over to everything that it makes: told once, not line by line.
fn carried_over(gate: &Gate<'_>) -> Option<Statement> {
    let found: Vec<InLine> = gate.kitchen().map(|(precaution, substance)| in_line(precaution, substance)).collect();
    let first = found.first()?.substance.clone();
    Some(Statement {
        code: codes::KITCHEN_MAY_CONTAIN,
        parameters: vec![("substance", Value::Text(first))],
        basis: Basis::InLine(found),
        form: Form::Section,
        tact: Tact::Say,
    })
}

fn in_line(precaution: &Precaution, substance: &str) -> InLine {
    let reported = &precaution.reported;
    InLine {
        kind: reported.kind,
        code: reported.code.clone(),
        of_whom: reported.of_whom.clone(),
        criticality: reported.criticality,
        substance: substance.to_owned(),
    }
}

fn finding(found: &Finding<'_>, tells_id: bool) -> LineFinding {
    LineFinding {
        precaution: tells_id.then_some(found.precaution.id),
        precaution_code: found.precaution.reported.code.clone(),
        substance: found.substance.to_owned(),
        told_by: (!found.substance.is_empty()).then_some(found.told_by),
        state: found.state,
    }
}

/// The findings that make a line as bad as it is.
fn worst<'c, 'g>(check: &'c LineCheck<'g>) -> impl Iterator<Item = &'c Finding<'g>> {
    check.findings.iter().filter(|found| found.state == check.state)
}

/// How dangerous what makes a line so bad is, the worst last: in the order of precautions, but for the ids.
fn danger(check: &LineCheck<'_>) -> Option<impl Ord + use<>> {
    let rank = |found: &Finding<'_>| {
        let (is_harmless, kind, is_unknown, severity, _) = found.precaution.rank();
        std::cmp::Reverse((is_harmless, kind, is_unknown, severity))
    };
    worst(check).map(rank).max()
}

fn substance<'g>(check: &LineCheck<'g>) -> &'g str {
    worst(check).next().map_or("", |found| found.substance)
}

fn told_by(found: &Finding<'_>) -> &'static str {
    match found.told_by {
        ToldBy::Declared => "DECLARED",
        ToldBy::Name => "NAME",
    }
}

/// "Do not serve Peanut butter cup: by its name it contains peanuts."
fn against(check: &LineCheck<'_>, item: &str, tells_id: bool) -> Statement {
    let mut parameters = vec![
        ("line", Value::Number(i64::try_from(check.index).unwrap_or(i64::MAX))),
        ("item", Value::Text(item.to_owned())),
    ];
    if let Some(found) = worst(check).next() {
        parameters.extend([
            ("substance", Value::Text(found.substance.to_owned())),
            ("told_by", Value::Text(told_by(found).to_owned())),
        ]);
        if found.is_trace {
            parameters.push(("may_contain", Value::Number(1)));
        }
        if !found.is_never_mentioned {
            parameters.push(("code", Value::Text(found.precaution.reported.code.clone())));
        }
        if tells_id {
            parameters.push(("precaution_id", Value::Text(found.precaution.id.with_letter('p'))));
        }
    }
    // What is never mentioned is not named as the reason either.
    let told = worst(check).filter(|one| !one.is_never_mentioned);
    let found: Vec<InLine> = told.map(|one| in_line(one.precaution, one.substance)).collect();
    Statement {
        code: if check.state == LineState::Conflict { codes::BASKET_CONFLICT } else { codes::BASKET_MAY_CONTAIN },
        parameters,
        tact: if found.is_empty() { Tact::ActQuietly } else { Tact::Say },
        basis: Basis::InLine(found),
        form: Form::Section,
    }
}

fn all_conflicts(conflicts: Vec<(String, String)>, is_quiet: bool) -> Statement {
    let (item, substance) = conflicts.first().cloned().unwrap_or_default();
    Statement {
        code: codes::BASKET_CONFLICT,
        parameters: vec![
            ("item", Value::Text(item)),
            ("substance", Value::Text(substance)),
            ("lines", Value::Number(i64::try_from(conflicts.len()).unwrap_or(i64::MAX))),
        ],
        basis: Basis::Conflicts(conflicts),
        form: Form::Headline,
        tact: if is_quiet { Tact::ActQuietly } else { Tact::Say },
    }
}

fn not_declared(lines: usize, first: &str) -> Statement {
    Statement {
        code: codes::BASKET_NOT_DECLARED,
        parameters: vec![
            ("lines", Value::Number(i64::try_from(lines).unwrap_or(i64::MAX))),
            ("item", Value::Text(first.to_owned())),
        ],
        basis: Basis::NobodyDeclared,
        form: Form::Section,
        tact: Tact::Say,
    }
}
