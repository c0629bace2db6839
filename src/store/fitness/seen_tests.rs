use std::fs;

use super::*;

const WINDOWS: i64 = 5_000;
const STRICT: i64 = 0;

fn noted(ends: &[(u64, i64)]) -> NotedEnds {
    NotedEnds { ends: ends.iter().map(|&(end, time_ms)| LogEnd { end, time_ms }).collect() }
}

fn mark(id: u8, epoch: u64) -> Mark {
    Mark { store_id: [id; 16], epoch, lost: String::new() }
}

fn note(ends: NotedEnds) -> Note {
    let store_id = hex(&[1; 16]);
    Note {
        store_id,
        epoch: 2,
        setbacks: 1,
        setback_ms: 1_000,
        ends,
        reached: None,
        at_start: None,
        time_ms: 100_000,
        unfit: None,
    }
}

fn there(data: u64, keys: u64) -> There {
    There { setbacks: 1, data, keys }
}

/// What is told to be older, and how many changes are gone since when.
fn older(note: &Note, there: There, window_ms: i64) -> Option<(&'static str, u64, i64)> {
    match note.difference(&mark(1, 2), there, window_ms)? {
        Difference::Older { what, gone, .. } => Some((what, gone.changes, gone.since_ms)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn buckets_are_counted_together_since_when_they_had_come_so_far() {
    let buckets =
        [noted(&[(3, 1_000), (5, 20_000)]), noted(&[(0, 2_000)]), noted(&[]), noted(&[(7, 3_000), (9, 18_000)])];
    assert_eq!(together(&buckets, 5_000), noted(&[(10, 1_000), (12, 18_000), (14, 20_000)]));
    // Nothing may be lost: then the times are of no use but to be told.
    assert_eq!(together(&buckets, 0).ends.last(), Some(&LogEnd { end: 14, time_ms: 20_000 }));
    assert_eq!(together(&[noted(&[(4, 0)]), noted(&[(2, 0)])], 5_000), noted(&[(6, 0)]), "as after an adoption");
}

#[test]
fn what_goes_on_from_the_note_is_served() {
    let note = note(noted(&[(90, 10_000), (100, 90_000)]));
    for there in [there(100, 100), there(150, 120), there(150, 100)] {
        assert_eq!(note.difference(&mark(1, 2), there, STRICT), None);
    }
    assert_eq!(note.difference(&mark(1, 3), there(1, 1), STRICT), None, "adopted elsewhere");
    let behind = There { setbacks: 2, ..there(95, 95) };
    assert_eq!(note.difference(&mark(1, 2), behind, STRICT), None, "another process has told of a loss");
}

#[test]
fn what_is_behind_the_note_is_told() {
    let note = note(noted(&[(90, 10_000), (100, 90_000)]));
    assert_eq!(note.difference(&mark(2, 2), there(100, 100), STRICT), Some(Difference::Others));
    assert_eq!(note.difference(&mark(1, 1), there(900, 900), STRICT), Some(Difference::BeforeAdoption));
    let both = "data and keys are older copies of themselves";
    assert_eq!(older(&note, there(95, 94), STRICT), Some((both, 5, 90_000)));
    assert_eq!(older(&note, there(9, 9), WINDOWS), Some((both, 91, 10_000)));
    assert_eq!(older(&note, there(99, 100), STRICT), Some(("the data store is an older copy of itself", 1, 90_000)));
    assert_eq!(older(&note, there(100, 99), STRICT), Some(("the key store is an older copy of itself", 1, 90_000)));
}

/// A failover of either store takes the newest of it, by the times of what it lacks and of nothing else.
#[test]
fn what_a_failover_may_lose_is_served() {
    let mut note = note(noted(&[(90, 10_000), (97, 88_000), (100, 90_000)]));
    for there in [there(95, 100), there(100, 95), there(96, 91)] {
        assert_eq!(older(&note, there, WINDOWS), None, "{there:?}");
        assert!(older(&note, there, STRICT).is_some(), "{there:?}");
    }
    assert!(older(&note, there(89, 100), WINDOWS).is_some() && older(&note, there(100, 89), WINDOWS).is_some());
    // The note that a loss was served is among the newest of the keys.
    let before = There { setbacks: 0, ..there(100, 100) };
    assert!(older(&note, before, WINDOWS).is_some(), "it was noted long before the newest");
    note.setback_ms = 89_000;
    assert_eq!(older(&note, before, WINDOWS), None);
}

/// It is told all the same, once: a process that finds it noted tells nothing.
#[test]
fn what_a_failover_may_lose_is_told() {
    let note = note(noted(&[(90, 10_000), (97, 88_000), (100, 90_000)]));
    let gone = |there: There, window_ms| match note.newest_gone(&mark(1, 2), there, window_ms)? {
        Difference::Older { what, gone, are_keys_older } => Some((what, gone.changes, are_keys_older)),
        other => panic!("{other:?}"),
    };
    assert_eq!(gone(there(96, 96), WINDOWS), Some(("data and keys are older copies of themselves", 4, true)));
    assert_eq!(gone(there(100, 96), WINDOWS), Some(("the key store is an older copy of itself", 4, true)));
    assert_eq!(gone(there(96, 100), WINDOWS), Some(("the data store is an older copy of itself", 4, false)));
    for (there, window_ms) in [(there(100, 100), WINDOWS), (there(96, 96), STRICT), (there(80, 96), WINDOWS)] {
        assert_eq!(gone(there, window_ms), None, "{there:?}");
    }
    assert_eq!(gone(There { setbacks: 2, ..there(96, 96) }, WINDOWS), None);
}

/// Of a crash: a copy of both, and the start that has noted the rest beside the keys.
#[test]
fn keys_as_a_start_found_them_are_no_older_copy() {
    let note = Note { at_start: Some(95), ..note(noted(&[(90, 10_000), (100, 90_000)])) };
    for keys in [95, 99] {
        assert_eq!(older(&note, there(100, keys), STRICT), None);
    }
    let (data, keys) = ("data and keys are older copies of themselves", "the key store is an older copy of itself");
    assert_eq!(older(&note, there(100, 94), STRICT), Some((keys, 6, 90_000)));
    assert_eq!(older(&note, there(99, 95), STRICT), Some((data, 1, 90_000)), "the data have not come so far");
}

/// What another process wrote over, this one knew better than the notes of the last second say.
#[test]
fn what_was_reached_counts_for_the_data() {
    let mut note = note(noted(&[(90, 10_000), (100, 90_000)]));
    note.reached = Some(LogEnd { end: 103, time_ms: 90_900 });
    let data = "the data store is an older copy of itself";
    assert_eq!(older(&note, there(100, 100), STRICT), Some((data, 3, 90_900)));
    assert_eq!(older(&note, there(103, 100), STRICT), None, "the right file is back");
}

#[test]
fn a_clock_that_runs_back_is_no_loss() {
    let note = note(noted(&[(90, 10_000_000), (100, 20_000_000)]));
    assert_eq!(older(&note, there(101, 101), WINDOWS), None);
    let ran_back = together(&[noted(&[(5, 20_000_000), (9, 1_000)]), noted(&[(1, 20_000_000)])], 5_000);
    assert_eq!(ran_back.ends.last().map(|last| last.end), Some(10));
}

#[test]
fn a_note_is_read_back_and_written_when_it_is_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport-keys.seen");
    let first = Note { time_ms: 1_000, ..note(noted(&[(90, 10), (100, 20)])) };
    let seen = SeenFile::open(path.clone());
    assert!(seen.note().is_none() && seen.is_due(&first));
    seen.write(first.clone());
    assert_eq!(SeenFile::open(path.clone()).note(), Some(first.clone()));

    let grown = |time_ms| Note { ends: noted(&[(90, 10), (120, 30)]), time_ms, ..first.clone() };
    assert!(!seen.is_due(&Note { time_ms: 900_000, ..first.clone() }), "no news");
    assert!(!seen.is_due(&grown(60_999)) && seen.is_due(&grown(61_000)));
    assert!(SeenFile::open(path.clone()).is_due(&grown(2_000)), "of a process before");
    assert!(seen.is_due(&Note { epoch: 3, ..grown(2_000) }), "adopted");
    let unfit = Some(Unfit { cause: "it was overwritten".to_owned(), since_ms: 1_500 });
    seen.write(Note { unfit, ..first.clone() });
    assert!(seen.is_due(&Note { time_ms: 2_000, ..first.clone() }), "whole again");

    for odd in ["{", &" ".repeat(3_000_000)] {
        fs::write(&path, odd).unwrap();
        assert!(SeenFile::open(path.clone()).note().is_none());
    }
    SeenFile::forget(&path).unwrap();
    SeenFile::forget(&path).unwrap();
    assert!(!path.exists());
}

#[test]
fn what_is_no_note_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    fs::write(&path, "redb, and what it holds").unwrap();
    let seen = SeenFile::open(path.clone());
    seen.write(note(noted(&[(1, 1)])));
    assert!(seen.state().is_failing && seen.note().is_some(), "it is told, and all goes on without");
    seen.write(note(noted(&[(2, 1)])));
    assert!(SeenFile::forget(&path).unwrap_err().to_string().contains("name another file with `seen-file`"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "redb, and what it holds");
}

#[test]
fn a_note_that_cannot_be_written_is_told_once_and_believed() {
    let folder = tempfile::tempdir().unwrap();
    let seen = SeenFile::open(folder.path().join("none/rapport-keys.seen"));
    seen.write(note(noted(&[(1, 1)])));
    assert!(seen.state().is_failing && seen.note().is_some());
    seen.write(note(noted(&[(2, 1)])));
    assert!(seen.state().is_failing);
    fs::create_dir(folder.path().join("none")).unwrap();
    seen.write(note(noted(&[(3, 1)])));
    assert!(!seen.state().is_failing);
}
