//! The briefing: the look-up that everything else exists for.

use std::sync::Arc;

use super::{
    Caller, Readers,
    error::{Error, Result},
    get::{demanded, reached},
    identities::{Found, has},
    inputs::Inputs,
    tokens,
};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp,
        basket::{BasketLine, Seat},
        briefing::{self, Briefing, CheckedItems, Mask, Question, WithheldReason},
        consent::{Part, Purpose},
        id::PartId,
        identity::Identity,
        policy::Venue,
        precaution::{Precaution, PrecautionDraft},
    },
    store::{
        self, CustomerKey, IdentityEntry, IdentityKey, Revision,
        records::{Fetched, Trace, Versioned},
    },
};

/// Whom a briefing or an interaction is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// By id.
    Customer(CustomerId),
    /// By an identity in its normal form; nobody or several may have it.
    Identity(Identity),
}

/// A purchase in progress.
#[derive(Debug, Clone, Default)]
pub struct Basket {
    /// The items alone, as the venue names them.
    pub items: Vec<String>,
    /// The same with what is changed about each.
    pub lines: Vec<BasketLine>,
    /// Whose plate is the customer's; empty: not said.
    pub seat: String,
}

impl Basket {
    /// No purchase.
    pub const NONE: &'static Self = &Self { items: Vec::new(), lines: Vec::new(), seat: String::new() };

    /// Of these lines.
    pub fn of(lines: Vec<BasketLine>, seat: String) -> Self {
        Self { items: lines.iter().map(|line| line.item.clone()).collect(), lines, seat }
    }
}

/// How much of a briefing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// All that was asked for.
    Full,
    /// Headline and respect in short.
    Till,
}

/// What is asked, for one subject or for many.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Where the customer is.
    pub venue: &'a Venue,
    /// `None`: now.
    pub at: Option<Timestamp>,
    /// Decides with the consents what is withheld.
    pub purpose: Purpose,
    /// The sections to compose, beside headline and respect.
    pub mask: Mask,
    /// The purchase in progress.
    pub basket: &'a Basket,
    /// How much is sent.
    pub view: View,
    /// The tag of the language in which the answer is written.
    pub language: &'static str,
}

/// A briefing with the revision it was made from; none for a first visit and for candidates.
pub struct Answer {
    /// Composed, and without words yet.
    pub briefing: Briefing,
    /// Of the record.
    pub revision: Option<Revision>,
}

/// Checks a basket against precautions that somebody says now; of nobody, and nothing is stored.
pub fn check_items(caller: &Caller, venue: &Venue, basket: &Basket, said: Vec<PrecautionDraft>) -> CheckedItems {
    let author = caller.principal.author();
    let of = |(index, reported): (usize, PrecautionDraft)| Precaution {
        id: PartId(u32::try_from(index).unwrap_or(u32::MAX)),
        reported,
        recorded_by: author.clone(),
        first_said_by: None,
        record_time: caller.now,
        review: None,
    };
    let mut said: Vec<Precaution> = said.into_iter().enumerate().map(of).collect();
    // As records are read: what stands in one with a pregnancy is apart from it.
    let apart: Vec<Precaution> = said.iter_mut().filter_map(|one| one.part_from_pregnancy(one.id)).collect();
    said.extend(apart);
    said.sort_by_key(Precaution::rank);
    let question = Question {
        policy: &caller.in_force.policy,
        venue,
        now: caller.now,
        at: caller.now,
        purpose: Purpose::Service,
        mask: Mask::ALL,
        basket: &basket.items,
        lines: &basket.lines,
        seat: Seat::OfAll(&basket.seat),
        menu: caller.menu_of(venue),
        others: None,
    };
    briefing::check_items(&said, &question)
}

/// The records that a subject leads to, still sealed where they can be.
pub enum Resolved<'a> {
    /// One record. `via`: the identity that names it, which the record may not have any more.
    Record {
        /// Whose record it is.
        customer: CustomerId,
        /// Not opened yet: a kept answer needs its revision alone.
        fetched: Fetched,
        /// Must be checked once the record is open.
        via: Option<Via<'a>>,
    },
    /// Nobody, or several customers, all of whom have the identity.
    Verified {
        /// What was asked for.
        identity: &'a Identity,
        /// None, or two or more.
        found: Vec<Found>,
    },
}

/// An identity, and its blind key.
pub struct Via<'a> {
    identity: &'a Identity,
    pub(super) digest: [u8; 16],
}

