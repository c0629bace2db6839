//! What was seen of both stores, noted in a file that lies in neither. Both may go back to an earlier time together, or be emptied together: then
//! nothing in them tells of it, and a process that starts later knows nothing of what the one before it has seen. The note tells.
//!
//! It says which stores were served, how far they had come, and why they were not served any more. That is how far the logs had come of all buckets
//! together, as it is noted beside the keys: a log only grows, so no clock is compared with another.

use std::{
    fs,
    io::{self, ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    CURE, ERASURES_FOUND, Fitness, Mark,
    ends::{Ends, LogEnd, NOTE_EVERY, NotedEnds, Setback, lost_since, part, time_text},
};
use crate::{
    hex::hex,
    store::{BUCKETS, LogPosition},
};

/// How often the note is written while the stores are whole, and once more when a server stops. Each time the disk syncs a file, which a small one should
/// not do each second for this. After a crash, a copy of both stores that is younger than this is not told.
const WRITE_EVERY: Duration = Duration::from_mins(1);
/// Replicas note the ends of logs side by side, and the slower one may write what it read before the other did: how long one end can be behind.
const REPLICAS_BEHIND: Duration = NOTE_EVERY.saturating_mul(2);
/// What is added to the name of a note that is being written.
const DRAFT: &str = ".new";

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    /// Of the marks, in hexadecimal digits.
    store_id: String,
    epoch: u64,
    /// How often the newest writes had been lost, and when that was seen last.
    setbacks: u64,
    setback_ms: i64,
    /// How far the logs of all buckets together had come, by what is noted beside the keys.
    ends: NotedEnds,
    /// The same by what this process alone had written since; where another process wrote into the file of an embedded store.
    reached: Option<LogEnd>,
    /// When it was noted.
    time_ms: i64,
    unfit: Option<Unfit>,
}

/// Why they were not served any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unfit {
    cause: String,
    since_ms: i64,
}

/// How far two stores have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct There {
    setbacks: u64,
    /// By the logs themselves.
    data: u64,
    /// By what is noted beside the keys.
    keys: u64,
}

impl There {
    pub(super) fn of(setback: Option<&Setback>, noted: &[NotedEnds], positions: &[LogPosition]) -> Self {
        Self {
            setbacks: setback.map_or(0, |setback| setback.times),
            data: positions.iter().map(|position| position.end).sum(),
            keys: noted.iter().filter_map(|noted| Some(noted.ends.last()?.end)).sum(),
        }
    }
}

/// What of the newest may be lost and be served all the same, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Windows {
    data: i64,
    keys: i64,
}

/// What is gone: how many changes, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) changes: u64,
    pub(super) since_ms: i64,
}

/// How the stores differ from those that the note is of.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    Others,
    BeforeAdoption,
    Older { what: &'static str, gone: Gone, are_keys_older: bool },
}

impl Note {
    fn of(mark: &Mark, ends: &Ends, window_ms: i64, time_ms: i64) -> Self {
        let setback = ends.setback.as_ref();
        Self {
            store_id: hex(&mark.store_id),
            epoch: mark.epoch,
            setbacks: setback.map_or(0, |setback| setback.times),
            setback_ms: setback.map_or(0, |setback| setback.seen_ms),
            ends: together(&ends.noted, window_ms),
            reached: None,
            time_ms,
            unfit: None,
        }
    }

    fn is_of(&self, mark: &Mark) -> bool {
        self.store_id == hex(&mark.store_id)
    }

    /// Whether it says the same, whenever it was noted.
    fn says(&self, other: &Self) -> bool {
        *self == Self { time_ms: self.time_ms, ..other.clone() }
    }

    fn difference(&self, mark: &Mark, there: There, windows: Windows) -> Option<Difference> {
        if !self.is_of(mark) {
            return Some(Difference::Others);
        }
        if mark.epoch < self.epoch {
            return Some(Difference::BeforeAdoption);
        }
        // Adopted since, or served from a replica that was behind, and noted so by another process.
        if (mark.epoch, there.setbacks) > (self.epoch, self.setbacks) {
            return None;
        }
        let newest_ms = self.ends.ends.last().map_or(0, |last| last.time_ms);
        let keys = if there.setbacks < self.setbacks {
            let is_recent = newest_ms - self.setback_ms + part(windows.keys) <= windows.keys;
            (!is_recent).then_some(Gone { changes: 1, since_ms: self.setback_ms })
        } else {
            lost_since(&self.ends, there.keys, windows.keys)
        };
        let mut reached = self.ends.clone();
        reached.ends.extend(self.reached);
        let data = lost_since(&reached, there.data, windows.data);
        let (what, gone) = match (data, keys) {
            (None, None) => return None,
            (Some(data), None) => ("the data store is an older copy of itself", data),
            (None, Some(keys)) => ("the key store is an older copy of itself", keys),
            (Some(data), Some(keys)) => {
                let since_ms = data.since_ms.min(keys.since_ms);
                ("data and keys are older copies of themselves", Gone { since_ms, ..data })
            }
        };
        Some(Difference::Older { what, gone, are_keys_older: keys.is_some() })
    }
}

