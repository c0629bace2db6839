//! What is owed to a customer, wherever it is listed: a precaution that speaks against it is told with it.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{
    catalogue::{item, put},
    gate::{briefed, dish},
    gestures::{complete, give, given, giving, in_role, listed, set},
    world::*,
};

on_both!(
    what_must_not_be_delivered_is_told_in_every_list,
    the_words_of_a_note_are_those_of_a_promise,
    a_place_is_looked_at_as_the_words_are,
    a_favourite_is_ready_as_they_have_it,
    what_is_to_be_asked_first_is_told_in_every_list,
    what_a_promise_asks_about_or_leaves_out_is_no_delivery,
    what_is_delivered_later_is_judged_by_what_is_put_for_then,
);

/// A promise in free words.
async fn promise(world: &World, customer: &str, venue: &str, text: &str) {
    promise_for(world, customer, venue, text, world.now_ms() / 1_000 + 60).await;
}

/// The same for some time.
pub async fn promise_for(world: &World, customer: &str, venue: &str, text: &str, due: i64) {
    let follow_up = FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: text.into(),
        due_time: time(due),
        venue_id: venue.into(),
        ..FollowUpDraft::default()
    };
    let request = with!(PromiseFollowUpRequest { customer_id: customer.into(), follow_up: Some(follow_up) });
    RecoveryServiceClient::new(world.channel()).promise_follow_up(request).await.expect("promised");
}

pub async fn recovery(world: &World, customer: &str) -> GetRecoveryResponse {
    let request = GetRecoveryRequest { customer_id: customer.into(), purpose: Purpose::Service as i32 };
    RecoveryServiceClient::new(world.channel()).get_recovery(request).await.expect("read").into_inner()
}

async fn owed(world: &World, venue: &str) -> Vec<OwedFollowUp> {
    world.settle().await;
    let request = with!(ListFollowUpsRequest { venue_id: venue.into(), purpose: Purpose::Service as i32 });
    RecoveryServiceClient::new(world.channel()).list_follow_ups(request).await.expect("listed").into_inner().follow_ups
}

async fn has_since(world: &World, customer: &str, code: &str) {
    let add = with!(AddPrecautionsRequest { customer_id: customer.into(), precautions: vec![allergy(code)] });
    world.customers().add_precautions(add).await.expect("added");
}

async fn what_must_not_be_delivered_is_told_in_every_list(world: World) {
    set(&world, giving()).await;
    let ana = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "basket"))).await;
    given(&world, in_role("jon", "manager", give(&ana, "surprise"))).await;
    promise(&world, &ana, VENUE, "Bring a walnut cake").await;
    promise(&world, &ana, OTHER_VENUE, "Bring almond biscuits").await;
    promise(&world, &ana, VENUE, "Call them back").await;
    let told = async || {
        let follow_ups = recovery(&world, &ana).await.follow_ups;
        let told = |one: FollowUp| (one.promised.unwrap_or_default().text, one.conflict, one.conflict_text);
        follow_ups.into_iter().map(told).collect::<Vec<_>>()
    };
    assert!(told().await.iter().all(|(_, code, text)| code.is_empty() && text.is_empty()));
    assert!(listed(&world, &ana).await.gestures.iter().all(|one| one.conflict.is_empty()));

    has_since(&world, &ana, "TREE_NUTS").await;
    let told = told().await;
    let of = |text: &str| told.iter().find(|(promised, ..)| promised == text).expect("it is owed");
    let (_, code, text) = of("Bring a walnut cake");
    assert_eq!(code, "PRECAUTION");
    assert!(
        text.starts_with(
            "Do not deliver: Bring a walnut cake. Tree nut allergy, life-threatening; it contains walnut."
        ),
        "{text}"
    );
    // Owed elsewhere, and told as much.
    assert_eq!(of("Bring almond biscuits").1, "PRECAUTION");
    assert_eq!(of("Something from the kitchen").1, "CONTENTS_UNKNOWN");
    assert_eq!((of("Basket of fruit").1.as_str(), of("Call them back").1.as_str()), ("", ""));
    for venue in [VENUE, OTHER_VENUE] {
        for one in owed(&world, venue).await {
            let follow_up = one.follow_up.expect("a follow-up");
            let known = of(&follow_up.promised.as_ref().expect("a promise").text);
            assert_eq!((&known.1, &known.2), (&one.conflict, &one.conflict_text));
            assert_eq!((&known.1, &known.2), (&follow_up.conflict, &follow_up.conflict_text));
        }
    }
    let gestures = listed(&world, &ana).await.gestures;
    let of = |kind: &str| gestures.iter().find(|one| one.gesture_type_id == kind).expect("given");
    assert_eq!((of("basket").conflict.as_str(), of("surprise").conflict.as_str()), ("", "CONTENTS_UNKNOWN"));
    let text = &of("surprise").conflict_text;
    assert!(text.starts_with("Do not deliver: Something from the kitchen. Tree nut allergy"), "{text}");
    // What is over is told as it was.
    complete(&world, &ana, &of("surprise").follow_up_id).await;
    let follow_ups = recovery(&world, &ana).await.follow_ups;
    let kept = follow_ups.iter().find(|one| one.state() == FollowUpState::Done).expect("kept");
    assert_eq!((kept.conflict.as_str(), kept.conflict_text.as_str()), ("", ""));
    let gestures = listed(&world, &ana).await.gestures;
    assert!(gestures.iter().all(|one| one.conflict.is_empty() && one.conflict_text.is_empty()), "{gestures:?}");
    // A venue that the policy has no more: what names tell still counts.
    let mut policy = giving();
    policy.venues.retain(|venue| venue.venue_id == VENUE);
    policy.budgets.retain(|budget| budget.venue_id == VENUE);
    set(&world, policy).await;
    let follow_ups = recovery(&world, &ana).await.follow_ups;
    assert_eq!(follow_ups.iter().filter(|one| one.conflict == "PRECAUTION").count(), 2, "{follow_ups:?}");
}

