//! Co-purchase statistics: what the customers of a tenant buy, counted when purchases are recorded, and read by briefings.
//!
//! Each process counts for itself what it has committed, and adds the counts every ten seconds to the tenant's document, which
//! all replicas share. A crash loses the purchases of at most that interval here, and nowhere else: they stay in their
//! customers' records. An addition whose outcome the store cannot tell may count twice when another replica adds at once.
//! Both are accepted: this is a statistic over thousands of purchases, and no customer's data.
//!
//! In the document items stand under hashes of the tenant's index key, and who bought them is told apart by hashes of that key too: so who has
//! the document alone cannot ask who bought what. What fewer than five customers bought has no name there, and is forgotten after a month. A tenant
//! that is older than its key has a document as older releases wrote it, until `rapport upgrade`: other replicas may read it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Caller, clock::Clock};
use crate::{
    cache::{Bounds, Cache},
    domain::{
        CustomerId, TenantId, anticipation::snapshot::Snapshot, copurchase::Others, interaction::Interaction,
        repurchase::Observation,
    },
    store::{
        Document, KeyRing, Label, Result, Revision, Store, StoreError, StoreExt as _,
        codec::copurchase::{self as codec, KEYED_BY_LEN, KeyedBy},
        sealing::{IndexKey, random},
    },
};

/// How often counts are added to the document, and so how many seconds of counts a crash can lose.
const ADD_EVERY: Duration = Duration::from_secs(10);
/// How often the snapshots are renewed, in turns of [`ADD_EVERY`]: a minute, which is as long as an answer is kept
/// (`grpc/answers.rs`). A new revision changes the cache key of every kept answer, so more often would cost without use.
const RENEW_EVERY: u32 = 6;
/// How often it is looked whether something is to be forgotten though nobody buys anything, in turns of [`ADD_EVERY`]: once an hour, since it is
/// counted in days.
const TIDY_EVERY: u32 = 360;
const DAY_SECONDS: i64 = 24 * 3_600;
/// Attempts at one addition: replicas that add at once are few, and what could not be added waits for the next turn.
const ATTEMPTS_MAX: u32 = 8;
/// The document's name.
pub(super) const DOCUMENT: &str = "others";
/// Versions kept: nobody asks for an old one.
const VERSIONS_KEEP: u64 = 1;
/// How long a snapshot is used while it cannot be renewed: what customers buy changes in weeks.
const SNAPSHOT_AGE_MAX: Duration = Duration::from_hours(1);
/// The bound of all snapshots, by the stored size of their documents. A full document is some 2 MB.
const SNAPSHOT_BYTES_MAX: u64 = 64 << 20;
/// The stored size of a usual document.
const SNAPSHOT_BYTES_USUAL: u64 = 64 << 10;
/// Added to the size of the document for each snapshot.
const SNAPSHOT_OVERHEAD: u64 = 256;

/// Counted, and not added yet.
#[derive(Default)]
struct Counts {
    bought: Others,
    taken_back: Others,
}

impl Counts {
    fn is_empty(&self) -> bool {
        self.bought.is_empty() && self.taken_back.is_empty()
    }

    fn merge(&mut self, other: &Self) {
        self.bought.merge(&other.bought);
        self.taken_back.merge(&other.taken_back);
    }
}

/// What is to be done for a tenant at the next turn.
#[derive(Default)]
struct Pending {
    /// With customers told apart by keyed hashes.
    keyed: Counts,
    /// The same with customers told apart by their ids, as far as the tenant's document may still be of an older release: in one document they
    /// must all be told apart alike.
    plain: Counts,
    /// Somebody asked for a snapshot, and there was none.
    is_wanted: bool,
}

impl Pending {
    fn has_counts(&self) -> bool {
        !self.keyed.is_empty()
    }

    fn merge(&mut self, other: &Self) {
        self.keyed.merge(&other.keyed);
        self.plain.merge(&other.plain);
        self.is_wanted |= other.is_wanted;
    }
}

/// The tenant's document, as of one reading.
struct Read {
    /// `None`: there is none.
    revision: Option<Revision>,
    others: Others,
    bytes: u64,
    /// Whether the document has to be put anew, though nothing was bought.
    is_due: bool,
    /// By which key the items are to be hashed.
    key: Option<Arc<IndexKey>>,
}

/// What the customers of a tenant buy, as of one reading.
pub struct CopurchaseSnapshot {
    /// The document that it was made from; `None`: there was none.
    pub revision: Option<Revision>,
    /// What a briefing reads of it.
    pub snapshot: Snapshot,
    /// Of the document.
    pub bytes: u64,
}

/// What this process has counted, and the snapshots by which it answers.
pub struct CopurchaseStatistics {
    store: Arc<dyn Store>,
    ring: Arc<KeyRing>,
    clock: Clock,
    /// Tenants with something to do, and those that have a snapshot.
    tenants: Mutex<HashMap<TenantId, Pending>>,
    snapshots: Cache<TenantId, Arc<CopurchaseSnapshot>>,
}

