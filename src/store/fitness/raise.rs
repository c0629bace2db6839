//! Stores of format 1, which have no marks: whether they belong together, as far as can be told, and raising them. And the note that a tenant
//! has an index key, which they lack.

use std::sync::atomic::Ordering;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{CURE, Fitness, MARKS_AT_ONCE};
use crate::{
    domain::TenantId,
    store::{
        CustomerKey, PAGE_MAX, Result, StoreError,
        cas::{self, Decision, Lifetime},
        keys::{self, Kind},
        keystore::{KeyEntry, KeyName},
        sealing::INDEX_KEY_VERSION,
    },
};

/// What was found when stores were raised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Raised {
    /// Customers with a record.
    pub records: u64,
    /// Those of them whose key is missing.
    pub without_key: u64,
}

impl Fitness {
    /// Marks two stores of format 1 as belonging together, before they are raised: the keys of all records, and then the buckets. What
    /// ended half way goes on when it is called again.
    ///
    /// # Errors
    /// `Unfit`: one of the two is empty, or has nothing of the other.
    pub async fn raise(&self) -> Result<Raised> {
        let unfit = |text: &str| Err(StoreError::Unfit(format!("{text}; {CURE}").into()));
        if !self.keys.has_keys().await? {
            return unfit("the key store is empty, and the data store is not: these keys do not belong to it");
        }
        let raised = self.commit_keys().await?;
        if raised.records > 0 && raised.records == raised.without_key {
            return unfit("the key store has the key of no customer in the data store: these keys do not belong to it");
        }
        if raised.records == 0 && self.has_unused_keys().await? {
            return unfit(
                "the key store has keys of customers, and the data store has no customer: it was emptied, or is not theirs",
            );
        }
        self.write_new().await?;
        Ok(raised)
    }

    /// Marks the keys of all records as committed.
    pub async fn commit_keys(&self) -> Result<Raised> {
        let mut raised = Raised::default();
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.data.names(Kind::Record, at.as_deref(), PAGE_MAX).await?;
            let customers = page.names.iter().filter_map(|name| keys::parse_customer_name(name));
            let names: Vec<KeyName> =
                customers.map(|CustomerKey { tenant, customer }| KeyName::Customer(tenant, customer)).collect();
            let entries = self.keys.get_many(&names).await?;
            raised.records += names.len() as u64;
            raised.without_key += entries.iter().filter(|entry| entry.is_none()).count() as u64;
            let unmarked = names.into_iter().zip(entries);
            let unmarked = unmarked.filter(|(_, entry)| matches!(entry, Some(KeyEntry::Wrapped(_))));
            let unmarked: Vec<KeyName> = unmarked.map(|(name, _)| name).collect();
            let mark = |name: KeyName| async move { self.keys.set_committed(&name, true).await };
            stream::iter(unmarked).map(mark).buffer_unordered(MARKS_AT_ONCE).try_collect::<()>().await?;
            from = page.next.map(Some);
        }
        Ok(raised)
    }

    async fn has_unused_keys(&self) -> Result<bool> {
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.keys.names(at.as_deref(), PAGE_MAX).await?;
            if !self.without_record(&page.names).await?.is_empty() {
                return Ok(true);
            }
            from = page.next.map(Some);
        }
        Ok(false)
    }

    /// Whether a tenant's index key was ever made, as far as the data store knows. Of stores without marks it does not.
    pub async fn had_index_key(&self, tenant: &TenantId) -> Result<bool> {
        let noted = self.data.values(&[keys::index_key_note(tenant)]).await?;
        Ok(noted.iter().any(Option::is_some))
    }

    /// Notes that a tenant has an index key.
    pub async fn note_index_key(&self, tenant: &TenantId) -> Result<()> {
        if self.expected.load().is_none() || self.had_index_key(tenant).await? {
            return Ok(());
        }
        let note = |_: &[u8]| Ok(Decision::put((), vec![1], Lifetime::Forever));
        cas::change(self.data.as_ref(), keys::index_key_note(tenant), note).await
    }

    /// Whether a tenant must have an index key: with another nobody of theirs would be found any more.
    pub async fn must_have_index_key(&self, tenant: &TenantId) -> Result<bool> {
        Ok(self.had_index_key(tenant).await? || (self.expected.load().is_none() && self.has_customers(tenant).await?))
    }

    /// Whether stores without marks have customers of the tenant, and no index key to find them by.
    pub(super) async fn lacks_index_key(&self, tenant: &TenantId) -> Result<bool> {
        if self.keys.get(&KeyName::Index(tenant.clone(), INDEX_KEY_VERSION)).await?.is_some() {
            self.knows_nobody.store(false, Ordering::Relaxed);
            return Ok(false);
        }
        // Customers come after their index key: a store that had none has none until there is one.
        if self.knows_nobody.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let lacks = self.has_customers(tenant).await?;
        self.knows_nobody.store(!lacks, Ordering::Relaxed);
        Ok(lacks)
    }

    async fn has_customers(&self, tenant: &TenantId) -> Result<bool> {
        let customer = |name: &String| keys::parse_customer_name(name).map(|key| key.tenant);
        let identity = |name: &String| keys::parse_identity(name).map(|key| key.tenant);
        for (kind, tenant_of) in
            [(Kind::Record, &customer as &(dyn Fn(&String) -> Option<TenantId> + Sync)), (Kind::Identity, &identity)]
        {
            let mut from = Some(None);
            while let Some(at) = from.take() {
                let page = self.data.names(kind, at.as_deref(), PAGE_MAX).await?;
                if page.names.iter().any(|name| tenant_of(name).as_ref() == Some(tenant)) {
                    return Ok(true);
                }
                from = page.next.map(Some);
            }
        }
        Ok(false)
    }
}
