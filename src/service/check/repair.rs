//! How faults are repaired. Every step is guarded: by the revision, by the token of a hold, or by a second look at the
//! record.

use super::{Check, Repair};
use crate::{
    domain::{TouchedParts, limits::HISTORY_MAX},
    service::{
        entries::{Entries, Entry, Justified},
        erasures,
        error::{Error, Result},
    },
    store::{
        CustomerKey, Hint, StoreError, StoreExt as _,
        records::{Versioned, Write},
        split_corruption,
    },
};

impl Check<'_> {
    /// Carries a repair out; answers whether the fault is gone. If another writer got in the way, the next check does it.
    pub(super) async fn carry_out(&self, repair: &Repair) -> Result<bool> {
        let done = match repair {
            Repair::None => Ok(false),
            Repair::TakeEntry(key, identity) => {
                self.parts.holds.put_back(&self.caller, key, identity, "").await.map(|_| true)
            }
            Repair::FreeEntry(key, entry) => self.parts.holds.free(&self.caller, key, entry).await.map(|_| true),
            Repair::PutHint(key, hint) => self.put_hint(key, hint).await.map(|()| true),
            Repair::DropHint(entry) => Ok(self.entries().take_back(vec![entry.clone()]).await.map(|()| true)?),
            // What the destroyed key had sealed is removed, and by its note what led to it.
            Repair::Erase(key) => erasures::finish(&self.parts.records, key, self.caller.now_ms()).await.map(|_| true),
            Repair::DropNotes(bucket) => {
                Ok(self.parts.records.store.drop_damaged_erasures(*bucket).await.map(|()| true)?)
            }
            Repair::ForgetRequests(key) => self.forget_requests(key).await,
            Repair::TrimHistory(key) => self.trim_history(key).await,
            Repair::SettleBudget(key) => self.parts.holds.settle_budget(key, self.caller.now_ms()).await.map(|_| true),
            Repair::CommitKey(key) => Ok(self.parts.records.ring.commit(key).await.map(|()| true)?),
            Repair::CountIn(uncounted) => self.parts.count_in(&self.caller, uncounted).await,
        };
        match done {
            Err(
                Error::IdentityTaken { .. }
                | Error::IdentityHeld { .. }
                | Error::LimitReached { .. }
                | Error::Contended
                | Error::Store(StoreError::Conflict | StoreError::Corrupt(_)),
            ) => Ok(false),
            done => done,
        }
    }

    fn entries(&self) -> Entries<'_> {
        Entries { records: &self.parts.records, index_key: &self.caller.index_key, tenant: self.tenant() }
    }

    /// Puts the hint, unless the record does not justify it any more.
    async fn put_hint(&self, key: &CustomerKey, hint: &Hint) -> Result<()> {
        let entries = self.entries();
        for justified in entries.justified(std::slice::from_ref(key)).await? {
            let Justified { revision, hints } = justified?;
            if hints.contains(hint) {
                entries.put(vec![Entry { hint: hint.clone(), revision }]).await?;
            }
        }
        Ok(())
    }

    /// Drops the oldest interactions, step by step, until the history is within its bound.
    async fn trim_history(&self, key: &CustomerKey) -> Result<bool> {
        while self.parts.writer.trim(&self.caller, key.customer).await? > 0 {}
        let current = self.parts.records.read(key).await?;
        Ok(current.is_none_or(|current| current.profile.habits.kept as usize <= HISTORY_MAX))
    }

    /// Writes the same profile without remembered requests: a request that is repeated now is carried out again.
    async fn forget_requests(&self, key: &CustomerKey) -> Result<bool> {
        let records = &self.parts.records;
        let Ok(Some(Versioned { profile, revision })) = split_corruption(records.read(key).await)? else {
            return Ok(false);
        };
        let write = Write {
            key: key.clone(),
            expect: Some(revision),
            profile,
            request: None,
            entries: Vec::new(),
            dropped: Vec::new(),
            tokens: Vec::new(),
            touched: TouchedParts::NONE,
            index: Vec::new(),
            now_ms: self.caller.now_ms(),
        };
        Ok(records.commit_without_requests(write).await?.is_some())
    }
}
