//! What does not lie in a customer's slot: identity entries, hints, documents, the format.

use std::ops::Bound;

use bytes::Bytes;

use super::{Space, scripts, slot::lex, trouble::Intent};
use crate::{
    domain::{TenantId, id::HoldToken},
    store::{
        Document, HintIndex, HoldOutcome, IdentityEntry, IdentityKey, PAGE_MAX, Result, Revision, StoreError,
        codec::{
            entries::{decode_document, decode_identities, encode_document, encode_identities},
            header::encode_revision,
        },
        keys, seats,
    },
};

/// How often reading and swapping is tried when others change the same identity. Of those who try at once one succeeds,
/// and seats are few: this many rounds mean that something else is wrong.
const SWAP_TRIES: usize = 64;
/// How long an identity's key outlives its last entry. Only garbage is collected by it.
const GARBAGE_MS: i64 = 24 * 3_600 * 1_000;
/// Entries that expire later than this get no lifetime in Redis: too far to matter.
const LIFETIME_MAX_MS: i64 = 366 * 24 * 3_600 * 1_000;

/// What becomes of the key's lifetime in a swap.
enum Lifetime {
    Keep,
    None,
    Milliseconds(i64),
}

impl Lifetime {
    /// Long enough for the last entry; none if one of them does not expire.
    fn of(entries: &[IdentityEntry], now_ms: i64) -> Self {
        let last = entries.iter().map(|entry| entry.expire_ms).collect::<Option<Vec<_>>>();
        let last = last.and_then(|times| times.into_iter().max());
        let left = last.map(|last| last.saturating_sub(now_ms).max(0));
        match left {
            Some(left) if left < LIFETIME_MAX_MS => Self::Milliseconds(left + GARBAGE_MS),
            _ => Self::None,
        }
    }
}

