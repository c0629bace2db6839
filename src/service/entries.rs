//! Entries of indexes, brought in line with the records that decide: by the backfill, and by the repairs of `fsck`.
//!
//! An entry is put at the revision of the record that justifies it: tasks of the index worker that are of this revision or an
//! earlier one are overtaken by the record, and those of a later one count. It is taken back at the revision that it was seen at: one that
//! has become right meanwhile has a later revision, and stays.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::indexing;
use crate::{
    domain::TenantId,
    store::{
        CustomerKey, Hint, Result, StoreError, StoreExt as _, hints, records::Records, sealing::IndexKey,
        split_corruption, walk::hint_revision,
    },
};

/// Records opened at once: each may take a MiB.
const RECORDS_AT_ONCE: usize = 64;
/// Entries put at once: lets the store group its writes.
const PUTS_AT_ONCE: usize = 16;

/// The entries of indexes, beside the records.
pub(super) struct Entries<'a> {
    pub records: &'a Records,
    pub index_key: &'a IndexKey,
    pub tenant: &'a TenantId,
}

/// What a record justifies; nothing, if there is none.
#[derive(Default)]
pub(super) struct Justified {
    pub revision: u64,
    pub hints: Vec<Hint>,
}

/// An entry at a revision: of the record that justifies it, or that it was seen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub hint: Hint,
    pub revision: u64,
}

impl Entries<'_> {
    /// What the customers' records justify. One that does not open proves nothing for an entry, nor against it: an error.
    pub async fn justified(&self, keys: &[CustomerKey]) -> Result<Vec<Result<Justified>>> {
        let mut all = Vec::with_capacity(keys.len());
        for keys in keys.chunks(RECORDS_AT_ONCE) {
            for (key, record) in keys.iter().zip(self.records.read_many(keys).await?) {
                all.push(split_corruption(record)?.map(|current| match current {
                    Some(current) => {
                        let mut hints = indexing::hints_of(self.index_key, key, &current.profile);
                        hints.push(hints::in_all_customers(key));
                        Justified { revision: current.revision.counter, hints }
                    }
                    None => Justified::default(),
                }));
            }
        }
        Ok(all)
    }

    /// Puts entries at the revisions of the records that justified them. A record may have changed in between: what it does not justify any
    /// more is taken back.
    pub async fn put(&self, due: Vec<Entry>) -> Result<()> {
        let store = self.records.store.as_ref();
        let put = |entry: Entry| async move {
            let there = hint_revision(store, self.tenant, &entry.hint).await?;
            if there.is_some_and(|revision| revision >= entry.revision) {
                return Ok(None);
            }
            store.put_hint(self.tenant, &entry.hint, entry.revision).await?;
            Ok::<_, StoreError>(Some(entry))
        };
        let put: Vec<Option<Entry>> = stream::iter(due).map(put).buffer_unordered(PUTS_AT_ONCE).try_collect().await?;
        let put: Vec<Entry> = put.into_iter().flatten().collect();
        for Entry { hint, revision } in self.unjustified(put).await? {
            store.drop_hint(self.tenant, &hint, revision).await?;
        }
        Ok(())
    }

    /// Drops entries that no record justified. A record may have changed in between: what it justifies now is there afterwards.
    pub async fn take_back(&self, wrong: Vec<Entry>) -> Result<()> {
        for Entry { hint, revision } in &wrong {
            self.records.store.drop_hint(self.tenant, hint, *revision).await?;
        }
        let justified = self.by_customer(&wrong).await?;
        let right = wrong.into_iter().filter_map(|entry| match justified.get(&self.key(&entry.hint)?)? {
            Ok(justified) if justified.hints.contains(&entry.hint) => {
                Some(Entry { revision: justified.revision, ..entry })
            }
            Ok(_) => None,
            Err(_) => Some(entry),
        });
        let right: Vec<Entry> = right.collect();
        if right.is_empty() { Ok(()) } else { self.put(right).await }
    }

    /// The entries that no record justifies. One of nobody is none that could be justified.
    pub async fn unjustified(&self, entries: Vec<Entry>) -> Result<Vec<Entry>> {
        let justified = self.by_customer(&entries).await?;
        let is_wrong = |entry: &Entry| match self.key(&entry.hint).and_then(|key| justified.get(&key)) {
            Some(Ok(justified)) => !justified.hints.contains(&entry.hint),
            Some(Err(_)) => false,
            None => true,
        };
        Ok(entries.into_iter().filter(is_wrong).collect())
    }

    async fn by_customer(&self, entries: &[Entry]) -> Result<BTreeMap<CustomerKey, Result<Justified>>> {
        let mut keys: Vec<CustomerKey> = entries.iter().filter_map(|entry| self.key(&entry.hint)).collect();
        keys.sort_unstable();
        keys.dedup();
        let justified = self.justified(&keys).await?;
        Ok(keys.into_iter().zip(justified).collect())
    }

    fn key(&self, hint: &Hint) -> Option<CustomerKey> {
        Some(CustomerKey { tenant: self.tenant.clone(), customer: hints::customer_of(hint)? })
    }
}
