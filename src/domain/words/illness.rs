//! What the words of a precaution tell of an illness, and what they only say that somebody likes. The words are in `data/illnesses.txt`. In
//! doubt somebody is ill: only a plain negation directly before takes it back. `clause`: the parts of a text, each by itself. `items`: what it is of
//! that nobody knows.

mod clause;
mod items;
mod titled;

use std::{
    borrow::Cow,
    cell::{LazyCell, RefCell},
    collections::HashMap,
    sync::LazyLock,
};

use fnv::FnvBuildHasher;

use super::{
    codes::{self, Substances},
    file::{Entry, Language},
    fold,
    lexicon::{self, Finder},
    memo::{self, Lately},
};

use clause::{Clause, apart_from_harmless, clauses};
use items::is_known;
pub use items::{is_only_of, says_nothing, unknown_items};
pub use titled::without_titled;

/// How something eaten makes somebody ill, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Illness {
    Intolerance,
    Allergy,
}

/// What words tell of an illness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The worst. `None`: they tell of none.
    pub illness: Option<Illness>,
    /// What it is of, where its own name says so: gluten, of "coeliac".
    pub substances: Substances,
    /// It may kill.
    pub is_dangerous: bool,
    /// Traces must not be either: "also traces".
    pub asks_traces: bool,
    /// An illness is named, and not only what may come of something: "nut allergy", not "also traces".
    pub is_named: bool,
}

/// When words of the lists count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counts {
    Always,
    /// Where something eaten is named.
    BesideName,
    /// The same, where it is known.
    BesideKnown,
    /// The same, or where what follows may be eaten: "reacts to".
    BeforeName,
    /// The same of what stands before: "can kill".
    AfterName,
    /// Where something eaten is named, whatever denies it.
    Traces,
    /// Where they are denied: "does not tolerate".
    Denied,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Ill {
        illness: Illness,
        counts: Counts,
        is_dangerous: bool,
        of: Substances,
        /// It is carried against an illness: "EpiPen".
        is_pen: bool,
    },
    /// Another thing that has such a word inside.
    Harmless,
    Likes,
    /// That what its clause names may be eaten: "peanuts ok".
    Fine,
    /// That there is no illness, by itself: "NKDA".
    Denies,
}

impl Says {
    fn under(heading: &str) -> Option<Self> {
        use Illness::{Allergy, Intolerance};
        let ill = |illness, counts| Self::Ill {
            illness,
            counts,
            is_dangerous: heading.starts_with("danger") || heading == "pen",
            of: 0,
            is_pen: heading == "pen",
        };
        let of = |illness, code: &str| Self::Ill {
            illness,
            counts: Counts::Always,
            is_dangerous: false,
            of: codes::forbidden_by(code).unwrap_or_default().substances,
            is_pen: false,
        };
        Some(match heading {
            "danger" | "pen" | "ALLERGY" => ill(Allergy, Counts::Always),
            "danger_beside" | "ALLERGY_beside" => ill(Allergy, Counts::BesideName),
            "danger_known" => ill(Allergy, Counts::BesideKnown),
            "INTOLERANCE_known" => ill(Intolerance, Counts::BesideKnown),
            "danger_by" | "ALLERGY_by" => ill(Allergy, Counts::AfterName),
            "ALLERGY_to" => ill(Allergy, Counts::BeforeName),
            "INTOLERANCE_to" => ill(Intolerance, Counts::BeforeName),
            "traces" => ill(Allergy, Counts::Traces),
            "INTOLERANCE" => ill(Intolerance, Counts::Always),
            "INTOLERANCE_beside" => ill(Intolerance, Counts::BesideName),
            "bears" => ill(Intolerance, Counts::Denied),
            "COELIAC" | "LACTOSE" => of(Intolerance, heading),
            "MILK_ALLERGY" => of(Allergy, "MILK"),
            "harmless" => Self::Harmless,
            "likes" => Self::Likes,
            "fine" => Self::Fine,
            "none" => Self::Denies,
            _ => return None,
        })
    }

