//! Single keys that are gone, at random, of every kind that there is: whoever was acknowledged is known, lost, or cannot be read; never
//! nobody, and nothing of hers is given away. An entry of an identity is put back by the walk, and found by the check.
//!
//! `RAPPORT_TEST_SCALE` multiplies the number of removals; a failure prints the seed, and `RAPPORT_TEST_SEED` repeats it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use ::redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use rapport::{
    proto::{
        briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient,
        interaction_service_client::InteractionServiceClient, *,
    },
    service::check::Fault,
};
use tokio::time::timeout;
use tonic::{Code, Status};

use super::{
    common::{
        redis::{DURABLE, Server as Redis},
        scaled,
    },
    crash_points::Dice,
    identity_walk::{blind, found, walked},
    lost::Shelf,
    raw::EVENT_MAX,
    soundness::{assert_sound, checked},
    whole::{GUESTS, House, card, guest, on_redb, on_redis},
    world::*,
};

on_both!(an_entry_of_an_identity_is_found_missing_and_put_back);

/// Removals, and with how many guests.
const REMOVALS: (usize, usize) = (60, 2_000);
const GUESTS_OF_ALL: usize = 500;
/// Guests of whom something is removed at once: of each a single key.
const AT_ONCE: usize = 20;
/// Entries of identities, in so many rounds.
const ENTRIES: (usize, usize) = (20, 2_000);
const ENTRY_ROUNDS: (usize, usize) = (2, 10);

/// How an embedded store keeps all it has.
const PAIRS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("data");

/// A key and its value; Redis has the value under another name.
type Pair = (Vec<u8>, Vec<u8>);

/// What was removed, to be put back.
struct Gone {
    side: Side,
    pair: Pair,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Data,
    Keys,
}

impl Side {
    fn file(self, folder: &Path) -> std::path::PathBuf {
        folder.join(if self == Self::Data { "data/data.redb" } else { "keys/keys.redb" })
    }

    fn open(self, folder: &Path) -> Database {
        Database::open(self.file(folder)).expect("nobody serves it")
    }
}

/// The names in a store, by their kind: what stands before the first colon. Entries of identities have a test of their own.
fn names(shelf: &Shelf<'_>) -> BTreeMap<String, Vec<(Side, Vec<u8>)>> {
    let mut all: BTreeMap<String, Vec<(Side, Vec<u8>)>> = BTreeMap::new();
    for side in [Side::Data, Side::Keys] {
        let found: Vec<Vec<u8>> = match shelf {
            Shelf::Redis(redis) => {
                redis.names(u8::from(side == Side::Keys)).into_iter().map(String::into_bytes).collect()
            }
            Shelf::Redb(folder) => {
                let file = side.open(folder);
                let table = file.begin_read().expect("reads").open_table(PAIRS).expect("has a table");
                table.iter().expect("reads").map(|pair| pair.expect("reads").0.value().to_vec()).collect()
            }
        };
        for name in found {
            let kind = kind(&text(&name)).to_owned();
            if kind != "identity" {
                all.entry(kind).or_default().push((side, name));
            }
        }
    }
    all
}

/// A name for people: members of an embedded store's keys are any bytes.
fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn spare(name: &[u8]) -> Vec<u8> {
    [b"spare-", name].concat()
}

/// Removes keys; what they held.
fn take(shelf: &Shelf<'_>, chosen: Vec<(Side, Vec<u8>)>) -> Vec<Gone> {
    let mut gone = Vec::new();
    for of in [Side::Data, Side::Keys] {
        let names = chosen.iter().filter(|(side, _)| *side == of).map(|(_, name)| name.clone());
        match shelf {
            Shelf::Redis(redis) => {
                for name in names {
                    rename(redis, of, &name, &spare(&name));
                    gone.push(Gone { side: of, pair: (name, Vec::new()) });
                }
            }
            Shelf::Redb(folder) => change(&of.open(folder), |table| {
                for name in names {
                    let value = table.remove(name.as_slice()).expect("works").expect("is there").value().to_vec();
                    gone.push(Gone { side: of, pair: (name, value) });
                }
            }),
        }
    }
    gone
}

fn put_back(shelf: &Shelf<'_>, gone: &[Gone]) {
    for of in [Side::Data, Side::Keys] {
        let pairs = gone.iter().filter(|gone| gone.side == of).map(|gone| &gone.pair);
        match shelf {
            Shelf::Redis(redis) => pairs.for_each(|(name, _)| rename(redis, of, &spare(name), name)),
            Shelf::Redb(folder) => change(&of.open(folder), |table| {
                for (name, value) in pairs {
                    table.insert(name.as_slice(), value.as_slice()).expect("works");
                }
            }),
        }
    }
}

