//! Every key of the store, in one place: `kind:{bucket}:parts…`.
//!
//! * The **kind** comes first, so that invalidations of one kind can be subscribed to by prefix (`record:`).
//! * The **bucket**, two hexadecimal digits in braces, is Redis Cluster's hash tag: everything of one customer and the
//!   log of the customer's bucket share a hash slot, so that one script may change them together. A bucket never moves.
//! * Names of tenants hold neither colons nor braces, customer ids are 26 characters, digests are hexadecimal; the names
//!   of documents, budgets and tallies are free, and are escaped. So no two things share a key, and no key is the beginning of
//!   another's parts.
//!
//! Both backends use these keys. redb has no structures inside a value: it appends a member to the key, after a colon.

use std::{hash::Hasher as _, ops::Bound};

use fnv::FnvHasher;

use super::{
    BudgetKey, CustomerKey, DocumentKey, EntryId, HintIndex, HintRange, HistoryRange, IdentityKey, Lane, TallyKey,
    keystore::KeyName,
};
use crate::{
    domain::{CustomerId, TenantId, VenueId},
    hex,
};

mod parse;

pub use parse::{parse_budget, parse_customer_name, parse_data_key, parse_document, parse_identity, parse_tenant};

/// The format in which records are written. One for the whole store; the hash tag pins its hash slot.
pub const FORMAT: &str = "format:{00}";

/// Nothing is ever stored under it: for asking whether something could be.
pub const NOTHING: &str = "nothing:{00}";

/// What the names of the data's marks begin with.
pub const MARK: &str = "mark:{";

/// What the names of the keys' marks begin with.
pub const KEY_MARK: &str = "key-mark:{";

/// The mark of a bucket: see [`super::fitness`].
pub fn mark(bucket: u8) -> String {
    format!("{MARK}{bucket:02x}}}")
}

/// The same in the key store: one Redis database may hold both.
pub fn key_mark(bucket: u8) -> String {
    format!("{KEY_MARK}{bucket:02x}}}")
}

/// How far the log of a bucket had come, in the key store: see [`super::fitness`].
pub fn noted_ends(bucket: u8) -> String {
    format!("key-log:{{{bucket:02x}}}")
}

/// That the newest writes were lost, in the key store: see [`super::fitness`].
pub const SETBACK: &str = "key-setback:{00}";
/// The name of the note of what an operator gave up with an older copy, beside the keys.
pub const GIVEN_UP: &str = "key-given-up:{00}";

/// Says that a tenant has an index key, in the data store: one that is missing was lost, and no new one is made.
pub fn index_key_note(tenant: &TenantId) -> String {
    format!("index-key:{{{:02x}}}:{tenant}", fold(tenant, b""))
}

/// The same of a tenant's key, and whether everything of the tenant is wrapped and sealed with it.
pub fn tenant_key_note(tenant: &TenantId) -> String {
    format!("tenant-key:{{{:02x}}}:{tenant}", fold(tenant, b""))
}

/// The number of the newest version of a tenant's policy, in the key store: one that is missing from the data was lost.
pub fn policy_note(tenant: &TenantId) -> String {
    format!("policy-note:{{{:02x}}}:{tenant}", fold(tenant, b"policy"))
}

/// That keys of a bucket were destroyed, and copies of them may be left, in the key store: see [`super::keystore::Copies`].
pub fn destroyed(bucket: u8) -> String {
    format!("key-destroyed:{{{bucket:02x}}}")
}

/// That the files of the key store were written anew once, in the key store.
pub const COPIES_REMOVED: &str = "key-copies-removed:{00}";

/// The bucket of a key; `None` if it is none of these keys.
pub fn bucket_of(key: &str) -> Option<u8> {
    let (_, rest) = key.split_once('{')?;
    u8::from_str_radix(rest.get(..2)?, 16).ok()
}

/// The bucket of a customer: FNV-1a (64 bits) over tenant, a zero byte and the customer's 16 bytes, its eight bytes
/// XORed into one. Fixed for ever: another function would strand every record that exists.
pub fn bucket(tenant: &TenantId, customer: &CustomerId) -> u8 {
    fold(tenant, customer.as_bytes())
}

