//! Opening redb files.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind},
    os::{
        fd::AsRawFd,
        unix::fs::{FileExt as _, MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use redb::{Database, DatabaseError, ReadableDatabase as _, StorageBackend, StorageError, backends};

use super::{
    Cache,
    engine::{DATA, Place},
    fault::{self, Fault, Stage, classify, damaged, failure},
    guard::guarded,
};
use crate::store::{Result, StoreError};

/// A database, and what it lies in.
pub type Opened = (Database, Box<dyn Place>);

/// Opens the database: the first time and again after a failure.
pub struct Opener {
    /// For messages: the file's path.
    pub place: String,
    pub open: Box<dyn Fn() -> Result<Opened> + Send + Sync>,
    /// Files that may take the place of the one that is open; `None`: nothing outlives the process.
    pub successors: Option<Successors>,
}

/// Only the owner may read what customers told: the body is sealed, but keys and times are not.
const MODE: u32 = 0o600;

/// The beginning of a redb file, which every commit changes: it says where the data begin, and the number of the commit.
const HEAD_BYTES: usize = 512;
/// What is added to a file's name for the one that is to take its place.
const SUCCESSOR: &str = ".new";
/// The same for an empty file that shows whether one could be made.
const PROBE: &str = ".probe";
/// How often a file is opened again whose place another took meanwhile: each time a process has written it anew.
const OPEN_TRIES: usize = 8;

/// A file, made if it is not there. Its folder must exist.
pub fn file(path: PathBuf, cache: Cache) -> Opener {
    let place = path.display().to_string();
    let successors = Successors { path: path.clone(), cache };
    let open = move || {
        for _ in 0..OPEN_TRIES {
            let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).clone();
            let (database, opened) = open_with(&options, &path, &path, cache)?;
            // Who served from it may have written it anew, and ended.
            if opened.is_there().is_ok() {
                // Of a process that was ended while it wrote: this one has the file. What cannot be removed is told by whoever writes it anew.
                if remove_if_there(&successor_of(&path)).is_ok() {
                    sync_folder(&path)?;
                }
                return Ok((database, Box::new(opened) as Box<dyn Place>));
            }
        }
        Err(StoreError::Unavailable(format!("{} is replaced again and again", path.display()).into()))
    };
    Opener { place, open: Box::new(open), successors: Some(successors) }
}

/// Opens `path`, which is or will be called `name`.
fn open_with(options: &OpenOptions, path: &Path, name: &Path, cache: Cache) -> Result<(Database, OpenFile)> {
    let opened = options.open(path).map_err(DatabaseError::from_io).and_then(|file| {
        // The same open file: redb's lock is of both, and ends when redb unlocks it.
        let opened = OpenFile::of(name.to_owned(), &file).map_err(DatabaseError::from_io)?;
        let backend = backends::FileBackend::new(file)?;
        Ok((builder(cache).create_with_backend(backend)?, opened))
    });
    opened.map_err(|error| explain(path, error))
}

/// Opens it, with the one table that every file has.
pub fn open(opener: &Opener) -> Result<Opened> {
    guarded(|| open_unguarded(opener)).unwrap_or_else(|panic| Err(damaged(&opener.place, &panic)))
}

fn open_unguarded(opener: &Opener) -> Result<Opened> {
    let (database, mut place) = (opener.open)()?;
    let prepare = || -> std::result::Result<(), Fault> {
        if database.begin_read()?.open_table(DATA).is_ok() {
            return Ok(());
        }
        let transaction = database.begin_write()?;
        transaction.open_table(DATA)?;
        transaction.commit()?;
        Ok(())
    };
    prepare().map_err(|fault| match fault {
        Fault::Refused(error) => error,
        Fault::Storage(error) => match failure(classify(&error), Stage::Before, &error.to_string()) {
            StoreError::Corrupt(cause) => damaged(&opener.place, &cause),
            other => other,
        },
    })?;
    place.note_written();
    Ok((database, place))
}

/// The files that take the place of one, each of the one before.
#[derive(Clone)]
pub struct Successors {
    path: PathBuf,
    cache: Cache,
}

impl Successors {
    /// Whether one could be made, as far as that shows without a file of the size: nothing is in its place, and the folder takes files.
    pub fn may_begin(&self) -> Result<()> {
        let path = successor_of(&self.path);
        if path.is_dir() {
            return Err(no_successor(&self.path, &ErrorKind::IsADirectory.into()));
        }
        let probe = with_ending(&self.path, PROBE);
        let made = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&probe);
        made.and_then(|_| fs::remove_file(&probe)).map_err(|cause| no_successor(&self.path, &cause))
    }

    /// Makes an empty file beside the one that is open. One that is there is of an attempt that failed.
    pub fn begin(&self) -> Result<Opened> {
        let path = successor_of(&self.path);
        remove_if_there(&path).map_err(|cause| no_successor(&self.path, &cause))?;
        self.may_begin()?;
        let (database, opened) = open_with(&new(), &path, &self.path, self.cache)?;
        Ok((database, Box::new(opened)))
    }

    /// Gives it the name of the one that is open. A crash leaves the one or the other.
    pub fn take_name(&self) -> Result<()> {
        fs::rename(successor_of(&self.path), real(&self.path)).map_err(|cause| no_successor(&self.path, &cause))
    }

    /// Returns once a crash of the machine cannot give the name back.
    pub fn sync(&self) -> Result<()> {
        sync_folder(&self.path)
    }

    /// Removes one that does not take the place.
    pub fn give_up(&self) {
        let _ = remove_if_there(&successor_of(&self.path));
    }
}