fn change(file: &Database, change: impl FnOnce(&mut ::redb::Table<'_, &[u8], &[u8]>)) {
    let write = file.begin_write().expect("begins");
    change(&mut write.open_table(PAIRS).expect("has a table"));
    write.commit().expect("commits");
}

fn rename(redis: &Redis, side: Side, from: &[u8], to: &[u8]) {
    let [from, to] = [from, to].map(|name| std::str::from_utf8(name).expect("text"));
    let database = u8::from(side == Side::Keys);
    let script = format!("redis.call('SELECT', {database}) redis.call('RENAME', '{from}', '{to}') return 1");
    assert_eq!(redis.of(database).tell(&format!("EVAL \"{script}\" 0")), ":1\r\n");
}

/// Single keys of up to [`AT_ONCE`] guests, or one that is nobody's own.
fn chosen(dice: &mut Dice, shelf: &Shelf<'_>, ids: &[String]) -> Vec<(Side, Vec<u8>)> {
    let all: Vec<Vec<(Side, Vec<u8>)>> = names(shelf).into_values().collect();
    let of = |name: &[u8]| ids.iter().position(|id| text(name).contains(id.as_str()));
    let (is_shared, mut whose, mut chosen) = (dice.roll(3) == 0, BTreeSet::new(), Vec::new());
    // Kinds are as likely as each other, however many keys each has.
    for _ in 0..20 * AT_ONCE {
        let kind = &all[dice.roll(all.len() as u64) as usize];
        let (side, name) = &kind[dice.roll(kind.len() as u64) as usize];
        match of(name) {
            None if is_shared => return vec![(*side, name.clone())],
            Some(guest) if !is_shared && whose.len() < AT_ONCE && whose.insert(guest) => {
                chosen.push((*side, name.clone()));
            }
            _ => {}
        }
    }
    chosen
}

/// How often it was answered so, by the kind of what was gone of her, or of all.
type Tally = BTreeMap<String, BTreeMap<&'static str, usize>>;

/// She is who she is, or it is said that this cannot be told.
fn brief_says(answer: Result<Briefing, Status>, id: &str, gone: &str) -> &'static str {
    match answer {
        Ok(briefing) if briefing.state == BriefingState::Unreadable as i32 => {
            assert_eq!(briefing.precaution_state, PrecautionState::Unavailable as i32, "without {gone}");
            "unreadable"
        }
        Ok(briefing) => {
            assert_eq!(briefing.state, BriefingState::Known as i32, "without {gone}");
            assert_eq!(briefing.customer_id, id, "without {gone}");
            assert_eq!(briefing.precaution_state, PrecautionState::Listed as i32, "without {gone}");
            "known"
        }
        Err(status) => {
            assert_eq!(status.code(), Code::DataLoss, "without {gone}: {status:?}");
            "lost"
        }
    }
}

/// Whoever looks for her by her card finds her, or hears that this cannot be told.
async fn is_found(house: &House, number: usize, gone: &str) {
    let request =
        with!(LookupCustomerRequest { identities: vec![loyalty(&card(number))], purpose: Purpose::Service as i32 });
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    match customers.lookup_customer(request).await {
        Ok(answer) => {
            let found: Vec<String> = answer.into_inner().matches.into_iter().map(|found| found.customer_id).collect();
            assert_eq!(found, [house.ids[number].as_str()], "without {gone}");
        }
        Err(status) => {
            let is_told = status.code() == Code::DataLoss || reason(&status) == "STORE_UNFIT";
            assert!(is_told, "without {gone}: {status:?}");
        }
    }
}

/// Her card is hers; and the request by which she was made gets its first receipt, or a refusal.
async fn is_not_given_away(house: &House, number: usize, gone: &str) {
    let status = house.create(guest(&card(number))).await.expect_err("the card is hers");
    let is_told = [Code::AlreadyExists, Code::DataLoss].contains(&status.code()) || reason(&status) == "STORE_UNFIT";
    assert!(is_told, "without {gone}: {status:?}");
    if let Ok(id) = house.create_again(number).await {
        assert_eq!(id, house.ids[number], "without {gone}");
    }
}

/// `gone`: the names of what was removed.
async fn nobody_is_denied(house: &House, gone: &[String], tally: &mut Tally) {
    let mut briefings = BriefingServiceClient::new(house.process.channel.clone());
    for (number, id) in house.ids.iter().enumerate() {
        let hers = gone.iter().find(|name| name.contains(id.as_str()) || !of_one(name, &house.ids));
        let hers = hers.map_or("nothing of hers", String::as_str);
        for subject in [by_id(id), by_identity(loyalty(&card(number)))] {
            let answer = briefings.get_briefing(briefing(subject)).await;
            let said = brief_says(answer.map(|answer| answer.into_inner().briefing.expect("is there")), id, hers);
            *tally.entry(kind(hers).to_owned()).or_default().entry(said).or_default() += 1;
        }
        is_found(house, number, hers).await;
        if gone.iter().any(|name| name.contains(id.as_str())) {
            is_not_given_away(house, number, hers).await;
        }
    }
}

