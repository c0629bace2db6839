use super::super::{
    Mark,
    cas::{self, Decision, Lifetime},
};
use super::*;
use crate::{
    domain::{TenantId, id::CustomerId},
    store::{Commit, CustomerKey, Store, formats::FORMATS, testing::in_memory},
};

const LOSS_WINDOW_MS: i64 = 5_000;

fn noted(ends: &[(u64, i64)]) -> NotedEnds {
    NotedEnds { ends: ends.iter().map(|&(end, time_ms)| LogEnd { end, time_ms }).collect() }
}

#[test]
fn an_end_is_noted_when_it_is_news() {
    let mut ends = NotedEnds::default();
    assert!(
        ends.note(0, 10_000, LOSS_WINDOW_MS),
        "a log that was never written is noted too: what comes is known since when"
    );
    assert!(!ends.note(0, 11_000, LOSS_WINDOW_MS));
    assert!(ends.note(3, 12_000, LOSS_WINDOW_MS));
    assert!(!ends.note(3, 13_000, LOSS_WINDOW_MS));
    assert!(!ends.note(2, 13_000, LOSS_WINDOW_MS), "a log does not go back by being noted");
    assert_eq!(ends, noted(&[(0, 10_000), (3, 12_000)]));
}

#[test]
fn what_is_noted_of_a_bucket_is_bounded() {
    let mut ends = NotedEnds::default();
    for number in 0..10_000_u32 {
        ends.note(u64::from(number), i64::from(number) * 100, LOSS_WINDOW_MS);
        assert!(ends.ends.len() <= 8, "{ends:?}");
    }
    let (first, last) = (ends.ends[0], ends.ends[ends.ends.len() - 1]);
    assert_eq!(last, LogEnd { end: 9_999, time_ms: 999_900 });
    let window = last.time_ms - first.time_ms;
    assert!((LOSS_WINDOW_MS..LOSS_WINDOW_MS + 2 * NOTE_EVERY_MS).contains(&window), "{ends:?}");
}

#[test]
fn ends_read_back() {
    for ends in [noted(&[]), noted(&[(0, 0)]), noted(&[(7, 1_700_000_000_000), (u64::MAX, 1_700_000_001_000)])] {
        assert_eq!(marks::decode_ends(&marks::encode_ends(&ends)).ok(), Some(ends));
    }
}

fn tenant() -> TenantId {
    TenantId::parse("", "acme").unwrap()
}

/// A commit to a customer's slot; answers the bucket whose log has grown.
async fn commit(data: &dyn Store, customer: u8) -> usize {
    let key = CustomerKey { tenant: tenant(), customer: CustomerId::from_bytes([customer; 16]) };
    data.commit(Commit::erasure(&key, None, Vec::new(), 0).unwrap()).await.unwrap();
    usize::from(keys::bucket(&key.tenant, &key.customer))
}

async fn look(fitness: &Fitness) -> Result<()> {
    fitness.look(Some(*FORMATS.end()), &tenant()).await
}

#[tokio::test]
async fn the_ends_of_logs_that_grew_are_noted_beside_the_keys() {
    let (data, keys) = in_memory();
    let fitness = Fitness::new(data.clone(), keys.clone());
    fitness.note_ends(1_000).await.unwrap();
    let unmarked = fitness.keys.dump().await.unwrap();
    assert!(unmarked.is_empty(), "stores without marks get no notes either");

    fitness.begin().await.unwrap();
    look(&fitness).await.unwrap();
    fitness.note_ends(1_000).await.unwrap();
    let (grown, other) = (commit(data.as_ref(), 7).await, commit(data.as_ref(), 8).await);
    commit(data.as_ref(), 7).await;
    fitness.note_ends(2_000).await.unwrap();
    let before = fitness.keys.dump().await.unwrap();
    fitness.note_ends(3_000).await.unwrap();
    assert_eq!(fitness.keys.dump().await.unwrap(), before, "nothing grew");

    // Another process finds them.
    let later = Fitness::new(data.clone(), keys.clone());
    look(&later).await.unwrap();
    let ends = later.ends.load_full().unwrap();
    assert_eq!(ends.noted[grown], noted(&[(0, 1_000), (2, 2_000)]));
    assert_eq!(ends.noted[other], noted(&[(0, 1_000), (1, 2_000)]));
    assert_eq!(ends.noted.iter().filter(|ends| ends.ends.len() > 1).count(), 2, "of all others the first alone");
}

/// Logs whose first ones are these; all others were never written.
fn positions(ends: &[u64]) -> Vec<LogPosition> {
    let end = |bucket: u8| ends.get(usize::from(bucket)).copied().unwrap_or(0);
    ALL_BUCKETS.map(|bucket| LogPosition { end: end(bucket), ..LogPosition::default() }).to_vec()
}

