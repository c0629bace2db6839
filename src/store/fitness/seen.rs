//! What was seen of both stores, noted in a file that lies in neither. Both may go back to an earlier time together, or be emptied together: then
//! nothing in them tells of it, and a process that starts later knows nothing of what the one before it has seen. The note tells.
//!
//! It says which stores were served, how far they had come, and why they were not served any more. That is how far the logs had come of all buckets
//! together, as it is noted beside the keys: a log only grows, so no clock is compared with another.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use super::{
    CURE, ERASURES_FOUND, Fitness, Mark, SeenFile,
    ends::{Ends, LogEnd, NotedEnds, Setback, WentBack, lost_since, part, time_text},
};
use crate::{
    hex::hex,
    store::{BUCKETS, LogPosition},
};

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    /// Of the marks, in hexadecimal digits.
    store_id: String,
    pub(super) epoch: u64,
    /// How often the newest writes had been lost, and when that was seen last.
    setbacks: u64,
    setback_ms: i64,
    /// How far the logs of all buckets together had come, by what is noted beside the keys.
    ends: NotedEnds,
    /// The same by what this process alone had written since; where another process wrote into the file of an embedded store.
    reached: Option<LogEnd>,
    /// What of it was noted beside the keys when a process started, where the logs had come as far already, and nothing has changed since: keys with
    /// so much are no older copy. A crash keeps the last second from being noted, and the next start notes it.
    at_start: Option<u64>,
    /// When it was noted.
    pub(super) time_ms: i64,
    pub(super) unfit: Option<Unfit>,
}

/// Why they were not served any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unfit {
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

/// What is gone: how many changes, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) changes: u64,
    pub(super) since_ms: i64,
    /// It is of the loss window.
    pub(super) is_recent: bool,
}

/// How the stores differ from those that the note is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
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
            at_start: None,
            time_ms,
            unfit: None,
        }
    }

    fn is_of(&self, mark: &Mark) -> bool {
        self.store_id == hex(&mark.store_id)
    }

    /// Whether it says the same, whenever it was noted.
    pub(super) fn says(&self, other: &Self) -> bool {
        *self == Self { time_ms: self.time_ms, ..other.clone() }
    }

    /// Which end of all logs together was noted last.
    fn end(&self) -> Option<u64> {
        Some(self.ends.ends.last()?.end)
    }

    /// How stores differ that are not served.
    fn difference(&self, mark: &Mark, there: There, window_ms: i64) -> Option<Difference> {
        self.compare(mark, there, window_ms).filter(|difference| !difference.is_recent())
    }

    /// The same of stores that lack the newest alone, which may be lost.
    fn newest_gone(&self, mark: &Mark, there: There, window_ms: i64) -> Option<Difference> {
        self.compare(mark, there, window_ms).filter(Difference::is_recent)
    }

    fn compare(&self, mark: &Mark, there: There, window_ms: i64) -> Option<Difference> {
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
        let mut reached = self.ends.clone();
        reached.ends.extend(self.reached);
        let data = lost_since(&reached, there.data, window_ms);
        let (what, gone) = match (data, self.keys_gone(there, window_ms)) {
            (None, None) => return None,
            (Some(data), None) => ("the data store is an older copy of itself", data),
            (None, Some(keys)) => ("the key store is an older copy of itself", keys),
            (Some(data), Some(keys)) => {
                let since_ms = data.since_ms.min(keys.since_ms);
                let gone = Gone { since_ms, is_recent: data.is_recent && keys.is_recent, ..data };
                ("data and keys are older copies of themselves", gone)
            }
        };
        Some(Difference::Older { what, gone, are_keys_older: self.keys_gone(there, window_ms).is_some() })
    }

    fn keys_gone(&self, there: There, window_ms: i64) -> Option<Gone> {
        if there.setbacks < self.setbacks {
            let newest_ms = self.ends.ends.last().map_or(0, |last| last.time_ms);
            let is_recent = newest_ms - self.setback_ms + part(window_ms) <= window_ms;
            return Some(Gone { changes: 1, since_ms: self.setback_ms, is_recent });
        }
        let are_as_at_start = self.at_start.is_some_and(|noted| there.keys >= noted) && Some(there.data) >= self.end();
        if are_as_at_start { None } else { lost_since(&self.ends, there.keys, window_ms) }
    }
}

