//! Promises of whose negations nobody can plainly tell what they do: "Instead of nuts serve fruit", "No cake without peanuts". They are neither
//! told as an order to bring what they name, nor as harmless.

use super::{
    not_served::{self, Words},
    promised::{self, Part},
};

/// What the words of a promise may do with what they name.
#[derive(Debug, Default, PartialEq)]
pub struct Doubted {
    /// What is named where nothing is denied, or is served all the same ("Don't forget the cake").
    pub served: String,
    /// What is denied, removed or exchanged.
    pub denied: String,
    /// What is denied twice: it may be ordered.
    pub denied_twice: String,
    /// What is denied for a while alone: "no wine before eight". It is served then.
    pub late: String,
    /// Of what is denied, that beside a word that exchanges: it counts also where its words leave it out.
    pub exchanged: String,
}

/// What a part of a promise does with what it names.
#[derive(Debug, Clone, Copy, Default)]
struct Negations {
    /// "No", "never": as often as it is said, it is said once.
    denies: bool,
    exchanges: bool,
    /// Words that remove, exchange or forbid.
    removes: usize,
    /// "Without", "free": by themselves, they say what a dish is like.
    leaves_out: usize,
    serves_yet: bool,
    /// A word that is not known stands before "no" or "without", and may turn it round: "rarely without", "hold no".
    is_strange: bool,
}

impl Negations {
    fn of(words: &Words) -> Self {
        let all = 0..words.len();
        let count = |is: &dyn Fn(usize) -> bool| all.clone().filter(|at| is(*at)).count();
        let exchanges = count(&|at| words.exchanges(at));
        let ends = [words.first_said(), all.end.checked_sub(1)];
        let at_end = |heading| ends.iter().flatten().any(|at| words.is(*at, heading));
        let is_left = words.first_said().is_some_and(|at| {
            words.is(at, "leaves") && [Some(at + 1), ends[1]].iter().flatten().any(|at| words.is(*at, "out"))
        });
        let is_kept_away = words.is_first("keeps") && count(&|at| words.is(at, "away")) > 0;
        let removes = [at_end("removes"), at_end("replaces"), is_left, is_kept_away].iter().filter(|is| **is).count();
        Self {
            denies: count(&|at| words.denies(at)) > 0,
            exchanges: exchanges > 0,
            removes: removes + exchanges + count(&|at| words.is(at, "forbids")),
            leaves_out: count(&|at| words.leaves_out(at)),
            serves_yet: count(&|at| words.is(at, "serves-yet")) > 0,
            is_strange: words.has_strange_before_no(),
        }
    }

    fn times(self) -> usize {
        let all = usize::from(self.denies) + self.removes + self.leaves_out + usize::from(self.is_strange);
        // What must not be forgotten is denied once less.
        all.saturating_sub(usize::from(self.serves_yet))
    }

    fn has_any(self) -> bool {
        self.denies || self.removes > 0 || self.is_strange
    }
}

