//! Writing anew what a Redis has on disk. Its append-only file has what was set before, and its snapshot what was there then: a destroyed
//! key lives on in both until they are replaced.

use std::{collections::HashMap, time::Duration};

use redis::Cmd;
use tokio::time::{Instant, sleep};

use super::{
    Space,
    connection::READ_DEADLINE,
    failure::{Intent, PERMISSION_ADVICE},
    scripts,
    transport::Node,
};
use crate::store::{Result, StoreError, keys};

/// How often it is asked whether a file is written.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a file may be waited for; later it is asked for again. A hundred thousand keys take a second.
const WRITE_MAX: Duration = Duration::from_mins(10);

/// A file that Redis keeps, and what `INFO persistence` says of it.
struct OnDisk {
    name: &'static str,
    command: &'static [&'static str],
    under_way: &'static [&'static str],
    status: &'static str,
    /// How many were written since the server was started.
    count: &'static str,
}

const APPEND_ONLY_FILE: OnDisk = OnDisk {
    name: "append-only file",
    command: &["BGREWRITEAOF"],
    under_way: &["aof_rewrite_in_progress", "aof_rewrite_scheduled"],
    status: "aof_last_bgrewrite_status",
    count: "aof_rewrites",
};
const SNAPSHOT: OnDisk = OnDisk {
    name: "snapshot",
    // Scheduled where an append-only file is being written.
    command: &["BGSAVE", "SCHEDULE"],
    under_way: &["rdb_bgsave_in_progress"],
    status: "rdb_last_bgsave_status",
    count: "rdb_saves",
};

/// Entries that the server read from a snapshot when it started.
const READ_AT_START: &str = "rdb_last_load_keys_loaded";

/// `INFO persistence`.
struct Persistence(HashMap<String, String>);

impl Persistence {
    fn is(&self, name: &str, value: &str) -> bool {
        self.0.get(name).is_some_and(|there| there == value)
    }

    fn is_under_way(&self, file: &OnDisk) -> bool {
        file.under_way.iter().any(|name| self.is(name, "1"))
    }

    fn number(&self, name: &str) -> u64 {
        self.0.get(name).and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    fn count(&self, file: &OnDisk) -> u64 {
        self.number(file.count)
    }
}

impl Space {
    /// Has every node write its files anew, and waits until they are.
    pub(super) async fn rewrite(&self) -> Result<()> {
        for node in self.transport.all_nodes().await? {
            for file in self.on_disk(&node).await? {
                self.write_anew(&node, file).await?;
            }
        }
        Ok(())
    }

    /// Whether the user may have them written. One round trip where nothing is forbidden.
    pub(super) async fn may_rewrite(&self) -> Result<()> {
        let mut call = scripts::FORBIDDEN.call(&[self.key(keys::NOTHING.into())]);
        call.arg(APPEND_ONLY_FILE.command[0]).arg(SNAPSHOT.command[0]);
        let forbidden: Vec<String> = self.transport.run(&scripts::FORBIDDEN, &call, Intent::Read).await?;
        if forbidden.is_empty() {
            return Ok(());
        }
        for node in self.transport.all_nodes().await? {
            for file in self.on_disk(&node).await? {
                let command = file.command[0];
                if forbidden.iter().any(|name| name == command) {
                    let told =
                        format!("{} says NOPERM its user may not run {command} ({PERMISSION_ADVICE})", self.name);
                    return Err(StoreError::Misconfigured(told.into()));
                }
            }
        }
        Ok(())
    }

    /// What a node keeps on disk.
    async fn on_disk(&self, node: &Node) -> Result<Vec<&'static OnDisk>> {
        let keeping = self.keeping(node).await?;
        let mut files = Vec::new();
        if keeping.appends {
            files.push(&APPEND_ONLY_FILE);
        }
        if keeping.snapshots || keeping.appends || self.has_snapshot(node).await? {
            files.push(&SNAPSHOT);
        }
        Ok(files)
    }

    /// Whether a snapshot lies there although none is configured: one that was saved by hand, or was read when the server started. A server with an
    /// append-only file reads none, and does not tell: so that one writes a snapshot in the place of what may lie there.
    async fn has_snapshot(&self, node: &Node) -> Result<bool> {
        let told = self.persistence(node).await?;
        Ok(told.count(&SNAPSHOT) > 0 || told.number(READ_AT_START) > 0)
    }

    async fn write_anew(&self, node: &Node, file: &OnDisk) -> Result<()> {
        let before = self.persistence(node).await?;
        let later = |what: &str| {
            StoreError::Unavailable(format!("{}: its {} {what}; it is asked for again", self.name, file.name).into())
        };
        // It may hold what was there when it was begun.
        if before.is_under_way(file) {
            return Err(later("is being written already"));
        }
        let mut command = Cmd::new();
        command.arg(file.command);
        let _: redis::Value = self.transport.read_node(node, &command, READ_DEADLINE).await?;
        let until = Instant::now() + WRITE_MAX;
        while Instant::now() < until {
            let now = self.persistence(node).await?;
            if !now.is_under_way(file) && now.count(file) != before.count(file) {
                if now.is(file.status, "ok") {
                    return Ok(());
                }
                let told = format!(
                    "{}: its {} could not be written: see its log (room, and rights in its folder)",
                    self.name, file.name
                );
                return Err(StoreError::Misconfigured(told.into()));
            }
            sleep(LOOK_EVERY).await;
        }
        Err(later("is not written yet"))
    }

    async fn persistence(&self, node: &Node) -> Result<Persistence> {
        let mut info = redis::cmd("INFO");
        info.arg("persistence");
        let told: String = self.transport.read_node(node, &info, READ_DEADLINE).await?;
        let lines = told.lines().filter_map(|line| line.trim().split_once(':'));
        Ok(Persistence(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}
