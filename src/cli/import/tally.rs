//! What an import came to.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use serde::{Deserialize, Serialize};

macro_rules! tally {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts while the import runs; every task adds to it.
        #[derive(Default)]
        pub struct Totals {
            $($(#[$doc])* $name: AtomicU64,)*
        }

        impl Totals {
            $(pub fn $name(&self) {
                self.$name.fetch_add(1, Relaxed);
            })*

            /// Goes on from the counts of an earlier run.
            pub fn from_counts(counts: Counts) -> Self {
                Self { $($name: AtomicU64::new(counts.$name),)* }
            }

            pub fn counts(&self) -> Counts {
                Counts { $($name: self.$name.load(Relaxed),)* }
            }
        }

        /// The counts at one moment.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }
    };
}

tally! {
    /// Rows read, empty lines not counted.
    row,
    policy_set,
    policy_unchanged,
    customer_created,
    customer_unchanged,
    interaction_recorded,
    /// Was recorded before.
    interaction_repeated,
    /// Older than the kept history, so not counted.
    interaction_before_horizon,
    rejected,
}

/// A sentence or two for people.
pub struct Summary<'a> {
    pub name: &'a str,
    pub counts: Counts,
    /// Of the counted rows, those of an earlier run.
    pub earlier: u64,
    pub took: Duration,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        let seconds = self.took.as_secs_f64();
        let rate = (counts.row - self.earlier) as f64 / seconds.max(0.001);
        writeln!(out, "{}: {} rows in {seconds:.1} s, {rate:.0} rows/s", self.name, counts.row)?;
        if self.earlier > 0 {
            writeln!(out, "  went on       after {} rows of an earlier run, which are counted here", self.earlier)?;
        }
        if counts.policy_set + counts.policy_unchanged > 0 {
            writeln!(out, "  policy        {} set, {} unchanged", counts.policy_set, counts.policy_unchanged)?;
        }
        if counts.customer_created + counts.customer_unchanged > 0 {
            writeln!(
                out,
                "  customers     {} created, {} unchanged",
                counts.customer_created, counts.customer_unchanged
            )?;
        }
        let (recorded, repeated) = (counts.interaction_recorded, counts.interaction_repeated);
        let before = counts.interaction_before_horizon;
        if recorded + repeated + before > 0 {
            writeln!(out, "  interactions  {recorded} recorded, {repeated} repeated, {before} before the horizon")?;
        }
        write!(out, "  rejected      {}", counts.rejected)
    }
}
