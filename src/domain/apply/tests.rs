use proptest::prelude::*;

use super::*;
use crate::domain::{
    CustomerId, Timestamp,
    advocacy::Feedback,
    consent::{ConsentState, Purpose},
    id::{HoldToken, PartId},
    identity::{Identity, IdentityType},
    interaction::{Interaction, InteractionKind},
    limits::{IDENTITIES_MAX, OCCASIONS_MAX, PRECAUTIONS_MAX, PREFERENCES_MAX, TEXT_CHARS_MAX},
    occasion::OccasionKind,
    precaution::{Criticality, PrecautionDraft, PrecautionKind, PrecautionStatus},
    preference::{EvidenceSource, Stance},
    profile::{Details, ProfileIdentity},
    testing::{evidence, occasion, precaution, profile, purchase, purchase_at, stamp, time},
};

const NOW: &str = "2026-03-02T10:00:00Z";

fn by(author: &str) -> Stamp {
    stamp(NOW, author)
}

fn mara() -> Stamp {
    by("mara@till-4")
}

fn own(kind: IdentityType, value: &str, expire: Option<&str>) -> ProfileIdentity {
    let identity = Identity { kind, issuer: String::new(), value: value.to_owned() };
    ProfileIdentity { identity, token: HoldToken([0; 16]), expire_time: expire.map(time) }
}

/// Applies a change that must be refused and leave no trace.
fn refused(profile: &mut Profile, change: &Change, stamp: &Stamp) -> Refusal {
    let before = profile.clone();
    let refusal = apply(profile, change, stamp).unwrap_err();
    assert_eq!(*profile, before);
    refusal
}

fn nuts(criticality: Criticality) -> Change {
    Change::PrecautionAdded(precaution(PrecautionKind::Allergy, "TREE_NUTS", criticality))
}

fn reviewed(id: PartId, status: PrecautionStatus) -> Change {
    Change::PrecautionReviewed { id, status, reason: "asked again".to_owned() }
}

#[test]
fn parts_get_numbers_that_are_never_reused() {
    let mut profile = profile();
    let effect = apply(&mut profile, &nuts(Criticality::High), &mara()).unwrap();
    assert_eq!(effect, Effect { touched: TouchedParts::PRECAUTIONS, created: Some(PartId(1)) });
    let added = Change::OccasionAdded(occasion(OccasionKind::Birthday, None, 5, 17));
    assert_eq!(apply(&mut profile, &added, &mara()).unwrap().created, Some(PartId(2)));
    apply(&mut profile, &Change::OccasionRemoved(PartId(2)), &mara()).unwrap();
    assert_eq!(apply(&mut profile, &added, &mara()).unwrap().created, Some(PartId(3)));
    assert_eq!(profile.change_count, 4);
    assert_eq!(profile.update_time, time(NOW));
    assert_eq!(profile.precautions[0].recorded_by.as_str(), "mara@till-4");
}

#[test]
fn the_same_active_precaution_again_is_an_update() {
    let mut profile = profile();
    let add = |profile: &mut Profile, criticality, who: &str| {
        apply(profile, &nuts(criticality), &by(who)).unwrap().created.unwrap()
    };
    let known = |profile: &Profile| {
        let known = &profile.precautions[0];
        (known.reported.criticality, known.recorded_by.as_str().to_owned())
    };
    let made = add(&mut profile, Criticality::Unknown, "mara@till-4");
    // More dangerous: one person. Less: somebody else, who is named; the answer is the same each time.
    for (criticality, who, expected) in [
        (Criticality::Low, "mara@till-9", (Criticality::Unknown, "mara@till-4")),
        (Criticality::High, "till-9", (Criticality::High, "mara@till-4")),
        (Criticality::Unknown, "jo@till-4", (Criticality::High, "mara@till-4")),
        (Criticality::Low, "mara@till-4", (Criticality::High, "mara@till-4")),
        (Criticality::Low, "till-4", (Criticality::High, "mara@till-4")),
        (Criticality::Low, "jo@till-4", (Criticality::Low, "jo@till-4")),
        (Criticality::High, "jo@till-4", (Criticality::High, "jo@till-4")),
    ] {
        assert_eq!(add(&mut profile, criticality, who), made);
        assert_eq!(known(&profile), (expected.0, expected.1.to_owned()), "{criticality:?} by {who}");
    }
    // Mara said so before, and Jo again.
    apply(&mut profile, &reviewed(PartId(1), PrecautionStatus::Resolved), &by("vera@till-4")).unwrap();
    assert_ne!(add(&mut profile, Criticality::High, "mara@till-4"), made, "a past one stays past");
    assert_eq!(profile.precautions.len(), 2);
}

