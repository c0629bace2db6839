//! A client that goes away in mid-write leaves the write done: every call that changes something, cut off while its first
//! step waits at the store.

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http_body::{Frame, SizeHint};
use prost::Message as _;
use rapport::{
    grpc::{
        Asserted, Handlers, KeptAnswers, Limits,
        http::{FrontLayer, InFlight},
        routes,
    },
    proto::{
        catalogue_service_client::CatalogueServiceClient as Catalogue,
        customer_service_client::CustomerServiceClient as Customers,
        gesture_service_client::GestureServiceClient as Gestures,
        interaction_service_client::InteractionServiceClient as Interactions,
        policy_service_client::PolicyServiceClient as Policies,
        recovery_service_client::RecoveryServiceClient as Recovery, *,
    },
    service::{Rapport, clock::Clock},
    store::{ALL_BUCKETS, Revision, StoreExt as _, formats::FORMATS},
    turns::Turns,
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{
    Status,
    body::Body,
    transport::{Channel, server::TcpIncoming},
};

use super::{
    crashing::{Barrier, Crashing, Fuse},
    forgotten::{by_customer, found, is_kept},
    gestures::{complete, give, given, giving, in_role, open_issue, set},
    raw::EVENT_MAX,
    world::*,
};

on_both!(a_client_that_goes_away_leaves_the_write_done, an_erasure_that_nobody_waits_for_forgets_the_answers,);

/// Calls whose names begin so change nothing.
const READING: [&str; 6] = ["Get", "List", "Lookup", "Check", "Suggest", "Echo"];

type Call = Box<dyn FnOnce(Channel) -> Pin<Box<dyn Future<Output = Result<(), Status>> + Send>>>;

/// A call by its method, as callers make it.
macro_rules! call {
    ($client:ident.$method:ident, $request:expr) => {{
        let request = in_role("vera", "manager", $request);
        let call: Call =
            Box::new(move |channel| Box::pin(async move { $client::new(channel).$method(request).await.map(drop) }));
        (stringify!($method), call)
    }};
}

/// Tells when it is dropped.
struct Dropped(mpsc::Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.try_send(());
    }
}

/// A service that tells when a call has ended, or was dropped.
#[derive(Clone)]
struct Watched<S>(S, mpsc::Sender<()>);

impl<S> tower::Service<http::Request<Body>> for Watched<S>
where
    S: tower::Service<http::Request<Body>, Response = http::Response<Body>, Future: Send + 'static>,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let (call, dropped) = (self.0.call(request), Dropped(self.1.clone()));
        Box::pin(async move { Ok(call.await?.map(|body| Body::new(WatchedBody(body, dropped)))) })
    }
}

