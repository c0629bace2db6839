//! The violations of a document that people write: all of them, so that they can be corrected in one go.

use std::ops::RangeInclusive;

use super::{Parsed, count};
use crate::domain::Violation;

/// The most in one answer: they travel in its header, of which many clients take 8 KiB.
const VIOLATIONS_MAX: usize = 20;

/// Collects violations. Where one is found, parsing goes on with a stand-in; the outcome is thrown away at the end.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub fn or<T>(&mut self, parsed: Parsed<T>, stand_in: T) -> T {
        parsed.unwrap_or_else(|violation| {
            self.0.push(violation);
            stand_in
        })
    }

    pub fn one<T: Default>(&mut self, parsed: Parsed<T>) -> T {
        self.or(parsed, T::default())
    }

    /// Each entry of a list that has one of the allowed lengths, with its path; at most one violation of each.
    pub fn each<A, B>(
        &mut self,
        field: &str,
        list: Vec<A>,
        allowed: RangeInclusive<usize>,
        parse: impl Fn(&str, A) -> Parsed<B>,
    ) -> Vec<B> {
        if let Err(violation) = count(field, list.len(), allowed) {
            self.0.push(violation);
            return Vec::new();
        }
        let mut entries = Vec::with_capacity(list.len());
        for (index, raw) in list.into_iter().enumerate() {
            match parse("", raw) {
                Ok(entry) => entries.push(entry),
                Err(violation) => self.0.push(violation.within(&format!("{field}[{index}]"))),
            }
        }
        entries
    }

    /// Fails with the violations, if there are any.
    pub fn none(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(first(self.0)) }
    }
}

/// As many as an answer holds.
pub fn first(mut violations: Vec<Violation>) -> Vec<Violation> {
    violations.truncate(VIOLATIONS_MAX);
    violations
}
