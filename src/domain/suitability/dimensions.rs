//! The six dimensions in which a gesture is judged, a function for each, which answers its first objection, if there is one.

use jiff::civil::Date;

use super::objection::{Limit, Objection};
use crate::domain::{
    gate::{Against, Cleared, Gate, Ground, How, Serves, Stop},
    insight::{near, relationship},
    kernel::{
        id::{PartId, RoleId},
        money::Money,
        time::{DAY_SECONDS, Timestamp, days_between},
    },
    moment::Moment,
    parts::{
        follow_up::{self, FollowUp, FollowUpDraft, FollowUpKind},
        ledger::{ExpectationLevel, Gesture, GestureOutcome, GestureState, LedgerEntry},
        level::RelationshipLevel,
        occasion::OccasionDraft,
    },
    policy::{
        Venue,
        catalogue::{Authority, GUEST_DAYS, GestureType, Role, Rules},
    },
    profile::Profile,
};

/// A type of gesture that is being judged, with what the customer had of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::domain) struct Considered<'a> {
    pub kind: &'a GestureType,
    /// The customer's ledger entry of the type; `None`: never given.
    pub entry: Option<&'a LedgerEntry>,
    pub expectation: ExpectationLevel,
    /// The proposal that is to be approved: it does not count as a gesture under way.
    pub proposal: Option<PartId>,
    /// When it would be delivered.
    pub deliver_time: Timestamp,
}

impl<'a> Considered<'a> {
    /// As if it were given and delivered at the time that the question is about.
    pub fn of(moment: &Moment<'a>, kind: &'a GestureType) -> Self {
        let entry = moment.profile.ledger_entry(&kind.id);
        let (drift, now) = (&moment.question.policy.rules.drift, moment.question.now);
        let recent = entry.map_or(0, |entry| entry.recent(drift, now));
        let expectation = ExpectationLevel::after(recent, kind.is_on_trial(), drift);
        Self { kind, entry, expectation, proposal: None, deliver_time: moment.question.at }
    }
}

/// The customer: whether a manager is to be fetched, then precautions, their age, dislikes, whether they were asked (if it may be
/// eaten or drunk), days not to celebrate, and how close they are.
/// `deliver_time`: on the day on which it would reach them they must be old enough, and it must not be a day not to celebrate; and
/// the recipes of then count.
pub(in crate::domain) fn customer<'a>(
    moment: &Moment<'a>,
    kind: &'a GestureType,
    deliver_time: Timestamp,
) -> Result<Cleared<&'a GestureType>, Objection<'a>> {
    if moment.profile.needs_manager(moment.question.now) {
        return Err(Objection::FetchManager);
    }
    let young = moment.too_young_for(deliver_time);
    let admit = |gate: &Gate<'a>| gate.admit_gesture(kind, young.as_ref());
    let cleared = moment.with_gate_at(deliver_time, admit).map_err(objection)?;
    if is_quiet(moment, kind, deliver_time) {
        return Err(Objection::DoNotCelebrate);
    }
    level(moment, kind).map_or(Ok(cleared), Err)
}

/// The words that go with a gesture, its note and its place: they must not name what a precaution, or their age on the day of delivery, speaks
/// against, as those of a promise.
pub(in crate::domain) fn words<'a>(
    moment: &Moment<'a>,
    words: &'a str,
    deliver_time: Timestamp,
) -> Option<Objection<'a>> {
    let young = moment.too_young_for(deliver_time);
    let admit = |gate: &Gate<'a>| gate.admit_promise(words, None, Serves::Perhaps, young.as_ref());
    let stop = moment.with_gate_at(deliver_time, admit).err()?;
    Some(match stop {
        Stop::Precaution(against) | Stop::NotServed(Some(against)) | Stop::DeniedTwice(Some(against)) => {
            objection(Ground::Precaution(against))
        }
        Stop::TooYoung | Stop::NotServed(None) | Stop::DeniedTwice(None) => Objection::TooYoung,
        Stop::FetchManager => Objection::FetchManager,
        Stop::DoNotCelebrate => Objection::DoNotCelebrate,
        Stop::NothingToCelebrate => Objection::NothingToCelebrate,
    })
}

