//! What holds for every profile at every moment.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    catalogue::{GestureType, OpeningHours, Rules},
    follow_up::FollowUpDraft,
    gesture::{GestureDraft, GestureOutcome},
    id::PartId,
    issue::{IssueDraft, IssueSeverity},
    testing::{gesture_type, gift, issue, promise},
};

/// Six types of every kind, given and proposed at all times; and a venue that opens and closes, some days past midnight.
fn catalogue() -> Vec<GestureType> {
    let kind = |id: &str, change: &dyn Fn(&mut GestureType)| {
        let mut kind = gesture_type(id);
        change(&mut kind);
        kind
    };
    vec![
        kind("a", &|kind| kind.appeals_to = vec!["drink".to_owned()]),
        kind("b", &|kind| kind.cool_down_seconds = 100_000),
        kind("c", &|kind| kind.celebrates = true),
        kind("d", &|kind| kind.recovery = true),
        kind("e", &|kind| kind.level_min = 2),
        kind("f", &|kind| kind.trial_venues = vec![VenueId::parse("", "here").unwrap()]),
    ]
}

fn asking(hours: bool) -> Ask {
    let mut ask = Ask::new();
    let rules = Rules { catalogue: catalogue(), ..Rules::default() };
    ask.policy = ask.policy.with_rules(rules).unwrap();
    if hours {
        let open = |day| OpeningHours { iso_weekday: day, open_minutes: 9 * 60 + 30, close_minutes: 90 };
        ask.policy.venues[0].opening_hours = (1..=7).map(open).collect();
    }
    ask
}

