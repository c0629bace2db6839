//! Whether a text tells of a pregnancy, or of the wish for one: "expecting in May", "in anderen Umständen". The words are in
//! `data/pregnancy.txt`. In doubt it does: what is kept quiet for nothing does less harm than what is said aloud.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use fnv::FnvBuildHasher;

use super::fold;

mod left;

pub use left::{left, secret};

/// The first code of the diet that it is.
pub const DIET: &str = "PREGNANCY";

/// Shorter words are too like others for a slip.
const SLIP_CHARS_MIN: usize = 8;
/// "Expecting in early May their first child" has five.
const FILLERS_MAX: usize = 6;

/// Pictures that tell of it.
const PICTURES: [char; 3] = ['\u{1f930}', '\u{1fac3}', '\u{1fac4}'];
/// What is said after "pregnant:" where it is denied.
const ANSWERS_NO: [&str; 7] = ["no", "non", "nein", "nao", "not", "none", "nope"];

/// What words that stand one after the other say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Pregnant,
    /// If nothing follows, or only when.
    AtTheEnd,
    /// If nothing follows that goes on with it: "mother to be seated".
    Whole,
    /// If a child follows.
    Expects,
    /// The same, and the child is all that follows: "having a baby with them".
    Has,
    /// If nothing else is said: "she is with child".
    Alone,
    /// After a child.
    Coming,
    SomethingElse,
}

struct Phrase {
    /// The words after the first.
    rest: Vec<String>,
    says: Says,
    /// As the data has it.
    written: &'static str,
}

#[derive(Default)]
struct Words {
    /// By the first word: the longest first.
    phrases: HashMap<String, Vec<Phrase>, FnvBuildHasher>,
    /// Found inside longer words.
    inside: Vec<(String, &'static str)>,
    /// Those in which a slip may be.
    long: Vec<(String, &'static str)>,
    /// Lists of single words, by their heading.
    lists: HashMap<&'static str, HashSet<String, FnvBuildHasher>, FnvBuildHasher>,
    /// What the words for a day say besides.
    days: Vec<String>,
    /// What the name of somebody says besides.
    unborn: Vec<String>,
    /// What is secret beside a pregnancy: the words of each.
    secret: Vec<Vec<String>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    let mut heading = "";
    let lines = include_str!("data/pregnancy.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        if line.starts_with('[') {
            heading = line;
            continue;
        }
        for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let written = entry.trim_matches('*');
            for form in fold::spellings(written) {
                words.add(heading, form, written, entry.ends_with('*'));
            }
        }
    }
    for phrases in words.phrases.values_mut() {
        // What is something else first, then the longest.
        phrases.sort_by_key(|known| (known.says != Says::SomethingElse, std::cmp::Reverse(known.rest.len())));
    }
    words
});

/// What a part of a text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// In the words of the data, so many of them.
    Pregnancy(&'static str, usize),
    /// So many words are of something else.
    SomethingElse(usize),
    Nothing,
}

impl Words {
    fn add(&mut self, heading: &'static str, form: String, written: &'static str, is_inside: bool) {
        let says = match heading {
            "[words]" => {
                if form.len() >= SLIP_CHARS_MIN {
                    self.long.push((form.clone(), written));
                }
                if is_inside {
                    return self.inside.push((form, written));
                }
                Says::Pregnant
            }
            "[phrases]" => Says::Pregnant,
            "[ends]" => Says::AtTheEnd,
            "[whole]" => Says::Whole,
            "[expects]" => Says::Expects,
            "[has]" => Says::Has,
            "[alone]" => Says::Alone,
            "[coming]" => Says::Coming,
            "[not]" => Says::SomethingElse,
            "[days]" => return self.days.push(form),
            "[unborn]" => return self.unborn.push(form),
            "[secret]" => return self.secret.push(form.split(' ').map(str::to_owned).collect()),
            list => {
                self.lists.entry(list).or_default().insert(form);
                return;
            }
        };
        let mut each = form.split(' ').map(str::to_owned);
        let first = each.next().unwrap_or_default();
        self.phrases.entry(first).or_default().push(Phrase { rest: each.collect(), says, written });
    }

    /// Whether words begin with what is secret.
    fn is_secret(&self, words: &[&str]) -> bool {
        let begins = |known: &Vec<String>| words.len() >= known.len() && known.iter().eq(&words[..known.len()]);
        self.secret.iter().any(begins)
    }

    fn has(&self, list: &str, word: &str) -> bool {
        self.lists.get(list).is_some_and(|words| words.contains(word))
    }

