//! What is left of a customer whose key is destroyed: how it is removed, by the call that erases, by the index worker after a crash, or by a
//! check. Doing it twice is harmless: only one commit can remove a record.

use super::error::{Error, Result};
use crate::store::{
    self, CustomerKey, Erasure, IndexOp, StoreError, StoreExt as _,
    keystore::KeyEntry,
    leftovers::{self, Known, drop_note},
    records::Records,
};

/// After so long a note whose customer still has the key is of a call that ended before it destroyed anything: longer than any
/// deadline of the stores, and than the clocks of replicas differ.
const CUT_AFTER_MS: i64 = 60 * 1_000;

/// Removes all that is found by the id of a customer whose key is destroyed, and leaves `index` to the index worker, which then drops the note too.
/// Answers whether there was anything.
async fn remove_rest(
    records: &Records,
    key: &CustomerKey,
    index: &[IndexOp],
    known: Known,
    now_ms: i64,
) -> Result<bool> {
    match leftovers::remove_slot(records.store.as_ref(), key, index, known, now_ms).await {
        Err(StoreError::Conflict) => Err(Error::Contended),
        removed => Ok(removed?),
    }
}

/// The note of a customer's erasure, if there is one that decodes.
pub(super) async fn noted(records: &Records, key: &CustomerKey) -> store::Result<Option<Erasure>> {
    let found = records.store.erasures(&[store::keys::bucket(&key.tenant, &key.customer)]).await?.pop();
    let erasures = found.and_then(store::Result::ok).unwrap_or_default();
    Ok(erasures.into_iter().find(|erasure| erasure.key() == key))
}

/// Finishes the erasure of a customer whose key is destroyed, by its note if there is one. Answers whether there was anything left. Without a note
/// nobody knows which identities and entries of indexes led to the customer: they are found from the record, which does not open any more, and not
/// from the id, but by looking through the whole store. That is left to `rapport store adopt`, `rapport copy` and `fsck`, which do.
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
