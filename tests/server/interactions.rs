//! Interactions: each counts once, whenever and however it arrives.

use std::collections::BTreeMap;

use rapport::proto::*;
use tonic::Code;

use super::{
    soundness::{assert_sound, spoil_identity},
    world::*,
};

on_both!(
    each_of_a_request_stands_for_itself,
    a_damaged_identity_refuses_no_other_interaction,
    a_request_holds_one_to_a_hundred,
    the_same_again_counts_once,
    a_void_takes_back_what_was_counted,
    order_does_not_matter,
    what_is_counted_is_what_happened,
    a_voided_visit_is_no_visit,
    a_purchase_of_a_visit_is_no_visit,
    a_stream_is_acknowledged_item_by_item,
    a_list_is_latest_first,
    a_list_is_for_those_who_may,
    a_list_tells_amounts_and_notes_to_whom_they_concern,
    a_history_over_its_bound_catches_up,
    what_is_older_than_the_history_is_not_counted,
);

async fn record(world: &World, interactions: Vec<Interaction>) -> Vec<InteractionResult> {
    let request = RecordInteractionsRequest { interactions };
    world.interactions().record_interactions(request).await.expect("answered").into_inner().results
}

fn outcomes(results: &[InteractionResult]) -> Vec<RecordOutcome> {
    results.iter().map(InteractionResult::outcome).collect()
}

async fn habits(world: &World, id: &str) -> Habits {
    world.get(id).await.habits.expect("habits")
}

fn void(customer_id: &str, external_id: &str) -> VoidInteractionRequest {
    VoidInteractionRequest {
        customer_id: customer_id.into(),
        source: "till-4".into(),
        external_id: external_id.into(),
        reason: "wrong table".into(),
    }
}

fn list(customer_id: &str) -> ListInteractionsRequest {
    with!(ListInteractionsRequest { customer_id: customer_id.into(), purpose: Purpose::Service as i32 })
}

fn as_role<T>(role: &str, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("rapport-role", role.parse().expect("ASCII"));
    request
}

/// The external ids of all pages.
async fn listed(world: &World, mut request: ListInteractionsRequest) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = world.interactions().list_interactions(request.clone()).await.expect("a page").into_inner();
        ids.extend(page.interactions.into_iter().map(|kept| kept.interaction.expect("an interaction").external_id));
        if page.next_page_token.is_empty() {
            return ids;
        }
        request.page_token = page.next_page_token;
    }
}

async fn each_of_a_request_stands_for_itself(world: World) {
    let phone = identity(IdentityType::Phone, "+41446681800");
    let identities = vec![phone.clone(), loyalty("GC-1")];
    let ana = world.create(CustomerDraft { identities, ..named("Ana") }).await.customer_id;
    world.create(CustomerDraft { identities: vec![phone.clone()], ..named("Bo") }).await;
    let tea = |external_id: &str| purchase(&ana, external_id, vec![line("tea", 300)]);
    let of = |identity: Identity| Interaction {
        customer: Some(interaction::Customer::Identity(identity)),
        ..tea("by-identity")
    };
    let results = record(
        &world,
        vec![
            tea("1"),
            Interaction { venue_id: "elsewhere".into(), ..tea("2") },
            tea("1"),
            purchase(&ana, "1", vec![line("coffee", 300)]),
            Interaction { customer: Some(interaction::Customer::CustomerId("0".repeat(26))), ..tea("3") },
            of(loyalty("GC-1")),
            of(loyalty("GC-2")),
            of(phone),
        ],
    )
    .await;
    use RecordOutcome::*;
    let expected = [Recorded, Refused, Repeated, Refused, Refused, Recorded, Refused, Refused];
    assert!(outcomes(&results) == expected);
    let error = |place: usize| {
        let ItemError { code, reason, field, message: _, retry_delay: _ } =
            results[place].error.clone().expect("an error");
        (code, reason, field)
    };
    let expect = |code: Code, reason: &str, field: &str| (code as i32, reason.to_owned(), field.to_owned());
    assert_eq!(error(1), expect(Code::InvalidArgument, "FIELD_INVALID", "venue_id"));
    assert_eq!(error(3), expect(Code::InvalidArgument, "INTERACTION_DIFFERS", "external_id"));
    assert_eq!(error(4), expect(Code::NotFound, "CUSTOMER_NOT_FOUND", ""));
    assert_eq!(error(6), expect(Code::NotFound, "IDENTITY_UNKNOWN", "identity"));
    assert_eq!(error(7), expect(Code::FailedPrecondition, "IDENTITY_AMBIGUOUS", "identity"));
    for place in [0, 2, 5] {
        assert_eq!(results[place].customer_id, ana);
    }
    // The token of the last one demands that the read sees them all.
    let demanding = GetCustomerRequest { revision_token: results[5].revision_token.clone(), ..get(&ana) };
    let customer = world.customers().get_customer(demanding).await.unwrap().into_inner().customer.unwrap();
    assert_eq!(customer.habits.unwrap().purchase_count, 2);
}

