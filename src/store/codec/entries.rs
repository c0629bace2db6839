//! Stored bytes of identity entries, log entries, history entries, documents and wrapped keys.

use bytes::{BufMut, Bytes};
use prost::Message;

use super::header::{REVISION_LEN, decode_revision, encode_revision};
use crate::{
    domain::{
        Sections, TenantId,
        id::{CustomerId, HoldToken},
    },
    store::{
        BudgetKey, CustomerKey, Document, EntryId, EntryState, Hint, HintIndex, HistoryEntry, IdentityEntry,
        IdentityKey, IndexOp, LogEntry, Result, Revision, StoreError, keys, keystore::KeyEntry, stored,
    },
};

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt(what.into())
}

pub(super) fn id16(bytes: &[u8], what: &str) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| damaged(what))
}

/// Zero means "none" in the stored number. A moment of exactly zero is long past, and so is one millisecond later.
fn past_zero(ms: i64) -> i64 {
    if ms == 0 { 1 } else { ms }
}

/// The customers behind one identity.
pub fn encode_identities(entries: &[IdentityEntry]) -> Vec<u8> {
    let entries = entries
        .iter()
        .map(|entry| stored::IdentityEntry {
            customer: entry.customer.as_bytes().to_vec(),
            token: entry.token.0.to_vec(),
            deadline_ms: match entry.state {
                EntryState::Held { deadline_ms } => past_zero(deadline_ms),
                EntryState::Confirmed => 0,
            },
            expire_ms: entry.expire_ms.map_or(0, past_zero),
        })
        .collect();
    stored::IdentityEntries { entries }.encode_to_vec()
}

/// The reverse of [`encode_identities`].
///
/// # Errors
/// `Corrupt` if the bytes are not such a list.
pub fn decode_identities(bytes: &[u8]) -> Result<Vec<IdentityEntry>> {
    let list = stored::IdentityEntries::decode(bytes).map_err(|_| damaged("identity entries"))?;
    let entry = |entry: stored::IdentityEntry| {
        Ok(IdentityEntry {
            customer: CustomerId::from_bytes(id16(&entry.customer, "customer of an identity entry")?),
            token: HoldToken(id16(&entry.token, "token of an identity entry")?),
            state: match entry.deadline_ms {
                0 => EntryState::Confirmed,
                deadline_ms => EntryState::Held { deadline_ms },
            },
            expire_ms: (entry.expire_ms != 0).then_some(entry.expire_ms),
        })
    };
    list.entries.into_iter().map(entry).collect()
}

fn encode_reference(identity: &IdentityKey, token: HoldToken) -> stored::IdentityRef {
    // The tenant is the entry's own: an identity never belongs to another one.
    stored::IdentityRef { version: identity.version.into(), digest: identity.digest.to_vec(), token: token.0.to_vec() }
}

fn encode_budget_reference(key: &BudgetKey, token: HoldToken) -> stored::BudgetRef {
    // The tenant is the entry's own here too.
    stored::BudgetRef { name: key.name.clone(), token: token.0.to_vec() }
}

fn decode_budget_reference(reference: &stored::BudgetRef, tenant: &TenantId) -> Result<(BudgetKey, HoldToken)> {
    let token = HoldToken(id16(&reference.token, "token of a log entry")?);
    Ok((BudgetKey { tenant: tenant.clone(), name: reference.name.clone() }, token))
}

/// The stored numbers of indexes.
const HINT_INDEXES: [(u32, HintIndex); 5] = [
    (1, HintIndex::Listing),
    (2, HintIndex::FollowUps),
    (3, HintIndex::Occasions),
    (4, HintIndex::Absences),
    (5, HintIndex::Visits),
];

fn encode_hint(hint: &Hint) -> stored::HintRef {
    let number = HINT_INDEXES.iter().find(|(_, index)| *index == hint.index).map_or(0, |(number, _)| *number);
    stored::HintRef { index: number, partition: hint.partition.into(), member: hint.member.clone() }
}

fn decode_hint(hint: &stored::HintRef) -> Result<Hint> {
    let index = HINT_INDEXES.iter().find(|(number, _)| *number == hint.index).map(|(_, index)| *index);
    Ok(Hint {
        index: index.ok_or_else(|| damaged("index of a log entry"))?,
        partition: u8::try_from(hint.partition).map_err(|_| damaged("partition of a log entry"))?,
        member: hint.member.clone(),
    })
}

fn decode_reference(reference: &stored::IdentityRef, tenant: &TenantId) -> Result<(IdentityKey, HoldToken)> {
    let version = u16::try_from(reference.version).map_err(|_| damaged("index key version of a log entry"))?;
    let digest = id16(&reference.digest, "digest of a log entry")?;
    let token = HoldToken(id16(&reference.token, "token of a log entry")?);
    Ok((IdentityKey { tenant: tenant.clone(), version, digest }, token))
}

