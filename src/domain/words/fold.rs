//! One spelling of a text: small letters without accents, and one separator between words.

use unicode_normalization::{
    UnicodeNormalization as _,
    char::{decompose_compatible, is_combining_mark},
};

use crate::domain::kernel::text::{caseless_char, has_accents, has_same_letters, plain_letters, unaccented};

/// Between words that may belong together: a blank, a hyphen, an apostrophe, a full stop.
pub const BLANK: u8 = b' ';
/// Between words that do not: a comma, a bracket, a dash.
pub const BREAK: u8 = b',';
/// A letter or digit of another script.
const OTHER: u8 = b'~';

/// What each character of ASCII becomes.
const ASCII: [u8; 128] = {
    let mut table = [BREAK; 128];
    let mut at = 0;
    while at < 128 {
        let byte = at as u8;
        if byte.is_ascii_alphanumeric() {
            table[at] = byte.to_ascii_lowercase();
        } else if matches!(byte, b' ' | b'\t' | b'-' | b'\'' | b'`' | b'.' | b'_' | b'*') {
            table[at] = BLANK;
        }
        at += 1;
    }
    table
};

/// What a character of ASCII becomes.
#[inline]
pub fn ascii(byte: u8) -> u8 {
    ASCII[usize::from(byte & 0x7f)]
}

/// Whether a symbol stands between words.
#[inline]
pub fn is_separator(symbol: u8) -> bool {
    symbol <= BREAK
}

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
            put(ASCII[usize::from(byte)], at);
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
            part if part.is_ascii() => put(ASCII[part as usize]),
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

/// Hands a text's characters to `read`, each in parts: a letter, then its marks in order.
fn decomposed(text: &str, mut read: impl FnMut(char)) {
    // Where no mark stands by itself, there are none to put in order: every name on a menu is read here.
    if text.bytes().all(|byte| byte < FIRST_MARK) {
        for char in text.chars() {
            if char.is_ascii() { read(char) } else { decompose_compatible(char, &mut read) }
        }
    } else {
        text.nfkd().for_each(read);
    }
}

/// The first byte of U+0300, the first mark that stands by itself; those of what comes before it are less.
const FIRST_MARK: u8 = 0xcc;

/// Names in one spelling: small letters and digits without accents, in words with one blank between. Letters of other scripts stay
/// what they are, with their marks: they are vowels and tones there, and the voicing of kana. So two names in one of them stay two.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_word = false;
    let mut is_accented = false;
    decomposed(text, |char| {
        if is_invisible(char) {
            return;
        }
        if is_combining_mark(char) {
            if is_word && !is_accented {
                plain.push(char);
            }
            return;
        }
        is_accented = has_accents(char);
        if char.is_alphanumeric() {
            if !is_word && !plain.is_empty() {
                plain.push(' ');
            }
            match plain_letters(char) {
                "" if char.is_ascii() => plain.push(char.to_ascii_lowercase()),
                // The dot of a capital "İ" is a mark of its own in small letters.
                "" => plain.extend(caseless_char(char).filter(|small| !is_combining_mark(*small))),
                letters => plain.push_str(letters),
            }
        }
        is_word = char.is_alphanumeric();
    });
    plain
}

/// What `plain` leaves out of a name, as a number: its accents, and on which letter each stands; 0: there are none. Two names that differ
/// in it, and are both written with accents, are two words: "pâte" and "pâté".
pub fn accents(text: &str) -> u32 {
    if text.is_ascii() {
        return 0;
    }
    let (mut hash, mut letters, mut before) = (0_u32, 0_u32, ' ');
    decomposed(text, |char| {
        let is_mark = is_combining_mark(char);
        // The dot of a capital "İ" is a mark of its own.
        let is_accent = is_mark && has_accents(before) && char != '\u{307}';
        // "ı" is an "i" without its dot, and "I" is the capital of both.
        let is_letter_of_its_own = plain_letters(char).len() == 1 && char != 'ı';
        letters += if char.is_alphanumeric() { plain_letters(char).len().max(1) as u32 } else { 0 };
        if is_accent || is_letter_of_its_own {
            let mark = if is_accent { u32::from(char) } else { 1 };
            hash = (hash.rotate_left(5) ^ (letters << 16) ^ mark).wrapping_mul(0x9e37_79b1) | 1;
        }
        before = if is_mark { before } else { char };
    });
    hash
}

/// Whether two names are one but for capitals, accents, marks and blanks, and umlauts written as two letters. Names of marks alone
/// are like no other.
pub fn is_alike(one: &str, other: &str) -> bool {
    let spelt = |name: &str| plain(&with_spelt_umlauts(name).unwrap_or_else(|| name.to_owned()));
    let is_same = |one: String, other: String| !one.is_empty() && one == other;
    is_same(plain(one), plain(other)) || is_same(spelt(one), spelt(other))
}

