//! A customer's slot: record, requests, history, hold tokens.

use bytes::{BufMut, Bytes};

use super::{
    log,
    table::{Changing, Outcome, View, member, members, members_within},
};
use crate::{
    domain::id::HoldToken,
    store::{
        Commit, CustomerKey, EntryId, HistoryEntry, HistoryRange, Lane, Loaded, PAGE_MAX, RecordWrite, Revision,
        Settled, StoreError, TOKEN_KEEP_MS,
        codec::header::{HEADER_LEN, Header, REVISION_AT, encode_revision},
        keys,
    },
};

const LANES: [Lane; 2] = [Lane::Interactions, Lane::Changes];
const COMMITTED: u8 = b'c';
const REFUSED: u8 = b'r';

fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt(what.into())
}

/// Whether a record has the expected revision; `None` expects no record.
fn as_expected(record: Option<&Bytes>, expect: Option<Revision>) -> bool {
    match (record, expect) {
        (None, None) => true,
        (Some(record), Some(expect)) => record.get(REVISION_AT..HEADER_LEN) == Some(encode_revision(expect).as_slice()),
        _ => false,
    }
}

pub fn load(view: &impl View, key: &CustomerKey, lane: Lane, ids: &[EntryId]) -> Outcome<Loaded> {
    let (by_id, by_time) = (keys::history(key, lane), keys::timeline(key, lane));
    let mut history = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(time) = view.get(&member(&by_id, id))? else {
            history.push(None);
            continue;
        };
        let time = time.as_ref().try_into().map_err(|_| damaged("time of a history entry"))?;
        let time_ms = i64::from_be_bytes(time);
        let bytes = view.get(&member(&by_time, &keys::timeline_member(time_ms, id)))?;
        let bytes = bytes.ok_or_else(|| damaged("a history entry without its bytes"))?;
        history.push(Some(HistoryEntry { id: *id, time_ms, bytes }));
    }
    Ok(Loaded {
        record: view.get(keys::record(key).as_bytes())?,
        requests: view.get(keys::requests(key).as_bytes())?,
        history,
    })
}

pub fn commit(table: &mut Changing<'_>, commit: &Commit) -> Outcome<u64> {
    let record = keys::record(&commit.key);
    if let RecordWrite::Put(bytes) = &commit.record {
        Header::decode(bytes)?;
    }
    if !as_expected(table.get(record.as_bytes())?.as_ref(), commit.expect) {
        return Err(StoreError::Conflict.into());
    }
    let tokens = keys::tokens(&commit.key);
    for token in &commit.tokens {
        if decided(table, &tokens, *token)? == Some(Settled::Refused) {
            return Err(StoreError::HoldRefused.into());
        }
    }
    // All checks have passed: the revision fits, and no token is refused. From here on only the storage can fail.
    let position = log::append(table, keys::bucket(&commit.key.tenant, &commit.key.customer), &commit.log)?;
    match &commit.record {
        RecordWrite::Erase => erase(table, &commit.key)?,
        RecordWrite::Put(bytes) => {
            table.put(record.as_bytes(), bytes)?;
            put_rest(table, commit)?;
        }
    }
    Ok(position)
}

fn put_rest(table: &mut Changing<'_>, commit: &Commit) -> Outcome<()> {
    if let Some(requests) = &commit.requests {
        table.put(keys::requests(&commit.key).as_bytes(), requests)?;
    }
    for (lane, id) in &commit.history_drop {
        drop_entry(table, &commit.key, *lane, id)?;
    }
    for (lane, entry) in &commit.history_put {
        // An entry that is there loses its old place, even if its time was changed, which `Store::commit` forbids.
        drop_entry(table, &commit.key, *lane, &entry.id)?;
        let place = keys::timeline_member(entry.time_ms, &entry.id);
        table.put(&member(&keys::history(&commit.key, *lane), &entry.id), &entry.time_ms.to_be_bytes())?;
        table.put(&member(&keys::timeline(&commit.key, *lane), &place), &entry.bytes)?;
    }
    let tokens = keys::tokens(&commit.key);
    for token in &commit.tokens {
        if decided(table, &tokens, *token)?.is_none() {
            decide(table, &tokens, *token, COMMITTED, commit.now_ms)?;
        }
    }
    Ok(())
}

