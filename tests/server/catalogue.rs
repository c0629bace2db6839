//! Items of venues: put, read as they were, confirmed, marked, removed; and what is sold and not declared.

use rapport::{domain::VenueId, proto::*, store::StoreExt as _};
use tonic::Code;

use super::world::*;

on_both!(
    items_are_put_and_read_back,
    what_was_declared_at_a_time_stays_readable,
    contents_count_until_they_are_too_old_or_marked,
    a_request_that_comes_again_gets_the_first_answer,
    what_is_wrong_is_refused_with_its_path,
    a_policy_adds_substances_and_sets_the_days,
    many_items_come_page_by_page,
    the_menu_follows_at_once,
    what_is_sold_and_not_declared_is_listed,
    what_the_kitchen_carries_over_is_told_once,
    damaged_items_are_told_and_count_as_not_declared,
);

const DAY: i64 = 86_400;

/// An item that contains these.
pub fn item(id: &str, codes: &[&str]) -> Item {
    let content = |code: &&str| ItemContent { code: (*code).to_owned(), level: ContentLevel::Contains as i32 };
    let contents = ItemContents {
        contents: codes.iter().map(content).collect(),
        source: ContentSource::Recipe as i32,
        ..ItemContents::default()
    };
    let name = ItemName { language: "en".into(), text: format!("House {id}") };
    with!(Item { item_id: id.into(), names: vec![name], category: "dish".into(), contents: Some(contents) })
}

pub fn putting(items: Vec<Item>) -> PutItemsRequest {
    with!(PutItemsRequest { venue_id: VENUE.into(), items })
}

/// Puts items; answers how many are different now.
pub async fn put(world: &World, items: Vec<Item>) -> CatalogueReceipt {
    let answer = world.catalogue().put_items(by("chef", putting(items))).await.expect("put");
    answer.into_inner().receipt.expect("a receipt")
}

/// What one call may put.
const ITEMS_PER_CALL: usize = 500;

/// Puts however many items.
pub async fn put_all(world: &World, items: Vec<Item>) {
    for part in items.chunks(ITEMS_PER_CALL) {
        put(world, part.to_vec()).await;
    }
}

pub async fn get_at(world: &World, id: &str, seconds: i64) -> ItemVersion {
    let request = GetItemRequest { venue_id: VENUE.into(), item_id: id.into(), at: time(seconds) };
    world.catalogue().get_item(request).await.expect("is there").into_inner().version.expect("a version")
}

pub fn codes(version: &ItemVersion) -> Vec<String> {
    let contents = version.item.as_ref().and_then(|item| item.contents.as_ref());
    contents.map(|contents| contents.contents.iter().map(|one| one.code.clone()).collect()).unwrap_or_default()
}

pub fn these(ids: &[&str]) -> Option<ItemSelection> {
    Some(with!(ItemSelection { item_ids: ids.iter().map(|id| (*id).to_owned()).collect() }))
}

fn listing() -> ListItemsRequest {
    with!(ListItemsRequest { venue_id: VENUE.into() })
}