async fn the_words_of_a_note_are_those_of_a_promise(world: World) {
    set(&world, giving()).await;
    let nuts = "with walnut brittle on top";
    let with_note = |customer: &str, note: &str| GiveGestureRequest { note: note.into(), ..give(customer, "chinotto") };
    let bo = world.create(CustomerDraft { precautions: vec![allergy("TREE_NUTS")], ..asked("Bo") }).await.customer_id;
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", with_note(&bo, nuts)));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    let metadata = &refused.get_details_error_info().expect("an ErrorInfo").metadata;
    assert_eq!((metadata["dimension"].as_str(), metadata["code"].as_str()), ("CUSTOMER", "PRECAUTION"));
    let violations = refused.get_details_bad_request().expect("a field").field_violations.clone();
    assert_eq!(violations.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["note"]);
    // What speaks against the gesture itself is no matter of its note.
    let refused = GiveGestureRequest { note: nuts.into(), ..give(&bo, "surprise") };
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", refused));
    assert!(refused.get_details_bad_request().is_none());
    given(&world, in_role("jon", "manager", with_note(&bo, "Welcome back, Bo"))).await;
    assert_eq!(recovery(&world, &bo).await.follow_ups[0].conflict, "");

    // Written before the precaution: given, and waiting for approval.
    let ana = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("jon", "manager", with_note(&ana, nuts))).await;
    let proposal = GiveGestureRequest { note: nuts.into(), propose: true, ..give(&ana, "dinner") };
    let proposal = given(&world, in_role("jon", "concierge", proposal)).await;
    assert!(proposal.state() == GestureState::Proposed);
    has_since(&world, &ana, "TREE_NUTS").await;
    let text = "Do not deliver: Chinotto on ice, with a note: with walnut brittle on top. Tree nut allergy";
    let shown = async |kind: &str| {
        let gestures = listed(&world, &ana).await.gestures;
        gestures.into_iter().find(|one| one.gesture_type_id == kind).expect("listed").conflict_text
    };
    let told = [
        recovery(&world, &ana).await.follow_ups[0].conflict_text.clone(),
        owed(&world, VENUE).await.into_iter().find(|one| one.customer_id == ana).expect("owed").conflict_text,
        shown("chinotto").await,
    ];
    assert!(told.iter().all(|told| told.starts_with(text)), "{told:?}");
    assert_eq!(shown("dinner").await.split_once(':').map(|(what, _)| what), Some("Do not deliver"));
    let briefing = world.brief(by_id(&ana)).await;
    assert!(briefing.communicate.iter().any(|one| text.starts_with(&one.text)), "{:?}", briefing.communicate);
    let gesture_id = proposal.receipt.expect("a receipt").created_ids.remove(0);
    let approve = with!(ApproveGestureRequest { customer_id: ana.clone(), gesture_id });
    let refused = refusal!(world, gestures, approve_gesture, in_role("vera", "manager", approve));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");

    // Food in a note that nobody has declared: the kitchen is asked.
    let eve = world.create(CustomerDraft { precautions: vec![allergy("TREE_NUTS")], ..asked("Eve") }).await.customer_id;
    given(&world, in_role("jon", "manager", with_note(&eve, "with a slice of cheesecake"))).await;
    let briefing = world.brief(by_id(&eve)).await;
    let told = briefing.communicate.iter().find(|one| one.text.contains("cheesecake")).expect("told");
    assert!(told.text.ends_with("Check with the kitchen first."), "{}", told.text);
}

