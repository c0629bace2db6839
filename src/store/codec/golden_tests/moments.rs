//! Values of issues, follow-ups and gestures, and of the rules about them.

use jiff::civil::date;

use super::{francs, full_profile, interaction, time, venue};
use crate::domain::{
    Author, CustomerId, Profile,
    advocacy::{Advocacy, Feedback},
    follow_up::{Completion, FollowUp, FollowUpDraft, FollowUpKind},
    gesture::{DrawnOn, ExpectationLevel, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry},
    id::{GestureTypeId, PartId, RoleId},
    interaction::{Interaction, InteractionKind},
    issue::{Issue, IssueDraft, IssueSeverity},
    money::Money,
    policy::{
        Authority, Budget, Contents, Drift, GestureType, INTIMACY, LevelConditions, MayGive, Role, Rules, Standards,
    },
    review::Month,
};

pub fn feedback() -> Interaction {
    Interaction {
        kind: InteractionKind::Feedback,
        purchase: None,
        feedback: Some(Feedback { score: 9, scale_min: 0, scale_max: 10 }),
        ..interaction()
    }
}

pub fn referral() -> Interaction {
    Interaction {
        kind: InteractionKind::Referral,
        purchase: None,
        referred: Some(CustomerId::from_bytes([5; 16])),
        ..interaction()
    }
}

pub fn issue() -> IssueDraft {
    IssueDraft {
        severity: IssueSeverity::Major,
        cause: "AIR_CONDITIONING".to_owned(),
        venue: venue(),
        item: "Room 412".to_owned(),
        text: "too warm to sleep".to_owned(),
        owner: "jon".to_owned(),
    }
}

pub fn follow_up() -> FollowUpDraft {
    FollowUpDraft {
        kind: FollowUpKind::Delivery,
        text: "carry it up".to_owned(),
        owner: "mara".to_owned(),
        due_time: time(1_700_003_600),
        venue: venue(),
        place: "Room 412".to_owned(),
        issue: Some(PartId(5)),
        gesture: Some(PartId(6)),
    }
}

pub fn gesture() -> GestureDraft {
    GestureDraft {
        gesture_type: GestureTypeId::parse("", "dessert").expect("a name"),
        venue: venue(),
        cost: Money { currency: francs(), minor_units: 1_200 },
        note: "Welcome back".to_owned(),
        place: "Room 412".to_owned(),
        deliver_time: Some(time(1_700_001_800)),
        deliver_owner: "jo".to_owned(),
        issue: Some(PartId(5)),
        expectation: ExpectationLevel::Augmented,
        role: RoleId::parse("", "concierge").expect("a name"),
        proposed: true,
        drawn_on: None,
    }
}

/// The same, as it has been stored since budgets are noted.
pub fn drawn_gesture() -> GestureDraft {
    GestureDraft { proposed: false, drawn_on: Some(drawn_on()), ..gesture() }
}

pub fn drawn_on() -> DrawnOn {
    DrawnOn { month: Month::parse("2023-12").expect("a month"), business_date: date(2023, 11, 30) }
}

/// A profile with something in every field of issues, follow-ups and gestures.
pub fn moments_profile() -> Profile {
    let author = || Author::new("mara", "desk-1");
    Profile {
        issues: vec![Issue {
            id: PartId(5),
            reported: issue(),
            opened_by: author(),
            open_time: time(1_700_000_000),
            resolve_time: Some(time(1_700_000_900)),
            resolution: "repaired".to_owned(),
            reopen_count: 1,
        }],
        follow_ups: vec![FollowUp {
            id: PartId(7),
            promised: follow_up(),
            promised_by: author(),
            promise_time: time(1_700_000_000),
            completion: Some(Completion { by: author(), time: time(1_700_003_000), kept: true, rating: 5 }),
        }],
        gestures: vec![Gesture {
            id: PartId(6),
            given: gesture(),
            state: GestureState::Delivered,
            given_by: author(),
            give_time: time(1_700_000_000),
            approved_by: Author::new("nora", "desk-2"),
            outcome: Some(GestureOutcome::Delighted),
        }],
        ledger: vec![LedgerEntry {
            gesture_type: gesture().gesture_type,
            given: 3,
            delighted: 2,
            declined: 1,
            times: vec![time(1_600_000_000), time(1_700_000_000)],
        }],
        advocacy: Advocacy { feedback: 2, score_sum: 1_900, referrals: 1 },
        next_part: 8,
        ..full_profile()
    }
}

pub fn rules() -> Rules {
    let dessert = gesture().gesture_type;
    let cost = gesture().cost;
    Rules {
        review_due: Some(date(2027, 1, 31)),
        standards: Standards { greet_within: Some(120), resolve_within: Some(3_600), follow_up_within: None },
        roles: vec![
            Role {
                id: gesture().role,
                display_name: "Concierge".to_owned(),
                authorities: vec![Authority {
                    currency: francs(),
                    per_gesture: 1,
                    per_guest: 2,
                    per_incident: 3,
                    per_day: 4,
                }],
                may_give: MayGive::These(vec![dessert]),
                sees_value: false,
                sees_bars: false,
            },
            Role {
                id: RoleId::parse("", "manager").expect("a name"),
                display_name: "Manager".to_owned(),
                authorities: Vec::new(),
                may_give: MayGive::Every,
                sees_value: true,
                sees_bars: false,
            },
        ],
        catalogue: catalogue(),
        budgets: vec![Budget { venue: venue(), monthly: cost }],
        engagement: LevelConditions {
            visits_min: 1,
            last_visit_days_max: 2,
            stated_preferences_min: 3,
            confirmed_preferences_min: 4,
            feedback_min: 5,
            mean_score_min: 600,
            referrals_min: 7,
        },
        intimacy: INTIMACY,
        drift: Drift { expected_from: 2, generic_from: 5, window_days: 180 },
        caps_from: IssueSeverity::Critical,
        ..Rules::default()
    }
}

fn catalogue() -> Vec<GestureType> {
    let dessert = gesture().gesture_type;
    let cost = gesture().cost;
    vec![
        GestureType {
            id: dessert,
            display_name: "Dessert in the room".to_owned(),
            costs: vec![cost],
            contents: Contents::Known(vec!["MILK".to_owned()]),
            suits_diets: vec!["VEGETARIAN".to_owned()],
            cool_down_seconds: 86_400,
            recovery: true,
            celebrates: true,
            needs: vec!["kitchen".to_owned()],
            trial_venues: vec![venue()],
            appeals_to: vec!["dessert".to_owned()],
            level_min: 2,
            deliver_within_minutes: 45,
        },
        GestureType {
            id: GestureTypeId::parse("", "surprise").expect("a name"),
            display_name: "Surprise".to_owned(),
            costs: Vec::new(),
            contents: Contents::Unknown,
            suits_diets: Vec::new(),
            cool_down_seconds: 0,
            recovery: false,
            celebrates: false,
            needs: Vec::new(),
            trial_venues: Vec::new(),
            appeals_to: Vec::new(),
            level_min: 1,
            deliver_within_minutes: 60,
        },
    ]
}
