//! The logs of the buckets. A position is a key: eight bytes, big-endian.

use std::ops::Bound;

use bytes::{BufMut, Bytes};

use super::table::{Changing, Outcome, View, member, members_within};
use crate::store::{Advance, LogEntry, LogPage, LogPosition, PAGE_MAX, StoreError, codec::entries, keys};

fn decode_position(bytes: Option<&Bytes>) -> Result<LogPosition, StoreError> {
    let Some(bytes) = bytes else {
        return Ok(LogPosition::default());
    };
    let ([cursor, trimmed, end], []) = bytes.as_chunks::<8>() else {
        return Err(StoreError::Corrupt("positions of a log".into()));
    };
    Ok(LogPosition {
        cursor: u64::from_be_bytes(*cursor),
        trimmed: u64::from_be_bytes(*trimmed),
        end: u64::from_be_bytes(*end),
    })
}

fn position(view: &impl View, bucket: u8) -> Outcome<LogPosition> {
    Ok(decode_position(view.get(keys::position(bucket).as_bytes())?.as_ref())?)
}

fn put_position(table: &mut Changing<'_>, bucket: u8, position: LogPosition) -> Outcome<()> {
    let mut bytes = Vec::with_capacity(24);
    for number in [position.cursor, position.trimmed, position.end] {
        bytes.put_u64(number);
    }
    table.put(keys::position(bucket).as_bytes(), &bytes)
}

/// Appends an entry; answers its position.
pub fn append(table: &mut Changing<'_>, bucket: u8, entry: &LogEntry) -> Outcome<u64> {
    let mut position = position(table, bucket)?;
    position.end += 1;
    let key = member(&keys::log(bucket), &position.end.to_be_bytes());
    table.put(&key, &entries::encode_log(entry))?;
    put_position(table, bucket, position)?;
    Ok(position.end)
}

pub fn page(view: &impl View, bucket: u8, after: u64, limit: usize) -> Outcome<LogPage> {
    let position = position(view, bucket)?;
    let name = keys::log(bucket);
    let limit = limit.min(PAGE_MAX);
    let mut found = Vec::new();
    if limit > 0 {
        let span = members_within(&name, (Bound::Excluded(after.to_be_bytes().to_vec()), Bound::Unbounded));
        view.scan(span, |key, bytes| {
            let number = key.get(name.len() + 1..).and_then(|number| number.try_into().ok());
            let number = number.ok_or_else(|| StoreError::Corrupt("position of a log entry".into()))?;
            found.push((u64::from_be_bytes(number), entries::decode_log(bytes)?));
            Ok(found.len() < limit)
        })?;
    }
    Ok(LogPage { entries: found, trimmed: position.trimmed, end: position.end })
}

pub fn positions(view: &impl View, buckets: &[u8]) -> Outcome<Vec<LogPosition>> {
    buckets.iter().map(|bucket| position(view, *bucket)).collect()
}

/// Moves the cursor forward, at most to the end, with the values, and trims what lies behind both it and the newest `keep`
/// entries. Answers whether the cursor was where the step begins.
pub fn advance(table: &mut Changing<'_>, step: &Advance) -> Outcome<bool> {
    let Advance { bucket, from, to, keep, .. } = *step;
    let old = position(table, bucket)?;
    if old.cursor != from {
        return Ok(false);
    }
    let cursor = old.cursor.max(to.min(old.end));
    let trimmed = old.trimmed.max(cursor.min(old.end.saturating_sub(keep)));
    let new = LogPosition { cursor, trimmed, end: old.end };
    if new == old {
        return Ok(true);
    }
    if cursor > old.cursor {
        for value in &step.values {
            table.put(value.key.as_bytes(), &value.bytes)?;
        }
    }
    let name = keys::log(bucket);
    for number in old.trimmed + 1..=trimmed {
        table.remove(&member(&name, &number.to_be_bytes()))?;
    }
    put_position(table, bucket, new)?;
    Ok(true)
}
