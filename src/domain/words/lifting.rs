//! What a name says is not in it: "gluten-free", "senza glutine", "no ice". Tastes and diets believe it, an allergy never
//! does: the gate decides that.

use std::{borrow::Cow, sync::LazyLock};

use super::{
    codes::{self, FOOD, Substances},
    file::{self, Entry},
    fold::{self, BREAK},
    lexicon::{Finder, Hit, Hits},
};

/// What a word does to the words beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    /// It says that these are not in it: "vegan".
    Lifts(Substances),
    /// It negates the next word: "without".
    Without,
    /// It negates the word before it: "free".
    Free,
    /// What follows stands apart: "with".
    With,
    /// What follows goes with the word before: "and".
    And,
    /// It says nothing by itself: "the".
    The,
    /// It says that the dish can be had so, or otherwise: "on request". Then nothing is negated.
    Perhaps,
}

static ROLES: LazyLock<Finder<Role>> = LazyLock::new(|| {
    let role = |entry: Entry| {
        let role = match entry.section {
            "lifts" => Role::Lifts(codes::with_parts(entry.contents_alone())),
            "without" => Role::Without,
            "free" => Role::Free,
            "with" => Role::With,
            "and" => Role::And,
            "the" => Role::The,
            "perhaps" => Role::Perhaps,
            _ => return None,
        };
        Some((Entry { is_exact: true, ..entry }, role))
    };
    // One word in two languages: "no" negates in English and is an article with a preposition in Portuguese.
    Finder::of(file::entries().filter_map(role), |known, more| match (*known, more) {
        (Role::Lifts(one), Role::Lifts(other)) => *known = Role::Lifts(one | other),
        (Role::Perhaps, _) | (_, Role::Perhaps) => *known = Role::Perhaps,
        (Role::Lifts(_) | Role::Without | Role::Free, _) => {}
        _ => *known = more,
    })
});

/// A word of a text.
struct Word {
    /// Where it stands in the text.
    from: usize,
    to: usize,
    /// Where it stands in the folded text.
    start: usize,
    end: usize,
    /// Words of one part belong together.
    part: usize,
    role: Option<Role>,
    /// The text says that it is not in it.
    is_negated: bool,
}

/// Where words that lift substances begin and end in the folded text, and what they lift.
type Lift = (usize, usize, Substances);

/// The words of a text; `None`: nothing in it is negated.
fn negations(text: &str) -> Option<(Vec<Word>, Vec<Lift>)> {
    let mut roles: Vec<(usize, usize, Role)> = Vec::new();
    ROLES.each(text, |index, start, end| {
        // "without egg" lifts eggs, and still negates what "or milk" adds.
        let is_inside = |from: usize, to: usize| start <= from && to <= end && to - from < end - start;
        roles.retain(|(from, to, role)| *role == Role::Without || !is_inside(*from, *to));
        if !roles.iter().any(|(from, to, _)| *from <= start && end <= *to) {
            roles.push((start, end, *ROLES.value(index)));
        }
    });
    let negates = |role: &Role| matches!(role, Role::Lifts(_) | Role::Without | Role::Free);
    if !roles.iter().any(|(.., role)| negates(role)) || roles.iter().any(|(.., role)| *role == Role::Perhaps) {
        return None;
    }
    let mut words = words(text);
    let mut part = 0;
    for word in &mut words {
        word.role = roles.iter().find(|(start, ..)| *start == word.start).map(|(.., role)| *role);
        part += usize::from(word.role == Some(Role::With));
        word.part += part;
    }
    for at in 0..words.len() {
        match words[at].role {
            Some(Role::Without) => negate_after(&mut words, at),
            Some(Role::Free) if at > 0 && words[at - 1].part == words[at].part => {
                words[at - 1].is_negated = true;
                words[at].is_negated = true;
            }
            _ => {}
        }
    }
    // "Non-vegan" lifts nothing.
    let is_denied = |start: usize| roles.iter().any(|(_, end, role)| *role == Role::Without && *end + 1 == start);
    let lifts = roles.iter().filter_map(|(start, end, role)| match role {
        Role::Lifts(substances) if !is_denied(*start) => Some((*start, *end, *substances)),
        _ => None,
    });
    let lifts = lifts.collect();
    Some((words, lifts))
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut read, mut part, mut is_new) = (0, 0, true);
    fold::symbols(text, |symbol, at| {
        if symbol == BREAK || symbol == fold::BLANK {
            part += usize::from(symbol == BREAK);
            is_new = true;
        } else {
            let to = at + text[at..].chars().next().map_or(0, char::len_utf8);
            match words.last_mut() {
                Some(word) if !is_new => (word.to, word.end) = (to, read + 1),
                _ => words.push(Word { from: at, to, start: read, end: read + 1, part, role: None, is_negated: false }),
            }
            is_new = false;
        }
        read += 1;
    });
    words
}

/// "without nuts or the milk": the next word, and those that "and" and "or" add.
fn negate_after(words: &mut [Word], at: usize) {
    let part = words[at].part;
    let mut next = words[at..].iter_mut().peekable();
    let mut is_open = true;
    while let Some(word) = next.next_if(|word| word.part == part && (is_open || word.role == Some(Role::And))) {
        word.is_negated = true;
        is_open = matches!(word.role, Some(Role::Without | Role::And | Role::The));
    }
}

/// What a text tells of after its negations. In its own part a negation lifts what is told there; where nothing is, as in
/// "pasta with pesto, gluten-free", it lifts what is told anywhere.
pub fn told_after_lifting(text: &str) -> Substances {
    let mut hits = Hits::default();
    hits.read(text);
    let all = hits.sum(Hit::substances) & !FOOD;
    if all == 0 {
        return 0;
    }
    let Some((words, lifts)) = negations(text) else { return all };
    let word_of =
        |hit: Hit| words.iter().find(|word| word.start <= hit.start as usize && (hit.start as usize) < word.end);
    let part_at = |start: usize| words.iter().rev().find(|word| word.start <= start).map(|word| word.part);
    let left = hits.sum(|hit| {
        let mut told = hit.substances();
        if word_of(hit).is_some_and(|word| word.is_negated) {
            return 0;
        }
        for (start, end, lifted) in &lifts {
            let is_own = |hit: &Hit| *start <= hit.start as usize && hit.end as usize <= *end;
            let part = part_at(*start);
            let is_near = |hit: &Hit| part_at(hit.start as usize) == part;
            let is_told_near =
                || hits.as_slice().iter().any(|hit| !is_own(hit) && is_near(hit) && hit.substances() & *lifted != 0);
            if is_own(&hit) || is_near(&hit) || !is_told_near() {
                told = without(told, *lifted);
            }
        }
        told
    });
    left & !FOOD
}

/// A plant drink takes the place of milk in a drink, and of no other.
fn without(told: Substances, lifted: Substances) -> Substances {
    let (milk_drink, with_it) = codes::milk_drink();
    if told & lifted & milk_drink != 0 { told & !lifted & !with_it } else { told & !lifted }
}

/// A text without the words that it negates: "chinotto, no ice" is "chinotto".
pub fn unlifted(text: &str) -> Cow<'_, str> {
    let Some((words, _)) = negations(text).filter(|(words, _)| words.iter().any(|word| word.is_negated)) else {
        return Cow::Borrowed(text);
    };
    let kept: Vec<&str> = words.iter().filter(|word| !word.is_negated).map(|word| &text[word.from..word.to]).collect();
    Cow::Owned(kept.join(" "))
}
