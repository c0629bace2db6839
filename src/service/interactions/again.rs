//! Interactions that would be refused now and were counted before: the clock or the policy has changed since.

use super::{
    super::{Caller, Readers, briefing::Subject, error::Result},
    record::{Outcome, the_only},
};
use crate::{
    domain::{Violation, id::SourceId},
    store::{records::Opened, sealing::Label},
};

/// What an interaction is recognised by.
#[derive(Debug, Clone)]
pub struct Named {
    /// Whose it is.
    pub subject: Subject,
    /// The system that reported it.
    pub source: SourceId,
    /// Its key there.
    pub external_id: String,
    /// What was sent, as bytes.
    pub content: Vec<u8>,
}

impl Readers {
    /// The outcome of an interaction that would be refused now: repeated, if it was counted before with the same content.
    pub async fn refused(&self, caller: &Caller, named: Option<Box<Named>>, violation: Violation) -> Outcome {
        let Some(named) = named else { return Outcome::Refused(violation.into()) };
        match self.counted_before(caller, &named).await {
            Ok(Some(repeated)) => repeated,
            Ok(None) => Outcome::Refused(violation.into()),
            // Whether it was counted cannot be told now.
            Err(fault) => match Outcome::failed(fault) {
                retry @ Outcome::Retry(_) => retry,
                _ => Outcome::Refused(violation.into()),
            },
        }
    }

    async fn counted_before(&self, caller: &Caller, named: &Named) -> Result<Option<Outcome>> {
        let customer = match &named.subject {
            Subject::Customer(customer) => *customer,
            Subject::Identity(identity) => {
                let found = self.find_each(caller, std::slice::from_ref(identity)).await?;
                the_only(found.first())?
            }
        };
        let id = caller.index_key.entry_id(named.source.as_str(), &named.external_id);
        let Opened { current, entries, .. } = self.records.load(&caller.key(customer), &[id]).await?;
        let fingerprint = caller.index_key.digest(Label::Fingerprint, &[&named.content]);
        let is_known = entries.into_iter().flatten().any(|entry| entry.fingerprint == fingerprint);
        Ok(current.filter(|_| is_known).map(|current| Outcome::Repeated { customer, revision: current.revision }))
    }
}
