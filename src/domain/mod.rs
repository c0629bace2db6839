//! The rules. Pure and synchronous: no I/O, no clock, no randomness, no serialisation. It imports nothing of ours.
//!
//! Time is an argument everywhere. Every way in which a profile changes is a [`Change`], and [`apply()`] is the only
//! function that makes one happen.
//!
//! The folders are layers: `tests/tidy.rs` checks that each uses only those before it in the order of `tests/tidy/layers.rs`.
//! What is in a private one is named outside the domain without its layer (`domain::precaution`, not
//! `domain::parts::precaution`), or by the answer that has it (`domain::gesture::Objection`).

pub(crate) mod apply; // How a profile changes.
pub(crate) mod briefing; // The answers. None uses another.
pub mod gate; // What may be proposed.
pub(crate) mod gesture;
mod insight; // What is worked out.
pub(crate) mod items; // What venues sell and have declared.
mod kernel; // What everything is made of.
mod moment; // One customer, here and now.
mod parts; // The parts of a profile, and the counts.
pub(crate) mod policy; // What a tenant has decided.
pub(crate) mod profile; // One customer, whole.
pub(crate) mod review;
mod suitability; // What speaks for and against a gesture.
mod words; // What the words of names tell of.

#[cfg(test)]
pub(crate) mod testing;

pub use apply::{apply, change::Change, effect::TouchedParts, part_pregnancies};
pub use briefing::Mask;
pub use insight::anticipation::snapshot::Snapshot;

pub(crate) use insight::{
    absence, anticipation, edible,
    near::{self, label_for_others, may_be_celebrated},
    relationship, substances, value,
};
pub(crate) use kernel::{
    author::{Author, Stamp},
    card,
    error::{Refusal, Violation},
    limits, money, stems, text, time,
    zone::Zone,
};
pub use kernel::{
    id::{self, CustomerId, TenantId, VenueId},
    time::Timestamp,
};
pub use parts::consent::Purpose;
pub use parts::copurchase::Others;
pub(crate) use parts::{
    advocacy, consent, copurchase, follow_up, habits, issue, mark, occasion, precaution, precaution_illness,
    preference, visits_left, whereabouts,
};
pub use parts::{basket, identity, interaction, recent, repurchase};
pub(crate) use policy::catalogue;
pub use policy::{ROOM_SECONDS, TABLE_SECONDS};
pub use profile::Details;
pub(crate) use profile::Profile;
pub use words::none::says_none;
pub(crate) use words::pregnancy::is_told_of_person as tells_of_unborn;

/// Reads the tables of words and of telephone numbers now rather than in the first call.
pub(crate) fn warm_up() {
    words::lexicon::warm_up();
    identity::warm_up();
}
