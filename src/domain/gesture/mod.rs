//! Gestures: what was given to a customer, and what it has become to them.
//!
//! The ledger remembers when each type was given. Repetition makes a gesture ordinary, time makes it special again; how
//! fast is the policy's ([`Drift`]).

mod consider;
mod objection;
mod suggest;
mod verdict;

pub use consider::{Allowed, OverAuthority, Veto, Wish, consider, who_may_approve};
pub use objection::{Dimension, Limit, Objection, Verdict};
pub use suggest::{Suggested, Till, suggest};
pub(in crate::domain) use suggest::{Warning, top, warnings};
pub use verdict::{Expense, approving, team};
pub(in crate::domain) use verdict::{cool_down_end, endangers};

use jiff::civil::Date;

use super::{
    Effect, Profile, Refusal, Sections, Stamp, Timestamp,
    apply::{is_second_person, made, next_part, touched},
    change::Author,
    follow_up,
    id::{GestureTypeId, PartId, RoleId, VenueId},
    limits::{GESTURES_MAX, GIVES_KEEP, LEDGER_MAX},
    money::Money,
    policy::{Drift, Venue},
    review::Month,
};

/// What a gesture is to one customer. After T. Levitt, "Marketing success through differentiation", 1980: generic, expected,
/// augmented, potential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExpectationLevel {
    /// Taken for granted.
    Generic,
    /// Counted on: missing it disappoints.
    Expected,
    /// More than they count on.
    Augmented,
    /// On trial.
    Potential,
}

impl ExpectationLevel {
    /// What a type is that was given so many times lately. `on_trial`: the venue tries it out.
    pub(super) fn after(recent: usize, on_trial: bool, drift: &Drift) -> Self {
        if recent >= usize::from(drift.generic_from) {
            Self::Generic
        } else if recent >= usize::from(drift.expected_from) {
            Self::Expected
        } else if on_trial {
            Self::Potential
        } else {
            Self::Augmented
        }
    }

    /// As programs read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "GENERIC",
            Self::Expected => "EXPECTED",
            Self::Augmented => "AUGMENTED",
            Self::Potential => "POTENTIAL",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GestureOutcome {
    Delighted,
    Neutral,
    /// Not wanted: it does not count as given.
    Declined,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GestureState {
    Proposed,
    Given,
    Delivered,
    Cancelled,
}

/// The periods of the two budgets that a gesture was drawn on, by the venue's clock of that moment: a clock that is set
/// otherwise later must not give money back to another month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DrawnOn {
    pub month: Month,
    pub business_date: Date,
}

impl DrawnOn {
    pub fn at(time: Timestamp, venue: &Venue) -> Self {
        Self { month: Month::at(time, Some(venue)), business_date: venue.local(time).date }
    }
}

/// A gesture as it is given or proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct GestureDraft {
    pub gesture_type: GestureTypeId,
    pub venue: VenueId,
    pub cost: Money,
    pub note: String,
    pub place: String,
    /// When it is to be delivered; `None`: as the type says.
    pub deliver_time: Option<Timestamp>,
    /// Who delivers; empty: nobody in particular.
    pub deliver_owner: String,
    /// The issue it makes good.
    pub issue: Option<PartId>,
    pub expectation: ExpectationLevel,
    pub role: RoleId,
    /// True: over the giver's authority, so that somebody else has to approve.
    pub proposed: bool,
    /// `None`: nothing was drawn; or before this was noted.
    pub drawn_on: Option<DrawnOn>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Gesture {
    pub id: PartId,
    pub given: GestureDraft,
    pub state: GestureState,
    pub given_by: Author,
    /// When it was given; of a proposal that was approved: when it was approved.
    pub give_time: Timestamp,
    /// Empty: it needed nobody.
    pub approved_by: Author,
    pub outcome: Option<GestureOutcome>,
}

/// One type, as it was given to this customer.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    pub gesture_type: GestureTypeId,
    pub given: u32,
    pub delighted: u32,
    pub declined: u32,
    /// The latest times it was given, ascending.
    pub times: Vec<Timestamp>,
}

impl Gesture {
    /// Whether its cost is spent.
    pub fn is_spent(&self) -> bool {
        matches!(self.state, GestureState::Given | GestureState::Delivered)
    }
}

