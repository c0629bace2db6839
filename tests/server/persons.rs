//! Marks of a person: deceased, barred. A manager is fetched, nothing is offered, and no precaution is hidden.

use rapport::proto::{mark_customer_request::Mark, recovery_service_client::RecoveryServiceClient, *};
use tonic::{Code, Status};

use super::{
    gestures::{give, given, giving, in_role, open_issue, set},
    world::*,
};

on_both!(
    two_people_mark_a_customer_as_deceased,
    nobody_calls_on_the_dead,
    whoever_brings_the_card_of_the_dead_is_asked,
    who_answers_on_the_card_of_the_dead_answers_for_themselves,
    nothing_of_the_dead_of_a_household_is_celebrated,
    a_persian_name_is_kept_as_written_and_is_one_with_its_other_spelling,
    a_bar_fetches_the_manager_and_hides_nothing,
    a_gift_under_way_is_stopped_by_a_bar,
    a_bar_has_a_code_of_the_policy_and_an_end,
    a_mark_of_one_who_shares_an_identity_is_told,
    nothing_is_asked_about_the_dead,
    a_bar_that_others_make_longer_stays_what_it_is,
);

const DAY: i64 = 86_400;

/// All that a message says, to be searched: what is printed of it leaves out what is personal.
fn told(message: &impl prost::Message) -> String {
    String::from_utf8_lossy(&message.encode_to_vec()).into_owned()
}

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

pub fn mark(id: &str, mark: Mark) -> MarkCustomerRequest {
    let reason = if matches!(mark, Mark::Bar(_)) { String::new() } else { "told by the family".to_owned() };
    with!(MarkCustomerRequest { customer_id: id.to_owned(), mark: Some(mark), reason })
}

pub async fn marked(world: &World, staff: &str, request: MarkCustomerRequest) {
    world.customers().mark_customer(by(staff, request)).await.expect("marked");
}

/// Two people say that a customer has died.
pub async fn died(world: &World, id: &str) {
    marked(world, "mara", mark(id, Mark::Deceased(true))).await;
    marked(world, "jon", mark(id, Mark::Deceased(true))).await;
}

fn bar_until(until: i64) -> Bar {
    let text = "Left twice without paying".to_owned();
    Bar { code: "UNPAID".into(), text, until_time: time(until), ..Bar::default() }
}

/// In March. A quiet birthday would silence all birthdays of that person.
fn quiet_anniversary(day: i32) -> OccasionDraft {
    OccasionDraft { kind: OccasionKind::Anniversary as i32, do_not_celebrate: true, ..birthday(None, 3, day) }
}

fn guest() -> CustomerDraft {
    CustomerDraft {
        identities: vec![loyalty("GC-1")],
        precautions: vec![allergy("MILK")],
        precautions_asked: true,
        evidence: vec![stated("espresso")],
        occasions: vec![birthday(None, 3, 14), quiet_anniversary(16)],
        consents: vec![agreed()],
        ..named("Ana")
    }
}

async fn brief_for(world: &World, id: &str, purpose: Purpose) -> Briefing {
    let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(id)) };
    world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("a briefing")
}

fn assert_nothing_offered(briefing: &Briefing) {
    assert!(briefing.anticipate.is_empty() && briefing.delight.is_empty());
    assert!(!told(briefing).contains("OCCASION"));
}

