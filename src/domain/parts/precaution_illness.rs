//! What the words of a precaution tell of illnesses and dangers that its code does not.

use std::{borrow::Cow, cell::RefCell};

use super::{
    precaution::{Criticality, PrecautionDraft, Severity, is_told_by_text},
    precaution_kind::{
        PrecautionKind, acts_as, is_eaten_by, is_illness_of_no_food, is_nameless_illness, made_worse, unknown_allergens,
    },
};
use crate::domain::words::{self, Lately, codes, illness, needs, phrases, pictures, pregnancy};

/// Precautions that each thread keeps what their words come to: those of a few hundred guests, of whom each line of a basket asks again.
/// Some 64 bytes each.
const JUDGED_MAX: usize = 1_024;

/// Whether a code names something eaten, by the words of dishes or as a code alone (COELIAC); a diet is none.
fn names_food(code: &str) -> bool {
    let forbids = || phrases::meaning(code).filter(|_| !codes::is_diet(code));
    words::told_by(code) != 0 || forbids().is_some_and(|forbids| forbids.substances != 0)
}

/// What code and words of a precaution come to.
#[derive(Debug, Clone, Copy, Default)]
struct Judged {
    told: illness::Told,
    /// `None`: it acts as its code does.
    worse: Option<PrecautionKind>,
    /// The words say that it may kill.
    is_danger_said: bool,
    /// The words ask that there are no traces either.
    asks_traces: bool,
    /// The words tell of an illness that the code does not.
    says_more: bool,
    /// They may name what nobody knows.
    may_have_unknown: bool,
    is_ill_of_no_food: bool,
    /// They tell of an illness of nobody says what, beside what is no matter of food: "wheelchair; carries an EpiPen".
    is_nameless: bool,
}

thread_local! {
    static JUDGED: RefCell<Lately<Judged>> = Lately::new(JUDGED_MAX);
}

impl Judged {
    fn of(kind: PrecautionKind, code: &str, words: &str) -> Self {
        if words.is_empty() {
            return Self::default();
        }
        let work_out = || Self::work_out(kind, code, &pictures::in_words(words));
        JUDGED.with(|judged| words::lately(judged, (kind, code, words), work_out))
    }

    /// Of words that tell of no illness, and forbid an allergen where the code is about something else: nobody notes "no nuts" for another reason.
    fn forbidding(self, by_code: PrecautionKind, words: &str) -> Self {
        if by_code.is_about_food() || !needs::forbids_allergen(words) {
            return self;
        }
        let told = illness::Told { illness: Some(illness::Illness::Allergy), ..self.told };
        Self { told, worse: Some(PrecautionKind::Allergy), says_more: true, ..self }
    }

    fn work_out(kind: PrecautionKind, code: &str, words: &str) -> Self {
        let said = said(kind, code, words);
        let told = illness::told(&said, names_food(code));
        // Whatever the code is, it names what they may die of.
        let illness::Told { is_dangerous: is_danger_said, asks_traces, .. } = illness::told(words, true);
        let is_ill_of_no_food = is_illness_of_no_food(&said);
        let has_unknown = |is_aside: bool| !unknown_allergens(&said, is_aside).is_empty();
        let may_have_unknown = has_unknown(true) || has_unknown(false);
        let is_nameless = !kind.is_about_food() && is_nameless_illness(words, &said);
        let judged = Self {
            told,
            is_danger_said,
            asks_traces,
            may_have_unknown,
            is_ill_of_no_food,
            is_nameless,
            ..Self::default()
        };
        let by_code = acts_as(kind, code);
        let Some(_) = told.illness else { return judged.forbidding(by_code, words) };
        let named = codes::related_to(told.substances | words::told_by(&illness::without_likes(&said)));
        let known = codes::forbidden_by(code).or_else(|| phrases::meaning(code)).unwrap_or_default().substances;
        let worse = made_worse(by_code, told.illness.filter(|_| is_nameless || is_eaten_by(kind, &said)));
        let worse = Some(worse).filter(|worse| *worse != by_code);
        let is_food = by_code.is_about_food();
        // NUTS, as a need: that it is an allergy only the words say.
        let is_said = by_code != kind && !kind.is_about_food();
        let says_more = worse.is_some() || is_said || (is_food && named & !known != 0) || has_unknown(!is_food);
        Self { worse, says_more, ..judged }
    }
}

