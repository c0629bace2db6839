//! Whose plate a line of a basket is.

use unicode_normalization::UnicodeNormalization;

use crate::domain::{
    kernel::text::is_same,
    parts::basket::{BasketLine, Seat},
};

/// Who eats a line.
#[derive(Clone, Copy)]
pub(super) enum Plate {
    /// It is shared, or not said.
    Anybodys,
    /// Whoever sits on the seat that was said.
    Theirs,
    /// Somebody else at the table.
    Anothers,
}

impl Plate {
    pub fn of(line: &BasketLine, seat: Seat<'_>) -> Self {
        let (Seat::Customers(seat) | Seat::OfAll(seat)) = seat;
        if seat.is_empty() || line.seat.is_empty() {
            Self::Anybodys
        } else {
            match same_seat(&line.seat, seat) {
                Some(true) => Self::Theirs,
                Some(false) => Self::Anothers,
                None => Self::Anybodys,
            }
        }
    }
}

/// Whether two texts name one seat: tills write "3", "03" and, in full width, "３". `None`: nobody can tell, as of "Seat 3", "#3" and "3".
fn same_seat(one: &str, other: &str) -> Option<bool> {
    let key = |seat: &str| {
        let plain: String = seat.nfkc().flat_map(char::to_lowercase).collect();
        plain.trim_start_matches('0').to_owned()
    };
    if is_same(one, other) || key(one) == key(other) {
        return Some(true);
    }
    let parts = |seat: &str| {
        let plain = key(seat);
        let of = |is: fn(&char) -> bool| plain.chars().filter(is).collect::<String>();
        let digits = of(|char| char.is_numeric());
        (digits.trim_start_matches('0').to_owned(), of(|char| char.is_alphabetic()))
    };
    let ((digits, letters), (other_digits, other_letters)) = (parts(one), parts(other));
    // "A1" and "B1" are two; "Seat 1", "#1" and "1" may be one; and digits of another script may be any.
    let may_be_one = digits == other_digits && (letters.is_empty() || other_letters.is_empty());
    if may_be_one || !digits.is_ascii() || !other_digits.is_ascii() { None } else { Some(false) }
}
