//! The parts of a profile, each by itself, and the counts that customers together add up to.

pub mod advocacy;
pub mod basket;
pub mod consent;
pub mod copurchase;
pub mod follow_up;
pub mod habits;
pub mod identity;
pub mod interaction;
pub mod issue;
pub mod ledger;
pub mod level;
pub mod mark;
mod not_eaten;
pub mod occasion;
pub mod precaution;
mod precaution_apart;
pub mod precaution_illness;
pub mod precaution_joined;
mod precaution_kind;
mod precaution_pregnancy;
pub mod preference;
pub mod recent;
pub mod repurchase;
pub mod visits_left;
pub mod whereabouts;
