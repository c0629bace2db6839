//! What the list of upcoming occasions needs.

use super::{super::backfill, *};

#[test]
fn where_a_customer_was_is_written_and_read_as_released() {
    let mut profile = full_profile();
    let visit = |venue, second| LastVisit { venue, second };
    let latest = vec![visit(u32::MAX, 1_700_000_000), visit(7, 1_600_000_000)];
    profile.habits.whereabouts = Whereabouts { latest, elsewhere: Some(1_500_000_000) };
    let kept = golden("profile-whereabouts.2", &profile::encode(&profile));
    assert_eq!(profile::decode(&kept).expect("readable"), profile);
}

#[test]
fn the_progress_of_a_backfill_is_written_and_read_as_released() {
    let progress = backfill::Progress {
        buckets: 256,
        partitions: 171,
        after: vec![5; 24],
        raised_ms: Some(1_700_000_000_000),
        unreadable: 3,
    };
    let kept = golden("backfill.2", &backfill::encode(&progress));
    assert_eq!(backfill::decode(&kept).expect("readable"), progress);
    for (buckets, partitions) in [(257, 0), (256, 257)] {
        let beyond = backfill::Progress { buckets, partitions, ..backfill::Progress::default() };
        assert!(backfill::decode(&backfill::encode(&beyond)).is_err());
    }
}
