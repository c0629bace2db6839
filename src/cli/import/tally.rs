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
    /// Records taken and rows refused before they became one. With `group_by`, the rows of a good group are one record;
    /// of a refused group each row counts. Empty lines do not.
    row,
    policy_set,
    policy_unchanged,
    customer_created,
    customer_unchanged,
    item_put,
    interaction_recorded,
    /// Was recorded before.
    interaction_repeated,
    /// Not stored: older than the history that is kept of the customer, so that nobody can tell whether it was recorded
    /// before.
    interaction_before_horizon,
    rejected,
}

/// The summary that is printed: a line for each kind of record.
pub struct Summary<'a> {
    pub name: &'a str,
    pub counts: Counts,
    /// How many records of `counts.row` an earlier run took.
    pub earlier: u64,
    pub took: Duration,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        let seconds = self.took.as_secs_f64();
        let now = counts.row - self.earlier;
        let rate = now as f64 / seconds.max(0.001);
        writeln!(out, "{}: {now} records in {seconds:.1} s, {rate:.0} records/s", self.name)?;
        if self.earlier > 0 {
            writeln!(
                out,
                "  resumed       after {} records of an earlier run; the numbers below include them",
                self.earlier
            )?;
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
        if counts.item_put > 0 {
            writeln!(out, "  items         {} put", counts.item_put)?;
        }
        let (recorded, repeated) = (counts.interaction_recorded, counts.interaction_repeated);
        let before = counts.interaction_before_horizon;
        if recorded + repeated + before > 0 {
            writeln!(out, "  interactions  {recorded} recorded, {repeated} repeated, {before} too old to record")?;
        }
        write!(out, "  rejected      {}", counts.rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_this_run_and_the_counts_are_those_of_both() {
        let counts = Counts {
            row: 30,
            interaction_recorded: 28,
            interaction_before_horizon: 1,
            rejected: 1,
            ..Counts::default()
        };
        let summary = |earlier| Summary { name: "sales", counts, earlier, took: Duration::from_secs(2) }.to_string();
        let lines = "  interactions  28 recorded, 0 repeated, 1 too old to record\n  rejected      1";
        assert_eq!(summary(0), format!("sales: 30 records in 2.0 s, 15 records/s\n{lines}"));
        assert_eq!(
            summary(20),
            format!(
                "sales: 10 records in 2.0 s, 5 records/s\n  resumed       after 20 records of an earlier run; the numbers below \
                 include them\n{lines}"
            )
        );
    }
}
