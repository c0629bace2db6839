//! Checks each customer: the record, its history and remembered requests, and that identities and indexes lead to it.

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{AT_ONCE, Check, Event, Fault, Repair, Suspicion, id_matches_content};
use crate::{
    domain::{Profile, limits},
    service::{error::Result, indexing},
    store::{
        CustomerKey, EntryId, HintIndex, Lane, StoreError, StoreExt as _,
        codec::{header::Header, profile},
        hints,
        keys::{self, Kind},
        records::{Entries, Fetched},
        sealing::KeyState,
        split_corruption,
        walk::{Walk, has_hint},
    },
};

/// How often a customer that others write to is looked at again. One look takes milliseconds.
const LOOKS_MAX: usize = 32;
/// Entries asked for by id at once.
const IDS: usize = 256;
/// The one list that a repair can shorten.
const INTERACTIONS_KEPT: &str = "interactions kept";

/// What one look at a customer found.
#[derive(Default)]
struct Seen {
    entries: u64,
    suspicions: Vec<Suspicion>,
}

impl Check<'_> {
    /// Every record.
    pub(super) async fn customers(&mut self) -> Result<()> {
        let mut walk = Walk::start(self.parts.records.store.as_ref(), Kind::Record);
        while let Some(raw_keys) = walk.next().await? {
            let keys = self.own(raw_keys).await?;
            let seen: Vec<(CustomerKey, Seen)> = {
                let this = &*self;
                let look = |key: CustomerKey| async move {
                    Ok::<_, crate::service::error::Error>((key.clone(), this.look(&key).await?))
                };
                stream::iter(keys).map(look).buffer_unordered(AT_ONCE).try_collect().await?
            };
            (self.tell)(Event::Looked(seen.len() as u64));
            for (key, mut seen) in seen {
                if !seen.suspicions.is_empty() {
                    self.parts.worker.catch_up().await?;
                    seen = self.look(&key).await?;
                }
                self.report.customers += 1;
                self.report.entries += seen.entries;
                self.report_and_repair(seen.suspicions).await?;
            }
        }
        Ok(())
    }

    /// Those of the raw keys that are of this tenant's customers. A key that cannot be parsed is reported.
    pub(super) async fn own(&mut self, raw_keys: Vec<String>) -> Result<Vec<CustomerKey>> {
        let mut own: Vec<CustomerKey> = Vec::with_capacity(raw_keys.len());
        for raw_key in raw_keys {
            match keys::parse_customer_name(&raw_key) {
                Some(key) if key.tenant == *self.tenant() => {
                    if own.last() != Some(&key) {
                        own.push(key);
                    }
                }
                Some(_) => {}
                None => {
                    let what = "a key that no release wrote; remove it, if you know whose it is";
                    self.report_and_repair(vec![Suspicion::at(&raw_key, Fault::UnknownKey, what, Repair::None)])
                        .await?;
                }
            }
        }
        Ok(own)
    }

    /// Looks at the customer; if something seems wrong and another writer was at work meanwhile, looks again.
    async fn look(&self, key: &CustomerKey) -> Result<Seen> {
        let revision = || async {
            let record = self.parts.records.store.record(key).await?;
            let revision = |record: Bytes| Header::decode(&record).ok().map(|(header, _)| header.revision);
            Ok::<_, StoreError>(record.and_then(revision))
        };
        let mut seen = Seen::default();
        for _ in 0..LOOKS_MAX {
            let before = revision().await?;
            seen = self.look_once(key).await?;
            if seen.suspicions.is_empty() || before == revision().await? {
                break;
            }
        }
        Ok(seen)
    }

    async fn look_once(&self, key: &CustomerKey) -> Result<Seen> {
        let records = &self.parts.records;
        let mut seen = Seen::default();
        let unrepairable = |fault, what: &StoreError| Suspicion::of(key, fault, what.to_string(), Repair::None);
        let found = match split_corruption(records.ring.get(key).await)? {
            Err(fault) => {
                seen.suspicions.push(unrepairable(Fault::KeyDamaged, &fault));
                return Ok(seen);
            }
            Ok(found) => found,
        };
        let fetched = match split_corruption(records.fetch(key).await)? {
            Ok(Some(fetched)) => fetched,
            Ok(None) => {
                if matches!(found, KeyState::Destroyed) && records.store.record(key).await?.is_some() {
                    let what = "the record of an erased customer";
                    seen.suspicions.push(Suspicion::of(key, Fault::ErasedData, what, Repair::Erase(key.clone())));
                }
                return Ok(seen);
            }
            Err(fault) => {
                let missing = matches!(found, KeyState::Missing);
                seen.suspicions
                    .push(unrepairable(if missing { Fault::KeyMissing } else { Fault::RecordDamaged }, &fault));
                return Ok(seen);
            }
        };
        let profile = match split_corruption(fetched.open())? {
            Ok(current) => current.profile,
            Err(fault) => {
                seen.suspicions.push(unrepairable(Fault::RecordDamaged, &fault));
                return Ok(seen);
            }
        };
        self.history(key, &fetched, &profile, &mut seen).await?;
        // The count says how much to drop: only where it is right may entries be dropped.
        let is_miscounted = seen.suspicions.iter().any(|one| one.fault == Fault::HistoryCount);
        if let Some((list, what)) = exceeded(&profile) {
            let can_trim = list == INTERACTIONS_KEPT && !is_miscounted;
            let repair = if can_trim { Repair::TrimHistory(key.clone()) } else { Repair::None };
            seen.suspicions.push(Suspicion::of(key, Fault::BoundExceeded, what, repair));
        }
        self.requests(key, &mut seen).await?;
        self.own_identities(key, &profile, &mut seen.suspicions).await?;
        self.own_hints(key, &profile, &mut seen.suspicions).await?;
        Ok(seen)
    }

    /// Whether every index that should list the profile does.
    async fn own_hints(&self, key: &CustomerKey, profile: &Profile, suspicions: &mut Vec<Suspicion>) -> Result<()> {
        let mut due = indexing::hints_of(&self.caller.index_key, key, profile);
        // Of old records the backfill puts them, when it comes to it.
        due.retain(|hint| hint.index != HintIndex::Occasions || self.is_backfilled);
        due.push(hints::in_all_customers(key));
        for hint in due {
            if !has_hint(self.parts.records.store.as_ref(), &key.tenant, &hint).await? {
                let what = format!("not found through the index {:?}", hint.index);
                suspicions.push(Suspicion::of(key, Fault::HintMissing, what, Repair::PutHint(key.clone(), hint)));
            }
        }
        Ok(())
    }

    async fn history(&self, key: &CustomerKey, fetched: &Fetched, profile: &Profile, seen: &mut Seen) -> Result<()> {
        let changes = profile.change_count.min(limits::CHANGES_KEEP as u64);
        for (lane, expected) in [(Lane::Interactions, u64::from(profile.habits.kept)), (Lane::Changes, changes)] {
            let entries = match split_corruption(self.parts.records.entries(fetched, lane).await)? {
                Ok(entries) => entries,
                Err(fault) => {
                    seen.suspicions.push(Suspicion::of(key, Fault::EntryMisplaced, fault.to_string(), Repair::None));
                    continue;
                }
            };
            let Entries { opened, damaged } = entries;
            seen.entries += opened.len() as u64;
            let found = (opened.len() + damaged.len()) as u64;
            for fault in damaged {
                seen.suspicions.push(Suspicion::of(key, Fault::EntryDamaged, fault.to_string(), Repair::None));
            }
            if found != expected {
                let what = format!("the profile counts {expected} entries of the history, which has {found}");
                seen.suspicions.push(Suspicion::of(key, Fault::HistoryCount, what, Repair::None));
            }
            let mismatched = opened.iter().filter(|entry| !id_matches_content(&self.caller, entry)).count();
            let ids: Vec<EntryId> = opened.iter().map(|entry| entry.id).collect();
            let unlinked = self.unlinked(key, lane, &ids).await?;
            if mismatched + unlinked > 0 {
                let what = format!("{} entries of the history are not found by their id", mismatched + unlinked);
                seen.suspicions.push(Suspicion::of(key, Fault::EntryMisplaced, what, Repair::None));
            }
        }
        Ok(())
    }

    /// How many entries are not found by their ids.
    async fn unlinked(&self, key: &CustomerKey, lane: Lane, ids: &[EntryId]) -> Result<usize> {
        let mut count = 0;
        for ids in ids.chunks(IDS) {
            count += match split_corruption(self.parts.records.store.load(key, lane, ids).await)? {
                Ok(loaded) => loaded.history.iter().filter(|entry| entry.is_none()).count(),
                Err(_) => ids.len(),
            };
        }
        Ok(count)
    }

    async fn requests(&self, key: &CustomerKey, seen: &mut Seen) -> Result<()> {
        if let Err(fault) = split_corruption(self.parts.records.check_requests(key).await)? {
            let repair = Repair::ForgetRequests(key.clone());
            seen.suspicions.push(Suspicion::of(key, Fault::RequestsDamaged, fault.to_string(), repair));
        }
        Ok(())
    }
}

