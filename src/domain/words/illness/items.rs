//! What a text says of by its parts that an illness is about, and that nobody knows: "strawberry", of "allergic to nuts, strawberry". In doubt a
//! part is about the illness; a longer one is a sentence and no name.

use super::{
    Illness, Says, WORDS,
    clause::{Clause, NAME_WORDS_MAX, Place},
    is_in,
};
use crate::domain::words::{lexicon, other_things, phrases};

/// What parts one item from the one before it; what parts more comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Parted {
    Sentence,
    /// By a semicolon or in another line: a list may go on, a sentence does not.
    Part,
    Colon,
    /// By a bracket that opens.
    Bracket,
    Comma,
    And,
}

/// How far an illness reaches that was named before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nothing,
    /// "Allergic to nuts, ...": up to the end of the sentence.
    Sentence,
    /// "Allergies: nuts; ...".
    List,
}

struct Item<'t> {
    text: &'t str,
    parted: Parted,
}

/// The items of a text in an illness's reach that name nothing that is known. `is_aside`: "food" is a name of something. `is_known`: whether words are
/// known otherwise.
pub fn unknown_items(text: &str, is_aside: bool, is_known: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut is_any = false;
    WORDS.finder.each(text, |index, _, _| is_any |= matches!(WORDS.finder.value(index), Says::Ill { .. }));
    if !is_any {
        return Vec::new();
    }
    let items = items(text);
    let is_reached = reached(&items, text.contains('?'));
    let all = items.iter().zip(is_reached).filter(|(_, is_reached)| *is_reached).map(|(item, _)| item.text);
    all.filter(|item| is_name(item, is_aside) && !is_known(item)).collect()
}

/// Whether the illnesses of a text are of nothing but what `is_it` says.
pub fn is_only_of(text: &str, is_it: impl Fn(&str) -> bool) -> bool {
    let items = items(text);
    let is_reached = reached(&items, text.contains('?'));
    let all = items.iter().zip(is_reached).filter(|(_, is_reached)| *is_reached).map(|(item, _)| item.text);
    let mut named = all.filter(|item| !Clause::of(item).is_aside() && !says_nothing_at_all(item)).peekable();
    named.peek().is_some() && named.all(|item| is_name(item, false) && is_it(item))
}

fn says_nothing_at_all(item: &str) -> bool {
    Clause::of(item).words.iter().all(|word| says_nothing(&word.folded))
}

/// Whether an item is known by a name of food or by a code: "vegan".
pub(super) fn is_known(item: &str) -> bool {
    let mut words = item.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    lexicon::told_by(item) != 0
        || phrases::meaning(item).is_some()
        || words.any(|word| phrases::meaning(word).is_some())
}