#[test]
fn what_a_second_report_says_more_is_kept() {
    let mut profile = profile();
    let mut say = |code: &str, text: &str, status| {
        let draft = precaution(PrecautionKind::Allergy, code, Criticality::High);
        let draft = PrecautionDraft { text: text.to_owned(), status, ..draft };
        let id = apply(&mut profile, &Change::PrecautionAdded(draft), &mara()).unwrap().created.unwrap();
        let known = profile.precautions.iter().find(|known| known.id == id).unwrap();
        (id.0, known.reported.text.clone(), known.reported.status)
    };
    let (open, sure) = (PrecautionStatus::Unconfirmed, PrecautionStatus::Confirmed);
    assert_eq!(say("NUTS", "", open), (1, String::new(), open));
    assert_eq!(say("NUTS", "Carries an EpiPen.", sure), (1, "Carries an EpiPen.".to_owned(), sure));
    assert_eq!(say("NUTS", "carries an epipen", open), (1, "Carries an EpiPen.".to_owned(), sure), "nothing new");
    assert_eq!(say("NUTS", "Traces too", open), (1, "Carries an EpiPen. Traces too".to_owned(), open));
    // What only the words tell is the same only in the same words.
    assert_eq!(say("OTHER", "Kiwi", open).0, 2);
    assert_eq!(say("OTHER", "banana", open).0, 3);
    assert_eq!(say("OTHER", "kiwi", open).0, 2);
    let draft = precaution(PrecautionKind::Allergy, "NUTS", Criticality::High);
    let long = PrecautionDraft { text: "x".repeat(TEXT_CHARS_MAX), ..draft };
    let refusal = refused(&mut profile, &Change::PrecautionAdded(long), &mara());
    assert_eq!(refusal, Refusal::NoRoomForText { max: TEXT_CHARS_MAX }, "one precaution stays one");
}

#[test]
fn who_said_it_first_does_not_take_back_what_a_colleague_made_of_it() {
    let (mut profile, refuted) = (profile(), reviewed(PartId(1), PrecautionStatus::Refuted));
    apply(&mut profile, &nuts(Criticality::Low), &by("jon@till-4")).unwrap();
    apply(&mut profile, &nuts(Criticality::High), &mara()).unwrap();
    for who in ["jon@till-4", "mara@till-9", "JON@till-1", "till-4"] {
        assert_eq!(refused(&mut profile, &refuted, &by(who)), Refusal::SecondPersonNeeded, "{who}");
    }
    apply(&mut profile, &refuted, &by("vera@till-4")).unwrap();
}

#[test]
fn a_critical_precaution_leaves_service_by_a_second_person_only() {
    for criticality in [Criticality::High, Criticality::Unknown] {
        for status in [PrecautionStatus::Refuted, PrecautionStatus::Resolved, PrecautionStatus::EnteredInError] {
            let mut profile = profile();
            apply(&mut profile, &nuts(criticality), &mara()).unwrap();
            let change = reviewed(PartId(1), status);
            assert_eq!(refused(&mut profile, &change, &mara()), Refusal::SecondPersonNeeded);
            // Another till does not make another person.
            assert_eq!(refused(&mut profile, &change, &by("mara@till-9")), Refusal::SecondPersonNeeded);
            // Neither does nobody in particular.
            assert_eq!(refused(&mut profile, &change, &by("till-9")), Refusal::SecondPersonNeeded);
            apply(&mut profile, &change, &by("jo@till-4")).unwrap();
            assert!(!profile.precautions[0].is_active(time(NOW)));
        }
    }
}