impl CopurchaseStatistics {
    pub(super) fn new(store: Arc<dyn Store>, ring: Arc<KeyRing>, clock: Clock) -> Self {
        let bounds =
            Bounds { weight_max: SNAPSHOT_BYTES_MAX, weight_usual: SNAPSHOT_BYTES_USUAL, age_max: SNAPSHOT_AGE_MAX };
        let snapshots = Cache::new(bounds, |_, snapshot: &Arc<CopurchaseSnapshot>| snapshot.bytes + SNAPSHOT_OVERHEAD);
        Self { store, ring, clock, tenants: Mutex::default(), snapshots }
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Pending>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pend(&self, tenant: &TenantId, change: impl FnOnce(&mut Pending)) {
        let mut tenants = self.tenants();
        match tenants.get_mut(tenant) {
            Some(pending) => change(pending),
            None => change(tenants.entry(tenant.clone()).or_default()),
        }
    }

    /// Counts recorded interactions, each with what it says about the customer's earlier purchases. Only after the commit.
    pub fn count<'a>(
        &self,
        caller: &Caller,
        customer: CustomerId,
        interactions: impl IntoIterator<Item = (&'a Interaction, &'a Vec<Observation>)> + Clone,
    ) {
        self.fold(caller, customer, |counts, customer| {
            interactions.clone().into_iter().for_each(|(one, told)| counts.bought.fold(customer, one, told));
        });
    }

    /// Takes a voided interaction back, with what it had said. Only after the commit.
    pub fn take_back(&self, caller: &Caller, customer: CustomerId, interaction: &Interaction, told: &[Observation]) {
        self.fold(caller, customer, |counts, customer| counts.taken_back.fold(customer, interaction, told));
    }

    fn fold(&self, caller: &Caller, customer: CustomerId, fold: impl Fn(&mut Counts, CustomerId)) {
        let tenant = &caller.principal.tenant;
        // In the id's place: nobody learns the id from it.
        let buyer = CustomerId::from_bytes(caller.index_key.digest(Label::Buyer, &[customer.as_bytes()]));
        let is_keyed = self.ring.has_tenant_key(tenant);
        self.pend(tenant, |pending| {
            fold(&mut pending.keyed, buyer);
            if !is_keyed {
                fold(&mut pending.plain, customer);
            }
        });
    }

    /// The tenant's snapshot. The first call has none; the next turn reads it.
    pub fn snapshot(&self, tenant: &TenantId) -> Option<Arc<CopurchaseSnapshot>> {
        let snapshot = self.snapshots.get(tenant);
        if snapshot.is_none() {
            self.pend(tenant, |pending| pending.is_wanted = true);
        }
        snapshot
    }

    /// Adds what was counted, of every tenant, and reads the snapshots that somebody waits for; with `is_renewing`, all of
    /// them.
    ///
    /// # Errors
    /// Those of the store; what was not done waits for the next call.
    pub async fn learn(&self, is_renewing: bool) -> Result<()> {
        let mut result = Ok(());
        for (tenant, pending) in self.take_pending(is_renewing) {
            let read = self.learn_one(&tenant, &pending).await;
            match read {
                Ok(read) if is_renewing || pending.is_wanted => self.keep(tenant, &read),
                // A snapshot is replaced once a minute only: see `RENEW_EVERY`.
                Ok(_) => {}
                Err(fault) => {
                    self.pend(&tenant, |newer| newer.merge(&pending));
                    result = Err(fault);
                }
            }
        }
        result
    }

    /// What there is to do. A tenant that has neither anything to do nor a snapshot is forgotten.
    fn take_pending(&self, is_renewing: bool) -> Vec<(TenantId, Pending)> {
        let mut due = Vec::new();
        self.tenants().retain(|tenant, pending| {
            let has_snapshot = self.snapshots.get(tenant).is_some();
            let is_due = pending.has_counts() || pending.is_wanted || (is_renewing && has_snapshot);
            if is_due {
                due.push((tenant.clone(), std::mem::take(pending)));
            }
            is_due || has_snapshot
        });
        due
    }

    async fn learn_one(&self, tenant: &TenantId, pending: &Pending) -> Result<Read> {
        if pending.has_counts() {
            return self.add(tenant, pending).await;
        }
        let read = self.read(tenant).await?;
        if read.is_due { self.add(tenant, pending).await } else { Ok(read) }
    }

    /// Brings a tenant's document into today's form, and forgets what few bought, though nobody buys anything.
    pub async fn tidy(&self, tenant: &TenantId) -> Result<()> {
        self.learn_one(tenant, &Pending::default()).await.map(drop)
    }