async fn items_are_put_and_read_back(world: World) {
    let tart = Item {
        tags: vec!["Sweet".into()],
        suits_diets: vec!["vegetarian".into()],
        not_for_minors: true,
        hours: vec![OpeningHours { iso_weekday: 1, open: "11:00".into(), close: "14:30".into() }],
        component_ids: vec!["cream".into()],
        ..item("tart", &["ALMOND", "WHEAT"])
    };
    let first = put(&world, vec![tart.clone(), item("cream", &["MILK"])]).await;
    assert_eq!(first.changed_count, 2);
    let read = get_at(&world, "tart", NOON).await;
    let expected = Item {
        tags: vec!["sweet".into()],
        suits_diets: vec!["VEGETARIAN".into()],
        contents: Some(ItemContents { declare_time: time(NOON), ..tart.contents.clone().unwrap() }),
        ..tart.clone()
    };
    assert_eq!(read.item, Some(expected));
    assert_eq!((read.state, read.from_time), (ItemState::Declared as i32, time(NOON)));
    assert_eq!((read.declared_by.as_str(), read.updated_by.as_str()), ("chef@till-4", "chef@till-4"));
    // What is the same makes no version, and the etag stays.
    world.set_clock(NOON + 60);
    let same = put(&world, vec![tart]).await;
    assert_eq!((same.changed_count, &same.etag), (0, &first.etag));
    // The kitchen.
    let slip = refusal!(world, catalogue, put_items, putting(vec![item("slip", &["TREENUT"])]));
    assert!(slip.message().contains("TREE_NUTS"), "what was probably meant: {}", slip.message());
    let kitchen = with!(DeclareKitchenRequest { venue_id: VENUE.into(), may_contain: vec!["sesame".into()] });
    world.catalogue().declare_kitchen(by("chef", kitchen)).await.expect("declared");
    let listed = world.catalogue().list_items(listing()).await.expect("listed").into_inner();
    let ids: Vec<&str> = listed.versions.iter().map(|one| one.item.as_ref().unwrap().item_id.as_str()).collect();
    assert_eq!((ids, listed.next_page_token.as_str()), (vec!["cream", "tart"], ""));
    assert_eq!(listed.kitchen.unwrap().may_contain, ["SESAME"]);
    // Removed: gone now, and readable as it was.
    let remove = with!(RemoveItemsRequest { venue_id: VENUE.into(), item_ids: vec!["cream".into(), "nothing".into()] });
    let removed = world.catalogue().remove_items(remove).await.expect("removed").into_inner().receipt.unwrap();
    assert_eq!(removed.changed_count, 1);
    let gone = GetItemRequest { venue_id: VENUE.into(), item_id: "cream".into(), at: None };
    assert_refused(&refusal!(world, catalogue, get_item, gone), Code::NotFound, "ITEM_NOT_FOUND");
    assert_eq!(codes(&get_at(&world, "cream", NOON).await), ["MILK"]);
    assert_eq!(get_at(&world, "tart", NOON + 60).await.state, ItemState::ComponentNotDeclared as i32);
}

async fn what_was_declared_at_a_time_stays_readable(world: World) {
    put(&world, vec![item("dish", &["FISH"])]).await;
    world.set_clock(NOON + DAY);
    put(&world, vec![item("dish", &["MILK"])]).await;
    // A menu that is put before it is served.
    let evening = NOON + DAY + 6 * 3_600;
    let ahead = PutItemsRequest { from_time: time(evening), ..putting(vec![item("dish", &["CELERY"])]) };
    world.catalogue().put_items(ahead).await.expect("put");
    for (at, code) in [
        (NOON, "FISH"),
        (NOON + DAY - 1, "FISH"),
        (NOON + DAY, "MILK"),
        (evening - 1, "MILK"),
        (evening, "CELERY"),
        (evening + DAY, "CELERY"),
    ] {
        assert_eq!(codes(&get_at(&world, "dish", at).await), [code], "{}", at - NOON);
    }
    let before = GetItemRequest { venue_id: VENUE.into(), item_id: "dish".into(), at: time(NOON - 1) };
    assert_refused(&refusal!(world, catalogue, get_item, before), Code::NotFound, "ITEM_NOT_FOUND");
    // Twelve months later it is still there; after fourteen, another change has it forgotten.
    world.set_clock(NOON + 380 * DAY);
    put(&world, vec![item("dish", &["MUSTARD"])]).await;
    assert_eq!(codes(&get_at(&world, "dish", NOON).await), ["FISH"]);
    world.set_clock(NOON + 430 * DAY);
    put(&world, vec![item("dish", &["LUPIN"])]).await;
    let forgotten = GetItemRequest { venue_id: VENUE.into(), item_id: "dish".into(), at: time(NOON) };
    assert_refused(&refusal!(world, catalogue, get_item, forgotten), Code::NotFound, "ITEM_NOT_FOUND");
    assert_eq!(codes(&get_at(&world, "dish", NOON + 380 * DAY).await), ["MUSTARD"]);
}

