//! What every store can do by means of its primitives. Records, identities, budgets, tallies, documents and the write format
//! are values under keys. A commit writes records, a step of the index worker tallies, [`Store::put_version`] documents;
//! all others change by compare-and-swap, see [`super::cas`].

use bytes::Bytes;

use super::{
    BudgetEntry, BudgetKey, BudgetOutcome, BudgetState, CustomerKey, Document, DocumentKey, Erasure, Hint, HoldOutcome,
    IdentityEntry, IdentityKey, Membership, Result, Revision, Store, StoreError, Tally, TallyKey, budgets,
    cas::{self, Decision, Effect, LIFETIME_MAX_MS, Lifetime},
    codec::{
        self,
        entries::{decode_document, encode_document},
        tallies::decode_tally,
    },
    erasures, identity_entries, keys, split_corruption, tallies,
};
use crate::domain::{TenantId, id::HoldToken};

/// Tallies that one round trip reads: full ones are some 4 MB, which still comes within the deadline of a read.
const TALLIES_AT_ONCE: usize = 64;

/// The typed side of a [`Store`]. Same guarantees; one round trip each, unless said otherwise.
pub trait StoreExt: Store {
    /// One customer's record: the hot path.
    fn record(&self, key: &CustomerKey) -> impl Future<Output = Result<Option<Bytes>>> + Send {
        let wanted = [keys::record(key)];
        async move { Ok(self.values(&wanted).await?.pop().flatten()) }
    }

    /// Many records, in the order of the keys.
    fn records(&self, wanted: &[CustomerKey]) -> impl Future<Output = Result<Vec<Option<Bytes>>>> + Send {
        let wanted: Vec<String> = wanted.iter().map(keys::record).collect();
        async move { self.values(&wanted).await }
    }

    /// The format in which records are written; `None` in an empty store.
    fn write_format(&self) -> impl Future<Output = Result<Option<u32>>> + Send {
        async move {
            let there = self.values(&[keys::FORMAT.to_owned()]).await?.pop().flatten();
            there.map(|bytes| decode_format(&bytes)).transpose()
        }
    }

    /// Sets the format of writing. Only ever raised.
    fn set_write_format(&self, format: u32) -> impl Future<Output = Result<()>> + Send {
        cas::change(self, keys::FORMAT.to_owned(), move |there| {
            if !there.is_empty() && decode_format(there)? >= format {
                return Ok(Decision::keep(()));
            }
            Ok(Decision::put((), format.to_string().into_bytes(), Lifetime::Forever))
        })
    }

    /// The customers behind identities, in the order of the keys; entries whose `expire_ms` has come are left out. Entries that
    /// do not decode are an error of their identity alone.
    fn identities(
        &self,
        wanted: &[IdentityKey],
        now_ms: i64,
    ) -> impl Future<Output = Result<Vec<Result<Vec<IdentityEntry>>>>> + Send {
        let wanted: Vec<String> = wanted.iter().map(keys::identity).collect();
        async move {
            let unexpired = |there: &Option<Bytes>| identity_entries::unexpired(bytes_of(there.as_ref()), now_ms);
            if let Ok(found) = split_corruption(self.values(&wanted).await)? {
                return Ok(found.iter().map(unexpired).collect());
            }
            // A value that is not even bytes fails the whole question, so each is asked for alone.
            let mut each = Vec::with_capacity(wanted.len());
            for one in &wanted {
                let found = split_corruption(self.values(std::slice::from_ref(one)).await)?;
                each.push(found.and_then(|found| unexpired(&found.into_iter().next().flatten())));
            }
            Ok(each)
        }
    }

    /// Places an entry if fewer than `entries_max` unexpired entries of other tokens are there. The same token again replaces
    /// its entry. Expired entries are dropped.
    fn hold(
        &self,
        key: &IdentityKey,
        entry: IdentityEntry,
        entries_max: usize,
        now_ms: i64,
    ) -> impl Future<Output = Result<HoldOutcome>> + Send {
        cas::change(self, keys::identity(key), move |there| identity_entries::hold(there, &entry, entries_max, now_ms))
    }

    /// Marks the entry with this token as confirmed, if it is there.
    fn confirm(&self, key: &IdentityKey, token: HoldToken) -> impl Future<Output = Result<()>> + Send {
        cas::change(self, keys::identity(key), move |there| identity_entries::confirm(there, token))
    }

