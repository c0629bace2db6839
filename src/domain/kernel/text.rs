//! Text as it may be kept: NFC, one line, nothing invisible.
//!
//! Two texts that look the same are the same: composed and decomposed letters, and the many kinds of blank, have one
//! form. What cannot be seen is refused rather than removed, because a text that carries it was not typed by a person;
//! only the two emoji presentation selectors, which telephones add by themselves, are removed, and of items' names the like (see
//! [`item`]). Joiners are kept where words of Arabic and Indic scripts need them, but for keys.

use std::{borrow::Cow, ops::RangeInclusive};

use unicode_normalization::{
    IsNormalized, UnicodeNormalization,
    char::{canonical_combining_class, decompose_canonical, decompose_compatible, is_combining_mark},
    is_nfc_quick,
};

use super::error::Violation;

/// Longest code: fits a screen and a key.
pub const CODE_CHARS_MAX: usize = 64;
/// Longest key of another system: the longest seen are URNs of about 100.
pub const EXTERNAL_ID_CHARS_MAX: usize = 128;
/// Longest language tag: RFC 5646, section 4.4.1, asks to expect 35.
pub const LANGUAGE_CHARS_MAX: usize = 35;
/// A composed character comes from at most this many characters that Unicode composes (Hangul and Greek: three, stacked
/// Vietnamese: four). A longer raw text cannot fit any more, and is not normalised at all.
const COMPOSED_FROM_MAX: usize = 4;
/// Letters for each character that a text may have: what reads names and texts for matching spells signs out (NFKD), and some stand for whole
/// sentences (U+FDFA for 18 letters). No letter of a language is spelt out in more, so that only such signs meet this bound.
const SPELT_OUT_MAX: usize = COMPOSED_FROM_MAX;

/// A line of text of so many characters: NFC, trimmed; control, bidirectional and zero-width characters are refused.
///
/// Every kind of blank becomes a plain one. The violation never echoes the text.
pub fn line(field: &str, raw: &str, chars: RangeInclusive<usize>) -> Result<String, Violation> {
    let raw_bytes_max = (chars.end() + 1).saturating_mul(COMPOSED_FROM_MAX * 4);
    if raw.len() > raw_bytes_max {
        return Err(length(field, &chars));
    }
    let text = clean(field, raw)?;
    let count = if text.is_ascii() { text.len() } else { text.chars().count() };
    if !chars.contains(&count) {
        return Err(length(field, &chars));
    }
    if within_letters(&text, *chars.end()).len() < text.len() {
        let letters_max = chars.end() * SPELT_OUT_MAX;
        let what = "has signs that stand for whole words";
        let told =
            format!("{what}, and more than {letters_max} letters once they are spelt out: write the words in letters");
        return Err(Violation::new(field, told));
    }
    Ok(text)
}

/// A line that names an item. Marks that show nothing are dropped: tills and word processors leave soft hyphens in long words, and
/// telephones make one emoji of several with joiners.
pub fn item(field: &str, raw: &str, chars: RangeInclusive<usize>) -> Result<String, Violation> {
    line(field, &without_marks(raw), chars)
}

/// What can be read of a text that no line may be; at most so many characters, with an ellipsis where something was cut.
pub fn readable(raw: &str, chars_max: usize) -> String {
    let plain = |char: char| match char {
        _ if char.is_control() || char.is_whitespace() => Some(' '),
        _ if is_joiner(char) || is_presentation(char) || forbidden(char).is_some() => None,
        _ => Some(char),
    };
    // Of a text without an end, no more than a line may come from.
    let text: String = raw.chars().take((chars_max + 1) * COMPOSED_FROM_MAX).filter_map(plain).nfc().collect();
    let text = text.trim();
    let shown = within_letters(text, chars_max);
    if shown.len() == text.len() && text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    shown.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// The beginning of a text of so many characters that is not too long once it is spelt out.
fn within_letters(text: &str, chars_max: usize) -> &str {
    if text.is_ascii() {
        return text;
    }
    let mut letters = 0;
    let beyond = text.char_indices().find(|(_, char)| {
        decompose_compatible(*char, |_| letters += 1);
        letters > chars_max * SPELT_OUT_MAX
    });
    beyond.map_or(text, |(at, _)| &text[..at])
}

/// The text without soft hyphens, variation selectors, and joiners that belong to no word.
fn without_marks(raw: &str) -> Cow<'_, str> {
    let is_mark = |char: char| matches!(char, '\u{ad}' | '\u{fe00}'..='\u{fe0d}');
    if !raw.contains(|char| is_mark(char) || is_joiner(char)) {
        return Cow::Borrowed(raw);
    }
    let shown = raw.replace(is_mark, "");
    let belongs = |at: usize, char: char| joins(&shown[..at], &shown[at + char.len_utf8()..]);
    let kept = shown.char_indices().filter(|(at, char)| !is_joiner(*char) || belongs(*at, *char));
    Cow::Owned(kept.map(|(_, char)| char).collect())
}

