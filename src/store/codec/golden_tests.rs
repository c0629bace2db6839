//! Bytes of every released format: what was written must be read, and today's writing must not drift.
//!
//! The released files stay as they are, with the values they decode to. A new field gets a value of its own and a new
//! file beside these; a new format gets new files with its number, and the files of the format before stay for as long as
//! it is read.

mod bounds;
mod format_2;
mod moments;
mod others;
mod tasks;
mod upcoming;

use jiff::civil::date;
use moments::{drawn_gesture, drawn_on, feedback, follow_up, gesture, issue, moments_profile, referral, rules};
use prost::Message as _;

use super::{
    budgets,
    history::{self, Entry},
    policy, profile, requests, tallies,
};
use crate::{
    domain::{
        Author, Change, Profile, Stamp, TenantId, Timestamp, VenueId, Zone,
        consent::{Consent, ConsentState, Purpose},
        follow_up::{FollowUp, FollowUpDraft},
        gesture::{Gesture, GestureDraft, GestureOutcome, LedgerEntry},
        habits::{Habits, PERIODS, Spend, Tally as HabitTally},
        id::{CustomerId, HoldToken, PartId, SourceId},
        identity::{Identity, IdentityType, Region},
        interaction::{Interaction, InteractionKind, Line, LocalMoment, Purchase},
        issue::{Issue, IssueDraft},
        limits,
        money::{Currency, Money},
        occasion::{Calendar, CalendarDate, Occasion, OccasionDraft, OccasionKind},
        policy::{IssuedRange, OpeningHours, Policy, Venue},
        precaution::{
            Criticality, Precaution, PrecautionDraft, PrecautionKind, PrecautionStatus, RecordBasis, Review, Severity,
        },
        preference::{EvidenceSource, EvidenceTally, Preference, Scope, Stance, Subject},
        profile::{CustomerKind, Details, Name, ProfileIdentity},
        recent::RecentPurchase,
        relationship::RelationshipLevel,
        whereabouts::{LastVisit, Whereabouts},
    },
    store::{
        BudgetEntry, BudgetState, OTHER, Revision, Tally as BucketTally,
        budgets::Budget,
        codec::requests::{GestureMade, Remembered},
        stored,
    },
};

fn time(second: i64) -> Timestamp {
    Timestamp::new(second, 500_000_000).expect("in range")
}

fn venue() -> VenueId {
    VenueId::parse("venue", "zrh-lakeside").expect("a name")
}

fn francs() -> Currency {
    Currency::parse("currency", "CHF").expect("a currency")
}

fn own() -> ProfileIdentity {
    ProfileIdentity {
        identity: Identity { kind: IdentityType::Room, issuer: "zrh".to_owned(), value: "412".to_owned() },
        token: HoldToken([7; 16]),
        expire_time: Some(time(1_800_000_000)),
    }
}

fn precaution() -> PrecautionDraft {
    PrecautionDraft {
        kind: PrecautionKind::Allergy,
        code: "TREE_NUTS".to_owned(),
        text: "Nüsse, auch Spuren".to_owned(),
        criticality: Criticality::High,
        severity: Severity::Severe,
        status: PrecautionStatus::Refuted,
        of_whom: String::new(),
        until: None,
        basis: RecordBasis::default(),
    }
}

fn occasion() -> OccasionDraft {
    OccasionDraft {
        kind: OccasionKind::Other,
        date: CalendarDate { calendar: Calendar::Gregorian, year: Some(1985), month: 2, day: 28, leap_month: false },
        of_whom: "daughter Mia".to_owned(),
        label: "opening".to_owned(),
        do_not_celebrate: true,
        once: false,
    }
}

fn consent() -> Consent {
    Consent {
        purpose: Purpose::Marketing,
        state: ConsentState::Withdrawn,
        decide_time: time(1_700_000_000),
        evidence: "form 7".to_owned(),
    }
}

fn habit(key: &str) -> HabitTally {
    let mut periods = [0; PERIODS];
    (periods[0], periods[3]) = (5, 2);
    HabitTally {
        key: key.to_owned(),
        category: "drink".to_owned(),
        count: 7,
        at_least: true,
        periods,
        first: 1_600_000_000,
        last: 1_700_000_000,
        recent: 0,
    }
}

