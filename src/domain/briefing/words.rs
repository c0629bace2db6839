//! Words for people: how values are written in statements, and when two names are the same.

use jiff::civil::Date;

/// "TREE_NUTS" as "Tree nuts".
pub(super) fn spoken(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    for (place, char) in code.chars().enumerate() {
        match char {
            '_' => text.push(' '),
            _ if place == 0 => text.push(char),
            _ => text.push(char.to_ascii_lowercase()),
        }
    }
    text
}

/// Whether two names are the same but for capitals.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    if one.is_ascii() || other.is_ascii() {
        one.eq_ignore_ascii_case(other)
    } else {
        one == other || one.to_lowercase() == other.to_lowercase()
    }
}

/// The words of a name: what letters and digits make up.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether `text` has the words of `name` in a row.
pub(super) fn has_words(text: &str, name: &str) -> bool {
    if words(name).next().is_none() {
        return false;
    }
    let mut given = words(text);
    loop {
        let mut row = given.clone();
        if words(name).all(|wanted| row.next().is_some_and(|word| is_same_noun(word, wanted))) {
            return true;
        }
        if given.next().is_none() {
            return false;
        }
    }
}

/// Whether two words are the same but for capitals and an English plural.
pub(super) fn is_same_noun(one: &str, other: &str) -> bool {
    is_same(stem(one), stem(other))
}

/// A word without its English plural ending.
pub(super) fn stem(word: &str) -> &str {
    for ending in ["es", "s"] {
        let cut = word.len().saturating_sub(ending.len());
        // "hummus" and "gas" are no plurals, and "es" is cut only after a sound that asks for it.
        if cut < 3 || !word.is_char_boundary(cut) || !word[cut..].eq_ignore_ascii_case(ending) {
            continue;
        }
        let before = word.as_bytes()[cut - 1].to_ascii_lowercase();
        let plural = if ending == "es" { b"hxzo".contains(&before) } else { !b"sui".contains(&before) };
        if plural {
            return &word[..cut];
        }
    }
    word
}

/// "1 visit", "2 visits".
pub(super) fn counted(count: u64, singular: &str) -> String {
    if count == 1 { format!("1 {singular}") } else { format!("{count} {singular}s") }
}

/// "today", "tomorrow", "in 3 days".
pub(super) fn in_days(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => format!("in {days} days"),
    }
}

/// "40th".
pub(super) fn ordinal(number: i16) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYPARTS: [&str; 6] = ["late nights", "early mornings", "mornings", "afternoons", "evenings", "nights"];

/// A cell of the week: "Friday evenings".
pub(super) fn cell(cell: u8) -> String {
    let parts = DAYPARTS.len();
    let (weekday, daypart) = (usize::from(cell) / parts, usize::from(cell) % parts);
    format!("{} {}", WEEKDAYS[weekday % WEEKDAYS.len()], DAYPARTS[daypart])
}

/// Whole days from one date to another.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours().div_euclid(24)
}

/// At most so many characters, with an ellipsis where something was cut.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}