async fn two_people_mark_a_customer_as_deceased(world: World) {
    set(&world, giving()).await;
    let ana = world.create(guest()).await.customer_id;
    let alive = world.brief(by_id(&ana)).await;
    assert!(codes(&alive.headline).contains(&"OCCASION_TODAY") && told(&alive).contains("OCCASION_DO_NOT_CELEBRATE"));
    marked(&world, "mara", mark(&ana, Mark::Deceased(true))).await;
    let alone = world.customers().mark_customer(by("mara", mark(&ana, Mark::Deceased(true)))).await.unwrap_err();
    assert_refused(&alone, Code::FailedPrecondition, "SECOND_PERSON_NEEDED");
    let unnamed = refusal!(world, customers, mark_customer, mark(&ana, Mark::Deceased(true)));
    assert_refused(&unnamed, Code::FailedPrecondition, "SECOND_PERSON_NEEDED");
    // One person's word does not count yet.
    assert_eq!(codes(&world.brief(by_id(&ana)).await.headline), codes(&alive.headline));
    assert!(world.get(&ana).await.deceased[0].confirmed_by.is_empty());
    marked(&world, "jon", mark(&ana, Mark::Deceased(true))).await;
    let briefing = world.brief(by_identity(loyalty("GC-1"))).await;
    assert_eq!(briefing.headline[0].text, "Marked deceased on 14 March 2026: fetch a manager.");
    assert_eq!(codes(&briefing.headline)[..2], ["MARKED_DECEASED", "PRECAUTION_ALLERGY"]);
    assert_eq!(codes(&briefing.respect)[..2], ["MARKED_DECEASED", "PRECAUTION_ALLERGY"]);
    assert!(briefing.acknowledge.is_empty() && briefing.communicate.is_empty());
    assert_nothing_offered(&briefing);
    let asked = LookupBriefingsRequest {
        subjects: vec![by_id(&ana)],
        venue_id: VENUE.into(),
        purpose: Purpose::Service as i32,
        ..LookupBriefingsRequest::default()
    };
    let looked_up = world.briefings().lookup_briefings(asked).await.expect("answered").into_inner().results.remove(0);
    assert!(told(&looked_up).contains("MARKED_DECEASED"));
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, "note")));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    let known = &world.get(&ana).await.deceased[0];
    assert_eq!((known.reported_by.as_str(), known.confirmed_by.as_str()), ("mara@till-4", "jon@till-4"));
    // Said a third time, nothing changes.
    marked(&world, "vera", mark(&ana, Mark::Deceased(true))).await;
    assert_eq!(world.get(&ana).await.deceased[0].confirmed_by, "jon@till-4");
    marked(&world, "mara", mark(&ana, Mark::Deceased(false))).await;
    let back = world.brief(by_id(&ana)).await;
    assert_eq!((&back.headline, &back.delight), (&alive.headline, &alive.delight));
    let twice = world.customers().mark_customer(by("mara", mark(&ana, Mark::Deceased(false)))).await.unwrap_err();
    assert_refused(&twice, Code::FailedPrecondition, "NOT_ACTIVE");
}

async fn owed(world: &World) -> Vec<OwedFollowUp> {
    world.settle().await;
    let request = with!(ListFollowUpsRequest { venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
    RecoveryServiceClient::new(world.channel()).list_follow_ups(request).await.expect("listed").into_inner().follow_ups
}

async fn promise(world: &World, id: &str) -> Result<(), Status> {
    let promise = with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Call about the boat".into(),
        due_time: time(NOON + 3_600),
        venue_id: VENUE.into()
    });
    let request = with!(PromiseFollowUpRequest { customer_id: id.to_owned(), follow_up: Some(promise) });
    RecoveryServiceClient::new(world.channel()).promise_follow_up(by("mara", request)).await.map(|_| ())
}

