//! Changes of preferences.

use super::effect::{Effect, TouchedParts, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, limits::PREFERENCES_MAX},
    parts::preference::{Evidence, Preference},
    profile::Profile,
};

/// Preferences are ordered by subject, so that the same evidence makes the same profile in any order.
pub(super) fn record(profile: &mut Profile, evidence: &Evidence, stamp: &Stamp) -> Result<Effect, Refusal> {
    let known = profile.preferences.iter().position(|known| known.subject == evidence.subject);
    // Spelt in another way it is the same, and stays as it was written first.
    let alike = || profile.preferences.iter().position(|known| known.subject.is_alike(&evidence.subject));
    if let Some(known) = known.or_else(alike).and_then(|index| profile.preferences.get_mut(index)) {
        known.fold(evidence, &stamp.by);
        return Ok(touched(TouchedParts::PREFERENCES));
    }
    if profile.preferences.len() >= PREFERENCES_MAX {
        return Err(Refusal::LimitReached { what: "preferences", max: PREFERENCES_MAX });
    }
    let index = profile.preferences.partition_point(|known| known.subject < evidence.subject);
    profile.preferences.insert(index, Preference::from_evidence(evidence, &stamp.by));
    Ok(touched(TouchedParts::PREFERENCES))
}

pub(super) fn remove(profile: &mut Profile, id: &str) -> Result<Effect, Refusal> {
    let index = profile.preferences.iter().position(|known| known.subject.preference_id() == id);
    let index = index.ok_or(Refusal::Missing { what: "preference" })?;
    profile.preferences.remove(index);
    Ok(touched(TouchedParts::PREFERENCES))
}
