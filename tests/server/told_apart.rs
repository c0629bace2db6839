//! Answers by which somebody could tell what they may not know; and days that are called by what the customer must not have.

use rapport::proto::*;

use super::{
    gestures::{giving, in_role, set},
    world::*,
};

on_both!(numbers_of_occasions_do_not_tell_of_what_is_hidden, the_words_for_a_day_pass_the_gate,);

async fn numbers_of_occasions_do_not_tell_of_what_is_hidden(world: World) {
    let guest = async |precautions: Vec<PrecautionDraft>| {
        let draft = CustomerDraft { precautions, consents: vec![agreed()], ..asked("Ana") };
        let id = world.create(draft).await.customer_id;
        let occasion = Some(birthday(Some(1990), 3, 14));
        let request = with!(AddOccasionRequest { customer_id: id.clone(), occasion });
        world.customers().add_occasion(by("mara", request)).await.expect("added");
        // Days are listed where somebody was lately.
        let interactions = vec![purchase(&id, &format!("visit of {id}"), vec![line("soap", 1)])];
        let request = RecordInteractionsRequest { interactions };
        world.interactions().record_interactions(request).await.expect("recorded");
        id
    };
    let (plain, allergic) = (guest(vec![]).await, guest(vec![allergy("MILK"), allergy("SESAME")]).await);
    world.settle().await;
    let told = async |id: &str, purpose: Purpose| {
        let request = GetCustomerRequest { purpose: purpose as i32, ..get(id) };
        let read = world.customers().get_customer(request).await.expect("read").into_inner().customer;
        let read = read.expect("a customer");
        let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(id)) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        let told = answer.briefing.expect("a briefing");
        let all = [&told.headline, &told.respect, &told.acknowledge, &told.communicate, &told.delight];
        let said: Vec<Statement> = all.into_iter().flatten().cloned().collect();
        let request = with!(ListUpcomingOccasionsRequest { venue_id: VENUE.into(), purpose: purpose as i32 });
        let listed = world.customers().list_upcoming_occasions(request).await.expect("listed").into_inner().occasions;
        let listed = listed.into_iter().filter(|one| one.customer_id == id).filter_map(|one| one.occasion);
        (read.occasions, read.withheld, said, listed.collect::<Vec<_>>())
    };
    let (occasions, withheld, said, listed) = told(&allergic, Purpose::Marketing).await;
    assert_eq!(
        told(&plain, Purpose::Marketing).await,
        (occasions.clone(), withheld.clone(), said.clone(), listed.clone())
    );
    assert!(withheld.contains(&"occasions.occasion_id".to_owned()), "{withheld:?}");
    assert_eq!((occasions.len(), listed.len()), (1, 1));
    assert!(occasions.iter().chain(&listed).all(|one| one.occasion_id.is_empty()));
    let has_number =
        |said: &[Statement]| said.iter().flat_map(|one| &one.parameters).any(|one| one.name == "occasion_id");
    assert!(said.iter().any(|one| one.code == "OCCASION_WISH") && !has_number(&said));
    let (occasions, withheld, said, listed) = told(&allergic, Purpose::Service).await;
    assert!(occasions.iter().chain(&listed).all(|one| one.occasion_id == "o3") && has_number(&said));
    assert!(!withheld.contains(&"occasions.occasion_id".to_owned()));
}

/// Whether an answer has some words anywhere.
fn holds(answer: &impl prost::Message, words: &str) -> bool {
    String::from_utf8_lossy(&answer.encode_to_vec()).contains(words)
}

async fn the_words_for_a_day_pass_the_gate(world: World) {
    set(&world, giving()).await;
    let day = |label: &str| OccasionDraft { label: label.into(), ..birthday(Some(1990), 3, 14) };
    let anniversary = |label: &str| OccasionDraft { kind: OccasionKind::Anniversary as i32, ..day(label) };
    let of = |kind: PrecautionKind, code: &str| PrecautionDraft { kind: kind as i32, ..allergy(code) };
    let abstainer = || vec![of(PrecautionKind::Abstention, "ALCOHOL")];
    let (service, marketing) = (Purpose::Service, Purpose::Marketing);
    for (precautions, occasion, purpose, words, is_said) in [
        (abstainer(), anniversary("Champagne anniversary"), service, "hampagne", false),
        (abstainer(), anniversary("Chocolate anniversary"), service, "hocolate", true),
        (vec![], anniversary("Champagne anniversary"), service, "hampagne", true),
        (vec![allergy("PEANUTS")], day("Peanut brittle day"), service, "brittle", false),
        (vec![], day("Expecting in May"), service, "xpecting", false),
        // Who may not see precautions is told of nothing that is eaten or drunk, about anybody.
        (abstainer(), anniversary("Champagne anniversary"), marketing, "hampagne", false),
        (vec![], anniversary("Champagne anniversary"), marketing, "hampagne", false),
        (vec![], anniversary("Wedding"), marketing, "edding", true),
    ] {
        let name = format!("{precautions:?} {occasion:?} {}", purpose.as_str_name());
        let draft =
            CustomerDraft { precautions, occasions: vec![occasion.clone()], consents: vec![agreed()], ..asked("Ana") };
        let ana = world.create(draft).await.customer_id;
        let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(&ana)) };
        let told = world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing;
        let told = told.expect("a briefing");
        assert!(told.delight.iter().any(|one| one.code == "OCCASION_WISH"), "{name}");
        assert_eq!(holds(&told, words), is_said, "{name}");
        if purpose == service {
            let suggest = with!(SuggestGesturesRequest { customer_id: ana.clone(), venue_id: VENUE.into() });
            let answer = world.gestures().suggest_gestures(in_role("jon", "manager", suggest)).await.expect("answered");
            assert!(is_said || !holds(&answer.into_inner(), words), "{name}");
            // The record keeps them.
            let kept = world.get(&ana).await.occasions.remove(0).reported.expect("reported");
            assert_eq!(kept.label, occasion.label);
        }
    }
}
