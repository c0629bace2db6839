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
    /// It stands for what a dish usually holds: "lentil", in "lentil lasagne"; or, after it, "of lentils".
    Instead(Substances, Side),
    /// It negates the next word: "without".
    Without,
    /// It negates the word before it: "free".
    Free,
    /// What follows stands apart: "with".
    With,
    /// What follows goes with the word before: "and".
    And,
    /// What follows may be had in place of what stands before, or goes with it as "and" does: "or".
    Or,
    /// It says nothing by itself: "the".
    The,
    /// It says that the dish can be had so, or otherwise: "on request". Then nothing is negated.
    Perhaps,
}

/// Where the dish stands whose usual contents a word takes the place of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Before,
    After,
}

static ROLES: LazyLock<Finder<Role>> = LazyLock::new(|| {
    let role = |entry: Entry| {
        let role = match entry.section {
            "lifts" => Role::Lifts(codes::with_parts(entry.contents_alone())),
            "instead" => {
                let side = if entry.word.contains([' ', '\'']) { Side::Before } else { Side::After };
                Role::Instead(codes::with_parts(entry.contents_alone()), side)
            }
            "without" => Role::Without,
            "free" => Role::Free,
            "with" => Role::With,
            "and" => Role::And,
            "or" => Role::Or,
            "the" => Role::The,
            "perhaps" => Role::Perhaps,
            _ => return None,
        };
        // "Lentils" are what "lentil" is; "frees" is not "free".
        let is_exact = entry.is_exact || !matches!(role, Role::Lifts(_) | Role::Instead(..));
        Some((Entry { is_exact, ..entry }, role))
    };
    // One word in two languages: "no" negates in English and is an article with a preposition in Portuguese.
    Finder::of(file::entries().filter_map(role), |known, more| match (*known, more) {
        (Role::Lifts(one), Role::Lifts(other)) => *known = Role::Lifts(one | other),
        (Role::Instead(one, side), Role::Instead(other, _)) => *known = Role::Instead(one | other, side),
        (Role::Perhaps, _) | (_, Role::Perhaps) => *known = Role::Perhaps,
        (Role::Lifts(_) | Role::Without | Role::Free, _) => {}
        (Role::Or, Role::And | Role::The) => {}
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
    /// Of these, those of one group that no "and" parts.
    group: usize,
    role: Option<Role>,
    /// The text says that it is not in it.
    is_negated: bool,
    /// It begins with a word that says "with", and stands for what a dish usually holds: "au fromage".
    comes_with: bool,
}

/// A word that lifts substances.
struct Lift {
    /// Where it begins and ends in the folded text.
    start: usize,
    end: usize,
    part: usize,
    group: usize,
    lifted: Substances,
    /// If it lifts what a dish usually holds, and nothing that is named: where the dish stands.
    instead: Option<Side>,
}

/// The words of a text; `None`: nothing in it is negated.
fn negations(text: &str) -> Option<(Vec<Word>, Vec<Lift>)> {
    let (mut roles, mut with): (Vec<(usize, usize, Role)>, Vec<usize>) = (Vec::new(), Vec::new());
    ROLES.each(text, |index, start, end| {
        with.extend((*ROLES.value(index) == Role::With).then_some(start));
        // "without egg" lifts eggs, and still negates what "or milk" adds.
        let is_inside = |from: usize, to: usize| start <= from && to <= end && to - from < end - start;
        roles.retain(|(from, to, role)| *role == Role::Without || !is_inside(*from, *to));
        if !roles.iter().any(|(from, to, _)| *from <= start && end <= *to) {
            roles.push((start, end, *ROLES.value(index)));
        }
    });
    let negates = |role: &Role| matches!(role, Role::Lifts(_) | Role::Instead(..) | Role::Without | Role::Free);
    if !roles.iter().any(|(.., role)| negates(role)) || roles.iter().any(|(.., role)| *role == Role::Perhaps) {
        return None;
    }
    let mut words = words(text);
    let mut part = 0;
    for word in &mut words {
        word.role = roles.iter().find(|(start, ..)| *start == word.start).map(|(.., role)| *role);
        word.comes_with = matches!(word.role, Some(Role::Instead(_, Side::Before))) && with.contains(&word.start);
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
    // "With or without cheese" says nothing.
    let is_open = |part: usize| words.iter().any(|word| word.part == part && word.is_alternative());
    let open: Vec<usize> = words.iter().map(|word| word.part).filter(|part| is_open(*part)).collect();
    for word in &mut words {
        word.is_negated &= !open.contains(&word.part);
    }
    // "Vegan burger and mozzarella": what is joined stands apart from what lifts.
    let mut part = 0;
    for word in &mut words {
        part += usize::from(word.joins());
        word.group = word.part + part;
    }
    // "Non-vegan" lifts nothing, and "without spinach" puts nothing in the place of meat.
    let is_denied = |start: usize| roles.iter().any(|(_, end, role)| *role == Role::Without && *end + 1 == start);
    let lifts = roles.iter().filter_map(|(start, end, role)| {
        let (lifted, instead) = match role {
            Role::Lifts(substances) => (*substances, None),
            Role::Instead(substances, side) => (*substances, Some(*side)),
            _ => return None,
        };
        let word = words.iter().rev().find(|word| word.start <= *start)?;
        let is_void = is_denied(*start) || open.contains(&word.part) || (instead.is_some() && word.is_negated);
        (!is_void).then_some(Lift { start: *start, end: *end, part: word.part, group: word.group, lifted, instead })
    });
    let lifts = lifts.collect();
    Some((words, lifts))
}

impl Word {
    /// Whether it says "or", and not of what is negated: "without onions or pickles".
    fn is_alternative(&self) -> bool {
        self.role == Some(Role::Or) && !self.is_negated
    }

    /// Whether it says "and", and not of what is negated; or what comes with it.
    fn joins(&self) -> bool {
        (self.role == Some(Role::And) && !self.is_negated) || self.comes_with
    }
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
                _ => words.push(Word {
                    from: at,
                    to,
                    start: read,
                    end: read + 1,
                    part,
                    group: 0,
                    role: None,
                    is_negated: false,
                    comes_with: false,
                }),
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
    while let Some(word) = next.next_if(|word| word.part == part && (is_open || continues(word.role))) {
        word.is_negated = true;
        is_open = continues(word.role) || matches!(word.role, Some(Role::Without | Role::The));
    }
}

fn continues(role: Option<Role>) -> bool {
    matches!(role, Some(Role::And | Role::Or))
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
    let word_at = |start: usize| words.iter().rev().find(|word| word.start <= start);
    let place_of = |hit: Hit| word_at(hit.start as usize).map_or((0, 0), |word| (word.part, word.group));
    let has_alternative = words.iter().any(Word::is_alternative);
    // "Mocktail with a shot of rum": what comes with it is another thing.
    let is_with = |lift: &Lift, hit: Hit| {
        let mut between = words.iter().filter(|word| lift.start < word.start && word.start <= hit.start as usize);
        between.any(|word| word.role == Some(Role::With) || word.joins())
    };
    let left = hits.sum(|hit| {
        let mut told = hit.substances();
        if word_at(hit.start as usize).is_some_and(|word| word.is_negated) {
            return 0;
        }
        for lift in &lifts {
            let is_own = |hit: &Hit| lift.start <= hit.start as usize && hit.end as usize <= lift.end;
            let is_near = |hit: &Hit| place_of(*hit) == (lift.part, lift.group);
            let is_told_near = || {
                hits.as_slice().iter().any(|hit| !is_own(hit) && is_near(hit) && hit.substances() & lift.lifted != 0)
            };
            if let Some(side) = lift.instead {
                let is_before = (hit.start as usize) < lift.start;
                // A dish that has the word in its own name is known with it.
                let has_it = is_before && lift.end <= hit.end as usize;
                if place_of(hit).0 == lift.part && !has_it && is_before == (side == Side::Before) {
                    told &= !(hit.usual() & lift.lifted);
                }
            } else if is_own(&hit) || is_near(&hit) || !(has_alternative || is_with(lift, hit) || is_told_near()) {
                told = without(told, lift.lifted);
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

/// A text without the words that "without" and its like negate; `None`: there are none, or they are in doubt ("not without nuts",
/// "nuts, free of charge").
pub fn without_left_out(text: &str) -> Option<String> {
    let (words, _) = negations(text)?;
    let is_doubtful = words.iter().any(|word| word.role == Some(Role::Free))
        || words.windows(2).any(|pair| pair.iter().all(|word| word.role == Some(Role::Without)));
    if is_doubtful || !words.iter().any(|word| word.is_negated) {
        return None;
    }
    let kept: Vec<&str> = words.iter().filter(|word| !word.is_negated).map(|word| &text[word.from..word.to]).collect();
    Some(kept.join(" "))
}
