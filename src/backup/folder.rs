//! Copies as folders: written under a temporary name, read back, and renamed last. So a folder without that name is a whole copy, or one
//! that was damaged since.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    BackupError, Places, Result,
    manifest::{self, Hashed, Manifest, ManifestFault},
    stream::{self, Reader},
};
use crate::{
    domain::Timestamp,
    hex::hex,
    store::{
        self,
        fitness::{Mark, Side},
        snapshot::{Pair, Snapshot},
    },
};

/// Only the owner may read what customers told: the records are sealed, but keys and times are not.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// What the name of a copy ends with while it is written, or removed.
pub const UNFINISHED: &str = ".part";
/// As of when it is, in a copy's name.
const TIME: &str = "%Y%m%dT%H%M%SZ";
const BUFFER_BYTES: usize = 256 << 10;

/// A whole copy.
#[derive(Debug, Clone)]
pub struct Copied {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it is.
    pub manifest: Manifest,
}

/// A folder under its temporary name: dropping it removes it.
struct Unfinished {
    folder: PathBuf,
    is_finished: bool,
    /// Held until it has its name: another backup removes what nobody is writing.
    _lock: File,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            // What stays is named as unfinished, and is removed by the next backup.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A copy that was written, and has not its name yet.
pub struct Unpublished {
    unfinished: Unfinished,
    copied: Copied,
    /// The marks that are in it, of all buckets.
    pub marks: Vec<Option<Mark>>,
}

impl Unpublished {
    /// Reads it back, and compares it with what was written.
    pub fn read_back(&self, side: Side, go_on: &dyn Fn() -> bool) -> Result<()> {
        let mut written = Opened::open(&self.unfinished.folder, side)?;
        while !written.pairs()?.is_empty() {
            if !go_on() {
                return Err(BackupError::Stopped);
            }
        }
        written.finish().map(drop)
    }

    /// Gives the copy its name.
    pub fn publish(mut self) -> Result<Copied> {
        let folder = &self.copied.folder;
        unless_there(folder)?;
        fs::rename(&self.unfinished.folder, folder).map_err(|cause| BackupError::file(folder, cause))?;
        self.unfinished.is_finished = true;
        sync(folder.parent().unwrap_or(Path::new(".")))?;
        Ok(self.copied)
    }
}

/// Writes a copy into a folder of its own in `place`.
pub fn write(
    place: &Path,
    side: Side,
    time_ms: i64,
    snapshot: &mut dyn Snapshot,
    go_on: &dyn Fn() -> bool,
) -> Result<Unpublished> {
    make_folder(place)?;
    let folder = place.join(name(side, time_ms));
    let temporary = with_ending(&folder);
    unless_there(&folder)?;
    DirBuilder::new().mode(FOLDER_MODE).create(&temporary).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Refused(format!(
            "{} is there: another backup of this second is under way, or was ended; try again",
            temporary.display()
        )),
        _ => BackupError::file(&temporary, cause),
    })?;
    let unfinished = Unfinished { _lock: locked(&temporary)?, folder: temporary, is_finished: false };
    let (manifest, marks) = write_files(&unfinished.folder, (side, time_ms), snapshot, go_on)?;
    Ok(Unpublished { unfinished, copied: Copied { folder, manifest }, marks })
}

fn locked(folder: &Path) -> Result<File> {
    let opened = File::open(folder).map_err(|cause| BackupError::file(folder, cause))?;
    // Some file systems have no locks: what is left on them is removed after a day.
    let _ = opened.try_lock();
    Ok(opened)
}

fn write_files(
    folder: &Path,
    (side, time_ms): (Side, i64),
    snapshot: &mut dyn Snapshot,
    go_on: &dyn Fn() -> bool,
) -> Result<(Manifest, Vec<Option<Mark>>)> {
    let path = folder.join(manifest::file_name(side));
    let fault = |cause| BackupError::file(&path, cause);
    let mut out = Hashed::new(BufWriter::with_capacity(BUFFER_BYTES, new_file(&path)?));
    let tally = stream::write(&mut out, &path.display().to_string(), (side, time_ms), snapshot, go_on)?;
    let manifest = Manifest::new(side, time_ms, &tally, out.bytes, out.sha256());
    let file = out.inner.into_inner().map_err(|error| fault(error.into_error()))?;
    file.sync_all().map_err(fault)?;
    let path = folder.join(manifest::NAME);
    let mut file = new_file(&path)?;
    let text = manifest.text().map_err(io::Error::from);
    let written = text.and_then(|text| file.write_all(text.as_bytes())).and_then(|()| file.sync_all());
    written.map_err(|cause| BackupError::file(&path, cause))?;
    sync(folder)?;
    Ok((manifest, tally.marks))
}

/// A copy that is read from the first pair to the last.
pub struct Opened {
    folder: PathBuf,
    manifest: Manifest,
    reader: Reader<Hashed<BufReader<File>>>,
}

impl Opened {
    pub fn open(folder: &Path, side: Side) -> Result<Self> {
        let manifest = manifest_of(folder, side)?;
        let path = folder.join(manifest::file_name(side));
        let file = File::open(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => damaged(folder, &format!("{} is missing", manifest::file_name(side))),
            _ => BackupError::file(&path, cause),
        })?;
        let input = Hashed::new(BufReader::with_capacity(BUFFER_BYTES, file));
        let reader = Reader::begin(input, side).map_err(|fault| unread(folder, fault))?;
        Ok(Self { folder: folder.to_owned(), manifest, reader })
    }

    /// What it must be.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The next pairs; none after the last.
    pub fn pairs(&mut self) -> Result<Vec<Pair>> {
        self.reader.next(0).map_err(|fault| unread(&self.folder, fault))
    }

    /// Whether what was read is what was written. Until then nothing of it may be believed.
    pub fn finish(self) -> Result<Manifest> {
        let (time_ms, tally) = (self.reader.time_ms, self.reader.tally.clone());
        let mut input = self.reader.into_inner();
        let more = input.read(&mut [0]).map_err(|cause| BackupError::file(&self.folder, cause))?;
        if more > 0 {
            return Err(damaged(&self.folder, "something follows its end"));
        }
        let fits = self.manifest.fits(time_ms, &tally, input.bytes, &input.sha256());
        fits.map_err(|cause| damaged(&self.folder, &cause))?;
        Ok(self.manifest)
    }
}

