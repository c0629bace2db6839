//! Lines of an export: what a store holds, opened, as proto3-JSON of the stored messages. It holds personal data in
//! clear, and everything that a store needs to become the same again.

use std::sync::OnceLock;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::Serialize as _;

use super::{
    Document, Lane, Result, Revision, StoreError,
    codec::{history, items, policy, profile, requests},
    records::{NewEntry, WholeCustomer},
    stored::{self, export_items, export_line},
};
use crate::domain::{CustomerId, TenantId, Timestamp, VenueId};

/// The format of exports that this release writes and reads.
pub const EXPORT_FORMAT: u32 = 1;

/// One line: the header first, then policies and customers, then the trailer.
pub enum Line {
    /// Whose export it is, and from when.
    Header(Header),
    /// A version of the policy, the oldest first.
    Policy(Document),
    /// A part of a venue's items, or their head.
    Items(Items),
    /// Everything of one customer.
    Customer(CustomerId, Box<WholeCustomer>),
    /// An export without it was broken off.
    Trailer(Trailer),
}

/// The first line.
pub struct Header {
    /// Restored only into a store of the same one.
    pub tenant: TenantId,
    /// When the export began.
    pub time: Timestamp,
    /// The version of the tenant's index key, and the key, wrapped.
    pub index_key: (u16, Bytes),
}

/// A document of a venue's items.
pub struct Items {
    /// Whose items they are.
    pub venue: VenueId,
    /// Which part it is; `None`: the head.
    pub part: Option<usize>,
    /// As it is stored.
    pub document: Document,
}

/// The last line: counts of what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trailer {
    /// Versions of the policy.
    pub policies: u64,
    /// Customers that could be opened.
    pub customers: u64,
    /// Entries of their histories.
    pub entries: u64,
    /// What could not be opened, and is missing.
    pub damaged: u64,
    /// Venues whose items are there.
    pub venues: u64,
}

/// Why a line is not what it should be. May repeat a value: it belongs into files of the user's, not into logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LineFault(pub String);

impl From<StoreError> for LineFault {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// How every export begins: tells it from other files of JSON.
pub const HEADER_BEGINS: &str = r#"{"header":{"exportFormat":"#;

fn descriptor() -> &'static MessageDescriptor {
    static LINE: OnceLock<MessageDescriptor> = OnceLock::new();
    LINE.get_or_init(|| {
        let pool = DescriptorPool::decode(stored::DESCRIPTORS).expect("the build wrote these descriptors itself");
        pool.get_message_by_name("rapport.store.v1.ExportLine").expect("it is one of them")
    })
}

/// The line as JSON, without its end.
pub fn write(line: &Line) -> Result<String> {
    let fault = |_| StoreError::Corrupt("an export line that cannot be written".into());
    let message = stored::ExportLine { line: Some(encode(line)?) };
    let message = DynamicMessage::decode(descriptor().clone(), message.encode_to_vec().as_slice())
        .map_err(|_| StoreError::Corrupt("an export line that cannot be written".into()))?;
    let mut out = Vec::new();
    message.serialize(&mut serde_json::Serializer::new(&mut out)).map_err(fault)?;
    String::from_utf8(out).map_err(|_| StoreError::Corrupt("an export line that is no text".into()))
}

/// The line behind the JSON.
///
/// # Errors
/// A text that is no such line; of a newer format; or with values that no store can hold.
pub fn parse(text: &str) -> std::result::Result<Line, LineFault> {
    let mut json = serde_json::Deserializer::from_str(text);
    let fault = |error: serde_json::Error| LineFault(error.to_string());
    let message = DynamicMessage::deserialize(descriptor().clone(), &mut json).map_err(fault)?;
    json.end().map_err(fault)?;
    let message: stored::ExportLine = message.transcode_to().map_err(|error| LineFault(error.to_string()))?;
    decode(message.line.ok_or_else(|| LineFault("the line is empty".to_owned()))?)
}

