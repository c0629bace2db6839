//! Who calls, when, and under which policy.

use std::sync::Arc;

use super::{
    clock::Clock,
    copurchase::{CopurchaseSnapshot, CopurchaseStatistics},
    error::Result,
    items::menus::VenueMenu,
    policies::{InForce, Policies},
    principal::Principal,
};
use crate::{
    domain::{CustomerId, TenantId, Timestamp, VenueId, Violation, policy::Venue, profile::ProfileIdentity},
    store::{CustomerKey, IndexOp, records::Records, sealing::IndexKey},
    turns::Turns,
};

/// Begins requests.
#[derive(Clone)]
pub struct Callers {
    records: Arc<Records>,
    policies: Arc<Policies>,
    copurchase: Arc<CopurchaseStatistics>,
    clock: Clock,
}

/// Who calls, when, and under which policy: fixed for the length of a request.
#[derive(Clone)]
pub struct Caller {
    /// The tenant, and who acts for it.
    pub principal: Principal,
    /// The only reading of the clock.
    pub now: Timestamp,
    /// The policy, as of the beginning of the request.
    pub in_force: Arc<InForce>,
    /// The tenant's key for identities, request ids and tokens.
    pub index_key: Arc<IndexKey>,
    /// What others buy; none until it was read for the first time.
    pub copurchase: Option<Arc<CopurchaseSnapshot>>,
    /// The menu of the venue that the request is about, once it was read.
    pub menu: Option<Arc<VenueMenu>>,
    /// Of a large request.
    pub large: Option<Large>,
}

/// What a large request has until all its work is done, also that which outlives the call.
#[derive(Clone)]
pub struct Large {
    /// It takes them.
    pub turns: Turns,
    /// Its room among requests.
    pub room: Arc<dyn Send + Sync>,
}

impl Callers {
    pub(super) fn new(
        records: Arc<Records>,
        policies: Arc<Policies>,
        copurchase: Arc<CopurchaseStatistics>,
        clock: Clock,
    ) -> Self {
        Self { records, policies, copurchase, clock }
    }

    /// The clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Begins a request: the clock is read here.
    ///
    /// # Errors
    /// Those of the store, if policy or index key are not at hand.
    pub async fn enter(&self, principal: Principal) -> Result<Caller> {
        let now = self.clock.now();
        self.records.ring.check()?;
        let in_force = self.policies.get(&self.records, &principal.tenant).await?;
        self.with(principal, now, in_force).await
    }

    /// The same for who mends or copies the store: a policy that is damaged or lost does not stop them.
    pub async fn enter_to_mend(&self, principal: Principal) -> Result<Caller> {
        let now = self.clock.now();
        self.records.ring.check()?;
        let in_force = self.policies.readable(&self.records, &principal.tenant).await?;
        self.with(principal, now, in_force).await
    }

    /// Whether the policy in force can be read.
    pub async fn policy_opens(&self, tenant: &TenantId) -> Result<()> {
        self.policies.get(&self.records, tenant).await.map(drop)
    }

    async fn with(&self, principal: Principal, now: Timestamp, in_force: Arc<InForce>) -> Result<Caller> {
        let index_key = self.records.ring.index_key(&principal.tenant).await?;
        let copurchase = self.copurchase.snapshot(&principal.tenant);
        Ok(Caller { principal, now, in_force, index_key, copurchase, menu: None, large: None })
    }
}

impl Caller {
    /// A customer of the caller's tenant.
    pub fn key(&self, customer: CustomerId) -> CustomerKey {
        CustomerKey { tenant: self.principal.tenant.clone(), customer }
    }

    /// The task that confirms an identity's entry once its commit is in the log.
    pub(super) fn confirm(&self, own: &ProfileIdentity) -> IndexOp {
        IndexOp::Confirm { identity: self.index_key.blind(&own.identity), token: own.token }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// Whether the caller's role is told why a customer is barred.
    pub fn sees_bars(&self) -> bool {
        self.in_force.policy.rules.role(&self.principal.role).is_some_and(|role| role.sees_bars)
    }

    /// Whether the caller may end or shorten a bar: whoever sees bars; everybody, while the policy has no such role.
    pub(super) fn may_end_bars(&self) -> bool {
        self.sees_bars() || !self.in_force.policy.rules.roles.iter().any(|role| role.sees_bars)
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
