//! Preferences: a subject and a stance, made of evidence. One observation alone is not acted on.

use crate::domain::{
    kernel::{author::Author, id::VenueId, text::is_same, time::Timestamp},
    words::fold::{accent_count, is_same_item},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stance {
    Favourite,
    Likes,
    Dislikes,
    Avoid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceSource {
    Stated,
    Observed,
    Inferred,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    Venue,
    Brand,
    Tenant,
}

/// What a preference is about. Category and situation in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    pub category: String,
    pub item: String,
    pub situation: String,
}

/// One reason to believe in a preference; a refusal is one to doubt a like.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub subject: Subject,
    pub stance: Stance,
    pub source: EvidenceSource,
    pub venue: Option<VenueId>,
    pub observe_time: Timestamp,
    pub scope: Scope,
}

/// Evidence of one source, summed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EvidenceTally {
    pub count: u32,
    /// The latest; `None` while the count is zero.
    pub last: Option<Timestamp>,
}

/// What is believed about one subject, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Preference {
    pub subject: Subject,
    pub stance: Stance,
    pub stated: EvidenceTally,
    pub observed: EvidenceTally,
    pub inferred: EvidenceTally,
    pub refused: EvidenceTally,
    pub scope: Scope,
    /// The venue it is tied to while the scope is not the tenant.
    pub venue: Option<VenueId>,
    pub first_time: Timestamp,
    pub last_time: Timestamp,
    pub last_by: Author,
}

impl Subject {
    /// Whether it is the same but for how it is written.
    pub fn is_alike(&self, other: &Self) -> bool {
        is_same(&self.category, &other.category)
            && is_same(&self.situation, &other.situation)
            && is_same_item(&self.item, &other.item)
    }

    /// The preference's id, derived from the subject alone as it is written. 16 hex digits of FNV-1a 64.
    pub fn preference_id(&self) -> String {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in [&self.category, &self.item, &self.situation] {
            for byte in part.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        format!("{hash:016x}")
    }
}

/// Below this a like is asked about rather than acted on. On what is disliked see [`Preference::is_kept_away`].
pub const CONFIDENCE_TO_ACT: f64 = 0.5;
/// Below this a like is not even asked about, and nothing is kept away.
pub const CONFIDENCE_TO_ASK: f64 = 0.15;
/// Observations from which on a preference leaves the venue where it was noticed: one alone holds only there.
pub const OBSERVATIONS_TO_TRAVEL: u32 = 2;

/// How much one source adds: `unit` for each piece of evidence up to `cap`, halved every `half_life_days` after the
/// latest. Confidence is 1 − e^−sum, so the caps are also ceilings: see docs/data-model.md.
struct Weight {
    unit: f64,
    cap: f64,
    half_life_days: f64,
}

/// Said once: 0.90. Said again and again: at most 0.95.
const STATED: Weight = Weight { unit: 2.3, cap: 3.0, half_life_days: 730.0 };
/// Seen once: 0.36; twice: 0.59, for two months enough to act on; three times: 0.74; at most 0.86, so that seeing never
/// outdoes asking.
const OBSERVED: Weight = Weight { unit: 0.45, cap: 2.0, half_life_days: 180.0 };
/// A rule's conclusion: 0.18; at most 0.45, so that it is never acted on by itself.
const INFERRED: Weight = Weight { unit: 0.2, cap: 0.6, half_life_days: 90.0 };
/// One refusal outweighs two observations; three outweigh a statement.
const REFUSED: Weight = Weight { unit: 1.0, cap: 3.0, half_life_days: 365.0 };

const DAY_SECONDS: f64 = 86_400.0;

impl Stance {
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Favourite | Self::Likes)
    }

    /// Of two at the same time the more careful one counts.
    fn rank(self) -> u8 {
        match self {
            Self::Likes => 0,
            Self::Favourite => 1,
            Self::Dislikes => 2,
            Self::Avoid => 3,
        }
    }
}

impl EvidenceSource {
    /// A stronger source decides about stance and scope, also when weaker ones follow.
    fn rank(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Inferred => 2,
            Self::Observed => 3,
            Self::Stated => 4,
        }
    }
}

impl Evidence {
    /// What the evidence says about the attitude. Who refuses something does not like it.
    fn effective_stance(&self) -> Stance {
        if self.source == EvidenceSource::Refused && self.stance.is_positive() { Stance::Dislikes } else { self.stance }
    }

    /// Only what was stated says itself how far it reaches.
    fn declared_scope(&self) -> Scope {
        match (self.source, &self.venue) {
            (EvidenceSource::Stated, Some(_)) => self.scope,
            (_, None) => Scope::Tenant,
            (_, Some(_)) => Scope::Venue,
        }
    }
}

impl EvidenceTally {
    fn add(&mut self, time: Timestamp) {
        self.count = self.count.saturating_add(1);
        self.last = self.last.max(Some(time));
    }

    fn support(&self, weight: &Weight, now: Timestamp) -> f64 {
        let Some(last) = self.last else {
            return 0.0;
        };
        let age_days = (now.as_second().saturating_sub(last.as_second())).max(0) as f64 / DAY_SECONDS;
        (f64::from(self.count) * weight.unit).min(weight.cap) * (-age_days / weight.half_life_days).exp2()
    }
}

