//! A real redis-server on a free loopback port, for tests.
//!
//! A shell stands between the test and the server, and waits for its standard input to end. That happens however the
//! test process ends, so no server outlives it. Signals to the whole group (Ctrl-C) do not reach the shell, which would
//! otherwise leave before it has cleaned up.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use super::hang;

/// Starting takes some 20 ms; a busy machine gets more.
const START_MAX: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

const GUARD: &str = r#"
trap '' HUP INT TERM
folder="$1"; shift
redis-server "$@" </dev/null >>"$folder/log" 2>&1 &
pid=$!
echo $pid
read -r word
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
[ "$word" = keep ] || rm -rf "$folder"
"#;

/// Options of a server that keeps nothing.
pub const VOLATILE: &[&str] = &["--save", "", "--appendonly", "no"];
/// Options of a server that has every acknowledged write on disk.
pub const DURABLE: &[&str] = &["--save", "", "--appendonly", "yes", "--appendfsync", "always"];

struct Running {
    guard: Child,
    input: ChildStdin,
    pid: u32,
}

/// A server of one's own. Its data lies in a folder that goes with it.
pub struct Server {
    port: u16,
    folder: PathBuf,
    options: Vec<String>,
    running: Option<Running>,
    /// Where the keys are, if anybody has asked.
    keys: OnceLock<Box<Self>>,
    /// Whether it holds the keys itself, as stores of releases before may.
    has_keys: bool,
}

impl Server {
    /// Starts a server and waits until it answers.
    ///
    /// # Panics
    /// If redis-server is missing or does not start.
    pub fn start(options: &[&str]) -> Self {
        Self::start_from(options, None)
    }

    /// The same; it begins with what a dump (an RDB file) holds: of data and keys. A server with an append-only file does not read it.
    pub fn start_from(options: &[&str], dump: Option<&[u8]>) -> Self {
        hang::watch();
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        assert!(found.is_ok_and(|status| status.success()), "redis-server is missing: apt-get install redis-server");
        let folder = tempfile::Builder::new().prefix("rapport-redis-").tempdir().unwrap().keep();
        if let Some(dump) = dump {
            std::fs::write(folder.join("dump.rdb"), dump).unwrap();
        }
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut server =
            Self { port: 0, folder, options, running: None, keys: OnceLock::new(), has_keys: dump.is_some() };
        for _ in 0..5 {
            // Between here and the server's start another process may take the port; then try another.
            server.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if server.try_run() {
                return server;
            }
            server.kill();
        }
        panic!("redis-server does not start; see {}", server.folder.join("log").display());
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Where the keys of the data on this server are: in database 1 of a server of their own, with the same options, which is started when somebody
    /// asks. What is done to this server (killed, stopped) is done to that one too.
    pub fn keys(&self) -> &Self {
        if self.has_keys {
            return self;
        }
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.keys.get_or_init(|| Box::new(Self::start(&options)))
    }

    pub fn keys_url(&self) -> String {
        format!("redis://127.0.0.1:{}/1", self.keys().port)
    }

    /// The server that has this database: 0 are the data, 1 the keys.
    pub fn of(&self, database: u8) -> &Self {
        if database == 0 { self } else { self.keys() }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Ends the server as a crash would (SIGKILL). Its data stays.
    pub fn kill(&mut self) {
        if let Some(keys) = self.keys.get_mut() {
            keys.kill();
        }
        let Some(mut running) = self.running.take() else {
            return;
        };
        signal(running.pid, "KILL");
        running.input.write_all(b"keep\n").unwrap();
        running.guard.wait().unwrap();
    }

    /// Stops the server as an overloaded machine would (SIGSTOP): connections stay, nothing answers.
    pub fn stop(&self) {
        if let Some(keys) = self.keys.get() {
            keys.stop();
        }
        signal(self.running.as_ref().expect("the server runs").pid, "STOP");
    }

    /// The reverse of [`Server::stop`].
    pub fn resume(&self) {
        if let Some(keys) = self.keys.get() {
            keys.resume();
        }
        signal(self.running.as_ref().expect("the server runs").pid, "CONT");
    }

    /// Starts the server again on the same port and data, and waits until it answers.
    pub fn restart(&mut self) {
        self.kill();
        if let Some(keys) = self.keys.get_mut() {
            keys.restart();
        }
        assert!(self.try_run(), "redis-server does not start again; see {}", self.folder.join("log").display());
    }

    /// Sends one command of plain words; answers what comes first.
    pub fn tell(&self, command: &str) -> String {
        self.try_tell(command).expect("the server answers")
    }

    /// The same with a password.
    pub fn tell_with(&self, password: &str, command: &str) -> String {
        let mut stream = self.connect().expect("the server listens");
        assert_eq!(ask(&mut stream, &format!("AUTH {password}")).expect("the server answers"), "+OK\r\n");
        ask(&mut stream, command).expect("the server answers")
    }

    /// All names in a database.
    pub fn names(&self, database: u8) -> Vec<String> {
        let stream = self.of(database).connect().expect("the server listens");
        let (mut say, mut lines) = (stream.try_clone().unwrap(), BufReader::new(stream).lines().map(Result::unwrap));
        say.write_all(format!("SELECT {database}\r\nKEYS *\r\n").as_bytes()).unwrap();
        assert_eq!(lines.next().as_deref(), Some("+OK"));
        let count = lines.next().expect("an array");
        let count: usize = count.trim_start_matches('*').parse().expect("a number");
        // Before each name stands its length.
        let names = (0..count).map(|_| (lines.next(), lines.next().expect("a name")).1);
        names.collect()
    }

    fn try_tell(&self, command: &str) -> std::io::Result<String> {
        ask(&mut self.connect()?, command)
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(stream)
    }

    fn try_run(&mut self) -> bool {
        // A Sentinel does not start without a file of settings; to others an empty one says nothing.
        let settings = self.folder.join("settings");
        std::fs::OpenOptions::new().create(true).append(true).open(&settings).unwrap();
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(&self.folder)
            .arg(settings)
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--dir"])
            .arg(&self.folder)
            .args(&self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = guard.stdin.take().unwrap();
        let mut line = String::new();
        BufReader::new(guard.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pid = line.trim().parse().unwrap();
        self.running = Some(Running { guard, input, pid });
        let since = Instant::now();
        while since.elapsed() < START_MAX {
            if self.try_tell("PING").is_ok_and(|answer| answer.starts_with("+PONG")) {
                // The port could be somebody else's by now.
                return self.tell("INFO server").contains(&format!("process_id:{pid}\r"));
            }
            pause();
        }
        false
    }
}

fn ask(stream: &mut TcpStream, command: &str) -> std::io::Result<String> {
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut answer = vec![0; 16 * 1_024];
    let length = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(Running { mut guard, input, pid }) = self.running.take() else {
            let _ = std::fs::remove_dir_all(&self.folder);
            return;
        };
        // A stopped process would stay.
        signal(pid, "CONT");
        drop(input);
        let _ = guard.wait();
    }
}

/// Redis says nothing when it is ready: it has to be asked again.
#[expect(clippy::disallowed_methods, reason = "a server in another process gives no event to await")]
fn pause() {
    std::thread::sleep(POLL);
}

fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).stderr(Stdio::null()).status();
    assert!(sent.is_ok(), "kill is there");
}

/// The server that all tests of a binary share; they keep apart by the prefixes of their keys. It keeps nothing.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| Server::start(VOLATILE))
}

/// A prefix that no other test has.
pub fn prefix() -> String {
    format!("test-{}:", uuid::Uuid::new_v4().simple())
}
