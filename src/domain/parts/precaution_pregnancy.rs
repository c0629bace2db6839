//! Pregnancies among precautions: acted on, never mentioned, and over by themselves.

use super::{
    precaution::{PrecautionDraft, Until, subject},
    precaution_kind::PrecautionKind,
};
use crate::domain::{
    kernel::time::{DAY_SECONDS, Timestamp},
    words::{codes, phrases, pregnancy},
};

/// A pregnancy is over after so many days, whatever else is recorded.
const PREGNANCY_DAYS_MAX: i64 = 280;

impl PrecautionDraft {
    /// Acted on, never mentioned, and kept only as the customer said it; in whatever language the code is written. Where words stand
    /// for a code, they count, and so does a code with a slip of the pen, or that says it in other words.
    pub fn is_pregnancy(&self) -> bool {
        let is_diet = matches!(self.kind, PrecautionKind::Diet | PrecautionKind::Abstention);
        let by_text = || self.is_told_by_text() && pregnancy::is_told(&self.text);
        codes::is_about_diet(pregnancy::DIET, &self.code) && !self.is_pregnancy_denied()
            || (is_diet && (by_text() || self.is_slip_of_pregnancy() || self.is_pregnancy_in_words()))
    }

    /// NOT_PREGNANT, and PRENANT.
    fn is_pregnancy_denied(&self) -> bool {
        pregnancy::is_something_else(&pregnancy::words_of(subject(&self.code)))
    }

    /// A code of the table means what the table says.
    fn is_pregnancy_in_words(&self) -> bool {
        codes::forbidden_by(&self.code).is_none() && pregnancy::is_told(&pregnancy::words_of(&self.code))
    }

    pub(super) fn is_slip_of_pregnancy(&self) -> bool {
        phrases::is_slip_of_diet(pregnancy::DIET, &self.code) && !self.is_pregnancy_denied()
    }

    /// Whether it is a pregnancy, and says nothing else that somebody would have to ask about.
    pub fn is_only_pregnancy(&self) -> bool {
        let words = || if self.is_told_by_text() { self.text.clone() } else { pregnancy::words_of(&self.code) };
        self.is_pregnancy() && (pregnancy::is_all(&words()) || phrases::is_slip_of_diet(pregnancy::DIET, &self.code))
    }

    /// The field that tells of a pregnancy, whatever it is about, and the words that do: those of the data, and not as they were written.
    pub fn pregnancy_told(&self) -> Option<(&'static str, &'static str)> {
        let of = |field: &'static str, text: &str| Some((field, pregnancy::find(text)?));
        let by_code = || self.is_pregnancy() || self.is_pregnancy_in_words();
        of("of_whom", &self.of_whom)
            .or_else(|| of("text", &self.text))
            .or_else(|| by_code().then_some(("code", pregnancy::DIET)))
    }

    /// Whether it is about something else, and tells of a pregnancy besides.
    pub fn tells_of_pregnancy_besides(&self) -> bool {
        !self.is_pregnancy() && self.pregnancy_told().is_some()
    }

    /// Whether it is an allergy or intolerance: those are said aloud, whatever words stand beside them. Nobody must miss them.
    pub fn is_said_aloud(&self) -> bool {
        matches!(self.kind, PrecautionKind::Allergy | PrecautionKind::Intolerance) && !self.is_pregnancy()
    }

    /// A pregnancy that is recorded now ends by itself: at the time that it names, and not later than all do that were told when it was.
    /// `None`: it is over.
    pub fn ending_by_itself(self, now: Timestamp) -> Option<Self> {
        let latest = self.latest_end(now);
        let until = self.until.filter(|until| until.time < latest.time).unwrap_or(latest);
        (now < until.time).then_some(Self { until: Some(until), ..self })
    }

    /// When a pregnancy is over that was told when this one was.
    pub(super) fn latest_end(&self, now: Timestamp) -> Until {
        let told = self.basis.time.unwrap_or(now);
        let latest = Timestamp::from_second(told.as_second() + PREGNANCY_DAYS_MAX * DAY_SECONDS);
        Until { time: latest.unwrap_or(Timestamp::MAX), is_departure: false }
    }
}