impl Preference {
    /// What the first piece of evidence says.
    pub fn from_evidence(evidence: &Evidence, by: &Author) -> Self {
        let mut preference = Self {
            subject: evidence.subject.clone(),
            stance: evidence.effective_stance(),
            stated: EvidenceTally::default(),
            observed: EvidenceTally::default(),
            inferred: EvidenceTally::default(),
            refused: EvidenceTally::default(),
            scope: evidence.declared_scope(),
            venue: evidence.venue.clone(),
            first_time: evidence.observe_time,
            last_time: evidence.observe_time,
            last_by: by.clone(),
        };
        preference.count(evidence);
        preference
    }

    /// Adds evidence about the same subject. The result does not depend on the order in which evidence arrives.
    pub fn fold(&mut self, evidence: &Evidence, by: &Author) {
        if self.is_spelt_anew(evidence) {
            self.subject.item.clone_from(&evidence.subject.item);
        }
        self.first_time = self.first_time.min(evidence.observe_time);
        if (evidence.observe_time, by.as_str()) > (self.last_time, self.last_by.as_str()) {
            self.last_time = evidence.observe_time;
            self.last_by.clone_from(by);
        }
        if self.is_outdone_by(evidence) {
            self.stance = evidence.effective_stance();
            self.venue.clone_from(&evidence.venue);
            self.scope = evidence.declared_scope();
        }
        self.count(evidence);
    }

    /// Of all spellings, the same one is shown in whatever order they come: the one with most accents, by which "pâte" and "pâté" are two; one
    /// with blanks between its words; then the last by its letters, so that small ones win over the capitals of a till.
    fn is_spelt_anew(&self, evidence: &Evidence) -> bool {
        let rank = |item: &String| (accent_count(item), item.contains(' '), item.clone());
        rank(&evidence.subject.item) > rank(&self.subject.item)
    }

    /// Stance, venue and scope are those of the greatest evidence: by source, then time; at the same time the more
    /// careful stance, then the wider scope, then the venue's name, so that the order is total.
    fn is_outdone_by(&self, evidence: &Evidence) -> bool {
        let (source, time) = self.strongest();
        let own_scope = if source == EvidenceSource::Stated { self.scope } else { unstated_scope(self.venue.as_ref()) };
        let own = (source.rank(), time, self.stance.rank(), own_scope, &self.venue);
        let new = (
            evidence.source.rank(),
            Some(evidence.observe_time),
            evidence.effective_stance().rank(),
            evidence.declared_scope(),
            &evidence.venue,
        );
        new > own
    }

    /// The strongest source so far, and its latest evidence.
    fn strongest(&self) -> (EvidenceSource, Option<Timestamp>) {
        if self.stated.count > 0 {
            (EvidenceSource::Stated, self.stated.last)
        } else if self.observed.count > 0 {
            (EvidenceSource::Observed, self.observed.last)
        } else if self.inferred.count > 0 {
            (EvidenceSource::Inferred, self.inferred.last)
        } else {
            (EvidenceSource::Refused, self.refused.last)
        }
    }

    fn count(&mut self, evidence: &Evidence) {
        let tally = match evidence.source {
            EvidenceSource::Stated => &mut self.stated,
            EvidenceSource::Observed => &mut self.observed,
            EvidenceSource::Inferred => &mut self.inferred,
            EvidenceSource::Refused => &mut self.refused,
        };
        tally.add(evidence.observe_time);
        if self.stated.count == 0 && self.observed.count >= OBSERVATIONS_TO_TRAVEL {
            self.scope = Scope::Tenant;
        }
    }

    /// 0 to 1 at `now`: grows with repetition, decays without it.
    ///
    /// Refusals speak against what is liked, and for what is disliked. The formula is in docs/data-model.md.
    pub fn confidence(&self, now: Timestamp) -> f64 {
        let told = self.stated.support(&STATED, now);
        let seen = self.observed.support(&OBSERVED, now);
        let concluded = self.inferred.support(&INFERRED, now);
        let refused = self.refused.support(&REFUSED, now);
        let support = told + seen + concluded + if self.stance.is_positive() { -refused } else { refused };
        1.0 - (-support.max(0.0)).exp()
    }

    /// Whether the customer said it: it may then be spoken about.
    pub fn is_stated(&self) -> bool {
        self.stated.count > 0
    }

    /// Whether there is more than a single observation, refusal or conclusion.
    pub fn is_more_than_one_observation(&self) -> bool {
        let noticed = u64::from(self.observed.count) + u64::from(self.refused.count) + u64::from(self.inferred.count);
        self.is_stated() || noticed >= u64::from(OBSERVATIONS_TO_TRAVEL)
    }

    /// Whether its item is kept away. That costs little, so weak belief is enough; a single observation is not.
    pub fn is_kept_away(&self, confidence: f64) -> bool {
        !self.stance.is_positive() && self.is_more_than_one_observation() && confidence >= CONFIDENCE_TO_ASK
    }

    /// Whether it reaches a venue. `brand_of` gives the brand of a venue; an empty brand is none.
    pub fn holds_at<'a>(&self, venue: &VenueId, brand: &str, brand_of: impl Fn(&VenueId) -> Option<&'a str>) -> bool {
        let Some(own) = &self.venue else {
            return true;
        };
        match self.scope {
            Scope::Tenant => true,
            Scope::Venue => own == venue,
            Scope::Brand => own == venue || (!brand.is_empty() && brand_of(own) == Some(brand)),
        }
    }
}

fn unstated_scope(venue: Option<&VenueId>) -> Scope {
    if venue.is_some() { Scope::Venue } else { Scope::Tenant }
}

#[cfg(test)]
#[path = "preference_tests.rs"]
mod tests;