async fn nobody_calls_on_the_dead(world: World) {
    set(&world, giving()).await;
    let ana = world.create(guest()).await.customer_id;
    let issue_id = open_issue(&world, &ana).await;
    promise(&world, &ana).await.expect("promised");
    given(&world, in_role("jon", "manager", give(&ana, "voucher"))).await;
    assert_eq!(owed(&world).await.len(), 2);
    died(&world, &ana).await;
    assert!(owed(&world).await.is_empty());
    let briefing = world.brief(by_id(&ana)).await;
    assert_eq!(codes(&briefing.headline)[..2], ["MARKED_DECEASED", "PRECAUTION_ALLERGY"]);
    assert!(!told(&briefing).contains("ISSUE_OPEN") && !told(&briefing).contains("PROMISE"));
    let refused = promise(&world, &ana).await.unwrap_err();
    assert_refused(&refused, Code::FailedPrecondition, "CUSTOMER_DECEASED");
    let resolve = with!(ResolveIssueRequest { customer_id: ana.clone(), issue_id, resolution: "moved".into() });
    let resolved = RecoveryServiceClient::new(world.channel()).resolve_issue(by("mara", resolve)).await;
    assert!(resolved.expect("resolved").into_inner().receipt.expect("a receipt").created_ids.is_empty());
    let suggest = SuggestGesturesRequest {
        customer_id: ana.clone(),
        venue_id: VENUE.into(),
        include_vetoed: true,
        purpose: Purpose::Service as i32,
        ..SuggestGesturesRequest::default()
    };
    let all = world.gestures().suggest_gestures(in_role("jon", "manager", suggest)).await.expect("answered");
    let all = all.into_inner().gestures;
    assert!(!all.is_empty());
    for one in all {
        assert_eq!(one.verdicts[0].code, "FETCH_MANAGER");
    }
    // What they agreed to ends with them.
    assert!(brief_for(&world, &ana, Purpose::Marketing).await.headline.is_empty());
    let list = with!(ListCustomersRequest { purpose: Purpose::Marketing as i32 });
    assert!(world.customers().list_customers(list.clone()).await.expect("listed").into_inner().customer_ids.is_empty());
    let read = GetCustomerRequest { purpose: Purpose::Marketing as i32, ..get(&ana) };
    let read = world.customers().get_customer(read.clone()).await.expect("read").into_inner().customer.expect("them");
    assert!(read.occasions.is_empty() && read.deceased.is_empty());
    assert!(read.withheld.contains(&"occasions".to_owned()));
    // A decision in force that allows nothing would tell of the death; and they decide nothing new.
    assert!(read.consents.is_empty() && !world.get(&ana).await.consents.is_empty());
    let decided = |state: ConsentState| {
        let consent = Consent { state: state as i32, ..agreed() };
        with!(RecordConsentRequest { customer_id: ana.clone(), consent: Some(consent) })
    };
    let late = refusal!(world, customers, record_consent, decided(ConsentState::Granted));
    assert_refused(&late, Code::FailedPrecondition, "CUSTOMER_DECEASED");
    marked(&world, "mara", mark(&ana, Mark::Deceased(false))).await;
    assert_eq!(owed(&world).await.len(), 2);
    assert_eq!(world.customers().list_customers(list).await.expect("listed").into_inner().customer_ids, [ana]);
}

async fn whoever_brings_the_card_of_the_dead_is_asked(world: World) {
    let ana = world.create(CustomerDraft { precautions: vec![], ..guest() }).await.customer_id;
    assert!(codes(&world.brief(by_id(&ana)).await.respect).contains(&"PRECAUTIONS_NONE_KNOWN"));
    died(&world, &ana).await;
    let briefing = world.brief(by_id(&ana)).await;
    assert_eq!(codes(&briefing.headline)[..2], ["MARKED_DECEASED", "PRECAUTIONS_NOT_ASKED"]);
    assert_eq!(briefing.precaution_state, PrecautionState::NotAsked as i32);
    assert!(!codes(&briefing.respect).contains(&"PRECAUTIONS_NONE_KNOWN"));
}

async fn nothing_of_the_dead_of_a_household_is_celebrated(world: World) {
    set(&world, giving()).await;
    let of = |of_whom: &str, occasion: OccasionDraft| OccasionDraft { of_whom: of_whom.into(), ..occasion };
    let wedding = OccasionDraft { kind: OccasionKind::Anniversary as i32, ..birthday(None, 3, 15) };
    let mut household = CustomerDraft {
        occasions: vec![
            of("Nina", birthday(None, 3, 14)),
            of("Jonas", birthday(None, 3, 17)),
            of("", wedding),
            of("Nina", quiet_anniversary(18)),
        ],
        precautions: vec![PrecautionDraft { of_whom: "Nina".into(), ..allergy("PEANUTS") }],
        ..named("Kellers")
    };
    if let Some(details) = &mut household.details {
        details.kind = CustomerKind::Household as i32;
    }
    let kellers = world.create(household).await.customer_id;
    let alive = world.brief(by_id(&kellers)).await;
    assert_eq!(values(&alive.delight, "of_whom")[..3], ["Nina", "", "Jonas"]);
    let everybody = refusal!(world, customers, mark_customer, mark(&kellers, Mark::Deceased(true)));
    assert_field(&everybody, "of_whom", "");
    let nobody = MarkCustomerRequest { of_whom: "Nino".into(), ..mark(&kellers, Mark::Deceased(true)) };
    assert_field(&refusal!(world, customers, mark_customer, nobody), "of_whom", "Nino");
    let nina = |deceased| MarkCustomerRequest { of_whom: "nina".into(), ..mark(&kellers, Mark::Deceased(deceased)) };
    marked(&world, "mara", nina(true)).await;
    assert_eq!(world.brief(by_id(&kellers)).await.delight, alive.delight);
    marked(&world, "jon", nina(true)).await;
    let briefing = world.brief(by_id(&kellers)).await;
    // The others celebrate; but no anniversary, which may be of one who is dead.
    let delight: Vec<&Statement> = briefing.delight.iter().filter(|one| one.code == "OCCASION_WISH").collect();
    assert_eq!(delight.len(), 1);
    assert_eq!(values(&briefing.acknowledge, "of_whom").iter().filter(|whom| !whom.is_empty()).count(), 1);
    assert!(!codes(&briefing.headline).iter().any(|code| code.contains("DECEASED")));
    let last = briefing.respect.last().expect("a statement");
    assert_eq!(last.text, "Deceased, marked on 14 March 2026: nina. Do not ask after them.");
    assert_eq!((last.code.as_str(), last.tact), ("OTHER_DECEASED", Tact::NeverMention as i32));
    assert!(!codes(&briefing.respect).contains(&"OCCASION_DO_NOT_CELEBRATE"));
    // Her precautions stay on record: who sits at the table is somebody else.
    assert!(codes(&alive.respect).contains(&"PRECAUTION_ALLERGY"));
    assert!(!codes(&briefing.respect).contains(&"PRECAUTION_ALLERGY") && briefing.precautions.is_empty());
    assert_eq!(world.get(&kellers).await.precautions.len(), 1);
    marked(&world, "mara", nina(false)).await;
    assert_eq!(world.brief(by_id(&kellers)).await.delight, alive.delight);
}

