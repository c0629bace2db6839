//! Opaque tokens: etags, revision tokens and page tokens. What is handed out is bound to what it was made for, and a
//! forged one is refused. Revision and page tokens are of an epoch of the stores: what they speak of may be lost in a later one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    domain::{CustomerId, Violation},
    store::{
        Revision,
        sealing::{IndexKey, Label},
    },
};

/// Bytes of the keyed hash in a token: 64 bits cannot be guessed online.
const TAG_LEN: usize = 8;
/// Bytes of a revision in a token.
const REVISION_LEN: usize = 16;

/// Identifies a revision of a record or document: 22 characters. Not signed: a wrong one merely does not match.
pub fn etag(revision: Revision) -> String {
    URL_SAFE_NO_PAD.encode(revision_bytes(revision))
}

/// The revision behind an etag; `None` when empty. One that cannot be an etag matches nothing.
pub fn parse_etag(raw: &str) -> Option<Revision> {
    if raw.is_empty() {
        return None;
    }
    let never = Revision { counter: 0, write_id: 0 };
    Some(URL_SAFE_NO_PAD.decode(raw).ok().and_then(|bytes| revision_back(&bytes)).unwrap_or(never))
}

fn revision_bytes(revision: Revision) -> [u8; REVISION_LEN] {
    let mut bytes = [0; REVISION_LEN];
    bytes[..8].copy_from_slice(&revision.counter.to_be_bytes());
    bytes[8..].copy_from_slice(&revision.write_id.to_be_bytes());
    bytes
}

fn revision_back(bytes: &[u8]) -> Option<Revision> {
    let both = u128::from_be_bytes(bytes.try_into().ok()?);
    Some(Revision { counter: (both >> 64) as u64, write_id: both as u64 })
}

/// A token that a later read can demand the revision with.
pub fn revision_token(key: &IndexKey, customer: CustomerId, revision: Revision) -> String {
    signed(key, Label::RevisionToken, &in_epoch(key, customer.as_bytes()), &revision_bytes(revision))
}

/// The revision that a read must have reached; bound to tenant and customer.
pub fn parse_revision_token(key: &IndexKey, customer: CustomerId, raw: &str) -> Result<Revision, Violation> {
    let payload = opened(key, Label::RevisionToken, &in_epoch(key, customer.as_bytes()), raw);
    payload.and_then(|payload| revision_back(&payload)).ok_or_else(not_a_revision_token)
}

/// Refuses what cannot be a revision token of anybody.
pub fn refuse_malformed_revision_token(raw: &str) -> Result<(), Violation> {
    let length = URL_SAFE_NO_PAD.decode(raw).ok().map(|bytes| bytes.len());
    if raw.is_empty() || length == Some(REVISION_LEN + TAG_LEN) { Ok(()) } else { Err(not_a_revision_token()) }
}

fn not_a_revision_token() -> Violation {
    Violation::new(
        "revision_token",
        "must be a revision token that the server gave for this customer, and not before it lost writes or a backup was restored; or empty",
    )
}

/// A page token, bound to the query it continues. Its position cannot be read: a list may have come to a customer whom the caller may
/// not see.
pub fn page_token(key: &IndexKey, query: &[u8], position: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(key.seal(Label::PageToken, &in_epoch(key, query), position))
}

/// The position behind a page token; `None` when empty.
pub fn parse_page_token(key: &IndexKey, query: &[u8], raw: &str) -> Result<Option<Vec<u8>>, Violation> {
    if raw.is_empty() {
        return Ok(None);
    }
    let sealed = URL_SAFE_NO_PAD.decode(raw).ok();
    sealed.and_then(|sealed| key.open(Label::PageToken, &in_epoch(key, query), &sealed)).map(Some).ok_or_else(|| {
        Violation::new("page_token", "must be the next_page_token of the same query, or empty to start again")
    })
}

/// What a token is bound to, with the epoch. In the first one by itself, as releases did that knew of none.
fn in_epoch(key: &IndexKey, bound_to: &[u8]) -> Vec<u8> {
    let epoch = key.epoch().to_be_bytes();
    if key.epoch() > 1 { [bound_to, &epoch].concat() } else { bound_to.to_vec() }
}

/// Payload and tag, in URL-safe base 64.
fn signed(key: &IndexKey, label: Label, bound_to: &[u8], payload: &[u8]) -> String {
    let tag = key.digest(label, &[bound_to, payload]);
    let mut bytes = Vec::with_capacity(payload.len() + TAG_LEN);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&tag[..TAG_LEN]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The payload, if the tag is right.
fn opened(key: &IndexKey, label: Label, bound_to: &[u8], raw: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(raw).ok()?;
    let payload = bytes.len().checked_sub(TAG_LEN)?;
    let tag = key.digest(label, &[bound_to, &bytes[..payload]]);
    aws_lc_rs::constant_time::verify_slices_are_equal(&tag[..TAG_LEN], &bytes[payload..]).ok()?;
    bytes.truncate(payload);
    Some(bytes)
}
