//! What a name says is not in it: "gluten-free", "senza glutine", "no ice". Tastes and diets believe it, an allergy never
//! does: the gate decides that.

use std::{borrow::Cow, sync::LazyLock};

use super::{
    codes::{self, FOOD, RAW, Substances},
    file::{self, Entry},
    lexicon::{self, Finder, Hit, Hits},
    phrases,
};

mod apart;
mod left_out;
mod scan;
mod whole;

pub use left_out::{after_no, is_one_thing, says_no, without_left_out};
use scan::words;
pub use whole::{lifted_of_all, lifting_words};

/// What a word does to the words beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    /// It says that these are not in it: "vegan".
    Lifts(Substances),
    /// It stands for what a dish usually holds: "lentil", in "lentil lasagne"; or, after it, "of lentils".
    Instead(Substances, Side),
    /// It negates the next word, and what "and" plainly adds to it: "without".
    Without,
    /// It negates the next word: "no".
    No,
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
    /// It is what other things are put on or in: "burger". What stands after it is put there.
    Base,
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
            "no" => Role::No,
            "free" => Role::Free,
            "with" => Role::With,
            "and" => Role::And,
            "or" => Role::Or,
            "the" => Role::The,
            "perhaps" => Role::Perhaps,
            "base" => Role::Base,
            _ => return None,
        };
        // "Lentils" are what "lentil" is; "frees" is not "free".
        let is_exact = entry.is_exact || !matches!(role, Role::Lifts(_) | Role::Instead(..) | Role::Base);
        Some((Entry { is_exact, ..entry }, role))
    };
    // One word in two languages: "no" negates in English and is an article with a preposition in Portuguese.
    Finder::of(file::entries().filter_map(role), |known, more| match (*known, more) {
        (Role::Lifts(one), Role::Lifts(other)) => *known = Role::Lifts(one | other),
        (Role::Instead(one, side), Role::Instead(other, _)) => *known = Role::Instead(one | other, side),
        (Role::Perhaps, _) | (_, Role::Perhaps) => *known = Role::Perhaps,
        (Role::Lifts(_) | Role::Without | Role::No | Role::Free, _) => {}
        (Role::Or, Role::And | Role::The) | (_, Role::Base) => {}
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
    /// Of several parts, those that only "with", "/" or "&" divide are one segment.
    segment: usize,
    /// A mark such as "/" or "&" stands before it.
    is_joined: bool,
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
    /// Nothing else stands in its segment: "(gluten-free)".
    is_alone: bool,
    /// If it lifts what a dish usually holds, and nothing that is named: where the dish stands.
    instead: Option<Side>,
}

/// Roles of words, with where they begin and end in the folded text.
type Roles = Vec<(usize, usize, Role)>;

/// The roles of the words of a text, and where those begin that say "with".
fn roles_of(text: &str) -> (Roles, Vec<usize>) {
    let (mut roles, mut with): (Roles, Vec<usize>) = (Vec::new(), Vec::new());
    ROLES.each(text, |index, start, end| {
        with.extend((*ROLES.value(index) == Role::With).then_some(start));
        // "without egg" lifts eggs, and still negates what "or milk" adds.
        let is_inside = |from: usize, to: usize| start <= from && to <= end && to - from < end - start;
        roles.retain(|(from, to, role)| role.negates() || !is_inside(*from, *to));
        if !roles.iter().any(|(from, to, _)| *from <= start && end <= *to) {
            roles.push((start, end, *ROLES.value(index)));
        }
    });
    (roles, with)
}

/// Whether nothing but words that lift stands in a segment.
fn is_alone(text: &str, words: &[Word], roles: &Roles, segment: usize) -> bool {
    let says_nothing_else = |word: &Word| {
        let is_short = word.end - word.start <= UNIT_CHARS_MAX;
        let lifts = |(start, end, role): &(usize, usize, Role)| {
            let names_something = matches!(role, Role::With | Role::Instead(..) | Role::Base);
            *start <= word.start && word.end <= *end && !names_something
        };
        let is_number = || text[word.from..].starts_with(|first: char| first.is_ascii_digit());
        word.role != Some(Role::With) && (is_short || roles.iter().any(lifts) || is_number())
    };
    let mut of_segment = words.iter().filter(|word| word.segment == segment).peekable();
    of_segment.peek().is_some_and(|first| first.role != Some(Role::And)) && of_segment.all(says_nothing_else)
}

/// The words of a text; `None`: nothing in it is negated.
fn negations(text: &str) -> Option<(Vec<Word>, Vec<Lift>)> {
    let (roles, with) = roles_of(text);
    let lifts = |role: &Role| matches!(role, Role::Lifts(_) | Role::Instead(..) | Role::Free) || role.negates();
    if !roles.iter().any(|(.., role)| lifts(role)) || roles.iter().any(|(.., role)| *role == Role::Perhaps) {
        return None;
    }
    let mut words = words(text);
    let mut part = 0;
    for word in &mut words {
        word.role = word.role_among(text, &roles);
        // "Hold the", "pas de": what follows the first word says nothing more.
        let is_rest =
            |(start, end, role): &(usize, usize, Role)| role.negates() && *start < word.start && word.end <= *end;
        word.role = word.role.or_else(|| roles.iter().any(is_rest).then_some(Role::The));
        word.comes_with = matches!(word.role, Some(Role::Instead(_, Side::Before))) && with.contains(&word.start);
        part += usize::from(word.role == Some(Role::With));
        word.part += part;
    }
    for at in 0..words.len() {
        match words[at].role {
            Some(role) if role.negates() => negate_after(text, &mut words, at),
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
    let is_denied = |start: usize| roles.iter().any(|(_, end, role)| role.negates() && *end + 1 == start);
    let lifts = roles.iter().filter_map(|(start, end, role)| {
        let (lifted, instead) = match role {
            Role::Lifts(substances) => (*substances, None),
            Role::Instead(substances, side) => (*substances, Some(*side)),
            _ => return None,
        };
        let word = words.iter().rev().find(|word| word.start <= *start)?;
        let is_void = is_denied(*start) || open.contains(&word.part) || (instead.is_some() && word.is_negated);
        let is_alone = is_alone(text, &words, &roles, word.segment);
        let Word { part, group, .. } = *word;
        (!is_void).then_some(Lift { start: *start, end: *end, part, group, lifted, is_alone, instead })
    });
    let lifts = lifts.collect();
    Some((words, lifts))
}

/// A quantity or a mark beside a word that lifts: "0.5 l", "(V)".
const UNIT_CHARS_MAX: usize = 2;

impl Role {
    /// Whether it negates what follows it.
    fn negates(self) -> bool {
        matches!(self, Self::Without | Self::No)
    }
}

impl Word {
    /// What it does. One letter says "with" only as an abbreviation ("c/ queijo", "m. Speck", "w bacon"): else it is a size or a
    /// name ("vitamin C").
    fn role_among(&self, text: &str, roles: &Roles) -> Option<Role> {
        let (_, end, role) = roles.iter().find(|(start, ..)| *start == self.start)?;
        let word = &text[self.from..self.to];
        let is_letter = *role == Role::With && *end == self.end && word.chars().count() == 1;
        let is_with = || ["w", "x"].iter().any(|one| word.eq_ignore_ascii_case(one));
        (!is_letter || text[self.to..].starts_with(['/', '.']) || is_with()).then_some(*role)
    }

    /// Whether it says "or", and not of what is negated: "without onions or pickles".
    fn is_alternative(&self) -> bool {
        self.role == Some(Role::Or) && !self.is_negated
    }

    /// Whether it does nothing to the words beside it.
    fn names_something(&self) -> bool {
        matches!(self.role, None | Some(Role::Base))
    }

    /// Whether it says "and", and not of what is negated; or what comes with it.
    fn joins(&self) -> bool {
        (self.role == Some(Role::And) && !self.is_negated) || self.comes_with || self.is_joined
    }
}

/// "without nuts or the milk": the next word, and those that "or" adds; those that "and" adds, if they plainly go on.
fn negate_after(text: &str, words: &mut [Word], at: usize) {
    let part = words[at].part;
    let (mut next, mut is_open) = (at, true);
    while words.get(next).is_some_and(|word| word.part == part) {
        let goes_on = match words[next].role {
            Some(Role::Or) => true,
            Some(Role::And) => !is_open && words[at].role == Some(Role::Without) && goes_on(text, words, at, next),
            _ => is_open,
        };
        if !goes_on {
            return;
        }
        words[next].is_negated = true;
        // "Tree nuts" are one thing.
        for _ in 1..words_of_name(text, &words[next..]) {
            next += 1;
            words[next].is_negated = true;
        }
        is_open =
            continues(words[next].role) || words[next].role.is_some_and(|role| role.negates() || role == Role::The);
        next += 1;
    }
}

/// How many of some words, the first among them, are the name of one substance: "tree nuts" are two.
fn words_of_name(text: &str, words: &[Word]) -> usize {
    let Some(first) = words.first() else { return 0 };
    let of_part = words.iter().take_while(|word| word.part == first.part);
    phrases::words_of_name(&of_part.map(|word| &text[word.from..word.to]).collect::<Vec<_>>())
}

/// Whether what "and" adds is negated too: "without nuts and milk", but not "coffee without sugar and almond cake". Only one word
/// that names something that dishes are made of does; in doubt it is what comes with it.
fn goes_on(text: &str, words: &[Word], without: usize, and: usize) -> bool {
    let Some(added) = words.get(and + 1).filter(|added| added.names_something()) else { return false };
    let is_followed = |next: &Word| next.segment == added.segment && !continues(next.role);
    if words[and].segment != added.segment || words.get(and + 2).is_some_and(is_followed) {
        return false;
    }
    let mut hits = Hits::default();
    hits.read(&text[added.from..added.to]);
    let hits = hits.as_slice();
    let told = hits.iter().fold(0, |set, hit| set | hit.substances()) & !(FOOD | RAW);
    let any_of = |code: &str| codes::with_parts(codes::alone(code));
    if told & !(any_of("MILK") | any_of("LACTOSE")) == 0 {
        return true;
    }
    let are_two = hits.windows(2).any(|pair| pair[0].substances() != pair[1].substances());
    let is_dish = are_two || hits.iter().any(|hit| hit.usual() != 0);
    // Bread is what many things come with.
    let is_bread = told & any_of("GLUTEN") != 0 && !text[added.from..added.to].to_lowercase().starts_with("gl");
    let drinks = any_of("COFFEE") | any_of("CAFFEINE") | any_of("ALCOHOL");
    let is_with_a_drink = lexicon::told_by(&text[..words[without].from]) & drinks != 0;
    let negated = text.get(words[without].to..words[and].from).unwrap_or_default();
    let is_in_a_list = lexicon::told_by(negated) != 0 || phrases::meaning(negated).is_some();
    !is_dish && !is_bread && told & any_of("ALCOHOL") == 0 && !is_with_a_drink && is_in_a_list
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
    let Some((words, lifts)) = negations(text) else { return codes::with_raw(all) };
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
            } else if is_own(&hit) || is_near(&hit) {
                let apart = if !is_own(&hit) && lift.stands_apart(text, &words, hit) { hit.named() } else { 0 };
                told = without(told, lift.lifted & !apart);
            } else if !(has_alternative || is_with(lift, hit) || is_told_near()) {
                told = lift.left_afar(hit, told);
            }
        }
        told
    });
    codes::with_raw(left) & !FOOD
}

impl Lift {
    /// What is left of what is told elsewhere. "(Gluten-free)" is said of what stands before, "vegan sauce" of the sauce alone; and
    /// who says "Vegan: beef burger" may mean two things.
    fn left_afar(&self, hit: Hit, told: Substances) -> Substances {
        if self.lifted == codes::milk_drink().0 || (self.is_alone && hit.start as usize <= self.start) {
            without(told, self.lifted)
        } else if self.is_alone {
            told & !(hit.usual() & self.lifted)
        } else {
            told
        }
    }
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

#[cfg(test)]
#[path = "lifting_tests.rs"]
mod tests;