impl Readers {
    /// Finds the records of one subject: one data round trip by id, two by identity. `token`: at which revision, at least.
    pub async fn resolve<'a>(&self, caller: &Caller, subject: &'a Subject, token: &str) -> Result<Resolved<'a>> {
        match subject {
            Subject::Customer(customer) => {
                let fetched = self.records.fetch(&caller.key(*customer)).await?.ok_or(Error::CustomerNotFound)?;
                reached(demanded(caller, *customer, token)?, fetched.revision)?;
                Ok(Resolved::Record { customer: *customer, fetched, via: None })
            }
            Subject::Identity(identity) => {
                tokens::refuse_malformed_revision_token(token)?;
                let resolved = self.resolve_identity(caller, identity, token).await?;
                if let Resolved::Verified { found, .. } = &resolved {
                    reached_by_one(caller, found, token)?;
                }
                Ok(resolved)
            }
        }
    }

    async fn resolve_identity<'a>(&self, caller: &Caller, identity: &'a Identity, token: &str) -> Result<Resolved<'a>> {
        let blind = caller.index_key.blind(identity);
        let digest = blind.digest;
        let entries = one(self.entries(caller, std::iter::once((identity, blind))).await?)?;
        let [entry] = entries.as_slice() else {
            let found = one(self.verify(caller, std::slice::from_ref(identity), vec![Ok(entries)]).await?)?;
            return Ok(Resolved::Verified { identity, found });
        };
        let fetched = self.records.fetch_by(&caller.key(entry.customer), Trace::of(entry)).await?;
        if let Some(fetched) = &fetched {
            reached(demanded(caller, entry.customer, token)?, fetched.revision)?;
        }
        resolve_entries(caller, identity, digest, vec![(entry, Ok(fetched))])
    }

    /// Finds the records of many subjects, each for itself: two data round trips in all. Whoever asks for too many identities that nobody has
    /// is not answered about any; customers who are named by id are.
    pub async fn resolve_many<'a>(
        &self,
        caller: &Caller,
        subjects: &'a [Subject],
    ) -> Result<Vec<Result<Resolved<'a>>>> {
        let mut customers: Vec<CustomerKey> = Vec::new();
        let mut identities: Vec<(&Identity, IdentityKey)> = Vec::new();
        for subject in subjects {
            match subject {
                Subject::Customer(customer) => customers.push(caller.key(*customer)),
                Subject::Identity(identity) => identities.push((identity, caller.index_key.blind(identity))),
            }
        }
        let blinds = identities.iter().map(|(identity, blind)| (*identity, blind.clone()));
        let (records, entries) = tokio::join!(self.records.fetch_many(&customers), self.entries(caller, blinds));
        let records = records?;
        let (entries, refused) = match entries {
            Err(fault @ Error::TooManyUnknown { .. }) if !customers.is_empty() => (Vec::new(), Some(fault)),
            entries => (entries?, None),
        };
        let all = || entries.iter().flatten().flatten();
        let named: Vec<CustomerKey> = all().map(|entry| caller.key(entry.customer)).collect();
        let by: Vec<Trace> = all().map(Trace::of).collect();
        let mut fetched = self.records.fetch_many_by(&named, &by).await?.into_iter();
        let mut records = records.into_iter();
        let mut identities = identities.iter().zip(entries);
        let one = |subject: &'a Subject| match subject {
            Subject::Customer(customer) => {
                let fetched = records.next().transpose()?.flatten().ok_or(Error::CustomerNotFound)?;
                Ok(Resolved::Record { customer: *customer, fetched, via: None })
            }
            Subject::Identity(identity) => {
                if let Some(fault) = &refused {
                    return Err(fault.clone());
                }
                let ((_, blind), entries) = identities.next().ok_or(Error::Internal)?;
                resolve_entries(caller, identity, blind.digest, entries?.iter().zip(fetched.by_ref()).collect())
            }
        };
        Ok(subjects.iter().map(one).collect())
    }
}

/// Refuses a token that is of none of those who were found, or not reached by that one: its customer may have the identity by now.
fn reached_by_one(caller: &Caller, found: &[Found], token: &str) -> Result<()> {
    if token.is_empty() {
        return Ok(());
    }
    let of = |known: &Found| Some((demanded(caller, known.customer, token).ok()?, known.current.revision));
    let (demanded, current) = found.iter().find_map(of).ok_or(Error::RevisionNotReached)?;
    reached(demanded, current)
}

