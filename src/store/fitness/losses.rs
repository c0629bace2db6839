//! What is missing from two stores that are not whole: customers of whom one store has a trace, and the other nothing.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Fitness, MARKS_AT_ONCE};
use crate::{
    domain::TenantId,
    store::{
        Commit, CustomerKey, EntryState, IdentityKey, IndexOp, PAGE_MAX, Result, StoreExt as _,
        keys::{self, Kind},
        keystore::{KeyEntry, KeyName},
        sealing::is_wrapped_by_tenant_key,
    },
};

/// Customers named; of more there is the number alone.
const NAMED_MAX: usize = 1_000;

/// What of a customer is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The record: there is a key.
    Record,
    /// The key: there is a record, which cannot be opened.
    Key,
}

/// What was found missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// Customers with a key and without a record: the record is gone. (Or they were being created, where the stores are not whole.)
    pub without_record: u64,
    /// Customers with a record and without a key, or with one that the tenant's lost key wrapped: it cannot be opened.
    pub without_key: u64,
    /// The first of both.
    pub named: Vec<(CustomerKey, Missing)>,
    /// Whether the tenant's key is gone: then nothing opens that it wrapped or sealed.
    pub tenant_key: bool,
    /// Whether the tenant's index key is gone, or cannot be opened: then nobody is found by an identity any more.
    pub index_key: bool,
    /// Whether the tenant's policy is gone.
    pub policy: bool,
}

impl Losses {
    fn name(&mut self, key: CustomerKey, missing: Missing) {
        match missing {
            Missing::Record => self.without_record += 1,
            Missing::Key => self.without_key += 1,
        }
        if self.named.len() < NAMED_MAX {
            self.named.push((key, missing));
        }
    }
}