async fn a_bar_fetches_the_manager_and_hides_nothing(world: World) {
    let mut policy = giving();
    policy.roles.iter_mut().find(|role| role.role_id == "manager").expect("a manager").sees_bars = true;
    set(&world, policy).await;
    let ana = world.create(guest()).await.customer_id;
    // Kept for a minute, unless something changes.
    let before = world.brief(by_id(&ana)).await;
    marked(&world, "jon", mark(&ana, Mark::Bar(bar_until(NOON + 60)))).await;
    let briefing = world.brief(by_id(&ana)).await;
    assert_eq!(briefing.headline[0].text, "Fetch the manager before seating.");
    assert_eq!(codes(&briefing.headline)[..2], ["BARRED", "PRECAUTION_ALLERGY"]);
    assert_eq!(codes(&briefing.respect)[..2], ["BARRED", "PRECAUTION_ALLERGY"]);
    assert!(briefing.anticipate.is_empty() && briefing.delight.is_empty() && !briefing.acknowledge.is_empty());
    // Why, and by whom, is for a few.
    let all = told(&briefing);
    assert!(["UNPAID", "paying", "jon"].iter().all(|secret| !all.contains(secret)), "{all}");
    let bar = world.get(&ana).await.bar.expect("a bar");
    assert_eq!((bar.code.as_str(), bar.text.as_str(), bar.barred_by.as_str()), ("", "", ""));
    let read = world.customers().get_customer(in_role("jon", "manager", get(&ana))).await.expect("read").into_inner();
    let bar = read.customer.expect("a customer").bar.expect("a bar");
    assert_eq!((bar.code.as_str(), bar.text.as_str()), ("UNPAID", "Left twice without paying"));
    assert_eq!(bar.barred_by, "jon@till-4");
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, "note")));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    // What must not be served comes first.
    let basket = GetBriefingRequest { basket_items: vec!["Milk shake".into()], ..briefing_of(&ana) };
    let basket = world.briefings().get_briefing(basket).await.expect("answered").into_inner().briefing.expect("one");
    assert_eq!(codes(&basket.headline), ["BASKET_CONFLICT", "BARRED", "PRECAUTION_ALLERGY"]);
    assert_eq!(codes(&basket.respect)[..2], ["BASKET_CONFLICT", "BARRED"]);
    // A matter of those who serve: others are told nothing.
    let marketing = brief_for(&world, &ana, Purpose::Marketing).await;
    assert!(!told(&marketing).contains("BARRED") && marketing.respect.is_empty());
    assert!(!marketing.delight.is_empty());
    // It ends by itself.
    assert_eq!(briefing.valid_until_time, time(NOON + 60));
    world.set_clock(NOON + 60);
    assert_eq!(codes(&world.brief(by_id(&ana)).await.headline), codes(&before.headline));
    world.customers().mark_customer(in_role("jon", "manager", mark(&ana, Mark::LiftBar(true)))).await.expect("lifted");
    assert!(world.get(&ana).await.bar.is_none());
}

