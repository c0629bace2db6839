//! The tenants' policies: read often, changed seldom, cached for seconds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use std::sync::Arc;
use tokio::time::Instant;

use super::{
    Caller, Readers,
    error::{Error, Result},
    writes::{Writer, Writes},
};
use crate::{
    domain::{TenantId, limits::POLICY_VERSIONS_KEEP, policy::Policy},
    store::{Document, Revision, Store, StoreError, StoreExt as _, codec::policy as codec, sealing::random},
};

/// How long a replica may serve by a policy that another replica has replaced.
const POLICY_AGE_MAX: Duration = Duration::from_secs(5);
/// How long a cached policy is still good while the store cannot be reached.
const POLICY_STALE_MAX: Duration = Duration::from_mins(1);
/// The document's name.
pub(super) const DOCUMENT: &str = "policy";

/// A policy with its revision; revision `None`: the empty policy of a tenant that has set none.
pub struct InForce {
    pub policy: Policy,
    pub revision: Option<Revision>,
}

#[derive(Default)]
pub struct Policies {
    cache: Mutex<HashMap<TenantId, (Arc<InForce>, Instant)>>,
}

impl Policies {
    /// The policy in force.
    pub async fn get(&self, store: &dyn Store, tenant: &TenantId) -> Result<Arc<InForce>> {
        let cached = self.cached(tenant);
        if let Some((policy, since)) = &cached
            && since.elapsed() < POLICY_AGE_MAX
        {
            return Ok(policy.clone());
        }
        let since = Instant::now();
        match (store.document(tenant, DOCUMENT, None).await, cached) {
            (Ok(document), _) => {
                let policy = Arc::new(open(document)?);
                self.put(tenant, policy.clone(), since);
                Ok(policy)
            }
            (Err(StoreError::Unavailable(_) | StoreError::Misconfigured(_)), Some((policy, since)))
                if since.elapsed() < POLICY_STALE_MAX =>
            {
                Ok(policy)
            }
            (Err(fault), _) => Err(fault.into()),
        }
    }

    fn cached(&self, tenant: &TenantId) -> Option<(Arc<InForce>, Instant)> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn put(&self, tenant: &TenantId, policy: Arc<InForce>, since: Instant) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), (policy, since));
    }
}

fn open(document: Option<Document>) -> Result<InForce> {
    match document {
        None => Ok(InForce { policy: Policy::empty(), revision: None }),
        Some(Document { revision, bytes }) => {
            Ok(InForce { policy: codec::decode(&bytes, revision.counter)?, revision: Some(revision) })
        }
    }
}

impl Readers {
    /// The policy in force, or one of its kept versions.
    pub async fn policy(&self, caller: &Caller, version: Option<u64>) -> Result<InForce> {
        let document = self.records.store.document(&caller.principal.tenant, DOCUMENT, version).await?;
        if document.is_none() {
            return Err(Error::PolicyNotFound);
        }
        open(document)
    }
}

impl Writer {
    async fn set_policy(&self, caller: &Caller, mut policy: Policy, etag: Option<Revision>) -> Result<InForce> {
        let tenant = &caller.principal.tenant;
        let current = self.records.store.document(tenant, DOCUMENT, None).await?.map(|document| document.revision);
        if etag.is_some() && etag != current {
            return Err(Error::EtagMismatch);
        }
        let counter = current.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        policy.version = i64::try_from(counter).unwrap_or(i64::MAX);
        policy.update_time = caller.now;
        let document = Document { revision, bytes: codec::encode(&policy).into() };
        let kept = POLICY_VERSIONS_KEEP.unsigned_abs();
        match self.records.store.put_document(tenant, DOCUMENT, current, document, kept).await {
            Ok(()) => {}
            Err(StoreError::Conflict) if etag.is_some() => return Err(Error::EtagMismatch),
            Err(StoreError::Conflict) => return Err(Error::Contended),
            Err(fault) => return Err(fault.into()),
        }
        self.policies.put(
            tenant,
            Arc::new(InForce { policy: policy.clone(), revision: Some(revision) }),
            Instant::now(),
        );
        Ok(InForce { policy, revision: Some(revision) })
    }
}

impl Writes {
    /// Replaces the policy. `etag`: only if that revision is in force.
    pub async fn set_policy(&self, caller: &Caller, policy: Policy, etag: Option<Revision>) -> Result<InForce> {
        self.run(caller, |writer, caller| async move { writer.set_policy(&caller, policy, etag).await }).await
    }
}
