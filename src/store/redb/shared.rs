//! What does not lie in a customer's slot: identity entries, budgets, hints, documents, the format.

use bytes::Bytes;

use super::table::{Changing, Outcome, View, member, members, members_within};
use crate::{
    domain::TenantId,
    store::{
        BudgetKey, BudgetState, Document, Hint, HintRange, IdentityEntry, IdentityKey, PAGE_MAX, Revision, StoreError,
        budgets,
        codec::{
            entries::{decode_document, encode_document},
            header::encode_revision,
        },
        keys, seats, tallies,
        turn::{Next, Turn},
    },
};

pub fn identities(view: &impl View, wanted: &[IdentityKey], now_ms: i64) -> Outcome<Vec<Vec<IdentityEntry>>> {
    wanted.iter().map(|key| Ok(seats::unexpired(&there(view, &keys::identity(key))?, now_ms)?)).collect()
}

pub fn budgets(view: &impl View, wanted: &[BudgetKey], now_ms: i64) -> Outcome<Vec<BudgetState>> {
    wanted.iter().map(|key| Ok(budgets::state(&there(view, &keys::budget(key))?, now_ms)?)).collect()
}

fn there(view: &impl View, key: &str) -> Outcome<Bytes> {
    Ok(view.get(key.as_bytes())?.unwrap_or_default())
}

/// Changes a value by a rule. See [`crate::store::turn`].
pub fn turn<T>(
    table: &mut Changing<'_>,
    key: &str,
    rule: impl FnOnce(&[u8]) -> Result<Turn<T>, StoreError>,
) -> Outcome<T> {
    let Turn { answer, next } = rule(&there(table, key)?)?;
    match next {
        Next::Keep => {}
        Next::Remove => drop(table.remove(key.as_bytes())?),
        Next::Put(bytes, _) => table.put(key.as_bytes(), &bytes)?,
    }
    Ok(answer)
}

/// Values that are garbage some day: the kind, and whether it is.
type Collected = (&'static str, fn(&[u8], i64) -> Result<bool, StoreError>);
const COLLECTED: [Collected; 2] = [("budget", budgets::is_garbage), ("tally", tallies::is_garbage)];

/// Removes values that nobody will ask for any more.
pub fn purge(table: &mut Changing<'_>, now_ms: i64) -> Outcome<()> {
    let mut garbage = Vec::new();
    for (kind, is_garbage) in COLLECTED {
        table.scan(members(kind), |key, bytes| {
            // What is damaged stays, for whoever looks for the cause.
            if is_garbage(bytes, now_ms).unwrap_or(false) {
                garbage.push(key.to_vec());
            }
            Ok(true)
        })?;
    }
    for key in garbage {
        table.remove(&key)?;
    }
    Ok(())
}

fn decode_number(bytes: &[u8], what: &str) -> Result<u64, StoreError> {
    let bytes = bytes.try_into().map_err(|_| StoreError::Corrupt(what.into()))?;
    Ok(u64::from_be_bytes(bytes))
}

fn hint_key(tenant: &TenantId, hint: &Hint) -> Vec<u8> {
    member(&keys::hint(hint.index, tenant, hint.partition), &hint.member)
}

fn revision_there(view: &impl View, key: &[u8]) -> Outcome<Option<u64>> {
    let bytes = view.get(key)?;
    Ok(bytes.map(|bytes| decode_number(&bytes, "revision of a hint")).transpose()?)
}

pub fn put_hint(table: &mut Changing<'_>, tenant: &TenantId, hint: &Hint, revision: u64) -> Outcome<()> {
    let key = hint_key(tenant, hint);
    if revision_there(table, &key)?.is_some_and(|there| there >= revision) {
        return Ok(());
    }
    table.put(&key, &revision.to_be_bytes())
}

pub fn drop_hint(table: &mut Changing<'_>, tenant: &TenantId, hint: &Hint, revision: u64) -> Outcome<()> {
    let key = hint_key(tenant, hint);
    if revision_there(table, &key)?.is_some_and(|there| there > revision) {
        return Ok(());
    }
    table.remove(&key).map(drop)
}

/// Visits the members of the partition with this key, until the visitor answers false.
fn scan_hints(
    view: &impl View,
    name: &str,
    range: &HintRange,
    mut visit: impl FnMut(&[u8], u64) -> bool,
) -> Outcome<()> {
    let Some(span) = keys::hint_span(range) else {
        return Ok(());
    };
    view.scan(members_within(name, span), |key, bytes| {
        Ok(visit(&key[name.len() + 1..], decode_number(bytes, "revision of a hint")?))
    })
}

pub fn hints(view: &impl View, name: &str, range: &HintRange, limit: usize) -> Outcome<Vec<(Vec<u8>, u64)>> {
    let limit = limit.min(PAGE_MAX);
    let mut found = Vec::new();
    if limit > 0 {
        scan_hints(view, name, range, |member, revision| {
            found.push((member.to_vec(), revision));
            found.len() < limit
        })?;
    }
    Ok(found)
}

pub fn count_hints(view: &impl View, name: &str, range: &HintRange, up_to: usize) -> Outcome<usize> {
    let mut count = 0;
    if up_to > 0 {
        scan_hints(view, name, range, |_, _| {
            count += 1;
            count < up_to
        })?;
    }
    Ok(count)
}

pub fn document(view: &impl View, tenant: &TenantId, name: &str, version: Option<u64>) -> Outcome<Option<Document>> {
    let bytes = match version {
        None => view.get(keys::document(tenant, name).as_bytes())?,
        Some(version) => view.get(&member(&keys::versions(tenant, name), keys::number(version).as_bytes()))?,
    };
    Ok(bytes.map(decode_document).transpose()?)
}

pub fn put_document(
    table: &mut Changing<'_>,
    tenant: &TenantId,
    name: &str,
    expect: Option<Revision>,
    document: &Document,
    keep: u64,
) -> Outcome<()> {
    let current = keys::document(tenant, name);
    let there = table.get(current.as_bytes())?;
    let expected = match (&there, expect) {
        (None, None) => true,
        (Some(there), Some(expect)) => there.starts_with(&encode_revision(expect)),
        _ => false,
    };
    if !expected {
        return Err(StoreError::Conflict.into());
    }
    let bytes = encode_document(document);
    table.put(current.as_bytes(), &bytes)?;
    let versions = keys::versions(tenant, name);
    table.put(&member(&versions, keys::number(document.revision.counter).as_bytes()), &bytes)?;
    let mut kept = Vec::new();
    table.scan(members(&versions), |key, _| {
        kept.push(key.to_vec());
        Ok(true)
    })?;
    let surplus = kept.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    for key in &kept[..surplus] {
        table.remove(key)?;
    }
    Ok(())
}

fn decode_format(bytes: &Bytes) -> Result<u32, StoreError> {
    let number = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| StoreError::Corrupt("format of writing".into()))
}

pub fn write_format(view: &impl View) -> Outcome<Option<u32>> {
    Ok(view.get(keys::FORMAT.as_bytes())?.as_ref().map(decode_format).transpose()?)
}

pub fn set_write_format(table: &mut Changing<'_>, format: u32) -> Outcome<()> {
    if write_format(table)?.is_some_and(|there| there >= format) {
        return Ok(());
    }
    table.put(keys::FORMAT.as_bytes(), format.to_string().as_bytes())
}
