//! Legal ages: what somebody is too young for is neither proposed nor given, here and now.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{
    basket::{order, ordering, state, states},
    catalogue::{item, put},
    gestures::{give, given, giving, in_role, set},
    world::*,
};

on_both!(
    what_they_are_too_young_for_is_not_proposed,
    a_child_of_unknown_age_is_too_young_for_everything,
    a_gesture_is_judged_by_the_day_of_its_delivery,
    what_is_under_way_is_stopped,
    the_policy_says_from_which_age_and_where,
    what_they_order_is_judged_by_their_age,
);

const DAY: i64 = 86_400;

/// Somebody who likes these, and was asked about allergies.
fn guest(likes: &[&str], occasions: Vec<OccasionDraft>) -> CustomerDraft {
    let evidence = likes.iter().map(|item| stated(item)).collect();
    CustomerDraft { evidence, occasions, ..asked("Leo") }
}

/// Who is 18 tomorrow.
fn nearly_adult() -> Vec<OccasionDraft> {
    vec![birthday(Some(2008), 3, 15)]
}

async fn liked(world: &World, id: &str, venue: &str) -> Vec<String> {
    let request = GetBriefingRequest { venue_id: venue.into(), ..briefing(by_id(id)) };
    let briefing = world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing;
    let briefing = briefing.expect("a briefing");
    let mut items: Vec<String> = values(&briefing.anticipate, "item").into_iter().map(str::to_owned).collect();
    items.sort();
    items
}

fn menu_item(id: &str, contents: &[&str]) -> Item {
    let names = vec![with!(ItemName { text: id.into() })];
    Item { names, ..item(id, contents) }
}

async fn what_they_are_too_young_for_is_not_proposed(world: World) {
    let late_show = Item { not_for_minors: true, not_food: true, ..menu_item("Late show", &[]) };
    let cake = menu_item("Cake of the house", &["MILK"]);
    put(&world, vec![menu_item("House special", &["ALCOHOL"]), late_show, cake]).await;
    let likes = ["red wine", "chinotto", "House special", "Late show", "Cake of the house", "alcohol-free beer"];
    let free = ["Cake of the house", "alcohol-free beer", "chinotto"];
    let mut all: Vec<&str> = likes.to_vec();
    all.sort_unstable();
    let leo = world.create(guest(&likes, nearly_adult())).await.customer_id;
    assert_eq!(liked(&world, &leo, VENUE).await, free);
    // Kept answers end with the day.
    world.set_clock(NOON + DAY);
    assert_eq!(liked(&world, &leo, VENUE).await, all);
    // Nothing is known of the age of most: nothing is left out. Nor does another's birthday tell it, nor one that is celebrated once.
    let sons = OccasionDraft { of_whom: "my son".into(), ..birthday(Some(2015), 3, 20) };
    let once = OccasionDraft { once: true, ..birthday(Some(2026), 3, 20) };
    for occasions in [vec![], vec![birthday(None, 3, 20)], vec![sons], vec![once]] {
        let other = world.create(guest(&likes, occasions)).await.customer_id;
        assert_eq!(liked(&world, &other, VENUE).await, all);
    }
}

async fn a_child_of_unknown_age_is_too_young_for_everything(world: World) {
    let mut draft = guest(&["red wine", "chinotto"], vec![]);
    draft.details.as_mut().expect("details").child = true;
    let mia = world.create(draft).await.customer_id;
    assert!(world.get(&mia).await.details.expect("details").child);
    assert_eq!(liked(&world, &mia, VENUE).await, ["chinotto"]);
    let occasion = Some(birthday(Some(1980), 5, 1));
    let known = with!(AddOccasionRequest { customer_id: mia.clone(), occasion });
    let known = world.customers().add_occasion(known).await.expect("added").into_inner().receipt.expect("a receipt");
    assert_eq!(liked(&world, &mia, VENUE).await, ["chinotto", "red wine"], "an age on record decides");
    let occasion_id = known.created_ids[0].clone();
    let forgotten = with!(RemoveOccasionRequest { customer_id: mia.clone(), occasion_id });
    world.customers().remove_occasion(forgotten).await.expect("removed");
    assert_eq!(liked(&world, &mia, VENUE).await, ["chinotto"]);
    let paths = vec!["child".to_owned()];
    let update = UpdateCustomerRequest {
        customer_id: mia.clone(),
        details: Some(CustomerDetails::default()),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..UpdateCustomerRequest::default()
    };
    world.customers().update_customer(update).await.expect("updated");
    assert_eq!(liked(&world, &mia, VENUE).await, ["chinotto", "red wine"]);
}

