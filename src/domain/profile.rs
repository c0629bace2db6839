//! A customer's profile: all its parts together.

use jiff::civil::Date;

use crate::domain::{
    kernel::{
        id::{GestureTypeId, HoldToken, PartId},
        name,
        time::Timestamp,
    },
    parts::{
        advocacy::Advocacy,
        consent::{self, Consent, Part, Purpose, WithheldReason},
        follow_up::FollowUp,
        habits::Habits,
        identity::Identity,
        issue::Issue,
        ledger::{Drift, ExpectationLevel, Gesture, LedgerEntry},
        level::RelationshipLevel,
        mark::{Barred, Deceased},
        occasion::{Occasion, OccasionKind},
        precaution::{Precaution, PrecautionState},
        preference::Preference,
        recent::short_hash,
    },
    words::people::is_same_person,
};

/// Whether a profile is of one person or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerKind {
    /// One human being.
    #[default]
    Person,
    /// Several who act as one; each may have precautions.
    Household,
}

/// How the question about allergies, diets and other needs stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nobody has asked.
    Never,
    /// Several people share the profile, or its customer has died: whoever is here today was not asked.
    SeveralPeople,
    /// A precaution about food has ended since the answer, or was taken back: the answer was not "none", and is not known now.
    Outdated,
    /// Asked then, and the answer stands.
    At(Timestamp),
}

/// In most countries. Nothing is allowed by it: from then on people speak for themselves.
const AGE_OF_MAJORITY: i16 = 18;

/// How old a customer is, as far as it is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Unknown,
    /// A child of an age that is not known.
    Child,
    Years(i16),
}

/// What the customer is called. Each part may be empty: not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// For documents and lists.
    pub full: String,
    /// What staff say: `Ms Marchetti`.
    pub addressed_as: String,
    /// How staff say it: `mar-KET-tee`.
    pub pronunciation: String,
}

/// Who the customer is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// A person, unless recorded otherwise.
    pub kind: CustomerKind,
    /// Given by the customer, or by the system that made the profile.
    pub name: Name,
    /// BCP 47; empty: not known.
    pub language: String,
    /// Somebody said that it is a child; an age on record says more.
    pub is_child: bool,
}

/// An identity as it stands in the profile: with the token of the hold under which it was reserved, and its expiry.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileIdentity {
    pub identity: Identity,
    pub token: HoldToken,
    pub expire_time: Option<Timestamp>,
}

impl ProfileIdentity {
    /// Whether the customer can still be found by it.
    pub fn valid_at(&self, now: Timestamp) -> bool {
        self.expire_time.is_none_or(|expire| now < expire)
    }
}

/// Everything that is kept of one customer, except for the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub details: Details,
    pub identities: Vec<ProfileIdentity>,
    pub precautions: Vec<Precaution>,
    /// When the customer was last asked for precautions.
    pub asked_time: Option<Timestamp>,
    pub preferences: Vec<Preference>,
    pub occasions: Vec<Occasion>,
    pub consents: Vec<Consent>,
    pub habits: Habits,
    pub issues: Vec<Issue>,
    pub follow_ups: Vec<FollowUp>,
    pub gestures: Vec<Gesture>,
    /// Ordered by type.
    pub ledger: Vec<LedgerEntry>,
    pub advocacy: Advocacy,
    /// The relationship level under which the service review counts the customer; see [`super::apply::settle_level`].
    pub counted_level: Option<RelationshipLevel>,
    /// Who was reported to have died: the customer, or somebody of whom occasions and precautions are on record.
    pub deceased: Vec<Deceased>,
    /// The latest bar, also when it is over.
    pub barred: Option<Barred>,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    /// The number that the next part (precaution, occasion, issue, follow-up, gesture) gets. Never reused.
    pub next_part: u32,
    /// Changes applied so far, interactions excepted: their number in the history.
    pub change_count: u64,
}

