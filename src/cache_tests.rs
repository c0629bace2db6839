use std::sync::atomic::AtomicUsize;

use tokio::sync::Notify;

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

type Words = Cache<u64, Arc<str>, &'static str>;

fn cache(weight_max: u64) -> Arc<Words> {
    let bounds = Bounds { weight_max, weight_usual: 1, age_max: MINUTE };
    Arc::new(Cache::new(bounds, |_, word| word.len() as u64))
}

/// A load that lasts until it is let go, and how often it was begun.
#[derive(Default)]
struct Slow {
    begun: AtomicUsize,
    started: Notify,
    go: Notify,
}

impl Slow {
    async fn answer(&self, outcome: Result<&str, &'static str>) -> Result<Arc<str>, &'static str> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.started.notify_one();
        self.go.notified().await;
        outcome.map(Arc::from)
    }
}

fn ask(
    cache: &Arc<Words>,
    slow: &Arc<Slow>,
    outcome: Result<&'static str, &'static str>,
) -> tokio::task::JoinHandle<Result<Arc<str>, &'static str>> {
    let (cache, slow) = (cache.clone(), slow.clone());
    tokio::spawn(async move { cache.get_or_load(&1, slow.answer(outcome)).await })
}

/// Lets all tasks of this thread come as far as they can.
async fn others_wait() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

fn loads(cache: &Words) -> usize {
    cache.loads.iter().map(|loads| loads.lock().unwrap().len()).sum()
}

#[tokio::test]
async fn a_hundred_misses_are_one_load() {
    let (cache, slow) = (cache(100), Arc::new(Slow::default()));
    let asked: Vec<_> = (0..100).map(|_| ask(&cache, &slow, Ok("nuts"))).collect();
    others_wait().await;
    slow.go.notify_one();
    for one in asked {
        assert_eq!(one.await.unwrap().as_deref(), Ok("nuts"));
    }
    assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
    assert_eq!(cache.get(&1).as_deref(), Some("nuts"));
    assert_eq!(loads(&cache), 0);
}

#[tokio::test]
async fn an_error_is_told_to_who_waits_and_not_kept() {
    let (cache, slow) = (cache(100), Arc::new(Slow::default()));
    let asked: Vec<_> = (0..100).map(|_| ask(&cache, &slow, Err("away"))).collect();
    others_wait().await;
    slow.go.notify_one();
    for one in asked {
        assert_eq!(one.await.unwrap(), Err("away"));
    }
    assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
    assert_eq!((cache.get(&1), loads(&cache)), (None, 0));
    assert_eq!(cache.get_or_load(&1, async { Ok("nuts".into()) }).await.as_deref(), Ok("nuts"));
}

#[tokio::test]
async fn a_loader_that_is_dropped_leaves_the_load_to_the_next() {
    let (cache, slow) = (cache(100), Arc::new(Slow::default()));
    let first = ask(&cache, &slow, Ok("first"));
    slow.started.notified().await;
    let second = ask(&cache, &slow, Ok("second"));
    others_wait().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    slow.started.notified().await;
    slow.go.notify_one();
    assert_eq!(second.await.unwrap().as_deref(), Ok("second"));
    // And where nobody waits, nothing stays behind.
    cache.remove(&1);
    let alone = ask(&cache, &slow, Ok("alone"));
    slow.started.notified().await;
    alone.abort();
    assert!(alone.await.unwrap_err().is_cancelled());
    assert_eq!(loads(&cache), 0);
}

#[tokio::test(start_paused = true)]
async fn the_age_counts_from_before_the_load() {
    let cache = cache(100);
    let load = async {
        tokio::time::advance(MINUTE / 2).await;
        Ok("nuts".into())
    };
    cache.get_or_load(&1, load).await.unwrap();
    tokio::time::advance((MINUTE / 2).saturating_sub(Duration::from_millis(1))).await;
    assert_eq!(cache.get(&1).as_deref(), Some("nuts"));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(cache.get(&1), None);
    assert_eq!(cache.get_within(&1, 2 * MINUTE).as_deref(), Some("nuts"), "better than none");
    cache.purge();
    assert_eq!((cache.get_within(&1, 2 * MINUTE), cache.entries.weight()), (None, 0));
}

#[tokio::test]
async fn the_weight_is_bounded_and_what_is_asked_for_stays() {
    let cache = cache(4_096);
    for key in 0..50_000_u64 {
        cache.fill(cache.begin(), key, "word".into());
        assert!(cache.entries.weight() <= 4_096 + 32, "{}", cache.entries.weight());
        // Asked for all the time.
        if cache.get(&0).is_none() {
            cache.put(0, "word".into());
        }
    }
    assert!(cache.entries.weight() > 4_096 / 2, "{}", cache.entries.weight());
    cache.put(7, "a".repeat(4_097).into());
    assert_eq!(cache.get(&7), None, "heavier than all together may be");
}

#[tokio::test]
async fn a_removal_holds_for_a_load_under_way() {
    let (cache, slow) = (cache(100), Arc::new(Slow::default()));
    let before = ask(&cache, &slow, Ok("old"));
    slow.started.notified().await;
    cache.remove(&1);
    // Who asks from now on does not join it.
    assert_eq!(cache.get_or_load(&1, async { Err("destroyed") }).await, Err("destroyed"));
    slow.go.notify_one();
    assert_eq!(before.await.unwrap().as_deref(), Ok("old"));
    assert_eq!((cache.get(&1), loads(&cache)), (None, 0));
}

#[tokio::test]
async fn what_is_put_is_not_replaced_by_what_was_loaded_before() {
    let (cache, slow) = (cache(100), Arc::new(Slow::default()));
    let before = ask(&cache, &slow, Ok("old"));
    slow.started.notified().await;
    cache.put(1, "new".into());
    slow.go.notify_one();
    assert_eq!(before.await.unwrap().as_deref(), Ok("old"));
    assert_eq!(cache.get(&1).as_deref(), Some("new"));
    let begun = cache.begin();
    cache.retain(|_, word| &**word != "new");
    cache.fill(begun, 1, "new".into());
    assert_eq!(cache.get(&1), None);
}

/// Readers and a writer at once: a reader that was told of a change never sees what was there before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_removed_comes_back() {
    let cache: Arc<Cache<u64, u64, ()>> =
        Arc::new(Cache::new(Bounds { weight_max: 64, weight_usual: 1, age_max: MINUTE }, |_, _| 1));
    let (stored, told) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (cache, stored, told) = (cache.clone(), stored.clone(), told.clone());
            tokio::spawn(async move {
                for _ in 0..20_000 {
                    let least = told.load(Ordering::SeqCst);
                    let load = async {
                        let read = stored.load(Ordering::SeqCst);
                        tokio::task::yield_now().await;
                        Ok(read)
                    };
                    let found = cache.get_or_load(&1, load).await.unwrap();
                    assert!(found >= least, "{found} after {least}");
                }
            })
        })
        .collect();
    let mut count = 0;
    while readers.iter().any(|reader| !reader.is_finished()) {
        count += 1;
        stored.store(count, Ordering::SeqCst);
        cache.remove(&1);
        told.store(count, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
