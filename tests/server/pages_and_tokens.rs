//! Pages, page tokens and revision tokens; and that another tenant's customer cannot be told from one that is not there.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{StreamExt as _, future::join_all, stream};
use rapport::{
    domain::CustomerId,
    proto::*,
    store::{Hint, StoreExt as _},
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    backfill::indexed,
    upcoming::{guest, week},
    world::*,
};

on_both!(
    a_page_holds_no_more_than_it_may,
    a_page_token_is_for_its_query,
    a_page_token_names_nobody,
    a_revision_token_is_for_its_customer,
    a_revision_token_counts_whoever_has_the_identity,
    a_list_waits_for_no_revision,
);

fn interactions_of(customer_id: &str) -> ListInteractionsRequest {
    with!(ListInteractionsRequest { customer_id: customer_id.into(), purpose: Purpose::Service as i32, page_size: 1 })
}

/// Two purchases, so that a page of one has a next.
async fn shop(world: &World, customer_id: &str) {
    let interactions = ["1", "2"].map(|key| purchase(customer_id, key, vec![line("tea", 1)])).to_vec();
    world.interactions().record_interactions(RecordInteractionsRequest { interactions }).await.expect("recorded");
}

async fn page_of_customers(world: &World, page_size: i32) -> ListCustomersResponse {
    let request = ListCustomersRequest { page_size, page_token: String::new(), ..ListCustomersRequest::default() };
    world.customers().list_customers(request).await.expect("a page").into_inner()
}

