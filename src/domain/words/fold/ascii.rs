//! What each character of ASCII becomes in one spelling, and between which words it stands.

/// Between words that may belong together: a blank, a hyphen, an apostrophe, a full stop.
pub const BLANK: u8 = b' ';
/// Between words that do not: a comma, a bracket, a dash.
pub const BREAK: u8 = b',';
/// A mark inside a number: "0.0" is one word, and "5,0% 0,5 l" has no "0 0".
const DECIMAL: u8 = b'.';

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

/// What a character of ASCII becomes, whatever stands beside it.
#[inline]
pub fn ascii(byte: u8) -> u8 {
    ASCII[usize::from(byte & 0x7f)]
}

/// Whether a symbol stands between words.
#[inline]
pub fn is_separator(symbol: u8) -> bool {
    symbol <= BREAK
}

/// What a byte of ASCII becomes where it stands in a text.
#[inline]
pub fn ascii_at(text: &[u8], at: usize) -> u8 {
    let symbol = ascii(text[at]);
    if is_separator(symbol) { separator_at(text, at, symbol) } else { symbol }
}

fn separator_at(text: &[u8], at: usize, symbol: u8) -> u8 {
    let is_digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    match text[at] {
        b'.' | b',' if is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)) => DECIMAL,
        // "0,0 % beer" is one thing; "50% vegan" may be two.
        b'%' if is_zero(text[..at].trim_ascii_end()) => BLANK,
        _ => symbol,
    }
}

/// Whether a text ends with a number that is nothing: "0", "0,0".
fn is_zero(text: &[u8]) -> bool {
    let mut number = text.iter().rev().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    text.last() == Some(&b'0') && number.all(|byte| !byte.is_ascii_digit() || *byte == b'0')
}