fn briefing_of(id: &str) -> GetBriefingRequest {
    briefing(by_id(id))
}

async fn a_gift_under_way_is_stopped_by_a_bar(world: World) {
    set(&world, giving()).await;
    let ana = world.create(guest()).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "note"))).await;
    promise(&world, &ana).await.expect("promised");
    assert!(owed(&world).await.iter().all(|one| one.conflict.is_empty()));
    marked(&world, "jon", mark(&ana, Mark::Bar(bar_until(NOON + DAY)))).await;
    let listed = owed(&world).await;
    let conflicts: Vec<(bool, &str)> = listed
        .iter()
        .map(|one| {
            let promised = one.follow_up.as_ref().and_then(|known| known.promised.as_ref()).expect("a promise");
            (promised.kind == FollowUpKind::Delivery as i32, one.conflict.as_str())
        })
        .collect();
    assert_eq!(conflicts.len(), 2);
    assert!(conflicts.contains(&(true, "FETCH_MANAGER")) && conflicts.contains(&(false, "")), "{conflicts:?}");
    let stopped = listed.iter().find(|one| !one.conflict.is_empty()).expect("one");
    assert!(stopped.conflict_text.starts_with("Do not deliver: Handwritten note."), "{}", stopped.conflict_text);
    let communicate = world.brief(by_id(&ana)).await.communicate;
    assert!(communicate.iter().any(|one| one.text == "Do not deliver: Handwritten note."));
}

async fn a_bar_has_a_code_of_the_policy_and_an_end(world: World) {
    let ana = world.create(guest()).await.customer_id;
    let refused = async |bar: Bar| refusal!(world, customers, mark_customer, mark(&ana, Mark::Bar(bar)));
    let year = 366 * DAY;
    for until in [NOON, NOON + year + 1] {
        assert_field(&refused(bar_until(until)).await, "bar.until_time", "");
    }
    assert_field(&refused(Bar { until_time: None, ..bar_until(0) }).await, "bar.until_time", "");
    let text = "x".repeat(141);
    assert_field(&refused(Bar { text: text.clone(), ..bar_until(NOON + 1) }).await, "bar.text", &text);
    // The built-in codes, where the policy has none; else its own.
    let unknown = refused(Bar { code: "RUDE".into(), ..bar_until(NOON + 1) }).await;
    assert_field(&unknown, "bar.code", "RUDE");
    assert!(unknown.message().contains("AGGRESSION, DAMAGE, HARASSMENT, THEFT, UNPAID, OTHER"), "{unknown:?}");
    marked(&world, "jon", mark(&ana, Mark::Bar(Bar { text: "x".repeat(140), ..bar_until(NOON + year) }))).await;
    set(&world, Policy { bar_codes: vec!["NO_SHOW".into(), "RUDE".into()], ..policy() }).await;
    let unknown = refused(bar_until(NOON + 1)).await;
    assert_field(&unknown, "bar.code", "UNPAID");
    assert!(unknown.message().contains("NO_SHOW, RUDE"), "{unknown:?}");
    marked(&world, "jon", mark(&ana, Mark::Bar(Bar { code: "RUDE".into(), ..bar_until(NOON + 1) }))).await;
    let before = world.dump().await;
    for (at, request) in [
        ("deceased", MarkCustomerRequest { mark: None, ..mark(&ana, Mark::LiftBar(true)) }),
        ("lift_bar", mark(&ana, Mark::LiftBar(false))),
        ("reason", MarkCustomerRequest { reason: String::new(), ..mark(&ana, Mark::LiftBar(true)) }),
        ("reason", MarkCustomerRequest { reason: String::new(), ..mark(&ana, Mark::Deceased(true)) }),
        ("reason", MarkCustomerRequest { reason: "rude".into(), ..mark(&ana, Mark::Bar(bar_until(NOON + 1))) }),
        ("of_whom", MarkCustomerRequest { of_whom: "Ben".into(), ..mark(&ana, Mark::LiftBar(true)) }),
        ("of_whom", MarkCustomerRequest { of_whom: "x".repeat(61), ..mark(&ana, Mark::Deceased(true)) }),
    ] {
        assert_field(&refusal!(world, customers, mark_customer, request), at, "");
    }
    world.assert_unchanged(&before).await;
}

