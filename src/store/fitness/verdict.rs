//! What the marks of all buckets say of both stores.

use super::{CURE, Mark, Side};

/// The mark that all buckets of both stores have; else what is wrong. `expected`: the one they had before.
pub(super) fn whole(
    expected: Option<&Mark>,
    data: &[Option<Mark>],
    keys: &[Option<Mark>],
) -> std::result::Result<Mark, String> {
    let first = data.iter().chain(keys).flatten().next();
    let reference = match (expected, first) {
        // An operator has adopted the stores meanwhile.
        (Some(expected), Some(first)) if first.store_id == expected.store_id && first.epoch > expected.epoch => first,
        (Some(expected), _) => expected,
        (None, Some(first)) => first,
        (None, None) => {
            return Err(format!("neither store has its marks: both were emptied, or are others' stores; {CURE}"));
        }
    };
    if let Some(text) = is_of_before(data, keys) {
        return Err(text);
    }
    match loss(Side::Data, reference, data).or_else(|| loss(Side::Keys, reference, keys)) {
        None => Ok(data.iter().flatten().next().unwrap_or(reference).clone()),
        Some(text) => Err(text),
    }
}

/// What is wrong where one of two stores that are whole is of before an adoption, and the other is not.
fn is_of_before(data: &[Option<Mark>], keys: &[Option<Mark>]) -> Option<String> {
    let of_all = |marks: &[Option<Mark>]| {
        let first = marks.first()?.clone()?;
        marks.iter().all(|mark| mark.as_ref() == Some(&first)).then_some(first)
    };
    let (data, keys) = (of_all(data)?, of_all(keys)?);
    if data.store_id != keys.store_id || data.epoch == keys.epoch {
        return None;
    }
    let (older, newer) = if data.epoch < keys.epoch { (Side::Data, Side::Keys) } else { (Side::Keys, Side::Data) };
    let (epoch, since) = (data.epoch.min(keys.epoch), data.epoch.max(keys.epoch));
    Some(format!(
        "{} is an older copy of itself, of before `rapport store adopt`: its epoch is {epoch}, and that of {} {since}; {CURE}",
        older.name(),
        newer.name()
    ))
}

/// Whether both stores are whole, and of an earlier epoch than the one that was served.
pub(super) fn is_before(expected: &Mark, data: &[Option<Mark>], keys: &[Option<Mark>]) -> bool {
    let is_earlier = |mark: &Mark| mark.store_id == expected.store_id && mark.epoch < expected.epoch;
    whole(None, data, keys).is_ok_and(|mark| is_earlier(&mark))
}

/// What is wrong with the marks of some buckets; `None`: nothing.
pub(super) fn loss(side: Side, expected: &Mark, found: &[Option<Mark>]) -> Option<String> {
    let name = side.name();
    let missing = found.iter().filter(|mark| mark.is_none()).count();
    if missing > 0 {
        let what = if missing == found.len() { "was emptied, or is another" } else { "has lost a part of what it had" };
        return Some(format!("{name} {what}: {missing} of {} buckets have no readable mark; {CURE}", found.len()));
    }
    let mut found = found.iter().flatten();
    if let Some(foreign) = found.clone().find(|mark| !mark.is_of(expected)) {
        let what = if foreign.store_id == expected.store_id {
            "is in part of an earlier time: `rapport store adopt` was not finished, or a part was restored"
        } else {
            "is not the one that belongs to the other store"
        };
        return Some(format!("{name} {what}; {CURE}"));
    }
    let lost = found.find(|mark| !mark.lost.is_empty())?;
    Some(format!("{}; {CURE}", lost.lost))
}