#[test]
fn a_log_that_ends_before_what_was_noted_has_gone_back() {
    let hour = 3_600_000;
    let busy = noted(&[(5, hour - 7_000), (6, hour - 4_000), (9, hour)]);
    let idle = noted(&[(3, 1_000), (4, 2_000)]);
    let never = noted(&[(0, 500)]);
    let none = NotedEnds::default();
    let all =
        |busy: &NotedEnds| [vec![busy.clone(), idle.clone()], vec![never.clone(); 253], vec![none.clone()]].concat();
    let gone = |ends: &[u64]| {
        WentBack::of(&all(&busy), &positions(ends), LOSS_WINDOW_MS)
            .map(|gone| (gone.buckets, gone.changes, gone.since_ms, gone.is_recent))
    };
    assert_eq!(gone(&[9, 4]), None, "as they were noted");
    assert_eq!(gone(&[12, 4]), None, "it grew since");
    assert_eq!(gone(&[8, 4]), Some((1, 1, hour, true)));
    assert_eq!(gone(&[6, 4]), Some((1, 3, hour, true)));
    assert_eq!(gone(&[5, 4]), Some((1, 4, hour - 4_000, true)), "all of the loss window");
    assert_eq!(gone(&[4, 4]), Some((1, 5, hour - 7_000, false)), "what was there first may be of any time");
    assert_eq!(gone(&[0, 4]), Some((1, 9, hour - 7_000, false)));
    assert_eq!(gone(&[8, 3]), Some((2, 2, 2_000, false)), "one that went back too far is enough");
    assert_eq!(gone(&[9, 0]), Some((1, 4, 1_000, false)));
    let older = noted(&[(5, hour - 7_000), (6, hour - 4_001), (9, hour)]);
    assert_eq!(WentBack::of(&all(&older), &positions(&[5, 4]), LOSS_WINDOW_MS).map(|gone| gone.is_recent), Some(false));
    assert_eq!(WentBack::of(&vec![none; 256], &positions(&[]), LOSS_WINDOW_MS), None, "nothing was noted");
}

/// The stores of two processes, and the notes of changes that are gone again.
async fn gone_back(ends: &[(u64, i64)]) -> (Fitness, Fitness) {
    let (data, keys) = in_memory();
    let process = || Fitness::new(data.clone(), keys.clone()).with_loss_window(Duration::from_secs(5));
    let (one, other) = (process(), process());
    one.begin().await.unwrap();
    for process in [&one, &other] {
        look(process).await.unwrap();
    }
    one.note_ends(1_000).await.unwrap();
    let grown = u8::try_from(commit(data.as_ref(), 7).await).unwrap();
    one.note_ends(2_000).await.unwrap();
    one.keys.put_notes(vec![(keys::noted_ends(grown), marks::encode_ends(&noted(ends)))]).await.unwrap();
    (one, other)
}

#[tokio::test]
async fn the_loss_of_a_moment_is_told_once_and_served_under_a_new_epoch() {
    let (one, other) = gone_back(&[(0, 1_000), (1, 2_000), (4, 3_000)]).await;
    assert_eq!((one.epoch(), one.has_lost_lately(2_000)), (1, Some(false)));
    look(&one).await.unwrap();
    assert_eq!(one.epoch(), 2, "at once, and not when it is noted");
    one.note_ends(3_500).await.unwrap();
    let told = Setback { times: 1, seen_ms: 3_500, since_ms: 3_000, buckets: 1, changes: 3 };
    for process in [&one, &other] {
        look(process).await.unwrap();
        process.note_ends(4_000).await.unwrap();
        look(process).await.unwrap();
        assert_eq!((process.epoch(), process.setback()), (2, Some(told.clone())));
        assert_eq!(process.has_lost_lately(4_000), Some(true));
    }
    one.note_ends(3_500 + TOLD_MS).await.unwrap();
    assert_eq!(one.has_lost_lately(3_500 + TOLD_MS), Some(false));
    assert_eq!(one.epoch(), 2);
}

#[tokio::test]
async fn a_loss_is_not_forgotten_where_the_log_grows_before_it_is_noted() {
    let (one, other) = gone_back(&[(0, 1_000), (1, 2_000), (2, 3_000)]).await;
    look(&one).await.unwrap();
    assert_eq!(one.epoch(), 2);
    commit(one.data.as_ref(), 7).await;
    look(&one).await.unwrap();
    assert_eq!((one.epoch(), one.has_lost_lately(3_400)), (2, Some(true)));
    one.note_ends(3_500).await.unwrap();
    for process in [&one, &other] {
        look(process).await.unwrap();
        assert_eq!((process.epoch(), process.setback().map(|setback| setback.times)), (2, Some(1)));
    }
}

