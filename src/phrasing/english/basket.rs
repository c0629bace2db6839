//! English: the basket, checked; and lines of the headline that hold several things of a kind.

use super::{
    cut,
    names::precaution_of,
    values::{number, spoken_small},
};
use crate::{
    domain::briefing::{Basis, HEADLINE_CHARS_MAX, InLine, Statement},
    phrasing::{number as given_number, text as given},
};

/// More pieces than this never fit a line: the shortest takes three characters, and its comma and blank.
pub(super) const PIECES_MAX: usize = 12;

/// Letters of a substance in a line of the headline whose item has a long name: all of those that are known; those of a policy may
/// be longer.
const SUBSTANCE_CHARS_MAX: usize = 20;

/// "Do not serve Peanut butter cup: by its name it contains peanuts."
pub(super) fn conflict(statement: &Statement, text: &mut String) {
    text.extend(["Do not serve ", given(statement, "item"), ": "]);
    contains(statement, text);
}

/// "Tell them: Granola may contain hazelnut."
pub(super) fn may_contain(statement: &Statement, text: &mut String) {
    text.extend(["Tell them of ", given(statement, "item"), ": "]);
    contains(statement, text);
}

/// "Everything from this kitchen may contain peanuts: ask it."
pub(super) fn kitchen(statement: &Statement, text: &mut String) {
    text.push_str("Everything from this kitchen may contain ");
    substances(statement, text);
    text.push_str(": ask it.");
}

fn contains(statement: &Statement, text: &mut String) {
    text.push_str(if given(statement, "told_by") == "NAME" { "by its name it " } else { "it " });
    text.push_str(if given_number(statement, "may_contain") != 0 { "may contain " } else { "contains " });
    substances(statement, text);
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

/// "3 lines are not declared: ask the kitchen."
pub(super) fn not_declared(statement: &Statement, text: &mut String) {
    match given_number(statement, "lines") {
        1 => text.extend([given(statement, "item"), " is not declared: ask the kitchen."]),
        lines => {
            number(lines, text);
            text.push_str(" lines are not declared: ask the kitchen.");
        }
    }
}

/// "Conflict: Peanut butter cup (peanuts), Pad Thai (peanuts)".
pub(super) fn conflicts(all: &[(String, String)], text: &mut String) {
    let piece = |(item, substance): &(String, String)| {
        let mut piece = item.clone();
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
    if let [(item, substance), ..] = all {
        let mut after = String::new();
        spoken_small(substance, &mut after);
        cut(&mut after, SUBSTANCE_CHARS_MAX);
        joined(["Conflict: ", &format!(" ({after})")], std::slice::from_ref(item), all.len(), text);
    }
}

/// The same in a line of the headline: the item's name gives way.
pub(super) fn not_declared_short(statement: &Statement, text: &mut String) {
    match given_number(statement, "lines") {
        1 => {
            let item = given(statement, "item").to_owned();
            joined(["", " is not declared: ask the kitchen."], &[item], 1, text);
        }
        _ => not_declared(statement, text),
    }
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

/// " +2 more: read respect".
pub(super) fn more(rest: usize, text: &mut String) {
    if rest > 0 {
        text.push_str(" +");
        number(rest as i64, text);
        text.push_str(" more: read respect");
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
        assert_eq!(line(4, 6), "peanuts, shellfish: life-threatening +4 more: read respect");
        let mut text = String::new();
        joined(["Conflict: ", ""], &["x".repeat(80)], 3, &mut text);
        assert_eq!(text.chars().count(), HEADLINE_CHARS_MAX);
        assert!(text.ends_with("… +2 more: read respect"), "{text}");
        // However long: what is in it is told, and that there is more.
        for (item, substance) in [("Cake", "X"), ("y", "Z"), ("y", "WALNUT")] {
            let all = vec![(item.repeat(80), substance.repeat(64)); 200];
            conflicts(&all, &mut text);
            assert!(text.chars().count() <= HEADLINE_CHARS_MAX, "{text}");
            let told = substance.to_lowercase();
            assert!(text.starts_with("Conflict: ") && text.contains(&format!("({}", &told[..1])), "{text}");
            assert!(text.ends_with(") +199 more: read respect"), "{text}");
        }
    }
}
