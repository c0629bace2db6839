//! Opening redb files.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use redb::{Database, DatabaseError, StorageBackend, StorageError, backends};

use super::{Cache, engine::Opener, fault};
use crate::store::StoreError;

/// Only the owner may read what customers told: the body is sealed, but keys and times are not.
const MODE: u32 = 0o600;

/// A file, made if it is not there. Its folder must exist.
pub fn file(path: PathBuf, cache: Cache) -> Opener {
    let place = path.display().to_string();
    let open = move || {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).open(&path);
        let opened = options.map_err(DatabaseError::from_io).and_then(|file| {
            let backend = backends::FileBackend::new(file)?;
            builder(cache).create_with_backend(backend)
        });
        opened.map_err(|error| explain(&path, error))
    };
    Opener { place, open: Box::new(open) }
}

/// A database in memory.
pub fn memory(cache: Cache) -> Opener {
    backend(backends::InMemoryBackend::new, cache)
}

/// A database on a storage backend that the caller makes.
pub fn backend<B: StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static, cache: Cache) -> Opener {
    let place = "the store's file";
    let open = move || builder(cache).create_with_backend(make()).map_err(|error| explain(Path::new(place), error));
    Opener { place: place.to_owned(), open: Box::new(open) }
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
