//! What is worked out from a profile: what is expected, what is forbidden, how close the relationship is.

pub mod absence;
pub mod anticipation;
pub(in crate::domain) mod edible;
pub(in crate::domain) mod forbidden;
pub(in crate::domain) mod near;
pub mod relationship;
pub mod substances;
pub mod value;
