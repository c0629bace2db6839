//! The only way in which a profile changes.

use super::{
    Change, Profile, Refusal, Sections, Stamp, Timestamp,
    consent::Consent,
    follow_up, gesture,
    id::PartId,
    identity::Identity,
    issue,
    limits::{IDENTITIES_MAX, OCCASIONS_MAX, PRECAUTIONS_MAX, PREFERENCES_MAX},
    occasion::{Occasion, OccasionDraft},
    precaution::{Criticality, Precaution, PrecautionDraft, PrecautionStatus, Review},
    preference::{Evidence, Preference},
    profile::OwnIdentity,
};

/// What a change did besides changing the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    pub sections: Sections,
    /// The part that the change made.
    pub created: Option<PartId>,
}

/// Applies one change, or refuses it and leaves the profile as it was.
///
/// Every step below checks before it writes. Changes of interactions are not counted in `change_count`: the history
/// keeps those apart.
pub fn apply(profile: &mut Profile, change: &Change, stamp: &Stamp) -> Result<Effect, Refusal> {
    let effect = match change {
        Change::DetailsSet(details) => {
            profile.details = details.clone();
            touched(Sections::DETAILS)
        }
        Change::IdentityAdded(own) => add_identity(profile, own, stamp.at)?,
        Change::IdentityRemoved(identity) => remove_identity(profile, identity)?,
        Change::PrecautionAdded(draft) => add_precaution(profile, draft, stamp)?,
        Change::PrecautionReviewed { id, status, reason } => review(profile, *id, *status, reason, stamp)?,
        Change::PrecautionsAsked(time) => {
            profile.asked_time = profile.asked_time.max(Some(*time));
            touched(Sections::PRECAUTIONS)
        }
        Change::EvidenceRecorded(evidence) => record_evidence(profile, evidence, stamp)?,
        Change::PreferenceRemoved(id) => remove_preference(profile, id)?,
        Change::OccasionAdded(draft) => add_occasion(profile, draft, stamp)?,
        Change::OccasionReplaced { id, occasion } => replace_occasion(profile, *id, occasion, stamp)?,
        Change::OccasionRemoved(id) => remove_occasion(profile, *id)?,
        Change::ConsentRecorded(consent) => record_consent(profile, consent),
        Change::InteractionRecorded(interaction) => {
            profile.habits.fold(interaction);
            profile.habits.kept = profile.habits.kept.saturating_add(1);
            profile.advocacy.fold(interaction.feedback.as_ref(), interaction.referred.is_some());
            touched(Sections::HABITS)
        }
        Change::InteractionVoided { interaction, reason: _ } => {
            // It stays in the history, marked; so `kept` stays too.
            profile.habits.unfold(interaction);
            profile.advocacy.unfold(interaction.feedback.as_ref(), interaction.referred.is_some());
            touched(Sections::HABITS)
        }
        Change::HistoryTrimmed { dropped, horizon } => {
            profile.habits.kept = profile.habits.kept.saturating_sub(*dropped);
            profile.habits.horizon = profile.habits.horizon.max(Some(*horizon));
            touched(Sections::HABITS)
        }
        Change::IssueOpened(draft) => issue::open(profile, draft, stamp)?,
        Change::IssueAssigned { id, owner } => issue::assign(profile, *id, owner)?,
        Change::IssueResolved { id, resolution } => issue::resolve(profile, *id, resolution, stamp)?,
        Change::IssueReopened { id, reason: _ } => issue::reopen(profile, *id, stamp)?,
        Change::FollowUpPromised(draft) => follow_up::promise(profile, draft, stamp)?,
        Change::FollowUpCompleted { id, kept, rating } => follow_up::complete(profile, *id, *kept, *rating, stamp)?,
        Change::GestureGiven(draft) => gesture::give(profile, draft, stamp)?,
        Change::GestureApproved { id, role, drawn_on } => gesture::approve(profile, *id, role, *drawn_on, stamp)?,
        Change::GestureCancelled { id, reason: _ } => gesture::cancel(profile, *id)?,
        Change::GestureOutcomeRecorded { id, outcome } => gesture::record_outcome(profile, *id, *outcome, stamp)?,
    };
    profile.update_time = stamp.at;
    if !is_of_interactions(change) {
        profile.change_count = profile.change_count.saturating_add(1);
    }
    Ok(effect)
}

