//! Use cases. Each reads the clock once (in `Callers::enter`), loads, asks the domain, commits. Knows nothing of the wire
//! and names no backend.
//!
//! They are methods of a few types, each of which has only what it needs; [`Rapport::new`] puts them together.

use std::{num::NonZeroU32, sync::Arc};

use crate::{
    domain::CustomerId,
    store::{Revision, Store, formats::WriteFormat, layers::Sealed, records::Records, sealing::KeyRing},
};

pub mod backfill;
pub(crate) mod beside;
pub mod briefing;
pub(crate) mod callers;
pub mod check;
pub mod clock;
pub mod copurchase;
pub mod create;
pub mod destroyed_keys;
mod edit;
mod entries;
pub(crate) mod erase;
mod erasures;
pub mod error;
pub mod export;
pub mod gestures;
pub(crate) mod get;
pub mod holds;
pub mod identities;
pub mod identity_walk;
mod indexing;
pub mod inputs;
pub mod interactions;
pub mod items;
pub(crate) mod lookup;
pub(crate) mod maintenance;
pub mod opened;
pub mod policies;
pub mod principal;
pub mod profile;
pub mod rates;
pub(crate) mod readers;
pub(crate) mod recovery;
pub(crate) mod relationship;
pub(crate) mod repeats;
pub(crate) mod reports;
pub mod restore;
pub(crate) mod review;
pub(crate) mod stats;
pub(crate) mod tallies;
pub(crate) mod tokens;
pub(crate) mod upcoming;
pub(crate) mod worker;
pub(crate) mod writes;

use backfill::Backfill;
pub(crate) use callers::Callers;
pub use callers::{Caller, Large};
use clock::Clock;
use copurchase::CopurchaseStatistics;
use destroyed_keys::DestroyedKeys;

use holds::Holds;
use identity_walk::IdentityWalk;
use maintenance::Maintenance;
use policies::Policies;
use readers::Readers;
use reports::Reports;
use worker::Worker;
use writes::Writes;

/// The service behind the wire.
pub struct Rapport {
    records: Arc<Records>,
    callers: Callers,
    readers: Readers,
    writes: Writes,
    holds: Holds,
    reports: Reports,
    worker: Arc<Worker>,
    backfill: Arc<Backfill>,
    identity_walk: Arc<IdentityWalk>,
    copurchase: Arc<CopurchaseStatistics>,
    destroyed_keys: Arc<DestroyedKeys>,
    maintenance: Maintenance,
}

/// What most changes of a customer answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who was changed.
    pub customer: CustomerId,
    /// Of the commit.
    pub revision: Revision,
    /// Ids of the entries that were made, for example `g1`, and of precautions that were updated instead.
    pub created: Vec<String>,
    /// Whether this repeats the receipt of an earlier, same request.
    pub replayed: bool,
}

/// Identifies a request, so that its repetition is recognised.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The name of the call: one request id may be used for different calls.
    pub method: &'static str,
    /// The caller's request id; empty: not to be recognised.
    pub id: String,
    /// The request as bytes: another request under the same id is refused.
    pub body: Vec<u8>,
}

impl Rapport {
    /// Puts the parts together. What they write into `store` is sealed on the way. Nothing is read before the first request.
    pub fn new(store: Arc<dyn Store>, ring: impl Into<Arc<KeyRing>>, clock: Clock) -> Self {
        let ring = ring.into();
        let store = Arc::new(Sealed::new(store, ring.clone()));
        let records = Arc::new(Records { store, ring, write_format: WriteFormat::default() });
        let policies = Arc::new(Policies::default());
        let copurchase =
            Arc::new(CopurchaseStatistics::new(records.store.clone(), records.ring.clone(), clock.clone()));
        let worker = Arc::new(Worker::new(records.clone(), clock.clone()));
        let backfill = Arc::new(Backfill::new(records.clone(), worker.clone(), clock.clone()));
        let callers = Callers::new(records.clone(), policies.clone(), copurchase.clone(), clock.clone());
        let readers = Readers { records: records.clone(), menus: Arc::default(), guesses: Arc::default() };
        let holds = Holds { records: records.clone(), worker: worker.clone() };
        let destroyed_keys = Arc::new(DestroyedKeys::new(records.ring.clone(), clock.clone()));
        let identity_walk = Arc::new(IdentityWalk {
            records: records.clone(),
            callers: callers.clone(),
            holds: holds.clone(),
            worker: worker.clone(),
            clock,
        });
        let writer = Arc::new(writes::Writer {
            records: records.clone(),
            readers: readers.clone(),
            holds: holds.clone(),
            worker: worker.clone(),
            copurchase: copurchase.clone(),
            destroyed_keys: destroyed_keys.clone(),
            policies,
            locks: edit::Locks::default(),
            changing_items: tokio::sync::Mutex::default(),
        });
        let maintenance = Maintenance {
            records: records.clone(),
            callers: callers.clone(),
            readers: readers.clone(),
            holds: holds.clone(),
            worker: worker.clone(),
            writer: writer.clone(),
        };
        Self {
            reports: Reports { records: records.clone() },
            writes: Writes::new(writer),
            records,
            callers,
            readers,
            holds,
            worker,
            backfill,
            identity_walk,
            copurchase,
            destroyed_keys,
            maintenance,
        }
    }

    /// The store, behind the layer that seals.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.records.store
    }

    /// Who calls.
    pub fn callers(&self) -> &Callers {
        &self.callers
    }

    /// The use cases that change nothing.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// The use cases that change something.
    pub fn writes(&self) -> &Writes {
        &self.writes
    }

    /// Identities and budgets, taken under holds.
    pub fn holds(&self) -> &Holds {
        &self.holds
    }

    /// Counters, and the service review.
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// The index worker.
    pub fn worker(&self) -> &Arc<Worker> {
        &self.worker
    }

    /// What brings old records into the index of occasions.
    pub fn backfill(&self) -> &Arc<Backfill> {
        &self.backfill
    }

    /// What puts back identity entries that have vanished.
    pub fn identity_walk(&self) -> &Arc<IdentityWalk> {
        &self.identity_walk
    }

    /// Co-purchase statistics.
    pub fn copurchase(&self) -> &Arc<CopurchaseStatistics> {
        &self.copurchase
    }

    /// What removes copies of destroyed keys.
    pub fn destroyed_keys(&self) -> &Arc<DestroyedKeys> {
        &self.destroyed_keys
    }

    /// Check, export, restore, statistics.
    pub fn maintenance(&self) -> &Maintenance {
        &self.maintenance
    }

    /// Bounds how many identities that nobody has one caller may ask for in a minute.
    pub fn bound_guesses(&self, per_minute: NonZeroU32) {
        self.readers.guesses.bound(per_minute);
    }

    /// Writes from now on in the format that the store demands.
    pub fn write_in(&self, format: u16) {
        self.records.write_format.set(format);
    }
}
