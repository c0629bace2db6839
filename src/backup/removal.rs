//! What a new backup makes superfluous: older copies of the same store, and what was left by backups that were ended.

use std::{
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Places, Result,
    compare::{Ahead, ahead},
    folder::{self, Copied, Opened, UNFINISHED, list, time_of, with_ending},
    kept::kept,
};
use crate::store::fitness::Side;

/// Where a file system has no locks, what is unfinished and so old is of no backup under way: none takes a day.
const OLD: Duration = Duration::from_hours(24);

/// Removes the copies of the data that need not stay beside this one, of the same store.
pub fn prune(place: &Path, made: &Copied) -> Result<()> {
    let mut ours = of_the_store(place, Side::Data, made)?;
    let stay = kept(&ours.iter().map(|(time, _)| *time).collect::<Vec<_>>());
    ours.retain(|(time, copy)| !stay.contains(time) && *copy != made.folder);
    ours.iter().try_for_each(|(_, copy)| remove(copy))
}

/// Removes the copies of the keys that are older than this one, of the same store, unless they have what it lacks: then the key store went
/// back to an earlier time, and they may be all that is left of some keys. Answers what stays, and why.
pub fn remove_older_keys(place: &Path, made: &Copied, go_on: &dyn Fn() -> bool) -> Vec<String> {
    let told = |fault| format!("older copies of the keys in {} were not removed: {fault}", place.display());
    let ours = match of_the_store(place, Side::Keys, made) {
        Ok(ours) => ours,
        Err(fault) => return vec![told(fault)],
    };
    let older = ours.into_iter().map(|(_, copy)| copy).take_while(|copy| *copy != made.folder);
    older.filter_map(|copy| replace(&copy, made, go_on).unwrap_or_else(|fault| Some(told(fault)))).collect()
}

/// Removes a copy of the keys that the new one replaces; else why it does not.
fn replace(copy: &Path, made: &Copied, go_on: &dyn Fn() -> bool) -> Result<Option<String>> {
    let older = Opened::open(copy, Side::Keys)?;
    let is_later = older.manifest().epoch > made.manifest.epoch;
    let Ahead { keys, destroyed } = ahead(older, Opened::open(&made.folder, Side::Keys)?, go_on)?;
    if !is_later && keys == 0 && destroyed == 0 {
        return remove(copy).map(|()| None);
    }
    let epoch = if is_later { ", and is of a later epoch" } else { "" };
    Ok(Some(format!(
        "{} stays: it has {keys} keys that the new copy lacks, knows {destroyed} as destroyed that live in the new one{epoch}. The key \
         store went back to an earlier time: find out why, and which keys are right, before you remove either",
        copy.display()
    )))
}

/// The copies of the store that a copy is of. Of stores without marks nobody knows which is which: they are left alone.
fn of_the_store(place: &Path, side: Side, made: &Copied) -> Result<Vec<(i64, PathBuf)>> {
    let mut all = list(place, side)?;
    let store = made.manifest.store_id.as_ref();
    all.retain(|(_, copy)| store.is_some() && folder::is_of(copy, side, store));
    Ok(all)
}

/// Under the other name first: what is removed in part is no copy.
fn remove(copy: &Path) -> Result<()> {
    let unfinished = with_ending(copy);
    fs::rename(copy, &unfinished).map_err(|cause| super::BackupError::file(copy, cause))?;
    remove_folder(&unfinished)
}

/// Another backup may remove it at the same time.
fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(super::BackupError::file(folder, cause)),
        _ => Ok(()),
    }
}

/// Removes what backups left unfinished that were ended: a key that was destroyed since would live on in it. What another process is
/// writing is locked, and stays.
pub fn sweep(places: &Places) -> Vec<String> {
    let all = [(&places.data, Side::Data), (&places.keys, Side::Keys)];
    let swept = all.map(|(place, side)| sweep_side(place, side));
    let told =
        |fault| format!("what an earlier backup left unfinished could not be removed: {fault}; remove it yourself");
    swept.into_iter().filter_map(Result::err).map(told).collect()
}

fn sweep_side(place: &Path, side: Side) -> Result<()> {
    let fault = |cause| super::BackupError::file(place, cause);
    let entries = match fs::read_dir(place) {
        // The first backup makes it.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(fault)?,
    };
    for entry in entries {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_suffix(UNFINISHED));
        if name.is_some_and(|name| time_of(name, side).is_some()) && is_left(&path) {
            remove_folder(&path)?;
        }
    }
    Ok(())
}

fn is_left(unfinished: &Path) -> bool {
    let Ok(folder) = File::open(unfinished) else { return false };
    match folder.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => {
            let changed = folder.metadata().and_then(|metadata| metadata.modified());
            changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > OLD))
        }
    }
}
