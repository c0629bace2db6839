//! Pregnancies among precautions: acted on, never mentioned, and over by themselves.

use std::{borrow::Cow, cell::RefCell};

use super::{
    precaution::{BasisKind, Precaution, PrecautionDraft, PrecautionStatus, Until, is_told_by_text, subject},
    precaution_kind::{PrecautionKind, acts_as, illness_told},
};
use crate::domain::{
    kernel::time::{DAY_SECONDS, Timestamp},
    words::{self, Lately, codes, illness, people::is_same_person, pregnancy, slips},
};

fn is_illness(kind: PrecautionKind) -> bool {
    matches!(kind, PrecautionKind::Allergy | PrecautionKind::Intolerance)
}

/// A pregnancy is over after so many days, whatever else is recorded.
const PREGNANCY_DAYS_MAX: i64 = 280;

/// Precautions that each thread keeps what they tell of a pregnancy: those of a few hundred guests, of whom each answer asks several times. Some
/// 64 bytes each.
const PREGNANCIES_MAX: usize = 1_024;

/// Whose it is where nothing else is said of them than that they are pregnant.
const SOMEBODY: &str = "companion";

/// What a code and its words tell of a pregnancy.
#[derive(Debug, Clone, Copy, Default)]
struct Pregnancy {
    is_one: bool,
    is_slip: bool,
    /// It is one, and nothing else.
    is_all: bool,
    /// The field that tells of one, and the words of the data that do.
    told: Option<(&'static str, &'static str)>,
}

thread_local! {
    static PREGNANCIES: RefCell<Lately<Pregnancy>> = Lately::new(PREGNANCIES_MAX);
}

impl Pregnancy {
    fn of(kind: PrecautionKind, code: &str, text: &str) -> Self {
        let is_diet = matches!(kind, PrecautionKind::Diet | PrecautionKind::Abstention);
        let is_told_by_text = is_told_by_text(code);
        let words = pregnancy::words_of(code);
        // NOT_PREGNANT, and PRENANT.
        let is_denied = pregnancy::is_something_else(&pregnancy::words_of(subject(code)));
        // A code of the table means what the table says.
        let is_in_words = codes::forbidden_by(code).is_none() && pregnancy::is_told(&words);
        let is_near = slips::is_slip_of_diet(pregnancy::DIET, code);
        let is_slip = is_near && !is_denied;
        let is_one = codes::is_about_diet(pregnancy::DIET, code) && !is_denied
            || (is_diet && ((is_told_by_text && pregnancy::is_told(text)) || is_slip || is_in_words));
        let is_all = is_one && (is_near || pregnancy::is_all(if is_told_by_text { text } else { &words }));
        let by_code = (is_one || is_in_words).then_some(("code", pregnancy::DIET));
        Self { is_one, is_slip, is_all, told: pregnancy::find(text).map(|words| ("text", words)).or(by_code) }
    }
}

/// A text as it may be said beside a pregnancy.
pub(super) fn left(text: &str) -> String {
    pregnancy::left(text, |what| words::told_by(what) != 0 && illness_told(what).is_none())
}

impl PrecautionDraft {
    /// Acted on, never mentioned, and kept only as the customer said it; in whatever language the code is written. Where words stand
    /// for a code, they count, and so does a code with a slip of the pen, or that says it in other words.
    pub fn is_pregnancy(&self) -> bool {
        self.pregnancy().is_one
    }

    /// Whether it is a pregnancy, and says nothing else that somebody would have to ask about.
    pub fn is_only_pregnancy(&self) -> bool {
        self.pregnancy().is_all
    }

    /// The field that tells of a pregnancy, whatever it is about, and the words that do: those of the data, and not as they were written.
    pub fn pregnancy_told(&self) -> Option<(&'static str, &'static str)> {
        self.told_by_whom().map(|words| ("of_whom", words)).or_else(|| self.pregnancy().told)
    }

