//! CPU time of the server's process, from the kernel's accounting.

use std::{collections::HashSet, fs};

use crate::cli::failure::Failure;

/// Microseconds of one tick. The kernel's interface counts in hundredths of a second on every Linux.
const TICK_MICROS: u64 = 10_000;
/// The state of a listening socket in /proc/net/tcp.
const LISTENING: &str = "0A";

/// A process whose CPU time is read.
pub struct ServerCpu {
    path: String,
}

impl ServerCpu {
    /// Errors: there is no such process, or this is not Linux.
    pub fn of(pid: u32) -> Result<Self, Failure> {
        let cpu = Self { path: format!("/proc/{pid}/stat") };
        cpu.micros()?;
        Ok(cpu)
    }

    /// User and system time of all its threads so far, those that ended included; in steps of 10 ms.
    pub fn micros(&self) -> Result<u64, Failure> {
        let stat = fs::read_to_string(&self.path).map_err(|error| {
            Failure::Failed(format!("cannot read {}: {error}; is --server-pid the running server?", self.path))
        })?;
        ticks(&stat)
            .map(|ticks| ticks * TICK_MICROS)
            .ok_or_else(|| Failure::Failed(format!("{} does not look as expected", self.path)))
    }
}

/// utime + stime: fields 14 and 15. The program's name, field 2, may hold anything, so counting starts after it.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The process that listens at a URL's port, when the URL is of this machine and the process may be looked into.
pub fn find_by_url(url: &str) -> Option<u32> {
    let uri: http::Uri = url.parse().ok()?;
    if !matches!(uri.host()?, "127.0.0.1" | "localhost" | "[::1]") {
        return None;
    }
    let port = uri.port_u16()?;
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let sockets: HashSet<String> = tables.iter().flat_map(|table| listening(table, port)).collect();
    let processes = fs::read_dir("/proc").ok()?;
    let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.into_iter().find(|pid| {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut targets = descriptors.filter_map(|descriptor| fs::read_link(descriptor.path()).ok());
        targets.any(|target| target.to_str().is_some_and(|target| sockets.contains(target)))
    })
}

/// Sockets that listen at a port, as the links of open files name them.
fn listening(table: &str, port: u16) -> Vec<String> {
    let ending = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&ending) && row[3] == LISTENING)
        .map(|row| format!("socket:[{}]", row[9]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_read_behind_any_name() {
        let stat = "42 (a) b) S 1 1 1 0 -1 4194560 1 0 0 0 17 5 0 0 20 0 8 0 1 1 1 18446744073709551615";
        assert_eq!(ticks(stat), Some(22));
        assert_eq!(ticks("nonsense"), None);
    }

    #[test]
    fn the_listening_process_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        assert_eq!(find_by_url(&format!("http://127.0.0.1:{port}")), Some(std::process::id()));
        assert_eq!(find_by_url("http://192.0.2.1:80"), None);
    }
}