/// Whether two texts name one item: whatever their capitals, blanks, hyphens and accents, and umlauts written as two letters. Where
/// both have accents, and others, they are two words: "pâte" and "pâté".
pub fn is_same_item(one: &str, other: &str) -> bool {
    if has_same_letters(one, other) {
        return true;
    }
    // Each preference is compared with each line of a basket: mostly the first letter tells.
    if (one.is_ascii() && other.is_ascii()) || initial(one) != initial(other) {
        return false;
    }
    let (accented, otherwise) = (accents(one), accents(other));
    (accented == 0 || otherwise == 0 || accented == otherwise)
        && (has_same_letters(&unaccented(one), &unaccented(other)) || is_alike(one, other))
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_word_are_alike() {
        for (text, expected) in [
            ("Crème  brûlée", "creme brulee"),
            ("CREME-BRULEE", "creme brulee"),
            ("Cre\u{300}me", "creme"),
            ("lait d’amande", "lait d amande"),
            ("Œuf", "oeuf"),
            ("Nüsse, Käse (Süßes)", "nusse kase susses"),
            ("  Mac & Cheese!", "mac cheese"),
            ("Erd\u{ad}nuss", "erdnuss"),
            ("ＭＩＬＫ", "milk"),
            ("Ł ø", "l o"),
            ("Bánh đậu phộng", "banh dau phong"),
            ("ĐUVEČ", "duvec"),
            ("Þorskur ðŋŧħ", "thorskur dnth"),
            ("чай", "~~~"),
            ("…", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
        assert_eq!(spellings("Käse"), ["kase", "kaese"]);
    }

    proptest! {
        /// What is decomposed letter by letter is what the whole text decomposes to.
        #[test]
        fn letters_are_decomposed_alone_and_together(text in "[a-zA-Z ,\u{a0}-\u{2ff}]{0,24}|\\PC{0,12}") {
            let mut parts = String::new();
            decomposed(&text, |char| parts.push(char));
            prop_assert_eq!(parts, text.nfkd().collect::<String>());
        }
    }

    #[test]
    fn other_accents_are_other_words() {
        for (one, other) in [
            ("pâte", "pâté"),
            ("cà chiên", "cá chiên"),
            ("Käse", "Kåse"),
            ("øre", "öre"),
            ("pèche", "pêche"),
            ("đá", "dá"),
        ] {
            assert!(plain(one) == plain(other) && accents(one) != accents(other), "{one} and {other}");
        }
        for (one, other) in [
            ("Crème-brûlée", "CRÈME  BRÛLÉE"),
            ("Cre\u{300}me", "Crème"),
            ("Œufs à la Coque", "oeufs à la coque"),
            ("Weißer Käse", "WEISSER KÄSE"),
            ("İskender köfte", "iskender köfte"),
            ("creme", "CREME"),
        ] {
            assert_eq!(accents(one), accents(other), "{one} and {other}");
        }
        assert_eq!((accents("pate"), accents("Straße"), accents("чай")), (0, 0, 0));
    }

    #[test]
    fn an_item_is_the_same_however_it_is_written() {
        for (one, other) in [
            ("Crème brûlée", "creme brulee"),
            ("CREME-BRULEE", "Crème Brûlée"),
            ("Cre\u{300}mebru\u{302}le\u{301}e", "creme brulee"),
            ("Œufs", "oeufs"),
            ("Käse", "KAESE"),
            ("oat-milk", "Oatmilk"),
            ("Τυρί", "τυρι"),
            ("Phở đặc biệt", "Pho dac biet"),
            ("Đuveč", "DUVEC"),
            ("Harðfiskur", "hardfiskur"),
            ("Þorramatur", "Thorramatur"),
        ] {
            assert!(is_same_item(one, other) && is_same_item(other, one), "{one} and {other}");
        }
        for (one, other) in [
            ("pâte", "pâté"),
            ("1.5 l", "15 l"),
            ("Crème 1.5", "Creme 15"),
            ("creme", "cremes"),
            ("кофе", "кефа"),
            ("か", "が"),
            ("☕", "🍵"),
        ] {
            assert!(!is_same_item(one, other) && !is_same_item(other, one), "{one} and {other}");
        }
    }

    #[test]
    fn joiners_make_no_other_name() {
        for (one, other) in [("علی\u{200c}رضا", "علیرضا"), ("ക്\u{200d}ഷ", "ക്ഷ")] {
            assert_eq!(plain(one), plain(other));
        }
    }

    #[test]
    fn a_comma_beside_a_blank_separates() {
        let mut seen = Vec::new();
        symbols("é , b", |symbol, at| seen.push((symbol, at)));
        assert_eq!(seen, [(b'e', 0), (BREAK, 5), (b'b', 5)]);
    }
}
