//! A customer's slot: record, requests, history, hold tokens.

use std::{collections::BTreeMap, ops::Bound};

use bytes::Bytes;
use redis::Cmd;

use super::{Space, failure::Intent, scripts};
use crate::{
    domain::id::HoldToken,
    store::{
        BUCKETS, Commit, CustomerKey, EntryId, HistoryEntry, HistoryRange, Lane, Loaded, PAGE_MAX, RecordWrite, Result,
        Settled, StoreError, TOKEN_KEEP_MS,
        codec::{
            entries::{decode_history, encode_log},
            header::{Header, encode_revision},
        },
        keys,
    },
};

/// Tokens that one step of [`Space::purge`] looks for in each bucket.
const PURGE_STEP: usize = 256;
const COMMITTED: &str = "c";
const REFUSED: &str = "r";

fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt(what.into())
}

fn hex(token: HoldToken) -> String {
    hex_of(token.0)
}

/// A token as it stands in a hash.
pub fn hex_of(token: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(token))
}

pub fn get(key: String) -> Cmd {
    let mut get = redis::cmd("GET");
    get.arg(key);
    get
}

impl Space {
    /// A transaction: as of one moment.
    pub async fn load(&self, key: &CustomerKey, lane: Lane, ids: &[EntryId]) -> Result<Loaded> {
        let mut pipeline = redis::Pipeline::with_capacity(3);
        pipeline.atomic();
        pipeline.add_command(get(self.key(keys::record(key))));
        pipeline.add_command(get(self.key(keys::requests(key))));
        let (record, requests, found) = if ids.is_empty() {
            let (record, requests) = self.transport.read_at_once(&pipeline).await?;
            (record, requests, Vec::new())
        } else {
            let fetch = pipeline.cmd("HMGET").arg(self.key(keys::history(key, lane)));
            for id in ids {
                fetch.arg(id);
            }
            self.transport.read_at_once::<(_, _, Vec<Option<Bytes>>)>(&pipeline).await?
        };
        let entry = |(id, bytes): (&EntryId, Option<Bytes>)| bytes.map(|bytes| decode_history(*id, bytes)).transpose();
        let history = ids.iter().zip(found).map(entry).collect::<Result<_>>()?;
        Ok(Loaded { record, requests, history })
    }

    pub async fn commit(&self, commit: &Commit) -> Result<u64> {
        let call = self.commit_call(commit)?;
        match self.transport.run(&scripts::COMMIT, &call, Intent::Write).await? {
            scripts::CONFLICT => Err(StoreError::Conflict),
            scripts::HOLD_REFUSED => Err(StoreError::HoldRefused),
            position => u64::try_from(position).map_err(|_| damaged("position of a log")),
        }
    }

    fn commit_call(&self, commit: &Commit) -> Result<Cmd> {
        let key = &commit.key;
        let bucket = keys::bucket(&key.tenant, &key.customer);
        let names = [
            keys::record(key),
            keys::requests(key),
            keys::history(key, Lane::Interactions),
            keys::timeline(key, Lane::Interactions),
            keys::history(key, Lane::Changes),
            keys::timeline(key, Lane::Changes),
            keys::tokens(key),
            keys::settled(bucket),
            keys::log(bucket),
            keys::position(bucket),
        ];
        let mut call = scripts::COMMIT.call(&names.map(|name| self.key(name)));
        match commit.expect {
            Some(revision) => call.arg(&encode_revision(revision)),
            None => call.arg(""),
        };
        match &commit.record {
            RecordWrite::Put(record) => {
                Header::decode(record)?;
                call.arg("put").arg(record.as_ref())
            }
            RecordWrite::Erase => call.arg("erase").arg(""),
        };
        match &commit.requests {
            Some(requests) => call.arg(1).arg(requests.as_ref()),
            None => call.arg(0).arg(""),
        };
        call.arg(commit.now_ms).arg(keys::settled_prefix(key)).arg(encode_log(&commit.log));
        call.arg(commit.tokens.len());
        for token in &commit.tokens {
            call.arg(hex(*token));
        }
        call.arg(commit.history_drop.len());
        for (lane, id) in &commit.history_drop {
            call.arg(keys::lane_name(*lane)).arg(id);
        }
        call.arg(commit.history_put.len());
        for (lane, entry) in &commit.history_put {
            call.arg(keys::lane_name(*lane)).arg(&entry.id);
            call.arg(&keys::timeline_time(entry.time_ms)).arg(entry.bytes.as_ref());
        }
        Ok(call)
    }

