//! Payment card data is refused wherever text is accepted, and is found neither in the error nor in the log.

use std::{
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use rapport::proto::*;
use tonic::Status;
use tonic_types::StatusExt;

use super::world::*;

on_both!(
    no_text_of_a_customer_takes_a_card,
    no_text_of_an_interaction_takes_a_card,
    no_text_of_a_policy_or_a_basket_takes_a_card,
    no_name_or_code_takes_a_card,
    a_card_split_over_fields_is_found,
    an_own_range_is_no_card,
    a_telephone_number_is_no_card,
);

/// A published test number as it may be written, a code beside its keyword, and both tracks of a stripe.
const CARDS: [&str; 8] = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "pays by 4111-1111-1111-1111, thanks",
    "\u{ff14}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}",
    "378282246310005",
    "CVV: 737",
    "%B4111111111111111^DOE/J^2512?",
    ";4111111111111111=2512?",
];
/// Where other systems' numbers are given, a card's is refused that is grouped as one, or has a card word beside it.
const REFERENCE_CARDS: [&str; 7] = [
    "4111 1111 1111 1111",
    "receipt 4111-1111-1111-1111",
    "VISA-4111111111111111",
    "\u{ff14}\u{ff11}\u{ff11}\u{ff11} \u{ff11}\u{ff11}\u{ff11}\u{ff11} \u{ff11}\u{ff11}\u{ff11}\u{ff11} \u{ff11}\u{ff11}\u{ff11}\u{ff11}",
    "3782 822463 10005",
    "CVV: 737",
    ";4111111111111111=2512?",
];
/// Where names of letters and digits are taken.
const PLAIN_CARD: &str = "4111111111111111";

/// Asserts that card data was found at a field.
pub fn assert_card(status: &Status, at: &str, value: &str) {
    assert_field(status, at, value);
    let request = status.get_details_bad_request().expect("a BadRequest");
    assert!(request.field_violations[0].description.contains("payment card"), "{at}: {status:?}");
    for part in ["4111", "1111", "737", "2246"] {
        assert!(!status.message().contains(part), "{at}: {part} is echoed");
    }
}

pub async fn assert_draft(world: &World, at: &str, value: &str, draft: CustomerDraft) {
    let request = CreateCustomerRequest { customer: Some(draft), request_id: String::new() };
    let status = refusal!(world, customers, create_customer, request);
    assert_card(&status, &format!("customer.{at}"), value);
}

pub async fn assert_item(world: &World, at: &str, interaction: Interaction) {
    let request = RecordInteractionsRequest { interactions: vec![interaction] };
    let result = world.interactions().record_interactions(request).await.unwrap().into_inner().results.remove(0);
    let error = result.error.expect("an error");
    assert_eq!((error.code, error.reason.as_str(), error.field.as_str()), (3, "FIELD_INVALID", at), "{error:?}");
    assert!(error.message.contains("payment card") && !error.message.contains("1111"), "{error:?}");
}

/// Drafts that hold the card in one of their texts, with its path.
fn drafts(card: &str) -> Vec<(&'static str, CustomerDraft)> {
    let text = || card.to_owned();
    let name = |name: PersonName| {
        let details = Some(with!(CustomerDetails { name: Some(name) }));
        CustomerDraft { details, ..CustomerDraft::default() }
    };
    let of = |identity: Identity| with!(CustomerDraft { identities: vec![identity] });
    let liked = |evidence: EvidenceDraft| with!(CustomerDraft { evidence: vec![evidence] });
    let day = |occasion: OccasionDraft| with!(CustomerDraft { occasions: vec![occasion] });
    vec![
        ("details.name.full", name(with!(PersonName { full: text() }))),
        ("details.name.addressed_as", name(with!(PersonName { addressed_as: text() }))),
        ("details.name.pronunciation", name(with!(PersonName { pronunciation: text() }))),
        ("identities[0].value", of(loyalty(card))),
        ("identities[0].value", of(identity(IdentityType::Room, card))),
        ("identities[0].value", of(identity(IdentityType::Phone, card))),
        ("identities[0].issuer", of(Identity { issuer: text(), ..loyalty("GC-1") })),
        (
            "precautions[0].text",
            with!(CustomerDraft { precautions: vec![PrecautionDraft { text: text(), ..allergy("NUTS") }] }),
        ),
        ("evidence[0].category", liked(EvidenceDraft { category: text(), ..stated("tea") })),
        ("evidence[0].item", liked(stated(card))),
        ("evidence[0].situation", liked(EvidenceDraft { situation: text(), ..stated("tea") })),
        ("occasions[0].of_whom", day(OccasionDraft { of_whom: text(), ..birthday(None, 1, 1) })),
        ("occasions[0].label", day(OccasionDraft { label: text(), ..birthday(None, 1, 1) })),
        ("consents[0].evidence", with!(CustomerDraft { consents: vec![Consent { evidence: text(), ..agreed() }] })),
    ]
}

