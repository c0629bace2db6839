//! Whether a Redis keeps what it is given: one that evicts keys or keeps nothing on disk is refused, with what to do
//! about it.

use std::{collections::HashMap, sync::PoisonError};

use redis::Cmd;

use super::{
    Space,
    connection::READ_DEADLINE,
    failure::{FailureClass, Intent},
    scripts,
    transport::{Node, typed},
};
use crate::store::{Result, StoreError, keys};

/// What is known about how the server keeps data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Keeping {
    /// Bytes; 0 is without limit.
    maxmemory: u64,
    policy: String,
    pub(super) appends: bool,
    pub(super) snapshots: bool,
}

/// How many keys a server has evicted since it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evictions {
    /// Drawn at each start of the server.
    run_id: String,
    keys: u64,
}

impl Evictions {
    fn from_info(info: &str) -> Self {
        let line = |name: &str| {
            let value = info.lines().filter_map(|line| line.trim().split_once(':')).find(|(known, _)| *known == name);
            value.map_or("", |(_, value)| value)
        };
        Self { run_id: line("run_id").to_owned(), keys: line("evicted_keys").parse().unwrap_or(0) }
    }
}

const SETTINGS: [&str; 4] = ["maxmemory", "maxmemory-policy", "appendonly", "save"];

impl Keeping {
    fn from_config(settings: &HashMap<String, String>) -> Self {
        let setting = |name: &str| settings.get(name).map_or("", String::as_str);
        Self {
            maxmemory: setting("maxmemory").parse().unwrap_or(0),
            policy: setting("maxmemory-policy").into(),
            appends: setting("appendonly") == "yes",
            snapshots: !setting("save").is_empty(),
        }
    }

    /// INFO does not say whether snapshots are configured, only that some were saved.
    fn from_info(info: &str) -> Self {
        let lines: HashMap<_, _> = info.lines().filter_map(|line| line.trim().split_once(':')).collect();
        let line = |name: &str| lines.get(name).copied().unwrap_or_default();
        Self {
            maxmemory: line("maxmemory").parse().unwrap_or(0),
            policy: line("maxmemory_policy").into(),
            appends: line("aof_enabled") == "1",
            snapshots: line("rdb_saves").parse().is_ok_and(|saves: u64| saves > 0),
        }
    }

    fn check(&self, name: &str) -> Result<()> {
        if self.maxmemory > 0 && self.policy != "noeviction" {
            return Err(StoreError::Evicting(
                format!(
                    "{name} may evict customers' records (maxmemory-policy {}): set `maxmemory-policy noeviction`",
                    self.policy
                )
                .into(),
            ));
        }
        if !self.appends && !self.snapshots {
            return Err(StoreError::Unfit(
                format!(
                    "{name} keeps nothing on disk: set `appendonly yes` (and `appendfsync always` to lose nothing at all), \
                     or say --allow-volatile-redis if losing everything is acceptable"
                )
                .into(),
            ));
        }
        Ok(())
    }
}

impl Space {
    /// Whether the store's keys can be written, and every node keeps what it is given.
    pub async fn fit(&self) -> Result<()> {
        let nodes = self.transport.all_nodes().await?;
        let call = scripts::PROBE.call(&[self.key(keys::NOTHING.into())]);
        self.transport.run::<()>(&scripts::PROBE, &call, Intent::Read).await?;
        if self.options.allow_volatile {
            return Ok(());
        }
        for node in nodes {
            self.keeping(&node).await?.check(&self.name)?;
            match self.transport.read_node::<String>(&node, &info(), READ_DEADLINE).await {
                Ok(info) => self.evicted(&node, &info)?,
                // Without the permission, the policy alone is known.
                Err(StoreError::Misconfigured(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// What each node drew when it was started.
    pub async fn run_ids(&self) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for node in self.transport.all_nodes().await? {
            let told: String = self.transport.read_node(&node, &info(), READ_DEADLINE).await?;
            ids.push(Evictions::from_info(&told).run_id);
        }
        Ok(ids)
    }

    /// Whether a node has evicted keys since this process looked for the first time: the policy may have been set back since.
    fn evicted(&self, node: &Node, info: &str) -> Result<()> {
        let Evictions { run_id, keys } = Evictions::from_info(info);
        let mut known = self.evictions.lock().unwrap_or_else(PoisonError::into_inner);
        let first = known.entry(node.0.clone()).or_insert_with(|| Evictions { run_id: run_id.clone(), keys });
        // A server that was started again counts anew.
        let before = if first.run_id == run_id { first.keys } else { 0 };
        if keys > before {
            let text = format!("{} has evicted {} keys, customers' records perhaps", self.name, keys - before);
            return Err(StoreError::Evicting(text.into()));
        }
        Ok(())
    }

    pub(super) async fn keeping(&self, node: &Node) -> Result<Keeping> {
        let mut settings = HashMap::new();
        for name in SETTINGS {
            let mut get = redis::cmd("CONFIG");
            get.arg("GET").arg(name);
            let answer = self.transport.on_node(node, &get, READ_DEADLINE).await;
            // Managed services often forbid CONFIG.
            if answer.as_ref().is_err_and(|failure| failure.is(FailureClass::Misconfigured)) {
                let info: String = self.transport.read_node(node, &info(), READ_DEADLINE).await?;
                return Ok(Keeping::from_info(&info));
            }
            settings.extend(typed::<HashMap<String, String>>(answer, Intent::Read)?);
        }
        Ok(Keeping::from_config(&settings))
    }
}

fn info() -> Cmd {
    let mut info = redis::cmd("INFO");
    info.arg("all");
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeping(maxmemory: u64, policy: &str, appends: bool, snapshots: bool) -> Keeping {
        Keeping { maxmemory, policy: policy.into(), appends, snapshots }
    }

    #[test]
    fn eviction_and_forgetting_are_refused_with_the_mend() {
        let mend = |keeping: Keeping| keeping.check("the data's Redis").unwrap_err().to_string();
        assert!(mend(keeping(1, "allkeys-lru", true, true)).contains("maxmemory-policy noeviction"));
        assert!(mend(keeping(1, "volatile-ttl", true, true)).contains("volatile-ttl"));
        assert!(mend(keeping(0, "noeviction", false, false)).contains("appendonly yes"));
    }

    #[test]
    fn a_redis_that_keeps_is_accepted() {
        keeping(0, "allkeys-lru", true, false).check("it").unwrap();
        keeping(9, "noeviction", false, true).check("it").unwrap();
    }

    #[test]
    fn both_sources_are_read() {
        let settings = [("maxmemory", "5"), ("maxmemory-policy", "noeviction"), ("appendonly", "yes"), ("save", "")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(Keeping::from_config(&settings), keeping(5, "noeviction", true, false));

        let info = "# Memory\r\nmaxmemory:7\r\nmaxmemory_policy:allkeys-lfu\r\naof_enabled:0\r\nrdb_saves:2\r\n";
        assert_eq!(Keeping::from_info(info), keeping(7, "allkeys-lfu", false, true));
    }
}
