//! Messages of the contract as proto3-JSON, in and out.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::{Deserializer, Serialize as _};

use crate::proto::DESCRIPTORS;

/// Why a text is not the message it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    /// The field at fault as the JSON names it, for example `interaction.purchase.lines[3].quantity`; `.`: the whole.
    pub field: String,
    /// What is wrong. May repeat the value: it belongs into files of the user's, not into logs.
    pub message: String,
}

impl JsonFault {
    fn whole(error: &dyn std::fmt::Display) -> Self {
        Self { field: ".".to_owned(), message: error.to_string() }
    }
}

/// A message type of the contract by its short name, for example `ImportRecord`.
pub fn descriptor(name: &str) -> MessageDescriptor {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    let pool =
        POOL.get_or_init(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote these descriptors itself"));
    pool.get_message_by_name(&format!("rapport.v1.{name}")).expect("callers name messages of the contract")
}

/// Reads one message; unknown fields and anything after it are faults.
pub fn parse<M: Message + Default>(kind: &MessageDescriptor, text: &str) -> Result<M, JsonFault> {
    let mut json = serde_json::Deserializer::from_str(text);
    let message = tracked(kind, &mut json)?;
    json.end().map_err(|error| JsonFault::whole(&error))?;
    message.transcode_to().map_err(|error| JsonFault::whole(&error))
}

/// The same of a value that was parsed or made.
pub fn read_value<M: Message + Default>(kind: &MessageDescriptor, value: serde_json::Value) -> Result<M, JsonFault> {
    tracked(kind, value)?.transcode_to().map_err(|error| JsonFault::whole(&error))
}

fn tracked<'de>(kind: &MessageDescriptor, json: impl Deserializer<'de>) -> Result<DynamicMessage, JsonFault> {
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(json, &mut track);
    let message = DynamicMessage::deserialize(kind.clone(), tracked);
    message.map_err(|error| JsonFault { field: track.path().to_string(), message: error.to_string() })
}

/// Writes one message, on one line or indented for people.
pub fn write<M: Message>(kind: &MessageDescriptor, message: &M, indented: bool) -> Result<String, JsonFault> {
    let bytes = message.encode_to_vec();
    let message = DynamicMessage::decode(kind.clone(), bytes.as_slice()).map_err(|error| JsonFault::whole(&error))?;
    let mut out = Vec::new();
    if indented {
        message.serialize(&mut serde_json::Serializer::pretty(&mut out)).map_err(|error| JsonFault::whole(&error))?;
    } else {
        message.serialize(&mut serde_json::Serializer::new(&mut out)).map_err(|error| JsonFault::whole(&error))?;
    }
    String::from_utf8(out).map_err(|error| JsonFault::whole(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{ImportRecord, import_record::Record};

    const ROW: &str = r#"{"interaction":{"source":"till-4","externalId":"2017/1","identity":{"type":"IDENTITY_TYPE_LOYALTY","value":"7"},"kind":"INTERACTION_KIND_PURCHASE","venueId":"v","occurTime":"2017-12-31T23:01:20.500Z","purchase":{"lines":[{"item":"MILK","quantity":-1.5,"amountMinorUnits":"250"}],"partySize":2}}}"#;

    #[test]
    fn what_is_written_reads_back_the_same() {
        let kind = descriptor("ImportRecord");
        let record: ImportRecord = parse(&kind, ROW).expect("valid");
        let Some(Record::Interaction(interaction)) = &record.record else { panic!("an interaction") };
        assert_eq!(interaction.occur_time.as_ref().map(|time| time.nanos), Some(500_000_000));
        assert_eq!(interaction.purchase.as_ref().map(|purchase| purchase.lines[0].amount_minor_units), Some(250));
        let text = write(&kind, &record, false).expect("writes");
        assert_eq!(text, ROW);
        let again: ImportRecord = parse(&kind, &text).expect("valid");
        assert_eq!(again.encode_to_vec(), record.encode_to_vec());
    }

    #[test]
    fn proto_names_are_read_too() {
        let text = ROW.replace("externalId", "external_id").replace("amountMinorUnits", "amount_minor_units");
        assert!(parse::<ImportRecord>(&descriptor("ImportRecord"), &text).is_ok());
    }

    #[test]
    fn faults_name_their_field() {
        let kind = descriptor("ImportRecord");
        let cases = [
            (ROW.replace("-1.5", "\"many\""), "interaction.purchase.lines[0].quantity"),
            (ROW.replace("\"partySize\"", "\"party\""), "interaction.purchase"),
            (ROW.replace("2017-12-31T", "31.12.2017 "), "interaction.occurTime"),
            (ROW.replace("IDENTITY_TYPE_LOYALTY", "CARD"), "interaction.identity.type"),
            (format!("{ROW} x"), "."),
        ];
        for (text, field) in cases {
            let fault = parse::<ImportRecord>(&kind, &text).map(drop).expect_err("is wrong");
            assert!(fault.field.starts_with(field), "{field}: {fault:?}");
        }
    }
}
