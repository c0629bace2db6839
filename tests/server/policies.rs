//! The policy: validated whole, versioned, and asked for where it is missing.

use rapport::proto::*;
use tonic::Code;

use super::world::*;

on_both!(
    versions_are_kept,
    the_last_hundred_versions_are_kept,
    an_etag_guards_against_others,
    what_cannot_be_served_by_is_refused,
    a_thousand_venues_fit,
    a_new_policy_counts_at_once,
);

mod without {
    use super::*;

    mod redb {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_policy_the_errors_say_so() {
            super::no_policy(crate::world::World::bare(crate::world::Backend::Redb).await).await;
        }
    }

    mod redis {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn a_policy_the_errors_say_so() {
            super::no_policy(crate::world::World::bare(crate::world::Backend::Redis).await).await;
        }
    }

    async fn no_policy(world: World) {
        let none = refusal!(world, policies, get_policy, GetPolicyRequest { version: 0 });
        assert_refused(&none, Code::NotFound, "POLICY_NOT_FOUND");
        assert!(none.message().contains("SetPolicy"));
        // A customer needs no policy; anything that happens at a venue does.
        let id = world.create(named("Ana")).await.customer_id;
        let before = world.dump().await;
        let nowhere = refusal!(world, briefings, get_briefing, briefing(by_id(&id)));
        assert_field(&nowhere, "venue_id", VENUE);
        assert!(nowhere.message().contains("SetPolicy"));
        let request = RecordInteractionsRequest { interactions: vec![purchase(&id, "1", vec![line("tea", 1)])] };
        let result = world.interactions().record_interactions(request).await.unwrap().into_inner().results.remove(0);
        assert_eq!(result.error.unwrap().field, "venue_id");
        world.assert_unchanged(&before).await;
        let stale = Policy { etag: "AAAAAAAAAAAAAAAAAAAAAA".into(), ..policy() };
        let stale = refusal!(world, policies, set_policy, SetPolicyRequest { policy: Some(stale) });
        assert_refused(&stale, Code::Aborted, "ETAG_MISMATCH");
        assert_eq!(set(&world, policy()).await.version, 1);
        world.brief(by_id(&id)).await;
    }
}

async fn set(world: &World, policy: Policy) -> Policy {
    let request = SetPolicyRequest { policy: Some(policy) };
    world.policies().set_policy(request).await.expect("set").into_inner().policy.expect("a policy")
}

async fn version(world: &World, version: i64) -> Policy {
    let request = GetPolicyRequest { version };
    world.policies().get_policy(request).await.expect("kept").into_inner().policy.expect("a policy")
}

fn owned_by(owner: &str) -> Policy {
    Policy { owner: owner.into(), ..policy() }
}

async fn versions_are_kept(world: World) {
    let first = version(&world, 0).await;
    assert_eq!((first.version, first.update_time), (1, time(NOON)));
    let sent = policy();
    assert!((&first.owner, &first.venues, &first.issued_ranges) == (&sent.owner, &sent.venues, &sent.issued_ranges));
    world.set_clock(NOON + 60);
    // Version and time are the server's.
    let second = set(&world, Policy { version: 77, update_time: time(1), ..owned_by("Second") }).await;
    assert_eq!((second.version, second.update_time), (2, time(NOON + 60)));
    assert_ne!(second.etag, first.etag);
    assert!(version(&world, 0).await == second && version(&world, 2).await == second);
    assert!(version(&world, 1).await == first);
    let missing = refusal!(world, policies, get_policy, GetPolicyRequest { version: 3 });
    assert_refused(&missing, Code::NotFound, "POLICY_NOT_FOUND");
    let negative = refusal!(world, policies, get_policy, GetPolicyRequest { version: -1 });
    assert_field(&negative, "version", "");
}

async fn the_last_hundred_versions_are_kept(world: World) {
    for number in 2..=102 {
        assert_eq!(set(&world, owned_by(&format!("Owner {number}"))).await.version, number);
    }
    for gone in [1, 2] {
        let missing = refusal!(world, policies, get_policy, GetPolicyRequest { version: gone });
        assert_refused(&missing, Code::NotFound, "POLICY_NOT_FOUND");
    }
    assert_eq!(version(&world, 3).await.owner, "Owner 3");
    assert_eq!(version(&world, 0).await.owner, "Owner 102");
}

async fn an_etag_guards_against_others(world: World) {
    let first = version(&world, 0).await;
    let second = set(&world, Policy { etag: first.etag.clone(), ..owned_by("Second") }).await;
    let before = world.dump().await;
    for stale in [first.etag.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "no etag at all"] {
        let policy = Policy { etag: stale.into(), ..owned_by("Too late") };
        let refused = refusal!(world, policies, set_policy, SetPolicyRequest { policy: Some(policy) });
        assert_refused(&refused, Code::Aborted, "ETAG_MISMATCH");
    }
    world.assert_unchanged(&before).await;
    assert_eq!(set(&world, Policy { etag: second.etag, ..owned_by("Third") }).await.version, 3);
    assert_eq!(set(&world, owned_by("Fourth")).await.version, 4, "without one, the last writer wins");
}

