//! The house rules, checked: who may name whom, who may ask for the time, how long things may be, what must not stay
//! behind. The rules are the tables below; each checker has a test which shows that it can fail.
//!
//! Paths are compared after `use` trees are flattened and `super` is resolved. Comments and strings are not code.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the failure itself")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use layers::{change_faults, circle_faults, layer_faults};
use pages::{PAGES, comment_faults, page_faults, tree};
use reading::{functions, resolved_paths};

#[path = "tidy/contract.rs"]
mod contract;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/mirrors.rs"]
mod mirrors;
#[path = "tidy/operate.rs"]
mod operate;
#[path = "tidy/pages.rs"]
mod pages;
#[path = "tidy/reading.rs"]
mod reading;
#[path = "tidy/sentences.rs"]
mod sentences;

/// Files under `folder` must not name these paths, whole or as a beginning.
struct Arrow {
    folder: &'static str,
    except: &'static [&'static str],
    banned: &'static [&'static str],
    reason: &'static str,
}

const ARROWS: &[Arrow] = &[
    Arrow {
        folder: "src/domain/",
        except: &[],
        banned: &[
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::grpc",
            "crate::proto",
            "crate::service",
            "crate::store",
            "crate::telemetry",
            "tokio",
            "tonic",
            "prost",
            "prost_types",
            "redis",
            "redb",
            "serde",
            "serde_json",
            "tracing",
            "aws_lc_rs",
            "std::fs",
            "std::io",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
        ],
        reason: "the domain is pure: it imports nothing of ours, does no I/O and cannot be serialised",
    },
    Arrow {
        folder: "src/domain/",
        // They read what staff read.
        except: &["src/domain/briefing/tests/", "src/domain/insight/relationship_tests.rs"],
        banned: &["crate::phrasing"],
        reason: "the domain says facts; their words are made outside it",
    },
    Arrow {
        folder: "src/phrasing/",
        except: &[],
        banned: &[
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::grpc",
            "crate::proto",
            "crate::service",
            "crate::store",
            "crate::telemetry",
            "tokio",
            "tonic",
            "prost",
            "prost_types",
        ],
        reason: "grpc → phrasing → domain: words are made from what the domain says, and from nothing else",
    },
    Arrow {
        folder: "src/cache",
        except: &[],
        banned: &[
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::domain",
            "crate::grpc",
            "crate::phrasing",
            "crate::proto",
            "crate::service",
            "crate::store",
            "crate::telemetry",
        ],
        reason: "the cache is a leaf: everybody may use it, and it knows nobody",
    },
    Arrow {
        folder: "src/service/",
        except: &[],
        banned: &[
            "crate::app",
            "crate::cli",
            "crate::grpc",
            "crate::phrasing",
            "crate::proto",
            "crate::store::redb",
            "crate::store::redis",
            "crate::store::stored",
            "tonic",
            "prost",
            "prost_types",
            "redis",
            "redb",
        ],
        reason: "a use case knows the domain and the store's contract, neither the wire nor a backend",
    },
    Arrow {
        folder: "src/backup/",
        except: &[],
        banned: &["crate::app", "crate::cli", "crate::config", "crate::grpc", "crate::phrasing", "crate::service"],
        reason: "a backup knows the store's contract, and neither who asks for it nor a backend",
    },
    Arrow {
        folder: "src/store/",
        except: &[],
        banned: &["crate::app", "crate::cli", "crate::grpc", "crate::phrasing", "crate::proto", "crate::service"],
        reason: "a store never names the wire, nor who uses it",
    },
    Arrow {
        folder: "src/store/",
        except: &["src/store/mod.rs"], // It includes the generated stored record.
        banned: &["tonic"],
        reason: "a store is no gRPC server",
    },
    Arrow {
        folder: "src/store/",
        except: &["src/store/redb/", "src/store/testing.rs"], // Unit tests run on real stores.
        banned: &["crate::store::redb", "redb"],
        reason: "redb stays in its folder",
    },
    Arrow {
        folder: "src/store/",
        except: &["src/store/redis/"],
        banned: &["crate::store::redis", "redis"],
        reason: "Redis stays in its folder",
    },
    Arrow {
        folder: "src/",
        except: &["src/app.rs", "src/store/"],
        banned: &["crate::store::redb", "crate::store::redis", "redb", "redis"],
        reason: "only app.rs names a concrete store",
    },
    Arrow {
        folder: "src/grpc/",
        except: &[],
        banned: &["crate::app", "crate::cli", "crate::config", "crate::store::stored", "crate::store::codec"],
        reason: "the wire is converted to the domain, and knows no stored record",
    },
    Arrow {
        folder: "src/main.rs",
        except: &[],
        banned: &[
            "crate::app",
            "crate::config",
            "crate::domain",
            "crate::grpc",
            "crate::proto",
            "crate::service",
            "crate::store",
        ],
        reason: "main → cli → app",
    },
];

