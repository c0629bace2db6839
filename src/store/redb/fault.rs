//! What redb's errors mean to a caller. The only place that looks at them.

use std::io;

use crate::store::StoreError;

/// Why a read or write did not do what it should.
pub enum Fault {
    /// The caller's own: a conflict, damage. Others are not concerned.
    Refused(StoreError),
    /// The file's: the whole transaction is void.
    Storage(redb::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

macro_rules! storage_faults {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Storage(error.into())
            }
        })*
    };
}

storage_faults!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);

/// How far a write had come when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked of the disk that could be seen after opening again.
    Before,
    /// The commit was under way: the new root may be on disk or not.
    Committing,
}

/// What kind of error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Full,
    Io,
    Damaged,
}

pub fn classify(error: &redb::Error) -> Class {
    match error {
        redb::Error::Io(cause) if no_room(cause) => Class::Full,
        // What is read lies where nothing is, or is not the one table that every file has.
        redb::Error::Io(cause) if lacks_bytes(cause) => Class::Damaged,
        redb::Error::Corrupted(_)
        // Only a panic over a page leaves locks so.
        | redb::Error::LockPoisoned(_)
        | redb::Error::TransactionPoisoned
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. } => Class::Damaged,
        _ => Class::Io,
    }
}

/// Whether what was read cannot be a whole store: other bytes at its beginning, an end that is missing.
pub fn lacks_bytes(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

/// A file with damage, and what to do about it.
pub fn damaged(place: &str, cause: &str) -> StoreError {
    StoreError::Corrupt(
        format!("{place} is damaged, or not a store of Rapport ({cause}): restore a backup, as docs/operate.md says")
            .into(),
    )
}

/// The error for the caller.
///
/// A full disk is certain at every stage: room is needed for the data only, which is synced before the root is written
/// over the old one, in place.
pub fn failure(class: Class, stage: Stage, cause: &str) -> StoreError {
    match (class, stage) {
        (Class::Full, _) => StoreError::Full(format!("no room on the disk of the store's file: {cause}").into()),
        (Class::Damaged, Stage::Before) => StoreError::Corrupt(cause.into()),
        (Class::Io, Stage::Before) => StoreError::Unavailable(cause.into()),
        (Class::Io | Class::Damaged, Stage::Committing) => StoreError::Unknown(cause.into()),
    }
}
