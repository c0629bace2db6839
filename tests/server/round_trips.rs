//! How many commands a look-up costs: counted by Redis itself.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
};

use rapport::proto::*;

use super::world::*;

/// What Redis is told, as it happens.
struct Monitor {
    lines: BufReader<TcpStream>,
    port: u16,
}

impl Monitor {
    fn start(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("Redis listens");
        stream.write_all(b"MONITOR\r\n").expect("writes");
        let mut lines = BufReader::new(stream);
        let mut answer = String::new();
        lines.read_line(&mut answer).expect("answers");
        assert_eq!(answer, "+OK\r\n");
        Self { lines, port }
    }

    /// The commands on data since the last call, as `COMMAND kind`; the key database is left out.
    fn commands(&mut self) -> Vec<String> {
        let mut marker = TcpStream::connect(("127.0.0.1", self.port)).expect("Redis listens");
        marker.write_all(b"ECHO until-here\r\n").expect("writes");
        let mut commands = Vec::new();
        loop {
            let command = self.next();
            if command.name == "ECHO" && command.first == "until-here" {
                return commands;
            }
            let kind = command.first.split(':').next().unwrap_or_default();
            // A script is named by its hash; its key comes after that and their number.
            let is_probe =
                command.name == "EVALSHA" && ["format:", "nothing:"].iter().any(|key| command.keys.starts_with(key));
            // What readiness and the index worker ask for in between is not the look-up's.
            if command.database == "0"
                && !is_probe
                && !["", "format", "nothing", "index-key", "mark", "position", "log", "erasing"].contains(&kind)
            {
                commands.push(format!("{} {kind}", command.name));
            }
        }
    }

    /// The next command, as soon as there is one.
    fn next(&mut self) -> Command {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("goes on");
        // +1700000000.1 [0 127.0.0.1:5] "GET" "record:{00}:…"
        let words: Vec<&str> = line.split('"').collect();
        let word = |number: usize| words.get(number).copied().unwrap_or_default().to_owned();
        let database = line.split(['[', ' ']).nth(2).unwrap_or_default().to_owned();
        Command { database, name: word(1), first: word(3), keys: word(7) }
    }

    /// How many positions of logs are read until a worker moves a cursor.
    fn positions_until_a_step(&mut self) -> usize {
        let mut positions = 0;
        loop {
            let command = self.next();
            match (command.name.as_str(), command.first.split(':').next()) {
                ("HMGET", Some("position")) => positions += 1,
                // The script that moves a cursor has the log as its first key.
                ("EVALSHA", _) if command.keys.starts_with("log:") => return positions,
                _ => {}
            }
        }
    }
}

/// One command, as far as it is looked at.
struct Command {
    database: String,
    name: String,
    first: String,
    /// The first key of a script.
    keys: String,
}

/// Looks until a read costs what a read costs: until the server's own worker has nothing left to do.
async fn quiet(world: &World, monitor: &mut Monitor, id: &str) {
    for _ in 0..1_000 {
        world.settle().await;
        monitor.commands();
        world.get(id).await;
        if monitor.commands() == ["GET record"] {
            return;
        }
    }
    panic!("the worker never ends");
}

