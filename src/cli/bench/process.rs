//! What a process has used and holds, from the kernel's accounting: CPU time, memory, and the store's files.

use std::{collections::HashSet, fs, os::unix::fs::MetadataExt as _};

use crate::cli::failure::Failure;

/// Microseconds of one tick. The kernel's interface counts in hundredths of a second on every Linux.
const TICK_MICROS: u64 = 10_000;
/// What the embedded store's files end with.
const STORE_ENDING: &str = "redb";
/// The unit in which the kernel counts a file's blocks.
const BLOCK_BYTES: u64 = 512;
/// The state of a listening socket in /proc/net/tcp.
const LISTENING: &str = "0A";

/// A running process.
pub struct Process {
    folder: String,
}

impl Process {
    /// Errors: there is no such process, or this is not Linux.
    pub fn of(pid: u32) -> Result<Self, Failure> {
        let process = Self { folder: format!("/proc/{pid}") };
        process.cpu_micros()?;
        Ok(process)
    }

    /// User and system time of all its threads so far, those that ended included; in steps of 10 ms.
    pub fn cpu_micros(&self) -> Result<u64, Failure> {
        Ok(self.read("stat", ticks)? * TICK_MICROS)
    }

    /// Memory it holds.
    pub fn resident_bytes(&self) -> Result<u64, Failure> {
        self.read("status", resident)
    }

    /// Bytes of the store's files that it has open, as they lie on the disk; 0 when it keeps none.
    pub fn store_bytes(&self) -> u64 {
        let open = fs::read_dir(format!("{}/fd", self.folder)).into_iter().flatten().flatten();
        let files: HashSet<_> = open.filter_map(|descriptor| fs::read_link(descriptor.path()).ok()).collect();
        let stores = files.iter().filter(|path| path.extension().is_some_and(|ending| ending == STORE_ENDING));
        stores.filter_map(|path| Some(fs::metadata(path).ok()?.blocks() * BLOCK_BYTES)).sum()
    }

    fn read(&self, name: &str, number: fn(&str) -> Option<u64>) -> Result<u64, Failure> {
        let path = format!("{}/{name}", self.folder);
        let text = fs::read_to_string(&path)
            .map_err(|error| Failure::Failed(format!("cannot read {path}: {error}; is it the running process?")))?;
        number(&text).ok_or_else(|| Failure::Failed(format!("{path} does not look as expected")))
    }
}

/// VmRSS, which is in KiB.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1_024)
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
    fn what_a_process_holds_is_read() {
        assert_eq!(resident("Name:\ta\nVmRSS:\t   5120 kB\n"), Some(5_242_880));
        let folder = tempfile::tempdir().expect("a folder");
        let own = Process::of(std::process::id()).expect("this process runs");
        let before = own.store_bytes();
        let path = folder.path().join("data.redb");
        let file = fs::File::create(&path).expect("created");
        fs::write(&path, vec![1; 1 << 20]).expect("written");
        file.sync_all().expect("on the disk");
        assert!(own.store_bytes() >= before + (1 << 20) && own.resident_bytes().expect("readable") > 0);
    }

    #[test]
    fn the_listening_process_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        assert_eq!(find_by_url(&format!("http://127.0.0.1:{port}")), Some(std::process::id()));
        assert_eq!(find_by_url("http://192.0.2.1:80"), None);
    }
}
