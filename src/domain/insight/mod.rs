//! What is worked out. From profiles: `absence` (from when the customer counts as slipping away), `anticipation` (what they
//! will probably want, also by what others buy), `near` (occasions of today and the next days), `relationship` (the level), `value`
//! (lifetime value). From names, categories and codes, by the words of `words`: `edible` (whether an item may be food or
//! drink), `substances` (what precautions are about, and what items contain).

pub mod absence;
pub mod anticipation;
pub mod edible;
pub mod near;
pub mod relationship;
pub mod substances;
pub mod value;