fn drop_entry(table: &mut Changing<'_>, key: &CustomerKey, lane: Lane, id: &EntryId) -> Outcome<()> {
    let by_id = member(&keys::history(key, lane), id);
    let Some(time) = table.get(&by_id)? else {
        return Ok(());
    };
    table.remove(&by_id)?;
    // A damaged time leaves an entry that nothing points to; it does not keep the commit from being whole.
    if let Ok(time) = time.as_ref().try_into() {
        let place = keys::timeline_member(i64::from_be_bytes(time), id);
        table.remove(&member(&keys::timeline(key, lane), &place))?;
    }
    Ok(())
}

fn erase(table: &mut Changing<'_>, key: &CustomerKey) -> Outcome<()> {
    table.remove(keys::record(key).as_bytes())?;
    table.remove(keys::requests(key).as_bytes())?;
    for lane in LANES {
        table.remove_members(&keys::history(key, lane))?;
        table.remove_members(&keys::timeline(key, lane))?;
    }
    table.remove_members(&keys::tokens(key))
}

pub fn history(view: &impl View, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Outcome<Vec<HistoryEntry>> {
    let name = keys::timeline(key, lane);
    let limit = range.limit.min(PAGE_MAX);
    let Some(span) = keys::timeline_span(&range) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let visit = |place: &[u8], bytes: &[u8]| {
        let place = place.get(name.len() + 1..).and_then(keys::parse_timeline_member);
        let (time_ms, id) = place.ok_or_else(|| damaged("place of a history entry"))?;
        found.push(HistoryEntry { id, time_ms, bytes: Bytes::copy_from_slice(bytes) });
        Ok(found.len() < limit)
    };
    let span = members_within(&name, span);
    if range.newest_first {
        view.scan_back(span, visit)?;
    } else {
        view.scan(span, visit)?;
    }
    Ok(found)
}

fn decided(view: &impl View, tokens: &str, token: HoldToken) -> Outcome<Option<Settled>> {
    let value = view.get(&member(tokens, &token.0))?;
    Ok(match value.as_ref().and_then(|value| value.first()) {
        None => None,
        Some(&COMMITTED) => Some(Settled::Committed),
        Some(&REFUSED) => Some(Settled::Refused),
        Some(_) => return Err(damaged("what became of a hold").into()),
    })
}

fn decide(table: &mut Changing<'_>, tokens: &str, token: HoldToken, state: u8, now_ms: i64) -> Outcome<()> {
    let mut value = vec![state];
    value.put_i64(now_ms);
    table.put(&member(tokens, &token.0), &value)
}

pub fn settle(table: &mut Changing<'_>, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Outcome<Settled> {
    let tokens = keys::tokens(key);
    if let Some(settled) = decided(table, &tokens, token)? {
        return Ok(settled);
    }
    decide(table, &tokens, token, REFUSED, now_ms)?;
    Ok(Settled::Refused)
}

/// Whether a token was decided [`TOKEN_KEEP_MS`] ago.
fn is_old(value: &[u8], now_ms: i64) -> bool {
    let time = value.get(1..).and_then(|time| time.try_into().ok()).map(i64::from_be_bytes);
    time.is_some_and(|time| time.saturating_add(TOKEN_KEEP_MS) <= now_ms)
}

/// Keys of old tokens, at most so many.
pub fn old_tokens(view: &impl View, now_ms: i64, most: usize) -> Outcome<Vec<Vec<u8>>> {
    let mut old = Vec::new();
    view.scan(members("token"), |key, value| {
        if is_old(value, now_ms) {
            old.push(key.to_vec());
        }
        Ok(old.len() < most)
    })?;
    Ok(old)
}

/// Removes those of these tokens that are old still; answers how many.
pub fn forget(table: &mut Changing<'_>, tokens: &[Vec<u8>], now_ms: i64) -> Outcome<u64> {
    let mut count = 0;
    for key in tokens {
        if table.get(key)?.is_some_and(|value| is_old(&value, now_ms)) {
            count += u64::from(table.remove(key)?);
        }
    }
    Ok(count)
}
