//! The words of names: what they tell of. `codes`: the substances, what they are parts of, and diets. `data/`: the words, a
//! file for each language; `file` reads them, `plural` makes their forms, `fold` makes spellings alike. `lexicon`: all
//! words of food as one automaton, and what a name tells of. `lifting`: what a name negates. `memo`: what was read lately.
//! `phrases`: codes that people wrote; `slips`: those that are misspelt. `illness`: what the words of a precaution tell of an illness. `none`: codes that say
//! that there is nothing. `pregnancy`: texts that tell of one. `counts`: numbers that stand close to a name. `promised`: what a promise in words brings. `not_served`: promises that say themselves that something is not to be served.
//! `needs`: notes whose code does not say what they are about. `whose`: whether such a note is the customer's own. `pictures`: food by its pictures.
//! `other_things`: categories that are plainly no food. `no_food`: what people are allergic to that is none. `doubted`: promises of which nobody can plainly tell. `lifted`: what a promise takes back, plainly or not. `strength`: numbers that tell of alcohol.
//!
//! Words are a second net, behind what a venue declares: they tell that something is in a dish, never that nothing is.

pub mod codes;
mod counts;
mod doubted;
mod file;
pub mod fold;
pub mod illness;
pub mod lexicon;
mod lifted;
pub mod lifting;
mod lists;
mod memo;
pub mod needs;
pub mod no_food;
pub mod none;
mod not_served;
pub mod other_things;
pub mod people;
pub mod phrases;
pub mod pictures;
mod plural;
pub mod pregnancy;
mod promised;
pub mod slips;
mod strength;
pub mod whose;

#[cfg(test)]
mod ordinary_tests;
#[cfg(test)]
mod tests;

pub use counts::without_stuck_counts;
pub use doubted::{Doubted, doubted};
pub use lifted::{Lifted, lifted};
pub use lifting::{after_no, is_one_thing, lifted_of_all, unlifted};
pub(in crate::domain) use memo::{Lately, lately};
pub use not_served::besides_not_served;
pub use promised::brought;

use codes::{FOOD, Substances};
use memo::Told;

/// What the words of a name tell of, negated or not: "oat milk" tells of milk.
pub fn told_by(text: &str) -> Substances {
    told(text).all & !FOOD
}

/// Whether a name has a word of food or drink.
pub fn is_food(text: &str) -> bool {
    told(text).all != 0
}

/// What a text tells of after its negations.
pub fn told_after_lifting(text: &str) -> Substances {
    told(text).lifted
}

/// Both at once: what its words tell of, and after its negations.
pub fn told_both_ways(text: &str) -> (Substances, Substances) {
    let Told { all, lifted } = told(text);
    (all & !FOOD, lifted)
}

fn told(text: &str) -> Told {
    memo::told(text, |text| {
        let all = lexicon::all_in(text);
        let has_number = text.bytes().any(|byte| byte.is_ascii_digit());
        // "2xBeer": its words, too, as if they were parted.
        let parted = if has_number || !text.is_ascii() { without_stuck_counts(text) } else { None };
        let all = parted.as_deref().map_or(all, |parted| all | lexicon::all_in(parted));
        let to_lift = if has_number { strength::without_empty_volumes(text) } else { text.into() };
        // What tells of nothing has nothing to lift.
        let lifted = |text: &str| if all & !FOOD == 0 { 0 } else { lifting::told_after_lifting(text) };
        let lifted = lifted(&to_lift) | parted.as_deref().map_or(0, lifted);
        let is_strong = has_number && strength::tells_of_alcohol(text, named(all));
        // The highest percentage counts, whatever else the name says of it.
        let by_number = if is_strong { codes::alone("ALCOHOL") } else { 0 };
        // What may be alcohol is none that a name negates; who keeps away from it is not offered it all the same.
        let may_be_strong = has_number && !is_strong && strength::may_tell_of_alcohol(text);
        let perhaps = if may_be_strong { codes::alone("ALCOHOL") } else { by_number };
        Told { all: all | by_number | perhaps, lifted: lifted | by_number }
    })
}

fn named(all: Substances) -> strength::Named {
    match all {
        0 => strength::Named::Nothing,
        _ if all & codes::alone("ALCOHOL") != 0 => strength::Named::Alcohol,
        FOOD => strength::Named::Food,
        _ => strength::Named::Something,
    }
}
