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
    },
    store::{EntryId, HistoryRange, Lane, codec::history::Entry},
};

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
    /// A page, and the token of the next one. Without what was voided, for a purpose that does not read it: it may then be short or
    /// empty.
    pub async fn interactions(&self, caller: &Caller, query: &ListQuery) -> Result<(Vec<Listed>, String)> {
        let key = caller.key(query.customer);
        let bound = query_bytes(query);
        let after = match tokens::parse_page_token(&caller.index_key, &bound, &query.page_token)? {
            None => None,
            Some(position) => position_back(&position),
        };
        let current = self.records.read(&key).await?.ok_or(Error::CustomerNotFound)?;
        current.profile.sees(query.purpose, Part::History).map_err(Error::Withheld)?;
        let range = HistoryRange {
            from_ms: query.start.map_or(i64::MIN, ceiling_ms),
            to_ms: query.end.map_or(i64::MAX, ceiling_ms),
            after,
            newest_first: true,
            limit: query.page_size,
        };
        let page = self.records.history(&key, Lane::Interactions, range).await?;
        let next = match page.last() {
            Some((last, _)) if page.len() == query.page_size => {
                let mut position = last.time_ms.to_be_bytes().to_vec();
                position.extend_from_slice(&last.id);
                tokens::page_token(&caller.index_key, &bound, &position)
            }
            _ => String::new(),
        };
        let listed = page.into_iter().filter_map(|(_, entry)| listed(entry));
        let is_told = |one: &Listed| one.voided.is_none() || query.purpose.reads_notes();
        Ok((listed.filter(is_told).collect(), next))
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
