//! The words of names: what they tell of. `codes`: the substances, what they are parts of, and diets. `data/`: the words, a
//! file for each language; `file` reads them, `plural` makes their forms, `fold` makes spellings alike. `lexicon`: all
//! words as one automaton, and what a name tells of. `lifting`: what a name negates. `phrases`: codes that people wrote.
//! `promised`: what a promise in words brings.
//!
//! Words are a second net, behind what a venue declares: they tell that something is in a dish, never that nothing is.

pub mod codes;
mod file;
pub mod fold;
pub mod lexicon;
pub mod lifting;
pub mod people;
pub mod phrases;
mod plural;
mod promised;

#[cfg(test)]
mod tests;

pub use lexicon::{is_food, told_by};
pub use lifting::{told_after_lifting, unlifted};
pub use promised::brought;
