//! Stored bytes of identity entries, log entries, history entries, documents and wrapped keys.

use bytes::{BufMut, Bytes};
use prost::Message;

use super::{
    header::{REVISION_LEN, decode_revision, encode_revision},
    mirror::{AsIs, Form, Stored, damaged, mirror, numbers},
};
use crate::{
    domain::{TenantId, TouchedParts, id::HoldToken},
    store::{
        BudgetKey, CustomerKey, Document, EntryId, EntryState, Hint, HintIndex, HistoryEntry, IdentityEntry,
        IdentityKey, IndexOp, LogEntry, Result, Revision, keys, keystore::KeyEntry, stored, stored::index_op::Op,
    },
};

/// The customers behind one identity.
pub fn encode_identities(entries: &[IdentityEntry]) -> Vec<u8> {
    stored::IdentityEntries { entries: entries.iter().map(IdentityEntry::store).collect() }.encode_to_vec()
}

/// The reverse of [`encode_identities`].
///
/// # Errors
/// `Corrupt` if the bytes are not such a list.
pub fn decode_identities(bytes: &[u8]) -> Result<Vec<IdentityEntry>> {
    let stored::IdentityEntries { entries } =
        stored::IdentityEntries::decode(bytes).map_err(|_| damaged("identity entries"))?;
    Stored::read(entries)
}

mirror!(IdentityEntry = stored::IdentityEntry {
    customer,
    token,
    state = deadline_ms: ZeroIfConfirmed,
    expire_ms: ZeroIfNever,
});

/// Zero means "none" in the stored number. A moment of exactly zero is long past, and so is one millisecond later.
fn past_zero(ms: i64) -> i64 {
    if ms == 0 { 1 } else { ms }
}

struct ZeroIfNever;

impl Form<Option<i64>, i64> for ZeroIfNever {
    fn store(self, ms: &Option<i64>) -> i64 {
        ms.map_or(0, past_zero)
    }

    fn read(self, raw: i64) -> Result<Option<i64>> {
        Ok((raw != 0).then_some(raw))
    }
}

struct ZeroIfConfirmed;

impl Form<EntryState, i64> for ZeroIfConfirmed {
    fn store(self, state: &EntryState) -> i64 {
        match state {
            EntryState::Held { deadline_ms } => past_zero(*deadline_ms),
            EntryState::Confirmed => 0,
        }
    }

    fn read(self, raw: i64) -> Result<EntryState> {
        Ok(if raw == 0 { EntryState::Confirmed } else { EntryState::Held { deadline_ms: raw } })
    }
}

numbers!(HintIndex { Listing = 1, FollowUps = 2, Occasions = 3, Absences = 4, Visits = 5 });

mirror!(Hint = stored::HintRef { index, partition, member: AsIs });

// The tenant of an identity or a budget is the log entry's own: neither ever belongs to another one.

fn identity_reference(identity: &IdentityKey, token: HoldToken) -> stored::IdentityRef {
    let IdentityKey { tenant: _, version, digest } = identity;
    stored::IdentityRef { version: version.store(), digest: digest.store(), token: token.store() }
}

fn read_identity(reference: stored::IdentityRef, tenant: &TenantId) -> Result<(IdentityKey, HoldToken)> {
    let stored::IdentityRef { version, digest, token } = reference;
    let (version, digest) = (Stored::read(version)?, Stored::read(digest)?);
    Ok((IdentityKey { tenant: tenant.clone(), version, digest }, Stored::read(token)?))
}

fn budget_reference(key: &BudgetKey, token: HoldToken) -> stored::BudgetRef {
    let BudgetKey { tenant: _, name } = key;
    stored::BudgetRef { name: name.clone(), token: token.store() }
}

fn read_budget(reference: stored::BudgetRef, tenant: &TenantId) -> Result<(BudgetKey, HoldToken)> {
    let stored::BudgetRef { name, token } = reference;
    Ok((BudgetKey { tenant: tenant.clone(), name }, Stored::read(token)?))
}

fn encode_op(op: &IndexOp) -> stored::IndexOp {
    let op = match op {
        IndexOp::Confirm { identity, token } => Op::Confirm(identity_reference(identity, *token)),
        IndexOp::Release { identity, token } => Op::Release(identity_reference(identity, *token)),
        IndexOp::List => Op::List(true),
        IndexOp::Unlist => Op::Unlist(true),
        IndexOp::ConfirmBudget { key, token } => Op::ConfirmBudget(budget_reference(key, *token)),
        IndexOp::PutHint(hint) => Op::PutHint(hint.store()),
        IndexOp::DropHint(hint) => Op::DropHint(hint.store()),
        IndexOp::Count { name, key, n } => Op::Count(stored::CountRef { name: name.clone(), key: key.clone(), n: *n }),
        IndexOp::Sealed(tasks) => Op::Sealed(tasks.to_vec()),
    };
    stored::IndexOp { op: Some(op) }
}

