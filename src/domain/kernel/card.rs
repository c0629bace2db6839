//! Payment card numbers are refused wherever text is accepted.
//!
//! A number counts as a card's when it has the length and the first digits that an issuer uses, and its check digit
//! (ISO/IEC 7812, Luhn) is right; see `issuers.rs`. It may be written in any script's digits, in groups, and over adjacent
//! texts. Where other systems' numbers are given ([`Use::Reference`]) it must look like a card's, too. A card's verification
//! code ("card, CVV 123"), and the data of a magnetic stripe, are refused as well.

use std::ops::Range;

pub use super::{card_scan::Use, issuers::PAN_DIGITS_MIN};
use super::{
    card_scan::{Gap, Group, Scan, Token, may_hold_keyword},
    error::Violation,
    issuers::{self, Needs, PAN_DIGITS_MAX},
};

/// Texts over which one number may be split. With more, short numbers in the names of adjacent items would be taken for a
/// card number.
const PAN_TEXTS_MAX: usize = 3;
/// Longest number of the international telephone plan (E.164): after a "+" it is a telephone number.
const PHONE_DIGITS_MAX: usize = 15;
/// Longest number of two groups that is no more likely to be two numbers, unless it is grouped as on a card.
const TWO_GROUPS_DIGITS_MAX: usize = 16;
/// Words that may stand between the keyword and the code: "CVV is the number 123".
const CODE_FILLERS_MAX: usize = 3;
/// How many words away from a number a card word is beside it: "card number is 4…", "4…, exp 12/29, Visa".
const BESIDE_WORDS_MAX: usize = 3;

/// Refuses card data in texts that belong together: `(field, text)` in the order of the message. A number split over
/// adjacent texts is found too. Nothing of the number is in the error.
pub fn refuse_card_data<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Violation> {
    refuse_card_data_in(texts.into_iter().map(|(field, text)| (field, text, Use::Words)), &[])
}

/// Like [`refuse_card_data`], for texts of different uses. Numbers pass that begin with one of the tenant's own prefixes.
pub fn refuse_card_data_in<'a>(
    texts: impl IntoIterator<Item = (&'a str, &'a str, Use)>,
    issued_prefixes: &[String],
) -> Result<(), Violation> {
    let mut scan = Scan::default();
    for (field, text, used) in texts {
        // The usual text has no digits at all, and nothing else to look for then.
        let is_key = used == Use::Reference && is_uuid(text);
        if is_key || text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_digit()) && !may_hold_keyword(text) {
            scan.skip(field, used, text);
        } else {
            scan.read(field, used, text);
        }
    }
    scan.leave_out_others();
    match scan.finding(issued_prefixes) {
        Some(text) => Err(Violation::new(
            scan.texts[text].0,
            "must not contain payment card data: a card number, its verification code or its stripe; remove it",
        )),
        None => Ok(()),
    }
}

/// Letters of each group of a UUID as it is usually written (RFC 9562, section 4).
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Whether a key is a UUID with a letter among its digits: one in some thousands has a card's digits in fours. None of
/// those that are drawn at random has digits alone, so such a key is looked at as any.
pub fn is_uuid(text: &str) -> bool {
    let is_hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split('-').map(str::len).eq(UUID_GROUPS)
        && text.split('-').all(is_hex)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// How the digits of a possible card number are grouped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// As on cards: in fours with a last group of up to seven; in single digits; 8-8; or as the issuer prints them.
    Printed,
    /// In one group.
    Whole,
    /// The same separator throughout (blank, dash or dot); a dash or dot does not go on before or after. But not groups of
    /// three as in an amount, unless they are split over texts.
    Even,
    /// Neither: several numbers side by side.
    Mixed,
}