/// A line that something is found by: of two keys that look the same none is picked, so that joiners are refused too.
pub fn key(field: &str, raw: &str, chars: RangeInclusive<usize>) -> Result<String, Violation> {
    if raw.contains(is_joiner) {
        return Err(Violation::new(field, INVISIBLE_REFUSED));
    }
    line(field, raw, chars)
}

/// A line in lower case: categories and situations, so that "Drink" and "drink" are one.
pub fn lower_line(field: &str, raw: &str, chars: RangeInclusive<usize>) -> Result<String, Violation> {
    let text = line(field, raw, chars.clone())?;
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Ok(text);
    }
    // Lower case may be longer than upper case, and need not be composed.
    let lower: String = text.to_lowercase().nfc().collect();
    if lower.chars().count() > *chars.end() {
        return Err(length(field, &chars));
    }
    Ok(lower)
}

/// A code: 1 to 64 characters of `A-Z`, `0-9` and `_`; lower case is raised.
pub fn code(field: &str, raw: &str) -> Result<String, Violation> {
    let raw = raw.trim_matches(' ');
    let fits = (1..=CODE_CHARS_MAX).contains(&raw.len())
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits {
        Ok(raw.to_ascii_uppercase())
    } else {
        Err(Violation::new(field, "must be 1 to 64 characters of A-Z, 0-9 and \"_\""))
    }
}

/// The key of something in another system: 1 to 128 characters, kept as given but for the normal form of a line.
pub fn external_id(field: &str, raw: &str) -> Result<String, Violation> {
    key(field, raw, 1..=EXTERNAL_ID_CHARS_MAX)
}

/// A BCP 47 language tag, or nothing. Well-formed, not looked up; written as RFC 5646, section 2.1.1, advises: `pt-BR`.
pub fn language(field: &str, raw: &str) -> Result<String, Violation> {
    let raw = raw.trim_matches(' ');
    if raw.is_empty() {
        return Ok(String::new());
    }
    canonical_language(raw).ok_or_else(|| {
        Violation::new(field, "must be a BCP 47 language tag of at most 35 characters, for example \"pt-BR\"")
    })
}

fn canonical_language(raw: &str) -> Option<String> {
    if raw.len() > LANGUAGE_CHARS_MAX {
        return None;
    }
    let mut tag = String::with_capacity(raw.len());
    let mut after_singleton = false;
    for (index, part) in raw.split('-').enumerate() {
        let well_formed = (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return None;
        }
        if index == 0 {
            // A language has two to eight letters. "x" (private) and "i" (registered long ago) name no language that
            // staff could speak.
            if part.len() < 2 || !part.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return None;
            }
            tag.push_str(&part.to_ascii_lowercase());
            continue;
        }
        tag.push('-');
        let lower = part.to_ascii_lowercase();
        match part.len() {
            2 if !after_singleton => tag.push_str(&lower.to_ascii_uppercase()),
            4 if !after_singleton && lower.as_bytes()[0].is_ascii_alphabetic() => {
                tag.push_str(&lower[..1].to_ascii_uppercase());
                tag.push_str(&lower[1..]);
            }
            _ => tag.push_str(&lower),
        }
        after_singleton |= part.len() == 1;
    }
    let ends_open = raw.rsplit('-').next().is_some_and(|last| last.len() == 1);
    if ends_open { None } else { Some(tag) }
}