fn habits() -> Habits {
    Habits {
        visits: 9,
        purchases: 8,
        lines: 31,
        contacts: 1,
        first_visit: Some(time(1_600_000_000)),
        last_visit: Some(time(1_700_000_000)),
        whereabouts: Whereabouts::default(),
        visit_cells: (0..42).collect(),
        visit_hours: (0..24).collect(),
        spend: vec![Spend { currency: francs(), minor_units: 123_456, purchases: 8 }],
        newest_period: 702,
        recent: Vec::new(),
        items: vec![habit("espresso")],
        categories: vec![habit("hot drinks")],
        items_evicted: true,
        categories_evicted: false,
        kept: 10,
        horizon: Some(time(1_500_000_000)),
    }
}

/// What was added to habits: the newest purchases.
fn recent_habits() -> Habits {
    let purchase = |second| RecentPurchase { second, mark: 77, venue: u32::MAX, hour_of_week: 167, items: 3 };
    let mut habits = habits();
    habits.recent = vec![purchase(1_700_000_000), purchase(1_700_000_000), purchase(1_600_000_000)];
    habits.items[0].recent = 0b101;
    habits.items[0].category = "hot drinks".to_owned();
    habits
}

/// A profile with something in every field.
fn full_profile() -> Profile {
    let tally = |count| EvidenceTally { count, last: (count > 0).then(|| time(1_700_000_000)) };
    Profile {
        details: Details {
            kind: CustomerKind::Household,
            name: Name {
                full: "Ana Lucía Ferreira".to_owned(),
                addressed_as: "Ms Ferreira".to_owned(),
                pronunciation: "AH-na".to_owned(),
            },
            language: "pt-BR".to_owned(),
            is_child: false,
        },
        identities: vec![own()],
        precautions: vec![Precaution {
            id: PartId(3),
            reported: precaution(),
            recorded_by: Author::new("mara", "till-4"),
            first_said_by: None,
            record_time: time(1_700_000_000),
            review: Some(Review {
                by: Author::new("jon", "till-5"),
                time: time(1_700_000_100),
                reason: "asked again".to_owned(),
            }),
        }],
        asked_time: Some(time(1_700_000_001)),
        preferences: vec![Preference {
            subject: Subject {
                category: "drink".to_owned(),
                item: "espresso".to_owned(),
                situation: "breakfast".to_owned(),
            },
            stance: Stance::Favourite,
            stated: tally(1),
            observed: tally(2),
            inferred: tally(0),
            refused: tally(1),
            scope: Scope::Brand,
            venue: Some(venue()),
            first_time: time(1_600_000_000),
            last_time: time(1_700_000_000),
            last_by: Author::new("mara", "till-4"),
        }],
        occasions: vec![Occasion {
            id: PartId(4),
            reported: occasion(),
            recorded_by: Author::new("mara", "till-4"),
            record_time: time(1_700_000_000),
        }],
        consents: vec![consent()],
        habits: habits(),
        create_time: time(1_600_000_000),
        update_time: time(1_700_000_100),
        next_part: 5,
        change_count: 12,
        counted_level: None,
        ..Profile::new(time(0))
    }
}

fn interaction() -> Interaction {
    Interaction {
        source: SourceId::parse("source", "till-4").expect("a name"),
        external_id: "2026/417".to_owned(),
        kind: InteractionKind::Purchase,
        venue: venue(),
        occur_time: time(1_700_000_000),
        local: LocalMoment { date: date(2023, 11, 14), hour: 23 },
        purchase: Some(Purchase {
            lines: vec![Line {
                item: "espresso".to_owned(),
                category: "drink".to_owned(),
                quantity: -0.25,
                amount_minor_units: 450,
                seat: "2".to_owned(),
            }],
            total: Money { currency: francs(), minor_units: 450 },
            party_size: 2,
        }),
        visit_external_id: "stay-9".to_owned(),
        text: "by the window".to_owned(),
        feedback: None,
        referred: None,
    }
}

