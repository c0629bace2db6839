//! The rules. Pure and synchronous: no I/O, no clock, no randomness, no serialisation. It imports nothing of ours.
//!
//! Time is an argument everywhere. Every way in which a profile changes is a [`Change`], and [`apply()`] is the only
//! function that makes one happen.

pub mod advocacy;
pub mod anticipation;
pub mod apply;
pub mod briefing;
pub mod card;
pub mod catalogue;
pub mod change;
pub mod consent;
mod edible;
pub mod error;
pub mod follow_up;
mod forbidden;
pub mod gesture;
pub mod habits;
pub mod id;
pub mod identity;
pub mod interaction;
pub mod issue;
pub mod limits;
pub mod money;
pub mod occasion;
pub mod policy;
pub mod precaution;
pub mod preference;
pub mod profile;
pub mod recent;
pub mod relationship;
pub mod review;
pub(crate) mod substances;
pub mod text;
pub mod value;

#[cfg(test)]
mod testing;

pub use apply::{Effect, apply};
pub use change::{Author, Change, Sections, Stamp};
pub use error::{Refusal, Violation};
pub use id::{CustomerId, TenantId, VenueId};
pub use profile::Profile;

/// A moment. Nanosecond precision, UTC.
pub type Timestamp = jiff::Timestamp;