/// Calls that only these files may make.
struct Reserved {
    call: &'static [&'static str],
    allowed: &'static [&'static str],
    reason: &'static str,
}

/// Who may ask what time it is.
const CLOCK_FILES: &[&str] = &["src/service/clock.rs", "src/telemetry/", "src/cli/", "tests/", "benches/"];

/// Who may measure how long something takes or how old it is. No answer depends on it but by way of an age limit.
const STOPWATCH_FILES: &[&str] = &[
    "src/service/policies.rs",      // The age of a cached policy.
    "src/service/rates.rs",         // How long a caller is refused: no time of the domain.
    "src/service/backfill.rs",      // How long a step took: the pause after it is longer.
    "src/service/identity_walk.rs", // As there.
    "src/cache",                    // The age of what is cached.
    "src/log_throttle.rs",          // How long ago a line was written.
    "src/store/layers/",            // How long a call took.
    "src/store/redb/engine.rs",     // The pause before a file is opened again.
    "src/store/redis/",             // Deadlines of calls.
    "src/grpc/",                    // How long a call took.
    "src/telemetry/",
    "src/cli/",
    "tests/",
    "benches/",
];

/// Who may read the process's environment.
const ENVIRONMENT_FILES: &[&str] = &["src/config", "src/telemetry/", "src/cli/", "tests/", "benches/", "build.rs"];

/// Who may wait for a while: for another process that sends no event when it is ready.
const WAITING_FILES: &[&str] = &["src/", "tests/common/"];

const RESERVED: &[Reserved] = &[
    Reserved { call: &["SystemTime", "now"], allowed: CLOCK_FILES, reason: "time is an argument" },
    Reserved { call: &["Timestamp", "now"], allowed: CLOCK_FILES, reason: "time is an argument" },
    Reserved { call: &["Zoned", "now"], allowed: CLOCK_FILES, reason: "time is an argument" },
    Reserved { call: &["Uuid", "now_v7"], allowed: CLOCK_FILES, reason: "it reads the clock: time is an argument" },
    Reserved { call: &["Instant", "now"], allowed: STOPWATCH_FILES, reason: "time is an argument" },
    Reserved { call: &["env", "var"], allowed: ENVIRONMENT_FILES, reason: "settings come from the Config" },
    Reserved { call: &["env", "var_os"], allowed: ENVIRONMENT_FILES, reason: "settings come from the Config" },
    Reserved {
        call: &["thread", "sleep"],
        allowed: &["tests/common/"],
        reason: "it blocks a thread of the runtime; in a test, it guesses",
    },
    Reserved { call: &["time", "sleep"], allowed: WAITING_FILES, reason: "a test sets the clock or awaits the event" },
    Reserved {
        call: &["lifetime_value"],
        allowed: &["src/domain/insight/value.rs", "src/service/relationship.rs"],
        reason: "what a customer is worth is told to those who may see it, and decides nothing",
    },
    Reserved {
        call: &["settle_level"],
        allowed: &["src/domain/apply/", "src/domain/review/tests.rs", "src/service/edit.rs"],
        reason: "one use case notes the level, after it applied its changes",
    },
    Reserved { call: &["sleep"], allowed: WAITING_FILES, reason: "a test sets the clock or awaits the event" },
];

/// Traces of unfinished work. Looked for in code and comments alike.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "todo!(", "unimplemented!(", "dbg!(", "#[ignore"];

const FILE_LINES_MAX: usize = 450;
const TEST_FILE_LINES_MAX: usize = 500;
/// Aimed at and printed; one long file is no reason to fail.
const FILE_LINES_MEDIAN: usize = 150;
const FUNCTION_LINES_MAX: usize = 70;
const MAIN_LINES_MAX: usize = 80;
const README_COMMANDS: &[&str] = &["cargo run --release -- serve --demo", "make test"];

// The rules, run over the tree.

#[test]
fn arrows_point_one_way() {
    assert_clean(files("rs").iter().flat_map(|(path, text)| arrow_faults(path, text)));
}

#[test]
fn the_layers_of_the_domain_use_those_above_them() {
    let files = files("rs");
    assert_clean(files.iter().flat_map(|(path, text)| layer_faults(path, text)));
    assert_clean(circle_faults(&files));
    assert_clean(files.iter().flat_map(|(path, text)| change_faults(path, text)));
}