async fn no_text_of_a_customer_takes_a_card(world: World) {
    let log = log();
    let draft = CustomerDraft { precautions: vec![allergy("NUTS")], ..named("Ana") };
    let id = world.create(draft).await.customer_id;
    let before = world.dump().await;
    for card in CARDS {
        for (at, draft) in drafts(card) {
            assert_draft(&world, at, card, draft).await;
        }
        let erase = with!(EraseCustomerRequest { customer_id: id.clone(), reason: card.into() });
        assert_card(&refusal!(world, customers, erase_customer, erase), "reason", card);
        let review = with!(ReviewPrecautionRequest {
            customer_id: id.clone(),
            precaution_id: "p1".into(),
            status: PrecautionStatus::Confirmed as i32,
            reason: card.into()
        });
        assert_card(&refusal!(world, customers, review_precaution, review), "reason", card);
        let mark = |mark, reason: &str, of_whom: &str| {
            let (reason, of_whom) = (reason.to_owned(), of_whom.to_owned());
            MarkCustomerRequest { customer_id: id.clone(), mark: Some(mark), reason, of_whom, ..Default::default() }
        };
        let dead = || mark_customer_request::Mark::Deceased(true);
        let bar = Bar { code: "OTHER".into(), text: card.into(), until_time: time(NOON + 1), ..Bar::default() };
        for (at, mark) in [
            ("reason", mark(dead(), card, "")),
            ("of_whom", mark(dead(), "told", card)),
            ("bar.text", mark(mark_customer_request::Mark::Bar(bar), "", "")),
        ] {
            assert_card(&refusal!(world, customers, mark_customer, mark), at, card);
        }
        let details = Some(with!(PersonName { full: card.into() }));
        let details = Some(with!(CustomerDetails { name: details }));
        let update = with!(UpdateCustomerRequest { customer_id: id.clone(), details });
        assert_card(&refusal!(world, customers, update_customer, update), "details.name.full", card);
        let add = with!(AddIdentityRequest { customer_id: id.clone(), identity: Some(loyalty(card)) });
        assert_card(&refusal!(world, customers, add_identity, add), "identity.value", card);
        let request = briefing(by_identity(loyalty(card)));
        assert_card(&refusal!(world, briefings, get_briefing, request), "subject.identity.value", card);
    }
    let coded = with!(CustomerDraft { precautions: vec![allergy(PLAIN_CARD)] });
    assert_draft(&world, "precautions[0].code", PLAIN_CARD, coded).await;
    let spoken = "en-4111-1111-1111-1111";
    let details = Some(with!(CustomerDetails { language: spoken.into() }));
    assert_draft(&world, "details.language", spoken, CustomerDraft { details, ..CustomerDraft::default() }).await;
    world.assert_unchanged(&before).await;
    assert_unlogged(&log);
}