async fn what_cannot_be_served_by_is_refused(world: World) {
    let before = world.dump().await;
    let venue = |change: &dyn Fn(&mut Venue)| {
        let mut policy = policy();
        change(&mut policy.venues[1]);
        policy
    };
    let range = |prefix: &str, label: &str| {
        let range = IssuedRange { prefix: prefix.into(), label: label.into() };
        Policy { issued_ranges: vec![range], ..policy() }
    };
    let mut table = vec![
        ("owner", owned_by("")),
        ("owner", owned_by(&"x".repeat(121))),
        ("venues", Policy { venues: Vec::new(), ..policy() }),
        ("venues", Policy { venues: vec![policy().venues.remove(0); 1_001], ..policy() }),
        ("venues[1].venue_id", venue(&|venue| venue.venue_id = VENUE.into())),
        ("venues[1].venue_id", venue(&|venue| venue.venue_id = "a venue".into())),
        ("venues[1].venue_id", venue(&|venue| venue.venue_id = String::new())),
        ("venues[1].display_name", venue(&|venue| venue.display_name = String::new())),
        ("venues[1].display_name", venue(&|venue| venue.display_name = "a\u{202e}b".into())),
        ("venues[1].brand", venue(&|venue| venue.brand = "x".repeat(65))),
        ("issued_ranges", Policy { issued_ranges: vec![IssuedRange::default(); 51], ..policy() }),
        ("issued_ranges[0].prefix", range("411", "Gold")),
        ("issued_ranges[0].prefix", range("4111111111111", "Gold")),
        ("issued_ranges[0].prefix", range("41a1", "Gold")),
        ("issued_ranges[0].label", range("60110099", "")),
        ("default_region", Policy { default_region: "Switzerland".into(), ..policy() }),
        ("default_region", Policy { default_region: "QQ".into(), ..policy() }),
    ];
    for zone in ["", "Europe/Atlantis", "UTC+1", "+01:00", "Etc/Unknown", "../Zurich", "Mars"] {
        table.push(("venues[1].time_zone", venue(&|venue| venue.time_zone = zone.into())));
    }
    for hour in ["24:00", "25:00", "4:00", "04:60", "0400", "04:00:00", "12:01", "23:59", "-1:00", "noon"] {
        table.push(("venues[1].business_day_start", venue(&|venue| venue.business_day_start = hour.into())));
    }
    for code in ["", "ZZZ", "eur", "EURO"] {
        table.push(("venues[1].currency_code", venue(&|venue| venue.currency_code = code.into())));
    }
    for region in ["P", "PRT", "QQ", "42"] {
        table.push(("venues[1].region", venue(&|venue| venue.region = region.into())));
    }
    for (at, policy) in table {
        let zone = if at.ends_with("time_zone") { policy.venues[1].time_zone.clone() } else { String::new() };
        let refused = refusal!(world, policies, set_policy, SetPolicyRequest { policy: Some(policy) });
        assert_field(&refused, &format!("policy.{at}"), &zone);
    }
    world.assert_unchanged(&before).await;
}

async fn a_thousand_venues_fit(world: World) {
    let venue = |number: usize| Venue { venue_id: format!("v-{number}"), ..policy().venues.remove(0) };
    let set = set(&world, Policy { venues: (0..1_000).map(venue).collect(), ..policy() }).await;
    assert_eq!(set.venues.len(), 1_000);
    let id = world.create(named("Ana")).await.customer_id;
    let request = GetBriefingRequest { venue_id: "v-999".into(), ..briefing(by_id(&id)) };
    world.briefings().get_briefing(request).await.expect("a briefing");
}

async fn a_new_policy_counts_at_once(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let at = |venue: &str| GetBriefingRequest { venue_id: venue.into(), ..briefing(by_id(&id)) };
    assert_field(&refusal!(world, briefings, get_briefing, at("nyc-1")), "venue_id", "nyc-1");
    let mut wider = policy();
    wider.venues.push(Venue {
        venue_id: "nyc-1".into(),
        time_zone: "america/new_york".into(),
        business_day_start: String::new(),
        ..policy().venues.remove(0)
    });
    let set = set(&world, wider).await;
    let added = &set.venues[2];
    assert_eq!((added.time_zone.as_str(), added.business_day_start.as_str()), ("America/New_York", "00:00"));
    world.briefings().get_briefing(at("nyc-1")).await.expect("a briefing");
}
