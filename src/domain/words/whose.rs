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
    let mut words = folded.split(' ').filter(|word| !word.is_empty());
    let is_nobody = |word: &str| LISTS.has("nobody_else", word) || word.bytes().all(|byte| byte.is_ascii_digit());
    words.clone().any(|word| LISTS.has("own", word)) || words.all(is_nobody)
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
        for whose in "my son|Nina|the children|wife|mein Mann|her daughter|ma femme|mi hijo|guest's wife|Мария|花子|mother-in-law|wife, allergic to \
             nuts|seat 2 (Bob)"
            .split('|')
        {
            assert!(!may_be_own(whose), "{whose}");
        }
    }
}
