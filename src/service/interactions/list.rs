//! Listing a customer's interactions, latest first.

use super::super::{
    Caller, Readers,
    error::{Error, Result},
    tokens,
};
use crate::{
    domain::{
        Change, CustomerId, Stamp, Timestamp,
        consent::{Part, Purpose},
        interaction::Interaction,
        limits::HISTORY_MAX,
    },
    store::{EntryId, HistoryRange, Lane, codec::history::Entry},
};

/// Entries that are read for one page: a whole history, which is trimmed soon after it passes its bound. A page that would take more
/// stays short, and is not the last.
const ENTRIES_MAX: usize = 2 * HISTORY_MAX;
/// Entries that are read at once where many are left out.
const READ_AT_ONCE: usize = 256;

/// Which interactions.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Whose.
    pub customer: CustomerId,
    /// With the consents it decides whether they are read, and how much of each.
    pub purpose: Purpose,
    /// Inclusive.
    pub start: Option<Timestamp>,
    /// Exclusive.
    pub end: Option<Timestamp>,
    /// At most so many.
    pub page_size: usize,
    /// Of the page before; empty: the first.
    pub page_token: String,
}

/// An interaction as it is kept.
pub struct Listed {
    /// As it was counted.
    pub interaction: Interaction,
    /// When, and by whom.
    pub recorded: Stamp,
    /// Why it was voided, if it was.
    pub voided: Option<String>,
}

impl Readers {
    /// A page, and the token of the next one. What was voided is left out for a purpose that does not read it, and the page is filled
    /// with others: where something is missing shows nowhere.
    pub async fn interactions(&self, caller: &Caller, query: &ListQuery) -> Result<(Vec<Listed>, String)> {
        let key = caller.key(query.customer);
        let bound = query_bytes(query);
        let after = match tokens::parse_page_token(&caller.index_key, &bound, &query.page_token)? {
            None => None,
            Some(position) => position_back(&position),
        };
        let current = self.records.read(&key).await?.ok_or(Error::CustomerNotFound)?;
        current.profile.sees(query.purpose, Part::History).map_err(Error::Withheld)?;
        let mut range = HistoryRange {
            from_ms: query.start.map_or(i64::MIN, ceiling_ms),
            to_ms: query.end.map_or(i64::MAX, ceiling_ms),
            after,
            newest_first: true,
            // With one more than asked for, the last page is known to be the last.
            limit: query.page_size + 1,
        };
        let (mut page, mut read) = (Vec::with_capacity(range.limit), 0);
        let goes_on_after = loop {
            let entries = self.records.history(&key, Lane::Interactions, range).await?;
            let is_end = entries.len() < range.limit;
            read += entries.len();
            range.after = entries.last().map(|(at, _)| (at.time_ms, at.id)).or(range.after);
            let told = entries.into_iter().filter_map(|(at, entry)| Some(((at.time_ms, at.id), listed(entry)?)));
            page.extend(told.filter(|(_, one)| one.voided.is_none() || query.purpose.reads_notes()));
            if page.len() > query.page_size {
                page.truncate(query.page_size);
                break page.last().map(|(at, _)| *at);
            }
            if is_end {
                break None;
            }
            if read >= ENTRIES_MAX {
                break range.after;
            }
            range.limit = READ_AT_ONCE;
        };
        let next = goes_on_after.map_or_else(String::new, |(time_ms, id)| {
            let position = [time_ms.to_be_bytes().as_slice(), id.as_slice()].concat();
            tokens::page_token(&caller.index_key, &bound, &position)
        });
        Ok((page.into_iter().map(|(_, one)| one).collect(), next))
    }
}

/// Entries stand at whole milliseconds, rounded down; a bound between two of them is rounded up.
fn ceiling_ms(time: Timestamp) -> i64 {
    let whole = time.as_millisecond();
    if time.as_nanosecond() > i128::from(whole) * 1_000_000 { whole + 1 } else { whole }
}

fn listed(entry: Entry) -> Option<Listed> {
    match entry.change {
        Change::InteractionRecorded(interaction) => Some(Listed { interaction, recorded: entry.stamp, voided: None }),
        Change::InteractionVoided { interaction, reason, .. } => {
            Some(Listed { interaction, recorded: entry.original.unwrap_or(entry.stamp), voided: Some(reason) })
        }
        _ => None,
    }
}

fn query_bytes(query: &ListQuery) -> Vec<u8> {
    let mut bytes = b"ListInteractions".to_vec();
    bytes.extend_from_slice(query.customer.as_bytes());
    for bound in [query.start, query.end] {
        let nanos = bound.map_or(i128::MIN, |time| time.as_nanosecond());
        bytes.extend_from_slice(&nanos.to_be_bytes());
    }
    bytes
}

fn position_back(bytes: &[u8]) -> Option<(i64, EntryId)> {
    let (time, id) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*time), id.try_into().ok()?))
}
