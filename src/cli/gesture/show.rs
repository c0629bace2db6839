//! Gestures as lines of a terminal.

use crate::{
    cli::{
        lines::{below, line, minute, short},
        money::money,
    },
    proto::{Gesture, LedgerEntry, ListGesturesResponse, SuggestedGesture},
};

/// Best first: the name, what it costs and why; of what is vetoed, what speaks against it.
pub fn suggestions(gestures: &[SuggestedGesture]) -> String {
    if gestures.is_empty() {
        return "nothing to suggest here and now; --all shows what speaks against the rest\n".to_owned();
    }
    gestures.iter().map(suggestion).collect()
}

fn suggestion(one: &SuggestedGesture) -> String {
    let mark = if one.suggested { "+" } else { "-" };
    let cost = one.cost.as_ref().map(money).unwrap_or_default();
    let mut lines = format!("{mark} {}", line(&[&one.gesture_type_id, &one.display_name, &cost]));
    lines.push_str(&below(&one.reason));
    for verdict in one.verdicts.iter().filter(|verdict| !verdict.agrees) {
        lines.push_str(&below(&format!("{}: {}", verdict.code, verdict.reason)));
    }
    if !one.approving_role_ids.is_empty() {
        lines.push_str(&below(&format!("may be approved by: {}", one.approving_role_ids.join(", "))));
    }
    lines
}

/// The latest gestures, and the ledger below.
pub fn gifts(list: &ListGesturesResponse) -> String {
    if list.gestures.is_empty() && list.ledger.is_empty() {
        return "nothing was given yet\n".to_owned();
    }
    list.gestures.iter().map(gift).chain(list.ledger.iter().map(entry)).collect()
}

fn gift(one: &Gesture) -> String {
    let cost = one.cost.as_ref().map(money).unwrap_or_default();
    let Gesture { gesture_id, gesture_type_id, given_by, place, .. } = one;
    let first = line(&[
        gesture_id,
        short(one.state().as_str_name(), "GESTURE_STATE_"),
        gesture_type_id,
        &cost,
        &minute(one.give_time.as_ref()),
        &format!("by {given_by}"),
        place,
    ]);
    first + &below(&one.conflict_text) + &below(&one.clearance_text)
}

fn entry(one: &LedgerEntry) -> String {
    let level = short(one.expectation().as_str_name(), "EXPECTATION_LEVEL_");
    let LedgerEntry { gesture_type_id, given_count, delighted_count, declined_count, .. } = one;
    format!("{gesture_type_id}: {level}; given {given_count}, delighted {delighted_count}, declined {declined_count}\n")
}