fn objection(ground: Ground<'_>) -> Objection<'_> {
    match ground {
        Ground::Precaution(Against { how: How::Contains(content), is_quiet: true, .. }) => {
            Objection::ContainsQuietly(content)
        }
        Ground::Precaution(Against { precaution, how: How::Contains(content), .. }) => {
            Objection::Contains(precaution, content)
        }
        Ground::Precaution(Against { precaution, how: How::UnknownContents, .. }) => {
            Objection::UnknownContents(precaution)
        }
        Ground::Precaution(Against { precaution, how: How::NotUnderstood, .. }) => Objection::NotUnderstood(precaution),
        Ground::TooYoung => Objection::TooYoung,
        Ground::Disliked(known) => Objection::Disliked(known),
        Ground::NotAsked => Objection::NotAsked,
    }
}

/// Whether something promised may be delivered: it may have been promised before a precaution was recorded, before the
/// recipe changed, before the customer was barred, or before somebody died whom it celebrates.
pub(in crate::domain) fn still_right<'a>(
    moment: &Moment<'a>,
    known: &'a FollowUp,
) -> Result<Cleared<&'a str>, Stop<'a>> {
    let promised = &known.promised;
    let gesture = promised.gesture.and_then(|id| moment.profile.gesture(id));
    // Of one whose type has left the catalogue the words alone are known.
    let kind = gesture.and_then(|gesture| moment.question.policy.rules.gesture_type(&gesture.given.gesture_type));
    let serves = match promised.kind {
        FollowUpKind::Delivery => Serves::Surely,
        FollowUpKind::Promise => Serves::Perhaps,
        // A word with the customer.
        FollowUpKind::AfterIssue => Serves::Nothing,
    };
    let due = promised.due_time.max(moment.question.now);
    let young = moment.too_young_for(due);
    let admit = |gate: &Gate<'a>| {
        let cleared = gate.admit_promise(&promised.text, kind, serves, young.as_ref())?;
        let place = place_of(moment, promised);
        if place.is_empty() || serves == Serves::Nothing {
            return Ok(cleared);
        }
        // What the text is quoted for is not what the place says.
        let admitted = gate.admit_promise(place, None, Serves::Perhaps, young.as_ref());
        let of_place = admitted.map_err(|stop| match stop {
            Stop::NotServed(against) | Stop::DeniedTwice(against) => against.map_or(Stop::TooYoung, Stop::Precaution),
            stop => stop,
        })?;
        Ok(cleared.at_least(of_place.clearance()))
    };
    let cleared = moment.with_gate_at(due, admit)?;
    // A word with the customer may be about them.
    if promised.kind != FollowUpKind::AfterIssue && moment.profile.names_dead(&promised.text) {
        return Err(Stop::DoNotCelebrate);
    }
    if promised.kind != FollowUpKind::Delivery {
        return Ok(cleared);
    }
    if moment.profile.needs_manager(moment.question.now) {
        return Err(Stop::FetchManager);
    }
    kind.filter(|kind| kind.celebrates).and_then(|_| celebration(moment, known)).map_or(Ok(cleared), Err)
}

/// What the place of something promised says of what is brought there; empty: it is plainly a room.
pub(in crate::domain) fn place_of<'t>(moment: &Moment<'_>, promised: &'t FollowUpDraft) -> &'t str {
    follow_up::told_place(&promised.place, |name| moment.question.menu.find(name).is_some())
}

