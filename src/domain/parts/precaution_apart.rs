//! What stands in one record with a pregnancy, as older versions took it: it is apart from it, since a pregnancy ends by itself, and is never
//! mentioned.

use super::{
    precaution::{BasisKind, Precaution, PrecautionDraft, PrecautionStatus, RecordBasis},
    precaution_kind::{PrecautionKind, illness_told},
};
use crate::domain::{
    kernel::id::PartId,
    words::{self, pregnancy},
};

/// Stands for a code where the words say what it is.
const TOLD_BY_TEXT: &str = "OTHER";

impl PrecautionDraft {
    /// The pregnancy by itself, and the illness or the diet that stands in one record with it. `None`: it is one thing.
    fn apart(&self) -> Option<(Self, Self)> {
        // Most are one code.
        let may_be_two = !self.text.is_empty() || self.code.contains('_');
        if !may_be_two || !self.is_pregnancy() {
            return None;
        }
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
        let is_of_visit = self.basis.said == BasisKind::ThisVisitOnly;
        let ends = is_of_visit || self.until.is_some_and(|until| until.is_departure);
        let basis = RecordBasis { how: String::new(), ..self.basis.clone() };
        let rest = Self {
            code,
            text,
            until: self.until.filter(|_| ends),
            basis: if is_of_visit { basis } else { RecordBasis::default() },
            ..self.clone()
        };
        let is_eaten = matches!(self.kind, PrecautionKind::Diet | PrecautionKind::Abstention);
        let kind = if is_eaten { self.kind } else { PrecautionKind::Diet };
        let alone = Self { kind, code: pregnancy::DIET.to_owned(), text: String::new(), ..self.clone() };
        Some((alone, Self { kind: rest.worst(), ..rest }))
    }
}

impl Precaution {
    /// What stands in one record with a pregnancy, taken out of it: it gets a number of its own. `None`: nothing does, or somebody has ended
    /// the record as a whole.
    pub fn part_from_pregnancy(&mut self, id: PartId) -> Option<Self> {
        let is_open = matches!(self.reported.status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed);
        let (alone, rest) = if is_open { self.reported.apart() } else { None }?;
        self.reported = alone;
        Some(Self { id, reported: rest, ..self.clone() })
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
            let (alone, other) = draft.apart().expect(code);
            assert_eq!((other.kind, other.code.as_str(), other.text.as_str()), rest, "{code}, {text}");
            assert!(other.until.is_none() && other.pregnancy_told().is_none(), "{code}, {text}: {other:?}");
            assert_eq!(other.basis, RecordBasis::default());
            assert!(alone.is_only_pregnancy() && alone.until == draft.until && alone.basis == draft.basis);
            assert!(alone.is_never_mentioned() && !other.is_never_mentioned());
            assert!(alone.apart().is_none() && other.apart().is_none(), "{code}, {text}: once is enough");
        }
        for (kind, code, text) in [
            (Diet, "PREGNANCY", ""),
            (Diet, "PREGNANCY", "5th month"),
            (Diet, "OTHER", "pregnant, 28 weeks"),
            (Allergy, "NUTS", "pregnant"),
            (Allergy, "PREGNANCY", ""),
            (Diet, "NO_PORK", ""),
            (Diet, "VEGAN", "expecting in May"),
        ] {
            assert_eq!(recorded(kind, code, text).apart(), None, "{code}, {text}");
        }
        let visit = PrecautionDraft {
            basis: RecordBasis { said: BasisKind::ThisVisitOnly, ..RecordBasis::default() },
            ..recorded(Diet, "PREGNANT_COELIAC", "")
        };
        let (_, other) = visit.apart().expect("two things");
        assert_eq!((other.until, other.basis.said), (visit.until, BasisKind::ThisVisitOnly));
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
