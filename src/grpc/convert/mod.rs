//! The wire's messages to domain types and back: each request is parsed here once, and nowhere else.
//!
//! Every message is taken apart whole, so that a new field of the contract does not compile until somebody decides what
//! to do with it. `mirror.rs` has the macros for that: a conversion is a list of "field: how" wherever it can be. A violation
//! carries the field's path in proto names and never the value.

pub mod briefing;
pub mod customer;
pub mod customer_out;
pub mod gesture;
pub mod interaction;
pub mod items;
pub mod mark;
pub mod mirror;
pub mod policy;
pub mod precaution;
pub mod recovery;
pub mod relationship;
pub mod report;
pub mod rules;
pub mod upcoming;
pub mod values;
pub mod violations;

use std::time::Instant;

use mirror::enum_table;

use crate::{
    domain::{
        CustomerId, Timestamp, Violation,
        card::{self, Use},
        consent::Purpose,
        limits::FUTURE_SECONDS_MAX,
        text,
    },
    log_throttle::LogThrottle,
    proto,
    service::{Caller, Receipt, Request, tokens},
};

/// The outcome of parsing.
pub type Parsed<T> = Result<T, Violation>;

/// Times before 1970 are slips of a clock; times after this are slips of a unit.
const LATEST: i64 = 7_258_118_400; // 2200-01-01T00:00:00Z
/// The longest request id: a UUID with room for a prefix.
const REQUEST_ID_CHARS_MAX: usize = 64;
pub use crate::domain::limits::TEXT_CHARS_MAX;
/// Names of people and places, as they are written.
pub const NAME_CHARS_MAX: usize = 120;
/// Forms of address, labels: a line of a till's display.
pub const SHORT_CHARS_MAX: usize = 60;
/// Items, as tills name them.
pub const ITEM_CHARS_MAX: usize = 80;
/// Categories and situations.
pub const CATEGORY_CHARS_MAX: usize = 64;
/// Pages: the default, and what larger ones are read as.
const PAGE_SIZE_DEFAULT: usize = 50;
const PAGE_SIZE_MAX: usize = 200;

/// `outer.inner`, or `inner` alone.
pub fn path(outer: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}.{inner}") }
}

enum_table!(purpose: proto::Purpose = Purpose {
    Service = Service, Marketing = Marketing, Analytics = Analytics,
});

/// A purpose that older callers do not say: they serve. For one release; how many calls do so is logged.
pub fn purpose_or_service(field: &str, raw: i32, method: &'static str) -> Parsed<Purpose> {
    static UNSAID: LogThrottle<&'static str> = LogThrottle::new();
    if raw != proto::Purpose::Unspecified as i32 {
        return purpose(field, raw);
    }
    if let Some(left_out) = UNSAID.allow(method, Instant::now()) {
        tracing::warn!(
            method,
            calls = left_out + 1,
            "calls without a purpose: read as SERVICE; the next release refuses them"
        );
    }
    Ok(Purpose::Service)
}

/// A value of an enum that is none of these, by their names in the contract.
pub fn one_of(field: &str, names: &[&str]) -> Violation {
    Violation::new(field, format!("must be one of: {}", names.join(", ")))
}

/// A time between 1970 and 2200, if one is given.
pub fn time(field: &str, raw: Option<prost_types::Timestamp>) -> Parsed<Option<Timestamp>> {
    let Some(prost_types::Timestamp { seconds, nanos }) = raw else {
        return Ok(None);
    };
    if !(0..LATEST).contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return Err(Violation::new(field, "must be a time between 1970 and 2200"));
    }
    Timestamp::new(seconds, nanos).map(Some).map_err(|_| Violation::new(field, "must be a time between 1970 and 2200"))
}

/// A time in the past. Clocks differ: up to a day ahead is read as now. Absent: now.
pub fn past_time(field: &str, raw: Option<prost_types::Timestamp>, now: Timestamp) -> Parsed<Timestamp> {
    match time(field, raw)? {
        None => Ok(now),
        Some(at) if at.as_second() <= now.as_second() + FUTURE_SECONDS_MAX => Ok(at.min(now)),
        Some(_) => Err(Violation::new(field, "must not be in the future")),
    }
}

/// A request as it is recognised when it comes again: its id, and its bytes without it.
pub fn request<M: prost::Message>(method: &'static str, id: &str, message: &M) -> Parsed<Request> {
    if id.is_empty() {
        return Ok(Request { method, id: String::new(), body: Vec::new() });
    }
    let id = text::key("request_id", id, 1..=REQUEST_ID_CHARS_MAX)?;
    card::refuse_card_data_in([("request_id", id.as_str(), Use::Reference)], &[])?;
    Ok(Request { method, id, body: message.encode_to_vec() })
}

/// Why something is done: required, and free of card data.
pub fn reason(raw: &str) -> Parsed<String> {
    words("reason", raw)
}

/// A few words that must be there, free of card data.
pub fn words(field: &str, raw: &str) -> Parsed<String> {
    let words = text::line(field, raw, 1..=TEXT_CHARS_MAX)?;
    card::refuse_card_data([(field, words.as_str())])?;
    Ok(words)
}

pub fn customer_id(raw: &str) -> Parsed<CustomerId> {
    CustomerId::parse("customer_id", raw)
}

/// A page's size: 0 is the default, too many are read as the most, negative is refused.
pub fn page_size(raw: i32) -> Parsed<usize> {
    match usize::try_from(raw) {
        Ok(0) => Ok(PAGE_SIZE_DEFAULT),
        Ok(size) => Ok(size.min(PAGE_SIZE_MAX)),
        Err(_) => Err(Violation::new("page_size", "must not be negative; 0 is the default")),
    }
}

/// Whether a list has one of the allowed lengths.
pub fn count(field: &str, length: usize, allowed: std::ops::RangeInclusive<usize>) -> Parsed<()> {
    if allowed.contains(&length) {
        return Ok(());
    }
    Err(Violation::new(field, format!("must hold {} to {} entries", allowed.start(), allowed.end())))
}

/// The receipt of a request that was carried out before comes with this metadata, so that a caller can tell.
pub const REPLAYED: &str = "rapport-replayed";

pub fn receipt_out(caller: &Caller, receipt: Receipt) -> proto::Receipt {
    let Receipt { customer, revision, created, replayed: _ } = receipt;
    proto::Receipt {
        customer_id: customer.to_string(),
        etag: tokens::etag(revision),
        revision_token: tokens::revision_token(&caller.index_key, customer, revision),
        created_ids: created,
    }
}
