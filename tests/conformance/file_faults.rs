//! What a disk does to us.

use std::{
    collections::HashSet,
    io,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use rapport::store::{
    Lane, Store, StoreError, StoreExt as _, TOKEN_KEEP_MS,
    keystore::{KeyEntry, KeyName, KeyStore},
    redb::{Cache, RedbKeys, RedbStore},
};
use redb::StorageBackend;

use crate::make::{NOW, budget, commit, draw, key, record, revision, tenant};

const BLOCK: usize = 4_096;

/// A disk in memory: what was written, what was synced, and what goes wrong.
#[derive(Debug, Default)]
struct Disk {
    written: Mutex<Vec<u8>>,
    synced: Mutex<Vec<u8>>,
    /// Blocks that have room on the disk. A file has holes where nothing was ever written.
    roomy: Mutex<HashSet<usize>>,
    syncs: AtomicU64,
    full: AtomicBool,
    broken_sync: AtomicBool,
}

#[derive(Debug)]
struct OnDisk(Arc<Disk>);

impl Disk {
    fn store(self: &Arc<Self>) -> RedbStore {
        let disk = Arc::clone(self);
        RedbStore::with_backend(move || OnDisk(Arc::clone(&disk))).unwrap()
    }

    /// What a power cut leaves.
    fn after_power_cut(&self) -> Arc<Self> {
        let synced = self.synced.lock().unwrap().clone();
        Arc::new(Self { written: Mutex::new(synced.clone()), synced: Mutex::new(synced), ..Self::default() })
    }
}

impl StorageBackend for OnDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.written.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.0.written.lock().unwrap();
        let from = offset as usize;
        let bytes = written.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        // Takes no room yet: it makes a hole.
        self.0.written.lock().unwrap().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.0.broken_sync.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk is broken"));
        }
        let written = self.0.written.lock().unwrap().clone();
        *self.0.synced.lock().unwrap() = written;
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let from = offset as usize;
        let mut roomy = self.0.roomy.lock().unwrap();
        for block in from / BLOCK..=(from + data.len().max(1) - 1) / BLOCK {
            if !roomy.contains(&block) && self.0.full.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            roomy.insert(block);
        }
        self.0.written.lock().unwrap()[from..from + data.len()].copy_from_slice(data);
        Ok(())
    }
}

async fn counter(store: &RedbStore) -> u64 {
    let record = store.record(&key(1)).await.unwrap();
    record.map_or(0, |record| u64::from_be_bytes(record[4..12].try_into().unwrap()))
}

/// Fault: Disk full, or failing, under redb.
#[tokio::test]
async fn a_full_disk_refuses_writes_and_recovers() {
    let disk = Arc::new(Disk::default());
    let store = disk.store();
    store.commit(commit(&key(1), 1)).await.unwrap();
    disk.full.store(true, Ordering::SeqCst);
    let mut large = commit(&key(1), 2);
    large.requests = Some(vec![1; 3 << 20].into());
    for _ in 0..2 {
        let outcome = store.commit(large.clone()).await;
        assert!(matches!(outcome, Err(StoreError::Full(_))), "{outcome:?}");
        // What is there is still read.
        assert_eq!(counter(&store).await, 1);
    }
    // And told before anybody writes.
    for _ in 0..2 {
        let outcome = store.ready().await;
        assert!(matches!(outcome, Err(StoreError::Full(_))), "{outcome:?}");
    }
    disk.full.store(false, Ordering::SeqCst);
    let since = std::time::Instant::now();
    while let Err(error) = store.ready().await {
        assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Full(_)), "{error}");
        assert!(since.elapsed().as_secs() < 15, "{error}");
        tokio::task::yield_now().await;
    }
    while let Err(error) = store.commit(commit(&key(1), 2)).await {
        assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Full(_)), "{error}");
        assert!(since.elapsed().as_secs() < 15, "{error}");
        tokio::task::yield_now().await;
    }
    assert_eq!(counter(&store).await, 2);
}

#[tokio::test]
async fn a_broken_sync_is_never_acknowledged_and_the_data_opens_again() {
    let disk = Arc::new(Disk::default());
    let store = disk.store();
    store.commit(commit(&key(1), 1)).await.unwrap();
    disk.broken_sync.store(true, Ordering::SeqCst);
    let outcome = store.commit(commit(&key(1), 2)).await;
    assert!(matches!(outcome, Err(StoreError::Unknown(_))), "{outcome:?}");
    // It goes on being refused, in clear words.
    let outcome = store.commit(commit(&key(1), 2)).await;
    assert!(matches!(outcome, Err(StoreError::Unknown(_) | StoreError::Unavailable(_))), "{outcome:?}");
    drop(store);
    let after = disk.after_power_cut().store();
    assert_eq!(counter(&after).await, 1);
    after.commit(commit(&key(1), 2)).await.unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_power_cut() {
    let disk = Arc::new(Disk::default());
    let store = disk.store();
    for acknowledged in 1..=20 {
        store.commit(commit(&key(1), acknowledged)).await.unwrap();
        let after = disk.after_power_cut().store();
        assert_eq!(counter(&after).await, acknowledged);
        assert_eq!(after.load(&key(1), Lane::Changes, &[]).await.unwrap().record.unwrap().len(), 26);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_writes_share_a_sync() {
    let disk = Arc::new(Disk::default());
    let store = Arc::new(disk.store());
    let before = disk.syncs.load(Ordering::SeqCst);
    let writes: Vec<_> = (0..200_u8)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(commit(&key(number), 1)).await.unwrap() })
        })
        .collect();
    for write in writes {
        write.await.unwrap();
    }
    let syncs = disk.syncs.load(Ordering::SeqCst) - before;
    assert!(syncs < 200, "{syncs} syncs for 200 commits");
}