#[test]
fn what_a_device_recorded_is_taken_back_by_a_named_person() {
    let mut profile = profile();
    apply(&mut profile, &nuts(Criticality::High), &by("till-4")).unwrap();
    let change = reviewed(PartId(1), PrecautionStatus::Refuted);
    assert_eq!(refused(&mut profile, &change, &by("till-4")), Refusal::SecondPersonNeeded);
    apply(&mut profile, &change, &mara()).unwrap();
}

#[test]
fn confirming_needs_no_second_person_and_what_left_service_stays_out() {
    let mut profile = profile();
    apply(&mut profile, &nuts(Criticality::High), &mara()).unwrap();
    apply(&mut profile, &reviewed(PartId(1), PrecautionStatus::Confirmed), &mara()).unwrap();
    assert!(profile.precautions[0].is_active(time(NOW)));
    assert_eq!(profile.precautions[0].review.as_ref().unwrap().by.as_str(), "mara@till-4");
    apply(&mut profile, &reviewed(PartId(1), PrecautionStatus::Refuted), &by("jo@till-4")).unwrap();
    let refusal = refused(&mut profile, &reviewed(PartId(1), PrecautionStatus::Confirmed), &mara());
    assert_eq!(refusal, Refusal::NotActive { what: "precaution" });
    let refusal = refused(&mut profile, &reviewed(PartId(9), PrecautionStatus::Confirmed), &mara());
    assert_eq!(refusal, Refusal::Missing { what: "precaution" });
}

#[test]
fn one_of_low_criticality_may_be_taken_back_by_its_recorder() {
    let mut profile = profile();
    apply(&mut profile, &nuts(Criticality::Low), &mara()).unwrap();
    apply(&mut profile, &reviewed(PartId(1), PrecautionStatus::EnteredInError), &mara()).unwrap();
}

#[test]
fn every_list_has_its_limit() {
    let mut profile = profile();
    for number in 0..PRECAUTIONS_MAX {
        let draft = precaution(PrecautionKind::Topic, &format!("T{number}"), Criticality::Low);
        apply(&mut profile, &Change::PrecautionAdded(draft), &mara()).unwrap();
    }
    let refusal = refused(&mut profile, &nuts(Criticality::High), &mara());
    assert_eq!(refusal, Refusal::LimitReached { what: "active precautions", max: PRECAUTIONS_MAX });
    // What is past makes room, the one that was reviewed first before others; what is active never does.
    for id in [PartId(7), PartId(3)] {
        apply(&mut profile, &reviewed(id, PrecautionStatus::EnteredInError), &mara()).unwrap();
    }
    apply(&mut profile, &nuts(Criticality::High), &mara()).unwrap();
    let ids: Vec<u32> = profile.precautions.iter().map(|known| known.id.0).collect();
    assert!(ids.len() == PRECAUTIONS_MAX && !ids.contains(&3) && ids.contains(&7), "{ids:?}");

    let liked =
        |item: String| Change::EvidenceRecorded(evidence(&item, Stance::Likes, EvidenceSource::Stated, None, NOW));
    for number in 0..PREFERENCES_MAX {
        apply(&mut profile, &liked(number.to_string()), &mara()).unwrap();
    }
    let refusal = refused(&mut profile, &liked("one more".to_owned()), &mara());
    assert_eq!(refusal, Refusal::LimitReached { what: "preferences", max: PREFERENCES_MAX });
    // What is known already still takes evidence.
    apply(&mut profile, &liked("0".to_owned()), &mara()).unwrap();

    for day in 0..OCCASIONS_MAX as i32 {
        let draft = occasion(OccasionKind::Birthday, None, 1 + day / 28, 1 + day % 28);
        apply(&mut profile, &Change::OccasionAdded(draft), &mara()).unwrap();
    }
    let one_more = Change::OccasionAdded(occasion(OccasionKind::Birthday, None, 12, 1));
    let refusal = refused(&mut profile, &one_more, &mara());
    assert_eq!(refusal, Refusal::LimitReached { what: "occasions", max: OCCASIONS_MAX });

    for number in 0..IDENTITIES_MAX {
        let added = own(IdentityType::Loyalty, &number.to_string(), None);
        apply(&mut profile, &Change::IdentityAdded(added), &mara()).unwrap();
    }
    let one_more = Change::IdentityAdded(own(IdentityType::Loyalty, "one more", None));
    let refusal = refused(&mut profile, &one_more, &mara());
    assert_eq!(refusal, Refusal::LimitReached { what: "identities", max: IDENTITIES_MAX });
}

