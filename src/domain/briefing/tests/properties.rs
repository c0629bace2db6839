//! What holds for every profile at every moment.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    follow_up::FollowUpDraft,
    id::PartId,
    issue::{IssueDraft, IssueSeverity},
    testing::{issue, promise},
};

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
        (hours, "[a-f]").prop_map(|(hour, item)| {
            let at = time("2017-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(hour);
            Change::InteractionRecorded(purchase_at(&item, at, &[(&item, "x")]))
        }),
    ]
}

fn any_profile() -> impl Strategy<Value = Profile> {
    prop::collection::vec(any_change(), 0..40).prop_map(|changes| {
        let mut profile = profile();
        for change in changes {
            // Duplicates are refused, and leave no trace.
            let _ = apply(&mut profile, &change, &stamp("2017-12-01T12:00:00Z", "mara@till-4"));
        }
        profile
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn an_answer_does_not_change_before_it_expires(
        profile in any_profile(), second in 0i64..86_400 * 400, share in 0.0f64..1.0
    ) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let first = Ask { now, at: now, ..Ask::new() }.brief(&profile);
        let until = first.valid_until.unwrap();
        prop_assert!(until > now);
        let wait = (until.as_second() - now.as_second() - 1).max(0) as f64 * share;
        let later = now + jiff::SignedDuration::from_secs(wait as i64);
        let mut second = Ask { now: later, at: later, ..Ask::new() }.brief(&profile);
        second.as_of = first.as_of;
        prop_assert_eq!(first, second);
    }

    #[test]
    fn an_answer_about_another_moment_does_not_change_either(
        profile in any_profile(), second in 0i64..86_400 * 400, share in 0.0f64..1.0
    ) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let at = time(NOW);
        let first = Ask { now, at, ..Ask::new() }.brief(&profile);
        let wait = (first.valid_until.unwrap().as_second() - now.as_second() - 1).max(0) as f64 * share;
        let later = now + jiff::SignedDuration::from_secs(wait as i64);
        let second = Ask { now: later, at, ..Ask::new() }.brief(&profile);
        prop_assert_eq!(Briefing { valid_until: None, ..first }, Briefing { valid_until: None, ..second });
    }

    #[test]
    fn every_briefing_keeps_its_promises(profile in any_profile(), second in 0i64..86_400 * 400, purpose in 0u8..3) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let purpose = [Purpose::Service, Purpose::Marketing, Purpose::Analytics][usize::from(purpose)];
        let briefing = Ask { now, at: now, ..Ask::new() }.for_purpose(purpose).brief(&profile);
        prop_assert!(briefing.headline.len() <= HEADLINE_MAX);
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
            let active = profile.precautions.iter().filter(|known| known.is_active()).count();
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
