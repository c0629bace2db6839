//! Occasions of the next days.

use jiff::civil::Date;

use crate::domain::{
    kernel::time::days_between,
    parts::occasion::{Celebration, Occasion, OccasionDraft, OccasionKind},
    profile::Profile,
};

/// Days before an occasion from which on staff should mention it.
pub(in crate::domain) const DAYS_AHEAD: i64 = 7;

/// An occasion that is kept today or soon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near<'a> {
    /// The occasion.
    pub occasion: &'a Occasion,
    /// When it is kept next.
    pub next: Celebration,
    /// Days until then.
    pub days: i64,
}

/// Occasions to celebrate within [`DAYS_AHEAD`], the nearest first. A day that somebody asked to keep quiet is not celebrated
/// because it was also recorded without that wish.
pub(in crate::domain) fn near(profile: &Profile, today: Date) -> Vec<Near<'_>> {
    let celebrated = profile.occasions.iter().filter(|occasion| !is_kept_quiet(profile, &occasion.reported));
    let mut near: Vec<Near<'_>> = celebrated
        .filter_map(|occasion| {
            let next = occasion.reported.next_celebration(today)?;
            let days = days_between(today, next.date);
            (days <= DAYS_AHEAD).then_some(Near { occasion, next, days })
        })
        .collect();
    near.sort_by_key(|near| (near.days, near.occasion.id));
    near
}

/// Whether an occasion must not be celebrated: by itself, because the same day of the same person is to be kept quiet, or
/// because somebody has died.
pub(in crate::domain) fn is_kept_quiet(profile: &Profile, occasion: &OccasionDraft) -> bool {
    is_of_the_dead(profile, occasion) || is_unwanted(profile, occasion)
}

/// Whether nobody is left to celebrate it. An anniversary may be of somebody who has died, whosever it is called.
pub(in crate::domain) fn is_of_the_dead(profile: &Profile, occasion: &OccasionDraft) -> bool {
    let is_shared = occasion.kind == OccasionKind::Anniversary && profile.dead().next().is_some();
    profile.is_deceased() || profile.has_died(&occasion.of_whom) || is_shared
}

fn is_unwanted(profile: &Profile, occasion: &OccasionDraft) -> bool {
    let mut quiet = profile.occasions.iter().map(|known| &known.reported).filter(|known| known.do_not_celebrate);
    quiet.any(|known| known.is_same_day_as(occasion))
}
