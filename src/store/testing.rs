//! Real stores for unit tests.

use std::sync::Arc;

use super::{
    Store,
    keystore::KeyStore,
    redb::{RedbKeys, RedbStore},
};

/// Two new stores that are gone with the test.
pub fn in_memory() -> (Arc<dyn Store>, Arc<dyn KeyStore>) {
    (Arc::new(RedbStore::in_memory().expect("opens")), Arc::new(RedbKeys::in_memory().expect("opens")))
}
