//! Whether words that say whose a precaution is may mean the customer too. The words are in `data/whose.txt`. What is not plainly somebody else is.

use std::{cell::RefCell, sync::LazyLock};

use super::{
    fold,
    lists::Lists,
    memo::{self, Lately},
};

static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("data/whose.txt")));

/// Words that each thread keeps whom they mean: those at the tables of a house. 32 bytes each.
const WORDS_MAX: usize = 256;

thread_local! {
    static OWN: RefCell<Lately<bool>> = Lately::new(WORDS_MAX);
}

/// Whether it may be the customer's own: "self", "all", "me and my son", "guest", "?".
pub fn may_be_own(of_whom: &str) -> bool {
    OWN.with(|known| memo::lately(known, of_whom, || reads_as_own(of_whom)))
}

fn reads_as_own(of_whom: &str) -> bool {
    let folded = fold::folded(of_whom);
    // "Wife?" and "husband/wife" are not plainly anybody.
    of_whom.contains(['?', '/']) || words(&folded).any(|word| LISTS.has("own", word)) || words(&folded).all(is_nobody)
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').filter(|word| !word.is_empty())
}

/// Whether a word names nobody else: "guest", "2", "s".
fn is_nobody(word: &str) -> bool {
    LISTS.has("nobody_else", word) || word.bytes().all(|byte| byte.is_ascii_digit()) || word.chars().nth(1).is_none()
}

/// Whether words say no more than one of somebody's names: "Elena", "Mrs Marchetti", "E. Marchetti".
pub fn is_called(of_whom: &str, names: &[&str]) -> bool {
    let folded = fold::folded(of_whom);
    let names: Vec<String> = names.iter().map(|name| fold::folded(name)).collect();
    let is_of_name = |word: &str| names.iter().any(|name| words(name).any(|of_name| of_name == word));
    words(&folded).any(is_of_name) && words(&folded).all(|word| is_of_name(word) || is_nobody(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_plainly_another_is_not_the_customer() {
        for whose in "self|me|Myself|I|himself|she|guest|the guest|customer|everyone|all|us|both|the whole table|me and my son|my son and me|ich|moi|\
             yo|io|eu|-|?|n/a|N.A.|*|alle|tutti|todos|tous|Gast|mein Sohn und ich|table 4|2|🙂"
            .split('|')
        {
            assert!(may_be_own(whose), "{whose}");
        }
        for whose in "said by her mother|mother says|according to mother|via mother|per mother|her mother told us|wife called|(caller)|source: \
             mother|laut Mutter|Mutter sagt|von Mutter gesagt|selon sa mère|dit par la mère|d'après sa mère|dice la mamma|secondo la mamma|\
             detto da mamma|según su madre|dicho por su madre|segundo a mãe|dito por ela|tbc|ask|see notes|idem|ditto|whoever|Anrufer|\
             Hauptgast|l'ospite|birthday girl|guest of honour|the lady|lady in red|the younger one|the one at the window"
            .split('|')
        {
            assert!(may_be_own(whose), "{whose}");
        }
        for whose in "the guest's own|nobody else|not my wife|not only my wife|except my wife|mine and hers|ours|our|our \
             family|him too|wife too|wife as well|my wife also|also son|auch meine Frau|aussi mon fils|también mi hijo|moglie anche|também meu \
             filho|one of them|les deux|the woman|Mr|Mrs|Madame|Frau|Herr|die Gästin|yes|the child|das Kind|dto|s.o.|husband/wife|assistant \
             booked|PA|mother (on the phone)|father of the booker|wife?|maybe wife|son or daughter"
            .split('|')
        {
            assert!(may_be_own(whose), "{whose}");
        }
        for whose in "my son|Nina|the children|wife|mein Mann|her daughter|ma femme|mi hijo|guest's wife|Мария|花子|mother-in-law|wife, allergic to \
             nuts|seat 2 (Bob)"
            .split('|')
        {
            assert!(!may_be_own(whose), "{whose}");
        }
    }

    #[test]
    fn somebody_is_called_by_their_own_name() {
        let names = ["Elena Marchetti", "Mrs Marchetti"];
        for whose in
            ["Elena", "elena marchetti", "Mrs Marchetti", "E. Marchetti", "Elena's", "Elena Marchetti (guest)", "Éléna"]
        {
            assert!(is_called(whose, &names), "{whose}");
        }
        for whose in ["Anna Marchetti", "Nina", "Elena's son", "my son", "E.", "", "Mrs Rossi"] {
            assert!(!is_called(whose, &names), "{whose}");
        }
        assert!(!is_called("Nina", &["", ""]));
    }
}
