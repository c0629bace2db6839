//! One spelling of a text: small letters without accents, and one separator between words.

use unicode_normalization::{
    UnicodeNormalization as _,
    char::{decompose_compatible, is_combining_mark},
};

use crate::domain::kernel::text::{
    FIRST_MARK, caseless_char, has_accents, has_same_letters, plain_letters, unaccented,
};

mod ascii;

pub use ascii::{BLANK, BREAK, ascii_at, is_separator};

/// A letter or digit of another script.
const OTHER: u8 = b'~';

/// Emits the letters and digits of a text in one spelling, and one separator between two words; with each, where in the
/// text it stands.
pub fn symbols(text: &str, mut emit: impl FnMut(u8, usize)) {
    let (mut separator, mut begun) = (None, false);
    let mut put = |symbol: u8, at: usize| match symbol {
        BREAK => separator = Some(BREAK),
        BLANK => separator = separator.or(Some(BLANK)),
        letter => {
            if let Some(before) = separator.take().filter(|_| begun) {
                emit(before, at);
            }
            begun = true;
            emit(letter, at);
        }
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii() {
            put(ascii_at(bytes, at), at);
            at += 1;
        } else {
            let Some(char) = text[at..].chars().next() else { break };
            fold_char(char, |symbol| put(symbol, at));
            at += char.len_utf8();
        }
    }
}

/// A text with umlauts written as two letters; `None`: it has none. Tills often have no umlauts.
pub fn with_spelt_umlauts(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let spelt = || lower.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
    lower.contains(['ä', 'ö', 'ü']).then(spelt)
}

/// One character outside ASCII: its letters without their marks.
fn fold_char(char: char, mut put: impl FnMut(u8)) {
    let letters = plain_letters(char);
    if !letters.is_empty() {
        return letters.bytes().for_each(put);
    }
    for lower in char.to_lowercase() {
        decompose_compatible(lower, |part| match part {
            part if part.is_ascii() => put(ascii::ascii(part as u8)),
            part if is_combining_mark(part) || is_invisible(part) => {}
            part if part.is_alphanumeric() => put(OTHER),
            '\u{2018}' | '\u{2019}' | '\u{2010}' | '\u{2011}' | '\u{b7}' => put(BLANK),
            _ => put(BREAK),
        });
    }
}

/// What a reader does not see: soft hyphens and joiners.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A text in one spelling, with a blank between two words.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    symbols(text, |symbol, _| folded.push(char::from(if symbol == BREAK { BLANK } else { symbol })));
    folded
}

/// Reads a text's characters, each in parts: a letter, then its marks in order.
trait Reader {
    /// Most characters of most names.
    fn ascii(&mut self, byte: u8);
    fn other(&mut self, part: char);

    fn part(&mut self, part: char) {
        match u8::try_from(part) {
            Ok(byte) if byte.is_ascii() => self.ascii(byte),
            _ => self.other(part),
        }
    }
}

fn decomposed(text: &str, reader: &mut impl Reader) {
    // Where no mark stands by itself, there are none to put in order: every name on a menu is read here.
    if text.bytes().all(|byte| byte < FIRST_MARK) {
        for char in text.chars() {
            match u8::try_from(char) {
                Ok(byte) if byte.is_ascii() => reader.ascii(byte),
                _ => decompose_compatible(char, |part| reader.part(part)),
            }
        }
    } else {
        text.nfkd().for_each(|part| reader.part(part));
    }
}

/// Names in one spelling: small letters and digits without accents, in words with one blank between. Letters of other scripts stay
/// what they are, with their marks: they are vowels and tones there, and the voicing of kana. So two names in one of them stay two.
pub fn plain(text: &str) -> String {
    let mut plain = Plain { text: String::with_capacity(text.len()), is_word: false, is_accented: false };
    decomposed(text, &mut plain);
    plain.text
}

