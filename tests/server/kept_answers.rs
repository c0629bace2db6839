//! Answers that are kept: one name for everything an answer is made from, and the same bytes until it expires.

use std::sync::Arc;

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use rapport::{
    domain::{
        CustomerId, Mask, Others, Purpose as KnownPurpose, Snapshot, TenantId, Timestamp, VenueId,
        basket::BasketLine,
        identity::{Identity as KnownIdentity, IdentityType as KnownType},
    },
    grpc::KeptAnswers,
    proto::*,
    service::{
        Caller,
        briefing::{Ask, Basket, Resolved, Subject, View},
        copurchase::CopurchaseSnapshot,
        inputs::{Inputs, Key},
        items::menus::VenueMenu,
        policies::InForce,
    },
    store::Revision,
};

use super::{common::scaled, world::*};

on_both!(
    requests_that_differ_in_one_input_never_share_an_answer,
    an_answer_is_the_same_bytes_until_it_expires,
    an_answer_expires_with_the_identity_that_led_to_it,
    who_asks_changes_nothing_in_the_answer,
);

/// Values as proptest makes them, the same at every run.
fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn some<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).expect("a value").current()
}

fn id_of(receipt: &str) -> CustomerId {
    CustomerId::parse("", receipt).expect("an id")
}

fn card(value: &str) -> KnownIdentity {
    KnownIdentity { kind: KnownType::Loyalty, issuer: String::new(), value: value.to_owned() }
}

/// Of both venues: none read, the empty one, and one with an item.
type Menus = [[Option<Arc<VenueMenu>>; 3]; 2];

async fn menus(world: &World) -> Menus {
    let readers = world.server.core.rapport.readers();
    let read = async |venue: &str| {
        let venue = VenueId::parse("", venue).expect("a name");
        readers.with_menu(world.caller().await, &venue).await.expect("read").menu
    };
    let mut menus = Menus::default();
    for (venue, of) in [VENUE, OTHER_VENUE].into_iter().zip(&mut menus) {
        of[1] = read(venue).await;
        let items = vec![crate::catalogue::item("tart", &["ALMOND"])];
        let put = with!(PutItemsRequest { venue_id: venue.into(), items });
        world.catalogue().put_items(put).await.expect("put");
        of[2] = read(venue).await;
    }
    menus
}

/// The inputs of an answer, each as one of a few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    /// Which record, at which revision, found by what.
    resolved: usize,
    tenant: bool,
    policy: usize,
    copurchase: usize,
    menu: usize,
    venue: bool,
    purpose: usize,
    mask: u8,
    view: bool,
    language: bool,
}

impl Choice {
    /// Inputs that can differ for themselves.
    const ALL: [fn(Self, Self) -> Self; 10] = [
        |one, other| Self { resolved: other.resolved, ..one },
        |one, other| Self { tenant: other.tenant, ..one },
        |one, other| Self { policy: other.policy, ..one },
        |one, other| Self { copurchase: other.copurchase, ..one },
        |one, other| Self { menu: other.menu, ..one },
        |one, other| Self { venue: other.venue, ..one },
        |one, other| Self { purpose: other.purpose, ..one },
        |one, other| Self { mask: other.mask, ..one },
        |one, other| Self { view: other.view, ..one },
        |one, other| Self { language: other.language, ..one },
    ];

    fn any() -> impl Strategy<Value = Self> {
        let ones = (0_usize..6, any::<bool>(), 0_usize..3, 0_usize..4, 0_usize..3);
        (ones, any::<bool>(), 0_usize..3, 0_u8..16, (any::<bool>(), any::<bool>())).prop_map(
            |((resolved, tenant, policy, copurchase, menu), venue, purpose, mask, (view, language))| Self {
                resolved,
                tenant,
                policy,
                copurchase,
                menu,
                venue,
                purpose,
                mask,
                view,
                language,
            },
        )
    }

