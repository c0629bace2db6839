//! What is celebrated on the next days at a venue: whose, when, and in which order; and what is never listed.

use futures_util::{StreamExt as _, stream};
use rapport::{
    domain::CustomerId,
    proto::{mark_customer_request::Mark, *},
    store::{CustomerKey, Hint, StoreExt as _, hints::customer_of},
};
use tonic::{Code, Status};

use super::{
    backfill::{after_the_grace, finish, indexed, raise},
    command_line::{CUSTOMER, POLICY, Shell, assert_ran},
    pages_and_tokens::tampered,
    persons::{died, mark, marked},
    soundness::spoil_record,
    upgrades::{Golden, on_both_golden},
    world::*,
};

on_both!(
    days_come_in_order_and_each_with_its_number,
    a_29_february_is_listed_on_the_day_it_is_kept,
    what_is_quiet_over_or_not_yet_is_not_listed,
    who_was_not_at_the_venue_is_not_listed,
    nothing_of_the_dead_or_barred_is_listed,
    a_bar_hides_the_days_until_it_ends,
    a_page_goes_on_whatever_changed_meanwhile,
    a_list_keeps_its_days_past_midnight,
    a_page_of_nobody_goes_on,
    what_the_purpose_does_not_see_is_not_listed,
    who_is_erased_or_does_not_open_hides_nobody,
    what_cannot_be_is_refused,
);

mod of_before {
    use super::*;

    on_both_golden!(old_records_are_listed_once_they_are_indexed);
}

const DAY: i64 = 86_400;

pub fn week() -> ListUpcomingOccasionsRequest {
    with!(ListUpcomingOccasionsRequest { venue_id: VENUE.into(), purpose: Purpose::Service as i32 })
}

fn until(last: &str) -> ListUpcomingOccasionsRequest {
    ListUpcomingOccasionsRequest { last_date: last.into(), ..week() }
}

async fn page(world: &World, request: ListUpcomingOccasionsRequest) -> ListUpcomingOccasionsResponse {
    world.customers().list_upcoming_occasions(request).await.expect("listed").into_inner()
}

async fn refused(world: &World, request: ListUpcomingOccasionsRequest) -> Status {
    refusal!(world, customers, list_upcoming_occasions, request)
}

/// All pages; the answer must be complete.
pub async fn listed(world: &World, mut request: ListUpcomingOccasionsRequest) -> Vec<UpcomingOccasion> {
    world.settle().await;
    let mut all = Vec::new();
    loop {
        let next = page(world, request.clone()).await;
        assert!(!next.incomplete);
        all.extend(next.occasions);
        if next.next_page_token.is_empty() {
            return all;
        }
        request.page_token = next.next_page_token;
    }
}

fn occasion(one: &UpcomingOccasion) -> &Occasion {
    one.occasion.as_ref().expect("an occasion")
}

/// Day and label of each.
fn told(all: &[UpcomingOccasion]) -> Vec<(&str, &str)> {
    let label = |one| occasion(one).reported.as_ref().expect("a draft").label.as_str();
    all.iter().map(|one| (one.date.as_str(), label(one))).collect()
}

fn labels(all: &[UpcomingOccasion]) -> Vec<&str> {
    let mut labels: Vec<&str> = told(all).into_iter().map(|(_, label)| label).collect();
    labels.sort_unstable();
    labels
}

fn labelled(label: &str, day: OccasionDraft) -> OccasionDraft {
    OccasionDraft { label: label.into(), ..day }
}

fn of_kind(kind: OccasionKind, day: OccasionDraft) -> OccasionDraft {
    OccasionDraft { kind: kind as i32, ..day }
}

/// Somebody who bought something at the venue at a time.
async fn guest_at(world: &World, venue: &str, second: i64, occasions: Vec<OccasionDraft>) -> String {
    let id = world.create(CustomerDraft { occasions, ..named("Guest") }).await.customer_id;
    let mut bought = purchase(&id, &format!("{id}-{venue}-{second}"), vec![line("espresso", 450)]);
    (bought.venue_id, bought.occur_time) = (venue.into(), time(second));
    record(world, bought).await;
    id
}

