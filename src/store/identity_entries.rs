//! The entries of an identity, one for each customer that has it (at most one, or a few who share it): the rules by which they
//! are placed, confirmed and removed.

use super::{
    EntryState, HoldOutcome, IdentityEntry, Result,
    cas::{Decision, Effect, Lifetime},
    codec::entries::{decode_identities, encode_identities},
};
use crate::domain::id::HoldToken;

/// The entries that have not expired by `now_ms`, in a fixed order: by customer, then by token.
pub fn unexpired(there: &[u8], now_ms: i64) -> Result<Vec<IdentityEntry>> {
    let mut entries = decode_identities(there)?;
    entries.retain(|entry| entry.expire_ms.is_none_or(|expire_ms| expire_ms > now_ms));
    sort(&mut entries);
    Ok(entries)
}

fn sort(entries: &mut [IdentityEntry]) {
    entries.sort_by_key(|entry| (entry.customer, entry.token));
}

/// Places an entry, unless `entries_max` unexpired ones are there: then it answers with those.
pub fn hold(there: &[u8], entry: &IdentityEntry, entries_max: usize, now_ms: i64) -> Result<Decision<HoldOutcome>> {
    let mut kept = unexpired(there, now_ms)?;
    kept.retain(|other| other.token != entry.token);
    if kept.len() >= entries_max {
        return Ok(Decision::keep(HoldOutcome::Taken(kept)));
    }
    kept.push(entry.clone());
    sort(&mut kept);
    // Long enough for the last entry; no end if one of them does not expire.
    let times = kept.iter().map(|entry| entry.expire_ms).collect::<Option<Vec<_>>>();
    let last = times.and_then(|times| times.into_iter().max());
    Ok(Decision::put(HoldOutcome::Placed, encode_identities(&kept), Lifetime::until(last, now_ms)))
}

/// Confirms the token's entry, if it is there.
pub fn confirm(there: &[u8], token: HoldToken) -> Result<Decision<()>> {
    let mut entries = decode_identities(there)?;
    let held = |entry: &&mut IdentityEntry| entry.token == token && entry.state != EntryState::Confirmed;
    let Some(entry) = entries.iter_mut().find(held) else {
        return Ok(Decision::keep(()));
    };
    entry.state = EntryState::Confirmed;
    Ok(Decision::put((), encode_identities(&entries), Lifetime::Keep))
}

/// Removes the token's entry, if it is there.
pub fn release(there: &[u8], token: HoldToken) -> Result<Decision<()>> {
    let mut entries = decode_identities(there)?;
    let before = entries.len();
    entries.retain(|entry| entry.token != token);
    Ok(match entries.len() {
        after if after == before => Decision::keep(()),
        0 => Decision { answer: (), effect: Effect::Remove },
        _ => Decision::put((), encode_identities(&entries), Lifetime::Keep),
    })
}
