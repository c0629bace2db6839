//! Identities: found by their blind keys, taken under a hold (see [`super::holds`]).
//!
//! An entry alone proves nothing; it counts when the customer's record has the identity under the entry's token.

use super::{
    Caller, Readers,
    error::{Error, Result},
    holds::{self, Holds},
};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp,
        id::HoldToken,
        identity::{Identity, IdentityType},
        limits::SHARED_MAX,
        profile::ProfileIdentity,
    },
    store::{
        self, CustomerKey, EntryState, HoldOutcome, IdentityEntry, IdentityKey, StoreExt as _,
        records::{Trace, Versioned},
        sealing::random,
    },
};

/// Attempts to place an entry; each frees at least one overdue or orphaned entry.
const ATTEMPTS_MAX: usize = SHARED_MAX + 1;

/// An identity that the caller wants for a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// In its normal form.
    pub identity: Identity,
    /// When it ends by itself; `None`: never.
    pub expire_time: Option<Timestamp>,
    /// The request's field, for errors.
    pub field: String,
}

/// Who makes a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// A request.
    Create,
    /// An export, which has what was lost too.
    Restore,
}

/// What became of an entry that was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PutBack {
    /// It is there again.
    Done,
    /// It is there by now, or the customer has not got the identity any more.
    Needless,
}

/// A customer found by an identity, verified.
pub struct Found {
    /// Who has it.
    pub customer: CustomerId,
    /// The profile that has it, and its revision.
    pub current: Versioned,
}

impl Holds {
    /// Places a held entry of the identity for the customer. `kept`: the token of the entry that the customer already has, which
    /// is then replaced.
    pub(super) async fn take(
        &self,
        caller: &Caller,
        customer: CustomerId,
        wanted: &Wanted,
        kept: Option<HoldToken>,
    ) -> Result<ProfileIdentity> {
        self.take_for(caller, customer, wanted, kept, None).await
    }

    async fn take_for(
        &self,
        caller: &Caller,
        customer: CustomerId,
        wanted: &Wanted,
        kept: Option<HoldToken>,
        maker: Option<Maker>,
    ) -> Result<ProfileIdentity> {
        let store = &self.records.store;
        let key = caller.index_key.blind(&wanted.identity);
        let token = kept.map_or_else(|| random().map(HoldToken), Ok)?;
        let entry = IdentityEntry {
            customer,
            token,
            state: EntryState::Held { deadline_ms: holds::deadline_ms(caller.now_ms()) },
            expire_ms: wanted.expire_time.map(|time| time.as_millisecond()),
        };
        let entries_max = customers_max(wanted.identity.kind);
        for _ in 0..ATTEMPTS_MAX {
            let taken = match store.hold(&key, entry.clone(), entries_max, caller.now_ms()).await? {
                HoldOutcome::Placed => {
                    let identity = wanted.identity.clone();
                    return Ok(ProfileIdentity { identity, token, expire_time: wanted.expire_time });
                }
                HoldOutcome::Taken(entries) => entries,
            };
            let mut freed = false;
            for entry in &taken {
                freed |= self.free_for(caller, &key, entry, maker.filter(|_| entry.customer == customer)).await?;
            }
            if !freed {
                let held = taken.iter().any(|entry| matches!(entry.state, EntryState::Held { .. }));
                let field = wanted.field.clone();
                return Err(if held { Error::IdentityHeld { field } } else { full(wanted.identity.kind, field) });
            }
        }
        Err(Error::Contended)
    }

    /// Takes several identities for a customer who is made, all or none. Each comes with the token to take it under, as for
    /// [`Holds::take`]. The caller has the customer's lock.
    pub(super) async fn take_all(
        &self,
        caller: &Caller,
        customer: CustomerId,
        all: impl Iterator<Item = (Wanted, Option<HoldToken>)> + Send,
        maker: Maker,
    ) -> Result<Vec<ProfileIdentity>> {
        let mut taken = Vec::new();
        for (wanted, kept) in all {
            match self.take_for(caller, customer, &wanted, kept, Some(maker)).await {
                Ok(own) => taken.push(own),
                Err(fault) => {
                    self.give_back(caller, &taken).await;
                    return Err(fault);
                }
            }
        }
        Ok(taken)
    }

