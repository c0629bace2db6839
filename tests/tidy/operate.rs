//! The table of faults in docs/operate.md: a test runs each row, and no row takes many commands. A row and its tests know each other by
//! the words in bold with which the row begins: a test's comment has a line `Fault: WORDS.`

use std::{collections::BTreeSet, fs};

use super::{assert_clean, files, reading::code, root};

const PAGE: &str = "docs/operate.md";
const SECTION: &str = "## When something fails";
/// From what is seen to serving again.
const COMMANDS_MAX: usize = 10;
const MARK: &str = "/// Fault: ";
/// How a command begins: a program's name, or one of Redis'.
const COMMANDS: &[&str] =
    &["rapport ", "redis-cli ", "systemctl ", "kubectl ", "docker ", "cp ", "mv ", "chown ", "CONFIG "];

/// A row: the words by which it is known, and what is to be done.
struct Row {
    fault: String,
    cure: String,
}

#[test]
fn a_test_runs_every_fault_that_operators_read_of() {
    let page = fs::read_to_string(root().join(PAGE)).expect(PAGE);
    let rows = rows(&page);
    assert!(rows.len() > 20, "the table of faults was not found");
    let named: Vec<(String, String)> = files("rs")
        .iter()
        .filter(|(path, _)| path.starts_with("tests/") && !path.starts_with("tests/tidy"))
        .flat_map(|(path, text)| marks(path, text))
        .collect();
    assert_clean(mark_faults(&rows, &named));
    let pages =
        [(PAGE, page), ("docs/maintenance.md", fs::read_to_string(root().join("docs/maintenance.md")).unwrap())];
    assert_clean(rows.iter().filter_map(|row| {
        let count = commands(&row.cure, &pages);
        (count > COMMANDS_MAX).then(|| format!("{PAGE}: {}: {count} commands, at most {COMMANDS_MAX}", row.fault))
    }));
}

fn rows(page: &str) -> Vec<Row> {
    let section = page.split(SECTION).nth(1).unwrap_or_default();
    let table = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let fault = line.split("**").nth(1)?.to_owned();
        let cure = line.trim_end_matches('|').rsplit_once(" | ")?.1.to_owned();
        Some(Row { fault, cure })
    };
    table
        .skip(2)
        .map(|line| row(line).unwrap_or_else(|| panic!("{PAGE}: a row without words in bold: {line}")))
        .collect()
}

/// The faults that tests of a file run, each with where; `Err` in place of the fault where no test follows.
fn marks(path: &str, text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let code = code(text);
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(fault) = line.strip_prefix(MARK).map(|fault| fault.trim_end_matches('.')) else { continue };
        let rest = lines[index..].iter().take_while(|line| !line.contains("fn ")).count();
        let head = &lines[index..index + rest];
        let function = lines.get(index + rest).copied().unwrap_or_default();
        let name = function.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).unwrap_or_default();
        let is_attributed = head.iter().any(|line| line.starts_with("#[test") || line.starts_with("#[tokio::test"));
        // Scenarios are named once more, in the list of those that run on both backends.
        let is_listed = code
            .split_once("on_both!(")
            .and_then(|(_, rest)| rest.split_once(");"))
            .is_some_and(|(list, _)| list.split(',').any(|listed| listed.trim() == name));
        let at = format!("{path}:{}", index + 1);
        if is_attributed || is_listed {
            found.push((fault.to_owned(), at));
        } else {
            found.push((String::new(), at));
        }
    }
    found
}

fn mark_faults(rows: &[Row], named: &[(String, String)]) -> Vec<String> {
    let known: BTreeSet<&str> = rows.iter().map(|row| row.fault.as_str()).collect();
    let run: BTreeSet<&str> = named.iter().map(|(fault, _)| fault.as_str()).collect();
    let rows = rows.iter().filter(|row| !run.contains(row.fault.as_str()));
    let mut faults: Vec<String> = rows.map(|row| format!("{PAGE}: no test runs \"{}\"", row.fault)).collect();
    for (fault, at) in named.iter().filter(|(fault, _)| !known.contains(fault.as_str())) {
        faults.push(match fault.as_str() {
            "" => format!("{at}: no test follows"),
            fault => format!("{at}: {PAGE} has no row \"{fault}\""),
        });
    }
    faults
}

/// The commands that a cure names, and those of the sections that it leads to.
fn commands(cure: &str, pages: &[(&str, String)]) -> usize {
    let named = |text: &str| {
        let spans = text.split('`').skip(1).step_by(2);
        spans.filter(|span| COMMANDS.iter().any(|begin| span.starts_with(begin))).count()
    };
    let links = cure.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let sections = links.filter_map(|link| link.split_once('#')).map(|(file, anchor)| {
        let (name, text) = pages
            .iter()
            .find(|(name, _)| file.is_empty() && *name == PAGE || !file.is_empty() && name.ends_with(file))
            .unwrap_or_else(|| panic!("{file}: no page that is read here"));
        let steps = section(text, anchor).unwrap_or_else(|| panic!("{name}: no section {anchor}"));
        // Only what is numbered is to be done, one after the other.
        steps.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).map(named).sum::<usize>()
    });
    named(cure) + sections.sum::<usize>()
}

/// The text under a heading, by the anchor that it has on the page.
fn section<'a>(text: &'a str, anchor: &str) -> Option<&'a str> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let Some(heading) = line.strip_prefix('#') else { continue };
        let plain = heading.trim_start_matches('#').trim().to_lowercase();
        let own: String = plain
            .chars()
            .filter_map(|c| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || c == '-').then_some(c) })
            .collect();
        if own == anchor {
            let rest = &text[at..];
            return Some(&rest[..rest.find("\n#").unwrap_or(rest.len())]);
        }
    }
    None
}

#[test]
fn a_row_that_no_test_runs_and_a_mark_without_a_row_are_found() {
    let page = "## When something fails\n\n| fault | callers see | you do |\n|---|---|---|\n| **Fire**, or smoke | heat | \
        `rapport fsck`, then [adopt](#adopt) |\n| **Flood** | water | wait |\n\n## Adopt\n\n1. `rapport store adopt`\n2. `cp a b`, `rapport fsck`\n";
    let rows = rows(page);
    assert_eq!(rows.iter().map(|row| row.fault.as_str()).collect::<Vec<_>>(), ["Fire", "Flood"]);
    assert_eq!(commands(&rows[0].cure, &[(PAGE, page.to_owned())]), 4);
    let found = |text: &str| mark_faults(&rows, &marks("a.rs", text)).len();
    let both =
        "on_both!(b, c);\n/// Fault: Fire.\n#[test]\nfn a() {}\n/// Fault: Flood.\nasync fn b(world: World) {}\n";
    assert_eq!(found(both), 0);
    assert_eq!(found(&both.replace("Flood", "Frost")), 2, "a row without a test, and a test without a row");
    assert_eq!(found(&both.replace("#[test]\n", "")), 2, "a mark on what is no test runs nothing");
}
