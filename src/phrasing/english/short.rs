//! English: lines of the headline that hold several things of a kind, as many as there is room for. What does not fit is counted.

use super::{
    basket::{
        NOT_DECLARED, ask_whom, at, kitchen, left_out_besides, push_left_out, push_put_in, push_times, questions,
        short_name,
    },
    cut,
    names::{capital, named_by, precaution},
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

/// The same in a line of the headline: what does not fit is counted.
pub(super) fn kitchen_short(statement: &Statement, text: &mut String) {
    kitchen(statement, text);
    let Basis::InLine(found) = &statement.basis else { return };
    if text.chars().count() <= HEADLINE_CHARS_MAX {
        return;
    }
    let mut pieces: Vec<String> = Vec::new();
    for InLine { substance, .. } in found {
        let mut piece = String::new();
        spoken_small(substance, &mut piece);
        if !pieces.contains(&piece) {
            pieces.push(piece);
        }
    }
    let all = pieces.len();
    pieces.truncate(PIECES_MAX);
    joined(["Kitchen: all may contain ", ""], &pieces, all, text);
}

/// The first of the questions, and how many there are besides. There is no room to say that what a code means is not among what is
/// declared: it is named, and asked about.
fn short_question(asks: &[Asked], text: &mut String) {
    match asks {
        [Asked { ask: Ask::Code, code, words, .. }, ..] if !code.is_empty() => {
            let told = if words.is_empty() { named_by(code, "") } else { words.clone() };
            text.extend([told.trim_end_matches(['.', '?', '!']), "?"]);
        }
        _ => questions(asks.get(..1).unwrap_or_default(), text),
    }
}

/// "Conflict: seat 3: Peanut butter cup (peanuts), Pad Thai (peanuts)".
pub(super) fn lines(before: &str, all: &[(LineName, String)], text: &mut String) {
    let piece = |(name, substance): &(LineName, String)| {
        let mut piece = short_name(name);
        piece.push_str(" (");
        spoken_small(substance, &mut piece);
        piece.push(')');
        piece
    };
    let pieces: Vec<String> = all.iter().take(PIECES_MAX).map(piece).collect();
    if joined([before, ""], &pieces, all.len(), text) > 0 {
        return;
    }
    if let [(name, substance), ..] = all {
        let mut after = " (".to_owned();
        spoken_small(substance, &mut after);
        cut(&mut after, SUBSTANCE_CHARS_MAX + " (".len());
        after.push(')');
        joined_cut([before, &after], name, all.len(), text);
    }
}

/// Letters of a cut name that can still be told.
const CUT_NAME_CHARS_MIN: usize = 5;

/// One line that is too long as it is. What is left out of it gives way first: what is not on a plate must not be read as its name; it is
/// told whole, or not begun, since "without" alone must not become "with…". Then the item's name does, then it is only counted how
/// many lines are left, and last the seat gives way.
fn joined_cut([before, after]: [&str; 2], name: &LineName, all: usize, text: &mut String) {
    let mut left_out = String::new();
    push_left_out(left_out_besides(name), &name.unclear, "?", &mut left_out);
    let mut all_of_item = name.item.clone();
    push_put_in(&name.put_in, &name.in_place_of, &mut all_of_item);
    let left_out_short = if left_out.is_empty() { "" } else { " without…" };
    let (mut seat, mut times, mut rest) = (at(&name.seat), String::new(), String::new());
    push_times(i64::try_from(name.times).unwrap_or(i64::MAX), &mut times);
    seat.push_str(&times);
    more(all - 1, &mut rest);
    let rest_short = rest.split(" more").next().unwrap_or_default();
    let (seat, rest) = (seat.as_str(), rest.as_str());
    let tries = [
        (seat, left_out.as_str(), rest),
        (seat, left_out_short, rest),
        (seat, left_out_short, rest_short),
        (times.as_str(), left_out_short, rest),
    ];
    for (index, (seat, left_out, rest)) in tries.into_iter().enumerate() {
        let others = [before, seat, left_out, after, rest].iter().map(|part| part.chars().count()).sum();
        let room = HEADLINE_CHARS_MAX.saturating_sub(others);
        let mut item = all_of_item.clone();
        cut(&mut item, room);
        let is_cut = item != all_of_item;
        if !is_cut || (index > 0 && room >= CUT_NAME_CHARS_MIN) || index + 1 == tries.len() {
            text.clear();
            text.extend([before, seat, &item, left_out, after, rest]);
            return;
        }
    }
}

/// The same in a line of the headline: the item's name gives way. What is asked about is the first of so many lines.
pub(super) fn not_declared_short(statement: &Statement, text: &mut String) {
    let given = |name| given(statement, name).to_owned();
    let name = LineName {
        seat: given("seat"),
        times: usize::try_from(given_number(statement, "times")).unwrap_or_default(),
        item: given("item"),
        put_in: given("exchanged"),
        in_place_of: given("exchanged_for"),
        left_out: given("left_out"),
        unclear: given("left_out_unclear"),
    };
    match &statement.basis {
        Basis::Asks { asks, others, .. } => {
            let [before, _] = ask_whom(asks);
            let mut rest = String::new();
            more(*others, &mut rest);
            if all_questions([before, &rest], asks, &name, text) || all_questions([ASK, &rest], asks, &name, text) {
                return;
            }
            let mut after = ": ".to_owned();
            short_question(asks, &mut after);
            // Beside another count, each says what it counts; where there is no room for that, both are one count.
            let other_questions = match (asks.len().saturating_sub(1), *others) {
                (0, _) => String::new(),
                (questions, 0) => format!(" +{questions}"),
                (questions, others) => {
                    let plural = |count: usize| if count == 1 { "" } else { "s" };
                    format!(" +{questions} question{}, +{others} line{}", plural(questions), plural(others))
                }
            };
            let counts_both = !other_questions.is_empty() && *others > 0;
            let with_both = [short_name(&name).as_str(), &after].iter().map(|part| part.chars().count()).sum::<usize>()
                + ASK.len()
                + other_questions.len();
            if counts_both && with_both <= HEADLINE_CHARS_MAX {
                after.push_str(&other_questions);
                joined_first([ASK, &after], &name, 1, text);
                return;
            }
            let others = if counts_both { others + asks.len() - 1 } else { *others };
            let other_questions = if counts_both { String::new() } else { other_questions };
            let taken = ASK.len() + NAME_CHARS_MIN + other_questions.len() + rest.len();
            cut(&mut after, HEADLINE_CHARS_MAX - taken);
            after.push_str(&other_questions);
            let has_room = before.len() + NAME_CHARS_MIN + after.chars().count() + rest.len() <= HEADLINE_CHARS_MAX;
            let before = if has_room { before } else { ASK };
            joined_first([before, &after], &name, 1 + others, text);
        }
        Basis::NobodyDeclared(undeclared) if undeclared.all > 1 => {
            let pieces: Vec<String> = undeclared.named.iter().take(PIECES_MAX).map(short_name).collect();
            if joined([ASK_UNDECLARED, ""], &pieces, undeclared.all, text) == 0 {
                let first = undeclared.named.first().unwrap_or(&name);
                joined_cut([ASK_UNDECLARED, ""], first, undeclared.all, text);
            }
        }
        _ => joined_first(["", NOT_DECLARED], &name, 1, text),
    }
}

/// Writes all the questions about a line, if there is room for them and its whole name.
fn all_questions([before, rest]: [&str; 2], asks: &[Asked], name: &LineName, text: &mut String) -> bool {
    if asks.len() < 2 {
        return false;
    }
    text.clear();
    text.extend([before, &short_name(name), ": "]);
    questions(asks, text);
    text.push_str(rest);
    text.chars().count() <= HEADLINE_CHARS_MAX
}

/// Before the names of several lines that nobody has declared.
const ASK_UNDECLARED: &str = "Not declared, ask: ";

/// Where there is no room to say who is asked.
const ASK: &str = "Ask: ";

/// Letters of a name that there must be room for.
const NAME_CHARS_MIN: usize = 12;

/// The name of the first of so many lines, cut if it must be.
fn joined_first([before, after]: [&str; 2], name: &LineName, lines: usize, text: &mut String) {
    if joined([before, after], &[short_name(name)], lines, text) == 0 {
        joined_cut([before, after], name, lines, text);
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
pub(super) fn life_threatening(of: &[(String, String, String)], surely: bool, all: usize, text: &mut String) -> usize {
    let after = if surely { ": life-threatening" } else { ": treat as life-threatening" };
    // Of several precautions of one thing, the first names it.
    let mut named: Vec<(String, &str)> = Vec::new();
    for (code, words, of_whom) in of {
        let name = named_by(code, words);
        if named.iter().all(|(known, _)| *known != name) {
            named.push((name, of_whom));
        }
    }
    let pieces = |tells_whom: bool| -> Vec<String> {
        let piece = |(name, of_whom): &(String, &str)| {
            let mut piece = name.clone();
            if tells_whom && !of_whom.is_empty() {
                piece.extend([" (", of_whom, ")"]);
            }
            piece
        };
        named.iter().take(PIECES_MAX).map(piece).collect()
    };
    // Whose they are is told where it takes no other's place.
    let shown = joined(["", after], &pieces(false), all, text);
    let mut with_whom = String::new();
    if joined(["", after], &pieces(true), all, &mut with_whom) == shown {
        *text = with_whom;
    }
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
            lines("Conflict: ", &all, &mut text);
            assert!(text.chars().count() <= HEADLINE_CHARS_MAX, "{text}");
            let told = substance.to_lowercase();
            assert!(text.starts_with("Conflict: ") && text.contains(&format!("({}", &told[..1])), "{text}");
            assert!(text.ends_with(") +199 more: read all"), "{text}");
        }
    }
}
