//! Measures how much a store holds, customer by customer (`rapport stats`).

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Caller, Maintenance, error::Result, identity_walk, items::stored, restore::maintainer};
use crate::{
    domain::TenantId,
    store::{
        ALL_BUCKETS, BUCKETS, CustomerKey, EntryState, HintIndex, HintRange, HistoryRange, Lane, LogPosition, PAGE_MAX,
        StoreExt as _,
        codec::entries::encode_identities,
        keys::{self, Kind},
        split_corruption,
        walk::Walk,
    },
};

/// Customers measured at once.
const AT_ONCE: usize = 16;
/// Entries of a history read at once.
const PAGE: usize = 256;

/// Bytes of one customer's values as they are stored; keys, and what the store adds to each value, are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    pub record: u64,
    pub history: u64,
    pub requests: u64,
    pub identities: u64,
    /// In the key store.
    pub keys: u64,
}

/// Figures of the store that concern no single customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// `None`: nothing was written yet.
    pub write_format: Option<u32>,
    pub listed: u64,
    pub identities: u64,
    /// Identities that are held, and not yet a customer's.
    pub held: u64,
    /// Entries of identities that had vanished and were put back, since the store was made.
    pub identities_restored: u64,
    /// That venues sell now.
    pub items: u64,
    /// What may be left of destroyed keys in the files of the key store: since when, if it was noted. The outer `None`: nothing is.
    pub key_copies_since_ms: Option<Option<i64>>,
    /// Of each bucket.
    pub logs: Vec<LogPosition>,
}

impl Maintenance {
    /// Measures a tenant's customers, telling the sizes of each, and counts the indexes. A record that does not open is
    /// measured without its identities.
    pub async fn stats(&self, tenant: &TenantId, tell: &mut (dyn FnMut(Sizes) + Send)) -> Result<Stats> {
        let caller = self.callers.enter_to_mend(maintainer(tenant)).await?;
        let store = self.records.store.as_ref();
        let mut walk = Walk::start(store, Kind::Record);
        while let Some(names) = walk.next().await? {
            let keys = names.iter().filter_map(|name| keys::parse_customer_name(name));
            let keys: Vec<CustomerKey> = keys.filter(|key| key.tenant == *tenant).collect();
            let size = |key: CustomerKey| {
                let caller = &caller;
                async move { self.sizes(caller, &key).await }
            };
            let sizes: Vec<Option<Sizes>> =
                stream::iter(keys).map(size).buffer_unordered(AT_ONCE).try_collect().await?;
            sizes.into_iter().flatten().for_each(&mut *tell);
        }
        let (identities, held) = self.count_identities(&caller).await?;
        let mut listed = 0;
        for bucket in 0..BUCKETS {
            listed += self.count_listed(tenant, bucket.to_be_bytes()[1]).await?;
        }
        let items = self.count_items(&caller).await?;
        let (write_format, logs) = (store.write_format().await?, store.log_positions(&ALL_BUCKETS).await?);
        let identities_restored = identity_walk::restored(store, tenant).await?;
        let key_copies_since_ms = self.writer.destroyed_keys.copies_since().await?;
        Ok(Stats { write_format, listed, identities, held, identities_restored, items, key_copies_since_ms, logs })
    }

    /// `None`: the customer is gone by now.
    async fn sizes(&self, caller: &Caller, key: &CustomerKey) -> Result<Option<Sizes>> {
        let store = self.records.store.as_ref();
        let loaded = store.load(key, Lane::Interactions, &[]).await?;
        let Some(record) = loaded.record else { return Ok(None) };
        let mut sizes = Sizes {
            record: record.len() as u64,
            requests: loaded.requests.map_or(0, |bytes| bytes.len() as u64),
            keys: self.records.ring.wrapped_len(key).await? as u64,
            ..Sizes::default()
        };
        for lane in [Lane::Interactions, Lane::Changes] {
            let mut range =
                HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: false, limit: PAGE };
            loop {
                let page = store.history(key, lane, range).await?;
                sizes.history += page.iter().map(|entry| entry.bytes.len() as u64).sum::<u64>();
                let Some(last) = page.last() else { break };
                range.after = Some((last.time_ms, last.id));
            }
        }
        let current = split_corruption(self.records.read(key).await)?.ok().flatten();
        for own in current.iter().flat_map(|current| &current.profile.identities) {
            let blind = caller.index_key.blind(&own.identity);
            let found = store.identities(&[blind], caller.now_ms()).await?.pop();
            // Entries that do not decode are not measured; `fsck` reports them.
            let Some(Ok(mut entries)) = found else { continue };
            entries.retain(|entry| entry.customer == key.customer);
            sizes.identities += encode_identities(&entries).len() as u64;
        }
        Ok(Some(sizes))
    }

    /// What does not decode is not counted; `fsck` reports it.
    async fn count_items(&self, caller: &Caller) -> Result<u64> {
        let mut items = 0;
        for venue in &caller.in_force.policy.venues {
            let read = stored::read(self.records.store.as_ref(), &caller.principal.tenant, &venue.id).await;
            let Ok(read) = split_corruption(read)? else { continue };
            let sold = read.catalogue.entries.iter().filter_map(|entry| entry.at(caller.now)?.item.as_ref());
            items += sold.count() as u64;
        }
        Ok(items)
    }

    async fn count_listed(&self, tenant: &TenantId, bucket: u8) -> Result<u64> {
        let (mut count, mut range) = (0, HintRange::default());
        loop {
            let store = &self.records.store;
            let page = store.hints(tenant, HintIndex::Listing, bucket, &range, PAGE_MAX).await?;
            let Some((last, _)) = page.last() else { return Ok(count) };
            range = range.after(Some(last.clone()));
            count += page.len() as u64;
        }
    }

    async fn count_identities(&self, caller: &Caller) -> Result<(u64, u64)> {
        let store = self.records.store.as_ref();
        let (mut all, mut held) = (0, 0);
        let mut walk = Walk::start(store, Kind::Identity);
        while let Some(names) = walk.next().await? {
            let keys = names.iter().filter_map(|name| keys::parse_identity(name));
            let keys: Vec<_> = keys.filter(|key| key.tenant == caller.principal.tenant).collect();
            let entries = store.identities(&keys, caller.now_ms()).await?;
            all += keys.len() as u64;
            let entries = entries.iter().flatten().flatten();
            held += entries.filter(|entry| entry.state != EntryState::Confirmed).count() as u64;
        }
        Ok((all, held))
    }
}
