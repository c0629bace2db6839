//! What an operator gives up, and who may: see `store::fitness`.

use std::sync::Arc;

use rapport::{
    domain::{CustomerId, TenantId, id::HoldToken},
    service::{Rapport, clock::Clock},
    store::{
        Commit, CustomerKey, Effect, EntryState, IdentityEntry, IdentityKey, IndexOp, KeyRing, Lifetime, LocalKeys,
        Store, StoreError, StoreExt as _,
        fitness::{Fitness, Losses, MARKED_FORMAT},
        keys,
        keystore::{KeyEntry, KeyName, KeyStore},
        redb::{RedbKeys, RedbStore},
    },
};

use crate::make::{NOW, key, tenant};

const WRAPPED: &[u8] = b"wrapped";
/// Entries of a log that the worker takes at once.
const BATCH: usize = 256;
const ROUNDS: usize = 20;

/// Two new stores, which are whole.
struct Stores {
    data: Arc<dyn Store>,
    keys: Arc<dyn KeyStore>,
}

impl Stores {
    async fn begun() -> Self {
        let stores =
            Self { data: Arc::new(RedbStore::in_memory().unwrap()), keys: Arc::new(RedbKeys::in_memory().unwrap()) };
        stores.fitness().begin().await.unwrap();
        stores.data.set_write_format(u32::from(MARKED_FORMAT)).await.unwrap();
        stores
    }

    fn fitness(&self) -> Fitness {
        Fitness::new(self.data.clone(), self.keys.clone())
    }

    async fn looked(&self) -> Result<Fitness, StoreError> {
        let fitness = self.fitness();
        fitness.look(Some(MARKED_FORMAT), &tenant("acme")).await?;
        Ok(fitness)
    }

    async fn put_key(&self, key: &CustomerKey, is_committed: bool) -> KeyName {
        let name = KeyName::Customer(key.tenant.clone(), key.customer);
        self.keys.put_new(&name, WRAPPED.into()).await.unwrap();
        self.keys.set_committed(&name, is_committed).await.unwrap();
        name
    }

    /// A key without a record, and an identity that is confirmed for it.
    async fn without_record(&self, tenant: &TenantId, number: u8, is_committed: bool) -> (KeyName, IdentityKey) {
        let key = CustomerKey { tenant: tenant.clone(), customer: CustomerId::from_bytes([number; 16]) };
        let identity = IdentityKey { tenant: tenant.clone(), version: 1, digest: [number; 16] };
        let (token, state) = (HoldToken([number; 16]), EntryState::Confirmed);
        let entry = IdentityEntry { customer: key.customer, token, state, expire_ms: None };
        self.data.hold(&identity, entry, 1, NOW).await.unwrap();
        (self.put_key(&key, is_committed).await, identity)
    }
}

#[tokio::test]
async fn of_those_who_adopt_at_once_one_does() {
    let mut adopted = 0;
    for _ in 0..ROUNDS {
        let stores = Stores::begun().await;
        let (one, other) = (stores.looked().await.unwrap(), stores.looked().await.unwrap());
        let (acme, losses) = (tenant("acme"), Losses::default());
        let both = tokio::join!(one.adopt(&acme, &losses), other.adopt(&acme, &losses));
        let mut epochs = Vec::new();
        for outcome in [both.0, both.1] {
            match outcome {
                Ok(mark) => epochs.push(mark.epoch),
                Err(StoreError::Unfit(told)) => assert!(told.contains("another `rapport store adopt`"), "{told}"),
                Err(fault) => panic!("{fault}"),
            }
        }
        assert!(epochs.len() < 2, "both say that they adopted: {epochs:?}");
        for epoch in &epochs {
            assert_eq!(stores.looked().await.expect("whole").epoch(), *epoch);
        }
        adopted += epochs.len();
    }
    assert!(adopted > 0, "nobody ever adopts");
}