fn damaged(folder: &Path, cause: &str) -> BackupError {
    BackupError::Damaged { place: folder.display().to_string(), cause: cause.to_owned() }
}

fn unread(folder: &Path, fault: store::StoreError) -> BackupError {
    match fault {
        store::StoreError::Corrupt(cause) | store::StoreError::Unavailable(cause) => damaged(folder, &cause),
        other => other.into(),
    }
}

pub fn manifest_of(folder: &Path, side: Side) -> Result<Manifest> {
    let path = folder.join(manifest::NAME);
    let bytes = fs::read(&path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => damaged(folder, "it has no manifest"),
        _ => BackupError::file(&path, cause),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| damaged(folder, "its manifest was changed"))?;
    Manifest::parse(&text, side).map_err(|fault| match fault {
        ManifestFault::Changed => damaged(folder, &fault.to_string()),
        // Whole, and something else.
        fault => BackupError::Refused(format!("{} {fault}", folder.display())),
    })
}

/// The copy that a folder is; or else the newest of the copies in it.
pub fn find(folder: &Path, side: Side) -> Result<PathBuf> {
    if folder.join(manifest::NAME).exists() || folder.join(manifest::file_name(side)).exists() {
        return Ok(folder.to_owned());
    }
    let all = list(folder, side)?;
    let stores: BTreeSet<Option<String>> =
        all.iter().filter_map(|(_, copy)| Some(manifest_of(copy, side).ok()?.store_id)).collect();
    if stores.len() > 1 {
        let place = folder.display();
        return Err(BackupError::Refused(format!("{place} has copies of several stores: name the folder of one copy")));
    }
    let newest = all.into_iter().next_back().map(|(_, copy)| copy);
    newest.ok_or_else(|| {
        let (side, place) = (manifest::side_name(side), folder.display());
        BackupError::Refused(format!(
            "there is no copy of the {side} in {place}: name the folder that `rapport backup` wrote into"
        ))
    })
}

/// The copies of a side in a place, the oldest first, with the seconds as of which they are.
pub fn list(place: &Path, side: Side) -> Result<Vec<(i64, PathBuf)>> {
    let fault = |cause| BackupError::file(place, cause);
    let mut found = Vec::new();
    for entry in fs::read_dir(place).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let time = path.file_name().and_then(OsStr::to_str).and_then(|name| time_of(name, side));
        found.extend(time.map(|time| (time, path)));
    }
    found.sort();
    Ok(found)
}

/// As of when the newest backup of a store is, in seconds since 1970: of the copies of data and of keys, that which is older. `None`: there is
/// none, or nothing can be read there. Copies of other stores do not count, and none of the future: the clock was wrong.
pub fn newest(places: &Places, store_id: Option<[u8; 16]>, now: i64) -> Option<i64> {
    let store = store_id.map(|id| hex(&id));
    let newest = |place: &Path, side| {
        let mut latest = list(place, side).unwrap_or_default().into_iter().rev().filter(|(time, _)| *time <= now);
        latest.find(|(_, copy)| is_of(copy, side, store.as_ref())).map(|(time, _)| time)
    };
    Some(newest(&places.data, Side::Data)?.min(newest(&places.keys, Side::Keys)?))
}

/// Whether a copy can be taken for one of this store; `None`: of stores without marks.
pub fn is_of(copy: &Path, side: Side, store: Option<&String>) -> bool {
    manifest_of(copy, side).is_ok_and(|there| there.store_id.as_ref() == store)
}

fn name(side: Side, time_ms: i64) -> String {
    let time = Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::MIN);
    format!("{}-{}", manifest::side_name(side), time.strftime(TIME))
}

/// The reverse of [`name`], in seconds; `None` if it is none.
pub fn time_of(name: &str, side: Side) -> Option<i64> {
    let time = name.strip_prefix(manifest::side_name(side))?.strip_prefix('-')?;
    let time = DateTime::strptime(TIME, time).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (self::name(side, time.as_millisecond()) == name).then(|| time.as_second())
}

pub fn with_ending(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

fn unless_there(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(BackupError::file(path, cause)),
        Ok(_) => Err(BackupError::Refused(format!("{} is there, and is not written over: try again", path.display()))),
    }
}

/// A folder that only its owner may enter, if it is not there.
pub fn make_folder(folder: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder);
    made.map_err(|cause| BackupError::file(folder, cause))
}

fn new_file(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path);
    opened.map_err(|cause| BackupError::file(path, cause))
}

/// Makes the names in a folder as lasting as its files.
pub fn sync(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| BackupError::file(folder, cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_side_and_time() {
        let name = name(Side::Keys, 1_793_592_000_999);
        assert_eq!(name, "keys-20261102T040000Z");
        assert_eq!(time_of(&name, Side::Keys), Some(1_793_592_000));
        for other in
            ["data-20261102T040000Z", "keys-20261102T040000Z.part", "keys-20261102", "keys-20261302T040000Z", "keys"]
        {
            assert_eq!(time_of(other, Side::Keys), None, "{other}");
        }
    }
}
