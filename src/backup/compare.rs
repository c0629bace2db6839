//! What one copy has and another lacks. Both are read in the order of their keys, side by side, so that neither has to fit into memory.

use std::vec;

use super::{BackupError, Result, folder::Opened};
use crate::store::{
    codec::entries::decode_key,
    keys,
    keystore::{KeyEntry, KeyName},
    snapshot::Pair,
};

/// What the names of keys begin with, in a store of keys.
const KEY: &[u8] = b"key:";
/// What the names of records begin with, in a store of data.
const RECORD: &[u8] = b"record:";

/// Pairs one by one, from those that come in blocks.
pub struct Pairs<'a> {
    more: Box<dyn FnMut() -> Result<Vec<Pair>> + 'a>,
    block: vec::IntoIter<Pair>,
}

impl<'a> Pairs<'a> {
    /// `more`: the next block; none after the last.
    pub fn new(more: impl FnMut() -> Result<Vec<Pair>> + 'a) -> Self {
        Self { more: Box::new(more), block: Vec::new().into_iter() }
    }

    fn of(copy: &'a mut Opened) -> Self {
        Self::new(|| copy.pairs())
    }

    pub fn next(&mut self) -> Result<Option<Pair>> {
        if let Some(pair) = self.block.next() {
            return Ok(Some(pair));
        }
        self.block = (self.more)()?.into_iter();
        Ok(self.block.next())
    }

    /// The next whose key begins so.
    fn next_of(&mut self, begin: &[u8]) -> Result<Option<Pair>> {
        loop {
            match self.next()? {
                Some((key, _)) if !key.starts_with(begin) => {}
                next => return Ok(next),
            }
        }
    }
}

/// Values that are looked for in ascending order.
struct Ascending<'a> {
    pairs: Pairs<'a>,
    /// The first that was not passed yet.
    first: Option<Pair>,
}

impl<'a> Ascending<'a> {
    fn of(copy: &'a mut Opened) -> Result<Self> {
        let mut pairs = Pairs::of(copy);
        let first = pairs.next()?;
        Ok(Self { pairs, first })
    }

    fn value(&mut self, key: &[u8]) -> Result<Option<&[u8]>> {
        while self.first.as_ref().is_some_and(|(there, _)| there.as_slice() < key) {
            self.first = self.pairs.next()?;
        }
        Ok(self.first.as_ref().filter(|(there, _)| there == key).map(|(_, value)| value.as_slice()))
    }
}

/// What an older copy of the keys has, and a newer one lacks. Of a store that only went on it is nothing: a key never goes, but becomes the
/// note that it was destroyed, and that stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Keys that the newer one does not know.
    pub keys: u64,
    /// Keys that were destroyed, and live in the newer one.
    pub destroyed: u64,
}

/// Compares two copies of the keys.
///
/// # Errors
/// `Damaged` if the older one is not what was written.
pub fn ahead(mut older: Opened, mut newer: Opened, go_on: &dyn Fn() -> bool) -> Result<Ahead> {
    let mut ahead = Ahead::default();
    {
        let (mut before, mut after) = (Pairs::of(&mut older), Ascending::of(&mut newer)?);
        while let Some((key, value)) = before.next_of(KEY)? {
            if !go_on() {
                return Err(BackupError::Stopped);
            }
            match after.value(&key)? {
                None => ahead.keys += 1,
                Some(there) => ahead.destroyed += u64::from(is_destroyed(&value) && !is_destroyed(there)),
            }
        }
    }
    older.finish()?;
    Ok(ahead)
}

fn is_destroyed(value: &[u8]) -> bool {
    matches!(decode_key(value.to_vec().into()), Ok(KeyEntry::Tombstone))
}

/// How many records of a copy of the data have no entry in a copy of the keys, not even that theirs was destroyed.
///
/// # Errors
/// `Damaged` if one of the two is not what was written.
pub fn records_without_key(mut data: Opened, mut keys: Opened) -> Result<u64> {
    let mut without = 0;
    {
        let (mut records, mut entries) = (Pairs::of(&mut data), Ascending::of(&mut keys)?);
        while let Some((name, _)) = records.next_of(RECORD)? {
            // Any other is a fault of the store, which fsck finds.
            if let Some(key) = str::from_utf8(&name).ok().and_then(keys::parse_customer_name) {
                // Records and keys lie in the same order: by bucket, tenant and customer.
                let entry = keys::data_key(&KeyName::Customer(key.tenant, key.customer));
                without += u64::from(entries.value(entry.as_bytes())?.is_none());
            }
        }
        while entries.pairs.next()?.is_some() {}
    }
    data.finish()?;
    keys.finish()?;
    Ok(without)
}

/// Whether both are the same pairs.
pub fn same(mut one: Pairs<'_>, mut other: Pairs<'_>) -> Result<bool> {
    loop {
        match (one.next()?, other.next()?) {
            (None, None) => return Ok(true),
            (one, other) if one == other => {}
            _ => return Ok(false),
        }
    }
}
