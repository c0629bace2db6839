//! The layers of the domain: which file may use which.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::resolved_paths;

/// The lowest layer first. Code uses its own layer and those above its line; layers of one line do not use each other.
const LAYERS: &[&[&str]] = &[
    &["kernel"],
    &["words"],
    &["parts"],
    &["profile"],
    &["policy"],
    &["apply"],
    &["insight"],
    &["items"],
    &["gate"],
    &["moment"],
    &["suitability"],
    &["briefing", "gesture", "review"],
];

const DOMAIN: &str = "src/domain/";

/// What a file of the domain names against the order of the layers.
pub fn layer_faults(path: &str, text: &str) -> Vec<String> {
    if !is_layered(path) {
        return Vec::new();
    }
    let own = path[DOMAIN.len()..].split(['/', '.']).next().unwrap_or_default();
    let Some(own_line) = line_of(own) else {
        return vec![format!("{path}: is in no layer of the domain")];
    };
    let mut faults = Vec::new();
    for (line, segments) in resolved_paths(path, without_tests(text)) {
        let ["crate", "domain", named, ..] = segments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
            continue;
        };
        let wrong = match line_of(named) {
            _ if named == own => continue,
            None => "inside the domain a path begins with its layer",
            Some(named_line) if named_line == own_line => "these two do not use each other",
            Some(named_line) if named_line > own_line => "a layer uses those above it only",
            Some(_) => continue,
        };
        faults.push(format!("{path}:{line}: {own} names {}: {wrong}", segments.join("::")));
    }
    faults
}

/// The files of the domain that use each other in a circle.
pub fn circle_faults(files: &[(String, String)]) -> Vec<String> {
    let paths: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).filter(|path| is_layered(path)).collect();
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| is_layered(path)) {
        let named = resolved_paths(path, without_tests(text));
        let files = named.iter().filter_map(|(_, segments)| file_of(path, segments, &paths));
        uses.insert(path, files.filter(|used| used != path).collect());
    }
    // A file that uses no remaining file, or is used by none, is in no circle.
    loop {
        let used: BTreeSet<&str> = uses.values().flatten().copied().collect();
        let (left, before): (BTreeSet<&str>, usize) = (uses.keys().copied().collect(), uses.len());
        for files in uses.values_mut() {
            files.retain(|file| left.contains(file));
        }
        uses.retain(|file, files| used.contains(file) && !files.is_empty());
        if uses.len() == before {
            break;
        }
    }
    uses.iter().map(|(file, used)| format!("{file}: in a circle with {used:?}")).collect()
}

/// Who may change a profile: the domain's apply, and the one use case that calls it.
const CHANGERS: &[&str] = &["src/domain/apply/", "src/service/edit.rs"];

/// Where a profile is changed that only `apply` may change.
pub fn change_faults(path: &str, text: &str) -> Vec<String> {
    let is_bound = path.starts_with("src/") && !is_test(path) && !CHANGERS.iter().any(|may| path.starts_with(may));
    let is_name = |char: char| char.is_ascii_lowercase() || char == '_';
    let assigns = |line: &str| {
        line.split("profile.").skip(1).any(|rest| rest.trim_start_matches(is_name).trim_start().starts_with("= "))
    };
    let lines = without_tests(text).lines().enumerate().filter(|_| is_bound);
    let wrong = lines.filter(|(_, line)| line.contains("&mut Profile") || assigns(line));
    wrong.map(|(index, _)| format!("{path}:{}: changes a profile outside domain::apply", index + 1)).collect()
}

/// The root of the domain only names what callers see; tests may use everything.
fn is_layered(path: &str) -> bool {
    path.starts_with(DOMAIN) && path != "src/domain/mod.rs" && !is_test(path)
}

pub fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("tests/") || path == "src/domain/testing.rs"
}

fn line_of(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|line| line.contains(&layer))
}

/// The code before the tests at the end of a file.
pub fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// The file that a path in another file names: that of the innermost module.
fn file_of<'a>(path: &str, segments: &[String], paths: &BTreeSet<&'a str>) -> Option<&'a str> {
    let folder = path.strip_suffix("mod.rs").unwrap_or("");
    let named = match segments {
        [first, inner @ ..] if first == "crate" => format!("src/{}", inner.join("/")),
        // A module names those below it without a beginning.
        _ if !folder.is_empty() && segments.len() > 1 => format!("{folder}{}", segments.join("/")),
        _ => return None,
    };
    let modules = std::iter::successors(Some(named.as_str()), |name| name.rsplit_once('/').map(|(outer, _)| outer));
    modules
        .flat_map(|name| [format!("{name}.rs"), format!("{name}/mod.rs")])
        .find_map(|name| paths.get(name.as_str()).copied())
}

#[test]
fn a_wrong_layer_is_found() {
    let wrong = [
        ("src/domain/kernel/a.rs", "use crate::domain::parts::issue::Issue;"),
        ("src/domain/parts/a.rs", "use super::super::policy::Venue;"),
        ("src/domain/profile.rs", "use super::apply::change::Change;"),
        ("src/domain/insight/b/a.rs", "fn f(moment: &crate::domain::moment::Moment<'_>) {}"),
        ("src/domain/suitability/a.rs", "use crate::domain::{kernel::id, gesture::Verdict};"),
        ("src/domain/gesture/a.rs", "use crate::domain::briefing::Statement;"),
        ("src/domain/briefing/mod.rs", "use crate::domain::review::Month;"),
        ("src/domain/briefing/a.rs", "use crate::domain::Profile;"),
        ("src/domain/elsewhere/a.rs", ""),
    ];
    for (path, text) in wrong {
        assert_eq!(layer_faults(path, text).len(), 1, "{path}: {text}");
    }
    let right = [
        ("src/domain/briefing/a.rs", "use super::codes; use crate::domain::{kernel::{id, time}, moment::Moment};"),
        ("src/domain/briefing/tests/mod.rs", "use crate::domain::gesture::Verdict;"),
        ("src/domain/kernel/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::domain::policy::Venue;\n}"),
        ("src/service/a.rs", "use crate::domain::Profile;"),
    ];
    for (path, text) in right {
        assert_eq!(layer_faults(path, text), Vec::<String>::new());
    }
}

#[test]
fn a_circle_is_found() {
    let files = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(path, text)| (format!("src/domain/{path}"), (*text).to_owned())).collect()
    };
    let upright = ("parts/a.rs", "use super::b::B;");
    assert_eq!(circle_faults(&files(&[upright, ("parts/b.rs", "use super::c::C;"), ("parts/c.rs", "")])).len(), 0);
    assert_eq!(circle_faults(&files(&[upright, ("parts/b.rs", "use super::a::A;"), ("parts/c.rs", "")])).len(), 2);
    let above = ("apply/mod.rs", "mod a; pub fn apply() { a::change(); }");
    assert_eq!(circle_faults(&files(&[above, ("apply/a.rs", "pub fn change() {}")])).len(), 0);
    assert_eq!(circle_faults(&files(&[above, ("apply/a.rs", "use super::apply;")])).len(), 2);
}

#[test]
fn a_profile_changed_outside_apply_is_found() {
    for text in
        ["fn note(profile: &mut Profile) {}", "profile.counted_level = Some(level);", "self.profile.asked_time = None;"]
    {
        assert_eq!(change_faults("src/domain/review/mod.rs", text).len(), 1, "{text}");
        assert_eq!(change_faults("src/domain/apply/identity.rs", text), Vec::<String>::new());
    }
    assert_eq!(change_faults("src/service/get.rs", "if profile.details == other {}"), Vec::<String>::new());
}