    /// What a part of a text, up to a comma or the like, tells from one of its words on.
    fn told_at(&self, part: &[&str], at: usize) -> Told {
        let (word, after) = (part[at], &part[at + 1..]);
        let known = self.phrases.get(word).map_or(&[][..], Vec::as_slice);
        let mut said = known.iter().filter(|known| {
            let rest = &known.rest;
            after.len() >= rest.len() && rest.iter().eq(&after[..rest.len()])
        });
        let found = said.find_map(|Phrase { rest, says, written }| {
            let (count, after) = (rest.len() + 1, &after[rest.len()..]);
            let tells = match says {
                Says::SomethingElse => return Some(Told::SomethingElse(count)),
                Says::Pregnant => true,
                Says::AtTheEnd => self.is_only_when(after),
                Says::Whole => self.is_whole(after),
                Says::Expects => self.after_child(after).is_some(),
                Says::Has => self.after_child(after).is_some_and(|after| self.is_whole(after)),
                Says::Alone => part[..at].iter().all(|word| self.has("[whose]", word)) && self.is_only_when(after),
                Says::Coming => self.is_after_child(&part[..at]) && self.is_whole(after),
            };
            tells.then_some(Told::Pregnancy(written, count))
        });
        let inside = || self.inside.iter().find(|(inside, _)| word.contains(inside.as_str()));
        let by_letters = || self.slip_of(word).or_else(|| inside().map(|(_, written)| *written));
        match found.or_else(|| by_letters().map(|written| Told::Pregnancy(written, 1))) {
            Some(Told::Pregnancy(_, count)) if self.is_denied(part, at, count) => Told::SomethingElse(count),
            found => found.unwrap_or(Told::Nothing),
        }
    }

