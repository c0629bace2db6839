//! The ways in which a valid request is spoilt: its values, its bytes, its frame, its headers, the stream that carries it.

use std::io::Write as _;

use bytes::Bytes;
use prost::{
    Message as _,
    encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint},
};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};

use super::{
    crash_points::Dice,
    mutated_valid::{Method, one_of},
    raw::*,
};

/// Repetitions of a part of a message, at most: some hundred kilobytes.
const REPEATED_MAX: u64 = 2_000;
/// Levels of messages in messages: more than decoders accept.
const DEPTH: usize = 300;
/// Bytes of a long text, and of what a small message inflates to.
const LONG: usize = 40_000;
const INFLATED: usize = 1 << 20;

/// Texts that are valid UTF-8, and hardly what was meant.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\r\n\r\n",
    "\u{202e}\u{200b}\u{feff}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "4111 1111 1111 1111",
    "{}{{%s%n}}:{00}:default:",
    "0",
    "-1",
    "99999999999999999999",
    "9999-12-31",
    "2026-02-30",
    "+999999999999999999",
    "a@b",
    "../../etc/passwd",
    "\u{10ffff}",
    "ﷺﷺﷺ",
    "İıẞß",
    "cus_00000000000000000000000000",
    "*",
];

/// What a letter of a path becomes.
const PATH_PARTS: &[&str] = &["", "/", "%00", "Z", "?a=b"];

/// What may come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// A well-formed message in a well-formed frame: it is carried out, or refused for what it says.
    Refused,
    /// Bytes that may be no message.
    Malformed,
    /// Headers that may be anybody's: no gRPC, another method, a time that has passed.
    Anything,
}

/// A request as it is sent.
pub struct Odd {
    /// The way in which it is odd, for whoever looks at a failure.
    pub way: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub pieces: Vec<Bytes>,
    pub end: End,
    pub allowed: Allowed,
}

impl Odd {
    fn new(way: &'static str, method: &Method, body: impl Into<Bytes>, allowed: Allowed) -> Self {
        let headers = vec![("content-type", b"application/grpc".to_vec()), ("te", b"trailers".to_vec())];
        Self { way, path: method.path.clone(), headers, pieces: vec![body.into()], end: End::Whole, allowed }
    }

    /// As it is meant.
    pub fn valid(method: &Method, message: &DynamicMessage, dice: &mut Dice) -> Self {
        Self::new("valid", method, framed(message), Allowed::Refused).by(dice)
    }

    pub fn of(method: &Method, message: DynamicMessage, dice: &mut Dice) -> Self {
        Self::spoilt(method, message, dice).by(dice)
    }

    /// By somebody who may do it, mostly.
    fn by(mut self, dice: &mut Dice) -> Self {
        for (name, values) in [
            ("rapport-device", &["till-4"][..]),
            ("rapport-staff", &["mara", "jon", "lea"]),
            ("rapport-role", &["manager", "manager", "concierge", "waiter"]),
        ] {
            self.headers.push((name, one_of(dice, values).as_bytes().to_vec()));
        }
        self
    }

    fn spoilt(method: &Method, mut message: DynamicMessage, dice: &mut Dice) -> Self {
        match dice.roll(10) {
            0..4 => {
                for _ in 0..=dice.roll(3) {
                    spoil_value(&mut message, dice);
                }
                Self::new("values", method, framed(&message), Allowed::Refused)
            }
            4 | 5 => {
                let (way, bytes) = spoilt_fields(&message.encode_to_vec(), dice);
                Self::new(way, method, prefixed(0, &bytes), Allowed::Malformed)
            }
            6 => {
                let bytes = spoilt_bytes(message.encode_to_vec(), dice);
                Self::new("bytes", method, prefixed(0, &bytes), Allowed::Malformed)
            }
            7 => Self::spoilt_frame(method, &message.encode_to_vec(), dice),
            8 => Self::spoilt_stream(method, &framed(&message), dice),
            _ => Self::spoilt_headers(method, &message, dice),
        }
    }

    /// gRPC's prefix, and compression.
    fn spoilt_frame(method: &Method, message: &[u8], dice: &mut Dice) -> Self {
        let length = message.len() as u32;
        let frame = |flag: u8, length: u32| [&[flag][..], &length.to_be_bytes(), message].concat();
        let gzip = ("grpc-encoding", b"gzip".to_vec());
        let (way, body, is_gzip) = match dice.roll(10) {
            0 => ("flag", frame(dice.roll(256) as u8, length), false),
            1 => ("length short by one", frame(0, length.wrapping_sub(1)), false),
            2 => ("length long by one", frame(0, length + 1), false),
            3 => ("any length", frame(0, dice.roll(1 << 32) as u32), false),
            4 => ("no frame", message.to_vec(), false),
            5 => ("two messages", frame(0, length).repeat(2), false),
            6 => ("compressed by nothing", frame(1, length), false),
            7 => ("compressed garbage", frame(1, length), true),
            8 => ("spoilt gzip", prefixed(1, &spoilt_bytes(gzipped(message), dice)).to_vec(), true),
            _ => {
                let zeros = [message, vec![0; INFLATED].as_slice()].concat();
                ("zeros behind it, compressed", prefixed(1, &gzipped(&zeros)).to_vec(), true)
            }
        };
        let mut odd = Self::new(way, method, body, Allowed::Malformed);
        odd.headers.extend(is_gzip.then_some(gzip));
        odd
    }