/// Takes a promise apart by what its words may do. `None`: no word of it denies, removes or exchanges. `is_item`: whether the venue has
/// something of a name.
pub fn doubted(promise: &str, is_item: impl Fn(&str) -> bool) -> Option<Doubted> {
    let parts: Vec<(Part<'_>, Words)> = promised::parts_of(promise)
        .into_iter()
        .filter(|part| !part.only_asks())
        .map(|part| {
            let words = Words::of(&part, &is_item);
            (part, words)
        })
        .collect();
    let own: Vec<Negations> = parts.iter().map(|(_, words)| Negations::of(words)).collect();
    if promise.contains('?') || !own.iter().any(|one| one.has_any()) {
        return None;
    }
    let is_late = promised::says_when(promise);
    let mut doubted = Doubted::default();
    for (at, (part, words)) in parts.iter().enumerate().filter(|(_, (_, words))| words.has_food(0..words.len())) {
        let mut negations = own[at];
        // "Nuts: never"; "never serve nuts, nuts or milk".
        let is_told_beside = |other: &usize| own[*other].has_any() && parts[*other].1.says_only_that();
        let beside = [at.checked_sub(1), Some(at + 1).filter(|next| *next < parts.len())];
        let is_named_alone = || words.is_plain(0..words.len()) && at > 0 && own[at - 1].has_any();
        if !negations.has_any() && (beside.iter().flatten().any(is_told_beside) || is_named_alone()) {
            negations.denies = true;
        }
        // "Nothing but nuts".
        let is_exception = part.goes_on && at > 0 && own[at - 1].denies && begins_exception(part);
        let brought_after = parts[at + 1..].iter().any(|(_, words)| words.serves_them());
        let is_a_threat = own[at].denies && parts.get(at + 1).is_some_and(|(_, next)| next.is_a_threat());
        let is_served_yet = negations.serves_yet || brought_after || is_a_threat || (negations.denies && is_late);
        let named = words.named();
        let served = |doubted: &mut Doubted| join(&mut doubted.served, &promised::brought(part.text));
        match negations.times() {
            _ if is_exception => join(&mut doubted.denied_twice, &named),
            _ if !negations.has_any() => served(&mut doubted),
            0 | 1 if is_served_yet && !negations.exchanges => {
                join(&mut doubted.served, &named);
                join(&mut doubted.late, if negations.denies && is_late { &named } else { "" });
            }
            0 | 1 => {
                if let Some((before, after)) = words.around_no() {
                    join(&mut doubted.served, &before);
                    join(&mut doubted.denied, &after);
                } else {
                    join(&mut doubted.denied, &named);
                    join(&mut doubted.exchanged, if negations.exchanges { &named } else { "" });
                }
            }
            _ => join(&mut doubted.denied_twice, &named),
        }
    }
    Some(doubted)
}

fn join(all: &mut String, text: &str) {
    if !text.is_empty() {
        all.extend([if all.is_empty() { "" } else { ", " }, text]);
    }
}

impl Words {
    /// The first word that says something by itself, and does not deny.
    fn first_said(&self) -> Option<usize> {
        (0..self.len()).find(|at| !self.is(*at, "fill") && !self.denies(*at))
    }

    fn is_first(&self, heading: &str) -> bool {
        self.first_said().is_some_and(|at| self.is(at, heading))
    }

    /// "No", "not"; but not Portuguese "no", which says where, and stands behind what is served there.
    fn denies(&self, at: usize) -> bool {
        let says_where = || {
            let is_behind = self.has_food(0..at) && !self.has_food(at + 1..self.len());
            self.word(at) == "no" && (is_behind || self.exchanges(at + 1))
        };
        (self.is(at, "no") || self.is(at, "not")) && !says_where()
    }

    /// "Without", "except", "nut-free".
    fn leaves_out(&self, at: usize) -> bool {
        let is_free = self.word(at) == "free" || without_free(self.word(at)).is_some();
        is_free || self.says(at, "without") || (at > 0 && self.is(at, "except"))
    }

    /// Whether anything but plain words and names of food stands before the first "no" or "without" that names food after it.
    fn has_strange_before_no(&self) -> bool {
        let leaves_out = |at: &usize| {
            let is_no = self.denies(*at) && self.is(*at, "no");
            is_no || (self.says(*at, "without") && !(0..*at).any(|before| self.denies(before)))
        };
        let Some(no) = (0..self.len()).find(leaves_out) else { return false };
        let is_plain = |at: usize| {
            let headings = ["fill", "serves", "has", "no", "not", "plain"];
            let word = self.word(at);
            self.is_food(at)
                || headings.iter().any(|heading| self.is(at, heading))
                || promised::brings(word)
                || word.starts_with(|first: char| first.is_ascii_digit())
        };
        self.has_food(no..self.len()) && !(0..no).all(is_plain)
    }

    /// Whether it says that something is not served, and not what: "never", "do not serve it".
    fn says_only_that(&self) -> bool {
        let is_known = |at: usize| {
            let headings = ["fill", "no", "not", "forbids", "serves", "has", "removes"];
            headings.iter().any(|heading| self.is(at, heading))
        };
        self.len() > 0 && (0..self.len()).all(is_known)
    }

    /// "Bring them", "bring it at nine": what stands before.
    fn serves_them(&self) -> bool {
        let any = |heading| (0..self.len()).any(|at| self.is(at, heading));
        any("serves") && any("them") && !(0..self.len()).any(|at| self.denies(at))
    }

    /// "No party", behind "no cake".
    fn is_a_threat(&self) -> bool {
        let any = |heading| (0..self.len()).any(|at| self.is(at, heading));
        self.len() > 1 && self.is(0, "no") && !self.has_food(0..self.len()) && !any("nobody") && !self.says_only_that()
    }

    /// "Nut cake no milk": what is named on both sides of a "no". `None`: nothing is.
    fn around_no(&self) -> Option<(String, String)> {
        let no = (1..self.len()).find(|at| self.is(*at, "no") && self.denies(*at))?;
        let is_named = self.has_food(0..no) && self.has_food(no + 1..self.len());
        let is_plain = (0..no).all(|at| !self.denies(at) && !self.exchanges(at));
        let text = |from: usize, to: usize| (from..to).map(|at| self.word(at)).collect::<Vec<_>>().join(" ");
        (is_named && is_plain).then(|| (text(0, no), text(no + 1, self.len())))
    }

    /// What it names, without its negations: a diet would believe them.
    fn named(&self) -> String {
        let is_kept = |at: &usize| !(self.denies(*at) || self.exchanges(*at) || self.leaves_out(*at));
        let kept = |at: usize| if is_kept(&at) { Some(self.word(at)) } else { without_free(self.word(at)) };
        (0..self.len()).filter_map(kept).collect::<Vec<_>>().join(" ")
    }
}

/// "Nuss" of "nussfreie".
fn without_free(word: &str) -> Option<&str> {
    let of = FREE.iter().find_map(|free| word.strip_suffix(free))?;
    (!of.is_empty()).then_some(of)
}

/// Ends of German words.
const FREE: [&str; 6] = ["frei", "freie", "freien", "freier", "freies", "freiem"];

fn begins_exception(part: &Part<'_>) -> bool {
    let first = super::fold::folded(part.text.split_whitespace().next().unwrap_or_default());
    not_served::is_word(&first, "except")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::{codes, told_by};

    /// Where nuts are named: served, denied, denied twice.
    fn nuts(promise: &str) -> &'static str {
        let nuts = codes::with_parts(codes::of_code("NUTS").unwrap_or_default());
        let has = |text: &str| told_by(text) & nuts != 0;
        match doubted(promise, |_| false) {
            None => "no word denies",
            Some(Doubted { served, .. }) if has(&served) => "served",
            Some(Doubted { denied_twice, .. }) if has(&denied_twice) => "twice",
            Some(Doubted { denied, .. }) if has(&denied) => "denied",
            Some(_) => "not named",
        }
    }

    const TWICE: &[&str] = &[
        "No cake without walnuts",
        "Do not serve without walnuts",
        "Never serve noodles without nuts",
        "No nut-free noodles",
        "Avoid noodles without nuts",
        "Cancel the nut-free dessert",
        "Nie ohne Nüsse",
        "Kein nussfreies Dessert",
        "Jamais sans noix",
        "Do not leave out the nuts",
        "Keinesfalls ohne Nüsse",
        "Selten ohne Nüsse",
        "Rarely without nuts",
        "Hold no nuts",
        "Refuse no nuts",
        "Tampoco sin nueces",
        "Neanche senza noci",
        "Personne sans noix",
        "No dinner minus nuts",
        "Leave it and confirm no walnut cake is missing",
    ];

    #[test]
    fn it_is_known_what_is_denied_once_twice_or_not() {
        for (expected, promises) in [
            (
                "denied",
                &[
                    "Never nuts",
                    "Nuts: never",
                    "Nuts forbidden",
                    "No nuts on her table",
                    "No walnut brownie today",
                    "Remove the walnut brownie from her table",
                    "Leave out the nuts",
                    "Nie wieder Nüsse",
                    "Auf keinen Fall Nüsse",
                    "Statt Nüssen Obst servieren",
                    "Instead of nuts serve fruit",
                    "Bring fruit instead of the walnut brownie",
                    "Au lieu des noix servir des fruits",
                    "Invece delle noci servire frutta",
                    "En lugar de nueces servir fruta",
                    "Em vez de nozes servir fruta",
                    "No nuts, no exceptions",
                    "Never serve milk, nuts",
                    "Hold the nuts",
                ][..],
            ),
            ("twice", TWICE),
            (
                "served",
                &[
                    "Don't forget the nut cake",
                    "No nut cake before eight",
                    "Do not bring the nut cake cold",
                    "No nut cake, no party",
                    "Never serve milk. Nut cake at eight.",
                    "Nut cake no milk",
                    "Do not bring the nut cake now, bring it at nine",
                    "Nusskuchen nicht kalt servieren",
                    "Nut cake, no candles",
                ],
            ),
            (
                "no word denies",
                &[
                    "Bring the nut cake",
                    "Levar bolo de nozes no quarto",
                    "Bring a menu without nuts",
                    "Dessert ohne Nüsse bringen",
                ],
            ),
        ] {
            let wrong: Vec<_> = promises.iter().map(|one| (nuts(one), one)).filter(|(is, _)| *is != expected).collect();
            assert!(wrong.is_empty(), "not {expected}: {wrong:?}");
        }
    }
}
