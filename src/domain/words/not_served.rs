//! Promises that say themselves that something is not to be served: "Never serve nuts", "Replace the brownie by fruit". Plainly, or not
//! at all: in doubt what they name is brought, as `promised` has it.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use fnv::FnvBuildHasher;

use super::{
    fold,
    lexicon::Hits,
    promised::{self, Part, is_in, spellings},
};

/// `data/not_served.txt`, in one spelling, by its headings.
static WORDS: LazyLock<HashMap<&'static str, Vec<String>, FnvBuildHasher>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Vec<String>, FnvBuildHasher> = HashMap::default();
    let mut heading = "";
    for line in include_str!("data/not_served.txt").lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[') {
            Some(named) => heading = named.trim_end_matches(']'),
            None => words.entry(heading).or_default().extend(line.split_whitespace().flat_map(spellings)),
        }
    }
    words
});

/// Longest name of an item, in words, that is looked for inside a promise.
const ITEM_WORDS_MAX: usize = 6;

/// What a promise serves besides what it says not to serve: "fruit", of "Replace the brownie by fruit". `None`: it says no such thing, or not
/// plainly. `is_item`: whether the venue has something of a name.
pub fn besides_not_served(promise: &str, is_item: impl Fn(&str) -> bool) -> Option<String> {
    if promise.contains('?') || promised::says_when(promise) {
        return None;
    }
    let mut rest: Vec<String> = Vec::new();
    let (mut is_denied, mut goes_on) = (false, false);
    for part in promised::parts_of(promise) {
        let words = Words::of(&part, &is_item);
        if let Some(served) = words.served_instead() {
            (is_denied, goes_on) = (true, true);
            rest.extend(served);
        } else if goes_on && part.goes_on && words.goes_on_denying(&part) {
            // "Never serve nuts or milk".
        } else if !part.only_asks() {
            goes_on = false;
            rest.extend(words.served()?);
        }
    }
    is_denied.then(|| rest.join(", "))
}

/// Whether a folded word stands under a heading.
pub(super) fn is_word(word: &str, heading: &str) -> bool {
    is_in(&WORDS[heading], word)
}

/// The words of a part of a promise.
pub(super) struct Words {
    words: Vec<String>,
    /// Which of them are, or are in, the name of something eaten.
    is_food: Vec<bool>,
}

