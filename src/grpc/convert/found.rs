//! The violations of a document that people write: all of them, so that they can be mended in one go.

use std::ops::RangeInclusive;

use super::{Parsed, count};
use crate::domain::Violation;

/// So many are told at once: they travel in an answer's header, of which many clients take 8 KiB.
const FOUND_MAX: usize = 20;

/// What was found wrong. What is parsed meanwhile goes on with a stand-in, and is thrown away at the end.
#[derive(Debug, Default)]
pub struct Found(Vec<Violation>);

impl Found {
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
        for (place, raw) in list.into_iter().enumerate() {
            match parse(&format!("{field}[{place}]"), raw) {
                Ok(entry) => entries.push(entry),
                Err(violation) => self.0.push(violation),
            }
        }
        entries
    }

    /// Whether nothing was found.
    pub fn nothing(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(first(self.0)) }
    }
}

/// As many as an answer holds.
pub fn first(mut violations: Vec<Violation>) -> Vec<Violation> {
    violations.truncate(FOUND_MAX);
    violations
}