/// How dangerous it is to ignore a precaution, as far as what was recorded is believed.
pub fn danger(recorded: Criticality, code: &str, words: &str) -> Criticality {
    let is_believed = recorded != Criticality::Low || !is_dangerous(code, words);
    if is_believed { recorded } else { Criticality::Unknown }
}

fn is_dangerous(code: &str, words: &str) -> bool {
    // Of whatever kind.
    illness::told_by_code(code).is_dangerous || Judged::of(PrecautionKind::Allergy, code, words).is_danger_said
}

/// Whether the words beside a code tell of an illness that the code does not, or of a danger that nobody recorded: they are told with it.
pub fn says_more(kind: PrecautionKind, code: &str, words: &str, recorded: Criticality) -> bool {
    let judged = Judged::of(kind, code, words);
    judged.says_more || (recorded == Criticality::Low && judged.is_danger_said)
}

/// What is said of an illness. Where it is noted as no matter of food, the code may say the illness and the words of what, or the reverse: they are
/// read as one.
fn said<'t>(kind: PrecautionKind, code: &str, words: &'t str) -> Cow<'t, str> {
    if kind.is_about_food() || words.is_empty() || is_told_by_text(code) {
        return Cow::Borrowed(words);
    }
    Cow::Owned([&code.replace('_', " "), ": ", words].concat())
}

