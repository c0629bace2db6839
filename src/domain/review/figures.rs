//! A month's counters, read as figures.

use std::collections::BTreeMap;

/// A standard of the policy, and how often it was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standard {
    Resolve,
    FollowUp,
}

/// How often a standard was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Met {
    pub met: i64,
    pub missed: i64,
}

/// Issues of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub venue: String,
    pub cause: String,
    /// Empty: all issues of the cause there.
    pub item: String,
    pub issues: i64,
}

/// Follow-ups that were completed: promises, deliveries and calls after an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Promises {
    pub kept: i64,
    pub kept_late: i64,
    pub missed: i64,
}

/// Gestures of one type, at one venue, with one expectation and outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub venue: String,
    pub kind: String,
    pub expectation: String,
    /// Empty: not known.
    pub outcome: String,
    pub gestures: i64,
}

/// Movements of customers from one level to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub from: String,
    pub to: String,
    pub movements: i64,
}

/// Customers to whom a type of gesture became ordinary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    pub kind: String,
    pub became: String,
    pub customers: i64,
}

/// The counters of a month, read. Levels are names, as they were counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    pub moved: Vec<Moved>,
    pub opened: i64,
    pub reopened: i64,
    pub resolved: i64,
    pub standards: BTreeMap<Standard, Met>,
    /// The most issues first.
    pub causes: Vec<Cause>,
    pub promises: Promises,
    pub given: Vec<Given>,
    pub drifted: Vec<Drifted>,
    pub feedback: i64,
    /// Scores in thousandths of their scales, summed.
    pub score_sum: i64,
    pub referrals: i64,
    /// What was counted without its key: a tally has a bounded number of keys. With it, what this release cannot read.
    pub others: i64,
}

/// Counters by key.
type Counts = BTreeMap<String, i64>;

impl Figures {
    /// Reads a month's three tallies. `venue`: of this venue alone; what belongs to no venue is there either way.
    pub fn read(counts: &Counts, causes: &Counts, gestures: &Counts, venue: Option<&str>) -> Self {
        let is_asked_for = |at: &str| venue.is_none_or(|venue| venue == at);
        let mut figures = Self::default();
        for (key, n) in positive(counts) {
            figures.count(&key.split('|').collect::<Vec<_>>(), n, &is_asked_for);
        }
        for (key, n) in positive(causes) {
            match *key.splitn(3, '|').collect::<Vec<_>>() {
                [at, cause, item] if is_asked_for(at) => figures.causes.push(cause_of(at, cause, item, n)),
                [_, _, _] => {}
                _ => figures.others += n,
            }
        }
        for (key, n) in positive(gestures) {
            match *key.split('|').collect::<Vec<_>>() {
                [at, kind, expectation, outcome] if is_asked_for(at) => figures.given.push(Given {
                    venue: at.to_owned(),
                    kind: kind.to_owned(),
                    expectation: expectation.to_owned(),
                    outcome: outcome.to_owned(),
                    gestures: n,
                }),
                [_, _, _, _] => {}
                _ => figures.others += n,
            }
        }
        figures.causes.sort_by_key(|one| std::cmp::Reverse(one.issues));
        figures
    }

    fn count(&mut self, key: &[&str], n: i64, asked: &impl Fn(&str) -> bool) {
        match *key {
            ["moved", from, to] => {
                self.moved.push(Moved { from: from.to_owned(), to: to.to_owned(), movements: n });
            }
            ["drift", kind, became] => {
                self.drifted.push(Drifted { kind: kind.to_owned(), became: became.to_owned(), customers: n });
            }
            ["feedback"] => self.feedback = n,
            ["score"] => self.score_sum = n,
            ["referrals"] => self.referrals = n,
            [_, venue, ..] if !asked(venue) => {}
            ["cause", venue, cause] => self.causes.push(cause_of(venue, cause, "", n)),
            ["issue", _, "opened"] => self.opened += n,
            ["issue", _, "reopened"] => self.reopened += n,
            ["issue", _, "resolved"] => self.resolved += n,
            ["promise", _, "kept"] => self.promises.kept += n,
            ["promise", _, "kept_late"] => self.promises.kept_late += n,
            ["promise", _, "missed"] => self.promises.missed += n,
            ["standard", _, "resolve", how] => self.measured(Standard::Resolve, how, n),
            ["standard", _, "follow_up", how] => self.measured(Standard::FollowUp, how, n),
            _ => self.others += n,
        }
    }

    fn measured(&mut self, standard: Standard, how: &str, n: i64) {
        let met = self.standards.entry(standard).or_default();
        if how == "met" { met.met += n } else { met.missed += n }
    }

    /// The mean score, 0 to 1; `None`: there is none.
    pub fn mean_score(&self) -> Option<f64> {
        (self.feedback > 0).then(|| self.score_sum as f64 / 1_000.0 / self.feedback as f64)
    }
}

fn cause_of(venue: &str, cause: &str, item: &str, issues: i64) -> Cause {
    Cause { venue: venue.to_owned(), cause: cause.to_owned(), item: item.to_owned(), issues }
}

/// Counters above zero. What is subtracted in a later month than it was counted in is below zero there.
fn positive(counts: &Counts) -> impl Iterator<Item = (&str, i64)> {
    counts.iter().filter(|(_, n)| **n > 0).map(|(key, n)| (key.as_str(), *n))
}
