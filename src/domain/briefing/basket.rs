//! The basket, checked: what must not be served comes before everything else.

use super::{
    codes::{self, Code},
    folded::{Folded, Part, count, folded, in_line, in_lines, push_name},
    open::{all_that_is_open, ask},
    statement::{Basis, Form, InLine, LineName, Statement, Tact, Value},
};
use crate::domain::{
    gate::{Finding, Gate, LineCheck, LineState, ToldBy},
    insight::substances,
    kernel::id::PartId,
    moment::question::Question,
    parts::{
        basket::Seat,
        precaution::{Criticality, Precaution},
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

/// One substance that a precaution finds in a line, or what is to be asked for it; for programs.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFinding {
    /// `None`: it is not told whose precaution it is.
    pub precaution: Option<PartId>,
    pub precaution_code: String,
    /// Empty: the precaution's code is not understood.
    pub substance: String,
    pub told_by: Option<ToldBy>,
    pub state: LineState,
    /// No precaution speaks against it, but their age.
    pub too_young: bool,
}

/// What was found in a basket.
pub(super) struct Checked {
    pub lines: Vec<CheckedLine>,
    /// For the beginning of `respect`: conflicts, then lines that may contain something, then what the kitchen may carry over, then
    /// what is not declared, then what is to be asked about declared lines.
    pub statements: Vec<Statement>,
    /// For the headline: all conflicts that are said as one line, and after it all that staff act on without a word.
    pub conflicts: Vec<Statement>,
    /// For the headline: the same of lines that may contain what they bear badly.
    pub traces: Vec<Statement>,
    /// One of them may contain what an intolerance is about that nobody called mild.
    pub traces_are_dangerous: bool,
    /// For the headline of a basket: what the whole kitchen may carry over.
    pub kitchen: Vec<Statement>,
    /// For the headline, after what is more urgent: what is to be asked about lines, those that are not declared among them.
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
        conflicts: Vec::new(),
        traces: Vec::new(),
        traces_are_dangerous: false,
        kitchen: Vec::new(),
        undeclared: None,
    };
    let checks = gate.check(question.lines, seat);
    if checks.is_empty() {
        checked.statements.extend(kitchen);
        return checked;
    }
    checked.kitchen =
        kitchen.iter().cloned().map(|statement| Statement { form: Form::Headline, ..statement }).collect();
    for check in &checks {
        checked.lines[check.index] = for_programs(check, tells_id);
    }
    let lines = folded(&checks, question);
    let name = |line: &Folded<'_, '_>| line.name(question);
    // Told apart before the worst are sorted, so in the order of the basket.
    let is_asked = |line: &&Folded<'_, '_>| line.check.is_declared && line.check.state == LineState::NotDeclared;
    let asked: Vec<&Folded<'_, '_>> = lines.iter().filter(is_asked).collect();
    // What speaks against it for one of them says nothing of what another must not have.
    let undeclared: Vec<&Folded<'_, '_>> = lines.iter().filter(|line| line.check.is_unknown).collect();
    let mut against_it: Vec<Part<'_, '_>> = lines.iter().flat_map(Part::warnings).collect();
    // The worst first, of these what is dangerous, and in the order of the basket.
    let mut dangers = Vec::new();
    against_it.sort_by_cached_key(|part| std::cmp::Reverse((part.state, danger(*part, &mut dangers))));
    // What is said, and what is not.
    let mut conflicts: [ToldLines; 2] = Default::default();
    let mut traces: [ToldLines; 2] = Default::default();
    for part in against_it {
        let name = name(part.line);
        let is_quiet = usize::from(part.is_quiet == Some(true));
        if part.state == LineState::Conflict {
            conflicts[is_quiet].push(part, name.clone());
        } else {
            traces[is_quiet].push(part, name.clone());
            let is_danger = |found: &Finding<'_>| {
                found.precaution.is_some_and(|precaution| precaution.reported.danger() != Criticality::Low)
            };
            checked.traces_are_dangerous |= part.findings().any(is_danger);
        }
        checked.statements.push(against(part, name, tells_id));
    }
    let short = |code, [said, quiet]: [ToldLines; 2]| {
        of_lines(code, said, Tact::Say).into_iter().chain(of_lines(code, quiet, Tact::ActQuietly)).collect()
    };
    checked.conflicts = short(codes::BASKET_CONFLICT, conflicts);
    checked.traces = short(codes::BASKET_MAY_CONTAIN, traces);
    checked.statements.extend(kitchen);
    let (open, short) = all_that_is_open(&asked, &undeclared, &name);
    checked.statements.extend(open);
    checked.undeclared = short;
    // What a plate that is made anew must be asked about too.
    let warned = lines.iter().filter(|line| line.check.state > LineState::NotDeclared);
    let questions = warned.flat_map(Part::questions);
    checked.statements.extend(questions.map(|part| ask(part, part.line, name(part.line), part.line.lines)));
    checked
}

