//! Random draws on a backend and on a plain list: both must answer the same, always, and no limit is ever passed.

use std::collections::BTreeMap;

use rapport::store::{BudgetEntry, BudgetKey, BudgetOutcome, BudgetState, StoreExt as _};

use crate::{
    backend,
    make::{AnyStore, NOW, budget, draw, token},
    model::{Dice, Seed, seeds},
};

const STEPS: u32 = 300;
const LIMIT: i64 = 500;
/// Long enough that an expiry sometimes comes between.
const STEP_MS: i64 = 100;

/// The contract, as plainly as it can be said.
#[derive(Default)]
struct Model {
    budgets: BTreeMap<BudgetKey, (BudgetState, i64)>,
}

impl Model {
    fn at(&self, key: &BudgetKey, now_ms: i64) -> BudgetState {
        let live = self.budgets.get(key).filter(|(_, expire_ms)| *expire_ms > now_ms);
        live.map(|(state, _)| state.clone()).unwrap_or_default()
    }

    fn hold(&mut self, key: &BudgetKey, entry: &BudgetEntry, expire_ms: i64, now_ms: i64) -> BudgetOutcome {
        let mut state = self.at(key, now_ms);
        state.entries.retain(|other| other.token != entry.token);
        let open: i64 = state.entries.iter().map(|entry| entry.amount).filter(|amount| *amount > 0).sum();
        let left = LIMIT - state.spent - open;
        if entry.amount > 0 && entry.amount > left {
            return BudgetOutcome::Short { left: left.max(0) };
        }
        state.entries.push(entry.clone());
        state.entries.sort_by_key(|entry| entry.token);
        let before = self.budgets.get(key).map_or(0, |(_, expire_ms)| *expire_ms);
        self.budgets.insert(key.clone(), (state, before.max(expire_ms)));
        BudgetOutcome::Placed
    }

    fn close(&mut self, key: &BudgetKey, number: u8, confirm: bool) {
        let Some((state, _)) = self.budgets.get_mut(key) else {
            return;
        };
        let closed = state.entries.extract_if(.., |entry| entry.token == token(number));
        let amount: i64 = closed.map(|entry| entry.amount).sum();
        state.spent += if confirm { amount } else { 0 };
    }
}

async fn compare(store: AnyStore, seed: u64) {
    let _seed = Seed(seed);
    let (mut dice, mut model, mut now_ms) = (Dice(seed), Model::default(), NOW);
    let keys = [budget("spring"), budget("autumn")];
    for _ in 0..STEPS {
        let key = &keys[usize::from(dice.one_in(4))];
        let number = dice.within(0..=12) as u8;
        match dice.within(0..=9) {
            0..=4 => {
                let entry = draw(number, dice.within(0..=200) as i64 - 50);
                let expire_ms = now_ms + dice.within(1..=9_000) as i64;
                let expected = model.hold(key, &entry, expire_ms, now_ms);
                assert_eq!(store.hold_budget(key, entry, LIMIT, expire_ms, now_ms).await.unwrap(), expected);
            }
            5..=7 => {
                model.close(key, number, true);
                store.confirm_budget(key, token(number)).await.unwrap();
            }
            8 => {
                model.close(key, number, false);
                store.release_budget(key, token(number)).await.unwrap();
            }
            _ => {
                now_ms += STEP_MS;
                assert_eq!(store.purge(now_ms).await.unwrap(), 0);
            }
        }
        let found = store.budgets(&keys, now_ms).await.unwrap();
        assert_eq!(found, keys.each_ref().map(|key| model.at(key, now_ms)));
        assert!(found.iter().all(|state| state.spent <= LIMIT));
    }
}

#[tokio::test]
async fn redb_draws_like_a_plain_list() {
    for seed in seeds() {
        compare(backend::store_on_redb().await.store.clone(), seed).await;
    }
}

#[tokio::test]
async fn redis_draws_like_a_plain_list() {
    for seed in seeds() {
        compare(backend::store_on_redis().await.store.clone(), seed).await;
    }
}
