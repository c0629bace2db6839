//! How faults are repaired. Every step is guarded: by the revision, by the token of a hold, or by a second look at the
//! record.

use super::{Check, Repair};
use crate::{
    domain::{TouchedParts, limits::HISTORY_MAX},
    service::{
        entries::{Entries, Entry, Justified},
        error::{Error, Result},
        identities::Wanted,
    },
    store::{
        Commit, CustomerKey, Hint, IdentityKey, IndexOp, StoreError, StoreExt as _,
        codec::header::Header,
        records::{Versioned, Write},
        split_corruption,
    },
};

impl Check<'_> {
    /// Carries a repair out; answers whether the fault is gone. If another writer got in the way, the next check does it.
    pub(super) async fn carry_out(&self, repair: &Repair) -> Result<bool> {
        let done = match repair {
            Repair::None => Ok(false),
            Repair::TakeEntry(key, identity) => self.take_entry(key, identity).await,
            Repair::FreeEntry(key, entry) => self.parts.holds.free(&self.caller, key, entry).await.map(|_| true),
            Repair::PutHint(key, hint) => self.put_hint(key, hint).await.map(|()| true),
            Repair::DropHint(entry) => Ok(self.entries().take_back(vec![entry.clone()]).await.map(|()| true)?),
            Repair::Erase(key) => self.erase(key).await.map(|()| true),
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

    /// Places the customer's entry of an identity again, under the token that the profile has.
    async fn take_entry(&self, key: &CustomerKey, identity: &IdentityKey) -> Result<bool> {
        let own_of = |current: &Versioned| {
            let mut own = current.profile.identities.iter();
            own.find(|own| self.caller.index_key.blind(&own.identity) == *identity).cloned()
        };
        let records = &self.parts.records;
        let Some(own) = records.read(key).await?.as_ref().and_then(own_of) else { return Ok(true) };
        let (expire_time, field) = (own.expire_time, String::new());
        let wanted = Wanted { identity: own.identity.clone(), expire_time, field };
        self.parts.holds.take(&self.caller, key.customer, &wanted, Some(own.token)).await?;
        records.store.confirm(identity, own.token).await?;
        // The customer may have lost it in between.
        let is_there = records.read(key).await?.as_ref().and_then(own_of).is_some_and(|now| now.token == own.token);
        if !is_there {
            records.store.release(identity, own.token).await?;
        }
        Ok(true)
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

    /// Finishes an erasure: what the destroyed key had sealed is removed.
    async fn erase(&self, key: &CustomerKey) -> Result<()> {
        let store = &self.parts.records.store;
        let expect = match store.record(key).await? {
            None => None,
            Some(record) => Some(Header::decode(&record)?.0.revision),
        };
        let commit = Commit::erasure(key, expect, vec![IndexOp::Unlist], self.caller.now_ms())?;
        store.commit(commit).await?;
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
