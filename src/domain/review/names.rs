//! Names of the tallies, and of levels within their keys. They are stored, and not sent: callers get figures.

use crate::domain::{kernel::time::Month, parts::level::RelationshipLevel};

/// The tally of customers per level; it belongs to no month.
pub const LEVELS: &str = "levels";

/// The tallies of a month.
impl Month {
    /// The name of the tally of counts by venue.
    pub fn counts_tally(self) -> String {
        format!("review/{self}")
    }

    /// The name of the tally of causes with their items. It is apart from the counts, since a tally is bounded and there are
    /// many causes.
    pub fn causes_tally(self) -> String {
        format!("causes/{self}")
    }

    /// The name of the tally of gestures.
    pub fn gestures_tally(self) -> String {
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
