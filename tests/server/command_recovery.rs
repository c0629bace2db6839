//! What went wrong and what is owed, from a shell: the whole life of an issue, and the desk's list.

use serde_json::Value;

use super::command_line::{CUSTOMER, POLICY, Ran, Shell, assert_ran};

const WHO: [&str; 2] = ["--identity", "loyalty:GC-1017"];
/// Long after every promise of these tests.
const FAR: &str = "2099-01-01T12:00:00Z";

fn known() -> Shell {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    shell
}

fn of_customer(shell: &Shell, args: &[&str]) -> Ran {
    shell.on_store(&[&["recovery"], args, &WHO].concat())
}

/// A year ahead: neither in the past nor beyond what may be promised.
fn next_year() -> String {
    let ahead = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(365 * 24)).expect("a time");
    ahead.strftime("%Y-%m-%dT%H:%M:00Z").to_string()
}

#[test]
fn an_issue_is_opened_assigned_resolved_and_opened_again() {
    let shell = known();
    let recovery = |args: &[&str]| of_customer(&shell, args);
    assert_ran(&recovery(&["show"]), 0, "nothing went wrong, and nothing is owed\n");
    let warm = ["open", "--venue", "v", "--severity", "major", "--cause", "AIR_CONDITIONING", "--item", "Room 412"];
    assert_ran(&recovery(&[&warm[..], &["--text", "too warm to sleep"]].concat()), 0, "opened as i2\n");
    assert_ran(&recovery(&["assign", "--issue", "i2", "--owner", "jon"]), 0, "assigned to jon\n");
    let open = recovery(&["show"]);
    assert_ran(&open, 0, "i2  OPEN  MAJOR  AIR_CONDITIONING  v  Room 412  ");
    assert_ran(&open, 0, "  by mara@rapport-cli  owner: jon\n    too warm to sleep\n");
    let resolve = ["resolve", "--issue", "i2", "--resolution", "A new compressor."];
    assert_ran(&recovery(&resolve), 0, "resolved; the word with the customer is owed as f3\n");
    let again = recovery(&resolve);
    assert!(again.code == Some(1) && again.err.contains("(NOT_ACTIVE)"), "{}", again.err);
    let resolved = recovery(&["show"]);
    assert_ran(&resolved, 0, "i2  RESOLVED  MAJOR");
    assert_ran(&resolved, 0, "    resolved: A new compressor.\nf3  OPEN  ");
    assert_ran(&recovery(&["reopen", "--issue", "i2", "--reason", "warm again"]), 0, "opened again\n");
    let open: Value = recovery(&["show", "--json"]).out.parse().expect("JSON");
    assert_eq!(
        (&open["issues"][0]["state"], &open["issues"][0]["reopenCount"]),
        (&"ISSUE_STATE_OPEN".into(), &1.into())
    );
}

#[test]
fn what_is_promised_is_listed_by_pages_until_it_is_kept_or_missed() {
    let shell = known();
    let recovery = |args: &[&str]| of_customer(&shell, args);
    let list = |args: &[&str]| shell.on_store(&[&["recovery", "list", "--venue", "v"], args].concat());
    assert_ran(&list(&[]), 0, "nothing is owed\n");
    let due = next_year();
    let promise = ["promise", "--venue", "v", "--text", "Call back.", "--owner", "jon", "--place", "Room 7", "--due"];
    assert_ran(&recovery(&[&promise[..], &[&due]].concat()), 0, "promised as f2\n");
    assert_ran(&recovery(&[&promise[..], &[&due]].concat()), 0, "promised as f3\n");

    let first = list(&["--page-size", "1"]);
    assert_ran(&first, 0, "f2  OPEN  ");
    assert_ran(&first, 0, "  PROMISE  v  Room 7  owner: jon\n    Call back.\n    customer: ");
    let token = first.out.split("there may be more: --page-token ").nth(1).expect("a token").trim();
    let second = list(&["--page-size", "1", "--page-token", token]);
    assert_ran(&second, 0, "f3  OPEN  ");
    assert!(!second.out.contains("f2  "), "{}", second.out);
    assert_ran(&list(&["--today"]), 0, "nothing is owed\n");
    assert_ran(&list(&["--overdue"]), 0, "nothing is owed\n");
    let json: Value = list(&["--json"]).out.parse().expect("JSON");
    assert_eq!(json["followUps"].as_array().map(Vec::len), Some(2));

    assert_ran(&recovery(&["complete", "--follow-up", "f2", "--rating", "5"]), 0, "noted as kept\n");
    assert_ran(&recovery(&["complete", "--follow-up", "f3", "--missed"]), 0, "noted as missed\n");
    assert_ran(&list(&[]), 0, "nothing is owed\n");
    assert_ran(&recovery(&["show"]), 0, "f3  MISSED  ");
}

#[test]
fn what_must_not_be_delivered_stands_in_the_lists() {
    let shell = known();
    let promise = ["promise", "--venue", "v", "--text", "A walnut cake.", "--due", &next_year()];
    assert_ran(&of_customer(&shell, &promise), 0, "promised as f2\n");
    let lists = [of_customer(&shell, &["show"]), shell.on_store(&["recovery", "list", "--venue", "v"])];
    for list in lists {
        assert_ran(
            &list,
            0,
            "    Do not deliver: A walnut cake. Tree nut allergy, life-threatening; it\n    contains walnut.",
        );
        assert!(!list.out.contains("    A walnut cake"), "{}", list.out);
    }
    let promise = ["promise", "--venue", "v", "--text", "A tart.", "--due", &next_year()];
    assert_ran(&of_customer(&shell, &promise), 0, "promised as f3\n");
    for list in [of_customer(&shell, &["show"]), shell.on_store(&["recovery", "list", "--venue", "v"])] {
        assert_ran(&list, 0, "    A tart.\n    Check with the kitchen first.\n");
    }
}

#[test]
fn what_cannot_be_is_refused_with_its_field() {
    let shell = known();
    let open = ["open", "--venue", "v", "--severity", "minor", "--cause"];
    let promise = ["promise", "--venue", "v", "--text", "Call back.", "--due", FAR];
    let refused: [(&[&str], &str); 4] = [
        (&[&open[..], &["air conditioning"]].concat(), "issue.cause"),
        (&promise, "follow_up.due_time"),
        (&["assign", "--issue", "5", "--owner", "jon"], "issue_id"),
        (&["complete", "--follow-up", "f9"], "PART_NOT_FOUND"),
    ];
    for (args, word) in refused {
        let ran = of_customer(&shell, args);
        assert!(ran.code == Some(1) && ran.err.contains(word) && ran.out.is_empty(), "{word}: {}", ran.err);
    }
    let wrong: [&[&str]; 4] = [
        &["open", "--venue", "v", "--severity", "awful", "--cause", "NOISE"],
        &["promise", "--venue", "v", "--text", "Call back.", "--due", "tomorrow"],
        &["complete"],
        &["show", "--customer", "c"],
    ];
    for args in wrong {
        assert_ran(&of_customer(&shell, args), 2, "");
    }
    assert_ran(&shell.on_store(&["recovery", "list", "--venue", "v", "--today", "--overdue"]), 2, "");
}