    /// Removes an entry whose customer does not have the identity, and confirms it otherwise. Answers whether it was removed.
    pub(super) async fn free(&self, caller: &Caller, key: &IdentityKey, entry: &IdentityEntry) -> Result<bool> {
        self.free_for(caller, key, entry, None).await
    }

    /// The same for who makes the entry's own customer; `None`: somebody else.
    async fn free_for(
        &self,
        caller: &Caller,
        key: &IdentityKey,
        entry: &IdentityEntry,
        maker: Option<Maker>,
    ) -> Result<bool> {
        let store = &self.records.store;
        let owner = caller.key(entry.customer);
        if let EntryState::Held { deadline_ms } = entry.state {
            // Their own hold is that of an attempt which was cut short. If another replica is at it, its commit is refused now.
            let deadline_ms = if maker.is_some() { i64::MIN } else { deadline_ms };
            if self.decide(&owner, entry.token, deadline_ms, caller.now_ms()).await?.is_none() {
                return Ok(false);
            }
        }
        // The record decides. If it lacks the identity, the hold was never committed, or the release got lost.
        let trace = if maker == Some(Maker::Restore) { Trace::Anew } else { Trace::of(entry) };
        let current = self.records.read_by(&owner, trace).await?;
        let is_backed = current.is_some_and(|current| is_backed_by_profile(caller, key, entry, &current.profile));
        if is_backed {
            store.confirm(key, entry.token).await?;
        } else {
            store.release(key, entry.token).await?;
        }
        Ok(!is_backed)
    }

    /// Places the customer's entry of an identity again, under the token that the profile has, if it is missing. `field`: the request's, for
    /// errors; empty: nobody asked for it.
    ///
    /// # Errors
    /// `IdentityTaken`, `LimitReached`: others have the identity by now, and keep it. As [`Holds::take`].
    pub(super) async fn put_back(
        &self,
        caller: &Caller,
        key: &CustomerKey,
        identity: &IdentityKey,
        field: &str,
    ) -> Result<PutBack> {
        let own_of = |current: &Versioned| {
            let mut own = current.profile.identities.iter();
            own.find(|own| caller.index_key.blind(&own.identity) == *identity).cloned()
        };
        let records = &self.records;
        let Some(own) = records.read(key).await?.as_ref().and_then(own_of) else { return Ok(PutBack::Needless) };
        let mut there = records.store.identities(std::slice::from_ref(identity), caller.now_ms()).await?;
        let there = there.pop().unwrap_or(Ok(Vec::new()))?;
        if there.iter().any(|entry| entry.customer == key.customer && entry.token == own.token) {
            return Ok(PutBack::Needless);
        }
        let (expire_time, field) = (own.expire_time, field.to_owned());
        let wanted = Wanted { identity: own.identity.clone(), expire_time, field };
        self.take(caller, key.customer, &wanted, Some(own.token)).await?;
        records.store.confirm(identity, own.token).await?;
        // The customer may have lost it in between.
        let is_there = records.read(key).await?.as_ref().and_then(own_of).is_some_and(|now| now.token == own.token);
        if !is_there {
            records.store.release(identity, own.token).await?;
            return Ok(PutBack::Needless);
        }
        Ok(PutBack::Done)
    }

    /// Removes held entries after a commit that certainly did not happen. Best effort: one that stays is overdue soon.
    pub(super) async fn give_back(&self, caller: &Caller, taken: &[ProfileIdentity]) {
        for own in taken {
            let _ = self.records.store.release(&caller.index_key.blind(&own.identity), own.token).await;
        }
    }
}

impl Readers {
    /// The customers that have an identity, for many identities: two data round trips in all. Each list has
    /// a customer once.
    pub(super) async fn find(&self, caller: &Caller, identities: &[Identity]) -> Result<Vec<Vec<Found>>> {
        self.find_each(caller, identities).await?.into_iter().collect()
    }

    /// As [`Readers::find`], but damaged data fails only the identities that lead to it.
    pub(super) async fn find_each(&self, caller: &Caller, identities: &[Identity]) -> Result<Vec<Result<Vec<Found>>>> {
        let blinds = identities.iter().map(|identity| (identity, caller.index_key.blind(identity)));
        let entries = self.entries(caller, blinds).await?;
        self.verify(caller, identities, entries).await
    }