/// `None`: a task that is no longer made, and need not be done.
fn decode_op(stored::IndexOp { op }: stored::IndexOp, tenant: &TenantId) -> Result<Option<IndexOp>> {
    Ok(Some(match op.ok_or_else(|| damaged("task of a log entry"))? {
        Op::Confirm(reference) => {
            let (identity, token) = read_identity(reference, tenant)?;
            IndexOp::Confirm { identity, token }
        }
        Op::Release(reference) => {
            let (identity, token) = read_identity(reference, tenant)?;
            IndexOp::Release { identity, token }
        }
        Op::List(_) => IndexOp::List,
        Op::Unlist(_) => IndexOp::Unlist,
        Op::ConfirmBudget(reference) => {
            let (key, token) = read_budget(reference, tenant)?;
            IndexOp::ConfirmBudget { key, token }
        }
        // A hold on a budget that came to nothing is freed when it is overdue.
        Op::ReleaseBudget(_) => return Ok(None),
        Op::PutHint(hint) => IndexOp::PutHint(Stored::read(hint)?),
        Op::DropHint(hint) => IndexOp::DropHint(Stored::read(hint)?),
        Op::Count(stored::CountRef { name, key, n }) => IndexOp::Count { name, key, n },
        Op::Sealed(tasks) => IndexOp::Sealed(tasks.into()),
    }))
}

/// One position of a bucket's log.
pub fn encode_log(entry: &LogEntry) -> Vec<u8> {
    entry.store().encode_to_vec()
}

/// The reverse of [`encode_log`].
///
/// # Errors
/// `Corrupt` if the bytes are not a log entry, or hold a task that this release does not know.
pub fn decode_log(bytes: &[u8]) -> Result<LogEntry> {
    Stored::read(stored::LogEntry::decode(bytes).map_err(|_| damaged("log entry"))?)
}

/// What an entry says to the index worker alone, to be sealed: the parts that were changed, and the tasks.
pub fn encode_tasks(entry: &LogEntry) -> Vec<u8> {
    let stored::LogEntry { sections, index, .. } = entry.store();
    stored::LogEntry { sections, index, ..stored::LogEntry::default() }.encode_to_vec()
}

/// The entry with what [`encode_tasks`] wrote of it.
///
/// # Errors
/// As [`decode_log`].
pub fn decode_tasks(entry: &LogEntry, bytes: &[u8]) -> Result<LogEntry> {
    let raw = stored::LogEntry::decode(bytes).map_err(|_| damaged("tasks of a log entry"))?;
    let op = |op| decode_op(op, &entry.key.tenant).transpose();
    let index = raw.index.into_iter().filter_map(op).collect::<Result<_>>()?;
    Ok(LogEntry { key: entry.key.clone(), revision: entry.revision, touched: TouchedParts(raw.sections), index })
}

impl Stored<stored::LogEntry> for LogEntry {
    fn store(&self) -> stored::LogEntry {
        let Self { key: CustomerKey { tenant, customer }, revision, touched, index } = self;
        stored::LogEntry {
            tenant: tenant.store(),
            customer: customer.store(),
            counter: revision.counter,
            write_id: revision.write_id,
            sections: touched.0,
            index: index.iter().map(encode_op).collect(),
        }
    }

    fn read(raw: stored::LogEntry) -> Result<Self> {
        let stored::LogEntry { tenant, customer, counter, write_id, sections, index } = raw;
        let key = CustomerKey { tenant: Stored::read(tenant)?, customer: Stored::read(customer)? };
        let index = index.into_iter().filter_map(|op| decode_op(op, &key.tenant).transpose()).collect::<Result<_>>()?;
        Ok(Self { key, revision: Revision { counter, write_id }, touched: TouchedParts(sections), index })
    }
}

/// A history entry as it lies under its id: the time as in [`keys::timeline_time`], so that a script can build the entry's
/// key from it without arithmetic, and the sealed change.
///
/// # Errors
/// `Corrupt` if there is not even a time.
pub fn decode_history(id: EntryId, bytes: Bytes) -> Result<HistoryEntry> {
    let time = bytes.first_chunk::<8>().ok_or_else(|| damaged("history entry"))?;
    Ok(HistoryEntry { id, time_ms: keys::parse_timeline_time(*time), bytes: bytes.slice(8..) })
}

/// A document: its revision and its bytes.
pub fn encode_document(document: &Document) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(REVISION_LEN + document.bytes.len());
    bytes.put_slice(&encode_revision(document.revision));
    bytes.put_slice(&document.bytes);
    bytes
}

/// The reverse of [`encode_document`].
///
/// # Errors
/// `Corrupt` if there is not even a revision.
pub fn decode_document(bytes: Bytes) -> Result<Document> {
    let revision = bytes.first_chunk::<REVISION_LEN>().ok_or_else(|| damaged("document"))?;
    Ok(Document { revision: decode_revision(revision), bytes: bytes.slice(REVISION_LEN..) })
}

pub(in crate::store) const WRAPPED: u8 = b'w';
pub(in crate::store) const COMMITTED: u8 = b'c';
const TOMBSTONE: u8 = b't';

/// An entry of the key store: a letter, and the wrapped key.
pub fn encode_key(entry: &KeyEntry) -> Vec<u8> {
    match entry {
        KeyEntry::Wrapped(wrapped) => [&[WRAPPED], wrapped.as_ref()].concat(),
        KeyEntry::Committed(wrapped) => [&[COMMITTED], wrapped.as_ref()].concat(),
        KeyEntry::Tombstone => vec![TOMBSTONE],
    }
}

/// The reverse of [`encode_key`].
///
/// # Errors
/// `Corrupt` if the letter is unknown.
pub fn decode_key(bytes: Bytes) -> Result<KeyEntry> {
    match bytes.first() {
        Some(&WRAPPED) => Ok(KeyEntry::Wrapped(bytes.slice(1..))),
        Some(&COMMITTED) => Ok(KeyEntry::Committed(bytes.slice(1..))),
        Some(&TOMBSTONE) if bytes.len() == 1 => Ok(KeyEntry::Tombstone),
        _ => Err(damaged("entry of the key store")),
    }
}

#[cfg(test)]
#[path = "entries_tests.rs"]
mod tests;
