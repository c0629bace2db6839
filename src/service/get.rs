//! Reading one customer, and listing all.

use super::{
    Caller, Readers,
    error::{Error, Result},
    tokens,
};
use crate::{
    domain::{
        CustomerId,
        consent::{Purpose, is_granted},
    },
    store::{BUCKETS, HintIndex, HintRange, Revision, records::Versioned},
};

impl Readers {
    /// One customer, at least at the revision of the token.
    pub async fn get(&self, caller: &Caller, customer: CustomerId, token: &str) -> Result<Versioned> {
        let demanded = demanded(caller, customer, token)?;
        let current = self.records.read(&caller.key(customer)).await?.ok_or(Error::CustomerNotFound)?;
        reached(demanded, current.revision)?;
        Ok(current)
    }

    /// A page of customer ids from the listing index, in the order of buckets and ids; and the token of the next page. The ids
    /// are not checked against records when serving: one that was erased a moment ago may still be among them. For another
    /// purpose each record is read, and only customers who agreed to it stay on the page, which may then be short or empty.
    pub async fn list(
        &self,
        caller: &Caller,
        page_size: usize,
        token: &str,
        purpose: Purpose,
    ) -> Result<(Vec<CustomerId>, String)> {
        const QUERY: &[u8] = b"ListCustomers";
        let position = tokens::parse_page_token(&caller.index_key, QUERY, token)?;
        let (mut bucket, mut after) = match position.as_deref() {
            Some([bucket, after @ ..]) => (u16::from(*bucket), after.to_vec()),
            _ => (0, Vec::new()),
        };
        let mut page = Vec::with_capacity(page_size);
        while bucket < BUCKETS && page.len() < page_size {
            let range = HintRange::default().after((!after.is_empty()).then(|| after.clone()));
            let wanted = page_size - page.len();
            let tenant = &caller.principal.tenant;
            // `bucket` is below BUCKETS = 256, so its low byte is all of it.
            let partition = bucket.to_be_bytes()[1];
            let hints = self.records.store.hints(tenant, HintIndex::Listing, partition, &range, wanted).await?;
            let full = hints.len() == wanted;
            for (member, _) in hints {
                if let Ok(bytes) = <[u8; 16]>::try_from(member.as_slice()) {
                    page.push(CustomerId::from_bytes(bytes));
                }
                after = member;
            }
            if !full {
                bucket += 1;
                after.clear();
            }
        }
        let next = if bucket < BUCKETS {
            let mut position = vec![bucket.to_be_bytes()[1]];
            position.extend_from_slice(&after);
            tokens::page_token(&caller.index_key, QUERY, &position)
        } else {
            String::new()
        };
        Ok((self.agreeing(caller, page, purpose).await?, next))
    }

    /// Those of a page who agreed to a purpose. A record that cannot be read tells of no agreement, and the dead
    /// agreed for their lifetime.
    async fn agreeing(&self, caller: &Caller, page: Vec<CustomerId>, purpose: Purpose) -> Result<Vec<CustomerId>> {
        if purpose == Purpose::Service {
            return Ok(page);
        }
        let keys: Vec<_> = page.iter().map(|customer| caller.key(*customer)).collect();
        let mut agreeing = Vec::with_capacity(page.len());
        for (customer, read) in page.into_iter().zip(self.records.read_many(&keys).await?) {
            let Ok(Some(current)) = read else { continue };
            if !current.profile.is_deceased() && is_granted(purpose, &current.profile.consents) {
                agreeing.push(customer);
            }
        }
        Ok(agreeing)
    }
}

/// The revision that a read must have reached, if any.
pub(super) fn demanded(caller: &Caller, customer: CustomerId, token: &str) -> Result<Option<Revision>> {
    if token.is_empty() {
        return Ok(None);
    }
    Ok(Some(tokens::parse_revision_token(&caller.index_key, customer, token)?))
}

/// Refuses, without waiting, a revision that is older than demanded, or has the same number but another write id.
pub(super) fn reached(demanded: Option<Revision>, current: Revision) -> Result<()> {
    match demanded {
        Some(demanded) if current.counter < demanded.counter => Err(Error::RevisionNotReached),
        Some(demanded) if current.counter == demanded.counter && current != demanded => Err(Error::RevisionNotReached),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_reached_by_itself_and_by_later_ones() {
        let of = |counter, write_id| Revision { counter, write_id };
        for (demanded, current, is_reached) in [
            (None, of(1, 1), true),
            (Some(of(2, 7)), of(2, 7), true),
            (Some(of(2, 7)), of(3, 1), true),
            (Some(of(2, 7)), of(1, 7), false),
            (Some(of(2, 7)), of(2, 8), false),
        ] {
            let result = reached(demanded, current);
            assert_eq!(result.is_ok(), is_reached, "{demanded:?} at {current:?}");
            assert!(matches!(result, Ok(()) | Err(Error::RevisionNotReached)));
        }
    }
}