/// NFC, plain blanks, trimmed; refuses what cannot be seen.
fn clean(field: &str, raw: &str) -> Result<String, Violation> {
    if raw.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Ok(raw.trim_matches(' ').to_owned());
    }
    if let Some(kind) = raw.chars().find_map(forbidden) {
        return Err(Violation::new(field, format!("must not contain {kind}")));
    }
    if raw.match_indices(is_joiner).any(|(at, joiner)| !joins(&raw[..at], &raw[at + joiner.len()..])) {
        return Err(Violation::new(field, INVISIBLE_REFUSED));
    }
    let visible = raw.chars().filter(|char| !is_presentation(*char)).map(plain_blank);
    let text: String = match is_nfc_quick(visible.clone()) {
        IsNormalized::Yes => visible.collect(),
        IsNormalized::No | IsNormalized::Maybe => visible.nfc().collect(),
    };
    Ok(text.trim_matches(' ').to_owned())
}

fn length(field: &str, chars: &RangeInclusive<usize>) -> Violation {
    Violation::new(field, format!("must have {} to {} characters", chars.start(), chars.end()))
}

fn plain_blank(char: char) -> char {
    if char.is_whitespace() { ' ' } else { char }
}

/// Zero-width non-joiner and joiner: Persian and Indic spelling has them inside words.
pub(in crate::domain) fn is_joiner(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}')
}

/// Whether a joiner between two parts of a text belongs to a word: it follows a letter, with its marks, of a script that has
/// joiners, and another letter or mark follows it; or it follows a virama, as at the end of Malayalam words. (RFC 5892, appendix A,
/// has the like for domain names.) Digits are not joined: a card's number must not hide behind what cannot be seen.
fn joins(before: &str, after: &str) -> bool {
    let has_joiners =
        |char: char| char.is_alphabetic() && matches!(char, '\u{620}'..='\u{77f}' | '\u{8a0}'..='\u{dff}');
    // Marks on one letter may come in any order.
    let marks = || before.chars().rev().take_while(|char| is_combining_mark(*char));
    let follows = before.chars().rev().find(|char| !is_combining_mark(*char)).is_some_and(has_joiners);
    let has_virama = || marks().any(|mark| canonical_combining_class(mark) == VIRAMA);
    follows && (has_virama() || after.starts_with(|char| has_joiners(char) || is_combining_mark(char)))
}

/// Text or emoji presentation: added by telephones, without a meaning of its own.
fn is_presentation(char: char) -> bool {
    matches!(char, '\u{fe0e}' | '\u{fe0f}')
}

/// Unicode's combining class of the signs that take a consonant's vowel away.
const VIRAMA: u8 = 9;

const INVISIBLE_REFUSED: &str = "must not contain invisible characters";

/// What is wrong with a character that may not be kept, in words; of joiners, their neighbours decide.
fn forbidden(char: char) -> Option<&'static str> {
    match char {
        _ if char.is_control() => Some("control characters"),
        '\u{2028}' | '\u{2029}' => Some("line breaks"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("characters that change the direction of writing")
        }
        _ if is_invisible(char) => Some("invisible characters"),
        _ if is_noncharacter(char) => Some("code points that are not characters"),
        _ => None,
    }
}

/// Unicode's format characters (Cf) and the other default-ignorable or blank letters, but for the two presentation
/// selectors and the two joiners.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_noncharacter(char: char) -> bool {
    let point = u32::from(char);
    point & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&point)
}

/// The zero of every run of ten decimal digits in Unicode (general category Nd), in order.
const DECIMAL_ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit of any script.
pub(in crate::domain) fn decimal_digit(char: char) -> Option<u8> {
    if char.is_ascii() {
        return char.is_ascii_digit().then(|| char as u8 - b'0');
    }
    let point = u32::from(char);
    let run = DECIMAL_ZEROS.partition_point(|zero| *zero <= point).checked_sub(1)?;
    u8::try_from(point - DECIMAL_ZEROS[run]).ok().filter(|value| *value < 10)
}

/// The dot of "İ", where letters are taken apart.
const DOT_ABOVE: char = '\u{307}';