async fn a_damaged_identity_refuses_no_other_interaction(world: World) {
    for number in ["GC-1", "GC-2"] {
        world.create(CustomerDraft { identities: vec![loyalty(number)], ..named("Guest") }).await;
    }
    let known = world.create(named("Ana")).await.customer_id;
    world.settle().await;
    spoil_identity(&world, "GC-1").await;
    let of = |number: &str| Interaction {
        customer: Some(interaction::Customer::Identity(loyalty(number))),
        ..purchase("", number, vec![line("tea", 300)])
    };
    let results =
        record(&world, vec![of("GC-1"), of("GC-2"), of("GC-9"), purchase(&known, "1", vec![line("tea", 300)])]).await;
    use RecordOutcome::*;
    assert!(outcomes(&results) == [Refused, Recorded, Refused, Recorded]);
    let reason = |index: usize| results[index].error.clone().expect("an error").reason;
    assert_eq!((reason(0), reason(2)), ("DATA_DAMAGED".to_owned(), "IDENTITY_UNKNOWN".to_owned()));
}

async fn a_request_holds_one_to_a_hundred(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let many = |count: usize| RecordInteractionsRequest {
        interactions: (0..count).map(|number| purchase(&ana, &format!("{number}"), vec![line("tea", 1)])).collect(),
    };
    for count in [0, 101] {
        assert_field(&refusal!(world, interactions, record_interactions, many(count)), "interactions", "");
    }
    world.assert_unchanged(&before).await;
    let results = world.interactions().record_interactions(many(100)).await.unwrap().into_inner().results;
    assert!(outcomes(&results) == [RecordOutcome::Recorded; 100]);
    assert_eq!(habits(&world, &ana).await.purchase_count, 100);
}

async fn the_same_again_counts_once(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let tea = purchase(&ana, "1", vec![line("tea", 300)]);
    let first = record(&world, vec![tea.clone()]).await;
    let before = world.dump().await;
    let again = record(&world, vec![tea.clone()]).await;
    assert!(outcomes(&again) == [RecordOutcome::Repeated]);
    assert_eq!(again[0].revision_token, first[0].revision_token);
    let later = Interaction { occur_time: time(NOON), ..tea.clone() };
    let dearer = purchase(&ana, "1", vec![line("tea", 301)]);
    let described = Interaction { text: "in the garden".into(), ..tea.clone() };
    for other in [later, dearer, described] {
        let refused = record(&world, vec![other]).await.remove(0);
        let error = refused.error.expect("an error");
        assert_eq!(
            (error.code, error.reason.as_str(), error.field.as_str()),
            (3, "INTERACTION_DIFFERS", "external_id")
        );
    }
    world.assert_unchanged(&before).await;
    // Another system's, under the same key, is another one.
    let other = record(&world, vec![Interaction { source: "till-5".into(), ..tea }]).await;
    assert!(outcomes(&other) == [RecordOutcome::Recorded]);
}

