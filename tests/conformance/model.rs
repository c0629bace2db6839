//! Random operations on a backend and on plain maps: both must answer the same, always.
//!
//! `RAPPORT_TEST_SCALE` multiplies the number of runs; a failure prints the seed, and `RAPPORT_TEST_SEED` repeats it.

use std::{collections::BTreeMap, ops::RangeInclusive};

use bytes::Bytes;
use rapport::store::{
    ALL_BUCKETS, Commit, CustomerKey, Document, EntryState, Hint, HintIndex, HintRange, HistoryEntry, HistoryRange,
    HoldOutcome, IdentityEntry, Lane, Loaded, LogEntry, LogPage, LogPosition, RecordWrite, Revision, Settled,
    StoreError, StoreExt as _, TOKEN_KEEP_MS,
};

use crate::{
    backend,
    common::scaled,
    make::{AnyStore, LANES, NOW, advance, bucket, held, identity, key, neighbour, record, tenant, token},
};

const STEPS: u32 = 300;
const RUNS: usize = 2;
/// The same in the full run.
const RUNS_FULL: usize = 200;
/// Comparing everything takes some 200 reads.
const COMPARE_EVERY: u32 = 50;

/// Splitmix64: enough for tests, and the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.roll() % (range.end() - range.start() + 1)
    }

    pub fn one_in(&mut self, chances: u64) -> bool {
        self.roll().is_multiple_of(chances)
    }

    fn some<T>(&mut self, most: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.within(0..=most)).map(|_| make(self)).collect()
    }
}

#[derive(Default)]
struct Slot {
    record: Option<(Revision, Bytes)>,
    requests: Option<Bytes>,
    lanes: BTreeMap<(Lane, [u8; 16]), HistoryEntry>,
    tokens: BTreeMap<[u8; 16], (bool, i64)>,
}

/// The contract, in plain maps.
#[derive(Default)]
struct Model {
    slots: BTreeMap<CustomerKey, Slot>,
    logs: BTreeMap<u8, (LogPosition, BTreeMap<u64, LogEntry>)>,
    identities: BTreeMap<u8, Vec<IdentityEntry>>,
    hints: BTreeMap<Vec<u8>, u64>,
    document: Option<Document>,
    versions: BTreeMap<u64, Document>,
}

/// A refusal, comparable.
#[derive(Debug, PartialEq)]
enum Refusal {
    Conflict,
    HoldRefused,
}

fn refusal(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict => Refusal::Conflict,
        StoreError::HoldRefused => Refusal::HoldRefused,
        other => panic!("{other}"),
    }
}

impl Model {
    fn commit(&mut self, commit: &Commit) -> Result<u64, Refusal> {
        let slot = self.slots.entry(commit.key.clone()).or_default();
        if slot.record.as_ref().map(|(revision, _)| *revision) != commit.expect {
            return Err(Refusal::Conflict);
        }
        if commit.tokens.iter().any(|token| slot.tokens.get(&token.0).is_some_and(|(committed, _)| !committed)) {
            return Err(Refusal::HoldRefused);
        }
        let (position, entries) = self.logs.entry(bucket(&commit.key)).or_default();
        position.end += 1;
        entries.insert(position.end, commit.log.clone());
        let RecordWrite::Put(bytes) = &commit.record else {
            *slot = Slot::default();
            return Ok(position.end);
        };
        slot.record = Some((commit.log.revision, bytes.clone()));
        if let Some(requests) = &commit.requests {
            slot.requests = Some(requests.clone());
        }
        for (lane, id) in &commit.history_drop {
            slot.lanes.remove(&(*lane, *id));
        }
        for (lane, entry) in &commit.history_put {
            slot.lanes.insert((*lane, entry.id), entry.clone());
        }
        for token in &commit.tokens {
            slot.tokens.entry(token.0).or_insert((true, commit.now_ms));
        }
        Ok(position.end)
    }

    fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Vec<HistoryEntry> {
        let Some(slot) = self.slots.get(key) else {
            return Vec::new();
        };
        let place = |entry: &HistoryEntry| (entry.time_ms, entry.id);
        let mut found: Vec<_> = slot.lanes.iter().filter(|((of, _), _)| *of == lane).map(|(_, entry)| entry).collect();
        found.retain(|entry| (range.from_ms..range.to_ms).contains(&entry.time_ms));
        found.sort_by_key(|entry| place(entry));
        if range.newest_first {
            found.reverse();
        }
        found.retain(|entry| match range.after {
            Some(after) if range.newest_first => place(entry) < after,
            Some(after) => place(entry) > after,
            None => true,
        });
        found.into_iter().take(range.limit).cloned().collect()
    }

    fn entries(&self, number: u8, now_ms: i64) -> Vec<IdentityEntry> {
        let mut entries = self.identities.get(&number).cloned().unwrap_or_default();
        entries.retain(|entry| entry.expire_ms.is_none_or(|expire_ms| expire_ms > now_ms));
        entries.sort_by_key(|entry| (entry.customer, entry.token));
        entries
    }

    fn hold(&mut self, number: u8, entry: IdentityEntry, seats: usize, now_ms: i64) -> HoldOutcome {
        let mut entries = self.entries(number, now_ms);
        entries.retain(|other| other.token != entry.token);
        if entries.len() >= seats {
            return HoldOutcome::Taken(entries);
        }
        entries.push(entry);
        self.identities.insert(number, entries);
        HoldOutcome::Placed
    }

    fn advance(&mut self, bucket: u8, cursor: u64, keep: u64) {
        let (position, entries) = self.logs.entry(bucket).or_default();
        position.cursor = position.cursor.max(cursor.min(position.end));
        position.trimmed = position.trimmed.max(position.cursor.min(position.end.saturating_sub(keep)));
        *entries = entries.split_off(&(position.trimmed + 1));
    }

    fn purge(&mut self, now_ms: i64) -> u64 {
        let mut count = 0;
        for slot in self.slots.values_mut() {
            slot.tokens.retain(|_, (_, time_ms)| {
                let young = *time_ms + TOKEN_KEEP_MS > now_ms;
                count += u64::from(!young);
                young
            });
        }
        count
    }
}

struct Run {
    store: AnyStore,
    model: Model,
    dice: Dice,
    keys: Vec<CustomerKey>,
    now_ms: i64,
}

fn listed(member: Vec<u8>) -> Hint {
    Hint { index: HintIndex::Listing, partition: 0, member }
}

impl Run {
    fn key(&mut self) -> CustomerKey {
        let number = self.dice.within(0..=self.keys.len() as u64 - 1);
        self.keys[number as usize].clone()
    }

    fn small(&mut self, most: u64) -> u8 {
        self.dice.within(0..=most) as u8
    }

    fn lane(&mut self) -> Lane {
        LANES[usize::from(self.small(1))]
    }

