//! `rapport import` as a user runs it, against a real server or a store: bad files, CSV, compression, and going on.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    command_line::{CUSTOMER, POLICY, PURCHASE, Shell, assert_ran},
    common::scaled,
};

const GUESTS: &[u8] = include_bytes!("../../examples/csv/guests.csv");
const GUESTS_MAP: &str = include_str!("../../examples/csv/guests.toml");
const SALES: &[u8] = include_bytes!("../../examples/csv/sales.csv");
const SALES_MAP: &str = include_str!("../../examples/csv/sales.toml");

impl Shell {
    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).expect("written");
    }

    /// Line and reason of all rejections, by line.
    fn rejects(&self, name: &str) -> Vec<(u64, String)> {
        let path = self.folder.path().join(format!("{name}.rejects.ndjson"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let row = |line: &str| {
            let row: Value = line.parse().expect("JSON");
            (row["line"].as_u64().expect("a line"), row["reason"].as_str().expect("a reason").to_owned())
        };
        let mut rows: Vec<_> = text.lines().map(row).collect();
        rows.sort();
        rows
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    /// A shell whose store has a policy with the venue of the sales.
    fn with_policy() -> Self {
        let shell = Self::new();
        shell.write("policy.ndjson", &[&POLICY.replace("\"venueId\": \"v\"", "\"venueId\": \"zrh-lakeside\"")]);
        assert_ran(&shell.on_store(&["import", "policy.ndjson"]), 0, "1 set");
        shell
    }

    fn with_guests() -> Self {
        let shell = Self::with_policy();
        shell.put("guests.csv", GUESTS);
        shell.put("guests.toml", GUESTS_MAP.as_bytes());
        shell.put("sales.toml", SALES_MAP.as_bytes());
        assert_ran(&shell.on_store(&["import", "--map", "guests.toml", "guests.csv"]), 0, "4 created");
        shell
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).expect("memory")
}

fn reasons(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(line, reason)| (*line, (*reason).to_owned())).collect()
}

/// Rows of one customer, each on a line of its own.
fn visits(rows: std::ops::Range<usize>) -> String {
    rows.map(|row| {
        PURCHASE.replace('\n', " ").replace("\"externalId\": \"1\"", &format!("\"externalId\": \"{row}\"")) + "\n"
    })
    .collect()
}

#[test]
fn a_guest_list_and_a_tills_export_become_a_briefing() {
    let shell = Shell::with_guests();
    shell.put("sales.csv", SALES);
    let sales = ["import", "--map", "sales.toml", "sales.csv"];
    assert_ran(&shell.on_store(&sales), 0, "3 recorded, 0 repeated");
    assert_ran(&shell.on_store(&sales), 0, "0 recorded, 3 repeated");
    assert_ran(&shell.on_store(&["import", "--map", "guests.toml", "guests.csv"]), 0, "0 created, 4 unchanged");
    let brief = ["brief", "--json", "--identity", "pms@hotel:1017", "--venue", "zrh-lakeside"];
    let briefing = shell.on_store(&brief);
    for text in ["Tree nut allergy", "Diet: vegetarian", "Ms Marchetti"] {
        assert_ran(&briefing, 0, text);
    }
}

#[test]
fn bad_rows_of_a_table_are_set_aside_and_good_ones_kept() {
    let shell = Shell::with_guests();
    let header = "Receipt,Date,Time,Guest No,Covers,Item,Category,Qty,Amount\n";
    let row = |receipt: &str, guest: &str, item: &str, amount: &str| {
        format!("{receipt},14.03.2026,19:42,{guest},1,{item},Food,1,{amount}\n")
    };
    let mut table = header.to_owned();
    table += &(row("1", "1017", "Soup", "9.00") + &row("1", "1017", "Bread", "2.00")); // 2, 3: good
    table += &row("2", "1017", "Soup", "nine"); // 4
    table += &row("2", "1017", "Bread", "2.00"); // 5: of the same purchase
    table += &row("3", "9999", "Soup", "9.00"); // 6: nobody
    table += &row("1", "1017", "Late", "1.00"); // 7: of a purchase that had ended
    table += &(row("4", "1017", "Tea", "4.00") + "4,14.03.2026\n" + &row("5", "1017", "Tea", "4.00")); // 8 to 10
    table += &(row("6", "1017", "Tea", "4.00") + &row("6", "1018", "Tea", "4.00")); // 11, 12: two customers
    table += &row("7", "1017", "Cake", "5.00"); // 13: beside the next
    table += &row("8", "1017", "\"Open", "5.00"); // 14
    table += &row("9", "1017", "Cake", "5.00"); // 15: beside it
    let mut bytes = (table + &row("10", "1017", "Caf?", "5.00") + &row("11", "1018", "Cake", "5.00")).into_bytes();
    let place = bytes.iter().position(|byte| *byte == b'?').expect("is there");
    bytes[place] = 0xe9; // 16: Latin-1, and 17 beside it
    shell.put("sales.csv", &bytes);
    let import = ["import", "--map", "sales.toml", "sales.csv"];
    assert_ran(&shell.on_store(&import), 1, "1 recorded, 0 repeated");
    let expected = [
        (4, "INVALID_VALUE"),
        (5, "GROUP_REFUSED"),
        (6, "IDENTITY_UNKNOWN"),
        (7, "GROUP_SCATTERED"),
        (8, "GROUP_REFUSED"),
        (9, "WRONG_COLUMNS"),
        (10, "GROUP_REFUSED"),
        (11, "GROUP_DIFFERS"),
        (12, "GROUP_DIFFERS"),
        (13, "GROUP_REFUSED"),
        (14, "CUT_OFF_OR_INVALID"),
        (15, "GROUP_REFUSED"),
        (16, "NOT_UTF8"),
        (17, "GROUP_REFUSED"),
    ];
    assert_eq!(shell.rejects("sales.csv"), reasons(&expected));
    assert_ran(&shell.on_store(&import), 1, "0 recorded, 1 repeated");
    assert_eq!(shell.rejects("sales.csv"), reasons(&expected), "a rerun says the same");
}

#[test]
fn a_wrong_column_is_told_before_anything_is_taken_in() {
    let shell = Shell::with_guests();
    shell.put("other.csv", b"Guest;E-mail\n1;a@example.com\n");
    let ran = shell.on_store(&["import", "--map", "guests.toml", "other.csv"]);
    assert_ran(&ran, 1, "0 records");
    assert!(ran.err.contains("\"Guest No\": the header does not have it"), "{}", ran.err);
    let latin = [&b"Gar\xe7on;Gu"[..], GUESTS].concat();
    for (bytes, message) in [(&latin[..], "not UTF-8"), (b"\xff\xfeG\0u\0", "UTF-16"), (b"", "empty")] {
        shell.put("other.csv", bytes);
        let ran = shell.on_store(&["import", "--map", "guests.toml", "other.csv"]);
        assert!(ran.code == Some(1) && ran.err.contains(message), "{message}: {}", ran.err);
    }
    shell.put("wrong.toml", b"[customer]\ncolour = 'red'");
    let ran = shell.on_store(&["import", "--map", "wrong.toml", "guests.csv"]);
    assert!(ran.code == Some(2) && ran.err.contains("customer.colour"), "{}", ran.err);
}

#[test]
fn what_a_file_is_packed_with_is_told_by_its_bytes() {
    let shell = Shell::new();
    let rows = [POLICY, CUSTOMER, PURCHASE].map(|row| row.replace('\n', " ")).join("\n");
    shell.put("a", &gzip(rows.as_bytes()));
    shell.put("b", &zstd(visits(1..4).as_bytes()));
    shell.put("c", b"{}\n");
    let ran = shell.on_store(&["import", "a", "b", "c"]);
    assert_ran(&ran, 1, "1 recorded, 0 repeated");
    assert_ran(&ran, 1, "2 recorded, 1 repeated");
    assert_eq!((shell.rejects("a"), shell.rejects("b")), (vec![], vec![]), "each file has rejections of its own");
    assert_eq!(shell.rejects("c"), reasons(&[(1, "EMPTY_ROW")]));
}

#[test]
fn standard_input_may_be_packed_too() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "1 created");
    let mut command = shell.command(&["import", "-", "--store", "redb:data", "--log-level", "warn"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program was built");
    child.stdin.take().expect("a pipe").write_all(&zstd(visits(0..3).as_bytes())).expect("read");
    let output = child.wait_with_output().expect("ends");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success() && out.contains("3 recorded"), "{out}");
    assert!(!shell.has("stdin.progress.json"), "nobody can read it again");
}