async fn a_void_takes_back_what_was_counted(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let at = |seconds: i64, interaction: Interaction| Interaction { occur_time: time(NOON - seconds), ..interaction };
    let tea = |key: &str| purchase(&ana, key, vec![PurchaseLine { category: "drink".into(), ..line("tea", 300) }]);
    record(&world, vec![at(90_000, tea("first")), at(60, tea("last"))]).await;
    let before = habits(&world, &ana).await;
    let dinner = vec![line("soup", 1_200), line("tea", 300), line("soup", 1_200)];
    let total = Some(Money { currency_code: "EUR".into(), minor_units: 2_500 });
    let dinner =
        Interaction { purchase: Some(Purchase { lines: dinner, total, party_size: 2 }), ..at(40_000, tea("dinner")) };
    let kind = InteractionKind::Contact as i32;
    let call = Interaction { kind, purchase: None, ..at(30_000, tea("call")) };
    record(&world, vec![dinner.clone(), call]).await;
    let between = habits(&world, &ana).await;
    assert_eq!((between.visit_count, between.line_count, between.contact_count), (3, 5, 1));
    assert_eq!(between.spend.len(), 2);
    for key in ["dinner", "call"] {
        world.interactions().void_interaction(by("jon", void(&ana, key))).await.expect("voided");
    }
    assert!(habits(&world, &ana).await == before, "every count is as before");
    let stored = world.dump().await;
    let receipt =
        world.interactions().void_interaction(void(&ana, "dinner")).await.unwrap().into_inner().receipt.unwrap();
    assert_eq!(receipt.etag, world.get(&ana).await.etag);
    // What was voided is known, and does not count when it is reported again.
    assert!(outcomes(&record(&world, vec![dinner]).await) == [RecordOutcome::Repeated]);
    let missing = refusal!(world, interactions, void_interaction, void(&ana, "breakfast"));
    assert_refused(&missing, Code::NotFound, "PART_NOT_FOUND");
    let nobody = refusal!(world, interactions, void_interaction, void(&"0".repeat(26), "dinner"));
    assert_refused(&nobody, Code::NotFound, "CUSTOMER_NOT_FOUND");
    world.assert_unchanged(&stored).await;

    let kept = world.interactions().list_interactions(list(&ana)).await.unwrap().into_inner().interactions;
    let voided: Vec<(bool, &str)> = kept.iter().map(|kept| (kept.voided, kept.void_reason.as_str())).collect();
    assert_eq!(voided, [(false, ""), (true, "wrong table"), (true, "wrong table"), (false, "")]);
    assert_eq!(kept[1].recorded_by, "unknown-device", "who reported it, not who voided it");
}

/// Sixty interactions of a year, of all kinds.
fn a_year(customer: &str) -> Vec<Interaction> {
    let one = |number: i64| {
        let lines = vec![line(&format!("item {}", number % 7), 100 + number), line("bread", 250)];
        let mut one = purchase(customer, &format!("{number}"), lines);
        one.occur_time = time(NOON - number * 6 * 86_400 - number * 977);
        if number % 5 == 0 {
            one.venue_id = OTHER_VENUE.into();
        }
        if number % 4 == 0 {
            (one.kind, one.purchase) = (InteractionKind::Visit as i32, None);
        }
        if number % 9 == 0 {
            (one.kind, one.purchase) = (InteractionKind::Contact as i32, None);
        }
        one
    };
    (0..60).map(one).collect()
}

async fn order_does_not_matter(world: World) {
    let mut seen: Vec<Habits> = Vec::new();
    // Oldest first one by one, newest first in one request, and shuffled in sevens, with some of them twice.
    for (step, size) in [(59, 1), (1, 60), (37, 7)] {
        let id = world.create(named("Ana")).await.customer_id;
        let year = a_year(&id);
        let shuffled: Vec<Interaction> = (0..60).map(|place| year[(place * step + 59) % 60].clone()).collect();
        for some in shuffled.chunks(size) {
            record(&world, some.to_vec()).await;
        }
        record(&world, shuffled[..20].to_vec()).await;
        seen.push(habits(&world, &id).await);
    }
    assert!(seen[0] == seen[1] && seen[1] == seen[2]);
    assert_eq!((seen[0].visit_count, seen[0].contact_count), (53, 7));
}

async fn what_is_counted_is_what_happened(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    // Friday 01:30 in Zurich belongs to Thursday, when the business day starts at 04:00.
    let night =
        Interaction { occur_time: time(NOON - 35 * 3_600 - 1_800), ..purchase(&ana, "1", vec![line("tea", 300)]) };
    let lisbon = Interaction { venue_id: OTHER_VENUE.into(), ..purchase(&ana, "2", vec![line("tea", 200); 2]) };
    let total = Some(Money { currency_code: "CHF".into(), minor_units: 900 });
    let given = Purchase { lines: vec![line("tea", 1_000)], total, party_size: 3 };
    let given = Interaction { purchase: Some(given), occur_time: time(NOON), ..purchase(&ana, "3", Vec::new()) };
    record(&world, vec![night, lisbon, given]).await;
    let habits = habits(&world, &ana).await;
    assert_eq!((habits.visit_count, habits.purchase_count, habits.line_count), (3, 3, 4));
    assert_eq!(habits.visits_by_weekday, [0, 0, 0, 1, 0, 2, 0]);
    let hours: Vec<usize> = (0..24).filter(|hour| habits.visits_by_hour[*hour] > 0).collect();
    assert_eq!(hours, [1, 11, 13], "by the clock of each venue");
    let spend: BTreeMap<String, (i64, i64)> = habits
        .spend
        .into_iter()
        .map(|spend| (spend.total.clone().unwrap(), spend.purchase_count))
        .map(|(total, count)| (total.currency_code, (total.minor_units, count)))
        .collect();
    assert_eq!(spend, BTreeMap::from([("CHF".to_owned(), (1_200, 2)), ("EUR".to_owned(), (400, 1))]));
    assert_eq!((habits.items.len(), habits.items[0].count), (1, 3), "a basket counts once");
    assert_eq!((habits.first_visit_time, habits.last_visit_time), (time(NOON - 35 * 3_600 - 1_800), time(NOON)));
    assert!((habits.usual_interval_days.unwrap() - 35.5 / 48.0).abs() < 1e-9);
}

