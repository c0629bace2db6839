//! Checks what points to records: indexes and data keys; and looks for history whose record is gone.

use std::collections::{BTreeSet, HashMap};

use super::{Check, Event, Fault, Repair, Suspicion};
use crate::{
    domain::CustomerId,
    service::{entries::Entry, error::Result, indexing},
    store::{
        ALL_BUCKETS, CustomerKey, Erasure, Hint, HintIndex, HintRange, StoreExt as _,
        fitness::MARKED_FORMAT,
        hints,
        keys::{self, Kind},
        keystore::{KeyEntry, KeyName},
        sealing::KeyState,
        split_corruption,
        walk::{Walk, hint_revision},
    },
};

/// Records read at once, only to see whether they are there: each may take a MiB.
const BATCH: usize = 64;
/// Members of a partition, or names of keys, read at once.
const PAGE: usize = 256;

impl Check<'_> {
    /// Those of the keys that have no record.
    async fn without_record(&self, keys: &[CustomerKey]) -> Result<Vec<CustomerKey>> {
        let mut without = Vec::new();
        for batch in keys.chunks(BATCH) {
            let records = self.parts.records.store.records(batch).await?;
            let absent = batch.iter().zip(records).filter(|(_, record)| record.is_none());
            without.extend(absent.map(|(key, _)| key.clone()));
        }
        Ok(without)
    }

    /// History and remembered requests whose record is gone.
    pub(super) async fn leftovers(&mut self) -> Result<()> {
        // Told once for a customer, whatever is left. Only faults are remembered.
        let mut told: BTreeSet<CustomerId> = BTreeSet::new();
        for kind in [Kind::Requests, Kind::History, Kind::Timeline] {
            let mut walk = Walk::start(self.parts.records.store.as_ref(), kind);
            while let Some(raw_keys) = walk.next().await? {
                let keys = self.own(raw_keys).await?;
                let suspects = self.without_record(&keys).await?;
                for key in self.without_record(&suspects).await? {
                    if !told.insert(key.customer) {
                        continue;
                    }
                    let is_erased =
                        matches!(split_corruption(self.parts.records.ring.get(&key).await)?, Ok(KeyState::Destroyed));
                    let suspicion = if is_erased {
                        let what = "history or requests of an erased customer";
                        Suspicion::of(&key, Fault::ErasedData, what, Repair::Erase(key.clone()))
                    } else {
                        Suspicion::of(&key, Fault::RecordLost, "history or requests without a record", Repair::None)
                    };
                    self.report_and_repair(vec![suspicion]).await?;
                }
            }
        }
        Ok(())
    }

    /// Erasures that were noted, and are not finished though the key is destroyed. One whose key is there has changed nothing.
    pub(super) async fn erasures(&mut self) -> Result<()> {
        for key in self.unfinished(&ALL_BUCKETS).await? {
            // One that is under way may have come to its end.
            self.parts.worker.catch_up().await?;
            if self.unfinished(&[keys::bucket(&key.tenant, &key.customer)]).await?.contains(&key) {
                let what = "the note of an erasure that is not finished";
                let suspicion = Suspicion::of(&key, Fault::ErasedData, what, Repair::Erase(key.clone()));
                self.report_and_repair(vec![suspicion]).await?;
            }
        }
        Ok(())
    }

    /// The tenant's customers of these buckets whose erasure is noted, and whose key is destroyed.
    async fn unfinished(&mut self, buckets: &[u8]) -> Result<Vec<CustomerKey>> {
        let found = self.parts.records.store.erasures(buckets).await?;
        let mut unfinished = Vec::new();
        for (bucket, noted) in buckets.iter().zip(found) {
            match noted {
                Ok(noted) => {
                    for key in noted.iter().map(Erasure::key).filter(|key| key.tenant == *self.tenant()) {
                        if self.parts.records.ring.entry(key).await? == Some(KeyEntry::Tombstone) {
                            unfinished.push(key.clone());
                        }
                    }
                }
                Err(fault) => {
                    let (name, repair) = (keys::erasures(*bucket), Repair::DropNotes(*bucket));
                    let suspicion = Suspicion::at(&name, Fault::ErasedData, fault.to_string(), repair);
                    self.report_and_repair(vec![suspicion]).await?;
                }
            }
        }
        Ok(unfinished)
    }

    /// Whether each member of an index leads to a record that justifies it. Members that are missing are found with the records.
    pub(super) async fn hints(&mut self) -> Result<()> {
        for index in HintIndex::ALL {
            for partition in 0..=u8::MAX {
                self.partition(index, partition).await?;
            }
        }
        Ok(())
    }

    async fn partition(&mut self, index: HintIndex, partition: u8) -> Result<()> {
        let mut range = HintRange::default();
        loop {
            let store = &self.parts.records.store;
            let page = store.hints(self.tenant(), index, partition, &range, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            range = range.after(Some(last.clone()));
            (self.tell)(Event::Looked(page.len() as u64));
            self.report.hints += page.len() as u64;
            let named = page.into_iter().map(|(member, _)| Hint { index, partition, member }).collect();
            let suspects = self.phantoms(named).await?;
            if suspects.is_empty() {
                continue;
            }
            self.parts.worker.catch_up().await?;
            let name = keys::hint(index, self.tenant(), partition);
            let what = "names what is not there";
            let (mut left, mut revisions) = (Vec::with_capacity(suspects.len()), HashMap::new());
            for hint in suspects {
                // What the worker has dropped by now was on its way out.
                let store = self.parts.records.store.as_ref();
                if let Some(revision) = hint_revision(store, self.tenant(), &hint).await? {
                    revisions.insert(hint.clone(), revision);
                    left.push(hint);
                }
            }
            let suspicion = |hint: Hint| {
                let revision = revisions.get(&hint).copied().unwrap_or_default();
                Suspicion::at(&name, Fault::HintPhantom, what, Repair::DropHint(Entry { hint, revision }))
            };
            let phantoms = self.phantoms(left).await?.into_iter().map(suspicion).collect();
            self.report_and_repair(phantoms).await?;
        }
    }

    /// The hints that no record justifies. A record that does not open proves nothing against a hint.
    pub(super) async fn phantoms(&self, hints: Vec<Hint>) -> Result<Vec<Hint>> {
        let (mut phantoms, mut named) = (Vec::new(), Vec::with_capacity(hints.len()));
        for hint in hints {
            match hints::customer_of(&hint) {
                Some(customer) => named.push((self.key(customer), hint)),
                None => phantoms.push(hint),
            }
        }
        for batch in named.chunks(BATCH) {
            let keys: Vec<CustomerKey> = batch.iter().map(|(key, _)| key.clone()).collect();
            if batch.first().is_some_and(|(_, hint)| hint.index == HintIndex::Listing) {
                for key in self.without_record(&keys).await? {
                    // Who is lost stays listed.
                    if !self.is_lost(&key).await? {
                        let of_key = |(other, _): &&(CustomerKey, Hint)| *other == key;
                        phantoms.extend(batch.iter().find(of_key).map(|(_, hint)| hint.clone()));
                    }
                }
                continue;
            }
            let records = self.parts.records.read_many(&keys).await?;
            for ((key, hint), record) in batch.iter().zip(records) {
                let is_justified = match split_corruption(record)? {
                    Ok(Some(current)) => {
                        indexing::hints_of(&self.caller.index_key, key, &current.profile).contains(hint)
                    }
                    Ok(None) => false,
                    Err(_) => true,
                };
                if !is_justified {
                    phantoms.push(hint.clone());
                }
            }
        }
        Ok(phantoms)
    }

    /// Every key of the key store.
    pub(super) async fn keys(&mut self) -> Result<()> {
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.parts.records.ring.names(at.as_deref(), PAGE).await?;
            from = page.next.map(Some);
            (self.tell)(Event::Looked(page.names.len() as u64));
            let mut named = Vec::new();
            for name in page.names {
                match keys::parse_data_key(&name) {
                    None => {
                        let what = "an entry of the key store that no release wrote";
                        self.report_and_repair(vec![Suspicion::at(&name, Fault::UnknownKey, what, Repair::None)])
                            .await?;
                    }
                    Some(KeyName::Customer(tenant, customer)) if tenant == *self.tenant() => {
                        named.push(self.key(customer));
                    }
                    Some(KeyName::Customer(..) | KeyName::Index(..) | KeyName::Tenant(..)) => {}
                }
            }
            self.report.keys += named.len() as u64;
            self.live_keys(named).await?;
        }
        Ok(())
    }

    /// Keys without records, and records whose key does not say that they were committed.
    async fn live_keys(&mut self, named: Vec<CustomerKey>) -> Result<()> {
        let (mut committed, mut others) = (Vec::new(), Vec::new());
        for (key, entry) in named.iter().zip(self.parts.records.ring.entries_of(&named).await?) {
            match entry {
                Ok(Some(KeyEntry::Committed(_))) => committed.push(key.clone()),
                Ok(Some(KeyEntry::Wrapped(_))) => others.push(key.clone()),
                Ok(Some(KeyEntry::Tombstone)) => self.report.tombstones += 1,
                // With a record it has been reported; without one it would be of no use.
                Ok(None) | Err(_) => {}
            }
        }
        for key in self.without_record(&committed).await? {
            if self.is_lost(&key).await? {
                let what = "no record, and a key that was committed";
                self.report_and_repair(vec![Suspicion::of(&key, Fault::RecordLost, what, Repair::None)]).await?;
            }
        }
        let unused = self.without_record(&others).await?;
        self.report.unused_keys += unused.len() as u64;
        others.retain(|key| !unused.contains(key));
        let format = self.parts.records.store.write_format().await?;
        if !others.is_empty() && format.is_some_and(|format| format >= u32::from(MARKED_FORMAT)) {
            self.uncommitted(others).await?;
        }
        Ok(())
    }

    /// Records whose key is still not committed when the index worker has caught up. One that does not unwrap has been reported.
    async fn uncommitted(&mut self, keys: Vec<CustomerKey>) -> Result<()> {
        // So has a log that is broken.
        let _ = self.parts.worker.catch_up().await;
        let entries = self.parts.records.ring.entries_of(&keys).await?;
        let mut suspicions = Vec::new();
        for (key, entry) in keys.into_iter().zip(entries) {
            let is_uncommitted = matches!(entry, Ok(Some(KeyEntry::Wrapped(_))));
            if is_uncommitted && split_corruption(self.parts.records.ring.get(&key).await)?.is_ok() {
                let what = "if the record were lost, nobody would know";
                let repair = Repair::CommitKey(key.clone());
                suspicions.push(Suspicion::of(&key, Fault::KeyUncommitted, what, repair));
            }
        }
        self.report_and_repair(suspicions).await
    }

    /// Whether there must be a record, and is none.
    async fn is_lost(&self, key: &CustomerKey) -> Result<bool> {
        let read = split_corruption(self.parts.records.fetch(key).await)?;
        Ok(read.is_err() && self.parts.records.store.record(key).await?.is_none())
    }
}