pub async fn guest(world: &World, occasions: Vec<OccasionDraft>) -> String {
    guest_at(world, VENUE, NOON - DAY, occasions).await
}

async fn record(world: &World, interaction: Interaction) {
    let request = RecordInteractionsRequest { interactions: vec![interaction] };
    let results = world.interactions().record_interactions(request).await.expect("answered").into_inner().results;
    assert!(results[0].outcome() == RecordOutcome::Recorded, "{:?}", results[0]);
}

async fn days_come_in_order_and_each_with_its_number(world: World) {
    let born = birthday(Some(1_986), 3, 16);
    let ana = guest(&world, vec![labelled("fortieth", born)]).await;
    let wedding = of_kind(OccasionKind::Anniversary, birthday(Some(2_001), 3, 14));
    let ben = guest(&world, vec![labelled("wedding", wedding), labelled("late", birthday(None, 3, 21))]).await;
    guest(&world, vec![labelled("last", birthday(Some(1), 3, 20)), labelled("long ago", birthday(None, 3, 13))]).await;
    let all = listed(&world, week()).await;
    assert_eq!(told(&all), [("2026-03-14", "wedding"), ("2026-03-16", "fortieth"), ("2026-03-20", "last")]);
    assert_eq!(all.iter().map(|one| (one.days, one.number)).collect::<Vec<_>>(), [(0, 25), (2, 40), (6, 0)]);
    assert_eq!((&all[0].customer_id, &all[1].customer_id), (&ben, &ana));
    assert_eq!(occasion(&all[1]).occasion_id, "o1");
    assert!(all.iter().all(|one| !one.venue_unknown && !one.moved));
    let later = with!(ListUpcomingOccasionsRequest { venue_id: VENUE.into(), first_date: "2026-03-21".into() });
    assert_eq!(told(&listed(&world, later).await), [("2026-03-21", "late")], "a missing purpose serves");
    let year_on =
        ListUpcomingOccasionsRequest { first_date: "2027-03-12".into(), last_date: "2027-03-13".into(), ..week() };
    assert_eq!(told(&listed(&world, year_on).await), [("2027-03-13", "long ago")]);
    // As the table sits past midnight, it is still Saturday.
    world.set_clock(NOON + DAY / 2 + 9_000);
    assert_eq!(listed(&world, week()).await[0].days, 0);
    world.set_clock(NOON + DAY / 2 + 12_600);
    assert_eq!(told(&listed(&world, week()).await)[0], ("2026-03-16", "fortieth"));
}

async fn a_29_february_is_listed_on_the_day_it_is_kept(world: World) {
    let leap = vec![labelled("leap", birthday(Some(1_984), 2, 29)), labelled("28th", birthday(None, 2, 28))];
    guest(&world, leap).await;
    for (year, expected) in [
        (2_027, [("2027-02-28", "28th", false, 0), ("2027-02-28", "leap", true, 43)]),
        (2_028, [("2028-02-28", "28th", false, 0), ("2028-02-29", "leap", false, 44)]),
    ] {
        let february = ListUpcomingOccasionsRequest {
            first_date: format!("{year}-02-20"),
            last_date: format!("{year}-03-10"),
            page_size: 1,
            ..week()
        };
        let all = listed(&world, february).await;
        let moved: Vec<_> = told(&all).into_iter().zip(&all).collect();
        let moved: Vec<_> = moved.iter().map(|((date, label), one)| (*date, *label, one.moved, one.number)).collect();
        assert_eq!(moved, expected);
    }
}

