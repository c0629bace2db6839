//! The program itself, called as from a shell: exit codes, files, and what it prints.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::world::{Backend, World};

pub const POLICY: &str = r#"{"policy": {"owner": "me", "venues": [{"venueId": "v", "displayName": "Seeblick",
    "timeZone": "Europe/Zurich", "currencyCode": "CHF"}]}}"#;
pub const CUSTOMER: &str = r#"{"customer": {"details": {"name": {"full": "Elena Marchetti", "addressedAs": "Ms Marchetti"}},
    "identities": [{"type": "IDENTITY_TYPE_LOYALTY", "value": "GC-1017"}], "precautions": [
    {"kind": "PRECAUTION_KIND_ALLERGY", "code": "TREE_NUTS", "criticality": "CRITICALITY_HIGH"}]}}"#;
pub const PURCHASE: &str = r#"{"interaction": {"source": "till-4", "externalId": "1", "venueId": "v",
    "identity": {"type": "IDENTITY_TYPE_LOYALTY", "value": "GC-1017"}, "kind": "INTERACTION_KIND_PURCHASE",
    "occurTime": "2026-03-02T18:00:00Z", "purchase": {"lines": [{"item": "chinotto", "quantity": 1}]}}}"#;
const BAD: &str = r#"{"customer": {"details": {"colour": "red"}}}"#;
const STAY: &str = "2026-03-01T15:00:00Z";
const ELENA: [&str; 4] = ["--identity", "loyalty:GC-1017", "--venue", "v"];

/// A folder to run the program in, with nothing of the environment but a user's name.
pub struct Shell {
    pub folder: TempDir,
}

pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Shell {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// The program in this folder, not run yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.args(args).current_dir(&self.folder).env_clear().env("USER", "mara");
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.command(args);
        let Output { status, stdout, stderr } = command.output().expect("the program was built");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// The same on a store of its own.
    pub fn on_store(&self, args: &[&str]) -> Ran {
        self.run(&[args, &["--store", "redb:data", "--log-level", "warn"]].concat())
    }

    /// Writes rows, each on one line.
    pub fn write(&self, name: &str, rows: &[&str]) -> PathBuf {
        let lines: Vec<String> = rows.iter().map(|row| row.replace('\n', " ")).collect();
        let path = self.folder.path().join(name);
        std::fs::write(&path, lines.join("\n")).expect("written");
        path
    }
}

#[track_caller]
pub fn assert_ran(ran: &Ran, code: i32, out: &str) {
    let Ran { code: found, out: printed, err } = ran;
    assert!(*found == Some(code) && printed.contains(out), "{found:?}\n{printed}\n{err}");
}

#[test]
fn a_bad_row_is_set_aside_and_a_rerun_changes_nothing() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER, BAD, PURCHASE]);
    let first = shell.on_store(&["import", "in.ndjson"]);
    assert_ran(&first, 1, "1 created, 0 unchanged");
    assert_ran(&first, 1, "1 recorded, 0 repeated");
    let rejects = shell.folder.path().join("in.ndjson.rejects.ndjson");
    let mode = std::fs::metadata(&rejects).expect("a reject file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only the user reads it");
    let rejects: Value = std::fs::read_to_string(&rejects).expect("text").parse().expect("one row of JSON");
    assert_eq!((&rejects["line"], &rejects["reason"]), (&Value::from(3), &Value::from("INVALID_ROW")));
    assert_eq!(rejects["row"], Value::from(BAD));

    let second = shell.on_store(&["import", "in.ndjson"]);
    assert_ran(&second, 1, "0 created, 1 unchanged");
    assert_ran(&second, 1, "0 recorded, 1 repeated");
    shell.write("in.ndjson", &[POLICY, CUSTOMER, PURCHASE]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "rejected      0");
}

#[test]
fn a_briefing_is_a_card_or_json() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER, PURCHASE]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let card = shell.on_store(&[&["brief"], &ELENA[..]].concat());
    assert_ran(&card, 0, "▲ Tree nut allergy, life-threatening");
    assert_ran(&card, 0, "by mara@rapport-cli");
    assert!(!card.out.contains('\u{1b}'), "no colours into a pipe");
    assert!(card.out.contains("until "), "{}", card.out);
    let earlier = shell.on_store(&[&["brief", "--at", "2026-03-06T18:00:00Z"], &ELENA[..]].concat());
    assert_ran(&earlier, 0, "Fri 06 Mar 2026, 19:00");
    assert!(!earlier.out.contains("until "), "{}", earlier.out);
    let json = shell.on_store(&[&["brief", "--json"], &ELENA[..]].concat());
    let json: Value = json.out.parse().expect("JSON");
    assert_eq!(json["briefing"]["state"], Value::from("BRIEFING_STATE_KNOWN"));
}

