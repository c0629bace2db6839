//! The briefing: the look-up that everything else exists for.

use bytes::Bytes;

use super::{
    Caller, Readers,
    answers::Asked,
    error::{Error, Result},
    get::{demanded, reached},
    identities::{Found, keys, verified},
};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp,
        briefing::{self, Briefing, Mask, Question},
        consent::Purpose,
        identity::Identity,
        policy::Venue,
    },
    store::{
        CustomerKey, IdentityEntry, IdentityKey, Revision,
        records::{Fetched, Versioned},
    },
};

/// Whom a briefing is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Customer(CustomerId),
    Identity(Identity),
}

/// What is asked, for one subject or for many.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub venue: &'a Venue,
    /// `None`: now.
    pub at: Option<Timestamp>,
    pub purpose: Purpose,
    pub mask: Mask,
    pub basket: &'a [String],
    /// The tag of the language in which the answer is written.
    pub language: &'static str,
}

/// A briefing with the revision it was made from; none for a first visit and for candidates.
pub struct Answer {
    pub briefing: Briefing,
    pub revision: Option<Revision>,
}

impl Readers {
    /// The briefing for one subject, written by the edge: one data round trip by id, two by identity. An answer that is
    /// still right is not composed and written again.
    pub async fn brief(
        &self,
        caller: &Caller,
        subject: &Subject,
        ask: &Ask<'_>,
        token: &str,
        write: impl Fn(Answer) -> Bytes,
    ) -> Result<Bytes> {
        match subject {
            Subject::Customer(customer) => {
                let fetched = self.records.fetch(&caller.key(*customer)).await?.ok_or(Error::CustomerNotFound)?;
                reached(demanded(caller, *customer, token)?, fetched.revision)?;
                let make = |current: Versioned| known(caller, *customer, &current.profile, current.revision, ask);
                self.kept_or_made(caller, *customer, None, &fetched, ask, make, write)
            }
            Subject::Identity(identity) => self.brief_by_identity(caller, identity, ask, token, write).await,
        }
    }

    async fn brief_by_identity(
        &self,
        caller: &Caller,
        identity: &Identity,
        ask: &Ask<'_>,
        token: &str,
        write: impl Fn(Answer) -> Bytes,
    ) -> Result<Bytes> {
        let blind = caller.index_key.blind(identity);
        let entries = self.entries(caller, keys(caller, 0, identity)).await?;
        let [(_, entry)] = entries.as_slice() else {
            let found = self.verify(caller, std::slice::from_ref(identity), &entries).await?;
            return Ok(write(by_identity(caller, identity, found.into_iter().next().unwrap_or_default(), ask)));
        };
        let fetched = self.records.fetch(&caller.key(entry.customer)).await?;
        if let Some(fetched) = &fetched {
            reached(demanded(caller, entry.customer, token)?, fetched.revision)?;
        }
        self.brief_found(caller, identity, &blind, vec![(entry, Ok(fetched))], ask, write)
    }

    /// The briefing about whoever stands behind an identity.
    fn brief_found(
        &self,
        caller: &Caller,
        identity: &Identity,
        blind: &IdentityKey,
        found: Vec<Behind<'_>>,
        ask: &Ask<'_>,
        write: impl Fn(Answer) -> Bytes,
    ) -> Result<Bytes> {
        if let [(entry, Ok(Some(fetched)))] = found.as_slice() {
            let make = |current: Versioned| {
                let found = verified(caller, identity, entry, Some(current));
                by_identity(caller, identity, found.into_iter().collect(), ask)
            };
            return self.kept_or_made(caller, entry.customer, Some(blind.digest), fetched, ask, make, write);
        }
        let mut verified_ones: Vec<Found> = Vec::with_capacity(found.len());
        for (entry, fetched) in found {
            let current = fetched?.map(|fetched| fetched.open()).transpose()?;
            if verified_ones.iter().all(|known| known.customer != entry.customer) {
                verified_ones.extend(verified(caller, identity, entry, current));
            }
        }
        Ok(write(by_identity(caller, identity, verified_ones, ask)))
    }