    /// Removes the entry with this token, if it is there.
    fn release(&self, key: &IdentityKey, token: HoldToken) -> impl Future<Output = Result<()>> + Send {
        cas::change(self, keys::identity(key), move |there| identity_entries::release(there, token))
    }

    /// Notes that a customer is being erased, in place of an earlier note; `false`: too many of the bucket are.
    fn begin_erasure(&self, erasure: Erasure) -> impl Future<Output = Result<bool>> + Send {
        let CustomerKey { tenant, customer } = erasure.key();
        let key = keys::erasures(keys::bucket(tenant, customer));
        cas::change(self, key, move |there| erasures::begin(there, &erasure))
    }

    /// Drops that note, if it is there.
    fn end_erasure(&self, key: &CustomerKey) -> impl Future<Output = Result<()>> + Send {
        let (name, key) = (keys::erasures(keys::bucket(&key.tenant, &key.customer)), key.clone());
        cas::change(self, name, move |there| erasures::end(there, &key))
    }

    /// Drops the notes of a bucket if they do not decode.
    fn drop_damaged_erasures(&self, bucket: u8) -> impl Future<Output = Result<()>> + Send {
        cas::change(self, keys::erasures(bucket), |there| {
            let is_damaged = codec::erasures::decode(there).is_err();
            Ok(if is_damaged { Decision { answer: (), effect: Effect::Remove } } else { Decision::keep(()) })
        })
    }

    /// The erasures of these buckets that are under way, in the order of the buckets. Notes that do not decode are an error of their
    /// bucket alone.
    fn erasures(&self, buckets: &[u8]) -> impl Future<Output = Result<Vec<Result<Vec<Erasure>>>>> + Send {
        let wanted: Vec<String> = buckets.iter().map(|bucket| keys::erasures(*bucket)).collect();
        async move {
            let found = self.values(&wanted).await?;
            Ok(found.iter().map(|there| codec::erasures::decode(bytes_of(there.as_ref()))).collect())
        }
    }

    /// Places a hold on a budget if what was spent, the open holds above zero, and this amount stay within the limit.
    /// The same token again replaces its entry, as long as it is open; a token that was confirmed must not come again.
    /// The budget is kept until `expire_ms` at least, and counts as untouched after the latest of those given.
    fn hold_budget(
        &self,
        key: &BudgetKey,
        entry: BudgetEntry,
        limit: i64,
        expire_ms: i64,
        now_ms: i64,
    ) -> impl Future<Output = Result<BudgetOutcome>> + Send {
        cas::change(self, keys::budget(key), move |there| budgets::hold(there, &entry, limit, expire_ms, now_ms))
    }

    /// Counts the amount of the hold with this token as spent, and closes it, if it is open. Counts once, however often
    /// it is called.
    fn confirm_budget(&self, key: &BudgetKey, token: HoldToken) -> impl Future<Output = Result<()>> + Send {
        cas::change(self, keys::budget(key), move |there| budgets::confirm(there, token))
    }

    /// Closes the hold with this token without counting it, if it is open.
    fn release_budget(&self, key: &BudgetKey, token: HoldToken) -> impl Future<Output = Result<()>> + Send {
        cas::change(self, keys::budget(key), move |there| budgets::release(there, token))
    }

    /// Budgets as they stand, in the order of the keys. One that nobody has touched is all zero.
    fn budgets(&self, wanted: &[BudgetKey], now_ms: i64) -> impl Future<Output = Result<Vec<BudgetState>>> + Send {
        let wanted: Vec<String> = wanted.iter().map(keys::budget).collect();
        async move {
            let found = self.values(&wanted).await?;
            found.iter().map(|there| budgets::state(bytes_of(there.as_ref()), now_ms)).collect()
        }
    }

    /// Tallies, in the order of the keys, in a few round trips. One that nobody has added to is empty.
    fn tallies(&self, wanted: &[TallyKey]) -> impl Future<Output = Result<Vec<Tally>>> + Send {
        let wanted: Vec<String> = wanted.iter().map(keys::tally).collect();
        async move {
            let mut found = Vec::with_capacity(wanted.len());
            for some in wanted.chunks(TALLIES_AT_ONCE) {
                for there in self.values(some).await? {
                    found.push(decode_tally(bytes_of(there.as_ref()))?);
                }
            }
            Ok(found)
        }
    }

