//! Writing the data of an embedded store into a new file. redb leaves what was replaced in pages that are free, until it needs them: what was in
//! the clear there goes with the old file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Cache, DATA_FILE, RedbStore, Snapshots as _, StartError, fill};
use crate::{
    config::{Config, StoreUrl},
    store::StoreError,
};

/// What the new file is called until it is whole.
const DRAFT: &str = "data.redb.new";
/// Bytes that are read at once.
const READ_BYTES: usize = 4 << 20;

/// Puts a new file with the same pairs in place of the data of an embedded store, which no process serves. Whatever ends it, there is a whole file.
///
/// # Errors
/// `Full` if there is no room for both files.
pub(crate) fn rewrite(config: &Config) -> Result<(), StartError> {
    let StoreUrl::Redb { folder } = &config.store else { return Ok(()) };
    let (file, draft) = (folder.join(DATA_FILE), folder.join(DRAFT));
    // Held until the new one is in place: nobody writes into the old one.
    let store = RedbStore::open(&file, Cache::default())?;
    remove(&draft)?;
    let made = filled(&store, &draft).and_then(|()| replace(folder, &draft, &file));
    if made.is_err() {
        remove(&draft)?;
    }
    made
}

fn filled(store: &RedbStore, draft: &Path) -> Result<(), StartError> {
    let mut snapshot = store.snapshot()?;
    let mut count = 0_u64;
    let there = fill(draft, &mut || {
        let pairs = snapshot.next(READ_BYTES)?;
        count += pairs.len() as u64;
        Ok(pairs)
    })?;
    if there != count {
        let what = format!("{there} of {count} pairs are in the new file; the old one stays");
        return Err(StoreError::Corrupt(what.into()).into());
    }
    Ok(())
}

fn replace(folder: &Path, draft: &PathBuf, file: &PathBuf) -> Result<(), StartError> {
    let fault = |cause| StartError::Folder { path: folder.display().to_string(), cause };
    fs::rename(draft, file).map_err(fault)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)
}

fn remove(draft: &Path) -> Result<(), StartError> {
    match fs::remove_file(draft) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(StartError::Folder { path: draft.display().to_string(), cause })
        }
        _ => Ok(()),
    }
}
