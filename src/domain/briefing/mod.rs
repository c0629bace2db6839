//! The briefing: what to respect, how to acknowledge, inform, anticipate and delight; each with its reason and tact.

mod acknowledge;
mod anticipate;
pub mod codes;
mod communicate;
mod delight;
mod headline;
mod languages;
pub(in crate::domain) mod occasions;
mod recovery;
pub(in crate::domain) mod respect;
mod valid;
pub(in crate::domain) mod words;

use std::cell::OnceCell;

use jiff::civil::{Date, DateTime};

use super::{
    Profile, Timestamp,
    anticipation::snapshot::Snapshot,
    consent::{self, Part, Purpose},
    forbidden::Forbidden,
    habits,
    id::{CustomerId, VenueId},
    identity::IdentityType,
    interaction::LocalMoment,
    money::Money,
    policy::{Policy, Venue},
    precaution::PrecautionState,
    preference::Preference,
    relationship::{self, RelationshipLevel},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tact {
    Say,
    ActQuietly,
    NeverMention,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
    Ratio(f64),
    Time(Timestamp),
    Money(Money),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Stable, for programs: `PRECAUTION_ALLERGY`.
    pub code: &'static str,
    pub parameters: Vec<(&'static str, Value)>,
    pub text: String,
    pub reason: String,
    pub tact: Tact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithheldReason {
    Purpose,
    Consent,
    Role,
    StoreUnreachable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub what: &'static str,
    pub reason: WithheldReason,
}

/// The sections asked for. Respect and headline always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mask {
    pub acknowledge: bool,
    pub communicate: bool,
    pub anticipate: bool,
    pub delight: bool,
}

impl Mask {
    pub const ALL: Self = Self { acknowledge: true, communicate: true, anticipate: true, delight: true };
}

/// What a briefing is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub policy: &'a Policy,
    pub venue: &'a Venue,
    /// The server's clock: decides what is valid.
    pub now: Timestamp,
    /// The moment it is for: moves occasions and anticipation only.
    pub at: Timestamp,
    pub purpose: Purpose,
    pub mask: Mask,
    pub basket: &'a [String],
    /// What other customers buy, as far as it is known.
    pub others: Option<&'a Snapshot>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BriefingState {
    Known,
    FirstVisit,
    Ambiguous,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Briefing {
    pub state: BriefingState,
    pub customer: Option<CustomerId>,
    pub candidates: Vec<CustomerId>,
    pub headline: Vec<Statement>,
    pub precaution_state: PrecautionState,
    pub asked_time: Option<Timestamp>,
    pub respect: Vec<Statement>,
    pub acknowledge: Vec<Statement>,
    pub communicate: Vec<Statement>,
    pub anticipate: Vec<Statement>,
    pub delight: Vec<Statement>,
    pub withheld: Vec<Withheld>,
    pub found_by: Option<IdentityType>,
    pub as_of: Timestamp,
    /// The first moment at which the answer would differ. `None` with a basket.
    pub valid_until: Option<Timestamp>,
    /// `None`: not known, or withheld.
    pub relationship: Option<RelationshipLevel>,
}

/// Longest statement of the headline: a line of a till's display.
pub const HEADLINE_CHARS_MAX: usize = 60;
/// Statements of the headline.
pub const HEADLINE_MAX: usize = 3;

/// The briefing about a known customer.
pub fn brief(customer: CustomerId, profile: &Profile, question: &Question<'_>) -> Briefing {
    let moment = Moment::of(profile, question);
    let mut briefing = Briefing::empty(BriefingState::Known, question);
    briefing.customer = Some(customer);
    briefing.valid_until = valid::until(profile, question, moment.civil);
    if moment.sees(Part::Precautions, &mut briefing.withheld, "respect") {
        briefing.precaution_state = profile.precaution_state();
        briefing.asked_time = profile.asked_time;
        briefing.respect = respect::section(&moment);
    }
    if let Err(reason) = moment.consented() {
        withhold_sections(&mut briefing.withheld, question.mask, reason);
        return briefing;
    }
    for (part, what) in [(Part::Name, "name"), (Part::Occasions, "occasions")] {
        moment.sees(part, &mut briefing.withheld, what);
    }
    briefing.relationship = moment.may_see(Part::Relationship).then(|| moment.level());
    let mask = question.mask;
    if mask.acknowledge {
        briefing.acknowledge = acknowledge::section(&moment);
    }
    if mask.communicate {
        briefing.communicate = communicate::section(&moment);
    }
    // Who waits for something to be made good is not sold to.
    if mask.anticipate && !moment.is_unresolved {
        briefing.anticipate = anticipate::section(&moment);
    }
    if mask.delight {
        briefing.delight = delight::section(&moment);
    }
    briefing.headline = headline::known(&moment);
    briefing
}

/// Nobody is known: what to ask.
pub fn brief_stranger(question: &Question<'_>) -> Briefing {
    let mut briefing = Briefing::empty(BriefingState::FirstVisit, question);
    if question.purpose == Purpose::Service {
        briefing.precaution_state = PrecautionState::NotAsked;
        briefing.respect = vec![respect::not_asked("Nobody is known here by this identity.")];
        briefing.headline = vec![headline::ask_precautions()];
    } else {
        briefing.withheld.push(Withheld { what: "respect", reason: WithheldReason::Purpose });
    }
    if question.mask.acknowledge {
        briefing.acknowledge = vec![acknowledge::first_visit("Nobody is known here by this identity.")];
    }
    if question.mask.communicate {
        briefing.communicate = communicate::for_stranger();
    }
    briefing
}

/// Several customers share the identity: the union of their precautions, and nothing else of theirs.
pub fn brief_candidates(candidates: &[(CustomerId, Profile)], question: &Question<'_>) -> Briefing {
    let mut briefing = Briefing::empty(BriefingState::Ambiguous, question);
    briefing.candidates = candidates.iter().map(|(id, _)| *id).collect();
    let ask = communicate::ask_who(candidates.len());
    if question.purpose == Purpose::Service {
        let profiles = || candidates.iter().map(|(_, profile)| profile);
        briefing.precaution_state = union_state(profiles().map(Profile::precaution_state));
        // The oldest answer is the one to be doubted first; one that was never asked leaves no time to give.
        let asked: Option<Vec<Timestamp>> = profiles().map(|profile| profile.asked_time).collect();
        briefing.asked_time = asked.and_then(|times| times.into_iter().min());
        let (section, first) = respect::union(candidates);
        briefing.respect = section;
        briefing.headline.extend(first);
    } else {
        briefing.withheld.push(Withheld { what: "respect", reason: WithheldReason::Purpose });
    }
    briefing.headline.push(headline::short(&ask));
    if question.mask.communicate {
        briefing.communicate = vec![ask];
    }
    briefing
}

/// Some listed: listed. Otherwise one who was not asked decides: nobody may conclude that there are none.
fn union_state(states: impl Iterator<Item = PrecautionState>) -> PrecautionState {
    let severity = |state: &PrecautionState| match state {
        PrecautionState::Listed => 4,
        PrecautionState::Unavailable => 3,
        PrecautionState::Withheld => 2,
        PrecautionState::NotAsked => 1,
        PrecautionState::NoneKnown => 0,
    };
    states.max_by_key(severity).unwrap_or(PrecautionState::NotAsked)
}

fn withhold_sections(withheld: &mut Vec<Withheld>, mask: Mask, reason: WithheldReason) {
    let sections = [
        ("headline", true),
        ("acknowledge", mask.acknowledge),
        ("communicate", mask.communicate),
        ("anticipate", mask.anticipate),
        ("delight", mask.delight),
    ];
    withheld.extend(sections.into_iter().filter(|(_, asked)| *asked).map(|(what, _)| Withheld { what, reason }));
}

impl Briefing {
    fn empty(state: BriefingState, question: &Question<'_>) -> Self {
        Self {
            state,
            customer: None,
            candidates: Vec::new(),
            headline: Vec::new(),
            precaution_state: PrecautionState::Withheld,
            asked_time: None,
            respect: Vec::new(),
            acknowledge: Vec::new(),
            communicate: Vec::new(),
            anticipate: Vec::new(),
            delight: Vec::new(),
            withheld: Vec::new(),
            found_by: None,
            as_of: question.at,
            valid_until: None,
            relationship: None,
        }
    }
}

/// What every section needs to know, worked out once.
pub(in crate::domain) struct Moment<'a> {
    pub profile: &'a Profile,
    pub question: &'a Question<'a>,
    /// The venue's clock on the wall at `at`, and its calendar date.
    civil: DateTime,
    pub date: Date,
    /// The same by business date, as habits are counted.
    pub local: LocalMoment,
    cell: u8,
    /// Preferences that reach this venue, with their confidence.
    preferences: Vec<(&'a Preference, f64)>,
    /// Occasions that are kept today or soon, the nearest first.
    pub near: Vec<occasions::Near<'a>>,
    forbidden: OnceCell<Forbidden<'a>>,
    believed: OnceCell<Vec<(&'a Preference, f64)>>,
    /// An issue is open: no recommendations, and no gestures but those that make good.
    pub is_unresolved: bool,
    level: OnceCell<RelationshipLevel>,
}

impl<'a> Moment<'a> {
    pub fn of(profile: &'a Profile, question: &'a Question<'a>) -> Self {
        let civil = question.venue.zone.to_datetime(question.at);
        let local = question.venue.local_at(civil);
        // Confidence moves from day to day, by the server's clock, so that an answer can be kept for a while.
        let today = valid::day_start(question.now);
        let brand_of = |id: &VenueId| question.policy.venue(id).map(|venue| venue.brand.as_str());
        let here = profile
            .preferences
            .iter()
            .filter(|known| known.holds_at(&question.venue.id, &question.venue.brand, brand_of));
        Self {
            profile,
            question,
            preferences: here.map(|known| (known, known.confidence(today))).collect(),
            near: occasions::near(profile, civil.date()),
            forbidden: OnceCell::new(),
            believed: OnceCell::new(),
            is_unresolved: profile.has_open_issue(),
            level: OnceCell::new(),
            civil,
            date: civil.date(),
            local,
            cell: habits::cell_of(local),
        }
    }

    fn may_see(&self, part: Part) -> bool {
        consent::sees(self.question.purpose, &self.profile.consents, part).is_ok()
    }

    /// Like [`Self::may_see`], and notes what is withheld.
    fn sees(&self, part: Part, withheld: &mut Vec<Withheld>, what: &'static str) -> bool {
        match consent::sees(self.question.purpose, &self.profile.consents, part) {
            Ok(()) => true,
            Err(reason) => {
                withheld.push(Withheld { what, reason });
                false
            }
        }
    }

    /// Preferences are what every purpose may see that has the customer's agreement.
    fn consented(&self) -> Result<(), WithheldReason> {
        consent::sees(self.question.purpose, &self.profile.consents, Part::Preferences)
    }

    /// What must not be suggested; worked out when first asked for.
    pub fn forbidden(&self) -> &Forbidden<'a> {
        self.forbidden.get_or_init(|| {
            let active = self.profile.precautions.iter().filter(|known| known.is_active());
            let kept_away = self.preferences.iter();
            let kept_away = kept_away.filter(|(known, confidence)| respect::is_kept_away(known, *confidence));
            Forbidden::of(active, kept_away.map(|(known, _)| *known))
        })
    }

    /// Likes and favourites to act on; worked out when first asked for.
    pub fn believed(&self) -> &[(&'a Preference, f64)] {
        self.believed.get_or_init(|| anticipate::believed(self))
    }

    /// How close the relationship is; worked out when first asked for.
    pub fn level(&self) -> RelationshipLevel {
        let level = || relationship::level(self.profile, &self.question.policy.rules, self.question.now);
        *self.level.get_or_init(level)
    }

    /// Whether an occasion on this day is worth a word.
    pub fn is_near(&self, date: Date) -> bool {
        (0..=occasions::DAYS_AHEAD).contains(&words::days_between(self.date, date))
    }

    pub fn date_of(&self, time: Timestamp) -> Date {
        self.question.venue.zone.to_datetime(time).date()
    }

    /// The same as people write it.
    pub fn day_of(&self, time: Timestamp) -> String {
        words::day(self.date_of(time))
    }

    fn in_basket(&self, item: &str) -> bool {
        self.question.basket.iter().any(|chosen| words::is_same(chosen, item))
    }
}

#[cfg(test)]
mod tests;
