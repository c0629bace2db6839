//! The change feed: which customers changed, in which sections, since a token. Ids and revisions only.

use super::{
    Caller, Rapport,
    error::{Error, Result},
    tokens,
};
use crate::{
    domain::{CustomerId, Sections, Violation},
    store::{BUCKETS, Revision, sealing::Label},
};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub customer: CustomerId,
    pub revision: Revision,
    pub sections: Sections,
}

impl Rapport {
    /// The token of this moment: a feed read from it begins with the next change.
    pub async fn feed_now(&self, caller: &Caller) -> Result<String> {
        let positions = self.records.store.log_positions().await?;
        Ok(seal(caller, &positions.iter().map(|position| position.end).collect::<Vec<_>>()))
    }

    /// Changes after a token, at most about `limit`, and the token to go on with. One customer's changes are in order.
    /// A token that is too old, or ahead of the store, is refused: then read everything anew.
    pub async fn feed(&self, caller: &Caller, token: &str, limit: usize) -> Result<(Vec<Event>, String)> {
        let mut cursor = open(caller, token)?;
        let positions = self.records.store.log_positions().await?;
        for (at, position) in cursor.iter().zip(&positions) {
            if *at < position.trimmed || *at > position.end {
                return Err(Error::FeedTokenTooOld);
            }
        }
        let mut events = Vec::new();
        for (bucket, position) in positions.iter().enumerate().filter(|(_, position)| position.end > 0) {
            if cursor[bucket] >= position.end || events.len() >= limit {
                continue;
            }
            let page = self.records.store.log(bucket as u8, cursor[bucket], limit - events.len()).await?;
            if page.trimmed > cursor[bucket] {
                return Err(Error::FeedTokenTooOld);
            }
            for (at, entry) in page.entries {
                cursor[bucket] = at;
                if entry.key.tenant == caller.principal.tenant {
                    let (customer, revision) = (entry.key.customer, entry.revision);
                    events.push(Event { customer, revision, sections: entry.sections });
                }
            }
        }
        Ok((events, seal(caller, &cursor)))
    }
}

/// The vector of positions, bound to the tenant by its index key.
fn seal(caller: &Caller, positions: &[u64]) -> String {
    let bytes: Vec<u8> = positions.iter().flat_map(|position| position.to_be_bytes()).collect();
    tokens::signed(&caller.index_key, Label::FeedToken, b"", &bytes)
}

fn open(caller: &Caller, token: &str) -> Result<Vec<u64>> {
    let bytes = tokens::opened(&caller.index_key, Label::FeedToken, b"", token)
        .filter(|bytes| bytes.len() == usize::from(BUCKETS) * 8)
        .ok_or_else(|| Violation::new("token", "must be a feed token that the server gave"))?;
    Ok(bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_be_bytes(*chunk)).collect())
}
