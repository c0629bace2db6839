//! How far the log of each bucket had come, noted in the key store: by it an older copy of the data is told from one that is as it was
//! left. A log only grows; so one that ends before what was noted has gone back.
//!
//! Both stores may go back together, with their notes: a machine that is restored, two databases of one server, two servers that fail over
//! at once. A process that serves meanwhile still holds what was noted, and believes that.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    CURE, ERASURES_FOUND, Fitness, Side,
    seen::{Gone, There},
};
use crate::{
    domain::Timestamp,
    store::{ALL_BUCKETS, BUCKETS, LogPosition, Result, codec::marks, keys},
};

/// How often the ends of logs that grew are noted.
pub const NOTE_EVERY: Duration = Duration::from_secs(1);
const NOTE_EVERY_MS: i64 = 1_000;
/// Parts of the loss window that are told apart.
const PARTS: i64 = 5;

/// How long a loss that is served is told by health: for whoever is on duty on the next day.
const TOLD_MS: i64 = 24 * 3_600 * 1_000;

/// An end of a bucket's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEnd {
    /// The newest position that was seen.
    pub end: u64,
    /// When it was noted.
    pub time_ms: i64,
}

/// What was noted of a bucket's log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NotedEnds {
    /// Ascending. Of what lies after the first one it is known since when it was there: the ends of the loss window. What lies before
    /// may be older by any time. Empty: nothing was noted.
    pub ends: Vec<LogEnd>,
}

impl NotedEnds {
    /// Notes an end; answers whether that is news.
    pub(super) fn note(&mut self, end: u64, now_ms: i64, window_ms: i64) -> bool {
        match self.ends.as_mut_slice() {
            [.., last] if end <= last.end => return false,
            // Other replicas note too: one end for each part of the window is enough.
            [.., before, last] if last.time_ms - before.time_ms < part(window_ms) => {
                *last = LogEnd { end, time_ms: now_ms }
            }
            _ => self.ends.push(LogEnd { end, time_ms: now_ms }),
        }
        let is_old = |noted: &LogEnd| now_ms - noted.time_ms > window_ms;
        let old = self.ends.iter().take_while(|noted| is_old(noted)).count();
        self.ends.drain(..old.saturating_sub(1));
        true
    }
}

/// Takes over of each bucket what is held and lies further ahead than what was read; answers of which.
fn take_over(read: &mut [NotedEnds], held: &[NotedEnds]) -> Vec<u8> {
    let last = |noted: &NotedEnds| noted.ends.last().map(|last| last.end);
    let mut taken = Vec::new();
    for ((bucket, read), held) in ALL_BUCKETS.into_iter().zip(read).zip(held) {
        if last(held) > last(read) {
            read.clone_from(held);
            taken.push(bucket);
        }
    }
    taken
}

/// Writes that are gone: logs that end before what was noted of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WentBack {
    /// 0: it is not known in which.
    pub(super) buckets: u32,
    /// Entries of logs that are gone, as far as ends were noted.
    pub(super) changes: u64,
    /// When the first of them was noted; of those that are older than what is noted, the first that was.
    pub(super) since_ms: i64,
    /// They are of the loss window.
    pub(super) is_recent: bool,
}

impl WentBack {
    /// Compares the logs of all buckets with what was noted of them; `None`: none has gone back.
    pub(super) fn of(noted: &[NotedEnds], positions: &[LogPosition], window_ms: i64) -> Option<Self> {
        let last = |noted: &NotedEnds| noted.ends.last().copied();
        let newest_ms = noted.iter().filter_map(last).map(|last| last.time_ms).max()?;
        let mut gone = Self { buckets: 0, changes: 0, since_ms: i64::MAX, is_recent: true };
        for (noted, position) in noted.iter().zip(positions) {
            let Some(first) = noted.ends.iter().position(|noted| noted.end > position.end) else { continue };
            let since_ms = noted.ends[first].time_ms;
            gone.buckets += 1;
            gone.changes += last(noted).map_or(0, |last| last.end - position.end);
            gone.since_ms = gone.since_ms.min(since_ms);
            // What lies before the first one may be of any time; and everything was written up to a part of the window before it was noted.
            gone.is_recent &= first > 0 && newest_ms - since_ms + part(window_ms) <= window_ms;
        }
        (gone.buckets > 0).then_some(gone)
    }

    /// Both, where the keys tell of one and the note of the other.
    fn and(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        Self {
            buckets: self.buckets.max(other.buckets),
            changes: self.changes.max(other.changes),
            since_ms: self.since_ms.min(other.since_ms),
            is_recent: self.is_recent && other.is_recent,
        }
    }