#[tokio::test]
async fn a_refused_write_costs_no_sync() {
    let disk = Arc::new(Disk::default());
    let store = disk.store();
    store.commit(commit(&key(1), 1)).await.unwrap();
    let before = disk.syncs.load(Ordering::SeqCst);
    assert!(matches!(store.commit(commit(&key(1), 1)).await, Err(StoreError::Conflict)));
    assert_eq!(disk.syncs.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_file_is_for_its_owner_and_outlives_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data.redb"), folder.path().join("keys.redb"));
    let name = KeyName::Index(tenant("acme"), 1);
    {
        let store = RedbStore::open(&data, Cache::default()).unwrap();
        store.commit(commit(&key(1), 1)).await.unwrap();
        RedbKeys::open(&keys).unwrap().put_new(&name, "key".into()).await.unwrap();
    }
    for path in [&data, &keys] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let store = RedbStore::open(&data, Cache::default()).unwrap();
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), b"sealed")));
    let keys = RedbKeys::open(&keys).unwrap();
    assert_eq!(keys.get(&name).await.unwrap(), Some(KeyEntry::Wrapped("key".into())));
}

/// Fault: A second process on one redb file.
#[tokio::test]
async fn a_file_in_use_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let _first = RedbStore::open(&path, Cache::default()).unwrap();
    let error = RedbStore::open(&path, Cache::default()).err().expect("refused").to_string();
    assert!(error.contains("in use by another process") && error.contains("use Redis"), "{error}");
}

#[tokio::test]
async fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    std::fs::write(&path, vec![0x5a; 64 * 1_024]).unwrap();
    let error = RedbStore::open(&path, Cache::default()).err().expect("refused");
    assert!(error.to_string().contains("data.redb"), "{error}");
    assert!(RedbStore::open(&folder.path().join("no/such/folder.redb"), Cache::default()).is_err());
}

#[tokio::test]
async fn old_budgets_leave_the_file() {
    let store = RedbStore::in_memory().unwrap();
    for (number, expire_ms) in [(1, NOW + 1), (2, NOW + TOKEN_KEEP_MS)] {
        store.hold_budget(&budget(&number.to_string()), draw(number, 1), 1, expire_ms, NOW).await.unwrap();
    }
    store.purge(NOW + TOKEN_KEEP_MS).await.unwrap();
    assert_eq!(store.dump().await.unwrap().len(), 2);
    store.purge(NOW + TOKEN_KEEP_MS + 1).await.unwrap();
    assert_eq!(store.dump().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_in_memory_works() {
    let store = RedbStore::in_memory().unwrap();
    store.commit(commit(&key(1), 1)).await.unwrap();
    assert_eq!(counter(&store).await, 1);
}

/// Bytes of a file that are flipped at random places.
const FLIPPED: usize = 200;
const DAMAGED_FILES: u64 = 60;
const RECORDS: u8 = 40;

/// Everything that is asked of a store whose file may be damaged, until it says that it is.
async fn asked(store: &RedbStore) -> Result<(), StoreError> {
    for number in 1..=RECORDS {
        store.load(&key(number), Lane::Changes, &[]).await?;
    }
    store.dump().await?;
    store.commit(commit(&key(200), 1)).await?;
    store.ready().await
}

/// Fault: Damage inside a redb file.
#[tokio::test]
async fn a_damaged_file_is_told_and_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (folder.path().join("whole.redb"), folder.path().join("data.redb"));
    {
        let store = RedbStore::open(&whole, Cache::default()).unwrap();
        for number in 1..=RECORDS {
            let mut large = commit(&key(number), 1);
            large.requests = Some(vec![number; 3_000].into());
            store.commit(large).await.unwrap();
        }
    }
    let bytes = std::fs::read(&whole).unwrap();
    let mut told = 0;
    for seed in 1..=DAMAGED_FILES {
        let mut damaged = bytes.clone();
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for _ in 0..FLIPPED {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % damaged.len();
            damaged[at] ^= 1 << (state >> 61);
        }
        std::fs::write(&path, &damaged).unwrap();
        // A panic ends this test.
        let outcome = match RedbStore::open(&path, Cache::default()) {
            Ok(store) => {
                let outcome = asked(&store).await;
                let ready = store.ready().await;
                assert!(outcome.is_ok() || matches!(ready, Err(StoreError::Corrupt(_))), "file {seed}: {ready:?}");
                outcome
            }
            refused => refused.map(drop),
        };
        match outcome {
            Ok(()) => {}
            Err(StoreError::Corrupt(cause)) => {
                assert!(cause.contains("data.redb is damaged") && cause.contains("restore a backup"), "{cause}");
                told += 1;
            }
            Err(StoreError::Unknown(_)) => told += 1,
            Err(other) => panic!("file {seed}: {other}"),
        }
    }
    assert!(told > DAMAGED_FILES / 4, "{told} files are damaged where it matters");
}
