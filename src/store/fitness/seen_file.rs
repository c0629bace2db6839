//! The file with the note of what was seen.

use std::{
    fs,
    io::{self, ErrorKind, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicI64},
    time::Duration,
};

use super::seen::Note;

/// How often the note is written while the stores are whole, and once more when a server stops. Each time the disk syncs a file, which a small one should
/// not do each second for this. After a crash, a copy of both stores that is younger than this is not told.
const WRITE_EVERY: Duration = Duration::from_mins(1);
/// What is added to the name of a note that is being written.
const DRAFT: &str = ".new";
/// What to do where something else lies in its place.
const FOREIGN: &str = "it is left as it is; name another file with `seen-file`";
/// What is read of a note. One has about 1 KiB, and the cause in it a few lines; whatever is larger is something else.
const READ_MAX: u64 = 64 * 1024;

/// The file with the note of two stores.
pub struct SeenFile {
    pub(super) path: PathBuf,
    state: Mutex<State>,
    /// When the ends were noted last, as who calls says.
    pub(super) now_ms: AtomicI64,
}

#[derive(Default)]
pub(super) struct State {
    note: Option<Note>,
    /// Whether this process has written it.
    is_own: bool,
    /// Whether something else lies there, which stays: an operator may have named a file of the store.
    is_foreign: bool,
    /// Whether the last attempt to write it failed: that is told once.
    pub(super) is_failing: bool,
}

impl SeenFile {
    /// Reads the note, if there is one. One that does not read tells nothing, and is written anew; what does not begin as one is left as it is.
    pub fn open(path: PathBuf) -> Self {
        let note = match read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|fault| fault.to_string()).map(Some),
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault.to_string()),
        };
        let note = note.unwrap_or_else(|cause| {
            tracing::warn!(%cause, "{} does not read: whether both stores went back since they were served last is not told", path.display());
            None
        });
        let is_foreign = !may_be_note(&path);
        Self { path, state: Mutex::new(State { note, is_foreign, ..State::default() }), now_ms: AtomicI64::new(0) }
    }

    /// Removes the note: the stores are an older copy on purpose.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn forget(path: &Path) -> io::Result<()> {
        if !may_be_note(path) {
            return Err(io::Error::other(format!("{} is no note of what was seen: {FOREIGN}", path.display())));
        }
        match fs::remove_file(path) {
            Err(fault) if fault.kind() != ErrorKind::NotFound => Err(fault),
            _ => Ok(()),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self) -> Option<Note> {
        self.state().note.clone()
    }

    /// Whether a note that says this is to be written now.
    pub(super) fn is_due(&self, note: &Note) -> bool {
        let state = self.state();
        let Some(there) = &state.note else { return true };
        let is_later = note.time_ms.abs_diff(there.time_ms) >= u64::try_from(WRITE_EVERY.as_millis()).unwrap_or(0);
        !there.says(note) && (!state.is_own || is_later || there.epoch != note.epoch || there.unfit.is_some())
    }

    /// Writes it, and believes it from now on, also where it cannot be written.
    pub(super) fn write(&self, note: Note) {
        let mut state = self.state();
        let written = if state.is_foreign {
            Err(io::Error::other(format!("something else lies there: {FOREIGN}")))
        } else {
            replace(&self.path, &serde_json::to_vec(&note).unwrap_or_default())
        };
        let is_failing = written.is_err() && state.is_failing;
        *state = State { note: Some(note), is_own: true, is_failing, ..*state };
        if let Err(cause) = written
            && !std::mem::replace(&mut state.is_failing, true)
        {
            tracing::warn!(
                %cause,
                "what is seen of the stores cannot be noted in {}: where both go back together while nobody serves them, the next start does not \
                 tell it; name a file that can be written with `seen-file`",
                self.path.display()
            );
        }
    }
}

/// Whether a note lies there, nothing, or what can be no file of anybody's: an empty file, a link to a device.
fn may_be_note(path: &Path) -> bool {
    if !fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return true;
    }
    let mut first = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(1).read_to_end(&mut first));
    read.is_ok() && first.iter().all(|byte| *byte == b'{' || byte.is_ascii_whitespace())
}

/// A pipe or a device is not opened: it may never answer, or never end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(READ_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > READ_MAX {
        return Err(io::Error::other(format!("it has more than {READ_MAX} bytes, and no note has so many")));
    }
    Ok(bytes)
}

/// Puts bytes in the place of a file: a crash leaves the one or the other.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(DRAFT);
    // Whatever a crash has left there, or somebody else.
    match fs::remove_file(&draft) {
        Err(fault) if fault.kind() != ErrorKind::NotFound => return Err(fault),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}
