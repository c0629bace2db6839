//! Which indexes list a profile, and what it adds to the counters. The entries of indexes follow from the profile alone, so that
//! fsck can compute them anew; counters also depend on policy and time, and are not computed anew.

use super::Caller;
use crate::{
    domain::{
        Profile, absence, near,
        occasion::YearDay,
        review::{self, Facts},
    },
    store::{
        CustomerKey, IndexOp,
        hints::{self, Hint},
        sealing::IndexKey,
    },
};

/// The hints that a profile should have, but for the listing, which every customer is in.
pub fn hints_of(index_key: &IndexKey, key: &CustomerKey, profile: &Profile) -> Vec<Hint> {
    let owed = profile.follow_ups.iter().filter(|known| known.is_open());
    let owed = owed.map(|known| {
        let due_ms = known.promised.due_time.as_millisecond();
        hints::follow_up(&known.promised.venue, due_ms, key.customer, known.id)
    });
    let away = absence::slips_away(&profile.habits).map(|time| hints::absence(key, time.as_millisecond()));
    owed.chain(away).chain(occasions_of(index_key, key, profile)).collect()
}

/// The hints of the days on which something is celebrated, each day once.
pub fn occasions_of(index_key: &IndexKey, key: &CustomerKey, profile: &Profile) -> Vec<Hint> {
    let mut days: Vec<YearDay> = Vec::new();
    for day in near::celebrated(profile).map(|occasion| occasion.reported.date.year_day()) {
        if !days.contains(&day) {
            days.push(day);
        }
    }
    days.into_iter().map(|day| hints::occasion(index_key.blind_day(day), key.customer)).collect()
}

/// The index members and counters of one revision.
pub(super) struct Standing {
    hints: Vec<Hint>,
    facts: Facts,
}

impl Standing {
    pub fn of(caller: &Caller, key: &CustomerKey, profile: &Profile) -> Self {
        let facts = Facts::of(profile, &caller.in_force.policy, caller.now);
        Self { hints: hints_of(&caller.index_key, key, profile), facts }
    }
}

/// The tasks for the index worker that lead from one revision to the next. `None` before: there was none; after: there is
/// none any more.
pub(super) fn between(caller: &Caller, before: Option<&Standing>, after: Option<&Standing>) -> Vec<IndexOp> {
    fn hints(standing: Option<&Standing>) -> &[Hint] {
        standing.map_or(&[], |standing| &standing.hints)
    }
    let (old, new) = (hints(before), hints(after));
    let gone = old.iter().filter(|hint| !new.contains(hint)).cloned().map(IndexOp::DropHint);
    let came = new.iter().filter(|hint| !old.contains(hint)).cloned().map(IndexOp::PutHint);
    let counts = review::counted(before.map(|known| &known.facts), after.map(|known| &known.facts), caller.now);
    let counts = counts.into_iter().map(|count| IndexOp::Count { name: count.tally, key: count.key, n: count.n });
    gone.chain(came).chain(counts).collect()
}