    /// The kept answer, if it is still right; else a new one, which is kept if it may be.
    #[expect(clippy::too_many_arguments, reason = "one step of the hot path, called from three places")]
    fn kept_or_made(
        &self,
        caller: &Caller,
        customer: CustomerId,
        via: Option<[u8; 16]>,
        fetched: &Fetched,
        ask: &Ask<'_>,
        make: impl FnOnce(Versioned) -> Answer,
        write: impl Fn(Answer) -> Bytes,
    ) -> Result<Bytes> {
        let made_from = (fetched.revision, caller.in_force.revision);
        let asked = Asked {
            customer: caller.key(customer),
            via,
            venue: ask.venue.id.clone(),
            purpose: ask.purpose,
            mask: ask.mask,
            language: ask.language,
        };
        let keep = ask.at.is_none() && ask.basket.is_empty();
        if keep && let Some(bytes) = self.answers.get(&asked, made_from, caller.now) {
            return Ok(bytes);
        }
        let answer = make(fetched.open()?);
        let until = answer.briefing.valid_until;
        let bytes = write(answer);
        if keep && let Some(until) = until {
            self.answers.keep(asked, made_from, caller.now, until, bytes.clone());
        }
        Ok(bytes)
    }

    /// Briefings for many subjects, each with its own result, written by the edge: two data round trips in all.
    pub async fn brief_many(
        &self,
        caller: &Caller,
        subjects: &[Subject],
        ask: &Ask<'_>,
        write: impl Fn(Answer) -> Bytes,
    ) -> Result<Vec<Result<Bytes>>> {
        let mut customers: Vec<CustomerKey> = Vec::new();
        let mut identities: Vec<(&Identity, IdentityKey)> = Vec::new();
        for subject in subjects {
            match subject {
                Subject::Customer(customer) => customers.push(caller.key(*customer)),
                Subject::Identity(identity) => identities.push((identity, caller.index_key.blind(identity))),
            }
        }
        let asked = identities.iter().enumerate().flat_map(|(place, (identity, _))| keys(caller, place, identity));
        let (records, entries) = tokio::join!(
            async { if customers.is_empty() { Ok(Vec::new()) } else { self.records.fetch_many(&customers).await } },
            async { if identities.is_empty() { Ok(Vec::new()) } else { self.entries(caller, asked).await } },
        );
        let (mut records, entries) = (records?.into_iter(), entries?);
        let behind: Vec<CustomerKey> = entries.iter().map(|(_, entry)| caller.key(entry.customer)).collect();
        let fetched = if behind.is_empty() { Vec::new() } else { self.records.fetch_many(&behind).await? };
        let mut found: Vec<Vec<Behind<'_>>> = identities.iter().map(|_| Vec::new()).collect();
        for ((place, entry), fetched) in entries.iter().zip(fetched) {
            found[*place].push((entry, fetched));
        }
        let mut identities = identities.iter().zip(found);
        let one = |subject: &Subject| match subject {
            Subject::Customer(customer) => {
                let fetched = records.next().transpose()?.flatten().ok_or(Error::CustomerNotFound)?;
                let make = |current: Versioned| known(caller, *customer, &current.profile, current.revision, ask);
                self.kept_or_made(caller, *customer, None, &fetched, ask, make, &write)
            }
            Subject::Identity(_) => {
                let ((identity, blind), found) = identities.next().ok_or(Error::Internal)?;
                self.brief_found(caller, identity, blind, found, ask, &write)
            }
        };
        Ok(subjects.iter().map(one).collect())
    }
}

/// An entry of an identity, and the record it points to.
type Behind<'a> = (&'a IdentityEntry, crate::store::Result<Option<Fetched>>);

fn question<'a>(caller: &'a Caller, ask: &Ask<'a>) -> Question<'a> {
    Question {
        policy: &caller.in_force.policy,
        venue: ask.venue,
        now: caller.now,
        at: ask.at.unwrap_or(caller.now),
        purpose: ask.purpose,
        mask: ask.mask,
        basket: ask.basket,
        others: caller.others.as_deref(),
    }
}

fn known(caller: &Caller, customer: CustomerId, profile: &Profile, revision: Revision, ask: &Ask<'_>) -> Answer {
    let briefing = briefing::brief(customer, profile, &question(caller, ask));
    Answer { briefing, revision: Some(revision) }
}

fn by_identity(caller: &Caller, identity: &Identity, found: Vec<Found>, ask: &Ask<'_>) -> Answer {
    let mut answer = match found.as_slice() {
        [] => Answer { briefing: briefing::brief_stranger(&question(caller, ask)), revision: None },
        [only] => known(caller, only.customer, &only.current.profile, only.current.revision, ask),
        _ => {
            let candidates: Vec<(CustomerId, Profile)> =
                found.into_iter().map(|found| (found.customer, found.current.profile)).collect();
            Answer { briefing: briefing::brief_candidates(&candidates, &question(caller, ask)), revision: None }
        }
    };
    answer.briefing.found_by = Some(identity.kind);
    answer
}
