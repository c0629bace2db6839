//! Interactions that would be refused now and were counted before: the clock or the policy has changed since.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{
    super::{Caller, Readers, briefing::Subject, error::Result},
    marks::{Marks, Sent},
    record::Outcome,
};
use crate::{
    domain::{CustomerId, Violation, id::SourceId},
    store::{EntryId, records::Opened},
};

/// An interaction that does not pass now.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why.
    pub violation: Violation,
    /// What it is recognised by, if it says so.
    pub named: Option<Box<Named>>,
}

/// What an interaction is recognised by.
#[derive(Debug, Clone)]
pub struct Named {
    /// Whose it is.
    pub subject: Subject,
    /// The system that reported it.
    pub source: SourceId,
    /// Its key there.
    pub external_id: String,
    /// What was sent.
    pub sent: Sent,
}

/// Whether an interaction was counted before, and as what it then answers.
type Before = Result<Option<Outcome>>;

impl Readers {
    /// The outcomes of interactions that would be refused now, in their order: repeated, if it was counted before with the same
    /// content. Reads nothing if none says what it is recognised by.
    pub async fn refused(&self, caller: &Caller, refused: Vec<Refused>) -> Vec<Outcome> {
        let named: Vec<&Named> = refused.iter().filter_map(|one| one.named.as_deref()).collect();
        let mut before = self.counted_before(caller, &named).await.into_iter();
        let outcome = |Refused { violation, named }: Refused| {
            let fault = match named.and_then(|_| before.next()) {
                Some(Ok(Some(repeated))) => return repeated,
                Some(Err(fault)) => fault,
                Some(Ok(None)) | None => return Outcome::Refused(violation.into()),
            };
            // Whether it was counted cannot be told now.
            match Outcome::failed(fault) {
                retry @ Outcome::Retry(_) => retry,
                _ => Outcome::Refused(violation.into()),
            }
        };
        refused.into_iter().map(outcome).collect()
    }

    /// One look-up for all identities, and one load for each customer.
    async fn counted_before(&self, caller: &Caller, named: &[&Named]) -> Vec<Before> {
        let customers = match self.customers_of(caller, named.iter().map(|one| &one.subject)).await {
            Ok(customers) => customers,
            Err(fault) => return named.iter().map(|_| Err(fault.clone())).collect(),
        };
        let mut by_customer: BTreeMap<CustomerId, Vec<(usize, Marks)>> = BTreeMap::new();
        let mut before: Vec<Before> = Vec::with_capacity(named.len());
        for (index, (one, customer)) in named.iter().zip(customers).enumerate() {
            before.push(match customer {
                Ok(customer) => {
                    let marks = Marks::of(caller, &one.source, &one.external_id, &one.sent);
                    by_customer.entry(customer).or_default().push((index, marks));
                    Ok(None)
                }
                Err(fault) => Err(fault),
            });
        }
        let looked = by_customer.into_iter().map(|(customer, items)| self.counted_of(caller, customer, items));
        for (index, outcome) in join_all(looked).await.into_iter().flatten() {
            before[index] = outcome;
        }
        before
    }

    async fn counted_of(
        &self,
        caller: &Caller,
        customer: CustomerId,
        items: Vec<(usize, Marks)>,
    ) -> Vec<(usize, Before)> {
        let ids: Vec<EntryId> = items.iter().map(|(_, marks)| marks.id).collect();
        let Opened { current, entries, .. } = match self.records.load(&caller.key(customer), &ids).await {
            Ok(opened) => opened,
            Err(fault) => return items.into_iter().map(|(index, _)| (index, Err(fault.clone().into()))).collect(),
        };
        let repeated = current.map(|current| (customer, current.revision));
        let one = |((index, marks), entry): ((usize, Marks), Option<_>)| {
            let is_known = entry.is_some_and(|entry| marks.is_of(&entry));
            let known = repeated.filter(|_| is_known);
            (index, Ok(known.map(|(customer, revision)| Outcome::Repeated { customer, revision })))
        };
        items.into_iter().zip(entries).map(one).collect()
    }
}
