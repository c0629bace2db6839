//! Consent per purpose, and what a purpose may see.

use super::Timestamp;

/// Why personal data is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    Service,
    Marketing,
    Analytics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentState {
    Granted,
    Denied,
    Withdrawn,
}

/// A decision of the customer; the latest of each purpose counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    pub purpose: Purpose,
    pub state: ConsentState,
    pub decide_time: Timestamp,
    pub evidence: String,
}
