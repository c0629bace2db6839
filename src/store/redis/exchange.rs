//! A whole store in and out of Redis, as pairs: those that an embedded store has (see [`crate::store::snapshot`]). Redis has structures inside a
//! value, and an embedded store has keys of their own instead, with the member after a colon. Not as of one moment: nothing else should be writing.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
};

use bytes::Bytes;
use futures_util::future::try_join_all;
use redis::{Cmd, Pipeline, Value, from_redis_value};
use tokio::sync::mpsc;

use super::{Options, Space, dump::SCAN_START, failure::Intent, slot};
use crate::store::{Result, StoreError, cas::Lifetime, ext::lifetime, keys, snapshot::Pair};

/// Names that are read in one round trip: so few that their values come within the deadline of a read.
const READ_AT_ONCE: usize = 64;
/// Values that are written at once.
const WRITE_AT_ONCE: usize = 256;

/// A Redis that holds a store of data or of keys, or is to hold one.
pub struct Exchange(Space);

fn damaged(name: &str) -> StoreError {
    StoreError::Corrupt(format!("{name} holds something else than a store has there").into())
}

fn cmd(name: &str, key: &str) -> Cmd {
    let mut cmd = redis::cmd(name);
    cmd.arg(key);
    cmd
}

fn typed<T: redis::FromRedisValue>(value: Value, name: &str) -> Result<T> {
    from_redis_value(value).map_err(|_| damaged(name))
}

/// The name of a pair that has a member, and the member: after so many parts with colons between.
fn split(key: &[u8], parts: usize) -> Option<(&str, &[u8])> {
    let mut colons = key.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(at, _)| at);
    let at = colons.nth(parts - 1)?;
    Some((str::from_utf8(&key[..at]).ok()?, &key[at + 1..]))
}