#[test]
fn a_file_that_was_cut_off_is_kept_as_far_as_it_goes() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "1 created");
    let whole = visits(0..2_000);
    for (pack, name) in [(gzip as fn(&[u8]) -> Vec<u8>, "gz"), (zstd, "zst")] {
        let packed = pack(whole.as_bytes());
        shell.put(name, &packed[..packed.len() - 8]);
        assert_ran(&shell.on_store(&["import", name]), 1, "rejected      1");
        let rejects = shell.rejects(name);
        assert_eq!(rejects[0].1, "FILE_CUT_OFF");
        shell.put(name, &packed);
        assert_ran(&shell.on_store(&["import", name]), 0, "rejected      0");
        assert!(!shell.has(&format!("{name}.progress.json")), "it came to its end");
    }
    shell.put("plain", &whole.as_bytes()[..whole.len() - 20]);
    assert_ran(&shell.on_store(&["import", "plain"]), 1, "rejected      1");
    assert_eq!(shell.rejects("plain"), reasons(&[(2_000, "CUT_OFF_OR_INVALID")]));
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_stopped() {
    let shell = Shell::new();
    let mut rows = [POLICY, CUSTOMER, "{}"].map(|row| row.replace('\n', " ")).join("\n") + "\n";
    rows += &visits(0..40_000);
    shell.put("in.ndjson", rows.as_bytes());
    let mut command = shell.command(&["import", "in.ndjson", "--store", "redb:data", "--log-level", "warn"]);
    let mut child = command.stdout(Stdio::null()).spawn().expect("the program was built");
    while !shell.has("in.ndjson.progress.json") {
        assert!(child.try_wait().expect("is a child").is_none(), "it ended before it could be killed");
        std::thread::yield_now();
    }
    child.kill().expect("runs");
    child.wait().expect("ends");
    let ran = shell.on_store(&["import", "in.ndjson"]);
    assert_ran(&ran, 1, "records of an earlier run");
    assert_eq!(shell.rejects("in.ndjson"), reasons(&[(3, "EMPTY_ROW")]), "kept from the first run, and once");
    let sum = |out: &str| -> u64 {
        let line = out.lines().find(|line| line.contains("recorded")).expect("a summary");
        line.split(' ').filter_map(|word| word.parse::<u64>().ok()).sum()
    };
    assert_eq!(sum(&ran.out), 40_000, "each row was sent, by one run or the other");
    assert!(!shell.has("in.ndjson.progress.json"));
    let again = shell.on_store(&["import", "in.ndjson"]);
    assert_ran(&again, 1, "0 recorded, ");
    assert_eq!(sum(&again.out), 40_000);
}

