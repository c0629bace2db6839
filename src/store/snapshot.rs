//! A store as of one moment, for copies of it: all its pairs in the order of their keys, whatever is written meanwhile. What an
//! engine inside this process implements to be copied while it serves; a server of its own, as Redis, copies itself.

use async_trait::async_trait;

use super::Result;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// A store that can be read as of one moment.
#[async_trait]
pub trait Snapshots: Send + Sync {
    /// The store as it is now: with every write that was acknowledged, and with no part of one.
    ///
    /// # Errors
    /// Those of a read.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>>;

    /// Writes anew what lies on disk: as [`super::keystore::KeyStore::rewrite`].
    ///
    /// # Errors
    /// As there; `Full` if there is no room for both files.
    async fn write_anew(&self) -> Result<()>;
}

/// A store as it was at one moment. Reading it takes long: not on a thread of the runtime.
pub trait Snapshot: Send {
    /// The next pairs in the order of their keys, of about so many bytes, at least one; none: there are no more.
    ///
    /// # Errors
    /// Those of a read; afterwards it is of no use.
    fn next(&mut self, bytes: usize) -> Result<Vec<Pair>>;
}