/// The policy of [`giving`] with three drinks.
fn serving_drinks() -> Policy {
    let mut policy = giving();
    let plain = policy.catalogue.iter().find(|kind| kind.gesture_type_id == "chinotto").expect("is there").clone();
    let drink = |id: &str, name: &str, contents: &[&str]| GestureType {
        gesture_type_id: id.into(),
        display_name: name.into(),
        contents: contents.iter().map(|code| (*code).to_owned()).collect(),
        ..plain.clone()
    };
    policy.catalogue.push(drink("toast", "A toast of the house", &["ALCOHOL"]));
    policy.catalogue.push(drink("champagne", "Champagne in the room", &[]));
    policy.catalogue.push(drink("punch", "Alcohol-free punch", &[]));
    policy
}

async fn a_gesture_is_judged_by_the_day_of_its_delivery(world: World) {
    set(&world, serving_drinks()).await;
    let leo = world.create(guest(&[], nearly_adult())).await.customer_id;
    for kind in ["toast", "champagne"] {
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&leo, kind)));
        assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
        assert_eq!(refused.get_details_error_info().expect("an ErrorInfo").metadata["code"], "TOO_YOUNG");
    }
    let suggest = SuggestGesturesRequest {
        customer_id: leo.clone(),
        venue_id: VENUE.into(),
        include_vetoed: true,
        limit: 50,
        purpose: Purpose::Service as i32,
        ..SuggestGesturesRequest::default()
    };
    let all = world.gestures().suggest_gestures(in_role("jon", "manager", suggest)).await.expect("answered");
    let too_young: Vec<String> = all
        .into_inner()
        .gestures
        .into_iter()
        .filter(|one| one.verdicts[0].code == "TOO_YOUNG")
        .map(|one| one.gesture_type_id)
        .collect();
    assert_eq!(too_young.len(), 2, "{too_young:?}");
    given(&world, in_role("jon", "manager", give(&leo, "punch"))).await;
    // For the birthday it may be promised the day before, and stays promised.
    let tomorrow = GiveGestureRequest { deliver_time: time(NOON + DAY), ..give(&leo, "champagne") };
    given(&world, in_role("jon", "manager", tomorrow)).await;
    assert!(owed(&world).await.iter().all(|one| one.conflict.is_empty()));
}

async fn owed(world: &World) -> Vec<OwedFollowUp> {
    world.settle().await;
    let request = with!(ListFollowUpsRequest { venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
    RecoveryServiceClient::new(world.channel()).list_follow_ups(request).await.expect("listed").into_inner().follow_ups
}

async fn what_is_under_way_is_stopped(world: World) {
    set(&world, serving_drinks()).await;
    let leo = world.create(guest(&[], vec![])).await.customer_id;
    given(&world, in_role("jon", "manager", give(&leo, "toast"))).await;
    given(&world, in_role("jon", "manager", give(&leo, "punch"))).await;
    let promise = with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "A bottle of red wine to the room".into(),
        due_time: time(NOON + 3_600),
        venue_id: VENUE.into()
    });
    let request = with!(PromiseFollowUpRequest { customer_id: leo.clone(), follow_up: Some(promise) });
    RecoveryServiceClient::new(world.channel()).promise_follow_up(by("mara", request)).await.expect("promised");
    assert!(owed(&world).await.iter().all(|one| one.conflict.is_empty()));
    let born = with!(AddOccasionRequest { customer_id: leo.clone(), occasion: Some(birthday(Some(2010), 8, 1)) });
    world.customers().add_occasion(born).await.expect("added");
    let listed = owed(&world).await;
    let stopped: Vec<&OwedFollowUp> = listed.iter().filter(|one| one.conflict == "TOO_YOUNG").collect();
    assert_eq!((listed.len(), stopped.len()), (3, 2));
    assert!(
        stopped
            .iter()
            .all(|one| one.conflict_text.contains("It contains alcohol, and they are too young for it here."))
    );
    let told = world.brief(by_id(&leo)).await;
    let stops = told.communicate.iter().filter(|one| one.text.starts_with("Do not deliver: "));
    assert_eq!(stops.count(), 2);
}

