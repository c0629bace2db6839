//! Preferences: a subject and a stance, made of evidence. One observation is not a preference.

use super::{Timestamp, error::Violation, id::VenueId};

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

/// One reason to believe in a preference.
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
pub struct Tally {
    pub count: u32,
    /// The latest; `None` while the count is zero.
    pub last: Option<Timestamp>,
}

/// What is believed about one subject, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Preference {
    pub subject: Subject,
    pub stance: Stance,
    pub stated: Tally,
    pub observed: Tally,
    pub inferred: Tally,
    pub refused: Tally,
    pub scope: Scope,
    /// The venue it is tied to while the scope is not the tenant.
    pub venue: Option<VenueId>,
    pub first_time: Timestamp,
    pub last_time: Timestamp,
    pub last_by: String,
}

impl Subject {
    /// The preference's id: stable, derived from the subject alone. 16 hex digits of FNV-1a 64.
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

impl Preference {
    /// 0 to 1 at `now`: grows with repetition, decays without it.
    pub fn confidence(&self, _now: Timestamp) -> f64 {
        todo!()
    }
}

#[allow(dead_code)]
fn _uses(_: Violation) {}