/// One position of a bucket's log.
pub fn encode_log(entry: &LogEntry) -> Vec<u8> {
    use stored::index_op::Op;
    let op = |op: &IndexOp| stored::IndexOp {
        op: Some(match op {
            IndexOp::Confirm { identity, token } => Op::Confirm(encode_reference(identity, *token)),
            IndexOp::Release { identity, token } => Op::Release(encode_reference(identity, *token)),
            IndexOp::List => Op::List(true),
            IndexOp::Unlist => Op::Unlist(true),
            IndexOp::ConfirmBudget { key, token } => Op::ConfirmBudget(encode_budget_reference(key, *token)),
            IndexOp::ReleaseBudget { key, token } => Op::ReleaseBudget(encode_budget_reference(key, *token)),
            IndexOp::PutHint(hint) => Op::PutHint(encode_hint(hint)),
            IndexOp::DropHint(hint) => Op::DropHint(encode_hint(hint)),
            IndexOp::Count { name, key, n } => {
                Op::Count(stored::CountRef { name: name.clone(), key: key.clone(), n: *n })
            }
        }),
    };
    stored::LogEntry {
        tenant: entry.key.tenant.as_str().into(),
        customer: entry.key.customer.as_bytes().to_vec(),
        counter: entry.revision.counter,
        write_id: entry.revision.write_id,
        sections: entry.sections.0,
        index: entry.index.iter().map(op).collect(),
    }
    .encode_to_vec()
}

/// The reverse of [`encode_log`].
///
/// # Errors
/// `Corrupt` if the bytes are not a log entry, or hold a task that this release does not know.
pub fn decode_log(bytes: &[u8]) -> Result<LogEntry> {
    use stored::index_op::Op;
    let entry = stored::LogEntry::decode(bytes).map_err(|_| damaged("log entry"))?;
    let tenant = TenantId::parse("tenant", &entry.tenant).map_err(|_| damaged("tenant of a log entry"))?;
    let customer = CustomerId::from_bytes(id16(&entry.customer, "customer of a log entry")?);
    let op = |op: &stored::IndexOp| {
        Ok(match &op.op {
            Some(Op::Confirm(reference)) => {
                let (identity, token) = decode_reference(reference, &tenant)?;
                IndexOp::Confirm { identity, token }
            }
            Some(Op::Release(reference)) => {
                let (identity, token) = decode_reference(reference, &tenant)?;
                IndexOp::Release { identity, token }
            }
            Some(Op::List(_)) => IndexOp::List,
            Some(Op::Unlist(_)) => IndexOp::Unlist,
            Some(Op::ConfirmBudget(reference)) => {
                let (key, token) = decode_budget_reference(reference, &tenant)?;
                IndexOp::ConfirmBudget { key, token }
            }
            Some(Op::ReleaseBudget(reference)) => {
                let (key, token) = decode_budget_reference(reference, &tenant)?;
                IndexOp::ReleaseBudget { key, token }
            }
            Some(Op::PutHint(hint)) => IndexOp::PutHint(decode_hint(hint)?),
            Some(Op::DropHint(hint)) => IndexOp::DropHint(decode_hint(hint)?),
            Some(Op::Count(count)) => IndexOp::Count { name: count.name.clone(), key: count.key.clone(), n: count.n },
            None => return Err(damaged("task of a log entry")),
        })
    };
    let index = entry.index.iter().map(op).collect::<Result<_>>()?;
    Ok(LogEntry {
        key: CustomerKey { tenant, customer },
        revision: Revision { counter: entry.counter, write_id: entry.write_id },
        sections: Sections(entry.sections),
        index,
    })
}

/// A history entry under its id: the time as in [`keys::timeline_time`], so that a script can build the entry's place
/// from it without arithmetic, and the sealed change.
pub fn encode_history(time_ms: i64, sealed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + sealed.len());
    bytes.put_slice(&keys::timeline_time(time_ms));
    bytes.put_slice(sealed);
    bytes
}

/// The reverse of [`encode_history`].
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

const WRAPPED: u8 = b'w';
const TOMBSTONE: u8 = b't';

/// An entry of the key store: a letter, and the wrapped key.
pub fn encode_key(entry: &KeyEntry) -> Vec<u8> {
    match entry {
        KeyEntry::Wrapped(wrapped) => [&[WRAPPED], wrapped.as_ref()].concat(),
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
        Some(&TOMBSTONE) if bytes.len() == 1 => Ok(KeyEntry::Tombstone),
        _ => Err(damaged("entry of the key store")),
    }
}

#[cfg(test)]
#[path = "entries_tests.rs"]
mod tests;
