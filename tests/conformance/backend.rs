//! One store of each kind, empty, for one test.

use std::{path::PathBuf, sync::Arc};

use rapport::store::{
    Store,
    keystore::KeyStore,
    redb::{Cache, RedbKeys, RedbStore},
    redis::{Options, RedisKeys, RedisStore},
};
use tempfile::TempDir;

use crate::common::redis;

/// What a test holds: a store, and what must outlive it.
pub struct Held<T: ?Sized> {
    pub store: Arc<T>,
    _folder: Option<TempDir>,
}

fn folder(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

pub fn options() -> Options {
    Options { prefix: redis::prefix(), allow_volatile: true }
}

pub async fn store_on_redb() -> Held<dyn Store> {
    let (folder, path) = folder("data.redb");
    let store = RedbStore::open(&path, Cache::default()).unwrap();
    Held { store: Arc::new(store), _folder: Some(folder) }
}

pub async fn store_on_redis() -> Held<dyn Store> {
    let store = RedisStore::connect(&redis::shared().url(), options()).await.unwrap();
    Held { store: Arc::new(store), _folder: None }
}

pub async fn keys_on_redb() -> Held<dyn KeyStore> {
    let (folder, path) = folder("keys.redb");
    Held { store: Arc::new(RedbKeys::open(&path).unwrap()), _folder: Some(folder) }
}

pub async fn keys_on_redis() -> Held<dyn KeyStore> {
    let store = RedisKeys::connect(&redis::shared().url(), options()).await.unwrap();
    Held { store: Arc::new(store), _folder: None }
}

/// Makes two tests of every scenario, one for each backend. A scenario is an async function over the trait.
#[macro_export]
macro_rules! scenarios {
    ($redb:ident, $redis:ident: $($name:ident),* $(,)?) => {
        mod redb {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let held = $crate::backend::$redb().await;
                super::$name(std::sync::Arc::clone(&held.store)).await;
            })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let held = $crate::backend::$redis().await;
                super::$name(std::sync::Arc::clone(&held.store)).await;
            })*
        }
    };
}
