//! Which format stored bytes need: the first one that has all their fields, and all numbers that stand for something.
//!
//! What format 1 has is read from its own definitions as they were released (`golden/format-1.binpb`, a descriptor set of
//! `record.proto`). So a field that is added to a message later is noticed by itself, and only where it is used: a field
//! with its default writes nothing, and a store of the older format takes it.

use std::{collections::BTreeMap, sync::OnceLock};

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_reflect::{DescriptorPool, Kind};

/// The definitions of format 1.
const FORMAT_1: &[u8] = include_bytes!("golden/format-1.binpb");

/// The highest numbers of format 1 where a number stands for something: message, field, number.
const NUMBERS_1: &[(&str, &str, u64)] = &[
    ("Profile", "counted_at", 3),
    ("IssueDraft", "severity", 3),
    ("FollowUpDraft", "kind", 3),
    ("GestureDraft", "expectation", 4),
    ("Gesture", "state", 4),
    ("Gesture", "outcome", 3),
    ("GestureOutcomeRecorded", "outcome", 3),
    ("Details", "kind", 1),
    ("Identity", "kind", 8),
    ("PrecautionDraft", "kind", 6),
    ("PrecautionDraft", "criticality", 2),
    ("PrecautionDraft", "severity", 3),
    ("PrecautionDraft", "status", 5),
    ("PrecautionReviewed", "status", 5),
    ("Preference", "stance", 4),
    ("Preference", "scope", 3),
    ("Evidence", "stance", 4),
    ("Evidence", "source", 4),
    ("Evidence", "scope", 3),
    ("CalendarDate", "calendar", 4),
    ("OccasionDraft", "kind", 3),
    ("Consent", "purpose", 3),
    ("Consent", "state", 3),
    ("Interaction", "kind", 5),
    ("Rules", "caps_from", 3),
];

/// Fields that came later and may be written in format 1: a release of that reads the rest, and leaves them out when it writes. Without them
/// somebody may decide alone; to refuse a warning until the store is raised would be worse.
const LEFT_OUT_1: &[(&str, u32)] = &[("Precaution", 6)];

/// The stored messages whose format is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A customer's record.
    Profile,
    /// An entry of the history.
    Change,
    /// A version of the policy.
    Policy,
}

impl Message {
    fn name(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Change => "Change",
            Self::Policy => "Policy",
        }
    }
}

/// The format that these bytes, which an encoder of this release wrote, need at least.
pub fn needed(message: Message, bytes: &[u8]) -> u16 {
    if Schema::of_format_1().has(message.name(), bytes) { 1 } else { 2 }
}

/// The fields of the messages of one format, by message and number.
struct Schema(BTreeMap<String, BTreeMap<u32, Field>>);

enum Field {
    /// A value; any that fits its type.
    Value,
    /// A number that stands for something, up to the highest one that does.
    UpTo(u64),
    /// A message, or several.
    Message(String),
}

