//! Co-purchase statistics: what the customers of a tenant buy, counted when purchases are recorded, and read by briefings.
//!
//! Each process counts for itself what it has committed, and adds the counts every ten seconds to the tenant's document, which
//! all replicas share. A crash loses the purchases of at most that interval here, and nowhere else: they stay in their
//! customers' records. An addition whose outcome the store cannot tell may count twice when another replica adds at once.
//! Both are accepted: this is a statistic over thousands of purchases, and no customer's data.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    cache::{Bounds, Cache},
    domain::{
        CustomerId, TenantId, anticipation::snapshot::Snapshot, copurchase::Others, interaction::Interaction,
        repurchase::Observation,
    },
    store::{
        Document, Result, Revision, Store, StoreError, StoreExt as _, codec::copurchase as codec, sealing::random,
    },
};

/// How often counts are added to the document, and so how many seconds of counts a crash can lose.
const ADD_EVERY: Duration = Duration::from_secs(10);
/// How often the snapshots are renewed, in turns of [`ADD_EVERY`]: a minute, which is as long as an answer is kept
/// (`grpc/answers.rs`). A new revision changes the cache key of every kept answer, so more often would cost without use.
const RENEW_EVERY: u32 = 6;
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

/// What is to be done for a tenant at the next turn.
#[derive(Default)]
struct Pending {
    /// Counted, and not added yet.
    bought: Others,
    taken_back: Others,
    /// Somebody asked for a snapshot, and there was none.
    is_wanted: bool,
}

impl Pending {
    fn has_counts(&self) -> bool {
        !(self.bought.is_empty() && self.taken_back.is_empty())
    }

    fn merge(&mut self, other: &Self) {
        self.bought.merge(&other.bought);
        self.taken_back.merge(&other.taken_back);
        self.is_wanted |= other.is_wanted;
    }
}

/// The tenant's document, as of one reading.
struct Read {
    /// `None`: there is none.
    revision: Option<Revision>,
    others: Others,
    bytes: u64,
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
    /// Tenants with something to do, and those that have a snapshot.
    tenants: Mutex<HashMap<TenantId, Pending>>,
    snapshots: Cache<TenantId, Arc<CopurchaseSnapshot>>,
}

impl CopurchaseStatistics {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let bounds =
            Bounds { weight_max: SNAPSHOT_BYTES_MAX, weight_usual: SNAPSHOT_BYTES_USUAL, age_max: SNAPSHOT_AGE_MAX };
        let snapshots = Cache::new(bounds, |_, snapshot: &Arc<CopurchaseSnapshot>| snapshot.bytes + SNAPSHOT_OVERHEAD);
        Self { store, tenants: Mutex::default(), snapshots }
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
        tenant: &TenantId,
        customer: CustomerId,
        interactions: impl IntoIterator<Item = (&'a Interaction, &'a Vec<Observation>)>,
    ) {
        let interactions = interactions.into_iter();
        self.pend(tenant, |pending| interactions.for_each(|(one, told)| pending.bought.fold(customer, one, told)));
    }

    /// Takes a voided interaction back, with what it had said. Only after the commit.
    pub fn take_back(&self, tenant: &TenantId, customer: CustomerId, interaction: &Interaction, told: &[Observation]) {
        self.pend(tenant, |pending| pending.taken_back.fold(customer, interaction, told));
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
            let read = if pending.has_counts() { self.add(&tenant, &pending).await } else { self.read(&tenant).await };
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

    fn keep(&self, tenant: TenantId, read: &Read) {
        let same = self.snapshots.get(&tenant).filter(|known| known.revision == read.revision);
        let snapshot = same.unwrap_or_else(|| {
            let Read { revision, others, bytes } = read;
            Arc::new(CopurchaseSnapshot { revision: *revision, snapshot: Snapshot::of(others), bytes: *bytes })
        });
        self.snapshots.put(tenant, snapshot);
    }

    async fn read(&self, tenant: &TenantId) -> Result<Read> {
        Ok(match self.store.document(tenant, DOCUMENT, None).await? {
            Some(Document { revision, bytes }) => {
                Read { revision: Some(revision), others: codec::decode(&bytes)?, bytes: bytes.len() as u64 }
            }
            None => Read { revision: None, others: Others::default(), bytes: 0 },
        })
    }

    /// Adds to the tenant's document; answers the new document.
    async fn add(&self, tenant: &TenantId, pending: &Pending) -> Result<Read> {
        let mut tried = None;
        for _ in 0..ATTEMPTS_MAX {
            let read = self.read(tenant).await?;
            let (current, mut others) = (read.revision, read.others);
            if tried.is_some() && tried == current {
                return Ok(Read { others, ..read });
            }
            others.merge(&pending.bought);
            others.take(&pending.taken_back);
            let counter = current.map_or(0, |revision| revision.counter) + 1;
            let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
            let bytes = codec::encode(&others);
            let length = bytes.len() as u64;
            let document = Document { revision, bytes: bytes.into() };
            match self.store.put_document(tenant, DOCUMENT, current, document, VERSIONS_KEEP).await {
                Ok(()) => return Ok(Read { revision: Some(revision), others, bytes: length }),
                Err(StoreError::Conflict | StoreError::Unknown(_)) => tried = Some(revision),
                Err(fault) => return Err(fault),
            }
        }
        Err(StoreError::Conflict)
    }
}

/// Adds and renews until cancelled.
pub async fn run(statistics: Arc<CopurchaseStatistics>) {
    let mut turns = tokio::time::interval(ADD_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turn = 0_u32;
    loop {
        turns.tick().await;
        turn = turn.wrapping_add(1);
        if let Err(fault) = statistics.learn(turn.is_multiple_of(RENEW_EVERY)).await {
            tracing::warn!(error = %fault, "what others buy was not learnt; the next turn adds what is left");
        }
    }
}
