//! A message of the contract that is written as bytes, field by field. Building messages only to encode them was a fifth of what a
//! briefing costs: a string for each name of a parameter, and three looks at each length.

use bytes::Bytes;
use prost::{
    Message,
    encoding::{self, WireType, encode_varint, encoded_len_varint},
};

/// A message as far as it is written. Its fields may come in any order: see the encoding of Protocol Buffers.
#[derive(Default)]
pub struct Written(Vec<u8>);

impl Written {
    /// With the fields of a message that was built, and room for more.
    pub fn from_message(message: &impl Message, more: usize) -> Self {
        let mut bytes = Vec::with_capacity(message.encoded_len() + more);
        message.encode_raw(&mut bytes);
        Self(bytes)
    }

    /// A text.
    pub fn text(&mut self, field: u32, text: &str) {
        self.key(field, WireType::LengthDelimited);
        self.varint(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A whole number, or one of an enum.
    pub fn number(&mut self, field: u32, number: i64) {
        self.key(field, WireType::Varint);
        // As its bits: negative ones take ten bytes.
        self.varint(number as u64);
    }

    /// A share or the like.
    pub fn ratio(&mut self, field: u32, ratio: f64) {
        encoding::double::encode(field, &ratio, &mut self.0);
    }

    /// A message that was built.
    pub fn message<M: Message>(&mut self, field: u32, message: &M) {
        encoding::message::encode(field, message, &mut self.0);
    }

    /// A message within this one.
    pub fn within(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.key(field, WireType::LengthDelimited);
        let start = self.0.len();
        // Room for its length, which is below 128 for most.
        self.0.push(0);
        write(self);
        let end = self.0.len();
        let length = (end - start - 1) as u64;
        let more = encoded_len_varint(length) - 1;
        if more > 0 {
            self.0.resize(end + more, 0);
            self.0.copy_within(start + 1..end, start + 1 + more);
        }
        encode_varint(length, &mut &mut self.0[start..]);
    }

    /// The bytes.
    pub fn into_bytes(self) -> Bytes {
        self.0.into()
    }

    fn key(&mut self, field: u32, wire_type: WireType) {
        self.varint(u64::from(field << 3 | wire_type as u32));
    }

    fn varint(&mut self, value: u64) {
        // Most keys and lengths are one byte.
        match u8::try_from(value) {
            Ok(byte) if byte < 0x80 => self.0.push(byte),
            _ => encode_varint(value, &mut self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proto::{Money, Parameter, Statement, numbers, parameter::Value};

    /// A value of one of five kinds. Messages cannot be printed: they hold personal data.
    fn value(kind: u8, text: &str, number: i64) -> Value {
        match kind {
            0 => Value::Text(text.to_owned()),
            1 => Value::Number(number),
            2 => Value::Ratio(number as f64),
            3 => Value::Time(prost_types::Timestamp { seconds: number, nanos: number as i32 }),
            _ => Value::Money(Money { currency_code: text.to_owned(), minor_units: number }),
        }
    }

    fn write(written: &mut Written, value: &Value) {
        use numbers::parameter as number;
        match value {
            Value::Text(text) => written.text(number::TEXT, text),
            Value::Number(value) => written.number(number::NUMBER, *value),
            Value::Ratio(ratio) => written.ratio(number::RATIO, *ratio),
            Value::Time(time) => written.message(number::TIME, time),
            Value::Money(money) => written.message(number::MONEY, money),
        }
    }

    proptest! {
        /// Lengths of one, two and three bytes, within each other.
        #[test]
        fn what_is_written_is_read_as_the_message(
            values in prop::collection::vec((0..5_u8, "[a-zé€]{0,300}", any::<i64>()), 0..80),
            text in "[a-z]{0,200}",
            tact in 0..4_i32,
        ) {
            use numbers::statement as number;
            let values: Vec<Value> = values.iter().map(|(kind, text, number)| value(*kind, text, *number)).collect();
            let statement = Statement {
                parameters: values.iter().map(|value| Parameter { name: "x".to_owned(), value: Some(value.clone()) }).collect(),
                text,
                tact,
                ..Statement::default()
            };
            let built = Statement { tact: statement.tact, ..Statement::default() };
            let mut written = Written::from_message(&built, 0);
            for value in &values {
                written.within(number::PARAMETERS, |written| {
                    written.text(numbers::parameter::NAME, "x");
                    write(written, value);
                });
            }
            written.text(number::TEXT, &statement.text);
            let bytes = written.into_bytes();
            // Prost writes the fields by their numbers: tact, which was built, comes last there.
            prop_assert_eq!(bytes.len(), statement.encoded_len() + if statement.text.is_empty() { 2 } else { 0 });
            prop_assert!(Statement::decode(bytes).expect("a message") == statement);
        }
    }
}