    /// The first words of a part that tell of it.
    fn find(&self, part: &[&str]) -> Option<&'static str> {
        let mut at = 0;
        while at < part.len() {
            match self.told_at(part, at) {
                Told::Pregnancy(written, _) => return Some(written),
                Told::SomethingElse(count) => at += count,
                Told::Nothing => at += 1,
            }
        }
        None
    }

    /// Whether a part tells of nothing else: "she is pregnant", "in the 5th month".
    fn is_all_of(&self, part: &[&str]) -> bool {
        const SAY_NO_MORE: [&str; 6] = ["[beside]", "[when]", "[between]", "[filler]", "[own]", "[child]"];
        let says_no_more = |word: &str| is_number(word) || SAY_NO_MORE.iter().any(|list| self.has(list, word));
        let mut at = 0;
        while let Some(word) = part.get(at) {
            at += match self.told_at(part, at) {
                // "Schwangerschaftsdiabetes" is more than a pregnancy.
                Told::Pregnancy(_, 1) if !self.phrases.contains_key(*word) && self.slip_of(word).is_none() => {
                    return false;
                }
                Told::Pregnancy(_, count) => count,
                Told::SomethingElse(_) => return false,
                Told::Nothing if says_no_more(word) => 1,
                Told::Nothing => return false,
            }
        }
        true
    }

    /// A part of a text without the words that tell of it, and those beside them that go on with them.
    fn without(&self, part: &str) -> String {
        const GO_ON: [&str; 8] = ["[joins]", "[when]", "[between]", "[filler]", "[child]", "[is]", "[then]", "[own]"];
        let goes_on = |word: &str| is_number(word) || GO_ON.iter().any(|list| self.has(list, word));
        let written: Vec<&str> = part.split_whitespace().collect();
        let folded: Vec<String> =
            written.iter().map(|word| folded(word).replace(char::from(fold::BREAK), " ")).collect();
        let (mut words, mut of): (Vec<&str>, Vec<usize>) = (Vec::new(), Vec::new());
        for (at, spelt) in folded.iter().enumerate() {
            for word in spelt.split(' ').filter(|word| !word.is_empty()) {
                words.push(word);
                of.push(at);
            }
        }
        let mut is_left = vec![true; words.len()];
        let mut at = 0;
        while at < words.len() {
            at += match self.told_at(&words, at) {
                Told::Pregnancy(_, count) => {
                    is_left[at..at + count].fill(false);
                    let before = (0..at).rev().take_while(|at| goes_on(words[*at])).last();
                    is_left[before.unwrap_or(at)..at].fill(false);
                    let after = (at + count..words.len()).take_while(|at| goes_on(words[*at])).count();
                    is_left[at + count..at + count + after].fill(false);
                    count + after
                }
                Told::SomethingElse(count) => count,
                Told::Nothing => 1,
            };
        }
        // "5th month" says it too.
        let says = |list: &str| words.iter().any(|word| self.has(list, word));
        let is_time = || words.iter().any(|word| is_number(word)) && says("[when]");
        if words.iter().all(|word| goes_on(word) || self.has("[beside]", word)) && is_time() {
            return String::new();
        }
        let is_kept = |at: &usize| (0..of.len()).all(|word| of[word] != *at || is_left[word]);
        let kept: Vec<&str> = (0..written.len()).filter(is_kept).map(|at| written[at]).collect();
        kept.join(" ")
    }

    /// "not pregnant", "n'est plus enceinte", "was pregnant last year". In "no wine pregnant" nothing is denied.
    fn is_denied(&self, part: &[&str], at: usize, count: usize) -> bool {
        let is_amid = |word: &str| self.has("[amid]", word) || self.has("[first]", word);
        let skipped = part[..at].iter().rev().take_while(|word| is_amid(word)).count();
        let skips_amid = || part[at - skipped..at].iter().any(|word| !self.has("[first]", word));
        let denied_by = at.checked_sub(skipped + 1).and_then(|before| Some((before, *part.get(before)?)));
        let is_denied = denied_by.is_some_and(|(before, word)| {
            // "Sushi: no pregnant".
            self.has("[denies]", word)
                || (self.has("[no]", word)
                    && (before == 0
                        || skips_amid()
                        || is_amid(part[before - 1])
                        || self.has("[speaks]", part[before - 1])))
        });
        let besides = || part[..at].iter().chain(&part[at + count..]);
        let has = |list: &str| besides().any(|word| self.has(list, word));
        let says_no_more = |word: &&str| {
            is_number(word)
                || ["[was]", "[past]", "[beside]", "[between]", "[filler]"].iter().any(|list| self.has(list, word))
        };
        is_denied || (has("[was]") && has("[past]") && besides().all(says_no_more))
    }

    /// "in May", "di 5 mesi", "in May so no wine", or nothing; not "in May a new hip".
    fn is_only_when(&self, rest: &[&str]) -> bool {
        let says_when = |word: &&&str| self.has("[when]", word);
        let is_time = |word: &&&str| self.has("[between]", word) || is_number(word) || says_when(word);
        let time = rest.iter().take_while(is_time).count();
        let has_when = rest[..time].iter().any(|word| says_when(&word));
        rest.is_empty() || (has_when && rest.get(time).is_none_or(|word| self.has("[then]", word)))
    }

    /// The same, or something else that is said: "and a wheelchair".
    fn is_whole(&self, rest: &[&str]) -> bool {
        self.is_only_when(rest) || rest.first().is_some_and(|word| self.has("[then]", word))
    }

    /// What stands after "her first child", and not after "a child seat". Who waits for their own child, and nobody says since when,
    /// waits for somebody who walks.
    fn after_child<'w, 'p>(&self, rest: &'w [&'p str]) -> Option<&'w [&'p str]> {
        let fills = |word: &&&str| ["[filler]", "[own]", "[when]"].iter().any(|list| self.has(list, word));
        let skipped = rest.iter().take(FILLERS_MAX).take_while(fills).count();
        let child = rest.get(skipped)?;
        let after = &rest[skipped + 1..];
        let is_thing = after.first().is_some_and(|next| self.has("[things]", next));
        let (mut own, says_when) = (rest[..skipped].iter(), |word: &&str| self.has("[when]", word));
        let is_new = rest[..skipped].iter().any(|word| self.has("[nth]", word) || says_when(word));
        let is_placed = || after.first().is_some_and(|next| self.has("[place]", next));
        let is_own = own.any(|word| self.has("[own]", word));
        let walks = !is_new && self.has("[walks]", child) && (is_own || is_placed());
        let is_only_when = || !after.is_empty() && self.is_only_when(after);
        (self.has("[child]", child) && !is_thing && (!walks || is_only_when())).then_some(after)
    }

    /// "the baby", "baby is".
    fn is_after_child(&self, before: &[&str]) -> bool {
        let mut words = before.iter().rev().skip_while(|word| self.has("[is]", word));
        words.next().is_some_and(|word| self.has("[child]", word))
    }

    /// The long word from which a word is one letter away. It is asked of every word of a text, so the first letter must be right.
    fn slip_of(&self, word: &str) -> Option<&'static str> {
        if word.len() + 1 < SLIP_CHARS_MIN {
            return None;
        }
        let is_near = |long: &str| {
            long.as_bytes()[0] == word.as_bytes()[0]
                && long.len().abs_diff(word.len()) <= 1
                && strsim::osa_distance(long, word) == 1
        };
        self.long.iter().find(|(long, _)| is_near(long)).map(|(_, written)| *written)
    }
}

/// "5", "5th".
fn is_number(word: &str) -> bool {
    word.starts_with(|char: char| char.is_ascii_digit())
}

/// A text in one spelling, with its parts.
fn folded(text: &str) -> String {
    // "Mother-to-be", whatever follows. A full stop ends what is said, where a blank follows.
    let text = text
        .to_lowercase()
        .replace("-to-be", "-tobe")
        .replace(". ", ", ")
        .replace(PICTURES, &[" ", "pregnant", " "].concat());
    let mut folded = String::with_capacity(text.len());
    fold::symbols(&text, |symbol, _| folded.push(char::from(symbol)));
    folded
}