async fn no_text_of_an_interaction_takes_a_card(world: World) {
    let log = log();
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let bought = || purchase(&id, "1", vec![line("tea", 1)]);
    for card in CARDS {
        let text = || card.to_owned();
        assert_item(&world, "text", Interaction { text: text(), ..bought() }).await;
        let lines = vec![line("tea", 1), PurchaseLine { category: text(), ..line("tea", 1) }];
        assert_item(&world, "purchase.lines[1].category", purchase(&id, "1", lines)).await;
        let void = VoidInteractionRequest {
            customer_id: id.clone(),
            source: "till-4".into(),
            external_id: "1".into(),
            reason: text(),
        };
        assert_card(&refusal!(world, interactions, void_interaction, void), "reason", card);
    }
    for card in REFERENCE_CARDS {
        let text = || card.to_owned();
        assert_item(&world, "external_id", Interaction { external_id: text(), ..bought() }).await;
        assert_item(&world, "visit_external_id", Interaction { visit_external_id: text(), ..bought() }).await;
        let lines = vec![line("tea", 1), line(card, 1)];
        assert_item(&world, "purchase.lines[1].item", purchase(&id, "1", lines)).await;
    }
    let lines = vec![PurchaseLine { seat: PLAIN_CARD.into(), ..line("tea", 1) }];
    assert_item(&world, "purchase.lines[0].seat", purchase(&id, "1", lines)).await;
    assert_item(&world, "source", Interaction { source: PLAIN_CARD.into(), ..bought() }).await;
    world.assert_unchanged(&before).await;
    assert_unlogged(&log);
}

async fn no_text_of_a_policy_or_a_basket_takes_a_card(world: World) {
    let log = log();
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    for card in CARDS {
        let text = || card.to_owned();
        let venue = |change: &dyn Fn(&mut Venue)| {
            let mut policy = policy();
            change(&mut policy.venues[1]);
            policy
        };
        let range = IssuedRange { prefix: "60110099".into(), label: text() };
        let table = [
            ("owner", Policy { owner: text(), ..policy() }),
            ("venues[1].display_name", venue(&|venue| venue.display_name = text())),
            ("venues[1].brand", venue(&|venue| venue.brand = text())),
            ("issued_ranges[0].label", Policy { issued_ranges: vec![range], ..policy() }),
        ];
        for (at, policy) in table {
            let set = SetPolicyRequest { policy: Some(policy) };
            assert_card(&refusal!(world, policies, set_policy, set), &format!("policy.{at}"), card);
        }
    }
    for card in REFERENCE_CARDS {
        let request = GetBriefingRequest { basket_items: vec!["tea".into(), card.to_owned()], ..briefing(by_id(&id)) };
        assert_card(&refusal!(world, briefings, get_briefing, request), "basket_items[1]", card);
        let lines = vec![BasketLine { item: card.to_owned(), ..BasketLine::default() }];
        let request = GetBriefingRequest { basket_lines: lines, ..briefing(by_id(&id)) };
        assert_card(&refusal!(world, briefings, get_briefing, request), "basket_lines[0].item", card);
    }
    world.assert_unchanged(&before).await;
    assert_unlogged(&log);
}