impl LedgerEntry {
    /// Times it was given within the window before `now`; in whole UTC days, so that an answer can be kept until the next
    /// one begins.
    pub fn recent(&self, drift: &Drift, now: Timestamp) -> usize {
        let day = |time: &Timestamp| time.as_second().div_euclid(86_400);
        let since = day(&now) - i64::from(drift.window_days);
        self.times.iter().filter(|time| day(time) > since).count()
    }
}

impl Profile {
    pub fn gesture(&self, id: PartId) -> Option<&Gesture> {
        self.gestures.iter().find(|known| known.id == id)
    }

    pub fn ledger_entry(&self, kind: &GestureTypeId) -> Option<&LedgerEntry> {
        let place = self.ledger.binary_search_by(|entry| entry.gesture_type.cmp(kind)).ok()?;
        self.ledger.get(place)
    }

    /// What a type of gesture is to this customer now. `on_trial`: the venue tries it out.
    pub fn expectation(&self, kind: &GestureTypeId, on_trial: bool, drift: &Drift, now: Timestamp) -> ExpectationLevel {
        let recent = self.ledger_entry(kind).map_or(0, |entry| entry.recent(drift, now));
        ExpectationLevel::after(recent, on_trial, drift)
    }
}

/// Gives or proposes a gesture. When there is no room left, the oldest one that nothing depends on any more gives way: it is over,
/// its issue is not open, and it is outside the time in which authority is summed up.
pub(super) fn give(profile: &mut Profile, draft: &GestureDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if let Some(issue) = draft.issue
        && profile.issue(issue).is_none()
    {
        return Err(Refusal::Missing { what: "issue" });
    }
    if profile.gestures.len() >= GESTURES_MAX {
        let over = profile.gestures.iter().enumerate().filter(|(_, known)| is_over(profile, known, stamp.at));
        let Some((place, _)) = over.min_by_key(|(_, known)| (known.give_time, known.id)) else {
            return Err(Refusal::LimitReached { what: "recent gestures", max: GESTURES_MAX });
        };
        profile.gestures.remove(place);
    }
    let id = next_part(profile);
    profile.gestures.push(Gesture {
        id,
        given: draft.clone(),
        state: if draft.proposed { GestureState::Proposed } else { GestureState::Given },
        given_by: stamp.by.clone(),
        give_time: stamp.at,
        approved_by: Author::new(),
        outcome: None,
    });
    if !draft.proposed {
        enter(profile, &draft.gesture_type, stamp.at);
    }
    Ok(made(Sections::GESTURES, id))
}

/// Days over which what one guest was given is summed up for a role's authority.
pub const GUEST_DAYS: i64 = 30;

fn is_over(profile: &Profile, known: &Gesture, now: Timestamp) -> bool {
    let ended = matches!(known.state, GestureState::Delivered | GestureState::Cancelled)
        || known.outcome == Some(GestureOutcome::Declined);
    let issue_open = known.given.issue.and_then(|id| profile.issue(id)).is_some_and(super::issue::Issue::is_open);
    ended && !issue_open && now.as_second() - known.give_time.as_second() > GUEST_DAYS * 86_400
}

/// Approves a proposal: it is given from now on.
pub(super) fn approve(
    profile: &mut Profile,
    id: PartId,
    role: &RoleId,
    drawn_on: Option<DrawnOn>,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = found(profile, id)?;
    if known.state != GestureState::Proposed {
        return Err(Refusal::NotActive { what: "proposal" });
    }
    if !is_second_person(&stamp.by, &known.given_by) {
        return Err(Refusal::SecondPersonNeeded);
    }
    known.state = GestureState::Given;
    known.approved_by.clone_from(&stamp.by);
    known.give_time = stamp.at;
    known.given.role = role.clone();
    known.given.drawn_on = drawn_on;
    let kind = known.given.gesture_type.clone();
    enter(profile, &kind, stamp.at);
    Ok(touched(Sections::GESTURES))
}

/// Takes back a gesture that was not delivered.
pub(super) fn cancel(profile: &mut Profile, id: PartId) -> Result<Effect, Refusal> {
    let known = found(profile, id)?;
    if !matches!(known.state, GestureState::Proposed | GestureState::Given) {
        return Err(Refusal::NotActive { what: "gesture" });
    }
    let was_given = known.state == GestureState::Given && known.outcome != Some(GestureOutcome::Declined);
    known.state = GestureState::Cancelled;
    let (kind, time) = (known.given.gesture_type.clone(), known.give_time);
    if was_given {
        strike(profile, &kind, time);
    }
    follow_up::drop_delivery(profile, id);
    Ok(touched(Sections::GESTURES.with(Sections::RECOVERY)))
}

