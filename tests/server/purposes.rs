//! What a purpose is told of a time.

use prost::Message as _;
use prost_reflect::ReflectMessage as _;
use rapport::proto::*;

use super::world::*;

on_both!(statistics_are_told_days_and_no_moments);

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
