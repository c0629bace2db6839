//! Occasions to celebrate: of the next days, and of a day that is listed.

use jiff::civil::Date;

use super::edible;
use crate::domain::{
    kernel::time::days_between,
    parts::occasion::{Celebration, Occasion, OccasionDraft, OccasionKind},
    profile::Profile,
    words::pregnancy,
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

/// Occasions to celebrate within [`DAYS_AHEAD`], the nearest first.
pub(in crate::domain) fn near(profile: &Profile, today: Date) -> Vec<Near<'_>> {
    celebrations(profile, today, DAYS_AHEAD)
}

/// Occasions to celebrate on a day or within so many days after it, the nearest first. A day that somebody asked to keep quiet
/// is not celebrated because it was also recorded without that wish.
pub fn celebrations(profile: &Profile, from: Date, days_max: i64) -> Vec<Near<'_>> {
    let mut near: Vec<Near<'_>> = profile
        .occasions
        .iter()
        .filter_map(|occasion| {
            let next = occasion.reported.next_celebration(from)?;
            let days = days_between(from, next.date);
            let is_near = days <= days_max && !is_kept_quiet(profile, &occasion.reported, next.date);
            is_near.then_some(Near { occasion, next, days })
        })
        .collect();
    near.sort_by_key(|near| (near.days, near.occasion.id));
    near
}

/// Occasions that may be celebrated: what is indexed. Whether they are on a day, [`celebrations`] says. Only what is recorded decides
/// here, and no reading of words (whose a day is, who has died): an index is not made anew when a release reads them better.
pub fn celebrated(profile: &Profile) -> impl Iterator<Item = &Occasion> {
    profile.occasions.iter().filter(|known| !known.reported.do_not_celebrate)
}

/// Whether an occasion is to be told to those who may not know why it is not celebrated.
pub fn may_be_celebrated(profile: &Profile, occasion: &OccasionDraft, today: Date) -> bool {
    let on = occasion.next_celebration(today).map_or(today, |next| next.date);
    !occasion.do_not_celebrate && !is_kept_quiet(profile, occasion, on)
}

/// Whether an occasion must not be celebrated on a day: by itself, because the same day of the same person is to be kept quiet, or
/// because somebody has died. Nobody mentions one of whom words of a pregnancy tell.
fn is_kept_quiet(profile: &Profile, occasion: &OccasionDraft, on: Date) -> bool {
    let unwanted = || profile.occasions.iter().any(|known| known.reported.silences(occasion, on));
    occasion.do_not_celebrate || occasion.is_of_pregnancy() || is_of_the_dead(profile, occasion) || unwanted()
}

/// The words for a day, for those who may not see precautions: none that name something eaten or drunk, or tell of a pregnancy. They are left
/// out for every customer, so that nothing shows in it.
pub fn label_for_others(label: &str) -> &str {
    if edible::is_named(label) || pregnancy::is_told_of_day(label) { "" } else { label }
}

/// Whether nobody is left to celebrate it. An anniversary may be of somebody who has died, whosever it is called.
pub(in crate::domain) fn is_of_the_dead(profile: &Profile, occasion: &OccasionDraft) -> bool {
    let is_shared = occasion.kind == OccasionKind::Anniversary && profile.dead().next().is_some();
    profile.is_deceased() || profile.has_died(&occasion.of_whom) || is_shared
}
