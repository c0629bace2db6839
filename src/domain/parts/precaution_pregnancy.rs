//! Pregnancies among precautions: acted on, never mentioned, and over by themselves.

use std::borrow::Cow;

use super::{
    precaution::{BasisKind, Precaution, PrecautionDraft, PrecautionStatus, Until, subject},
    precaution_kind::{PrecautionKind, acts_as, illness_told},
};
use crate::domain::{
    kernel::time::{DAY_SECONDS, Timestamp},
    words::{codes, people::is_same_person, phrases, pregnancy},
};

fn is_illness(kind: PrecautionKind) -> bool {
    matches!(kind, PrecautionKind::Allergy | PrecautionKind::Intolerance)
}

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

    /// Whether it is an illness of something eaten, by its kind, its code or its words: those are said aloud, whatever stands beside them.
    /// Nobody must miss them. What a topic is about is said only where it is the illness itself.
    pub fn is_said_aloud(&self) -> bool {
        let acts_as = if self.kind == PrecautionKind::Topic { self.acts_as() } else { self.worst() };
        is_illness(acts_as) && (!self.is_pregnancy() || self.is_told_by_text())
    }

    /// As what it is told: a topic that is an illness is no topic.
    pub fn told_as(&self) -> PrecautionKind {
        if self.kind == PrecautionKind::Topic && self.is_said_aloud() { self.acts_as() } else { self.kind }
    }

    /// Its words, as they may be said: of what is said aloud, without those that only tell of a pregnancy.
    pub fn told_text(&self) -> Cow<'_, str> {
        if !pregnancy::is_told(&self.text) || !self.is_said_aloud() {
            return Cow::Borrowed(&self.text);
        }
        let parts = self.text.split([',', ';', '.', '\n']).map(str::trim);
        let is_told = |part: &&str| !part.is_empty() && (!pregnancy::is_told(part) || illness_told(part).is_some());
        Cow::Owned(parts.filter(is_told).collect::<Vec<_>>().join(", "))
    }

    /// The field in which an illness, or a diet of more, stands beside a pregnancy in one record, of which only one could end by itself.
    /// Beside an allergy that is recorded as one, it is only said.
    pub fn two_in_one(&self) -> Option<&'static str> {
        self.pregnancy_told()?;
        let is_ill = !is_illness(self.kind) && is_illness(self.worst());
        let (by_code, in_text) = (self.code.split('_'), self.own_words().split(|char: char| !char.is_alphanumeric()));
        let forbidden = |word: &str| codes::forbidden_by(&word.to_uppercase()).unwrap_or_default().substances;
        let is_more = |word: &str| forbidden(word) & !forbidden(pregnancy::DIET) != 0;
        let is_in_code = is_illness(acts_as(self.kind, &self.code)) || by_code.into_iter().any(is_more);
        let is_two = is_ill || (self.is_pregnancy() && (is_in_code || in_text.into_iter().any(is_more)));
        is_two.then_some(if is_in_code && self.text.is_empty() { "code" } else { "text" })
    }

    /// A pregnancy that is recorded now ends by itself: at the time that it names, and not later than all do that were told when it was.
    /// `None`: it is over.
    pub fn ending_by_itself(self, now: Timestamp) -> Option<Self> {
        let latest = self.latest_end(now);
        let until = self.until.filter(|until| until.time < latest.time).unwrap_or(latest);
        (now < until.time).then_some(Self { until: Some(until), ..self })
    }

    /// Whether both tell of one pregnancy, whatever its word or code: a till and a hotel's system write it each in their own.
    pub fn is_one_pregnancy_with(&self, again: &Self) -> bool {
        let has_room = again.is_told_by_text() || again.text.is_empty() || !self.is_told_by_text();
        self.is_pregnancy() && again.is_only_pregnancy() && is_same_person(&self.of_whom, &again.of_whom) && has_room
    }

    /// A report as it adds to this precaution. A pregnancy does not begin anew because it is said again, and its words in another code add
    /// nothing.
    pub(super) fn said_again(&self, again: &Self, now: Timestamp) -> Self {
        let mut again = again.clone();
        if self.is_one_pregnancy_with(&again) && again.is_told_by_text() {
            again.text.clear();
        }
        self.bounds_pregnancy(&mut again, now);
        again
    }

    /// A pregnancy ends no later than the one on record.
    pub fn bounds_pregnancy(&self, again: &mut Self, now: Timestamp) {
        let latest = self.latest_end(now);
        if self.is_kept_pregnancy_of(again) && again.end() > latest.time {
            again.until = Some(latest);
        }
    }

    /// Whether both are pregnancies of one person that they agreed to have kept.
    pub fn is_kept_pregnancy_of(&self, again: &Self) -> bool {
        let are_kept = [self, again].iter().all(|one| one.is_pregnancy() && one.basis.said == BasisKind::Consent);
        are_kept && is_same_person(&self.of_whom, &again.of_whom)
    }

    /// Whether a pregnancy is only said again, and nobody names an end: a list that is sent each night would move it for ever.
    pub(super) fn is_said_of_pregnancy_again(&self, again: &Self, now: Timestamp) -> bool {
        let names_no_end =
            || again.until.is_none_or(|until| [self, again].iter().any(|one| until == one.latest_end(now)));
        self.is_kept_pregnancy_of(again) && names_no_end()
    }

    /// When a pregnancy was over; `None`: it is not.
    fn pregnancy_over(&self, reviewed: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let end = match self.status {
            PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed => self.until?.time,
            PrecautionStatus::Resolved => reviewed?,
            PrecautionStatus::Refuted | PrecautionStatus::EnteredInError => return None,
        };
        (end <= now).then_some(end)
    }

    /// When a pregnancy is over that was told when this one was.
    pub(super) fn latest_end(&self, now: Timestamp) -> Until {
        let told = self.basis.time.unwrap_or(now);
        let latest = Timestamp::from_second(told.as_second() + PREGNANCY_DAYS_MAX * DAY_SECONDS);
        Until { time: latest.unwrap_or(Timestamp::MAX), is_departure: false }
    }
}

impl Precaution {
    /// Whether a report is of the pregnancy that this was, and that is over: it says so, or does not say when it was told (then it
    /// was told now) so soon that it can hardly be another.
    pub fn is_over_for(&self, again: &PrecautionDraft, now: Timestamp) -> bool {
        let Some(over) = self.reported.pregnancy_over(self.review.as_ref().map(|review| review.time), now) else {
            return false;
        };
        let soon = over.as_second().saturating_add(PREGNANCY_DAYS_MAX * DAY_SECONDS);
        let is_of_it = again.basis.time.is_none_or(|told| told <= over || (told == now && now.as_second() < soon));
        self.reported.is_kept_pregnancy_of(again) && is_of_it
    }
}