#[test]
fn another_file_or_another_store_starts_anew() {
    let shell = Shell::new();
    let rows = [POLICY, CUSTOMER].map(|row| row.replace('\n', " ")).join("\n") + "\n" + &visits(0..2_000);
    // The newest stays in the history; which others do, being of one moment, is chance.
    let rows = rows.replacen("2026-03-02T", "2026-03-03T", 1);
    let packed = gzip(rows.as_bytes());
    // Broken off after its first checkpoint.
    shell.put("in", &packed[..packed.len() - 8]);
    assert_ran(&shell.on_store(&["import", "in"]), 1, "1 created");
    assert!(shell.has("in.progress.json"));
    let elsewhere =
        ["import", "in", "--store", "redb:elsewhere", "--keys", "file:elsewhere-keys", "--log-level", "warn"];
    let ran = shell.run(&elsewhere);
    assert!(ran.err.contains("starting anew"), "{}", ran.err);
    assert_ran(&ran, 1, "1 created");
    assert_ran(&shell.run(&elsewhere), 1, "records of an earlier run");
    assert!(!shell.run(&[&elsewhere[..], &["--from-start"]].concat()).out.contains("earlier run"));
    shell.put("in", rows.replacen("chinotto", "aranciata", 1).as_bytes());
    let ran = shell.run(&elsewhere);
    assert!(ran.err.contains("starting anew") && !ran.out.contains("earlier run"), "{}", ran.err);
    // The service refuses other content under a key it knows.
    assert_ran(&ran, 1, "rejected      1");
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let shell = Shell::with_policy();
    shell.put("guests.csv", GUESTS);
    shell.put("guests.toml", GUESTS_MAP.replace("\"halal\"", "\"nothing\"").as_bytes());
    let row = "9;;;;not an address;;;;;;\n".as_bytes();
    shell.put("guests.csv", &[GUESTS, row].concat());
    let ran = shell.on_store(&["import", "--dry-run", "--map", "guests.toml", "guests.csv"]);
    assert_ran(&ran, 1, "4 created");
    assert_ran(&ran, 1, "nothing was written");
    assert_eq!(shell.rejects("guests.csv"), reasons(&[(6, "FIELD_INVALID")]));
    assert_ran(&shell.on_store(&["import", "--map", "guests.toml", "guests.csv"]), 1, "4 created, 0 unchanged");
    assert!(!shell.has("guests.csv.progress.json"));
}