    fn keep(&self, tenant: TenantId, read: &Read) {
        let same = self.snapshots.get(&tenant).filter(|known| known.revision == read.revision);
        let snapshot = same.unwrap_or_else(|| {
            let Read { revision, others, bytes, .. } = read;
            Arc::new(CopurchaseSnapshot { revision: *revision, snapshot: Snapshot::of(&others.told()), bytes: *bytes })
        });
        self.snapshots.put(tenant, snapshot);
    }

    fn today(&self) -> u32 {
        u32::try_from(self.clock.now().as_second().div_euclid(DAY_SECONDS)).unwrap_or(0)
    }

    /// The key that hashes a tenant's items; `None`: they are hashed by none, as an older release may read them.
    async fn key(&self, tenant: &TenantId) -> Result<Option<Arc<IndexKey>>> {
        match self.ring.tenant_key(tenant).await? {
            Some(_) => Ok(Some(self.ring.index_key(tenant).await?)),
            None => Ok(None),
        }
    }

    async fn read(&self, tenant: &TenantId) -> Result<Read> {
        let key = self.key(tenant).await?;
        let Some(Document { revision, bytes }) = self.store.document(tenant, DOCUMENT, None).await? else {
            return Ok(Read { revision: None, others: Others::default(), bytes: 0, is_due: false, key });
        };
        let (mut others, keyed_by) = codec::decode(&bytes)?;
        let is_of_key = key.is_none() || keyed_by == mark(key.as_deref());
        if let Some(key) = key.as_deref().filter(|_| !is_of_key) {
            // By no key: the hashes of names. By a key that is gone: only names tell which item it is.
            let plain = if keyed_by.is_none() { others } else { others.told() };
            others = plain.renamed(|item| hashed(key, item));
            others.begin_crowds(self.today());
        }
        let is_due = key.is_some() && (!is_of_key || others.has_forgotten(self.today()));
        Ok(Read { revision: Some(revision), others, bytes: bytes.len() as u64, is_due, key })
    }

    /// Adds to the tenant's document; answers the new document.
    async fn add(&self, tenant: &TenantId, pending: &Pending) -> Result<Read> {
        let mut tried = None;
        for _ in 0..ATTEMPTS_MAX {
            let read = self.read(tenant).await?;
            let (current, mut others, key) = (read.revision, read.others, read.key);
            if tried.is_some() && tried == current {
                return Ok(Read { others, key, ..read });
            }
            match &key {
                Some(key) => {
                    let mut bought = pending.keyed.bought.renamed(|item| hashed(key, item));
                    bought.note_day(self.today());
                    others.merge(&bought);
                    others.take(&pending.keyed.taken_back.renamed(|item| hashed(key, item)));
                    others.forget_rare(self.today());
                }
                None => {
                    others.merge(&pending.plain.bought);
                    others.take(&pending.plain.taken_back);
                }
            }
            let counter = current.map_or(0, |revision| revision.counter) + 1;
            let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
            let bytes = codec::encode(&others, mark(key.as_deref()));
            let length = bytes.len() as u64;
            let document = Document { revision, bytes: bytes.into() };
            match self.store.put_document(tenant, DOCUMENT, current, document, VERSIONS_KEEP).await {
                Ok(()) => return Ok(Read { revision: Some(revision), others, bytes: length, is_due: false, key }),
                Err(StoreError::Conflict | StoreError::Unknown(_)) => tried = Some(revision),
                Err(fault) => return Err(fault),
            }
        }
        Err(StoreError::Conflict)
    }
}

/// The hash of an item, in place of the one of its name that anybody can make.
fn hashed(key: &IndexKey, item: u32) -> u32 {
    let [first, second, third, fourth, ..] = key.digest(Label::Item, &[&item.to_be_bytes()]);
    u32::from_be_bytes([first, second, third, fourth])
}

/// By what a document says by which key its items are hashed.
fn mark(key: Option<&IndexKey>) -> KeyedBy {
    let digest = key?.digest(Label::Item, &[b"which key"]);
    digest.first_chunk::<KEYED_BY_LEN>().copied()
}

/// Adds and renews until cancelled.
pub async fn run(statistics: Arc<CopurchaseStatistics>, tenant: TenantId) {
    let mut turns = tokio::time::interval(ADD_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turn = 0_u32;
    loop {
        turns.tick().await;
        turn = turn.wrapping_add(1);
        if let Err(fault) = statistics.learn(turn.is_multiple_of(RENEW_EVERY)).await {
            tracing::warn!(error = %fault, "what others buy was not learnt; the next turn adds what is left");
        }
        if turn.is_multiple_of(TIDY_EVERY)
            && let Err(fault) = statistics.tidy(&tenant).await
        {
            tracing::debug!(error = %fault, "what few bought was not forgotten; it is tried again in an hour");
        }
    }
}
