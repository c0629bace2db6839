//! The smallest of everything, for scenarios to change.

use std::sync::Arc;

use bytes::Bytes;
use rapport::{
    domain::{
        TenantId, TouchedParts,
        id::{CustomerId, HoldToken},
    },
    store::{
        Advance, BudgetEntry, BudgetKey, Commit, CustomerKey, EntryState, HistoryEntry, IdentityEntry, IdentityKey,
        Lane, LogEntry, RecordWrite, Revision, Store, codec::header::Header, keys,
    },
};

/// A moment: 2027.
pub const NOW: i64 = 1_800_000_000_000;
pub const LANES: [Lane; 2] = [Lane::Interactions, Lane::Changes];

pub fn tenant(name: &str) -> TenantId {
    TenantId::parse("tenant", name).unwrap()
}

pub fn key(number: u8) -> CustomerKey {
    CustomerKey { tenant: tenant("acme"), customer: CustomerId::from_bytes([number; 16]) }
}

pub fn token(number: u8) -> HoldToken {
    HoldToken([number; 16])
}

pub fn revision(counter: u64) -> Revision {
    Revision { counter, write_id: counter.wrapping_mul(0x9e37_79b9_7f4a_7c15) }
}

pub fn record(revision: Revision, body: &[u8]) -> Bytes {
    [Header { format: 1, revision }.encode().as_slice(), body].concat().into()
}

/// A commit that makes revision `counter` out of the one before.
pub fn commit(key: &CustomerKey, counter: u64) -> Commit {
    let revision_after = revision(counter);
    Commit {
        key: key.clone(),
        expect: (counter > 1).then(|| revision(counter - 1)),
        record: RecordWrite::Put(record(revision_after, b"sealed")),
        requests: None,
        history_put: Vec::new(),
        history_drop: Vec::new(),
        tokens: Vec::new(),
        log: LogEntry { key: key.clone(), revision: revision_after, touched: TouchedParts::DETAILS, index: Vec::new() },
        now_ms: NOW,
    }
}

pub fn erase(key: &CustomerKey, counter: u64) -> Commit {
    Commit { record: RecordWrite::Erase, ..commit(key, counter) }
}

pub fn entry(id: u8, time_ms: i64) -> HistoryEntry {
    HistoryEntry { id: [id; 16], time_ms, bytes: Bytes::from(vec![id; 3]) }
}

pub fn identity(number: u8) -> IdentityKey {
    IdentityKey { tenant: tenant("acme"), version: 1, digest: [number; 16] }
}

/// A hold of customer `number` with token `number`.
pub fn held(number: u8) -> IdentityEntry {
    IdentityEntry {
        customer: CustomerId::from_bytes([number; 16]),
        token: token(number),
        state: EntryState::Held { deadline_ms: NOW + 10_000 },
        expire_ms: None,
    }
}

pub fn budget(name: &str) -> BudgetKey {
    BudgetKey { tenant: tenant("acme"), name: name.into() }
}

/// An amount held for customer `number` with token `number`.
pub fn draw(number: u8, amount: i64) -> BudgetEntry {
    BudgetEntry {
        customer: CustomerId::from_bytes([number; 16]),
        token: token(number),
        amount,
        deadline_ms: NOW + 10_000,
    }
}

pub fn bucket(key: &CustomerKey) -> u8 {
    keys::bucket(&key.tenant, &key.customer)
}

/// Moves the cursor on from where it is.
pub async fn advance(store: &AnyStore, bucket: u8, to: u64, keep: u64) {
    let from = store.log_positions(&[bucket]).await.unwrap()[0].cursor;
    let step = Advance { bucket, from, to, keep, values: Vec::new() };
    assert!(store.advance(step).await.unwrap());
}

/// Another customer of the same bucket.
pub fn neighbour(key: &CustomerKey) -> CustomerKey {
    (0..u128::MAX)
        .map(|number| CustomerKey {
            tenant: key.tenant.clone(),
            customer: CustomerId::from_bytes(number.to_be_bytes()),
        })
        .find(|other| other != key && bucket(other) == bucket(key))
        .expect("every bucket has customers")
}

pub type AnyStore = Arc<dyn Store>;
