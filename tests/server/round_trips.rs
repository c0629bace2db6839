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
            let mut line = String::new();
            self.lines.read_line(&mut line).expect("goes on");
            if line.contains("until-here") {
                return commands;
            }
            // +1700000000.1 [0 127.0.0.1:5] "GET" "record:{00}:…"
            let words: Vec<&str> = line.split('"').collect();
            let (database, command) = (line.split(['[', ' ']).nth(2).unwrap_or_default(), words[1]);
            let kind = words.get(3).and_then(|key| key.split(':').next()).unwrap_or_default();
            // A script is named by its hash; its key comes after that and their number.
            let is_probe = command == "EVALSHA" && words.get(7).is_some_and(|key| key.starts_with("format:"));
            // What readiness and the index worker ask for in between is not the look-up's.
            if database == "0" && !is_probe && !["", "format", "position", "log"].contains(&kind) {
                commands.push(format!("{command} {kind}"));
            }
        }
    }
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
