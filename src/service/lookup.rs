//! Finding customers by identities. Never guesses.

use super::{Caller, Readers, error::Result, identities::Found};
use crate::domain::{CustomerId, identity::Identity};

/// A customer, and which of their identities matched what was asked for.
pub struct Match {
    pub customer: CustomerId,
    pub matched: Vec<Identity>,
}

impl Readers {
    /// Every customer that has one of the identities, in the order of their first match.
    pub async fn lookup(&self, caller: &Caller, identities: &[Identity]) -> Result<Vec<Match>> {
        let found = self.find(caller, identities).await?;
        let mut matches: Vec<Match> = Vec::new();
        for (identity, customers) in identities.iter().zip(found) {
            for Found { customer, current } in customers {
                let matched = current.profile.found_by(identity).map_or(identity, |own| &own.identity).clone();
                match matches.iter_mut().find(|known| known.customer == customer) {
                    Some(known) => known.matched.push(matched),
                    None => matches.push(Match { customer, matched: vec![matched] }),
                }
            }
        }
        Ok(matches)
    }
}
