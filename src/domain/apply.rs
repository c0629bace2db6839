//! The only way in which a profile changes.

use super::{Change, Profile, Refusal, Sections, Stamp, id::PartId};

/// What a change did besides changing the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    pub sections: Sections,
    /// The part that the change made.
    pub created: Option<PartId>,
}

/// Applies one change, or refuses it and leaves the profile as it was.
pub fn apply(_profile: &mut Profile, _change: &Change, _stamp: &Stamp) -> Result<Effect, Refusal> {
    todo!()
}
