//! Opening redb files.

use std::{
    fs::{self, Metadata, OpenOptions},
    io::ErrorKind,
    os::{
        fd::AsRawFd,
        unix::fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use redb::{Database, DatabaseError, StorageBackend, StorageError, backends};

use super::{Cache, engine::Opener, fault};
use crate::store::StoreError;

/// Only the owner may read what customers told: the body is sealed, but keys and times are not.
const MODE: u32 = 0o600;

/// A file, made if it is not there. Its folder must exist.
pub fn file(path: PathBuf, cache: Cache) -> Opener {
    let place = path.display().to_string();
    let opened_as: Arc<Mutex<Option<Opened>>> = Arc::default();
    let is_there = {
        let (path, opened_as) = (path.clone(), opened_as.clone());
        move || is_there(&path, *opened_as.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let open = move || {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).open(&path);
        let opened = options.map_err(DatabaseError::from_io).and_then(|file| {
            let metadata = file.metadata().map_err(DatabaseError::from_io)?;
            let opened = Opened { identity: Identity::of(&metadata), descriptor: file.as_raw_fd() };
            let backend = backends::FileBackend::new(file)?;
            let database = builder(cache).create_with_backend(backend)?;
            *opened_as.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
            Ok(database)
        });
        opened.map_err(|error| explain(&path, error))
    };
    Opener { place, open: Box::new(open), is_there: Box::new(is_there) }
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
fn is_there(path: &Path, opened: Option<Opened>) -> crate::store::Result<()> {
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
    Opener { place: place.to_owned(), open: Box::new(open), is_there: Box::new(|| Ok(())) }
}

/// Makes a file that must not be there.
///
/// # Errors
/// Those of [`file`]; `Unavailable` if it is there.
pub fn new_file(path: &Path, cache: Cache) -> crate::store::Result<Database> {
    let options = OpenOptions::new().read(true).write(true).create_new(true).mode(MODE).open(path);
    let opened = options.map_err(DatabaseError::from_io).and_then(|file| {
        let backend = backends::FileBackend::new(file)?;
        builder(cache).create_with_backend(backend)
    });
    opened.map_err(|error| explain(path, error))
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