    fn told(&self) -> String {
        let Self { buckets, changes, since_ms, .. } = self;
        format!(
            "the logs of {buckets} of {BUCKETS} buckets end before what was noted of them, and {changes} changes since {} are gone",
            time_text(*since_ms)
        )
    }
}

/// Writes that were lost and are not missed: the newest of a moment, as after a failover to a replica that was behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// How often there was one.
    pub times: u64,
    /// When the last one was seen.
    pub seen_ms: i64,
    /// Since when changes are missing after it.
    pub since_ms: i64,
    /// In how many buckets; 0: that is not known.
    pub buckets: u32,
    /// How many changes, at least.
    pub changes: u64,
}

/// What was noted when it was read or written last.
#[derive(Debug, Clone)]
pub struct Ends {
    /// Of each bucket.
    pub(super) noted: Vec<NotedEnds>,
    /// Whether they count beside notes that are read later. Not those of an epoch that began with an older copy: an operator may be about to
    /// take the logs as they are.
    is_held: bool,
    /// The epoch of the marks: whoever adopts the stores takes the logs as they are.
    epoch: u64,
    pub(super) setback: Option<Setback>,
    /// How far both had come when this process found them whole.
    pub(super) at_start: Option<There>,
    /// What is gone, and not in `setback` yet.
    went_back: Option<WentBack>,
}

impl Ends {
    /// The newest end that was noted, and its bucket.
    fn newest(&self) -> Option<(u8, u64)> {
        let last = |(bucket, noted): (u8, &NotedEnds)| noted.ends.last().map(|last| (bucket, *last));
        let newest = ALL_BUCKETS.into_iter().zip(&self.noted).filter_map(last).max_by_key(|(_, last)| last.time_ms);
        newest.map(|(bucket, last)| (bucket, last.end))
    }

    /// Raises the epoch: what was handed out before one may be of writes that are lost.
    fn setbacks(&self) -> u64 {
        self.setback.as_ref().map_or(0, |setback| setback.times) + u64::from(self.went_back.is_some())
    }
}

impl Fitness {
    /// How often the newest writes were lost, as far as this process has seen.
    pub(super) fn setbacks(&self) -> u64 {
        self.ends.load().as_ref().map_or(0, |ends| ends.setbacks())
    }

    /// The last time that the newest writes were lost, and what is left was served.
    pub fn setback(&self) -> Option<Setback> {
        self.ends.load().as_ref().and_then(|ends| ends.setback.clone())
    }

    /// Whether that was within the last day; `None`: the stores were not looked at.
    pub fn has_lost_lately(&self, now_ms: i64) -> Option<bool> {
        let ends = self.ends.load();
        let is_recent = |setback: &Setback| now_ms - setback.seen_ms < TOLD_MS;
        ends.as_ref().map(|ends| ends.went_back.is_some() || ends.setback.as_ref().is_some_and(is_recent))
    }

    /// Compares the logs with what was noted of them; answers what is wrong.
    pub(super) async fn look_at_ends(&self) -> Result<Option<String>> {
        let before = self.ends.load_full();
        let epoch = self.expected.load().as_ref().map_or(0, |mark| mark.epoch);
        // Read first, the file before the keys and these before the logs: what is noted in between is no loss.
        let seen_note = self.seen_note().map(|(_, note)| note);
        let (mut setback, mut noted) = self.noted().await?;
        let positions = self.data.log_positions(&ALL_BUCKETS).await?;
        let there = There::of(setback.as_ref(), &noted, &positions);
        let mut went_back = WentBack::of(&noted, &positions, self.loss_window_ms);
        let times = |setback: &Option<Setback>| setback.as_ref().map_or(0, |setback| setback.times);
        let of_epoch = before.as_ref().filter(|before| before.epoch == epoch);
        let is_held = of_epoch.is_some_and(|before| before.is_held);
        // Another replica has noted a loss since: its ends are lower.
        if let Some(held) = of_epoch.filter(|held| is_held && times(&held.setback) >= times(&setback)) {
            let taken = take_over(&mut noted, &held.noted);
            let is_setback_gone = times(&held.setback) > times(&setback);
            setback.clone_from(&held.setback);
            went_back = WentBack::of(&noted, &positions, self.loss_window_ms);
            self.note_held(&taken, &noted, setback.as_ref().filter(|_| is_setback_gone), went_back.as_ref()).await?;
        }
        let is_unfit = went_back.as_ref().is_some_and(|gone| !gone.is_recent);
        // A loss that was seen and is not noted yet stays one, though the log has grown again meanwhile and hides it.
        let seen = || before.as_ref().filter(|before| before.setback == setback)?.went_back.clone();
        let mut went_back = went_back.or_else(|| seen().filter(|gone| gone.is_recent));
        let fault = went_back.as_ref().filter(|gone| !gone.is_recent).map(|gone| {
            let since = time_text(gone.since_ms);
            let again =
                format!("after that, if the keys are of then too, repeat the erasures since {since}: {ERASURES_FOUND}");
            format!("the data store is an older copy of itself: {}; {CURE}; {again}", gone.told())
        });
        let mark = self.expected.load_full();
        let fault = fault.or_else(|| self.unseen(&seen_note?, mark.as_deref()?, there));
        let mut told = went_back.as_ref().map(WentBack::told);
        if fault.is_none()
            && let Some((by_note, gone)) = mark.and_then(|mark| self.newest_is_gone_by_note(&mark, there, &mut setback))
        {
            told = Some(by_note);
            went_back = Some(gone.and(went_back));
        }
        let at_start = of_epoch.and_then(|before| before.at_start).or_else(|| fault.is_none().then_some(there));
        let ends = Arc::new(Ends { noted, is_held: is_held || !is_unfit, epoch, setback, at_start, went_back });
        let now = ends.setbacks();
        // What was noted meanwhile is newer than what was read here.
        self.ends.compare_and_swap(&before, Some(ends.clone()));
        // What was noted before this process began, another one has told.
        let known =
            before.map_or_else(|| ends.setback.as_ref().map_or(0, |setback| setback.times), |before| before.setbacks());
        if fault.is_none() && now > known {
            self.tell_setback(told.as_deref());
        }
        Ok(fault)
    }