    /// The stream: in pieces, cut short, reset.
    fn spoilt_stream(method: &Method, body: &Bytes, dice: &mut Dice) -> Self {
        let cut = dice.roll(body.len() as u64 + 1) as usize;
        let (way, pieces, end, allowed) = match dice.roll(4) {
            0 => ("cut short", vec![body.slice(..cut)], End::Whole, Allowed::Malformed),
            1 => ("reset", vec![body.slice(..cut)], End::Reset, Allowed::Malformed),
            2 => {
                let mut pieces: Vec<Bytes> = body.chunks(1 + cut / 20).map(Bytes::copy_from_slice).collect();
                pieces.insert(0, Bytes::new());
                ("in pieces", pieces, End::Whole, Allowed::Refused)
            }
            _ => ("nothing", Vec::new(), End::Whole, Allowed::Malformed),
        };
        Self { pieces, end, ..Self::new(way, method, Bytes::new(), allowed) }
    }

    fn spoilt_headers(method: &Method, message: &DynamicMessage, dice: &mut Dice) -> Self {
        let mut odd = Self::new("headers", method, framed(message), Allowed::Anything);
        let known = [
            "rapport-device",
            "rapport-staff",
            "rapport-role",
            "rapport-tenant",
            "grpc-timeout",
            "grpc-encoding",
            "grpc-accept-encoding",
            "content-type",
            "accept",
            "authorization",
            "origin",
            "traceparent",
            "content-length",
            "x-note-bin",
            "grpc-status",
            "te",
        ];
        for _ in 0..=dice.roll(3) {
            let name = *one_of(dice, &known);
            let value: Vec<u8> = match dice.roll(7) {
                0 => vec![b'x'; dice.roll(LONG as u64) as usize],
                1 => (0..dice.roll(40)).map(|_| 0x80 | dice.roll(128) as u8).collect(),
                2 => Vec::new(),
                3 => b"manager".to_vec(),
                4 => format!("{}{}", dice.roll(1 << 30), one_of(dice, &["H", "S", "m", "u", "n", "x"])).into_bytes(),
                5 => one_of(dice, &["application/grpc-web", "application/grpc-web-text", "gzip", "deflate,gzip;q=0"])
                    .as_bytes()
                    .to_vec(),
                _ => (0..dice.roll(20)).map(|_| b' ' + dice.roll(95) as u8).collect(),
            };
            // Once more, or in the place of the first.
            if dice.roll(3) == 0 {
                odd.headers.retain(|(known, _)| *known != name);
            }
            odd.headers.push((name, value));
        }
        if dice.roll(8) == 0 {
            odd.way = "path";
            let at = 1 + dice.roll(odd.path.len() as u64 - 1) as usize;
            let part: &&str = one_of(dice, PATH_PARTS);
            odd.path.replace_range(at..=at, part);
        }
        odd
    }

    /// The request, unless its headers or path can be none.
    pub fn request(&self) -> Option<http::Request<()>> {
        let mut request = http::Request::post(format!("http://rapport{}", self.path)).version(http::Version::HTTP_2);
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_slice());
        }
        request.body(()).ok()
    }

    /// A whole connection in HTTP/2's frames, spoilt.
    pub fn wild(method: &Method, message: &DynamicMessage, dice: &mut Dice) -> Vec<u8> {
        let call = frame(HEADERS, END_HEADERS, 1, &call_headers(&method.path));
        let all = [frame(SETTINGS, 0, 0, &[]), call, frame(DATA, 1, 1, &framed(message))].concat();
        [PREFACE, &spoilt_bytes(all, dice)].concat()
    }
}

fn gzipped(message: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(message).expect("written");
    gzip.finish().expect("written")
}

/// Flips, removes, inserts and repeats bytes.
fn spoilt_bytes(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() as u64 + 1) as usize;
        let to = (at + 1 + dice.roll(8) as usize).min(bytes.len());
        match dice.roll(5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
            1 if at < bytes.len() => bytes[at] = dice.roll(256) as u8,
            2 if at < to => _ = bytes.drain(at..to),
            3 if at < to => {
                let again = bytes[at..to].repeat(1 + dice.roll(200) as usize);
                bytes.splice(at..at, again);
            }
            _ => {
                let new: Vec<u8> = (0..=dice.roll(8)).map(|_| dice.roll(256) as u8).collect();
                bytes.splice(at..at, new);
            }
        }
    }
    bytes
}