impl Schema {
    fn of_format_1() -> &'static Self {
        static FIRST: OnceLock<Schema> = OnceLock::new();
        FIRST.get_or_init(|| Self::read(FORMAT_1, NUMBERS_1))
    }

    fn read(descriptors: &[u8], numbers: &[(&str, &str, u64)]) -> Self {
        let pool = DescriptorPool::decode(descriptors).expect("a released descriptor set, which a test reads too");
        let highest = |message: &str, field: &str| {
            numbers.iter().find(|(of, name, _)| (*of, *name) == (message, field)).map(|(_, _, number)| *number)
        };
        let messages = pool.all_messages().map(|message| {
            let fields = message.fields().map(|field| {
                let holds = match (field.kind(), highest(message.name(), field.name())) {
                    (Kind::Message(inner), _) => Field::Message(inner.name().to_owned()),
                    (_, Some(number)) => Field::UpTo(number),
                    (_, None) => Field::Value,
                };
                (field.number(), holds)
            });
            (message.name().to_owned(), fields.collect())
        });
        Self(messages.collect())
    }

    /// Whether all fields of these bytes, and all within them, are known. Bytes that are no message are not.
    fn has(&self, message: &str, mut bytes: &[u8]) -> bool {
        let Some(fields) = self.0.get(message) else { return false };
        while !bytes.is_empty() {
            let Ok((number, wire)) = decode_key(&mut bytes) else { return false };
            let is_known = match (fields.get(&number), wire) {
                (None, wire) if LEFT_OUT_1.contains(&(message, number)) => {
                    skip_field(wire, number, &mut bytes, DecodeContext::default()).is_ok()
                }
                (None, _) => false,
                (Some(Field::Message(inner)), WireType::LengthDelimited) => {
                    let length = decode_varint(&mut bytes).ok().and_then(|length| usize::try_from(length).ok());
                    match length.and_then(|length| bytes.split_at_checked(length)) {
                        Some((within, rest)) => {
                            bytes = rest;
                            self.has(inner, within)
                        }
                        None => false,
                    }
                }
                (Some(Field::UpTo(highest)), WireType::Varint) => {
                    decode_varint(&mut bytes).is_ok_and(|number| number <= *highest)
                }
                (Some(_), wire) => skip_field(wire, number, &mut bytes, DecodeContext::default()).is_ok(),
            };
            if !is_known {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::store::stored;

    /// A field as a later format may add it: a number that no message of format 1 has.
    const LATER: &[u8] = &[0xfa, 0x3e, 1, 0];

    fn profile() -> stored::Profile {
        let reported = stored::PrecautionDraft { kind: 6, code: "TREE_NUTS".into(), status: 5, ..Default::default() };
        let precaution = stored::Precaution { id: 1, reported: Some(reported), ..Default::default() };
        stored::Profile { precautions: vec![precaution], ..Default::default() }
    }

    #[test]
    fn what_format_1_has_needs_no_more() {
        assert_eq!(needed(Message::Profile, &[]), 1);
        assert_eq!(needed(Message::Profile, &profile().encode_to_vec()), 1);
    }

    #[test]
    fn a_later_field_needs_the_later_format_however_deep_it_is() {
        let bytes = profile().encode_to_vec();
        assert_eq!(needed(Message::Profile, &[&bytes, LATER].concat()), 2);
        // The list of precautions, with one precaution: a draft (field 2) with the later field.
        let deep = [&[0x1a, 6, 0x12, 4][..], LATER].concat();
        assert_eq!(needed(Message::Profile, &deep), 2);
        let shallow = [0x1a, 6, 0x12, 4, 0x12, 2, b'E', b'G'];
        assert_eq!(needed(Message::Profile, &shallow), 1);
    }

    #[test]
    fn what_an_older_release_may_leave_out_needs_no_later_format() {
        let mut raised = profile();
        raised.precautions[0].first_said_by = "jon@till-4".to_owned();
        assert_eq!(needed(Message::Profile, &raised.encode_to_vec()), 1);
    }

    #[test]
    fn a_later_number_of_an_old_field_needs_the_later_format() {
        let mut later = profile();
        later.precautions[0].reported.as_mut().expect("a draft").status = 6;
        assert_eq!(needed(Message::Profile, &later.encode_to_vec()), 2);
    }

    #[test]
    fn bytes_that_are_no_message_are_not_taken_for_format_1() {
        let bytes = profile().encode_to_vec();
        assert_eq!(needed(Message::Profile, &bytes[..bytes.len() - 1]), 2);
    }

    /// The number at the end of a golden file's name is the format that its bytes need.
    #[test]
    fn golden_files_need_the_format_in_their_names() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/codec/golden");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).expect("is there") {
            let path = entry.expect("is there").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let message = match name.split(['-', '.']).next() {
                Some("profile") => Message::Profile,
                Some("change") => Message::Change,
                Some("policy") => Message::Policy,
                _ => continue,
            };
            let format = path.extension().and_then(|format| format.to_str()?.parse().ok());
            assert_eq!(format, Some(needed(message, &std::fs::read(&path).expect("reads"))), "{name}");
            seen += 1;
        }
        assert!(seen > 30, "{seen}");
    }

    #[test]
    fn every_number_that_stands_for_something_is_of_a_field_of_format_1() {
        let schema = Schema::of_format_1();
        for message in [Message::Profile, Message::Change, Message::Policy] {
            assert!(schema.0.contains_key(message.name()), "{message:?}");
        }
        let read = schema.0.values().flat_map(BTreeMap::values).filter(|field| matches!(field, Field::UpTo(_)));
        assert_eq!(read.count(), NUMBERS_1.len());
    }
}
