//! Kept answers of an erased customer are forgotten, whoever waits for the erasure and whatever is being answered meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rapport::{
    domain::{CustomerId, Mask, Purpose as KnownPurpose},
    grpc::{
        Asserted, Begun, Handlers, KeptAnswers, Limits,
        http::{FrontLayer, InFlight},
        routes,
    },
    proto::{
        EraseCustomerRequest, briefing_service_client::BriefingServiceClient,
        customer_service_client::CustomerServiceClient,
    },
    service::{
        Caller, Rapport,
        briefing::{Ask, Basket, Resolved, Subject, View},
        clock::Clock,
        inputs::Inputs,
    },
    store::{
        Result, Store,
        layers::{Layer, Method},
    },
    turns::Turns,
};
use tokio::net::TcpListener;
use tonic::transport::{Channel, server::TcpIncoming};

use super::{crashing::Barrier, raw::EVENT_MAX, world::*};

on_both!(an_answer_that_was_begun_before_an_erasure_is_not_kept);

/// A store whose values come late: once armed, what was read waits at the barrier.
struct Late {
    inner: Arc<dyn Store>,
    is_armed: Arc<AtomicBool>,
    barrier: Arc<Barrier>,
}

impl Layer for Late {
    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        _operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let answer = call.await;
        if method == Method::Values && self.is_armed.load(Ordering::SeqCst) {
            self.barrier.pass().await;
        }
        answer
    }
}

/// Serves the use cases until the test ends.
async fn serve(world: &World, rapport: Arc<Rapport>, answers: Arc<KeptAnswers>) -> Channel {
    let handlers = Handlers { rapport, answers, worked_on: Arc::new(InFlight::new(1 << 20)), turns: Turns::default() };
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
    let server = tonic::transport::Server::builder()
        .layer(front)
        .add_routes(routes(&handlers, Limits { message_bytes_max: 1 << 20 }, false))
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    connect(address).await
}

/// The record of a customer twice, to be answered from twice.
pub async fn found<'a>(rapport: &Rapport, caller: &Caller, subject: &'a Subject) -> [Resolved<'a>; 2] {
    let resolve = || async { rapport.readers().resolve(caller, subject, "").await.expect("found") };
    [resolve().await, resolve().await]
}

/// Whether an answer is kept. One that was `begun` before somebody was forgotten is not kept itself, so that two of them are the
/// same bytes in memory only if they were kept before.
pub fn is_kept(answers: &KeptAnswers, begun: Begun, caller: &Caller, found: [Resolved<'_>; 2]) -> bool {
    let venue = &caller.in_force.policy.venues[0];
    let (purpose, view) = (KnownPurpose::Service, View::Full);
    let ask = Ask { venue, at: None, purpose, mask: Mask::ALL, basket: Basket::NONE, view, language: "en" };
    let written = found.map(|resolved| {
        let inputs = Inputs::of(caller, &ask, &resolved);
        answers.briefing(begun, &inputs, resolved).expect("opens")
    });
    assert_eq!(written[0], written[1]);
    written[0].as_ptr() == written[1].as_ptr()
}

pub fn by_customer(id: &str) -> Subject {
    Subject::Customer(CustomerId::parse("id", id).expect("an id"))
}

async fn an_answer_that_was_begun_before_an_erasure_is_not_kept(world: World) {
    let [ana, bo] = [world.create(named("Ana")).await.customer_id, world.create(named("Bo")).await.customer_id];
    let (core, answers, barrier) = (&world.server.core, Arc::new(KeptAnswers::default()), Arc::new(Barrier::default()));
    let is_armed = Arc::new(AtomicBool::new(false));
    let store = Late { inner: core.store.clone(), is_armed: is_armed.clone(), barrier: barrier.clone() };
    let late = Arc::new(Rapport::new(Arc::new(store), core.ring.clone(), Clock::Set(world.clock())));
    let erasing = serve(&world, core.rapport.clone(), answers.clone()).await;
    let briefing_late = serve(&world, late.clone(), answers.clone()).await;
    let caller = late.callers().enter(world.caller().await.principal).await.expect("works");
    let venue = caller.in_force.policy.venues[0].id.clone();
    let caller = late.readers().with_menu(caller, &venue).await.expect("works");
    let subjects = [by_customer(&ana), by_customer(&bo)];
    let found_ana = found(&late, &caller, &subjects[0]).await;
    let found_bo = found(&late, &caller, &subjects[1]).await;

    let begun = answers.begin();
    answers.forget(&caller.key(CustomerId::from_bytes([0; 16])));
    let brief = |id: String| {
        let mut client = BriefingServiceClient::new(briefing_late.clone());
        async move { client.get_briefing(briefing(by_id(&id))).await.expect("answered").into_inner() }
    };
    assert_eq!(brief(bo.clone()).await.briefing.expect("a briefing").customer_id, bo);
    assert!(is_kept(&answers, begun, &caller, found_bo), "an answer is kept, if nothing comes between");

    is_armed.store(true, Ordering::SeqCst);
    let answer = tokio::spawn(brief(ana.clone()));
    barrier.reached().await;
    let erase = with!(EraseCustomerRequest { customer_id: ana.clone(), reason: "asked for it".into() });
    CustomerServiceClient::new(erasing).erase_customer(erase).await.expect("erased");
    barrier.open();
    let answer = answer.await.expect("no panic").briefing.expect("a briefing");
    assert_eq!(answer.customer_id, ana, "it was read before");
    assert!(!is_kept(&answers, begun, &caller, found_ana));
}
