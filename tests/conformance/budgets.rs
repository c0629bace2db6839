//! Budgets: held, confirmed, released, expired.

use std::sync::Arc;

use rapport::{
    domain::id::HoldToken,
    store::{
        BUDGET_HOLDS_MAX, BudgetEntry, BudgetKey, BudgetOutcome, BudgetState, StoreExt as _, TOKEN_KEEP_MS,
        keys::{self, Kind},
    },
};

use crate::make::{AnyStore, NOW, budget, draw, tenant, token};

crate::scenarios! { store_on_redb, store_on_redis:
    an_untouched_budget_is_all_zero,
    a_hold_is_seen_and_takes_room,
    a_limit_is_reached_exactly,
    a_short_hold_changes_nothing,
    the_same_token_replaces_its_entry,
    a_larger_amount_under_the_same_token_may_be_short,
    confirming_counts_once,
    releasing_frees_the_room,
    releasing_what_was_confirmed_changes_nothing,
    confirming_what_was_released_changes_nothing,
    the_unknown_changes_nothing,
    giving_back_counts_only_when_confirmed,
    giving_back_needs_no_room,
    a_lowered_limit_refuses_without_overflow,
    the_ends_of_the_range_do_not_overflow,
    open_holds_are_bounded,
    an_overdue_hold_keeps_its_room,
    an_expired_budget_counts_as_untouched,
    the_latest_expiry_counts,
    purging_an_old_budget_changes_no_answer,
    budgets_come_in_the_order_of_the_keys,
    budgets_do_not_mix,
    every_budget_is_named,
    two_hundred_holders_never_overdraw,
    confirmations_and_holds_at_once_add_up,
}

const EXPIRE: i64 = NOW + 40 * 24 * 3_600 * 1_000;

async fn hold_at(store: &AnyStore, entry: BudgetEntry, limit: i64, now_ms: i64) -> BudgetOutcome {
    store.hold_budget(&budget("spring"), entry, limit, EXPIRE, now_ms).await.unwrap()
}

async fn hold(store: &AnyStore, number: u8, amount: i64, limit: i64) -> BudgetOutcome {
    hold_at(store, draw(number, amount), limit, NOW).await
}

async fn confirm(store: &AnyStore, number: u8) {
    store.confirm_budget(&budget("spring"), token(number)).await.unwrap();
}

async fn release(store: &AnyStore, number: u8) {
    store.release_budget(&budget("spring"), token(number)).await.unwrap();
}

async fn state_at(store: &AnyStore, now_ms: i64) -> BudgetState {
    store.budgets(&[budget("spring")], now_ms).await.unwrap().remove(0)
}

async fn state(store: &AnyStore) -> BudgetState {
    state_at(store, NOW).await
}

fn spent(spent: i64) -> BudgetState {
    BudgetState { spent, entries: vec![] }
}

async fn an_untouched_budget_is_all_zero(store: AnyStore) {
    assert_eq!(state(&store).await, BudgetState::default());
    assert!(store.budgets(&[], NOW).await.unwrap().is_empty());
}

async fn a_hold_is_seen_and_takes_room(store: AnyStore) {
    assert_eq!(hold(&store, 2, 60, 100).await, BudgetOutcome::Placed);
    assert_eq!(hold(&store, 1, 30, 100).await, BudgetOutcome::Placed);
    assert_eq!(state(&store).await, BudgetState { spent: 0, entries: vec![draw(1, 30), draw(2, 60)] });
    assert_eq!(hold(&store, 3, 11, 100).await, BudgetOutcome::Short { left: 10 });
}

async fn a_limit_is_reached_exactly(store: AnyStore) {
    assert_eq!(hold(&store, 1, 100, 100).await, BudgetOutcome::Placed);
    assert_eq!(hold(&store, 2, 1, 100).await, BudgetOutcome::Short { left: 0 });
    assert_eq!(hold(&store, 2, 0, 100).await, BudgetOutcome::Placed);
    assert_eq!(hold(&store, 3, 1, 101).await, BudgetOutcome::Placed);
}

