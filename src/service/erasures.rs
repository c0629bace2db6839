//! What is left of a customer whose key is destroyed: how it is removed, by the call that erases, by the index worker after a crash, or by a
//! check. Doing it twice is harmless: only one commit can remove a record.

use super::error::{Error, Result};
use crate::store::{
    self, Commit, CustomerKey, Erasure, IndexOp, Revision, Store, StoreError, StoreExt as _, codec::header::Header,
    keystore::KeyEntry, records::Records,
};

/// Attempts to remove a record that others still write to: without its key nobody can, so they end soon.
const ATTEMPTS_MAX: usize = 8;
/// After so long a note whose customer still has the key is of a call that ended before it destroyed anything: longer than any
/// deadline of the stores, and than the clocks of replicas differ.
const CUT_AFTER_MS: i64 = 60 * 1_000;

/// What is known of the record before it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing. If there is none, a commit has removed all there was.
    Nothing,
    /// It was lost: what may be beside it goes.
    Lost,
    /// Its revision a moment ago: likely still the one, which saves asking for it.
    At(Revision),
}

/// Removes record, history and requests of a customer whose key is destroyed, and leaves `index` to the index worker, which then drops the
/// note too. Answers whether there was anything.
pub(super) async fn remove_rest(
    records: &Records,
    key: &CustomerKey,
    index: &[IndexOp],
    known: Known,
    now_ms: i64,
) -> Result<bool> {
    let mut likely = if let Known::At(revision) = known { Some(revision) } else { None };
    for _ in 0..ATTEMPTS_MAX {
        let expect = match likely.take() {
            Some(revision) => Some(revision),
            None => match records.store.record(key).await? {
                Some(record) => Some(Header::decode(&record)?.0.revision),
                None if known == Known::Lost => None,
                None => {
                    // Its tasks are in the log, or done.
                    drop_note(records.store.as_ref(), key).await?;
                    return Ok(false);
                }
            },
        };
        match records.store.commit(Commit::erasure(key, expect, index.to_vec(), now_ms)?).await {
            Ok(_) => return Ok(true),
            Err(StoreError::Conflict) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(Error::Contended)
}

/// Drops the note of a customer's erasure. Notes that do not decode hold nobody up: `fsck` drops them.
pub(super) async fn drop_note(store: &dyn Store, key: &CustomerKey) -> store::Result<()> {
    match store.end_erasure(key).await {
        Err(StoreError::Corrupt(_)) => Ok(()),
        dropped => dropped,
    }
}

/// The note of a customer's erasure, if there is one that decodes.
pub(super) async fn noted(records: &Records, key: &CustomerKey) -> store::Result<Option<Erasure>> {
    let found = records.store.erasures(&[store::keys::bucket(&key.tenant, &key.customer)]).await?.pop();
    let erasures = found.and_then(store::Result::ok).unwrap_or_default();
    Ok(erasures.into_iter().find(|erasure| erasure.key() == key))
}

/// Finishes the erasure of a customer whose key is destroyed, by its note if there is one. Answers whether there was anything left.
pub(super) async fn finish(records: &Records, key: &CustomerKey, now_ms: i64) -> Result<bool> {
    match noted(records, key).await? {
        Some(erasure) => finish_noted(records, &erasure, now_ms).await,
        None => remove_rest(records, key, &[IndexOp::Unlist], Known::Nothing, now_ms).await,
    }
}

pub(super) async fn finish_noted(records: &Records, erasure: &Erasure, now_ms: i64) -> Result<bool> {
    let left = &erasure.left;
    let known = if left.revision.counter == 0 { Known::Lost } else { Known::At(left.revision) };
    remove_rest(records, &left.key, &left.index, known, now_ms).await
}

/// Finishes a noted erasure if the key is destroyed; the note of one that destroyed nothing is dropped after a while. Answers whether
/// there was anything left.
pub(super) async fn settle(records: &Records, erasure: &Erasure, now_ms: i64) -> Result<bool> {
    let key = erasure.key();
    if records.ring.entry(key).await? == Some(KeyEntry::Tombstone) {
        return finish_noted(records, erasure, now_ms).await;
    }
    if now_ms.saturating_sub(erasure.begun_ms) > CUT_AFTER_MS {
        drop_note(records.store.as_ref(), key).await?;
        tracing::warn!(
            customer.id = %key.customer,
            "an erasure was cut short before it destroyed anything: the customer is there; whoever asked for it has to ask again"
        );
    }
    Ok(false)
}