/// The bucket of an identity: by its tenant and digest, as [`bucket`]. An identity is looked up before the customer
/// is known, so it cannot lie in the customer's bucket.
pub fn identity_bucket(key: &IdentityKey) -> u8 {
    fold(&key.tenant, &key.digest)
}

fn fold(tenant: &TenantId, rest: &[u8]) -> u8 {
    // Names hold no zero byte: it keeps ("ab", "c…") and ("a", "bc…") apart.
    fnv(&[tenant.as_str().as_bytes(), &[0], rest]).into_iter().fold(0, |folded, byte| folded ^ byte)
}

/// FNV-1a over the parts, 64 bits, big-endian.
fn fnv(parts: &[&[u8]]) -> [u8; 8] {
    let mut hasher = FnvHasher::default();
    for part in parts {
        hasher.write(part);
    }
    hasher.finish().to_be_bytes()
}

/// A venue in the members of hints: of a fixed length. Two venues that share one only cost a look at the record.
pub fn venue_digest(venue: &VenueId) -> [u8; 8] {
    fnv(&[venue.as_str().as_bytes()])
}

/// Bytes that most names need after what [`begun`] writes: a version or a lane, and a digest in hexadecimal digits.
const REST_BYTES: usize = 40;

/// `kind:{bucket}:tenant:`, with room for what follows. Each look-up makes a few names, and formatting them with `format!`
/// costs a thousand instructions each.
fn begun(kind: &str, bucket: u8, tenant: &TenantId) -> String {
    let mut text = String::with_capacity(kind.len() + ":{00}:".len() + tenant.as_str().len() + 1 + REST_BYTES);
    text.push_str(kind);
    text.push_str(":{");
    hex::push(&mut text, &[bucket]);
    text.push_str("}:");
    text.push_str(tenant.as_str());
    text.push(':');
    text
}

fn of_customer(kind: &str, key: &CustomerKey) -> String {
    let mut text = begun(kind, bucket(&key.tenant, &key.customer), &key.tenant);
    key.customer.push_to(&mut text);
    text
}

/// The record: header and sealed body.
pub fn record(key: &CustomerKey) -> String {
    of_customer("record", key)
}

/// The remembered requests.
pub fn requests(key: &CustomerKey) -> String {
    of_customer("requests", key)
}

/// What became of the hold tokens that the customer's slot has decided.
pub fn tokens(key: &CustomerKey) -> String {
    of_customer("token", key)
}

/// A lane, in keys and in scripts.
pub fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Interactions => "i",
        Lane::Changes => "c",
    }
}

/// The history of a lane, by entry id.
pub fn history(key: &CustomerKey, lane: Lane) -> String {
    of_lane("history", key, lane)
}

/// The history of a lane, by [`timeline_member`].
pub fn timeline(key: &CustomerKey, lane: Lane) -> String {
    of_lane("timeline", key, lane)
}

fn of_lane(kind: &str, key: &CustomerKey, lane: Lane) -> String {
    let mut text = of_customer(kind, key);
    text.push(':');
    text.push_str(lane_name(lane));
    text
}

/// Bytes of a [`timeline_member`].
pub const TIMELINE_MEMBER_LEN: usize = 24;

/// Orders entries by time and id when compared as bytes: the time with its sign bit flipped, big-endian, then the id.
pub fn timeline_member(time_ms: i64, id: &EntryId) -> [u8; TIMELINE_MEMBER_LEN] {
    let mut member = [0; TIMELINE_MEMBER_LEN];
    member[..8].copy_from_slice(&timeline_time(time_ms));
    member[8..].copy_from_slice(id);
    member
}

/// The first eight bytes of the members of a time: before all of them, after all earlier ones.
pub fn timeline_time(time_ms: i64) -> [u8; 8] {
    (time_ms ^ i64::MIN).to_be_bytes()
}

/// The reverse of [`timeline_time`].
pub fn parse_timeline_time(bytes: [u8; 8]) -> i64 {
    i64::from_be_bytes(bytes) ^ i64::MIN
}