#[tokio::test]
async fn what_is_given_up_is_what_was_told_as_lost() {
    let (stores, acme, globex) = (Stores::begun().await, tenant("acme"), tenant("globex"));
    let lost = stores.without_record(&acme, 1, true).await;
    let being_made = stores.without_record(&acme, 2, false).await;
    let of_others = stores.without_record(&globex, 3, true).await;
    let erased = stores.without_record(&acme, 4, true).await;
    stores.keys.bury(&erased.0, NOW).await.unwrap();
    let fitness = stores.looked().await.unwrap();
    let losses = fitness.losses(&acme).await.unwrap();
    let named: Vec<CustomerId> = losses.named.iter().map(|(key, _)| key.customer).collect();
    assert_eq!((named, losses.without_record), (vec![CustomerId::from_bytes([1; 16])], 1));
    fitness.adopt(&acme, &losses).await.unwrap();
    for ((name, identity), key, is_found) in [
        (lost, KeyEntry::Wrapped(WRAPPED.into()), false),
        (being_made, KeyEntry::Wrapped(WRAPPED.into()), true),
        (of_others, KeyEntry::Committed(WRAPPED.into()), true),
        (erased, KeyEntry::Tombstone, true),
    ] {
        assert_eq!(stores.keys.get(&name).await.unwrap(), Some(key), "{name:?}");
        let entries = stores.data.identities(&[identity], NOW).await.unwrap().remove(0).unwrap();
        assert_eq!(!entries.is_empty(), is_found, "{name:?}");
    }
}

/// What becomes of a key without a record after these tasks of the log, with so many other entries after the first.
async fn key_after(tasks: &[IndexOp], between: usize) -> KeyEntry {
    let stores = Stores::begun().await;
    let name = stores.put_key(&key(1), false).await;
    for (index, task) in tasks.iter().enumerate() {
        let others = if index == 1 { between } else { 0 };
        for task in std::iter::repeat_n(None, others).chain([Some(task.clone())]) {
            let commit = Commit::erasure(&key(1), None, task.into_iter().collect(), NOW).unwrap();
            stores.data.commit(commit).await.unwrap();
        }
    }
    let ring = KeyRing::new(stores.keys.clone(), Arc::new(LocalKeys::from_bytes(&[7; 32]).unwrap()));
    let rapport = Rapport::new(stores.data.clone(), ring, Clock::Set(Arc::new(NOW.into())));
    rapport.worker().sweep().await.unwrap();
    stores.keys.get(&name).await.unwrap().unwrap()
}

#[tokio::test]
async fn who_was_given_up_is_not_committed_again() {
    for between in [0, BATCH, BATCH * 2] {
        let given_up = key_after(&[IndexOp::List, IndexOp::Unlist], between).await;
        assert!(matches!(given_up, KeyEntry::Wrapped(_)), "{between}: {given_up:?}");
        let made_again = key_after(&[IndexOp::List, IndexOp::Unlist, IndexOp::List], between).await;
        assert!(matches!(made_again, KeyEntry::Committed(_)), "{between}: {made_again:?}");
    }
    let lost = key_after(&[IndexOp::List], 0).await;
    assert!(matches!(lost, KeyEntry::Committed(_)), "{lost:?}");
}

/// A mark that does not decode does no more harm than one that is missing: it is counted, and adopting writes it anew.
#[tokio::test]
async fn a_damaged_mark_is_mended() {
    for bucket in [0, 0xbe] {
        let stores = Stores::begun().await;
        let damage = |_: &[u8]| Ok(Effect::Put(vec![0xff], Lifetime::Forever));
        stores.data.change(keys::mark(bucket), Box::new(damage)).await.unwrap();
        let Err(StoreError::Unfit(told)) = stores.looked().await else { panic!("a damaged mark is told") };
        assert!(told.contains("1 of 256") && told.contains("rapport store adopt"), "{told}");
        stores.fitness().adopt(&tenant("acme"), &Losses::default()).await.unwrap();
        assert!(stores.looked().await.is_ok(), "bucket {bucket}");
    }
}
