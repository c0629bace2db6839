//! What format 2 adds.

use super::*;
use crate::domain::precaution::{BasisKind, Until};

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
    let changes = [Change::PrecautionAdded(borrowed_precaution()), Change::OccasionAdded(once())];
    for (place, change) in changes.into_iter().enumerate() {
        let stamp = Stamp { at: time(1_700_000_200), by: Author::new("jon", "till-5") };
        let entry = Entry { change, stamp, fingerprint: Vec::new(), original: None };
        let kept = golden(&format!("change-{place:02}.2"), &history::encode(&entry));
        assert_eq!(history::decode(&kept).expect("readable"), entry);
    }
}