fn encode(line: &Line) -> Result<export_line::Line> {
    Ok(match line {
        Line::Header(Header { tenant, time, index_key: (version, key) }) => {
            export_line::Line::Header(stored::ExportHeader {
                export_format: EXPORT_FORMAT,
                tenant: tenant.as_str().to_owned(),
                time: time.to_string(),
                index_key_version: u32::from(*version),
                index_key: key.to_vec(),
            })
        }
        Line::Policy(Document { revision, bytes }) => export_line::Line::Policy(stored::ExportPolicy {
            counter: revision.counter,
            write_id: revision.write_id,
            policy: Some(again(bytes)?),
        }),
        Line::Items(items) => export_line::Line::Items(encode_items(items)?),
        Line::Customer(customer, whole) => export_line::Line::Customer(encode_customer(*customer, whole)?),
        Line::Trailer(Trailer { policies, customers, entries, damaged, venues }) => {
            export_line::Line::Trailer(stored::ExportTrailer {
                policies: *policies,
                customers: *customers,
                entries: *entries,
                damaged: *damaged,
                venues: *venues,
            })
        }
    })
}

fn encode_items(items: &Items) -> Result<stored::ExportItems> {
    let Items { venue, part, document: Document { revision, bytes } } = items;
    let document = match part {
        None => export_items::Document::Head(again(bytes)?),
        Some(index) => export_items::Document::Part(stored::ExportItemsPart {
            index: u32::try_from(*index).unwrap_or(u32::MAX),
            part: Some(again(bytes)?),
        }),
    };
    Ok(stored::ExportItems {
        venue: venue.as_str().to_owned(),
        counter: revision.counter,
        write_id: revision.write_id,
        document: Some(document),
    })
}

fn decode_items(raw: stored::ExportItems) -> std::result::Result<Line, LineFault> {
    let venue = VenueId::parse("venue", &raw.venue).map_err(|_| bad("the venue"))?;
    let revision = Revision { counter: raw.counter, write_id: raw.write_id };
    let (part, bytes) = match raw.document.ok_or_else(|| bad("the items"))? {
        export_items::Document::Head(head) => {
            let bytes = head.encode_to_vec();
            items::decode_head(&bytes)?;
            (None, bytes)
        }
        export_items::Document::Part(stored::ExportItemsPart { index, part }) => {
            let bytes = part.ok_or_else(|| bad("the items"))?.encode_to_vec();
            items::decode_part(&bytes)?;
            (Some(index as usize), bytes)
        }
    };
    Ok(Line::Items(Items { venue, part, document: Document { revision, bytes: bytes.into() } }))
}

fn encode_customer(customer: CustomerId, whole: &WholeCustomer) -> Result<stored::ExportCustomer> {
    let lane = |wanted: Lane| {
        let entries = whole.entries.iter().filter(move |entry| entry.lane == wanted);
        let entry = |entry: &NewEntry| {
            let change = Some(again(&history::encode(&entry.entry))?);
            Ok(stored::ExportEntry { id: entry.id.to_vec(), time_ms: entry.time_ms, change })
        };
        entries.map(entry).collect::<Result<Vec<_>>>()
    };
    Ok(stored::ExportCustomer {
        customer: customer.to_string(),
        counter: whole.revision.counter,
        write_id: whole.revision.write_id,
        profile: Some(again(&profile::encode(&whole.profile))?),
        requests: (!whole.requests.is_empty()).then(|| again(&requests::encode(&whole.requests))).transpose()?,
        interactions: lane(Lane::Interactions)?,
        changes: lane(Lane::Changes)?,
    })
}

/// The message behind bytes that a codec wrote.
fn again<M: prost::Message + Default>(bytes: &[u8]) -> Result<M> {
    M::decode(bytes).map_err(|_| StoreError::Corrupt("a stored message".into()))
}

