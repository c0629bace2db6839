//! The briefing: the look-up that everything else exists for.

use super::{
    Caller, Rapport,
    error::{Error, Result},
    get::{demanded, reached},
    identities::Found,
};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp,
        briefing::{self, Briefing, Mask, Question},
        consent::Purpose,
        identity::Identity,
        policy::Venue,
    },
    store::{CustomerKey, Revision},
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
}

/// A briefing with the revision it was made from; none for a first visit and for candidates.
pub struct Answer {
    pub briefing: Briefing,
    pub revision: Option<Revision>,
}

impl Rapport {
    /// The briefing for one subject: one data round trip by id, two by identity.
    pub async fn brief(&self, caller: &Caller, subject: &Subject, ask: &Ask<'_>, token: &str) -> Result<Answer> {
        let answer = match subject {
            Subject::Customer(customer) => {
                let demanded = demanded(caller, *customer, token)?;
                let current = self.records.read(&caller.key(*customer)).await?.ok_or(Error::CustomerNotFound)?;
                reached(demanded, current.revision)?;
                known(caller, *customer, &current.profile, current.revision, ask)
            }
            Subject::Identity(identity) => {
                let found = self.find(caller, std::slice::from_ref(identity)).await?;
                let found = found.into_iter().next().unwrap_or_default();
                if let ([only], false) = (found.as_slice(), token.is_empty()) {
                    reached(demanded(caller, only.customer, token)?, only.current.revision)?;
                }
                by_identity(caller, identity, found, ask)
            }
        };
        Ok(answer)
    }

    /// Briefings for many subjects, each with its own result: two data round trips in all.
    pub async fn brief_many(
        &self,
        caller: &Caller,
        subjects: &[Subject],
        ask: &Ask<'_>,
    ) -> Result<Vec<Result<Answer>>> {
        let mut customers: Vec<CustomerKey> = Vec::new();
        let mut identities: Vec<Identity> = Vec::new();
        for subject in subjects {
            match subject {
                Subject::Customer(customer) => customers.push(caller.key(*customer)),
                Subject::Identity(identity) => identities.push(identity.clone()),
            }
        }
        let (records, found) = tokio::join!(
            async { if customers.is_empty() { Ok(Vec::new()) } else { self.records.read_many(&customers).await } },
            async { if identities.is_empty() { Ok(Vec::new()) } else { self.find(caller, &identities).await } },
        );
        let (mut records, mut found) = (records?.into_iter(), found?.into_iter());
        let one = |subject: &Subject| match subject {
            Subject::Customer(customer) => {
                let current = records.next().transpose()?.flatten().ok_or(Error::CustomerNotFound)?;
                Ok(known(caller, *customer, &current.profile, current.revision, ask))
            }
            Subject::Identity(identity) => Ok(by_identity(caller, identity, found.next().unwrap_or_default(), ask)),
        };
        Ok(subjects.iter().map(one).collect())
    }
}

fn question<'a>(caller: &'a Caller, ask: &Ask<'a>) -> Question<'a> {
    Question {
        policy: &caller.in_force.policy,
        venue: ask.venue,
        now: caller.now,
        at: ask.at.unwrap_or(caller.now),
        purpose: ask.purpose,
        mask: ask.mask,
        basket: ask.basket,
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
