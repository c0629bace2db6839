//! The rules of the customers behind one identity: who gets a seat. Pure, and the same for both backends.

use super::{EntryState, HoldOutcome, IdentityEntry};
use crate::domain::id::HoldToken;

/// Entries that have not expired by `now_ms`, in a fixed order: by customer, then by token.
pub fn unexpired(mut entries: Vec<IdentityEntry>, now_ms: i64) -> Vec<IdentityEntry> {
    entries.retain(|entry| entry.expire_ms.is_none_or(|expire_ms| expire_ms > now_ms));
    entries.sort_by_key(|entry| (entry.customer, entry.token));
    entries
}

/// What placing an entry makes of the list: the new list, or who has the seats.
pub fn place(
    entries: Vec<IdentityEntry>,
    entry: IdentityEntry,
    seats: usize,
    now_ms: i64,
) -> Result<Vec<IdentityEntry>, HoldOutcome> {
    let mut kept = unexpired(entries, now_ms);
    kept.retain(|other| other.token != entry.token);
    if kept.len() >= seats {
        return Err(HoldOutcome::Taken(kept));
    }
    kept.push(entry);
    kept.sort_by_key(|entry| (entry.customer, entry.token));
    Ok(kept)
}

/// The list with the token's entry confirmed; `None` if that changes nothing.
pub fn confirm(mut entries: Vec<IdentityEntry>, token: HoldToken) -> Option<Vec<IdentityEntry>> {
    let entry = entries.iter_mut().find(|entry| entry.token == token)?;
    if entry.state == EntryState::Confirmed {
        return None;
    }
    entry.state = EntryState::Confirmed;
    Some(entries)
}

/// The list without the token's entry; `None` if that changes nothing.
pub fn release(mut entries: Vec<IdentityEntry>, token: HoldToken) -> Option<Vec<IdentityEntry>> {
    let before = entries.len();
    entries.retain(|entry| entry.token != token);
    (entries.len() < before).then_some(entries)
}