/// One entry of the history for every kind of change.
fn entries() -> Vec<Entry> {
    let evidence = crate::domain::preference::Evidence {
        subject: full_profile().preferences.remove(0).subject,
        stance: Stance::Avoid,
        source: EvidenceSource::Inferred,
        venue: None,
        observe_time: time(1_700_000_000),
        scope: Scope::Tenant,
    };
    let changes = vec![
        Change::DetailsSet(full_profile().details),
        Change::IdentityAdded(own()),
        Change::IdentityRemoved(own().identity),
        Change::PrecautionAdded(precaution()),
        Change::PrecautionReviewed {
            id: PartId(3),
            status: PrecautionStatus::Resolved,
            reason: "grown out".to_owned(),
        },
        Change::PrecautionsAsked(time(1_700_000_000)),
        Change::EvidenceRecorded(evidence),
        Change::PreferenceRemoved("00ff00ff00ff00ff".to_owned()),
        Change::OccasionAdded(occasion()),
        Change::OccasionReplaced { id: PartId(4), occasion: occasion() },
        Change::OccasionRemoved(PartId(4)),
        Change::ConsentRecorded(consent()),
        Change::InteractionRecorded(interaction()),
        Change::InteractionVoided { interaction: interaction(), reason: "wrong guest".to_owned(), left: None },
        Change::HistoryTrimmed { dropped: 256, horizon: time(1_500_000_000) },
        Change::IssueOpened(issue()),
        Change::IssueAssigned { id: PartId(5), owner: "jon".to_owned() },
        Change::IssueResolved { id: PartId(5), resolution: "repaired".to_owned() },
        Change::IssueReopened { id: PartId(5), reason: "warm again".to_owned() },
        Change::FollowUpPromised(follow_up()),
        Change::FollowUpCompleted { id: PartId(7), kept: true, rating: 4 },
        Change::GestureGiven(gesture()),
        Change::GestureApproved { id: PartId(6), role: gesture().role, drawn_on: None },
        Change::GestureCancelled { id: PartId(6), reason: "sold out".to_owned() },
        Change::GestureOutcomeRecorded { id: PartId(6), outcome: GestureOutcome::Declined },
        Change::InteractionRecorded(feedback()),
        Change::InteractionRecorded(referral()),
        Change::GestureGiven(drawn_gesture()),
        Change::GestureApproved { id: PartId(6), role: gesture().role, drawn_on: Some(drawn_on()) },
    ];
    let stamp = |by: &str| Stamp { at: time(1_700_000_200), by: Author::read(by.to_owned()) };
    let entry = |change: Change| {
        let voided = matches!(change, Change::InteractionVoided { .. });
        let fingerprint = if matches!(change, Change::InteractionRecorded(_)) { vec![9; 16] } else { Vec::new() };
        Entry { change, stamp: stamp("jon@till-5"), fingerprint, original: voided.then(|| stamp("mara@till-4")) }
    };
    changes.into_iter().map(entry).collect()
}

fn full_policy() -> Policy {
    let venue = Venue {
        id: venue(),
        display_name: "Lakeside, Zürich".to_owned(),
        brand: "lakeside".to_owned(),
        zone: Zone::new(jiff::tz::TimeZone::get("Europe/Zurich").expect("a zone")),
        zone_name: "Europe/Zurich".to_owned(),
        currency: francs(),
        day_start_minutes: 240,
        region: Some(Region(*b"CH")),
        capabilities: Vec::new(),
        opening_hours: Vec::new(),
        language: String::new(),
    };
    let range = IssuedRange { prefix: "60110099".to_owned(), label: "Gold Circle".to_owned() };
    let mut policy = Policy::new("Head of Guest Relations".to_owned(), vec![venue], Some(Region(*b"PT")), vec![range])
        .expect("valid");
    policy.update_time = time(1_700_000_000);
    policy
}

fn tenant() -> TenantId {
    TenantId::parse("tenant", "acme").expect("a name")
}

