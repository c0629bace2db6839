//! Opening redb files.

use std::{
    fs::OpenOptions,
    io::ErrorKind,
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
    Box::new(move || {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).open(&path);
        let opened = options.map_err(DatabaseError::from_io).and_then(|file| {
            let backend = backends::FileBackend::new(file)?;
            builder(cache).create_with_backend(backend)
        });
        opened.map_err(|error| explain(&path, error))
    })
}

/// A database in memory.
pub fn memory(cache: Cache) -> Opener {
    Box::new(move || {
        let opened = builder(cache).create_with_backend(backends::InMemoryBackend::new());
        opened.map_err(|error| explain(Path::new("memory"), error))
    })
}

/// A database on a storage backend that the caller makes.
pub fn backend<B: StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static, cache: Cache) -> Opener {
    Box::new(move || builder(cache).create_with_backend(make()).map_err(|error| explain(Path::new("backend"), error)))
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

/// Whether what was read cannot be a whole store: other bytes at its beginning, an end that is missing.
fn is_no_store(error: &StorageError) -> bool {
    match error {
        StorageError::Corrupted(_) => true,
        StorageError::Io(cause) => matches!(cause.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof),
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
        DatabaseError::Storage(error) if is_no_store(&error) => StoreError::Corrupt(format!(
            "{path} is damaged, or not a store of Rapport ({error}): restore a backup, as docs/operate.md says"
        ).into()),
        error => {
            let error = redb::Error::from(error);
            let cause = format!("{path}: {error}");
            fault::failure(fault::classify(&error), fault::Stage::Before, &cause)
        }
    }
}