#[test]
fn reserved_calls_stay_where_they_belong() {
    assert_clean(files("rs").iter().flat_map(|(path, text)| reserved_faults(path, text)));
}

#[test]
fn files_and_functions_are_short() {
    let files = files("rs");
    let mut lengths: Vec<usize> = files.iter().map(|(_, text)| text.lines().count()).collect();
    lengths.sort_unstable();
    println!("{} Rust files, median {} lines (aim {FILE_LINES_MEDIAN})", lengths.len(), lengths[lengths.len() / 2]);
    assert_clean(files.iter().flat_map(|(path, text)| length_faults(path, text)));
}

#[test]
fn nothing_unfinished_stays() {
    let mut all = files("rs");
    for ending in ["proto", "py", "sh", "toml"] {
        all.extend(files(ending));
    }
    assert_clean(all.iter().flat_map(|(path, text)| unfinished_faults(path, text)));
}

#[test]
fn the_readme_begins_with_two_commands() {
    let text = fs::read_to_string(root().join("README.md")).expect("README.md");
    assert_clean(readme_faults(&text));
}

#[test]
fn files_that_are_named_exist() {
    let tree = tree();
    let pages = PAGES.iter().map(|page| (*page, fs::read_to_string(root().join(page)).expect("a page")));
    assert_clean(pages.flat_map(|(page, text)| page_faults(page, &text, &tree)));
    assert_clean(files("rs").iter().flat_map(|(path, text)| comment_faults(path, text, &tree)));
}

// Checkers. Each answers what is wrong with one file.

fn arrow_faults(path: &str, text: &str) -> Vec<String> {
    let named = resolved_paths(path, text);
    let mut faults = Vec::new();
    for arrow in ARROWS.iter().filter(|arrow| path.starts_with(arrow.folder) && !under(path, arrow.except)) {
        for (line, segments) in named.iter().filter(|(_, segments)| segments.len() > 1) {
            let whole = segments.join("::");
            if arrow.banned.iter().any(|banned| whole == *banned || whole.starts_with(&format!("{banned}::"))) {
                faults.push(format!("{path}:{line}: names {whole}: {}", arrow.reason));
            }
        }
    }
    faults
}

fn reserved_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, segments) in resolved_paths(path, text) {
        for rule in RESERVED.iter().filter(|rule| !under(path, rule.allowed)) {
            let exact = rule.call.len() > 1 || segments.len() == 1;
            if exact && segments.iter().map(String::as_str).collect::<Vec<_>>().ends_with(rule.call) {
                faults.push(format!("{path}:{line}: calls {}: {}", rule.call.join("::"), rule.reason));
            }
        }
    }
    faults
}

fn length_faults(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let lines_max = match path {
        "src/main.rs" => MAIN_LINES_MAX,
        _ if path.starts_with("src/") => FILE_LINES_MAX,
        _ => TEST_FILE_LINES_MAX,
    };
    let mut faults = Vec::new();
    if lines > lines_max {
        faults.push(format!("{path}: {lines} lines, at most {lines_max}"));
    }
    for (line, length) in functions(text) {
        if length > FUNCTION_LINES_MAX {
            faults.push(format!("{path}:{line}: a function of {length} lines, at most {FUNCTION_LINES_MAX}"));
        }
    }
    faults
}

fn unfinished_faults(path: &str, text: &str) -> Vec<String> {
    if path == "tests/tidy.rs" {
        return Vec::new(); // It names the words.
    }
    let found = |line: &str| UNFINISHED.iter().find(|word| line.contains(**word)).copied();
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| Some(format!("{path}:{}: {}", index + 1, found(line)?)))
        .collect()
}

/// The first block of code is exactly the two commands.
fn readme_faults(text: &str) -> Vec<String> {
    let block = text.lines().skip_while(|line| !line.starts_with("```")).skip(1);
    let commands: Vec<&str> = block
        .take_while(|line| !line.starts_with("```"))
        .map(|line| line.split(" #").next().unwrap_or("").trim())
        .collect();
    if commands == README_COMMANDS { Vec::new() } else { vec![format!("README.md begins with {commands:?}")] }
}

// The tree.

fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo"))
}

fn under(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

/// All our files with this ending: path from the root, and text.
fn files(ending: &str) -> Vec<(String, String)> {
    const SKIPPED: &[&str] = &["target", "node_modules", "venv"];
    let (mut open, mut found) = (vec![root()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if entry.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                open.push(entry);
            } else if entry.extension().is_some_and(|found| found == ending) {
                found.push((relative(&entry), fs::read_to_string(&entry).expect("text")));
            }
        }
    }
    assert!(!found.is_empty() || ending == "sh", "no {ending} files found");
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("inside").to_string_lossy().replace('\\', "/")
}

