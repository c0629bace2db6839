//! Copies, put back into an empty place. Each becomes a file under a temporary name, is compared with its manifest, and gets its name last.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    BackupError, Manifest, Result,
    compare::{Pairs, records_without_key, same},
    folder::{self, Opened},
};
use crate::store::{
    self,
    codec::marks,
    fitness::{Mark, Side},
    keys,
    snapshot::{Pair, Snapshot},
};

/// Makes a store's file of pairs, and answers how many it holds.
pub type Fill = dyn Fn(&Path, &mut dyn FnMut() -> store::Result<Vec<Pair>>) -> store::Result<u64>;
/// Reads a file of keys that is there.
pub type ReadKeys = dyn Fn(&Path) -> store::Result<Box<dyn Snapshot>>;

/// What the backend does with the files of stores.
pub struct Backend<'a> {
    /// Makes one, of either store.
    pub fill: &'a Fill,
    /// Reads one of keys.
    pub read_keys: &'a ReadKeys,
}

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

/// A copy that is to be put back.
struct Chosen {
    side: Side,
    folder: PathBuf,
    manifest: Manifest,
}

impl Chosen {
    fn of(from: &Path, side: Side) -> Result<Self> {
        let folder = folder::find(from, side)?;
        let manifest = folder::manifest_of(&folder, side)?;
        Ok(Self { side, folder, manifest })
    }

    fn open(&self) -> Result<Opened> {
        Opened::open(&self.folder, self.side)
    }
}

/// Puts copies back: of the data beside the keys that are there; of the keys, where those are lost; or of both. A folder may be a copy, or
/// hold copies: then the newest is taken. Where both go back, what was handed out since is of writes that are gone: both begin a new epoch.
///
/// What was broken off is done again by the same command: the keys that it has put back are known by what is in them.
///
/// # Errors
/// `Refused`, `Damaged`: nothing was put back, but where the text says so.
pub fn restore(data: Option<&Path>, keys: Option<&Path>, target: &Target, backend: &Backend<'_>) -> Result<Restored> {
    let renews = data.is_some() && keys.is_some();
    if data.is_some() && target.data.exists() {
        return Err(BackupError::Refused(format!(
            "{} is there, and a backup is put back into an empty place: move that file away, or name another folder with --store",
            target.data.display()
        )));
    }
    let has_keys = target.keys.exists();
    if keys.is_some() && has_keys && !renews {
        return Err(keys_there(target));
    }
    if data.is_some() && keys.is_none() && !has_keys {
        return Err(BackupError::Refused(format!(
            "there are no keys in {}: name today's with --keys; or, if they are lost, the newest copy of them with --keys-from",
            target.keys.display()
        )));
    }
    let keys = keys.map(|from| Chosen::of(from, Side::Keys)).transpose()?;
    let data = data.map(|from| Chosen::of(from, Side::Data)).transpose()?;
    if let (Some(data), Some(keys)) = (&data, &keys) {
        fit(data, keys)?;
        // What cannot be read, since it is damaged or served, is not what was put back.
        if has_keys && !is_put_back(keys, target, backend).unwrap_or(false) {
            return Err(keys_there(target));
        }
    }
    let fill = |copy: &Chosen, file: &Path| Filled::of(copy, file, renews, backend.fill);
    let new_keys = keys.as_ref().filter(|_| !has_keys).map(|copy| fill(copy, &target.keys)).transpose()?;
    let new_data = data.as_ref().map(|copy| fill(copy, &target.data)).transpose()?;
    // The data last: a store without data is not served from.
    new_keys.map(Filled::publish).transpose()?;
    new_data.map(Filled::publish).transpose().map_err(|fault| match &keys {
        Some(_) => {
            let path = target.keys.display();
            BackupError::Refused(format!(
                "the keys are put back ({path}), and the data not: {fault}; run the same command again"
            ))
        }
        None => fault,
    })?;
    Ok(Restored { data: data.map(|copy| copy.manifest), keys: keys.map(|copy| copy.manifest) })
}

fn keys_there(target: &Target) -> BackupError {
    BackupError::Refused(format!(
        "{} is there, and knows who was erased since the backup: put the data back beside it, without --keys-from. Keys are put \
         back only where they are lost",
        target.keys.display()
    ))
}

/// Whether two copies can be put back together: they are of the same stores, and no record lacks its key.
fn fit(data: &Chosen, keys: &Chosen) -> Result<()> {
    if data.manifest.store_id != keys.manifest.store_id {
        return Err(BackupError::Refused(
            "the copies of data and keys are of two stores: name those of one".to_owned(),
        ));
    }
    // A key is made before its record: only keys of an earlier time can lack some.
    if !keys.manifest.is_older_than(&data.manifest) {
        return Ok(());
    }
    let without = records_without_key(data.open()?, keys.open()?)?;
    if without == 0 {
        return Ok(());
    }
    let (data, keys) = (&data.manifest.time, &keys.manifest.time);
    Err(BackupError::Refused(format!(
        "the copy of the keys is as of {keys}, before that of the data, {data}, and lacks the keys of {without} customers: nobody could read \
         them. Name a copy of the data that is no newer; or, if there is none, put the keys back first, and then the data beside them"
    )))
}

/// Whether the keys that are there are those of the copy, as they are put back together with data.
fn is_put_back(copy: &Chosen, target: &Target, backend: &Backend<'_>) -> Result<bool> {
    let (mut opened, mut there) = (copy.open()?, (backend.read_keys)(&target.keys)?);
    let put_back = Pairs::new(|| Ok(opened.pairs()?.into_iter().map(renewed).collect()));
    same(put_back, Pairs::new(|| Ok(there.next(BLOCK_BYTES)?)))
}

/// Bytes of keys that are read at once.
const BLOCK_BYTES: usize = 64 << 10;

/// A store's file under its temporary name: dropping it removes it.
struct Filled {
    unfinished: PathBuf,
    file: PathBuf,
}

impl Filled {
    fn of(copy: &Chosen, file: &Path, renews: bool, fill: &Fill) -> Result<Self> {
        let mut opened = copy.open()?;
        folder::make_folder(file.parent().unwrap_or(Path::new(".")))?;
        let unfinished = file.with_extension("redb.part");
        match fs::remove_file(&unfinished) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(BackupError::file(&unfinished, cause)),
            // One that was ended before.
            _ => {}
        }
        let filled = Self { unfinished, file: file.to_owned() };
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

    /// Gives the file its name. A link never replaces what is there, as renaming would.
    fn publish(self) -> Result<()> {
        fs::hard_link(&self.unfinished, &self.file).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => {
                BackupError::Refused(format!("{} was made meanwhile, and is not written over", self.file.display()))
            }
            _ => BackupError::file(&self.file, cause),
        })?;
        let folder = self.file.parent().unwrap_or(Path::new(".")).to_owned();
        drop(self);
        folder::sync(&folder)
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.unfinished);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_made_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let (unfinished, file) = (folder.path().join("keys.redb.part"), folder.path().join("keys.redb"));
        let filled = || {
            fs::write(&unfinished, "put back").expect("written");
            Filled { unfinished: unfinished.clone(), file: file.clone() }
        };
        filled().publish().expect("is published");
        assert_eq!(fs::read_to_string(&file).expect("there"), "put back");
        fs::write(&file, "another's").expect("written");
        let Err(BackupError::Refused(why)) = filled().publish() else { panic!("it is there") };
        assert!(why.contains("is not written over"), "{why}");
        assert_eq!(fs::read_to_string(&file).expect("there"), "another's");
        assert!(!unfinished.exists(), "nothing is left");
    }
}
