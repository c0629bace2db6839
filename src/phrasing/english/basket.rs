//! English: the basket, checked.

use super::{
    cut,
    names::{named_by, precaution_with},
    values::{number, spoken_small},
};
use crate::{
    domain::{
        briefing::{Asked, Basis, InLine, LineName, NamedLines, Statement, Tact},
        gate::Ask,
    },
    phrasing::{number as given_number, text as given},
};

/// "Seat 3: do not serve Peanut butter cup: by its name it contains peanuts."
pub(super) fn conflict(statement: &Statement, text: &mut String) {
    at_seat(statement, ["Do not serve ", "do not serve "], text);
    item(statement, text);
    text.push_str(": ");
    let is_too_young = given_number(statement, "too_young") != 0;
    let is_all = is_too_young && matches!(&statement.basis, Basis::InLine(found) if found.is_empty());
    if is_all && given(statement, "substance").is_empty() {
        text.push_str("they are too young for it here.");
        return;
    }
    contains(statement, text);
    if is_too_young {
        text.truncate(text.trim_end_matches('.').len());
        text.push_str(", and they are too young for it here.");
    }
}

/// "Tell them of Granola: it may contain hazelnut."
pub(super) fn may_contain(statement: &Statement, text: &mut String) {
    if statement.tact == Tact::ActQuietly {
        at_seat(statement, ["", ""], text);
    } else if given_number(statement, "also") != 0 {
        at_seat(statement, ["Also in ", "also in "], text);
    } else {
        at_seat(statement, ["Tell them of ", "tell them of "], text);
    }
    item(statement, text);
    text.push_str(": ");
    contains(statement, text);
}

/// What begins a sentence, as it is written at its beginning and after the seat.
fn at_seat(statement: &Statement, [first, later]: [&str; 2], text: &mut String) {
    match given(statement, "seat") {
        "" => text.push_str(first),
        seat if says_seat(seat_alone(seat)) => text.extend([seat, ": ", later]),
        seat => text.extend(["Seat ", seat_alone(seat), ": ", later]),
    }
}

/// "Pizza without nuts", or of several "3 × Pizza without nuts".
fn item(statement: &Statement, text: &mut String) {
    push_times(given_number(statement, "times"), text);
    text.push_str(given(statement, "item"));
    let in_place_of = given(statement, "exchanged_for");
    push_put_in(given(statement, "exchanged"), in_place_of, text);
    let left_out = if in_place_of.is_empty() { given(statement, "left_out") } else { "" };
    push_left_out(left_out, given(statement, "left_out_unclear"), " (not clear)", text);
}

/// "3 × "; nothing of one.
pub(super) fn push_times(times: i64, text: &mut String) {
    if times > 1 {
        number(times, text);
        text.push_str(" × ");
    }
}

/// " with Oat milk instead", " with Oat milk instead of cow's milk": it is not added.
pub(super) fn push_put_in(put_in: &str, in_place_of: &str, text: &mut String) {
    if !put_in.is_empty() {
        text.extend([" with ", put_in, " instead"]);
    }
    if !in_place_of.is_empty() {
        text.extend([" of ", in_place_of]);
    }
}

