//! The program itself, in a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError, mpsc},
    time::{Duration, Instant},
};

use tonic::transport::Channel;

use super::common::hang;

/// Lines of a log that wait for a test to look at them; more are dropped.
const LINES_MAX: usize = 10_000;

/// A served program; it ends with the test.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    pub channel: Channel,
    /// What it logs.
    log: Mutex<mpsc::Receiver<String>>,
}

impl Process {
    pub async fn start(settings: &[String]) -> Self {
        Self::start_as(Command::new(env!("CARGO_BIN_EXE_rapport")), settings)
    }

    /// The demo, with its private folder in this one.
    pub fn start_demo(folder: &Path) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_rapport"));
        program.env("TMPDIR", folder);
        Self::start_as(program, &["--demo".to_owned(), "--log-level=info".to_owned()])
    }

    /// With so many open files at most.
    pub fn start_with_files(files: usize, settings: &[String]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"ulimit -n "$1"; shift; exec "$@""#, "sh", &files.to_string()]);
        shell.arg(env!("CARGO_BIN_EXE_rapport"));
        Self::start_as(shell, settings)
    }

    /// With files of so many blocks of 512 bytes at most: writing beyond is refused, as on a full disk.
    pub fn start_with_file_blocks(blocks: u32, settings: &[String]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"ulimit -f "$1"; shift; exec "$@""#, "sh", &blocks.to_string()]);
        shell.arg(env!("CARGO_BIN_EXE_rapport"));
        Self::start_as(shell, settings)
    }

    fn start_as(mut command: Command, settings: &[String]) -> Self {
        hang::watch();
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(settings)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .env_remove("NO_COLOR")
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
        let (send, log) = mpsc::sync_channel(LINES_MAX);
        let mut seen = Vec::new();
        let address = loop {
            let Some(line) = lines.next() else { panic!("it ended before it served: {seen:?}") };
            if let Some((_, address)) = line.split_once("server.address=") {
                break address.split_whitespace().next().expect("an address").parse().expect("an address");
            }
            // What it does beside its start may be logged before it says that it serves.
            drop(send.try_send(line.clone()));
            seen.push(line);
        };
        // Read on, so that the program never waits for its log, whether anybody looks at it or not.
        std::thread::spawn(move || lines.for_each(|line| drop(send.try_send(line))));
        let channel = Channel::from_shared(format!("http://{address}")).expect("an address").connect_lazy();
        Self { child, address, channel, log: Mutex::new(log) }
    }

    /// Asks it to stop (SIGTERM).
    pub fn terminate(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "it runs");
    }

    /// Waits for its end, after it has said so.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// The lines that were logged since the last ones that were taken.
    pub fn lines(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).try_iter().collect()
    }

    /// Takes lines until each of these words was in one; fewer only if they do not come in this time.
    pub fn lines_with(&self, words: &[&str], wait: Duration) -> Vec<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines: Vec<String> = Vec::new();
        let is_missing = |lines: &[String]| words.iter().any(|word| !lines.iter().any(|line| line.contains(word)));
        let until = Instant::now() + wait;
        while is_missing(&lines)
            && let Ok(line) = log.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            lines.push(line);
        }
        lines
    }

    /// Takes lines up to the first one with these words, and answers that.
    pub fn line_with(&self, words: &str, wait: Duration) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + wait;
        let mut lines = std::iter::from_fn(|| log.recv_timeout(until.saturating_duration_since(Instant::now())).ok());
        lines.find(|line| line.contains(words)).expect("such a line")
    }

    fn proc(&self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).expect("it runs, and this is Linux")
    }

    /// Memory in KiB, by its name in `/proc/PID/status`: VmRSS is held now, VmHWM was the most.
    pub fn memory(&self, name: &str) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of memory");
        line.trim_matches(|letter: char| !letter.is_ascii_digit()).parse().expect("a number")
    }

    /// Open descriptors.
    pub fn descriptors(&self) -> u64 {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("it runs, and this is Linux").count() as u64
    }

    /// CPU time so far, in ticks of a hundredth of a second.
    pub fn ticks(&self) -> u64 {
        let stat = self.proc("stat");
        // The name in brackets may hold blanks; user and system time are the 12th and 13th after it.
        let (_, after) = stat.rsplit_once(") ").expect("a name");
        after.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings of a program that keeps all in this folder.
pub fn in_folder(folder: &tempfile::TempDir) -> Vec<String> {
    vec![
        format!("--store=redb:{}", folder.path().join("data").display()),
        format!("--keys=file:{}", folder.path().join("keys").display()),
    ]
}
