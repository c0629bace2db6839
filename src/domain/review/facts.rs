//! What the service review counts of a profile, and of the step from one revision to the next.

use super::names::{LEVELS, level_name};
use crate::domain::{
    kernel::{
        id::{GestureTypeId, PartId, VenueId},
        time::{Month, Timestamp},
    },
    parts::{
        advocacy::Advocacy,
        follow_up::{FollowUp, FollowUpKind},
        issue::Issue,
        ledger::{ExpectationLevel, Gesture, GestureOutcome},
        level::RelationshipLevel,
    },
    policy::{
        Policy,
        catalogue::{FOLLOW_UP_WITHIN_SECONDS, GestureType},
    },
    profile::Profile,
};

/// Longest item in bytes that is counted by name. Longer ones are sentences, and sentences are about people.
const ITEM_BYTES_MAX: usize = 40;

/// An addition to a counter: tally, key within it, and amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub tally: String,
    pub key: String,
    pub n: i64,
}

/// An issue, follow-up or gesture. An issue that was reopened is another opening, so that what was counted of the earlier one
/// stays counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Opening {
    id: PartId,
    reopen_count: u32,
}

impl Opening {
    fn of_issue(issue: &Issue) -> Self {
        Self { id: issue.id, reopen_count: issue.reopen_count }
    }

    /// Of a follow-up or gesture, which cannot be reopened.
    fn only(id: PartId) -> Self {
        Self { id, reopen_count: 0 }
    }
}

/// Something that is counted once, and the opening that it is counted of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CountedEvent {
    opening: Opening,
    tally: String,
    key: String,
}

/// Everything that the service review counts of a profile.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The openings that the profile still has.
    openings: Vec<Opening>,
    events: Vec<CountedEvent>,
    expectations: Vec<(GestureTypeId, ExpectationLevel)>,
    advocacy: Advocacy,
    level: Option<RelationshipLevel>,
}

impl Facts {
    pub fn of(profile: &Profile, policy: &Policy, now: Timestamp) -> Self {
        let issues = profile.issues.iter().map(Opening::of_issue);
        let follow_ups = profile.follow_ups.iter().map(|known| Opening::only(known.id));
        let gestures = profile.gestures.iter().map(|known| Opening::only(known.id));
        let rules = &policy.rules;
        let on_trial = |kind: &GestureTypeId| rules.gesture_type(kind).is_some_and(GestureType::is_on_trial);
        let expectation = |kind: &GestureTypeId| profile.expectation(kind, on_trial(kind), &rules.drift, now);
        let ledger = profile.ledger.iter();
        let mut facts = Self {
            openings: issues.chain(follow_ups).chain(gestures).collect(),
            events: Vec::new(),
            expectations: ledger.map(|entry| (entry.gesture_type.clone(), expectation(&entry.gesture_type))).collect(),
            advocacy: profile.advocacy,
            level: profile.counted_level,
        };
        profile.issues.iter().for_each(|issue| facts.issue(issue, policy));
        profile.follow_ups.iter().for_each(|known| facts.follow_up(known, policy));
        profile.gestures.iter().for_each(|known| facts.gesture(known, policy));
        facts
    }

    fn event(&mut self, opening: Opening, tally: String, key: String) {
        self.events.push(CountedEvent { opening, tally, key });
    }

    fn issue(&mut self, issue: &Issue, policy: &Policy) {
        let (opening, reported) = (Opening::of_issue(issue), &issue.reported);
        let venue = &reported.venue;
        let month = |time| Month::at_venue(time, policy.venue(venue));
        let month_opened = month(issue.open_time);
        let what = if issue.reopen_count == 0 { "opened" } else { "reopened" };
        self.event(opening, month_opened.counts_tally(), format!("issue|{venue}|{what}"));
        if issue.reopen_count == 0 {
            let item = if reported.item.len() > ITEM_BYTES_MAX { "" } else { &reported.item };
            self.event(opening, month_opened.counts_tally(), format!("cause|{venue}|{}", reported.cause));
            if !item.is_empty() {
                self.event(opening, month_opened.causes_tally(), format!("{venue}|{}|{item}", reported.cause));
            }
        }
        let Some(resolved) = issue.resolve_time else { return };
        let counts = month(resolved).counts_tally();
        self.event(opening, counts.clone(), format!("issue|{venue}|resolved"));
        if let Some(within) = policy.rules.standards.resolve_within {
            let is_met = seconds(issue.open_time, resolved) <= i64::from(within);
            self.event(opening, counts, standard(venue, "resolve", is_met));
        }
    }