    fn random_commit(&mut self) -> Commit {
        let key = self.key();
        let there = self.model.slots.get(&key).and_then(|slot| slot.record.as_ref()).map(|(revision, _)| *revision);
        let counter = there.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: self.dice.roll() };
        // One in six expects something else.
        let expect = match self.small(5) {
            0 => self.dice.one_in(2).then_some(Revision { counter, write_id: 1 }),
            _ => there,
        };
        let length = self.dice.within(0..=300);
        let body = vec![self.small(255); length as usize];
        let erase = self.dice.one_in(12);
        let requests = self.dice.one_in(3).then(|| Bytes::from(vec![self.small(255); 9]));
        let history_put = self.dice.some(3, |dice| {
            let id = dice.within(0..=9) as u8;
            // The time of an id never changes, as the contract wants it.
            let entry = HistoryEntry {
                id: [id; 16],
                time_ms: i64::from(id / 2) - 2,
                bytes: Bytes::from(vec![dice.roll() as u8; 5]),
            };
            (LANES[dice.within(0..=1) as usize], entry)
        });
        let history_drop =
            self.dice.some(2, |dice| (LANES[dice.within(0..=1) as usize], [dice.within(0..=9) as u8; 16]));
        let tokens = self.dice.some(1, |dice| token(dice.within(0..=30) as u8));
        let log = LogEntry {
            key: key.clone(),
            revision,
            touched: rapport::domain::TouchedParts(self.dice.within(0..=255) as u32),
            index: Vec::new(),
        };
        let record = if erase { RecordWrite::Erase } else { RecordWrite::Put(record(revision, &body)) };
        Commit { key, expect, record, requests, history_put, history_drop, tokens, log, now_ms: self.now_ms }
    }

    async fn write_to_a_slot(&mut self) {
        if !self.dice.one_in(5) {
            let commit = self.random_commit();
            let expected = self.model.commit(&commit);
            assert_eq!(self.store.commit(commit).await.map_err(refusal), expected);
            return;
        }
        let (key, hold) = (self.key(), token(self.small(30)));
        let slot = self.model.slots.entry(key.clone()).or_default();
        let (committed, _) = *slot.tokens.entry(hold.0).or_insert((false, self.now_ms));
        let expected = if committed { Settled::Committed } else { Settled::Refused };
        assert_eq!(self.store.settle(&key, hold, self.now_ms).await.unwrap(), expected);
    }

    async fn change_an_identity(&mut self) {
        let (number, seats) = (self.small(2), self.small(3).into());
        let mut entry = held(self.small(5));
        entry.expire_ms = self.dice.one_in(2).then(|| self.now_ms + i64::from(self.dice.within(0..=400) as u32));
        match self.small(3) {
            0 => {
                self.store.confirm(&identity(number), entry.token).await.unwrap();
                let entries = self.model.identities.entry(number).or_default();
                entries.iter_mut().filter(|other| other.token == entry.token).for_each(|entry| {
                    entry.state = EntryState::Confirmed;
                });
            }
            1 => {
                self.store.release(&identity(number), entry.token).await.unwrap();
                self.model.identities.entry(number).or_default().retain(|other| other.token != entry.token);
            }
            _ => {
                let expected = self.model.hold(number, entry.clone(), seats, self.now_ms);
                let outcome = self.store.hold(&identity(number), entry, seats, self.now_ms).await.unwrap();
                assert_eq!(outcome, expected);
            }
        }
    }

    async fn change_something_else(&mut self) {
        match self.small(4) {
            0 => {
                let (key, cursor, keep) = (self.key(), self.dice.within(0..=60), self.dice.within(0..=20));
                self.model.advance(bucket(&key), cursor, keep);
                advance(&self.store, bucket(&key), cursor, keep).await;
            }
            1 => {
                let (member, revision) = (vec![self.small(9)], self.dice.roll() >> self.small(63));
                let there = self.model.hints.entry(member.clone()).or_insert(revision);
                *there = revision.max(*there);
                self.store.put_hint(&tenant("acme"), &listed(member), revision).await.unwrap();
            }
            2 => {
                let (member, revision) = (vec![self.small(9)], self.dice.roll() >> self.small(63));
                self.model.hints.retain(|there, newest| *there != member || *newest > revision);
                self.store.drop_hint(&tenant("acme"), &listed(member), revision).await.unwrap();
            }
            3 => {
                let expected = self.model.purge(self.now_ms);
                assert_eq!(self.store.purge(self.now_ms).await.unwrap(), expected);
            }
            _ => self.put_document().await,
        }
    }

    async fn put_document(&mut self) {
        let there = self.model.document.as_ref().map(|document| document.revision);
        let counter = there.map_or(0, |revision| revision.counter) + 1;
        let document = Document {
            revision: Revision { counter, write_id: self.dice.roll() },
            bytes: Bytes::from(counter.to_string()),
        };
        let keep = self.dice.within(1..=4);
        let expect = if self.dice.one_in(4) { None } else { there };
        let outcome = self.store.put_document(&tenant("acme"), "policy", expect, document.clone(), keep).await;
        assert_eq!(outcome.is_ok(), expect == there);
        if outcome.is_ok() {
            self.model.versions.insert(counter, document.clone());
            while self.model.versions.len() as u64 > keep {
                self.model.versions.pop_first();
            }
            self.model.document = Some(document);
        }
    }

    async fn read_something(&mut self) {
        let (key, lane) = (self.key(), self.lane());
        let (from_ms, to_ms) = (i64::from(self.small(6)) - 3, i64::from(self.small(6)) - 3);
        let after = self.dice.one_in(2).then(|| (i64::from(self.small(6)) - 3, [self.small(9); 16]));
        let range =
            HistoryRange { from_ms, to_ms, after, newest_first: self.dice.one_in(2), limit: self.small(5).into() };
        let found = self.store.history(&key, lane, range).await.unwrap();
        assert_eq!(found, self.model.history(&key, lane, range), "{range:?}");
    }

    async fn compare_everything(&self) {
        let positions = self.store.log_positions(&ALL_BUCKETS).await.unwrap();
        for key in &self.keys {
            let nothing = Slot::default();
            let slot = self.model.slots.get(key).unwrap_or(&nothing);
            for lane in LANES {
                let ids: Vec<_> = (0..10_u8).map(|id| [id; 16]).collect();
                let expected = Loaded {
                    record: slot.record.as_ref().map(|(_, bytes)| bytes.clone()),
                    requests: slot.requests.clone(),
                    history: ids.iter().map(|id| slot.lanes.get(&(lane, *id)).cloned()).collect(),
                };
                assert_eq!(self.store.load(key, lane, &ids).await.unwrap(), expected);
            }
            let (position, entries) = self.model.logs.get(&bucket(key)).cloned().unwrap_or_default();
            assert_eq!(positions[usize::from(bucket(key))], position);
            let entries: Vec<_> = entries.into_iter().collect();
            let expected = LogPage { entries, trimmed: position.trimmed, end: position.end };
            assert_eq!(self.store.log(bucket(key), 0, 1_000).await.unwrap(), expected);
        }
        for number in 0..3 {
            let found = self.store.identities(&[identity(number)], self.now_ms).await.unwrap().remove(0);
            assert_eq!(found.unwrap(), self.model.entries(number, self.now_ms));
        }
        let hints: Vec<_> = self.model.hints.clone().into_iter().collect();
        assert_eq!(
            self.store.hints(&tenant("acme"), HintIndex::Listing, 0, &HintRange::default(), 100).await.unwrap(),
            hints
        );
        assert_eq!(self.store.document(&tenant("acme"), "policy", None).await.unwrap(), self.model.document);
        for version in 0..60 {
            let found = self.store.document(&tenant("acme"), "policy", Some(version)).await.unwrap();
            assert_eq!(found.as_ref(), self.model.versions.get(&version));
        }
    }

    async fn step(&mut self) {
        match self.small(9) {
            0..5 => self.write_to_a_slot().await,
            5 | 6 => self.change_an_identity().await,
            7 => self.change_something_else().await,
            8 => self.read_something().await,
            // Some steps take hours, so that holds grow old.
            _ => self.now_ms += if self.dice.one_in(9) { TOKEN_KEEP_MS / 2 } else { 50 },
        }
    }
}

fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// Says which seed it was when a run panics.
pub struct Seed(pub u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to repeat this run: RAPPORT_TEST_SEED={}", self.0);
        }
    }
}

async fn compare(store: AnyStore, seed: u64) {
    let _seed = Seed(seed);
    let keys = vec![key(1), neighbour(&key(1)), key(2), key(3)];
    let mut run = Run { store, model: Model::default(), dice: Dice(seed), keys, now_ms: NOW };
    for step in 0..STEPS {
        run.step().await;
        if step % COMPARE_EVERY == 0 {
            run.compare_everything().await;
        }
    }
    run.compare_everything().await;
}

/// The seeds of this test run.
pub fn seeds() -> Vec<u64> {
    if let Some(seed) = number_from_environment("RAPPORT_TEST_SEED") {
        return vec![seed];
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let runs = scaled(RUNS, RUNS_FULL) as u64;
    (0..runs).map(|run| (since.as_nanos() as u64).wrapping_add(run)).collect()
}

#[tokio::test]
async fn redb_behaves_like_plain_maps() {
    for seed in seeds() {
        let held = backend::store_on_redb().await;
        compare(held.store.clone(), seed).await;
    }
}

#[tokio::test]
async fn redis_behaves_like_plain_maps() {
    for seed in seeds() {
        let held = backend::store_on_redis().await;
        compare(held.store.clone(), seed).await;
    }
}
