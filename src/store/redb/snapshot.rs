//! A redb file as of one moment, and a new file of such a moment. redb's read transactions are snapshots: what is written after one
//! has begun goes to other pages, which the file grows by for as long as the snapshot lives.

use std::{ops::Bound, path::Path};

use async_trait::async_trait;
use redb::{Database, Durability, ReadableDatabase as _, ReadableTableMetadata as _};

use super::{
    Cache, RedbKeys, RedbStore,
    engine::{DATA, TableSnapshot},
    fault::{Fault, Stage, classify, damaged, failure},
    guard::guarded,
    open,
    table::View as _,
};
use crate::store::{
    Result,
    snapshot::{Pair, Snapshot, Snapshots},
};

/// Pages in memory while a file is filled: it is written in order, and hardly read.
const FILL_CACHE: Cache = Cache { bytes: 32 << 20 };
/// Bytes of one transaction while a file is filled: each ends with a sync of the disk.
const FILL_BYTES: usize = 16 << 20;

pub struct Walk {
    pub table: TableSnapshot,
    /// Where it goes on; `None`: it has come to the end, or failed.
    pub low: Option<Bound<Vec<u8>>>,
}

impl Snapshot for Walk {
    fn next(&mut self, bytes: usize) -> Result<Vec<Pair>> {
        let Some(low) = self.low.take() else { return Ok(Vec::new()) };
        let (mut found, mut size) = (Vec::new(), 0);
        self.table.read(|table| {
            table.scan((low, Bound::Unbounded), |key, value| {
                size += key.len() + value.len();
                found.push((key.to_vec(), value.to_vec()));
                Ok(size < bytes)
            })
        })?;
        self.low = found.last().map(|(key, _): &Pair| Bound::Excluded(key.clone()));
        Ok(found)
    }
}

#[async_trait]
impl Snapshots for RedbStore {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(Walk { table: self.engine.snapshot()?, low: Some(Bound::Unbounded) }))
    }

    async fn write_anew(&self) -> Result<()> {
        self.engine.rewrite().await
    }
}

#[async_trait]
impl Snapshots for RedbKeys {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(Walk { table: self.engine().snapshot()?, low: Some(Bound::Unbounded) }))
    }

    async fn write_anew(&self) -> Result<()> {
        self.engine().rewrite().await
    }
}

/// Makes a file that is not there yet, of data or of keys, and answers how many pairs it holds once they are on disk. `next` answers
/// pairs until there are none. What was begun stays if it fails.
///
/// # Errors
/// Those of `next`; `Full` if there is no room.
pub fn fill(path: &Path, next: &mut dyn FnMut() -> Result<Vec<Pair>>) -> Result<u64> {
    let place = path.display().to_string();
    guarded(|| filled(path, next)).unwrap_or_else(|panic| Err(damaged(&place, &panic)))
}

fn filled(path: &Path, next: &mut dyn FnMut() -> Result<Vec<Pair>>) -> Result<u64> {
    let database = open::new_file(path, FILL_CACHE)?;
    let told = |fault: Fault| match fault {
        Fault::Refused(error) => error,
        Fault::Storage(error) => failure(classify(&error), Stage::Before, &format!("{}: {error}", path.display())),
    };
    let count = put_all(&database, next).map_err(told)?;
    let closed = database.close().map_err(|error| Fault::Storage(error.into()));
    closed.map_err(told)?;
    Ok(count)
}

/// Puts pairs into a file until there are none, and answers how many it holds once they are on disk.
pub fn put_all(database: &Database, next: &mut dyn FnMut() -> Result<Vec<Pair>>) -> std::result::Result<u64, Fault> {
    let mut pairs = next()?;
    loop {
        let mut transaction = database.begin_write()?;
        transaction.set_durability(Durability::Immediate).map_err(redb::Error::from).map_err(Fault::Storage)?;
        // As every commit of the engine: without it, opening after a crash walks the whole file.
        transaction.set_quick_repair(true);
        let mut size = 0;
        {
            let mut table = transaction.open_table(DATA)?;
            while !pairs.is_empty() && size < FILL_BYTES {
                for (key, value) in &pairs {
                    size += key.len() + value.len();
                    table.insert(key.as_slice(), value.as_slice())?;
                }
                pairs = next()?;
            }
        }
        transaction.commit()?;
        if pairs.is_empty() {
            return Ok(database.begin_read()?.open_table(DATA)?.len()?);
        }
    }
}
