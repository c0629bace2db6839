//! What a purpose is told of times, revisions and other people, and that nothing shows where something is left out.

use prost::Message as _;
use prost_reflect::ReflectMessage as _;
use rapport::proto::*;

use super::world::*;

on_both!(
    statistics_are_told_days_and_no_moments,
    a_change_of_what_is_withheld_does_not_show,
    others_in_a_record_are_told_to_those_who_serve,
    pages_are_filled_with_what_may_be_seen,
    statistics_are_told_no_part_of_the_day,
    what_is_kept_away_is_told_to_those_who_serve,
);

fn agreed_to(purpose: Purpose) -> Consent {
    Consent { purpose: purpose as i32, evidence: "signed for Mr Smith".into(), ..agreed() }
}

async fn read_for(world: &World, id: &str, purpose: Purpose) -> Customer {
    let read = GetCustomerRequest { purpose: purpose as i32, ..get(id) };
    world.customers().get_customer(read).await.expect("found").into_inner().customer.expect("a customer")
}

/// Every time in a message, and what holds it.
fn times(message: &prost_reflect::DynamicMessage, path: &str, found: &mut Vec<(String, i64, i64)>) {
    if message.descriptor().full_name() == "google.protobuf.Timestamp" {
        let part = |name: &str| {
            let value = message.get_field_by_name(name).expect("a field");
            value.as_i64().or(value.as_i32().map(i64::from)).expect("a number")
        };
        found.push((path.to_owned(), part("seconds"), part("nanos")));
        return;
    }
    for (field, value) in message.fields() {
        let path = format!("{path}.{}", field.name());
        let each = value.as_list().map_or(std::slice::from_ref(value), |list| list);
        each.iter().filter_map(|one| one.as_message()).for_each(|one| times(one, &path, found));
    }
}

async fn statistics_are_told_days_and_no_moments(world: World) {
    let consents = [Purpose::Marketing, Purpose::Analytics].map(|of| Consent { purpose: of as i32, ..agreed() });
    let identities = vec![loyalty("GC-7")];
    let ana = world
        .create(CustomerDraft {
            consents: consents.into(),
            identities,
            evidence: vec![stated("espresso")],
            ..named("Ana")
        })
        .await
        .customer_id;
    let visit = |key: &str, ago: i64| Interaction {
        occur_time: time(NOON - ago),
        ..purchase(&ana, key, vec![line("espresso", 300), line("tea", 300)])
    };
    let interactions = (0..5).map(|nth| visit(&nth.to_string(), 13 + nth * 604_813)).collect();
    world.interactions().record_interactions(RecordInteractionsRequest { interactions }).await.expect("recorded");
    let pool = prost_reflect::DescriptorPool::decode(DESCRIPTORS).expect("descriptors");
    let kind = pool.get_message_by_name("rapport.v1.Customer").expect("a message");
    for (purpose, is_of_days) in [(Purpose::Marketing, false), (Purpose::Analytics, true)] {
        let read = GetCustomerRequest { purpose: purpose as i32, ..get(&ana) };
        let customer = world.customers().get_customer(read).await.expect("found").into_inner().customer.unwrap();
        assert_eq!(customer.details.as_ref().unwrap().kind, CustomerKind::Person as i32);
        let bytes = customer.encode_to_vec();
        let message = prost_reflect::DynamicMessage::decode(kind.clone(), bytes.as_slice()).expect("decodes");
        let mut told = Vec::new();
        times(&message, "", &mut told);
        for at in [".create_time", ".habits.last_visit_time", ".preferences.last_time", ".habits.items.last_time"] {
            assert!(told.iter().any(|(path, ..)| path == at), "{at} in {told:?}");
        }
        let is_day = |(_, seconds, nanos): &(String, i64, i64)| seconds % 86_400 == 0 && *nanos == 0;
        assert_eq!(told.iter().all(is_day), is_of_days, "{told:?}");
        let is_round = |number: f64| (number * 100.0 - (number * 100.0).round()).abs() < 1e-9;
        assert_eq!(customer.preferences.iter().all(|one| is_round(one.confidence)), is_of_days);
        assert_eq!(is_round(customer.habits.as_ref().unwrap().usual_interval_days()), is_of_days);
        // A briefing tells them in what its statements rest on. At this venue the day begins an hour before UTC's.
        let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(&ana)) };
        let told = world.briefings().get_briefing(request).await.expect("a briefing").into_inner().briefing.unwrap();
        let sections = [told.headline, told.acknowledge, told.communicate, told.anticipate, told.delight];
        let parameters = sections.into_iter().flatten().flat_map(|one| one.parameters);
        let moments: Vec<_> = parameters
            .filter_map(|one| match one.value {
                Some(parameter::Value::Time(time)) => Some(time),
                _ => None,
            })
            .collect();
        assert!(!moments.is_empty());
        let is_midnight = |one: &prost_types::Timestamp| (one.seconds + 3_600) % 86_400 == 0 && one.nanos == 0;
        assert_eq!(moments.iter().all(is_midnight), is_of_days, "{moments:?}");
    }
}