    /// Of several headings with one word, what says more.
    fn weight(self) -> (bool, Option<(Illness, bool, std::cmp::Reverse<Counts>)>) {
        match self {
            Self::Harmless => (true, None),
            Self::Likes | Self::Fine | Self::Denies => (false, None),
            Self::Ill { illness, counts, is_dangerous, .. } => {
                (false, Some((illness, is_dangerous, std::cmp::Reverse(counts))))
            }
        }
    }
}

struct Words {
    finder: Finder<Says>,
    /// Other lists, in one spelling, by their headings: whether letters may follow.
    lists: HashMap<&'static str, Vec<(String, bool)>, FnvBuildHasher>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, Vec<(String, bool)>, FnvBuildHasher> = HashMap::default();
    let mut found = Vec::new();
    let mut heading = "";
    for line in include_str!("data/illnesses.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(named) = line.strip_prefix('[') {
            heading = named.trim_end_matches(']');
            continue;
        }
        for word in line.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match Says::under(heading) {
                Some(says) => found.push((entry(word), says)),
                None => lists.entry(heading).or_default().extend(listed(word)),
            }
        }
    }
    let finder = Finder::of(found.into_iter(), |known, more| {
        if more.weight() > known.weight() {
            *known = more;
        }
    });
    Words { finder, lists }
});

/// A word of a list in its spellings. With a star, letters may stand there.
fn listed(word: &str) -> impl Iterator<Item = (String, bool)> {
    let (star, is_open) = (if word.starts_with('*') { "*" } else { "" }, word.ends_with('*'));
    fold::spellings(word.trim_matches('*')).into_iter().map(move |form| ([star, &form].concat(), is_open))
}

fn entry(word: &'static str) -> Entry {
    Entry {
        // They are found as they are written: no language makes plurals of them.
        language: Language::English,
        section: "",
        codes: "",
        word: word.trim_matches('*'),
        is_open_before: word.starts_with('*'),
        is_open_after: word.ends_with('*'),
        is_exact: true,
    }
}

fn is_in(heading: &str, word: &str) -> bool {
    let is_it = |(known, is_open): &(String, bool)| match known.strip_prefix('*') {
        Some(ending) => word.ends_with(ending),
        None if *is_open => word.starts_with(known.as_str()),
        None => word == known.as_str(),
    };
    WORDS.lists.get(heading).is_some_and(|list| list.iter().any(is_it))
}

/// Texts and codes of precautions that each thread keeps what they tell of: those of a few hundred guests. Some 64 bytes each.
const TEXTS_MAX: usize = 1_024;

/// What a text tells of, in every way that is asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Reading {
    /// By itself.
    alone: Told,
    /// Where something eaten is named besides.
    beside: Told,
    /// Whether nothing is only liked or denied.
    is_kept_whole: bool,
}

thread_local! {
    static TEXTS: RefCell<Lately<Reading>> = Lately::new(TEXTS_MAX);
    static CODES: RefCell<Lately<Told>> = Lately::new(TEXTS_MAX);
}

/// Answers are full of a guest's few texts: each is read once.
fn reading(text: &str) -> Reading {
    let read = || Reading {
        alone: read(text, false),
        beside: read(text, true),
        is_kept_whole: matches!(read_without_likes(text), Cow::Borrowed(_)),
    };
    TEXTS.with(|texts| memo::lately(texts, text, read))
}

/// Of which illness a text tells. `names`: whether something eaten is named besides, by the code that the text stands beside.
pub fn told(text: &str, names: bool) -> Told {
    let reading = reading(text);
    if names { reading.beside } else { reading.alone }
}

/// A text without what it only says that somebody likes, and without illnesses that it plainly denies: "vegan", of "vegan, likes nuts, no egg
/// allergy".
pub fn without_likes(text: &str) -> Cow<'_, str> {
    if reading(text).is_kept_whole { Cow::Borrowed(text) } else { read_without_likes(text) }
}

