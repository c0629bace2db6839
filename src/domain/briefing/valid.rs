//! Until when an answer stays the same if nothing is recorded.

use jiff::civil::DateTime;

use crate::domain::{
    kernel::time::{DAY_SECONDS, Timestamp, day_start},
    moment::{Moment, question::Question},
    parts::{consent::Part, ledger::LedgerEntry},
    suitability::dimensions::cool_down_end,
};

const DAY_MINUTES: i16 = 24 * 60;

/// The first time at which the answer would differ; `None` with a basket, whose answers are not worth keeping.
///
/// By the server's clock: the next UTC day, because confidence moves by day, the next expiry of an identity, the next
/// promise that becomes overdue, the next end of a precaution and the next gesture that may be given again. When the question is about now, also the
/// venue's clock: its hours, its business day, and its doors.
/// Only what the purpose may see counts: else the time would tell of what the answer withholds.
pub(super) fn until(moment: &Moment<'_>) -> Option<Timestamp> {
    let Moment { profile, question, civil, .. } = *moment;
    if !question.basket.is_empty() {
        return None;
    }
    let next_day = Timestamp::from_second(day_start(question.now).as_second() + DAY_SECONDS).unwrap_or(Timestamp::MAX);
    let expiries = profile.identities.iter().filter_map(|own| own.expire_time).filter(|time| *time > question.now);
    let dues = profile.follow_ups.iter().filter(|known| known.is_open()).map(|known| known.promised.due_time);
    let kind_of = |entry: &LedgerEntry| question.policy.rules.gesture_type(&entry.gesture_type);
    let again = profile.ledger.iter().filter_map(|entry| cool_down_end(entry, kind_of(entry)?));
    let ends = profile.precautions.iter().filter_map(|known| known.reported.until).map(|until| until.time);
    let ends = ends.chain(profile.barred_until(question.now));
    let ends = ends.filter(|time| *time > question.now);
    let seen = |part: Part| moment.may_see(part);
    let expiries = expiries.filter(|_| seen(Part::Identities));
    let ends = ends.filter(|_| seen(Part::Precautions));
    let dues = dues.filter(|_| seen(Part::Recovery));
    let again = again.filter(|_| seen(Part::Gestures));
    let turning = expiries.chain(ends).chain(dues.chain(again).filter(|time| *time > question.now));
    let mut first = turning.fold(next_day, Timestamp::min);
    if question.at == question.now {
        first = first.min(next_on_clock(question, civil).unwrap_or(first));
    } else {
        // A visit, in which an answer about allergies holds, ends with the business day of now.
        first = first.min(question.venue.day_end(question.now));
    }
    Some(first)
}

/// The next time after `at` at which the venue's clock means something else.
fn next_on_clock(question: &Question<'_>, local: DateTime) -> Option<Timestamp> {
    let venue = question.venue;
    let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
    let next_hour = (minute / 60 + 1) * 60;
    let doors = venue.opening_hours.iter().flat_map(|hours| [hours.open_minutes, hours.close_minutes]);
    let later = [next_hour, venue.day_start_minutes].into_iter().chain(doors).filter(|start| *start > minute).min();
    let next: DateTime = match later {
        Some(start) if start < DAY_MINUTES => local.date().at((start / 60) as i8, (start % 60) as i8, 0, 0),
        _ => local.date().tomorrow().ok()?.at(0, 0, 0, 0),
    };
    // Where clocks are set back, a time of day comes twice: when the first has passed, the second is meant.
    let twice = venue.zone.rules().to_ambiguous_timestamp(next);
    let next = [twice.earlier(), twice.later()].into_iter().flatten().find(|next| *next > question.at);
    // And a door that was closed may be open again.
    let turned = if venue.opening_hours.is_empty() { None } else { venue.zone.rules().following(question.at).next() };
    next.into_iter().chain(turned.map(|turned| turned.timestamp())).min()
}
