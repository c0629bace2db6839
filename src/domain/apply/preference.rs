//! Changes of preferences.

use super::effect::{Effect, TouchedParts, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, limits::PREFERENCES_MAX},
    parts::preference::{Evidence, Preference},
    profile::Profile,
};

/// Preferences are ordered by subject, so that the same evidence makes the same profile in any order.
pub(super) fn record(profile: &mut Profile, evidence: &Evidence, stamp: &Stamp) -> Result<Effect, Refusal> {
    if let Some(known) = profile.preferences.iter_mut().find(|known| known.subject == evidence.subject) {
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