/// The file itself, where the name is a link.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn successor_of(path: &Path) -> PathBuf {
    with_ending(path, SUCCESSOR)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = real(path).into_os_string();
    name.push(ending);
    name.into()
}

fn sync_folder(path: &Path) -> Result<()> {
    let file = real(path);
    let synced = File::open(file.parent().unwrap_or(Path::new("/"))).and_then(|folder| folder.sync_all());
    synced.map_err(|cause| no_successor(path, &cause))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// Why no new file takes the place of one, and what to do about it.
fn no_successor(path: &Path, cause: &io::Error) -> StoreError {
    let (place, successor) = (path.display(), successor_of(path));
    let told = |cure: &str| format!("{place} cannot be written anew ({cause}): {cure}").into();
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreError::Full(told("make room for a second file of its size"))
        }
        ErrorKind::IsADirectory => {
            let cure = format!("a folder lies where the new file is written; move {} away", successor.display());
            StoreError::Misconfigured(told(&cure))
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            StoreError::Misconfigured(told("let the service make files in its folder"))
        }
        // A file that is a mount of its own.
        ErrorKind::ResourceBusy | ErrorKind::CrossesDevices => {
            StoreError::Misconfigured(told("mount its folder, and not the file"))
        }
        _ => StoreError::Unavailable(told("it is tried again")),
    }
}

fn new() -> OpenOptions {
    OpenOptions::new().read(true).write(true).create_new(true).mode(MODE).clone()
}

/// The file that is open.
struct OpenFile {
    path: PathBuf,
    file: File,
    identity: Identity,
    /// As this process wrote it last.
    head: Vec<u8>,
}

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(file: &Metadata) -> Self {
        Self { device: file.dev(), inode: file.ino() }
    }
}

impl OpenFile {
    fn of(path: PathBuf, file: &File) -> io::Result<Self> {
        let identity = Identity::of(&file.metadata()?);
        Ok(Self { path, file: file.try_clone()?, identity, head: Vec::new() })
    }

    fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = vec![0; HEAD_BYTES];
        let read = self.file.read_at(&mut head, 0)?;
        head.truncate(read);
        Ok(head)
    }
}

impl Place for OpenFile {
    fn note_written(&mut self) {
        // What cannot be read now is told when it is looked at.
        self.head = self.head().unwrap_or_default();
    }

