//! How far an import came: a small file beside the input, with which the next run goes on.
//!
//! Starting anew is right for the same device and member of staff, because nothing is counted twice; going on is right only with
//! proof. A checkpoint counts only when the input begins with the very bytes that were read before, under the same mapping, the business
//! has the very policy it had then, and the reject file still holds what was set aside. It is written only once all rows
//! before it are acknowledged.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{prefix::Prefix, tally::Counts};

/// Of this file's form. Another one is not read: the import starts anew.
const FORM: u32 = 1;
const MODE: u32 = 0o600;

/// A place between two rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes of text before it.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: String,
}

/// What is known of a run that stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    form: u32,
    pub position: Position,
    /// Of the mapping; empty: none was used.
    mapping: String,
    /// Of the policy in force.
    policy: String,
    pub rejects_bytes: u64,
    pub counts: Counts,
}

impl Checkpoint {
    pub fn new(position: Position, mapping: &str, policy: String, rejects_bytes: u64, counts: Counts) -> Self {
        Self { form: FORM, position, mapping: mapping.to_owned(), policy, rejects_bytes, counts }
    }

    pub fn path(name: &str) -> PathBuf {
        PathBuf::from(format!("{name}.progress.json"))
    }

    /// `None`: there is none, or none that this release understands.
    pub fn load(path: &Path) -> Option<Self> {
        let text = fs::read(path).ok()?;
        serde_json::from_slice(&text).ok().filter(|found: &Self| found.form == FORM)
    }

    /// Whether it belongs to this input, this mapping, this policy and this reject file.
    pub fn holds(&self, text: impl io::Read, mapping: &str, policy: Option<&str>, rejects: &Path) -> bool {
        let rejects_bytes = fs::metadata(rejects).map_or(0, |metadata| metadata.len());
        self.mapping == mapping
            && Some(self.policy.as_str()) == policy
            && self.rejects_bytes <= rejects_bytes
            && Prefix::of(text, self.position.bytes)
                .is_ok_and(|prefix| prefix.bytes == self.position.bytes && prefix.digest() == self.position.sha256)
    }

    /// Replaces the file at once, or not at all.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut next = path.as_os_str().to_owned();
        next.push(".new");
        remove(Path::new(&next))?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&next)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&next, path)
    }
}

/// Removes a file that may not be there.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proof_lets_an_import_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, rejects) = (folder.path().join("in.progress.json"), folder.path().join("rejects"));
        fs::write(&rejects, "twelve bytes").expect("written");
        let text = b"a\nb\nc\n";
        let prefix = Prefix::of(&text[..], 4).expect("memory");
        let position = Position { bytes: 4, sha256: prefix.digest() };
        let saved = Checkpoint::new(position, "m", "p".into(), 12, Counts { row: 2, ..Counts::default() });
        saved.save(&path).expect("saved");
        saved.save(&path).expect("replaced");
        let found = Checkpoint::load(&path).expect("is there");
        assert_eq!(found, saved);
        assert!(found.holds(&text[..], "m", Some("p"), &rejects));
        assert!(found.holds(&b"a\nb\nmore"[..], "m", Some("p"), &rejects), "what follows may differ");
        assert!(!found.holds(&b"a\nB\nc\n"[..], "m", Some("p"), &rejects), "another file");
        assert!(!found.holds(&b"a\n"[..], "m", Some("p"), &rejects), "a shorter file");
        assert!(!found.holds(&text[..], "n", Some("p"), &rejects), "another mapping");
        assert!(!found.holds(&text[..], "m", Some("q"), &rejects), "another business");
        assert!(!found.holds(&text[..], "m", None, &rejects), "an empty store");
        fs::write(&rejects, "fewer").expect("written");
        assert!(!found.holds(&text[..], "m", Some("p"), &rejects), "what was set aside is gone");
    }

    #[test]
    fn what_is_no_checkpoint_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("in.progress.json");
        assert_eq!(Checkpoint::load(&path), None);
        for text in ["", "{\"form\":1", "{\"form\":2}"] {
            fs::write(&path, text).expect("written");
            assert_eq!(Checkpoint::load(&path), None, "{text}");
        }
    }
}
