//! The shapes in which SECURITY.md says what is stored: read from its table, and held against bytes.
//!
//! | in a shape | stands for |
//! |---|---|
//! | `<tenant>` | text of this kind: [`is_text`] |
//! | `<time 8>` | so many bytes |
//! | `<0x01>` | this byte |
//! | `<sealed>` | nonce, ciphertext and tag, up to the end |
//! | `(<a>, -, 10=<b>)` | a message of Protocol Buffers: its fields by their numbers, each any number of times; `-`: none has this number |
//! | anything else | itself |

use rapport::domain::{CustomerId, TenantId};

/// Bytes that sealing adds: a nonce and a tag.
const SEAL_BYTES: usize = 12 + 16;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(Vec<u8>),
    Text(String),
    Bytes(usize),
    Sealed,
    Message(Vec<(u64, Vec<Self>)>),
}

/// What bytes look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape(Vec<Part>);

/// Whether a text is of a kind that shapes name.
fn is_text(kind: &str, text: &str) -> bool {
    let all = |is: fn(u8) -> bool| !text.is_empty() && text.bytes().all(is);
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    match kind {
        "bucket" => text.len() == 2 && all(is_hex),
        "tenant" => TenantId::parse("", text).is_ok(),
        "customer" => CustomerId::parse("", text).is_ok(),
        "lane" => ["i", "c"].contains(&text),
        "number" | "time" => all(|byte| byte.is_ascii_digit()),
        "month" | "day" => all(|byte| byte.is_ascii_digit() || byte == b'-'),
        "currency" => text.len() == 3 && all(|byte| byte.is_ascii_uppercase()),
        "venue" => all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        "token" | "keyed hash" => text.len() == 32 && all(is_hex),
        _ => panic!("SECURITY.md: <{kind}> is no kind of text"),
    }
}

impl Shape {
    pub fn parse(text: &str) -> Self {
        let (parts, rest) = parts(text, false);
        assert!(rest.is_empty(), "SECURITY.md: {text}");
        Self(parts)
    }

    /// Whether these bytes have the shape; what of them is sealed, goes into `sealed` if they have.
    pub fn fits(&self, bytes: &[u8], sealed: &mut Vec<u8>) -> bool {
        let mut found = Vec::new();
        let fits = fits(&self.0, bytes, &mut found);
        if fits {
            sealed.append(&mut found);
        }
        fits
    }
}

/// The parts of a shape, up to its end or to that of a field.
fn parts(mut text: &str, is_field: bool) -> (Vec<Part>, &str) {
    let mut found = Vec::new();
    while let Some(first) = text.chars().next() {
        if is_field && [',', ')'].contains(&first) {
            break;
        }
        if let Some(rest) = text.strip_prefix('<') {
            let (word, rest) = rest.split_once('>').expect("SECURITY.md: a shape without >");
            let byte = word.strip_prefix("0x").and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let bytes = word.rsplit_once(' ').and_then(|(_, bytes)| bytes.parse().ok());
            found.push(match (word, byte, bytes) {
                ("sealed", _, _) => Part::Sealed,
                (_, Some(byte), _) => Part::Literal(vec![byte]),
                (_, _, Some(bytes)) => Part::Bytes(bytes),
                _ => Part::Text(word.to_owned()),
            });
            text = rest;
        } else if let Some(rest) = text.strip_prefix('(') {
            let (fields, rest) = message(rest);
            found.push(Part::Message(fields));
            text = rest;
        } else {
            let end = text[1..].find(['<', '(']).map_or(text.len(), |at| at + 1);
            let end = text[..end].find([',', ')']).filter(|_| is_field).unwrap_or(end);
            found.push(Part::Literal(text.as_bytes()[..end].to_vec()));
            text = &text[end..];
        }
    }
    (found, text)
}

fn message(mut text: &str) -> (Vec<(u64, Vec<Part>)>, &str) {
    let (mut fields, mut number) = (Vec::new(), 0);
    loop {
        text = text.trim_start();
        number += 1;
        if let Some((own, rest)) = text.split_once('=').filter(|(own, _)| own.bytes().all(|byte| byte.is_ascii_digit()))
        {
            number = own.parse().expect("a number");
            text = rest;
        }
        let (field, rest) = parts(text, true);
        if field != [Part::Literal(b"-".to_vec())] {
            fields.push((number, field));
        }
        let next = rest.chars().next().expect("SECURITY.md: a message without )");
        text = &rest[1..];
        if next == ')' {
            return (fields, text);
        }
    }
}