async fn a_place_is_looked_at_as_the_words_are(world: World) {
    set(&world, giving()).await;
    let at = |customer: &str, place: &str| GiveGestureRequest { place: place.into(), ..give(customer, "chinotto") };
    let bo = world.create(CustomerDraft { precautions: vec![allergy("TREE_NUTS")], ..asked("Bo") }).await.customer_id;
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", at(&bo, "with walnut cake")));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    let violations = refused.get_details_bad_request().expect("a field").field_violations.clone();
    assert_eq!(violations.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["place"]);
    given(&world, in_role("jon", "manager", at(&bo, "Walnut Room"))).await;
    assert_eq!(recovery(&world, &bo).await.follow_ups[0].conflict, "");

    // Said before the precaution: a delivery, a proposal, and a promise.
    let ana = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("jon", "manager", at(&ana, "with walnut cake"))).await;
    let proposal = GiveGestureRequest {
        propose: true,
        ..GiveGestureRequest { place: "bar: walnuts".into(), ..give(&ana, "dinner") }
    };
    let proposal = given(&world, in_role("jon", "concierge", proposal)).await;
    let follow_up = FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Bring tea".into(),
        due_time: time(world.now_ms() / 1_000 + 60),
        venue_id: VENUE.into(),
        place: "Room 3, walnut cake".into(),
        ..FollowUpDraft::default()
    };
    let request = FollowUpDraft { place: "Room 3".into(), ..follow_up.clone() };
    for follow_up in [follow_up, request] {
        let request = with!(PromiseFollowUpRequest { customer_id: ana.clone(), follow_up: Some(follow_up) });
        RecoveryServiceClient::new(world.channel()).promise_follow_up(request).await.expect("promised");
    }
    has_since(&world, &ana, "TREE_NUTS").await;
    for (place, conflict) in [("with walnut cake", "PRECAUTION"), ("Room 3, walnut cake", "PRECAUTION"), ("Room 3", "")]
    {
        let is_there = |one: &FollowUp| one.promised.as_ref().is_some_and(|promised| promised.place == place);
        let told = recovery(&world, &ana).await.follow_ups.into_iter().find(is_there).expect("read");
        assert_eq!(
            (told.conflict.as_str(), told.conflict_text.contains("it contains walnut")),
            (conflict, !conflict.is_empty()),
            "{place}"
        );
        let listed = owed(&world, VENUE).await;
        let told = listed.iter().find(|one| one.customer_id == ana && one.follow_up.as_ref().is_some_and(is_there));
        let told = told.expect("listed");
        assert_eq!(told.conflict, conflict, "{place}");
    }
    let told = recovery(&world, &ana).await.follow_ups;
    let text = "Do not deliver: Bring tea (Room 3, walnut cake). Tree nut allergy";
    assert!(told.iter().any(|one| one.conflict_text.starts_with(text)), "{told:?}");
    let shown = listed(&world, &ana).await.gestures;
    assert!(shown.iter().all(|one| one.conflict == "PRECAUTION"), "{shown:?}");
    let gesture_id = proposal.receipt.expect("a receipt").created_ids.remove(0);
    let approve = with!(ApproveGestureRequest { customer_id: ana.clone(), gesture_id });
    let refused = refusal!(world, gestures, approve_gesture, in_role("vera", "manager", approve));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
}

async fn a_favourite_is_ready_as_they_have_it(world: World) {
    let coffee = EvidenceDraft { situation: "with oat milk".into(), ..dish("Coffee") };
    let draft = CustomerDraft { precautions: vec![allergy("MILK")], evidence: vec![coffee], ..asked("Ana") };
    let briefing = briefed(&world, draft).await;
    let [favourite, ready] = ["PREFERENCE_FAVOURITE", "FAVOURITE_TOUCH"].map(|code| {
        let mut all = briefing.anticipate.iter().chain(&briefing.delight);
        all.find(|one| one.code == code).expect("told").clone()
    });
    assert_eq!(favourite.text, "Favourite: Coffee (with oat milk). Check with the kitchen first.");
    assert_eq!(ready.text, "Have ready before they ask: Coffee (with oat milk). Check with the kitchen first.");
    for name in ["item", "situation", "clearance"] {
        let [ready, favourite] = [&ready, &favourite].map(|one| values(std::slice::from_ref(one), name));
        assert_eq!(ready, favourite, "{name}");
    }
}

