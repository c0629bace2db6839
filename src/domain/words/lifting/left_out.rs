//! What a text leaves out, and whether it names more than that.

use super::{Role, Word, negations, roles_of, words};
use crate::domain::words::lexicon;

/// A text without the words that "without" and its like negate; `None`: there are none, or they are in doubt ("not without nuts",
/// "no cake, no party", "without the nut cake she stays away").
pub fn without_left_out(text: &str) -> Option<String> {
    let (words, _) = negations(text)?;
    let is_food = |word: &Word| lexicon::is_food(&text[word.from..word.to]);
    let has = |role: Role| words.iter().any(|word| word.role == Some(role));
    let negated = |at: usize| words[at + 1..].iter().find(|word| word.role != Some(Role::The));
    let is_strange = |at: usize| {
        let is_begun = at == 0 || words[at - 1].segment != words[at].segment;
        let left = words.iter().filter(|word| word.segment == words[at].segment && !word.is_negated).count();
        !negated(at).is_some_and(is_food) || (is_begun && left >= CLAUSE_WORDS_MIN)
    };
    let mut without = (0..words.len()).filter(|at| words[*at].role.is_some_and(Role::negates));
    let is_doubtful = has(Role::Free) || (has(Role::Without) && has(Role::No)) || without.any(is_strange);
    if is_doubtful || !words.iter().any(|word| word.is_negated) {
        return None;
    }
    let kept: Vec<&str> = words.iter().filter(|word| !word.is_negated).map(|word| &text[word.from..word.to]).collect();
    Some(kept.join(" "))
}

/// Whether a text plainly names one thing: "walnuts", "no walnuts", "the walnut dressing"; but not "celery, add walnuts", nor "no
/// dressing but walnuts".
pub fn is_one_thing(text: &str) -> bool {
    let (roles, _) = roles_of(text);
    let words = words(text);
    let may_stand = |word: &Word| {
        let of_word = word.role_among(text, &roles);
        let is_inside = matches!(of_word, Some(Role::And | Role::Or | Role::Perhaps | Role::With));
        let is_no = of_word.is_some_and(Role::negates) && word.start > 0;
        !is_inside && !is_no
    };
    let is_one = words.last().is_some_and(|last| last.part == 0 && !last.is_joined);
    is_one && words.len() <= ONE_THING_WORDS_MAX && words.iter().all(may_stand)
}

/// A longer text may say anything.
const ONE_THING_WORDS_MAX: usize = 4;

/// Whether a text negates something by "no" and its like, not by "without".
pub fn says_no(text: &str) -> bool {
    negations(text).is_some_and(|(words, _)| words.iter().any(|word| word.role == Some(Role::No)))
}

/// From so many words on after "without nuts" at its beginning, a sentence says what comes of it.
const CLAUSE_WORDS_MIN: usize = 2;