/// Of which illness a code tells: NUT_ALLERGY, SEVERE_NUTS. A code denies nothing: NO_NUT_ALLERGY is no nuts, for an allergy.
pub fn told_by_code(code: &str) -> Told {
    CODES.with(|codes| memo::lately(codes, code, || read_code(code)))
}

fn read_code(code: &str) -> Told {
    let mut hits = Vec::new();
    WORDS.finder.each(code, |index, start, end| hits.push((*WORDS.finder.value(index), start, end)));
    if hits.is_empty() {
        return Told::default();
    }
    apart_from_harmless(&mut hits);
    // An illness that says of what it is names that: COELIAC_ALSO_TRACES.
    let is_named = LazyCell::new(|| hits.iter().any(|(says, ..)| says.names_food()) || lexicon::told_by(code) != 0);
    let counts = |counts: Counts| match counts {
        Counts::Always => true,
        Counts::BesideName | Counts::BesideKnown | Counts::BeforeName | Counts::AfterName | Counts::Traces => *is_named,
        Counts::Denied => false,
    };
    let mut told = Told::default();
    for (says, ..) in &hits {
        told.add(*says, counts);
    }
    told
}

fn read(text: &str, names: bool) -> Told {
    let mut told = Told::default();
    let mut is_any = false;
    WORDS.finder.each(text, |index, _, _| is_any |= !WORDS.finder.value(index).is_liking());
    if !is_any {
        return told;
    }
    let is_named = LazyCell::new(|| lexicon::told_by(text) != 0);
    let names_unknown = LazyCell::new(|| !unknown_items(text, false, is_known).is_empty());
    let clauses: Vec<Clause<'_>> = clauses(text).map(Clause::of).collect();
    for (at, clause) in clauses.iter().enumerate() {
        let is_doubtful = text.contains('?') || clauses.get(at + 1).is_some_and(Clause::takes_back);
        // "Has no EpiPen; nuts" tells of one that is missing.
        let names_food = |(other, clause): (usize, &Clause<'_>)| {
            other != at && lexicon::told_by(clause.text) != 0 && !clause.is_of_none()
        };
        let is_missed = LazyCell::new(|| clauses.iter().enumerate().any(names_food));
        for place in &clause.hits {
            let (says, start, _) = place;
            let is_denied = || clause.is_denied(*start, is_doubtful);
            let is_beside = || *is_named || (names && says.is_dangerous());
            told.add(*says, |counts| match counts {
                Counts::Always => !is_denied() || (says.is_pen() && *is_missed),
                Counts::BesideName => (is_beside() || *names_unknown) && !is_denied(),
                Counts::BesideKnown => {
                    (is_beside() || (says.is_dangerous() && *names_unknown && clause.is_bare())) && !is_denied()
                }
                Counts::BeforeName | Counts::AfterName => (is_beside() || clause.says_illness(place)) && !is_denied(),
                Counts::Traces => (*is_named || names || *names_unknown) && !clause.allows(),
                Counts::Denied => clause.has(&["no", "badly"]),
            });
        }
    }
    told.is_named |= told.illness.is_some() && !*is_named && *names_unknown;
    if told.illness.is_none() && takes_back_later(&clauses) {
        (told.illness, told.is_named) = (Some(Illness::Allergy), true);
    }
    told
}

/// Whether a text says that there is no illness, and names one thing all the same: "no food allergies; nuts though", "NKDA, nuts".
fn takes_back_later(clauses: &[Clause<'_>]) -> bool {
    let Some(at) = clauses.iter().position(Clause::denies_all) else { return false };
    clauses[at].excepts() || clauses[at + 1..].iter().any(Clause::is_bare_allergen)
}

fn read_without_likes(text: &str) -> Cow<'_, str> {
    match without_titled(text) {
        Cow::Borrowed(text) => read_apart_from_people(text),
        Cow::Owned(text) => Cow::Owned(read_apart_from_people(&text).into_owned()),
    }
}