    /// Notes again what this process holds and the keys lack: for whoever starts later, and for the operator's command. They may have failed over, and
    /// lack the newest.
    async fn note_held(
        &self,
        taken: &[u8],
        noted: &[NotedEnds],
        setback: Option<&Setback>,
        went_back: Option<&WentBack>,
    ) -> Result<()> {
        // A loss that is served is noted with lower ends.
        if went_back.is_some_and(|gone| gone.is_recent) {
            return Ok(());
        }
        let note = |bucket: &u8| (keys::noted_ends(*bucket), marks::encode_ends(&noted[usize::from(*bucket)]));
        let mut notes: Vec<_> = taken.iter().map(note).collect();
        notes.extend(setback.map(|setback| (keys::SETBACK.to_owned(), marks::encode_setback(setback))));
        if notes.is_empty() {
            return Ok(());
        }
        let put = self.keys.put_notes(notes).await;
        // Where no data are missing they are served meanwhile: it is tried again in a second.
        if went_back.is_some() { put } else { Ok(()) }
    }

    /// Whether the data lack the newest change that was noted, as any older copy does.
    pub(super) async fn newest_is_gone(&self, side: Side) -> Result<bool> {
        let newest = self.ends.load().as_ref().and_then(|ends| ends.newest());
        let (Side::Data, Some((bucket, end))) = (side, newest) else { return Ok(false) };
        let there = self.data.log_positions(&[bucket]).await?;
        Ok(there.iter().any(|there| there.end < end))
    }

    /// The note of a setback, and those of all buckets.
    pub(super) async fn noted(&self) -> Result<(Option<Setback>, Vec<NotedEnds>)> {
        let mut names = vec![keys::SETBACK.to_owned()];
        names.extend(ALL_BUCKETS.map(keys::noted_ends));
        let mut found = self.keys.notes(&names).await?.into_iter();
        let setback = found.next().flatten().map(|there| marks::decode_setback(&there)).transpose()?;
        let read =
            |there: Option<Bytes>| there.map_or_else(|| Ok(NotedEnds::default()), |there| marks::decode_ends(&there));
        Ok((setback, found.map(read).collect::<Result<_>>()?))
    }

    fn tell_setback(&self, told: Option<&str>) {
        let what = told.unwrap_or("another process has seen which");
        let epoch = self.epoch();
        tracing::warn!(
            epoch,
            "the newest writes are lost, as after a failover to a replica that was behind: {what}; what is left is served, and tokens of before are refused"
        );
    }

    /// Whether what is known of the ends is noted beside the keys too.
    pub(super) fn ends_are_settled(&self) -> bool {
        self.ends.load().as_ref().is_some_and(|ends| ends.went_back.is_none())
    }

    /// Notes how far the logs have come, beside the keys and, from time to time, in the file of what was seen.
    ///
    /// # Errors
    /// Those of both stores.
    pub async fn note_ends(&self, now_ms: i64) -> Result<()> {
        self.note_grown(now_ms).await?;
        self.note_seen(now_ms, false).await;
        Ok(())
    }

    /// The same when a process stops: nobody notes it later.
    ///
    /// # Errors
    /// Those of both stores.
    pub async fn note_last(&self, now_ms: i64) -> Result<()> {
        self.note_grown(now_ms).await?;
        self.note_seen(now_ms, true).await;
        Ok(())
    }

