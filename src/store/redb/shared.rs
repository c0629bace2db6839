//! What lies outside a customer's slot: hints, documents, and values that change by compare-and-swap. And reading any
//! values by key, records too.

use bytes::Bytes;

use super::table::{Changing, Outcome, View, member, members, members_within};
use crate::{
    domain::TenantId,
    store::{
        DocumentKey, Hint, HintRange, Membership, PAGE_MAX, Revision, Rule, StoreError, cas::Effect,
        codec::header::encode_revision, ext::COLLECTED, keys,
    },
};

pub fn values(view: &impl View, wanted: &[String]) -> Outcome<Vec<Option<Bytes>>> {
    wanted.iter().map(|key| view.get(key.as_bytes())).collect()
}

/// Changes a value by a compare-and-swap rule, within the transaction.
pub fn change(table: &mut Changing<'_>, key: &str, rule: &mut Rule) -> Outcome<()> {
    match rule(&table.get(key.as_bytes())?.unwrap_or_default())? {
        Effect::Keep => Ok(()),
        Effect::Remove => table.remove(key.as_bytes()).map(drop),
        Effect::Put(bytes, _) => table.put(key.as_bytes(), &bytes),
    }
}

/// Keys of values that are garbage: budgets and tallies that expired at least a day ago ([`COLLECTED`]). No kind is
/// begun, and none goes on, once there are `most`; so a later kind may add one more.
pub fn garbage(view: &impl View, now_ms: i64, most: usize) -> Outcome<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for (kind, is_garbage) in COLLECTED {
        view.scan(members(kind), |key, bytes| {
            // A damaged value stays, so that its cause can be found.
            if is_garbage(bytes, now_ms).unwrap_or(false) {
                found.push(key.to_vec());
            }
            Ok(found.len() < most)
        })?;
    }
    Ok(found)
}

/// Removes those of these values that are garbage still.
pub fn collect(table: &mut Changing<'_>, keys: &[Vec<u8>], now_ms: i64) -> Outcome<()> {
    for key in keys {
        let kind = COLLECTED.iter().find(|(kind, _)| key.starts_with(format!("{kind}:").as_bytes()));
        let there = table.get(key)?;
        if let (Some((_, is_garbage)), Some(bytes)) = (kind, there)
            && is_garbage(&bytes, now_ms)?
        {
            table.remove(key)?;
        }
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

/// Puts a member in with the revision of its customer's record, or takes it out, unless it is there with a newer one.
/// Nothing is kept of a member that was taken out: a late call of an older revision puts it back.
pub fn set_hint(
    table: &mut Changing<'_>,
    tenant: &TenantId,
    hint: &Hint,
    revision: u64,
    membership: Membership,
) -> Outcome<()> {
    let key = hint_key(tenant, hint);
    let there = revision_there(table, &key)?;
    match membership {
        Membership::In if there.is_some_and(|there| there >= revision) => Ok(()),
        Membership::In => table.put(&key, &revision.to_be_bytes()),
        Membership::Out if there.is_some_and(|there| there > revision) => Ok(()),
        Membership::Out => table.remove(&key).map(drop),
    }
}

/// Visits the members in `range` of the partition whose key is `name`, until the visitor answers false.
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

pub fn version(view: &impl View, key: &DocumentKey, number: u64) -> Outcome<Option<Bytes>> {
    view.get(&member(&keys::versions(key), keys::number(number).as_bytes()))
}

/// Answers whether the version was still `from`.
pub fn replace_version(
    table: &mut Changing<'_>,
    key: &DocumentKey,
    number: u64,
    from: &[u8],
    to: &[u8],
) -> Outcome<bool> {
    let place = member(&keys::versions(key), keys::number(number).as_bytes());
    let is_same = table.get(&place)?.is_some_and(|there| there == from);
    if is_same {
        table.put(&place, to)?;
    }
    Ok(is_same)
}

pub fn put_version(
    table: &mut Changing<'_>,
    key: &DocumentKey,
    expect: Option<Revision>,
    number: u64,
    bytes: &[u8],
    keep: u64,
) -> Outcome<()> {
    let current = keys::document(key);
    let there = table.get(current.as_bytes())?;
    let expected = match (&there, expect) {
        (None, None) => true,
        (Some(there), Some(expect)) => there.starts_with(&encode_revision(expect)),
        _ => false,
    };
    if !expected {
        return Err(StoreError::Conflict.into());
    }
    table.put(current.as_bytes(), bytes)?;
    let versions = keys::versions(key);
    table.put(&member(&versions, keys::number(number).as_bytes()), bytes)?;
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