fn is_of_interactions(change: &Change) -> bool {
    matches!(change, Change::InteractionRecorded(_) | Change::InteractionVoided { .. } | Change::HistoryTrimmed { .. })
}

pub(super) fn touched(sections: Sections) -> Effect {
    Effect { sections, created: None }
}

pub(super) fn made(sections: Sections, id: PartId) -> Effect {
    Effect { sections, created: Some(id) }
}

pub(super) fn next_part(profile: &mut Profile) -> PartId {
    let id = PartId(profile.next_part);
    profile.next_part = profile.next_part.saturating_add(1);
    id
}

/// An identity that has run out is replaced. When there is no room left, the shared one that ran out first gives way: a
/// guest of many stays collects rooms.
fn add_identity(profile: &mut Profile, own: &OwnIdentity, now: Timestamp) -> Result<Effect, Refusal> {
    if let Some(place) = profile.identities.iter().position(|known| known.identity == own.identity) {
        // Under its own token it is the same seat with another time of expiry.
        if profile.identities[place].valid_at(now) && profile.identities[place].token != own.token {
            return Err(Refusal::Duplicate { what: "identity", field: "identity" });
        }
        profile.identities[place] = own.clone();
        return Ok(touched(Sections::IDENTITIES));
    }
    if profile.identities.len() >= IDENTITIES_MAX {
        let gone = profile.identities.iter().enumerate();
        let gone = gone.filter(|(_, known)| !known.valid_at(now) && !known.identity.kind.is_exclusive());
        let Some((place, _)) = gone.min_by_key(|(_, known)| known.expire_time) else {
            return Err(Refusal::LimitReached { what: "identities", max: IDENTITIES_MAX });
        };
        profile.identities.remove(place);
    }
    profile.identities.push(own.clone());
    Ok(touched(Sections::IDENTITIES))
}

fn remove_identity(profile: &mut Profile, identity: &Identity) -> Result<Effect, Refusal> {
    let place = profile.identities.iter().position(|known| known.identity == *identity);
    let place = place.ok_or(Refusal::Missing { what: "identity" })?;
    profile.identities.remove(place);
    Ok(touched(Sections::IDENTITIES))
}

fn add_precaution(profile: &mut Profile, draft: &PrecautionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    let same = |known: &Precaution| {
        known.is_active() && known.reported.kind == draft.kind && known.reported.code == draft.code
    };
    if profile.precautions.iter().any(same) {
        return Err(Refusal::Duplicate { what: "precaution", field: "precautions" });
    }
    if profile.precautions.len() >= PRECAUTIONS_MAX {
        return Err(Refusal::LimitReached { what: "precautions", max: PRECAUTIONS_MAX });
    }
    let id = next_part(profile);
    profile.precautions.push(Precaution {
        id,
        reported: draft.clone(),
        recorded_by: stamp.by.clone(),
        record_time: stamp.at,
        review: None,
    });
    Ok(made(Sections::PRECAUTIONS, id))
}

fn review(
    profile: &mut Profile,
    id: PartId,
    status: PrecautionStatus,
    reason: &str,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let found = profile.precautions.iter_mut().find(|known| known.id == id);
    let precaution = found.ok_or(Refusal::Missing { what: "precaution" })?;
    if !precaution.is_active() {
        return Err(Refusal::NotActive { what: "precaution" });
    }
    let leaves = match status {
        PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed => false,
        PrecautionStatus::Refuted | PrecautionStatus::Resolved | PrecautionStatus::EnteredInError => true,
    };
    let critical = match precaution.reported.criticality {
        Criticality::High | Criticality::Unknown => true,
        Criticality::Low => false,
    };
    if leaves && critical && !is_second_person(&stamp.by, &precaution.recorded_by) {
        return Err(Refusal::SecondPersonNeeded);
    }
    precaution.reported.status = status;
    precaution.review = Some(Review { by: stamp.by.clone(), time: stamp.at, reason: reason.to_owned() });
    Ok(touched(Sections::PRECAUTIONS))
}

