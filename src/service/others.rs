//! What the customers of a tenant buy, learnt from what is recorded, and told to briefings.
//!
//! Each process counts apart what it has committed, and adds it every ten seconds to the tenant's document, which all
//! replicas share. A crash loses the purchases of at most that interval here, and nowhere else: they stay in their customers'
//! records. An addition whose outcome the store cannot tell may count twice when another replica adds at once. Both are let be:
//! this is a statistic over thousands of purchases, and no customer's data.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    domain::{
        CustomerId, TenantId, anticipation::snapshot::Snapshot, copurchase::Others, interaction::Interaction,
        repurchase::Observation,
    },
    store::{Document, Result, Revision, Store, StoreError, StoreExt as _, codec::others as codec, sealing::random},
};

/// How often what was counted apart is added, and how much learning a crash can cost.
const ADD_EVERY: Duration = Duration::from_secs(10);
/// How often what is told is renewed, in turns of [`ADD_EVERY`]: answers made from it are kept for no longer.
const READ_EVERY: u32 = 6;
/// Attempts at one addition: replicas that add at once are few, and what could not be added waits for the next turn.
const ATTEMPTS_MAX: u32 = 8;
/// The document's name.
const DOCUMENT: &str = "others";
/// Versions kept: nobody asks for an old one.
const VERSIONS_KEEP: u64 = 1;

/// What was counted and not added yet.
#[derive(Default)]
struct Apart {
    bought: Others,
    taken_back: Others,
}

/// What others buy, as of one reading.
pub struct Learnt {
    /// Another one for each reading that brought something new.
    pub generation: u64,
    pub snapshot: Snapshot,
}

#[derive(Default)]
struct OfTenant {
    apart: Apart,
    /// As of the last reading; none while nothing was read.
    learnt: Option<Arc<Learnt>>,
    /// The document that was read; `None`: there was none.
    revision: Option<Revision>,
}

impl OfTenant {
    /// What is told from now on.
    fn tell(&mut self, revision: Option<Revision>, others: &Others) {
        if self.learnt.is_some() && self.revision == revision {
            return;
        }
        let generation = self.learnt.as_ref().map_or(0, |learnt| learnt.generation + 1);
        self.learnt = Some(Arc::new(Learnt { generation, snapshot: Snapshot::of(others) }));
        self.revision = revision;
    }
}

/// What this process knows of each tenant that it has served.
pub struct Learning {
    store: Arc<dyn Store>,
    tenants: Mutex<HashMap<TenantId, OfTenant>>,
}

impl Learning {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, tenants: Mutex::default() }
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, OfTenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apart(&self, tenant: &TenantId, count: impl FnOnce(&mut Apart)) {
        let mut tenants = self.tenants();
        match tenants.get_mut(tenant) {
            Some(known) => count(&mut known.apart),
            None => count(&mut tenants.entry(tenant.clone()).or_default().apart),
        }
    }

    /// Counts what was recorded, with what it tells. Only after the commit.
    pub fn bought<'a>(
        &self,
        tenant: &TenantId,
        customer: CustomerId,
        interactions: impl IntoIterator<Item = (&'a Interaction, &'a Vec<Observation>)>,
    ) {
        let interactions = interactions.into_iter();
        self.apart(tenant, |apart| interactions.for_each(|(one, told)| apart.bought.fold(customer, one, told)));
    }

    /// Takes back what was voided, with what it told. Only after the commit.
    pub fn taken_back(&self, tenant: &TenantId, customer: CustomerId, interaction: &Interaction, told: &[Observation]) {
        self.apart(tenant, |apart| apart.taken_back.fold(customer, interaction, told));
    }

    /// What others buy, as of the last reading; none until there was one.
    pub fn learnt(&self, tenant: &TenantId) -> Option<Arc<Learnt>> {
        let mut tenants = self.tenants();
        match tenants.get(tenant) {
            Some(known) => known.learnt.clone(),
            None => tenants.entry(tenant.clone()).or_default().learnt.clone(),
        }
    }
}

/// Works until cancelled.
pub async fn run(learning: Arc<Learning>) {
    let mut turns = tokio::time::interval(ADD_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turn = 0_u32;
    loop {
        turns.tick().await;
        turn = turn.wrapping_add(1);
        if let Err(fault) = learning.learn(turn.is_multiple_of(READ_EVERY)).await {
            tracing::warn!(error = %fault, "what others buy was not learnt; the next turn adds what is left");
        }
    }
}

impl Learning {
    /// Adds what was counted apart, of every tenant. Renews what is told where nothing was read yet; with `is_reading`,
    /// everywhere.
    ///
    /// # Errors
    /// Those of the store; what was not added waits for the next call.
    pub async fn learn(&self, is_reading: bool) -> Result<()> {
        let tenants: Vec<TenantId> = self.tenants().keys().cloned().collect();
        let mut result = Ok(());
        for tenant in tenants {
            let (apart, is_known) = {
                let mut tenants = self.tenants();
                let known = tenants.entry(tenant.clone()).or_default();
                (std::mem::take(&mut known.apart), known.learnt.is_some())
            };
            let is_idle = apart.bought.is_empty() && apart.taken_back.is_empty();
            if is_idle && is_known && !is_reading {
                continue;
            }
            let others = if is_idle { self.others(&tenant).await } else { self.add(&tenant, &apart).await };
            match others {
                Ok((revision, others)) if is_reading || !is_known => {
                    self.tenants().entry(tenant).or_default().tell(revision, &others);
                }
                Ok(_) => {}
                Err(fault) => {
                    self.apart(&tenant, |newer| {
                        newer.bought.merge(&apart.bought);
                        newer.taken_back.merge(&apart.taken_back);
                    });
                    result = Err(fault);
                }
            }
        }
        result
    }

    async fn others(&self, tenant: &TenantId) -> Result<(Option<Revision>, Others)> {
        match self.store.document(tenant, DOCUMENT, None).await? {
            Some(document) => Ok((Some(document.revision), codec::decode(&document.bytes)?)),
            None => Ok((None, Others::default())),
        }
    }

    /// Adds to the tenant's document; what it is then.
    async fn add(&self, tenant: &TenantId, apart: &Apart) -> Result<(Option<Revision>, Others)> {
        let mut tried = None;
        for _ in 0..ATTEMPTS_MAX {
            let (current, mut others) = self.others(tenant).await?;
            if tried.is_some() && tried == current {
                return Ok((current, others));
            }
            others.merge(&apart.bought);
            others.take(&apart.taken_back);
            let counter = current.map_or(0, |revision| revision.counter) + 1;
            let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
            let document = Document { revision, bytes: codec::encode(&others).into() };
            match self.store.put_document(tenant, DOCUMENT, current, document, VERSIONS_KEEP).await {
                Ok(()) => return Ok((Some(revision), others)),
                Err(StoreError::Conflict | StoreError::Unknown(_)) => tried = Some(revision),
                Err(fault) => return Err(fault),
            }
        }
        Err(StoreError::Conflict)
    }
}