fn decode(line: export_line::Line) -> std::result::Result<Line, LineFault> {
    Ok(match line {
        export_line::Line::Header(raw) => {
            if raw.export_format != EXPORT_FORMAT {
                let format = raw.export_format;
                return Err(LineFault(format!("the export is of format {format}, this release reads {EXPORT_FORMAT}")));
            }
            let tenant = TenantId::parse("tenant", &raw.tenant).map_err(|_| bad("the tenant"))?;
            let version = u16::try_from(raw.index_key_version).map_err(|_| bad("the index key's version"))?;
            let time = raw.time.parse().map_err(|_| bad("the time"))?;
            Line::Header(Header { tenant, time, index_key: (version, raw.index_key.into()) })
        }
        export_line::Line::Policy(raw) => {
            let bytes: Bytes = raw.policy.ok_or_else(|| bad("the policy"))?.encode_to_vec().into();
            policy::decode(&bytes, raw.counter)?;
            Line::Policy(Document { revision: Revision { counter: raw.counter, write_id: raw.write_id }, bytes })
        }
        export_line::Line::Items(raw) => decode_items(raw)?,
        export_line::Line::Customer(raw) => decode_customer(raw)?,
        export_line::Line::Trailer(raw) => Line::Trailer(Trailer {
            policies: raw.policies,
            customers: raw.customers,
            entries: raw.entries,
            damaged: raw.damaged,
            venues: raw.venues,
        }),
    })
}

fn decode_customer(raw: stored::ExportCustomer) -> std::result::Result<Line, LineFault> {
    let customer = CustomerId::parse("customer", &raw.customer).map_err(|_| bad("the customer's id"))?;
    let profile = profile::decode(&raw.profile.ok_or_else(|| bad("the profile"))?.encode_to_vec())?;
    let requests = raw.requests.map_or(Ok(Vec::new()), |list| requests::decode(&list.encode_to_vec()))?;
    let interactions = raw.interactions.into_iter().map(|entry| (Lane::Interactions, entry));
    let changes = raw.changes.into_iter().map(|entry| (Lane::Changes, entry));
    let entry = |(lane, raw): (Lane, stored::ExportEntry)| {
        let id = raw.id.as_slice().try_into().map_err(|_| bad("an entry's id"))?;
        let entry = history::decode(&raw.change.ok_or_else(|| bad("an entry"))?.encode_to_vec())?;
        Ok(NewEntry { lane, id, time_ms: raw.time_ms, entry })
    };
    let entries = interactions.chain(changes).map(entry).collect::<std::result::Result<_, LineFault>>()?;
    let revision = Revision { counter: raw.counter, write_id: raw.write_id };
    if revision.counter == 0 {
        return Err(bad("the revision"));
    }
    Ok(Line::Customer(customer, Box::new(WholeCustomer { revision, profile, requests, entries })))
}

fn bad(what: &str) -> LineFault {
    LineFault(format!("{what} is missing or wrong"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> std::result::Result<Line, LineFault> {
        parse(&format!("{HEADER_BEGINS}{text}}}}}"))
    }

    #[test]
    fn a_header_reads_back_and_begins_as_it_must() {
        let tenant = TenantId::parse("tenant", "hotel").unwrap();
        let time = Timestamp::from_second(1).unwrap();
        let text = write(&Line::Header(Header { tenant, time, index_key: (1, Bytes::from_static(b"key")) })).unwrap();
        assert!(text.starts_with(HEADER_BEGINS), "{text}");
        let Line::Header(header) = parse(&text).unwrap() else { panic!("a header") };
        assert_eq!((header.tenant.as_str(), header.time, header.index_key.1.as_ref()), ("hotel", time, &b"key"[..]));
    }

    #[test]
    fn what_is_no_line_of_this_release_is_refused_with_the_reason() {
        let newer = header(r#"2,"tenant":"hotel","time":"1970-01-01T00:00:01Z""#).err().unwrap();
        assert_eq!(newer.to_string(), "the export is of format 2, this release reads 1");
        for (text, reason) in [
            ("{}", "the line is empty"),
            ("{\"customer\":{}}", "the customer's id is missing or wrong"),
            ("{\"customer\":{\"customer\":\"00000000000000000000000001\"}}", "the profile is missing or wrong"),
            ("{\"policy\":{}}", "the policy is missing or wrong"),
        ] {
            assert_eq!(parse(text).err().unwrap().to_string(), reason, "{text}");
        }
        for text in ["", "{", "[]", "{\"guest\":{}}", "{\"trailer\":{}} {}", "{\"trailer\":{\"policies\":-1}}"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