#[test]
fn rooms_of_past_stays_make_room_for_new_ones() {
    let mut profile = profile();
    for day in 1..=IDENTITIES_MAX {
        let room = own(IdentityType::Room, &day.to_string(), Some(&format!("2026-01-01T00:00:{day:02}Z")));
        apply(&mut profile, &Change::IdentityAdded(room), &stamp("2025-01-01T00:00:00Z", "a")).unwrap();
    }
    apply(&mut profile, &Change::IdentityAdded(own(IdentityType::Room, "new", None)), &mara()).unwrap();
    assert_eq!(profile.identities.len(), IDENTITIES_MAX);
    assert!(!profile.identities.iter().any(|known| known.identity.value == "1"));
}

#[test]
fn an_identity_that_is_valid_is_not_added_again() {
    let mut profile = profile();
    let room = own(IdentityType::Room, "12", Some("2026-03-03T00:00:00Z"));
    apply(&mut profile, &Change::IdentityAdded(room.clone()), &mara()).unwrap();
    let of_another = ProfileIdentity { token: HoldToken([1; 16]), ..room.clone() };
    let refusal = refused(&mut profile, &Change::IdentityAdded(of_another), &mara());
    assert_eq!(refusal, Refusal::Duplicate { what: "identity", field: "identity" });
    // The same seat takes another time of expiry.
    let longer = own(IdentityType::Room, "12", Some("2026-03-02T22:00:00Z"));
    apply(&mut profile, &Change::IdentityAdded(longer.clone()), &mara()).unwrap();
    assert_eq!(profile.identities, vec![longer]);
    let later = stamp("2026-03-03T00:00:00Z", "mara@till-4");
    let again = own(IdentityType::Room, "12", Some("2026-03-09T00:00:00Z"));
    apply(&mut profile, &Change::IdentityAdded(again.clone()), &later).unwrap();
    assert_eq!(profile.identities, vec![again]);
    apply(&mut profile, &Change::IdentityRemoved(room.identity.clone()), &mara()).unwrap();
    let refusal = refused(&mut profile, &Change::IdentityRemoved(room.identity), &mara());
    assert_eq!(refusal, Refusal::Missing { what: "identity" });
}

#[test]
fn occasions_are_replaced_and_removed_by_number() {
    let mut profile = profile();
    let (may, june) = (occasion(OccasionKind::Birthday, None, 5, 17), occasion(OccasionKind::Birthday, None, 6, 17));
    apply(&mut profile, &Change::OccasionAdded(may.clone()), &mara()).unwrap();
    let refusal = refused(&mut profile, &Change::OccasionAdded(may.clone()), &mara());
    assert_eq!(refusal, Refusal::Duplicate { what: "occasion", field: "occasion" });
    let replaced = Change::OccasionReplaced { id: PartId(1), occasion: june.clone() };
    apply(&mut profile, &replaced, &mara()).unwrap();
    assert_eq!((profile.occasions[0].id, &profile.occasions[0].reported), (PartId(1), &june));
    let missing = Change::OccasionReplaced { id: PartId(7), occasion: may };
    assert_eq!(refused(&mut profile, &missing, &mara()), Refusal::Missing { what: "occasion" });
    assert_eq!(
        refused(&mut profile, &Change::OccasionRemoved(PartId(7)), &mara()),
        Refusal::Missing { what: "occasion" }
    );
}

#[test]
fn preferences_are_removed_by_their_id() {
    let mut profile = profile();
    let liked = evidence("espresso", Stance::Likes, EvidenceSource::Stated, None, NOW);
    let id = liked.subject.preference_id();
    apply(&mut profile, &Change::EvidenceRecorded(liked), &mara()).unwrap();
    apply(&mut profile, &Change::PreferenceRemoved(id.clone()), &mara()).unwrap();
    assert!(profile.preferences.is_empty());
    assert_eq!(refused(&mut profile, &Change::PreferenceRemoved(id), &mara()), Refusal::Missing { what: "preference" });
}

