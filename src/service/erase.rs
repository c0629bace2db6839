//! Erasing a customer: the key first, then everything else.

use super::{
    Caller,
    error::{Error, Result},
    indexing::{Standing, between},
    writes::{Writer, Writes},
};
use crate::{
    domain::{CustomerId, TouchedParts},
    store::{
        Commit, CustomerKey, IndexOp, LogEntry, RecordWrite, Revision, StoreError, StoreExt as _,
        codec::header::Header,
        keys,
        sealing::{KeyState, random},
    },
};

/// Attempts to remove a record that others still write to: without its key nobody can, so they end soon.
const ATTEMPTS_MAX: usize = 8;

impl Writes {
    /// Destroys the customer's key, then removes record, history, requests and index entries. Repeating it is safe and
    /// finishes what a crash left.
    pub async fn erase(&self, caller: &Caller, customer: CustomerId, etag: Option<Revision>) -> Result<()> {
        self.run(caller, |writer, caller| async move { writer.erase(&caller, customer, etag).await }).await
    }
}

impl Writer {
    async fn erase(&self, caller: &Caller, customer: CustomerId, etag: Option<Revision>) -> Result<()> {
        let key = caller.key(customer);
        let _queued = self.locks.lock(customer).await;
        let mut index = vec![IndexOp::Unlist];
        match self.records.ring.get(&key).await? {
            // Erased before: what a crash may have left is removed below.
            KeyState::Destroyed => {}
            KeyState::Missing => return Err(Error::CustomerNotFound),
            KeyState::Key(_) => {
                let current = self.records.read(&key).await?.ok_or(Error::CustomerNotFound)?;
                if etag.is_some_and(|etag| etag != current.revision) {
                    return Err(Error::EtagMismatch);
                }
                index.extend(
                    current.profile.identities.iter().map(|own| IndexOp::Release {
                        identity: caller.index_key.blind(&own.identity),
                        token: own.token,
                    }),
                );
                index.extend(between(caller, Some(&Standing::of(caller, &key, &current.profile)), None));
                self.records.ring.destroy(&key).await?;
            }
        }
        for _ in 0..ATTEMPTS_MAX {
            let Some(record) = self.records.store.record(&key).await? else {
                return Ok(());
            };
            let expect = Header::decode(&record)?.0.revision;
            let commit = erasure(caller, &key, Some(expect), index.clone())?;
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
}

/// Removes everything that a customer's slot holds; `None`: there is no record any more.
pub(super) fn erasure(
    caller: &Caller,
    key: &CustomerKey,
    expect: Option<Revision>,
    index: Vec<IndexOp>,
) -> Result<Commit> {
    let counter = expect.map_or(0, |revision| revision.counter) + 1;
    let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
    Ok(Commit {
        key: key.clone(),
        expect,
        record: RecordWrite::Erase,
        requests: None,
        history_put: Vec::new(),
        history_drop: Vec::new(),
        tokens: Vec::new(),
        log: LogEntry { key: key.clone(), revision, touched: TouchedParts::ERASED, index },
        now_ms: caller.now_ms(),
    })
}