    /// A completed one, of any kind; the stored key says `promise`.
    fn follow_up(&mut self, known: &FollowUp, policy: &Policy) {
        let Some(end) = &known.completion else { return };
        let (opening, venue) = (Opening::only(known.id), &known.promised.venue);
        let counts = Month::at_venue(end.time, policy.venue(venue)).counts_tally();
        let how = match end.kept {
            true if end.time <= known.promised.due_time => "kept",
            true => "kept_late",
            false => "missed",
        };
        self.event(opening, counts.clone(), format!("promise|{venue}|{how}"));
        if known.promised.kind == FollowUpKind::AfterIssue {
            let within = policy.rules.standards.follow_up_within.unwrap_or(FOLLOW_UP_WITHIN_SECONDS);
            let is_met = end.kept && seconds(known.promise_time, end.time) <= i64::from(within);
            self.event(opening, counts, standard(venue, "follow_up", is_met));
        }
    }

    /// A proposal or a cancelled gesture is not counted.
    fn gesture(&mut self, known: &Gesture, policy: &Policy) {
        if !known.is_spent() {
            return;
        }
        let given = &known.given;
        let outcome = match known.outcome {
            None => "",
            Some(GestureOutcome::Delighted) => "DELIGHTED",
            Some(GestureOutcome::Neutral) => "NEUTRAL",
            Some(GestureOutcome::Declined) => "DECLINED",
        };
        let month = Month::at_venue(known.give_time, policy.venue(&given.venue));
        let key = format!("{}|{}|{}|{outcome}", given.venue, given.gesture_type, given.expectation.name());
        self.event(Opening::only(known.id), month.gestures_tally(), key);
    }

    fn expectation(&self, kind: &GestureTypeId) -> Option<ExpectationLevel> {
        self.expectations.iter().find(|(known, _)| known == kind).map(|(_, level)| *level)
    }
}

fn standard(venue: &VenueId, which: &str, is_met: bool) -> String {
    format!("standard|{venue}|{which}|{}", if is_met { "met" } else { "missed" })
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// What to add to the counters for the step from one revision to the next. `before` is `None` for a customer who is new or
/// restored, `after` for one who was erased. An erasure takes the customer out of the levels; all else stays counted.
pub fn counted(before: Option<&Facts>, after: Option<&Facts>, now: Timestamp) -> Vec<Count> {
    let nothing = Facts::default();
    let (was, is) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let mut counts = Vec::new();
    let mut add = |tally: &str, key: String, n: i64| {
        if n != 0 {
            counts.push(Count { tally: tally.to_owned(), key, n });
        }
    };
    levels(was.level, is.level, now, &mut add);
    if after.is_none() {
        return counts;
    }
    for event in is.events.iter().filter(|event| !was.events.contains(event)) {
        add(&event.tally, event.key.clone(), 1);
    }
    // An opening that left the profile because its list is full stays counted.
    let taken_back = |event: &&CountedEvent| is.openings.contains(&event.opening) && !is.events.contains(event);
    for event in was.events.iter().filter(taken_back) {
        add(&event.tally, event.key.clone(), -1);
    }
    if before.is_some() {
        let month = Month::utc(now).counts_tally();
        drift(was, is, &month, &mut add);
        let more = |new: u64, old: u64| new.cast_signed().saturating_sub(old.cast_signed());
        let (old, new) = (&was.advocacy, &is.advocacy);
        add(&month, "feedback".to_owned(), more(new.feedback.into(), old.feedback.into()));
        add(&month, "score".to_owned(), more(new.score_sum, old.score_sum));
        add(&month, "referrals".to_owned(), more(new.referrals.into(), old.referrals.into()));
    }
    counts
}

fn levels(
    was: Option<RelationshipLevel>,
    is: Option<RelationshipLevel>,
    now: Timestamp,
    add: &mut impl FnMut(&str, String, i64),
) {
    if was == is {
        return;
    }
    if let Some(level) = was {
        add(LEVELS, level_name(level).to_owned(), -1);
    }
    if let Some(level) = is {
        add(LEVELS, level_name(level).to_owned(), 1);
    }
    if let (Some(from), Some(to)) = (was, is) {
        add(&Month::utc(now).counts_tally(), format!("moved|{}|{}", level_name(from), level_name(to)), 1);
    }
}

/// Adds a type that became EXPECTED or GENERIC because it was given once more, and subtracts one whose level rose because a
/// gesture was cancelled or declined. A level that rises because time passed is not counted.
fn drift(was: &Facts, is: &Facts, month: &str, add: &mut impl FnMut(&str, String, i64)) {
    let is_ordinary = |level| matches!(level, ExpectationLevel::Expected | ExpectationLevel::Generic);
    for (kind, new_level) in &is.expectations {
        let old_level = was.expectation(kind).unwrap_or(ExpectationLevel::Augmented);
        if *new_level < old_level && is_ordinary(*new_level) {
            add(month, format!("drift|{kind}|{}", new_level.name()), 1);
        } else if old_level < *new_level && is_ordinary(old_level) {
            add(month, format!("drift|{kind}|{}", old_level.name()), -1);
        }
    }
}