async fn a_change_of_what_is_withheld_does_not_show(world: World) {
    let consents = vec![agreed_to(Purpose::Marketing), agreed_to(Purpose::Analytics)];
    let evidence = vec![stated("espresso")];
    let ana = world.create(CustomerDraft { consents, evidence, ..named("Ana") }).await.customer_id;
    let bought = vec![purchase(&ana, "1", vec![line("espresso", 300)])];
    let request = RecordInteractionsRequest { interactions: bought };
    world.interactions().record_interactions(request).await.expect("recorded");
    let told = async |purpose: Purpose| {
        let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(&ana)) };
        let briefing = world.briefings().get_briefing(request).await.expect("a briefing").into_inner().briefing;
        (read_for(&world, &ana, purpose).await, briefing.expect("a briefing"))
    };
    let mut before = Vec::new();
    for purpose in [Purpose::Service, Purpose::Marketing, Purpose::Analytics] {
        before.push((purpose, told(purpose).await));
    }
    world.set_clock(NOON + 60);
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![allergy("MILK")] });
    world.customers().add_precautions(by("mara", add)).await.expect("added");
    world.set_clock(NOON);
    for (purpose, before) in before {
        let (customer, briefing) = told(purpose).await;
        let serves = purpose == Purpose::Service;
        assert_eq!((customer.clone(), briefing.clone()) == before, !serves, "{}", purpose.as_str_name());
        let revisions = [&customer.etag, &customer.revision_token, &briefing.etag, &briefing.revision_token];
        assert!(revisions.iter().all(|one| one.is_empty() != serves), "{revisions:?}");
        assert_eq!(customer.update_time.is_some(), serves);
        for what in ["update_time", "etag", "revision_token"] {
            assert_eq!(customer.withheld.iter().filter(|one| *one == what).count(), usize::from(!serves), "{what}");
        }
        // Of one visit, the hours tell when it was.
        let hours = customer.habits.expect("habits").visits_by_hour;
        let has_hours = purpose != Purpose::Analytics;
        assert_eq!(hours.iter().sum::<i64>(), i64::from(has_hours));
        assert_eq!(customer.withheld.contains(&"habits.visits_by_hour".to_owned()), !has_hours);
    }
}

async fn others_in_a_record_are_told_to_those_who_serve(world: World) {
    let ben = world.create(named("Ben")).await.customer_id;
    let draft = CustomerDraft {
        consents: vec![agreed_to(Purpose::Marketing)],
        evidence: vec![stated("espresso")],
        occasions: vec![birthday(Some(1990), 3, 14)],
        ..named("Ana")
    };
    let ana = world.create(draft).await.customer_id;
    let referral = Interaction {
        kind: InteractionKind::Referral as i32,
        purchase: None,
        referral: Some(Referral { referred_customer_id: ben.clone() }),
        ..purchase(&ana, "1", Vec::new())
    };
    // Days are kept of those who came to the venue.
    let came = Interaction { occur_time: time(NOON - 7_200), ..purchase(&ana, "2", vec![line("tea", 300)]) };
    let request = RecordInteractionsRequest { interactions: vec![referral, came] };
    world.interactions().record_interactions(by("mara", request)).await.expect("recorded");
    world.settle().await;
    for (purpose, serves) in [(Purpose::Service, true), (Purpose::Marketing, false)] {
        let customer = read_for(&world, &ana, purpose).await;
        assert_eq!(customer.consents[0].evidence, if serves { "signed for Mr Smith" } else { "" });
        let list = with!(ListInteractionsRequest { customer_id: ana.clone(), purpose: purpose as i32 });
        let listed = world.interactions().list_interactions(list).await.expect("a page").into_inner();
        let recorded = &listed.interactions[0];
        let brought = recorded.interaction.clone().and_then(|one| one.referral).expect("a referral");
        assert_eq!(brought.referred_customer_id, if serves { ben.as_str() } else { "" });
        let ask = with!(ListUpcomingOccasionsRequest { venue_id: VENUE.into(), purpose: purpose as i32 });
        let upcoming = world.customers().list_upcoming_occasions(ask).await.expect("listed").into_inner().occasions;
        let authors = [
            &recorded.recorded_by,
            &customer.preferences[0].recorded_by,
            &customer.occasions[0].recorded_by,
            &upcoming[0].occasion.as_ref().expect("an occasion").recorded_by,
        ];
        assert!(authors.iter().all(|author| author.is_empty() != serves), "{authors:?}");
        let listed_withheld: Vec<String> = listed.withheld.into_iter().map(|one| one.what).collect();
        for (what, withheld) in [
            ("consents.evidence", &customer.withheld),
            ("preferences.recorded_by", &customer.withheld),
            ("occasions.recorded_by", &customer.withheld),
            ("recorded_by", &listed_withheld),
            ("interaction.referral.referred_customer_id", &listed_withheld),
        ] {
            assert_eq!(withheld.contains(&what.to_owned()), !serves, "{what} in {withheld:?}");
        }
    }
}

