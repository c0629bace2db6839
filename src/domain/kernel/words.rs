//! Words for people: how values are written in statements.
//!
//! Sentences are most of what composing costs. Those of every briefing are joined by `concat`, which costs a third of what
//! `format!` does.

use jiff::civil::Date;

use super::id::PartId;

/// "TREE_NUTS" as "Tree nuts".
pub fn spoken(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    for (index, char) in code.chars().enumerate() {
        match char {
            '_' => text.push(' '),
            _ if index == 0 => text.push(char),
            _ => text.push(char.to_ascii_lowercase()),
        }
    }
    text
}

/// The id of a part of a profile: "p7".
pub fn part(letter: char, id: PartId) -> String {
    let mut text = id.0.to_string();
    text.insert(0, letter);
    text
}

/// "1 visit", "2 visits".
pub fn counted(count: u64, singular: &str) -> String {
    if count == 1 { ["1 ", singular].concat() } else { [&count.to_string(), " ", singular, "s"].concat() }
}

/// "today", "tomorrow", "in 3 days".
pub fn in_days(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => ["in ", &days.to_string(), " days"].concat(),
    }
}

/// "40th".
pub fn ordinal(number: i16) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    [&number.to_string(), ending].concat()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The name of a month, from 1; empty for what is none.
pub fn month(number: i8) -> &'static str {
    usize::try_from(number).ok().and_then(|number| MONTHS.get(number.wrapping_sub(1))).copied().unwrap_or_default()
}

/// A date as people write it, the same in every country: "13 October 2026".
pub fn day(date: Date) -> String {
    let (tens, ones) = (date.day().unsigned_abs() / 10, date.day().unsigned_abs() % 10);
    let mut text = String::with_capacity("30 September -9999".len());
    if tens > 0 {
        text.push(char::from(b'0' + tens));
    }
    text.push(char::from(b'0' + ones));
    text.extend([" ", month(date.month()), " "]);
    text + &date.year().to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_and_times_are_written_as_people_write_them() {
        for (date, written) in [(date(2026, 10, 13), "13 October 2026"), (date(1980, 2, 9), "9 February 1980")] {
            assert_eq!(day(date), written);
        }
        assert_eq!(day(Date::MIN), "1 January -9999");
    }

    #[test]
    fn numbers_have_their_words() {
        assert_eq!([counted(1, "visit"), counted(12, "visit")], ["1 visit", "12 visits"]);
        assert_eq!([1, 2, 3, 11, 112, 40].map(ordinal), ["1st", "2nd", "3rd", "11th", "112th", "40th"]);
        assert_eq!([0, 1, 5].map(in_days), ["today", "tomorrow", "in 5 days"]);
        assert_eq!(part('p', PartId(17)), "p17");
    }
}
