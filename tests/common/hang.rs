//! A test that hangs is named, and ends its binary: the harness would wait for it forever.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    process::Command,
    sync::{Mutex, Once, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

/// The slowest test takes a minute; beside a build on the same two cores, three.
const TEST_MAX: Duration = Duration::from_mins(10);
/// How often it is looked. A hang is told this much later at most.
const LOOK: Duration = Duration::from_secs(5);

/// The tests that run, by the thread of each: its name, and since when.
static RUNNING: Mutex<Option<HashMap<ThreadId, (String, Instant)>>> = Mutex::new(None);

/// Ends with its thread, which the harness starts for one test.
struct Watched;

impl Watched {
    fn begin() -> Self {
        let here = thread::current();
        let name = here.name().unwrap_or_default();
        // A thread of a runtime ends with the test's own.
        if !name.starts_with("tokio") {
            tests(|running| running.insert(here.id(), (name.to_owned(), Instant::now())));
        }
        Self
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        tests(|running| running.remove(&thread::current().id()));
    }
}

fn tests<T>(act: impl FnOnce(&mut HashMap<ThreadId, (String, Instant)>) -> T) -> T {
    act(RUNNING.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// Watches the test of this thread from now to its end. At full scale tests take hours: nothing is watched.
pub fn watch() {
    static LOOKS: Once = Once::new();
    thread_local! { static TEST: Watched = Watched::begin(); }

    if std::env::var("RAPPORT_TEST_SCALE").is_ok() {
        return;
    }
    LOOKS.call_once(|| drop(thread::Builder::new().name("hang".to_owned()).spawn(look_on)));
    TEST.with(|_| {});
}

#[expect(
    clippy::disallowed_methods,
    reason = "a hang gives no event to await, and leaves nothing that could be closed"
)]
fn look_on() {
    loop {
        thread::sleep(LOOK);
        let hanging = tests(|running| {
            let hanging = running.values().filter(|(_, since)| since.elapsed() > TEST_MAX);
            hanging.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        });
        if !hanging.is_empty() {
            let told = format!("\nthese tests hang for {TEST_MAX:?}: {}\n{}", hanging.join(", "), processes());
            let _ = std::io::stderr().write_all(told.as_bytes());
            std::process::exit(101);
        }
    }
}

/// What the threads of this process and of the programs it started wait for. The programs are ended.
fn processes() -> String {
    let own = std::process::id().to_string();
    let mut told = threads(&own);
    for child in tasks(&own).flat_map(|task| read(&format!("/proc/{own}/task/{task}/children"))) {
        told += &threads(&child);
        if read(&format!("/proc/{child}/comm")) == ["rapport"] {
            drop(Command::new("kill").args(["-KILL", &child]).status());
        }
    }
    told
}

fn threads(process: &str) -> String {
    let mut told = format!("process {process}: {}\n", read(&format!("/proc/{process}/comm")).join(" "));
    for task in tasks(process) {
        let of = |name: &str| read(&format!("/proc/{process}/task/{task}/{name}")).join(" ");
        let _ = writeln!(told, "  {task} {}: {}", of("comm"), of("wchan"));
    }
    told
}

fn tasks(process: &str) -> impl Iterator<Item = String> {
    let found = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    found.map(|task| task.file_name().to_string_lossy().into_owned())
}

/// The words of a file; none if it is gone.
fn read(path: &str) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}