/// What the kitchen may carry over to everything that it makes: told once, not line by line. What staff act on without a word is told apart.
fn carried_over(gate: &Gate<'_>) -> Vec<Statement> {
    let in_kitchen = |(precaution, substance): (&Precaution, &str)| InLine {
        is_trace: true,
        is_quiet: precaution.reported.is_never_mentioned(),
        ..in_line(precaution, substance)
    };
    let found = gate.kitchen().into_iter().map(in_kitchen);
    let (quiet, said): (Vec<InLine>, Vec<InLine>) = found.partition(|found| found.is_quiet);
    let statement = |(found, tact): (Vec<InLine>, Tact)| {
        let first = found.first()?.substance.clone();
        Some(Statement {
            code: codes::KITCHEN_MAY_CONTAIN,
            parameters: vec![("substance", Value::Text(first))],
            basis: Basis::InLine(found),
            form: Form::Section,
            tact,
        })
    };
    [(said, Tact::Say), (quiet, Tact::ActQuietly)].into_iter().filter_map(statement).collect()
}

/// A line that was checked, with what was found in it, and with whose precautions nobody knows of.
fn for_programs(check: &LineCheck<'_>, tells_id: bool) -> CheckedLine {
    let mut findings: Vec<LineFinding> = check.findings.iter().map(|found| finding(found, tells_id)).collect();
    findings.extend(check.unknown_to.iter().map(|(precaution, substance)| LineFinding {
        precaution: tells_id.then_some(precaution.id),
        precaution_code: precaution.reported.code.clone(),
        substance: (*substance).to_owned(),
        told_by: None,
        state: LineState::NotDeclared,
        too_young: false,
    }));
    CheckedLine { line: check.index, state: Some(check.state), findings }
}

fn finding(found: &Finding<'_>, tells_id: bool) -> LineFinding {
    LineFinding {
        precaution: found.precaution.filter(|_| tells_id).map(|known| known.id),
        precaution_code: found.precaution.map(|known| known.reported.code.clone()).unwrap_or_default(),
        substance: found.substance.to_owned(),
        told_by: (!found.substance.is_empty()).then_some(found.told_by),
        state: found.state,
        too_young: found.precaution.is_none(),
    }
}

/// How dangerous a precaution is: harmless, its kind, what is known of both, the most dangerous first.
type Danger = (bool, u8, bool, u8);

/// How dangerous what makes a line so bad is, the worst last: in the order of precautions, but for the ids. `known`: of those that were met.
fn danger(part: Part<'_, '_>, known: &mut Vec<(*const Precaution, Danger)>) -> Option<std::cmp::Reverse<Danger>> {
    let rank = |found: &Finding<'_>| {
        let precaution = found.precaution?;
        let at = std::ptr::from_ref(precaution);
        if let Some((_, danger)) = known.iter().find(|(other, _)| *other == at) {
            return Some(std::cmp::Reverse(*danger));
        }
        let (is_harmless, kind, criticality, severity, ..) = precaution.rank();
        let danger = (is_harmless, kind, criticality, severity);
        known.push((at, danger));
        Some(std::cmp::Reverse(danger))
    };
    part.findings().filter_map(rank).max()
}