impl PrecautionDraft {
    /// Its words as they are read: with names for pictures of food, and with the illness that the words tell of by which it says whose it is
    /// ("wife, allergic to nuts").
    pub fn read_text(&self) -> Cow<'_, str> {
        let text = pictures::in_words(&self.text);
        if self.of_whom.is_empty() {
            return text;
        }
        let whose = pictures::in_words(&self.of_whom);
        // Who has an allergy is allergic: that alone says nothing more.
        let is_more = || {
            let is_said = matches!(self.kind, PrecautionKind::Allergy | PrecautionKind::Intolerance);
            !is_said || words::told_by(&whose) != 0
        };
        if illness::told(&whose, false).illness.is_none() || !is_more() {
            return text;
        }
        if text.is_empty() { whose } else { Cow::Owned([&text, "; ", &whose].concat()) }
    }

    /// What it comes to by its words.
    fn judged(&self) -> Judged {
        Judged::of(self.kind, &self.code, &self.read_text())
    }

    /// Whether its words tell of an illness of nobody says what, and its code is no matter of food.
    pub fn is_nameless_illness(&self) -> bool {
        self.judged().is_nameless
    }

    /// What its words tell of an illness, where they are another matter than its code: "vegan, allergic to almonds", "peanuts, coeliac too".
    pub fn illness_in_text(&self) -> illness::Told {
        if self.is_told_by_text() { illness::Told::default() } else { self.judged().told }
    }

    /// Its words, and its code with them where only both say what it is.
    pub fn said(&self) -> Cow<'_, str> {
        match self.read_text() {
            Cow::Borrowed(words) => said(self.kind, &self.code, words),
            Cow::Owned(words) => Cow::Owned(said(self.kind, &self.code, &words).into_owned()),
        }
    }

    /// What its words name beside an illness that nobody knows, where they are another matter than its code. `is_known`: whether the house knows it.
    /// As it may be said: without what tells of a pregnancy.
    pub fn unknown_allergens(&self, is_known: impl Fn(&str) -> bool) -> String {
        if self.is_told_by_text() || !self.judged().may_have_unknown {
            return String::new();
        }
        let said = self.said();
        let mut all = unknown_allergens(&said, !self.is_food_by_code());
        all.retain(|item| !is_known(item));
        let unknown = all.join(", ");
        if self.pregnancy_told().is_some() { pregnancy::without(&unknown) } else { unknown }
    }

    /// Whether the illnesses of its words are all of what is not eaten: "vegan; pollen allergy".
    pub fn is_ill_of_no_food(&self) -> bool {
        self.judged().is_ill_of_no_food
    }

    /// What it acts as at the worst, by its code or by its words.
    pub fn worst(&self) -> PrecautionKind {
        let worse = || self.judged().worse.filter(|_| !self.is_told_by_text());
        worse().unwrap_or_else(|| self.acts_as())
    }

    /// How dangerous it is. That it is harmless is not believed where its words or its code say that it may kill ("EpiPen"), nor where its
    /// reactions are severe: then nobody has said it.
    pub fn danger(&self) -> Criticality {
        // Its words are read only where they can change it: each look-up asks.
        if self.criticality != Criticality::Low {
            return self.criticality;
        }
        match danger(self.criticality, &self.code, &self.read_text()) {
            Criticality::Low if self.severity == Severity::Severe => Criticality::Unknown,
            danger => danger,
        }
    }

    /// Whether it does little harm: nobody says that it may kill, nor that there must be no traces.
    pub fn is_mild(&self) -> bool {
        let asks_more = || {
            let by_code = illness::told_by_code(&self.code);
            let by_words = || Judged::of(PrecautionKind::Allergy, &self.code, &self.read_text());
            by_code.is_dangerous || by_code.asks_traces || {
                let judged = by_words();
                judged.is_danger_said || judged.asks_traces
            }
        };
        self.criticality == Criticality::Low && self.severity != Severity::Severe && !asks_more()
    }

    /// Whether it may be life-threatening, by what is believed: by what was recorded, by its words, or by how severe it is.
    pub fn may_kill(&self) -> bool {
        self.danger().is_dangerous()
    }

    /// How severe its reactions are, as far as that is believed.
    pub fn believed_severity(&self) -> Severity {
        let is_mild = self.severity == Severity::Mild;
        if is_mild && is_dangerous(&self.code, &self.read_text()) { Severity::Unknown } else { self.severity }
    }

    /// Its words as they may be said, where they say what its code does not: see [`says_more`].
    pub fn telling_words(&self) -> Cow<'_, str> {
        let tells = self.is_told_by_text() || says_more(self.kind, &self.code, &self.text, self.criticality);
        if tells { self.told_text() } else { Cow::Borrowed("") }
    }

    /// Whether its words name something eaten, besides what they only say is liked: "pollen; cross-reacts: hazelnut".
    pub fn names_food(&self) -> bool {
        let names = |text: &str| !text.is_empty() && words::told_by(&illness::without_likes(text)) != 0;
        self.kind.is_about_food() && names(&self.read_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_criticality_is_not_believed_against_its_own_words() {
        let kind = PrecautionKind::Allergy;
        for words in [
            "anaphylactic shock 2019",
            "carries an EpiPen",
            "carries an epi-pen",
            "lebensgefährlich",
            "may die of nuts",
            "deadly, throat closes",
            "fatal",
            "tödlich",
            "mortelle",
            "can't breathe",
            "Atemnot",
            "nuts can kill",
            "nearly died",
            "choc allergique",
        ] {
            assert_eq!(danger(Criticality::Low, "TREE_NUTS", words), Criticality::Unknown, "{words}");
            assert!(says_more(kind, "TREE_NUTS", words, Criticality::Low), "{words}");
            assert!(!says_more(kind, "TREE_NUTS", words, Criticality::High), "{words}");
        }
        for words in ["", "no EpiPen", "all nuts", "not anaphylactic", "a little itch"] {
            assert_eq!(danger(Criticality::Low, "TREE_NUTS", words), Criticality::Low, "{words}");
        }
        assert_eq!(danger(Criticality::Low, "ANAPHYLAXIS_NUTS", ""), Criticality::Unknown);
        assert_eq!(danger(Criticality::High, "TREE_NUTS", "not anaphylactic"), Criticality::High);
    }

    #[test]
    fn words_that_tell_of_another_illness_say_more() {
        let says = |kind, code, words| says_more(kind, code, words, Criticality::High);
        for (kind, code, words) in [
            (PrecautionKind::Diet, "VEGAN", "nut allergy"),
            (PrecautionKind::Allergy, "PEANUTS", "coeliac too"),
            (PrecautionKind::Intolerance, "LACTOSE", "anaphylaxis"),
            (PrecautionKind::Accessibility, "WHEELCHAIR", "nut allergy"),
            (PrecautionKind::Allergy, "PEANUTS", "strawberry anaphylaxis"),
            (PrecautionKind::Accessibility, "WHEELCHAIR", "kiwi allergy"),
            (PrecautionKind::Accessibility, "ALLERGY", "nuts"),
            (PrecautionKind::Accessibility, "NUTS", "EpiPen"),
        ] {
            assert!(says(kind, code, words), "{code}, {words}");
        }
        for (kind, code, words) in [
            (PrecautionKind::Diet, "VEGAN", "no nut allergy"),
            (PrecautionKind::Diet, "VEGAN", "likes nuts"),
            (PrecautionKind::Allergy, "TREE_NUTS", "allergic to all nuts"),
            (PrecautionKind::Accessibility, "WHEELCHAIR", "allergic to feathers"),
        ] {
            assert!(!says(kind, code, words), "{code}, {words}");
        }
    }
}
