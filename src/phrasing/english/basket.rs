//! English: the basket, checked; and lines of the headline that hold several things of a kind.

use super::{
    cut,
    names::{capital, named_by, precaution, precaution_of},
    values::{number, spoken_small},
};
use crate::{
    domain::{
        briefing::{Asked, Basis, HEADLINE_CHARS_MAX, InLine, LineName, Statement, codes},
        gate::Ask,
    },
    phrasing::{number as given_number, text as given},
};

/// More pieces than this never fit a line: the shortest takes three characters, and its comma and blank.
const PIECES_MAX: usize = 12;

/// Letters of a substance in a line of the headline whose item has a long name: all of those that are known; those of a policy may
/// be longer.
const SUBSTANCE_CHARS_MAX: usize = 20;

/// "Seat 3: do not serve Peanut butter cup: by its name it contains peanuts."
pub(super) fn conflict(statement: &Statement, text: &mut String) {
    at_seat(statement, ["Do not serve ", "do not serve "], text);
    item(statement, text);
    text.push_str(": ");
    contains(statement, text);
}

/// "Tell them of Granola: it may contain hazelnut."
pub(super) fn may_contain(statement: &Statement, text: &mut String) {
    at_seat(statement, ["Tell them of ", "tell them of "], text);
    item(statement, text);
    text.push_str(": ");
    contains(statement, text);
}

/// What begins a sentence, as it is written at its beginning and after the seat.
fn at_seat(statement: &Statement, [first, later]: [&str; 2], text: &mut String) {
    match given(statement, "seat") {
        "" => text.push_str(first),
        seat => text.extend(["Seat ", seat, ": ", later]),
    }
}

/// "Pizza without nuts"
fn item(statement: &Statement, text: &mut String) {
    push_item(given(statement, "item"), given(statement, "left_out"), text);
}

fn push_item(item: &str, left_out: &str, text: &mut String) {
    text.push_str(item);
    if !left_out.is_empty() {
        text.extend([" without ", left_out]);
    }
}

/// "Ask the kitchen: everything may contain peanuts."
pub(super) fn kitchen(statement: &Statement, text: &mut String) {
    text.push_str("Ask the kitchen: everything may contain ");
    substances(statement, text);
    text.push('.');
}

/// "By its name it contains peanuts, pork, and may contain milk": each as surely as it is known.
fn contains(statement: &Statement, text: &mut String) {
    let first = given(statement, "substance");
    let mut clauses =
        vec![(given(statement, "told_by") == "NAME", given_number(statement, "may_contain") != 0, vec![first])];
    if let Basis::InLine(found) = &statement.basis {
        for InLine { substance, is_named, is_trace, .. } in found {
            let substance = substance.as_str();
            if clauses.iter().any(|(_, _, told)| told.contains(&substance)) {
                continue;
            }
            match clauses.iter_mut().find(|(named, trace, _)| (named, trace) == (is_named, is_trace)) {
                Some((_, _, told)) => told.push(substance),
                None => clauses.push((*is_named, *is_trace, vec![substance])),
            }
        }
    }
    for (index, (is_named, is_trace, told)) in clauses.iter().enumerate() {
        text.push_str(if index > 0 { ", and " } else { "" });
        text.push_str(if *is_named { "by its name " } else { "" });
        text.push_str(if index > 0 { "" } else { "it " });
        text.push_str(if *is_trace { "may contain " } else { "contains " });
        for (index, substance) in told.iter().enumerate() {
            text.push_str(if index > 0 { ", " } else { "" });
            spoken_small(substance, text);
        }
    }
    let related = given(statement, "related");
    if !related.is_empty() {
        text.push_str(" (declared: ");
        spoken_small(related, text);
        text.push(')');
    }
    text.push('.');
}

/// The first, and those that other precautions found.
fn substances(statement: &Statement, text: &mut String) {
    let first = given(statement, "substance");
    spoken_small(first, text);
    if let Basis::InLine(found) = &statement.basis {
        let mut told = vec![first];
        for InLine { substance, .. } in found {
            if !told.contains(&substance.as_str()) {
                text.push_str(", ");
                spoken_small(substance, text);
                told.push(substance);
            }
        }
    }
}

/// "Peanut allergy, life-threatening; diet: vegan."
pub(super) fn because(found: &[InLine], text: &mut String) {
    if found.is_empty() {
        text.push_str("Act on it without a word.");
        return;
    }
    for (index, InLine { kind, code, of_whom, criticality, .. }) in found.iter().enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        precaution_of(*kind, code, of_whom, *criticality, text);
    }
    text.push('.');
}