    /// Puts a member into an index of hints unless a newer revision has decided.
    fn put_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64) -> impl Future<Output = Result<()>> + Send {
        async move { self.set_hint(tenant, hint, revision, Membership::In).await }
    }

    /// Takes a member out of an index of hints unless a newer revision has put it there.
    fn drop_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64) -> impl Future<Output = Result<()>> + Send {
        async move { self.set_hint(tenant, hint, revision, Membership::Out).await }
    }

    /// A document in force, or one of its kept versions (by the counter of its revision).
    fn document(
        &self,
        tenant: &TenantId,
        name: &str,
        version: Option<u64>,
    ) -> impl Future<Output = Result<Option<Document>>> + Send {
        let key = DocumentKey { tenant: tenant.clone(), name: name.to_owned() };
        async move {
            let there = match version {
                None => self.values(&[keys::document(&key)]).await?.pop().flatten(),
                Some(number) => self.version(&key, number).await?,
            };
            there.map(decode_document).transpose()
        }
    }

    /// Documents in force, in the order of their names.
    fn documents(
        &self,
        tenant: &TenantId,
        names: impl IntoIterator<Item = String>,
    ) -> impl Future<Output = Result<Vec<Option<Document>>>> + Send {
        let key = |name| keys::document(&DocumentKey { tenant: tenant.clone(), name });
        let wanted: Vec<String> = names.into_iter().map(key).collect();
        async move {
            let found = self.values(&wanted).await?;
            found.into_iter().map(|there| there.map(decode_document).transpose()).collect()
        }
    }

    /// Removes a document that has not even a revision: none could be expected by who replaces it.
    fn drop_damaged_document(&self, tenant: &TenantId, name: &str) -> impl Future<Output = Result<()>> + Send {
        let key = keys::document(&DocumentKey { tenant: tenant.clone(), name: name.to_owned() });
        cas::change(self, key, |there| {
            let is_damaged = !there.is_empty() && decode_document(Bytes::copy_from_slice(there)).is_err();
            Ok(if is_damaged { Decision { answer: (), effect: Effect::Remove } } else { Decision::keep(()) })
        })
    }

    /// Replaces a document if it has the expected revision; keeps the newest `keep` versions.
    fn put_document(
        &self,
        tenant: &TenantId,
        name: &str,
        expect: Option<Revision>,
        document: Document,
        keep: u64,
    ) -> impl Future<Output = Result<()>> + Send {
        let key = DocumentKey { tenant: tenant.clone(), name: name.to_owned() };
        let bytes = encode_document(&document).into();
        async move { self.put_version(&key, expect, document.revision.counter, bytes, keep).await }
    }
}

impl<S: Store + ?Sized> StoreExt for S {}

/// A missing value is an empty one to those who read it.
fn bytes_of(there: Option<&Bytes>) -> &[u8] {
    there.map_or(&[], |bytes| bytes)
}

fn decode_format(bytes: &[u8]) -> Result<u32> {
    let number = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| StoreError::Corrupt("format of writing".into()))
}

/// Whether a pair is a value that nobody asks for any more; one that is damaged is not.
pub fn is_garbage(name: &[u8], value: &[u8], now_ms: i64) -> bool {
    let kind = name.split(|byte| *byte == b':').next().unwrap_or_default();
    let rule = COLLECTED.iter().find(|(collected, _)| collected.as_bytes() == kind);
    rule.is_some_and(|(_, is_garbage)| is_garbage(value, now_ms).unwrap_or(false))
}

/// How long a value is kept by a backend that drops what ends: until it is garbage.
pub fn lifetime(name: &str, value: &[u8], now_ms: i64) -> Lifetime {
    let ends_by = |time_ms: i64| is_garbage(name.as_bytes(), value, time_ms);
    let (mut lives, mut ended) = (now_ms, now_ms.saturating_add(LIFETIME_MAX_MS));
    if !ends_by(ended) {
        return Lifetime::Forever;
    }
    while ended - lives > 1 {
        let middle = lives + (ended - lives) / 2;
        if ends_by(middle) { ended = middle } else { lives = middle }
    }
    Lifetime::Milliseconds(ended - now_ms)
}

/// The kinds of values that end, and for each whether a value's end has come: for backends that do not drop expired values
/// by themselves.
pub(super) const COLLECTED: [Collected; 2] = [("budget", budgets::is_garbage), ("tally", tallies::is_garbage)];
pub(super) type Collected = (&'static str, fn(&[u8], i64) -> Result<bool>);
