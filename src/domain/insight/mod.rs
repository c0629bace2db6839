//! What is derived from a profile. `absence`: from when the customer counts as slipping away. `anticipation`: what they will
//! probably want. `edible`: whether an item may be food or drink.
//! `near`: occasions of the next days. `relationship`: the level. `substances`: what items contain. `value`: lifetime value.

pub mod absence;
pub mod anticipation;
pub mod edible;
pub(in crate::domain) mod near;
pub mod relationship;
pub mod substances;
pub mod value;