struct Plain {
    text: String,
    is_word: bool,
    /// The marks of the last letter are accents.
    is_accented: bool,
}

impl Plain {
    fn begin_letter(&mut self) {
        if !self.is_word && !self.text.is_empty() {
            self.text.push(' ');
        }
    }
}

impl Reader for Plain {
    fn ascii(&mut self, byte: u8) {
        let is_letter = byte.is_ascii_alphanumeric();
        if is_letter {
            self.begin_letter();
            self.text.push(char::from(byte.to_ascii_lowercase()));
        }
        (self.is_word, self.is_accented) = (is_letter, true);
    }

    fn other(&mut self, part: char) {
        if is_invisible(part) {
            return;
        }
        if is_combining_mark(part) {
            if self.is_word && !self.is_accented {
                self.text.push(part);
            }
            return;
        }
        self.is_accented = has_accents(part);
        if part.is_alphanumeric() {
            self.begin_letter();
            match plain_letters(part) {
                // The dot of a capital "İ" is a mark of its own in small letters.
                "" => self.text.extend(caseless_char(part).filter(|small| !is_combining_mark(*small))),
                letters => self.text.push_str(letters),
            }
        }
        self.is_word = part.is_alphanumeric();
    }
}

const CIRCUMFLEX: char = '\u{302}';
const DOT_ABOVE: char = '\u{307}';

/// What `plain` leaves out of a name: its accents, each after so many letters, and where its words end.
#[derive(Debug, Default)]
struct Accents {
    marks: Vec<Accent>,
    ends: Vec<u32>,
    /// While it is read: how many letters there were, the last character, and whether that is one of a word.
    letters: u32,
    before: char,
    is_word: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Accent {
    /// Which letter has it, counted from 1.
    letter: u32,
    /// The mark; of a letter of its own, like "ø", 1.
    mark: u32,
    /// French spelling leaves the circumflex on i and u to the writer since 1990 (Journal officiel, 6 December 1990).
    is_optional: bool,
}

impl Reader for Accents {
    fn ascii(&mut self, byte: u8) {
        let is_letter = byte.is_ascii_alphanumeric();
        if is_letter {
            self.letters += 1;
        } else if self.is_word {
            self.ends.push(self.letters);
        }
        (self.is_word, self.before) = (is_letter, char::from(byte));
    }

    fn other(&mut self, part: char) {
        let is_mark = is_combining_mark(part);
        let plain = plain_letters(part);
        if part.is_alphanumeric() {
            self.letters += plain.len().max(1) as u32;
        } else if self.is_word && !is_mark && !is_invisible(part) {
            self.ends.push(self.letters);
        }
        let is_i_or_u = matches!(self.before, 'i' | 'I' | 'u' | 'U');
        // The dot of a capital "İ" is a mark of its own.
        let is_dot_of_i = part == DOT_ABOVE && matches!(self.before, 'i' | 'I');
        // "ı" is an "i" without its dot, and "I" is the capital of both.
        let is_letter_of_its_own = plain.len() == 1 && part != 'ı';
        if (is_mark && has_accents(self.before) && !is_dot_of_i) || is_letter_of_its_own {
            let mark = if is_mark { u32::from(part) } else { 1 };
            self.marks.push(Accent { letter: self.letters, mark, is_optional: part == CIRCUMFLEX && is_i_or_u });
        }
        if !is_mark && !is_invisible(part) {
            self.is_word = part.is_alphanumeric();
            self.before = part;
        }
    }
}

impl Accents {
    fn of(text: &str) -> Self {
        let mut all = Self::default();
        if !text.is_ascii() {
            decomposed(text, &mut all);
            all.ends.push(all.letters);
        }
        all
    }