async fn contents_count_until_they_are_too_old_or_marked(world: World) {
    let undeclared = Item { contents: None, ..item("new", &[]) };
    put(&world, vec![item("dish", &["FISH"]), item("soup", &["MILK"]), undeclared]).await;
    let state = async |id: &str, at: i64| get_at(&world, id, at).await.state().as_str_name();
    assert_eq!(state("dish", NOON).await, ItemState::Declared.as_str_name());
    assert_eq!(state("new", NOON).await, ItemState::NotDeclared.as_str_name());
    assert_eq!(state("dish", NOON + 90 * DAY).await, ItemState::Expired.as_str_name());
    world.set_clock(NOON + 80 * DAY);
    let confirm = with!(ConfirmItemsRequest { venue_id: VENUE.into(), items: these(&["dish"]) });
    let confirmed = world.catalogue().confirm_items(by("jon", confirm)).await.expect("confirmed").into_inner();
    assert_eq!(confirmed.receipt.unwrap().changed_count, 1);
    assert_eq!(state("dish", NOON + 100 * DAY).await, ItemState::Declared.as_str_name());
    assert_eq!(state("soup", NOON + 100 * DAY).await, ItemState::Expired.as_str_name());
    let read = get_at(&world, "dish", NOON + 80 * DAY).await;
    assert_eq!((read.confirmed_by.as_str(), read.declared_by.as_str()), ("jon@till-4", "chef@till-4"));
    assert_eq!(
        (read.confirm_time, read.item.unwrap().contents.unwrap().declare_time),
        (time(NOON + 80 * DAY), time(NOON))
    );
    // Another product: all dishes, by their category.
    world.set_clock(NOON + 81 * DAY);
    let selection = Some(with!(ItemSelection { category: "Dish".into() }));
    let changed = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items: selection });
    let changed = world.catalogue().mark_items_changed(by("mara", changed)).await.expect("marked").into_inner();
    assert_eq!(changed.receipt.unwrap().changed_count, 3);
    assert_eq!(state("dish", NOON + 81 * DAY).await, ItemState::Changed.as_str_name());
    assert_eq!(state("dish", NOON + 81 * DAY - 1).await, ItemState::Declared.as_str_name(), "as it was then");
    assert_eq!(get_at(&world, "dish", NOON + 81 * DAY).await.changed_by, "mara@till-4");
    // The till sends its list again: nobody has looked at the recipe.
    world.set_clock(NOON + 82 * DAY);
    assert_eq!(put(&world, vec![item("dish", &["FISH"])]).await.changed_count, 0);
    assert_eq!(state("dish", NOON + 82 * DAY).await, ItemState::Changed.as_str_name());
    assert_eq!(put(&world, vec![item("dish", &["FISH", "CELERY"])]).await.changed_count, 1);
    assert_eq!(state("dish", NOON + 82 * DAY).await, ItemState::Declared.as_str_name());
    let unknown = with!(ConfirmItemsRequest { venue_id: VENUE.into(), items: these(&["dish", "nothing"]) });
    let before = world.dump().await;
    assert_refused(&refusal!(world, catalogue, confirm_items, unknown), Code::NotFound, "ITEM_NOT_FOUND");
    world.assert_unchanged(&before).await;
}

