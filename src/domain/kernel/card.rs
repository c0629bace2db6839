//! Payment card numbers are refused wherever text is accepted.
//!
//! A number counts as a card's when it has the length and the first digits that an issuer uses, and its check digit
//! (ISO/IEC 7812, Luhn) is right. It may be written in any script's digits, in groups, and over adjacent texts.
//! A card's verification code beside its keyword ("CVV 123"), and the data of a magnetic stripe, are refused as well.

use unicode_normalization::UnicodeNormalization;

use super::{error::Violation, text::decimal_digit};

/// Longest card number (ISO/IEC 7812-1).
const PAN_DIGITS_MAX: usize = 19;
/// Shortest card number still in use.
pub const PAN_DIGITS_MIN: usize = 13;
/// Texts over which one number may be split. With more, short numbers in the names of adjacent items would be taken for a
/// card number.
const PAN_TEXTS_MAX: usize = 3;
/// Most characters between two groups of digits of one number: " - " is the longest separator in use.
const GAP_CHARS_MAX: usize = 3;
/// Longest number of the international telephone plan (E.164): after a "+" it is a telephone number.
const PHONE_DIGITS_MAX: usize = 15;
/// Words that may stand between the keyword and the code: "CVV is the number 123".
const CODE_FILLERS_MAX: usize = 3;

/// Refuses card data in texts that belong together: `(field, text)` in the order of the message. A number split over
/// adjacent texts is found too. Nothing of the number is in the error.
pub fn refuse_card_data<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Violation> {
    refuse_card_data_unless_issued(texts, &[])
}

/// Like [`refuse_card_data`], but lets numbers pass that begin with one of the tenant's own prefixes.
pub fn refuse_card_data_unless_issued<'a>(
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    issued_prefixes: &[String],
) -> Result<(), Violation> {
    let mut scan = Scan::default();
    for (field, text) in texts {
        // The usual text has no digits at all, and nothing else to look for then.
        if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_digit()) && !may_hold_keyword(text) {
            scan.skip(field, text);
        } else {
            scan.read(field, text);
        }
    }
    match scan.finding(issued_prefixes) {
        Some(text) => Err(Violation::new(
            scan.fields[text],
            "must not contain payment card data: a card number, its verification code or its stripe; remove it",
        )),
        None => Ok(()),
    }
}

/// What stands before a group of digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// A letter, too many characters, or the beginning: a new number starts.
    Break,
    /// The border of two texts.
    Text,
    /// Few characters: the same number may continue.
    Chars([char; GAP_CHARS_MAX]),
}

/// Digits without anything between them.
struct Group {
    /// Index of the first digit in [`Scan::digits`].
    start: usize,
    len: usize,
    /// Index of the text.
    text: usize,
    /// Before the group.
    gap: Gap,
    /// Whether a "+" stands right before it.
    plus: bool,
    /// Whether "=" or "^" follows, as after the number on a magnetic stripe.
    stripe_end: bool,
}

/// A word or a group of digits, in order, for the search of verification codes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    /// A name of the verification code: "CVV".
    Keyword,
    /// A word that may stand between keyword and code.
    Filler,
    /// Any other word.
    Word,
    /// A group, by its index.
    Digits(usize),
}

#[derive(Default)]
struct Scan<'a> {
    fields: Vec<&'a str>,
    digits: Vec<u8>,
    groups: Vec<Group>,
    /// Tokens with the text they are in.
    tokens: Vec<(Token, usize)>,
    /// Characters since the last digit; `None`: a letter came between.
    gap: Option<Vec<char>>,
    /// The character before this one in the same text, whatever it is: a "+" also counts at the start and after a word.
    before: Option<char>,
}