/// The sizes of all pages, and what is on them.
async fn pages<T>(mut next: impl AsyncFnMut(String) -> (Vec<T>, String)) -> (Vec<usize>, Vec<T>) {
    let (mut sizes, mut all, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let (page, next_token) = next(token).await;
        sizes.push(page.len());
        all.extend(page);
        token = next_token;
        if token.is_empty() {
            return (sizes, all);
        }
    }
}

async fn pages_are_filled_with_what_may_be_seen(world: World) {
    /// More than are read at once.
    const RECORDED: i64 = 300;
    let seen = [7, 150, 151, 290, 299];
    let consents = vec![agreed_to(Purpose::Marketing)];
    let ana = world.create(CustomerDraft { consents, ..named("Ana") }).await.customer_id;
    let one = |number: i64| Interaction {
        occur_time: time(NOON - 60 * (number + 1)),
        ..purchase(&ana, &number.to_string(), vec![line("tea", 300)])
    };
    let all: Vec<Interaction> = (0..RECORDED).map(one).collect();
    for some in all.chunks(100) {
        let request = RecordInteractionsRequest { interactions: some.to_vec() };
        world.interactions().record_interactions(request).await.expect("recorded");
    }
    for number in (0..RECORDED).filter(|number| !seen.contains(number)) {
        let void = VoidInteractionRequest {
            customer_id: ana.clone(),
            source: "till-4".into(),
            external_id: number.to_string(),
            reason: "wrong table".into(),
        };
        world.interactions().void_interaction(void).await.expect("voided");
    }
    let interactions = async |purpose: Purpose, page_size: i32| {
        pages(async |page_token: String| {
            let customer_id = ana.clone();
            let list = with!(ListInteractionsRequest { customer_id, purpose: purpose as i32, page_size, page_token });
            let page = world.interactions().list_interactions(list).await.expect("a page").into_inner();
            let number = |one: RecordedInteraction| one.interaction.unwrap().external_id.parse::<i64>().unwrap();
            (page.interactions.into_iter().map(number).collect(), page.next_page_token)
        })
        .await
    };
    for (page_size, sizes) in [(1, vec![1; 5]), (2, vec![2, 2, 1]), (5, vec![5]), (200, vec![5])] {
        assert_eq!(interactions(Purpose::Marketing, page_size).await, (sizes, seen.to_vec()), "{page_size}");
    }
    assert_eq!(interactions(Purpose::Service, 150).await, (vec![150, 150], (0..RECORDED).collect()));
    // Customers who have agreed, among those who have not.
    let mut agreeing = vec![ana.clone()];
    for number in 0..20 {
        let consents = if number % 5 == 0 { vec![agreed_to(Purpose::Marketing)] } else { Vec::new() };
        let is_agreeing = !consents.is_empty();
        let id = world.create(CustomerDraft { consents, ..named("Bo") }).await.customer_id;
        agreeing.extend(is_agreeing.then_some(id));
    }
    agreeing.sort();
    world.settle().await;
    for (page_size, full) in [(1, vec![1; 5]), (2, vec![2, 2, 1]), (200, vec![5])] {
        let (mut sizes, mut listed) = pages(async |page_token: String| {
            let list = ListCustomersRequest { page_size, page_token, purpose: Purpose::Marketing as i32 };
            let page = world.customers().list_customers(list).await.expect("listed").into_inner();
            (page.customer_ids, page.next_page_token)
        })
        .await;
        // Others may follow the last one, of whom nobody knows yet that they have not agreed.
        if sizes.last() == Some(&0) {
            sizes.pop();
        }
        listed.sort();
        assert_eq!((sizes, &listed), (full, &agreeing), "{page_size}");
    }
}

