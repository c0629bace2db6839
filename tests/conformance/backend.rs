//! One store of each kind, empty, for one test.

use std::{path::PathBuf, sync::Arc};

use rapport::store::{
    Store,
    keystore::KeyStore,
    layers::{Deadline, Deadlines, Observed},
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
    Options { prefix: redis::prefix(), allow_volatile: true, ..Options::default() }
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

/// The same behind the layers that `app.rs` puts around them, but for `whole`, which asks for marks.
fn layered(held: Held<dyn Store>) -> Held<dyn Store> {
    let store = Observed::new(Arc::new(Deadline::new(held.store, Deadlines::default())));
    Held { store: Arc::new(store), ..held }
}

pub async fn store_on_redb_layered() -> Held<dyn Store> {
    layered(store_on_redb().await)
}

pub async fn store_on_redis_layered() -> Held<dyn Store> {
    layered(store_on_redis().await)
}

pub async fn keys_on_redb() -> Held<dyn KeyStore> {
    let (folder, path) = folder("keys.redb");
    Held { store: Arc::new(RedbKeys::open(&path).unwrap()), _folder: Some(folder) }
}

pub async fn keys_on_redis() -> Held<dyn KeyStore> {
    let store = RedisKeys::connect(&redis::shared().url(), options()).await.unwrap();
    Held { store: Arc::new(store), _folder: None }
}

/// Makes a test of every scenario for each backend, and for stores also through the layers. A scenario is an async
/// function over the trait.
#[macro_export]
macro_rules! scenarios {
    (store_on_redb, store_on_redis: $($name:ident),* $(,)?) => {
        $crate::scenarios! { @module redb store_on_redb: $($name),* }
        $crate::scenarios! { @module redis store_on_redis: $($name),* }
        $crate::scenarios! { @module redb_layered store_on_redb_layered: $($name),* }
        $crate::scenarios! { @module redis_layered store_on_redis_layered: $($name),* }
    };
    ($redb:ident, $redis:ident: $($name:ident),* $(,)?) => {
        $crate::scenarios! { @module redb $redb: $($name),* }
        $crate::scenarios! { @module redis $redis: $($name),* }
    };
    (@module $module:ident $make:ident: $($name:ident),*) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let held = $crate::backend::$make().await;
                super::$name(std::sync::Arc::clone(&held.store)).await;
            })*
        }
    };
}