impl<'a> Scan<'a> {
    fn skip(&mut self, field: &'a str, text: &str) {
        self.fields.push(field);
        if text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            self.gap = None;
            self.tokens.push((Token::Word, self.fields.len() - 1));
        }
    }

    fn read(&mut self, field: &'a str, text: &str) {
        self.fields.push(field);
        let text_index = self.fields.len() - 1;
        let mut word = String::new();
        let mut in_group = false;
        self.before = None;
        // NFKC makes circled, raised and full-width digits plain.
        for char in text.nfkc() {
            if let Some(digit) = decimal_digit(char) {
                self.end_word(&mut word, text_index);
                if !in_group {
                    self.open_group(text_index);
                }
                in_group = true;
                self.digits.push(digit);
                if let Some(group) = self.groups.last_mut() {
                    group.len += 1;
                }
                self.before = Some(char);
                continue;
            }
            if in_group {
                self.close_group(char);
                in_group = false;
            }
            if char.is_alphanumeric() {
                self.gap = None;
                word.extend(char.to_lowercase());
            } else {
                self.end_word(&mut word, text_index);
                if let Some(gap) = &mut self.gap {
                    gap.push(char);
                }
            }
            self.before = Some(char);
        }
        self.end_word(&mut word, text_index);
        if in_group {
            self.close_group('\0');
            self.gap = Some(Vec::new());
        }
    }

    fn end_word(&mut self, word: &mut String, text: usize) {
        if !word.is_empty() {
            self.tokens.push((token(word), text));
            word.clear();
        }
    }

    fn open_group(&mut self, text: usize) {
        let before = self.gap.take();
        let other_text = self.groups.last().is_some_and(|group| group.text != text);
        let gap = match before {
            _ if self.groups.is_empty() => Gap::Break,
            None => Gap::Break,
            Some(chars) if chars.len() > GAP_CHARS_MAX => Gap::Break,
            Some(_) if other_text => Gap::Text,
            Some(chars) => {
                let mut kept = ['\0'; GAP_CHARS_MAX];
                kept[..chars.len()].copy_from_slice(&chars);
                Gap::Chars(kept)
            }
        };
        self.tokens.push((Token::Digits(self.groups.len()), text));
        self.groups.push(Group {
            start: self.digits.len(),
            len: 0,
            text,
            gap,
            plus: self.before == Some('+'),
            stripe_end: false,
        });
    }

    fn close_group(&mut self, next: char) {
        if let Some(group) = self.groups.last_mut() {
            group.stripe_end = matches!(next, '=' | '^');
        }
        self.gap = Some(Vec::new());
    }

    /// The text in which card data was found.
    fn finding(&self, issued_prefixes: &[String]) -> Option<usize> {
        self.pan(issued_prefixes).or_else(|| self.stripe()).or_else(|| self.verification_code())
    }

    fn pan(&self, issued_prefixes: &[String]) -> Option<usize> {
        for first in 0..self.groups.len() {
            let start = &self.groups[first];
            let mut total = 0;
            for last in first..self.groups.len() {
                let group = &self.groups[last];
                total += group.len;
                let apart = last > first && group.gap == Gap::Break;
                if apart || total > PAN_DIGITS_MAX || group.text - start.text >= PAN_TEXTS_MAX {
                    break;
                }
                let digits = &self.digits[start.start..group.start + group.len];
                let phone = start.plus && total <= PHONE_DIGITS_MAX;
                if total < PAN_DIGITS_MIN || phone || is_issued_by_tenant(digits, issued_prefixes) {
                    continue;
                }
                if is_pan(digits, layout(&self.groups[first..=last])) {
                    return Some(group.text);
                }
            }
        }
        None
    }

    /// Track 1 is `%B` digits `^`, track 2 is `;` digits `=`. Twelve digits suffice: Maestro numbers may be that short, and no
    /// check digit is asked for here.
    fn stripe(&self) -> Option<usize> {
        let long = |group: &Group| (PAN_DIGITS_MIN - 1..=PAN_DIGITS_MAX).contains(&group.len);
        let track = self.groups.iter().find(|group| long(group) && group.stripe_end && !group.plus)?;
        Some(track.text)
    }

    /// Three or four digits after the keyword, or right before it.
    fn verification_code(&self) -> Option<usize> {
        for (index, (token, text)) in self.tokens.iter().enumerate() {
            if *token != Token::Keyword {
                continue;
            }
            if index > 0 && self.is_code(self.tokens[index - 1].0) {
                return Some(*text);
            }
            let mut fillers = 0;
            for (next, text) in &self.tokens[index + 1..] {
                match next {
                    _ if self.is_code(*next) => return Some(*text),
                    // The 2 of "CVV2".
                    Token::Digits(group) if self.groups[*group].len == 1 => {}
                    Token::Filler | Token::Keyword if fillers < CODE_FILLERS_MAX => fillers += 1,
                    _ => break,
                }
            }
        }
        None
    }

    fn is_code(&self, token: Token) -> bool {
        matches!(token, Token::Digits(group) if (3..=4).contains(&self.groups[group].len))
    }
}

/// The card industry's names for the printed code. "Security code" is not among them: doors have one too.
const KEYWORDS: [&str; 7] = ["cvv", "cvc", "csc", "cvn", "cav", "cvvc", "icvv"];
const FILLER_WORDS: [&str; 14] =
    ["is", "the", "code", "number", "no", "nr", "num", "my", "ist", "es", "est", "value", "of", "card"];

fn token(word: &str) -> Token {
    if KEYWORDS.contains(&word) {
        Token::Keyword
    } else if FILLER_WORDS.contains(&word) {
        Token::Filler
    } else {
        Token::Word
    }
}