/// Whether the reviewer is shown to be somebody else than the recorder: a named member of staff, and another one. The
/// device does not matter: walking to another till does not make a second person.
pub(super) fn is_second_person(reviewer: &str, recorder: &str) -> bool {
    fn staff(author: &str) -> Option<&str> {
        author.rsplit_once('@').map(|(staff, _)| staff).filter(|staff| !staff.is_empty())
    }
    match (staff(reviewer), staff(recorder)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(one), Some(other)) => !one.eq_ignore_ascii_case(other),
    }
}

/// Preferences are ordered by subject, so that the same evidence makes the same profile in any order.
fn record_evidence(profile: &mut Profile, evidence: &Evidence, stamp: &Stamp) -> Result<Effect, Refusal> {
    if let Some(known) = profile.preferences.iter_mut().find(|known| known.subject == evidence.subject) {
        known.fold(evidence, &stamp.by);
        return Ok(touched(Sections::PREFERENCES));
    }
    if profile.preferences.len() >= PREFERENCES_MAX {
        return Err(Refusal::LimitReached { what: "preferences", max: PREFERENCES_MAX });
    }
    let place = profile.preferences.partition_point(|known| known.subject < evidence.subject);
    profile.preferences.insert(place, Preference::from_evidence(evidence, &stamp.by));
    Ok(touched(Sections::PREFERENCES))
}

fn remove_preference(profile: &mut Profile, id: &str) -> Result<Effect, Refusal> {
    let place = profile.preferences.iter().position(|known| known.subject.preference_id() == id);
    let place = place.ok_or(Refusal::Missing { what: "preference" })?;
    profile.preferences.remove(place);
    Ok(touched(Sections::PREFERENCES))
}

fn add_occasion(profile: &mut Profile, draft: &OccasionDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if profile.occasions.iter().any(|known| known.reported == *draft) {
        return Err(Refusal::Duplicate { what: "occasion", field: "occasion" });
    }
    if profile.occasions.len() >= OCCASIONS_MAX {
        return Err(Refusal::LimitReached { what: "occasions", max: OCCASIONS_MAX });
    }
    let id = next_part(profile);
    profile.occasions.push(occasion(id, draft, stamp));
    Ok(made(Sections::OCCASIONS, id))
}

fn replace_occasion(
    profile: &mut Profile,
    id: PartId,
    draft: &OccasionDraft,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let place = profile.occasions.iter().position(|known| known.id == id);
    let place = place.ok_or(Refusal::Missing { what: "occasion" })?;
    if profile.occasions.iter().any(|known| known.id != id && known.reported == *draft) {
        return Err(Refusal::Duplicate { what: "occasion", field: "occasion" });
    }
    profile.occasions[place] = occasion(id, draft, stamp);
    Ok(touched(Sections::OCCASIONS))
}

fn occasion(id: PartId, draft: &OccasionDraft, stamp: &Stamp) -> Occasion {
    Occasion { id, reported: draft.clone(), recorded_by: stamp.by.clone(), record_time: stamp.at }
}

fn remove_occasion(profile: &mut Profile, id: PartId) -> Result<Effect, Refusal> {
    let place = profile.occasions.iter().position(|known| known.id == id);
    let place = place.ok_or(Refusal::Missing { what: "occasion" })?;
    profile.occasions.remove(place);
    Ok(touched(Sections::OCCASIONS))
}

/// An older decision that arrives late changes nothing: the latest counts.
fn record_consent(profile: &mut Profile, consent: &Consent) -> Effect {
    match profile.consents.iter_mut().find(|known| known.purpose == consent.purpose) {
        Some(known) if consent.replaces(known) => *known = consent.clone(),
        Some(_) => {}
        None => profile.consents.push(consent.clone()),
    }
    touched(Sections::CONSENTS)
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
