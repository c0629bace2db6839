//! Gestures as lines of a terminal.

use crate::{
    cli::{
        brief::boxed::{WIDTH_MAX, WIDTH_MIN, wrap},
        output::{self, tame},
        words,
    },
    proto::{ExpectationLevel, Gesture, GestureState, LedgerEntry, ListGesturesResponse, Money, SuggestedGesture},
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
    let mut lines =
        format!("{mark} {}  {}  {cost}\n{}", one.gesture_type_id, tame(&one.display_name), below(&tame(&one.reason)));
    for verdict in one.verdicts.iter().filter(|verdict| !verdict.agrees) {
        lines.push_str(&below(&format!("{}: {}", verdict.code, tame(&verdict.reason))));
    }
    if !one.approving_role_ids.is_empty() {
        lines.push_str(&below(&format!("may be approved by: {}", one.approving_role_ids.join(", "))));
    }
    lines
}

/// Indented, and broken where the terminal ends.
fn below(text: &str) -> String {
    const INDENT: &str = "    ";
    let room = output::width().clamp(WIDTH_MIN, WIDTH_MAX) - INDENT.len();
    wrap(text, room).iter().map(|line| format!("{INDENT}{line}\n")).collect()
}

/// The latest gestures, and the ledger below.
pub fn gifts(list: &ListGesturesResponse) -> String {
    if list.gestures.is_empty() && list.ledger.is_empty() {
        return "nothing was given yet\n".to_owned();
    }
    list.gestures.iter().map(gift).chain(list.ledger.iter().map(entry)).collect()
}

fn gift(one: &Gesture) -> String {
    let state = short(GestureState::try_from(one.state).unwrap_or_default().as_str_name(), "GESTURE_STATE_");
    let when = one
        .give_time
        .as_ref()
        .and_then(words::time)
        .map(|time| time.strftime("%Y-%m-%dT%H:%MZ").to_string())
        .unwrap_or_default();
    let cost = one.cost.as_ref().map(money).unwrap_or_default();
    let Gesture { gesture_id, gesture_type_id, given_by, place, .. } = one;
    format!("{gesture_id}  {state}  {gesture_type_id}  {cost}  {when}  by {given_by}  {}\n", tame(place))
}

fn entry(one: &LedgerEntry) -> String {
    let level = ExpectationLevel::try_from(one.expectation).unwrap_or_default();
    let level = short(level.as_str_name(), "EXPECTATION_LEVEL_");
    let LedgerEntry { gesture_type_id, given_count, delighted_count, declined_count, .. } = one;
    format!("{gesture_type_id}: {level}; given {given_count}, delighted {delighted_count}, declined {declined_count}\n")
}

fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}

/// "CHF 1200": in minor units, as the contract has it.
fn money(money: &Money) -> String {
    format!("{} {}", money.currency_code, money.minor_units)
}