impl Words {
    pub fn of(part: &Part<'_>, is_item: impl Fn(&str) -> bool) -> Self {
        let words = part.words.clone();
        let text = words.join(" ");
        let mut hits = Hits::default();
        hits.read(&text);
        let mut at = 0;
        let mut is_food: Vec<bool> = Vec::with_capacity(words.len());
        for word in &words {
            let end = at + word.len();
            is_food.push(hits.as_slice().iter().any(|hit| (hit.start as usize) < end && at < hit.end as usize));
            at = end + 1;
        }
        for from in 0..words.len() {
            let longest = words.len().min(from + ITEM_WORDS_MAX);
            if let Some(to) = (from + 1..=longest).rev().find(|to| is_item(&words[from..*to].join(" "))) {
                is_food[from..to].fill(true);
            }
        }
        Self { words, is_food }
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    pub fn word(&self, at: usize) -> &str {
        &self.words[at]
    }

    /// Whether there is such a word, and it stands under a heading.
    pub fn is(&self, at: usize, heading: &str) -> bool {
        self.says(at, heading) && !self.is_food[at]
    }

    /// The same of a word that may be part of a name.
    pub fn says(&self, at: usize, heading: &str) -> bool {
        self.words.get(at).is_some_and(|word| is_word(word, heading))
    }

    /// "Instead of", "statt", "en lugar de".
    pub fn exchanges(&self, at: usize) -> bool {
        // "Lieu" is a fish too.
        let is_place = || at > 0 && self.says(at, "place") && self.is(at - 1, "in");
        self.is(at, "instead") || (self.is(at + 1, "of") && (self.is(at, "instead-of") || is_place()))
    }

    pub fn is_food(&self, at: usize) -> bool {
        self.is_food[at]
    }

    pub fn has_food(&self, range: Range<usize>) -> bool {
        self.is_food[range].contains(&true)
    }

    /// Whether all of it are names of food and words that say nothing by themselves.
    pub fn is_plain(&self, mut range: Range<usize>) -> bool {
        range.all(|at| self.is_food[at] || self.is(at, "fill"))
    }

    fn says_nothing(&self, mut range: Range<usize>) -> bool {
        range.all(|at| self.is(at, "fill"))
    }

    fn names_plainly(&self, range: Range<usize>) -> bool {
        self.is_plain(range.clone()) && self.has_food(range)
    }

    /// If it says that what it names is not to be served: what is served in its place, or nothing. `None`: it does not say so.
    fn served_instead(&self) -> Option<Option<String>> {
        let all = 0..self.words.len();
        if self.is_denied() || self.is_removed() {
            return Some(None);
        }
        if let Some(served) = self.exchanged() {
            return Some(Some(served));
        }
        let last = all.end.checked_sub(1)?;
        let named = if self.is(0, "replaces") {
            1..all.end
        } else if self.is(last, "replaces") {
            0..last
        } else {
            return None;
        };
        let by = named.clone().find(|at| self.is(*at, "by"));
        let (out, put_in) = by.map_or((named.clone(), named.end..named.end), |by| (named.start..by, by + 1..named.end));
        let is_plain = self.names_plainly(out) && self.is_plain(put_in.clone());
        is_plain.then(|| (!put_in.is_empty()).then(|| self.words[put_in].join(" ")))
    }

    /// "Serve fruit instead of nuts", "instead of nuts serve fruit": what is served.
    fn exchanged(&self) -> Option<String> {
        let all = 0..self.words.len();
        let instead = all.clone().find(|at| self.exchanges(*at))?;
        let verb = all.clone().find(|at| self.is(*at, "serves"))?;
        let is_begun = self.says_nothing(0..instead.min(verb));
        let (out, put_in) = if verb < instead {
            (instead + 1..all.end, verb + 1..instead)
        } else {
            (instead + 1..verb, verb + 1..all.end)
        };
        let is_plain = is_begun && self.names_plainly(out) && self.names_plainly(put_in.clone());
        is_plain.then(|| self.words[put_in].join(" "))
    }

    /// "No dessert with nuts", "never serve nuts", "Nüsse nicht servieren".
    fn is_denied(&self) -> bool {
        let all = 0..self.words.len();
        let denies = |at: &usize| self.is(*at, "no") || self.is(*at, "not");
        let Some(no) = all.clone().find(denies) else { return false };
        let (mut before, mut after) = (0..no, no + 1..all.end);
        let (is_before_names, is_before_verbs) = (self.is(no, "no"), self.is(no, "not"));
        let is_verb = |at: usize| self.is(at, "serves") || self.is(at, "has");
        if is_before_verbs && self.names_plainly(before.clone()) {
            let verb = after.find(|at| !self.is(*at, "fill"));
            return verb.is_some_and(|at| is_verb(at) && self.says_nothing(at + 1..all.end));
        }
        // "Servez pas de noix"; "bring no" may be said in Portuguese of where something is brought.
        let verbs_before = before.clone().filter(|at| self.is(*at, "serves")).count();
        let is_begun = before.all(|at| self.is(at, "fill") || self.is(at, "serves"))
            && (verbs_before == 0 || (verbs_before == 1 && is_before_names && self.words[no] != "no"));
        let verb_first = after.clone().find(|at| !self.is(*at, "fill")).filter(|at| is_verb(*at));
        let verb_last = after.clone().next_back().filter(|at| is_verb(*at));
        match (verb_first, verb_last) {
            _ if verbs_before > 0 => {}
            (Some(first), _) => {
                after.start = first + 1;
                if !after.is_empty() && self.is(after.start, "ever") {
                    after.start += 1;
                }
            }
            (None, Some(last)) => after.end = last,
            (None, None) if is_before_names => {}
            (None, None) => return false,
        }
        is_begun && self.names_plainly(after)
    }

    /// "Remove the nuts", "Nüsse weglassen", "keep nuts away from her".
    fn is_removed(&self) -> bool {
        let Some(last) = self.words.len().checked_sub(1) else { return false };
        if self.is(0, "removes") {
            return self.names_plainly(1..last + 1);
        }
        if self.is(last, "removes") {
            return self.names_plainly(0..last);
        }
        let away = (1..=last).find(|at| self.is(*at, "away"));
        self.is(0, "keeps")
            && away.is_some_and(|at| {
                let is_plain = self.is_plain(1..at) && self.is_plain(at + 1..last + 1);
                is_plain && self.has_food(1..last + 1)
            })
    }

    /// "Or milk", after "never serve nuts".
    fn goes_on_denying(&self, part: &Part<'_>) -> bool {
        let first = fold::folded(part.text.split_whitespace().next().unwrap_or_default());
        is_in(&WORDS["or"], &first) && self.names_plainly(0..self.words.len())
    }

    /// What a part serves that denies nothing: "bring fruit". `None`: it says something else.
    fn served(&self) -> Option<Option<String>> {
        let all = 0..self.words.len();
        let verbs = all.clone().filter(|at| self.is(*at, "serves")).count();
        let is_known = all.clone().all(|at| self.is_food[at] || self.is(at, "fill") || self.is(at, "serves"));
        let means_what_was_denied = verbs > 0 && all.clone().any(|at| self.is(at, "them"));
        if !is_known || means_what_was_denied || (verbs > 0 && !self.has_food(all.clone())) {
            return None;
        }
        Some(self.has_food(all).then(|| self.words.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::{codes, told_by};

    /// Whether nuts are what a promise says not to serve, and nothing that it serves besides.
    fn denies_nuts(promise: &str) -> bool {
        let nuts = codes::with_parts(codes::of_code("NUTS").unwrap_or_default());
        let is_item = |name: &str| name == "house wobble";
        besides_not_served(promise, is_item).is_some_and(|rest| told_by(&rest) & nuts == 0)
    }

    const NOT_SERVED: &[&str] = &[
        "No dessert with nuts",
        "Never serve nuts",
        "No nuts in her dessert",
        "Keep nuts away from her",
        "Do not bring the walnut brownie",
        "Don't serve nuts, please",
        "Replace the walnut brownie by fruit",
        "Nuts must not be served",
        "She must not have nuts",
        "Remove the walnuts from her salad",
        "Never serve nuts or milk",
        "Never serve nuts. She is allergic to nuts.",
        "Do not bring the walnut brownie, bring fruit",
        "Do not serve the House wobble",
        "Kein Dessert mit Nüssen",
        "Nie Nüsse servieren",
        "Nüsse nicht servieren",
        "Den Walnusskuchen nicht bringen",
        "Walnusskuchen durch Obst ersetzen",
        "Nüsse fernhalten",
        "Servieren Sie keine Nüsse",
        "Sie darf keine Nüsse bekommen",
        "Pas de dessert aux noix",
        "Ne jamais servir de noix",
        "Ne servez pas de noix",
        "Ne pas apporter le gâteau aux noix",
        "Remplacer le gâteau aux noix par des fruits",
        "Nessun dolce con noci",
        "Non servire mai noci",
        "Non portare la torta di noci",
        "Sostituire la torta di noci con frutta",
        "Ningún postre con nueces",
        "Nunca servir nueces",
        "No traer la tarta de nueces",
        "Sustituir la tarta de nueces por fruta",
        "Nenhuma sobremesa com nozes",
        "Nunca servir nozes",
        "Não trazer o bolo de nozes",
        "Substituir o bolo de nozes por fruta",
    ];

    const SERVED: &[&str] = &[
        "Bring the nut cake",
        "Don't forget the nut cake",
        "Never forget her nut cake",
        "Do not fail to bring the nut cake",
        "Why not bring the nut cake",
        "No nut cake before eight",
        "Do not bring the nut cake before eight",
        "Do not bring the nut cake before dinner",
        "Do not bring the nut cake cold",
        "Do not bring the nut cake to the table but to the room",
        "No nut cake, no party",
        "No problem with the nut cake",
        "Not only nut cake",
        "Nothing but nuts",
        "Never serve the fruit without nuts",
        "Replace the fruit by the walnut brownie",
        "Replace the cake with nuts",
        "Never serve milk, nuts at eight",
        "Never serve milk, bring nuts",
        "Do not bring the nut cake now, bring it at nine",
        "Never serve nuts, bring them",
        "No nuts?",
        "Nut cake, no milk",
        "Nut cake no milk",
        "Keep the nut cake",
        "Keep the nut cake away from the sun",
        "Nicht den Nusskuchen vergessen",
        "Nusskuchen nicht kalt servieren",
        "Noch keinen Nusskuchen bringen",
        "Nichts außer Nüssen servieren",
        "Ne pas manquer d'apporter le gâteau aux noix",
        "Ne servez que des noix",
        "Non dimenticare la torta di noci",
        "No dejar de traer la tarta de nueces",
        "Não esquecer o bolo de nozes",
    ];

    #[test]
    fn what_is_plainly_not_served_is_known() {
        let wrong: Vec<_> = NOT_SERVED.iter().filter(|promise| !denies_nuts(promise)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    /// Any of them may be the last of a part: "Call her before she leaves".
    #[test]
    fn every_word_may_stand_anywhere() {
        let words: Vec<&str> = WORDS.values().flatten().map(String::as_str).collect();
        assert!(words.len() > 100);
        for word in words {
            for promise in [
                word.to_owned(),
                format!("No nuts, or she {word}"),
                format!("{word} the nut cake"),
                format!("Call her before {word}"),
                format!("{word} {word}"),
            ] {
                // Neither may panic.
                let _ = (crate::domain::words::doubted(&promise, |_| false), denies_nuts(&promise));
            }
        }
    }

    #[test]
    fn what_may_be_served_is_in_doubt() {
        let wrong: Vec<_> = SERVED.iter().filter(|promise| denies_nuts(promise)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