    /// The words by which it tells whose it is that tell of a pregnancy.
    fn told_by_whom(&self) -> Option<&'static str> {
        let name = Some(self.of_whom.as_str()).filter(|name| !name.is_empty())?;
        let read = || Pregnancy { told: pregnancy::find(name).map(|words| ("of_whom", words)), ..Pregnancy::default() };
        PREGNANCIES.with(|known| words::lately(known, name, read)).told.map(|(_, words)| words)
    }

    /// Whose it is, as it may be said: of what is said aloud, without what tells of a pregnancy.
    pub fn told_whom(&self) -> Cow<'_, str> {
        if self.of_whom.is_empty() {
            return Cow::Borrowed("");
        }
        if self.is_said_aloud() { self.whom_left() } else { Cow::Borrowed(&self.of_whom) }
    }

    /// Whose it is, without what tells of a pregnancy.
    pub(super) fn whom_left(&self) -> Cow<'_, str> {
        if self.told_by_whom().is_none() {
            return Cow::Borrowed(&self.of_whom);
        }
        match pregnancy::without(&self.of_whom) {
            left if left.is_empty() || pregnancy::is_told(&left) => Cow::Borrowed(SOMEBODY),
            left => Cow::Owned(left),
        }
    }

    fn pregnancy(&self) -> Pregnancy {
        let of = (self.kind, self.code.as_str(), self.text.as_str());
        PREGNANCIES.with(|known| words::lately(known, of, || Pregnancy::of(self.kind, &self.code, &self.text)))
    }

    /// Whether it is one, and whether its words, or those that say whose it is, tell of one that it is not itself.
    pub(super) fn is_one_or_beside(&self) -> (bool, bool) {
        let Pregnancy { is_one, told, .. } = self.pregnancy();
        let in_text = || told.is_some_and(|(field, _)| field == "text");
        (is_one, !is_one && (in_text() || self.told_by_whom().is_some()))
    }

    /// Whether it is called an illness, and is only a pregnancy, or what one is kept from for it: it would be said aloud, and never end.
    pub fn is_pregnancy_called_illness(&self) -> bool {
        let told_in_text = self.pregnancy().told.is_some_and(|(field, _)| field == "text");
        told_in_text
            && is_illness(self.kind)
            && if self.is_told_by_text() { pregnancy::is_all(&self.text) } else { self.is_kept_for_pregnancy() }
    }

    /// Whether it is about something else, and tells of a pregnancy besides.
    pub fn tells_of_pregnancy_besides(&self) -> bool {
        let pregnancy = self.pregnancy();
        !pregnancy.is_one && (pregnancy.told.is_some() || self.told_by_whom().is_some())
    }

    /// Whether staff act on it without a word, so that a display that may face the customer does not show it either.
    pub fn is_never_mentioned(&self) -> bool {
        let pregnancy = self.pregnancy();
        let tells = || pregnancy.told.is_some() || self.told_by_whom().is_some();
        let is_quiet = self.kind == PrecautionKind::Topic || tells();
        // A slip is what it is about, and not only beside it; the gate lets nothing through that it may be about.
        pregnancy.is_slip || (is_quiet && !self.is_said_aloud())
    }

    /// Whether it is an illness of something eaten, by its kind, its code or its words: those are said aloud, whatever stands beside them.
    /// Nobody must miss them. What a topic is about is said only where it is the illness itself.
    pub fn is_said_aloud(&self) -> bool {
        let is_topic = self.kind == PrecautionKind::Topic;
        let acts_as = if is_topic { self.acts_as() } else { self.worst() };
        // NUTS as a topic is guarded, and not said: nobody called it an illness.
        let is_said = !is_topic || self.is_told_by_text() || illness::told_by_code(&self.code).illness.is_some();
        is_said && is_illness(acts_as) && (!self.is_pregnancy() || self.is_told_by_text())
    }

    /// Whether it is an illness of something eaten that nobody called one: NUTS, as a topic. Staff act on it without a word.
    pub fn is_guarded_illness(&self) -> bool {
        self.kind == PrecautionKind::Topic && !self.is_said_aloud() && is_illness(self.worst())
    }

    /// As what it is told: a topic that is an illness is no topic.
    pub fn told_as(&self) -> PrecautionKind {
        if self.kind == PrecautionKind::Topic && self.is_said_aloud() { self.acts_as() } else { self.kind }
    }

    /// Its words, as they may be said: of what is said aloud, without those that tell of a pregnancy. All else is said, whatever stands beside
    /// it: somebody may die of it.
    pub fn told_text(&self) -> Cow<'_, str> {
        let tells = || self.pregnancy().told.is_some_and(|(field, _)| field == "text") && self.is_said_aloud();
        if self.text.is_empty() || !tells() {
            return Cow::Borrowed(&self.text);
        }
        Cow::Owned(left(&self.text))
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
        let ending = self.ending_by_itself_from(now);
        (now < ending.end()).then_some(ending)
    }

    /// The same of one that was told at some time, whether or not it is over.
    pub(super) fn ending_by_itself_from(self, told: Timestamp) -> Self {
        let latest = self.latest_end(told);
        let until = self.until.filter(|until| until.time < latest.time).unwrap_or(latest);
        Self { until: Some(until), ..self }
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