async fn what_is_quiet_over_or_not_yet_is_not_listed(world: World) {
    let quiet = |day| OccasionDraft { do_not_celebrate: true, ..day };
    let of_leo = |day| OccasionDraft { of_whom: "son Leo".into(), ..day };
    let once = |year, day| OccasionDraft { once: true, ..labelled("once", birthday(Some(year), 3, day)) };
    let anniversary = |year| of_kind(OccasionKind::Anniversary, birthday(Some(year), 3, 15));
    guest(&world, vec![birthday(Some(1_950), 3, 14), quiet(birthday(None, 3, 14))]).await;
    guest(&world, vec![labelled("his own", birthday(None, 3, 15)), of_leo(quiet(birthday(None, 3, 15)))]).await;
    guest(&world, vec![once(2_026, 16), once(2_025, 17), once(2_027, 18)]).await;
    guest(&world, vec![anniversary(2_026), anniversary(2_027), anniversary(2_030)]).await;
    let quiet_soon = of_kind(OccasionKind::Anniversary, quiet(birthday(Some(2_027), 3, 17)));
    let still = of_kind(OccasionKind::Anniversary, labelled("still kept", birthday(None, 3, 17)));
    guest(&world, vec![still, quiet_soon]).await;
    let all = listed(&world, week()).await;
    assert_eq!(told(&all), [("2026-03-15", "his own"), ("2026-03-16", "once"), ("2026-03-17", "still kept")]);
    let next_year =
        ListUpcomingOccasionsRequest { first_date: "2027-03-14".into(), last_date: "2027-03-20".into(), ..week() };
    let all = listed(&world, next_year).await;
    let mut days: Vec<_> = all.iter().map(|one| (one.date.as_str(), one.number)).collect();
    days.sort_unstable();
    assert_eq!(days, [("2027-03-15", 0), ("2027-03-15", 1), ("2027-03-18", 0)]);
}

async fn nothing_of_the_dead_or_barred_is_listed(world: World) {
    let ana = guest(&world, vec![birthday(None, 3, 14)]).await;
    died(&world, &ana).await;
    assert_eq!(told(&listed(&world, week()).await), []);
    let there = indexed(world.server.core.store.as_ref(), &world.tenant()).await;
    assert_eq!(there.len(), 1, "who has died is read from the record, and may be read otherwise by another release");
    marked(&world, "mara", mark(&ana, Mark::Deceased(false))).await;
    assert_eq!(listed(&world, week()).await.len(), 1, "it was a mistake");
    let bar = with!(Bar { code: "UNPAID".into(), text: "Left twice".into(), until_time: time(NOON + 3 * DAY) });
    marked(&world, "jon", mark(&ana, Mark::Bar(bar))).await;
    assert_eq!(told(&listed(&world, week()).await), [], "a manager is fetched first");
    world.set_clock(NOON + 3 * DAY);
    let next_year =
        ListUpcomingOccasionsRequest { first_date: "2027-03-14".into(), last_date: "2027-03-14".into(), ..week() };
    assert_eq!(listed(&world, next_year).await.len(), 1, "the bar is over");
}

async fn a_bar_hides_the_days_until_it_ends(world: World) {
    let day = |label: &str, day| labelled(label, of_kind(OccasionKind::Other, birthday(None, 3, day)));
    let ana = guest(&world, vec![day("before", 14), day("the last", 16), day("after", 17)]).await;
    let consent = with!(RecordConsentRequest { customer_id: ana.clone(), consent: Some(agreed()) });
    world.customers().record_consent(consent).await.expect("recorded");
    let bar = with!(Bar { code: "UNPAID".into(), text: "Left twice".into(), until_time: time(NOON + 2 * DAY) });
    marked(&world, "jon", mark(&ana, Mark::Bar(bar))).await;
    assert_eq!(told(&listed(&world, week()).await), [("2026-03-17", "after")]);
    // Who is not told of bars does not find one by comparing: the record and the briefing have the days too.
    let marketing = Purpose::Marketing as i32;
    let all = ["before", "the last", "after"];
    let request = ListUpcomingOccasionsRequest { purpose: marketing, ..week() };
    let days = listed(&world, request).await;
    assert_eq!(told(&days).iter().map(|(_, label)| *label).collect::<Vec<_>>(), all);
    let read = GetCustomerRequest { purpose: marketing, ..get(&ana) };
    let read = world.customers().get_customer(read).await.expect("read").into_inner().customer.expect("a customer");
    assert_eq!(read.occasions.len(), all.len());
    let request = GetBriefingRequest { purpose: marketing, ..briefing(by_id(&ana)) };
    let read = world.briefings().get_briefing(request).await.expect("read").into_inner().briefing.expect("a briefing");
    assert!(all.iter().all(|label| values(&read.acknowledge, "label").contains(label)), "{read:?}");
}