/// The reverse of [`timeline_member`]; `None` if the bytes are no such member.
pub fn parse_timeline_member(member: &[u8]) -> Option<(i64, EntryId)> {
    let (time, id) = member.split_first_chunk::<8>()?;
    Some((parse_timeline_time(*time), id.try_into().ok()?))
}

/// Lower and upper bound, as bytes.
pub type Span = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The members that a range of the history covers, as bounds; `None` if it covers none.
pub fn timeline_span(range: &HistoryRange) -> Option<Span> {
    if range.from_ms >= range.to_ms || range.limit == 0 {
        return None;
    }
    let (from, to) = (timeline_time(range.from_ms).to_vec(), timeline_time(range.to_ms).to_vec());
    let after = range.after.map(|(time_ms, id)| timeline_member(time_ms, &id).to_vec());
    let span = match after {
        Some(after) if range.newest_first && after < to => (Bound::Included(from), Bound::Excluded(after)),
        Some(after) if !range.newest_first && after >= from => (Bound::Excluded(after), Bound::Excluded(to)),
        _ => (Bound::Included(from), Bound::Excluded(to)),
    };
    let (Bound::Included(low) | Bound::Excluded(low), Bound::Excluded(high)) = &span else {
        return None;
    };
    (low < high).then_some(span)
}

/// The tokens that a bucket has decided, by when: what garbage collection reads.
pub fn settled(bucket: u8) -> String {
    format!("settled:{{{bucket:02x}}}")
}

/// The erasures of a bucket that are under way.
pub fn erasures(bucket: u8) -> String {
    format!("erasing:{{{bucket:02x}}}")
}

/// A bucket's log.
pub fn log(bucket: u8) -> String {
    format!("log:{{{bucket:02x}}}")
}

/// The positions of a bucket's log.
pub fn position(bucket: u8) -> String {
    format!("position:{{{bucket:02x}}}")
}

/// The customers behind an identity.
pub fn identity(key: &IdentityKey) -> String {
    let mut text = begun("identity", identity_bucket(key), &key.tenant);
    text.push_str(&key.version.to_string());
    text.push(':');
    hex::push(&mut text, &key.digest);
    text
}

/// A budget: by tenant and name, in a slot of its own.
pub fn budget(key: &BudgetKey) -> String {
    of_name("budget", &key.tenant, &key.name)
}

/// A tally, in the slot of its bucket's cursor.
pub fn tally(key: &TallyKey) -> String {
    let mut text = begun("tally", key.bucket, &key.tenant);
    push_escaped(&mut text, &key.name);
    text
}

fn hint_name(index: HintIndex) -> &'static str {
    match index {
        HintIndex::Listing => "listing",
        HintIndex::FollowUps => "follow-ups",
        HintIndex::Occasions => "occasions",
        HintIndex::Absences => "absences",
        HintIndex::Visits => "visits",
    }
}

/// The members of one partition of an index, by member. The tag is the partition: see [`super::hints`].
pub fn hint(index: HintIndex, tenant: &TenantId, partition: u8) -> String {
    format!("hint:{{{partition:02x}}}:{}:{tenant}", hint_name(index))
}

/// The revisions of the members of one partition of an index. Redis keeps order and values apart.
pub fn hint_revision(index: HintIndex, tenant: &TenantId, partition: u8) -> String {
    format!("hint-revision:{{{partition:02x}}}:{}:{tenant}", hint_name(index))
}

/// The members that a range covers, as bounds; `None` if it covers none.
pub fn hint_span(range: &HintRange) -> Option<Span> {
    let low = match &range.after {
        Some(after) if *after >= range.from => Bound::Excluded(after.clone()),
        _ if range.from.is_empty() => Bound::Unbounded,
        _ => Bound::Included(range.from.clone()),
    };
    let high = range.to.clone().map_or(Bound::Unbounded, Bound::Excluded);
    match (&low, &high) {
        (Bound::Included(low) | Bound::Excluded(low), Bound::Excluded(high)) if low >= high => None,
        (Bound::Unbounded, Bound::Excluded(high)) if high.is_empty() => None,
        _ => Some((low, high)),
    }
}