async fn what_is_to_be_asked_first_is_told_in_every_list(world: World) {
    set(&world, giving()).await;
    let unknown = Item {
        contents: None,
        names: vec![ItemName { language: String::new(), text: "Plonk".into() }],
        ..item("w1", &[])
    };
    put(&world, vec![unknown]).await;
    let mut household = asked("Keller family");
    household.details.as_mut().expect("details").kind = CustomerKind::Household as i32;
    let of = |code: &str| CustomerDraft { precautions: vec![allergy(code)], ..asked("Ana") };
    let check = ("CHECK_WITH_KITCHEN", "Check with the kitchen first.");
    let not_asked = ("NOT_ASKED", "Nobody has asked them about allergies and diets.");
    for (draft, text, (code, words)) in [
        (of("PEANUTS"), "Bring a Plonk", check),
        (household.clone(), "Bring a tart", not_asked),
        (named("Bo"), "Bring a tart", not_asked),
        (named("Bo"), "Bring a Plonk", not_asked),
        (of("PEANUTS"), "Call them back", ("", "")),
        (named("Bo"), "Call them back", ("", "")),
        (asked("Bo"), "Bring a tart", ("", "")),
    ] {
        let customer = world.create(draft).await.customer_id;
        promise(&world, &customer, VENUE, text).await;
        let owed = owed(&world, VENUE).await.into_iter().find(|one| one.customer_id == customer).expect("owed");
        assert_eq!((owed.clearance.as_str(), owed.clearance_text.as_str()), (code, words), "{text}");
        assert_eq!((owed.conflict.as_str(), owed.conflict_text.as_str()), ("", ""), "{text}");
        let known = recovery(&world, &customer).await.follow_ups.remove(0);
        assert_eq!((known.clearance.as_str(), known.clearance_text.as_str()), (code, words), "{text}");
        let briefing = world.brief(by_id(&customer)).await;
        let told = briefing.communicate.iter().find(|one| one.text.contains(text)).expect("told");
        assert_eq!(values(std::slice::from_ref(told), "clearance"), [code], "{text}");
        assert!(told.text.ends_with(words) || told.reason.ends_with(words), "{told:?}");
    }
    // What was given before an answer lapsed is listed with the gestures.
    let ana = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "chinotto"))).await;
    assert_eq!(listed(&world, &ana).await.gestures[0].clearance, "");
    let details = with!(CustomerDetails { kind: CustomerKind::Household as i32 });
    let request = with!(UpdateCustomerRequest { customer_id: ana.clone(), details: Some(details) });
    world.customers().update_customer(request).await.expect("updated");
    let gesture = listed(&world, &ana).await.gestures.remove(0);
    assert_eq!((gesture.clearance.as_str(), gesture.clearance_text.as_str()), not_asked);
}