fn told_by(found: &Finding<'_>) -> &'static str {
    match found.told_by {
        ToldBy::Declared => "DECLARED",
        ToldBy::Name => "NAME",
        ToldBy::Related => "RELATED",
    }
}

/// The parameter that says that they are too young for it; in place of a substance, what is told of the line.
const TOO_YOUNG: &str = "too_young";

/// The parameter that says that nothing but meat and milk on one plate is wrong; in place of a substance, what is told of the line.
const TOGETHER: &str = "meat_with_milk";

/// Whether a substance is wrong only beside another on the plate, as milk is beside meat for who keeps kosher.
fn is_together(part: Part<'_, '_>, found: &Finding<'_>) -> bool {
    let Some(precaution) = found.precaution else { return false };
    let of_diet = substances::forbidden_by(&precaution.reported.code);
    if !of_diet.keeps_apart() {
        return false;
    }
    let own = part.findings().filter(|other| other.precaution.is_some_and(|of| of.id == precaution.id));
    let held = own.fold(0, |set, one| set | substances::of_content(one.substance));
    of_diet.together(held) & substances::of_content(found.substance) != 0
}

/// Which precaution a finding is of, for programs. What is never mentioned is not named as the reason.
fn push_precaution(parameters: &mut Vec<(&'static str, Value)>, found: &Finding<'_>, tells_id: bool) {
    let Some(precaution) = found.precaution else { return };
    if !found.is_never_mentioned {
        parameters.push(("code", Value::Text(precaution.reported.code.clone())));
    }
    if tells_id {
        parameters.push(("precaution_id", Value::Text(precaution.id.with_letter('p'))));
    }
}

/// "Seat 3: do not serve Peanut butter cup: by its name it contains peanuts."
fn against(part: Part<'_, '_>, name: LineName, tells_id: bool) -> Statement {
    let mut parameters = vec![("line", count(part.line.check.index))];
    push_name(&mut parameters, name);
    part.line.push_times(&mut parameters);
    if let Some(found) = part.findings().next() {
        if !found.substance.is_empty() {
            parameters.extend([
                ("substance", Value::Text(found.substance.to_owned())),
                ("told_by", Value::Text(told_by(found).to_owned())),
            ]);
        }
        if !found.related.is_empty() {
            parameters.push(("related", Value::Text(found.related.to_owned())));
        }
        if found.is_trace {
            parameters.push(("may_contain", Value::Number(1)));
        }
        push_precaution(&mut parameters, found, tells_id);
    }
    if part.state < part.line.check.state {
        parameters.push(("also", Value::Number(1)));
    }
    if part.findings().any(|found| found.precaution.is_none()) {
        parameters.push((TOO_YOUNG, Value::Number(1)));
    }
    if part.findings().all(|found| is_together(part, found)) {
        parameters.push((TOGETHER, Value::Number(1)));
    }
    Statement {
        code: if part.state == LineState::Conflict { codes::BASKET_CONFLICT } else { codes::BASKET_MAY_CONTAIN },
        parameters,
        tact: if part.is_quiet == Some(true) { Tact::ActQuietly } else { Tact::Say },
        basis: Basis::InLine(in_lines(part.findings())),
        form: Form::Section,
    }
}

/// Lines of one kind, each with a substance, for the headline.
#[derive(Default)]
struct ToldLines {
    told: Vec<(LineName, String)>,
    /// The substance of the first, as a code; empty: it is only known that they are too young.
    substance: String,
    /// For how many of them they are too young.
    too_young: usize,
    /// Equal lines are told once.
    lines: usize,
}

impl ToldLines {
    fn push(&mut self, part: Part<'_, '_>, name: LineName) {
        let first = part.findings().next();
        let substance = first.map_or("", |found| found.substance);
        let is_too_young = first.is_some_and(|found| found.precaution.is_none());
        let told = match (is_too_young, substance) {
            (true, "") => TOO_YOUNG.to_owned(),
            (true, substance) => [substance, ": ", TOO_YOUNG].concat(),
            (false, _) if first.is_some_and(|found| is_together(part, found)) => TOGETHER.to_owned(),
            (false, substance) => substance.to_owned(),
        };
        if self.told.is_empty() {
            substance.clone_into(&mut self.substance);
        }
        self.too_young += usize::from(is_too_young);
        self.told.push((name, told));
        self.lines += part.line.lines;
    }
}

/// All lines of a kind, for the headline. `None`: there are none.
fn of_lines(code: Code, all: ToldLines, tact: Tact) -> Option<Statement> {
    let ToldLines { told, substance, too_young, lines } = all;
    let (name, _) = told.first().cloned()?;
    let mut parameters = Vec::new();
    push_name(&mut parameters, name);
    if too_young == told.len() {
        parameters.push((TOO_YOUNG, Value::Number(1)));
    }
    parameters.extend((!substance.is_empty()).then_some(("substance", Value::Text(substance))));
    parameters.push(("lines", count(lines)));
    Some(Statement { code, parameters, basis: Basis::Lines(told), form: Form::Headline, tact })
}
