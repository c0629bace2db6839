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

/// Records that are read for one page of those who agreed to a purpose, which bounds what a call costs. A page that would take more
/// stays short, and is not the last.
const RECORDS_MAX: usize = 2_000;
/// Records that are read at once where few have agreed.
const READ_AT_ONCE: usize = 200;

/// A place in the listing: a bucket, and the last member before; empty: from its first.
#[derive(Debug, Clone, Default)]
struct ListedAt {
    bucket: u16,
    after: Vec<u8>,
}

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
    /// purpose each record is read, and only customers who agreed to it are on the page, which is filled with them.
    pub async fn list(
        &self,
        caller: &Caller,
        page_size: usize,
        token: &str,
        purpose: Purpose,
    ) -> Result<(Vec<CustomerId>, String)> {
        const QUERY: &[u8] = b"ListCustomers";
        let position = tokens::parse_page_token(&caller.index_key, QUERY, token)?;
        let mut at = match position.as_deref() {
            Some([bucket, after @ ..]) => ListedAt { bucket: u16::from(*bucket), after: after.to_vec() },
            _ => ListedAt::default(),
        };
        let (mut page, mut read, mut wanted) = (Vec::with_capacity(page_size), 0, page_size);
        while at.bucket < BUCKETS && page.len() < page_size && read < RECORDS_MAX {
            let listed = self.listed(caller, &mut at, wanted).await?;
            read += listed.len();
            page.extend(self.agreeing(caller, listed, purpose).await?);
            wanted = READ_AT_ONCE;
        }
        if let Some((last, _)) = page.get(page_size.saturating_sub(1)).cloned().filter(|_| page.len() > page_size) {
            at = last;
            page.truncate(page_size);
        }
        let next = if at.bucket < BUCKETS {
            let mut position = vec![at.bucket.to_be_bytes()[1]];
            position.extend_from_slice(&at.after);
            tokens::page_token(&caller.index_key, QUERY, &position)
        } else {
            String::new()
        };
        Ok((page.into_iter().map(|(_, customer)| customer).collect(), next))
    }

    /// The next customers of the listing, at most so many, each with where they stand; and moves on past them.
    async fn listed(&self, caller: &Caller, at: &mut ListedAt, wanted: usize) -> Result<Vec<(ListedAt, CustomerId)>> {
        let mut listed = Vec::with_capacity(wanted);
        while at.bucket < BUCKETS && listed.len() < wanted {
            let range = HintRange::default().after((!at.after.is_empty()).then(|| at.after.clone()));
            let missing = wanted - listed.len();
            let tenant = &caller.principal.tenant;
            // The bucket is below BUCKETS = 256, so its low byte is all of it.
            let partition = at.bucket.to_be_bytes()[1];
            let hints = self.records.store.hints(tenant, HintIndex::Listing, partition, &range, missing).await?;
            let full = hints.len() == missing;
            for (member, _) in hints {
                at.after = member;
                if let Ok(bytes) = <[u8; 16]>::try_from(at.after.as_slice()) {
                    listed.push((at.clone(), CustomerId::from_bytes(bytes)));
                }
            }
            if !full {
                *at = ListedAt { bucket: at.bucket + 1, after: Vec::new() };
            }
        }
        Ok(listed)
    }

    /// Those of a page who agreed to a purpose. A record that cannot be read tells of no agreement, and the dead
    /// agreed for their lifetime.
    async fn agreeing(
        &self,
        caller: &Caller,
        listed: Vec<(ListedAt, CustomerId)>,
        purpose: Purpose,
    ) -> Result<Vec<(ListedAt, CustomerId)>> {
        if purpose == Purpose::Service {
            return Ok(listed);
        }
        let keys: Vec<_> = listed.iter().map(|(_, customer)| caller.key(*customer)).collect();
        let mut agreeing = Vec::with_capacity(listed.len());
        for (one, read) in listed.into_iter().zip(self.records.read_many(&keys).await?) {
            let Ok(Some(current)) = read else { continue };
            if !current.profile.is_deceased() && is_granted(purpose, &current.profile.consents) {
                agreeing.push(one);
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