#[test]
fn what_is_recorded_says_who_recorded_it() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let who = ["--identity", "loyalty:GC-1017"];
    let diet = ["record", "precaution", "--kind", "diet", "--code", "VEGAN", "--staff", "jo", "--device", "desk-1"];
    assert_ran(&shell.on_store(&[&diet[..], &who].concat()), 0, "recorded the precaution as p");
    let tea = ["record", "evidence", "--category", "drink", "--item", "tea", "--stance", "likes", "--source", "stated"];
    assert_ran(&shell.on_store(&[&tea[..], &who].concat()), 0, "recorded the evidence");
    let visit = ["record", "interaction", "--kind", "visit", "--venue", "v", "--external-id", "1", "--at", STAY];
    assert_ran(&shell.on_store(&[&visit[..], &who].concat()), 0, "the interaction was recorded for");
    assert_ran(&shell.on_store(&[&visit[..], &who].concat()), 0, "was recorded before");
    let card = shell.on_store(&[&["brief"], &ELENA[..]].concat());
    assert_ran(&card, 0, "by jo@desk-1");
    assert_ran(&card, 0, "Likes: tea.");
}

const GIVING: &str = r#"{"policy": {"owner": "me", "venues": [{"venueId": "v", "displayName": "Seeblick",
    "timeZone": "Europe/Zurich", "currencyCode": "CHF"}],
    "catalogue": [{"gestureTypeId": "tart", "displayName": "Almond tart", "contents": ["ALMOND"],
        "costs": [{"currencyCode": "CHF", "minorUnits": "900"}]},
        {"gestureTypeId": "tea", "displayName": "Tea at the desk", "costs": [{"currencyCode": "CHF", "minorUnits": "900"}]}],
    "budgets": [{"venueId": "v", "monthly": {"currencyCode": "CHF", "minorUnits": "900"}}],
    "roles": [{"roleId": "desk", "displayName": "Desk", "gestureTypeIds": ["*"]},
        {"roleId": "head", "displayName": "Head", "gestureTypeIds": ["*"], "authorities": [{"currencyCode": "CHF",
        "perGestureMinorUnits": "900", "perGuestMinorUnits": "900", "perDayMinorUnits": "900"}]}]}}"#;

#[test]
fn gestures_are_suggested_given_approved_and_taken_back() {
    let shell = Shell::new();
    let customer = CUSTOMER.replace("\"precautions\":", "\"precautionsAsked\": true, \"precautions\":");
    let ida = r#"{"customer": {"precautionsAsked": true,
        "identities": [{"type": "IDENTITY_TYPE_LOYALTY", "value": "GC-2"}]}}"#;
    shell.write("in.ndjson", &[GIVING, customer.as_str(), ida]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let gesture = |args: &[&str]| {
        let who = ["--identity", "loyalty:GC-1017"];
        shell.on_store(&[&["gesture"], args, &who].concat())
    };
    let head = ["suggest", "--venue", "v", "--role", "head", "--all"];
    let suggested = gesture(&head);
    assert_ran(&suggested, 0, "+ tea  Tea at the desk  CHF 9.00");
    assert_ran(&suggested, 0, "PRECAUTION: Tree nut allergy, life-threatening; it contains almond.");
    let suggested: Value = gesture(&[&head[..], &["--json"]].concat()).out.parse().expect("JSON");
    assert_eq!(suggested["gestures"][0]["gestureTypeId"], Value::from("tea"));
    let give = ["give", "--venue", "v", "--type", "tea", "--role", "desk", "--place", "Room 7"];
    let refused = gesture(&give);
    assert_ran(&refused, 1, "");
    assert!(refused.err.contains("over your authority"), "{}", refused.err);
    assert!(refused.err.contains("\n  approving_role_ids: head\n"), "{}", refused.err);
    assert_ran(&gesture(&[&give[..], &["--propose"]].concat()), 0, "proposed as g2; it may be approved by: head");
    let approve = ["approve", "--gesture", "g2", "--role", "head", "--staff", "vera"];
    assert_ran(&gesture(&approve), 0, "approved; its delivery is owed as f3\n");
    assert_ran(&gesture(&["list"]), 0, "g2  GIVEN  tea  CHF 9.00");
    let list: Value = gesture(&["list", "--json"]).out.parse().expect("JSON");
    assert_eq!(list["gestures"][0]["state"], Value::from("GESTURE_STATE_GIVEN"));
    assert_ran(&gesture(&["cancel", "--gesture", "g2", "--reason", "left early"]), 0, "what it cost is free again");
    assert_ran(&gesture(&["list"]), 0, "g2  CANCELLED");

    let to_ida = |what: &[&str]| shell.on_store(&[what, &["--identity", "loyalty:GC-2"]].concat());
    let tart = ["gesture", "give", "--venue", "v", "--type", "tart", "--role", "head"];
    assert_ran(&to_ida(&tart), 0, "given as g1; its delivery is owed as f2\n");
    let precaution = ["record", "precaution", "--kind", "allergy", "--code", "TREE_NUTS", "--criticality", "high"];
    assert_ran(&to_ida(&precaution), 0, "");
    let list = to_ida(&["gesture", "list"]);
    assert_ran(
        &list,
        0,
        "    Do not deliver: Almond tart. Tree nut allergy, life-threatening; it contains\n    almond.",
    );
    assert_ran(&to_ida(&["gesture", "cancel", "--gesture", "g1", "--reason", "allergic"]), 0, "is free again");

    let give = ["give", "--venue", "v", "--type", "tea", "--role", "head"];
    assert_ran(&gesture(&give), 0, "given as g4; its delivery is owed as f5\n");
    let brought = ["recovery", "complete", "--follow-up", "f5", "--identity", "loyalty:GC-1017"];
    assert_ran(&shell.on_store(&brought), 0, "noted as kept\n");
    assert_ran(&gesture(&["outcome", "--gesture", "g4", "--outcome", "delighted"]), 0, "noted\n");
    let list = gesture(&["list"]);
    assert_ran(&list, 0, "g4  DELIVERED  tea");
    assert_ran(&list, 0, "tea: AUGMENTED; given 1, delighted 1, declined 0");
}

