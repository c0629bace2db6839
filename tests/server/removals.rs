//! Single keys that are gone, at random: whoever was acknowledged is known, lost, or cannot be read; never nobody, and nothing of hers is
//! given away.
//!
//! `RAPPORT_TEST_SCALE` multiplies the number of removals; a failure prints the seed, and `RAPPORT_TEST_SEED` repeats it.

use std::path::Path;

use rapport::{
    domain::{CustomerId, TenantId},
    proto::{briefing_service_client::BriefingServiceClient, *},
    store::{
        CustomerKey, DocumentKey, Effect, Lane, Lifetime, Store as _, keys,
        keystore::KeyName,
        redb::{Cache, RedbStore},
    },
};
use tonic::{Code, Status};

use super::{
    common::{
        redis::{DURABLE, Server as Redis},
        scaled,
    },
    crash_points::Dice,
    lost::Shelf,
    whole::{GUESTS, House, card, guest, on_redb, on_redis},
    world::*,
};

/// Removals, and with how many guests.
const REMOVALS: (usize, usize) = (60, 2_000);
const GUESTS_OF_ALL: usize = 500;
/// Guests of whom something is removed at once: of each a single key.
const AT_ONCE: usize = 10;

/// What was removed, to be put back.
struct Gone {
    file: &'static str,
    name: String,
    /// With redb; Redis has it under another name.
    bytes: Vec<u8>,
}

/// The key stores' files; in Redis the first is database 0, the second 1.
const DATA: &str = "data/data.redb";
const KEYS: &str = "keys/keys.redb";

async fn take(shelf: &Shelf<'_>, file: &'static str, name: String) -> Option<Gone> {
    match shelf {
        Shelf::Redis(redis) => {
            let is_there = renamed(redis, file, &name, &format!("spare-{name}"));
            is_there.then(|| Gone { file, name, bytes: Vec::new() })
        }
        Shelf::Redb(folder) => {
            let store = RedbStore::open(&folder.join(file), Cache::default()).expect("opens");
            let there = store.values(std::slice::from_ref(&name)).await.expect("works").pop().flatten()?;
            store.change(name.clone(), Box::new(|_| Ok(Effect::Remove))).await.expect("removed");
            Some(Gone { file, name, bytes: there.to_vec() })
        }
    }
}

async fn put_back(shelf: &Shelf<'_>, gone: Gone) {
    let Gone { file, name, bytes } = gone;
    match shelf {
        Shelf::Redis(redis) => assert!(renamed(redis, file, &format!("spare-{name}"), &name), "it was put aside"),
        Shelf::Redb(folder) => {
            let store = RedbStore::open(&folder.join(file), Cache::default()).expect("opens");
            let put = move |_: &[u8]| Ok(Effect::Put(bytes.clone(), Lifetime::Forever));
            store.change(name, Box::new(put)).await.expect("put back");
        }
    }
}

fn renamed(redis: &Redis, file: &str, from: &str, to: &str) -> bool {
    let database = u8::from(file == KEYS);
    let script = format!(
        "redis.call('SELECT', {database}) if redis.call('EXISTS', '{from}') == 0 then return 0 end redis.call('RENAME', '{from}', '{to}') return 1"
    );
    let answer = redis.of(database).tell(&format!("EVAL \"{script}\" 0"));
    assert!(answer == ":0\r\n" || answer == ":1\r\n", "{answer}");
    answer == ":1\r\n"
}

fn of_customer(dice: &mut Dice, key: &CustomerKey) -> (&'static str, String) {
    let name = KeyName::Customer(key.tenant.clone(), key.customer);
    match dice.roll(8) {
        0 | 1 => (DATA, keys::record(key)),
        2 | 3 => (KEYS, keys::data_key(&name)),
        4 => (DATA, keys::requests(key)),
        5 => (DATA, keys::history(key, Lane::Changes)),
        6 => (DATA, keys::timeline(key, Lane::Changes)),
        _ => (DATA, keys::tokens(key)),
    }
}

