//! Opening redb files.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::ErrorKind,
    os::{
        fd::AsRawFd,
        unix::fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use redb::{Database, DatabaseError, ReadableDatabase as _, StorageBackend, StorageError, backends};

use super::{
    Cache,
    engine::DATA,
    fault::{self, Fault, Stage, classify, damaged, failure},
    guard::guarded,
};
use crate::store::{Result, StoreError};

/// Opens the database: the first time and again after a failure.
pub struct Opener {
    /// For messages: the file's path.
    pub place: String,
    pub open: Box<dyn Fn() -> Result<Database> + Send + Sync>,
    /// Whether what was opened is still there, for whoever opens it next.
    pub is_there: Box<dyn Fn() -> Result<()> + Send + Sync>,
    /// Files that may take the place of the one that is open; `None`: nothing outlives the process.
    pub successors: Option<Successors>,
}

/// Only the owner may read what customers told: the body is sealed, but keys and times are not.
const MODE: u32 = 0o600;

/// What is added to a file's name for the one that is to take its place.
const SUCCESSOR: &str = ".new";
/// How often a file is opened again whose place another took meanwhile: each time a process has written it anew.
const OPEN_TRIES: usize = 8;

/// A file, made if it is not there. Its folder must exist.
pub fn file(path: PathBuf, cache: Cache) -> Opener {
    let place = path.display().to_string();
    let opened_as: Arc<Mutex<Option<Opened>>> = Arc::default();
    let is_there = {
        let (path, opened_as) = (path.clone(), opened_as.clone());
        move || is_there(&path, *opened_as.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let successors = Successors { path: path.clone(), opened_as: opened_as.clone(), cache };
    let open = move || {
        for _ in 0..OPEN_TRIES {
            let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).clone();
            let (database, opened) = open_with(&options, &path, cache)?;
            // Who served from it may have written it anew, and ended.
            if fs::metadata(&path).is_ok_and(|there| Identity::of(&there) == opened.identity) {
                // Of a process that was ended while it wrote: this one has the file.
                remove_if_there(&successor_of(&path))?;
                sync_folder(&path)?;
                *opened_as.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
                return Ok(database);
            }
        }
        Err(StoreError::Unavailable(format!("{} is replaced again and again", path.display()).into()))
    };
    Opener { place, open: Box::new(open), is_there: Box::new(is_there), successors: Some(successors) }
}

fn open_with(options: &OpenOptions, path: &Path, cache: Cache) -> Result<(Database, Opened)> {
    let opened = options.open(path).map_err(DatabaseError::from_io).and_then(|file| {
        let metadata = file.metadata().map_err(DatabaseError::from_io)?;
        let opened = Opened { identity: Identity::of(&metadata), descriptor: file.as_raw_fd() };
        let backend = backends::FileBackend::new(file)?;
        Ok((builder(cache).create_with_backend(backend)?, opened))
    });
    opened.map_err(|error| explain(path, error))
}

/// Opens it, with the one table that every file has.
pub fn open(opener: &Opener) -> Result<Database> {
    guarded(|| open_unguarded(opener)).unwrap_or_else(|panic| Err(damaged(&opener.place, &panic)))
}

fn open_unguarded(opener: &Opener) -> Result<Database> {
    let database = (opener.open)()?;
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
    Ok(database)
}

/// The files that take the place of one, each of the one before.
pub struct Successors {
    path: PathBuf,
    opened_as: Arc<Mutex<Option<Opened>>>,
    cache: Cache,
}

/// A file that is to take the place of another one.
pub struct Successor {
    pub database: Database,
    opened: Opened,
}

impl Successors {
    /// Makes an empty file beside the one that is open. One that is there is of an attempt that failed.
    pub fn begin(&self) -> Result<Successor> {
        let path = successor_of(&self.path);
        remove_if_there(&path)?;
        let (database, opened) = open_with(&new(), &path, self.cache)?;
        Ok(Successor { database, opened })
    }

    /// Gives it the name of the one that is open, if that still has it. A crash leaves the one or the other.
    pub fn take_place(&self, successor: &Successor) -> Result<()> {
        let mut opened_as = self.opened_as.lock().unwrap_or_else(PoisonError::into_inner);
        is_there(&self.path, *opened_as)?;
        fs::rename(successor_of(&self.path), real(&self.path)).map_err(|cause| unavailable(&self.path, cause))?;
        *opened_as = Some(successor.opened);
        // Else a crash of the machine may bring the old one back, without what is written from now on.
        sync_folder(&self.path)
    }

    /// Whether it has the name, whatever came of the rest.
    pub fn has_place(&self, successor: &Successor) -> bool {
        let opened_as = self.opened_as.lock().unwrap_or_else(PoisonError::into_inner);
        opened_as.is_some_and(|opened| opened.identity == successor.opened.identity)
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
    let mut name = real(path).into_os_string();
    name.push(SUCCESSOR);
    name.into()
}

fn sync_folder(path: &Path) -> Result<()> {
    let file = real(path);
    let synced = File::open(file.parent().unwrap_or(Path::new("/"))).and_then(|folder| folder.sync_all());
    synced.map_err(|cause| unavailable(path, cause))
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(unavailable(path, cause)),
        _ => Ok(()),
    }
}

fn unavailable(path: &Path, cause: std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{} cannot take the place of what was there: {cause}", path.display()).into())
}

fn new() -> OpenOptions {
    OpenOptions::new().read(true).write(true).create_new(true).mode(MODE).clone()
}

/// The file that is open.
#[derive(Debug, Clone, Copy)]
struct Opened {
    identity: Identity,
    descriptor: i32,
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

/// Whether the file that is open is still the one with this name. One that was deleted or moved goes on to take writes, and who starts again
/// by this name finds none of them.
fn is_there(path: &Path, opened: Option<Opened>) -> Result<()> {
    let Some(Opened { identity, descriptor }) = opened else { return Ok(()) };
    let (place, process) = (path.display(), std::process::id());
    let what = match fs::metadata(path) {
        Ok(file) if Identity::of(&file) == identity => return Ok(()),
        Ok(_) => "replaced",
        Err(error) if error.kind() == ErrorKind::NotFound => "deleted or moved",
        Err(error) => return Err(StoreError::Misconfigured(format!("{place} cannot be looked at: {error}").into())),
    };
    let told = format!(
        "{place} was {what} while it was served. What was stored until then is in this process alone, and nothing is written meanwhile: do not stop \
         it. Move the file back; or, if it is gone, copy /proc/{process}/fd/{descriptor} to {place}, and then start again"
    );
    Err(StoreError::Misconfigured(told.into()))
}

/// A database in memory.
pub fn memory(cache: Cache) -> Opener {
    backend(backends::InMemoryBackend::new, cache)
}

/// A database on a storage backend that the caller makes.
pub fn backend<B: StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static, cache: Cache) -> Opener {
    let place = "the store's file";
    let open = move || builder(cache).create_with_backend(make()).map_err(|error| explain(Path::new(place), error));
    Opener { place: place.to_owned(), open: Box::new(open), is_there: Box::new(|| Ok(())), successors: None }
}

/// Makes a file that must not be there.
///
/// # Errors
/// Those of [`file`]; `Unavailable` if it is there.
pub fn new_file(path: &Path, cache: Cache) -> Result<Database> {
    open_with(&new(), path, cache).map(|(database, _)| database)
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
