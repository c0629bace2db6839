//! Finding customers by identities. Never guesses.

use super::{
    Caller, Readers,
    error::{Error, Result},
    identities::Found,
};
use crate::domain::{
    CustomerId,
    briefing::WithheldReason,
    consent::{Part, Purpose, sees},
    identity::Identity,
};

/// A customer, and which of their identities matched what was asked for.
pub struct Match {
    pub customer: CustomerId,
    pub matched: Vec<Identity>,
}

/// Who was found, and whether others were, whom the purpose may not find.
pub struct Matches {
    pub matches: Vec<Match>,
    /// Why others are left out.
    pub withheld: Option<WithheldReason>,
}

impl Readers {
    /// Every customer that has one of the identities, in the order of their first match: those of them whose identities
    /// the purpose may see.
    ///
    /// # Errors
    /// `Withheld`: the purpose never sees identities, or may see those of nobody who was found: an answer without a match would
    /// claim that nobody is known. Others: those of the store.
    pub async fn lookup(&self, caller: &Caller, identities: &[Identity], purpose: Purpose) -> Result<Matches> {
        if let Err(WithheldReason::Purpose) = sees(purpose, &[], Part::Identities) {
            return Err(Error::Withheld(WithheldReason::Purpose));
        }
        let found = self.find(caller, identities).await?;
        let mut matches: Vec<Match> = Vec::new();
        let mut withheld = None;
        for (identity, customers) in identities.iter().zip(found) {
            for Found { customer, current } in customers {
                if let Err(reason) = current.profile.sees(purpose, Part::Identities) {
                    withheld = Some(reason);
                    continue;
                }
                let matched = current.profile.found_by(identity).map_or(identity, |own| &own.identity).clone();
                match matches.iter_mut().find(|known| known.customer == customer) {
                    Some(known) => known.matched.push(matched),
                    None => matches.push(Match { customer, matched: vec![matched] }),
                }
            }
        }
        match withheld {
            Some(reason) if matches.is_empty() => Err(Error::Withheld(reason)),
            withheld => Ok(Matches { matches, withheld }),
        }
    }
}