/// " without nuts", or in the till's own words where nobody can tell what they take away: ` without "feta cubes" (not clear)`.
pub(super) fn push_left_out(left_out: &str, unclear: &str, doubt: &str, text: &mut String) {
    if !left_out.is_empty() {
        text.extend([" without ", left_out]);
    }
    if !unclear.is_empty() {
        text.extend([if left_out.is_empty() { " without \"" } else { ", \"" }, unclear, "\"", doubt]);
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
    if given_number(statement, "meat_with_milk") != 0 {
        text.push_str("it contains meat with milk.");
        return;
    }
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
pub(super) fn substances(statement: &Statement, text: &mut String) {
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
    if found.iter().all(|one| one.is_quiet) {
        text.push_str("Act on it without a word.");
        return;
    }
    let mut told: Vec<String> = Vec::new();
    for InLine { kind, code, words, of_whom, criticality, .. } in found.iter().filter(|one| !one.is_quiet) {
        let mut one = String::new();
        precaution_with(*kind, code, words, of_whom, *criticality, &mut one);
        // It is told once, however many substances it finds.
        if !told.contains(&one) {
            told.push(one);
        }
    }
    text.push_str(&told.join("; "));
    text.push('.');
}

/// "3 lines are not declared: ask the kitchen: Soup, seat 2: Salad, Bread."; of what is declared, what is to be asked.
pub(super) fn not_declared(statement: &Statement, text: &mut String) {
    let lines = given_number(statement, "lines");
    // Equal lines are told as one, with how many there are.
    let is_one = lines == 1 || given_number(statement, "times") > 0;
    match &statement.basis {
        // What else is known of a line that nobody has declared.
        Basis::Asks { asks, .. } if is_one && given_number(statement, "undeclared") > 0 => {
            at_seat(statement, [""; 2], text);
            item(statement, text);
            text.push_str(NOT_DECLARED.trim_end_matches('.'));
            text.push_str(": ");
            questions(asks, text);
        }
        Basis::Asks { asks, of, .. } => {
            let begins = ask_whom(asks);
            if is_one {
                at_seat(statement, begins, text);
                item(statement, text);
            } else {
                text.push_str(begins[0]);
                number(lines, text);
                text.push_str(" lines");
            }
            text.push_str(": ");
            questions(asks, text);
            if let Some(of) = of {
                text.truncate(text.trim_end_matches(['.', '?']).len());
                names(of, text);
                text.push('.');
            }
        }
        Basis::Open(undeclared, of_customer) => {
            text.push_str(if *of_customer { ASK_BOTH[0] } else { ASK_KITCHEN[0] });
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
            names(undeclared, text);
            text.push('.');
        }
        _ if is_one => {
            at_seat(statement, [""; 2], text);
            item(statement, text);
            text.push_str(NOT_DECLARED);
        }
        basis => {
            number(lines, text);
            text.push_str(" lines are not declared: ask the kitchen");
            if let Basis::NobodyDeclared(undeclared) = basis {
                names(undeclared, text);
            }
            text.push('.');
        }
    }
}

/// Letters of the names of lines in one sentence: some lines of a screen, read at a glance. How many more there are is counted.
const NAMES_CHARS_MAX: usize = 240;

/// ": Soup, seat 2: Salad, +3"
fn names(NamedLines { named, all }: &NamedLines, text: &mut String) {
    let mut left = NAMES_CHARS_MAX;
    let mut shown = 0;
    for name in named {
        let mut name = short_name(name);
        // The first is told in any case, however long it is.
        if shown == 0 {
            cut(&mut name, left);
        }
        let Some(rest) = left.checked_sub(name.chars().count()) else { break };
        text.extend([if shown == 0 { ": " } else { ", " }, &name]);
        (left, shown) = (rest, shown + 1);
    }
    if shown > 0 && shown < *all {
        text.push_str(", +");
        number((all - shown) as i64, text);
    }
}

/// "seat 3: 2 × Pizza without nuts"
pub(super) fn short_name(name: &LineName) -> String {
    let mut text = at(&name.seat);
    push_times(i64::try_from(name.times).unwrap_or(i64::MAX), &mut text);
    text.push_str(&name.item);
    push_put_in(&name.put_in, &name.in_place_of, &mut text);
    push_left_out(left_out_besides(name), &name.unclear, "?", &mut text);
    text
}

/// What is left out that nothing takes the place of.
pub(super) fn left_out_besides(name: &LineName) -> &str {
    if name.in_place_of.is_empty() { &name.left_out } else { "" }
}

/// "seat 3: "
pub(super) fn at(seat: &str) -> String {
    match seat_alone(seat) {
        "" => String::new(),
        alone if says_seat(alone) => [seat, ": "].concat(),
        alone => ["seat ", alone, ": "].concat(),
    }
}

/// What a till may call a seat, in the languages of the house.
const SEAT: [&str; 10] =
    ["seat", "sitzplatz", "sitz", "platz", "place", "siège", "posto", "asiento", "puesto", "lugar"];

/// What may stand between that and its number.
const NUMBER: [&str; 5] = ["no", "nr", "num", "number", "nummer"];

/// Whether what a till calls a seat says so itself, and no more stands before it: "Table 1 Seat 2", "Seats 1, 2".
fn says_seat(seat: &str) -> bool {
    let words = seat.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    let is_called = |word: &str| SEAT.contains(&word) || SEAT.contains(&word.trim_end_matches('s'));
    let is_name = |word: &str| word.starts_with(char::is_numeric) || word.chars().count() == 1;
    words.windows(2).any(|pair| is_called(&pair[0]) && is_name(&pair[1]))
}

/// "1" of "Seat 1", "#1" of "seat #1": what it is called stands before it already.
fn seat_alone(seat: &str) -> &str {
    let Some(ends) = seat.find(|char: char| !char.is_alphabetic()) else { return seat };
    let is_called = SEAT.contains(&seat[..ends].to_lowercase().as_str());
    let is_mark = |char: char| matches!(char, ' ' | '-' | '.' | ':');
    let rest = seat[ends..].trim_start_matches(is_mark);
    // "Seat no. 2".
    let (number, after) = rest.split_at(rest.find(|char: char| !char.is_alphabetic()).unwrap_or_default());
    let is_number = NUMBER.contains(&number.to_lowercase().as_str());
    let rest = if is_number { after.trim_start_matches(is_mark) } else { rest };
    if is_called && rest.contains(char::is_numeric) && !rest.contains(' ') { rest } else { seat }
}

pub(super) const NOT_DECLARED: &str = " is not declared: ask the kitchen.";

/// The beginning of a question. What a code means the kitchen does not know.
pub(super) fn ask_whom(asks: &[Asked]) -> [&'static str; 2] {
    if asks.iter().any(|asked| asked.ask == Ask::Code) { ASK_BOTH } else { ASK_KITCHEN }
}

const ASK_BOTH: [&str; 2] = ["Ask the customer and the kitchen about ", "ask the customer and the kitchen about "];
const ASK_KITCHEN: [&str; 2] = ["Ask the kitchen about ", "ask the kitchen about "];

/// "which meat, raw egg?"
pub(super) fn questions(asks: &[Asked], text: &mut String) {
    for (index, asked) in asks.iter().enumerate() {
        text.push_str(if index > 0 { ", " } else { "" });
        question(asked, text);
    }
    text.push(if asks.iter().all(|asked| asked.ask == Ask::Code) { '.' } else { '?' });
}

fn question(Asked { ask, substance, code, words }: &Asked, text: &mut String) {
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
        Ask::Code if !words.is_empty() => text.push_str(words.trim_end_matches(['.', '!', '?'])),
        Ask::Code => {
            // Everybody may know what kiwi is: no declaration says of it.
            text.push_str(&named_by(code, ""));
            text.push_str(" is not among what is declared");
        }
    }
}