fn of_all(dice: &mut Dice, tenant: &TenantId) -> (&'static str, String) {
    let bucket = u8::try_from(dice.roll(256)).expect("below 256");
    match dice.roll(4) {
        0 => (DATA, keys::mark(bucket)),
        1 => (KEYS, keys::key_mark(bucket)),
        number => {
            let name = if number == 2 { "policy" } else { "backfill:occasions" };
            (DATA, keys::document(&DocumentKey { tenant: tenant.clone(), name: name.to_owned() }))
        }
    }
}

/// She is who she is, or it is said that this cannot be told.
fn is_not_denied(answer: Result<Briefing, Status>, gone: &[Gone]) {
    let names = || gone.iter().map(|gone| gone.name.as_str()).collect::<Vec<_>>();
    match answer {
        Ok(briefing) if briefing.state == BriefingState::Unreadable as i32 => {}
        Ok(briefing) => {
            assert_eq!(briefing.state, BriefingState::Known as i32, "without one of {:?}", names());
            assert_eq!(briefing.precaution_state, PrecautionState::Listed as i32, "without one of {:?}", names());
        }
        Err(status) => assert_eq!(status.code(), Code::DataLoss, "without one of {:?}: {status:?}", names()),
    }
}

async fn nobody_is_denied(settings: Vec<String>, shelf: Shelf<'_>) {
    let seed = std::env::var("RAPPORT_TEST_SEED").map_or_else(
        |_| u64::from_le_bytes(uuid::Uuid::new_v4().as_bytes()[..8].try_into().expect("eight")),
        |seed| seed.parse().expect("RAPPORT_TEST_SEED is a number"),
    );
    println!("RAPPORT_TEST_SEED={seed}");
    let mut dice = Dice(seed);
    let removals = scaled(REMOVALS.0, REMOVALS.1);
    let guests = if removals == REMOVALS.1 { GUESTS_OF_ALL } else { GUESTS };
    let mut house = House::with_guests(settings.clone(), guests).await;
    house.stop();
    let tenant = TenantId::parse("", "default").expect("a name");
    let mut done = 0;
    while done < removals {
        let mut gone = Vec::new();
        let first = dice.roll(guests as u64) as usize;
        let some: Vec<usize> = (0..AT_ONCE).map(|number| (first + number) % guests).collect();
        if dice.roll(6) == 0 {
            let (file, name) = of_all(&mut dice, &tenant);
            gone.extend(take(&shelf, file, name).await);
        } else {
            for number in &some {
                let customer = CustomerId::parse("", &house.ids[*number]).expect("an id");
                let (file, name) = of_customer(&mut dice, &CustomerKey { tenant: tenant.clone(), customer });
                gone.extend(take(&shelf, file, name).await);
            }
        }
        done += gone.len();
        house = house.again_ended(settings.clone()).await;
        let mut briefings = BriefingServiceClient::new(house.process.channel.clone());
        for (number, id) in house.ids.iter().enumerate() {
            for subject in [by_id(id), by_identity(loyalty(&card(number)))] {
                let answer = briefings.get_briefing(briefing(subject)).await;
                is_not_denied(answer.map(|answer| answer.into_inner().briefing.expect("is there")), &gone);
            }
        }
        for number in some {
            house.create(guest(&card(number))).await.expect_err("the card is hers");
            // The first receipt, or a refusal.
            if let Ok(id) = house.create_again(number).await {
                assert_eq!(id, house.ids[number]);
            }
        }
        house.process.terminate();
        house.process.ended();
        for gone in gone {
            put_back(&shelf, gone).await;
        }
    }
    house = house.again_ended(settings).await;
    house.is_whole().await;
    house.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_denied_by_redb() {
    let folder = tempfile::tempdir().expect("a folder");
    let path: &Path = folder.path();
    nobody_is_denied(on_redb(path), Shelf::Redb(path)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_denied_by_redis() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    nobody_is_denied(on_redis(&redis, folder.path()), Shelf::Redis(&redis)).await;
}