async fn no_name_or_code_takes_a_card(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let card = || PLAIN_CARD.to_owned();
    let given = |kind: GestureType| {
        let type_id = if kind.gesture_type_id.is_empty() { "TREAT".to_owned() } else { kind.gesture_type_id.clone() };
        let kind = GestureType { gesture_type_id: type_id, display_name: "A treat".into(), ..kind };
        Policy { catalogue: vec![kind], ..policy() }
    };
    let rules = |item_rules: ItemRules| Policy { item_rules: Some(item_rules), ..policy() };
    let venue = |change: &dyn Fn(&mut Venue)| {
        let mut policy = policy();
        change(&mut policy.venues[1]);
        policy
    };
    let table = [
        ("venues[1].venue_id", venue(&|venue| venue.venue_id = card())),
        ("venues[1].capabilities[0]", venue(&|venue| venue.capabilities = vec![card()])),
        ("roles[0].role_id", Policy { roles: vec![Role { role_id: card(), ..policy().roles.remove(0) }], ..policy() }),
        (
            "roles[0].gesture_type_ids[0]",
            Policy { roles: vec![Role { gesture_type_ids: vec![card()], ..policy().roles.remove(0) }], ..policy() },
        ),
        ("catalogue[0].gesture_type_id", given(with!(GestureType { gesture_type_id: card() }))),
        ("catalogue[0].contents[0]", given(with!(GestureType { contents: vec![card()] }))),
        ("catalogue[0].suits_diets[0]", given(with!(GestureType { suits_diets: vec![card()] }))),
        ("catalogue[0].needs[0]", given(with!(GestureType { needs: vec![card()] }))),
        ("catalogue[0].trial_venue_ids[0]", given(with!(GestureType { trial_venue_ids: vec![card()] }))),
        ("item_rules.added_substances[0]", rules(with!(ItemRules { added_substances: vec![card()] }))),
        ("item_rules.food_categories[0]", rules(with!(ItemRules { food_categories: vec![card()] }))),
        ("item_rules.not_food_categories[0]", rules(with!(ItemRules { not_food_categories: vec![card()] }))),
        ("bar_codes[0]", Policy { bar_codes: vec![card()], ..policy() }),
        ("legal_ages[0].substance", Policy { legal_ages: vec![with!(LegalAge { substance: card() })], ..policy() }),
        (
            "budgets[0].venue_id",
            Policy {
                budgets: vec![Budget {
                    venue_id: card(),
                    monthly: Some(Money { currency_code: "CHF".into(), minor_units: 1 }),
                }],
                ..policy()
            },
        ),
    ];
    for (at, policy) in table {
        let set = SetPolicyRequest { policy: Some(policy) };
        assert_card(&refusal!(world, policies, set_policy, set), &format!("policy.{at}"), PLAIN_CARD);
    }
    let diet = Item { suits_diets: vec![card()], item_id: "tea".into(), ..Item::default() };
    let put = with!(PutItemsRequest { venue_id: VENUE.into(), items: vec![diet] });
    assert_card(&refusal!(world, catalogue, put_items, put), "items[0].suits_diets[0]", PLAIN_CARD);
    let items = Some(with!(ItemSelection { category: card() }));
    let mark = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items });
    assert_card(&refusal!(world, catalogue, mark_items_changed, mark), "items.category", PLAIN_CARD);
    let careful = PrecautionDraft { venue_id: card(), ..allergy("NUTS") };
    let add = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions: vec![careful] });
    assert_card(&refusal!(world, customers, add_precautions, add), "precautions[0].venue_id", PLAIN_CARD);
    for number in REFERENCE_CARDS {
        let ask = with!(RecordPrecautionInquiryRequest { customer_id: id.clone(), request_id: number.into() });
        assert_card(&refusal!(world, customers, record_precaution_inquiry, ask), "request_id", number);
    }
    world.assert_unchanged(&before).await;
}

async fn a_card_split_over_fields_is_found(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let (one, two) = ("4111 1111", "1111 1111");
    let name = with!(PersonName { full: one.into(), addressed_as: two.into() });
    let details = Some(with!(CustomerDetails { name: Some(name) }));
    let details = CustomerDraft { details, ..CustomerDraft::default() };
    assert_draft(&world, "details.name.addressed_as", one, details).await;
    let issued = Identity { issuer: two.into(), ..loyalty(one) };
    assert_draft(&world, "identities[0].issuer", one, with!(CustomerDraft { identities: vec![issued] })).await;
    let careful = PrecautionDraft { text: two.into(), ..allergy("41111111") };
    assert_draft(&world, "precautions[0].text", one, with!(CustomerDraft { precautions: vec![careful] })).await;
    let liked = EvidenceDraft { category: one.into(), ..stated(two) };
    assert_draft(&world, "evidence[0].item", one, with!(CustomerDraft { evidence: vec![liked] })).await;
    let day = OccasionDraft { of_whom: one.into(), label: two.into(), ..birthday(None, 1, 1) };
    assert_draft(&world, "occasions[0].label", one, with!(CustomerDraft { occasions: vec![day] })).await;
    let bought = purchase(&id, one, vec![line("tea", 1)]);
    let bought = Interaction { visit_external_id: two.into(), ..bought };
    assert_item(&world, "visit_external_id", bought).await;
    let lines = vec![PurchaseLine { category: two.into(), ..line(one, 1) }];
    assert_item(&world, "purchase.lines[0].category", purchase(&id, "1", lines)).await;
    let venue = Venue { display_name: one.into(), brand: two.into(), ..policy().venues.remove(0) };
    let set = SetPolicyRequest { policy: Some(Policy { venues: vec![venue], ..policy() }) };
    assert_card(&refusal!(world, policies, set_policy, set), "policy.venues[0].brand", one);
    let request = GetBriefingRequest { basket_items: vec![one.into(), two.into()], ..briefing(by_id(&id)) };
    assert_card(&refusal!(world, briefings, get_briefing, request), "basket_items[1]", one);
    world.assert_unchanged(&before).await;
}

