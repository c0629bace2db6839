//! Backups of an embedded store, made while it serves: a copy of the data and one of the keys, each in a folder of its own, as of one
//! time.
//!
//! A copy is a walk over all pairs of a [`Snapshot`], written in order with a checksum. The data are copied as of one time, and the keys as
//! of right after it. A customer's key is made before the record that it seals, so every record in the copy of the data has its key; and
//! the key of a customer who was erased in between is gone, as it should be.
//!
//! `stream` is the form of a copy, in a file and on the way from a server to a command; `manifest` says what must be in it; `folder` writes,
//! finds and reads copies; `compare` reads two side by side; `kept` chooses which stay, and `removal` removes the others; `restore` makes stores
//! of them. Where stores are opened and served is for the caller.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    domain::time::DAY_SECONDS,
    store::{
        StoreError,
        fitness::{Side, belong_together},
        snapshot::Snapshot,
    },
};

mod compare;
mod folder;
mod kept;
mod manifest;
mod removal;
mod restore;
pub mod stream;

pub use folder::{Copied, newest};
pub use manifest::Manifest;
pub use restore::{Backend, Restored, Target, restore};

/// Where copies go. Never one within a store's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Copies of the data: each is a folder in it.
    pub data: PathBuf,
    /// Copies of the keys.
    pub keys: PathBuf,
}

impl Places {
    /// The folder of the keys is named, or lies beside the copies of the data.
    pub fn new(data: PathBuf, keys: Option<PathBuf>) -> Self {
        let keys = keys.unwrap_or_else(|| data.join("keys"));
        Self { data, keys }
    }
}

/// A backup that is older misses the guests of days: somebody should look why.
const OLD_SECONDS: i64 = 2 * DAY_SECONDS;

/// Whether the newest backup, of this second if there is one, is so old that somebody should look why.
pub fn is_old(newest: Option<i64>, now: i64) -> bool {
    newest.is_none_or(|newest| now - newest > OLD_SECONDS)
}

/// Whether the backup of the day is still to be made, which is due at so many seconds after the beginning of the UTC day.
pub fn is_due(newest: Option<i64>, now: i64, at: i64) -> bool {
    let due = now - (now - at).rem_euclid(DAY_SECONDS);
    newest.is_none_or(|newest| newest < due)
}

/// Why a backup was not made, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store that is copied or made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stores are not whole.
    #[error("no backup is made of these stores, since it would take the place of a better one: {0}")]
    Unfit(StoreError),
    /// A file or folder of the copy.
    #[error("{path}: {cause}")]
    File {
        /// Its path.
        path: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A copy that is not what was written.
    #[error(
        "{place} is damaged ({cause}): it is no backup; take another copy, `rapport backup restore` takes the folder of any"
    )]
    Damaged {
        /// The copy's folder.
        place: String,
        /// How it is seen.
        cause: String,
    },
    /// It would overwrite something, or lacks something. The text says what to do.
    #[error("{0}")]
    Refused(String),
    /// The process is ending.
    #[error("it was stopped before its end")]
    Stopped,
}

impl BackupError {
    fn file(path: &Path, cause: io::Error) -> Self {
        Self::File { path: path.display().to_string(), cause }
    }
}

/// What backups answer.
pub type Result<T> = std::result::Result<T, BackupError>;

