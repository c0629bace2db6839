//! Scans with bounded memory: the customers that a tenant's listing has, in the order of their ids; and all keys of one
//! kind, page by page.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use super::{BUCKETS, Hint, HintIndex, HintRange, PAGE_MAX, Result, Store, keys::Kind};
use crate::domain::{CustomerId, TenantId};

/// All buckets, in order.
pub const ALL_BUCKETS: [u8; BUCKETS as usize] = {
    let mut buckets = [0; BUCKETS as usize];
    let mut bucket = 0;
    while bucket < buckets.len() {
        buckets[bucket] = bucket as u8;
        bucket += 1;
    }
    buckets
};

/// Members of a partition held at once (a partition of the listing is a bucket): 256 partitions × 64 × 16 bytes = 256
/// KiB.
const PAGE: usize = 64;

/// All listed customers: the partitions of the listing, each in order, merged. Who is put into the listing meanwhile may be missed.
pub struct Listed<'a> {
    store: &'a dyn Store,
    tenant: &'a TenantId,
    partitions: Vec<VecDeque<[u8; 16]>>,
    next: BinaryHeap<Reverse<([u8; 16], u8)>>,
}

impl<'a> Listed<'a> {
    pub async fn start(store: &'a dyn Store, tenant: &'a TenantId) -> Result<Self> {
        let partitions = (0..BUCKETS).map(|_| VecDeque::new()).collect();
        let mut listed = Self { store, tenant, partitions, next: BinaryHeap::new() };
        for bucket in 0..=u8::MAX {
            listed.push_next(bucket, None).await?;
        }
        Ok(listed)
    }

    /// The next customer. It may be gone by now: the listing is a hint.
    pub async fn next(&mut self) -> Result<Option<CustomerId>> {
        let Some(Reverse((member, bucket))) = self.next.pop() else { return Ok(None) };
        self.push_next(bucket, Some(member)).await?;
        Ok(Some(CustomerId::from_bytes(member)))
    }

    async fn push_next(&mut self, bucket: u8, after: Option<[u8; 16]>) -> Result<()> {
        let partition = &mut self.partitions[usize::from(bucket)];
        if partition.is_empty() {
            let range = HintRange::default().after(after.map(Vec::from));
            let page = self.store.hints(self.tenant, HintIndex::Listing, bucket, &range, PAGE).await?;
            partition.extend(page.iter().filter_map(|(member, _)| <[u8; 16]>::try_from(member.as_slice()).ok()));
        }
        if let Some(member) = partition.pop_front() {
            self.next.push(Reverse((member, bucket)));
        }
        Ok(())
    }
}

/// Whether a hint is there. One look-up.
pub async fn has_hint(store: &dyn Store, tenant: &TenantId, hint: &Hint) -> Result<bool> {
    Ok(hint_revision(store, tenant, hint).await?.is_some())
}

/// The revision at which a hint was put; `None`: it is not there. One look-up.
pub async fn hint_revision(store: &dyn Store, tenant: &TenantId, hint: &Hint) -> Result<Option<u64>> {
    let range = HintRange { from: hint.member.clone(), ..HintRange::default() };
    let found = store.hints(tenant, hint.index, hint.partition, &range, 1).await?;
    Ok(found.first().filter(|(found, _)| *found == hint.member).map(|(_, revision)| *revision))
}

/// All keys of a kind that are there throughout, in pages; some perhaps twice.
pub struct Walk<'a> {
    store: &'a dyn Store,
    kind: Kind,
    /// `None`: it has come to the end, or failed.
    from: Option<Option<Vec<u8>>>,
}

impl<'a> Walk<'a> {
    pub fn start(store: &'a dyn Store, kind: Kind) -> Self {
        Self { store, kind, from: Some(None) }
    }

    /// The next page, which may be empty before the end; `None` after the last, and after an error.
    pub async fn next(&mut self) -> Result<Option<Vec<String>>> {
        let Some(from) = self.from.take() else { return Ok(None) };
        let page = self.store.names(self.kind, from.as_deref(), PAGE_MAX).await?;
        self.from = page.next.map(Some);
        Ok(Some(page.names))
    }
}