async fn a_request_that_comes_again_gets_the_first_answer(world: World) {
    let request = PutItemsRequest { request_id: "r-1".into(), ..putting(vec![item("dish", &["FISH"])]) };
    let send = async |request: PutItemsRequest| {
        let answer = world.catalogue().put_items(by("chef", request)).await.expect("put");
        let is_replayed = answer.metadata().contains_key("rapport-replayed");
        (answer.into_inner().receipt.expect("a receipt"), is_replayed)
    };
    let (first, is_replayed) = send(request.clone()).await;
    assert!(!is_replayed);
    world.set_clock(NOON + 60);
    let later = put(&world, vec![item("dish", &["MILK"])]).await;
    assert_eq!(send(request.clone()).await, (first.clone(), true));
    assert_eq!(codes(&get_at(&world, "dish", NOON + 60).await), ["MILK"], "it is not put again");
    let other = by("chef", PutItemsRequest { items: vec![item("dish", &["CELERY"])], ..request });
    assert_refused(&refusal!(world, catalogue, put_items, other), Code::InvalidArgument, "REQUEST_ID_REUSED");
    let stale = PutItemsRequest { etag: first.etag, ..putting(vec![item("dish", &["CELERY"])]) };
    assert_refused(&refusal!(world, catalogue, put_items, stale), Code::Aborted, "ETAG_MISMATCH");
    let fresh = PutItemsRequest { etag: later.etag, ..putting(vec![item("dish", &["CELERY"])]) };
    assert_eq!(send(fresh).await.0.changed_count, 1);
}

async fn what_is_wrong_is_refused_with_its_path(world: World) {
    put(&world, vec![item("dish", &["FISH"])]).await;
    let before = world.dump().await;
    let wrong = |change: &dyn Fn(&mut Item)| {
        let mut bad = item("bad", &["FISH"]);
        change(&mut bad);
        putting(vec![item("good", &["MILK"]), bad])
    };
    let contents = |item: &mut Item| item.contents.get_or_insert_default().contents.clone();
    let cases: Vec<(PutItemsRequest, &str, &str)> = vec![
        (wrong(&|item| item.item_id = "x\u{202e}y".into()), "items[1].item_id", "\u{202e}"),
        (wrong(&|item| item.item_id = "good".into()), "items[1].item_id", ""),
        (wrong(&|item| item.item_id = "4111 1111 1111 1111".into()), "items[1].item_id", "4111"),
        (wrong(&|item| item.component_ids = vec!["Visa 4111111111111111".into()]), "items[1].component_ids[0]", "4111"),
        (wrong(&|item| item.names[0].text.clear()), "items[1].names[0].text", ""),
        (wrong(&|item| item.names[0].text = "4111 1111 1111 1111".into()), "items[1].names[0].text", "4111"),
        (wrong(&|item| item.names[0].language = "no language".into()), "items[1].names[0].language", "no language"),
        (wrong(&|item| item.category = "c".repeat(65)), "items[1].category", "ccc"),
        (wrong(&|item| item.suits_diets = vec!["v e".into()]), "items[1].suits_diets[0]", "v e"),
        (wrong(&|item| item.component_ids = vec!["nowhere".into()]), "items[1].component_ids", "nowhere"),
        (wrong(&|item| item.component_ids = vec!["bad".into()]), "items[1].component_ids", ""),
        (
            wrong(&|item| item.contents.as_mut().unwrap().contents[0].code = "RED_THING".into()),
            "items[1].contents.contents[0].code",
            "RED_THING",
        ),
        (
            wrong(&|item| item.contents.as_mut().unwrap().contents[0].code = "VEGAN".into()),
            "items[1].contents.contents[0].code",
            "VEGAN",
        ),
        (
            wrong(&|item| item.contents.as_mut().unwrap().contents[0].level = 0),
            "items[1].contents.contents[0].level",
            "",
        ),
        (
            wrong(&|item| {
                let twice = contents(item);
                item.contents.as_mut().unwrap().contents.extend(twice);
            }),
            "items[1].contents.contents[1].code",
            "",
        ),
        (
            wrong(&|item| item.contents.as_mut().unwrap().declare_time = time(NOON + 3 * DAY)),
            "items[1].contents.declare_time",
            "",
        ),
        (
            wrong(&|item| item.hours = vec![OpeningHours { iso_weekday: 8, ..Default::default() }]),
            "items[1].hours[0].iso_weekday",
            "",
        ),
        (putting(Vec::new()), "items", ""),
        (PutItemsRequest { venue_id: "nowhere".into(), ..wrong(&|_| {}) }, "venue_id", "nowhere"),
        (PutItemsRequest { from_time: time(NOON + 400 * DAY), ..wrong(&|_| {}) }, "from_time", ""),
    ];
    for (request, field, value) in cases {
        assert_field(&refusal!(world, catalogue, put_items, request), field, value);
    }
    let kitchen =
        with!(DeclareKitchenRequest { venue_id: VENUE.into(), may_contain: vec!["MILK".into(), "XYZ".into()] });
    assert_field(&refusal!(world, catalogue, declare_kitchen, kitchen), "may_contain[1]", "XYZ");
    for selection in [None, Some(with!(ItemSelection { category: "dish".into(), all: true }))] {
        let request = with!(ConfirmItemsRequest { venue_id: VENUE.into(), items: selection });
        assert_field(&refusal!(world, catalogue, confirm_items, request), "items", "");
    }
    world.assert_unchanged(&before).await;
}

