//! What is missing from two stores that are not whole: customers of whom one store has a trace, and the other nothing.

use super::Fitness;
use crate::{
    domain::TenantId,
    store::{
        CustomerKey, PAGE_MAX, Result, StoreExt as _,
        keys::{self, Kind},
        keystore::{KeyEntry, KeyName},
    },
};

/// Customers named; of more there is the number alone.
const NAMED_MAX: usize = 1_000;

/// What was found missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// Customers with a key and without a record: the record is gone. (Or they were being created.)
    pub without_record: u64,
    /// Customers with a record and without a key: it cannot be opened.
    pub without_key: u64,
    /// The first of both.
    pub named: Vec<CustomerKey>,
    /// Whether the tenant's index key is gone: then nobody is found by an identity any more.
    pub index_key: bool,
}

impl Losses {
    fn name(&mut self, key: CustomerKey) {
        if self.named.len() < NAMED_MAX {
            self.named.push(key);
        }
    }
}

impl Fitness {
    /// Compares the customers of both stores, page by page.
    pub async fn losses(&self, tenant: &TenantId) -> Result<Losses> {
        let mut losses = Losses { index_key: self.index_key_lost(tenant).await?, ..Losses::default() };
        self.records_gone(&mut losses).await?;
        self.keys_gone(&mut losses).await?;
        Ok(losses)
    }

    async fn records_gone(&self, losses: &mut Losses) -> Result<()> {
        let mut from = None;
        loop {
            let page = self.keys.names(from.as_deref(), PAGE_MAX).await?;
            let names: Vec<KeyName> = page.names.iter().filter_map(|name| keys::parse_data_key(name)).collect();
            let entries = self.keys.get_many(&names).await?;
            let live = names.into_iter().zip(entries).filter(|(_, entry)| matches!(entry, Some(KeyEntry::Wrapped(_))));
            let customers: Vec<CustomerKey> = live
                .filter_map(|(name, _)| match name {
                    KeyName::Customer(tenant, customer) => Some(CustomerKey { tenant, customer }),
                    KeyName::Index(..) => None,
                })
                .collect();
            let records = self.data.records(&customers).await?;
            for (key, _) in customers.into_iter().zip(records).filter(|(_, record)| record.is_none()) {
                losses.without_record += 1;
                losses.name(key);
            }
            let Some(next) = page.next else { return Ok(()) };
            from = Some(next);
        }
    }

    async fn keys_gone(&self, losses: &mut Losses) -> Result<()> {
        let mut from = None;
        loop {
            let page = self.data.names(Kind::Record, from.as_deref(), PAGE_MAX).await?;
            let customers: Vec<CustomerKey> =
                page.names.iter().filter_map(|name| keys::parse_customer_name(name)).collect();
            let name = |key: &CustomerKey| KeyName::Customer(key.tenant.clone(), key.customer);
            let entries = self.keys.get_many(&customers.iter().map(name).collect::<Vec<_>>()).await?;
            for (key, _) in customers.into_iter().zip(entries).filter(|(_, entry)| entry.is_none()) {
                losses.without_key += 1;
                losses.name(key);
            }
            let Some(next) = page.next else { return Ok(()) };
            from = Some(next);
        }
    }
}