    fn caller(self, real: &Caller, menus: &Menus) -> Caller {
        let mut caller = real.clone();
        if self.tenant {
            caller.principal.tenant = TenantId::parse("", "another").expect("a name");
        }
        let revisions = [None, Some(Revision { counter: 1, write_id: 7 }), Some(Revision { counter: 1, write_id: 8 })];
        let (policy, revision) = (real.in_force.policy.clone(), revisions[self.policy]);
        caller.in_force = Arc::new(InForce { policy, revision });
        let read =
            |revision| Arc::new(CopurchaseSnapshot { revision, snapshot: Snapshot::of(&Others::default()), bytes: 0 });
        caller.copurchase = [None, Some(None), Some(revisions[1]), Some(revisions[2])][self.copurchase].map(read);
        caller.menu.clone_from(&menus[usize::from(self.venue)][self.menu]);
        caller
    }

    fn key(
        self,
        (real, menus): (&Caller, &Menus),
        found: &[Resolved<'_>],
        at: Option<Timestamp>,
        basket: &Basket,
    ) -> Option<Key> {
        let caller = self.caller(real, menus);
        let has = |bit: u8| self.mask & (1 << bit) != 0;
        let ask = Ask {
            venue: &caller.in_force.policy.venues[usize::from(self.venue)],
            at,
            purpose: [KnownPurpose::Service, KnownPurpose::Marketing, KnownPurpose::Analytics][self.purpose],
            mask: Mask { acknowledge: has(0), communicate: has(1), anticipate: has(2), delight: has(3) },
            basket,
            view: if self.view { View::Till } else { View::Full },
            language: if self.language { "en" } else { "de" },
        };
        Inputs::of(&caller, &ask, &found[self.resolved]).key()
    }
}

async fn requests_that_differ_in_one_input_never_share_an_answer(world: World) {
    let (readers, caller, menus) = (world.server.core.rapport.readers(), world.caller().await, menus(&world).await);
    let cards = [card("A-1"), card("A-2")];
    let draft = |number: &str| CustomerDraft { identities: vec![loyalty(number)], ..named("Ana") };
    let mut receipts = Vec::new();
    for number in ["A-1", "A-2"] {
        receipts.push(world.create(draft(number)).await.customer_id);
    }
    let subjects: Vec<Subject> =
        receipts.iter().map(|id| Subject::Customer(id_of(id))).chain(cards.map(Subject::Identity)).collect();
    let mut found = Vec::new();
    for subject in &subjects {
        found.push(readers.resolve(&caller, subject, "").await.expect("found"));
    }
    let evidence = with!(RecordEvidenceRequest { customer_id: receipts[0].clone(), evidence: vec![stated("tea")] });
    world.customers().record_evidence(evidence).await.expect("recorded");
    for subject in [&subjects[0], &subjects[2]] {
        found.push(readers.resolve(&caller, subject, "").await.expect("found"));
    }
    let tea = Basket::of(vec![BasketLine::of("tea".to_owned())], String::new());
    let mut runner = runner();
    for _ in 0..scaled(300, 3_000) {
        let (one, other) = (some(&mut runner, &Choice::any()), some(&mut runner, &Choice::any()));
        let key = one.key((&caller, &menus), &found, None, Basket::NONE);
        assert!(key.is_some());
        for exchange in Choice::ALL {
            let differing = exchange(one, other);
            let shares = differing.key((&caller, &menus), &found, None, Basket::NONE) == key;
            assert_eq!(shares, differing == one, "{one:?} and {differing:?}");
        }
        assert!(one.key((&caller, &menus), &found, Some(caller.now), Basket::NONE).is_none(), "about another moment");
        assert!(one.key((&caller, &menus), &found, None, &tea).is_none(), "to a basket");
    }
}

/// A customer with some of everything that time touches.
async fn somebody(world: &World, runner: &mut TestRunner, number: usize) -> String {
    let strategy = (
        prop::collection::vec((1_i32..=12, 1_i32..=28), 0..2),
        prop::collection::vec("[a-d]", 0..3),
        prop::collection::vec(("[a-d]", 1_i64..90 * 24), 0..12),
        prop::option::of(0_i64..48),
    );
    let (days, likes, bought, promise) = some(runner, &strategy);
    let mut card = loyalty(&format!("G-{number}"));
    card.expire_time = time(NOON + 90_000 + number as i64 * 3_571);
    let draft = CustomerDraft {
        identities: vec![card],
        occasions: days.into_iter().take(1).map(|(month, day)| birthday(Some(1980), month, day)).collect(),
        ..named("Ana Ferreira")
    };
    let id = world.create(draft).await.customer_id;
    if !likes.is_empty() {
        let evidence = likes.iter().map(|item| stated(item)).collect();
        let request = with!(RecordEvidenceRequest { customer_id: id.clone(), evidence });
        world.customers().record_evidence(request).await.expect("recorded");
    }
    if !bought.is_empty() {
        let one = |(index, (item, hours)): (usize, (String, i64))| Interaction {
            occur_time: time(NOON - hours * 3_600),
            ..purchase(&id, &format!("{number}-{index}"), vec![line(&item, 500)])
        };
        let interactions = bought.into_iter().enumerate().map(one).collect();
        let request = RecordInteractionsRequest { interactions };
        world.interactions().record_interactions(request).await.expect("recorded");
    }
    if let Some(hours) = promise {
        let follow_up = with!(FollowUpDraft {
            kind: FollowUpKind::Promise as i32,
            text: "a call".into(),
            due_time: time(NOON + hours * 3_600),
            venue_id: VENUE.into()
        });
        let request = with!(PromiseFollowUpRequest { customer_id: id.clone(), follow_up: Some(follow_up) });
        let mut recovery = recovery_service_client::RecoveryServiceClient::new(world.channel());
        recovery.promise_follow_up(request).await.expect("promised");
    }
    id
}

/// An answer that nobody has kept.
async fn composed(world: &World, role: &str, subject: &Subject) -> (Vec<u8>, Briefing) {
    let mut caller = world.caller().await;
    caller.principal.role = role.to_owned();
    let answers = KeptAnswers::default();
    let begun = answers.begin();
    let resolved = world.server.core.rapport.readers().resolve(&caller, subject, "").await.expect("found");
    let venue = &caller.in_force.policy.venues[0];
    let (purpose, view) = (KnownPurpose::Service, View::Full);
    let ask = Ask { venue, at: None, purpose, mask: Mask::ALL, basket: Basket::NONE, view, language: "en" };
    let bytes = answers.briefing(begun, &Inputs::of(&caller, &ask, &resolved), resolved).expect("opens");
    let briefing = prost::Message::decode(bytes.clone()).expect("a briefing");
    (bytes.to_vec(), briefing)
}

async fn an_answer_is_the_same_bytes_until_it_expires(world: World) {
    let mut runner = runner();
    for number in 0..scaled(25, 400) {
        world.set_clock(NOON);
        let id = somebody(&world, &mut runner, number).await;
        let (begin, share) = some(&mut runner, &(0_i64..86_400, 0.0_f64..1.0));
        for subject in [Subject::Customer(id_of(&id)), Subject::Identity(card(&format!("G-{number}")))] {
            world.set_clock(NOON + begin);
            let (bytes, briefing) = composed(&world, "staff", &subject).await;
            assert_eq!(briefing.customer_id, id);
            let until = briefing.valid_until_time.expect("no basket").seconds;
            assert!(until > NOON + begin);
            let last = until - 1 - (NOON + begin);
            for later in [(last as f64 * share) as i64, last] {
                world.set_clock(NOON + begin + later);
                assert!(
                    composed(&world, "staff", &subject).await.0 == bytes,
                    "{subject:?}: {later} s of {last}: {briefing:?}"
                );
            }
        }
    }
}

async fn an_answer_expires_with_the_identity_that_led_to_it(world: World) {
    let expires = NOON + 40;
    let card = Identity { expire_time: time(expires), ..loyalty("A-1") };
    let id = world.create(CustomerDraft { identities: vec![card], ..named("Ana") }).await.customer_id;
    let by_card = || world.brief(by_identity(loyalty("A-1")));
    let found = by_card().await;
    assert_eq!((found.customer_id.as_str(), found.valid_until_time), (id.as_str(), time(expires)));
    world.set_clock(expires - 1);
    assert_eq!(by_card().await.customer_id, id);
    world.set_clock(expires);
    assert_eq!(by_card().await.state, BriefingState::FirstVisit as i32);
}

async fn who_asks_changes_nothing_in_the_answer(world: World) {
    let id = world.create(CustomerDraft { precautions: vec![allergy("SESAME")], ..named("Ana") }).await.customer_id;
    let subject = Subject::Customer(id_of(&id));
    assert_eq!(composed(&world, DIRECTOR, &subject).await, composed(&world, "waiter", &subject).await);
}