async fn a_policy_adds_substances_and_sets_the_days(world: World) {
    let rules = |days: i64| ItemRules {
        declared_for: Some(prost_types::Duration { seconds: days * DAY, nanos: 0 }),
        added_substances: vec!["KIWI".into()],
        not_food_categories: vec!["spa".into()],
        food_categories: vec!["service".into()],
    };
    let set = async |rules: ItemRules| {
        let policy = Policy { item_rules: Some(rules), ..policy() };
        world.policies().set_policy(SetPolicyRequest { policy: Some(policy) }).await
    };
    let kiwi = putting(vec![item("bowl", &["KIWI"])]);
    let path = "items[0].contents.contents[0].code";
    assert_field(&refusal!(world, catalogue, put_items, kiwi.clone()), path, "KIWI");
    let kept = set(rules(30)).await.expect("set").into_inner().policy.unwrap();
    assert_eq!(kept.item_rules, Some(rules(30)));
    // It counts in a venue that has no items, too, in the words of a code and of a text.
    let texts = |code: &str, text: &str| PrecautionDraft { text: text.into(), ..allergy(code) };
    for said in [texts("KIWI", ""), texts("KIWI_ALLERGY", ""), texts("KIWIS", ""), texts("PEANUTS", "and kiwi")] {
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: ["Kiwi smoothie", "Bread"].map(|item| with!(BasketLine { item: item.into() })).into(),
            precautions: vec![said]
        });
        let checked = world.briefings().check_items(request).await.expect("checked").into_inner();
        let states: Vec<_> = checked.line_checks.iter().map(|check| check.state().as_str_name()).collect();
        assert_eq!(states, ["LINE_STATE_CONFLICT", "LINE_STATE_NOT_DECLARED"]);
        assert!(checked.respect.iter().all(|one| !one.text.contains("not understood")), "{:?}", checked.respect);
    }
    world.catalogue().put_items(kiwi).await.expect("understood by now");
    for (at, state) in [(NOON + 30 * DAY - 1, ItemState::Declared), (NOON + 30 * DAY, ItemState::Expired)] {
        assert_eq!(get_at(&world, "bowl", at).await.state, state as i32);
    }
    for (rules, field) in [
        (rules(0), "policy.item_rules.declared_for"),
        (rules(1_097), "policy.item_rules.declared_for"),
        (ItemRules { added_substances: vec!["no code".into()], ..rules(1) }, "policy.item_rules.added_substances[0]"),
        (ItemRules { added_substances: vec!["A".into(); 17], ..rules(1) }, "policy.item_rules.added_substances"),
        (
            ItemRules { not_food_categories: vec![String::new()], ..rules(1) },
            "policy.item_rules.not_food_categories[0]",
        ),
        (ItemRules { not_food_categories: vec!["a".into(); 51], ..rules(1) }, "policy.item_rules.not_food_categories"),
        (ItemRules { food_categories: vec!["a".into(); 51], ..rules(1) }, "policy.item_rules.food_categories"),
    ] {
        assert_field(&set(rules).await.expect_err("refused"), field, "");
    }
}