async fn who_was_not_at_the_venue_is_not_listed(world: World) {
    // Thirteen months before the business day, by the venue's clock, and a second earlier.
    let since = 1_739_487_600;
    let day = |label: &str| vec![labelled(label, birthday(None, 3, 14))];
    guest_at(&world, VENUE, since, day("just in time")).await;
    guest_at(&world, VENUE, since - 1, day("too long ago")).await;
    guest_at(&world, OTHER_VENUE, NOON - DAY, day("elsewhere")).await;
    world.create(CustomerDraft { occasions: day("never"), ..named("Guest") }).await;
    let stays = guest_at(&world, OTHER_VENUE, NOON - DAY, day("stays")).await;
    let stay = Interaction {
        kind: InteractionKind::Visit as i32,
        purchase: None,
        external_id: "stay".into(),
        ..purchase(&stays, "stay", Vec::new())
    };
    record(&world, stay).await;
    let called = guest_at(&world, OTHER_VENUE, NOON - DAY, day("called")).await;
    let call = Interaction {
        kind: InteractionKind::Contact as i32,
        purchase: None,
        external_id: "call".into(),
        text: "Asked for a table.".into(),
        ..purchase(&called, "call", Vec::new())
    };
    record(&world, call).await;
    let voided = guest_at(&world, VENUE, NOON - DAY, day("voided")).await;
    let bought = purchase(&voided, "another", vec![line("espresso", 450)]);
    record(&world, Interaction { venue_id: OTHER_VENUE.into(), ..bought }).await;
    let wrong = VoidInteractionRequest {
        customer_id: voided.clone(),
        source: "till-4".into(),
        external_id: format!("{voided}-{VENUE}-{}", NOON - DAY),
        reason: "another guest's".into(),
    };
    world.interactions().void_interaction(wrong).await.expect("voided");
    let here = listed(&world, week()).await;
    assert_eq!(labels(&here), ["just in time", "stays"], "what was voided is no visit");
    assert!(here.iter().all(|one| !one.venue_unknown), "{here:?}");
    let there = ListUpcomingOccasionsRequest { venue_id: OTHER_VENUE.into(), ..week() };
    assert_eq!(labels(&listed(&world, there).await), ["called", "elsewhere", "stays", "voided"]);
}

async fn a_page_goes_on_whatever_changed_meanwhile(world: World) {
    let mut guests = Vec::new();
    for number in 0..4 {
        let label = |name: &str| format!("{number} {name}");
        let occasions = ["a", "b", "c"].map(|name| labelled(&label(name), birthday(None, 3, 14 + number / 2)));
        guests.push(guest(&world, occasions.to_vec()).await);
    }
    world.settle().await;
    let whole = listed(&world, week()).await;
    assert_eq!(whole.len(), 12);
    let by_pages = async |size: i32| {
        let all = listed(&world, ListUpcomingOccasionsRequest { page_size: size, ..week() }).await;
        assert_eq!(all, whole, "{size}");
    };
    for size in [1, 2, 5, 11, 12, 13] {
        by_pages(size).await;
    }
    let two = ListUpcomingOccasionsRequest { page_size: 2, ..week() };
    let first = page(&world, two.clone()).await;
    assert_eq!(first.occasions, whole[..2]);
    // What was listed is removed, and something is added before and behind.
    let listed_last = &first.occasions[1];
    let occasion_id = occasion(listed_last).occasion_id.clone();
    let remove = with!(RemoveOccasionRequest { customer_id: listed_last.customer_id.clone(), occasion_id });
    world.customers().remove_occasion(remove).await.expect("removed");
    let add = with!(AddOccasionRequest {
        customer_id: whole[11].customer_id.clone(),
        occasion: Some(labelled("new", birthday(None, 3, 20)))
    });
    world.customers().add_occasion(add).await.expect("added");
    let rest =
        ListUpcomingOccasionsRequest { page_token: first.next_page_token.clone(), page_size: 200, ..two.clone() };
    let rest = listed(&world, rest).await;
    assert_eq!(rest[..10], whole[2..]);
    assert_eq!(told(&rest[10..]), [("2026-03-20", "new")]);
    // A token belongs to its query.
    let with_token = |request| ListUpcomingOccasionsRequest { page_token: first.next_page_token.clone(), ..request };
    for foreign in [
        ListUpcomingOccasionsRequest { venue_id: OTHER_VENUE.into(), ..week() },
        ListUpcomingOccasionsRequest { first_date: "2026-03-14".into(), ..week() },
        until("2026-03-20"),
        ListUpcomingOccasionsRequest { purpose: Purpose::Marketing as i32, ..week() },
    ] {
        assert_field(&refused(&world, with_token(foreign)).await, "page_token", &first.next_page_token);
    }
    let customers = with!(ListCustomersRequest { page_size: 1 });
    let other = world.customers().list_customers(customers).await.expect("listed").into_inner().next_page_token;
    for page_token in tampered(&first.next_page_token).into_iter().chain([other]) {
        let request = ListUpcomingOccasionsRequest { page_token, ..week() };
        assert_field(&refused(&world, request).await, "page_token", "");
    }
}

