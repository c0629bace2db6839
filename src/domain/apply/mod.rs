//! The only way in which a profile changes.

pub mod change;
mod delivery;
pub mod effect;
mod gesture;
mod identity;
mod issue;
mod mark;
mod occasion;
mod precaution;
mod preference;

use crate::domain::{
    kernel::{author::Stamp, error::Refusal},
    parts::{
        consent::{Consent, ConsentState},
        level::RelationshipLevel,
    },
    profile::{CustomerKind, Details, Profile},
};
use change::Change;
use effect::{Effect, TouchedParts, touched};
pub use precaution::part_pregnancies;

/// Applies one change, or refuses it and leaves the profile as it was.
///
/// Every step below checks before it writes. Changes of interactions are not counted in `change_count`: the history
/// keeps those apart.
pub fn apply(profile: &mut Profile, change: &Change, stamp: &Stamp) -> Result<Effect, Refusal> {
    let effect = match change {
        Change::DetailsSet(details) => set_details(profile, details),
        Change::IdentityAdded(own) => identity::add(profile, own, stamp.at)?,
        Change::IdentityRemoved(identity) => identity::remove(profile, identity)?,
        Change::PrecautionAdded(draft) => precaution::add(profile, draft, stamp)?,
        Change::PrecautionReviewed { id, status, reason } => precaution::review(profile, *id, *status, reason, stamp)?,
        Change::PrecautionsAsked(time) => {
            profile.asked_time = profile.asked_time.max(Some(*time));
            touched(TouchedParts::PRECAUTIONS)
        }
        Change::EvidenceRecorded(evidence) => preference::record(profile, evidence, stamp)?,
        Change::PreferenceRemoved(id) => preference::remove(profile, id)?,
        Change::OccasionAdded(draft) => occasion::add(profile, draft, stamp)?,
        Change::OccasionReplaced { id, occasion } => occasion::replace(profile, *id, occasion, stamp)?,
        Change::OccasionRemoved(id) => occasion::remove(profile, *id)?,
        Change::ConsentRecorded(consent) => record_consent(profile, consent)?,
        Change::InteractionRecorded(interaction) => {
            profile.habits.fold(interaction);
            profile.habits.kept = profile.habits.kept.saturating_add(1);
            profile.advocacy.fold(interaction.feedback.as_ref(), interaction.referred.is_some());
            touched(TouchedParts::HABITS)
        }
        Change::InteractionVoided { interaction, reason: _, left } => {
            // It stays in the history, marked; so `kept` stays too.
            profile.habits.unfold_among(interaction, left.as_ref());
            profile.advocacy.unfold(interaction.feedback.as_ref(), interaction.referred.is_some());
            touched(TouchedParts::HABITS)
        }
        Change::HistoryTrimmed { dropped, horizon } => {
            profile.habits.kept = profile.habits.kept.saturating_sub(*dropped);
            profile.habits.horizon = profile.habits.horizon.max(Some(*horizon));
            touched(TouchedParts::HABITS)
        }
        Change::IssueOpened(draft) => issue::open(profile, draft, stamp)?,
        Change::IssueAssigned { id, owner } => issue::assign(profile, *id, owner)?,
        Change::IssueResolved { id, resolution } => issue::resolve(profile, *id, resolution, stamp)?,
        Change::IssueReopened { id, reason: _ } => issue::reopen(profile, *id, stamp)?,
        Change::FollowUpPromised(draft) => delivery::promise(profile, draft, stamp)?,
        Change::FollowUpCompleted { id, kept, rating } => delivery::complete(profile, *id, *kept, *rating, stamp)?,
        Change::GestureGiven(draft) => gesture::give(profile, draft, stamp)?,
        Change::GestureApproved { id, role, drawn_on } => gesture::approve(profile, *id, role, *drawn_on, stamp)?,
        Change::GestureCancelled { id, reason: _ } => gesture::cancel(profile, *id)?,
        Change::GestureOutcomeRecorded { id, outcome } => gesture::record_outcome(profile, *id, *outcome, stamp)?,
        Change::DeceasedMarked { deceased, of_whom, reason: _ } => mark::deceased(profile, *deceased, of_whom, stamp)?,
        Change::BarSet(bar) => mark::bar(profile, bar, stamp),
        Change::BarLifted { reason: _ } => mark::lift(profile)?,
    };
    profile.update_time = stamp.at;
    if !is_of_interactions(change) {
        profile.change_count = profile.change_count.saturating_add(1);
    }
    Ok(effect)
}

/// Notes the level under which the service review counts the customer from now on. Levels change with time and with the
/// policy, so the level that was counted is remembered, to be subtracted later. It is bookkeeping: no [`Change`], and
/// not in the history.
pub fn settle_level(profile: &mut Profile, level: RelationshipLevel) {
    profile.counted_level = Some(level);
}

/// Whoever answered for a household was one of several: it is no answer of the person whose profile it becomes.
fn set_details(profile: &mut Profile, details: &Details) -> Effect {
    let was_shared = profile.details.kind == CustomerKind::Household && details.kind != CustomerKind::Household;
    profile.details = details.clone();
    if was_shared && profile.asked_time.take().is_some() {
        return touched(TouchedParts::DETAILS.with(TouchedParts::PRECAUTIONS));
    }
    touched(TouchedParts::DETAILS)
}

fn is_of_interactions(change: &Change) -> bool {
    matches!(change, Change::InteractionRecorded(_) | Change::InteractionVoided { .. } | Change::HistoryTrimmed { .. })
}

/// An older decision that arrives late leaves the one on record as it is: the latest counts.
/// The dead agree to nothing new; who survives them may still refuse.
fn record_consent(profile: &mut Profile, consent: &Consent) -> Result<Effect, Refusal> {
    if profile.is_deceased() && consent.state == ConsentState::Granted {
        return Err(Refusal::Deceased);
    }
    match profile.consents.iter_mut().find(|known| known.purpose == consent.purpose) {
        Some(known) if consent.replaces(known) => *known = consent.clone(),
        Some(_) => {}
        None => profile.consents.push(consent.clone()),
    }
    Ok(touched(TouchedParts::CONSENTS))
}

#[cfg(test)]
mod tests;