async fn many_items_come_page_by_page(world: World) {
    // More than two parts, put in the reverse of their order.
    let ids: Vec<String> = (0..600).map(|number| format!("sku-{number:04}")).collect();
    for some in ids.rchunks(300) {
        let items = some.iter().rev().map(|id| item(id, &["MILK"])).collect();
        assert_eq!(put(&world, items).await.changed_count, 300);
    }
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListItemsRequest { page_size: 200, page_token: token.clone(), ..listing() };
        let page = world.catalogue().list_items(request).await.expect("listed").into_inner();
        listed.extend(page.versions.into_iter().map(|one| one.item.unwrap().item_id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        let foreign = ListItemsRequest { venue_id: OTHER_VENUE.into(), page_token: token.clone(), ..listing() };
        assert_field(&refusal!(world, catalogue, list_items, foreign), "page_token", "");
    }
    assert_eq!(listed, ids);
    let elsewhere = ListItemsRequest { venue_id: OTHER_VENUE.into(), ..listing() };
    assert!(world.catalogue().list_items(elsewhere).await.expect("listed").into_inner().versions.is_empty());
    let stats = world.server.core.rapport.maintenance().stats(&world.tenant(), &mut |_| {}).await.expect("measured");
    assert_eq!(stats.items, 600);
}

/// What the menu of the first venue says of a text.
async fn declared(world: &World, text: &str) -> Option<bool> {
    let venue = VenueId::parse("", VENUE).unwrap();
    let caller = world.server.core.rapport.readers().with_menu(world.caller().await, &venue).await.expect("read");
    let menu = caller.menu_of(caller.in_force.policy.venue(&venue).unwrap());
    menu.find(text).map(|found| found.is_declared)
}

async fn the_menu_follows_at_once(world: World) {
    assert_eq!(declared(&world, "house tart").await, None);
    put(&world, vec![item("tart", &["ALMOND"])]).await;
    assert_eq!(declared(&world, "HOUSE TART").await, Some(true));
    let all = Some(with!(ItemSelection { all: true }));
    let changed = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items: all });
    world.catalogue().mark_items_changed(changed).await.expect("marked");
    assert_eq!(declared(&world, "tart").await, Some(false));
    world.set_clock(NOON + 60);
    let confirm = with!(ConfirmItemsRequest { venue_id: VENUE.into(), items: these(&["tart"]) });
    world.catalogue().confirm_items(confirm).await.expect("confirmed");
    assert_eq!(declared(&world, "tart").await, Some(true));
    // It expires by itself, to the second.
    world.set_clock(NOON + 60 + 90 * DAY - 1);
    assert_eq!(declared(&world, "tart").await, Some(true));
    world.set_clock(NOON + 60 + 90 * DAY);
    assert_eq!(declared(&world, "tart").await, Some(false));
    if world.redis.is_some() {
        let replica = world.replica().await;
        assert_eq!(declared(&replica, "tart").await, Some(false), "another process that has never read it");
    }
}

