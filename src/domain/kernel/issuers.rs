//! Who issues payment cards: first digits, lengths, and how the digits are printed.
//!
//! Sources: ISO/IEC 7812-1 for the number itself; the schemes' ranges as the table of
//! <https://en.wikipedia.org/wiki/Payment_card_number> (July 2024) collects them; for `RuPay` (60, 65, 81, 82, 508, and 353
//! and 356 with JCB), UATP (1, fifteen digits, 4-5-6) and Elo also what public libraries for card forms agree on.

use std::ops::RangeInclusive;

/// Shortest card number still in use.
pub const PAN_DIGITS_MIN: usize = 13;
/// Longest card number (ISO/IEC 7812-1).
pub const PAN_DIGITS_MAX: usize = 19;

/// What a number of an issuer's range needs, beside its check digit, to be taken for a card's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: few other numbers begin like that, or the cards are too common to miss.
    Nothing,
    /// To be grouped as on a card, or a card word beside it: the range is wide, or hardly in use any more.
    Grouping,
}

/// First digits from `first.0` to `first.1`, which are equally long.
struct Range {
    first: (u32, u32),
    lengths: RangeInclusive<usize>,
    needs: Needs,
    /// How the digits are printed where it is not in fours.
    printed: &'static [&'static [usize]],
}

const fn alone(from: u32, to: u32, shortest: usize, longest: usize) -> Range {
    Range { first: (from, to), lengths: shortest..=longest, needs: Needs::Nothing, printed: &[] }
}

const fn grouped(from: u32, to: u32, shortest: usize, longest: usize) -> Range {
    Range { first: (from, to), lengths: shortest..=longest, needs: Needs::Grouping, printed: &[] }
}

const fn printed(range: Range, printed: &'static [&'static [usize]]) -> Range {
    Range { first: range.first, lengths: range.lengths, needs: range.needs, printed }
}

/// By length and first digits. Overlaps are harmless: what needs least counts.
const RANGES: [Range; 60] = [
    // Visa. Numbers of 13 digits are hardly issued any more, and barcodes begin like them.
    alone(4, 4, 16, 16),
    alone(4, 4, 19, 19),
    printed(grouped(4, 4, 13, 13), &[&[4, 3, 3, 3]]),
    // Mastercard.
    alone(51, 55, 16, 16),
    alone(2221, 2720, 16, 16),
    // American Express.
    printed(alone(34, 34, 15, 15), &[&[4, 6, 5]]),
    printed(alone(37, 37, 15, 15), &[&[4, 6, 5]]),
    // UATP, the airlines' card.
    printed(alone(1, 1, 15, 15), &[&[4, 5, 6], &[4, 6, 5]]),
    // Diners Club.
    printed(alone(300, 305, 14, 14), &[&[4, 6, 4]]),
    printed(alone(309, 309, 14, 14), &[&[4, 6, 4]]),
    printed(alone(36, 36, 14, 14), &[&[4, 6, 4]]),
    printed(alone(38, 39, 14, 14), &[&[4, 6, 4]]),
    alone(36, 36, 16, 16),
    alone(38, 39, 16, 16),
    grouped(36, 36, 17, 19),
    grouped(38, 39, 17, 19),
    grouped(300, 305, 16, 19),
    // Discover, and RuPay with it.
    alone(6011, 6011, 16, 19),
    alone(644, 649, 16, 19),
    alone(65, 65, 16, 19),
    // RuPay.
    alone(60, 60, 16, 16),
    alone(81, 82, 16, 16),
    alone(508, 508, 16, 16),
    // JCB, and RuPay with it (353, 356).
    alone(3528, 3589, 16, 16),
    alone(2131, 2131, 15, 15),
    grouped(35, 35, 16, 19),
    // UnionPay, and Discover with it. One printed form of 19 digits is 6-13.
    printed(alone(62, 62, 16, 19), &[&[6, 13]]),
    grouped(81, 81, 17, 19),
    // Maestro: the ranges in use, and the wide ones.
    alone(5018, 5018, 13, 19),
    alone(5020, 5020, 13, 19),
    alone(5038, 5038, 13, 19),
    alone(5612, 5612, 13, 19),
    alone(5893, 5893, 13, 19),
    alone(6304, 6304, 13, 19),
    alone(6390, 6390, 13, 19),
    alone(6759, 6759, 13, 19),
    alone(6761, 6763, 13, 19),
    grouped(50, 50, 16, 19),
    grouped(56, 58, 16, 19),
    grouped(60, 63, 16, 19),
    grouped(67, 67, 16, 19),
    // Mir; BORICA.
    alone(2200, 2204, 16, 19),
    alone(2205, 2205, 16, 16),
    // Troy.
    alone(9792, 9792, 16, 16),
    // Elo.
    alone(504_175, 504_175, 16, 16),
    alone(506_699, 506_778, 16, 16),
    alone(509_000, 509_999, 16, 16),
    // Dankort; Bankcard.
    alone(5019, 5019, 16, 16),
    alone(5610, 5610, 16, 16),
    alone(560_221, 560_225, 16, 16),
    // Verve.
    alone(506_099, 506_198, 16, 19),
    alone(507_865, 507_964, 16, 19),
    // InterPayment; InstaPayment.
    alone(636, 636, 16, 19),
    alone(637, 639, 16, 16),
    // Laser; Solo and Switch.
    alone(6706, 6706, 16, 19),
    alone(6709, 6709, 16, 19),
    alone(6771, 6771, 16, 19),
    alone(6767, 6767, 16, 19),
    alone(6333, 6334, 16, 19),
    alone(564_182, 564_182, 16, 19),
];

