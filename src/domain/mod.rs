//! The rules. Pure and synchronous: no I/O, no clock, no randomness, no serialisation. It imports nothing of ours.
//!
//! Time is an argument everywhere. Every way in which a profile changes is a [`Change`], and [`apply()`] is the only
//! function that makes one happen.
//!
//! The folders are layers, in this order: each uses only those above it, and `tests/tidy.rs` checks it. Outside the
//! domain a subject is named without its layer: `domain::precaution`, not `domain::parts::precaution`.

pub mod apply; // How a profile changes.
pub mod briefing; // The answers. None uses another.
pub mod gesture;
mod insight; // What is worked out from a profile.
mod kernel; // What everything is made of.
mod moment; // One customer, here and now.
mod parts; // The parts of a profile, and the counts.
pub mod policy; // What a tenant has decided.
pub mod profile; // One customer, whole.
pub mod review;
mod suitability; // What speaks for and against a gesture.

#[cfg(test)]
mod testing;

pub use apply::{
    apply,
    change::{self, Change},
    effect::{Effect, Sections},
};
pub(crate) use insight::substances;
pub use insight::{absence, anticipation, relationship, value};
pub use kernel::{
    author::{Author, Stamp},
    card,
    error::{self, Refusal, Violation},
    id::{self, CustomerId, TenantId, VenueId},
    limits, money, stems, text,
    time::Timestamp,
};
pub use parts::{
    advocacy, consent, copurchase, follow_up, habits, identity, interaction, issue, occasion, precaution, preference,
    recent, repurchase,
};
pub use policy::catalogue;
pub use profile::Profile;
