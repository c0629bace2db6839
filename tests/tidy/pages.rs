//! The files that our pages and comments name: each must exist.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::root;

/// Pages that lead the reader into the code. Others also name files of the reader's own.
pub const PAGES: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/glossary.md"];
/// How the name of a file of ours ends.
const ENDINGS: &[&str] = &[CODE, ".proto", ".md", ".txt", ".svg", ".toml"];
const CODE: &str = ".rs";

/// Every file and folder of the repository: path from the root.
pub fn tree() -> BTreeSet<String> {
    const SKIPPED: &[&str] = &["target", "node_modules", "venv", ".git"];
    let (mut open, mut found) = (vec![PathBuf::new()], BTreeSet::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder").map(|entry| entry.expect("an entry")) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            let path = folder.join(&name);
            found.insert(path.to_string_lossy().replace('\\', "/"));
            if entry.file_type().expect("a type").is_dir() {
                open.push(path);
            }
        }
    }
    found
}

/// Files and folders that a page names in code (between backticks, or in a fenced block) and that do not exist.
pub fn page_faults(page: &str, text: &str, tree: &BTreeSet<String>) -> Vec<String> {
    let mut is_fenced = false;
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
            continue;
        }
        let code: Vec<&str> = if is_fenced { vec![line] } else { line.split('`').skip(1).step_by(2).collect() };
        let named = code.iter().flat_map(|code| code.split_whitespace()).map(bare);
        let missing = named.filter(|name| is_path(name) && !exists(name, tree));
        faults.extend(missing.map(|name| format!("{page}:{}: names {name}, which does not exist", index + 1)));
    }
    faults
}

/// Files of ours that a comment names and that do not exist.
pub fn comment_faults(path: &str, text: &str, tree: &BTreeSet<String>) -> Vec<String> {
    let comments = text.lines().enumerate().filter_map(|(index, line)| Some((index, line.trim().strip_prefix("//")?)));
    let named = comments.flat_map(|(index, comment)| {
        comment.split(|letter: char| letter.is_whitespace() || letter == '`').map(move |word| (index, bare(word)))
    });
    let of_ours = named.filter(|(_, name)| is_path(name) && (name.ends_with(CODE) || name.starts_with("docs/")));
    let missing = of_ours.filter(|(_, name)| !exists(name, tree));
    missing.map(|(index, name)| format!("{path}:{}: names {name}, which does not exist", index + 1)).collect()
}

/// A word without the marks around it, and without the slash that folders end with or the root begins with.
fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| "()[],;:'\"".contains(letter)).trim_end_matches('.').trim_start_matches('/')
}

/// Whether a word names a file or a folder of ours: `store/keys.rs`, `keys.rs`, `store/redb`, `store/`.
fn is_path(word: &str) -> bool {
    let is_legal = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./*".contains(letter));
    let is_named =
        word.contains('/') || ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending));
    is_legal && is_named && word.starts_with(|letter: char| letter.is_ascii_lowercase() || "._A".contains(letter))
}

/// Whether some path is this one, or ends with it. A star stands for anything within a name.
fn exists(name: &str, tree: &BTreeSet<String>) -> bool {
    let name = name.trim_end_matches('/');
    tree.iter().any(|path| match name.split_once('*') {
        None => path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('/')),
        Some((before, after)) => path.starts_with(before) && path.ends_with(after),
    })
}

#[test]
fn a_name_of_a_file_that_does_not_exist_is_found() {
    let tree = tree();
    for wrong in ["`domain/insight/forbidden.rs`", "see `forbidden.rs`.", "`store/redbs/`", "```\nsrc/forbidden/  what"]
    {
        assert_eq!(page_faults("a.md", wrong, &tree).len(), 1, "{wrong}");
    }
    for right in ["`src/store/redb/`", "`keys.rs`", "`/proto/rapport/v1/*_service.proto`", "forbidden.rs"] {
        assert_eq!(page_faults("a.md", right, &tree), Vec::<String>::new());
    }
    assert_eq!(comment_faults("src/a.rs", "    /// As in forbidden.rs.", &tree).len(), 1);
    assert_eq!(
        comment_faults("src/a.rs", "// See docs/gate.md.\nlet name = \"forbidden.rs\";", &tree),
        Vec::<String>::new()
    );
}
