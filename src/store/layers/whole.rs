//! Refuses what a store that is not whole would answer: see [`super::super::fitness`].

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Layer, Method};
use crate::store::{
    Names, Result, Store,
    fitness::{Fitness, Side},
    keys,
    keystore::{KeyEntry, KeyName, KeyStore},
};

/// A data store that says "nothing there" only where nothing was lost.
pub struct Whole {
    inner: Arc<dyn Store>,
    fitness: Arc<Fitness>,
}

impl Whole {
    /// Puts the look at the marks around every call of `inner`.
    pub fn new(inner: Arc<dyn Store>, fitness: Arc<Fitness>) -> Self {
        Self { inner, fitness }
    }
}

impl Layer for Whole {
    const DOUBTS_ABSENCE: bool = true;

    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        _operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        // Checks and readiness look at any store.
        if matches!(method, Method::Ready | Method::Names | Method::Dump) {
            return call.await;
        }
        self.fitness.around(method.changes(), call).await
    }

    async fn nothing_in(&self, buckets: Vec<u8>) -> Result<()> {
        self.fitness.nothing_in(Side::Data, buckets).await
    }

    fn committed(&self, bucket: u8, position: u64) {
        self.fitness.reached(bucket, position);
    }
}

/// A key store that says "no key" only where nothing was lost.
pub struct WholeKeys {
    inner: Arc<dyn KeyStore>,
    fitness: Arc<Fitness>,
}

impl WholeKeys {
    /// As [`Whole::new`].
    pub fn new(inner: Arc<dyn KeyStore>, fitness: Arc<Fitness>) -> Self {
        Self { inner, fitness }
    }

    async fn believed<T>(&self, names: &[KeyName], found: Vec<Option<T>>) -> Result<Vec<Option<T>>> {
        let missing = names.iter().zip(&found).filter(|(_, entry)| entry.is_none());
        let buckets: Vec<u8> = missing.filter_map(|(name, _)| keys::bucket_of(&keys::data_key(name))).collect();
        if !buckets.is_empty() {
            self.fitness.nothing_in(Side::Keys, buckets).await?;
        }
        Ok(found)
    }
}

#[async_trait]
impl KeyStore for WholeKeys {
    fn connections(&self) -> u64 {
        self.inner.connections()
    }

    async fn ready(&self) -> Result<()> {
        self.inner.ready().await
    }

    async fn get(&self, name: &KeyName) -> Result<Option<KeyEntry>> {
        let found = self.fitness.around(false, self.inner.get(name)).await?;
        Ok(self.believed(std::slice::from_ref(name), vec![found]).await?.pop().flatten())
    }

    async fn get_many(&self, names: &[KeyName]) -> Result<Vec<Option<KeyEntry>>> {
        self.believed(names, self.fitness.around(false, self.inner.get_many(names)).await?).await
    }

    async fn put_new(&self, name: &KeyName, wrapped: Bytes) -> Result<KeyEntry> {
        self.fitness.around(true, self.inner.put_new(name, wrapped)).await
    }

    async fn set_committed(&self, name: &KeyName, committed: bool) -> Result<()> {
        self.fitness.around(true, self.inner.set_committed(name, committed)).await
    }

    async fn replace(&self, name: &KeyName, from: &Bytes, to: Option<Bytes>) -> Result<bool> {
        self.fitness.around(true, self.inner.replace(name, from, to)).await
    }

    async fn bury(&self, name: &KeyName, now_ms: i64) -> Result<()> {
        self.fitness.around(true, self.inner.bury(name, now_ms)).await
    }

    /// Not of a store that is not whole: what is left in its files may be all there is.
    async fn rewrite(&self) -> Result<()> {
        self.fitness.check()?;
        self.inner.rewrite().await
    }

    async fn may_rewrite(&self) -> Result<()> {
        self.inner.may_rewrite().await
    }

    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.inner.notes(names).await
    }

    async fn put_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        self.inner.put_notes(notes).await
    }

    async fn drop_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        self.inner.drop_notes(notes).await
    }

    async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.inner.names(from, limit).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.inner.dump().await
    }
}
