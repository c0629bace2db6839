//! What anticipation answers.

use crate::domain::parts::habits::Tally;

/// An item that is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected<'a> {
    pub item: &'a str,
    pub category: &'a str,
    /// What is known of the customer's own purchases; none: it is known from others alone.
    pub tally: Option<&'a Tally>,
    /// The share of all votes that it has, 0 to 1: a chance as far as the customer's own purchases tell.
    pub share: f64,
    /// How much others buy it here, or with this basket; 0 when too few do.
    pub of_others: f64,
    /// The share of the purchases at this venue, and at no other, that had it, small ones weighing more; 0 when too few bought it
    /// there, and of what the customer bought. What is told of a venue rests on this.
    pub of_venue: f64,
    /// How much oftener than by chance it was bought again just as many purchases after the last as now: above 1 it is due.
    pub rhythm: f64,
    /// Orders the items of one answer; means nothing outside it.
    pub score: f64,
}

impl<'a> Expected<'a> {
    pub(super) fn of(tally: &'a Tally, share: f64) -> Self {
        let (item, category) = (tally.key.as_str(), tally.category.as_str());
        Self { item, category, tally: Some(tally), share, of_others: 0.0, of_venue: 0.0, rhythm: 1.0, score: 0.0 }
    }
}