impl Fitness {
    /// Compares a tenant's customers of both stores, page by page.
    pub async fn losses(&self, tenant: &TenantId) -> Result<Losses> {
        let (own, policy) = (self.own_keys_lost(tenant).await?, self.policy_lost(tenant).await?);
        // A sealed policy is as good as gone without the key.
        let policy = policy || own.tenant;
        let mut losses = Losses { tenant_key: own.tenant, index_key: own.index, policy, ..Losses::default() };
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.keys.names(at.as_deref(), PAGE_MAX).await?;
            self.records_gone(tenant, &page.names).await?.into_iter().for_each(|key| losses.name(key, Missing::Record));
            from = page.next.map(Some);
        }
        self.keys_gone(tenant, &mut losses).await?;
        Ok(losses)
    }

    /// Takes customers whose record is gone for people who were never there: what is left of them goes, their cards are free, and they may
    /// be made again. They are those of [`Fitness::losses`], and no others.
    pub(super) async fn give_up_records(&self, tenant: &TenantId) -> Result<()> {
        self.give_up_identities(tenant).await?;
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.keys.names(at.as_deref(), PAGE_MAX).await?;
            let gone = self.records_gone(tenant, &page.names).await?;
            let give_up = |key: CustomerKey| async move {
                // What a slot without a record holds, and the customer's place in the listing.
                self.data.commit(Commit::erasure(&key, None, vec![IndexOp::Unlist], 0)?).await?;
                // The last: until then it is known that there was a record.
                self.keys.set_committed(&KeyName::Customer(key.tenant, key.customer), false).await
            };
            stream::iter(gone).map(give_up).buffer_unordered(MARKS_AT_ONCE).try_collect::<()>().await?;
            from = page.next.map(Some);
        }
        Ok(())
    }

    /// Frees the identities that are confirmed for customers whose record is gone.
    async fn give_up_identities(&self, tenant: &TenantId) -> Result<()> {
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.data.names(Kind::Identity, at.as_deref(), PAGE_MAX).await?;
            let named = page.names.iter().filter_map(|name| keys::parse_identity(name));
            let named: Vec<IdentityKey> = named.filter(|identity| identity.tenant == *tenant).collect();
            let found = self.data.identities(&named, i64::MIN).await?;
            for (identity, entries) in named.iter().zip(found) {
                // What does not decode is found by fsck.
                for entry in entries.into_iter().flatten().filter(|entry| entry.state == EntryState::Confirmed) {
                    let owner = CustomerKey { tenant: identity.tenant.clone(), customer: entry.customer };
                    if self.data.record(&owner).await?.is_none() && self.is_lost(&owner).await? {
                        self.data.release(identity, entry.token).await?;
                    }
                }
            }
            from = page.next.map(Some);
        }
        Ok(())
    }

    /// Whether a customer without a record was lost: not erased, and, in stores that are whole, not being made. Of whom neither store
    /// has a trace was lost with the key.
    async fn is_lost(&self, key: &CustomerKey) -> Result<bool> {
        Ok(match self.keys.get(&KeyName::Customer(key.tenant.clone(), key.customer)).await? {
            Some(KeyEntry::Committed(_)) => true,
            Some(KeyEntry::Tombstone) => false,
            Some(KeyEntry::Wrapped(_)) | None => self.check().is_err(),
        })
    }

    /// Those of a tenant's named customers whose record is gone.
    async fn records_gone(&self, tenant: &TenantId, names: &[String]) -> Result<Vec<CustomerKey>> {
        // In stores that are whole, one that is not committed is of a customer who is being made.
        let is_whole = self.check().is_ok();
        let found = self.without_record(names).await?.into_iter();
        let gone = found.filter(|(key, is_committed)| key.tenant == *tenant && (*is_committed || !is_whole));
        Ok(gone.map(|(key, _)| key).collect())
    }

    /// Those of the named customers who have a key and no record, and whether the key was committed.
    pub(super) async fn without_record(&self, names: &[String]) -> Result<Vec<(CustomerKey, bool)>> {
        let names: Vec<KeyName> = names.iter().filter_map(|name| keys::parse_data_key(name)).collect();
        let entries = self.keys.get_many(&names).await?;
        let mut live = Vec::new();
        for (name, entry) in names.into_iter().zip(entries) {
            let is_committed = matches!(entry, Some(KeyEntry::Committed(_)));
            if let KeyName::Customer(tenant, customer) = name
                && (is_committed || matches!(entry, Some(KeyEntry::Wrapped(_))))
            {
                live.push((CustomerKey { tenant, customer }, is_committed));
            }
        }
        let customers: Vec<CustomerKey> = live.iter().map(|(key, _)| key.clone()).collect();
        let records = self.data.records(&customers).await?;
        Ok(live.into_iter().zip(records).filter(|(_, record)| record.is_none()).map(|(one, _)| one).collect())
    }

    async fn keys_gone(&self, tenant: &TenantId, losses: &mut Losses) -> Result<()> {
        let mut from = None;
        loop {
            let page = self.data.names(Kind::Record, from.as_deref(), PAGE_MAX).await?;
            let customers = page.names.iter().filter_map(|name| keys::parse_customer_name(name));
            let customers: Vec<CustomerKey> = customers.filter(|key| key.tenant == *tenant).collect();
            let name = |key: &CustomerKey| KeyName::Customer(key.tenant.clone(), key.customer);
            let entries = self.keys.get_many(&customers.iter().map(name).collect::<Vec<_>>()).await?;
            let is_gone = |entry: &Option<KeyEntry>| match entry {
                None => true,
                Some(entry) => losses.tenant_key && entry.wrapped().is_some_and(|key| is_wrapped_by_tenant_key(key)),
            };
            let gone: Vec<CustomerKey> =
                customers.into_iter().zip(entries).filter(|(_, entry)| is_gone(entry)).map(|(key, _)| key).collect();
            for key in gone {
                losses.name(key, Missing::Key);
            }
            let Some(next) = page.next else { return Ok(()) };
            from = Some(next);
        }
    }
}
