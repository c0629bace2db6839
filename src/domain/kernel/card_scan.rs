//! Reads texts as numbers and words, for the search of card data (`card.rs`).

use unicode_normalization::UnicodeNormalization;

use super::{issuers, text::decimal_digit};

/// Most characters between two groups of digits of one number: " - " is the longest separator in use.
pub(super) const GAP_CHARS_MAX: usize = 3;

/// What a text is for, which decides by what a card number is told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Words, and keys of programmes: any number that may be a card's is refused, but for barcodes.
    Words,
    /// Where other systems' numbers are given: receipts, keys of tills, barcodes. One in thirty of their numbers of 16 digits
    /// would pass for a card's. Refused is what is grouped as on a card, or has a card word beside it.
    Reference,
}

/// What stands before a group of digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// A letter, too many characters, or the beginning: a new number starts.
    Break,
    /// The border of two texts.
    Text,
    /// Few characters: the same number may continue.
    Chars([char; GAP_CHARS_MAX]),
}

/// Digits without anything between them.
pub(super) struct Group {
    /// Index of the first digit in [`Scan::digits`].
    pub start: usize,
    pub len: usize,
    /// Index of the text.
    pub text: usize,
    /// Index in [`Scan::tokens`].
    pub token: usize,
    /// Before the group.
    pub gap: Gap,
    /// The character right before it in the same text: "+" before a telephone number, the V of "CVV2".
    pub before: Option<char>,
    /// The word right before it, if it is of one or two ASCII letters, in small ones: "ch" of "CH93", "z" of "1Z".
    letters: [u8; 2],
    /// Whether "=" or "^" follows, as after the number on a magnetic stripe.
    pub stripe_end: bool,
    /// Of a number that is known to be another: of an account or a parcel.
    pub is_other: bool,
}

/// A word or a group of digits, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A name of the verification code that others have too: "CSC".
    Keyword,
    /// One that nothing else has: "CVV".
    CardKeyword,
    /// The mark between a keyword and its value: "CVV: ".
    Label,
    /// "code", as in "CVC code".
    Code,
    /// A word about cards: "Visa".
    Card,
    /// A word that may stand between keyword and code.
    Filler,
    /// Any other word.
    Word,
    /// A group, by its index.
    Digits(usize),
}

#[derive(Default)]
pub(super) struct Scan<'a> {
    /// Field and use.
    pub texts: Vec<(&'a str, Use)>,
    pub digits: Vec<u8>,
    pub groups: Vec<Group>,
    /// Tokens with the text they are in.
    pub tokens: Vec<(Token, usize)>,
    /// Characters since the last digit, no more than tell that they are too many; `None`: a letter came between.
    gap: Option<Vec<char>>,
}

