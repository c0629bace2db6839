//! How close the relationship with a customer is, and what they are worth.

use super::{
    Caller, Readers,
    error::{Error, Result},
};
use crate::domain::{
    CustomerId,
    briefing::WithheldReason,
    consent::Purpose,
    relationship::{Relationship, assess},
    value::{LifetimeValue, lifetime_value},
};

pub struct Explained {
    pub relationship: Relationship,
    /// `None`: the caller's role does not see it.
    pub values: Option<Vec<LifetimeValue>>,
}

impl Readers {
    /// The relationship, explained. Only for serving: the explanation tells of issues and promises.
    pub async fn relationship(&self, caller: &Caller, customer: CustomerId, purpose: Purpose) -> Result<Explained> {
        if purpose != Purpose::Service {
            return Err(Error::Withheld(WithheldReason::Purpose));
        }
        let current = self.records.read(&caller.key(customer)).await?.ok_or(Error::CustomerNotFound)?;
        let rules = &caller.in_force.policy.rules;
        Ok(Explained {
            relationship: assess(&current.profile, rules, caller.now),
            values: caller.sees_value().then(|| lifetime_value(&current.profile, caller.now)),
        })
    }
}