fn path(name: &str) -> String {
    format!("{}/src/store/codec/golden/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn released(name: &str) -> Option<Vec<u8>> {
    std::fs::read(path(name)).ok()
}

/// Compares with a golden file. What a file that is not there yet should hold is left in `target` for a look.
fn golden(name: &str, bytes: &[u8]) -> Vec<u8> {
    let Some(kept) = released(name) else {
        let draft = format!("{}/target/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(&draft, bytes).expect("the folder is there");
        panic!("there is no {}: look at {draft}, and move it there if it is right", path(name));
    };
    assert!(kept == bytes, "{name}: what is written today differs from what was released");
    kept
}

/// The same for a profile. The released files hold counts of habits by cell of the week, which are no longer stored: they
/// are read, and all else is written as it was.
fn golden_profile(name: &str, profile: &Profile) {
    let kept = released(name).expect("a file");
    assert_eq!(&profile::decode(&kept).expect("readable"), profile);
    let without = stored::Profile::decode(kept.as_slice()).expect("readable").encode_to_vec();
    assert!(without.len() < kept.len(), "{name} holds no cells");
    assert!(profile::encode(profile) == without, "{name}: what is written today differs from what was released");
}

#[test]
fn profiles_of_format_1_are_written_and_read_as_released() {
    golden_profile("profile.1", &full_profile());
    golden_profile("profile-moments.1", &moments_profile());
    golden_profile("profile-recent.1", &Profile { habits: recent_habits(), ..full_profile() });
    let counted = Profile { counted_level: Some(RelationshipLevel::Engagement), ..moments_profile() };
    golden_profile("profile-counted.1", &counted);
    let mut drawn = counted;
    drawn.gestures[0].given = drawn_gesture();
    golden_profile("profile-drawn.1", &drawn);
}

#[test]
fn changes_of_format_1_are_written_and_read_as_released() {
    for (place, entry) in entries().into_iter().enumerate() {
        let kept = golden(&format!("change-{place:02}.1"), &history::encode(&entry));
        assert_eq!(history::decode(&kept).expect("readable"), entry);
    }
}

#[test]
fn policies_and_requests_of_format_1_are_written_and_read_as_released() {
    let kept = golden("policy.1", &policy::encode(&full_policy()));
    let read = policy::decode(&kept, 3).expect("readable");
    assert_eq!(read.version, 3);
    assert_eq!(policy::encode(&read), kept);
    let mut policy = full_policy().with_rules(rules()).expect("valid");
    policy.venues[0].capabilities = vec!["kitchen".to_owned()];
    policy.venues[0].opening_hours = vec![OpeningHours { iso_weekday: 5, open_minutes: 1_080, close_minutes: 120 }];
    let kept = golden("policy-rules.1", &policy::encode(&policy));
    assert_eq!(policy::decode(&kept, 3).expect("readable").rules, rules());
    let mut policy = full_policy();
    policy.venues[0].language = "de-CH".to_owned();
    let kept = golden("policy-language.2", &policy::encode(&policy));
    assert_eq!(policy::decode(&kept, 3).expect("readable").venues[0].language, "de-CH");
    let request = Remembered {
        id: [1; 16],
        body_hash: [2; 16],
        time_ms: 1_700_000_000_000,
        revision: Revision { counter: 4, write_id: u64::MAX },
        created: vec!["p1".to_owned(), "o2".to_owned()],
        gesture: None,
    };
    let kept = golden("requests.1", &requests::encode(std::slice::from_ref(&request)));
    assert_eq!(requests::decode(&kept).expect("readable"), std::slice::from_ref(&request));
    let made = |gesture| Remembered { gesture: Some(gesture), ..request.clone() };
    let requests = [made(GestureMade::Given), made(GestureMade::Proposed)];
    let kept = golden("requests-gesture.1", &requests::encode(&requests));
    assert_eq!(requests::decode(&kept).expect("readable"), requests);
}

#[test]
fn budgets_of_format_1_are_written_and_read_as_released() {
    let entry = BudgetEntry {
        customer: CustomerId::from_bytes([5; 16]),
        token: HoldToken([7; 16]),
        amount: -1_250,
        deadline_ms: 1_800_000_010_000,
    };
    let state = BudgetState { spent: 99_999, entries: vec![entry] };
    let budget = Budget { state, expire_ms: 1_803_000_000_000, changes: 17 };
    let kept = golden("budget.1", &budgets::encode_budget(&budget));
    assert_eq!(budgets::decode_budget(&kept).expect("readable"), budget);
    assert_eq!(budgets::decode_budget(&[]).expect("an untouched one"), Budget::default());
}

#[test]
fn tallies_of_format_1_are_written_and_read_as_released() {
    let counts = [("zrh-lakeside:gesture".to_owned(), 12), (OTHER.to_owned(), -1)];
    let tally = BucketTally { counts: counts.into(), expire_ms: 1_803_000_000_000 };
    let kept = golden("tally.1", &tallies::encode_tally(&tally));
    assert_eq!(tallies::decode_tally(&kept).expect("readable"), tally);
    assert_eq!(tallies::decode_tally(&[]).expect("an empty one"), BucketTally::default());
}
