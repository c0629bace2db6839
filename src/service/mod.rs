//! Use cases. Each reads the clock once (in [`Rapport::enter`]), loads, asks the domain, commits. Knows nothing of the wire
//! and names no backend.

use std::sync::Arc;

use crate::{
    domain::{CustomerId, TenantId, Timestamp, VenueId, Violation, anticipation::snapshot::Snapshot, policy::Venue},
    store::{
        CustomerKey, Revision, Store,
        formats::Writing,
        records::Records,
        sealing::{IndexKey, KeyRing},
    },
};

mod answers;
pub mod briefing;
pub mod check;
pub mod clock;
pub mod create;
mod edit;
pub mod erase;
pub mod error;
pub mod export;
pub mod gestures;
pub mod get;
pub mod holds;
pub mod identities;
mod indexing;
pub mod interactions;
pub mod lookup;
pub mod others;
pub mod policies;
pub mod principal;
pub mod profile;
pub mod recovery;
pub mod relationship;
pub mod restore;
pub mod review;
pub mod stats;
pub mod tallies;
pub mod tokens;
pub mod worker;
pub mod writes;

use clock::Clock;
use error::Result;
use policies::{InForce, Policies};
use principal::Principal;
use writes::Writes;

/// The service behind the wire.
pub struct Rapport {
    pub(crate) records: Records,
    policies: Policies,
    clock: Clock,
    locks: edit::Locks,
    answers: answers::Answers,
    learning: others::Learning,
    pub(crate) worker: worker::Signal,
}

/// Who calls, when, and under which policy: fixed for the length of a request.
#[derive(Clone)]
pub struct Caller {
    pub principal: Principal,
    pub now: Timestamp,
    pub in_force: Arc<InForce>,
    pub index_key: Arc<IndexKey>,
    pub others: Option<Arc<Snapshot>>,
}

/// What an accepted mutation answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub customer: CustomerId,
    pub revision: Revision,
    /// Names of the parts that were made.
    pub created: Vec<String>,
    /// Whether the request was carried out before, and this is its first answer again.
    pub replayed: bool,
}

/// Identifies a request, so that its repetition is recognised.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: &'static str,
    /// The caller's request id; empty: not to be recognised.
    pub id: String,
    /// The request as bytes: another request under the same id is refused.
    pub body: Vec<u8>,
}

impl Rapport {
    pub fn new(store: Arc<dyn Store>, ring: impl Into<Arc<KeyRing>>, clock: Clock) -> Self {
        Self {
            records: Records { store, ring: ring.into(), writing: Writing::default() },
            policies: Policies::default(),
            clock,
            locks: edit::Locks::default(),
            answers: answers::Answers::default(),
            learning: others::Learning::default(),
            worker: worker::Signal::default(),
        }
    }

    /// The use cases that change something.
    pub fn writes(self: &Arc<Self>) -> Writes {
        Writes::new(self.clone())
    }

    /// Begins a request: the clock is read here.
    pub async fn enter(&self, principal: Principal) -> Result<Caller> {
        let now = self.clock.now();
        let in_force = self.policies.get(self.records.store.as_ref(), &principal.tenant).await?;
        let index_key = self.records.ring.index_key(&principal.tenant).await?;
        let others = self.learning.snapshot(&principal.tenant);
        Ok(Caller { principal, now, in_force, index_key, others })
    }

    /// Writes from now on in the format that the store demands.
    pub fn write_in(&self, format: u16) {
        self.records.writing.set(format);
    }

    /// Whether store and key store can be served from. The error says what to do.
    ///
    /// # Errors
    /// Those of the store; `Unfit` too if the wrapping key is not that of the tenant's keys.
    pub async fn ready(&self, tenant: &TenantId) -> Result<()> {
        let (data, keys) = tokio::join!(self.records.store.ready(), self.records.ring.ready());
        data.and(keys)?;
        Ok(self.records.ring.opens(tenant).await?)
    }
}

impl Caller {
    fn key(&self, customer: CustomerId) -> CustomerKey {
        CustomerKey { tenant: self.principal.tenant.clone(), customer }
    }

    fn now_ms(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// Whether the caller's role sees what a customer is worth: what they spent, what is expected of them, the service review.
    pub fn sees_value(&self) -> bool {
        self.in_force.policy.rules.role(&self.principal.role).is_some_and(|role| role.sees_value)
    }

    /// The venue, or a violation at `field`.
    pub fn venue(&self, field: &str, id: &VenueId) -> std::result::Result<&Venue, Violation> {
        self.in_force.policy.venue(id).ok_or_else(|| {
            Violation::new(field, "must be a venue of the policy; GetPolicy lists them, SetPolicy adds one")
        })
    }
}