struct WatchedBody(Body, #[expect(dead_code, reason = "it is dropped with the answer")] Dropped);

impl http_body::Body for WatchedBody {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Status>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// A server on the store of a world, whose steps that change something wait.
struct Waiting {
    channel: Channel,
    barrier: Arc<Barrier>,
    stop: CancellationToken,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
    /// Tells of calls that have ended.
    dropped: mpsc::Receiver<()>,
    /// Ends when nothing of the process is at work any more.
    alive: mpsc::Receiver<()>,
}

impl Waiting {
    async fn start(world: &World, answers: Arc<KeptAnswers>) -> Self {
        let ((alive, is_alive), (tell, dropped)) = (mpsc::channel(1), mpsc::channel(1));
        let barrier = Arc::new(Barrier::default());
        let core = &world.server.core;
        let store = Crashing { inner: core.store.clone(), fuse: Fuse::that_waits(barrier.clone(), alive) };
        let rapport = Rapport::new(Arc::new(store), core.ring.clone(), Clock::Set(world.clock()));
        // As the store of the world is written.
        rapport.write_in(*FORMATS.end());
        let handlers = Handlers {
            rapport: Arc::new(rapport),
            answers,
            worked_on: Arc::new(InFlight::new(1 << 20)),
            turns: Turns::default(),
        };
        let front = FrontLayer {
            deadline_max: EVENT_MAX,
            origins: Arc::new([]),
            authenticator: Arc::new(Asserted { tenant: world.tenant() }),
            in_flight: Arc::new(InFlight::new(1 << 20)),
            waiting: Arc::new(InFlight::of_answers()),
            rates: None,
            turns: handlers.turns.clone(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let server = tonic::transport::Server::builder()
            .layer(tower::layer::layer_fn(move |inner| Watched(inner, tell.clone())))
            .layer(front)
            .add_routes(routes(&handlers, Limits { message_bytes_max: 1 << 20 }, false))
            .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop.clone().cancelled_owned());
        let server = tokio::spawn(server);
        Self { channel: connect(address).await, barrier, stop, server, dropped, alive: is_alive }
    }

    /// Makes a call and goes away as soon as its first step waits; then lets the process end what it was at.
    async fn cut_off(self, method: &str, call: Call) {
        let Self { channel, barrier, stop, server, mut dropped, mut alive } = self;
        let mut call = tokio::spawn(call(channel));
        tokio::select! {
            () = barrier.reached() => {}
            answer = &mut call => panic!("{method} changed nothing: {answer:?}"),
        }
        call.abort();
        timeout(EVENT_MAX, dropped.recv())
            .await
            .unwrap_or_else(|_| panic!("{method}: the server does not see that the client is gone"));
        barrier.open();
        stop.cancel();
        server.await.expect("no panic").expect("it served");
        assert!(
            timeout(EVENT_MAX, alive.recv())
                .await
                .unwrap_or_else(|_| panic!("{method}: what was begun does not end"))
                .is_none()
        );
    }
}

/// How many commits there were, and the revisions of the policy and of the venue's items.
async fn written(world: &World) -> (u64, [Option<Revision>; 2]) {
    let store = &world.server.core.store;
    let ends = store.log_positions(&ALL_BUCKETS).await.expect("reads").iter().map(|position| position.end).sum();
    let revision = async |name: &str| {
        let document = store.document(&world.tenant(), name, None).await.expect("reads");
        document.map(|document| document.revision)
    };
    (ends, [revision("policy").await, revision(&format!("items:{VENUE}")).await])
}

/// What the calls are about.
struct Guests {
    guest: String,
    preference: String,
    /// With an issue.
    troubled: String,
    issue: String,
    follow_up: String,
    /// A gesture that was delivered, and one that is proposed.
    gift: String,
    proposal: String,
}

impl Guests {
    async fn prepare(world: &World) -> Self {
        set(world, giving()).await;
        let draft = CustomerDraft {
            identities: vec![loyalty("A-1")],
            precautions: vec![allergy("SESAME")],
            occasions: vec![birthday(None, 3, 16)],
            ..asked("Ana")
        };
        let guest = world.create(draft).await.customer_id;
        let evidence = with!(RecordEvidenceRequest { customer_id: guest.clone(), evidence: vec![stated("tea")] });
        world.customers().record_evidence(evidence).await.expect("recorded");
        let purchase = vec![purchase(&guest, "bill-1", vec![line("tea", 500)])];
        world
            .interactions()
            .record_interactions(RecordInteractionsRequest { interactions: purchase })
            .await
            .expect("recorded");
        let preference = world.get(&guest).await.preferences.remove(0).preference_id;
        let created = |answer: GiveGestureResponse| answer.receipt.expect("a receipt").created_ids;
        let gift = created(given(world, in_role("mara", "concierge", give(&guest, "note"))).await);
        complete(world, &guest, &gift[1]).await;
        let propose = GiveGestureRequest { propose: true, ..give(&guest, "dinner") };
        let proposal = created(given(world, in_role("mara", "concierge", propose)).await);
        let troubled = world.create(named("Ben")).await.customer_id;
        let issue = open_issue(world, &troubled).await;
        let request = with!(PromiseFollowUpRequest { customer_id: troubled.clone(), follow_up: Some(promise()) });
        let promised = Recovery::new(world.channel()).promise_follow_up(request).await.expect("promised").into_inner();
        let follow_up = promised.receipt.expect("a receipt").created_ids.remove(0);
        Self { guest, preference, troubled, issue, follow_up, gift: gift[0].clone(), proposal: proposal[0].clone() }
    }

    /// Changes of the customer, each after those it needs.
    fn profile_calls(&self) -> Vec<(&'static str, Call)> {
        let id = || self.guest.clone();
        let part = |letter: &str, number: u32| format!("{letter}{number}");
        let details = named("Ana Ferreira").details;
        vec![
            call!(Customers.create_customer, with!(CreateCustomerRequest { customer: Some(named("Cleo")) })),
            call!(Customers.update_customer, with!(UpdateCustomerRequest { customer_id: id(), details })),
            call!(
                Customers.add_identity,
                with!(AddIdentityRequest { customer_id: id(), identity: Some(loyalty("A-2")) })
            ),
            call!(
                Customers.remove_identity,
                with!(RemoveIdentityRequest { customer_id: id(), identity: Some(loyalty("A-1")) })
            ),
            call!(
                Customers.record_evidence,
                with!(RecordEvidenceRequest { customer_id: id(), evidence: vec![stated("rum")] })
            ),
            call!(
                Customers.remove_preference,
                with!(RemovePreferenceRequest { customer_id: id(), preference_id: self.preference.clone() })
            ),
            call!(
                Customers.add_precautions,
                with!(AddPrecautionsRequest { customer_id: id(), precautions: vec![allergy("MILK")] })
            ),
            call!(
                Customers.review_precaution,
                with!(ReviewPrecautionRequest {
                    customer_id: id(),
                    precaution_id: part("p", 1),
                    status: PrecautionStatus::Confirmed as i32
                })
            ),
            call!(Customers.record_precaution_inquiry, with!(RecordPrecautionInquiryRequest { customer_id: id() })),
            call!(
                Customers.add_occasion,
                with!(AddOccasionRequest { customer_id: id(), occasion: Some(birthday(None, 5, 1)) })
            ),
            call!(
                Customers.update_occasion,
                with!(UpdateOccasionRequest {
                    customer_id: id(),
                    occasion_id: part("o", 2),
                    occasion: Some(birthday(None, 3, 17))
                })
            ),
            call!(
                Customers.remove_occasion,
                with!(RemoveOccasionRequest { customer_id: id(), occasion_id: part("o", 2) })
            ),
            call!(
                Customers.mark_customer,
                with!(MarkCustomerRequest {
                    customer_id: id(),
                    reason: "told".into(),
                    mark: Some(mark_customer_request::Mark::Deceased(true))
                })
            ),
            call!(Customers.record_consent, with!(RecordConsentRequest { customer_id: id(), consent: Some(agreed()) })),
        ]
    }

    /// What happens to customers, goes wrong, is given.
    fn other_calls(&self) -> Vec<(&'static str, Call)> {
        let (id, troubled, issue) = (|| self.guest.clone(), || self.troubled.clone(), || self.issue.clone());
        let bill = |name: &str| purchase(&self.guest, name, vec![line("rum", 900)]);
        let fault =
            with!(IssueDraft { severity: IssueSeverity::Minor as i32, cause: "NOISE".into(), venue_id: VENUE.into() });
        let gesture = |gesture: &str| (self.guest.clone(), gesture.to_owned());
        let ((customer_id, gesture_id), outcome) = (gesture(&self.gift), GestureOutcome::Delighted as i32);
        let noted = with!(RecordGestureOutcomeRequest { customer_id, gesture_id, outcome });
        let (customer_id, gesture_id) = gesture(&self.proposal);
        let approve = with!(ApproveGestureRequest { customer_id, gesture_id });
        let (customer_id, gesture_id) = gesture(&self.proposal);
        let cancel = with!(CancelGestureRequest { customer_id, gesture_id, reason: "left".into() });
        vec![
            call!(Interactions.record_interactions, RecordInteractionsRequest { interactions: vec![bill("bill-2")] }),
            ("ingest_interactions", ingest(bill("bill-3"))),
            call!(
                Interactions.void_interaction,
                VoidInteractionRequest {
                    customer_id: id(),
                    source: "till-4".into(),
                    external_id: "bill-1".into(),
                    reason: "wrong table".into()
                }
            ),
            call!(Gestures.give_gesture, give(&self.guest, "chinotto")),
            call!(Gestures.approve_gesture, approve),
            call!(Gestures.record_gesture_outcome, noted),
            call!(Gestures.cancel_gesture, cancel),
            call!(
                Recovery.assign_issue,
                with!(AssignIssueRequest { customer_id: troubled(), issue_id: issue(), owner: "jo".into() })
            ),
            call!(
                Recovery.resolve_issue,
                with!(ResolveIssueRequest { customer_id: troubled(), issue_id: issue(), resolution: "mended".into() })
            ),
            call!(
                Recovery.reopen_issue,
                with!(ReopenIssueRequest { customer_id: troubled(), issue_id: issue(), reason: "again".into() })
            ),
            call!(
                Recovery.complete_follow_up,
                with!(CompleteFollowUpRequest {
                    customer_id: troubled(),
                    follow_up_id: self.follow_up.clone(),
                    state: FollowUpState::Done as i32
                })
            ),
            call!(
                Recovery.promise_follow_up,
                with!(PromiseFollowUpRequest { customer_id: troubled(), follow_up: Some(promise()) })
            ),
            call!(Recovery.open_issue, with!(OpenIssueRequest { customer_id: troubled(), issue: Some(fault) })),
            call!(Policies.set_policy, SetPolicyRequest { policy: Some(giving()) }),
            call!(
                Customers.erase_customer,
                with!(EraseCustomerRequest { customer_id: id(), reason: "asked for it".into() })
            ),
        ]
    }
}

/// Changes of the venue's items, each after those it needs.
fn item_calls() -> Vec<(&'static str, Call)> {
    let (venue, ids) = (|| VENUE.to_owned(), || vec!["tart".to_owned()]);
    let these = || Some(with!(ItemSelection { item_ids: ids() }));
    let items = vec![crate::catalogue::item("tart", &["ALMOND"])];
    let may_contain = vec!["SESAME".to_owned()];
    vec![
        call!(Catalogue.put_items, with!(PutItemsRequest { venue_id: venue(), items })),
        call!(Catalogue.declare_kitchen, with!(DeclareKitchenRequest { venue_id: venue(), may_contain })),
        call!(Catalogue.mark_items_changed, with!(MarkItemsChangedRequest { venue_id: venue(), items: these() })),
        call!(Catalogue.confirm_items, with!(ConfirmItemsRequest { venue_id: venue(), items: these() })),
        call!(Catalogue.remove_items, with!(RemoveItemsRequest { venue_id: venue(), item_ids: ids() })),
    ]
}

fn promise() -> FollowUpDraft {
    with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "a call".into(),
        due_time: time(NOON + 60),
        venue_id: VENUE.into()
    })
}

fn ingest(interaction: Interaction) -> Call {
    let ingested = IngestInteractionsRequest { sequence: 1, interaction: Some(interaction) };
    Box::new(move |channel| {
        Box::pin(async move {
            // The client's items end when it goes away, and not before: else its stream would stay open for them.
            let (items, sent) = mpsc::channel(1);
            items.send(ingested).await.expect("there is room");
            let mut answers = Interactions::new(channel).ingest_interactions(ReceiverStream::new(sent)).await?;
            let answer = answers.get_mut().message().await.map(drop);
            drop(items);
            answer
        })
    })
}

/// The methods of the contract that change something, without case and separators.
fn changing() -> BTreeSet<String> {
    let contract = prost_types::FileDescriptorSet::decode(DESCRIPTORS).expect("the build wrote it");
    let services = contract.file.iter().flat_map(|file| &file.service);
    let methods = services.flat_map(|service| &service.method).map(|method| method.name().to_owned());
    methods
        .filter(|name| !READING.iter().any(|prefix| name.starts_with(prefix)))
        .map(|name| name.to_lowercase())
        .collect()
}

async fn a_client_that_goes_away_leaves_the_write_done(world: World) {
    let guests = Guests::prepare(&world).await;
    let calls = guests.profile_calls().into_iter().chain(guests.other_calls()).chain(item_calls());
    let calls: Vec<(&str, Call)> = calls.collect();
    let covered: BTreeSet<String> = calls.iter().map(|(method, _)| method.replace('_', "")).collect();
    assert_eq!(covered, changing(), "a call that changes something has no case here, or one too many");
    for (method, call) in calls {
        let before = written(&world).await;
        Waiting::start(&world, Arc::default()).await.cut_off(method, call).await;
        assert_ne!(written(&world).await, before, "{method} was left undone");
    }
}

async fn an_erasure_that_nobody_waits_for_forgets_the_answers(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let (answers, caller, subject) = (Arc::new(KeptAnswers::default()), world.caller().await, by_customer(&ana));
    let [before, after] = [
        found(&world.server.core.rapport, &caller, &subject).await,
        found(&world.server.core.rapport, &caller, &subject).await,
    ];
    assert!(is_kept(&answers, answers.begin(), &caller, before), "the second is the first again");
    let begun = answers.begin();
    let erase = with!(EraseCustomerRequest { customer_id: ana.clone(), reason: "asked for it".into() });
    let (method, call) = call!(Customers.erase_customer, erase);
    Waiting::start(&world, answers.clone()).await.cut_off(method, call).await;
    assert!(!is_kept(&answers, begun, &caller, after));
}
