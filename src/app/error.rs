//! Why the service does not start.

use std::net::SocketAddr;

use crate::{
    service::error::Error,
    store::{StoreError, sealing::LocalKeysError},
};

/// Why the service could not start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address of `listen` or `admin-listen`.
        address: SocketAddr,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A command that checks or copies a store was given the name of none.
    #[error("nothing was ever stored in {0}: name the store you mean with --store")]
    NoStore(String),
    /// `rapport copy` into the store did not end.
    #[error("a copy into this store has not ended: let `rapport copy` end, or empty the store and copy again")]
    HalfCopied,
    /// Data and keys of new stores would lie in one Redis server.
    #[error("{0}")]
    OneServer(String),
    /// The key store has keys that a new wrapping key would not open.
    #[error(
        "the wrapping key file {0} is missing, and a new key would not open the keys that are there: bring the file back, \
         or name it with --wrapping-key-file"
    )]
    WrappingKeyMissing(String),
    /// Two files hold two wrapping keys, and only one of them can be the store's.
    #[error(
        "two files hold different wrapping keys, {file} and {before} (where releases before made it): find out which one opens this store \
         (start with --wrapping-key-file naming it), and move the other one away"
    )]
    TwoWrappingKeys {
        /// Beside the folder of the keys.
        file: String,
        /// In it.
        before: String,
    },
    /// The folder of a file store is missing and cannot be made.
    #[error("the folder {path} cannot be made: {cause}")]
    Folder {
        /// As it was configured.
        path: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// The wrapping key cannot be read, or is not one.
    #[error(transparent)]
    WrappingKey(#[from] LocalKeysError),
    /// Store or key store refuse to be served from.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The wrapping key is not that of the keys, or the indexes could not be brought up to date.
    #[error(transparent)]
    Service(#[from] Error),
    /// A newer release wrote here.
    #[error("the store is of format {0}, which this release cannot write: start a newer release")]
    NewerFormat(u32),
    /// A release before the one before wrote here.
    #[error("the store is of format {0}, which this release no longer knows: run `rapport upgrade` of the one before")]
    OlderFormat(u32),
    /// A fault of this program, and not of its configuration.
    #[error("the service could not be put together: {0}")]
    Wiring(String),
}