#[test]
fn a_guess_is_a_mapping_that_works_and_asks_about_precautions() {
    let shell = Shell::with_guests();
    let guess = shell.run(&["import", "--guess", "guests.csv"]);
    assert_ran(&guess, 0, "# TO CONFIRM: column \"Allergies\"");
    assert_ran(&guess, 0, "format = \"%d.%m.%Y\"");
    assert!(guess.err.contains("\"full\":\"Elena Marchetti\"") && !guess.err.contains("precautions"), "{}", guess.err);
    shell.put("guessed.toml", guess.out.as_bytes());
    let ran = shell.run(&[
        "import",
        "--map",
        "guessed.toml",
        "guests.csv",
        "--store",
        "redb:guessed",
        "--keys",
        "file:guessed-keys",
    ]);
    assert_ran(&ran, 0, "4 created");
    shell.put("sales.csv", SALES);
    let guess = shell.run(&["import", "--guess", "sales.csv"]);
    assert_ran(&guess, 0, "group_by = [\"Receipt\"]");
    assert!(guess.err.contains("101230") && guess.err.contains("2026-03-14T19:42:00Z"), "{}", guess.err);
}

/// The largest resident set of a process so far, in KiB.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn memory_does_not_grow_with_the_file() {
    // 4 MB usually, 2 GB in full: the same customer row again and again, which is unchanged each time.
    let rows = scaled(4_000, 2_000_000);
    let shell = Shell::with_policy();
    shell.put("guests.toml", GUESTS_MAP.as_bytes());
    let text = std::str::from_utf8(GUESTS).expect("UTF-8");
    let (header, row) = (text.lines().next().expect("a header"), text.lines().nth(1).expect("a row"));
    let padded = format!("{row}{}\n", " ".repeat(1_000));
    let peak = |rows: usize| {
        let mut command: Command = shell.command(&["import", "-", "--map", "guests.toml", "--store", "redb:data"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program was built");
        let mut pipe = child.stdin.take().expect("a pipe");
        writeln!(pipe, "{header}").expect("is read");
        for _ in 0..rows {
            pipe.write_all(padded.as_bytes()).expect("is read");
        }
        let peak = peak_kib(child.id()).expect("runs");
        drop(pipe);
        assert!(child.wait().expect("ends").success());
        peak
    };
    let (few, many) = (peak(rows / 4), peak(rows));
    println!("peak of {} rows: {few} KiB, of {rows} rows: {many} KiB", rows / 4);
    assert!(many < few + (64 << 10), "{few} KiB, then {many} KiB");
}

#[test]
fn feedback_and_referrals_are_taken_in() {
    const HEAD: &str = r#""source": "survey", "venueId": "zrh-lakeside", "occurTime": "2026-03-02T18:00:00Z",
        "identity": {"type": "IDENTITY_TYPE_LOYALTY", "value": "GC-1017"}"#;
    let shell = Shell::with_policy();
    let row = |key: &str, rest: &str| format!(r#"{{"interaction": {{{HEAD}, "externalId": "{key}", {rest}}}}}"#);
    let feedback = r#""kind": "INTERACTION_KIND_FEEDBACK", "feedback": {"score": 9, "scaleMax": 10}"#;
    let brought =
        r#""kind": "INTERACTION_KIND_REFERRAL", "referral": {"referredCustomerId": "00000000000000000000000000"}"#;
    let rows = [row("1", feedback), row("2", brought), row("3", &feedback.replace('9', "11"))];
    shell.write("in.ndjson", &[CUSTOMER, &rows[0], &rows[1], &rows[2]]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 1, "2 recorded, 0 repeated");
    assert_eq!(shell.rejects("in.ndjson"), [(4, "FIELD_INVALID".to_owned())]);
    let map = "[interaction]\nsource = 'survey'\nexternal_id = { column = 'No' }\nkind = 'feedback'\n\
               venue_id = 'zrh-lakeside'\noccur_time = '2026-03-02T18:00:00Z'\n\
               identity = { type = 'loyalty', value = { column = 'Card' } }\n\
               feedback = { score = { column = 'Stars' }, scale_min = 1, scale_max = 5 }\n";
    shell.put("survey.toml", map.as_bytes());
    shell.put("survey.csv", b"No,Card,Stars\n10,GC-1017,5\n11,GC-1017,0\n12,GC-1017,many\n");
    assert_ran(&shell.on_store(&["import", "--map", "survey.toml", "survey.csv"]), 1, "1 recorded, 0 repeated");
    let reasons: Vec<String> = shell.rejects("survey.csv").into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
}