/// What is copied: first the data, then the keys.
pub trait Source {
    /// As of when, in milliseconds since 1970, and the store as it was. Each side can be had once.
    fn open(&mut self, side: Side) -> Result<(i64, Box<dyn Snapshot + '_>)>;
}

/// Both stores of this process, as of one time.
pub struct Snapshots {
    time_ms: i64,
    data: Option<Box<dyn Snapshot>>,
    keys: Option<Box<dyn Snapshot>>,
}

impl Snapshots {
    /// The data were taken before the keys, and nothing before that time is missing.
    pub fn new(time_ms: i64, data: Box<dyn Snapshot>, keys: Box<dyn Snapshot>) -> Self {
        Self { time_ms, data: Some(data), keys: Some(keys) }
    }
}

impl Source for Snapshots {
    fn open(&mut self, side: Side) -> Result<(i64, Box<dyn Snapshot + '_>)> {
        let taken = match side {
            Side::Data => self.data.take(),
            Side::Keys => self.keys.take(),
        };
        let snapshot = taken.ok_or_else(|| StoreError::Unavailable("this snapshot was read already".into()))?;
        Ok((self.time_ms, snapshot))
    }
}

/// Both copies, as of one time.
#[derive(Debug)]
pub struct Made {
    /// The copy of the data.
    pub data: Copied,
    /// The copy of the keys.
    pub keys: Copied,
    /// What is older and was not removed, each with the reason and what to do. The backup is whole all the same.
    pub left: Vec<String>,
}

/// Makes both copies, reads them back, and then gives them their names: the keys first, so that no copy of the data has keys that are older
/// than itself alone. `go_on` is asked between blocks.
///
/// The copy of the keys replaces those of the same store that were there, and that have nothing more: a key that is destroyed must not live
/// on in them.
///
/// # Errors
/// `Unfit` if the stores are not whole, or not of each other. After any error there is no new copy, but where the text says so.
pub fn make(source: &mut dyn Source, places: &Places, go_on: &dyn Fn() -> bool) -> Result<Made> {
    let mut left = removal::sweep(places);
    let data = write(source, Side::Data, &places.data, go_on)?;
    let keys = write(source, Side::Keys, &places.keys, go_on)?;
    // By what was copied, whatever is known of the stores otherwise.
    belong_together(&data.marks, &keys.marks).map_err(BackupError::Unfit)?;
    // Once both are here: who sends them does not wait for it.
    data.read_back(Side::Data, go_on)?;
    keys.read_back(Side::Keys, go_on)?;
    let keys = keys.publish()?;
    let data = data.publish().map_err(|fault| {
        let keys = keys.folder.display();
        BackupError::Refused(format!(
            "there is no copy of the data, and one of the keys, {keys}: {fault}; make the backup again"
        ))
    })?;
    left.extend(removal::remove_older_keys(&places.keys, &keys, go_on));
    Ok(Made { data, keys, left })
}

/// Removes the copies of the data that need not stay beside the new one, of the same store.
pub fn prune(places: &Places, made: &mut Made) {
    if let Err(fault) = removal::prune(&places.data, &made.data) {
        made.left
            .push(format!("older copies of the data could not be removed: {fault}; the next backup tries it again"));
    }
}

fn write(source: &mut dyn Source, side: Side, place: &Path, go_on: &dyn Fn() -> bool) -> Result<folder::Unpublished> {
    let (time_ms, mut snapshot) = source.open(side)?;
    folder::write(place, side, time_ms, snapshot.as_mut(), go_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_backup_is_due_each_day_and_a_missed_one_still_is() {
        let four = 4 * 3_600;
        let at = |day: i64, hour: i64| day * DAY_SECONDS + hour * 3_600;
        assert!(is_due(None, at(10, 1), four), "the first");
        assert!(!is_due(Some(at(9, 4)), at(10, 3), four));
        assert!(is_due(Some(at(9, 4)), at(10, 4), four));
        assert!(!is_due(Some(at(10, 4)), at(10, 23), four));
        assert!(is_due(Some(at(8, 5)), at(10, 3), four), "that of the day before was missed");
        assert!(!is_due(Some(at(9, 5)), at(10, 3), four), "and was made up");
    }

    #[test]
    fn a_backup_is_old_after_two_days() {
        assert!(is_old(None, 0));
        assert!(!is_old(Some(0), 2 * DAY_SECONDS));
        assert!(is_old(Some(0), 2 * DAY_SECONDS + 1));
    }

    struct Empty;

    impl Snapshot for Empty {
        fn next(&mut self, _bytes: usize) -> crate::store::Result<Vec<crate::store::snapshot::Pair>> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn a_snapshot_is_had_once() {
        let mut snapshots = Snapshots::new(7, Box::new(Empty), Box::new(Empty));
        assert!(snapshots.open(Side::Keys).is_ok() && snapshots.open(Side::Data).is_ok());
        assert!(snapshots.open(Side::Keys).is_err(), "an empty copy is no copy");
    }
}