async fn the_policy_says_from_which_age_and_where(world: World) {
    let age =
        |venue: &str, substance: &str, years| LegalAge { venue_id: venue.into(), substance: substance.into(), years };
    let likes = ["Gin fizz", "Mocha", "Cigar after dinner"];
    let leo = world.create(guest(&likes, vec![birthday(Some(2009), 1, 1)])).await.customer_id;
    // By default: 18 for alcohol in Switzerland and in Portugal.
    for venue in [VENUE, OTHER_VENUE] {
        assert_eq!(liked(&world, &leo, venue).await, ["Cigar after dinner", "Mocha"]);
    }
    let rules = with!(ItemRules { added_substances: vec!["CIGAR".into()] });
    let ages = vec![age("", "ALCOHOL", 16), age(OTHER_VENUE, "ALCOHOL", 21), age("", "CIGAR", 18), age("", "", 0)];
    let decided = Policy { legal_ages: ages, item_rules: Some(rules), ..policy() };
    set(&world, decided.clone()).await;
    assert_eq!(liked(&world, &leo, VENUE).await, ["Gin fizz", "Mocha"]);
    assert_eq!(liked(&world, &leo, OTHER_VENUE).await, ["Mocha"]);
    let read = world.policies().get_policy(GetPolicyRequest::default()).await.expect("one").into_inner().policy;
    assert_eq!(read.expect("a policy").legal_ages, decided.legal_ages);
}

async fn what_they_order_is_judged_by_their_age(world: World) {
    let drink = Item { not_for_minors: true, ..menu_item("Energy drink", &[]) };
    put(&world, vec![menu_item("House red", &["ALCOHOL"]), drink, menu_item("Lemonade", &[])]).await;
    let child = |precautions: Vec<PrecautionDraft>| {
        let mut draft = CustomerDraft { precautions, ..guest(&[], vec![]) };
        draft.details.as_mut().expect("details").child = true;
        draft
    };
    let lines = || ["House red", "Energy drink", "Lemonade", "Bread"].map(order).to_vec();
    let mia = world.create(child(vec![])).await.customer_id;
    let briefing = ordering(&world, &mia, lines()).await;
    // Nothing is said of what no age forbids: there is nothing else to check.
    assert_eq!(states(&briefing), ["CONFLICT", "CONFLICT", "UNSPECIFIED", "UNSPECIFIED"]);
    let told: Vec<_> = briefing.respect.iter().filter(|one| one.code == "BASKET_CONFLICT").collect();
    assert_eq!(told[0].text, "Do not serve House red: it contains alcohol, and they are too young for it here.");
    assert_eq!(told[1].text, "Do not serve Energy drink: they are too young for it here.");
    assert!(told.iter().all(|one| one.reason == "They are too young for it here."));
    assert_eq!(briefing.headline[0].text, "Conflict: House red (alcohol: too young) +1 more: read all");
    let found = &briefing.line_checks[0].findings[0];
    assert!(found.too_young && found.precaution_code.is_empty() && found.substance == "ALCOHOL", "{found:?}");

    // A word that lifts is of the drink, and not of what is put in it.
    let mixed = ["Mocktail gin", "Virgin Mary vodka", "Mocktail", "Virgin Mary"].map(order).to_vec();
    let briefing = ordering(&world, &mia, mixed).await;
    assert_eq!(states(&briefing), ["CONFLICT", "CONFLICT", "UNSPECIFIED", "UNSPECIFIED"]);
    let counted = ["2xBeer", "3wine", "50mlGin", "2xWater"].map(order).to_vec();
    assert_eq!(states(&ordering(&world, &mia, counted).await), ["CONFLICT", "CONFLICT", "CONFLICT", "UNSPECIFIED"]);

    let ben = world.create(child(vec![allergy("PEANUTS")])).await.customer_id;
    let briefing = ordering(&world, &ben, lines()).await;
    assert_eq!(states(&briefing), ["CONFLICT", "CONFLICT", "NOTHING_DECLARED_AGAINST_IT", "NOT_DECLARED"]);
    let both = BasketLine {
        modifiers: vec![BasketModifier { kind: ModifierKind::Added as i32, item: "peanuts".into() }],
        ..order("House red")
    };
    let briefing = ordering(&world, &ben, vec![both]).await;
    let text = "Do not serve House red + peanuts: by its name it contains peanuts, and they are too young for it here.";
    assert_eq!(briefing.respect[0].text, text);

    // Never on other seats; and not for who is old enough.
    let seats = ["1", "2", ""].map(|seat| BasketLine { seat: seat.into(), ..order("House red") }).to_vec();
    let request = GetBriefingRequest { basket_lines: seats, customer_seat: "1".into(), ..briefing_of(&mia) };
    let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
    let checks = answer.briefing.expect("a briefing").line_checks;
    assert_eq!(checks.iter().map(state).collect::<Vec<_>>(), ["CONFLICT", "UNSPECIFIED", "CONFLICT"]);
    let leo = world.create(guest(&[], nearly_adult())).await.customer_id;
    assert_eq!(states(&ordering(&world, &leo, vec![order("House red")]).await), ["CONFLICT"]);
    world.set_clock(NOON + DAY);
    assert_eq!(states(&ordering(&world, &leo, vec![order("House red")]).await), ["UNSPECIFIED"]);
}

fn briefing_of(id: &str) -> GetBriefingRequest {
    briefing(by_id(id))
}
