//! The figures, as a table and as JSON.

use std::fmt;

use serde_json::json;

use super::{
    ReplayOptions, TargetPurchase,
    history::Histories,
    replay::{Measured, Score},
};

pub struct Report<'a> {
    pub histories: &'a Histories,
    pub options: ReplayOptions,
    pub measured: Measured,
}

impl Report<'_> {
    fn target(&self) -> &'static str {
        match self.options.target {
            TargetPurchase::Last => "last",
            TargetPurchase::SecondLast => "second-last",
        }
    }

    pub fn json(&self) -> String {
        let Measured { customers, rankings, rest_unaided, rest } = &self.measured;
        let means = |score: &Score| {
            let [recall, ndcg, hit_rate] = score.means();
            json!({ "customers": score.customers, "recall": recall, "ndcg": ndcg, "hit_rate": hit_rate })
        };
        let rankings: serde_json::Map<String, serde_json::Value> =
            rankings.iter().map(|(name, score)| ((*name).to_owned(), means(score))).collect();
        let report = json!({
            "purchases": self.histories.purchases.len(),
            "customers": self.histories.customers,
            "customers_measured": customers,
            "rows_left_out": self.histories.left_out,
            "target": self.target(),
            "k": self.options.k,
            "rankings": rankings,
            "rest_of_basket": {
                "items_known": self.options.basket,
                "without_knowing_them": means(rest_unaided),
                "knowing_them": means(rest),
            },
        });
        format!("{report:#}\n")
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Measured { customers, rankings, rest_unaided, rest } = &self.measured;
        let k = self.options.k;
        writeln!(
            out,
            "{} purchases of {} customers; the {} purchase of {customers} of them anticipated",
            self.histories.purchases.len(),
            self.histories.customers,
            self.target(),
        )?;
        if self.histories.left_out > 0 {
            let reason = self.histories.reason.unwrap_or_default();
            writeln!(out, "{} rows left out, the last because {reason}", self.histories.left_out)?;
        }
        writeln!(out, "{:<26}{:>11}{:>9}{:>10}", "", format!("recall@{k}"), format!("nDCG@{k}"), "hit rate")?;
        rankings.iter().try_for_each(|(name, score)| row(out, name, score))?;
        if rest.customers > 0 {
            let known = self.options.basket;
            writeln!(out, "Of the rest, {} purchases of more than {known} items:", rest.customers)?;
            row(out, &format!("  not knowing {known} items"), rest_unaided)?;
            row(out, &format!("  knowing {known} items"), rest)?;
        }
        Ok(())
    }
}

fn row(out: &mut fmt::Formatter<'_>, name: &str, score: &Score) -> fmt::Result {
    let [recall, ndcg, hit_rate] = score.means();
    writeln!(out, "{name:<26}{recall:>11.4}{ndcg:>9.4}{hit_rate:>10.4}")
}