/// The code of what they are too young for in something promised; empty: no substance.
pub(in crate::domain) fn too_young_for(moment: &Moment<'_>, known: &FollowUp) -> &'static str {
    let promised = &known.promised;
    let gesture = promised.gesture.and_then(|id| moment.profile.gesture(id));
    let kind = gesture.and_then(|gesture| moment.question.policy.rules.gesture_type(&gesture.given.gesture_type));
    let young = moment.too_young_for(promised.due_time.max(moment.question.now));
    let texts = [promised.text.as_str(), place_of(moment, promised)];
    young.map_or("", |young| young.told_in(&texts, kind, moment.question.menu))
}

/// What speaks against the delivery of a celebration: the day on which it is due is to be kept quiet, or nothing is left that
/// was near when it was promised, or is near on that day.
fn celebration(moment: &Moment<'_>, known: &FollowUp) -> Option<Stop<'static>> {
    let (profile, venue) = (moment.profile, moment.question.venue);
    let (promised, due) = (venue.local(known.promise_time).date, venue.local(known.promised.due_time).date);
    if hurtful(profile).any(|occasion| occasion.next_quiet(due) == Some(due)) {
        return Some(Stop::DoNotCelebrate);
    }
    if [promised, due].into_iter().any(|day| !near::near(profile, day).is_empty()) {
        return None;
    }
    let is_soon = |from: Date, day: Date| (0..=near::DAYS_AHEAD).contains(&days_between(from, day));
    let is_hurt = hurtful(profile).any(|occasion| {
        [promised, due].into_iter().any(|from| occasion.next_quiet(from).is_some_and(|day| is_soon(from, day)))
    });
    Some(if is_hurt { Stop::DoNotCelebrate } else { Stop::NothingToCelebrate })
}

/// Days on which no celebration may reach the customer.
fn hurtful(profile: &Profile) -> impl Iterator<Item = &OccasionDraft> {
    let all = profile.occasions.iter().map(|known| &known.reported);
    all.filter(|known| known.do_not_celebrate || near::is_of_the_dead(profile, known))
}

/// Whether the type celebrates, and the customer keeps the day of its delivery as a day not to celebrate, or has such a day
/// soon and no other occasion.
fn is_quiet(moment: &Moment<'_>, kind: &GestureType, deliver_time: Timestamp) -> bool {
    if !kind.celebrates {
        return false;
    }
    let day = moment.question.venue.local(deliver_time).date;
    let is_near = |known: &OccasionDraft| known.next_quiet(moment.local.date).is_some_and(|date| moment.is_near(date));
    hurtful(moment.profile)
        .any(|known| known.next_quiet(day) == Some(day) || (moment.near.is_empty() && is_near(known)))
}

fn level<'a>(moment: &Moment<'a>, kind: &GestureType) -> Option<Objection<'a>> {
    let needed = match kind.level_min {
        0 | 1 => return None,
        2 => RelationshipLevel::Engagement,
        _ => RelationshipLevel::Intimacy,
    };
    // An open issue caps the level; a gesture that compensates for the issue must not fail because of that cap.
    let level = if kind.recovery {
        relationship::assess(moment.profile, &moment.question.policy.rules, moment.question.now).earned
    } else {
        moment.level()
    };
    (level < needed).then_some(Objection::LevelTooLow { needed: kind.level_min })
}

/// The service concept: what the business offers, and what it means to this customer. A recovery gesture need not surprise.
pub(in crate::domain) fn concept<'a>(moment: &Moment<'a>, asked: &Considered<'a>) -> Option<Objection<'a>> {
    let Considered { kind, expectation, .. } = *asked;
    if kind.is_on_trial() && !kind.trial_venues.contains(&moment.question.venue.id) {
        Some(Objection::TrialElsewhere)
    } else if expectation == ExpectationLevel::Generic && !kind.recovery {
        Some(Objection::Generic)
    } else if kind.celebrates && moment.near.is_empty() {
        Some(Objection::NothingToCelebrate)
    } else {
        None
    }
}

/// The process: no open issue, the cool-down is over, and no gesture of the type is proposed or waiting for delivery.
pub(in crate::domain) fn process<'a>(moment: &Moment<'a>, asked: &Considered<'a>) -> Option<Objection<'a>> {
    let Considered { kind, entry, proposal, .. } = *asked;
    if !kind.recovery && moment.is_unresolved {
        return moment.profile.open_issues().first().map(|issue| Objection::OpenIssue(issue));
    }
    if moment.profile.gestures.iter().any(|known| is_under_way(known, kind) && Some(known.id) != proposal) {
        return Some(Objection::UnderWay);
    }
    let until = cool_down_end(entry?, kind)?;
    (until > moment.question.now).then_some(Objection::CoolDown { until })
}

fn is_under_way(known: &Gesture, kind: &GestureType) -> bool {
    matches!(known.state, GestureState::Proposed | GestureState::Given)
        && known.outcome != Some(GestureOutcome::Declined)
        && known.given.gesture_type == kind.id
}

/// When the cool-down of a type ends; `None`: it was never given.
pub(in crate::domain) fn cool_down_end(entry: &LedgerEntry, kind: &GestureType) -> Option<Timestamp> {
    entry.times.last()?.checked_add(jiff::SignedDuration::from_secs(i64::from(kind.cool_down_seconds))).ok()
}

/// The tools: what the venue can do, and when.
pub(in crate::domain) fn tools<'a>(moment: &Moment<'a>, asked: &Considered<'a>) -> Option<Objection<'a>> {
    let venue = moment.question.venue;
    venue_cannot(venue, asked.kind).or_else(|| (!venue.is_open_at(asked.deliver_time)).then_some(Objection::Closed))
}