fn any_change() -> impl Strategy<Value = Change> {
    let kinds = prop::sample::select(vec![
        PrecautionKind::Allergy,
        PrecautionKind::Diet,
        PrecautionKind::Topic,
        PrecautionKind::Accessibility,
    ]);
    let stance = prop::sample::select(vec![Stance::Favourite, Stance::Likes, Stance::Dislikes, Stance::Avoid]);
    let source = prop::sample::select(vec![EvidenceSource::Stated, EvidenceSource::Observed, EvidenceSource::Refused]);
    let situation = prop::sample::select(vec!["", "breakfast", "dinner", "pool"]);
    let venue = prop::sample::select(vec!["here", "sister", "other"]);
    let hours = 0i64..300 * 24;
    prop_oneof![
        (kinds, "[A-Z]{1,60}")
            .prop_map(|(kind, code)| { Change::PrecautionAdded(precaution(kind, &code, Criticality::Unknown)) }),
        ("[a-f]", stance, source, situation, venue, hours.clone()).prop_map(
            |(item, stance, source, situation, venue, hour)| {
                let mut one = evidence(&item, stance, source, Some(venue), "2017-01-01T00:00:00Z");
                one.subject.situation = situation.to_owned();
                one.observe_time += jiff::SignedDuration::from_hours(hour);
                Change::EvidenceRecorded(one)
            }
        ),
        (1i32..=12, 1i32..=28, any::<bool>()).prop_map(|(month, day, quiet)| {
            let mut draft = occasion(OccasionKind::Birthday, Some(1980), month, day);
            draft.do_not_celebrate = quiet;
            Change::OccasionAdded(draft)
        }),
        (0usize..3, "[A-Z]{1,40}", "\\PC{0,80}").prop_map(|(severity, cause, item)| {
            let severity = [IssueSeverity::Minor, IssueSeverity::Major, IssueSeverity::Critical][severity];
            Change::IssueOpened(IssueDraft { severity, ..issue(&cause, &item) })
        }),
        (1u32..12).prop_map(|id| Change::IssueResolved { id: PartId(id), resolution: "done".to_owned() }),
        (hours.clone(), "\\PC{1,280}").prop_map(|(hour, text)| {
            let due_time = time("2017-05-20T00:30:00Z") + jiff::SignedDuration::from_hours(hour);
            Change::FollowUpPromised(FollowUpDraft { due_time, ..promise(&text) })
        }),
        (1u32..12, any::<bool>()).prop_map(|(id, kept)| Change::FollowUpCompleted { id: PartId(id), kept, rating: 0 }),
        ("\\PC{0,60}").prop_map(|name| named(&name)),
        ("[a-f]", any::<bool>())
            .prop_map(|(id, proposed)| Change::GestureGiven(GestureDraft { proposed, ..gift(&id) })),
        (1u32..12).prop_map(|id| Change::GestureOutcomeRecorded { id: PartId(id), outcome: GestureOutcome::Neutral }),
        (1u32..12).prop_map(|id| Change::GestureCancelled { id: PartId(id), reason: "a slip".to_owned() }),
        (hours, "[a-f]").prop_map(|(hour, item)| {
            let at = time("2017-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(hour);
            Change::InteractionRecorded(purchase_at(&item, at, &[(&item, "x")]))
        }),
    ]
}

fn any_profile() -> impl Strategy<Value = Profile> {
    // Each change by itself in time, so that gestures are given all over the year.
    prop::collection::vec((any_change(), 0i64..300), 0..40).prop_map(|changes| {
        let mut profile = profile();
        for (change, day) in changes {
            let mut at = stamp("2017-03-01T12:00:00Z", "mara@till-4");
            at.at += jiff::SignedDuration::from_hours(day * 23);
            // Duplicates are refused, and leave no trace.
            let _ = apply(&mut profile, &change, &at);
        }
        profile
    })
}

/// Where clocks are set back, a venue that has closed is open again.
#[test]
fn the_hour_that_comes_twice_ends_an_answer() {
    let profile = with([super::asked()]);
    let ask = |at: &str| Ask { now: time(at), at: time(at), ..asking(true) }.brief(&profile);
    // 01:45 in New York, 15 minutes after the doors closed; at 06:00 UTC it is 01:00 again.
    let closed = ask("2017-11-05T05:45:00Z");
    assert_eq!(closed.valid_until, Some(time("2017-11-05T06:00:00Z")));
    assert!(!codes_of(&closed.delight).contains(&codes::GESTURE_SUGGESTION));
    let open = ask("2017-11-05T06:00:00Z");
    assert!(codes_of(&open.delight).contains(&codes::GESTURE_SUGGESTION));
    // 01:30 comes a second time, and the doors close again.
    assert_eq!(open.valid_until, Some(time("2017-11-05T06:30:00Z")));
    assert!(!codes_of(&ask("2017-11-05T06:30:00Z").delight).contains(&codes::GESTURE_SUGGESTION));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn an_answer_does_not_change_before_it_expires(
        profile in any_profile(), second in 0i64..86_400 * 400, share in 0.0f64..1.0, doors in any::<bool>()
    ) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let first = Ask { now, at: now, ..asking(doors) }.brief(&profile);
        let until = first.valid_until.unwrap();
        prop_assert!(until > now);
        let wait = (until.as_second() - now.as_second() - 1).max(0) as f64 * share;
        let later = now + jiff::SignedDuration::from_secs(wait as i64);
        let mut second = Ask { now: later, at: later, ..asking(doors) }.brief(&profile);
        second.as_of = first.as_of;
        prop_assert_eq!(first, second);
    }

    #[test]
    fn an_answer_about_another_moment_does_not_change_either(
        profile in any_profile(), second in 0i64..86_400 * 400, share in 0.0f64..1.0
    ) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let at = time(NOW);
        let first = Ask { now, at, ..asking(true) }.brief(&profile);
        let wait = (first.valid_until.unwrap().as_second() - now.as_second() - 1).max(0) as f64 * share;
        let later = now + jiff::SignedDuration::from_secs(wait as i64);
        let second = Ask { now: later, at, ..asking(true) }.brief(&profile);
        prop_assert_eq!(Briefing { valid_until: None, ..first }, Briefing { valid_until: None, ..second });
    }

    #[test]
    fn every_briefing_keeps_its_promises(profile in any_profile(), second in 0i64..86_400 * 400, purpose in 0u8..3) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let purpose = [Purpose::Service, Purpose::Marketing, Purpose::Analytics][usize::from(purpose)];
        let briefing = Ask { now, at: now, ..asking(false) }.for_purpose(purpose).brief(&profile);
        prop_assert!(briefing.headline.len() <= headline::HEADLINE_MAX);
        for statement in &briefing.headline {
            prop_assert!(statement.text.chars().count() <= HEADLINE_CHARS_MAX);
        }
        let sections =
            [&briefing.headline, &briefing.respect, &briefing.acknowledge, &briefing.communicate, &briefing.anticipate, &briefing.delight];
        for statement in sections.into_iter().flatten() {
            prop_assert!(codes::ALL.contains(&statement.code));
            prop_assert!(!statement.text.is_empty() && !statement.reason.is_empty());
        }
        if purpose == Purpose::Service {
            let active = profile.precautions.iter().filter(|known| known.is_active(time(NOW))).count();
            let listed = briefing.respect.iter().filter(|statement| {
                statement.parameters.iter().any(|(name, _)| *name == "precaution_id")
            });
            prop_assert_eq!(listed.count(), active);
            prop_assert!(briefing.withheld.is_empty());
        } else {
            prop_assert!(!briefing.withheld.is_empty());
            prop_assert!(briefing.respect.is_empty());
        }
    }
}
