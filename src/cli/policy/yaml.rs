//! The policy as a YAML file: proto3-JSON's form, with the contract's own field names.

use prost::Message as _;
use prost_reflect::{DynamicMessage, SerializeOptions};
use serde::{Serialize, Serializer};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, ser_options};

use super::places::Places;
use crate::{
    cli::{failure::Failure, json},
    proto::Policy,
};

const MESSAGE: &str = "Policy";

/// A fault of a file, for its author: it may repeat the file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlFault {
    /// Where it is, counted from 1; `None`: the whole file.
    pub line: Option<u64>,
    /// The path of the field; empty: the file as a whole.
    pub field: String,
    /// What is wrong, in the words of the parser or of the service's own check.
    pub message: String,
}

/// A policy as it was written.
#[derive(Debug)]
pub struct Document {
    /// Parsed, and not checked by the rules of the service.
    pub policy: Policy,
    /// The line of each field, for faults that the service's rules find later.
    pub places: Places,
}

/// Reads a policy, or tells what in the file is none.
pub fn read(text: &str) -> Result<Document, Vec<YamlFault>> {
    let kind = json::descriptor(MESSAGE);
    let whole = |error: serde_saphyr::Error| {
        let line = error.location().map(|location| location.line());
        vec![YamlFault { line, field: String::new(), message: error.to_string() }]
    };
    let walk = |yaml: serde_saphyr::Deserializer<'_, '_>| Places::read(yaml, kind.clone());
    let mut places = serde_saphyr::with_deserializer_from_str_with_options(text, options(), walk).map_err(whole)?;
    let unknown = places.take_unknown();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut field = String::new();
    let parsed = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |yaml| {
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(yaml, &mut track);
        let message = DynamicMessage::deserialize(kind.clone(), tracked);
        field = track.path().to_string();
        message
    });
    let at_field = |message: String| vec![YamlFault { line: places.line(&field), field: field.clone(), message }];
    let message = parsed.map_err(|error| at_field(error.to_string()))?;
    let policy = message.transcode_to().map_err(|error| at_field(error.to_string()))?;
    Ok(Document { policy, places })
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        // Only anchors and aliases: a merge hides where a field comes from.
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::Reject,
        with_snippet: false,
    }
}

/// Writes a policy so that it reads back the same; what the server sets is left out.
pub fn write(policy: &Policy) -> Result<String, Failure> {
    let written = Policy { version: 0, update_time: None, etag: String::new(), ..policy.clone() };
    let failed = |error: &dyn std::fmt::Display| Failure::Failed(format!("the policy cannot be written: {error}"));
    let message = DynamicMessage::decode(json::descriptor(MESSAGE), written.encode_to_vec().as_slice());
    let message = message.map_err(|error| failed(&error))?;
    let options = ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(&AsWritten(message), options).map_err(|error| failed(&error))
}

/// In the contract's order, with its names, and with whole numbers as numbers.
struct AsWritten(DynamicMessage);

impl Serialize for AsWritten {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let options = SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false);
        self.0.serialize_with_options(serializer, &options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "\
owner: Head of Guest Relations
venues:
  - venue_id: lake
    display_name: 'Lakeside: Zurich'
    time_zone: Europe/Zurich
    currency_code: CHF
    business_day_start: 04:00
standards: { follow_up_within: 86400s }
caps_from: ISSUE_SEVERITY_CRITICAL
roles:
  - role_id: on
    display_name: 'null'
    authorities: [{ currency_code: CHF, per_gesture_minor_units: 1250 }]
    sees_value: true
";

    #[test]
    fn what_people_write_is_read_and_written_the_same() {
        let policy = read(SMALL).expect("valid").policy;
        assert_eq!(policy.venues[0].business_day_start, "04:00");
        assert_eq!(policy.roles[0].authorities[0].per_gesture_minor_units, 1_250);
        assert_eq!((policy.roles[0].role_id.as_str(), policy.roles[0].display_name.as_str()), ("on", "null"));
        assert_eq!(policy.standards.as_ref().and_then(|all| all.follow_up_within).map(|it| it.seconds), Some(86_400));
        let written = write(&policy).expect("writes");
        assert_eq!(read(&written).expect("valid").policy, policy, "{written}");
        assert!(written.contains("follow_up_within: 86400s"), "{written}");
        assert!(written.contains("per_gesture_minor_units: 1250"), "{written}");
        let order = ["owner", "venues", "roles", "caps_from"].map(|field| written.find(field));
        assert!(order.is_sorted() && order[0] == Some(0), "the contract's order: {written}");
    }

    #[test]
    fn faults_have_their_line() {
        let cases = [
            ("colour: red\n", 1),
            ("owner: a\nvenues:\n  - venue_id: b\n    colour: red\n", 4),
            ("owner: a\nowner: b\n", 2),
            ("owner: a\nroles:\n  - sees_value: yes\n", 3),
            ("owner: a\nstandards:\n  greet_within: ten minutes\n", 3),
            ("owner: a\nbudgets:\n  - monthly:\n      minor_units: 1.5\n", 4),
            ("owner: a\nbudgets:\n  - monthly:\n      minor_units: 9223372036854775808\n", 4),
            ("owner: a\nintimacy:\n  mean_score_min: .nan\n", 3),
            ("owner: a\ncaps_from: SEVERE\n", 2),
            ("owner: a\nvenues: }\n", 2),
            // Where the bracket opens.
            ("venues: []\nowner: [a\n", 2),
        ];
        for (text, line) in cases {
            let faults = read(text).expect_err(text);
            assert_eq!(faults[0].line, Some(line), "{text}: {faults:?}");
        }
    }

    #[test]
    fn all_unknown_fields_are_told() {
        let faults = read("colour: red\nvenues:\n  - venue_id: b\n    size: 3\n    hours: []\n").expect_err("unknown");
        let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.field.as_str())).collect();
        assert_eq!(told, [(Some(1), "colour"), (Some(4), "venues[0].size"), (Some(5), "venues[0].hours")]);
    }

    #[test]
    fn every_field_has_its_line() {
        let places = read(SMALL).expect("valid").places;
        let lines = ["venues[0].currency_code", "venues[0].region", "roles[0].authorities[0].currency_code", "drift"];
        assert_eq!(lines.map(|field| places.line(field)), [Some(6), Some(3), Some(13), None]);
    }

    #[test]
    fn aliases_that_unfold_without_end_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        read(&bomb.replacen("a0:", "owner:", 1)).expect_err("is refused");
    }
}