async fn what_is_sold_and_not_declared_is_listed(world: World) {
    for guest in 0..12 {
        let id = world.create(named(&format!("Guest {guest}"))).await.customer_id;
        let mut lines = vec![line("House tart", 900), line("Almond cake", 700)];
        if guest < 8 {
            lines.push(line("Soup", 500));
        }
        if guest == 0 {
            lines.push(line("Private wish", 500));
        }
        let record = RecordInteractionsRequest { interactions: vec![purchase(&id, &format!("p-{guest}"), lines)] };
        world.interactions().record_interactions(record).await.expect("recorded");
    }
    world.learn().await;
    let ask = async || {
        let request = ListUndeclaredItemsRequest { venue_id: VENUE.into() };
        world.catalogue().list_undeclared_items(request).await.expect("listed").into_inner()
    };
    let names = |found: &ListUndeclaredItemsResponse| -> Vec<(String, bool)> {
        found.items.iter().map(|item| (item.name.to_lowercase(), item.listed)).collect()
    };
    let found = ask().await;
    assert_eq!(found.items[0].purchase_count, 12, "{found:?}");
    assert_eq!(
        names(&found),
        [("almond cake".to_owned(), false), ("house tart".to_owned(), false), ("soup".to_owned(), false)]
    );
    assert_eq!(found.unnamed_count, 1, "one customer's wish is not told");
    let soup = ItemName { language: String::new(), text: "SOUP".into() };
    put(&world, vec![item("tart", &["ALMOND"]), Item { names: vec![soup], contents: None, ..item("soup", &[]) }]).await;
    assert_eq!(names(&ask().await), [("almond cake".to_owned(), false), ("soup".to_owned(), true)]);
}

async fn damaged_items_are_told_and_count_as_not_declared(world: World) {
    put(&world, vec![item("tart", &["ALMOND"])]).await;
    let core = &world.server.core;
    let tenant = world.tenant();
    let there = core.store.document(&tenant, &format!("items:{VENUE}"), None).await.unwrap().expect("a head");
    let broken = rapport::store::Document {
        revision: rapport::store::Revision { counter: there.revision.counter + 1, write_id: 1 },
        bytes: vec![0xff; 8].into(),
    };
    let put = core.store.put_document(&tenant, &format!("items:{VENUE}"), Some(there.revision), broken, 1).await;
    put.expect("put");
    let mut found = Vec::new();
    let mut tell = |event: rapport::service::check::Event<'_>| {
        if let rapport::service::check::Event::Found(finding) = event {
            found.push(finding.fault.code());
        }
    };
    let report = core.rapport.maintenance().check(&tenant, false, &mut tell).await.expect("checked");
    assert_eq!(report.left(), 1);
    assert_eq!(found, ["ITEMS_DAMAGED"]);
    let ask = GetItemRequest { venue_id: VENUE.into(), item_id: "tart".into(), at: None };
    assert_refused(&refusal!(world, catalogue, get_item, ask), Code::DataLoss, "DATA_DAMAGED");
    world.set_clock(NOON + 100 * DAY);
    assert_eq!(declared(&world, "tart").await, None, "and briefings go on");
}

async fn what_the_kitchen_carries_over_is_told_once(world: World) {
    put(&world, vec![item("soup", &["MILK"]), item("bread", &["WHEAT"])]).await;
    let carries = with!(DeclareKitchenRequest { venue_id: VENUE.into(), may_contain: vec!["PEANUTS".into()] });
    world.catalogue().declare_kitchen(by("chef", carries)).await.expect("declared");
    let lines = ["soup", "bread"].map(|item| with!(BasketLine { item: item.to_owned() }));
    for (code, told) in [("PEANUTS", 1), ("EGGS", 0)] {
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: lines.to_vec(),
            precautions: vec![allergy(code)]
        });
        let answer = world.briefings().check_items(request).await.expect("checked").into_inner();
        let count = |list: &[Statement]| list.iter().filter(|one| one.code == "KITCHEN_MAY_CONTAIN").count();
        assert_eq!((count(&answer.respect), count(&answer.headline)), (told, told), "{code}");
        assert!(answer.respect.iter().all(|one| one.text == "Ask the kitchen: everything may contain peanuts."));
        let guest = world.create(with!(CustomerDraft { precautions: vec![allergy(code)] })).await.customer_id;
        assert_eq!(count(&world.brief(by_id(&guest)).await.respect), told, "without a basket");
    }
}
