//! Everything in the store, and the names of it, for checks and tests: a scan of each node. Not as of one moment: nothing
//! else should be writing.

use std::time::Duration;

use bytes::Bytes;

use super::{Space, transport::Node};
use crate::store::{Names, PAGE_MAX, Result, StoreError, keys::Kind};

/// Keys that one step of a scan looks at.
pub(super) const STEP: usize = 1_000;
/// A step looks at many keys, and a value may be large: far longer than reading one record takes.
const BULK_DEADLINE: Duration = Duration::from_secs(30);
/// The cursor of a scan that begins, and of one that has ended.
pub(super) const SCAN_START: &str = "0";

type Pair = (Vec<u8>, Vec<u8>);

impl Space {
    pub async fn dump(&self) -> Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for node in self.transport.all_nodes().await? {
            let mut cursor = SCAN_START.to_owned();
            loop {
                let keys;
                (cursor, keys) = self.scan(&node, &cursor, "", STEP).await?;
                for key in keys {
                    self.dump_key(&node, &key, &mut pairs).await?;
                }
                if cursor == SCAN_START {
                    break;
                }
            }
        }
        pairs.sort();
        // A scan may return a key twice.
        pairs.dedup();
        Ok(pairs)
    }

    /// One step of a scan. The server may answer a few more names than asked for, or none before the end. The next
    /// page begins at `NODE CURSOR`.
    pub async fn names(&self, kind: Kind, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        let nodes = self.transport.all_nodes().await?;
        let (node, cursor) = match from {
            None => (nodes.first(), SCAN_START),
            Some(from) => {
                let (name, cursor) = std::str::from_utf8(from)
                    .ok()
                    .and_then(|from| from.split_once(' '))
                    .ok_or_else(|| StoreError::Corrupt("the beginning of a page of names".into()))?;
                (nodes.iter().find(|node| node.0 == name), cursor)
            }
        };
        let node = node.ok_or_else(|| StoreError::Unavailable("a node has left the cluster: begin again".into()))?;
        let (cursor, keys) = self.scan(node, cursor, kind.prefix(), limit.clamp(1, PAGE_MAX)).await?;
        let next = if cursor == SCAN_START { nodes.iter().find(|other| *other > node) } else { Some(node) };
        let name = |key: Bytes| String::from_utf8_lossy(&key[self.options.prefix.len()..]).into_owned();
        let names = keys.into_iter().map(name).collect();
        Ok(Names { names, next: next.map(|node| format!("{} {cursor}", node.0).into_bytes()) })
    }

    /// Keys of one node that begin with this, and the cursor of the next step.
    pub(super) async fn scan(
        &self,
        node: &Node,
        cursor: &str,
        begin: &str,
        count: usize,
    ) -> Result<(String, Vec<Bytes>)> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{}{begin}*", self.options.prefix)).arg("COUNT").arg(count);
        self.transport.read_node(node, &scan, BULK_DEADLINE).await
    }

    async fn dump_key(&self, node: &Node, key: &Bytes, pairs: &mut Vec<Pair>) -> Result<()> {
        let one = |name: &str, rest: &[&str]| {
            let mut cmd = redis::cmd(name);
            cmd.arg(key.as_ref()).arg(rest);
            cmd
        };
        let shown = &key[self.options.prefix.len()..];
        let member = |member: &[u8]| [shown, b":", member].concat();
        let kind: String = self.transport.read_node(node, &one("TYPE", &[]), BULK_DEADLINE).await?;
        match kind.as_str() {
            "string" => {
                let value: Option<Bytes> = self.transport.read_node(node, &one("GET", &[]), BULK_DEADLINE).await?;
                // It may have gone since its type was asked for.
                pairs.extend(value.map(|value| (shown.to_vec(), value.to_vec())));
            }
            "hash" => {
                let fields: Vec<(Bytes, Bytes)> =
                    self.transport.read_node(node, &one("HGETALL", &[]), BULK_DEADLINE).await?;
                pairs.extend(fields.into_iter().map(|(field, value)| (member(&field), value.to_vec())));
            }
            "zset" => {
                let scores: Vec<(Bytes, Bytes)> =
                    self.transport.read_node(node, &one("ZRANGE", &["0", "-1", "WITHSCORES"]), BULK_DEADLINE).await?;
                pairs.extend(scores.into_iter().map(|(name, score)| (member(&name), score.to_vec())));
            }
            "stream" => {
                let entries: Vec<(Bytes, Vec<Bytes>)> =
                    self.transport.read_node(node, &one("XRANGE", &["-", "+"]), BULK_DEADLINE).await?;
                pairs.extend(entries.into_iter().map(|(id, fields)| (member(&id), fields.concat())));
            }
            // It has expired since.
            "none" => {}
            _ => return Err(StoreError::Corrupt(format!("a {kind} where none belongs").into())),
        }
        Ok(())
    }
}
