//! Everything in the store, and the names of it, for checks and tests. Not of one moment: nothing else should be writing.

use bytes::Bytes;

use super::{
    Space,
    link::{Ask, BULK_DEADLINE},
    trouble::Intent,
};
use crate::store::{Names, PAGE_MAX, Result, StoreError, keys::Kind};

/// Keys that one step looks at.
const STEP: usize = 1_000;

type Pair = (Vec<u8>, Vec<u8>);

impl Space {
    pub async fn dump(&self) -> Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{}*", self.options.prefix)).arg("COUNT").arg(STEP);
            let (next, keys): (u64, Vec<Bytes>) = self.bulk(Ask::One(&scan)).await?;
            for key in keys {
                self.dump_key(&key, &mut pairs).await?;
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        pairs.sort();
        // A scan may meet a key twice.
        pairs.dedup();
        Ok(pairs)
    }

    /// One step of a scan. The server may answer a few more names than asked for, or none before the end.
    pub async fn names(&self, kind: Kind, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(from.unwrap_or(b"0")).arg("MATCH").arg(format!("{}{}*", self.options.prefix, kind.prefix()));
        scan.arg("COUNT").arg(limit.clamp(1, PAGE_MAX));
        let (next, keys): (String, Vec<Bytes>) = self.bulk(Ask::One(&scan)).await?;
        let name = |key: Bytes| String::from_utf8_lossy(&key[self.options.prefix.len()..]).into_owned();
        let names = keys.into_iter().map(name).collect();
        Ok(Names { names, next: (next != "0").then(|| next.into_bytes()) })
    }

    async fn bulk<T: redis::FromRedisValue>(&self, what: Ask<'_>) -> Result<T> {
        self.link.attempt(what, BULK_DEADLINE).await.map_err(|trouble| trouble.into_error(Intent::Read))
    }

    async fn dump_key(&self, key: &Bytes, pairs: &mut Vec<Pair>) -> Result<()> {
        let one = |name: &str, rest: &[&str]| {
            let mut cmd = redis::cmd(name);
            cmd.arg(key.as_ref()).arg(rest);
            cmd
        };
        let shown = &key[self.options.prefix.len()..];
        let member = |member: &[u8]| [shown, b":", member].concat();
        let kind: String = self.bulk(Ask::One(&one("TYPE", &[]))).await?;
        match kind.as_str() {
            "string" => {
                let value: Bytes = self.bulk(Ask::One(&one("GET", &[]))).await?;
                pairs.push((shown.to_vec(), value.to_vec()));
            }
            "hash" => {
                let fields: Vec<(Bytes, Bytes)> = self.bulk(Ask::One(&one("HGETALL", &[]))).await?;
                pairs.extend(fields.into_iter().map(|(field, value)| (member(&field), value.to_vec())));
            }
            "zset" => {
                let scores: Vec<(Bytes, Bytes)> =
                    self.bulk(Ask::One(&one("ZRANGE", &["0", "-1", "WITHSCORES"]))).await?;
                pairs.extend(scores.into_iter().map(|(name, score)| (member(&name), score.to_vec())));
            }
            "stream" => {
                let entries: Vec<(Bytes, Vec<Bytes>)> = self.bulk(Ask::One(&one("XRANGE", &["-", "+"]))).await?;
                pairs.extend(entries.into_iter().map(|(id, fields)| (member(&id), fields.concat())));
            }
            // It has expired since.
            "none" => {}
            _ => return Err(StoreError::Corrupt(format!("a {kind} where none belongs"))),
        }
        Ok(())
    }
}
