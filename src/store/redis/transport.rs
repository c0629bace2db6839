//! How commands reach Redis. The rest of this folder says what to ask; a transport knows the nodes, their connections
//! and the hash slots of keys. [`super::connection::Connection`] is the transport to a single node.

use std::time::Duration;

use async_trait::async_trait;
use redis::{Cmd, FromRedisValue, Pipeline, Value, from_redis_value};

use super::{
    failure::{Intent, RedisFailure, one_line},
    scripts::Script,
};
use crate::store::{Result, StoreError};

/// What a node answered.
pub type Answer<T = Value> = std::result::Result<T, RedisFailure>;

/// A node that owns keys: a single server, or a master of a cluster. The name stays while the node does, across
/// connections and failovers, and holds no space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node(pub String);

/// Sends commands to the nodes that own their keys.
///
/// For every method:
///
/// * **Deadline.** It answers within the deadline of its intent, [`super::READ_DEADLINE`] or [`super::WRITE_DEADLINE`].
///   Nobody waits for a connection: without one the call fails at once with [`RedisFailure::NotSent`].
/// * **Lost answers.** After [`RedisFailure::Timeout`] and after a broken connection the command may have been
///   executed. With [`Intent::Read`] that does not matter. With [`Intent::Write`] the caller gets
///   [`StoreError::Unknown`]. After every other failure the command was not executed.
/// * **No resend.** A transport sends a command a second time only if the server's answer proves that it was not
///   executed: a script that the server does not know (NOSCRIPT), a hash slot that another node owns (MOVED, ASK,
///   TRYAGAIN). A write whose answer was lost is never sent again.
/// * **Cancelling.** The future may be dropped at any time. A command that was sent is executed all the same, and its
///   answer never reaches another caller.
#[async_trait]
pub trait Transport: Send + Sync {
    /// How many connections were made so far, to all nodes. One counts before anything is sent through it.
    fn connections(&self) -> u64;

    /// One command, in one round trip. Its keys share one hash slot.
    async fn one(&self, command: &Cmd, intent: Intent) -> Answer;

    /// Several commands as of one moment, in one round trip: a transaction (the pipeline is atomic). All their keys
    /// share one hash slot. Answers an array, in the order of the commands.
    async fn transaction(&self, commands: &Pipeline, intent: Intent) -> Answer;

    /// Independent commands whose keys lie in any hash slots: not as of one moment. The commands are grouped by the node of
    /// their hash slots; each group is one pipeline, and the groups are sent side by side, so that all take one round trip.
    /// Answers an array, in the order of the commands. If one command fails, the call fails. Reads only: it could not
    /// say which of several writes were lost.
    async fn many(&self, commands: &Pipeline) -> Answer;

    /// A script, called by its hash on the node that owns the hash slot of its keys, in one round trip. A node that does not
    /// know the script is taught it, and called again.
    async fn script(&self, script: &Script, call: &Cmd, intent: Intent) -> Answer;

    /// The nodes that own keys, in the order of their names; at least one.
    async fn nodes(&self) -> Answer<Vec<Node>>;

    /// A read that concerns one node: a step of a scan, or a look at its settings. It has a deadline of its own, since
    /// reading everything takes longer than reading one thing.
    async fn on_node(&self, node: &Node, command: &Cmd, deadline: Duration) -> Answer;
}

/// The same, with the answer as the type that is expected, and the failure as the error that the store's callers get.
impl dyn Transport {
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd, intent: Intent) -> Result<T> {
        typed(self.one(command, intent).await, intent)
    }

    /// Reads as of one moment.
    pub async fn read_at_once<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T> {
        typed(self.transaction(commands, Intent::Read).await, Intent::Read)
    }

    pub async fn read_many<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T> {
        typed(self.many(commands).await, Intent::Read)
    }

    pub async fn run<T: FromRedisValue>(&self, script: &Script, call: &Cmd, intent: Intent) -> Result<T> {
        typed(self.script(script, call, intent).await, intent)
    }

    /// The nodes that own keys, in the order of their names.
    pub async fn all_nodes(&self) -> Result<Vec<Node>> {
        self.nodes().await.map_err(|failure| failure.into_error(Intent::Read))
    }

    pub async fn read_node<T: FromRedisValue>(&self, node: &Node, command: &Cmd, deadline: Duration) -> Result<T> {
        typed(self.on_node(node, command, deadline).await, Intent::Read)
    }
}

/// The answer as the type that is expected; another type is damage.
pub fn typed<T: FromRedisValue>(answer: Answer, intent: Intent) -> Result<T> {
    let value = answer.map_err(|failure| failure.into_error(intent))?;
    from_redis_value(value).map_err(|error| StoreError::Corrupt(one_line(&error.to_string()).into()))
}

/// Whether all these keys lie in one hash slot: whether they have the same hash tag. Redis Cluster takes the text between
/// the first opening brace and the next closing one; every key of the store has one, see [`crate::store::keys`].
pub fn share_a_slot(keys: &[String]) -> bool {
    let mut tags = keys.iter().map(|key| hash_tag(key));
    let first = tags.next();
    tags.all(|tag| tag.is_some() && Some(tag) == first)
}

fn hash_tag(key: &str) -> Option<&str> {
    let (_, rest) = key.split_once('{')?;
    let (tag, _) = rest.split_once('}')?;
    (!tag.is_empty()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(keys: &[&str]) -> bool {
        share_a_slot(&keys.iter().map(|&key| key.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_slot_follows_from_the_first_pair_of_braces() {
        assert!(share(&["record:{0a}:t:c", "log:{0a}", "prefix:token:{0a}:t:{0b}"]));
        assert!(!share(&["record:{0a}:t:c", "log:{0b}"]));
        assert!(!share(&["record:{0a}:t:c", "log"]));
        assert!(!share(&["record", "record"]), "without a tag the whole key is hashed");
        assert!(!share(&["record:{}:x", "record:{}:x"]), "an empty tag counts as none");
        assert!(share(&["anything"]));
    }
}