/// A capability that the type needs and the venue lacks.
pub(in crate::domain) fn venue_cannot<'a>(venue: &Venue, kind: &'a GestureType) -> Option<Objection<'a>> {
    kind.needs.iter().find(|need| !venue.capabilities.contains(need)).map(|need| Objection::VenueCannot(need))
}

/// The business plan: there is a price, and this month's budget has enough left. `left`: `None` when giving, where the
/// budget itself refuses a hold that is too large.
pub(in crate::domain) fn business_plan<'a>(cost: Option<Money>, left: Option<i64>) -> Option<Objection<'a>> {
    let Some(cost) = cost else {
        return Some(Objection::NoPrice);
    };
    let left = left.filter(|left| cost.minor_units > 0 && cost.minor_units > *left)?;
    Some(Objection::BudgetSpent { left: Money { minor_units: left, ..cost } })
}

/// What the authority of a role depends on: the gesture, its cost, the customer and the issue.
#[derive(Debug, Clone, Copy)]
pub struct Expense<'a> {
    pub profile: &'a Profile,
    pub kind: &'a GestureType,
    pub cost: Money,
    pub issue: Option<PartId>,
    pub now: Timestamp,
}

/// What a role may not do at all, whoever the customer is: asked before anything of the customer, so that the answer is the same
/// about everybody.
pub fn barred(kind: &GestureType, role: Option<&Role>) -> Option<Objection<'static>> {
    match role {
        None => Some(Objection::RoleUnknown),
        Some(role) => (!role.may_give(&kind.id)).then_some(Objection::TypeNotAllowed),
    }
}

/// The team: the authority of a role. Where the policy states no limit, it is zero. `day_left`: what is left of the giver's
/// authority today; `None` when giving, where the day's budget itself refuses a hold that is too large.
pub fn team<'a>(expense: &Expense<'_>, role: Option<&Role>, day_left: Option<i64>) -> Option<Objection<'a>> {
    let Expense { profile, kind, cost, issue, now } = *expense;
    if let Some(barred) = barred(kind, role) {
        return Some(barred);
    }
    let role = role?;
    if cost.minor_units == 0 {
        return None;
    }
    let authority = role.authority(cost.currency);
    let limit = |of: fn(&Authority) -> i64| authority.map_or(0, of);
    let since = now.as_second() - GUEST_DAYS * DAY_SECONDS;
    let to_guest = spent(profile, cost, |known| known.give_time.as_second() > since);
    let for_issue = spent(profile, cost, |known| known.given.issue == issue);
    let limits = [
        (Limit::PerGesture, Some(limit(|authority| authority.per_gesture))),
        (Limit::PerGuest, Some(limit(|authority| authority.per_guest).saturating_sub(to_guest))),
        (Limit::PerIncident, issue.map(|_| limit(|authority| authority.per_incident).saturating_sub(for_issue))),
        (Limit::PerDay, day_left),
    ];
    let exceeded = limits.into_iter().find(|(_, left)| left.is_some_and(|left| cost.minor_units > left));
    exceeded.map(|(limit, left)| {
        let left = Money { minor_units: left.unwrap_or(0).max(0), ..cost };
        Objection::OverLimit { limit, left }
    })
}

/// What was spent on a customer in the currency of `cost`, by all givers.
fn spent(profile: &Profile, cost: Money, counts: impl Fn(&Gesture) -> bool) -> i64 {
    let spent = profile.gestures.iter().filter(|known| known.is_spent() && known.given.cost.currency == cost.currency);
    spent.filter(|known| counts(known)).fold(0, |sum: i64, known| sum.saturating_add(known.given.cost.minor_units))
}

/// The roles that may approve a gesture, in the order of the policy.
pub fn approving(expense: &Expense<'_>, rules: &Rules) -> Vec<RoleId> {
    let day = |role: &Role| role.authority(expense.cost.currency).map_or(0, |authority| authority.per_day);
    let may = rules.roles.iter().filter(|role| team(expense, Some(role), Some(day(role))).is_none());
    may.map(|role| role.id.clone()).collect()
}

/// The roles that may approve a type for somebody who was given nothing yet: told to those who may not give it, and so the
/// same about every customer.
pub fn approving_for_anybody(kind: &GestureType, cost: Option<Money>, rules: &Rules, now: Timestamp) -> Vec<RoleId> {
    let nobody = Profile::new(now);
    let expense = cost.map(|cost| Expense { profile: &nobody, kind, cost, issue: None, now });
    expense.map_or_else(Vec::new, |expense| approving(&expense, rules))
}