    /// Notes the ends of the logs that have grown, all at once; and a setback, of which the epoch is part.
    async fn note_grown(&self, now_ms: i64) -> Result<()> {
        let Some(ends) = self.ends.load_full() else { return Ok(()) };
        // What nobody has looked at yet may be an older copy.
        if self.check().is_err() || !self.is_compared() || ends.went_back.as_ref().is_some_and(|gone| !gone.is_recent) {
            return Ok(());
        }
        let positions = self.data.log_positions(&ALL_BUCKETS).await?;
        let setback = match &ends.went_back {
            None => ends.setback.clone(),
            Some(gone) => {
                let times = ends.setbacks();
                let setback = Setback {
                    times,
                    seen_ms: now_ms,
                    since_ms: gone.since_ms,
                    buckets: gone.buckets,
                    changes: gone.changes,
                };
                // First, since the ends tell nobody of it any more.
                self.keys.put_note(keys::SETBACK.to_owned(), marks::encode_setback(&setback)).await?;
                Some(setback)
            }
        };
        let mut noted = ends.noted.clone();
        let (mut notes, mut grown) = (Vec::new(), Vec::new());
        for ((bucket, position), noted) in ALL_BUCKETS.into_iter().zip(positions).zip(&mut noted) {
            let has_gone_back = noted.ends.last().is_some_and(|last| last.end > position.end);
            if ends.went_back.is_some() && has_gone_back {
                *noted = NotedEnds::default();
                self.reached.went_back(bucket, position.end);
            }
            if noted.note(position.end, now_ms, self.loss_window_ms) {
                grown.push(bucket);
                notes.push((keys::noted_ends(bucket), marks::encode_ends(noted)));
            }
        }
        if !notes.is_empty() || ends.went_back.is_some() {
            if !self.is_of_expected(&grown).await? {
                // Another store came in its place meanwhile: the next look tells it.
                return Ok(());
            }
            if ends.went_back.is_none() {
                self.leave_newer(&grown, &mut notes, &mut noted).await?;
            }
            self.keys.put_notes(notes).await?;
            let ends = Ends::clone(&ends);
            self.ends.store(Some(Arc::new(Ends { noted, is_held: true, setback, went_back: None, ..ends })));
        }
        Ok(())
    }

    /// Leaves what another replica has noted of these buckets meanwhile, and is newer: keys that lack a noted end are an older copy.
    async fn leave_newer(&self, grown: &[u8], notes: &mut Vec<(String, Bytes)>, noted: &mut [NotedEnds]) -> Result<()> {
        let names: Vec<String> = grown.iter().copied().map(keys::noted_ends).collect();
        let found = self.keys.notes(&names).await?;
        let last = |noted: &NotedEnds| noted.ends.last().map(|last| last.end);
        for ((bucket, name), there) in grown.iter().zip(names).zip(found) {
            let own = &mut noted[usize::from(*bucket)];
            if let Some(there) = there.map(|there| marks::decode_ends(&there)).transpose()?
                && last(&there) > last(own)
            {
                *own = there;
                notes.retain(|(noted, _)| *noted != name);
            }
        }
        Ok(())
    }

    /// Whether the data in these buckets are still those that are served.
    async fn is_of_expected(&self, buckets: &[u8]) -> Result<bool> {
        let Some(expected) = self.expected.load_full() else { return Ok(true) };
        let found = self.marks(Side::Data, buckets).await?;
        Ok(found.iter().all(|mark| mark.as_ref().is_some_and(|mark| mark.is_of(&expected))))
    }
}

/// What is gone of a log that ends here, by what was noted of it; `None`: nothing.
pub(super) fn lost_since(noted: &NotedEnds, end: u64, window_ms: i64) -> Option<Gone> {
    let there = LogPosition { end, ..LogPosition::default() };
    let WentBack { changes, since_ms, is_recent, .. } = WentBack::of(std::slice::from_ref(noted), &[there], window_ms)?;
    Some(Gone { changes, since_ms, is_recent })
}

/// How exactly it is known since when an end was there.
pub(super) fn part(window_ms: i64) -> i64 {
    (window_ms / PARTS).max(NOTE_EVERY_MS)
}

/// A time as an operator reads it, to the second.
pub fn time_text(millis: i64) -> String {
    Timestamp::from_second(millis / 1_000).map_or_else(|_| "an unknown time".to_owned(), |time| time.to_string())
}

/// The same of a second since 1970.
pub fn time_text_of_second(second: i64) -> String {
    time_text(second.saturating_mul(1_000))
}

#[cfg(test)]
#[path = "ends_tests.rs"]
mod tests;
