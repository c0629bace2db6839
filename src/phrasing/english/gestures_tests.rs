use super::*;
use crate::domain::{
    Change, Profile, apply,
    gesture::Dimension,
    money::Currency,
    precaution::{Criticality, PrecautionKind},
    preference::EvidenceSource,
    testing::{self, evidence, gesture_type, issue, occasion, stamp, time},
};

const NOON: &str = "2017-12-01T12:00:00Z";

/// Allergic, fond of chinotto, with an issue and a birthday.
fn guest() -> Profile {
    let mut profile = testing::profile();
    let allergy = testing::precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    let like = |item: &str, stance| {
        Change::EvidenceRecorded(evidence(item, stance, EvidenceSource::Stated, None, "2017-11-02T12:00:00Z"))
    };
    let mut birthday = occasion(OccasionKind::Birthday, Some(1977), 12, 2);
    birthday.of_whom = "daughter Mia".to_owned();
    for change in [
        Change::PrecautionAdded(allergy),
        like("chinotto", Stance::Favourite),
        like("lilies", Stance::Avoid),
        Change::OccasionAdded(birthday),
        // In New York it is still November.
        Change::IssueOpened(issue("AIR_CONDITIONING", "Room 412")),
    ] {
        apply(&mut profile, &change, &stamp("2017-12-01T03:00:00Z", "mara@till-4")).unwrap();
    }
    profile
}

fn known<'a>(profile: &'a Profile, item: &str) -> &'a Preference {
    profile.preferences.iter().find(|known| known.subject.item == item).unwrap()
}

#[test]
fn each_objection_is_said() {
    let (profile, policy) = (guest(), testing::policy());
    let allergy = &profile.precautions[0];
    let left = Money { currency: Currency::parse("", "CHF").unwrap(), minor_units: 1_250 };
    let over = |limit| Objection::OverLimit { limit, left };
    for (objection, expected) in [
        (Objection::Contains(allergy, "ALMOND"), "Tree nut allergy, life-threatening; it contains almond."),
        (Objection::UnknownContents(allergy), "Tree nut allergy, life-threatening; what it contains is not known."),
        (
            Objection::NotUnderstood(allergy),
            "Tree nut allergy, life-threatening; the code is not understood: ask the customer and the kitchen, and record \
             it under a known code.",
        ),
        (Objection::Disliked(known(&profile, "lilies")), "They do not want lilies. Stated once, on 2 November 2017."),
        (Objection::TooYoung, "They are too young for it here."),
        (Objection::FetchManager, "Fetch a manager first."),
        (Objection::DoNotCelebrate, "A day that they do not celebrate."),
        (Objection::LevelTooLow { needed: 2 }, "It is for regulars."),
        (Objection::LevelTooLow { needed: 3 }, "It is for those who are closest to the house."),
        (Objection::TrialElsewhere, "It is on trial at other venues."),
        (Objection::Generic, "They take it for granted by now."),
        (Objection::NothingToCelebrate, "Nothing to celebrate is near."),
        (
            Objection::OpenIssue(&profile.issues[0]),
            "An issue is open since 30 November 2017: air conditioning. Solve it first.",
        ),
        (Objection::CoolDown { until: time(NOON) }, "Given not long ago; again from 1 December 2017."),
        (Objection::UnderWay, "One is proposed, or given and not delivered yet."),
        (Objection::VenueCannot("kitchen"), "The venue cannot do it: kitchen."),
        (Objection::Closed, "The venue is closed then."),
        (Objection::NoPrice, "The catalogue has no price in the venue's currency."),
        (Objection::BudgetSpent { left }, "Of this month's budget CHF 1250 minor units is left."),
        (Objection::RoleUnknown, "The policy does not know your role: it may give nothing."),
        (Objection::TypeNotAllowed, "Your role may not give this."),
        (over(Limit::PerGesture), "Your role may give CHF 1250 minor units for one gesture."),
        (over(Limit::PerGuest), "Your role may give CHF 1250 minor units for this guest within 30 days."),
        (over(Limit::PerIncident), "Your role may give CHF 1250 minor units for this issue."),
        (over(Limit::PerDay), "Your role may give CHF 1250 minor units for today."),
    ] {
        let against = Verdict { dimension: objection.dimension(), finding: Finding::Against(objection) };
        assert_eq!(verdict(&against, &policy.venues[0]), expected);
    }
    let agreed = Verdict { dimension: Dimension::Tools, finding: Finding::For(Agreement::VenueCan) };
    assert_eq!(verdict(&agreed, &policy.venues[0]), "The venue can do it.");
}

#[test]
fn what_speaks_for_a_gesture_is_said_in_order() {
    let (profile, policy, kind) = (guest(), testing::policy(), gesture_type("cake"));
    let known_occasion = &profile.occasions[0];
    let today = policy.venues[0].date_of(time(NOON));
    let next = known_occasion.reported.date.next_on_or_after(today).unwrap();
    let said = |reasons: Reasons<'_>| {
        let reasons = Some(reasons);
        suggestion(&Suggested {
            kind: &kind,
            cost: None,
            expectation: crate::domain::gesture::ExpectationLevel::Augmented,
            verdicts: Vec::new(),
            approving: Vec::new(),
            reasons,
            venue: &policy.venues[0],
        })
    };
    let nothing =
        Reasons { makes_good: None, occasion: None, label: "", taste: None, learnt_at: None, given: 0, delighted: 0 };
    assert_eq!(said(nothing), "Nobody has given it to them yet.");
    assert_eq!(said(Reasons { given: 1, ..nothing }), "Given 1 time before.");
    assert_eq!(said(Reasons { given: 3, delighted: 2, ..nothing }), "It delighted them 2 times.");
    let all = Reasons {
        makes_good: Some(&profile.issues[0]),
        occasion: Some(Near { occasion: known_occasion, next, days: 1 }),
        taste: Some(testing::cleared(known(&profile, "chinotto"))),
        learnt_at: Some(&policy.venues[1]),
        ..nothing
    };
    assert_eq!(
        said(all),
        "Makes good: air conditioning, since 30 November 2017. 40th birthday of daughter Mia tomorrow. Favourite: chinotto. \
         Stated once, on 2 November 2017. Learnt at sister."
    );
    assert!(said(Reasons { given: 2, ..all }).ends_with("Learnt at sister. Given 2 times before."));
}