async fn a_voided_visit_is_no_visit(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let at = |key: &str, days: i64| {
        let tea = purchase(&ana, key, vec![line("tea", 300)]);
        Interaction { occur_time: time(NOON - days * 86_400), ..tea }
    };
    record(&world, vec![at("first", 30), at("second", 20), at("last", 2), at("wrong", 1)]).await;
    let told = async || {
        let habits = habits(&world, &ana).await;
        (habits.visit_count, habits.first_visit_time, habits.last_visit_time)
    };
    let days = |days: i64| time(NOON - days * 86_400);
    assert_eq!(told().await, (4, days(30), days(1)));
    for (key, expected) in [
        ("wrong", (3, days(30), days(2))),
        ("first", (2, days(20), days(2))),
        ("last", (1, days(20), days(20))),
        ("second", (0, None, None)),
    ] {
        world.interactions().void_interaction(void(&ana, key)).await.expect("voided");
        assert_eq!(told().await, expected, "{key}");
        let briefing = world.brief(by_id(&ana)).await;
        let visits = briefing.acknowledge.iter().find(|one| one.code == "VISITS");
        let last = visits.and_then(|one| one.parameters.iter().find(|known| known.name == "last_visit"));
        let told = last.and_then(|known| match &known.value {
            Some(parameter::Value::Time(last)) => Some(*last),
            _ => None,
        });
        assert_eq!(told, expected.2, "{key}");
    }
}

async fn a_purchase_of_a_visit_is_no_visit(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let stay =
        Interaction { kind: InteractionKind::Visit as i32, purchase: None, ..purchase(&ana, "stay-1", Vec::new()) };
    let bill =
        |key: &str| Interaction { visit_external_id: "stay-1".into(), ..purchase(&ana, key, vec![line("tea", 300)]) };
    record(&world, vec![bill("1"), stay, bill("2")]).await;
    let habits = habits(&world, &ana).await;
    assert_eq!((habits.visit_count, habits.purchase_count), (1, 2));
    world.interactions().void_interaction(void(&ana, "1")).await.expect("voided");
    let habits = self::habits(&world, &ana).await;
    assert_eq!((habits.visit_count, habits.purchase_count), (1, 1));
    let kept = world.interactions().list_interactions(list(&ana)).await.unwrap().into_inner().interactions;
    let visits = kept.iter().filter(|kept| kept.interaction.as_ref().unwrap().visit_external_id == "stay-1");
    assert_eq!(visits.count(), 2);
}

async fn a_stream_is_acknowledged_item_by_item(world: World) {
    const ITEMS: u64 = 700;
    let mut ids = Vec::new();
    for name in ["Ana", "Bo", "Cy"] {
        ids.push(world.create(named(name)).await.customer_id);
    }
    let item = |sequence: u64| {
        let whose = &ids[(sequence % 3) as usize];
        let mut one = purchase(whose, &format!("{sequence}"), vec![line("tea", 300)]);
        if sequence.is_multiple_of(10) {
            one.kind = 0;
        }
        let interaction = (sequence != 77).then_some(one);
        // Numbers need not be in order.
        IngestInteractionsRequest { sequence: ITEMS - sequence, interaction }
    };
    let stream = tokio_stream::iter((0..ITEMS).map(item).collect::<Vec<_>>());
    let mut answers = world.interactions().ingest_interactions(stream).await.expect("let in").into_inner();
    let mut acknowledged = BTreeMap::new();
    while let Some(answer) = answers.message().await.expect("no error") {
        let twice = acknowledged.insert(ITEMS - answer.sequence, answer.result.expect("a result"));
        assert!(twice.is_none(), "{} is acknowledged twice", answer.sequence);
    }
    assert_eq!(acknowledged.len() as u64, ITEMS);
    let mut recorded = 0;
    for (sequence, result) in acknowledged {
        if sequence.is_multiple_of(10) || sequence == 77 {
            assert!(result.outcome() == RecordOutcome::Refused, "{sequence}");
            let field = if sequence == 77 { "venue_id" } else { "kind" };
            assert_eq!(result.error.expect("an error").field, field);
        } else {
            assert!(result.outcome() == RecordOutcome::Recorded, "{sequence}");
            recorded += 1;
        }
    }
    let mut counted = 0;
    for id in &ids {
        counted += habits(&world, id).await.purchase_count;
    }
    assert_eq!(counted, recorded);
}