/// "3 lines are not declared: ask the kitchen."; of what is declared, what is to be asked.
pub(super) fn not_declared(statement: &Statement, text: &mut String) {
    let lines = given_number(statement, "lines");
    match &statement.basis {
        Basis::Asks { asks, .. } => {
            at_seat(statement, ask_whom(asks), text);
            if lines == 1 {
                item(statement, text);
            } else {
                number(lines, text);
                text.push_str(" lines");
            }
            text.push_str(": ");
            questions(asks, text);
        }
        Basis::Open => {
            text.push_str("Ask the kitchen about ");
            number(lines, text);
            text.push_str(" lines");
            match given_number(statement, "undeclared") {
                0 => {}
                1 => text.push_str(": 1 is not declared"),
                undeclared => {
                    text.push_str(": ");
                    number(undeclared, text);
                    text.push_str(" are not declared");
                }
            }
            text.push('.');
        }
        _ if lines == 1 => {
            at_seat(statement, [""; 2], text);
            item(statement, text);
            text.push_str(NOT_DECLARED);
        }
        _ => {
            number(lines, text);
            text.push_str(" lines are not declared: ask the kitchen.");
        }
    }
}

const NOT_DECLARED: &str = " is not declared: ask the kitchen.";

/// The beginning of a question. What a code means the kitchen does not know.
fn ask_whom(asks: &[Asked]) -> [&'static str; 2] {
    if asks.iter().all(|asked| asked.ask == Ask::Code) {
        ["Ask the customer and the kitchen about ", "ask the customer and the kitchen about "]
    } else {
        ["Ask the kitchen about ", "ask the kitchen about "]
    }
}

/// "which meat, raw egg?"
fn questions(asks: &[Asked], text: &mut String) {
    for (index, asked) in asks.iter().enumerate() {
        text.push_str(if index > 0 { ", " } else { "" });
        question(asked, text);
    }
    text.push(if asks.iter().all(|asked| asked.ask == Ask::Code) { '.' } else { '?' });
}

fn question(Asked { ask, substance, code }: &Asked, text: &mut String) {
    match ask {
        Ask::WhichMeat => text.push_str("which meat"),
        Ask::WhichAnimal => {
            spoken_small(substance, text);
            text.push_str(" of which animal");
        }
        Ask::Vouched => {
            text.push_str("is the ");
            spoken_small(substance, text);
            text.push(' ');
            text.push_str(&named_by(code, ""));
        }
        Ask::Raw => spoken_small(substance, text),
        Ask::LeftOut => {
            text.push_str("really without ");
            spoken_small(substance, text);
        }
        Ask::Code if code.is_empty() => text.push_str("a precaution is not understood"),
        Ask::Code => {
            text.push_str("nobody knows what ");
            text.push_str(&named_by(code, ""));
            text.push_str(" means");
        }
    }
}

/// "Conflict: seat 3: Peanut butter cup (peanuts), Pad Thai (peanuts)".
pub(super) fn conflicts(all: &[(LineName, String)], text: &mut String) {
    let piece = |(name, substance): &(LineName, String)| {
        let mut piece = short_name(name);
        piece.push_str(" (");
        spoken_small(substance, &mut piece);
        piece.push(')');
        piece
    };
    let pieces: Vec<String> = all.iter().take(PIECES_MAX).map(piece).collect();
    if joined(["Conflict: ", ""], &pieces, all.len(), text) > 0 {
        return;
    }
    // Of the first one's name as much as there is room for: what is in it is what saves somebody.
    if let [(name, substance), ..] = all {
        let mut after = String::new();
        spoken_small(substance, &mut after);
        cut(&mut after, SUBSTANCE_CHARS_MAX);
        joined(["Conflict: ", &format!(" ({after})")], &[cramped_name(name)], all.len(), text);
    }
}

/// "seat 3: Pizza without nuts"
fn short_name(LineName { seat, item, left_out }: &LineName) -> String {
    let mut text = String::new();
    if !seat.is_empty() {
        text.extend(["seat ", seat, ": "]);
    }
    push_item(item, left_out, &mut text);
    text
}

/// Letters of a seat beside which there is room for some of the item's name, however short the line.
const SEAT_CHARS_MAX: usize = 4;

/// The same where the name will be cut: its seat only if that leaves some of the name to be read.
fn cramped_name(name: &LineName) -> String {
    let is_short = name.seat.chars().count() <= SEAT_CHARS_MAX;
    if is_short { short_name(name) } else { short_name(&LineName { seat: String::new(), ..name.clone() }) }
}

/// The same in a line of the headline: the item's name gives way. What is asked about is the first of so many lines.
pub(super) fn not_declared_short(statement: &Statement, text: &mut String) {
    let lines = usize::try_from(given_number(statement, "lines")).unwrap_or(usize::MAX);
    let given = |name| given(statement, name).to_owned();
    let name = LineName { seat: given("seat"), item: given("item"), left_out: given("left_out") };
    match &statement.basis {
        Basis::Asks { asks, .. } => {
            let mut after = ": ".to_owned();
            questions(asks.get(..1).unwrap_or_default(), &mut after);
            let mut rest = String::new();
            more(lines.saturating_sub(1), &mut rest);
            cut(&mut after, HEADLINE_CHARS_MAX - ASK.len() - NAME_CHARS_MIN - rest.len());
            let [before, _] = ask_whom(asks);
            let has_room = before.len() + NAME_CHARS_MIN + after.chars().count() + rest.len() <= HEADLINE_CHARS_MAX;
            let before = if has_room { before } else { ASK };
            joined_first([before, &after], &name, lines, text);
        }
        _ if lines == 1 => joined_first(["", NOT_DECLARED], &name, 1, text),
        _ => not_declared(statement, text),
    }
}