fn read_apart_from_people(text: &str) -> Cow<'_, str> {
    let mut is_any = false;
    WORDS.finder.each(text, |_, _, _| is_any = true);
    if !is_any || text.contains('?') {
        return Cow::Borrowed(text);
    }
    let clauses: Vec<Clause<'_>> = clauses(text).map(Clause::of).collect();
    let each = clauses.iter().enumerate().map(|(at, clause)| {
        let is_doubtful = clauses.get(at + 1).is_some_and(Clause::takes_back);
        clause.kept(is_doubtful)
    });
    let kept: Vec<&str> = each.collect();
    if kept.iter().zip(&clauses).all(|(kept, clause)| *kept == clause.text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(kept.join(", "))
}

/// Whether a word says that somebody is ill, or nothing, and names nothing: "allergic", not "Nussallergie".
pub fn names_nothing(word: &str) -> bool {
    let mut begins = false;
    WORDS.finder.each(word, |index, start, _| {
        begins |= start == 0 && !matches!(WORDS.finder.value(index), Says::Harmless | Says::Likes | Says::Fine);
    });
    begins
        || word.bytes().all(|byte| byte.is_ascii_digit())
        || ["fill", "between", "no"].iter().any(|list| is_in(list, word))
}

/// What a word forbids that says an illness: gluten, of "sprue"; nothing, of "EpiPen". `None`: it says none.
pub fn forbidden_by(word: &str) -> Option<Substances> {
    let mut found = None;
    WORDS.finder.each(word, |index, start, _| {
        if let Says::Ill { counts: Counts::Always, of, .. } = WORDS.finder.value(index) {
            found = found.or((start == 0).then_some(*of));
        }
    });
    found
}

/// Whether a word makes of the name of an allergen that stands before it another thing: "tank", of "fish tank".
pub fn makes_thing(word: &str) -> bool {
    is_in("thing", word)
}

/// The same of the name that it stands before: "baby", of "baby milk".
pub fn makes_other(word: &str) -> bool {
    is_in("other", word)
}

/// Whether a code says that it is about food, and not which: FOOD, SPECIAL_DIET, MENU.
pub fn is_of_meals(code: &str) -> bool {
    let folded = fold::folded(code);
    let is_meal = |word: &str| is_in("eaten", word) || is_in("meals", word);
    folded.split(' ').any(is_meal) && folded.split(' ').all(|word| is_meal(word) || is_in("besides_meals", word))
}

impl Says {
    fn is_pen(self) -> bool {
        matches!(self, Self::Ill { is_pen: true, .. })
    }

    fn is_of_traces(self) -> bool {
        matches!(self, Self::Ill { counts: Counts::Traces, .. })
    }

    fn is_liking(self) -> bool {
        matches!(self, Self::Likes | Self::Fine)
    }

    fn is_dangerous(self) -> bool {
        matches!(self, Self::Ill { is_dangerous: true, .. })
    }

    /// Whether it says of what it is: "coeliac".
    fn names_food(self) -> bool {
        matches!(self, Self::Ill { of, .. } if of != 0)
    }
}

impl Told {
    fn add(&mut self, says: Says, is_counted: impl Fn(Counts) -> bool) {
        let Says::Ill { illness, counts, is_dangerous, of, .. } = says else { return };
        if is_counted(counts) {
            self.illness = self.illness.max(Some(illness));
            self.substances |= of;
            self.is_dangerous |= is_dangerous;
            self.asks_traces |= counts == Counts::Traces;
            self.is_named |= matches!(counts, Counts::Always | Counts::BeforeName | Counts::AfterName);
        }
    }
}

#[cfg(test)]
#[path = "illness_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "illness/signs_tests.rs"]
mod signs_tests;
