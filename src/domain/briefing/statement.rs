//! A statement: one thing that staff should know.

use crate::domain::kernel::{money::Money, time::Timestamp};

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