fn parts(folded: &str) -> impl Iterator<Item = Vec<&str>> {
    folded.split(char::from(fold::BREAK)).map(|part| part.split(' ').filter(|word| !word.is_empty()).collect())
}

/// The words by which a text tells of a pregnancy, or of the wish for one: as the data has them, and not as they were written.
pub fn find(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return None;
    }
    let folded = folded(text);
    let parts: Vec<Vec<&str>> = parts(&folded).collect();
    // "Pregnant: no", as a form is filled in; not "pregnant: no wine".
    let is_denied = |at: usize| {
        text.contains(':')
            && parts.get(at + 1).is_some_and(|next| matches!(next[..], [one] if ANSWERS_NO.contains(&one)))
            && WORDS.is_all_of(&parts[at])
    };
    parts.iter().enumerate().find_map(|(at, part)| WORDS.find(part).filter(|_| !is_denied(at)))
}

/// Whether a text tells of a pregnancy, or of the wish for one.
pub fn is_told(text: &str) -> bool {
    find(text).is_some()
}

/// Whether a text tells of a pregnancy, and of nothing else: "She is pregnant, 5th month".
pub fn is_all(text: &str) -> bool {
    is_told(text) && parts(&folded(text)).all(|part| WORDS.is_all_of(&part))
}

/// A text without what tells of a pregnancy, and without what only goes on with it: "coeliac", of "coeliac and pregnant, 5th month"; "wife",
/// of "my pregnant wife". May be empty.
pub fn without(text: &str) -> String {
    let marks = |char: char| matches!(char, ',' | ';' | ':' | '.' | '(' | ')' | '\n');
    let kept = text.split(marks).map(|part| WORDS.without(part)).filter(|part| !part.is_empty());
    kept.collect::<Vec<_>>().join(", ")
}

/// Whether the words of a text that could tell of one say something else: "not pregnant", "prenant".
pub fn is_something_else(text: &str) -> bool {
    let is_other = |part: &[&str]| (0..part.len()).any(|at| matches!(WORDS.told_at(part, at), Told::SomethingElse(_)));
    !is_told(text) && parts(&folded(text)).any(|part| is_other(&part))
}

/// Whether the words for a day tell of a child that is not born yet: also "due date", "birth of our daughter".
pub fn is_told_of_day(label: &str) -> bool {
    let folded = fold::folded(label);
    let padded = [" ", &folded, " "].concat();
    is_told(label) || is_due(&folded) || WORDS.days.iter().any(|day| padded.contains(&[" ", day, " "].concat()))
}

/// Whether who somebody is tells that they are not born yet: "our baby (due)", "bump", "Baby in May".
pub fn is_told_of_person(name: &str) -> bool {
    let folded = fold::folded(name);
    let words: Vec<&str> = folded.split([' ', char::from(fold::BREAK)]).filter(|word| !word.is_empty()).collect();
    let comes = |at: usize| {
        let after = &words[at + 1..];
        WORDS.has("[child]", words[at]) && !after.is_empty() && WORDS.is_only_when(after)
    };
    let padded = [" ", &words.join(" "), " "].concat();
    is_told(name)
        || is_due(&folded)
        || WORDS.unborn.iter().any(|unborn| padded.contains(&[" ", unborn, " "].concat()))
        || (0..words.len()).any(comes)
}

/// "Our baby, due", "due in May", "due 3 May"; but "due anni insieme" are two years, and "noi due" two of us.
fn is_due(label: &str) -> bool {
    let words: Vec<&str> = label.split([' ', char::from(fold::BREAK)]).filter(|word| !word.is_empty()).collect();
    let Some(due) = words.iter().position(|word| *word == "due") else { return false };
    let (before, after) = (&words[..due], &words[due + 1..]);
    let has = |words: &[&str], list: &str| words.iter().any(|word| WORDS.has(list, word));
    let is_said_when = match after {
        [next, ..] if is_number(next) => true,
        [next, rest @ ..] => DUE.contains(next) && (has(rest, "[when]") || rest.iter().any(|word| is_number(word))),
        [] => before.is_empty(),
    };
    is_said_when || has(before, "[child]") || after.first().is_some_and(|next| matches!(*next, "baby" | "twins"))
}

/// What stands between "due" and a time.
const DUE: [&str; 9] = ["in", "on", "by", "this", "next", "early", "late", "mid", "any"];

/// What a code says, as words: IN_DOLCE_ATTESA, HOCHSCHWANGER.
pub fn words_of(code: &str) -> String {
    code.replace('_', " ")
}

#[cfg(test)]
#[path = "pregnancy_tests.rs"]
mod tests;
