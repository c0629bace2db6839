//! The tenants' policies: read often, changed seldom, cached for seconds.

use std::{sync::Arc, time::Duration};

use super::{
    Caller, Readers,
    error::{Error, Result},
    writes::{Writer, Writes},
};
use crate::{
    cache::{Bounds, Cache},
    domain::{TenantId, limits::POLICY_VERSIONS_KEEP, policy::Policy},
    store::{
        self, Document, Revision, Store, StoreError, StoreExt as _,
        codec::{formats::Message, policy as codec},
        sealing::random,
    },
};

/// How long a replica may serve by a policy that another replica has replaced.
const POLICY_AGE_MAX: Duration = Duration::from_secs(5);
/// How long a cached policy is still good while the store cannot be reached.
const POLICY_STALE_MAX: Duration = Duration::from_mins(1);
/// All cached policies together, as they are stored: those of thousands of tenants, if they are of the usual size. One at
/// every limit (340 KB) fits many times into each shard.
const BYTES_MAX: u64 = 64 << 20;
/// What a usual policy takes.
const BYTES_USUAL: u64 = 4 << 10;
/// What a policy takes beside that.
const OVERHEAD: u64 = 256;
/// The document's name.
pub(super) const DOCUMENT: &str = "policy";

/// A policy with its revision; revision `None`: the empty policy of a tenant that has set none.
pub struct InForce {
    /// As it was set.
    pub policy: Policy,
    /// Of the document; names the policy in etags and kept answers.
    pub revision: Option<Revision>,
}

#[derive(Clone)]
struct Cached {
    in_force: Arc<InForce>,
    /// As it is stored.
    bytes: u64,
}

/// The policies in force.
pub struct Policies(Cache<TenantId, Cached, StoreError>);

impl Default for Policies {
    fn default() -> Self {
        let bounds = Bounds { weight_max: BYTES_MAX, weight_usual: BYTES_USUAL, age_max: POLICY_AGE_MAX };
        Self(Cache::new(bounds, |_, cached| cached.bytes + OVERHEAD))
    }
}

impl Policies {
    /// The policy in force. While the store cannot be reached, it is that of up to a minute ago.
    pub async fn get(&self, store: &dyn Store, tenant: &TenantId) -> Result<Arc<InForce>> {
        let load = async {
            let document = store.document(tenant, DOCUMENT, None).await?;
            let bytes = document.as_ref().map_or(0, |document| document.bytes.len() as u64);
            Ok(Cached { in_force: Arc::new(open(document)?), bytes })
        };
        match self.0.get_or_load(tenant, load).await {
            Ok(cached) => Ok(cached.in_force),
            Err(fault @ (StoreError::Unavailable(_) | StoreError::Misconfigured(_))) => {
                let stale = self.0.get_within(tenant, POLICY_STALE_MAX);
                Ok(stale.ok_or(fault)?.in_force)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// What was just set.
    fn put(&self, tenant: &TenantId, in_force: Arc<InForce>, bytes: u64) {
        self.0.put(tenant.clone(), Cached { in_force, bytes });
    }
}

fn open(document: Option<Document>) -> store::Result<InForce> {
    match document {
        None => Ok(InForce { policy: Policy::empty(), revision: None }),
        Some(Document { revision, bytes }) => {
            Ok(InForce { policy: codec::decode(&bytes, revision.counter)?, revision: Some(revision) })
        }
    }
}

/// The policy as the store has it now.
pub(super) async fn in_store(store: &dyn Store, tenant: &TenantId) -> Result<Policy> {
    Ok(open(store.document(tenant, DOCUMENT, None).await?)?.policy)
}

impl Readers {
    /// The policy in force, or one of its kept versions.
    pub async fn policy(&self, caller: &Caller, version: Option<u64>) -> Result<InForce> {
        let document = self.records.store.document(&caller.principal.tenant, DOCUMENT, version).await?;
        if document.is_none() {
            return Err(Error::PolicyNotFound);
        }
        Ok(open(document)?)
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
        let bytes = codec::encode(&policy);
        self.records.write_format.allows(Message::Policy, &bytes)?;
        let length = bytes.len() as u64;
        let document = Document { revision, bytes: bytes.into() };
        let kept = POLICY_VERSIONS_KEEP.unsigned_abs();
        match self.records.store.put_document(tenant, DOCUMENT, current, document, kept).await {
            Ok(()) => {}
            Err(StoreError::Conflict) if etag.is_some() => return Err(Error::EtagMismatch),
            Err(StoreError::Conflict) => return Err(Error::Contended),
            Err(fault) => return Err(fault.into()),
        }
        let in_force = InForce { policy: policy.clone(), revision: Some(revision) };
        self.policies.put(tenant, Arc::new(in_force), length);
        Ok(InForce { policy, revision: Some(revision) })
    }
}

impl Writes {
    /// Replaces the policy. `etag`: only if that revision is in force.
    pub async fn set_policy(&self, caller: &Caller, policy: Policy, etag: Option<Revision>) -> Result<InForce> {
        self.run(caller, |writer, caller| async move { writer.set_policy(&caller, policy, etag).await }).await
    }
}