    fn is_own(&self) -> Result<()> {
        let place = self.path.display();
        match self.head() {
            Ok(head) if head == self.head => Ok(()),
            Ok(_) => Err(StoreError::Unfit(
                format!(
                    "{place} was overwritten by another process while it was served, and nothing of it can be trusted any more: stop this server, \
                     put the right file back, or restore a backup, and start again; what cannot be had back is given up with `rapport store adopt`"
                )
                .into(),
            )),
            Err(error) => Err(StoreError::Unavailable(format!("{place} cannot be read: {error}").into())),
        }
    }

    /// One that was deleted or moved goes on to take writes, and who starts again by this name finds none of them.
    fn is_there(&self) -> Result<()> {
        let (place, process, descriptor) = (self.path.display(), std::process::id(), self.file.as_raw_fd());
        let what = match fs::metadata(&self.path) {
            Ok(file) if Identity::of(&file) == self.identity => return Ok(()),
            Ok(_) => "replaced",
            Err(error) if error.kind() == ErrorKind::NotFound => "deleted or moved",
            Err(error) => {
                return Err(StoreError::Misconfigured(format!("{place} cannot be looked at: {error}").into()));
            }
        };
        let told = format!(
            "{place} was {what} while it was served. What was stored until then is in this process alone, and nothing is written meanwhile: do not \
             stop it. Move the file back; or, if it is gone, copy /proc/{process}/fd/{descriptor} to {place}, and then start again"
        );
        Err(StoreError::Misconfigured(told.into()))
    }
}

/// What is nobody else's.
struct OwnMemory;

impl Place for OwnMemory {
    fn note_written(&mut self) {}

    fn is_own(&self) -> Result<()> {
        Ok(())
    }

    fn is_there(&self) -> Result<()> {
        Ok(())
    }
}

/// A database in memory.
pub fn memory(cache: Cache) -> Opener {
    backend(backends::InMemoryBackend::new, cache)
}

/// A database on a storage backend that the caller makes.
pub fn backend<B: StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static, cache: Cache) -> Opener {
    let place = "the store's file";
    let open = move || {
        let opened = builder(cache).create_with_backend(make());
        let placed = opened.map(|database| (database, Box::new(OwnMemory) as Box<dyn Place>));
        placed.map_err(|error| explain(Path::new(place), error))
    };
    Opener { place: place.to_owned(), open: Box::new(open), successors: None }
}

/// Makes a file that must not be there.
///
/// # Errors
/// Those of [`file`]; `Unavailable` if it is there.
pub fn new_file(path: &Path, cache: Cache) -> Result<Database> {
    open_with(&new(), path, path, cache).map(|(database, _)| database)
}

fn builder(cache: Cache) -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(cache.bytes);
    builder
}

trait FromIo {
    fn from_io(error: std::io::Error) -> Self;
}

impl FromIo for DatabaseError {
    fn from_io(error: std::io::Error) -> Self {
        Self::Storage(error.into())
    }
}

fn is_no_store(error: &StorageError) -> bool {
    match error {
        StorageError::Corrupted(_) => true,
        StorageError::Io(cause) => fault::lacks_bytes(cause),
        _ => false,
    }
}

/// What went wrong and what to do about it.
fn explain(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.display();
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Unavailable(format!(
            "{path} is in use by another process. Stop that process (`fuser {path}` names it), or give this one \
             another file; one file serves one process. For several, use Redis."
        ).into()),
        DatabaseError::UpgradeRequired(version) => StoreError::Corrupt(format!(
            "{path} has the file format {version} of an older release; export it with that release and import it here"
        ).into()),
        DatabaseError::Storage(error) if is_no_store(&error) => {
            fault::damaged(&path.to_string(), &error.to_string())
        }
        error => {
            let error = redb::Error::from(error);
            let cause = format!("{path}: {error}");
            fault::failure(fault::classify(&error), fault::Stage::Before, &cause)
        }
    }
}
