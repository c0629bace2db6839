//! The tenants' policies: read often, changed seldom, cached for seconds.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use super::{
    Caller, Readers,
    error::{Error, Result},
    writes::{Writer, Writes},
};
use crate::{
    cache::{Bounds, Cache},
    domain::{TenantId, limits::POLICY_VERSIONS_KEEP, policy::Policy},
    store::{
        self, Document, Revision, StoreError, StoreExt as _,
        codec::{formats::Message, policy as codec},
        keys::POLICY,
        records::Records,
        sealing::random,
        split_corruption,
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
/// What an operator can do about a policy that cannot be read.
const CURE: &str = "set it with `rapport policy set FILE` (`rapport policy get --version N` shows an earlier version), or restore a \
                    backup";

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
    /// Why it is not the one that was set last.
    fault: Option<Error>,
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
    ///
    /// # Errors
    /// `PolicyDamaged`, `PolicyLost`.
    pub async fn get(&self, records: &Records, tenant: &TenantId) -> Result<Arc<InForce>> {
        let Cached { in_force, fault, .. } = self.cached(records, tenant).await?;
        fault.map_or(Ok(in_force), Err)
    }

    /// The same for who mends or copies the store: while the policy is damaged or lost, the newest kept version that can be read.
    pub async fn readable(&self, records: &Records, tenant: &TenantId) -> Result<Arc<InForce>> {
        Ok(self.cached(records, tenant).await?.in_force)
    }

    async fn cached(&self, records: &Records, tenant: &TenantId) -> Result<Cached> {
        // In a box that is made when it is asked for: every call holds this future.
        let load = async { Box::pin(load(records, tenant)).await };
        match self.0.get_or_load(tenant, load).await {
            Ok(cached) => Ok(cached),
            Err(fault @ (StoreError::Unavailable(_) | StoreError::Misconfigured(_))) => {
                Ok(self.0.get_within(tenant, POLICY_STALE_MAX).ok_or(fault)?)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// What was just set.
    fn put(&self, tenant: &TenantId, in_force: Arc<InForce>, bytes: u64) {
        self.0.put(tenant.clone(), Cached { in_force, bytes, fault: None });
    }
}

async fn load(records: &Records, tenant: &TenantId) -> store::Result<Cached> {
    Ok(match stored(records, tenant).await? {
        Ok((in_force, bytes)) => Cached { in_force: Arc::new(in_force), bytes, fault: None },
        Err(fault) => {
            let in_force = Arc::new(newest_kept(records, tenant).await?);
            Cached { in_force, bytes: BYTES_USUAL, fault: Some(fault) }
        }
    })
}

/// Opens a version. `None`: there never was one.
pub(super) fn open(document: Option<Document>) -> store::Result<InForce> {
    match document {
        None => Ok(InForce { policy: Policy::empty(), revision: None }),
        Some(Document { revision, bytes }) => {
            Ok(InForce { policy: codec::decode(&bytes, revision.counter)?, revision: Some(revision) })
        }
    }
}

/// The policy as the store has it now, and its length; or `PolicyDamaged` or `PolicyLost`, which say what to do.
pub(super) async fn stored(records: &Records, tenant: &TenantId) -> store::Result<Result<(InForce, u64)>> {
    let document = split_corruption(records.store.document(tenant, POLICY, None).await)?;
    let length = |document: &Option<Document>| document.as_ref().map_or(0, |document| document.bytes.len() as u64);
    Ok(match document.and_then(|document| Ok((length(&document), open(document)?))) {
        Ok((_, InForce { revision: None, .. })) if records.ring.noted_policy(tenant).await?.is_some() => {
            Err(Error::PolicyLost(format!("the policy was set, and is gone from the data store: {CURE}").into()))
        }
        Ok((length, in_force)) => Ok((in_force, length)),
        Err(cause) => Err(Error::PolicyDamaged(format!("the policy in force does not open ({cause}): {CURE}").into())),
    })
}

/// The number of the newest version that was ever set, as far as is known.
pub(super) async fn newest_number(records: &Records, tenant: &TenantId) -> store::Result<u64> {
    let noted = records.ring.noted_policy(tenant).await?;
    let document = split_corruption(records.store.document(tenant, POLICY, None).await)?;
    let there = document.ok().flatten();
    let number = |document: &Document| document.revision.counter;
    let number = match noted {
        None => there.as_ref().map_or(0, number),
        // The note may be behind; the number of one that does not open may be damaged too.
        Some(noted) => {
            open(there).ok().and_then(|opened| opened.revision).map_or(noted, |there| noted.max(there.counter))
        }
    };
    // A number that is damaged: what comes after it must be one too.
    Ok(number.min(i64::MAX.unsigned_abs() - 1))
}

/// The newest kept version that opens.
async fn newest_kept(records: &Records, tenant: &TenantId) -> store::Result<InForce> {
    for version in kept_versions(newest_number(records, tenant).await?).rev() {
        let kept = records.store.document(tenant, POLICY, Some(version)).await.and_then(open);
        if let Ok(kept @ InForce { revision: Some(_), .. }) = split_corruption(kept)? {
            return Ok(kept);
        }
    }
    open(None)
}

/// The numbers of the versions that are kept, up to the newest.
pub(super) fn kept_versions(newest: u64) -> RangeInclusive<u64> {
    newest.saturating_sub(POLICY_VERSIONS_KEEP.unsigned_abs()) + 1..=newest
}

impl Readers {
    /// The policy in force, or one of its kept versions.
    pub async fn policy(&self, caller: &Caller, version: Option<u64>) -> Result<InForce> {
        let tenant = &caller.principal.tenant;
        let found = match version {
            None => stored(&self.records, tenant).await??.0,
            Some(_) => open(self.records.store.document(tenant, POLICY, version).await?)?,
        };
        if found.revision.is_none() {
            return Err(Error::PolicyNotFound);
        }
        Ok(found)
    }
}

impl Writer {
    /// What a new policy replaces, damaged or not, and the number of the newest version.
    async fn replaced(&self, tenant: &TenantId) -> Result<(Option<Revision>, u64)> {
        let store = self.records.store.as_ref();
        let document = split_corruption(store.document(tenant, POLICY, None).await)?;
        let revision = document.as_ref().ok().and_then(Option::as_ref).map(|document| document.revision);
        if document.is_err() {
            store.drop_damaged_document(tenant, POLICY).await?;
        }
        let newest = match (document.and_then(open), revision) {
            (Ok(_), Some(revision)) => revision.counter,
            _ => newest_number(&self.records, tenant).await?,
        };
        Ok((revision, newest))
    }

    async fn set_policy(&self, caller: &Caller, mut policy: Policy, etag: Option<Revision>) -> Result<InForce> {
        let tenant = &caller.principal.tenant;
        let (current, newest) = self.replaced(tenant).await?;
        if etag.is_some() && etag != current {
            return Err(Error::EtagMismatch);
        }
        let counter = newest + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        policy.version = i64::try_from(counter).unwrap_or(i64::MAX);
        policy.update_time = caller.now;
        let bytes = codec::encode(&policy);
        self.records.write_format.allows(Message::Policy, &bytes)?;
        let length = bytes.len() as u64;
        let document = Document { revision, bytes: bytes.into() };
        let kept = POLICY_VERSIONS_KEEP.unsigned_abs();
        match self.records.store.put_document(tenant, POLICY, current, document, kept).await {
            Ok(()) => {}
            Err(StoreError::Conflict) if etag.is_some() => return Err(Error::EtagMismatch),
            Err(StoreError::Conflict) => return Err(Error::Contended),
            Err(fault) => return Err(fault.into()),
        }
        self.records.ring.note_policy(tenant, counter).await.map_err(|fault| {
            StoreError::Unknown(format!("the policy is in force, and the key store could not note it: {fault}").into())
        })?;
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
