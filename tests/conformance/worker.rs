//! The index worker and the settling of holds, on every backend: crashes between any two steps, and repetition.

use std::sync::{Arc, OnceLock};

use rapport::{
    service::{
        Rapport,
        clock::Clock,
        error::Error,
        holds::{Draw, Drawn},
    },
    store::{
        BUDGET_HOLDS_MAX, BudgetEntry, BudgetState, Hint, HintRange, IndexOp, KeyRing, LocalKeys, RecordWrite,
        StoreError, StoreExt as _, TOKEN_KEEP_MS,
        hints::{in_all_customers, occasion},
        redb::RedbKeys,
    },
};

use crate::make::{AnyStore, NOW, bucket, budget, commit, draw, erase, key, tenant, token};

crate::scenarios! { store_on_redb, store_on_redis:
    a_committed_draw_is_confirmed_from_the_log,
    a_log_that_is_worked_again_counts_once,
    entries_that_were_worked_are_not_kept,
    hints_are_put_and_dropped_from_the_log,
    an_overdue_draw_without_a_commit_is_freed,
    an_overdue_draw_with_its_commit_is_counted,
    a_commit_after_its_draw_was_settled_fails,
    an_erasure_does_not_lose_what_was_spent,
    a_young_draw_is_left_alone,
    drawing_settles_what_is_overdue,
    drawing_from_a_busy_budget_is_contended,
}

const EXPIRE: i64 = NOW + 40 * 24 * 3_600 * 1_000;

/// A service on the store, with a clock that stands. All of them have the same keys, as replicas do.
pub fn replica(store: &AnyStore) -> Rapport {
    static KEYS: OnceLock<Arc<RedbKeys>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| Arc::new(RedbKeys::in_memory().unwrap())).clone();
    let ring = KeyRing::new(keys, Arc::new(LocalKeys::from_bytes(&[7; 32]).unwrap()));
    Rapport::new(Arc::clone(store), ring, Clock::Set(Arc::new(NOW.into())))
}

async fn hold(store: &AnyStore, number: u8, amount: i64) {
    store.hold_budget(&budget("spring"), draw(number, amount), 100, EXPIRE, NOW).await.unwrap();
}

async fn state(store: &AnyStore) -> BudgetState {
    store.budgets(&[budget("spring")], NOW).await.unwrap().remove(0)
}

/// Customer `number` commits its draw with token `number`.
async fn commit_draw(store: &AnyStore, number: u8) -> Result<u64, StoreError> {
    let mut create = commit(&key(number), 1);
    create.tokens = vec![token(number)];
    create.log.index = vec![IndexOp::ConfirmBudget { key: budget("spring"), token: token(number) }];
    store.commit(create).await
}

fn late() -> i64 {
    draw(1, 0).deadline_ms
}

async fn a_committed_draw_is_confirmed_from_the_log(store: AnyStore) {
    hold(&store, 1, 60).await;
    commit_draw(&store, 1).await.unwrap();
    replica(&store).worker().sweep().await.unwrap();
    assert_eq!(state(&store).await, BudgetState { spent: 60, entries: vec![] });
    let position = store.log_positions(&[bucket(&key(1))]).await.unwrap()[0];
    assert_eq!(position.cursor, 1);
}

async fn a_log_that_is_worked_again_counts_once(store: AnyStore) {
    hold(&store, 1, 60).await;
    commit_draw(&store, 1).await.unwrap();
    // A worker confirmed, and crashed before it moved the cursor.
    store.confirm_budget(&budget("spring"), token(1)).await.unwrap();
    let (one, other) = (replica(&store), replica(&store));
    let (first, second) = tokio::join!(one.worker().sweep(), other.worker().sweep());
    first.and(second).unwrap();
    assert_eq!(state(&store).await, BudgetState { spent: 60, entries: vec![] });
}

async fn entries_that_were_worked_are_not_kept(store: AnyStore) {
    for counter in 1..=3 {
        store.commit(commit(&key(1), counter)).await.unwrap();
    }
    replica(&store).worker().sweep().await.unwrap();
    let page = store.log(bucket(&key(1)), 0, 10).await.unwrap();
    assert_eq!((page.entries, page.trimmed, page.end), (vec![], 3, 3));
    // What comes after them waits for the worker.
    store.commit(commit(&key(1), 4)).await.unwrap();
    let page = store.log(bucket(&key(1)), 0, 10).await.unwrap();
    assert_eq!(page.entries.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [4]);
}

