//! Checks that every identity of a profile has its entry, and that every entry leads to a profile with that identity.

use super::{Check, Event, Fault, Repair, Suspicion};
use crate::{
    domain::Profile,
    service::{error::Result, identities::is_backed_by_profile},
    store::{
        CustomerKey, EntryState, IdentityEntry, IdentityKey, StoreExt as _,
        keys::{self, Kind},
        records::Trace,
        split_corruption,
        walk::Walk,
    },
};

/// Identities whose customers are read at once.
const BATCH: usize = 64;

impl Check<'_> {
    /// Whether the customer is found by each identity that the profile has.
    pub(super) async fn own_identities(
        &self,
        key: &CustomerKey,
        profile: &Profile,
        suspicions: &mut Vec<Suspicion>,
    ) -> Result<()> {
        let store = &self.parts.records.store;
        for own in profile.identities.iter().filter(|own| own.valid_at(self.caller.now)) {
            let blind = self.caller.index_key.blind(&own.identity);
            let found = store.identities(std::slice::from_ref(&blind), self.caller.now_ms()).await?.pop();
            // An entry that does not decode is reported by `identity_entries`.
            let Some(Ok(found)) = found else { continue };
            let has_entry = |entry: &IdentityEntry| entry.customer == key.customer && entry.token == own.token;
            if !found.iter().any(has_entry) {
                // An exclusive identity that somebody was given meanwhile stays theirs.
                let others = found.iter().filter(|entry| entry.customer != key.customer);
                let others: Vec<String> = others.map(|entry| format!("customers/{}", entry.customer)).collect();
                let by_now = if others.is_empty() { "" } else { ", which leads to " };
                let what = format!("not found by {}{by_now}{}", keys::identity(&blind), others.join(", "));
                let repair = Repair::TakeEntry(key.clone(), blind);
                suspicions.push(Suspicion::of(key, Fault::IdentityMissing, what, repair));
            }
        }
        Ok(())
    }

    /// Every identity entry.
    pub(super) async fn identity_entries(&mut self) -> Result<()> {
        let mut walk = Walk::start(self.parts.records.store.as_ref(), Kind::Identity);
        while let Some(raw_keys) = walk.next().await? {
            let mut own = Vec::with_capacity(raw_keys.len());
            for raw_key in raw_keys {
                match keys::parse_identity(&raw_key) {
                    Some(key) if key.tenant == *self.tenant() => own.push(key),
                    Some(_) => {}
                    None => {
                        let what = "a key that no release wrote; remove it, if you know whose it is";
                        self.report_and_repair(vec![Suspicion::at(&raw_key, Fault::UnknownKey, what, Repair::None)])
                            .await?;
                    }
                }
            }
            (self.tell)(Event::Looked(own.len() as u64));
            self.report.identities += own.len() as u64;
            for batch in own.chunks(BATCH) {
                let suspects = self.suspects(batch).await?;
                if suspects.is_empty() {
                    continue;
                }
                self.parts.worker.catch_up().await?;
                for key in suspects {
                    let suspicions = self.look_at_entries(&key).await?;
                    self.report_and_repair(suspicions).await?;
                }
            }
        }
        Ok(())
    }

    /// The identities of a batch with an entry that looks wrong.
    async fn suspects(&self, batch: &[IdentityKey]) -> Result<Vec<IdentityKey>> {
        let records = &self.parts.records;
        let found = records.store.identities(batch, self.caller.now_ms()).await?;
        let all = || found.iter().flatten().flatten();
        let owners: Vec<CustomerKey> = all().map(|entry| self.key(entry.customer)).collect();
        let by: Vec<Trace> = all().map(Trace::of).collect();
        let mut read = records.read_many_by(&owners, &by).await?.into_iter();
        let mut suspects: Vec<IdentityKey> = Vec::new();
        for (key, entries) in batch.iter().zip(found) {
            let mut sound = entries.is_ok();
            for (entry, current) in entries.iter().flatten().zip(read.by_ref()) {
                sound &= match current {
                    Ok(current) => {
                        entry.state == EntryState::Confirmed
                            && current
                                .is_some_and(|current| is_backed_by_profile(&self.caller, key, entry, &current.profile))
                    }
                    // A damaged record is reported with its customer, one that is gone by what leads to it.
                    Err(_) => false,
                };
            }
            if !sound {
                suspects.push(key.clone());
            }
        }
        Ok(suspects)
    }

    async fn look_at_entries(&self, key: &IdentityKey) -> Result<Vec<Suspicion>> {
        let records = &self.parts.records;
        let raw_key = keys::identity(key);
        let mut found = records.store.identities(std::slice::from_ref(key), self.caller.now_ms()).await?;
        let found = match found.pop().unwrap_or_else(|| Ok(Vec::new())) {
            Ok(found) => found,
            Err(fault) => {
                return Ok(vec![Suspicion::at(&raw_key, Fault::IdentityDamaged, fault.to_string(), Repair::None)]);
            }
        };
        let mut suspicions = Vec::new();
        for entry in found {
            let owner = self.key(entry.customer);
            let Ok(current) = split_corruption(records.read_by(&owner, Trace::of(&entry)).await)? else {
                if records.store.record(&owner).await?.is_none() {
                    let what = format!("no record, and {raw_key} leads to it");
                    suspicions.push(Suspicion::of(&owner, Fault::RecordLost, what, Repair::None));
                }
                continue;
            };
            let fault = match entry.state {
                EntryState::Held { deadline_ms } if deadline_ms > self.caller.now_ms() => continue,
                EntryState::Held { .. } => Fault::HoldOverdue,
                EntryState::Confirmed => Fault::IdentityPhantom,
            };
            let is_backed =
                current.is_some_and(|current| is_backed_by_profile(&self.caller, key, &entry, &current.profile));
            if fault == Fault::HoldOverdue || !is_backed {
                let what = format!("an entry for customers/{}", entry.customer);
                suspicions.push(Suspicion::at(&raw_key, fault, what, Repair::FreeEntry(key.clone(), entry)));
            }
        }
        Ok(suspicions)
    }
}
