//! What a text says of all that it names.

use super::{Role, Word, apart::is_drink, negations, roles_of};
use crate::domain::words::codes::Substances;

/// What a text says that is not in all of it: "vegan burger", "gluten-free pasta". Nothing, where it has several parts, or where something is
/// put on or in what it names: "vegan burger bacon", "pasta with vegan sauce".
pub fn lifted_of_all(text: &str) -> Substances {
    let Some((words, lifts)) = negations(text) else { return 0 };
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return 0 };
    let is_one = words.iter().all(|word| (word.part, word.group) == (first.part, first.group));
    let is_put_on = words.iter().enumerate().any(|(at, word)| {
        let is_base = word.role == Some(Role::Base) && words[at + 1..].iter().any(Word::names_something);
        is_base || is_drink(&text[word.from..word.to])
    });
    if !is_one || is_put_on {
        return 0;
    }
    // "Steak vegan sauce" is said of the sauce alone.
    let is_said_of_all = |start: usize, end: usize| start <= first.start || last.end <= end;
    let of_all = lifts.iter().filter(|lift| lift.instead.is_none() && is_said_of_all(lift.start, lift.end));
    of_all.fold(0, |set, lift| set | lift.lifted)
}

/// Where words stand in a folded text that lift something: "vegan", "sans alcool", the "free" of "nut free".
pub fn lifting_words(folded: &str) -> Vec<(usize, usize)> {
    let lifts = |role: &Role| matches!(role, Role::Lifts(_) | Role::Free);
    roles_of(folded).0.into_iter().filter(|(.., role)| lifts(role)).map(|(from, to, _)| (from, to)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::codes;

    #[test]
    fn what_is_said_of_one_part_is_not_said_of_all() {
        let meat = codes::of_code("MEAT").expect("a code");
        for (text, expected) in [
            ("Vegan burger", true),
            ("Big vegan burger", false),
            ("Burger vegano", true),
            ("Vegan burger bacon", false),
            ("Vegan burger, steak", false),
            ("Vegan burger and steak", false),
            ("Vegan sauce with steak", false),
            ("Steak vegan sauce", false),
            ("Steak", false),
        ] {
            assert_eq!(lifted_of_all(text) & meat != 0, expected, "{text}");
        }
    }
}