impl Scan<'_> {
    /// The text in which card data was found.
    fn finding(&self, issued_prefixes: &[String]) -> Option<usize> {
        self.pan(issued_prefixes).or_else(|| self.stripe()).or_else(|| self.verification_code())
    }

    /// Every run of groups is looked at that has no more digits than a card, so the work grows with the text alone.
    fn pan(&self, issued_prefixes: &[String]) -> Option<usize> {
        for first in 0..self.groups.len() {
            let start = &self.groups[first];
            let mut total = 0;
            for last in first..self.groups.len() {
                let group = &self.groups[last];
                total += group.len;
                let apart = (last > first && group.gap == Gap::Break) || group.is_other;
                if apart || total > PAN_DIGITS_MAX || group.text - start.text >= PAN_TEXTS_MAX {
                    break;
                }
                let digits = &self.digits[start.start..group.start + group.len];
                let phone = start.before == Some('+') && total <= PHONE_DIGITS_MAX;
                if total < PAN_DIGITS_MIN || phone || is_issued_by_tenant(digits, issued_prefixes) {
                    continue;
                }
                if self.is_pan(digits, first, last) {
                    return Some(group.text);
                }
            }
        }
        None
    }

    /// The rule: what else a number with issuer, length and check digit of a card must have, by the use of its texts.
    fn is_pan(&self, digits: &[u8], first: usize, last: usize) -> bool {
        if !issuers::luhn(digits) {
            return false;
        }
        let groups = &self.groups[first..=last];
        let lens: Vec<usize> = groups.iter().map(|group| group.len).collect();
        let Some(issued) = issuers::issued(digits, &lens) else { return false };
        let layout = if issued.as_printed { Layout::Printed } else { self.layout(&lens, first, last) };
        let used = &self.texts[groups[0].text..=groups[groups.len() - 1].text];
        let is_reference = used.iter().any(|(_, used)| *used == Use::Reference);
        let is_barcode = issuers::is_barcode(digits);
        match layout {
            // Numbers side by side in a list of references are no groups of one.
            Layout::Printed if is_reference => groups[1..].iter().any(|group| group.gap != Gap::Text),
            Layout::Printed => true,
            Layout::Mixed => false,
            Layout::Whole | Layout::Even if is_reference => !is_barcode && self.has_card_word_beside(first, last),
            Layout::Whole | Layout::Even => {
                (issued.needs == Needs::Nothing && !is_barcode) || self.has_card_word_beside(first, last)
            }
        }
    }

    fn layout(&self, lens: &[usize], first: usize, last: usize) -> Layout {
        if lens.len() == 1 {
            return Layout::Whole;
        }
        let fours = lens.iter().rev().skip(1).all(|len| *len == 4) && lens.last().is_some_and(|len| *len <= 7);
        if fours || lens.iter().all(|len| *len == 1) || lens == [8, 8] {
            return Layout::Printed;
        }
        let digits: usize = lens.iter().sum();
        if lens.len() == 2 && digits > TWO_GROUPS_DIGITS_MAX {
            return Layout::Mixed;
        }
        let mut gaps = self.groups[first + 1..=last].iter().map(|group| group.gap);
        // The borders of texts are as good as any separator, and the groups before and after belong to other texts.
        let Some(separator) = gaps.clone().find(|gap| *gap != Gap::Text) else { return Layout::Even };
        let split = gaps.clone().any(|gap| gap == Gap::Text);
        let thousands = lens[1..].iter().all(|len| *len == 3);
        // In prose, blanks stand between numbers, too.
        let goes_on = !is_blank(separator)
            && (self.groups[first].gap == separator
                || self.groups.get(last + 1).is_some_and(|group| group.gap == separator));
        let even = is_plain_gap(separator) && gaps.all(|gap| gap == separator || gap == Gap::Text);
        if even && (split || !thousands && !goes_on) { Layout::Even } else { Layout::Mixed }
    }

    /// Whether a word about cards stands near these groups, in the same text.
    fn has_card_word_beside(&self, first: usize, last: usize) -> bool {
        let (first, last) = (self.groups[first].token, self.groups[last].token);
        let words = [Token::Card, Token::Keyword, Token::CardKeyword];
        self.has_one_of(&words, first.saturating_sub(BESIDE_WORDS_MAX)..first, first)
            || self.has_one_of(&words, last + 1..last + 1 + BESIDE_WORDS_MAX, last)
    }

    /// Whether one of the words is among these tokens, and in the text of another token.
    fn has_one_of(&self, words: &[Token], among: Range<usize>, of: usize) -> bool {
        let text_of = self.tokens[of].1;
        let among = among.start..among.end.min(self.tokens.len());
        self.tokens[among].iter().any(|(token, text)| words.contains(token) && *text == text_of)
    }

    /// Track 1 is `%B` digits `^`, track 2 is `;` digits `=`. Twelve digits suffice: Maestro numbers may be that short, and no
    /// check digit is asked for here.
    fn stripe(&self) -> Option<usize> {
        let long = |group: &Group| (PAN_DIGITS_MIN - 1..=PAN_DIGITS_MAX).contains(&group.len);
        let track = self.groups.iter().find(|group| long(group) && group.stripe_end && group.before != Some('+'))?;
        Some(track.text)
    }

    /// Three or four digits after the keyword, or right before it. Nothing else is called CVV. Schools and sports clubs are called CSC
    /// and CVC, so something else must say that it is a card's: "CVC2", "CVC: ", "CVC code", or a card word beside.
    fn verification_code(&self) -> Option<usize> {
        let is_keyword = |token: &Token| matches!(token, Token::Keyword | Token::CardKeyword);
        let keywords = self.tokens.iter().enumerate().filter(|(_, (token, _))| is_keyword(token));
        for (index, (keyword, text)) in keywords {
            let code_before = index > 0 && self.is_code(self.tokens[index - 1].0);
            let (code_after, is_told) = self.code_after(index);
            let last = code_after.unwrap_or(index);
            let beside = || {
                self.has_one_of(&[Token::Card], index.saturating_sub(BESIDE_WORDS_MAX)..index, index)
                    || self.has_one_of(&[Token::Card], index + 1..last + 1 + BESIDE_WORDS_MAX, last)
            };
            let is_a_cards = *keyword == Token::CardKeyword || is_told || beside();
            if (code_before || code_after.is_some()) && is_a_cards {
                return Some(code_after.map_or(*text, |code| self.tokens[code].1));
            }
        }
        None
    }

    /// The token of the code after a keyword, and whether what stands between says that it is one.
    fn code_after(&self, keyword: usize) -> (Option<usize>, bool) {
        let mut fillers = 0;
        let mut is_told = false;
        for (index, (next, _)) in self.tokens.iter().enumerate().skip(keyword + 1) {
            match next {
                _ if self.is_code(*next) => return (Some(index), is_told),
                // The 2 of "CVV2".
                Token::Digits(group) if self.groups[*group].len == 1 => {
                    is_told |= self.groups[*group].before.is_some_and(char::is_alphabetic);
                }
                Token::Label | Token::Code => is_told = true,
                Token::Filler | Token::Keyword | Token::CardKeyword | Token::Card if fillers < CODE_FILLERS_MAX => {
                    fillers += 1;
                }
                _ => break,
            }
        }
        (None, false)
    }

    fn is_code(&self, token: Token) -> bool {
        matches!(token, Token::Digits(group) if (3..=4).contains(&self.groups[group].len))
    }
}

fn is_blank(gap: Gap) -> bool {
    matches!(gap, Gap::Chars(chars) if chars.iter().all(|char| *char == '\0' || char.is_whitespace()))
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

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
