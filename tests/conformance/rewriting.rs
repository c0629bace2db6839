//! A file of keys that is written anew while it is used: what lived is there, what was replaced is not, and whoever copies or writes it meanwhile
//! notices nothing.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, sync::Arc};

use bytes::Bytes;
use rapport::{
    domain::id::CustomerId,
    store::{
        StoreError,
        keystore::{KeyEntry, KeyName, KeyStore},
        redb::RedbKeys,
        snapshot::{Pair, Snapshot, Snapshots as _},
    },
};

use crate::make::{NOW, tenant};

/// Enough for many pages.
const KEYS: u16 = 2_000;
const BLOCK: usize = 4_096;

fn name(number: u16) -> KeyName {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    KeyName::Customer(tenant("acme"), CustomerId::from_bytes(id))
}

fn wrapped(number: u16) -> Bytes {
    format!("<the wrapped key {number:05}>").into_bytes().into()
}

async fn put(keys: &RedbKeys, numbers: std::ops::Range<u16>) {
    let put = numbers.map(|number| async move { keys.put_new(&name(number), wrapped(number)).await.unwrap() });
    futures_util::future::join_all(put).await;
}

fn holds(file: &Path, number: u16) -> bool {
    let bytes = fs::read(file).unwrap();
    bytes.windows(wrapped(number).len()).any(|part| part == wrapped(number))
}

fn all(snapshot: &mut dyn Snapshot) -> Vec<Pair> {
    std::iter::from_fn(|| Some(snapshot.next(BLOCK).unwrap()).filter(|pairs| !pairs.is_empty())).flatten().collect()
}

async fn remove_copies(keys: &Arc<RedbKeys>) {
    let keys: &dyn KeyStore = keys.as_ref();
    let copies = keys.copies().await.unwrap().expect("there may be some");
    keys.remove_copies(copies).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destroyed_key_is_in_the_file_until_it_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let keys = Arc::new(RedbKeys::open(&path).unwrap());
    put(&keys, 0..KEYS).await;
    // One that a freed page keeps: which pages are used again is redb's to choose.
    let mut left = None;
    for number in 0..KEYS {
        keys.bury(&name(number), NOW).await.unwrap();
        if holds(&path, number) {
            left = Some(number);
            break;
        }
    }
    let destroyed = left.expect("a key that is destroyed, and there");
    let before = fs::metadata(&path).unwrap();
    let living = keys.dump().await.unwrap();
    remove_copies(&keys).await;
    let after = fs::metadata(&path).unwrap();
    assert!(before.ino() != after.ino() && after.mode() & 0o777 == 0o600);
    for number in 0..=destroyed {
        assert!(!holds(&path, number), "{number}");
    }
    assert!(holds(&path, KEYS - 1));
    let is_note = |name: &[u8]| name.starts_with(b"key-destroyed:") || name.starts_with(b"key-copies-removed:");
    let entries = |pairs: Vec<Pair>| pairs.into_iter().filter(|(name, _)| !is_note(name)).collect::<Vec<_>>();
    assert_eq!(entries(keys.dump().await.unwrap()), entries(living));
    assert_eq!((keys.as_ref() as &dyn KeyStore).copies().await.unwrap(), None);
    keys.ready().await.unwrap();

    keys.put_new(&name(KEYS), wrapped(KEYS)).await.unwrap();
    drop(keys);
    let keys = RedbKeys::open(&path).unwrap();
    assert_eq!(keys.get(&name(destroyed)).await.unwrap(), Some(KeyEntry::Tombstone));
    assert_eq!(keys.get(&name(KEYS)).await.unwrap(), Some(KeyEntry::Wrapped(wrapped(KEYS))));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_and_writes_go_on_while_a_file_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let keys = Arc::new(RedbKeys::open(&path).unwrap());
    put(&keys, 0..KEYS).await;
    let before = keys.dump().await.unwrap();
    let mut snapshot = keys.snapshot().unwrap();
    let first = snapshot.next(BLOCK).unwrap();
    let mut later = None;
    for round in 1..4 {
        keys.bury(&name(round), NOW).await.unwrap();
        let writes = put(&keys, KEYS * round..KEYS * (round + 1));
        tokio::join!(writes, remove_copies(&keys));
        later.get_or_insert_with(|| keys.snapshot().unwrap());
    }
    let copied: Vec<Pair> = first.into_iter().chain(all(snapshot.as_mut())).collect();
    assert_eq!(copied, before, "as of its moment");
    drop(snapshot);
    assert!(all(later.unwrap().as_mut()).len() > usize::from(2 * KEYS), "one of a file that was replaced twice");
    for number in 0..KEYS * 4 {
        let is_destroyed = (1..4).contains(&number);
        let entry = keys.get(&name(number)).await.unwrap().expect("nothing is lost");
        assert_eq!(entry == KeyEntry::Tombstone, is_destroyed, "{number}");
    }
    keys.ready().await.unwrap();
    drop(keys);
    RedbKeys::open(&path).expect("nobody has it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_moved_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (path, aside) = (folder.path().join("keys.redb"), folder.path().join("aside"));
    let keys = RedbKeys::open(&path).unwrap();
    put(&keys, 0..9).await;
    fs::rename(&path, &aside).unwrap();
    assert!(matches!(keys.rewrite().await, Err(StoreError::Misconfigured(_))));
    assert!(!path.exists() && holds(&aside, 1));
    fs::rename(&aside, &path).unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    keys.rewrite().await.unwrap();
    assert_ne!(fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(KeyEntry::Wrapped(wrapped(1))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_when_a_process_was_ended_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, begun) = (folder.path().join("keys.redb"), folder.path().join("keys.redb.new"));
    drop(RedbKeys::open(&path).unwrap());
    fs::write(&begun, "half a file, with a key in it").unwrap();
    let keys = RedbKeys::open(&path).unwrap();
    assert!(!begun.exists());
    // Another process that is refused leaves what the first one writes.
    fs::write(&begun, "of the first process").unwrap();
    assert!(RedbKeys::open(&path).is_err() && begun.exists());
    keys.rewrite().await.unwrap();
    assert!(!begun.exists());
}

/// A link stays one: the file that it leads to is what is written anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_behind_a_link_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (link, file) = (folder.path().join("keys.redb"), folder.path().join("elsewhere.redb"));
    drop(RedbKeys::open(&file).unwrap());
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let keys = RedbKeys::open(&link).unwrap();
    let before = fs::metadata(&file).unwrap().ino();
    keys.rewrite().await.unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_ne!(fs::metadata(&file).unwrap().ino(), before);
    keys.ready().await.unwrap();
}
