//! Gestures within authority: suggested, given, approved, taken back.
//!
//! Money is never overspent: a gesture is drawn on two budgets under holds before it is stored, and stored with their tokens
//! in one commit; see `money.rs`.

mod approve;
mod cancel;
mod give;
mod list;
pub(super) mod money;
pub(super) mod recount;
mod suggest;

pub use give::{Give, Given};
pub(crate) use list::ListedGesture;
pub(crate) use suggest::Ask;

use super::{
    Caller,
    error::{Error, Result},
};
use crate::domain::{
    Timestamp, Violation,
    basket::Seat,
    briefing::{Mask, Question},
    consent::Purpose,
    follow_up::{FollowUpDraft, FollowUpKind},
    gesture::{DrawnOn, GestureDraft, OverAuthority},
    id::{PartId, RoleId},
    money::Money,
    policy::{GestureType, Role, Venue},
};

/// The question that the domain is asked: about now, for serving.
pub(super) fn question<'a>(caller: &'a Caller, venue: &'a Venue) -> Question<'a> {
    Question {
        policy: &caller.in_force.policy,
        venue,
        now: caller.now,
        at: caller.now,
        purpose: Purpose::Service,
        mask: Mask::ALL,
        basket: &[],
        lines: &[],
        seat: Seat::Customers(""),
        menu: caller.menu_of(venue),
        others: None,
    }
}

/// The caller's role, if the policy knows it.
fn role(caller: &Caller) -> Option<&Role> {
    caller.in_force.policy.rules.role(&caller.principal.role)
}

fn role_id(caller: &Caller) -> Result<RoleId> {
    Ok(RoleId::parse("rapport-role", &caller.principal.role)?)
}

fn over_authority(over: OverAuthority) -> Error {
    Error::OverAuthority(over)
}

fn kind_of<'a>(caller: &'a Caller, id: &crate::domain::id::GestureTypeId) -> Result<&'a GestureType> {
    caller.in_force.policy.rules.gesture_type(id).ok_or_else(|| {
        Violation::new("gesture_type_id", "must be a gesture type of the catalogue; GetPolicy lists them").into()
    })
}

/// The budgets that a gesture is drawn on now; `None`: it costs nothing.
fn drawn_on(caller: &Caller, venue: &Venue, cost: Money) -> Option<DrawnOn> {
    (cost.minor_units > 0).then(|| DrawnOn::at(caller.now, venue))
}

/// The follow-up that delivers a gesture.
fn delivery(kind: &GestureType, draft: &GestureDraft, gesture: PartId, now: Timestamp) -> FollowUpDraft {
    let minutes = i64::from(kind.deliver_within_minutes);
    let as_usual = || now.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap_or(now);
    // Stored as it is made, like what staff write themselves: later requests read it in whatever language they name.
    let text = if draft.note.is_empty() {
        kind.display_name.clone()
    } else {
        // `follow_up::besides` finds the note by the comma and the colon.
        format!("{}, with a note: {}", kind.display_name, draft.note)
    };
    FollowUpDraft {
        kind: FollowUpKind::Delivery,
        text,
        owner: draft.deliver_owner.clone(),
        // A proposal may have waited until after the wanted time.
        due_time: draft.deliver_time.filter(|time| *time > now).unwrap_or_else(as_usual),
        venue: draft.venue.clone(),
        place: draft.place.clone(),
        issue: draft.issue,
        gesture: Some(gesture),
    }
}