/// Its delivery was completed. A missed one keeps the gesture given: it can still be carried up, or cancelled.
pub(super) fn delivered(profile: &mut Profile, id: PartId) {
    if let Ok(known) = found(profile, id)
        && known.state == GestureState::Given
    {
        known.state = GestureState::Delivered;
    }
}

/// Notes how it was taken; a later word replaces an earlier one. Whoever took it has got it, so its delivery is kept; what
/// nobody wants is carried up no more, and can still be taken back.
pub(super) fn record_outcome(
    profile: &mut Profile,
    id: PartId,
    outcome: GestureOutcome,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = found(profile, id)?;
    if !known.is_spent() {
        return Err(Refusal::NotActive { what: "gesture" });
    }
    let is_taken = outcome != GestureOutcome::Declined;
    if is_taken {
        known.state = GestureState::Delivered;
    }
    let before = known.outcome.replace(outcome);
    let (kind, time) = (known.given.gesture_type.clone(), known.give_time);
    let counts = |outcome: Option<GestureOutcome>| outcome != Some(GestureOutcome::Declined);
    match (counts(before), counts(Some(outcome))) {
        (true, false) => strike(profile, &kind, time),
        (false, true) => enter(profile, &kind, time),
        (true, true) | (false, false) => {}
    }
    let entry = entry(profile, &kind);
    let mut count = |outcome: Option<GestureOutcome>, up: bool| {
        let counter = match outcome {
            Some(GestureOutcome::Delighted) => &mut entry.delighted,
            Some(GestureOutcome::Declined) => &mut entry.declined,
            Some(GestureOutcome::Neutral) | None => return,
        };
        *counter = if up { counter.saturating_add(1) } else { counter.saturating_sub(1) };
    };
    count(before, false);
    count(Some(outcome), true);
    if is_taken {
        follow_up::keep_delivery(profile, id, stamp);
    } else {
        follow_up::drop_delivery(profile, id);
    }
    Ok(touched(Sections::GESTURES.with(Sections::RECOVERY)))
}

fn found(profile: &mut Profile, id: PartId) -> Result<&mut Gesture, Refusal> {
    profile.gestures.iter_mut().find(|known| known.id == id).ok_or(Refusal::Missing { what: "gesture" })
}

/// The ledger's entry of a type; made if there is none. When the ledger is full, the type given longest ago gives way.
fn entry<'a>(profile: &'a mut Profile, kind: &GestureTypeId) -> &'a mut LedgerEntry {
    if profile.ledger.len() >= LEDGER_MAX && profile.ledger_entry(kind).is_none() {
        let oldest = profile.ledger.iter().enumerate().min_by_key(|(_, entry)| entry.times.last().copied());
        if let Some((place, _)) = oldest {
            profile.ledger.remove(place);
        }
    }
    let place = match profile.ledger.binary_search_by(|entry| entry.gesture_type.cmp(kind)) {
        Ok(place) => place,
        Err(place) => {
            let fresh =
                LedgerEntry { gesture_type: kind.clone(), given: 0, delighted: 0, declined: 0, times: Vec::new() };
            profile.ledger.insert(place, fresh);
            place
        }
    };
    &mut profile.ledger[place]
}

fn enter(profile: &mut Profile, kind: &GestureTypeId, time: Timestamp) {
    let entry = entry(profile, kind);
    entry.given = entry.given.saturating_add(1);
    let place = entry.times.partition_point(|known| *known <= time);
    entry.times.insert(place, time);
    let surplus = entry.times.len().saturating_sub(GIVES_KEEP);
    entry.times.drain(..surplus);
}

fn strike(profile: &mut Profile, kind: &GestureTypeId, time: Timestamp) {
    let entry = entry(profile, kind);
    entry.given = entry.given.saturating_sub(1);
    if let Some(place) = entry.times.iter().position(|known| *known == time) {
        entry.times.remove(place);
    }
}

#[cfg(test)]
mod tests;
