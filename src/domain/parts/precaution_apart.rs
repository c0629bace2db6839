//! What stands in one record with a pregnancy, as older versions took it: it is apart from it, since a pregnancy ends by itself, and is never
//! mentioned.

use super::{
    precaution::{BasisKind, Precaution, PrecautionDraft, PrecautionStatus, RecordBasis, subject},
    precaution_kind::{PrecautionKind, illness_told},
    precaution_pregnancy::left,
};
use crate::domain::{
    kernel::{id::PartId, time::Timestamp},
    words::{self, codes, pregnancy},
};

/// What somebody keeps away from because of a pregnancy, beside what the diet leaves out: to say it aloud tells of one.
const TELL_OF_ONE: [&str; 3] = [pregnancy::DIET, "COFFEE", "CAFFEINE"];

/// Stands for a code where the words say what it is.
const TOLD_BY_TEXT: &str = "OTHER";

impl PrecautionDraft {
    /// Its two parts, each by itself: of which the first keeps its number. A pregnancy, and the illness or the diet that stands in one record
    /// with it; a diet or a need, and the pregnancy that its words tell of. `None`: it is one thing.
    fn apart(&self, recorded: Timestamp) -> Option<(Self, Self)> {
        // Most are one code.
        let may_be_two = !self.text.is_empty() || !self.of_whom.is_empty() || self.code.contains('_');
        if !may_be_two {
            return None;
        }
        match self.is_one_or_beside() {
            (true, _) => self.illness_apart(),
            (_, true) => self.apart_from_pregnancy_beside(recorded),
            (false, false) => None,
        }
    }

    /// Whether it is a pregnancy and something else.
    pub fn is_two_things(&self) -> bool {
        self.apart(Timestamp::MIN).is_some()
    }

    /// A diet or a need that tells of a pregnancy in its words, without them, and the pregnancy. `None`: what it is about may tell of one too
    /// (alcohol, coffee), it is not to be said anyhow, or it is said whatever stands beside it.
    pub fn apart_from_pregnancy_beside(&self, recorded: Timestamp) -> Option<(Self, Self)> {
        let is_more = match self.kind {
            PrecautionKind::Diet | PrecautionKind::Abstention => {
                codes::forbidden_by(subject(&self.code)).is_some() && !self.is_kept_for_pregnancy()
            }
            PrecautionKind::Accessibility => true,
            PrecautionKind::Topic | PrecautionKind::Allergy | PrecautionKind::Intolerance => false,
        };
        let is_beside = is_more && self.is_one_or_beside().1 && !self.is_told_by_text() && !self.is_said_aloud();
        let text = is_beside.then(|| left(&self.text))?;
        let rest = Self { text, of_whom: self.whom_left().into_owned(), until: self.until, ..self.lasting() };
        let told = self.basis.time.unwrap_or(recorded);
        // What is secret beside it stays with it.
        let alone = Self { text: pregnancy::secret(&self.text), of_whom: rest.of_whom.clone(), ..self.alone() };
        let alone = alone.ending_by_itself_from(told);
        rest.pregnancy_told().is_none().then_some((rest, alone))
    }

    /// Whether its code is something that a pregnancy is a reason to keep away from, and nothing else: to say it aloud tells of one.
    pub(super) fn is_kept_for_pregnancy(&self) -> bool {
        let forbidden = |code: &str| codes::forbidden_by(code).unwrap_or_default().substances;
        let tell_of_one = TELL_OF_ONE.iter().fold(0, |set, code| set | forbidden(code));
        let own = forbidden(subject(&self.code));
        own != 0 && own & !tell_of_one == 0
    }

    /// The pregnancy that is told in it, by itself.
    fn alone(&self) -> Self {
        let is_eaten = matches!(self.kind, PrecautionKind::Diet | PrecautionKind::Abstention);
        let kind = if is_eaten { self.kind } else { PrecautionKind::Diet };
        Self { kind, code: pregnancy::DIET.to_owned(), text: String::new(), ..self.clone() }
    }

    /// What does not end with a pregnancy, nor rest on what was agreed to about it: it ends with the visit at most.
    fn lasting(&self) -> Self {
        let is_of_visit = self.basis.said == BasisKind::ThisVisitOnly;
        let ends = is_of_visit || self.until.is_some_and(|until| until.is_departure);
        let basis = RecordBasis { how: String::new(), ..self.basis.clone() };
        Self {
            until: self.until.filter(|_| ends),
            basis: if is_of_visit { basis } else { RecordBasis::default() },
            ..self.clone()
        }
    }