#[test]
fn feedback_and_referrals_are_recorded() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let who = ["--identity", "loyalty:GC-1017", "--venue", "v", "--at", STAY];
    let feedback =
        |rest: &[&str]| shell.on_store(&[&["record", "feedback", "--external-id", "f1"], rest, &who].concat());
    let recorded = feedback(&["--score", "4", "--scale", "1-5"]);
    assert_ran(&recorded, 0, "the interaction was recorded for ");
    assert_ran(&feedback(&["--score", "4", "--scale", "1-5"]), 0, "was recorded before");
    let beyond = feedback(&["--score", "6", "--scale", "1-5"]);
    assert!(beyond.code == Some(1) && beyond.err.contains("feedback.score"), "{}", beyond.err);
    assert_ran(&feedback(&["--score", "4", "--scale", "five"]), 2, "");
    let referral = |brought: &str| shell.on_store(&[&["record", "referral", "--brought", brought], &who[..]].concat());
    assert_ran(&referral(&"0".repeat(26)), 0, "the interaction was recorded for ");
    let id = recorded.out.split("recorded for ").nth(1).expect("an id").trim();
    let itself = referral(id.split_whitespace().next().expect("an id"));
    assert!(itself.code == Some(1) && itself.err.contains("referral.referred_customer_id"), "{}", itself.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_fed_and_asked_like_a_store() {
    let world = World::bare(Backend::Redb).await;
    let url = format!("http://{}", world.server.address);
    let run = move || {
        let shell = Shell::new();
        shell.write("in.ndjson", &[POLICY, CUSTOMER, PURCHASE]);
        let import = ["import", "in.ndjson", "--server", &url];
        assert_ran(&shell.run(&import), 0, "1 created, 0 unchanged");
        assert_ran(&shell.run(&import), 0, "0 created, 1 unchanged");
        assert_ran(&shell.run(&[&["brief", "--server", &url], &ELENA[..]].concat()), 0, "Ms Marchetti");
        let unknown = shell.run(&["brief", "--server", &url, "--identity", "loyalty:GC-1017", "--venue", "nowhere"]);
        assert_ran(&unknown, 1, "");
        assert!(unknown.err.contains("venue_id"), "{}", unknown.err);
    };
    tokio::task::spawn_blocking(run).await.expect("passes");
}

#[test]
fn calling_it_wrongly_is_2_and_help_is_0() {
    let shell = Shell::new();
    let wrong: [&[&str]; 7] = [
        &[],
        &["import"],
        &["brief", "--venue", "v"],
        &["brief", "--venue", "v", "--identity", "GC-1017"],
        &["brief", "--venue", "v", "--identity", "loyalty:1", "--server", "http://h:1", "--store", "redb:data"],
        &["brief", "--venue", "v", "--identity", "loyalty:1", "--tenant", "t"],
        &["record", "evidence", "--staff", "o'neill"],
    ];
    for args in wrong {
        let ran = shell.run(args);
        assert!(ran.code == Some(2) && ran.out.is_empty() && !ran.err.is_empty(), "{args:?}: {:?}", ran.code);
    }
    assert_ran(&shell.run(&["--version"]), 0, concat!("rapport ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_ran(
        &shell.run(&["--help"]),
        0,
        "Exit codes: 0 done, 1 not or only partly done, 2 called wrongly; `fsck` has its own.",
    );
}

#[test]
fn what_cannot_be_reached_is_1_and_says_what_to_do() {
    let shell = Shell::new();
    // Port 1 is for a service of the seventies.
    let away = shell.run(&[&["brief", "--server", "http://127.0.0.1:1"], &ELENA[..]].concat());
    assert_ran(&away, 1, "");
    assert!(away.err.contains("rapport serve"), "{}", away.err);
    let missing = shell.on_store(&["import", "missing.ndjson"]);
    assert_ran(&missing, 1, "");
    assert!(missing.err.contains("cannot read missing.ndjson"), "{}", missing.err);
}

#[test]
fn all_faults_of_the_configuration_are_told_together() {
    let ran = Shell::new().run(&["serve", "--listen", "here", "--store", "mongodb://h", "--connections-max", "0"]);
    assert_ran(&ran, 2, "");
    for name in ["--listen", "--store", "--connections-max"] {
        assert!(ran.err.contains(name), "{name}: {}", ran.err);
    }
}
