//! The basket, checked: what must not be served comes before everything else.

use super::{
    codes::{self, Code},
    folded::{Folded, folded},
    statement::{Asked, Basis, Form, InLine, LineName, NamedLines, Statement, Tact, Value},
};
use crate::domain::{
    gate::{Ask, Finding, Gate, LineState, ToldBy},
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
}

/// What was found in a basket.
pub(super) struct Checked {
    pub lines: Vec<CheckedLine>,
    /// For the beginning of `respect`: conflicts, then lines that may contain something, then what the kitchen may carry over, then
    /// what is not declared, then what is to be asked about declared lines.
    pub statements: Vec<Statement>,
    /// For the headline: all conflicts as one line.
    pub conflicts: Option<Statement>,
    /// For the headline: all lines that may contain what they bear badly.
    pub traces: Option<Statement>,
    /// One of them may contain what an intolerance is about that nobody called mild.
    pub traces_are_dangerous: bool,
    /// For the headline of a basket: what the whole kitchen may carry over.
    pub kitchen: Option<Statement>,
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
        conflicts: None,
        traces: None,
        traces_are_dangerous: false,
        kitchen: None,
        undeclared: None,
    };
    let checks = gate.check(question.lines, seat);
    if checks.is_empty() {
        checked.statements.extend(kitchen);
        return checked;
    }
    checked.kitchen = kitchen.clone().map(|statement| Statement { form: Form::Headline, ..statement });
    for check in &checks {
        let findings = check.findings.iter().map(|found| finding(found, tells_id)).collect();
        checked.lines[check.index] = CheckedLine { line: check.index, state: Some(check.state), findings };
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
    against_it.sort_by_cached_key(|part| std::cmp::Reverse((part.state, danger(*part))));
    let mut conflicts = ToldLines::default();
    let mut traces = ToldLines::default();
    let mut is_quiet = false;
    for part in against_it {
        let name = name(part.line);
        if part.state == LineState::Conflict {
            conflicts.push(part, name.clone());
            // One that is acted on without a word makes the whole line such.
            is_quiet |= part.is_quiet == Some(true);
        } else {
            traces.push(part, name.clone());
            let is_danger = |found: &Finding<'_>| found.precaution.reported.danger() != Criticality::Low;
            checked.traces_are_dangerous |= part.findings().any(is_danger);
        }
        checked.statements.push(against(part, name, tells_id));
    }
    checked.conflicts = of_lines(codes::BASKET_CONFLICT, conflicts, is_quiet);
    checked.traces = of_lines(codes::BASKET_MAY_CONTAIN, traces, false);
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

/// What is to be asked about declared lines, and what nobody has declared: as statements, and the first for the headline.
fn all_that_is_open(
    asked: &[&Folded<'_, '_>],
    undeclared: &[&Folded<'_, '_>],
    name: &impl Fn(&Folded<'_, '_>) -> LineName,
) -> (Vec<Statement>, Option<Statement>) {
    let count_of = |lines: &[&Folded<'_, '_>]| lines.iter().map(|line| line.lines).sum::<usize>();
    let (lines, not_declared_lines) = (count_of(asked) + count_of(undeclared), count_of(undeclared));
    let asks = asks(asked, undeclared, name);
    let not_declared = named(undeclared, name);
    let not_declared = (!undeclared.is_empty()).then(|| self::not_declared(not_declared_lines, not_declared));
    let others = (asked.len() + undeclared.len()).saturating_sub(1);
    let short = asks.first().or(not_declared.as_ref()).map(|first| for_headline(first, lines, others));
    let statements = match (asks.len(), not_declared) {
        (0, not_declared) => not_declared.into_iter().collect(),
        // What is asked about is what nobody has declared.
        (_, not_declared) if asked.is_empty() => not_declared.into_iter().chain(asks).collect(),
        (count, None) if count == 1 || asked.len() == 1 => asks.into_iter().map(as_all_that_is_open).collect(),
        (_, not_declared) => {
            let all = all_open(lines, &asks, not_declared, not_declared_lines);
            std::iter::once(all).chain(asks).collect()
        }
    };
    (statements, short)
}

/// The first of some lines by their names, and how many there are.
fn named(lines: &[&Folded<'_, '_>], name: &impl Fn(&Folded<'_, '_>) -> LineName) -> NamedLines {
    NamedLines { named: lines.iter().take(NamedLines::MAX).map(|line| name(line)).collect(), all: lines.len() }
}

/// A question that is the only one stands for all lines that are open.
fn as_all_that_is_open(ask: Statement) -> Statement {
    Statement { code: codes::BASKET_NOT_DECLARED, ..ask }
}

/// "Ask the kitchen about 4 lines: 2 are not declared: Soup, Salad." One statement counts all lines that are open; the questions follow.
fn all_open(lines: usize, asks: &[Statement], not_declared: Option<Statement>, undeclared: usize) -> Statement {
    let is_quiet = not_declared.is_none() && asks.iter().all(|ask| ask.tact == Tact::ActQuietly);
    let first = not_declared.or_else(|| asks.first().cloned());
    let (named, basis) = first.map(|first| (first.parameters, first.basis)).unzip();
    let is_of_line = |(name, _): &(&'static str, Value)| LINE_NAME.contains(name);
    let mut parameters = vec![("lines", count(lines)), ("undeclared", count(undeclared))];
    parameters.extend(named.into_iter().flatten().filter(is_of_line));
    let is_of_customer = |ask: &Statement| match &ask.basis {
        Basis::Asks { asks, .. } => asks.iter().any(|asked| asked.ask == Ask::Code),
        _ => false,
    };
    let named = if let Some(Basis::NobodyDeclared(named)) = basis { named } else { NamedLines::default() };
    let basis = Basis::Open(named, asks.iter().any(is_of_customer));
    Statement {
        code: codes::BASKET_NOT_DECLARED,
        parameters,
        basis,
        form: Form::Section,
        tact: if is_quiet { Tact::ActQuietly } else { Tact::Say },
    }
}

/// The first of what is to be asked, with the number of all lines that are open, and of how many different ones besides it.
fn for_headline(first: &Statement, lines: usize, all_others: usize) -> Statement {
    let mut short = Statement { form: Form::Headline, ..as_all_that_is_open(first.clone()) };
    for (name, value) in &mut short.parameters {
        if *name == "lines" {
            *value = count(lines);
        }
    }
    if let Basis::Asks { others, .. } = &mut short.basis {
        *others = all_others;
    }
    short
}

fn count(lines: usize) -> Value {
    Value::Number(i64::try_from(lines).unwrap_or(i64::MAX))
}

/// What the kitchen may carry over to everything that it makes: told once, not line by line.
fn carried_over(gate: &Gate<'_>) -> Option<Statement> {
    let in_kitchen = |(precaution, substance)| InLine { is_trace: true, ..in_line(precaution, substance) };
    let found: Vec<InLine> = gate.kitchen().into_iter().map(in_kitchen).collect();
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
        words: reported.telling_words().to_owned(),
        of_whom: reported.of_whom.clone(),
        criticality: reported.criticality,
        substance: substance.to_owned(),
        is_named: false,
        is_trace: false,
        is_quiet: false,
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

/// The findings of a line that are of one state; what staff act on without a word apart from what they say.
#[derive(Clone, Copy)]
struct Part<'c, 'g> {
    line: &'c Folded<'c, 'g>,
    state: LineState,
    /// `None`: whether or not it is mentioned.
    is_quiet: Option<bool>,
}

impl<'c, 'g> Part<'c, 'g> {
    /// What is to be asked about a line; of staff alone, where it is for what is never mentioned.
    fn questions(line: &'c Folded<'c, 'g>) -> impl Iterator<Item = Self> {
        let parts =
            [false, true].map(|is_quiet| Self { line, state: LineState::NotDeclared, is_quiet: Some(is_quiet) });
        parts.into_iter().filter(|part| part.findings().any(|found| found.ask.is_some()))
    }

    /// What speaks against a line, or may: what it contains, and apart from that, since a kitchen that makes the plate anew must know of
    /// both, what it may contain.
    fn warnings(line: &'c Folded<'c, 'g>) -> impl Iterator<Item = Self> {
        let states = [LineState::Conflict, LineState::MayContain].into_iter();
        let parts =
            states.flat_map(move |state| [false, true].map(|is_quiet| Self { line, state, is_quiet: Some(is_quiet) }));
        parts.filter(|part| part.findings().next().is_some())
    }

    fn findings(self) -> impl Iterator<Item = &'c Finding<'g>> {
        let is_meant = move |found: &&Finding<'g>| self.is_quiet.is_none_or(|quiet| quiet == found.is_never_mentioned);
        self.line.check.findings.iter().filter(move |found| found.state == self.state).filter(is_meant)
    }
}

/// How dangerous what makes a line so bad is, the worst last: in the order of precautions, but for the ids.
fn danger(part: Part<'_, '_>) -> Option<impl Ord + use<>> {
    let rank = |found: &Finding<'_>| {
        let (is_harmless, kind, criticality, severity, ..) = found.precaution.rank();
        std::cmp::Reverse((is_harmless, kind, criticality, severity))
    };
    part.findings().map(rank).max()
}

fn told_by(found: &Finding<'_>) -> &'static str {
    match found.told_by {
        ToldBy::Declared => "DECLARED",
        ToldBy::Name => "NAME",
        ToldBy::Related => "RELATED",
    }
}

/// The parameters that say what a line is called.
const LINE_NAME: [&str; 6] = ["item", "exchanged", "exchanged_for", "left_out", "left_out_unclear", "seat"];

/// What a line is called, for programs.
fn push_name(parameters: &mut Vec<(&'static str, Value)>, name: LineName) {
    parameters.push(("item", Value::Text(name.item)));
    let texts = [
        ("exchanged", name.put_in),
        ("exchanged_for", name.in_place_of),
        ("left_out", name.left_out),
        ("left_out_unclear", name.unclear),
        ("seat", name.seat),
    ];
    parameters
        .extend(texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key, Value::Text(text))));
}

/// Which precaution a finding is of, for programs. What is never mentioned is not named as the reason.
fn push_precaution(parameters: &mut Vec<(&'static str, Value)>, found: &Finding<'_>, tells_id: bool) {
    if !found.is_never_mentioned {
        parameters.push(("code", Value::Text(found.precaution.reported.code.clone())));
    }
    if tells_id {
        parameters.push(("precaution_id", Value::Text(found.precaution.id.with_letter('p'))));
    }
}

/// "Seat 3: do not serve Peanut butter cup: by its name it contains peanuts."
fn against(part: Part<'_, '_>, name: LineName, tells_id: bool) -> Statement {
    let mut parameters = vec![("line", count(part.line.check.index))];
    push_name(&mut parameters, name);
    part.line.push_times(&mut parameters);
    if let Some(found) = part.findings().next() {
        parameters.extend([
            ("substance", Value::Text(found.substance.to_owned())),
            ("told_by", Value::Text(told_by(found).to_owned())),
        ]);
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
    Statement {
        code: if part.state == LineState::Conflict { codes::BASKET_CONFLICT } else { codes::BASKET_MAY_CONTAIN },
        parameters,
        tact: if part.is_quiet == Some(true) { Tact::ActQuietly } else { Tact::Say },
        basis: Basis::InLine(in_lines(part.findings())),
        form: Form::Section,
    }
}

/// What precautions find, for texts. Those that are never mentioned are no reason that is told.
fn in_lines<'c, 'g: 'c>(findings: impl Iterator<Item = &'c Finding<'g>>) -> Vec<InLine> {
    let in_line = |one: &Finding<'_>| InLine {
        is_named: one.told_by == ToldBy::Name,
        is_trace: one.is_trace,
        is_quiet: one.is_never_mentioned,
        ..in_line(one.precaution, one.substance)
    };
    findings.map(in_line).collect()
}

/// What is to be asked about lines that are declared: about each by itself, but what a code means once for all, those that nobody
/// has declared among them.
fn asks(
    lines: &[&Folded<'_, '_>],
    undeclared: &[&Folded<'_, '_>],
    name: &impl Fn(&Folded<'_, '_>) -> LineName,
) -> Vec<Statement> {
    let is_about_code = |part: &Part<'_, '_>| part.findings().all(|found| found.ask == Some(Ask::Code));
    let (mut of_code, others): (Vec<Part<'_, '_>>, Vec<Part<'_, '_>>) =
        lines.iter().flat_map(|line| Part::questions(line)).partition(is_about_code);
    // Of one that conflicts it is asked by itself.
    let open = undeclared.iter().filter(|line| line.check.state == LineState::NotDeclared);
    of_code.extend(open.flat_map(|line| Part::questions(line)).filter(is_about_code));
    of_code.sort_by_key(|part| part.line.check.index);
    let of_one = |part: &Part<'_, '_>| ask(*part, part.line, name(part.line), part.line.lines);
    let mut asks: Vec<Statement> = others.iter().map(of_one).collect();
    asks.extend(match &of_code[..] {
        [] => None,
        [one] => Some(of_one(one)),
        // It is about none of them more than about the others.
        [first, ..] => {
            let count = of_code.iter().map(|part| part.line.lines).sum();
            let once = Folded { times: 1, ..*first.line };
            let mut asked = ask(*first, &once, name(first.line), count);
            if let Basis::Asks { of, .. } = &mut asked.basis {
                *of = named(&of_code.iter().map(|part| part.line).collect::<Vec<_>>(), name);
            }
            Some(asked)
        }
    });
    asks
}

/// "Ask the kitchen about Burger: which meat?"
fn ask(part: Part<'_, '_>, line: &Folded<'_, '_>, name: LineName, lines: usize) -> Statement {
    let mut parameters = vec![("lines", count(lines))];
    push_name(&mut parameters, name);
    line.push_times(&mut parameters);
    let mut asks: Vec<Asked> = Vec::new();
    for found in part.findings() {
        let Some(ask) = found.ask else { continue };
        // For whom it is asked does not matter, but where a diet says how it must be made, or it is the question.
        let is_told = matches!(ask, Ask::Vouched | Ask::Code) && !found.is_never_mentioned;
        let reported = &found.precaution.reported;
        let code = if is_told { reported.code.clone() } else { String::new() };
        let words = if is_told && ask == Ask::Code { reported.own_words().to_owned() } else { String::new() };
        let asked = Asked { ask, substance: found.substance.to_owned(), code, words };
        if !asks.contains(&asked) {
            asks.push(asked);
        }
    }
    if let Some(first) = asks.first() {
        parameters.extend([
            ("ask", Value::Text(first.ask.name().to_owned())),
            ("substance", Value::Text(first.substance.clone())),
        ]);
    }
    Statement {
        code: codes::BASKET_ASK,
        parameters,
        tact: if part.is_quiet == Some(true) { Tact::ActQuietly } else { Tact::Say },
        basis: Basis::Asks { asks, found: in_lines(part.findings()), of: NamedLines::default(), others: 0 },
        form: Form::Section,
    }
}

/// Lines of one kind, each with a substance, for the headline.
#[derive(Default)]
struct ToldLines {
    told: Vec<(LineName, String)>,
    /// Equal lines are told once.
    lines: usize,
}

impl ToldLines {
    fn push(&mut self, part: Part<'_, '_>, name: LineName) {
        let substance = part.findings().next().map_or("", |found| found.substance);
        self.told.push((name, substance.to_owned()));
        self.lines += part.line.lines;
    }
}

/// All lines of a kind, for the headline. `None`: there are none.
fn of_lines(code: Code, ToldLines { told, lines }: ToldLines, is_quiet: bool) -> Option<Statement> {
    let (name, substance) = told.first().cloned()?;
    let mut parameters = Vec::new();
    push_name(&mut parameters, name);
    parameters.extend([("substance", Value::Text(substance)), ("lines", count(lines))]);
    Some(Statement {
        code,
        parameters,
        basis: Basis::Lines(told),
        form: Form::Headline,
        tact: if is_quiet { Tact::ActQuietly } else { Tact::Say },
    })
}

fn not_declared(lines: usize, all: NamedLines) -> Statement {
    let mut parameters = vec![("lines", count(lines))];
    if let Some(first) = all.named.first() {
        push_name(&mut parameters, first.clone());
        if all.all == 1 && first.times > 1 {
            parameters.push(("times", count(first.times)));
        }
    }
    Statement {
        code: codes::BASKET_NOT_DECLARED,
        parameters,
        basis: Basis::NobodyDeclared(all),
        form: Form::Section,
        tact: Tact::Say,
    }
}
