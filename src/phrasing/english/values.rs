//! English: how values are written in statements.

use jiff::civil::{Date, DateTime};

/// Digits of the longest whole number.
const DIGITS_MAX: usize = 20;

/// A whole number.
pub(super) fn number(value: i64, text: &mut String) {
    let mut digits = [b'0'; DIGITS_MAX];
    let (mut rest, mut at) = (value.unsigned_abs(), DIGITS_MAX);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        text.push('-');
    }
    // Digits are ASCII.
    text.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// "1 visit", "2 visits".
pub(super) fn counted(count: i64, singular: &str, text: &mut String) {
    number(count, text);
    text.extend([" ", singular, if count == 1 { "" } else { "s" }]);
}

/// "TREE_NUTS" as "Tree nuts".
pub(super) fn spoken(code: &str, text: &mut String) {
    for (index, char) in code.chars().enumerate() {
        match char {
            '_' => text.push(' '),
            _ if index == 0 => text.push(char),
            _ => text.push(char.to_ascii_lowercase()),
        }
    }
}

/// "AIR_CONDITIONING" as "air conditioning".
pub(super) fn spoken_small(code: &str, text: &mut String) {
    text.extend(code.chars().map(|char| if char == '_' { ' ' } else { char.to_ascii_lowercase() }));
}

/// "today", "tomorrow", "in 3 days".
pub(super) fn days_ahead(days: i64, text: &mut String) {
    match days {
        0 => text.push_str("today"),
        1 => text.push_str("tomorrow"),
        _ => {
            text.push_str("in ");
            number(days, text);
            text.push_str(" days");
        }
    }
}

/// "40th".
pub(super) fn ordinal(value: i64, text: &mut String) {
    number(value, text);
    text.push_str(match (value % 10, value % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    });
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
pub(super) fn month(number: i64) -> &'static str {
    usize::try_from(number).ok().and_then(|number| MONTHS.get(number.wrapping_sub(1))).copied().unwrap_or_default()
}

/// A date as people write it, the same in every country: "13 October 2026".
pub(super) fn day(date: Date, text: &mut String) {
    number(i64::from(date.day()), text);
    text.extend([" ", month(i64::from(date.month())), " "]);
    number(i64::from(date.year()), text);
}

/// A time of day: "18:05".
pub(super) fn clock(civil: DateTime, text: &mut String) {
    let (hour, minute) = (civil.hour().unsigned_abs(), civil.minute().unsigned_abs());
    let digit = |value: u8| char::from(b'0' + value);
    text.extend([digit(hour / 10), digit(hour % 10), ':', digit(minute / 10), digit(minute % 10)]);
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYPARTS: [&str; 6] = ["late nights", "early mornings", "mornings", "afternoons", "evenings", "nights"];

/// A cell of the week: "Friday evenings".
pub(super) fn cell(cell: u8, text: &mut String) {
    let parts = DAYPARTS.len();
    let (weekday, daypart) = (usize::from(cell) / parts, usize::from(cell) % parts);
    text.extend([WEEKDAYS[weekday % WEEKDAYS.len()], " ", DAYPARTS[daypart]]);
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut text = String::new();
        write(&mut text);
        text
    }

    #[test]
    fn dates_and_times_are_written_as_people_write_them() {
        for (date, expected) in [
            (date(2026, 10, 13), "13 October 2026"),
            (date(1980, 2, 9), "9 February 1980"),
            (Date::MIN, "1 January -9999"),
        ] {
            assert_eq!(written(|text| day(date, text)), expected);
        }
        assert_eq!(written(|text| clock(date(2026, 10, 13).at(9, 5, 0, 0), text)), "09:05");
        assert_eq!(written(|text| clock(date(2026, 10, 13).at(18, 30, 59, 0), text)), "18:30");
        assert_eq!(written(|text| cell(28, text)), "Friday evenings");
    }

    #[test]
    fn numbers_have_their_words() {
        for value in [0, 7, 10, 1_234, -5, i64::MAX, i64::MIN] {
            assert_eq!(written(|text| number(value, text)), value.to_string());
        }
        assert_eq!([1, 12].map(|count| written(|text| counted(count, "visit", text))), ["1 visit", "12 visits"]);
        let ordinals = [1, 2, 3, 11, 112, 40].map(|value| written(|text| ordinal(value, text)));
        assert_eq!(ordinals, ["1st", "2nd", "3rd", "11th", "112th", "40th"]);
        assert_eq!([0, 1, 5].map(|days| written(|text| days_ahead(days, text))), ["today", "tomorrow", "in 5 days"]);
        assert_eq!(written(|text| spoken("TREE_NUTS", text)), "Tree nuts");
        assert_eq!(written(|text| spoken_small("AIR_CONDITIONING", text)), "air conditioning");
    }
}