impl<'a> Scan<'a> {
    /// A text without digits and keywords.
    pub(super) fn skip(&mut self, field: &'a str, used: Use, text: &str) {
        self.texts.push((field, used));
        if text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            self.gap = None;
            self.tokens.push((Token::Word, self.texts.len() - 1));
        }
    }

    pub(super) fn read(&mut self, field: &'a str, used: Use, text: &str) {
        self.texts.push((field, used));
        let text_index = self.texts.len() - 1;
        let mut word = String::new();
        let mut before = None;
        let mut in_group = false;
        // NFKC makes circled, raised and full-width digits plain.
        for char in text.nfkc() {
            if let Some(digit) = decimal_digit(char) {
                if !in_group {
                    let letters = letters(&word);
                    self.end_word(&mut word, text_index);
                    self.open_group(text_index, before, letters);
                }
                in_group = true;
                self.digits.push(digit);
                if let Some(group) = self.groups.last_mut() {
                    group.len += 1;
                }
            } else {
                if in_group {
                    self.close_group(char);
                    in_group = false;
                }
                self.read_other(char, &mut word, text_index);
            }
            before = Some(char);
        }
        self.end_word(&mut word, text_index);
        if in_group {
            self.close_group('\0');
        }
    }

    /// A character that is no digit.
    fn read_other(&mut self, char: char, word: &mut String, text: usize) {
        if char.is_alphanumeric() {
            self.gap = None;
            word.extend(char.to_lowercase());
            return;
        }
        self.end_word(word, text);
        if matches!(char, ':' | '=') && matches!(self.tokens.last(), Some((Token::Keyword | Token::CardKeyword, _))) {
            self.tokens.push((Token::Label, text));
        }
        if let Some(gap) = &mut self.gap
            && gap.len() <= GAP_CHARS_MAX
        {
            gap.push(char);
        }
    }

    fn end_word(&mut self, word: &mut String, text: usize) {
        if !word.is_empty() {
            self.tokens.push((token(word), text));
            word.clear();
        }
    }

    fn open_group(&mut self, text: usize, before: Option<char>, letters: [u8; 2]) {
        let other_text = self.groups.last().is_some_and(|group| group.text != text);
        let gap = match self.gap.take() {
            None => Gap::Break,
            Some(chars) if chars.len() > GAP_CHARS_MAX => Gap::Break,
            Some(_) if other_text => Gap::Text,
            Some(chars) => {
                let mut kept = ['\0'; GAP_CHARS_MAX];
                kept[..chars.len()].copy_from_slice(&chars);
                Gap::Chars(kept)
            }
        };
        let token = self.tokens.len();
        self.tokens.push((Token::Digits(self.groups.len()), text));
        let start = self.digits.len();
        self.groups.push(Group {
            start,
            len: 0,
            text,
            token,
            gap,
            before,
            letters,
            stripe_end: false,
            is_other: false,
        });
    }

    fn close_group(&mut self, next: char) {
        if let Some(group) = self.groups.last_mut() {
            group.stripe_end = matches!(next, '=' | '^');
        }
        self.gap = Some(Vec::new());
    }

    /// Marks the groups of account numbers (IBAN) and of UPS, sixteen digits after "1Z".
    pub(super) fn leave_out_others(&mut self) {
        for first in 0..self.groups.len() {
            let group = &self.groups[first];
            let others = match group.letters {
                [0, _] => 0,
                [b'z', 0] => usize::from(group.len == 16 && self.is_one_before(first)),
                [one, two] => self.account_groups(first, [one, two]),
            };
            for group in &mut self.groups[first..first + others] {
                group.is_other = true;
            }
        }
    }

    /// Whether the group before is "1".
    fn is_one_before(&self, group: usize) -> bool {
        group.checked_sub(1).is_some_and(|before| {
            let one = &self.groups[before];
            one.len == 1 && self.digits[one.start] == 1 && one.token + 2 == self.groups[group].token
        })
    }

    /// How many groups from here on are an account number's: one with right check digits, or two digits and then fours, as
    /// many as the country has.
    fn account_groups(&self, first: usize, letters: [u8; 2]) -> usize {
        let Some(digits) = issuers::account_digits(letters) else { return 0 };
        let start = &self.groups[first];
        if start.len == digits {
            let right = issuers::is_account(letters, &self.digits[start.start..start.start + digits]);
            return usize::from(right);
        }
        let mut total = 2;
        let mut count = 1;
        for group in &self.groups[first + 1..] {
            let is_one_blank = group.gap == Gap::Chars([' ', '\0', '\0']);
            if start.len != 2 || !is_one_blank || total >= digits || group.len != (digits - total).min(4) {
                break;
            }
            total += group.len;
            count += 1;
        }
        if total == digits { count } else { 0 }
    }
}

/// The card industry's names for the printed code. "Security code" is not among them: doors have one too.
const KEYWORDS: [&str; 4] = ["cvc", "csc", "cvn", "cav"];
const CARD_KEYWORDS: [&str; 3] = ["cvv", "cvvc", "icvv"];
const FILLER_WORDS: [&str; 12] = ["is", "the", "number", "no", "nr", "num", "my", "ist", "es", "est", "value", "of"];
/// Words about cards in the languages of guests; no schemes whose name is a usual word (Mir, Troy, Discover).
const CARD_WORDS: [&str; 44] = [
    "card",
    "cards",
    "cardno",
    "cardnumber",
    "creditcard",
    "debitcard",
    "credit",
    "debit",
    "exp",
    "expiry",
    "expires",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "diners",
    "jcb",
    "unionpay",
    "rupay",
    "uatp",
    "karte",
    "karten",
    "kartennummer",
    "kreditkarte",
    "bankkarte",
    "carte",
    "carta",
    "tarjeta",
    "cartão",
    "cartao",
    "kort",
    "kaart",
    "karta",
    "kartı",
    "karti",
    "kortti",
    "kártya",
    "карта",
    "карты",
    "カード",
    "カード番号",
    "银行卡",
    "信用卡",
    "卡号",
];

fn token(word: &str) -> Token {
    if KEYWORDS.contains(&word) {
        Token::Keyword
    } else if CARD_KEYWORDS.contains(&word) {
        Token::CardKeyword
    } else if CARD_WORDS.contains(&word) {
        Token::Card
    } else if word == "code" {
        Token::Code
    } else if FILLER_WORDS.contains(&word) {
        Token::Filler
    } else {
        Token::Word
    }
}

fn letters(word: &str) -> [u8; 2] {
    match word.as_bytes() {
        [one] => [*one, 0],
        [one, two] => [*one, *two],
        _ => [0, 0],
    }
}

/// Whether an ASCII text may hold a keyword whose code stands in the next text.
pub(super) fn may_hold_keyword(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| {
        matches!(three[0].to_ascii_lowercase(), b'c')
            && KEYWORDS.iter().chain(&CARD_KEYWORDS).any(|word| word.as_bytes().eq_ignore_ascii_case(three))
    })
}