/// Whether an ASCII text may hold a keyword whose code stands in the next text.
fn may_hold_keyword(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| {
        matches!(three[0].to_ascii_lowercase(), b'c')
            && KEYWORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(three))
    })
}

/// How the digits of a possible card number are grouped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// As card numbers are written: in one group; in fours with a last group of up to seven; in single digits; 8-8; or as
    /// American Express (4-6-5) and Diners Club (4-6-4) print theirs.
    Printed,
    /// The same separator throughout (blank, dash or dot), but not groups of three as in an amount, unless they are split over
    /// texts.
    Even,
    /// Neither: several numbers side by side.
    Mixed,
}

fn layout(groups: &[Group]) -> Layout {
    let lens: Vec<usize> = groups.iter().map(|group| group.len).collect();
    let fours = lens.iter().rev().skip(1).all(|len| *len == 4) && lens.last().is_some_and(|len| *len <= 7);
    let printed = lens.len() == 1
        || fours
        || lens.iter().all(|len| *len == 1)
        || lens == [4, 6, 5]
        || lens == [4, 6, 4]
        || lens == [8, 8];
    if printed {
        return Layout::Printed;
    }
    let mut gaps = groups[1..].iter().map(|group| group.gap).filter(|gap| *gap != Gap::Text);
    let first = gaps.next();
    let split = groups[1..].iter().any(|group| group.gap == Gap::Text);
    let thousands = lens[1..].iter().all(|len| *len == 3);
    let even = gaps.all(|gap| Some(gap) == first) && first.is_none_or(is_plain_gap);
    if even && (split || !thousands) { Layout::Even } else { Layout::Mixed }
}

/// Blanks, dashes and dots. Other characters separate numbers, not groups of one number.
fn is_plain_gap(gap: Gap) -> bool {
    match gap {
        Gap::Chars(chars) => chars.iter().all(|char| {
            char.is_whitespace() || matches!(char, '\0' | '-' | '.' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '·')
        }),
        Gap::Break | Gap::Text => false,
    }
}

fn is_issued_by_tenant(digits: &[u8], prefixes: &[String]) -> bool {
    prefixes.iter().any(|prefix| {
        prefix.len() <= digits.len() && prefix.bytes().zip(digits).all(|(known, digit)| known == digit + b'0')
    })
}

fn is_pan(digits: &[u8], layout: Layout) -> bool {
    let issuer = match layout {
        Layout::Printed => has_issuer(digits) || has_rare_issuer(digits),
        Layout::Even => has_issuer(digits),
        Layout::Mixed => false,
    };
    issuer && luhn(digits)
}

/// The first `count` digits as a number.
fn head(digits: &[u8], count: usize) -> u32 {
    digits.iter().take(count).fold(0, |number, digit| number * 10 + u32::from(*digit))
}

/// Issuer ranges of the usual cards at their usual length: few other numbers fall into them, or (Visa) the cards are too
/// common to miss. Sources: ISO/IEC 7812 and the schemes' published ranges.
fn has_issuer(digits: &[u8]) -> bool {
    let (two, three, four) = (head(digits, 2), head(digits, 3), head(digits, 4));
    match digits.len() {
        // Diners Club.
        14 => matches!(three, 300..=305 | 309) || matches!(two, 36 | 38 | 39),
        // American Express.
        15 => matches!(two, 34 | 37),
        // Visa; Mastercard; Discover; JCB; Diners Club; UnionPay; RuPay; Mir; Troy.
        16 => {
            digits[0] == 4
                || matches!(two, 36 | 38 | 39 | 51..=55 | 60 | 62 | 64 | 65 | 81)
                || matches!(four, 2200..=2204 | 2221..=2720 | 3528..=3589 | 9792)
                || is_maestro(four)
        }
        _ => false,
    }
}

/// Wide ranges and rare lengths: they count only when the digits are grouped as on a card ([`Layout::Printed`]).
fn has_rare_issuer(digits: &[u8]) -> bool {
    let (two, four) = (head(digits, 2), head(digits, 4));
    match digits.len() {
        13 | 19 if digits[0] == 4 => true,
        // Old JCB.
        15 if matches!(four, 1800 | 2131) => true,
        13..=19 => is_maestro(four) || (digits.len() >= 16 && matches!(two, 35 | 50 | 56..=58 | 60 | 62..=69 | 81)),
        _ => false,
    }
}

fn is_maestro(four: u32) -> bool {
    matches!(four, 5018 | 5020 | 5038 | 5612 | 5893 | 6304 | 6390 | 6759 | 6761..=6763)
}

/// The check digit of ISO/IEC 7812-1.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let value = u32::from(*digit) << (index % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
