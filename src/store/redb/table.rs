//! The table under change, and the few words in which everything is said: get, put, remove, range.

use std::{
    cmp::Ordering,
    ops::{Bound, RangeBounds},
};

use bytes::Bytes;
use redb::{AccessGuard, Range, ReadOnlyTable, ReadableTable, StorageError, Table};

use super::fault::Fault;
use crate::store::keys::Span;

pub type Outcome<T> = std::result::Result<T, Fault>;

/// The table as of one moment.
pub struct Reading(pub ReadOnlyTable<&'static [u8], &'static [u8]>);

/// The table within a write; remembers whether anything was changed.
pub struct Changing<'txn> {
    table: Table<'txn, &'static [u8], &'static [u8]>,
    changed: bool,
}

impl<'txn> Changing<'txn> {
    pub fn new(table: Table<'txn, &'static [u8], &'static [u8]>) -> Self {
        Self { table, changed: false }
    }

    pub fn put(&mut self, key: &[u8], value: &[u8]) -> Outcome<()> {
        self.changed = true;
        self.table.insert(key, value)?;
        Ok(())
    }

    /// Answers whether there was anything.
    pub fn remove(&mut self, key: &[u8]) -> Outcome<bool> {
        let there = self.table.remove(key)?.is_some();
        self.changed |= there;
        Ok(there)
    }

    /// Removes everything that belongs to a key. See [`members`].
    pub fn remove_members(&mut self, key: &str) -> Outcome<()> {
        let (low, high) = members(key);
        let mut found = Vec::new();
        self.scan((low, high), |key, _| {
            found.push(key.to_vec());
            Ok(true)
        })?;
        for key in found {
            self.remove(&key)?;
        }
        Ok(())
    }

    /// Whether anything was changed.
    pub fn close(self) -> bool {
        self.changed
    }
}

/// What reads and writes have in common.
pub trait View {
    fn get(&self, key: &[u8]) -> Outcome<Option<Bytes>>;
    /// Visits a span in ascending order until the visitor answers false.
    fn scan(&self, span: Span, visit: impl FnMut(&[u8], &[u8]) -> Outcome<bool>) -> Outcome<()>;
    /// As [`View::scan`], in descending order.
    fn scan_back(&self, span: Span, visit: impl FnMut(&[u8], &[u8]) -> Outcome<bool>) -> Outcome<()>;
}

fn get(table: &impl ReadableTable<&'static [u8], &'static [u8]>, key: &[u8]) -> Outcome<Option<Bytes>> {
    Ok(table.get(key)?.map(|value| Bytes::copy_from_slice(value.value())))
}

/// A span, borrowed.
type Ends<'span> = (Bound<&'span [u8]>, Bound<&'span [u8]>);

fn ends(span: &Span) -> Ends<'_> {
    (span.0.as_ref().map(Vec::as_slice), span.1.as_ref().map(Vec::as_slice))
}

fn range<'table>(
    table: &'table impl ReadableTable<&'static [u8], &'static [u8]>,
    ends: Ends<'_>,
) -> Outcome<Range<'table, &'static [u8], &'static [u8]>> {
    Ok(table.range::<&[u8]>(ends)?)
}

type Pair<'table> = (AccessGuard<'table, &'static [u8]>, AccessGuard<'table, &'static [u8]>);

/// Visits pairs, each of them after the one before and within the span. Pages that are damaged may lead anywhere, also back to where the walk
/// came from: then it would not end.
fn walk<'table>(
    pairs: impl Iterator<Item = std::result::Result<Pair<'table>, StorageError>>,
    (ends, order): (Ends<'_>, Ordering),
    mut visit: impl FnMut(&[u8], &[u8]) -> Outcome<bool>,
) -> Outcome<()> {
    let mut last: Option<AccessGuard<'table, &'static [u8]>> = None;
    for pair in pairs {
        let (key, value) = pair?;
        let follows = last.is_none_or(|last| key.value().cmp(last.value()) == order);
        if !follows || !RangeBounds::<[u8]>::contains(&ends, key.value()) {
            return Err(StorageError::Corrupted("keys are out of order".into()).into());
        }
        let goes_on = visit(key.value(), value.value())?;
        last = Some(key);
        if !goes_on {
            break;
        }
    }
    Ok(())
}

macro_rules! view {
    ($type:ty, $field:tt) => {
        impl View for $type {
            fn get(&self, key: &[u8]) -> Outcome<Option<Bytes>> {
                get(&self.$field, key)
            }

            fn scan(&self, span: Span, visit: impl FnMut(&[u8], &[u8]) -> Outcome<bool>) -> Outcome<()> {
                let ends = ends(&span);
                walk(range(&self.$field, ends)?, (ends, Ordering::Greater), visit)
            }

            fn scan_back(&self, span: Span, visit: impl FnMut(&[u8], &[u8]) -> Outcome<bool>) -> Outcome<()> {
                let ends = ends(&span);
                walk(range(&self.$field, ends)?.rev(), (ends, Ordering::Less), visit)
            }
        }
    };
}

view!(Reading, 0);
view!(Changing<'_>, table);

/// The key of a member: redb has no structures inside a value, so a member is a key of its own.
pub fn member(key: &str, member: &[u8]) -> Vec<u8> {
    [key.as_bytes(), b":", member].concat()
}

/// The span of all members of a key. A semicolon is the byte after the colon.
pub fn members(key: &str) -> Span {
    (Bound::Included(format!("{key}:").into_bytes()), Bound::Excluded(format!("{key};").into_bytes()))
}

/// The span of a key's members within bounds.
pub fn members_within(key: &str, span: Span) -> Span {
    let place = |bytes: Vec<u8>| member(key, &bytes);
    let (all_low, all_high) = members(key);
    let low = if matches!(span.0, Bound::Unbounded) { all_low } else { span.0.map(place) };
    let high = if matches!(span.1, Bound::Unbounded) { all_high } else { span.1.map(place) };
    (low, high)
}
