//! What is given up with an older copy of the stores that an operator adopts.

use super::{
    Fitness, Mark, Result, Side,
    ends::{LogEnd, NotedEnds, Setback, WentBack},
    seen::There,
};
use crate::store::{ALL_BUCKETS, LogPosition, codec::marks, keys};

impl Fitness {
    /// What an operator gives up who adopts the data as they are; `None`: they are no older copy, or not of the store that the notes are of.
    /// Read from the notes, which are adopted last: an adoption that was cut off tells the same when it is repeated.
    pub async fn gone(&self, now_ms: i64) -> Result<Option<Setback>> {
        if !self.is_one_store().await? {
            return Ok(None);
        }
        let (setback, noted) = self.noted().await?;
        let positions = self.data.log_positions(&ALL_BUCKETS).await?;
        let gone = WentBack::of(&noted, &positions, self.loss_window_ms).filter(|gone| !gone.is_recent);
        let by_keys = gone.map(|WentBack { buckets, changes, since_ms, .. }| (buckets, changes, since_ms));
        let there = There::of(setback.as_ref(), &noted, &positions);
        let mark = self.marks(Side::Data, &[0]).await?.pop().flatten();
        let by_note = || Some(self.gone_by_note(mark.as_ref()?, there)?).map(|gone| (0, gone.changes, gone.since_ms));
        let told = |(buckets, changes, since_ms)| Setback { times: 1, seen_ms: now_ms, since_ms, buckets, changes };
        Ok(by_keys.or_else(by_note).map(told))
    }

    /// Whether all marks that are left, of the data and of the keys, are of one store.
    async fn is_one_store(&self) -> Result<bool> {
        let (data, keys) = self.all_marks().await?;
        let id = |marks: &[Option<Mark>]| marks.iter().flatten().next().map(|mark| mark.store_id);
        let is_of = |mark: &Mark| Some(mark.store_id) == id(&data);
        Ok(id(&data).is_some() && id(&keys).is_some() && data.iter().chain(&keys).flatten().all(is_of))
    }

    /// What was given up last; `times` says how often.
    pub async fn given_up(&self) -> Result<Option<Setback>> {
        let noted = self.keys.notes(&[keys::GIVEN_UP.to_owned()]).await?.pop().flatten();
        noted.map(|there| marks::decode_setback(&there)).transpose()
    }

    /// Notes that this is given up, for whoever asks later what is missing: before it is, since who is cut off between cannot tell it any more.
    pub async fn note_given_up(&self, gone: Setback) -> Result<()> {
        let before = self.given_up().await?;
        let is_same = |before: &Setback| {
            (before.since_ms, before.buckets, before.changes) == (gone.since_ms, gone.buckets, gone.changes)
        };
        if before.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        let gone = Setback { times: before.map_or(0, |before| before.times) + gone.times, ..gone };
        self.keys.put_note(keys::GIVEN_UP.to_owned(), marks::encode_setback(&gone)).await
    }

    /// Takes the logs as they are: an operator has given up what is gone.
    pub(super) async fn adopt_ends(&self) -> Result<()> {
        let positions = self.data.log_positions(&ALL_BUCKETS).await?;
        let end = |(bucket, position): (u8, LogPosition)| {
            // What is there may be of any time.
            let ends = NotedEnds { ends: vec![LogEnd { end: position.end, time_ms: 0 }] };
            (keys::noted_ends(bucket), marks::encode_ends(&ends))
        };
        self.keys.put_notes(ALL_BUCKETS.into_iter().zip(positions).map(end).collect()).await
    }
}
