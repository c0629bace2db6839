//! What is to be asked about lines of a basket, and what nobody has declared.

use super::{
    codes,
    folded::{Folded, LINE_NAME, Part, count, in_lines, push_name},
    statement::{Asked, Basis, Form, LineName, NamedLines, Statement, Tact, Value},
};
use crate::domain::gate::{Ask, LineState};

/// What is to be asked about declared lines, and what nobody has declared: as statements, and the first for the headline.
pub(super) fn all_that_is_open(
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
        (_, not_declared) if asked.is_empty() => match undeclared {
            [one] => as_one(one, asks, not_declared),
            _ => not_declared.into_iter().chain(asks).collect(),
        },
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

/// Of one line that nobody has declared, what is to be asked about it and that it is not declared are one statement: "Grilled salmon + rare
/// is not declared: ask the kitchen: raw fish?" But what staff act on without a word is told apart from what they say.
fn as_one(line: &Folded<'_, '_>, mut asks: Vec<Statement>, not_declared: Option<Statement>) -> Vec<Statement> {
    let tact = if line.check.is_unknown_quietly { Tact::ActQuietly } else { Tact::Say };
    let is_of_kitchen = |ask: &Statement| match &ask.basis {
        Basis::Asks { asks, .. } => asks.iter().all(|asked| asked.ask != Ask::Code),
        _ => false,
    };
    let Some(at) = asks.iter().position(|ask| ask.tact == tact && is_of_kitchen(ask)) else {
        return not_declared.into_iter().chain(asks).collect();
    };
    let mut one = as_all_that_is_open(asks.remove(at));
    one.parameters.push((UNDECLARED, count(line.lines)));
    std::iter::once(one).chain(asks).collect()
}

/// The parameter that says how many of the lines nobody has declared.
const UNDECLARED: &str = "undeclared";

/// "Ask the kitchen about 4 lines: 2 are not declared: Soup, Salad." One statement counts all lines that are open; the questions follow.
fn all_open(lines: usize, asks: &[Statement], not_declared: Option<Statement>, undeclared: usize) -> Statement {
    let is_quiet = not_declared.is_none() && asks.iter().all(|ask| ask.tact == Tact::ActQuietly);
    let first = not_declared.or_else(|| asks.first().cloned());
    let (named, basis) = first.map(|first| (first.parameters, first.basis)).unzip();
    let is_of_line = |(name, _): &(&'static str, Value)| LINE_NAME.contains(name);
    let mut parameters = vec![("lines", count(lines)), (UNDECLARED, count(undeclared))];
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
    let (of_code_too, of_undeclared): (Vec<Part<'_, '_>>, Vec<Part<'_, '_>>) =
        open.flat_map(|line| Part::questions(line)).partition(is_about_code);
    of_code.extend(of_code_too);
    of_code.sort_by_key(|part| part.line.check.index);
    let of_one = |part: &Part<'_, '_>| ask(*part, part.line, name(part.line), part.line.lines);
    let mut asks: Vec<Statement> = others.iter().chain(&of_undeclared).map(of_one).collect();
    // A line that is asked about for what is said, and for what is not, is one line for each.
    let (quiet, said): (Vec<Part<'_, '_>>, Vec<Part<'_, '_>>) =
        of_code.into_iter().partition(|part| part.is_quiet == Some(true));
    for of_code in [said, quiet] {
        asks.extend(match &of_code[..] {
            [] => None,
            [one] => Some(of_one(one)),
            // It is about none of them more than about the others.
            [first, ..] => {
                let count = of_code.iter().map(|part| part.line.lines).sum();
                let once = Folded { times: 1, ..*first.line };
                let mut asked = ask(*first, &once, name(first.line), count);
                if let Basis::Asks { of, .. } = &mut asked.basis {
                    *of = Some(Box::new(named(&of_code.iter().map(|part| part.line).collect::<Vec<_>>(), name)));
                }
                Some(asked)
            }
        });
    }
    asks
}

/// "Ask the kitchen about Burger: which meat?"
pub(super) fn ask(part: Part<'_, '_>, line: &Folded<'_, '_>, name: LineName, lines: usize) -> Statement {
    let mut parameters = vec![("lines", count(lines))];
    push_name(&mut parameters, name);
    line.push_times(&mut parameters);
    let mut asks: Vec<Asked> = Vec::new();
    for found in part.findings() {
        let (Some(ask), Some(precaution)) = (found.ask, found.precaution) else { continue };
        // For whom it is asked does not matter, but where a diet says how it must be made, or it is the question.
        let is_told = matches!(ask, Ask::Vouched | Ask::Code) && !found.is_never_mentioned;
        let reported = &precaution.reported;
        let code = if is_told { reported.code.clone() } else { String::new() };
        let words = match (is_told && ask == Ask::Code, found.words) {
            (false, _) => String::new(),
            // As they may be said: a pregnancy that they tell of is not.
            (true, "") if reported.is_told_by_text() => reported.told_text().into_owned(),
            (true, words) => words.to_owned(),
        };
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
        basis: Basis::Asks { asks, found: in_lines(part.findings()), of: None, others: 0 },
        form: Form::Section,
    }
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