    /// Whether two names of the same letters are the same words, each for itself: those have the same accents, or one of them has none.
    /// What one of the names writes together is taken apart as in the other.
    fn agree_with(&self, other: &Self) -> bool {
        if self.marks.is_empty() || other.marks.is_empty() {
            return true;
        }
        let mut ends = [self.ends.as_slice(), &other.ends].concat();
        ends.sort_unstable();
        let mut from = 0;
        ends.into_iter().all(|end| {
            let (one, another) = (self.within(from, end), other.within(from, end));
            from = end;
            one.is_empty() || another.is_empty() || required(one).eq(required(another))
        })
    }

    /// Those of the letters after `from`, up to `end`.
    fn within(&self, from: u32, end: u32) -> &[Accent] {
        let first = self.marks.partition_point(|accent| accent.letter <= from);
        let past = self.marks.partition_point(|accent| accent.letter <= end);
        &self.marks[first..past]
    }
}

/// The accents that no spelling leaves out: each with its letter.
fn required(marks: &[Accent]) -> impl Iterator<Item = (u32, u32)> {
    marks.iter().filter(|accent| !accent.is_optional).map(|accent| (accent.letter, accent.mark))
}

/// The accents of a name as a number; 0: there are none. Two names that differ in it, and are both written with accents, are two
/// words: "pâte" and "pâté".
pub fn accents(text: &str) -> u32 {
    let Accents { marks, .. } = Accents::of(text);
    let add =
        |hash: u32, (letter, mark): (u32, u32)| (hash.rotate_left(5) ^ (letter << 16) ^ mark).wrapping_mul(0x9e37_79b1);
    if marks.is_empty() { 0 } else { required(&marks).fold(0, add) | 1 }
}

/// How many accents a name has.
pub fn accent_count(text: &str) -> usize {
    Accents::of(text).marks.len()
}

/// Whether two names are one but for capitals, accents, marks and blanks, and umlauts written as two letters. Names of marks alone
/// are like no other.
pub fn is_alike(one: &str, other: &str) -> bool {
    let spelt = |name: &str| plain(&with_spelt_umlauts(name).unwrap_or_else(|| name.to_owned()));
    let is_same = |one: String, other: String| !one.is_empty() && one == other;
    is_same(plain(one), plain(other)) || is_same(spelt(one), spelt(other))
}

/// Whether two texts name one item: whatever their capitals, blanks, hyphens and accents, and umlauts written as two letters. Where
/// a word has accents in both, and others, it is two words: "pâte" and "pâté".
pub fn is_same_item(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return has_same_letters(one, other);
    }
    // Each preference is compared with each line of a basket: mostly the first letter tells.
    if initial(one) != initial(other) {
        return false;
    }
    if has_same_letters(one, other) || is_written_alike(one, other) {
        return true;
    }
    let (spelt, other_spelt) = (with_spelt_umlauts(one), with_spelt_umlauts(other));
    (spelt.is_some() || other_spelt.is_some())
        && is_written_alike(spelt.as_deref().unwrap_or(one), other_spelt.as_deref().unwrap_or(other))
}

fn is_written_alike(one: &str, other: &str) -> bool {
    let has_same_words = || {
        let words = plain(one);
        !words.is_empty() && words == plain(other)
    };
    (has_same_letters(&unaccented(one), &unaccented(other)) || has_same_words())
        && Accents::of(one).agree_with(&Accents::of(other))
}

/// The first letter or digit, small and without its marks.
fn initial(text: &str) -> Option<char> {
    let first = text.chars().find(|char| char.is_alphanumeric())?;
    if let Some(plain) = plain_letters(first).chars().next() {
        return Some(plain);
    }
    let mut base = None;
    decompose_compatible(first, |part| base = base.or(Some(part)));
    base.and_then(|base| caseless_char(base).next())
}

/// The spellings in which a word is looked for: "Käse" is also written "Kaese".
pub fn spellings(word: &str) -> Vec<String> {
    let spelt = with_spelt_umlauts(word).map(|spelt| folded(&spelt));
    std::iter::once(folded(word)).chain(spelt).collect()
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