fn kind(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

/// What asks for all that lies under a name; `None`: it follows from what lies under another one.
fn ask(name: &str, key: &str) -> Option<Cmd> {
    Some(match kind(name) {
        // A hint is read together with its revisions.
        "timeline" | "settled" | "hint-revision" | "hint" => return None,
        "history" | "token" | "version" => cmd("HGETALL", key),
        "position" => cmd("HMGET", key).arg(&["cursor", "trimmed", "end"]).clone(),
        "log" => cmd("XRANGE", key).arg("-").arg("+").clone(),
        _ => cmd("GET", key),
    })
}

impl Exchange {
    /// Connects, as a store does. `whose`: what is kept there, for messages.
    ///
    /// # Errors
    /// `Unavailable` if the URL cannot be used.
    pub async fn connect(url: &str, options: Options, whose: &str) -> Result<Self> {
        Ok(Self(Space::connect(url, options, whose).await?))
    }

    /// Whether it keeps what it is given: as [`crate::store::Store::ready`].
    ///
    /// # Errors
    /// As there.
    pub async fn ready(&self) -> Result<()> {
        self.0.fit().await
    }

    /// As [`super::RedisStore::run_ids`].
    ///
    /// # Errors
    /// As there.
    pub async fn run_ids(&self) -> Result<Vec<String>> {
        self.0.run_ids().await
    }

    /// Whether nothing lies there, whoever put it there.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn is_empty(&self) -> Result<bool> {
        for node in self.0.transport.all_nodes().await? {
            let size: u64 = self.0.transport.read_node(&node, &redis::cmd("DBSIZE"), super::READ_DEADLINE).await?;
            if size > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends all pairs, in any order; ends early if nobody takes them.
    ///
    /// # Errors
    /// Those of a read; `Corrupt` if something else lies there.
    pub async fn read(&self, out: &mpsc::Sender<Result<Vec<Pair>>>) -> Result<()> {
        // A scan may return a name twice.
        let (hasher, mut seen) = (RandomState::new(), HashSet::new());
        for node in self.0.transport.all_nodes().await? {
            let mut cursor = SCAN_START.to_owned();
            loop {
                let found;
                (cursor, found) = self.0.scan(&node, &cursor, "", super::dump::STEP).await?;
                let names = found.iter().filter(|name| seen.insert(hasher.hash_one(name)));
                let names: Vec<String> = names.map(|key| String::from_utf8_lossy(key).into_owned()).collect();
                for names in names.chunks(READ_AT_ONCE) {
                    if out.send(Ok(self.pairs(names).await?)).await.is_err() {
                        return Ok(());
                    }
                }
                if cursor == SCAN_START {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn pairs(&self, keys: &[String]) -> Result<Vec<Pair>> {
        let (mut names, mut pipeline, mut hints) = (Vec::new(), Pipeline::new(), Vec::new());
        for key in keys {
            let name = key.strip_prefix(&self.0.options.prefix).ok_or_else(|| damaged(key))?;
            if kind(name) == "hint" {
                hints.push(self.hints(name, key));
            }
            if let Some(ask) = ask(name, key) {
                names.push(name);
                pipeline.add_command(ask);
            }
        }
        let mut pairs = try_join_all(hints).await?.concat();
        if !names.is_empty() {
            let found: Vec<Value> = self.0.transport.read_many(&pipeline).await?;
            for (name, value) in names.into_iter().zip(found) {
                self.pairs_of(name, value, &mut pairs).await?;
            }
        }
        Ok(pairs)
    }

    /// Members of an index and their revisions lie under two names. They are read as of one moment, since the one goes with the other.
    async fn hints(&self, name: &str, key: &str) -> Result<Vec<Pair>> {
        let revisions = self.0.key(name.replacen("hint", "hint-revision", 1));
        let mut both = Pipeline::new();
        both.atomic().add_command(cmd("ZRANGE", key).arg(0).arg(-1).clone()).add_command(cmd("HGETALL", &revisions));
        let [members, revisions] = self.0.transport.read_at_once::<[Value; 2]>(&both).await?;
        let revisions: HashMap<Bytes, u64> = typed(revisions, name)?;
        let pair = |member: Bytes| {
            let revision = revisions.get(&member).ok_or_else(|| damaged(name))?;
            Ok(([name.as_bytes(), b":", &member].concat(), revision.to_be_bytes().to_vec()))
        };
        typed::<Vec<Bytes>>(members, name)?.into_iter().map(pair).collect()
    }

    async fn pairs_of(&self, name: &str, value: Value, pairs: &mut Vec<Pair>) -> Result<()> {
        let member = |member: &[u8]| [name.as_bytes(), b":", member].concat();
        match kind(name) {
            "history" => {
                let timeline = name.replacen("history", "timeline", 1);
                for (id, entry) in typed::<Vec<(Bytes, Bytes)>>(value, name)? {
                    let (time, bytes) = entry.split_first_chunk::<8>().ok_or_else(|| damaged(name))?;
                    pairs.push((member(&id), keys::parse_timeline_time(*time).to_be_bytes().to_vec()));
                    pairs.push(([timeline.as_bytes(), b":", time, &id].concat(), bytes.to_vec()));
                }
            }
            "token" => self.tokens(name, typed(value, name)?, pairs).await?,
            "version" => {
                let versions: Vec<(Bytes, Bytes)> = typed(value, name)?;
                pairs.extend(versions.into_iter().map(|(number, bytes)| (member(&number), bytes.to_vec())));
            }
            "position" => {
                let numbers: Vec<Option<u64>> = typed(value, name)?;
                let numbers = numbers.into_iter().map(|number| number.unwrap_or(0).to_be_bytes());
                pairs.push((name.as_bytes().to_vec(), numbers.collect::<Vec<_>>().concat()));
            }
            "log" => {
                for (id, fields) in typed::<Vec<(String, Vec<Bytes>)>>(value, name)? {
                    let number = id.strip_suffix("-0").and_then(|number| number.parse::<u64>().ok());
                    let (Some(number), [_, bytes]) = (number, fields.as_slice()) else { return Err(damaged(name)) };
                    pairs.push((member(&number.to_be_bytes()), bytes.to_vec()));
                }
            }
            _ => {
                // What expired since is not there.
                if let Some(bytes) = typed::<Option<Bytes>>(value, name)? {
                    pairs.push((name.as_bytes().to_vec(), bytes.to_vec()));
                }
            }
        }
        Ok(())
    }

    /// When a token was decided stands in another key of the bucket.
    async fn tokens(&self, name: &str, states: Vec<(String, Bytes)>, pairs: &mut Vec<Pair>) -> Result<()> {
        let key = keys::parse_customer_name(name).ok_or_else(|| damaged(name))?;
        let settled = self.0.key(keys::settled(keys::bucket(&key.tenant, &key.customer)));
        let time_of = |token: &str| cmd("ZSCORE", &settled).arg(keys::settled_prefix(&key) + token).clone();
        let mut pipeline = Pipeline::new();
        for (token, _) in &states {
            pipeline.add_command(time_of(token));
        }
        if states.is_empty() {
            return Ok(());
        }
        let times: Vec<Option<f64>> = self.0.transport.read_many(&pipeline).await?;
        for ((token, mut state), mut time) in states.into_iter().zip(times) {
            if time.is_none() {
                // It may have been forgotten between the two questions: both go in one step.
                let mut both = Pipeline::new();
                both.atomic().add_command(cmd("HGET", &self.0.key(name.to_owned())).arg(&token).clone());
                both.add_command(time_of(&token));
                let (state_now, time_now) =
                    self.0.transport.read_at_once::<(Option<Bytes>, Option<f64>)>(&both).await?;
                let Some(state_now) = state_now else { continue };
                (state, time) = (state_now, time_now);
            }
            let (Ok(token), Some(time)) = (u128::from_str_radix(&token, 16), time) else { return Err(damaged(name)) };
            // Milliseconds since 1970: whole numbers that a double holds.
            let time = time as i64;
            let place = [name.as_bytes(), b":", &token.to_be_bytes()].concat();
            pairs.push((place, [state.as_ref(), &time.to_be_bytes()].concat()));
        }
        Ok(())
    }

    /// Puts pairs, whatever is there. Those of one log come in their order.
    ///
    /// # Errors
    /// Those of a write; `Corrupt` if it is no pair of a store.
    pub async fn put(&self, pairs: &[Pair], now_ms: i64) -> Result<()> {
        for pairs in pairs.chunks(WRITE_AT_ONCE) {
            let mut writes = Vec::new();
            for (key, value) in pairs {
                let name = String::from_utf8_lossy(key);
                if kind(&name) == "log" {
                    // An entry is refused after a later one.
                    for write in self.writes(key, value, now_ms)? {
                        self.0.transport.ask::<Value>(&write, Intent::Write).await?;
                    }
                } else {
                    writes.extend(self.writes(key, value, now_ms)?);
                }
            }
            try_join_all(writes.iter().map(|write| self.0.transport.ask::<Value>(write, Intent::Write))).await?;
        }
        Ok(())
    }

    fn writes(&self, key: &[u8], value: &[u8], now_ms: i64) -> Result<Vec<Cmd>> {
        let shown = String::from_utf8_lossy(key);
        let parts = match kind(&shown) {
            // It follows from the timeline.
            "history" => return Ok(Vec::new()),
            "timeline" => 5,
            "token" | "version" | "hint" => 4,
            "log" => 2,
            "position" => return self.put_position(&shown, value),
            _ => return Ok(vec![self.put_value(&shown, value, now_ms)]),
        };
        let wrong = || damaged(&shown);
        let (name, member) = split(key, parts).ok_or_else(wrong)?;
        let put = |command: &str, name: String| cmd(command, &self.0.key(name));
        Ok(match kind(name) {
            "timeline" => {
                let (time, id) = member.split_first_chunk::<8>().ok_or_else(wrong)?;
                let entry = [time.as_slice(), value].concat();
                vec![
                    put("HSET", name.replacen("timeline", "history", 1)).arg(id).arg(entry).clone(),
                    put("ZADD", name.to_owned()).arg(0).arg(member).clone(),
                ]
            }
            "token" => {
                let owner = keys::parse_customer_name(name).ok_or_else(wrong)?;
                let (state, time) = value.split_first().ok_or_else(wrong)?;
                let time = i64::from_be_bytes(time.try_into().map_err(|_| wrong())?);
                let token: [u8; 16] = member.try_into().map_err(|_| wrong())?;
                let settled = keys::settled(keys::bucket(&owner.tenant, &owner.customer));
                vec![
                    put("HSET", name.to_owned()).arg(slot::hex_of(token)).arg([*state].as_slice()).clone(),
                    put("ZADD", settled).arg(time).arg(keys::settled_member(&owner, &token)).clone(),
                ]
            }
            "version" => vec![put("HSET", name.to_owned()).arg(member).arg(value).clone()],
            "hint" => {
                let revision = u64::from_be_bytes(value.try_into().map_err(|_| wrong())?);
                let revisions = name.replacen("hint", "hint-revision", 1);
                vec![
                    put("ZADD", name.to_owned()).arg(0).arg(member).clone(),
                    put("HSET", revisions).arg(member).arg(keys::number(revision)).clone(),
                ]
            }
            _ => {
                let number = u64::from_be_bytes(member.try_into().map_err(|_| wrong())?);
                vec![put("XADD", name.to_owned()).arg(format!("{number}-0")).arg("entry").arg(value).clone()]
            }
        })
    }

    fn put_position(&self, name: &str, value: &[u8]) -> Result<Vec<Cmd>> {
        let ([cursor, trimmed, end], []) = value.as_chunks::<8>() else { return Err(damaged(name)) };
        let mut put = cmd("HSET", &self.0.key(name.to_owned()));
        for (field, number) in [("cursor", cursor), ("trimmed", trimmed), ("end", end)] {
            put.arg(field).arg(u64::from_be_bytes(*number));
        }
        Ok(vec![put])
    }

    fn put_value(&self, name: &str, value: &[u8], now_ms: i64) -> Cmd {
        let mut put = cmd("SET", &self.0.key(name.to_owned()));
        put.arg(value);
        if let Lifetime::Milliseconds(left) = lifetime(name, value, now_ms) {
            put.arg("PX").arg(left.max(1));
        }
        put
    }
}