    /// A pregnancy and what stands in one record with it.
    fn illness_apart(&self) -> Option<(Self, Self)> {
        self.two_in_one()?;
        let text = pregnancy::without(&self.text);
        let code = match pregnancy::without(&pregnancy::words_of(&self.code)) {
            _ if self.is_told_by_text() => TOLD_BY_TEXT.to_owned(),
            code if code.is_empty() => TOLD_BY_TEXT.to_owned(),
            code => code.replace(' ', "_"),
        };
        // What names nothing is said of the pregnancy.
        if code == TOLD_BY_TEXT && words::told_by(&text) == 0 && illness_told(&text).is_none() {
            return None;
        }
        let rest = Self { code, text, ..self.lasting() };
        let kind = rest.worst();
        Some((self.alone(), Self { kind, ..rest }))
    }
}

impl Precaution {
    /// What stands in one record with a pregnancy, or the pregnancy that stands in one with a diet, taken out of it: it gets a number of its own.
    /// `None`: it is one thing, or somebody has ended the record as a whole.
    pub fn part_from_pregnancy(&mut self, id: PartId) -> Option<Self> {
        let is_open = matches!(self.reported.status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed);
        let (first, second) = if is_open { self.reported.apart(self.record_time) } else { None }?;
        self.reported = first;
        Some(Self { id, reported: second, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        parts::precaution::{Criticality, Severity, Until},
        testing::time,
    };

    fn recorded(kind: PrecautionKind, code: &str, text: &str) -> PrecautionDraft {
        PrecautionDraft {
            kind,
            code: code.to_owned(),
            text: text.to_owned(),
            criticality: Criticality::High,
            severity: Severity::Unknown,
            status: PrecautionStatus::Unconfirmed,
            of_whom: String::new(),
            until: Some(Until { time: time("2026-09-01T00:00:00Z"), is_departure: false }),
            basis: RecordBasis {
                said: BasisKind::Consent,
                how: "said so, pregnant".to_owned(),
                time: Some(time("2025-12-01T00:00:00Z")),
            },
        }
    }

    #[test]
    fn an_illness_stays_when_a_pregnancy_in_its_record_ends() {
        use PrecautionKind::{Abstention, Allergy, Diet, Intolerance};
        let now = time("2026-01-01T00:00:00Z");
        for (kind, code, text, rest) in [
            (Diet, "PREGNANT_COELIAC", "", (Intolerance, "COELIAC", "")),
            (Diet, "PREGNANT_COELIAC", "5th month", (Intolerance, "COELIAC", "")),
            (Diet, "PREGNANCY", "nut allergy, anaphylactic", (Allergy, "OTHER", "nut allergy, anaphylactic")),
            (Diet, "OTHER", "coeliac since childhood, now pregnant", (Intolerance, "OTHER", "coeliac since childhood")),
            (Abstention, "OTHER", "pregnant and coeliac", (Intolerance, "OTHER", "coeliac")),
            (Diet, "VEGAN_PREGNANT", "", (Diet, "VEGAN", "")),
            (Diet, "OTHER", "Zöliakie, schwanger", (Intolerance, "OTHER", "Zöliakie")),
        ] {
            let draft = recorded(kind, code, text);
            let (alone, other) = draft.apart(now).expect(code);
            assert_eq!((other.kind, other.code.as_str(), other.text.as_str()), rest, "{code}, {text}");
            assert!(other.until.is_none() && other.pregnancy_told().is_none(), "{code}, {text}: {other:?}");
            assert_eq!(other.basis, RecordBasis::default());
            assert!(alone.is_only_pregnancy() && alone.until == draft.until && alone.basis == draft.basis);
            assert!(alone.is_never_mentioned() && !other.is_never_mentioned());
            assert!(alone.apart(now).is_none() && other.apart(now).is_none(), "{code}, {text}: once is enough");
        }
        for (kind, code, text) in [
            (Diet, "PREGNANCY", ""),
            (Diet, "PREGNANCY", "5th month"),
            (Diet, "OTHER", "pregnant, 28 weeks"),
            (Allergy, "NUTS", "pregnant"),
            (Allergy, "PREGNANCY", ""),
            (Diet, "NO_PORK", ""),
            (Abstention, "ALCOHOL", "expecting in May"),
            (Abstention, "COFFEE", "pregnant"),
            (Diet, "NO_RAW_FISH", "pregnant"),
            (PrecautionKind::Topic, "DIVORCE", "pregnant"),
            (PrecautionKind::Accessibility, "OTHER", "pregnant, chair"),
            (PrecautionKind::Accessibility, "WHEELCHAIR", "not pregnant"),
        ] {
            assert_eq!(recorded(kind, code, text).apart(now), None, "{code}, {text}");
        }
        let visit = PrecautionDraft {
            basis: RecordBasis { said: BasisKind::ThisVisitOnly, ..RecordBasis::default() },
            ..recorded(Diet, "PREGNANT_COELIAC", "")
        };
        let (_, other) = visit.apart(now).expect("two things");
        assert_eq!((other.until, other.basis.said), (visit.until, BasisKind::ThisVisitOnly));
    }

    #[test]
    fn a_diet_is_said_though_a_pregnancy_was_written_beside_it() {
        use PrecautionKind::{Abstention, Accessibility, Diet};
        let now = time("2026-01-01T00:00:00Z");
        for (kind, code, text, left) in [
            (Diet, "HALAL", "pregnant", ""),
            (Diet, "VEGAN", "no honey. pregnant", "no honey"),
            (Abstention, "PORK", "pregnant", ""),
            (Accessibility, "WHEELCHAIR", "epilepsy, seizures: call 144. pregnant", "epilepsy, seizures: call 144"),
            (Diet, "HALAL", "pregnant, husband must not know, miscarriage last year", ""),
        ] {
            let (rest, alone) = recorded(kind, code, text).apart(now).expect(code);
            assert_eq!((rest.kind, rest.code.as_str(), rest.text.as_str()), (kind, code, left));
            assert!(!rest.is_never_mentioned() && rest.until == recorded(kind, code, text).until, "{rest:?}");
            assert!(alone.is_only_pregnancy() && alone.is_never_mentioned() && alone.until.is_some(), "{alone:?}");
            assert!(rest.apart(now).is_none() && alone.apart(now).is_none(), "{code}: once is enough");
            assert_eq!(alone.text.is_empty(), !text.contains("husband"), "what is secret stays with the pregnancy");
        }
        let of_her = PrecautionDraft { of_whom: "pregnant wife".to_owned(), ..recorded(Diet, "HALAL", "") };
        let (rest, alone) = of_her.apart(now).expect("two things");
        assert_eq!((rest.of_whom.as_str(), alone.of_whom.as_str()), ("wife", "wife"));
        assert!(!rest.is_never_mentioned() && alone.is_never_mentioned());
    }

    #[test]
    fn a_pregnancy_is_not_called_an_illness() {
        use PrecautionKind::{Abstention, Allergy, Intolerance};
        for (kind, code, text, is_called) in [
            (Intolerance, "ALCOHOL", "pregnant", true),
            (Allergy, "OTHER", "pregnant", true),
            (Allergy, "OTHER", "she is pregnant, 5th month", true),
            (Allergy, "OTHER", "pregnant, nuts", false),
            (Allergy, "KIWI", "pregnant", false),
            (Allergy, "NUTS", "pregnant", false),
            (Abstention, "ALCOHOL", "pregnant", false),
            (Intolerance, "ALCOHOL", "", false),
        ] {
            assert_eq!(recorded(kind, code, text).is_pregnancy_called_illness(), is_called, "{code}, {text}");
        }
    }

    #[test]
    fn the_words_of_an_illness_are_told_without_the_pregnancy() {
        use PrecautionKind::{Accessibility, Allergy, Diet, Topic};
        for (kind, code, text, told) in [
            (Allergy, "OTHER", "pregnant, nuts", "nuts"),
            (Allergy, "OTHER", "pregnant and nuts", "nuts"),
            (Accessibility, "WHEELCHAIR", "pregnant, nut allergy", "nut allergy"),
            (Diet, "VEGAN", "pregnant, nut allergy", "nut allergy"),
            (Topic, "OTHER", "pregnant, nuts", "nuts"),
        ] {
            let draft = recorded(kind, code, text);
            assert_eq!((draft.telling_words().as_ref(), draft.told_text().as_ref()), (told, told), "{code}, {text}");
            assert!(!pregnancy::is_told(&draft.unknown_allergens(|_| false)), "{code}, {text}");
        }
    }

    #[test]
    fn whose_an_allergy_is_tells_of_no_pregnancy() {
        for (whom, told) in
            [("pregnant wife", "wife"), ("schwangere Frau", "Frau"), ("pregnant", "companion"), ("my son", "my son")]
        {
            let of_her = |kind| PrecautionDraft { of_whom: whom.to_owned(), ..recorded(kind, "MILK", "") };
            let allergy = of_her(PrecautionKind::Allergy);
            assert_eq!(allergy.told_whom(), told);
            assert!(!allergy.is_never_mentioned(), "{whom}");
        }
        let quiet = PrecautionDraft {
            of_whom: "pregnant wife".to_owned(),
            ..recorded(PrecautionKind::Diet, "NO_RAW_FISH", "")
        };
        assert!(quiet.is_never_mentioned() && quiet.told_whom() == "pregnant wife");
    }
}
