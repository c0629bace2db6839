//! Believing what is left of two stores that are not whole, under a new epoch.

use std::sync::Arc;

use bytes::Bytes;

use super::{Fitness, Losses, Mark, Result, readable};
use crate::{
    domain::TenantId,
    store::{
        StoreError,
        cas::{self, Decision, Effect, Lifetime},
        codec::marks,
        keys,
        sealing::random,
    },
};

impl Fitness {
    /// Believes what is left from now on, under a new epoch.
    pub async fn adopt(&self, tenant: &TenantId, losses: &Losses) -> Result<Mark> {
        let (data, keys) = self.all_marks().await?;
        let there: Vec<&Mark> = data.iter().chain(&keys).flatten().collect();
        // Never the first one again: tokens of that are bound to none.
        let seen = self.seen_as();
        let epoch = there.iter().map(|mark| mark.epoch).chain(seen.map(|(_, epoch)| epoch)).max().unwrap_or(1) + 1;
        // What was served here before goes on, also for the notes of other replicas.
        let served = seen.map(|(store_id, _)| store_id);
        let store_id =
            served.or_else(|| data.iter().flatten().next().or(there.first().copied()).map(|mark| mark.store_id));
        let mark = Mark { store_id: store_id.map_or_else(random, Ok)?, epoch, lost: String::new() };
        self.claim(data[0].as_ref(), &mark).await?;
        if losses.without_record > 0 {
            self.give_up_records(tenant).await?;
        }
        if losses.tenant_key {
            self.give_up_tenant_key(tenant).await?;
        }
        if losses.index_key {
            let forget = |_: &[u8]| Ok(Decision { answer: (), effect: Effect::Remove });
            cas::change(self.data.as_ref(), keys::index_key_note(tenant), forget).await?;
        }
        if losses.policy {
            self.keys.put_note(keys::policy_note(tenant), Bytes::new()).await?;
        }
        Box::pin(self.put_all(&mark)).await?;
        // Another may have begun since, and taken the claim for one that was left behind.
        let (data, keys) = self.all_marks().await?;
        if data.iter().chain(&keys).any(|there| there.as_ref() != Some(&mark)) {
            return Err(adopted_twice());
        }
        self.expected.store(Some(Arc::new(mark.clone())));
        self.fault.store(None);
        // The last: until then it is known that the data went back.
        self.adopt_ends().await?;
        // For the epoch that is told: losses that were served count too.
        self.look_at_ends().await?;
        Ok(mark)
    }

    /// Takes the first bucket's mark from `seen` to `mark`: of those who adopt at once, one does.
    pub(super) async fn claim(&self, seen: Option<&Mark>, mark: &Mark) -> Result<()> {
        let (seen, bytes) = (seen.cloned(), marks::encode(mark));
        let is_first = cas::change(self.data.as_ref(), keys::mark(0), move |there| {
            if readable(there) != seen {
                return Ok(Decision::keep(false));
            }
            Ok(Decision::put(true, bytes.to_vec(), Lifetime::Forever))
        });
        if is_first.await? { Ok(()) } else { Err(adopted_twice()) }
    }
}

fn adopted_twice() -> StoreError {
    StoreError::Unfit(
        "another `rapport store adopt` was at these stores at the same time: nothing is adopted here; look again when it has ended"
            .into(),
    )
}