async fn a_list_keeps_its_days_past_midnight(world: World) {
    for day in [14, 14, 15, 20, 21] {
        guest(&world, vec![birthday(None, 3, day)]).await;
    }
    world.settle().await;
    for request in [week(), ListUpcomingOccasionsRequest { first_date: "2026-03-14".into(), ..week() }] {
        world.set_clock(NOON);
        let mut request = ListUpcomingOccasionsRequest { page_size: 1, ..request };
        let first = page(&world, request.clone()).await;
        world.set_clock(NOON + DAY);
        (request.page_token, request.page_size) = (first.next_page_token, 0);
        let days: Vec<(String, i32)> =
            listed(&world, request).await.into_iter().map(|one| (one.date, one.days)).collect();
        let expected = [("2026-03-14", -1), ("2026-03-15", 0), ("2026-03-20", 5)];
        assert_eq!(days, expected.map(|(date, days)| (date.to_owned(), days)));
    }
}

async fn a_page_of_nobody_goes_on(world: World) {
    let ana = guest(&world, vec![birthday(None, 3, 16)]).await;
    world.settle().await;
    let (store, tenant) = (&world.server.core.store, world.tenant());
    let own = indexed(store.as_ref(), &tenant).await.remove(0);
    // More customers that are not there than are looked at for a page, before her and behind.
    let bytes = *CustomerId::parse("id", &ana).expect("an id").as_bytes();
    let phantom = |number: u16| {
        let high = if number < 1_100 { bytes[0].saturating_sub(1) } else { bytes[0].saturating_add(1) };
        let rest = [&own.member[..8], &[high], &[0; 13], &number.to_be_bytes()].concat();
        Hint { member: rest, ..own.clone() }
    };
    let put = async |number| store.put_hint(&tenant, &phantom(number), 1).await.expect("works");
    stream::iter(0..2_200).map(put).buffer_unordered(64).collect::<Vec<_>>().await;
    let mut request = week();
    let (mut pages, mut all) = (0, Vec::new());
    loop {
        let next = page(&world, request.clone()).await;
        pages += 1;
        all.extend(next.occasions.into_iter().map(|one| one.customer_id));
        if next.next_page_token.is_empty() {
            break;
        }
        request.page_token = next.next_page_token;
    }
    assert_eq!((pages, all), (3, vec![ana]));
}

