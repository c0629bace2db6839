//! Names of the tallies, and of what is counted in them. They are stored keys, and no words: callers get figures.

use crate::domain::{kernel::time::Month, parts::level::RelationshipLevel};

/// The standing tally of customers per level.
pub const LEVELS: &str = "levels";

/// The tallies of a month.
impl Month {
    /// The tally of counts by venue.
    pub fn counts(self) -> String {
        format!("review/{self}")
    }

    /// The tally of causes with their items, apart from the counts: there are many, and they must not crowd those out.
    pub fn causes(self) -> String {
        format!("causes/{self}")
    }

    /// The tally of gestures.
    pub fn gestures(self) -> String {
        format!("gestures/{self}")
    }
}

pub(super) fn level_name(level: RelationshipLevel) -> &'static str {
    match level {
        RelationshipLevel::Basic => "BASIC",
        RelationshipLevel::Engagement => "ENGAGEMENT",
        RelationshipLevel::Intimacy => "INTIMACY",
    }
}