/// Whose number it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Issued {
    pub needs: Needs,
    /// Whether it is grouped as its issuer prints it.
    pub as_printed: bool,
}

/// The issuer of a number that is written in groups of so many digits. `None`: it is no card's.
pub(super) fn issued(digits: &[u8], groups: &[usize]) -> Option<Issued> {
    let mut found: Option<Issued> = None;
    for range in RANGES.iter().filter(|range| range.holds(digits)) {
        let before = found.unwrap_or(Issued { needs: range.needs, as_printed: false });
        let needs = if before.needs == Needs::Nothing { Needs::Nothing } else { range.needs };
        found = Some(Issued { needs, as_printed: before.as_printed || range.printed.contains(&groups) });
    }
    found
}

impl Range {
    fn holds(&self, digits: &[u8]) -> bool {
        let places = self.first.0.ilog10() as usize + 1;
        self.lengths.contains(&digits.len()) && (self.first.0..=self.first.1).contains(&head(digits, places))
    }
}

/// The first `count` digits as a number.
fn head(digits: &[u8], count: usize) -> u32 {
    digits.iter().take(count).fold(0, |number, digit| number * 10 + u32::from(*digit))
}

/// The check digit of ISO/IEC 7812-1, annex B.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| if index % 2 == 1 { doubled(u32::from(*digit)) } else { u32::from(*digit) })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether 13 digits are a barcode's: the check digit of EAN and GTIN (GS1 General Specifications, 7.9).
pub(super) fn is_barcode(digits: &[u8]) -> bool {
    let weighted =
        digits.iter().enumerate().map(|(index, digit)| u32::from(*digit) * if index % 2 == 1 { 3 } else { 1 });
    digits.len() == 13 && weighted.sum::<u32>().is_multiple_of(10)
}

/// Countries whose account numbers (IBAN, ISO 13616) are all digits, with how many follow the two letters.
const ACCOUNTS: [(&str, usize); 29] = [
    ("at", 18),
    ("ba", 18),
    ("be", 14),
    ("ch", 19),
    ("cy", 26),
    ("cz", 22),
    ("de", 20),
    ("dk", 16),
    ("ee", 18),
    ("es", 22),
    ("fi", 16),
    ("gr", 25),
    ("hr", 19),
    ("hu", 26),
    ("is", 24),
    ("il", 21),
    ("li", 19),
    ("lt", 18),
    ("lu", 18),
    ("me", 20),
    ("no", 13),
    ("pl", 26),
    ("pt", 23),
    ("rs", 20),
    ("se", 22),
    ("si", 17),
    ("sk", 22),
    ("tr", 24),
    ("xk", 18),
];

/// How many digits an account number has after the country's two letters.
pub(super) fn account_digits(country: [u8; 2]) -> Option<usize> {
    ACCOUNTS.iter().find(|(letters, _)| letters.as_bytes() == country).map(|(_, digits)| *digits)
}

/// The check of ISO 13616: the number with country and check digits at its end leaves 1 when divided by 97. The country is two
/// small letters; `digits` follow it.
pub(super) fn is_account(country: [u8; 2], digits: &[u8]) -> bool {
    let (check, number) = digits.split_at(2.min(digits.len()));
    let step = |rest: u32, digit: u8| (rest * 10 + u32::from(digit)) % 97;
    let rest = number.iter().copied().fold(0, step);
    let value = |letter: u8| u32::from(letter.wrapping_sub(b'a')) + 10;
    let rest = country.into_iter().fold(rest, |rest, letter| (rest * 100 + value(letter)) % 97);
    check.iter().copied().fold(rest, step) == 1
}