#[tokio::test]
async fn an_older_copy_is_unfit_until_it_is_adopted() {
    let (one, other) = gone_back(&[(3, 3_000), (4, 9_000)]).await;
    for process in [&one, &other] {
        let told = look(process).await.unwrap_err().to_string();
        for words in ["older copy", "1 of 256", "3 changes since 1970-01-01T00:00:03Z", "rapport store adopt"] {
            assert!(told.contains(words), "{told}");
        }
        let before = process.keys.dump().await.unwrap();
        process.note_ends(10_000).await.unwrap();
        assert_eq!(process.keys.dump().await.unwrap(), before, "nobody takes it for what was there");
        assert!(process.check().is_err());
    }
    let losses = one.losses(&tenant()).await.unwrap();
    one.adopt(&tenant(), &losses).await.unwrap();
    for process in [&one, &other] {
        look(process).await.unwrap();
        assert_eq!((process.epoch(), process.setback()), (2, None));
    }
}

/// Stores that went back together, with their notes: `one` has served since, and holds these ends of a bucket; `other` has just begun.
async fn gone_back_together(held: &[(u64, i64)]) -> (Fitness, Fitness) {
    let (one, other) = gone_back(&[(0, 1_000), (1, 2_000)]).await;
    look(&one).await.unwrap();
    let mut ends = Ends::clone(&one.ends.load_full().unwrap());
    let grown = ends.noted.iter().position(|ends| ends.ends.len() > 1).unwrap();
    ends.noted[grown] = noted(held);
    one.ends.store(Some(Arc::new(ends)));
    (one, other)
}

#[tokio::test]
async fn stores_that_went_back_together_are_told_by_whoever_served_meanwhile() {
    let (one, other) = gone_back_together(&[(3, 8_000), (4, 9_000)]).await;
    for process in [&one, &one, &other] {
        let told = look(process).await.unwrap_err().to_string();
        assert!(told.contains("older copy") && told.contains("3 changes since 1970-01-01T00:00:08Z"), "{told}");
    }
    // Put back once more: the notes of the first time are gone again.
    let low = noted(&[(0, 1_000), (1, 2_000)]);
    for _ in 0..2 {
        let notes = ALL_BUCKETS.map(|bucket| (keys::noted_ends(bucket), marks::encode_ends(&low)));
        one.keys.put_notes(notes.into()).await.unwrap();
        assert!(look(&one).await.is_err() && look(&one).await.is_err());
    }
    let losses = other.losses(&tenant()).await.unwrap();
    other.adopt(&tenant(), &losses).await.unwrap();
    for process in [&one, &other, &one] {
        look(process).await.unwrap();
        assert_eq!(process.epoch(), 2, "what was held is given up too");
    }
}

#[tokio::test]
async fn an_adoption_that_is_under_way_leaves_no_ends_behind() {
    let (one, other) = gone_back(&[(3, 8_000), (4, 9_000)]).await;
    assert!(look(&one).await.is_err() && look(&one).await.is_err());
    let mark = Mark { epoch: 2, ..Mark::clone(&one.expected.load_full().unwrap()) };
    other.put_all(&mark).await.unwrap();
    assert!(look(&one).await.is_err(), "the ends are adopted last");
    other.adopt_ends().await.unwrap();
    look(&one).await.unwrap();
}

#[tokio::test]
async fn an_adoption_that_was_cut_off_tells_what_it_gives_up_when_it_is_repeated() {
    let (one, other) = gone_back(&[(3, 8_000), (4, 9_000)]).await;
    let told = Some(Setback { times: 1, seen_ms: 10_000, since_ms: 8_000, buckets: 1, changes: 3 });
    assert!(look(&one).await.is_err());
    assert_eq!(one.gone(10_000).await.unwrap(), told);
    let before = one.expected.load_full().unwrap();
    let begun = Mark { epoch: 2, ..Mark::clone(&before) };
    other.claim(Some(&before), &begun).await.unwrap();
    // Whoever repeats it sees marks of two epochs.
    assert!(look(&other).await.unwrap_err().to_string().contains("was not finished"));
    assert_eq!(other.gone(10_000).await.unwrap(), told);
    let losses = other.losses(&tenant()).await.unwrap();
    other.adopt(&tenant(), &losses).await.unwrap();
    assert_eq!((other.epoch(), other.gone(11_000).await.unwrap()), (3, None));
    // Of marks of two stores nothing is compared.
    other.keys.put_note(keys::key_mark(7), marks::encode(&Mark { store_id: [9; 16], ..begun })).await.unwrap();
    other
        .keys
        .put_notes(vec![(keys::noted_ends(7), marks::encode_ends(&noted(&[(3, 1_000), (40, 9_000)])))])
        .await
        .unwrap();
    assert_eq!(other.gone(12_000).await.unwrap(), None);
}