impl Difference {
    fn is_recent(&self) -> bool {
        matches!(self, Self::Older { gone, .. } if gone.is_recent)
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

    fn is_embedded(&self) -> bool {
        self.data.connections() == 0
    }

    /// What is wrong with stores that have this mark, by what was noted of those that were served.
    pub(super) fn unseen(&self, note: &Note, mark: &Mark, there: There) -> Option<String> {
        let file = self.seen.as_ref()?.path.display();
        let told = match note.difference(mark, there, self.loss_window_ms)? {
            Difference::Others => format!(
                "data and keys are not the stores that were served here until {}, as {file} tells: name the right ones; if these are to have a note \
                 of their own, name another file with `seen-file`; {CURE}",
                time_text(note.time_ms)
            ),
            Difference::BeforeAdoption => format!(
                "data and keys are older copies of themselves, of before `rapport store adopt`, as {file} tells; {CURE}"
            ),
            Difference::Older { what, gone, are_keys_older } => {
                format!("{}; {CURE}{}", self.told_older(what, gone), erase_again(gone, are_keys_older, "after that, "))
            }
        };
        Some(format!("{told}{}", note.unfit.as_ref().map_or_else(String::new, was_unfit)))
    }

    fn told_older(&self, what: &str, gone: Gone) -> String {
        let file = self.seen.as_ref().map_or_else(String::new, |seen| seen.path.display().to_string());
        let since = time_text(gone.since_ms);
        format!("{what}: {} changes since {since} are gone, as {file} tells", gone.changes)
    }

    /// What the stores lack of the newest that was served here before, where that is served: what is told of it, and what is noted beside the keys.
    /// Later looks are compared with what this process has seen itself.
    pub(super) fn newest_is_gone_by_note(
        &self,
        mark: &Mark,
        there: There,
        setback: &mut Option<Setback>,
    ) -> Option<(String, WentBack)> {
        let (_, note) = self.seen_note().filter(|_| !self.was_whole.load(Ordering::Acquire))?;
        let Difference::Older { what, gone, are_keys_older } = note.newest_gone(mark, there, self.loss_window_ms)?
        else {
            return None;
        };
        if there.setbacks < note.setbacks {
            // The losses of before were counted, though these keys do not know it: no epoch comes twice.
            let (seen_ms, since_ms) = (note.setback_ms, note.setback_ms);
            *setback = Some(Setback { times: note.setbacks, seen_ms, since_ms, buckets: 0, changes: 0 });
        }
        let told = self.told_older(what, gone) + &erase_again(gone, are_keys_older, "");
        Some((told, WentBack { buckets: 0, changes: gone.changes, since_ms: gone.since_ms, is_recent: true }))
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
        match self.seen_note()?.1.difference(mark, there, self.loss_window_ms)? {
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
        let mut note = Note::of(&expected, &ends, self.loss_window_ms, now_ms);
        note.at_start = self.noted_at_start(&note, &ends);
        Some(note)
    }

    fn noted_at_start(&self, note: &Note, ends: &Ends) -> Option<u64> {
        let own = ends.at_start.filter(|there| Some(there.data) == note.end()).map(|there| there.keys);
        let is_same = |before: &Note| {
            let stores = |note: &Note| (note.store_id.clone(), note.epoch, note.setbacks, note.end());
            stores(before) == stores(note)
        };
        let before = self.seen_note().map(|(_, before)| before).filter(is_same).and_then(|before| before.at_start);
        own.into_iter().chain(before).min().filter(|noted| Some(*noted) < note.end())
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

fn erase_again(gone: Gone, are_keys_older: bool, when: &str) -> String {
    if !are_keys_older {
        return String::new();
    }
    format!("; {when}repeat the erasures since {}: {ERASURES_FOUND}", time_text(gone.since_ms))
}

fn was_unfit(unfit: &Unfit) -> String {
    format!(" (seen at {}: {})", time_text(unfit.since_ms), unfit.cause)
}

#[cfg(test)]
#[path = "seen_tests.rs"]
mod tests;