async fn a_mark_of_one_who_shares_an_identity_is_told(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681800");
    let of = |name: &str| CustomerDraft { identities: vec![phone()], ..asked(name) };
    let (ana, ben) = (world.create(of("Ana")).await.customer_id, world.create(of("Ben")).await.customer_id);
    let shared = async || world.brief(by_identity(phone())).await;
    assert_eq!(codes(&shared().await.headline), ["ASK_WHO"]);
    marked(&world, "jon", mark(&ben, Mark::Bar(bar_until(NOON + DAY)))).await;
    let barred = shared().await;
    assert_eq!(codes(&barred.headline), ["BARRED", "ASK_WHO"]);
    assert_eq!(barred.headline[0].text, "One of them is barred: fetch the manager before seating.");
    assert_eq!(codes(&barred.respect)[0], "BARRED");
    died(&world, &ana).await;
    let deceased = shared().await;
    assert_eq!(codes(&deceased.headline)[0], "MARKED_DECEASED");
    assert_eq!(deceased.headline[0].text, "One of them is marked deceased: fetch a manager.");
}

async fn a_persian_name_is_kept_as_written_and_is_one_with_its_other_spelling(world: World) {
    let (written, other) = ("علی\u{200c}رضا", "علیرضا");
    let of = |whom: &str| PrecautionDraft { of_whom: whom.into(), ..allergy("MILK") };
    let draft = CustomerDraft { precautions: vec![of(written)], ..named(written) };
    let ana = world.create(draft).await.customer_id;
    let known = world.get(&ana).await;
    assert_eq!(known.details.and_then(|details| details.name).expect("a name").full, written);
    let again = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![of(other)] });
    world.customers().add_precautions(again).await.expect("added");
    let known = world.get(&ana).await;
    let precautions: Vec<_> = known.precautions.into_iter().filter_map(|known| known.reported).collect();
    assert_eq!(precautions.iter().map(|known| known.of_whom.as_str()).collect::<Vec<_>>(), [written]);
    // What something is found by has no joiners, and nothing that turns the direction of writing is kept.
    let keyed = CustomerDraft { identities: vec![loyalty(written)], ..named("Ana") };
    let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer: Some(keyed) }));
    assert_field(&refused, "customer.identities[0].value", written);
    for bad in ["علی\u{200f}رضا", "علی \u{200c}رضا", "علی\u{200b}رضا"] {
        let customer = Some(named(bad));
        let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer }));
        assert_field(&refused, "customer.details.name.full", bad);
    }
}

async fn nothing_is_asked_about_the_dead(world: World) {
    set(&world, giving()).await;
    let of_son = PrecautionDraft { of_whom: "my son".into(), ..allergy("PEANUTS") };
    let own = PrecautionDraft { criticality: Criticality::Low as i32, ..allergy("MILK") };
    let likes = ["espresso", "pancakes for my son"].map(stated);
    let phone = || identity(IdentityType::Phone, "+41446681800");
    let draft = CustomerDraft {
        precautions: vec![of_son, own],
        evidence: likes.into(),
        identities: vec![phone()],
        ..asked("Ana")
    };
    let ana = world.create(draft).await.customer_id;
    world.create(CustomerDraft { identities: vec![phone()], ..asked("Ben") }).await;
    let promised = with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "A drawing for my son".into(),
        due_time: time(NOON + 3_600),
        venue_id: VENUE.into()
    });
    let request = with!(PromiseFollowUpRequest { customer_id: ana.clone(), follow_up: Some(promised) });
    RecoveryServiceClient::new(world.channel()).promise_follow_up(by("mara", request)).await.expect("promised");
    let read = async |subject: BriefingSubject| {
        let request = GetBriefingRequest { basket_items: vec!["Peanut soup".into()], ..briefing(subject) };
        world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("a briefing")
    };
    let asks = |briefing: &Briefing| {
        let asked = briefing.communicate.iter().filter(|one| one.code == "CONFIRM_PRECAUTION");
        asked.map(|one| one.text.clone()).collect::<Vec<_>>()
    };
    let alive = read(by_id(&ana)).await;
    assert_eq!((alive.line_checks[0].state, asks(&alive).len()), (LineState::Conflict as i32, 2));
    assert!(told(&alive).contains("A drawing for my son") && !told(&alive).contains("Do not deliver"));
    let son = |deceased| MarkCustomerRequest { of_whom: "My son".into(), ..mark(&ana, Mark::Deceased(deceased)) };
    marked(&world, "mara", son(true)).await;
    assert_eq!(read(by_id(&ana)).await.line_checks[0].state, LineState::Conflict as i32, "nobody else has said so yet");
    marked(&world, "jon", son(true)).await;
    let briefing = read(by_id(&ana)).await;
    assert_eq!(briefing.line_checks[0].state, LineState::NotDeclared as i32, "her own still counts");
    assert_eq!(asks(&briefing).len(), 1, "{:?}", asks(&briefing));
    assert_eq!(briefing.precautions.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["MILK"]);
    let lines = briefing.headline.iter().chain(&briefing.respect).filter(|one| one.code != "OTHER_DECEASED");
    let lines: Vec<&str> = lines.map(|one| one.text.as_str()).collect();
    assert!(lines.iter().all(|line| !line.contains("Peanut allergy") && !line.contains("life")), "{lines:?}");
    assert!(told(&briefing).contains("Do not deliver: A drawing for my son."), "{lines:?}");
    assert!(!told(&briefing).contains("pancakes") && told(&briefing).contains("espresso"));
    let shared = read(by_identity(phone())).await;
    assert_eq!(shared.line_checks[0].state, LineState::NotDeclared as i32);
    assert_eq!(shared.precautions.len(), 1);
    marked(&world, "mara", son(false)).await;
    assert_eq!(read(by_id(&ana)).await.line_checks[0].state, LineState::Conflict as i32, "it was a mistake");
}

