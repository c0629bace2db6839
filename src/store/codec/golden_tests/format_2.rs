//! What format 2 adds.

use super::*;
use crate::domain::{
    mark::{Bar, Barred, Deceased},
    policy::LegalAge,
    precaution::{BasisKind, Until},
    visits_left::VisitsLeft,
};

/// What format 2 adds to a precaution.
fn borrowed_precaution() -> PrecautionDraft {
    PrecautionDraft {
        status: PrecautionStatus::Unconfirmed,
        of_whom: "my son".to_owned(),
        until: Some(Until { time: time(1_800_000_000), is_departure: true }),
        basis: RecordBasis {
            said: BasisKind::ThisVisitOnly,
            how: "said so at the table".to_owned(),
            time: Some(time(1_700_000_000)),
        },
        ..precaution()
    }
}

/// What format 2 adds to an occasion.
fn once() -> OccasionDraft {
    OccasionDraft { once: true, ..occasion() }
}

#[test]
fn what_format_2_adds_is_written_and_read_as_released() {
    let mut profile = full_profile();
    profile.precautions[0].reported = borrowed_precaution();
    profile.occasions[0].reported = once();
    let kept = golden("profile-borrowed.2", &profile::encode(&profile));
    assert_eq!(profile::decode(&kept).expect("readable"), profile);
    let stamp = |by| Stamp { at: time(1_700_000_200), by: Author::new(by, "till-5") };
    let bar = || Bar { code: "UNPAID".to_owned(), text: "Left twice".to_owned(), until: time(1_800_000_000) };
    let reported = |of_whom: &str, confirmed| Deceased {
        of_whom: of_whom.to_owned(),
        reported_by: Author::new("mara", "till-4"),
        report_time: time(1_700_000_000),
        confirmed,
    };
    profile.deceased = vec![reported("", Some(stamp("jon"))), reported("my son", None)];
    profile.barred = Some(Barred { bar: bar(), by: Author::new("mara", "till-4"), time: time(1_700_000_000) });
    let kept = golden("profile-marked.2", &profile::encode(&profile));
    assert_eq!(profile::decode(&kept).expect("readable"), profile);
    let changes = [
        Change::PrecautionAdded(borrowed_precaution()),
        Change::OccasionAdded(once()),
        Change::DeceasedMarked {
            deceased: true,
            of_whom: "my son".to_owned(),
            reason: "told by the family".to_owned(),
        },
        Change::BarSet(bar()),
        Change::BarLifted { reason: "paid".to_owned() },
        Change::InteractionVoided {
            interaction: interaction(),
            reason: "wrong guest".to_owned(),
            left: Some(VisitsLeft {
                first: Some(time(1_500_000_000)),
                last: Some(time(1_600_000_000)),
                here: Some(time(1_550_000_000)),
            }),
        },
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let original = matches!(change, Change::InteractionVoided { .. }).then(|| stamp("mara"));
        let entry = Entry { change, stamp: stamp("jon"), fingerprint: Vec::new(), original };
        let kept = golden(&format!("change-{place:02}.2"), &history::encode(&entry));
        assert_eq!(history::decode(&kept).expect("readable"), entry);
    }
}

#[test]
fn rules_of_format_2_are_written_and_read_as_released() {
    let mut rules = rules();
    rules.roles[1].sees_bars = true;
    rules.bar_codes = vec!["NO_SHOW".to_owned()];
    let policy = full_policy().with_rules(rules.clone()).expect("valid");
    let kept = golden("policy-bars.2", &policy::encode(&policy));
    assert_eq!(policy::decode(&kept, 3).expect("readable").rules, rules);
    rules.legal_ages =
        [None, Some(venue())].map(|venue| LegalAge { venue, substance: "ALCOHOL".to_owned(), years: 16 }).into();
    let policy = full_policy().with_rules(rules.clone()).expect("valid");
    let kept = golden("policy-ages.2", &policy::encode(&policy));
    assert_eq!(policy::decode(&kept, 3).expect("readable").rules, rules);
    rules.none_known_stands = true;
    let policy = full_policy().with_rules(rules.clone()).expect("valid");
    let kept = golden("policy-stands.2", &policy::encode(&policy));
    assert_eq!(policy::decode(&kept, 3).expect("readable").rules, rules);
}

#[test]
fn a_child_is_written_and_read_as_released() {
    let mut profile = full_profile();
    profile.details.is_child = true;
    let kept = golden("profile-child.2", &profile::encode(&profile));
    assert_eq!(profile::decode(&kept).expect("readable"), profile);
}

#[test]
fn who_said_a_precaution_first_is_written_and_read_as_released() {
    let mut profile = full_profile();
    profile.precautions[0].first_said_by = Some(Author::new("jon", "till-5"));
    let kept = golden("profile-first-said.1", &profile::encode(&profile));
    assert_eq!(profile::decode(&kept).expect("readable"), profile);
}