/// The list of a profile that exceeds its bound, if any, and by how much in words.
fn exceeded(profile: &Profile) -> Option<(&'static str, String)> {
    let bounds = [
        ("identities", profile.identities.len(), limits::IDENTITIES_MAX),
        ("precautions", profile.precautions.len(), limits::PRECAUTIONS_MAX),
        ("preferences", profile.preferences.len(), limits::PREFERENCES_MAX),
        ("occasions", profile.occasions.len(), limits::OCCASIONS_MAX),
        ("issues", profile.issues.len(), limits::ISSUES_MAX),
        ("follow-ups", profile.follow_ups.len(), limits::FOLLOW_UPS_MAX),
        ("gestures", profile.gestures.len(), limits::GESTURES_MAX),
        ("types of gestures", profile.ledger.len(), limits::LEDGER_MAX),
        // Recording commits first and trims afterwards: until then the history may be one request over its bound.
        (INTERACTIONS_KEPT, profile.habits.kept as usize, limits::HISTORY_MAX + limits::INTERACTIONS_PER_REQUEST_MAX),
        ("bytes of the profile", profile::encode(profile).len(), limits::PROFILE_BYTES_MAX),
    ];
    let over = bounds.into_iter().find(|(_, found, max)| found > max);
    over.map(|(list, found, max)| (list, format!("{found} {list}, at most {max}")))
}