async fn a_bar_that_others_make_longer_stays_what_it_is(world: World) {
    let mut policy = giving();
    policy.roles.iter_mut().find(|role| role.role_id == "manager").expect("a manager").sees_bars = true;
    set(&world, policy).await;
    let ana = world.create(guest()).await.customer_id;
    let seen = async || {
        let read = world.customers().get_customer(in_role("jon", "manager", get(&ana))).await.expect("read");
        let bar = read.into_inner().customer.expect("a customer").bar.expect("a bar");
        (bar.code, bar.text, bar.barred_by, bar.until_time)
    };
    marked(&world, "jon", mark(&ana, Mark::Bar(bar_until(NOON + DAY)))).await;
    let first = seen().await;
    world.set_clock(NOON + 60);
    let other = |until| Bar { code: "OTHER".into(), text: "Rude".into(), ..bar_until(until) };
    for until in [NOON + DAY, NOON + 2 * DAY] {
        marked(&world, "mara", mark(&ana, Mark::Bar(other(until)))).await;
        let (code, text, by, ends) = seen().await;
        assert_eq!((&code, &text, &by, ends), (&first.0, &first.1, &first.2, time(until)));
    }
    let shorter = by("mara", mark(&ana, Mark::Bar(other(NOON + DAY))));
    assert!(world.customers().mark_customer(shorter).await.is_err());
    let replaced = in_role("vera", "manager", mark(&ana, Mark::Bar(other(NOON + DAY))));
    world.customers().mark_customer(replaced).await.expect("replaced");
    assert_eq!(seen().await, ("OTHER".into(), "Rude".into(), "vera@till-4".into(), time(NOON + DAY)));
    // One that is over is not made longer.
    world.set_clock(NOON + DAY);
    marked(&world, "mara", mark(&ana, Mark::Bar(bar_until(NOON + 2 * DAY)))).await;
    assert_eq!(seen().await, ("UNPAID".into(), first.1, "mara@till-4".into(), time(NOON + 2 * DAY)));
}

async fn who_answers_on_the_card_of_the_dead_answers_for_themselves(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let state = async || world.get(&ana).await.precaution_state().as_str_name();
    assert_eq!(state().await, "PRECAUTION_STATE_NONE_KNOWN");
    world.set_clock(NOON + 3_600);
    died(&world, &ana).await;
    world.set_clock(NOON + 3_660);
    let inquiry = with!(RecordPrecautionInquiryRequest { customer_id: ana.clone() });
    world.customers().record_precaution_inquiry(inquiry).await.expect("recorded");
    marked(&world, "mara", mark(&ana, Mark::Deceased(false))).await;
    assert_eq!(state().await, "PRECAUTION_STATE_NOT_ASKED", "it was an answer of whoever brought the card");
}
