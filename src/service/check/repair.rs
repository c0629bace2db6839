//! How faults are repaired. Every step is guarded: by the revision, by the token of a hold, or by a second look at the
//! record.

use super::{Check, Repair};
use crate::{
    domain::{TouchedParts, limits::HISTORY_MAX},
    service::{
        erase::erasure,
        error::{Error, Result},
        identities::Wanted,
    },
    store::{
        CustomerKey, Hint, IdentityKey, StoreError, StoreExt as _,
        codec::header::Header,
        hints,
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
            Repair::DropHint(hint) => self.drop_hint(hint).await.map(|()| true),
            Repair::Erase(key) => self.erase(key).await.map(|()| true),
            Repair::ForgetRequests(key) => self.forget_requests(key).await,
            Repair::TrimHistory(key) => self.trim_history(key).await,
            Repair::SettleBudget(key) => self.parts.holds.settle_budget(key, self.caller.now_ms()).await.map(|_| true),
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

    /// Puts the hint at revision 0, so that any entry of the index worker replaces it.
    async fn put_hint(&self, key: &CustomerKey, hint: &Hint) -> Result<()> {
        Ok(self.parts.records.store.put_hint(&key.tenant, hint, 0).await?)
    }

    async fn drop_hint(&self, hint: &Hint) -> Result<()> {
        // Whatever revision it has: it was seen to be wrong.
        self.parts.records.store.drop_hint(self.tenant(), hint, u64::MAX).await?;
        // It may have become right in between.
        let Some(customer) = hints::customer_of(hint) else { return Ok(()) };
        let is_right = self.phantoms(vec![hint.clone()]).await?.is_empty();
        if is_right { self.put_hint(&self.key(customer), hint).await } else { Ok(()) }
    }

    /// Finishes an erasure: what the destroyed key had sealed is removed.
    async fn erase(&self, key: &CustomerKey) -> Result<()> {
        let store = &self.parts.records.store;
        let expect = match store.record(key).await? {
            None => None,
            Some(record) => Some(Header::decode(&record)?.0.revision),
        };
        let commit = erasure(&self.caller, key, expect, vec![crate::store::IndexOp::Unlist])?;
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
