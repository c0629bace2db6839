//! Whose plate a line of a basket is.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::domain::{
    kernel::text::is_same,
    parts::basket::{BasketLine, Seat},
};

/// Who eats a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Plate {
    /// It is shared, or not said, or nobody can tell.
    Anybodys,
    /// Whoever sits on the seat that was said.
    Theirs,
    /// Somebody else at the table.
    Anothers,
}

impl Plate {
    pub fn of(line: &BasketLine, seat: Seat<'_>) -> Self {
        let (Seat::Customers(seat) | Seat::OfAll(seat)) = seat;
        Self::between(&line.seat, seat)
    }

    /// Tills write one seat in many ways: "3", "03", "Seat 3", "#3", "Platz 3", "S3". Only what plainly differs is another's: in doubt, a
    /// line is looked at for everybody.
    fn between(line: &str, seat: &str) -> Self {
        if line.is_empty() || seat.is_empty() {
            return Self::Anybodys;
        }
        if line == seat {
            return Self::Theirs;
        }
        let (one, other) = (plain(line), plain(seat));
        if is_same(line, seat) || one.trim_start_matches('0') == other.trim_start_matches('0') {
            return Self::Theirs;
        }
        match (Called::of(&one), Called::of(&other)) {
            (Some(one), Some(other)) if one.differs(&other) => Self::Anothers,
            _ => Self::Anybodys,
        }
    }
}

/// Whether words that say whose a precaution is name a seat by its number: "wife (seat 1)".
pub(super) fn names_seat(of_whom: &str, seat: &str) -> bool {
    let (of_whom, seat) = (plain(of_whom), plain(seat));
    let numbers = |text: &str| -> Vec<String> {
        let digits = text.split(|char: char| !char.is_ascii_digit());
        digits.map(|number| number.trim_start_matches('0').to_owned()).filter(|number| !number.is_empty()).collect()
    };
    let named = numbers(&of_whom);
    numbers(&seat).iter().any(|number| named.contains(number))
}

/// In small letters without accents, and in one form of digits.
fn plain(seat: &str) -> String {
    if seat.is_ascii() {
        return seat.to_ascii_lowercase();
    }
    seat.nfkd().filter(|char| !is_combining_mark(*char)).flat_map(char::to_lowercase).collect()
}

/// A seat by a plain number or letter, with the word before it.
struct Called<'s> {
    before: &'s str,
    name: &'s str,
}

impl<'s> Called<'s> {
    /// `None`: it may be any seat, or several.
    fn of(seat: &'s str) -> Option<Self> {
        let is_mark = |char: char| matches!(char, ' ' | '-' | '.' | ':' | '#' | '_');
        let seat = seat.trim_matches(is_mark);
        let word_ends = seat.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(seat.len());
        let (word, rest) = seat.split_at(word_ends);
        let rest = rest.trim_start_matches(is_mark);
        let is_all = |text: &str, is: fn(&char) -> bool| !text.is_empty() && text.chars().all(|char| is(&char));
        let number = rest.trim_start_matches('0');
        if is_all(number, char::is_ascii_digit) {
            return Some(Self { before: word, name: number });
        }
        let (before, name) = if rest.is_empty() { ("", word) } else { (word, rest) };
        let is_seat = before.is_empty() || SEATS.contains(&before);
        let says_one = !SEATS.contains(&name) && !MAY_BE_ALL.contains(&name);
        (is_seat && says_one && is_all(name, char::is_ascii_alphabetic)).then_some(Self { before, name })
    }

    /// Whether two are plainly two seats: two numbers, or two letters.
    fn differs(&self, other: &Self) -> bool {
        let is_number = |one: &Self| one.name.starts_with(|first: char| first.is_ascii_digit());
        let is_letter = |one: &Self| one.name.len() == 1;
        let is_one_shape = match (is_number(self), is_number(other)) {
            (true, true) => true,
            // Words may be two for one place: "window", "Fenster".
            (false, false) => is_letter(self) && is_letter(other),
            _ => false,
        };
        // "Table 1" and "Seat 2" may be one; "Bar 1" and "Bar 2" are two.
        let is_seat = |one: &Self| one.before.is_empty() || SEATS.contains(&one.before);
        is_one_shape && self.name != other.name && (self.before == other.before || (is_seat(self) && is_seat(other)))
    }
}

/// Words for a seat and whoever sits there, which say nothing beside a number; without accents.
const SEATS: [&str; 36] = [
    "asiento",
    "chair",
    "client",
    "cliente",
    "comensal",
    "couvert",
    "cover",
    "gast",
    "gedeck",
    "guest",
    "invite",
    "lugar",
    "n",
    "no",
    "nr",
    "num",
    "number",
    "nummer",
    "numero",
    "ospite",
    "p",
    "pax",
    "person",
    "persona",
    "personne",
    "place",
    "platz",
    "pos",
    "position",
    "posto",
    "puesto",
    "s",
    "seat",
    "siege",
    "sitz",
    "sitzplatz",
];

/// Letters that may be for the whole table: "T" for table, "M" for the middle, "X" for anybody.
const MAY_BE_ALL: [&str; 3] = ["m", "t", "x"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_plainly_differs_is_anothers_plate() {
        for (expected, seat, lines) in [
            (Plate::Theirs, "2", &["2", "02", "\u{ff12}"][..]),
            (
                Plate::Anybodys,
                "Seat 2",
                &[
                    "Platz 2",
                    "seat2",
                    "SEAT  2",
                    "Seat-2",
                    "Seat: 2",
                    "Seat no. 2",
                    "Seat #2",
                    "Seat 02",
                    "S2",
                    "P2",
                    "Sitz 2",
                    "Siège 2",
                    "Seat two",
                    "2",
                    "two",
                    "T1/2",
                    "Table 1 Seat 2",
                    "Table 4",
                    "2a",
                    "2.",
                ][..],
            ),
            (
                Plate::Anybodys,
                "2",
                &[
                    "1+2",
                    "1,2",
                    "1 & 2",
                    "1-3",
                    "1-2",
                    "Seats 1, 2",
                    "1/2",
                    "shared",
                    "all",
                    "Table",
                    "Mitte",
                    "*",
                    "?",
                    "0",
                    "A",
                    "\u{662}",
                    "",
                ],
            ),
            (Plate::Anybodys, "Seat A", &["A", "Platz A", "#A", "Table", "T", "X", "A1", "window"]),
            (Plate::Anybodys, "window", &["windows", "door", "Fenster", "shared", "A", "1", "seat"]),
            (Plate::Anybodys, "Tür", &["Tuer", "Fenster", "insieme"]),
            (Plate::Anothers, "2", &["1", "03", "#3", "Seat 1", "Platz-3", "S3", "\u{ff13}", "12"]),
            (Plate::Anothers, "Seat A", &["B", "Seat B", "Platz B"]),
            (Plate::Anothers, "Bar 2", &["Bar 3"]),
        ] {
            let wrong: Vec<_> =
                lines.iter().map(|line| (line, Plate::between(line, seat))).filter(|(_, is)| *is != expected).collect();
            assert!(wrong.is_empty(), "{seat}, not {expected:?}: {wrong:?}");
            let wrong: Vec<_> = lines.iter().filter(|line| Plate::between(seat, line) != expected).collect();
            assert!(wrong.is_empty(), "{seat}, not {expected:?}, the other way round: {wrong:?}");
        }
    }
}
