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

use redb::{Database, DatabaseError, StorageBackend, StorageError, backends};

use super::{
    Cache,
    engine::{Opener, Place},
    fault,
};
use crate::store::StoreError;

/// Only the owner may read what customers told: the body is sealed, but keys and times are not.
const MODE: u32 = 0o600;

/// The beginning of a redb file, which every commit changes: it says where the data begin, and the number of the commit.
const HEAD_BYTES: usize = 512;

/// A file, made if it is not there. Its folder must exist.
pub fn file(path: PathBuf, cache: Cache) -> Opener {
    let place = path.display().to_string();
    let open = move || {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).open(&path);
        let opened = options.map_err(DatabaseError::from_io).and_then(|file| {
            // The same open file: redb's lock is of both, and ends when redb unlocks it.
            let opened = OpenFile::of(path.clone(), &file).map_err(DatabaseError::from_io)?;
            let backend = backends::FileBackend::new(file)?;
            let database = builder(cache).create_with_backend(backend)?;
            Ok((database, Box::new(opened) as Box<dyn Place>))
        });
        opened.map_err(|error| explain(&path, error))
    };
    Opener { place, open: Box::new(open) }
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

    fn is_own(&self) -> crate::store::Result<()> {
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
    fn is_there(&self) -> crate::store::Result<()> {
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

    fn is_own(&self) -> crate::store::Result<()> {
        Ok(())
    }

    fn is_there(&self) -> crate::store::Result<()> {
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