#[test]
fn an_item_that_is_spelt_in_another_way_is_the_same_preference() {
    let mut profile = profile();
    for item in ["oat-milk", "Oat milk", "oatmilk", "oat\u{200c}milk"] {
        let stated = evidence(item, Stance::Likes, EvidenceSource::Stated, None, NOW);
        apply(&mut profile, &Change::EvidenceRecorded(stated), &mara()).unwrap();
    }
    let [kept] = profile.preferences.as_slice() else { panic!("{:?}", profile.preferences) };
    assert_eq!((kept.subject.item.as_str(), kept.stated.count), ("Oat milk", 4), "with its words apart");
    for (item, other) in [("goat milk", ""), ("oat milk", "evening")] {
        let mut stated = evidence(item, Stance::Likes, EvidenceSource::Stated, None, NOW);
        other.clone_into(&mut stated.subject.situation);
        apply(&mut profile, &Change::EvidenceRecorded(stated), &mara()).unwrap();
    }
    assert_eq!(profile.preferences.len(), 3);
}

#[test]
fn the_latest_consent_of_a_purpose_counts() {
    let mut profile = profile();
    let decided = |state, at: &str| {
        Change::ConsentRecorded(Consent {
            purpose: Purpose::Marketing,
            state,
            decide_time: time(at),
            evidence: String::new(),
        })
    };
    apply(&mut profile, &decided(ConsentState::Withdrawn, "2026-02-01T00:00:00Z"), &mara()).unwrap();
    apply(&mut profile, &decided(ConsentState::Granted, "2026-01-01T00:00:00Z"), &mara()).unwrap();
    assert_eq!(profile.consents.len(), 1);
    assert_eq!(profile.consents[0].state, ConsentState::Withdrawn);
}

#[test]
fn interactions_count_habits_but_not_changes() {
    let mut profile = profile();
    let bought = purchase("1", NOW, &[("milk", "dairy")]);
    let effect = apply(&mut profile, &Change::InteractionRecorded(bought.clone()), &mara()).unwrap();
    assert_eq!(effect.touched, TouchedParts::HABITS);
    assert_eq!((profile.habits.visits, profile.habits.kept, profile.change_count), (1, 1, 0));
    let voided = Change::InteractionVoided { interaction: bought, reason: "wrong card".to_owned(), left: None };
    apply(&mut profile, &voided, &mara()).unwrap();
    assert_eq!((profile.habits.visits, profile.habits.kept, profile.change_count), (0, 1, 0));
    let trimmed = Change::HistoryTrimmed { dropped: 5, horizon: time(NOW) };
    apply(&mut profile, &trimmed, &mara()).unwrap();
    assert_eq!((profile.habits.kept, profile.habits.horizon), (0, Some(time(NOW))));
    assert_eq!(profile.change_count, 0);
    let earlier = Change::HistoryTrimmed { dropped: 0, horizon: time("2020-01-01T00:00:00Z") };
    apply(&mut profile, &earlier, &mara()).unwrap();
    assert_eq!(profile.habits.horizon, Some(time(NOW)));
}

#[test]
fn the_latest_inquiry_counts() {
    let mut profile = profile();
    apply(&mut profile, &Change::PrecautionsAsked(time(NOW)), &mara()).unwrap();
    apply(&mut profile, &Change::PrecautionsAsked(time("2020-01-01T00:00:00Z")), &mara()).unwrap();
    assert_eq!(profile.asked_time, Some(time(NOW)));
}

