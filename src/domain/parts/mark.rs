//! Marks of a person that come before everything else: deceased, or barred from the house. Precautions stay.

use crate::domain::kernel::{
    author::{Author, Stamp},
    time::Timestamp,
};

/// Somebody was reported to have died. It counts once a second person has said so too, and can be undone.
#[derive(Debug, Clone, PartialEq)]
pub struct Deceased {
    /// Who; empty: the customer. Else as occasions and precautions name them.
    pub of_whom: String,
    pub reported_by: Author,
    pub report_time: Timestamp,
    /// `None`: one person has said so, and nobody else yet.
    pub confirmed: Option<Stamp>,
}

/// Why a customer must not be seated before a manager has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub code: String,
    pub text: String,
    pub until: Timestamp,
}

/// A customer is barred.
#[derive(Debug, Clone, PartialEq)]
pub struct Barred {
    pub bar: Bar,
    pub by: Author,
    pub time: Timestamp,
}
