//! Mirrors are written once: the fields of a message of the contract or of the stored record stand at most once in each
//! direction, and code that builds a message destructures its source instead of picking fields.

use std::collections::{BTreeMap, BTreeSet};

use crate::{assert_clean, files, reading};

/// Where messages are converted, the name their types have there, and the folder of their definitions.
const FOLDERS: &[(&str, &str, &str)] = &[
    ("src/grpc/convert/", "proto", "proto/rapport/v1/"),
    ("src/store/codec/", "stored", "proto/rapport/store/v1/record.proto"),
];

/// With fewer fields there is no list to speak of.
const FIELDS_MIN: usize = 3;
/// Per cent of a message's fields that make a list its own.
const SHARE: usize = 60;

/// Conversions that take apart and build by hand, and why no table can.
const BY_HAND: &[(&str, &str)] = &[
    ("CountRef", "one of a log entry's tasks; the others need the entry's tenant"),
    ("Customer", "each part only as purpose, consent and role allow"),
    ("Interaction", "what it must say depends on its kind, and who it is of is no field of it"),
    ("Others", "columns for the items, some of them held back"),
    ("Policy", "the domain's has a private index"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    In,
    Out,
}

/// A message's name with the names of its fields.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// `path::Type { … }` in the code.
struct List<'a> {
    path: &'a str,
    before: &'a str,
    body: &'a str,
    after: &'a str,
}

#[test]
fn mirrors_are_written_once() {
    let (rust, protos) = (files("rs"), files("proto"));
    for (folder, prefix, definitions) in FOLDERS {
        let messages =
            protos.iter().filter(|(path, _)| path.starts_with(definitions)).flat_map(|(_, text)| fields(text));
        let messages: Messages = messages.filter(|(_, fields)| fields.len() >= FIELDS_MIN).collect();
        let texts = rust.iter().filter(|(path, _)| path.starts_with(folder) && !path.contains("tests"));
        let code: Vec<(&str, String)> = texts.map(|(path, text)| (path.as_str(), reading::code(text))).collect();
        let counted = count(&code, prefix, &messages);
        println!(
            "{folder}: {} messages with {FIELDS_MIN} fields or more, each list once in a direction",
            counted.len()
        );
        assert!(!counted.is_empty(), "no mirrors found in {folder}");
        assert_clean(faults(&code, prefix, &messages));
    }
}

fn faults(code: &[(&str, String)], prefix: &str, messages: &Messages) -> Vec<String> {
    let mut faults = Vec::new();
    for ((name, direction), times) in count(code, prefix, messages) {
        if times > 1 {
            faults.push(format!("the fields of {prefix}::{name} stand {times} times, {direction:?}: write them once"));
        }
    }
    for (path, text) in code {
        for (line, length) in reading::functions(text) {
            let function: Vec<&str> = text.lines().skip(line - 1).take(length).collect();
            faults
                .extend(by_hand(&function.join("\n"), prefix, messages).map(|fault| format!("{path}:{line}: {fault}")));
        }
    }
    faults
}

/// How often the fields of each message stand in each direction.
fn count(code: &[(&str, String)], prefix: &str, messages: &Messages) -> BTreeMap<(String, Direction), usize> {
    let mut counted = BTreeMap::new();
    for list in code.iter().flat_map(|(_, text)| lists(text)) {
        let Some((name, directions)) = directions(&list, prefix) else {
            continue;
        };
        if messages.contains_key(name) && !list.body.contains("..") {
            for direction in directions {
                *counted.entry((name.to_owned(), *direction)).or_insert(0) += 1;
            }
        }
    }
    counted
}

/// Which message a list is of, and which way it goes.
fn directions<'a>(list: &List<'a>, prefix: &str) -> Option<(&'a str, &'static [Direction])> {
    let before = list.before.trim_end();
    if let Some(of) = before.strip_suffix("=>").map(str::trim_end).filter(|_| !list.path.contains("::")) {
        // parse!(field, raw: proto::Message => Domain { … })
        let (rest, path) = of.rsplit_once(' ')?;
        return rest.ends_with("raw:").then_some((path.strip_prefix(prefix)?.strip_prefix("::")?, &[Direction::In]));
    }
    let name = list.path.strip_prefix(prefix)?.strip_prefix("::")?;
    if before.ends_with("->") {
        return None; // A function's answer, before its body.
    }
    if before.strip_suffix('=').is_some_and(|rest| rest.trim_end().rsplit('(').next().is_some_and(is_word))
        && before.rsplit_once('(').is_some_and(|(called, _)| called.ends_with("mirror!"))
    {
        return Some((name, &[Direction::In, Direction::Out]));
    }
    let after = list.after.trim_start_matches([')', ' ', '\n']);
    let is_pattern = after.starts_with(['=', '|', ':']) && !after.starts_with("==");
    Some((name, if is_pattern { &[Direction::In] } else { &[Direction::Out] }))
}