async fn a_list_is_latest_first(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let year = a_year(&ana);
    record(&world, year.clone()).await;
    let all: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    for page_size in [0, 1, 7, 60, 1_000_000_000] {
        assert_eq!(listed(&world, ListInteractionsRequest { page_size, ..list(&ana) }).await, all, "{page_size}");
    }
    // From the first bound on, up to but without the second.
    let (newest, oldest) = (year[10].occur_time, year[20].occur_time);
    let range = ListInteractionsRequest { start_time: oldest, end_time: newest, page_size: 3, ..list(&ana) };
    assert_eq!(listed(&world, range).await, all[11..=20]);
    let none = ListInteractionsRequest { start_time: newest, end_time: oldest, ..list(&ana) };
    assert!(listed(&world, none).await.is_empty());
    let list = as_role(DIRECTOR, list(&ana));
    let kept = world.interactions().list_interactions(list).await.unwrap().into_inner().interactions.remove(1);
    assert!(kept.interaction.unwrap().purchase.unwrap().lines == year[1].purchase.as_ref().unwrap().lines);
    assert_eq!((kept.recorded_by.as_str(), kept.record_time), ("unknown-device", time(NOON)));
}

async fn a_list_is_for_those_who_may(world: World) {
    let consents = vec![agreed()];
    let ana = world.create(CustomerDraft { consents, ..named("Ana") }).await.customer_id;
    let bo = world.create(named("Bo")).await.customer_id;
    record(&world, vec![purchase(&ana, "1", vec![line("tea", 1)])]).await;
    let of = |id: &str, purpose: Purpose| ListInteractionsRequest { purpose: purpose as i32, ..list(id) };
    assert_eq!(listed(&world, of(&ana, Purpose::Marketing)).await, ["1"]);
    for (id, purpose, reason) in [
        (&bo, Purpose::Marketing, "CONSENT_MISSING"),
        (&ana, Purpose::Analytics, "PURPOSE_NOT_ALLOWED"),
        (&bo, Purpose::Analytics, "PURPOSE_NOT_ALLOWED"),
    ] {
        let withheld = refusal!(world, interactions, list_interactions, of(id, purpose));
        assert_refused(&withheld, Code::PermissionDenied, reason);
    }
}

async fn a_list_tells_amounts_and_notes_to_whom_they_concern(world: World) {
    let ana = world.create(CustomerDraft { consents: vec![agreed()], ..named("Ana") }).await.customer_id;
    let noted = Interaction { text: "left in tears".into(), ..purchase(&ana, "1", vec![line("tea", 300)]) };
    record(&world, vec![noted, purchase(&ana, "2", vec![line("wine", 900)])]).await;
    world.interactions().void_interaction(void(&ana, "2")).await.expect("voided");
    const AMOUNTS: [&str; 2] = ["interaction.purchase.total", "interaction.purchase.lines.amount_minor_units"];
    const NOTES: [&str; 4] = ["interaction.text", "voided", "interaction.referral.referred_customer_id", "recorded_by"];
    for (role, purpose, sees_amounts, reads_notes) in [
        (DIRECTOR, Purpose::Service, true, true),
        ("concierge", Purpose::Service, false, true),
        (DIRECTOR, Purpose::Marketing, true, false),
        ("concierge", Purpose::Marketing, false, false),
    ] {
        let ask = ListInteractionsRequest { purpose: purpose as i32, ..list(&ana) };
        let answer = world.interactions().list_interactions(as_role(role, ask)).await.expect("a page").into_inner();
        let told: Vec<(&str, &str)> =
            answer.withheld.iter().map(|one| (one.what.as_str(), one.reason.as_str())).collect();
        let expected = AMOUNTS.iter().filter(|_| !sees_amounts).map(|what| (*what, "ROLE"));
        let expected = expected.chain(NOTES.iter().filter(|_| !reads_notes).map(|what| (*what, "PURPOSE")));
        assert_eq!(told, expected.collect::<Vec<_>>(), "{role} {purpose:?}", purpose = purpose as i32);
        let kept: Vec<Interaction> = answer.interactions.iter().map(|one| one.interaction.clone().unwrap()).collect();
        let tea = kept.iter().find(|one| one.external_id == "1").expect("listed");
        assert_eq!(tea.text, if reads_notes { "left in tears" } else { "" });
        let bought = tea.purchase.as_ref().expect("a purchase");
        let (total, amount) =
            (bought.total.as_ref().map(|total| total.minor_units), bought.lines[0].amount_minor_units);
        assert_eq!((total, amount), if sees_amounts { (Some(300), 300) } else { (None, 0) });
        assert_eq!((bought.lines[0].item.as_str(), bought.lines[0].quantity), ("tea", 1.0), "the rest stays");
        let voided: Vec<&str> = answer.interactions.iter().map(|one| one.void_reason.as_str()).collect();
        assert_eq!(voided.contains(&"wrong table"), reads_notes, "{voided:?}");
    }
}