async fn an_own_range_is_no_card(world: World) {
    // Long, of an issuer's range, with a right check digit: a card, unless the business says that it is its own.
    let own = "6011009912345670";
    let draft = |identity: Identity| with!(CustomerDraft { identities: vec![identity] });
    assert_draft(&world, "identities[0].value", own, draft(loyalty(own))).await;
    // With another check digit, or of nobody's range, it is no card.
    world.create(draft(loyalty("6011009912345671"))).await;
    world.create(draft(identity(IdentityType::Pms, "1234567812345670"))).await;
    let range = IssuedRange { prefix: "60110099".into(), label: "Gold Circle card".into() };
    let policy = Policy { issued_ranges: vec![range], ..policy() };
    world.policies().set_policy(SetPolicyRequest { policy: Some(policy) }).await.unwrap();
    let id = world.create(draft(loyalty(own))).await.customer_id;
    assert_eq!(world.brief(by_identity(loyalty(own))).await.customer_id, id);
    let before = world.dump().await;
    // The range is for keys alone, and no other number slips through with it.
    assert_draft(&world, "identities[0].value", own, draft(identity(IdentityType::Room, own))).await;
    assert_draft(&world, "identities[0].issuer", own, draft(Identity { issuer: own.into(), ..loyalty("1") })).await;
    assert_draft(&world, "details.name.full", own, named(own)).await;
    assert_draft(&world, "identities[0].value", PLAIN_CARD, draft(loyalty(PLAIN_CARD))).await;
    world.assert_unchanged(&before).await;
}

/// What the service logs, of all tests of this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while locked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// From here on everything is logged.
fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let log = LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_env_filter("rapport=trace,tonic=trace,redis=trace").with_ansi(false);
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).expect("the only one");
        log
    });
    log.clone()
}

/// Something was logged, and no card number.
fn assert_unlogged(log: &Log) {
    tracing::info!(target: "rapport", "every test leaves a word");
    let text = String::from_utf8_lossy(&log.0.lock().expect("no panic while locked")).into_owned();
    assert!(text.contains("every test leaves a word"));
    for card in CARDS.into_iter().chain(REFERENCE_CARDS) {
        assert!(!text.contains(card), "{card} is in the log");
    }
}

/// Numbers of customers whose check digit is that of a card.
async fn a_telephone_number_is_no_card(world: World) {
    for number in ["+4915550000009", "+49 1555 0000009", "0049 1555 0000009"] {
        let phone = identity(IdentityType::Phone, number);
        let looked = BriefingSubject { subject: Some(briefing_subject::Subject::Identity(phone.clone())) };
        assert_eq!(world.brief(looked).await.state, BriefingState::FirstVisit as i32, "{number}");
        let request = LookupCustomerRequest {
            identities: vec![phone],
            purpose: Purpose::Service as i32,
            venue_id: VENUE.to_owned(),
        };
        world.customers().lookup_customer(request).await.expect("a telephone number");
    }
    let draft = CustomerDraft { identities: vec![identity(IdentityType::Phone, "+4915550000009")], ..named("Jon") };
    let jon = world.create(draft).await.customer_id;
    let found = world.brief(by_identity(identity(IdentityType::Phone, "+49 1555 0000009"))).await;
    assert_eq!(found.customer_id, jon);
    // As words, too: a note about whom to call.
    world.create(named("Jon, call +4915550000009")).await;
    assert_draft(&world, "details.name.full", CARDS[1], named("+4111 1111 1111 1111")).await;
}