async fn known_guest() -> (World, Monitor, String) {
    let world = World::start(Backend::Redis).await;
    let draft = CustomerDraft {
        identities: vec![loyalty("GC-1001"), identity(IdentityType::Phone, "+41446681800")],
        precautions: vec![allergy("TREE_NUTS")],
        ..named("Ana")
    };
    let id = world.create(draft).await.customer_id;
    // The menu of the venue is kept for seconds, as the policy is.
    world.brief(by_id(&id)).await;
    let mut monitor = Monitor::start(world.redis.as_ref().expect("on Redis").port());
    quiet(&world, &mut monitor, &id).await;
    (world, monitor, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_briefing_by_id_is_one_read() {
    let (world, mut monitor, id) = known_guest().await;
    world.brief(by_id(&id)).await;
    assert_eq!(monitor.commands(), ["GET record"]);
    world.get(&id).await;
    assert_eq!(monitor.commands(), ["GET record"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_of_a_venue_is_looked_for_once_in_a_while() {
    let (world, mut monitor, id) = known_guest().await;
    let elsewhere = || GetBriefingRequest { venue_id: OTHER_VENUE.into(), ..briefing(by_id(&id)) };
    world.briefings().get_briefing(elsewhere()).await.unwrap();
    assert_eq!(monitor.commands(), ["GET document", "GET record"], "the head alone: nothing was put");
    world.briefings().get_briefing(elsewhere()).await.unwrap();
    assert_eq!(monitor.commands(), ["GET record"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_briefing_by_identity_is_two_reads() {
    let (world, mut monitor, id) = known_guest().await;
    for identity in [loyalty("GC-1001"), identity(IdentityType::Phone, "044 668 18 00")] {
        let briefing = world.brief(by_identity(identity)).await;
        assert_eq!(briefing.customer_id, id);
        assert_eq!(monitor.commands(), ["GET identity", "GET record"]);
    }
    world.brief(by_identity(loyalty("nobody"))).await;
    assert_eq!(monitor.commands(), ["GET identity"]);
}

/// Of somebody who was never there, there is no key, and nothing is asked twice; nor of somebody who was erased.
#[tokio::test(flavor = "multi_thread")]
async fn a_miss_is_one_read() {
    let (world, mut monitor, id) = known_guest().await;
    let mut unknown = id.clone().into_bytes();
    unknown.swap(2, 3);
    unknown[4] = if unknown[4] == b'0' { b'1' } else { b'0' };
    let unknown = String::from_utf8(unknown).expect("an id");
    refusal!(world, customers, get_customer, get(&unknown));
    assert_eq!(monitor.commands(), ["GET record"]);
    let erase = with!(EraseCustomerRequest { customer_id: id.clone(), reason: "asked for it".into() });
    world.customers().erase_customer(by("anna", erase)).await.expect("is erased");
    world.settle().await;
    let reads = monitor.commands().into_iter().filter(|command| command == "GET record").count();
    assert_eq!(reads, 1, "an erasure reads the record once, for what leads to the customer");
    refusal!(world, customers, get_customer, get(&id));
    assert_eq!(monitor.commands(), ["GET record"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_briefings_are_one_round_trip_by_id_and_two_by_identity() {
    let (world, mut monitor, id) = known_guest().await;
    let other = world.create(CustomerDraft { identities: vec![loyalty("GC-1002")], ..named("Ben") }).await.customer_id;
    quiet(&world, &mut monitor, &id).await;
    let lookup = |subjects| LookupBriefingsRequest {
        subjects,
        venue_id: VENUE.into(),
        purpose: Purpose::Service as i32,
        ..LookupBriefingsRequest::default()
    };
    let both = lookup(vec![by_id(&id), by_id(&other)]);
    assert_eq!(world.briefings().lookup_briefings(both).await.unwrap().into_inner().results.len(), 2);
    assert_eq!(monitor.commands(), ["GET record", "GET record"], "one pipeline");
    let both = lookup(vec![by_identity(loyalty("GC-1001")), by_identity(loyalty("GC-1002"))]);
    world.briefings().lookup_briefings(both).await.unwrap();
    assert_eq!(monitor.commands(), ["GET identity", "GET identity", "GET record", "GET record"], "two pipelines");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_of_the_worker_reads_the_positions_of_the_marked_buckets_only() {
    let (world, mut monitor, id) = known_guest().await;
    // A sweep may fall between, once in half a minute: then the other purchases tell.
    let mut fewest = usize::MAX;
    for number in 0..3 {
        let bought = purchase(&id, &format!("till-{number}"), vec![line("espresso", 450)]);
        world
            .interactions()
            .record_interactions(RecordInteractionsRequest { interactions: vec![bought] })
            .await
            .unwrap();
        fewest = fewest.min(monitor.positions_until_a_step());
        quiet(&world, &mut monitor, &id).await;
    }
    // The log's page is read together with its positions: two in all.
    assert!((1..=2).contains(&fewest), "{fewest} positions for one marked bucket");
}
