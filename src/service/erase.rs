//! Erasing a customer: the key first, then everything else.
//!
//! Before the key it is noted what leads to the customer: without the key nobody can read that from the record any more. So the index
//! worker can finish what is cut short in between. The note takes two round trips; not asking for the record's revision again saves one, and
//! the note is dropped by the index worker, for which nobody waits.

use super::{
    Caller, erasures,
    error::{Error, Result},
    indexing::{Standing, between},
    writes::{Writer, Writes},
};
use crate::{
    domain::{CustomerId, Timestamp, TouchedParts, profile::ProfileIdentity},
    store::{
        CustomerKey, Erasure, IndexOp, LogEntry, Revision, StoreError, StoreExt as _, codec::header::Header, keys,
        records::Versioned, sealing::KeyState, split_corruption,
    },
};

impl Writes {
    /// Destroys the customer's key, then removes record, history, requests and index entries. Repeating it is safe and finishes what
    /// a crash left; so does the index worker, without being asked. `forget` drops what this process keeps of the customer. It is
    /// called as soon as the key is destroyed, so that it does not depend on the removal's outcome, nor on a client that waits for it.
    /// Answers since when copies of destroyed keys may live that cannot be removed; `None`: no copy of this one lives for more than a minute.
    pub async fn erase(
        &self,
        caller: &Caller,
        customer: CustomerId,
        etag: Option<Revision>,
        forget: impl FnOnce(&CustomerKey) + Send + 'static,
    ) -> Result<Option<Timestamp>> {
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
    ) -> Result<Option<Timestamp>> {
        let key = caller.key(customer);
        let _queued = self.locks.lock(customer).await;
        let now_ms = caller.now_ms();
        if let Ok(KeyState::Destroyed) = split_corruption(self.records.ring.get(&key).await)? {
            forget(&key);
            // What a crash may have left is removed; else there is nothing to do.
            return self.finished(&key, erasures::finish(&self.records, &key, now_ms).await).await;
        }
        let erasure = self.begun(caller, &key, etag).await?;
        let destroyed = self.records.ring.destroy(&key, now_ms).await;
        // Whatever came of it: an unknown outcome may be a destroyed key.
        forget(&key);
        match destroyed {
            Ok(()) => self.finished(&key, erasures::finish_noted(&self.records, &erasure, now_ms).await).await,
            Err(fault) => {
                if matches!(fault, StoreError::Unknown(_)) {
                    self.destroyed_keys.note().await;
                    self.worker.look_for_erasures();
                } else {
                    // Nothing was destroyed. A note that stays is dropped by a later sweep.
                    let _ = self.records.store.end_erasure(&key).await;
                }
                Err(fault.into())
            }
        }
    }

    /// Notes what has to be done once the key is destroyed.
    async fn begun(&self, caller: &Caller, key: &CustomerKey, etag: Option<Revision>) -> Result<Erasure> {
        let mut index = vec![IndexOp::Unlist];
        let revision = match self.index_left(caller, key, etag).await? {
            Some((revision, left)) => {
                index.extend(left);
                revision
            }
            None => Revision { counter: 0, write_id: 0 },
        };
        let left = LogEntry { key: key.clone(), revision, touched: TouchedParts::ERASED, index };
        let erasure = Erasure { left: self.records.ring.seal_log(left).await?, begun_ms: caller.now_ms() };
        match self.records.store.begin_erasure(erasure.clone()).await {
            Ok(true) => Ok(erasure),
            Ok(false) => Err(Error::Contended),
            // Removing needs no room: what cannot be noted is erased all the same. If that is cut short, the walk finds it.
            Err(StoreError::Full(_) | StoreError::Corrupt(_)) => Ok(erasure),
            // Nothing of the customer was touched.
            Err(StoreError::Unknown(cause)) => Err(StoreError::Unavailable(cause).into()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The answer once the key is destroyed.
    async fn finished(&self, key: &CustomerKey, rest: Result<bool>) -> Result<Option<Timestamp>> {
        let copies_since = self.destroyed_keys.note().await;
        match rest {
            Ok(_) => {
                self.worker.mark(keys::bucket(&key.tenant, &key.customer));
                Ok(copies_since)
            }
            Err(fault) => {
                self.worker.look_for_erasures();
                Err(Error::ErasureUnfinished(fault.to_string().into()))
            }
        }
    }

    /// What indexes and identities hold of a customer that has the etag; `None`: the record was lost. A record that does not open does not
    /// tell: what is left of it leads to nobody, and `fsck` removes it.
    async fn index_left(
        &self,
        caller: &Caller,
        key: &CustomerKey,
        etag: Option<Revision>,
    ) -> Result<Option<(Revision, Vec<IndexOp>)>> {
        let left = match split_corruption(self.records.read(key).await)? {
            Ok(None) => return Err(Error::CustomerNotFound),
            Ok(Some(Versioned { profile, revision })) => {
                let release = |own: &ProfileIdentity| IndexOp::Release {
                    identity: caller.index_key.blind(&own.identity),
                    token: own.token,
                };
                let released = profile.identities.iter().map(release);
                let standing = Standing::of(caller, key, &profile);
                Some((revision, released.chain(between(caller, Some(&standing), None)).collect()))
            }
            Err(_) => match self.records.store.record(key).await? {
                Some(record) => Some((Header::decode(&record)?.0.revision, Vec::new())),
                None => None,
            },
        };
        if etag.is_some() && etag != left.as_ref().map(|(revision, _)| *revision) {
            return Err(Error::EtagMismatch);
        }
        Ok(left)
    }
}