/// What a function does by hand that a table does better.
fn by_hand(function: &str, prefix: &str, messages: &Messages) -> impl Iterator<Item = String> {
    let lists: Vec<List<'_>> = lists(function).collect();
    let mut faults = Vec::new();
    for list in &lists {
        let Some((name, [direction])) = directions(list, prefix) else {
            continue;
        };
        let Some(fields) = messages.get(name).filter(|_| list.path.contains("::") && !list.body.contains("..")) else {
            continue;
        };
        let is_list = |names: &BTreeSet<&str>| {
            let shared = names.iter().filter(|name| fields.contains(**name)).count();
            shared >= FIELDS_MIN && shared * 100 >= fields.len() * SHARE
        };
        if BY_HAND.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let others = lists.iter().filter(|other| other.path != list.path && !other.path.starts_with(prefix));
        if others.clone().any(|other| is_list(&entries(other.body))) {
            faults.push(format!("the fields of {prefix}::{name} are taken apart and listed again: use a table"));
        }
        if *direction == Direction::Out && picked(list.body).values().any(is_list) {
            faults.push(format!("{prefix}::{name} is made of picked fields: take the source apart whole"));
        }
    }
    faults.into_iter()
}

/// All lists in the code: a type's path and what its braces hold.
fn lists(code: &str) -> impl Iterator<Item = List<'_>> {
    code.match_indices('{').filter_map(|(open, _)| {
        let head = code[..open].trim_end();
        let start = head.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').map_or(0, |at| at + 1);
        let path = &head[start..];
        let is_type = path.rsplit("::").next()?.starts_with(|c: char| c.is_uppercase());
        let close = is_type.then(|| closing(&code[open..])).flatten()? + open;
        Some(List { path, before: &code[..start], body: &code[open + 1..close], after: code[close + 1..].trim_start() })
    })
}

fn closing(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    code.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// The names at which the entries of a list begin.
fn entries(body: &str) -> BTreeSet<&str> {
    let (mut depth, mut start, mut found) = (0_i32, 0, BTreeSet::new());
    for (at, c) in body.char_indices().chain([(body.len(), ',')]) {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                let entry = body[start..at].trim();
                let end = entry.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(entry.len());
                found.insert(&entry[..end]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// Names read as `value.name`, by value.
fn picked(body: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let words: Vec<&str> = body.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').collect();
    for (value, name) in words.iter().filter_map(|word| word.split_once('.')) {
        found.entry(value).or_default().insert(name.split('.').next().unwrap_or(name));
    }
    found
}

fn is_word(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The messages of a definition with their fields.
fn fields(proto: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut messages: Vec<(String, BTreeSet<String>)> = Vec::new();
    for line in proto.lines().map(str::trim) {
        let words: Vec<&str> = line.split([' ', ';']).collect();
        match words[..] {
            ["message", name, ..] => messages.push((name.to_owned(), BTreeSet::new())),
            ["enum" | "service", ..] => messages.push((String::new(), BTreeSet::new())),
            [.., name, "=", _, _] if !line.starts_with("//") => {
                if let Some((_, fields)) = messages.last_mut() {
                    fields.insert(name.to_owned());
                }
            }
            _ => {}
        }
    }
    messages.retain(|(name, _)| !name.is_empty());
    messages
}

#[test]
fn a_list_that_stands_twice_is_found() {
    let definition = "message Level {\n  uint32 visits = 1;\n  // Days.\n  uint32 days = 2;\n  uint32 voices = 3;\n}";
    let messages: Messages = fields(definition).into_iter().collect();
    let found = |code: &str| faults(&[("a.rs", code.to_owned())], "proto", &messages).len();
    let right = [
        "send!(Level => proto::Level { visits, days, voices });",
        "send!(Level => proto::Level { visits, days });\n\
         fn a() -> Parsed<Level> {\n parse!(field, raw: proto::Level => Level { visits: up, days, voices })\n}",
        "fn a(raw: proto::Level) -> Rule {\n let proto::Level { visits, days, voices } = raw;\n Rule { all: [visits] }\n}",
        "fn a(level: proto::Level) -> proto::Level {\n proto::Level { days: 1, ..level }\n}",
    ];
    for code in right {
        assert_eq!(found(code), 0, "{code}");
    }
    let wrong = [
        "send!(Level => proto::Level { visits, days, voices });\n\
         fn a() -> proto::Level {\n proto::Level { visits: 1, days: 2, voices: 3 }\n}",
        "fn a() {\n parse!(field, raw: proto::Level => Level { visits, days, voices })\n}\n\
         fn b() {\n parse!(field, raw: proto::Level => Level { visits, days, voices })\n}",
        "fn a(raw: proto::Level) -> Level {\n let proto::Level { visits, days, voices } = raw;\n\
         Level { visits: up(visits), days, voices }\n}",
        "fn a(level: &Level) -> proto::Level {\n\
         proto::Level { visits: level.visits, days: number(level.days), voices: level.voices }\n}",
    ];
    for code in wrong {
        assert_eq!(found(code), 1, "{code}");
    }
    let stored = [("a.rs", "mirror!(Level = stored::Level { visits, days, voices });".repeat(2))];
    assert_eq!(faults(&stored, "stored", &messages).len(), 2);
}
