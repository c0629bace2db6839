//! Seals with the tenant's key what is no single customer's: the tasks of log entries, tallies, documents. Below it a store sees of them what it
//! needs, and above it nobody knows that they are sealed. What an older release wrote in the clear is read as it is.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    domain::{TenantId, id::HoldToken},
    store::{
        Advance, Commit, CustomerKey, DocumentKey, Effect, EntryId, Hint, HintIndex, HintRange, HistoryEntry,
        HistoryRange, Lane, Loaded, LogPage, LogPosition, Membership, Names, Result, Revision, Rule, Settled, Store,
        codec::sealed::SealedKind,
        keys::{self, Kind},
        sealing::KeyRing,
    },
};

mod anew;

pub use anew::{SealedAnew, has_clear_requests, seal_old};

/// A store whose shared values are sealed. Its dump, its names and its snapshots are those of the store below.
pub struct Sealed {
    inner: Arc<dyn Store>,
    ring: Arc<KeyRing>,
}

impl Sealed {
    /// Seals what goes to `inner`, and opens what comes from it.
    pub fn new(inner: Arc<dyn Store>, ring: Arc<KeyRing>) -> Self {
        Self { inner, ring }
    }

    /// The value of a key, opened if it is sealed.
    async fn opened(&self, name: &str, bytes: Bytes) -> Result<Bytes> {
        match (SealedKind::of(name), keys::parse_tenant(name)) {
            (Some(kind), Some(tenant)) if kind.is_sealed(&bytes) => {
                Ok(kind.open(self.ring.tenant_key_there(&tenant).await?.as_ref(), name, &bytes).into())
            }
            _ => Ok(bytes),
        }
    }

    /// The value of a key, sealed if it is one that is to be, and the tenant has a key.
    async fn sealed(&self, name: &str, bytes: Bytes) -> Result<Bytes> {
        let (Some(kind), Some(tenant)) = (SealedKind::of(name), keys::parse_tenant(name)) else { return Ok(bytes) };
        match self.ring.tenant_key(&tenant).await? {
            Some(key) => Ok(kind.seal(&key, name, &bytes)?.into()),
            None => Ok(bytes),
        }
    }
}

#[async_trait]
impl Store for Sealed {
    fn connections(&self) -> u64 {
        self.inner.connections()
    }

    async fn ready(&self) -> Result<()> {
        self.inner.ready().await
    }

    async fn values(&self, wanted: &[String]) -> Result<Vec<Option<Bytes>>> {
        let mut found = self.inner.values(wanted).await?;
        for (name, there) in wanted.iter().zip(&mut found) {
            if SealedKind::of(name).is_some()
                && let Some(bytes) = there.take()
            {
                *there = Some(Box::pin(self.opened(name, bytes)).await?);
            }
        }
        Ok(found)
    }

    async fn change(&self, key: String, mut rule: Rule) -> Result<()> {
        let (Some(kind), Some(tenant)) = (SealedKind::of(&key), keys::parse_tenant(&key)) else {
            return self.inner.change(key, rule).await;
        };
        let Some(tenant_key) = self.ring.tenant_key(&tenant).await? else { return self.inner.change(key, rule).await };
        let name = key.clone();
        let sealing = move |there: &[u8]| {
            Ok(match rule(&kind.open(&tenant_key, &name, there))? {
                Effect::Put(bytes, lifetime) => Effect::Put(kind.seal(&tenant_key, &name, &bytes)?, lifetime),
                other => other,
            })
        };
        self.inner.change(key, Box::new(sealing)).await
    }

    async fn load(&self, key: &CustomerKey, lane: Lane, entries: &[EntryId]) -> Result<Loaded> {
        self.inner.load(key, lane, entries).await
    }

    async fn commit(&self, mut commit: Commit) -> Result<u64> {
        commit.log = self.ring.seal_log(commit.log).await?;
        self.inner.commit(commit).await
    }

    async fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Result<Vec<HistoryEntry>> {
        self.inner.history(key, lane, range).await
    }

    async fn settle(&self, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Result<Settled> {
        self.inner.settle(key, token, now_ms).await
    }

    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        let LogPage { entries, trimmed, end } = self.inner.log(bucket, after, limit).await?;
        let mut opened = Vec::with_capacity(entries.len());
        for (at, entry) in entries {
            opened.push((at, self.ring.open_log(entry).await?));
        }
        Ok(LogPage { entries: opened, trimmed, end })
    }

    async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>> {
        self.inner.log_positions(buckets).await
    }

    async fn advance(&self, mut step: Advance) -> Result<bool> {
        for value in &mut step.values {
            value.bytes = self.sealed(&value.key, std::mem::take(&mut value.bytes)).await?;
        }
        self.inner.advance(step).await
    }

    async fn set_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64, membership: Membership) -> Result<()> {
        self.inner.set_hint(tenant, hint, revision, membership).await
    }

    async fn hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        self.inner.hints(tenant, index, partition, range, limit).await
    }

    async fn count_hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        up_to: usize,
    ) -> Result<usize> {
        self.inner.count_hints(tenant, index, partition, range, up_to).await
    }

    async fn version(&self, key: &DocumentKey, number: u64) -> Result<Option<Bytes>> {
        match self.inner.version(key, number).await? {
            Some(bytes) => Ok(Some(self.opened(&keys::document(key), bytes).await?)),
            None => Ok(None),
        }
    }

    async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: Bytes,
        keep: u64,
    ) -> Result<()> {
        let bytes = self.sealed(&keys::document(key), bytes).await?;
        self.inner.put_version(key, expect, number, bytes, keep).await
    }

    /// Of the bytes as the store has them.
    async fn replace_version(&self, key: &DocumentKey, number: u64, from: &Bytes, to: Bytes) -> Result<bool> {
        self.inner.replace_version(key, number, from, to).await
    }

    async fn purge(&self, now_ms: i64) -> Result<u64> {
        self.inner.purge(now_ms).await
    }

    async fn names(&self, kind: Kind, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.inner.names(kind, from, limit).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.inner.dump().await
    }
}
