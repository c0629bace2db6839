//! What of a profile is countable.

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

/// What is added to a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub tally: String,
    pub key: String,
    pub n: i64,
}

/// Something countable that a part of the profile says. A part that was reopened is another one: what was counted of it
/// before stays.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CountedEvent {
    part: (PartId, u32),
    tally: String,
    key: String,
}

/// What of a profile is countable.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    parts: Vec<(PartId, u32)>,
    events: Vec<CountedEvent>,
    expectations: Vec<(GestureTypeId, ExpectationLevel)>,
    advocacy: Advocacy,
    level: Option<RelationshipLevel>,
}

impl Facts {
    pub fn of(profile: &Profile, policy: &Policy, now: Timestamp) -> Self {
        let issues = profile.issues.iter().map(|issue| (issue.id, issue.reopen_count));
        let follow_ups = profile.follow_ups.iter().map(|known| (known.id, 0));
        let gestures = profile.gestures.iter().map(|known| (known.id, 0));
        let rules = &policy.rules;
        let on_trial = |kind: &GestureTypeId| rules.gesture_type(kind).is_some_and(GestureType::is_on_trial);
        let expectation = |kind: &GestureTypeId| profile.expectation(kind, on_trial(kind), &rules.drift, now);
        let ledger = profile.ledger.iter();
        let mut facts = Self {
            parts: issues.chain(follow_ups).chain(gestures).collect(),
            events: Vec::new(),
            expectations: ledger.map(|entry| (entry.gesture_type.clone(), expectation(&entry.gesture_type))).collect(),
            advocacy: profile.advocacy,
            level: profile.counted_at,
        };
        profile.issues.iter().for_each(|issue| facts.issue(issue, policy));
        profile.follow_ups.iter().for_each(|known| facts.follow_up(known, policy));
        profile.gestures.iter().for_each(|known| facts.gesture(known, policy));
        facts
    }

    fn event(&mut self, part: (PartId, u32), tally: String, key: String) {
        self.events.push(CountedEvent { part, tally, key });
    }

    fn issue(&mut self, issue: &Issue, policy: &Policy) {
        let (part, reported) = ((issue.id, issue.reopen_count), &issue.reported);
        let venue = &reported.venue;
        let month = |time| Month::at(time, policy.venue(venue));
        let opened = month(issue.open_time);
        let what = if issue.reopen_count == 0 { "opened" } else { "reopened" };
        self.event(part, opened.counts(), format!("issue|{venue}|{what}"));
        if issue.reopen_count == 0 {
            let item = if reported.item.len() > ITEM_BYTES_MAX { "" } else { &reported.item };
            self.event(part, opened.counts(), format!("cause|{venue}|{}", reported.cause));
            if !item.is_empty() {
                self.event(part, opened.causes(), format!("{venue}|{}|{item}", reported.cause));
            }
        }
        let Some(resolved) = issue.resolve_time else { return };
        let counts = month(resolved).counts();
        self.event(part, counts.clone(), format!("issue|{venue}|resolved"));
        if let Some(within) = policy.rules.standards.resolve_within {
            let is_met = seconds(issue.open_time, resolved) <= i64::from(within);
            self.event(part, counts, standard(venue, "resolve", is_met));
        }
    }

    fn follow_up(&mut self, known: &FollowUp, policy: &Policy) {
        let Some(end) = &known.completion else { return };
        let (part, venue) = ((known.id, 0), &known.promised.venue);
        let counts = Month::at(end.time, policy.venue(venue)).counts();
        let how = match end.kept {
            true if end.time <= known.promised.due_time => "kept",
            true => "kept_late",
            false => "missed",
        };
        self.event(part, counts.clone(), format!("promise|{venue}|{how}"));
        if known.promised.kind == FollowUpKind::AfterIssue {
            let within = policy.rules.standards.follow_up_within.unwrap_or(FOLLOW_UP_WITHIN_SECONDS);
            let is_met = end.kept && seconds(known.promise_time, end.time) <= i64::from(within);
            self.event(part, counts, standard(venue, "follow_up", is_met));
        }
    }

    /// One that was taken back, or not approved yet, was not given.
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
        let month = Month::at(known.give_time, policy.venue(&given.venue));
        let key = format!("{}|{}|{}|{outcome}", given.venue, given.gesture_type, given.expectation.name());
        self.event((known.id, 0), month.gestures(), key);
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

/// What the counters gain on the way from one revision to the next. `None` before: the customer is new here, or restored;
/// after: erased. An erasure takes the customer out of the levels; what happened has happened, and stays counted.
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
    // A part that gave way to newer ones has happened all the same.
    let taken_back = |event: &&CountedEvent| is.parts.contains(&event.part) && !is.events.contains(event);
    for event in was.events.iter().filter(taken_back) {
        add(&event.tally, event.key.clone(), -1);
    }
    if before.is_some() {
        let month = Month::of(now).counts();
        drift(was, is, &month, &mut add);
        let more = |now: u64, then: u64| now.cast_signed().saturating_sub(then.cast_signed());
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
        add(&Month::of(now).counts(), format!("moved|{}|{}", level_name(from), level_name(to)), 1);
    }
}

/// What became EXPECTED or GENERIC by being given once more, and what is not so after all, because it was taken back or
/// declined. That time makes it special again is no event, and is not counted.
fn drift(was: &Facts, is: &Facts, month: &str, add: &mut impl FnMut(&str, String, i64)) {
    let is_ordinary = |level| matches!(level, ExpectationLevel::Expected | ExpectationLevel::Generic);
    for (kind, now) in &is.expectations {
        let then = was.expectation(kind).unwrap_or(ExpectationLevel::Augmented);
        if *now < then && is_ordinary(*now) {
            add(month, format!("drift|{kind}|{}", now.name()), 1);
        } else if then < *now && is_ordinary(then) {
            add(month, format!("drift|{kind}|{}", then.name()), -1);
        }
    }
}