async fn statistics_are_told_no_part_of_the_day(world: World) {
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    let consents = [Purpose::Marketing, Purpose::Analytics].map(|of| Consent { purpose: of as i32, ..agreed() });
    let breakfast = EvidenceDraft { situation: "breakfast".into(), category: "room".into(), ..stated("a quiet table") };
    // Six weeks of a massage on one day and a sauna on the next, each at its hour of the venue's day.
    let comes = async |massage: i64, sauna: i64| {
        let evidence = vec![breakfast.clone()];
        let draft = CustomerDraft { consents: consents.to_vec(), evidence, ..asked("Ana") };
        let id = world.create(draft).await.customer_id;
        let mut interactions = Vec::new();
        for week in 1..=6 {
            for (day, hour, item) in [(3, massage, "massage"), (2, sauna, "sauna")] {
                let lines = vec![PurchaseLine { category: "room".into(), ..line(item, 9_000) }];
                let occur_time = time(NOON - 12 * HOUR - (week * 7 + day) * DAY + hour * HOUR);
                interactions.push(Interaction { occur_time, ..purchase(&id, &format!("{item}{week}"), lines) });
            }
        }
        world.interactions().record_interactions(RecordInteractionsRequest { interactions }).await.expect("recorded");
        id
    };
    // From the first hour of a business day in Zurich to its last.
    let in_a_day = async |id: &str, purpose: Purpose| {
        let mut told = Vec::new();
        for hour in -9..15 {
            let at = time(NOON + hour * HOUR);
            let request = GetBriefingRequest { purpose: purpose as i32, at, ..briefing(by_id(id)) };
            let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
            let briefing = answer.briefing.expect("a briefing");
            let Briefing { headline, acknowledge, communicate, anticipate, delight, .. } = briefing;
            told.push([headline, acknowledge, communicate, anticipate, delight]);
        }
        told
    };
    let (late, early) = (comes(20, 5).await, comes(5, 20).await);
    let serving = in_a_day(&late, Purpose::Service).await;
    assert!(serving.iter().any(|one| *one != serving[0]), "the hour matters");
    let [late, early] = [in_a_day(&late, Purpose::Analytics).await, in_a_day(&early, Purpose::Analytics).await];
    for told in [&late, &early] {
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        let words = |one: &Statement| {
            let names: Vec<_> = one.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            format!("{} {} {}; ", one.text, one.reason, names.join(" "))
        };
        let words: String = told[0].iter().flatten().map(words).collect();
        for of_times in ["count_at_such_times", "morning", "evening", "night", "of them on"] {
            assert!(!words.contains(of_times), "{of_times} in {words}");
        }
        assert!(words.contains("massage") && words.contains("sauna") && words.contains("a quiet table"), "{words}");
    }
    assert_eq!(late[0], early[0]);
}

/// Many an allergy is first noted as what is to be avoided.
async fn what_is_kept_away_is_told_to_those_who_serve(world: World) {
    let consents = [Purpose::Marketing, Purpose::Analytics].map(agreed_to).to_vec();
    let avoided = EvidenceDraft { stance: Stance::Avoid as i32, ..stated("peanuts, allergic") };
    for (evidence, all) in [(vec![stated("espresso"), avoided], 2), (vec![stated("espresso")], 1)] {
        let ana =
            world.create(CustomerDraft { consents: consents.clone(), evidence, ..named("Ana") }).await.customer_id;
        for purpose in [Purpose::Service, Purpose::Marketing, Purpose::Analytics] {
            let customer = read_for(&world, &ana, purpose).await;
            let serves = purpose == Purpose::Service;
            assert_eq!(customer.preferences.len(), if serves { all } else { 1 }, "{}", purpose.as_str_name());
            // Said also where there is nothing to withhold.
            assert_eq!(
                customer.withheld.contains(&"preferences.avoided".to_owned()),
                !serves,
                "{}",
                purpose.as_str_name()
            );
        }
    }
}