async fn hints_are_put_and_dropped_from_the_log(store: AnyStore) {
    let dates = [occasion([2; 8], key(1).customer), occasion([3; 8], key(1).customer)];
    let mut create = commit(&key(1), 1);
    create.log.index = dates.iter().cloned().map(IndexOp::PutHint).chain([IndexOp::List]).collect();
    store.commit(create).await.unwrap();
    let mut change = commit(&key(1), 2);
    change.log.index = vec![IndexOp::DropHint(dates[0].clone())];
    store.commit(change).await.unwrap();
    replica(&store).worker().sweep().await.unwrap();
    let read = async |hint: &Hint| {
        let range = HintRange::default();
        store.hints(&tenant("acme"), hint.index, hint.partition, &range, 10).await.unwrap()
    };
    assert!(read(&dates[0]).await.is_empty());
    assert_eq!(read(&dates[1]).await, [(dates[1].member.clone(), 1)]);
    assert_eq!(read(&in_all_customers(&key(1))).await, [(key(1).customer.as_bytes().to_vec(), 1)]);
}

async fn an_overdue_draw_without_a_commit_is_freed(store: AnyStore) {
    hold(&store, 1, 60).await;
    assert!(replica(&store).holds().settle_budget(&budget("spring"), late()).await.unwrap());
    assert_eq!(state(&store).await, BudgetState::default());
    assert!(!replica(&store).holds().settle_budget(&budget("spring"), late()).await.unwrap());
}

async fn an_overdue_draw_with_its_commit_is_counted(store: AnyStore) {
    hold(&store, 1, 60).await;
    commit_draw(&store, 1).await.unwrap();
    let replica = replica(&store);
    assert!(replica.holds().settle_budget(&budget("spring"), late()).await.unwrap());
    assert_eq!(state(&store).await, BudgetState { spent: 60, entries: vec![] });
    replica.worker().sweep().await.unwrap();
    assert_eq!(state(&store).await.spent, 60);
}

async fn a_commit_after_its_draw_was_settled_fails(store: AnyStore) {
    hold(&store, 1, 60).await;
    replica(&store).holds().settle_budget(&budget("spring"), late()).await.unwrap();
    assert!(matches!(commit_draw(&store, 1).await, Err(StoreError::HoldRefused)));
    assert_eq!(store.record(&key(1)).await.unwrap(), None);
    assert_eq!(state(&store).await, BudgetState::default());
}

/// The erasure takes the slot's memory of the commit along; the log still has it.
async fn an_erasure_does_not_lose_what_was_spent(store: AnyStore) {
    hold(&store, 1, 60).await;
    commit_draw(&store, 1).await.unwrap();
    let erasure = erase(&key(1), 2);
    assert_eq!(erasure.record, RecordWrite::Erase);
    store.commit(erasure).await.unwrap();
    assert!(replica(&store).holds().settle_budget(&budget("spring"), late()).await.unwrap());
    assert_eq!(state(&store).await, BudgetState { spent: 60, entries: vec![] });
}

async fn a_young_draw_is_left_alone(store: AnyStore) {
    hold(&store, 1, 60).await;
    assert!(!replica(&store).holds().settle_budget(&budget("spring"), late() - 1).await.unwrap());
    assert_eq!(state(&store).await.entries, [draw(1, 60)]);
    commit_draw(&store, 1).await.unwrap();
}

fn wanted(amount: i64) -> Draw {
    Draw { budget: budget("spring"), customer: key(9).customer, amount, limit: 100, expire_ms: EXPIRE }
}

async fn drawing_settles_what_is_overdue(store: AnyStore) {
    hold(&store, 1, 60).await;
    hold(&store, 2, 40).await;
    commit_draw(&store, 2).await.unwrap();
    let replica = replica(&store);
    assert_eq!(replica.holds().draw(&wanted(1), late() - 1).await.unwrap(), Drawn::Short { left: 0 });
    assert_eq!(replica.holds().draw(&wanted(61), late()).await.unwrap(), Drawn::Short { left: 60 });
    let Drawn::Held(held) = replica.holds().draw(&wanted(60), late()).await.unwrap() else {
        panic!("there is room");
    };
    assert_eq!(state(&store).await.spent, 40);
    replica.holds().give_back_draw(&budget("spring"), held).await;
    assert_eq!(state(&store).await, BudgetState { spent: 40, entries: vec![] });
}

async fn drawing_from_a_busy_budget_is_contended(store: AnyStore) {
    for number in 0..BUDGET_HOLDS_MAX {
        let entry = BudgetEntry { deadline_ms: NOW + TOKEN_KEEP_MS, ..draw(number as u8, 0) };
        store.hold_budget(&budget("spring"), entry, 100, EXPIRE, NOW).await.unwrap();
    }
    assert!(matches!(replica(&store).holds().draw(&wanted(1), NOW).await, Err(Error::Contended)));
}