/// A token with every character changed once, cut, and lengthened; and what never was a token.
pub fn tampered(token: &str) -> Vec<String> {
    assert!(token.len() > 10 && token.is_ascii());
    let changed = (0..token.len()).map(|place| {
        let other = if &token[place..=place] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &token[..place], &token[place + 1..])
    });
    let mut tampered: Vec<String> = changed.collect();
    tampered.extend([token[1..].to_owned(), token[..token.len() - 1].to_owned(), format!("{token}A"), token.repeat(2)]);
    tampered.extend(["A", "next page", "\u{202e}", "====", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"].map(str::to_owned));
    tampered
}

async fn a_page_holds_no_more_than_it_may(world: World) {
    join_all((0..205).map(|_| world.create(named("Ana")))).await;
    let id = world.create(named("Bo")).await.customer_id;
    world.settle().await;
    for (page_size, length) in [(0, 50), (1, 1), (200, 200), (201, 200), (1_000_000_000, 200), (i32::MAX, 200)] {
        let page = page_of_customers(&world, page_size).await;
        assert_eq!(page.customer_ids.len(), length, "{page_size}");
        assert!(!page.next_page_token.is_empty());
    }
    for page_size in [-1, i32::MIN] {
        let list = ListCustomersRequest { page_size, page_token: String::new(), ..ListCustomersRequest::default() };
        assert_field(&refusal!(world, customers, list_customers, list), "page_size", "");
        let list = ListInteractionsRequest { page_size, ..interactions_of(&id) };
        assert_field(&refusal!(world, interactions, list_interactions, list), "page_size", "");
    }
}

async fn a_page_token_is_for_its_query(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let bo = world.create(named("Bo")).await.customer_id;
    shop(&world, &ana).await;
    shop(&world, &bo).await;
    world.settle().await;
    let of_customers = page_of_customers(&world, 1).await.next_page_token;
    let first = world.interactions().list_interactions(interactions_of(&ana)).await.unwrap().into_inner();
    let of_interactions = first.next_page_token;
    let before = world.dump().await;

    let mut wrong = tampered(&of_customers);
    wrong.push(of_interactions.clone());
    for page_token in wrong {
        let list =
            ListCustomersRequest { page_size: 1, page_token: page_token.clone(), ..ListCustomersRequest::default() };
        let echo = if page_token.len() > 4 { page_token.as_str() } else { "" };
        assert_field(&refusal!(world, customers, list_customers, list), "page_token", echo);
    }
    let with_token = |page_token: &str, list: ListInteractionsRequest| ListInteractionsRequest {
        page_token: page_token.to_owned(),
        ..list
    };
    let mut wrong: Vec<ListInteractionsRequest> =
        tampered(&of_interactions).iter().map(|token| with_token(token, interactions_of(&ana))).collect();
    wrong.push(with_token(&of_customers, interactions_of(&ana)));
    wrong.push(with_token(&of_interactions, interactions_of(&bo)));
    let start_time = time(NOON - 86_400);
    wrong.push(with_token(&of_interactions, ListInteractionsRequest { start_time, ..interactions_of(&ana) }));
    let end_time = time(NOON);
    wrong.push(with_token(&of_interactions, ListInteractionsRequest { end_time, ..interactions_of(&ana) }));
    for list in wrong {
        assert_field(&refusal!(world, interactions, list_interactions, list), "page_token", "");
    }
    world.assert_unchanged(&before).await;

    // The size of the page is no part of the query.
    let rest = ListInteractionsRequest { page_size: 7, ..with_token(&of_interactions, interactions_of(&ana)) };
    let rest = world.interactions().list_interactions(rest).await.unwrap().into_inner();
    assert_eq!((rest.interactions.len(), rest.next_page_token.as_str()), (1, ""));
}

async fn upcoming(world: &World, request: ListUpcomingOccasionsRequest) -> ListUpcomingOccasionsResponse {
    world.customers().list_upcoming_occasions(request).await.expect("listed").into_inner()
}

/// Where a page ends early at a customer whom the purpose may not see, its token does not tell who that is.
async fn a_page_token_names_nobody(world: World) {
    let hidden = guest(&world, vec![birthday(None, 3, 14)]).await;
    world.settle().await;
    let (store, tenant) = (&world.server.core.store, world.tenant());
    let own = indexed(store.as_ref(), &tenant).await.remove(0);
    let ana = guest(&world, vec![birthday(None, 3, 15)]).await;
    let consent = with!(RecordConsentRequest { customer_id: ana.clone(), consent: Some(agreed()) });
    world.customers().record_consent(consent).await.expect("recorded");
    world.settle().await;
    // She is the last of the sixteen times 64 that a page looks at.
    let before = |number: u16| {
        let member = [&own.member[..8], &[0; 14], &number.to_be_bytes()].concat();
        Hint { member, ..own.clone() }
    };
    let put = async |number| store.put_hint(&tenant, &before(number), 1).await.expect("works");
    stream::iter(0..1_023).map(put).buffer_unordered(64).collect::<Vec<_>>().await;
    let mut request = ListUpcomingOccasionsRequest { purpose: Purpose::Marketing as i32, ..week() };
    let first = upcoming(&world, request.clone()).await;
    assert!(first.occasions.is_empty() && !first.next_page_token.is_empty());
    let token = URL_SAFE_NO_PAD.decode(&first.next_page_token).expect("base 64");
    let customer = *CustomerId::parse("id", &hidden).expect("an id").as_bytes();
    let date = [&2_026_u16.to_be_bytes()[..], &[3, 14]].concat();
    for known in [&customer[8..], &own.member[..8], &date] {
        assert!(!token.windows(known.len()).any(|some| some == known), "{known:?}");
    }
    request.page_token = first.next_page_token;
    let rest = upcoming(&world, request).await;
    assert_eq!(rest.occasions.iter().map(|one| one.customer_id.as_str()).collect::<Vec<_>>(), [ana.as_str()]);
}

/// Reads that take a revision token: the customer, and the briefing by id and by identity.
async fn read(world: &World, customer_id: &str, token: &str) -> Vec<Result<(), Status>> {
    let revision_token = || token.to_owned();
    let by_key = briefing(by_identity(loyalty(customer_id)));
    let briefings = [
        GetBriefingRequest { revision_token: revision_token(), ..briefing(by_id(customer_id)) },
        GetBriefingRequest { revision_token: revision_token(), ..by_key },
    ];
    let get = GetCustomerRequest { revision_token: revision_token(), ..get(customer_id) };
    let mut results = vec![world.customers().get_customer(get).await.map(|_| ())];
    for request in briefings {
        results.push(world.briefings().get_briefing(request).await.map(|_| ()));
    }
    results
}

/// A customer with a loyalty number equal to their id.
async fn numbered(world: &World) -> Receipt {
    let id = world.create(named("Ana")).await.customer_id;
    let add = with!(AddIdentityRequest { customer_id: id.clone(), identity: Some(loyalty(&id)) });
    world.customers().add_identity(add).await.expect("added").into_inner().receipt.expect("a receipt")
}

async fn rename(world: &World, customer_id: &str, name: &str) -> Receipt {
    let update = with!(UpdateCustomerRequest { customer_id: customer_id.into(), details: named(name).details });
    world.customers().update_customer(update).await.expect("renamed").into_inner().receipt.expect("a receipt")
}

async fn a_revision_token_is_for_its_customer(world: World) {
    let ana = numbered(&world).await;
    let bo = numbered(&world).await;
    let renamed = rename(&world, &ana.customer_id, "Ana Ferreira").await;
    assert_ne!(renamed.revision_token, ana.revision_token);
    for token in ["", &ana.revision_token, &renamed.revision_token] {
        assert!(read(&world, &ana.customer_id, token).await.iter().all(Result::is_ok), "{token}");
    }
    let before = world.dump().await;
    let mut wrong = tampered(&renamed.revision_token);
    wrong.extend([bo.revision_token, renamed.etag]);
    for token in wrong {
        let echo = if token.len() > 4 { token.as_str() } else { "" };
        for result in read(&world, &ana.customer_id, &token).await {
            assert_field(&result.expect_err("a wrong token"), "revision_token", echo);
        }
    }
    world.assert_unchanged(&before).await;
}

async fn a_revision_token_counts_whoever_has_the_identity(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681801");
    let of = |name: &str| CustomerDraft { identities: vec![phone()], ..named(name) };
    let (ana, ben) = (world.create(of("Ana")).await, world.create(of("Ben")).await);
    let other = world.create(named("Eve")).await;
    let read = async |identity: Identity, token: &str| {
        let request = GetBriefingRequest { revision_token: token.to_owned(), ..briefing(by_identity(identity)) };
        world.briefings().get_briefing(request).await
    };
    for token in [&ana.revision_token, &ben.revision_token] {
        let briefing = read(phone(), token).await.expect("reached").into_inner().briefing.expect("a briefing");
        assert_eq!(briefing.state, BriefingState::Ambiguous as i32);
    }
    for (identity, token) in [
        (phone(), &other.revision_token),
        (loyalty("nobody"), &ana.revision_token),
        (loyalty("nobody"), &other.revision_token),
    ] {
        let refused = read(identity, token).await.expect_err("not among them");
        assert_refused(&refused, Code::Unavailable, "REVISION_NOT_REACHED");
    }
    let cut = &ana.revision_token[..ana.revision_token.len() - 2];
    for identity in [phone(), loyalty("nobody")] {
        for malformed in ["zzz", cut, ana.etag.as_str(), "\u{202e}", &"A".repeat(3_000)] {
            let refused = read(identity.clone(), malformed).await.expect_err("malformed");
            assert_field(&refused, "revision_token", if malformed.len() > 4 { malformed } else { "" });
        }
        assert!(read(identity, "").await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revision_that_is_not_there_is_not_waited_for() {
    let world = World::start(Backend::Redis).await;
    let ana = numbered(&world).await;
    let redis = world.redis.as_ref().expect("a Redis");
    let keys = redis.tell("KEYS record:*");
    let record = keys.lines().find(|line| line.starts_with("record:")).expect("the only record").to_owned();
    redis.tell(&format!("COPY {record} kept-apart"));
    let renamed = rename(&world, &ana.customer_id, "Ana Ferreira").await;
    // The store is set back to an older copy, as after a restore.
    redis.tell(&format!("COPY kept-apart {record} REPLACE"));
    redis.tell("DEL kept-apart");
    let refuse = async |why: &str| {
        let before = world.dump().await;
        for result in read(&world, &ana.customer_id, &renamed.revision_token).await {
            let status = result.expect_err(why);
            assert_refused(&status, Code::Unavailable, "REVISION_NOT_REACHED");
            assert!(status.get_details_retry_info().is_some());
        }
        world.assert_unchanged(&before).await;
    };
    refuse("older").await;
    for token in ["", &ana.revision_token] {
        assert!(read(&world, &ana.customer_id, token).await.iter().all(Result::is_ok));
    }
    // From there another history begins: as many changes, but not those.
    let other = rename(&world, &ana.customer_id, "Ana Lucía").await;
    refuse("another branch").await;
    assert!(read(&world, &ana.customer_id, &other.revision_token).await.iter().all(Result::is_ok));
}

/// What calls that answer item by item say of one customer.
async fn item_answers(world: &World, id: &str) -> Vec<Status> {
    let purchase = RecordInteractionsRequest { interactions: vec![purchase(id, "1", vec![line("tea", 1)])] };
    let recorded = world.interactions().record_interactions(purchase).await.unwrap().into_inner().results.remove(0);
    let lookup = with!(LookupBriefingsRequest { subjects: vec![by_id(id)], venue_id: VENUE.into(), purpose: 1 });
    let briefed = world.briefings().lookup_briefings(lookup).await.unwrap().into_inner().results.remove(0);
    let Some(briefing_result::Result::Error(briefed)) = briefed.result else { panic!("an error") };
    let errors = [recorded.error.expect("an error"), briefed].into_iter();
    errors.map(|error| Status::new(Code::from(error.code), format!("{} {}", error.reason, error.message))).collect()
}

/// What every call about one customer answers.
async fn answers(world: &World, id: &str) -> Vec<Status> {
    macro_rules! of_customer {
        ($method:ident, $message:ident { $($fields:tt)* }) => {
            refusal!(world, customers, $method, with!($message { customer_id: id.to_owned(), $($fields)* }))
        };
    }
    let occasion = || Some(birthday(None, 1, 1));
    let (occasion_id, precaution_id, preference_id) = ("o1".to_owned(), "p1".to_owned(), "0".repeat(16));
    let status = PrecautionStatus::Confirmed as i32;
    let void = VoidInteractionRequest {
        customer_id: id.to_owned(),
        source: "till-4".into(),
        external_id: "1".into(),
        reason: "wrong".into(),
    };
    let mut answers = item_answers(world, id).await;
    answers.extend([
        refusal!(world, customers, get_customer, get(id)),
        of_customer!(update_customer, UpdateCustomerRequest { details: named("Bo").details }),
        of_customer!(erase_customer, EraseCustomerRequest { reason: "asked for".into() }),
        of_customer!(add_identity, AddIdentityRequest { identity: Some(loyalty("GC-2")) }),
        of_customer!(remove_identity, RemoveIdentityRequest { identity: Some(loyalty("GC-1")) }),
        of_customer!(record_evidence, RecordEvidenceRequest { evidence: vec![stated("tea")] }),
        of_customer!(remove_preference, RemovePreferenceRequest { preference_id }),
        of_customer!(add_precautions, AddPrecautionsRequest { precautions: vec![allergy("NUTS")] }),
        of_customer!(review_precaution, ReviewPrecautionRequest { precaution_id, status }),
        of_customer!(record_precaution_inquiry, RecordPrecautionInquiryRequest { ask_time: time(NOON) }),
        of_customer!(add_occasion, AddOccasionRequest { occasion: occasion() }),
        of_customer!(update_occasion, UpdateOccasionRequest { occasion_id: occasion_id.clone(), occasion: occasion() }),
        of_customer!(remove_occasion, RemoveOccasionRequest { occasion_id }),
        of_customer!(
            mark_customer,
            MarkCustomerRequest { reason: "told".into(), mark: Some(mark_customer_request::Mark::Deceased(true)) }
        ),
        of_customer!(record_consent, RecordConsentRequest { consent: Some(agreed()) }),
        refusal!(world, interactions, void_interaction, void),
        refusal!(world, interactions, list_interactions, interactions_of(id)),
        refusal!(world, briefings, get_briefing, briefing(by_id(id))),
    ]);
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_customer_is_not_there() {
    let world = World::start(Backend::Redis).await;
    let draft = CustomerDraft {
        identities: vec![loyalty("GC-1")],
        precautions: vec![allergy("NUTS")],
        occasions: vec![birthday(None, 1, 1)],
        ..named("Ana")
    };
    let ana = world.create(draft.clone()).await;
    world.create(named("Bo")).await;
    shop(&world, &ana.customer_id).await;
    world.settle().await;
    let other = world.neighbour("other-house").await;
    let before = world.dump().await;
    let (theirs, nobodys) = (answers(&other, &ana.customer_id).await, answers(&other, &"0".repeat(26)).await);
    for (one, none) in theirs.iter().zip(&nobodys) {
        assert_eq!(one.code(), Code::NotFound, "{one:?}");
        assert_eq!((one.message(), one.details()), (none.message(), none.details()), "byte for byte");
        let names =
            |status: &Status| -> Vec<String> { status.metadata().keys().map(|key| format!("{key:?}")).collect() };
        assert_eq!(names(one), names(none));
    }
    assert!(page_of_customers(&other, 200).await.customer_ids.is_empty());
    let stranger = other.brief(by_identity(loyalty("GC-1"))).await;
    assert!(stranger.state() == BriefingState::FirstVisit);
    // Tokens of one tenant are worth nothing at another.
    let page_token = page_of_customers(&world, 1).await.next_page_token;
    let list = ListCustomersRequest { page_size: 1, page_token: page_token.clone(), ..ListCustomersRequest::default() };
    assert_field(&refusal!(other, customers, list_customers, list), "page_token", &page_token);
    let token = &ana.revision_token;
    let demanding = GetCustomerRequest { revision_token: token.clone(), ..get(&ana.customer_id) };
    assert_field(&refusal!(other, customers, get_customer, demanding), "revision_token", token);
    world.assert_unchanged(&before).await;

    // The same loyalty number is another one there.
    let there = other.create(draft).await;
    assert_eq!(other.brief(by_identity(loyalty("GC-1"))).await.customer_id, there.customer_id);
    assert_eq!(world.brief(by_identity(loyalty("GC-1"))).await.customer_id, ana.customer_id);
    assert_eq!(page_of_customers(&world, 200).await.customer_ids.len(), 2);
}

async fn a_list_waits_for_no_revision(world: World) {
    let ana = guest(&world, vec![birthday(None, 3, 14)]).await;
    let bo = guest(&world, vec![birthday(None, 9, 9)]).await;
    world.settle().await;
    let page = async |request: ListUpcomingOccasionsRequest| {
        world.customers().list_upcoming_occasions(request).await.expect("listed").into_inner().occasions.len()
    };
    let with = |token: &str| ListUpcomingOccasionsRequest { revision_token: token.into(), ..week() };
    let now = world.get(&ana).await.revision_token;
    assert_eq!(page(with(&now)).await, 1);
    let add = with!(AddOccasionRequest { customer_id: ana.clone(), occasion: Some(birthday(None, 3, 15)) });
    let added = world.customers().add_occasion(add).await.expect("added").into_inner().receipt.expect("a receipt");
    world.settle().await;
    assert_eq!(page(with(&added.revision_token)).await, 2);
    assert_eq!(page(with(&now)).await, 2, "a later revision is fine");
    // Who is on no page, or on another one, is not found at that revision.
    let away = world.get(&bo).await.revision_token;
    let elsewhere = ListUpcomingOccasionsRequest { venue_id: OTHER_VENUE.into(), ..with(&added.revision_token) };
    for request in [with(&away), elsewhere, with(&tampered(&now)[3])] {
        assert_refused(
            &refusal!(world, customers, list_upcoming_occasions, request),
            Code::Unavailable,
            "REVISION_NOT_REACHED",
        );
    }
    assert_field(&refusal!(world, customers, list_upcoming_occasions, with("no-token")), "revision_token", "no-token");
}