/// The one form of a character in capitals and small letters: Unicode's full case folding, by way of the capital, since "ẞ" is "ss" only
/// so. Of the four letters i of Turkish it makes one: people there write with keyboards of others.
pub(in crate::domain) fn caseless_char(char: char) -> impl Iterator<Item = char> {
    char.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// A text without case, each letter followed by its marks.
fn caseless(text: &str) -> impl Iterator<Item = char> {
    let mut before = ' ';
    text.nfd().flat_map(caseless_char).filter(move |char| {
        let is_dot_of_i = *char == DOT_ABOVE && before == 'i';
        before = *char;
        !is_dot_of_i
    })
}

/// A text in capitals, the same for all texts that are the same but for capitals.
pub(in crate::domain) fn in_capitals(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_uppercase()
    } else {
        caseless(text).flat_map(char::to_uppercase).nfc().collect()
    }
}

/// Whether two names are the same but for capitals and joiners.
pub fn is_same(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    let visible = |name| caseless(name).filter(|char| !is_joiner(*char));
    let (one, other) = unlike_parts(one, other);
    visible(one).eq(visible(other))
}

/// Two texts without what both begin with, from the last letter that they share on: a mark may belong to it. Subjects of preferences are
/// compared in pairs, and many begin alike.
fn unlike_parts<'t>(one: &'t str, other: &'t str) -> (&'t str, &'t str) {
    let mut from = 0;
    for ((at, char), beside) in one.char_indices().zip(other.chars()) {
        if char != beside {
            break;
        }
        if char.is_ascii() || !is_combining_mark(char) {
            from = at;
        }
    }
    (&one[from..], &other[from..])
}

/// Whether two names have the same letters: whatever their capitals, joiners, blanks and hyphens ("oat-milk", "Oat milk").
pub fn has_same_letters(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return ascii_letters(one).eq(ascii_letters(other));
    }
    let (one, other) = unlike_parts(one, other);
    letters(one).eq(letters(other))
}

/// A text in small letters, those of Latin and Greek without accents, and "ß" and its like as tills write them; marks of other scripts are vowels and tones, and stay.
pub(in crate::domain) fn unaccented(text: &str) -> String {
    // Where no mark stands by itself, each letter can be read alone: every name on a menu is read here.
    if text.bytes().all(|byte| byte < FIRST_MARK) { letter_by_letter(text) } else { with_marks(text) }
}

/// The first byte of U+0300, the first mark that stands by itself; those of what comes before it are less.
pub(in crate::domain) const FIRST_MARK: u8 = 0xcc;

fn letter_by_letter(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_ascii() {
            plain.push(char.to_ascii_lowercase());
            continue;
        }
        // The small "İ" is an "i" and a dot.
        for small in caseless_char(char).filter(|small| !is_combining_mark(*small)) {
            let mut base = None;
            decompose_canonical(small, |part| base = base.or(Some(part)));
            let has_accent = |base: &char| *base != small && has_accents(*base);
            push_plain(base.filter(has_accent).unwrap_or(small), &mut plain);
        }
    }
    plain
}

fn with_marks(text: &str) -> String {
    let mut is_accented = false;
    let is_letter = |char: &char| {
        let is_mark = is_combining_mark(*char);
        is_accented = if is_mark { is_accented } else { has_accents(*char) };
        !(is_mark && is_accented)
    };
    let mut plain = String::with_capacity(text.len());
    caseless(text).filter(is_letter).nfc().for_each(|char| push_plain(char, &mut plain));
    plain
}

fn push_plain(char: char, plain: &mut String) {
    match plain_letters(char) {
        "" => plain.push(char),
        letters => plain.push_str(letters),
    }
}

/// Letters that have a plain spelling and no mark to be left out; empty: it is none of them.
pub(in crate::domain) fn plain_letters(char: char) -> &'static str {
    match char {
        'ß' | 'ẞ' => "ss",
        'œ' | 'Œ' => "oe",
        'æ' | 'Æ' => "ae",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'ı' => "i",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'ŋ' | 'Ŋ' => "n",
        _ => "",
    }
}

/// Whether the marks of a letter are accents, which tills leave out: of Latin and Greek ones.
pub(in crate::domain) fn has_accents(char: char) -> bool {
    matches!(char, '\0'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}')
}

fn ascii_letters(name: &str) -> impl Iterator<Item = u8> {
    let letters = name.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
    letters.map(|byte| byte.to_ascii_lowercase())
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    let is_joint = |char: &char| {
        char.is_whitespace() || is_joiner(*char) || matches!(char, '-' | '\u{ad}' | '\u{2010}' | '\u{2011}')
    };
    caseless(name).filter(move |char| !is_joint(char))
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