/// How far the logs of all buckets had come together, and since when.
fn together(noted: &[NotedEnds], window_ms: i64) -> NotedEnds {
    let firsts = noted.iter().filter_map(|noted| noted.ends.first());
    // Of what lies before the first ones it is not known since when it was there.
    let since_ms = firsts.clone().map(|first| first.time_ms).filter(|time_ms| *time_ms > 0).min().unwrap_or(0);
    let mut end = firsts.map(|first| first.end).sum();
    let mut later: Vec<(i64, u64)> = noted
        .iter()
        .flat_map(|noted| noted.ends.windows(2))
        .map(|pair| (pair[1].time_ms, pair[1].end.saturating_sub(pair[0].end)))
        .collect();
    later.sort_unstable();
    let mut sum = NotedEnds { ends: vec![LogEnd { end, time_ms: since_ms }] };
    for (time_ms, grown) in later {
        end += grown;
        sum.note(end, time_ms, window_ms);
    }
    sum
}

/// The file with the note of two stores.
pub struct SeenFile {
    path: PathBuf,
    state: Mutex<State>,
    /// When the ends were noted last, as who calls says.
    now_ms: AtomicI64,
}

#[derive(Default)]
struct State {
    note: Option<Note>,
    /// Whether this process has written it.
    is_own: bool,
    /// Whether the last attempt to write it failed: that is told once.
    is_failing: bool,
}

impl SeenFile {
    /// Reads the note, if there is one. One that does not read tells nothing, and is written anew.
    pub fn open(path: PathBuf) -> Self {
        let note = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|fault| fault.to_string()).map(Some),
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault.to_string()),
        };
        let note = note.unwrap_or_else(|cause| {
            tracing::warn!(%cause, "{} does not read: whether both stores went back since they were served last is not told", path.display());
            None
        });
        Self { path, state: Mutex::new(State { note, ..State::default() }), now_ms: AtomicI64::new(0) }
    }

    /// Removes the note: the stores are an older copy on purpose.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn forget(path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(fault) if fault.kind() != ErrorKind::NotFound => Err(fault),
            _ => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self) -> Option<Note> {
        self.state().note.clone()
    }

    /// Whether a note that says this is to be written now.
    fn is_due(&self, note: &Note) -> bool {
        let state = self.state();
        let Some(there) = &state.note else { return true };
        let is_later = note.time_ms.abs_diff(there.time_ms) >= u64::try_from(WRITE_EVERY.as_millis()).unwrap_or(0);
        !there.says(note) && (!state.is_own || is_later || there.epoch != note.epoch || there.unfit.is_some())
    }

    /// Writes it, and believes it from now on, also where it cannot be written.
    fn write(&self, note: Note) {
        let mut state = self.state();
        let written = replace(&self.path, &serde_json::to_vec(&note).unwrap_or_default());
        *state = State { note: Some(note), is_own: true, is_failing: written.is_err() && state.is_failing };
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

/// Puts bytes in the place of a file: a crash leaves the one or the other.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(DRAFT);
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

/// How far the log of each bucket has come by what this process has written: newer than what is noted.
pub(super) struct Reached([AtomicU64; BUCKETS as usize]);

impl Default for Reached {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; BUCKETS as usize])
    }
}

impl Reached {
    fn and(&self, noted: &[NotedEnds]) -> u64 {
        let end = |noted: &NotedEnds| noted.ends.last().map_or(0, |last| last.end);
        self.0.iter().zip(noted).map(|(reached, noted)| reached.load(Ordering::Acquire).max(end(noted))).sum()
    }

    /// The log of a bucket has gone back, and that is served.
    pub(super) fn went_back(&self, bucket: u8, end: u64) {
        self.0[usize::from(bucket)].store(end, Ordering::Release);
    }
}

impl Fitness {
    /// The same with a note of what was seen, in a file.
    #[must_use]
    pub fn with_seen(self, file: PathBuf) -> Self {
        Self { seen: Some(Arc::new(SeenFile::open(file))), ..self }
    }

    /// The log of a bucket has come so far by what this process has written.
    pub fn reached(&self, bucket: u8, end: u64) {
        self.reached.0[usize::from(bucket)].fetch_max(end, Ordering::AcqRel);
    }

    fn windows(&self) -> Windows {
        let behind = if self.is_embedded() { 0 } else { i64::try_from(REPLICAS_BEHIND.as_millis()).unwrap_or(0) };
        Windows { data: self.loss_window_ms, keys: self.loss_window_ms.max(behind) }
    }

    fn is_embedded(&self) -> bool {
        self.data.connections() == 0
    }