    pub async fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Result<Vec<HistoryEntry>> {
        let Some((low, high)) = keys::timeline_span(&range) else {
            return Ok(Vec::new());
        };
        let names = [keys::history(key, lane), keys::timeline(key, lane)];
        let mut call = scripts::HISTORY.call(&names.map(|name| self.key(name)));
        call.arg(if range.newest_first { "down" } else { "up" }).arg(lex(low, b"-")).arg(lex(high, b"+"));
        call.arg(range.limit.min(PAGE_MAX));
        let (places, entries): (Vec<Bytes>, Vec<Option<Bytes>>) =
            self.transport.run(&scripts::HISTORY, &call, Intent::Read).await?;
        let entry = |(place, bytes): (Bytes, Option<Bytes>)| {
            let (_, id) = keys::parse_timeline_member(&place).ok_or_else(|| damaged("place of a history entry"))?;
            decode_history(id, bytes.ok_or_else(|| damaged("a history entry without its bytes"))?)
        };
        places.into_iter().zip(entries).map(entry).collect()
    }

    pub async fn settle(&self, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Result<Settled> {
        let bucket = keys::bucket(&key.tenant, &key.customer);
        let mut call = scripts::SETTLE.call(&[self.key(keys::tokens(key)), self.key(keys::settled(bucket))]);
        call.arg(hex(token)).arg(now_ms).arg(keys::settled_member(key, &token.0));
        let state: String = self.transport.run(&scripts::SETTLE, &call, Intent::Write).await?;
        match state.as_str() {
            COMMITTED => Ok(Settled::Committed),
            REFUSED => Ok(Settled::Refused),
            _ => Err(damaged("what became of a hold")),
        }
    }

    /// In steps: a look at every bucket, then one script for each customer with old tokens.
    pub async fn purge(&self, now_ms: i64) -> Result<u64> {
        let newest = now_ms.saturating_sub(TOKEN_KEEP_MS);
        let mut look = redis::Pipeline::with_capacity(BUCKETS.into());
        for bucket in 0..BUCKETS {
            let range = look.cmd("ZRANGEBYSCORE").arg(self.key(keys::settled(bucket as u8)));
            range.arg("-inf").arg(newest).arg("LIMIT").arg(0).arg(PURGE_STEP);
        }
        let mut total = 0;
        loop {
            let found: Vec<Vec<String>> = self.transport.read_many(&look).await?;
            let mut old: BTreeMap<CustomerKey, Vec<HoldToken>> = BTreeMap::new();
            for member in found.iter().flatten() {
                let parsed = keys::parse_settled_member(member).ok_or_else(|| damaged("a settled hold"))?;
                old.entry(parsed.0).or_default().push(HoldToken(parsed.1));
            }
            if old.is_empty() {
                return Ok(total);
            }
            for (key, tokens) in old {
                total += self.forget(&key, &tokens, newest).await?;
            }
        }
    }

    async fn forget(&self, key: &CustomerKey, tokens: &[HoldToken], newest: i64) -> Result<u64> {
        let bucket = keys::bucket(&key.tenant, &key.customer);
        let mut call = scripts::FORGET.call(&[self.key(keys::tokens(key)), self.key(keys::settled(bucket))]);
        call.arg(newest).arg(keys::settled_prefix(key));
        for token in tokens {
            call.arg(hex(*token));
        }
        self.transport.run(&scripts::FORGET, &call, Intent::Write).await
    }
}

/// A bound as ZRANGEBYLEX wants it.
pub fn lex(bound: Bound<Vec<u8>>, unbounded: &[u8]) -> Vec<u8> {
    match bound {
        Bound::Included(bytes) => [b"[", bytes.as_slice()].concat(),
        Bound::Excluded(bytes) => [b"(", bytes.as_slice()].concat(),
        Bound::Unbounded => unbounded.to_vec(),
    }
}
