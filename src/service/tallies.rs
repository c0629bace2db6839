//! Counters: how the index worker folds log entries into them, and how they are read.

use std::collections::BTreeMap;

use super::Reports;
use crate::{
    domain::{TenantId, review},
    store::{IndexOp, LogEntry, NewValue, Result, Store, StoreExt as _, TallyKey},
};

impl Reports {
    /// The counters of a tally, over all buckets.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn counted(&self, tenant: &TenantId, name: &str) -> Result<BTreeMap<String, i64>> {
        let mut sum = BTreeMap::<String, i64>::new();
        for tally in self.records.store.tallies(&TallyKey::everywhere(tenant, name)).await? {
            for (key, n) in tally.counts {
                let there = sum.entry(key).or_default();
                *there = there.saturating_add(n);
            }
        }
        Ok(sum)
    }
}

/// The bucket's tallies with what these entries count. They must be read after the cursor that the entries follow: the
/// step that moves the cursor then fails if they have changed since.
pub(super) async fn fold(
    store: &dyn Store,
    bucket: u8,
    entries: &[(u64, LogEntry)],
    now_ms: i64,
) -> Result<Vec<NewValue>> {
    let mut added = BTreeMap::<TallyKey, Vec<(&str, i64)>>::new();
    for (_, entry) in entries {
        for op in &entry.index {
            if let IndexOp::Count { name, key, n } = op {
                let tally = TallyKey { tenant: entry.key.tenant.clone(), bucket, name: name.clone() };
                added.entry(tally).or_default().push((key, *n));
            }
        }
    }
    if added.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = added.keys().cloned().collect();
    let mut tallies = store.tallies(&keys).await?;
    for (tally, (key, counts)) in tallies.iter_mut().zip(&added) {
        for (counter, n) in counts {
            tally.add(counter, *n);
        }
        if key.name == review::LEVELS {
            tally.keep_for_good();
        } else {
            tally.keep(now_ms);
        }
    }
    Ok(keys.iter().zip(tallies).map(|(key, tally)| tally.to_value(key, now_ms)).collect())
}