/// As many as several streams send before the first trimming.
async fn a_history_over_its_bound_catches_up(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let tea = |number: i64| Interaction {
        occur_time: time(NOON - 100_000 + number),
        ..purchase(&ana, &format!("{number}"), vec![line("tea", 300)])
    };
    // Eight calls at once, each with its part of every hundred: the oldest of one come after the newest of another.
    let call = async |nth: i64| {
        for round in 0..5 {
            record(&world, (0..100).map(|number| tea(round * 800 + number * 8 + nth)).collect()).await;
        }
    };
    tokio::join!(call(0), call(1), call(2), call(3), call(4), call(5), call(6), call(7));
    world.settle().await;
    assert_sound(&world.server.core).await;
    let kept = listed(&world, ListInteractionsRequest { page_size: 1_000, ..list(&ana) }).await.len();
    assert!((1_024..=1_280).contains(&kept), "{kept}");
}

async fn what_is_older_than_the_history_is_not_counted(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let start = NOON - 100_000;
    let tea = |number: i64| Interaction {
        occur_time: time(start + number),
        ..purchase(&ana, &format!("{number}"), vec![line("tea", 300)])
    };
    // 1,280 are kept; with the 1,281st the oldest are dropped until 1,024 are left.
    for batch in 0..13 {
        let count = if batch == 12 { 80 } else { 100 };
        let results = record(&world, (batch * 100..batch * 100 + count).map(tea).collect()).await;
        assert!(outcomes(&results).iter().all(|outcome| *outcome == RecordOutcome::Recorded));
    }
    assert_eq!(habits(&world, &ana).await.horizon_time, None);
    assert!(outcomes(&record(&world, vec![tea(0)]).await) == [RecordOutcome::Repeated]);
    record(&world, vec![tea(1_280)]).await;
    let full = habits(&world, &ana).await;
    assert_eq!((full.horizon_time, full.purchase_count), (time(start + 256), 1_281));
    assert_eq!(listed(&world, ListInteractionsRequest { page_size: 1_000, ..list(&ana) }).await.len(), 1_024);
    let before = world.dump().await;
    use RecordOutcome::*;
    // Dropped; dropped, the last one; never seen, but as old; kept, the oldest and the newest.
    let unseen = Interaction { external_id: "late".into(), ..tea(100) };
    let results = record(&world, vec![tea(0), tea(256), unseen, tea(257), tea(1_280)]).await;
    assert!(outcomes(&results) == [BeforeHorizon, BeforeHorizon, BeforeHorizon, Repeated, Repeated]);
    let changed = purchase(&ana, "257", vec![line("tea", 301)]);
    assert!(outcomes(&record(&world, vec![changed]).await) == [Refused]);
    let gone = refusal!(world, interactions, void_interaction, void(&ana, "256"));
    assert_refused(&gone, Code::NotFound, "PART_NOT_FOUND");
    world.assert_unchanged(&before).await;
    // What is new is taken, also when it is late.
    let late = Interaction { external_id: "late".into(), ..tea(300) };
    assert!(outcomes(&record(&world, vec![late]).await) == [Recorded]);
    world.interactions().void_interaction(void(&ana, "257")).await.expect("voided");
    assert_eq!(habits(&world, &ana).await.purchase_count, 1_281);
}