/// Where there is no room to say who is asked.
const ASK: &str = "Ask: ";
/// Letters of a name that there must be room for.
const NAME_CHARS_MIN: usize = 12;

/// The name of the first of so many lines, cut if it must be.
fn joined_first([before, after]: [&str; 2], name: &LineName, lines: usize, text: &mut String) {
    let whole = |name: String, text: &mut String| joined([before, after], &[name], lines, text);
    if whole(short_name(name), text) == 0 {
        whole(cramped_name(name), text);
    }
    if !name.seat.is_empty() && before.is_empty() {
        capital(text, 0);
    }
}

/// "Tree nut allergy, life-threatening +3 more". How bad it is is never cut, whatever its name. A display faces the customer at times:
/// a topic is only hinted at.
pub(super) fn precaution_line(statement: &Statement, more_precautions: usize, text: &mut String) {
    let mut rest = String::new();
    if statement.code == codes::PRECAUTION_TOPIC {
        text.push_str("A topic not to mention: see the briefing");
    } else {
        let name_ends = precaution(statement, text);
        rest.push_str(&text[name_ends..]);
        text.truncate(name_ends);
    }
    more(more_precautions, &mut rest);
    cut(text, HEADLINE_CHARS_MAX.saturating_sub(rest.len()));
    text.push_str(&rest);
}

/// "Peanuts, shellfish: life-threatening".
pub(super) fn life_threatening(of: &[(String, String)], surely: bool, all: usize, text: &mut String) -> usize {
    let after = if surely { ": life-threatening" } else { ": treat as life-threatening" };
    let pieces: Vec<String> = of.iter().take(PIECES_MAX).map(|(code, words)| named_by(code, words)).collect();
    let shown = joined(["", after], &pieces, all, text);
    capital(text, 0);
    shown
}

/// As many pieces as a line has room for, and how many of `all` are left to be read elsewhere. How many it has room for; 0:
/// not even the first as it is.
pub(super) fn joined([before, after]: [&str; 2], pieces: &[String], all: usize, text: &mut String) -> usize {
    let write = |shown: usize, text: &mut String| {
        text.clear();
        text.push_str(before);
        text.push_str(&pieces[..shown].join(", "));
        text.push_str(after);
        more(all - shown, text);
    };
    for shown in (1..=pieces.len()).rev() {
        write(shown, text);
        if text.chars().count() <= HEADLINE_CHARS_MAX {
            return shown;
        }
    }
    // Not even the first: its end is cut, never the rest.
    if let [first, ..] = pieces {
        let mut rest = after.to_owned();
        more(all - 1, &mut rest);
        text.clear();
        text.extend([before, first]);
        cut(text, HEADLINE_CHARS_MAX.saturating_sub(rest.chars().count()));
        text.push_str(&rest);
    }
    0
}

/// " +2 more: read all".
pub(super) fn more(rest: usize, text: &mut String) {
    if rest > 0 {
        text.push_str(" +");
        number(rest as i64, text);
        text.push_str(" more: read all");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let pieces = ["peanuts", "shellfish", "kiwi, banana and latex", "milk"].map(str::to_owned);
        let line = |shown: usize, all| {
            let mut text = String::new();
            joined(["", ": life-threatening"], &pieces[..shown], all, &mut text);
            text
        };
        assert_eq!(line(2, 2), "peanuts, shellfish: life-threatening");
        assert_eq!(line(4, 6), "peanuts, shellfish: life-threatening +4 more: read all");
        let mut text = String::new();
        joined(["Conflict: ", ""], &["x".repeat(80)], 3, &mut text);
        assert_eq!(text.chars().count(), HEADLINE_CHARS_MAX);
        assert!(text.ends_with("… +2 more: read all"), "{text}");
        // However long: what is in it is told, and that there is more.
        for (item, substance) in [("Cake", "X"), ("y", "Z"), ("y", "WALNUT")] {
            let name = LineName { item: item.repeat(80), ..LineName::default() };
            let all = vec![(name, substance.repeat(64)); 200];
            conflicts(&all, &mut text);
            assert!(text.chars().count() <= HEADLINE_CHARS_MAX, "{text}");
            let told = substance.to_lowercase();
            assert!(text.starts_with("Conflict: ") && text.contains(&format!("({}", &told[..1])), "{text}");
            assert!(text.ends_with(") +199 more: read all"), "{text}");
        }
    }
}
