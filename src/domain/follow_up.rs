//! Follow-ups: what we owe a customer by a time.

use super::{
    Effect, Profile, Refusal, Sections, Stamp, Timestamp,
    apply::{made, next_part, touched},
    change::Author,
    gesture,
    id::{PartId, VenueId},
    limits::FOLLOW_UPS_MAX,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FollowUpKind {
    /// A word with the customer after an issue was resolved.
    AfterIssue,
    /// Something promised.
    Promise,
    /// Carrying out a gesture.
    Delivery,
}

/// A follow-up as it was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpDraft {
    pub kind: FollowUpKind,
    pub text: String,
    /// Who keeps it; empty: nobody in particular.
    pub owner: String,
    pub due_time: Timestamp,
    pub venue: VenueId,
    pub place: String,
    pub issue: Option<PartId>,
    pub gesture: Option<PartId>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    pub by: Author,
    pub time: Timestamp,
    /// False: it was missed.
    pub kept: bool,
    /// How the customer took it, 1 to 5; 0: not said.
    pub rating: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    pub id: PartId,
    pub promised: FollowUpDraft,
    pub promised_by: Author,
    pub promise_time: Timestamp,
    /// `None`: it is owed.
    pub completion: Option<Completion>,
}

impl FollowUp {
    pub fn is_open(&self) -> bool {
        self.completion.is_none()
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_open() && self.promised.due_time <= now
    }
}

impl Profile {
    pub fn follow_up(&self, id: PartId) -> Option<&FollowUp> {
        self.follow_ups.iter().find(|known| known.id == id)
    }

    /// What is owed, the earliest due first.
    pub fn owed(&self) -> Vec<&FollowUp> {
        let mut owed: Vec<&FollowUp> = self.follow_ups.iter().filter(|known| known.is_open()).collect();
        owed.sort_by_key(|known| (known.promised.due_time, known.id));
        owed
    }
}

/// Notes a promise. When there is no room left, the one that was completed first gives way.
pub(super) fn promise(profile: &mut Profile, draft: &FollowUpDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if let Some(issue) = draft.issue
        && profile.issue(issue).is_none()
    {
        return Err(Refusal::Missing { what: "issue" });
    }
    if profile.follow_ups.len() >= FOLLOW_UPS_MAX {
        let completed = profile.follow_ups.iter().enumerate().filter(|(_, known)| !known.is_open());
        let oldest = completed.min_by_key(|(_, known)| (known.completion.as_ref().map(|end| end.time), known.id));
        let Some((place, _)) = oldest else {
            return Err(Refusal::LimitReached { what: "open follow-ups", max: FOLLOW_UPS_MAX });
        };
        profile.follow_ups.remove(place);
    }
    let id = next_part(profile);
    profile.follow_ups.push(FollowUp {
        id,
        promised: draft.clone(),
        promised_by: stamp.by.clone(),
        promise_time: stamp.at,
        completion: None,
    });
    Ok(made(Sections::RECOVERY, id))
}

/// Completes what is owed; with a kept delivery the gesture is delivered.
pub(super) fn complete(
    profile: &mut Profile,
    id: PartId,
    kept: bool,
    rating: u8,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = profile.follow_ups.iter_mut().find(|known| known.id == id);
    let known = known.ok_or(Refusal::Missing { what: "follow-up" })?;
    if !known.is_open() {
        return Err(Refusal::NotActive { what: "follow-up" });
    }
    known.completion = Some(Completion { by: stamp.by.clone(), time: stamp.at, kept, rating });
    let delivered = known.promised.gesture.filter(|_| kept);
    if let Some(gesture) = delivered {
        gesture::delivered(profile, gesture);
        return Ok(touched(Sections::RECOVERY.with(Sections::GESTURES)));
    }
    Ok(touched(Sections::RECOVERY))
}

/// Keeps what is owed for a gesture that has reached the customer.
pub(super) fn keep_delivery(profile: &mut Profile, gesture: PartId, stamp: &Stamp) {
    let owed = profile.follow_ups.iter_mut();
    for known in owed.filter(|known| known.is_open() && known.promised.gesture == Some(gesture)) {
        known.completion = Some(Completion { by: stamp.by.clone(), time: stamp.at, kept: true, rating: 0 });
    }
}

/// Drops what is owed for a gesture that was taken back, or is not wanted.
pub(super) fn drop_delivery(profile: &mut Profile, gesture: PartId) {
    profile.follow_ups.retain(|known| !(known.is_open() && known.promised.gesture == Some(gesture)));
}

/// Drops the word that a resolution promised, when it did not hold: the next one promises another. What somebody promised
/// besides stays owed.
pub(super) fn drop_word(profile: &mut Profile, issue: PartId, resolve_time: Timestamp) {
    let is_moot = |known: &FollowUp| {
        known.is_open()
            && known.promised.kind == FollowUpKind::AfterIssue
            && known.promised.issue == Some(issue)
            && known.promise_time == resolve_time
    };
    profile.follow_ups.retain(|known| !is_moot(known));
}
