//! Finding customers by identities. Never guesses.

use super::{Caller, Rapport, error::Result, identities::Found};
use crate::domain::{CustomerId, identity::Identity};

/// A customer, and which of the identities asked for matched.
pub struct Match {
    pub customer: CustomerId,
    pub matched: Vec<Identity>,
}

impl Rapport {
    /// Every customer that has one of the identities, in the order of their first match.
    pub async fn lookup(&self, caller: &Caller, identities: &[Identity]) -> Result<Vec<Match>> {
        let found = self.find(caller, identities).await?;
        let mut matches: Vec<Match> = Vec::new();
        for (identity, customers) in identities.iter().zip(found) {
            for Found { customer, .. } in customers {
                match matches.iter_mut().find(|known| known.customer == customer) {
                    Some(known) => known.matched.push(identity.clone()),
                    None => matches.push(Match { customer, matched: vec![identity.clone()] }),
                }
            }
        }
        Ok(matches)
    }
}
