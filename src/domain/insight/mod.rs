//! What is worked out. From profiles: `absence` (from when the customer counts as slipping away), `anticipation` (what they
//! will probably want, also by what others buy), `near` (occasions of today and the next days), `relationship` (the level), `value`
//! (lifetime value). From names and codes, by the words of `words`: `substances` (what precautions are about, and what items
//! contain). From names, by `words`, and from categories, by a list that the policy may change: `edible` (whether an item may be food
//! or drink).

pub mod absence;
pub mod anticipation;
pub mod edible;
pub mod near;
pub mod relationship;
pub mod substances;
pub mod value;