/// What was found for the one identity that was asked for.
fn one<T: Default, E>(mut found: Vec<std::result::Result<T, E>>) -> std::result::Result<T, E> {
    found.pop().unwrap_or_else(|| Ok(T::default()))
}

/// What the entries of one identity lead to.
fn resolve_entries<'a>(
    caller: &Caller,
    identity: &'a Identity,
    digest: [u8; 16],
    mut entries: Vec<(&IdentityEntry, store::Result<Option<Fetched>>)>,
) -> Result<Resolved<'a>> {
    if let [(entry, Ok(one))] = entries.as_mut_slice()
        && let Some(fetched) = one.take()
    {
        let via = Some(Via { identity, digest });
        return Ok(Resolved::Record { customer: entry.customer, fetched, via });
    }
    let mut found: Vec<Found> = Vec::with_capacity(entries.len());
    for (entry, fetched) in entries {
        let current = fetched?.map(|fetched| fetched.open()).transpose()?;
        if found.iter().all(|known| known.customer != entry.customer) {
            let current = current.filter(|current| has(&current.profile, identity, caller.now));
            found.extend(current.map(|current| Found { customer: entry.customer, current }));
        }
    }
    Ok(Resolved::Verified { identity, found })
}

/// Makes the briefing of what was found. `open`: opens a record.
///
/// # Errors
/// `Corrupt`: the record does not open.
pub fn compose(
    inputs: &Inputs<'_>,
    resolved: Resolved<'_>,
    open: impl FnOnce(&Fetched) -> store::Result<Arc<Versioned>>,
) -> Result<Answer> {
    match resolved {
        Resolved::Record { customer, fetched, via } => {
            let current = open(&fetched)?;
            Ok(match via {
                None => known(inputs, customer, &current.profile, current.revision),
                Some(Via { identity, .. }) if has(&current.profile, identity, inputs.now()) => {
                    by_its_own(inputs, identity, customer, &current)
                }
                Some(Via { identity, .. }) => by_identity(inputs, identity, Vec::new()),
            })
        }
        Resolved::Verified { identity, found } => Ok(by_identity(inputs, identity, found)),
    }
}

fn known(inputs: &Inputs<'_>, customer: CustomerId, profile: &Profile, revision: Revision) -> Answer {
    let mut briefing = briefing::brief(customer, profile, &inputs.question());
    // What is declared may come into force or expire before anything of the customer's.
    briefing.valid_until = briefing.valid_until.map(|until| inputs.menu_until().map_or(until, |ends| ends.min(until)));
    Answer { briefing, revision: Some(revision) }
}

fn by_identity(inputs: &Inputs<'_>, identity: &Identity, found: Vec<Found>) -> Answer {
    if let [only] = found.as_slice() {
        return by_its_own(inputs, identity, only.customer, &only.current);
    }
    let unseen = found.iter().find_map(|found| unseen(inputs, &found.current.profile));
    let briefing = if found.is_empty() {
        briefing::brief_stranger(&inputs.question())
    } else {
        let candidates: Vec<(CustomerId, Profile)> =
            found.into_iter().map(|found| (found.customer, found.current.profile)).collect();
        briefing::brief_candidates(&candidates, &inputs.question())
    };
    found_by(identity, unseen, Answer { briefing, revision: None })
}

/// The briefing of the only customer who has an identity.
fn by_its_own(inputs: &Inputs<'_>, identity: &Identity, customer: CustomerId, current: &Versioned) -> Answer {
    let profile = &current.profile;
    let mut answer = known(inputs, customer, profile, current.revision);
    // Then the identity finds nobody, whatever the purpose may see of the others.
    if let Some(ends) = profile.found_by(identity).and_then(|own| own.expire_time) {
        answer.briefing.valid_until = answer.briefing.valid_until.map(|until| until.min(ends));
    }
    found_by(identity, unseen(inputs, profile), answer)
}

/// Why the purpose may not see whose an identity is; `None`: it may.
fn unseen(inputs: &Inputs<'_>, profile: &Profile) -> Option<WithheldReason> {
    profile.sees(inputs.purpose(), Part::Identities).err()
}

fn found_by(identity: &Identity, unseen: Option<WithheldReason>, mut answer: Answer) -> Answer {
    match unseen {
        Some(reason) => answer.briefing.withhold_whose(reason),
        None => answer.briefing.found_by = Some(identity.kind),
    }
    answer
}