/// Which items are in an illness's reach.
fn reached(items: &[Item<'_>], is_doubtful: bool) -> Vec<bool> {
    let clauses: Vec<Clause<'_>> = items.iter().map(|item| Clause::of(item.text)).collect();
    let mut reached = vec![false; items.len()];
    let (mut reach, mut is_head, mut is_bare) = (Reach::Nothing, false, false);
    // How many sentences ago somebody was ill.
    let mut since_ill: Option<usize> = None;
    for (at, (item, clause)) in items.iter().zip(&clauses).enumerate() {
        reach = match item.parted {
            // "Known allergies. Lemon", "EpiPen. Kiwi".
            Parted::Sentence if is_bare => Reach::Sentence,
            Parted::Sentence => Reach::Nothing,
            Parted::Colon if is_head => Reach::List,
            _ => reach,
        };
        since_ill = since_ill.map(|sentences| sentences + usize::from(item.parted <= Parted::Part));
        let is_doubtful = is_doubtful || clauses.get(at + 1).is_some_and(Clause::takes_back);
        let ill = || clause.hits.iter().filter(|place| clause.says_illness(place));
        let counting =
            || ill().filter(|(says, start, _)| says.is_of_traces() || !clause.is_denied(*start, is_doubtful));
        is_head = counting().next().is_some();
        is_bare = is_head && clause.is_bare();
        if !is_head && ill().next().is_some() {
            (reach, since_ill) = (Reach::Nothing, None);
            continue;
        }
        let is_ill_before = since_ill.is_some_and(|sentences| sentences <= 1);
        since_ill = if is_head { Some(0) } else { since_ill };
        if !counting().any(|place| clause.is_of_what_it_names(place)) {
            // "Nut allergy. Lemon too."
            let is_aside = is_ill_before && clause.has(&["too"]) && clause.hits.is_empty();
            if clause.hits.iter().any(|(says, ..)| *says == Says::Likes) {
                reach = Reach::Nothing;
            }
            reached[at] = ((reach != Reach::Nothing && !is_head) || is_aside) && !clause.is_fine();
            continue;
        }
        reached[at] = true;
        if reach == Reach::Nothing {
            reach = Reach::Sentence;
        }
        // "Lemon and nut allergy", "lemon, dog allergy", "kiwi. EpiPen"; not "window seat. Nut allergy".
        let is_joined = |before: &usize| match items[*before].parted {
            Parted::And | Parted::Colon | Parted::Bracket | Parted::Comma => true,
            Parted::Sentence | Parted::Part => is_bare && *before == at,
        };
        for before in (1..=at).rev().take_while(is_joined).map(|one| one - 1) {
            reached[before] |= clauses[before].hits.is_empty();
        }
    }
    reached
}

/// Whether an item may be the name of something: "kiwi", and not "seats by the window".
fn is_name(item: &str, is_aside: bool) -> bool {
    let clause = Clause::of(item);
    if clause.is_aside() {
        return false;
    }
    let is_food = |word: &&super::clause::Word| is_aside && is_in("eaten", &word.folded);
    let is_of_hit = |word: &super::clause::Word| {
        let is_it = |(says, start, end): &Place| {
            matches!(says, Says::Ill { .. })
                && phrases::stem_of_illness(&word.folded).is_none()
                && (*start..*end).contains(&word.start)
        };
        clause.hits.iter().any(is_it)
    };
    let says_nothing = |word: &super::clause::Word| says_nothing(&word.folded) || is_of_hit(word);
    let names = || clause.words.iter().filter(|word| is_food(word) || !says_nothing(word));
    (1..=NAME_WORDS_MAX).contains(&names().count()) && !names().all(|word| other_things::is_one(&word.folded))
}

/// Whether a word says nothing of what an illness is of: "severe", "allergic", "without".
pub fn says_nothing(word: &str) -> bool {
    phrases::is_besides(word)
        || super::names_nothing(word)
        || [
            "between", "no", "badly", "but", "except", "doubt", "allowed", "and", "to", "how", "eaten", "for", "too",
            "verb", "when",
        ]
        .iter()
        .any(|list| is_in(list, word))
}

fn items(text: &str) -> Vec<Item<'_>> {
    let mut found = Vec::new();
    let (mut from, mut parted) = (0, Parted::Sentence);
    let mut cut = |from: usize, to: usize, parted: &mut Parted, next: Parted| {
        let is_empty = apart_at_and(text[from..to].trim(), *parted, &mut found) == 0;
        *parted = if is_empty { next.min(*parted) } else { next };
    };
    for (at, char) in text.char_indices() {
        let next = match char {
            // "Dr. Miller".
            '.' if ends_in_title(&text[..at]) => continue,
            '.' | '!' | '?' => Parted::Sentence,
            ';' | '\n' => Parted::Part,
            ':' => Parted::Colon,
            '(' => Parted::Bracket,
            ',' | ')' | '|' | '–' | '—' => Parted::Comma,
            '/' | '+' | '&' => Parted::And,
            '-' if text[..at].ends_with(' ') && text[at + 1..].starts_with(' ') => Parted::Comma,
            _ => continue,
        };
        cut(from, at, &mut parted, next);
        from = at + char.len_utf8();
    }
    cut(from, text.len(), &mut parted, Parted::Sentence);
    found
}

fn ends_in_title(text: &str) -> bool {
    text.split_whitespace().next_back().is_some_and(|word| is_in("title", &word.to_lowercase()))
}

/// Adds the items that "and" or "or" joins; how many they are.
fn apart_at_and<'t>(text: &'t str, parted: Parted, found: &mut Vec<Item<'t>>) -> usize {
    let before = found.len();
    let mut from = 0;
    let mut add = |from: usize, to: usize| {
        let item = text[from..to].trim();
        if item.chars().any(char::is_alphanumeric) {
            let parted = if found.len() == before { parted } else { Parted::And };
            found.push(Item { text: item, parted });
        }
    };
    for word in text.split_whitespace() {
        if is_in("and", &word.to_lowercase()) {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            add(from, at);
            from = at + word.len();
        }
    }
    add(from, text.len());
    found.len() - before
}

impl Clause<'_> {
    /// Whether what stands beside one of its places is what that is of: an allergy, and not a pen.
    fn is_of_what_it_names(&self, place: &Place) -> bool {
        match place.0 {
            Says::Ill { of, illness, .. } => self.says_illness(place) && (of == 0 || illness == Illness::Allergy),
            Says::Harmless | Says::Likes | Says::Fine | Says::Denies => false,
        }
    }
}
