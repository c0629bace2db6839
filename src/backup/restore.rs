//! Copies, put back into an empty place. Each becomes a file under a temporary name, is compared with its manifest, and is renamed last.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    BackupError, Manifest, Result,
    folder::{self, Opened},
};
use crate::store::{
    self,
    codec::marks,
    fitness::{Mark, Side},
    keys,
    snapshot::Pair,
};

/// Makes a store's file of pairs, as the backend does, and answers how many it holds.
pub type Fill = dyn Fn(&Path, &mut dyn FnMut() -> store::Result<Vec<Pair>>) -> store::Result<u64>;

/// The files of the stores that are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Of the data.
    pub data: PathBuf,
    /// Of the keys.
    pub keys: PathBuf,
}

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    /// The copy of the data.
    pub data: Option<Manifest>,
    /// The copy of the keys.
    pub keys: Option<Manifest>,
}

/// Puts copies back: of the data beside the keys that are there; of the keys, where those are lost; or of both. A folder may be a copy, or
/// hold copies: then the newest is taken. Where both go back, what was handed out since is of writes that are gone: both begin a new epoch.
pub fn restore(data: Option<&Path>, keys: Option<&Path>, target: &Target, fill: &Fill) -> Result<Restored> {
    if data.is_some() && target.data.exists() {
        return Err(BackupError::Refused(format!(
            "{} is there, and a backup is put back into an empty place: move that file away, or name another folder with --store",
            target.data.display()
        )));
    }
    if keys.is_some() && target.keys.exists() {
        return Err(BackupError::Refused(format!(
            "{} is there, and knows who was erased since the backup: put the data back beside it, without --keys-from. Keys are put \
             back only where they are lost",
            target.keys.display()
        )));
    }
    if data.is_some() && keys.is_none() && !target.keys.exists() {
        return Err(BackupError::Refused(format!(
            "there are no keys in {}: name today's with --keys; or, if they are lost, the newest copy of them with --keys-from",
            target.keys.display()
        )));
    }
    let renews = data.is_some() && keys.is_some();
    let fill_from = |from: Option<&Path>, side, file: &Path| {
        from.map(|from| Filled::of(&folder::find(from, side)?, side, file, renews, fill)).transpose()
    };
    let keys = fill_from(keys, Side::Keys, &target.keys)?;
    let data = fill_from(data, Side::Data, &target.data)?;
    if let (Some(data), Some(keys)) = (&data, &keys)
        && data.manifest.store_id != keys.manifest.store_id
    {
        return Err(BackupError::Refused(
            "the copies of data and keys are of two stores: name those of one".to_owned(),
        ));
    }
    // The data last: a store without data is not served from.
    let keys = keys.map(Filled::publish).transpose()?;
    let data = data.map(Filled::publish).transpose()?;
    Ok(Restored { data, keys })
}

/// A store's file under its temporary name: dropping it removes it.
struct Filled {
    unfinished: PathBuf,
    file: PathBuf,
    manifest: Manifest,
    is_published: bool,
}

impl Filled {
    fn of(copy: &Path, side: Side, file: &Path, renews: bool, fill: &Fill) -> Result<Self> {
        let mut opened = Opened::open(copy, side)?;
        folder::make_folder(file.parent().unwrap_or(Path::new(".")))?;
        let unfinished = file.with_extension("redb.part");
        match fs::remove_file(&unfinished) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(BackupError::file(&unfinished, cause)),
            // One that was ended before.
            _ => {}
        }
        let manifest = opened.manifest().clone();
        let filled = Self { unfinished, file: file.to_owned(), manifest, is_published: false };
        let mut unread = None;
        let mut next = || match opened.pairs() {
            Ok(pairs) if renews => Ok(pairs.into_iter().map(renewed).collect()),
            Ok(pairs) => Ok(pairs),
            Err(fault) => {
                unread = Some(fault);
                Err(store::StoreError::Unavailable("the copy cannot be read".into()))
            }
        };
        let count = fill(&filled.unfinished, &mut next);
        if let Some(fault) = unread {
            return Err(fault);
        }
        let count = count?;
        let manifest = opened.finish()?;
        if count != manifest.pairs {
            let (path, pairs) = (filled.unfinished.display(), manifest.pairs);
            return Err(BackupError::Refused(format!(
                "{path} holds {count} pairs after {pairs} were written: look at its disk"
            )));
        }
        Ok(filled)
    }

    fn publish(mut self) -> Result<Manifest> {
        if self.file.exists() {
            let path = self.file.display();
            return Err(BackupError::Refused(format!("{path} was made meanwhile, and is not written over")));
        }
        fs::rename(&self.unfinished, &self.file).map_err(|cause| BackupError::file(&self.file, cause))?;
        self.is_published = true;
        folder::sync(self.file.parent().unwrap_or(Path::new(".")))?;
        Ok(self.manifest.clone())
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        if !self.is_published {
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

/// A mark of either store becomes one of the next epoch; other pairs, and one that is damaged, stay.
fn renewed((key, value): Pair) -> Pair {
    let is_mark = [keys::MARK, keys::KEY_MARK].iter().any(|begin| key.starts_with(begin.as_bytes()));
    match marks::decode(&value) {
        Ok(mark) if is_mark => (key, marks::encode(&Mark { epoch: mark.epoch + 1, ..mark }).to_vec()),
        _ => (key, value),
    }
}