impl Profile {
    /// The empty profile of a customer made `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            details: Details::default(),
            identities: Vec::new(),
            precautions: Vec::new(),
            asked_time: None,
            preferences: Vec::new(),
            occasions: Vec::new(),
            consents: Vec::new(),
            habits: Habits::default(),
            issues: Vec::new(),
            follow_ups: Vec::new(),
            gestures: Vec::new(),
            ledger: Vec::new(),
            advocacy: Advocacy::default(),
            counted_level: None,
            deceased: Vec::new(),
            barred: None,
            create_time: now,
            update_time: now,
            next_part: 1,
            change_count: 0,
        }
    }

    /// How the question about allergies and diets stands: the one place that decides whether the customer was asked.
    pub fn asked(&self, now: Timestamp) -> Asked {
        let has_ended = |asked: Timestamp| {
            // What a code is about takes longest to tell.
            self.precautions.iter().any(|known| {
                (known.has_ended_since(asked, now) || (known.is_active(now) && self.has_died_since(known, asked)))
                    && known.is_about_food()
            })
        };
        match self.asked_time {
            _ if self.details.kind == CustomerKind::Household || self.is_deceased() => Asked::SeveralPeople,
            None => Asked::Never,
            Some(asked) if has_ended(asked) => Asked::Outdated,
            Some(asked) => Asked::At(asked),
        }
    }

    /// Whether the customer was asked for precautions, and the answer stands.
    pub fn is_asked(&self, now: Timestamp) -> bool {
        matches!(self.asked(now), Asked::At(_))
    }

    /// What is known about precautions as a whole; NOT_ASKED and NONE_KNOWN differ. A customer who was never asked and has no
    /// precaution about food or drink is NOT_ASKED: a wheelchair, or an allergy to feathers, says nothing about food. A
    /// household is never asked as a whole: whoever answered was one of several. An answer that is outdated is none.
    pub fn precaution_state(&self, now: Timestamp) -> PrecautionState {
        let is_asked = self.is_asked(now);
        if self.counting(now).any(|known| is_asked || known.is_about_food()) {
            PrecautionState::Listed
        } else if is_asked {
            PrecautionState::NoneKnown
        } else {
            PrecautionState::NotAsked
        }
    }

    /// Whether two people have said that the customer has died: then nothing is celebrated, given or promised any more.
    pub fn is_deceased(&self) -> bool {
        self.has_died("")
    }

    /// Whether two people have said so of somebody on record; empty: the customer.
    pub fn has_died(&self, of_whom: &str) -> bool {
        self.dead().any(|known| is_same_person(&known.of_whom, of_whom))
    }

    /// How old the customer is on a day. Of several birthdays the latest counts; one that is celebrated once is no birth date,
    /// and a household has no age.
    pub fn age(&self, on: Date) -> Age {
        if self.details.kind == CustomerKind::Household {
            return Age::Unknown;
        }
        let own = self
            .occasions
            .iter()
            .map(|known| &known.reported)
            .filter(|known| known.kind == OccasionKind::Birthday && known.of_whom.is_empty() && !known.once);
        match own.filter_map(|known| known.date.years_on(on)).min() {
            Some(years) => Age::Years(years),
            None if self.details.is_child => Age::Child,
            None => Age::Unknown,
        }
    }

    /// Whether they are a child as far as is known, for whom others speak.
    pub fn is_minor(&self, on: Date) -> bool {
        self.details.is_child || matches!(self.age(on), Age::Years(years) if years < AGE_OF_MAJORITY)
    }

    /// Those of whom two people have said that they have died.
    pub fn dead(&self) -> impl Iterator<Item = &Deceased> {
        self.deceased.iter().filter(|known| known.confirmed.is_some())
    }

    /// Whether a text names somebody else who has died, as they are on record.
    pub fn names_dead(&self, text: &str) -> bool {
        // Asked of every text that is shown.
        if self.deceased.is_empty() {
            return false;
        }
        let others = self.dead().filter(|known| !known.of_whom.is_empty());
        let names: Vec<name::Name> = others.filter_map(|known| name::Name::of(&known.of_whom)).collect();
        name::find(names.iter().map(|name| (name, ())), text).is_some()
    }

    /// Whether an occasion or a precaution is on record of somebody beside the customer.
    pub fn names(&self, of_whom: &str) -> bool {
        let occasions = self.occasions.iter().map(|known| &known.reported.of_whom);
        let mut all = occasions.chain(self.precautions.iter().map(|known| &known.reported.of_whom));
        all.any(|named| is_same_person(named, of_whom))
    }

    /// Whether a purpose may see a part; else, why not. What the dead agreed to was for their lifetime.
    pub fn sees(&self, purpose: Purpose, part: Part) -> Result<(), WithheldReason> {
        consent::sees(purpose, self.consents_told(purpose), part)
    }

    /// The decisions about consent that a purpose is told of. Whoever does not serve must not learn of a death, so the dead
    /// look to them like somebody who has decided nothing.
    pub fn consents_told(&self, purpose: Purpose) -> &[Consent] {
        if purpose != Purpose::Service && self.is_deceased() { &[] } else { &self.consents }
    }

    /// Until when the customer is barred; `None`: they are not.
    pub fn barred_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.barred.as_ref().map(|barred| barred.bar.until).filter(|until| now < *until)
    }

    /// Whether a manager is to be fetched before anything else: nothing is given away then.
    pub fn needs_manager(&self, now: Timestamp) -> bool {
        self.is_deceased() || self.barred_until(now).is_some()
    }

    /// Whether it is celebrated and offered to: not while a manager is to be fetched. That is a matter of those who serve.
    pub fn is_welcome(&self, purpose: Purpose, now: Timestamp) -> bool {
        purpose != Purpose::Service || !self.needs_manager(now)
    }

    /// Precautions that are active, and did not end with somebody's death.
    fn counting(&self, now: Timestamp) -> impl Iterator<Item = &Precaution> {
        self.precautions.iter().filter(move |known| known.is_active(now) && self.death_that_ends(known).is_none())
    }

    /// The death with which a precaution of somebody beside the customer ended: they sit at no table, and are not asked after. One
    /// that was said after the death was first reported is of somebody else of that name, or the mark is wrong: it counts. Those
    /// of the customer stay: somebody has their card.
    fn death_that_ends(&self, known: &Precaution) -> Option<&Deceased> {
        let whose = &known.reported;
        let said = known.said_time();
        let mut dead = self.dead().filter(|_| !whose.is_own());
        dead.find(|death| said <= death.report_time && is_same_person(&death.of_whom, &whose.of_whom))
    }

    /// Whether a precaution counted at `asked`, and ended with somebody's death since; also if it was said again after the death: that is no
    /// answer of the customer.
    fn has_died_since(&self, known: &Precaution, asked: Timestamp) -> bool {
        let said_after = |death: &&Deceased| {
            let is_of_dead = !known.reported.is_own() && is_same_person(&death.of_whom, &known.reported.of_whom);
            is_of_dead && death.confirmed.as_ref().is_some_and(|confirmed| confirmed.at < known.said_time())
        };
        let death = self.death_that_ends(known).or_else(|| self.dead().find(said_after));
        death.and_then(|death| death.confirmed.as_ref()).is_some_and(|confirmed| asked <= confirmed.at)
    }

    /// Whether anybody has said of somebody on record that they have died; one person is enough.
    pub fn is_marked(&self, of_whom: &str) -> bool {
        self.deceased.iter().any(|known| is_same_person(&known.of_whom, of_whom))
    }

    /// Precautions that count, the most critical first.
    pub fn active_precautions(&self, now: Timestamp) -> Vec<&Precaution> {
        let mut active: Vec<&Precaution> = self.counting(now).collect();
        active.sort_by_cached_key(|known| known.rank());
        active
    }

    pub fn identity(&self, identity: &Identity) -> Option<&ProfileIdentity> {
        self.identities.iter().find(|own| own.identity == *identity)
    }

    /// The identity of this profile that a look-up by `identity` finds: the same one in any of its forms. In an old record a room or
    /// table without its venue, if the customer was last seen at that venue.
    pub fn found_by(&self, identity: &Identity) -> Option<&ProfileIdentity> {
        self.identity(identity).or_else(|| self.found_by_form(identity))
    }

    fn found_by_form(&self, identity: &Identity) -> Option<&ProfileIdentity> {
        if self.identities.iter().all(|own| own.identity.kind != identity.kind) {
            return None;
        }
        identity.forms().iter().find_map(|form| {
            let own = self.identity(form)?;
            if !form.kind.is_of_a_venue() || form.issuer == identity.issuer {
                return Some(own);
            }
            let last = self.habits.recent.first()?;
            (last.venue == short_hash(&identity.issuer)).then_some(own)
        })
    }

    pub fn issue(&self, id: PartId) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.id == id)
    }

    /// Open issues, the worst and oldest first.
    pub fn open_issues(&self) -> Vec<&Issue> {
        let mut open: Vec<&Issue> = self.issues.iter().filter(|issue| issue.is_open()).collect();
        open.sort_by_key(|issue| (std::cmp::Reverse(issue.reported.severity), issue.open_time, issue.id));
        open
    }

    pub fn has_open_issue(&self) -> bool {
        self.issues.iter().any(Issue::is_open)
    }

    pub fn follow_up(&self, id: PartId) -> Option<&FollowUp> {
        self.follow_ups.iter().find(|known| known.id == id)
    }

    /// Open follow-ups, the earliest due first.
    pub fn owed(&self) -> Vec<&FollowUp> {
        let mut owed: Vec<&FollowUp> = self.follow_ups.iter().filter(|known| known.is_open()).collect();
        owed.sort_by_key(|known| (known.promised.due_time, known.id));
        owed
    }

    pub fn gesture(&self, id: PartId) -> Option<&Gesture> {
        self.gestures.iter().find(|known| known.id == id)
    }

    pub fn ledger_entry(&self, kind: &GestureTypeId) -> Option<&LedgerEntry> {
        let index = self.ledger.binary_search_by(|entry| entry.gesture_type.cmp(kind)).ok()?;
        self.ledger.get(index)
    }

    /// The expectation level of a type of gesture for this customer now. `on_trial`: the catalogue has the type on trial.
    pub fn expectation(&self, kind: &GestureTypeId, on_trial: bool, drift: &Drift, now: Timestamp) -> ExpectationLevel {
        let recent = self.ledger_entry(kind).map_or(0, |entry| entry.recent(drift, now));
        ExpectationLevel::after(recent, on_trial, drift)
    }
}