    /// What is wrong with stores that have this mark, by what was noted of those that were served.
    pub(super) fn unseen(&self, note: &Note, mark: &Mark, there: There) -> Option<String> {
        let file = self.seen.as_ref()?.path.display();
        let told = match note.difference(mark, there, self.windows())? {
            Difference::Others => format!(
                "data and keys are not the stores that were served here until {}, as {file} tells: name the right ones; if these are to have a note \
                 of their own, name another file with `seen-file`; {CURE}",
                time_text(note.time_ms)
            ),
            Difference::BeforeAdoption => format!(
                "data and keys are older copies of themselves, of before `rapport store adopt`, as {file} tells; {CURE}"
            ),
            Difference::Older { what, gone: Gone { changes, since_ms }, are_keys_older } => {
                let since = time_text(since_ms);
                let again = if are_keys_older {
                    format!("; after that, repeat the erasures since {since}: {ERASURES_FOUND}")
                } else {
                    String::new()
                };
                format!("{what}: {changes} changes since {since} are gone, as {file} tells; {CURE}{again}")
            }
        };
        Some(format!("{told}{}", note.unfit.as_ref().map_or_else(String::new, was_unfit)))
    }

    pub(super) fn seen_note(&self) -> Option<(&SeenFile, Note)> {
        let seen = self.seen.as_deref()?;
        Some((seen, seen.note()?))
    }

    /// What is wrong with stores that have no marks, where some with marks were served before.
    pub(super) fn unseen_marks(&self) -> Option<String> {
        let (seen, note) = self.seen_note()?;
        let (file, time) = (seen.path.display(), time_text(note.time_ms));
        Some(format!(
            "data and keys have no marks, and such as have some were served here until {time}, as {file} tells: they are older copies, or others; {CURE}"
        ))
    }

    /// What is wrong with stores that are empty, or begun with this mark and no further, where others were served before.
    pub(super) fn emptied(&self, begun: Option<&Mark>) -> Option<String> {
        let (seen, note) = self.seen_note()?;
        if begun.is_some_and(|mark| note.is_of(mark)) {
            return None;
        }
        let (file, time) = (seen.path.display(), time_text(note.time_ms));
        Some(format!(
            "data and keys are empty, and stores were served here until {time}, as {file} tells: both were emptied, or a folder, volume or database is \
             not the right one. If you emptied them to begin anew: remove {file}, and start again. If these are the first stores of another house, on a \
             machine that serves one with the same wrapping key's file: name a file of its own with --seen-file. Else {CURE}"
        ))
    }

    /// What is gone by the note, for who adopts the stores.
    pub(super) fn gone_by_note(&self, mark: &Mark, there: There) -> Option<Gone> {
        match self.seen_note()?.1.difference(mark, there, self.windows())? {
            Difference::Older { gone, .. } => Some(gone),
            Difference::Others | Difference::BeforeAdoption => None,
        }
    }

    /// The id by which other processes know the stores, and the epoch that an adoption must go beyond.
    pub(super) fn seen_as(&self) -> Option<([u8; 16], u64)> {
        let (_, note) = self.seen_note()?;
        let id = u128::from_str_radix(&note.store_id, 16).ok()?;
        Some((id.to_be_bytes(), note.epoch))
    }

    fn note_now(&self, now_ms: i64) -> Option<Note> {
        let (expected, ends) = (self.expected.load_full()?, self.ends.load_full()?);
        Some(Note::of(&expected, &ends, self.loss_window_ms, now_ms))
    }

    /// Notes how far both stores have come, if they are whole; at once if so wanted, else when it is time.
    pub(super) async fn note_seen(&self, now_ms: i64, at_once: bool) {
        let Some(seen) = self.seen.clone() else { return };
        seen.now_ms.store(now_ms, Ordering::Release);
        let is_known = self.check().is_ok() && self.is_compared() && self.ends_are_settled();
        let Some(note) = self.note_now(now_ms).filter(|_| is_known) else { return };
        let is_news = seen.note().is_none_or(|there| !there.says(&note));
        if seen.is_due(&note) || (at_once && is_news) {
            // It waits for the disk. Whether it could be written is told there.
            let _ = tokio::task::spawn_blocking(move || seen.write(note)).await;
        }
    }

    /// Notes why nothing is served any more, before anybody hears of it: this process has seen what the next one might not.
    pub(super) fn note_unfit(&self, cause: &str) {
        let Some(seen) = &self.seen else { return };
        let now_ms = seen.now_ms.load(Ordering::Acquire);
        let Some(mut note) = self.note_now(now_ms) else { return };
        if self.is_embedded() {
            let ends = self.ends.load();
            let end = ends.as_ref().map_or(0, |ends| self.reached.and(&ends.noted));
            note.reached = Some(LogEnd { end, time_ms: now_ms });
        }
        // The cause alone: what to do about it is said where it is read.
        let cause = cause.split(&format!("; {CURE}")).next().unwrap_or_default().to_owned();
        note.unfit = Some(Unfit { cause, since_ms: now_ms });
        seen.write(note);
    }
}

fn was_unfit(unfit: &Unfit) -> String {
    format!(" (seen at {}: {})", time_text(unfit.since_ms), unfit.cause)
}

#[cfg(test)]
#[path = "seen_tests.rs"]
mod tests;