    /// The entries of each identity, which comes with its blind key. Those that do not decode fail their identity alone.
    pub(super) async fn entries(
        &self,
        caller: &Caller,
        identities: impl Iterator<Item = (&Identity, IdentityKey)>,
    ) -> Result<Vec<store::Result<Vec<IdentityEntry>>>> {
        let all = identities.enumerate().flat_map(|(index, (identity, blind))| keys(caller, index, identity, blind));
        let (indexes, keys): (Vec<usize>, Vec<IdentityKey>) = all.unzip();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.guesses.check(&caller.principal)?;
        let found = self.records.store.identities(&keys, caller.now_ms()).await?;
        let mut entries: Vec<store::Result<Vec<IdentityEntry>>> = Vec::with_capacity(found.len());
        for (index, more) in indexes.into_iter().zip(found) {
            match (entries.get_mut(index), more) {
                (None, first) => entries.push(first),
                (Some(Ok(list)), Ok(more)) => list.extend(more),
                (Some(there @ Ok(_)), fault @ Err(_)) => *there = fault,
                (Some(Err(_)), _) => {}
            }
        }
        let is_unknown = |entries: &&store::Result<Vec<IdentityEntry>>| matches!(entries, Ok(none) if none.is_empty());
        self.guesses.count(&caller.principal, entries.iter().filter(is_unknown).count())?;
        Ok(entries)
    }

    /// The customers behind the entries of each identity.
    pub(super) async fn verify(
        &self,
        caller: &Caller,
        identities: &[Identity],
        entries: Vec<store::Result<Vec<IdentityEntry>>>,
    ) -> Result<Vec<Result<Vec<Found>>>> {
        let all = || entries.iter().flatten().flatten();
        let named: Vec<CustomerKey> = all().map(|entry| caller.key(entry.customer)).collect();
        let by: Vec<Trace> = all().map(Trace::of).collect();
        let mut records = self.records.read_many_by(&named, &by).await?.into_iter();
        let verified = |(identity, entries): (&Identity, store::Result<Vec<IdentityEntry>>)| {
            let entries = entries?;
            let read: Vec<_> = entries.iter().zip(records.by_ref()).collect();
            let mut found: Vec<Found> = Vec::new();
            for (entry, current) in read {
                if found.iter().all(|known| known.customer != entry.customer) {
                    let current = current?.filter(|current| has(&current.profile, identity, caller.now));
                    found.extend(current.map(|current| Found { customer: entry.customer, current }));
                }
            }
            Ok(found)
        };
        Ok(identities.iter().zip(entries).map(verified).collect())
    }
}

/// How many customers may have an identity of this kind.
pub(super) fn customers_max(kind: IdentityType) -> usize {
    if kind.is_exclusive() { 1 } else { SHARED_MAX }
}

/// Why an identity cannot be taken that as many customers have as may.
pub(super) fn full(kind: IdentityType, field: String) -> Error {
    match customers_max(kind) {
        1 => Error::IdentityTaken { field },
        max => Error::LimitReached { what: "customers of one shared identity", max },
    }
}

/// The keys to look an identity up by, each with `index`: its blind key, and those of its other forms.
fn keys(
    caller: &Caller,
    index: usize,
    identity: &Identity,
    blind: IdentityKey,
) -> impl Iterator<Item = (usize, IdentityKey)> + use<> {
    let forms = if identity.kind.is_exclusive() { Vec::new() } else { identity.forms() };
    let others = forms.into_iter().filter(|form| form != identity);
    let others: Vec<IdentityKey> = others.map(|form| caller.index_key.blind(&form)).collect();
    std::iter::once(blind).chain(others).map(move |key| (index, key))
}

/// Whether the profile has the identity under the entry's token.
pub(super) fn is_backed_by_profile(
    caller: &Caller,
    key: &IdentityKey,
    entry: &IdentityEntry,
    profile: &Profile,
) -> bool {
    let owns = |own: &ProfileIdentity| own.token == entry.token && caller.index_key.blind(&own.identity) == *key;
    profile.identities.iter().any(owns)
}

/// Whether the profile has the identity now. Entries are only hints.
pub(super) fn has(profile: &Profile, identity: &Identity, now: Timestamp) -> bool {
    profile.found_by(identity).is_some_and(|own| own.valid_at(now))
}
