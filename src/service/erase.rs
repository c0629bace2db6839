//! Erasing a customer: the key first, then everything else.

use super::{
    Caller,
    error::{Error, Result},
    indexing::{Standing, between},
    writes::{Writer, Writes},
};
use crate::{
    domain::{CustomerId, profile::ProfileIdentity},
    store::{
        Commit, CustomerKey, IndexOp, Revision, StoreError, StoreExt as _, codec::header::Header, keys,
        records::Versioned, sealing::KeyState, split_corruption,
    },
};

/// Attempts to remove a record that others still write to: without its key nobody can, so they end soon.
const ATTEMPTS_MAX: usize = 8;

impl Writes {
    /// Destroys the customer's key, then removes record, history, requests and index entries. Repeating it is safe and
    /// finishes what a crash left. `forget` drops what this process keeps of the customer. It is called as soon as the key is
    /// destroyed, so that it does not depend on the removal's outcome, nor on a client that waits for it.
    pub async fn erase(
        &self,
        caller: &Caller,
        customer: CustomerId,
        etag: Option<Revision>,
        forget: impl FnOnce(&CustomerKey) + Send + 'static,
    ) -> Result<()> {
        self.run(caller, |writer, caller| async move { writer.erase(&caller, customer, etag, forget).await }).await
    }
}

impl Writer {
    async fn erase(
        &self,
        caller: &Caller,
        customer: CustomerId,
        etag: Option<Revision>,
        forget: impl FnOnce(&CustomerKey) + Send,
    ) -> Result<()> {
        let key = caller.key(customer);
        let _queued = self.locks.lock(customer).await;
        let mut index = vec![IndexOp::Unlist];
        let mut is_lost = false;
        if let Ok(KeyState::Destroyed) = split_corruption(self.records.ring.get(&key).await)? {
            // Erased before: what a crash may have left is removed below.
            forget(&key);
        } else {
            match self.index_left(caller, &key, etag).await? {
                Some(left) => index.extend(left),
                None => is_lost = true,
            }
            let destroyed = self.records.ring.destroy(&key).await;
            // Whatever came of it: an unknown outcome may be a destroyed key.
            forget(&key);
            destroyed?;
        }
        for _ in 0..ATTEMPTS_MAX {
            let expect = match self.records.store.record(&key).await? {
                Some(record) => Some(Header::decode(&record)?.0.revision),
                // What there may be beside the record goes with it.
                None if is_lost => None,
                None => return Ok(()),
            };
            let commit = Commit::erasure(&key, expect, index.clone(), caller.now_ms())?;
            match self.records.store.commit(commit).await {
                Ok(_) => {
                    self.worker.mark(keys::bucket(&key.tenant, &key.customer));
                    return Ok(());
                }
                Err(StoreError::Conflict) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Error::Contended)
    }

    /// What indexes and identities hold of a customer that has the etag; `None`: the record was lost. A record that does not open does not
    /// tell: what is left of it leads to nobody, and `fsck` removes it.
    async fn index_left(
        &self,
        caller: &Caller,
        key: &CustomerKey,
        etag: Option<Revision>,
    ) -> Result<Option<Vec<IndexOp>>> {
        let (revision, left) = match split_corruption(self.records.read(key).await)? {
            Ok(None) => return Err(Error::CustomerNotFound),
            Ok(Some(Versioned { profile, revision })) => {
                let release = |own: &ProfileIdentity| IndexOp::Release {
                    identity: caller.index_key.blind(&own.identity),
                    token: own.token,
                };
                let released = profile.identities.iter().map(release);
                let standing = Standing::of(caller, key, &profile);
                (Some(revision), Some(released.chain(between(caller, Some(&standing), None)).collect()))
            }
            Err(_) => match self.records.store.record(key).await? {
                Some(record) => (Some(Header::decode(&record)?.0.revision), Some(Vec::new())),
                None => (None, None),
            },
        };
        if etag.is_some() && etag != revision {
            return Err(Error::EtagMismatch);
        }
        Ok(left)
    }
}