impl Space {
    /// A pipeline of GETs, not one MGET: the keys lie in several slots of a Cluster. One key is one command.
    pub async fn identities(&self, wanted: &[IdentityKey], now_ms: i64) -> Result<Vec<Vec<IdentityEntry>>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(wanted.len());
        for key in wanted {
            pipeline.cmd("GET").arg(self.key(keys::identity(key)));
        }
        let found: Vec<Option<Bytes>> = self.link.ask(&pipeline, Intent::Read).await?;
        let entries = |bytes: Option<Bytes>| match bytes {
            None => Ok(Vec::new()),
            Some(bytes) => Ok(seats::unexpired(decode_identities(&bytes)?, now_ms)),
        };
        found.into_iter().map(entries).collect()
    }

    async fn entries_of(&self, key: &str) -> Result<(Bytes, Vec<IdentityEntry>)> {
        let mut get = redis::cmd("GET");
        get.arg(key);
        let bytes: Option<Bytes> = self.link.ask(&get, Intent::Read).await?;
        let bytes = bytes.unwrap_or_default();
        let entries = decode_identities(&bytes)?;
        Ok((bytes, entries))
    }

    async fn swap(&self, key: &str, old: &[u8], new: &[IdentityEntry], lifetime: &Lifetime) -> Result<bool> {
        let mut call = scripts::SWAP.call(&[key.to_owned()]);
        call.arg(old).arg(encode_identities(new));
        match lifetime {
            Lifetime::Keep => call.arg("keep"),
            Lifetime::None => call.arg("none"),
            Lifetime::Milliseconds(left) => call.arg(left),
        };
        self.link.run(&scripts::SWAP, &call, Intent::Write).await
    }

    pub async fn hold(
        &self,
        key: &IdentityKey,
        entry: &IdentityEntry,
        seats: usize,
        now_ms: i64,
    ) -> Result<HoldOutcome> {
        let key = self.key(keys::identity(key));
        for _ in 0..SWAP_TRIES {
            let (old, entries) = self.entries_of(&key).await?;
            let new = match seats::place(entries, entry.clone(), seats, now_ms) {
                Ok(new) => new,
                Err(taken) => return Ok(taken),
            };
            if self.swap(&key, &old, &new, &Lifetime::of(&new, now_ms)).await? {
                return Ok(HoldOutcome::Placed);
            }
        }
        Err(contended())
    }

    /// Applies [`seats::confirm`] or [`seats::release`].
    pub async fn change_entry(
        &self,
        key: &IdentityKey,
        token: HoldToken,
        rule: fn(Vec<IdentityEntry>, HoldToken) -> Option<Vec<IdentityEntry>>,
    ) -> Result<()> {
        let key = self.key(keys::identity(key));
        for _ in 0..SWAP_TRIES {
            let (old, entries) = self.entries_of(&key).await?;
            let Some(new) = rule(entries, token) else {
                return Ok(());
            };
            if self.swap(&key, &old, &new, &Lifetime::Keep).await? {
                return Ok(());
            }
        }
        Err(contended())
    }

    fn hint_keys(&self, index: HintIndex, tenant: &TenantId, bucket: u8) -> [String; 2] {
        [keys::hint(index, tenant, bucket), keys::hint_revision(index, tenant, bucket)].map(|key| self.key(key))
    }

    pub async fn put_hint(
        &self,
        index: HintIndex,
        tenant: &TenantId,
        bucket: u8,
        member: &[u8],
        revision: u64,
    ) -> Result<()> {
        let mut call = scripts::PUT_HINT.call(&self.hint_keys(index, tenant, bucket));
        call.arg(member).arg(keys::number(revision));
        self.link.run(&scripts::PUT_HINT, &call, Intent::Write).await
    }

    pub async fn drop_hint(&self, index: HintIndex, tenant: &TenantId, bucket: u8, member: &[u8]) -> Result<()> {
        let mut call = scripts::DROP_HINT.call(&self.hint_keys(index, tenant, bucket));
        call.arg(member);
        self.link.run(&scripts::DROP_HINT, &call, Intent::Write).await
    }

    pub async fn hints(
        &self,
        index: HintIndex,
        tenant: &TenantId,
        bucket: u8,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut call = scripts::HINTS.call(&self.hint_keys(index, tenant, bucket));
        let low = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_vec()));
        call.arg(lex(low, b"-")).arg(limit.min(PAGE_MAX));
        let (members, revisions): (Vec<Bytes>, Vec<Option<u64>>) =
            self.link.run(&scripts::HINTS, &call, Intent::Read).await?;
        let hint = |(member, revision): (Bytes, Option<u64>)| {
            let revision = revision.ok_or_else(|| StoreError::Corrupt("a hint without its revision".into()))?;
            Ok((member.to_vec(), revision))
        };
        members.into_iter().zip(revisions).map(hint).collect()
    }

    pub async fn document(&self, tenant: &TenantId, name: &str, version: Option<u64>) -> Result<Option<Document>> {
        let get = match version {
            None => {
                let mut get = redis::cmd("GET");
                get.arg(self.key(keys::document(tenant, name)));
                get
            }
            Some(version) => {
                let mut get = redis::cmd("HGET");
                get.arg(self.key(keys::versions(tenant, name))).arg(keys::number(version));
                get
            }
        };
        let bytes: Option<Bytes> = self.link.ask(&get, Intent::Read).await?;
        bytes.map(decode_document).transpose()
    }

    pub async fn put_document(
        &self,
        tenant: &TenantId,
        name: &str,
        expect: Option<Revision>,
        document: &Document,
        keep: u64,
    ) -> Result<()> {
        let names = [keys::document(tenant, name), keys::versions(tenant, name)];
        let mut call = scripts::PUT_DOCUMENT.call(&names.map(|name| self.key(name)));
        match expect {
            Some(revision) => call.arg(&encode_revision(revision)),
            None => call.arg(""),
        };
        call.arg(encode_document(document)).arg(keys::number(document.revision.counter)).arg(keep);
        match self.link.run(&scripts::PUT_DOCUMENT, &call, Intent::Write).await? {
            scripts::CONFLICT => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }

    pub async fn write_format(&self) -> Result<Option<u32>> {
        let mut get = redis::cmd("GET");
        get.arg(self.key(keys::FORMAT.into()));
        let bytes: Option<Bytes> = self.link.ask(&get, Intent::Read).await?;
        let number = |bytes: Bytes| std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        bytes.map(|bytes| number(bytes).ok_or_else(|| StoreError::Corrupt("format of writing".into()))).transpose()
    }

    pub async fn set_write_format(&self, format: u32) -> Result<()> {
        let mut call = scripts::RAISE_FORMAT.call(&[self.key(keys::FORMAT.into())]);
        call.arg(format);
        self.link.run(&scripts::RAISE_FORMAT, &call, Intent::Write).await
    }
}

fn contended() -> StoreError {
    StoreError::Unavailable("too many change this identity at once".into())
}