/// The fields of a message as they stand on the wire: number, wire type, and content without its length.
fn fields(mut message: &[u8]) -> Vec<(u32, WireType, Vec<u8>)> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let (number, wire) = decode_key(&mut message).expect("a message that was just written");
        let length = match wire {
            WireType::Varint => message.iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1),
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            _ => decode_varint(&mut message).expect("a length") as usize,
        };
        let (content, rest) = message.split_at(length);
        found.push((number, wire, content.to_vec()));
        message = rest;
    }
    found
}

fn written(number: u32, wire: WireType, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    encode_key(number, wire, &mut field);
    if wire == WireType::LengthDelimited {
        encode_varint(content.len() as u64, &mut field);
    }
    field.extend_from_slice(content);
    field
}

/// One field of the message is spoilt, as a whole.
fn spoilt_fields(message: &[u8], dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let all = fields(message);
    let Some((number, wire, content)) = all.get(dice.roll(all.len().max(1) as u64) as usize).cloned() else {
        return ("a group in groups", [vec![0x7b; DEPTH], vec![0x7c; DEPTH]].concat());
    };
    let whole = written(number, wire, &content);
    let wires = [WireType::Varint, WireType::SixtyFourBit, WireType::LengthDelimited, WireType::ThirtyTwoBit];
    let (way, odd) = match dice.roll(10) {
        0 => ("a field again and again", whole.repeat(2 + dice.roll(REPEATED_MAX) as usize)),
        1 => ("another wire type", written(number, *one_of(dice, &wires), &content)),
        2 => ("another number", written(1 + dice.roll(1 << 28) as u32, wire, &content)),
        3 => ("a huge varint", [written(number, WireType::Varint, &[0xff; 9]), vec![1]].concat()),
        4 => ("a varint without end", written(number, WireType::Varint, &[0xff; 12])),
        5 => {
            let mut field = Vec::new();
            encode_key(number, WireType::LengthDelimited, &mut field);
            encode_varint(dice.roll(u64::MAX) >> dice.roll(64), &mut field);
            ("a wrong length", [field, content].concat())
        }
        6 => ("no UTF-8", written(number, WireType::LengthDelimited, &[b'a', 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80])),
        7 => {
            let deep = (0..DEPTH).fold(content, |inner, _| written(number, WireType::LengthDelimited, &inner));
            ("a field in itself", deep)
        }
        8 => ("groups in the field", written(number, WireType::LengthDelimited, &vec![0x0b; DEPTH])),
        _ => ("without a field", Vec::new()),
    };
    let others = all.iter().filter(|(other, ..)| *other != number || dice.roll(2) == 0);
    let mut bytes: Vec<u8> = others.flat_map(|(number, wire, content)| written(*number, *wire, content)).collect();
    bytes.extend(odd);
    (way, bytes)
}

/// A value somewhere in the message becomes one that hardly anybody means.
fn spoil_value(message: &mut DynamicMessage, dice: &mut Dice) {
    let fields: Vec<FieldDescriptor> = message.descriptor().fields().collect();
    if fields.is_empty() {
        return;
    }
    let set: Vec<&FieldDescriptor> = fields.iter().filter(|field| message.has_field(field)).collect();
    let field = if set.is_empty() || dice.roll(6) == 0 { one_of(dice, &fields) } else { *one_of(dice, &set) };
    if dice.roll(12) == 0 {
        return message.clear_field(field);
    }
    match message.get_field_mut(field) {
        Value::Message(inner) if dice.roll(8) != 0 => spoil_value(inner, dice),
        Value::List(list) if !list.is_empty() && dice.roll(3) != 0 => {
            let at = dice.roll(list.len() as u64) as usize;
            match &mut list[at] {
                Value::Message(inner) => spoil_value(inner, dice),
                value => *value = odd_value(field, dice),
            }
        }
        Value::List(list) if !list.is_empty() => {
            let more = list.clone();
            for _ in 0..dice.roll(60) {
                list.extend(more.iter().cloned());
            }
        }
        value if field.is_list() => *value = Value::List(vec![odd_value(field, dice)]),
        value => *value = odd_value(field, dice),
    }
}

fn odd_value(field: &FieldDescriptor, dice: &mut Dice) -> Value {
    let number = *one_of(dice, &[0, 1, -1, i64::MIN, i64::MAX, i64::from(i32::MAX), i64::from(i32::MIN), 1 << 40]);
    match field.kind() {
        Kind::Message(kind) => Value::Message(DynamicMessage::new(kind)),
        Kind::Enum(_) => Value::EnumNumber(number as i32),
        Kind::String => Value::String(match dice.roll(4) {
            0 => one_of(dice, &["x", "é", "\u{1f680}", "a "]).repeat(dice.roll(LONG as u64 / 4) as usize),
            _ => (*one_of(dice, TEXTS)).to_owned(),
        }),
        Kind::Bytes => Value::Bytes(vec![0xff; dice.roll(LONG as u64) as usize].into()),
        Kind::Bool => Value::Bool(dice.roll(2) == 0),
        Kind::Double => {
            Value::F64(*one_of(dice, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, f64::MIN_POSITIVE]))
        }
        Kind::Float => Value::F32(f32::NAN),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(number as u64),
    }
}