fn of_name(kind: &str, tenant: &TenantId, name: &str) -> String {
    let mut text = begun(kind, fold(tenant, name.as_bytes()), tenant);
    push_escaped(&mut text, name);
    text
}

/// The name of the policy's document.
pub const POLICY: &str = "policy";

/// A document in force.
pub fn document(key: &DocumentKey) -> String {
    of_name("document", &key.tenant, &key.name)
}

/// The kept versions of a document, by [`number`] of their counters.
pub fn versions(key: &DocumentKey) -> String {
    of_name("version", &key.tenant, &key.name)
}

/// A number as text that sorts like the number: twenty decimal digits, as many as a `u64` may have. Decimal digits
/// sort the same in every locale, which matters to the comparison inside Redis.
pub fn number(value: u64) -> String {
    format!("{value:020}")
}

/// An entry of the key store.
pub fn data_key(name: &KeyName) -> String {
    match name {
        KeyName::Customer(tenant, customer) => {
            let mut text = begun("key", bucket(tenant, customer), tenant);
            text.push_str("customer:");
            customer.push_to(&mut text);
            text
        }
        KeyName::Index(tenant, version) => {
            let mut text = begun("key", fold(tenant, &version.to_be_bytes()), tenant);
            text.push_str("index:");
            text.push_str(&version.to_string());
            text
        }
        KeyName::Tenant(tenant, version) => {
            let mut text = begun("key", fold(tenant, &version.to_be_bytes()), tenant);
            text.push_str("tenant:");
            text.push_str(&version.to_string());
            text
        }
    }
}

/// The member of a token in [`settled`]: the customer and the token, hexadecimal.
pub fn settled_member(key: &CustomerKey, token: &[u8; 16]) -> String {
    let mut text = settled_prefix(key);
    hex::push(&mut text, token);
    text
}

/// What all [`settled_member`]s of a customer begin with.
pub fn settled_prefix(key: &CustomerKey) -> String {
    format!("{}:{}:", key.tenant, key.customer)
}

/// The reverse of [`settled_member`]; `None` if the text is no such member.
pub fn parse_settled_member(member: &str) -> Option<(CustomerKey, [u8; 16])> {
    let mut parts = member.split(':');
    let tenant = TenantId::parse("tenant", parts.next()?).ok()?;
    let customer = CustomerId::parse("customer", parts.next()?).ok()?;
    let digits = parts.next()?;
    if parts.next().is_some() || digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let token = u128::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some((CustomerKey { tenant, customer }, token))
}

/// What [`super::Store::names`] walks: everything that lies under names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Records of customers.
    Record,
    /// Remembered requests of customers.
    Requests,
    /// Entries of a lane, by id.
    History,
    /// The order of a lane's entries in time.
    Timeline,
    /// Identity entries, by blind identity key.
    Identity,
    /// Budgets with their open holds.
    Budget,
    /// Documents in force.
    Document,
    /// Tallies of a bucket.
    Tally,
    /// Wrapped data keys and their tombstones: of the key store alone.
    DataKey,
}

impl Kind {
    /// What the names begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Record => "record:",
            Self::Requests => "requests:",
            Self::History => "history:",
            Self::Timeline => "timeline:",
            Self::Identity => "identity:",
            Self::Budget => "budget:",
            Self::Document => "document:",
            Self::Tally => "tally:",
            Self::DataKey => "key:",
        }
    }

    /// Parts of a name, with colons between. What follows them is a member.
    pub fn parts(self) -> usize {
        match self {
            Self::Record | Self::Requests | Self::Budget | Self::Document | Self::Tally => 4,
            Self::History | Self::Timeline | Self::Identity | Self::DataKey => 5,
        }
    }

    /// Whether members are keys of their own where there are no structures inside a value.
    pub fn has_members(self) -> bool {
        matches!(self, Self::History | Self::Timeline)
    }
}

/// Letters, digits and `._-` stay; every other byte becomes `%` and two hexadecimal digits. So no colon, brace or NUL
/// of a name reaches a key, and different names never meet.
fn push_escaped(text: &mut String, name: &str) {
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            hex::push(text, &[byte]);
        }
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
