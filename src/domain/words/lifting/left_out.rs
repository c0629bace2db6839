//! What a text leaves out, and whether it names more than that.

use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

use super::{Role, Word, negations, roles_of, words, words_of_name};
use crate::domain::words::{
    codes::{self, FOOD, RAW},
    fold,
    lexicon::{self, Hit, Hits},
};

/// A text without the words that "without" and its like negate; `None`: there are none, or they are in doubt ("not without nuts",
/// "no cake, no party", "without the nut cake she stays away").
pub fn without_left_out(text: &str) -> Option<String> {
    let (words, _) = negations(text)?;
    let is_food = |words: &[Word]| {
        let last = words_of_name(text, words).checked_sub(1).map(|last| &words[last]);
        last.is_some_and(|last| lexicon::is_food(&text[words[0].from..last.to]))
    };
    let has = |role: Role| words.iter().any(|word| word.role == Some(role));
    let negated = |at: usize| {
        words[at + 1..].iter().position(|word| word.role != Some(Role::The)).map(|next| &words[at + 1 + next..])
    };
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

/// Whether a text plainly names one thing: "walnuts", "no walnuts", "the walnut dressing"; but not "celery, add walnuts", "celery sub
/// walnuts" nor "all except walnuts". A word that is not known may do anything with what is named beside it; alone, it is a name.
/// `is_item`: whether the venue has something of a name.
pub fn is_one_thing(text: &str, is_item: impl Fn(&str) -> bool) -> bool {
    let is_plain = |char: char| char.is_alphabetic() || is_combining_mark(char) || MARKS.contains(&char);
    // A letter of another script is none of a word that can be known.
    let is_read = |char: char| char.is_ascii_lowercase() || char == ' ';
    if !text.chars().all(is_plain) {
        return false;
    }
    let words = words(text);
    let may_be_one = !words.is_empty()
        && words.len() <= ONE_THING_WORDS_MAX
        && fold::folded(text).chars().all(is_read)
        && !words.iter().any(|word| puts_in_more(text, word));
    if !may_be_one {
        return false;
    }
    let says = |word: &Word, what: &[String]| what.contains(&fold::folded(&text[word.from..word.to]));
    let is_article = |word: &&Word| says(word, &BESIDE.the);
    let mut left = &words[usize::from(says(&words[0], &BESIDE.no))..];
    left = &left[left.iter().take_while(is_article).count()..];
    let is_item = |words: &[Word]| match words {
        [first, .., last] => is_item(&text[first.from..last.to]),
        [one] => is_item(&text[one.from..one.to]),
        [] => false,
    };
    let made_of = match left {
        [made_of @ .., last] if says(last, &BESIDE.sauce) => made_of,
        [sauce, of, made_of @ ..] if says(sauce, &BESIDE.sauce) && says(of, &BESIDE.of) => made_of,
        _ => left,
    };
    if is_item(left) || is_item(made_of) {
        return true;
    }
    if left.iter().all(|word| says(word, &BESIDE.claim)) || is_claim(text, left) {
        return false;
    }
    let names: Vec<&Word> = made_of.iter().filter(|word| !is_article(word) && !says(word, &BESIDE.prepared)).collect();
    match names[..] {
        [] => true,
        [_] if left.len() == 1 => true,
        // Of several words, as of "more sauce", nobody can tell which is the name, unless one is known.
        _ => is_one_name(text, &names),
    }
}

/// Whether words say what something is without, and name no thing: "nut-free", "sans noix", "alkoholfrei"; but not "oat milk", which takes
/// the place of milk, nor "vegan cheese".
fn is_claim(text: &str, words: &[Word]) -> bool {
    let ([one] | [one, .., _]) = words else { return false };
    let (from, to) = (one.from, words.last().map_or(one.to, |last| last.to));
    let (roles, _) = roles_of(&text[from..to]);
    let says_so = |role: &Role| match role {
        Role::Free | Role::Without => true,
        Role::Lifts(lifted) => words.len() == 1 && *lifted != codes::milk_drink().0,
        _ => false,
    };
    roles.iter().any(|(.., role)| says_so(role))
}

/// What is left out, without the word that says so: "no nuts" is "nuts".
pub fn after_no(text: &str) -> &str {
    match words(text)[..] {
        [ref first, ref next, ..] if BESIDE.no.contains(&fold::folded(&text[first.from..first.to])) => {
            &text[next.from..]
        }
        _ => text,
    }
}

/// Whether some words are one name that is known: one that goes over all of them, or with words that tell of no more than it does
/// ("mozzarella cheese"); but not "Käse Nusskäse", whose second word does.
fn is_one_name(text: &str, words: &[&Word]) -> bool {
    let mut hits = Hits::default();
    hits.read(text);
    let named = |hit: &Hit| hit.substances() & !(FOOD | RAW);
    let is_in = |word: &Word, hit: &Hit| hit.start as usize <= word.end && word.start <= hit.end as usize;
    let is_whole = |name: &Hit| {
        let tells_no_more =
            |word: &Word, hit: &Hit| is_in(word, hit) && hit.substances() != 0 && named(hit) & !named(name) == 0;
        let is_of_it = |word: &&&Word| {
            let says_less = |hit: &Hit| tells_no_more(word, hit) && (named(hit) != 0 || hit.substances() & FOOD == 0);
            is_in(word, name) || hits.as_slice().iter().any(says_less)
        };
        let is_inside = |hit: &Hit| name.start <= hit.start && hit.end <= name.end;
        let tells_more =
            |hit: &Hit| named(hit) & !named(name) != 0 && !is_inside(hit) && words.iter().any(|word| is_in(word, hit));
        words.iter().all(|word| is_of_it(&word)) && !hits.as_slice().iter().any(tells_more)
    };
    hits.as_slice().iter().any(is_whole)
}

/// Whether a word says that there is more of something: "Doppelkäse".
fn puts_in_more(text: &str, word: &Word) -> bool {
    let word = fold::folded(&text[word.from..word.to]);
    BESIDE.more.iter().any(|more| word.starts_with(more.as_str()) || word.ends_with(more.as_str()))
}

/// A longer text may say anything.
const ONE_THING_WORDS_MAX: usize = 6;
/// What may stand between the letters of a name, and at its ends; any other mark, or a digit, may say that something is put in.
const MARKS: [char; 6] = [' ', '-', '.', '\'', '\u{2019}', '\u{ad}'];

/// `data/left_out.txt`, in one spelling: words that may stand beside the name of what is left out.
#[derive(Default)]
struct Beside {
    no: Vec<String>,
    the: Vec<String>,
    sauce: Vec<String>,
    of: Vec<String>,
    prepared: Vec<String>,
    more: Vec<String>,
    claim: Vec<String>,
}

static BESIDE: LazyLock<Beside> = LazyLock::new(|| {
    let mut beside = Beside::default();
    let mut heading = "";
    for line in include_str!("../data/left_out.txt").lines().filter(|line| !line.starts_with('#')) {
        let list = match heading {
            _ if line.starts_with('[') => {
                heading = line;
                continue;
            }
            "[no]" => &mut beside.no,
            "[the]" => &mut beside.the,
            "[sauce]" => &mut beside.sauce,
            "[of]" => &mut beside.of,
            "[as]" => &mut beside.prepared,
            "[more]" => &mut beside.more,
            "[claim]" => &mut beside.claim,
            _ => {
                debug_assert!(line.is_empty(), "{heading}: {line}");
                continue;
            }
        };
        list.extend(line.split_whitespace().flat_map(fold::spellings));
    }
    beside
});

/// Whether a text negates something by "no" and its like, not by "without".
pub fn says_no(text: &str) -> bool {
    negations(text).is_some_and(|(words, _)| words.iter().any(|word| word.role == Some(Role::No)))
}

/// From so many words on after "without nuts" at its beginning, a sentence says what comes of it.
const CLAUSE_WORDS_MIN: usize = 2;