async fn a_short_hold_changes_nothing(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    let before = store.dump().await.unwrap();
    hold(&store, 2, 41, 100).await;
    hold(&store, 1, 101, 100).await;
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn the_same_token_replaces_its_entry(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    for amount in [100, 40, 40] {
        assert_eq!(hold(&store, 1, amount, 100).await, BudgetOutcome::Placed);
        assert_eq!(state(&store).await.entries, [draw(1, amount)]);
    }
    assert_eq!(hold(&store, 2, 60, 100).await, BudgetOutcome::Placed);
}

async fn a_larger_amount_under_the_same_token_may_be_short(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    hold(&store, 2, 30, 100).await;
    assert_eq!(hold(&store, 1, 71, 100).await, BudgetOutcome::Short { left: 70 });
    assert_eq!(state(&store).await.entries, [draw(1, 60), draw(2, 30)]);
}

async fn confirming_counts_once(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    hold(&store, 2, 30, 100).await;
    for _ in 0..3 {
        confirm(&store, 1).await;
        assert_eq!(state(&store).await, BudgetState { spent: 60, entries: vec![draw(2, 30)] });
    }
    confirm(&store, 2).await;
    confirm(&store, 1).await;
    assert_eq!(state(&store).await, spent(90));
    assert_eq!(hold(&store, 3, 11, 100).await, BudgetOutcome::Short { left: 10 });
}

async fn releasing_frees_the_room(store: AnyStore) {
    hold(&store, 1, 100, 100).await;
    for _ in 0..2 {
        release(&store, 1).await;
        assert_eq!(state(&store).await, spent(0));
    }
    assert_eq!(hold(&store, 2, 100, 100).await, BudgetOutcome::Placed);
}

async fn releasing_what_was_confirmed_changes_nothing(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    confirm(&store, 1).await;
    let before = store.dump().await.unwrap();
    release(&store, 1).await;
    assert_eq!(store.dump().await.unwrap(), before);
    assert_eq!(state(&store).await, spent(60));
}

async fn confirming_what_was_released_changes_nothing(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    release(&store, 1).await;
    confirm(&store, 1).await;
    assert_eq!(state(&store).await, spent(0));
}

async fn the_unknown_changes_nothing(store: AnyStore) {
    confirm(&store, 1).await;
    release(&store, 1).await;
    assert!(store.dump().await.unwrap().is_empty());
    hold(&store, 1, 60, 100).await;
    let before = store.dump().await.unwrap();
    confirm(&store, 2).await;
    release(&store, 2).await;
    store.confirm_budget(&budget("autumn"), token(1)).await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn giving_back_counts_only_when_confirmed(store: AnyStore) {
    hold(&store, 1, 100, 100).await;
    confirm(&store, 1).await;
    assert_eq!(hold(&store, 2, -40, 100).await, BudgetOutcome::Placed);
    assert_eq!(hold(&store, 3, 1, 100).await, BudgetOutcome::Short { left: 0 });
    confirm(&store, 2).await;
    assert_eq!(state(&store).await, spent(60));
    assert_eq!(hold(&store, 3, 41, 100).await, BudgetOutcome::Short { left: 40 });
    assert_eq!(hold(&store, 3, 40, 100).await, BudgetOutcome::Placed);
    // One that came to nothing gives nothing back.
    hold(&store, 4, -60, 100).await;
    release(&store, 4).await;
    assert_eq!(state(&store).await.spent, 60);
}

async fn giving_back_needs_no_room(store: AnyStore) {
    hold(&store, 1, 100, 100).await;
    assert_eq!(hold(&store, 2, -1, 0).await, BudgetOutcome::Placed);
}

async fn a_lowered_limit_refuses_without_overflow(store: AnyStore) {
    hold(&store, 1, 100, 100).await;
    confirm(&store, 1).await;
    for limit in [99, 0, -1, i64::MIN] {
        assert_eq!(hold(&store, 2, 1, limit).await, BudgetOutcome::Short { left: 0 });
    }
}

async fn the_ends_of_the_range_do_not_overflow(store: AnyStore) {
    assert_eq!(hold(&store, 1, i64::MAX, i64::MAX).await, BudgetOutcome::Placed);
    assert_eq!(hold(&store, 2, 1, i64::MAX).await, BudgetOutcome::Short { left: 0 });
    confirm(&store, 1).await;
    assert_eq!(state(&store).await, spent(i64::MAX));
    for number in [2, 3, 4] {
        hold(&store, number, i64::MIN, 0).await;
        confirm(&store, number).await;
    }
    assert_eq!(state(&store).await, spent(i64::MIN));
    assert_eq!(hold(&store, 5, 1, i64::MIN).await, BudgetOutcome::Short { left: 0 });
    assert_eq!(hold(&store, 5, i64::MAX, i64::MAX).await, BudgetOutcome::Placed);
}

async fn open_holds_are_bounded(store: AnyStore) {
    for number in 0..=u8::MAX {
        assert_eq!(hold(&store, number, 1, 1_000).await, BudgetOutcome::Placed);
    }
    assert_eq!(state(&store).await.entries.len(), BUDGET_HOLDS_MAX);
    let more = BudgetEntry { token: HoldToken(*b"one more than is"), ..draw(1, 1) };
    assert_eq!(hold_at(&store, more.clone(), 1_000, NOW).await, BudgetOutcome::Full);
    assert_eq!(hold(&store, 9, 2, 1_000).await, BudgetOutcome::Placed);
    confirm(&store, 9).await;
    assert_eq!(hold_at(&store, more, 1_000, NOW).await, BudgetOutcome::Placed);
}

/// Only the customer's slot decides an overdue hold, never the clock.
async fn an_overdue_hold_keeps_its_room(store: AnyStore) {
    hold(&store, 1, 100, 100).await;
    let late = draw(1, 100).deadline_ms + 1;
    assert_eq!(hold_at(&store, draw(2, 1), 100, late).await, BudgetOutcome::Short { left: 0 });
    assert_eq!(state_at(&store, late).await.entries, [draw(1, 100)]);
}

async fn an_expired_budget_counts_as_untouched(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    confirm(&store, 1).await;
    hold(&store, 2, 40, 100).await;
    assert_eq!(state_at(&store, EXPIRE - 1).await.spent, 60);
    assert_eq!(state_at(&store, EXPIRE).await, BudgetState::default());
    // The clock is the caller's: an earlier one still finds it.
    assert_eq!(state(&store).await.spent, 60);
    let (key, expire_ms) = (budget("spring"), EXPIRE + 1_000);
    assert_eq!(store.hold_budget(&key, draw(3, 100), 100, expire_ms, EXPIRE).await.unwrap(), BudgetOutcome::Placed);
    assert_eq!(state_at(&store, EXPIRE).await.entries, [draw(3, 100)]);
}

async fn the_latest_expiry_counts(store: AnyStore) {
    let key = budget("spring");
    for (number, expire_ms) in [(1, EXPIRE), (2, EXPIRE + 10), (3, EXPIRE)] {
        store.hold_budget(&key, draw(number, 1), 100, expire_ms, NOW).await.unwrap();
    }
    assert_eq!(state_at(&store, EXPIRE + 9).await.entries.len(), 3);
    assert_eq!(state_at(&store, EXPIRE + 10).await, BudgetState::default());
}

async fn purging_an_old_budget_changes_no_answer(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    for now_ms in [NOW, EXPIRE - 1, EXPIRE, EXPIRE + 9 * TOKEN_KEEP_MS] {
        let before = state_at(&store, now_ms).await;
        // Budgets are not what it counts: some backends collect them by themselves.
        assert_eq!(store.purge(now_ms).await.unwrap(), 0);
        assert_eq!(state_at(&store, now_ms).await, before);
    }
}

async fn budgets_come_in_the_order_of_the_keys(store: AnyStore) {
    hold(&store, 1, 60, 100).await;
    let autumn = budget("autumn");
    store.hold_budget(&autumn, draw(2, 7), 100, EXPIRE, NOW).await.unwrap();
    let wanted = [autumn.clone(), budget("winter"), budget("spring"), autumn];
    let found = store.budgets(&wanted, NOW).await.unwrap();
    let amounts: Vec<i64> = found.iter().map(|state| state.entries.iter().map(|entry| entry.amount).sum()).collect();
    assert_eq!(amounts, [7, 0, 60, 7]);
}

async fn budgets_do_not_mix(store: AnyStore) {
    let names = ["", "a", "a:b", "a%3ab", "{a}", "a\0b", "é", "e\u{301}"];
    let keys: Vec<_> = names
        .iter()
        .flat_map(|name| ["acme", "acm"].map(|owner| BudgetKey { tenant: tenant(owner), name: (*name).into() }))
        .collect();
    for (number, key) in (1..).zip(&keys) {
        assert_eq!(store.hold_budget(key, draw(number, 100), 100, EXPIRE, NOW).await.unwrap(), BudgetOutcome::Placed);
    }
    let found = store.budgets(&keys, NOW).await.unwrap();
    for (number, state) in (1..).zip(found) {
        assert_eq!(state.entries, [draw(number, 100)]);
    }
}

async fn every_budget_is_named(store: AnyStore) {
    let names = ["", "a", "a:b", "a%3ab", "{a}", "a\0b", "%", "é", "gestures/month/zrh/2026-03/CHF"];
    let mut wanted: Vec<BudgetKey> = names
        .iter()
        .flat_map(|name| ["acme", "acm"].map(|owner| BudgetKey { tenant: tenant(owner), name: (*name).into() }))
        .collect();
    for (number, key) in (1..).zip(&wanted) {
        store.hold_budget(key, draw(number, 1), 100, EXPIRE, NOW).await.unwrap();
    }
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = store.names(Kind::Budget, from.as_deref(), 4).await.unwrap();
        found.extend(page.names.iter().map(|name| keys::parse_budget(name).expect("a budget's name")));
        let Some(next) = page.next else { break };
        from = Some(next);
    }
    wanted.sort();
    found.sort();
    // Some perhaps twice.
    found.dedup();
    assert_eq!(found, wanted);
    let foreign = [
        "budget:{00}:acme:a",
        "budget:{zz}:acme:a",
        "budget:{00}:acme",
        "budget:{00}:acme:%zz",
        "budget:{00}:acme:%",
        "x",
    ];
    assert!(foreign.into_iter().all(|name| keys::parse_budget(name).is_none()));
}

async fn two_hundred_holders_never_overdraw(store: AnyStore) {
    let holds: Vec<_> = (0..200)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { hold(&store, number, 10 + i64::from(number % 3), 777).await })
        })
        .collect();
    let mut placed = 0;
    for (number, hold) in (0..).zip(holds) {
        match hold.await.unwrap() {
            BudgetOutcome::Placed => placed += 10 + number % 3,
            BudgetOutcome::Short { left } => assert!(left < 12, "{left}"),
            BudgetOutcome::Full => panic!("200 fit"),
        }
    }
    // Refused callers asked for at most twelve.
    assert!((766..=777).contains(&placed), "{placed}");
    let state = state(&store).await;
    assert_eq!(state.entries.iter().map(|entry| entry.amount).sum::<i64>(), placed);
}

async fn confirmations_and_holds_at_once_add_up(store: AnyStore) {
    let gestures: Vec<_> = (0..50)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                hold(&store, number, 5, 10_000).await;
                match number % 5 {
                    0 => release(&store, number).await,
                    _ => tokio::join!(confirm(&store, number), confirm(&store, number)).0,
                }
            })
        })
        .collect();
    for gesture in gestures {
        gesture.await.unwrap();
    }
    assert_eq!(state(&store).await, spent(40 * 5));
}
