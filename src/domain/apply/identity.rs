//! Changes of identities.

use super::effect::{Effect, TouchedParts, touched};
use crate::domain::{
    kernel::{error::Refusal, limits::IDENTITIES_MAX, time::Timestamp},
    parts::identity::Identity,
    profile::{Profile, ProfileIdentity},
};

/// Adds an identity, or replaces it if it has expired or has the same token. At the limit, the shared one that expired first is
/// dropped: a customer with many stays collects rooms.
pub(super) fn add(profile: &mut Profile, own: &ProfileIdentity, now: Timestamp) -> Result<Effect, Refusal> {
    if let Some(index) = profile.identities.iter().position(|known| known.identity == own.identity) {
        // The same token: the same reservation in the index of identities, of which only the expiry changes.
        if profile.identities[index].valid_at(now) && profile.identities[index].token != own.token {
            return Err(Refusal::Duplicate { what: "identity", field: "identity" });
        }
        profile.identities[index] = own.clone();
        return Ok(touched(TouchedParts::IDENTITIES));
    }
    if profile.identities.len() >= IDENTITIES_MAX {
        let expired = profile.identities.iter().enumerate();
        let expired = expired.filter(|(_, known)| !known.valid_at(now) && !known.identity.kind.is_exclusive());
        let Some((index, _)) = expired.min_by_key(|(_, known)| known.expire_time) else {
            return Err(Refusal::LimitReached { what: "identities", max: IDENTITIES_MAX });
        };
        profile.identities.remove(index);
    }
    profile.identities.push(own.clone());
    Ok(touched(TouchedParts::IDENTITIES))
}

pub(super) fn remove(profile: &mut Profile, identity: &Identity) -> Result<Effect, Refusal> {
    let index = profile.identities.iter().position(|known| known.identity == *identity);
    let index = index.ok_or(Refusal::Missing { what: "identity" })?;
    profile.identities.remove(index);
    Ok(touched(TouchedParts::IDENTITIES))
}