#[tokio::test]
async fn losses_that_were_served_count_in_the_epoch_of_an_adoption() {
    let (one, other) = gone_back(&[(0, 1_000), (1, 2_000), (4, 3_000)]).await;
    look(&one).await.unwrap();
    one.note_ends(3_500).await.unwrap();
    let losses = other.losses(&tenant()).await.unwrap();
    other.adopt(&tenant(), &losses).await.unwrap();
    look(&one).await.unwrap();
    assert_eq!((other.epoch(), one.epoch()), (3, 3));
}

#[tokio::test]
async fn the_loss_of_a_moment_is_told_where_the_notes_went_back_with_it() {
    let (one, other) = gone_back_together(&[(0, 1_000), (1, 2_000), (4, 3_000)]).await;
    look(&one).await.unwrap();
    assert_eq!((one.epoch(), one.has_lost_lately(3_400)), (2, Some(true)));
    one.note_ends(3_500).await.unwrap();
    for process in [&one, &other] {
        look(process).await.unwrap();
        assert_eq!((process.epoch(), process.setback().map(|setback| setback.changes)), (2, Some(3)));
    }
    // Where the note of the loss is gone again too, it is still one.
    one.keys
        .put_note(
            keys::SETBACK.to_owned(),
            marks::encode_setback(&Setback { times: 0, seen_ms: 0, since_ms: 0, buckets: 0, changes: 0 }),
        )
        .await
        .unwrap();
    look(&one).await.unwrap();
    assert_eq!(one.epoch(), 2);
}

#[tokio::test]
async fn stores_of_before_an_adoption_are_unfit_for_whoever_starts_later_too() {
    let (data, keys) = in_memory();
    let process = || Fitness::new(data.clone(), keys.clone());
    let one = process();
    one.begin().await.unwrap();
    look(&one).await.unwrap();
    let before = Mark::clone(&one.expected.load_full().unwrap());
    let losses = one.losses(&tenant()).await.unwrap();
    one.adopt(&tenant(), &losses).await.unwrap();
    look(&one).await.unwrap();
    for _ in 0..2 {
        // Both go back at once.
        for bucket in ALL_BUCKETS {
            let bytes = marks::encode(&before);
            one.keys.put_note(keys::key_mark(bucket), bytes.clone()).await.unwrap();
            let put = move |_: &[u8]| Ok(Decision::put((), bytes.to_vec(), Lifetime::Forever));
            cas::change(one.data.as_ref(), keys::mark(bucket), put).await.unwrap();
        }
        let told = look(&one).await.unwrap_err().to_string();
        assert!(told.contains("earlier time"), "{told}");
        let told = look(&process()).await.unwrap_err().to_string();
        assert!(told.contains("of before") && told.contains("rapport store adopt"), "{told}");
    }
    let later = process();
    look(&later).await.unwrap_err();
    let losses = later.losses(&tenant()).await.unwrap();
    assert_eq!(later.adopt(&tenant(), &losses).await.unwrap().epoch, 3);
    look(&one).await.unwrap();
    assert_eq!(one.epoch(), 3);
}

#[tokio::test]
async fn nothing_is_noted_of_data_that_came_in_their_place() {
    let (data, keys) = in_memory();
    let fitness = Fitness::new(data.clone(), keys.clone());
    fitness.begin().await.unwrap();
    look(&fitness).await.unwrap();
    let grown = u8::try_from(commit(data.as_ref(), 7).await).unwrap();
    let other = Mark { store_id: [9; 16], ..Mark::clone(&fitness.expected.load_full().unwrap()) };
    let put = move |_: &[u8]| Ok(Decision::put((), marks::encode(&other).to_vec(), Lifetime::Forever));
    cas::change(data.as_ref(), keys::mark(grown), put).await.unwrap();
    let before = fitness.keys.dump().await.unwrap();
    fitness.note_ends(2_000).await.unwrap();
    assert_eq!(fitness.keys.dump().await.unwrap(), before);
}

/// As after a failover of the keys to a replica that was behind.
#[tokio::test]
async fn notes_that_the_keys_have_lost_are_put_back_by_who_holds_them() {
    let (data, keys) = in_memory();
    let fitness = Fitness::new(data.clone(), keys.clone()).with_loss_window(Duration::from_secs(5));
    fitness.begin().await.unwrap();
    look(&fitness).await.unwrap();
    fitness.note_ends(1_000).await.unwrap();
    let before = keys.dump().await.unwrap();
    commit(data.as_ref(), 7).await;
    fitness.note_ends(2_000).await.unwrap();
    let noted = keys.dump().await.unwrap();
    assert_ne!(noted, before);
    let back = before.into_iter().map(|(name, bytes)| (String::from_utf8(name).unwrap(), Bytes::from(bytes))).collect();
    keys.put_notes(back).await.unwrap();
    look(&fitness).await.unwrap();
    assert_eq!(keys.dump().await.unwrap(), noted);
}