async fn what_the_purpose_does_not_see_is_not_listed(world: World) {
    let day = || vec![birthday(None, 3, 14)];
    let ana = guest(&world, day()).await;
    guest(&world, day()).await;
    let consent = with!(RecordConsentRequest { customer_id: ana.clone(), consent: Some(agreed()) });
    world.customers().record_consent(consent).await.expect("recorded");
    let with = |purpose: Purpose| ListUpcomingOccasionsRequest { purpose: purpose as i32, ..week() };
    assert_eq!(listed(&world, with(Purpose::Service)).await.len(), 2);
    let agreeing = listed(&world, with(Purpose::Marketing)).await;
    assert_eq!(agreeing.iter().map(|one| one.customer_id.as_str()).collect::<Vec<_>>(), [ana.as_str()]);
    assert_refused(&refused(&world, with(Purpose::Analytics)).await, Code::PermissionDenied, "PURPOSE_NOT_ALLOWED");
    // Nobody else's.
    if world.redis.is_some() {
        let other = world.neighbour("other-house").await;
        assert!(page(&other, week()).await.occasions.is_empty());
    }
}

async fn who_is_erased_or_does_not_open_hides_nobody(world: World) {
    let core = &world.server.core;
    let day = || vec![birthday(None, 3, 14)];
    let mut guests = Vec::new();
    for _ in 0..3 {
        guests.push(guest(&world, day()).await);
    }
    world.settle().await;
    let of_first = |hint: &Hint| customer_of(hint).is_some_and(|customer| customer.to_string() == guests[0]);
    let hint = indexed(core.store.as_ref(), &core.tenant).await.into_iter().find(of_first).expect("an entry");
    let erase = with!(EraseCustomerRequest { customer_id: guests[0].clone(), reason: "asked for it".into() });
    world.customers().erase_customer(erase).await.expect("erased");
    let key = |id: &str| CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", id).expect("an id") };
    // It comes late, as from a replica that was behind.
    core.store.put_hint(&core.tenant, &hint, 1).await.expect("works");
    assert_eq!(listed(&world, week()).await.len(), 2);
    spoil_record(core, &key(&guests[1])).await;
    let found = page(&world, week()).await;
    assert!(found.incomplete, "somebody's record does not open");
    assert_eq!(found.occasions.iter().map(|one| one.customer_id.as_str()).collect::<Vec<_>>(), [guests[2].as_str()]);
    let later = ListUpcomingOccasionsRequest { first_date: "2026-03-15".into(), ..week() };
    assert!(!page(&world, later).await.incomplete, "and is not of these days");
}

async fn what_cannot_be_is_refused(world: World) {
    let first = |date: &str| ListUpcomingOccasionsRequest { first_date: date.into(), ..week() };
    let days = |from: &str, to: &str| ListUpcomingOccasionsRequest { last_date: to.into(), ..first(from) };
    for (request, field) in [
        (ListUpcomingOccasionsRequest { venue_id: "nowhere".into(), ..week() }, "venue_id"),
        (ListUpcomingOccasionsRequest { venue_id: String::new(), ..week() }, "venue_id"),
        (first("2026-03-13"), "first_date"),
        (first("2026-02-30"), "first_date"),
        (first("14.03.2026"), "first_date"),
        (first("20260314"), "first_date"),
        (first("2026-03-14T00:00"), "first_date"),
        (until("2026-03-13"), "last_date"),
        (until("2026-05-15"), "last_date"),
        (until("next week"), "last_date"),
        (days("2026-04-01", "2026-06-02"), "last_date"),
        (ListUpcomingOccasionsRequest { page_size: -1, ..week() }, "page_size"),
        (ListUpcomingOccasionsRequest { purpose: 77, ..week() }, "purpose"),
    ] {
        let given = [request.first_date.as_str(), request.last_date.as_str()].concat();
        let echo = if request.first_date.is_empty() || request.last_date.is_empty() { given.as_str() } else { "" };
        assert_field(&refused(&world, request.clone()).await, field, echo);
    }
    for request in [until("2026-05-14"), days("2026-04-01", "2026-06-01"), days("9999-12-31", "9999-12-31")] {
        assert!(listed(&world, request).await.is_empty());
    }
}