async fn what_a_promise_asks_about_or_leaves_out_is_no_delivery(world: World) {
    set(&world, giving()).await;
    put(&world, vec![item("wobble", &["WALNUT"])]).await;
    let ana = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Ana") }).await.customer_id;
    for (text, stopped) in [
        ("Ask the kitchen about nuts", false),
        ("Bring a menu without nuts", false),
        ("Check whether the House wobble has nuts", false),
        ("Küche nach Nüssen fragen", false),
        ("Demander s'il y a des noix", false),
        ("Preguntar por las nueces", false),
        ("Bring the nut cake", true),
        ("Ask about the table. House wobble at eight.", true),
        ("Ask for nuts", true),
        ("Ask whether to serve the nut cake", true),
        ("Ask the kitchen about nuts before dinner, please", false),
        ("Ask if she wants the nut cake and bring it", true),
        ("Ask about the nut cake, then up to room 12", true),
        ("Nach dem Nusskuchen fragen und bring ihn", true),
        ("Demander au sujet du gâteau aux noix et l'apporter", true),
        ("Informarsi sulla torta di noci e portarla", true),
        ("Preguntar por la tarta de nueces y llevárselo", true),
        ("Perguntar sobre o bolo de nozes e levá-lo", true),
        ("Tell her about the nut cake we have for her", true),
        ("No nut cake before 8", true),
        ("Don't forget the nut cake", true),
        ("Nicht den Nusskuchen vergessen", true),
        ("Ne pas oublier le gâteau aux noix", true),
        ("Non dimenticare la torta di noci", true),
        ("No olvidar la tarta de nueces", true),
        ("Não esquecer o bolo de nozes", true),
        ("Avoid delay with the nut cake", true),
        ("Ohne Nusskuchen geht sie nicht", true),
        ("Coffee without sugar and nut cake", true),
    ] {
        promise(&world, &ana, VENUE, text).await;
        let known = recovery(&world, &ana).await.follow_ups;
        let of = |one: &&FollowUp| one.promised.as_ref().is_some_and(|promised| promised.text == text);
        let one = known.iter().find(of).expect("it is owed");
        assert_eq!(one.conflict, if stopped { "PRECAUTION" } else { "" }, "{text}");
        // It names food: nobody says that it is harmless.
        assert_eq!(one.clearance, if stopped { "" } else { "CHECK_WITH_KITCHEN" }, "{text}");
        complete(&world, &ana, &one.follow_up_id).await;
    }
    // A note is words too, and does not speak for what it is given with.
    let note = |kind: &str, note: &str| GiveGestureRequest { note: note.into(), ..give(&ana, kind) };
    given(&world, in_role("jon", "manager", note("spa", "Ask about nuts first"))).await;
    for request in [note("chinotto", "With walnut oil"), note("tart", "Ask about nuts first")] {
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", request));
        assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    }
}

async fn what_is_delivered_later_is_judged_by_what_is_put_for_then(world: World) {
    let mut policy = giving();
    let of = policy.catalogue.iter().find(|kind| kind.gesture_type_id == "chinotto").expect("a type").clone();
    policy.catalogue.push(GestureType { gesture_type_id: "tasting".into(), display_name: "House wobble".into(), ..of });
    set(&world, policy).await;
    put(&world, vec![item("wobble", &["MILK"]), item("sorbet", &["ALMOND"])]).await;
    let (soon, tomorrow, next) = (NOON + 3_600, NOON + 86_400, NOON + 2 * 86_400);
    for (from, items) in [
        (tomorrow, vec![item("wobble", &["ALMOND"])]),
        (next, vec![item("wobble", &["MILK"]), item("sorbet", &["MILK"])]),
    ] {
        let ahead = with!(PutItemsRequest { venue_id: VENUE.into(), items, from_time: time(from) });
        world.catalogue().put_items(by("chef", ahead)).await.expect("put");
    }
    let ana = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Ana") }).await.customer_id;
    let at = |seconds: i64, kind: &str, note: &str| {
        let request = GiveGestureRequest { deliver_time: time(seconds), note: note.into(), ..give(&ana, kind) };
        in_role("jon", "manager", request)
    };
    for (kind, note) in [("tasting", ""), ("note", "With a House wobble")] {
        let refused = refusal!(world, gestures, give_gesture, at(tomorrow, kind, note));
        assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    }
    given(&world, at(soon, "tasting", "")).await;
    given(&world, at(next, "note", "With a House sorbet")).await;
    let told = async || {
        let mut all: Vec<(i64, String)> = Vec::new();
        for one in recovery(&world, &ana).await.follow_ups {
            all.push((one.promised.and_then(|promised| promised.due_time).expect("due").seconds, one.conflict));
        }
        let listed: Vec<String> = owed(&world, VENUE).await.into_iter().map(|one| one.conflict).collect();
        assert_eq!(listed, all.iter().map(|(_, conflict)| conflict.clone()).collect::<Vec<_>>());
        all
    };
    let none = |seconds| (seconds, String::new());
    assert_eq!(told().await, [none(soon), none(next)]);
    // The recipe of that day changes after it was promised.
    let worse = with!(PutItemsRequest {
        venue_id: VENUE.into(),
        items: vec![item("sorbet", &["WALNUT"])],
        from_time: time(next)
    });
    world.catalogue().put_items(by("chef", worse)).await.expect("put");
    assert_eq!(told().await, [none(soon), (next, "PRECAUTION".to_owned())]);
    let briefing = world.brief(by_id(&ana)).await;
    let stopped =
        briefing.respect.iter().chain(&briefing.communicate).filter(|one| one.text.starts_with("Do not deliver"));
    assert_eq!(stopped.count(), 1, "{:?}", briefing.communicate);
}