fn assert_clean(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

// The checkers can fail.

#[test]
fn a_wrong_arrow_is_found() {
    let wrong = [
        ("src/domain/a.rs", "use crate::{domain::b, store::Store};"),
        ("src/domain/a.rs", "use super::super::store::Store;"),
        ("src/domain/a.rs", "#[derive(serde::Serialize)] struct A;"),
        ("src/domain/a.rs", "use std::{collections::HashMap,\n fs};"),
        ("src/service/a.rs", "fn f(s: crate::store::redis::RedisStore) {}"),
        ("src/service/a.rs", "use crate::proto;"),
        ("src/grpc/handlers/a.rs", "use crate::store::{self, redb::Embedded};"),
        ("src/store/redb/a.rs", "use super::super::redis::Link;"),
        ("src/store/redis/mod.rs", "use crate::grpc::convert;"),
        ("src/store/layers/a.rs", "use redis::Client;"),
        ("src/cache.rs", "use crate::store::StoreError;"),
        ("src/main.rs", "use rapport::{app, cli};"),
    ];
    for (path, text) in wrong {
        assert!(!arrow_faults(path, text).is_empty(), "{path}: {text}");
    }
    let right = [
        ("src/domain/a.rs", "use super::{Timestamp, id::VenueId}; // crate::store\nconst A: &str = \"tokio::time\";"),
        ("src/store/redb/a.rs", "use redb::Database; use crate::{domain::TouchedParts, store::{Store, keys}};"),
        ("src/app.rs", "use crate::store::redb::Embedded;"),
        ("src/main.rs", "fn main() { rapport::cli::main() }"),
    ];
    for (path, text) in right {
        assert_eq!(arrow_faults(path, text), Vec::<String>::new());
    }
}

#[test]
fn a_clock_call_and_a_sleep_are_found() {
    let wrong = [
        ("src/domain/a.rs", "let t = jiff::Timestamp::now();"),
        ("src/service/a.rs", "let t = std::time::Instant::now();"),
        ("src/store/redis/a.rs", "let t = SystemTime::now();"),
        ("src/store/redis/a.rs", "let url = std::env::var(NAME);"),
        ("src/service/a.rs", "let id = Uuid::now_v7();"),
        ("tests/grpc/a.rs", "tokio::time::sleep(second).await;"),
        ("tests/grpc/a.rs", "use tokio::time::sleep;"),
        ("src/cli/a.rs", "std::thread::sleep(second);"),
        ("src/service/create.rs", "settle_level(&mut profile, level);"),
        ("src/service/recovery.rs", "if lifetime_value(profile, now).is_empty() {}"),
    ];
    for (path, text) in wrong {
        assert!(!reserved_faults(path, text).is_empty(), "{path}: {text}");
    }
    assert_eq!(reserved_faults("src/service/clock.rs", "Timestamp::now()"), Vec::<String>::new());
}

#[test]
fn a_long_file_and_a_long_function_are_found() {
    assert_eq!(length_faults("src/a.rs", &"\n".repeat(FILE_LINES_MAX + 1)).len(), 1);
    assert_eq!(length_faults("tests/a.rs", &"\n".repeat(TEST_FILE_LINES_MAX + 1)).len(), 1);
    assert_eq!(length_faults("src/main.rs", &"\n".repeat(MAIN_LINES_MAX + 1)).len(), 1);
    let body = |lines: usize| format!("fn f(a: [u8; 3]) -> u8 {{\n{}}}\n", "a(\"}\");\n".repeat(lines - 2));
    assert_eq!(length_faults("src/a.rs", &body(FUNCTION_LINES_MAX)), Vec::<String>::new());
    assert_eq!(length_faults("src/a.rs", &body(FUNCTION_LINES_MAX + 1)).len(), 1);
}

#[test]
fn unfinished_work_is_found() {
    for word in UNFINISHED {
        assert_eq!(unfinished_faults("src/a.rs", &format!("fine\n// {word})")).len(), 1);
    }
}

#[test]
fn a_readme_without_the_commands_is_found() {
    assert_eq!(readme_faults("# R\n```sh\nmake all\n```\n").len(), 1);
    assert_eq!(readme_faults("# R\n```sh\ncargo run --release -- serve --demo # serves\nmake test\n```\n").len(), 0);
}