async fn old_records_are_listed_once_they_are_indexed(golden: Golden) {
    let (world, core) = (&golden.world, &golden.world.server.core);
    let days = |venue: &str| with!(ListUpcomingOccasionsRequest { venue_id: venue.into() });
    let before = page(world, days(VENUE)).await;
    assert!(before.incomplete && before.occasions.is_empty(), "nobody knows yet");
    raise(world).await;
    assert!(page(world, days(VENUE)).await.incomplete);
    after_the_grace(world);
    finish(core).await;
    let all = page(world, days(VENUE)).await;
    assert!(!all.incomplete);
    let moment = world.now_ms() / 1_000;
    let today = jiff::Timestamp::from_second(moment).expect("a time").in_tz("Europe/Zurich").expect("a zone").date();
    let days_of = |all: &[UpcomingOccasion]| -> Vec<(i32, i32)> {
        let mut days: Vec<_> = all.iter().map(|one| (one.days, one.number)).collect();
        days.sort_unstable();
        days
    };
    // 27 November: Béatrice and Elena; the 28th: Priya's wedding and an opening; the 30th: grandfather Wei.
    assert_eq!(today.to_string(), "2026-11-27", "{today}");
    assert_eq!(days_of(&all.occasions), [(0, 36), (0, 41), (1, 0), (1, 12), (3, 0)]);
    assert!(all.occasions.iter().any(|one| one.venue_unknown), "old visits are not known by venue");
    // Whoever comes again is known to have been there; of their visits of before it stays unknown where they were.
    let beatrice = all.occasions.iter().find(|one| one.number == 36).expect("listed").customer_id.clone();
    let mut bought = purchase(&beatrice, "again", vec![line("espresso", 450)]);
    bought.occur_time = time(moment - 60);
    record(world, bought).await;
    let again = page(world, days(VENUE)).await;
    let one = again.occasions.iter().find(|one| one.customer_id == beatrice).expect("listed");
    assert!(!one.venue_unknown);
    let elsewhere = page(world, days(OTHER_VENUE)).await;
    let one = elsewhere.occasions.iter().find(|one| one.customer_id == beatrice).expect("listed");
    assert!(one.venue_unknown);
}

#[test]
fn the_command_lists_them() {
    let shell = Shell::new();
    let born = r#""occasions": [{"kind": "OCCASION_KIND_BIRTHDAY", "date": {"month": NEXT}}], "precautions""#;
    let born = CUSTOMER.replace("\"precautions\"", born);
    let zurich = jiff::Timestamp::now().in_tz("Europe/Zurich").expect("a zone");
    // Tomorrow, so that the test may run at midnight.
    let date = zurich.date().tomorrow().expect("a day");
    let born = born.replace("NEXT", &format!("{}, \"day\": {}", date.month(), date.day()));
    shell.write("in.ndjson", &[POLICY, &born]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let list = |args: &[&str]| shell.on_store(&[&["occasions", "--venue", "v"], args].concat());
    assert_ran(&list(&[]), 0, "nothing is celebrated on these days\n");
    let visit = ["record", "interaction", "--identity", "loyalty:GC-1017", "--venue", "v", "--kind", "visit"];
    assert_ran(&shell.on_store(&[&visit[..], &["--external-id", "1"]].concat()), 0, "");
    let found = list(&[]);
    assert_ran(&found, 0, "  BIRTHDAY\n    customer: ");
    assert!(!found.out.contains("missing") && found.out.starts_with(&date.to_string()), "{}", found.out);
    let json: serde_json::Value = list(&["--json"]).out.parse().expect("JSON");
    assert_eq!(json["occasions"].as_array().map(Vec::len), Some(1));
    let late = list(&["--from", "2020-01-01"]);
    assert!(late.code == Some(1) && late.err.contains("first_date"), "{}", late.err);
    // A copy lists the same.
    assert_ran(&shell.on_store(&["export", "out.ndjson"]), 0, "");
    let wrapping = ["--wrapping-key-file", "rapport-keys.wrapping.key"];
    let of_copy =
        [&["--store", "redb:copy", "--keys", "file:copy-keys", "--log-level", "warn"], &wrapping[..]].concat();
    let on_copy = |args: &[&str]| shell.run(&[args, &of_copy].concat());
    assert_ran(&on_copy(&["restore", "out.ndjson"]), 0, "");
    assert_ran(&on_copy(&["fsck"]), 0, "sound");
    let copy = on_copy(&["occasions", "--venue", "v"]);
    assert_eq!(copy.out, found.out);
}