fn any_change() -> impl Strategy<Value = Change> {
    let draft = ("[AB]", prop::sample::select(vec![Criticality::Low, Criticality::High, Criticality::Unknown]));
    let status = prop::sample::select(vec![
        PrecautionStatus::Confirmed,
        PrecautionStatus::Refuted,
        PrecautionStatus::Resolved,
        PrecautionStatus::EnteredInError,
    ]);
    prop_oneof![
        Just(Change::DetailsSet(Details::default())),
        draft.prop_map(|(code, level)| Change::PrecautionAdded(precaution(PrecautionKind::Diet, &code, level))),
        (0u32..6, status).prop_map(|(id, status)| reviewed(PartId(id), status)),
        (1i32..4).prop_map(|day| Change::OccasionAdded(occasion(OccasionKind::Birthday, None, 1, day))),
        (0u32..6).prop_map(|id| Change::OccasionRemoved(PartId(id))),
        (0u32..6, 1i32..4).prop_map(|(id, day)| Change::OccasionReplaced {
            id: PartId(id),
            occasion: occasion(OccasionKind::Birthday, None, 1, day)
        }),
        "[ab]".prop_map(|value| Change::IdentityAdded(own(IdentityType::Pms, &value, None))),
        "[ab]".prop_map(|value| Change::IdentityRemoved(own(IdentityType::Pms, &value, None).identity)),
        "[ab]".prop_map(|item| Change::EvidenceRecorded(evidence(
            &item,
            Stance::Likes,
            EvidenceSource::Observed,
            Some("here"),
            NOW
        ))),
        "[ab]".prop_map(|item| Change::PreferenceRemoved(
            evidence(&item, Stance::Likes, EvidenceSource::Observed, None, NOW).subject.preference_id()
        )),
        (0i64..100).prop_map(|second| Change::PrecautionsAsked(Timestamp::from_second(second).unwrap())),
        "[ab]".prop_map(|item| Change::InteractionRecorded(purchase(&item, NOW, &[(&item, "")]))),
    ]
}

proptest! {
    #[test]
    fn a_refusal_leaves_no_trace_and_nothing_panics(
        changes in prop::collection::vec((any_change(), prop::sample::select(vec!["a@x", "b@x"])), 0..30)
    ) {
        let mut profile = profile();
        let mut parts = Vec::new();
        for (change, author) in &changes {
            let before = profile.clone();
            match apply(&mut profile, change, &by(author)) {
                Err(_) => prop_assert_eq!(&profile, &before),
                Ok(effect) => {
                    prop_assert!(effect.touched != TouchedParts::NONE);
                    // The same precaution again is answered with the id that it has.
                    let is_new = |id: &PartId| before.precautions.iter().all(|known| known.id != *id);
                    parts.extend(effect.created.filter(is_new));
                    let counted = u64::from(!is_of_interactions(change));
                    prop_assert_eq!(profile.change_count, before.change_count + counted);
                }
            }
            // A precaution is never removed.
            prop_assert!(profile.precautions.len() >= before.precautions.len());
        }
        let mut distinct = parts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(parts.len(), distinct.len());
    }
}

/// One voice: feedback with a score of 0 to 10, or a referral.
fn any_voice() -> impl Strategy<Value = Interaction> {
    (0i32..=11, 0i64..1_000).prop_map(|(score, second)| {
        let at = Timestamp::from_second(second).unwrap();
        let voice = Interaction { purchase: None, ..purchase_at("", at, &[]) };
        match score {
            11 => Interaction {
                kind: InteractionKind::Referral,
                referred: Some(CustomerId::from_bytes([7; 16])),
                ..voice
            },
            score => Interaction {
                kind: InteractionKind::Feedback,
                feedback: Some(Feedback { score, scale_min: 0, scale_max: 10 }),
                ..voice
            },
        }
    })
}

proptest! {
    #[test]
    fn voices_count_the_same_in_any_order_and_voids_take_them_back(
        (voices, shuffled) in prop::collection::vec(any_voice(), 0..12)
            .prop_flat_map(|voices| (Just(voices.clone()), Just(voices).prop_shuffle())),
        voided in prop::collection::vec(any_voice(), 0..6),
    ) {
        let recorded = |profile: &mut Profile, voice: &Interaction| {
            apply(profile, &Change::InteractionRecorded(voice.clone()), &by("till")).map(drop).unwrap();
        };
        let (mut one, mut other) = (profile(), profile());
        for voice in &voices { recorded(&mut one, voice); }
        for voice in &voided { recorded(&mut other, voice); }
        for voice in &shuffled { recorded(&mut other, voice); }
        for voice in &voided {
            let void = Change::InteractionVoided { interaction: voice.clone(), reason: String::new(), left: None };
            apply(&mut other, &void, &by("till")).map(drop).unwrap();
        }
        prop_assert_eq!(one.advocacy, other.advocacy);
    }
}