fn fits(parts: &[Part], bytes: &[u8], sealed: &mut Vec<u8>) -> bool {
    let Some((part, rest)) = parts.split_first() else { return bytes.is_empty() };
    let taken = match part {
        Part::Literal(text) => bytes.starts_with(text).then_some(text.len()),
        Part::Bytes(count) => (bytes.len() >= *count).then_some(*count),
        Part::Text(kind) => {
            let end = match rest.first() {
                Some(Part::Literal(next)) => bytes.windows(next.len()).position(|at| at == next.as_slice()),
                _ => Some(bytes.len()),
            };
            end.filter(|end| str::from_utf8(&bytes[..*end]).is_ok_and(|text| is_text(kind, text)))
        }
        Part::Sealed => (bytes.len() >= SEAL_BYTES).then(|| {
            sealed.extend_from_slice(bytes);
            bytes.len()
        }),
        Part::Message(fields) => fits_message(fields, bytes, sealed).then_some(bytes.len()),
    };
    taken.is_some_and(|taken| fits(rest, &bytes[taken..], sealed))
}

/// A number has no shape of its own: what stands for it is a text without a kind, `<amount>`.
fn fits_message(fields: &[(u64, Vec<Part>)], mut bytes: &[u8], sealed: &mut Vec<u8>) -> bool {
    while !bytes.is_empty() {
        let Some(tag) = varint(&mut bytes) else { return false };
        let Some((_, field)) = fields.iter().find(|(number, _)| *number == tag >> 3) else { return false };
        let is_number =
            matches!(field.as_slice(), [Part::Text(kind)] if !["tenant", "reason"].contains(&kind.as_str()));
        let fits_field = match tag & 7 {
            0 => is_number && varint(&mut bytes).is_some(),
            1 => is_number && bytes.split_off(..8).is_some(),
            2 => {
                let length = varint(&mut bytes).and_then(|length| usize::try_from(length).ok());
                let Some(inner) = length.and_then(|length| bytes.split_off(..length)) else { return false };
                !is_number && fits(field, inner, sealed)
            }
            _ => false,
        };
        if !fits_field {
            return false;
        }
    }
    true
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[test]
fn a_shape_has_no_room_for_what_it_does_not_name() {
    let fits = |shape: &str, bytes: &[u8]| {
        let mut sealed = Vec::new();
        Shape::parse(shape).fits(bytes, &mut sealed).then_some(sealed)
    };
    let name = "log:{<bucket>}:<position 8>";
    assert_eq!(fits(name, b"log:{0a}:12345678"), Some(Vec::new()));
    for other in [&b"log:{0a}:1234567"[..], b"log:{0a}:123456789", b"log:{0A}:12345678", b"logs:{0a}:12345678"] {
        assert_eq!(fits(name, other), None);
    }
    let body = [7; SEAL_BYTES + 1];
    assert_eq!(fits("RP<counter 8><sealed>", &[b"RP12345678", &body[..]].concat()), Some(body.to_vec()));
    assert_eq!(fits("RP<counter 8><sealed>", b"RP12345678a name"), None);
    assert_eq!(fits("<0x01><sealed>", &[&[1], &body[..]].concat()), Some(body.to_vec()));
    assert_eq!(fits("<0x01><sealed>", &[&[2], &body[..]].concat()), None);
    let entry = "entry(<tenant>, <customer 2>, <counter>, -, 10=(10=<sealed>))";
    let sealed = [&[0x52, 31, 0x52, 29], &body[..]].concat();
    let whole = [b"entry\x0a\x04acme\x12\x02id\x18\x96\x01", sealed.as_slice()].concat();
    assert_eq!(fits(entry, &whole), Some(body.to_vec()));
    for more in [&b"\x20\x01"[..], b"\x2a\x01a", b"\x18", b"\x1a\x01a", b"\x12\x03ids"] {
        assert_eq!(fits(entry, &[&whole, more].concat()), None, "{more:?}");
    }
    assert_eq!(
        fits("budget:<tenant>:gestures%2f<venue>%2f<month>", b"budget:acme:gestures%2fbar%2f2026-03"),
        Some(vec![])
    );
    assert_eq!(fits("budget:<tenant>:gestures%2f<venue>", b"budget:acme:gestures%2fClara"), None);
}