/// What stands before the first colon of a name.
fn kind(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

fn of_one(name: &str, ids: &[String]) -> bool {
    ids.iter().any(|id| name.contains(id.as_str()))
}

/// Guests who have bought something, so that there are keys of all kinds.
async fn stocked(settings: Vec<String>, guests: usize) -> House {
    let house = House::with_guests(settings, guests).await;
    let mut interactions = InteractionServiceClient::new(house.process.channel.clone());
    for (number, id) in house.ids.iter().enumerate() {
        let bought = vec![purchase(id, &format!("bill-{number}"), vec![line("tea", 400)])];
        interactions.record_interactions(RecordInteractionsRequest { interactions: bought }).await.expect("recorded");
    }
    house
}

fn stop(house: &mut House) {
    house.process.terminate();
    house.process.ended();
}

async fn keys_are_removed(backend: &str, settings: Vec<String>, shelf: Shelf<'_>) {
    let seed = std::env::var("RAPPORT_TEST_SEED").map_or_else(
        |_| u64::from_le_bytes(uuid::Uuid::new_v4().as_bytes()[..8].try_into().expect("eight")),
        |seed| seed.parse().expect("RAPPORT_TEST_SEED is a number"),
    );
    println!("RAPPORT_TEST_SEED={seed}");
    let mut dice = Dice(seed);
    let removals = scaled(REMOVALS.0, REMOVALS.1);
    let guests = if removals == REMOVALS.1 { GUESTS_OF_ALL } else { GUESTS };
    let mut house = stocked(settings.clone(), guests).await;
    let (mut done, mut tally, mut is_running) = (0, Tally::new(), true);
    while done < removals {
        // An embedded store is one process's; from a Redis most keys go while it is served.
        let is_served = matches!(shelf, Shelf::Redis(_)) && dice.roll(6) != 0;
        match (is_served, is_running) {
            (true, false) => house = house.again_ended(settings.clone()).await,
            (false, true) => stop(&mut house),
            _ => {}
        }
        is_running = true;
        let gone = take(&shelf, chosen(&mut dice, &shelf, &house.ids));
        done += gone.len();
        if !is_served {
            house = house.again_ended(settings.clone()).await;
        }
        let named: Vec<String> = gone.iter().map(|gone| text(&gone.pair.0)).collect();
        nobody_is_denied(&house, &named, &mut tally).await;
        is_not_given_away(&house, dice.roll(guests as u64) as usize, &named.join(" ")).await;
        if is_served {
            put_back(&shelf, &gone);
            house.is_whole().await;
        } else {
            stop(&mut house);
            put_back(&shelf, &gone);
            is_running = false;
        }
    }
    println!("{backend}: {done} keys of {guests} guests removed; answers by what was gone: {tally:?}");
    if !is_running {
        house = house.again_ended(settings).await;
    }
    house.is_whole().await;
    house.stop();
}

/// Fault: A single record or key is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_denied_by_redb() {
    let folder = tempfile::tempdir().expect("a folder");
    let path: &Path = folder.path();
    keys_are_removed("redb", on_redb(path), Shelf::Redb(path)).await;
}

/// Fault: A single record or key is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_denied_by_redis() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    keys_are_removed("Redis", on_redis(&redis, folder.path()), Shelf::Redis(&redis)).await;
}

/// Fault: An entry of an identity is gone.
async fn an_entry_of_an_identity_is_found_missing_and_put_back(world: World) {
    let (entries, rounds) = (scaled(ENTRIES.0, ENTRIES.1), scaled(ENTRY_ROUNDS.0, ENTRY_ROUNDS.1));
    let (at_once, guests) = (entries / rounds, if entries == ENTRIES.1 { GUESTS_OF_ALL } else { GUESTS });
    let mut ids = Vec::new();
    for number in 0..guests {
        ids.push(world.create(guest(&card(number))).await.customer_id);
    }
    let (core, mut dice) = (&world.server.core, Dice(u64::from(std::process::id())));
    for _ in 0..rounds {
        world.settle().await;
        let mut lost = BTreeSet::new();
        while lost.len() < at_once.min(guests) {
            let number = dice.roll(guests as u64) as usize;
            if lost.insert(number) {
                let name = rapport::store::keys::identity(&blind(&world, &card(number)).await);
                let remove = |_: &[u8]| Ok(rapport::store::Effect::Remove);
                core.store.change(name, Box::new(remove)).await.expect("removed");
            }
        }
        // A server of some age walks, too: who is not found missing is back already.
        let (report, told) = checked(core, false).await;
        assert!(report.faults.keys().all(|fault| *fault == Fault::IdentityMissing), "{told:?}");
        for number in lost.iter().filter(|number| !told.iter().any(|one| one.at.ends_with(&ids[**number]))) {
            assert_eq!(found(&world, &card(*number)).await, ids[*number]);
        }
        let all_are_back = async {
            for number in lost {
                while found(&world, &card(number)).await != ids[number] {
                    walked(&world).await;
                }
            }
        };
        timeout(EVENT_MAX, all_are_back).await.expect("the walk comes to everybody");
        assert_sound(core).await;
    }
}
