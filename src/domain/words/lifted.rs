//! What a promise takes back of what it names: "Bring a mocktail", "No wine tonight". Plainly, or so that nobody can tell: "Forget no wine",
//! "Vegan lunch beef dinner". A word that lifts reaches the words of its own short part, and what stands before it only where that is next to it.

use super::{
    codes::Substances,
    lexicon::Hits,
    lifting,
    not_served::{Words, is_word},
    promised::{self, Part},
};

/// How a promise takes back what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifted {
    Plainly,
    /// It may bring it all the same.
    InDoubt,
}

/// What a word of a promise does.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// It negates or lifts what follows.
    Denies,
    /// It lifts what stands beside it: "vegan", "alkoholfrei", "weglassen".
    Lifts,
    /// Another thing begins: "for", "lunch", "tomorrow".
    Parts,
    /// It names something to eat or drink, or says nothing by itself.
    Names,
    /// Nobody knows what it does.
    Unknown,
}

/// How a promise takes back what its words tell of among some substances. `None`: they tell of none. Whatever they bring besides is told
/// otherwise: this is asked of what brings none of them.
pub fn lifted(promise: &str, forbidden: Substances) -> Option<Lifted> {
    let parts = promised::parts_of(promise);
    let parts: Vec<&Part<'_>> = parts.iter().filter(|part| !part.only_asks()).collect();
    let is_asked = promise.contains('?');
    let each: Vec<Option<Lifted>> = parts.iter().map(|part| lifted_in(part, forbidden)).collect();
    let worst = each.iter().flatten().copied().max()?;
    // "No wine: cancelled": a short part may take back what stands before it.
    let takes_back = |(part, found): (&&Part<'_>, &Option<Lifted>)| found.is_none() && may_take_back(part);
    let is_doubted = is_asked || parts.iter().zip(&each).any(takes_back);
    Some(if is_doubted { Lifted::InDoubt } else { worst })
}

fn lifted_in(part: &Part<'_>, forbidden: Substances) -> Option<Lifted> {
    let text = part.words.join(" ");
    let mut hits = Hits::default();
    hits.read(&text);
    let told = |from: usize, to: usize| {
        let inside = hits.as_slice().iter().filter(|hit| (hit.start as usize) < to && from < hit.end as usize);
        inside.fold(0, |set, hit| set | hit.substances()) & forbidden
    };
    if hits.sum(|hit| hit.substances()) & forbidden == 0 {
        return None;
    }
    let (words, does) = words_of(part, &text);
    let mut at = 0;
    let mut is_plain = !does.contains(&Does::Unknown);
    for (index, does_own) in does.iter().enumerate() {
        let (from, to) = (at, at + words.word(index).len());
        at = to + 1;
        if *does_own == Does::Names && told(from, to) != 0 {
            is_plain &= is_reached(&words, &does, index);
        }
    }
    Some(if is_plain { Lifted::Plainly } else { Lifted::InDoubt })
}

/// Whether a word that lifts reaches a name: from before it, with nothing between that begins another thing; or from behind, directly.
fn is_reached(words: &Words, does: &[Does], at: usize) -> bool {
    let lifts = |does: &Does| matches!(does, Does::Denies | Does::Lifts);
    let is_before = does[..at].iter().rev().take_while(|does| **does != Does::Parts).any(lifts);
    let behind = (at + 1..does.len()).find(|next| !(does[*next] == Does::Names && words.is_plain(*next..*next + 1)));
    // "Beer without alcohol", but not "beer, not the mocktail".
    is_before || behind.is_some_and(|next| does[next] == Does::Lifts || words.says(next, "without"))
}

/// The words of a part, and what each does.
fn words_of(part: &Part<'_>, text: &str) -> (Words, Vec<Does>) {
    let words = Words::of(part, |_| false);
    let lifting = lifting::lifting_words(text);
    let (mut at, mut is_aside) = (0, false);
    let mut does = Vec::with_capacity(words.len());
    for index in 0..words.len() {
        let (from, to) = (at, at + words.word(index).len());
        at = to + 1;
        let own = does_word(&words, index, lifting.iter().any(|(start, end)| *start < to && from < *end));
        // "To the terrace", "for Mia": where and for whom says nothing of what it is.
        is_aside = is_word(words.word(index), "aside") || (is_aside && own == Does::Unknown);
        does.push(if is_aside { Does::Parts } else { own });
    }
    (words, does)
}

fn does_word(words: &Words, at: usize, lifts: bool) -> Does {
    let is = |heading: &str| words.is(at, heading);
    let word = words.word(at);
    let is_known = ["fill", "serves", "has", "ever", "plain"].iter().any(|heading| words.says(at, heading))
        || promised::brings(word)
        || word.starts_with(|first: char| first.is_ascii_digit());
    // "Drop the no wine", but not "drop a mocktail".
    let is_denied_later = || (at + 1..words.len()).any(|later| words.is(later, "no"));
    if words.says(at, "parts") {
        Does::Parts
    } else if lifts || is("removes") {
        Does::Lifts
    } else if is("no") || is("not") || words.says(at, "without") {
        Does::Denies
    } else if is("undoes") && is_denied_later() {
        Does::Unknown
    } else if words.is_food(at) || is_known {
        Does::Names
    } else {
        Does::Unknown
    }
}

/// Whether a part is short, and nobody knows what it does: "cancelled", "Unsinn".
fn may_take_back(part: &Part<'_>) -> bool {
    let (words, does) = words_of(part, &part.words.join(" "));
    let is_short = words.len() > 0 && words.len() <= TAKEN_BACK_WORDS_MAX;
    is_short && does.contains(&Does::Unknown) && !words.has_food(0..words.len()) && !part.brings_nothing()
}

/// "That was wrong", "ist abgesagt".
const TAKEN_BACK_WORDS_MAX: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::{codes, told_after_lifting};

    fn of(promise: &str, codes: &[&str]) -> Option<Lifted> {
        let set = codes.iter().fold(0, |set, code| set | codes::with_parts(codes::of_code(code).expect("a code")));
        let brought = promised::brought(promise);
        // What is told all the same is stopped anyway.
        if told_after_lifting(&brought) & set != 0 { Some(Lifted::InDoubt) } else { lifted(promise, set) }
    }

    #[test]
    fn what_may_be_taken_back_is_in_doubt() {
        let wrong: Vec<_> = IN_DOUBT.iter().filter(|one| of(one, &["ALCOHOL"]) != Some(Lifted::InDoubt)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let meat = ["MEAT", "SEAFOOD"];
        let wrong: Vec<_> = MEAT_IN_DOUBT.iter().filter(|one| of(one, &meat) != Some(Lifted::InDoubt)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn what_is_plainly_lifted_is_not() {
        let wrong: Vec<_> = PLAIN.iter().filter(|one| of(one, &["ALCOHOL"]) == Some(Lifted::InDoubt)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let meat = ["MEAT", "SEAFOOD"];
        let wrong: Vec<_> = MEAT_PLAIN.iter().filter(|one| of(one, &meat) == Some(Lifted::InDoubt)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    const IN_DOUBT: &[&str] = &[
        "No wine? Nonsense",
        "No wine? Wrong",
        "No wine was wrong",
        "No wine: cancelled",
        "No wine: undo",
        "No wine is over",
        "Ignore \"no wine\"",
        "Forget no wine",
        "Drop the no wine",
        "Leave the no wine",
        "Scrap no wine",
        "No wine no tip",
        "No wine for now? Later",
        "Ohne Wein? Unsinn",
        "Ohne Wein ist falsch",
        "Sin vino? Error",
        "Senza vino? Sbagliato",
        "Sans vin: annulé",
        "Sem vinho: errado",
        "Niente se non vino",
        "Beer rather than the mocktail",
        "Beer not the mocktail",
        "Gin as mocktail ran out",
        "Wine because mocktail is off",
        "Wein lieber als Mocktail",
        "Vin plutôt que mocktail",
        "Vino anziché mocktail",
        "Vino mejor que mocktail",
        "Vinho antes que mocktail",
        "Mocktail no wine yes",
        "Alkoholfrei bis acht Wein ab acht",
    ];

    const MEAT_IN_DOUBT: &[&str] = &[
        "Vegan today steak tomorrow",
        "Vegan lunch beef dinner",
        "Vegan first steak second",
        "Vegan pour lui steak pour elle",
        "Végétarien midi boeuf soir",
        "Vegano a pranzo manzo a cena",
        "Vegan heute Steak morgen",
        "Vegano hoy filete de ternera mañana",
        "Vegano hoje bife de vaca amanhã",
    ];

    const PLAIN: &[&str] = &[
        "Bring a mocktail",
        "Mocktail no ice",
        "Mocktail at eight",
        "Mocktail to the terrace",
        "Mocktail for Mia",
        "Alkoholfreies Bier",
        "Alkoholfreies Bier bringen",
        "No wine",
        "No wine please",
        "No wine for her",
        "No wine, call her back",
        "Kein Wein",
        "Menü ohne Wein",
        "Menu sans vin",
        "Bière sans alcool",
        "Birra analcolica",
        "Cerveza sin alcohol",
        "Cerveja sem álcool",
        "Vin sans alcool pour elle",
        "Ask the bar about wine",
        "Bring rice",
    ];

    const MEAT_PLAIN: &[&str] = &[
        "Vegan burger",
        "Bring a vegan burger",
        "Veganer Burger",
        "Burger vegano",
        "Vegan birthday burger",
        "Vegane Lasagne",
    ];
}
