//! A service in memory, as far as the command line's own tests need one: what is sent twice, refused, or asked to be
//! repeated. The real one is tested by the suites of the whole project.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status, transport::Channel};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::connect;
use crate::proto::{
    briefing_service_server::{BriefingService, BriefingServiceServer},
    customer_service_server::{CustomerService, CustomerServiceServer},
    echo_service_server::{EchoService, EchoServiceServer},
    interaction_service_server::{InteractionService, InteractionServiceServer},
    policy_service_server::{PolicyService, PolicyServiceServer},
    *,
};

/// What the service holds, and how it is to misbehave.
#[derive(Default)]
pub struct State {
    pub policy: Option<Policy>,
    /// Request ids of creations, in the order in which they came.
    pub created: Vec<String>,
    /// Ids by the value of an identity.
    pub ids: HashMap<String, String>,
    /// Request ids that are remembered: repeated ones get the first answer.
    pub remembered: HashSet<String>,
    /// Keys of interactions with how often each was sent.
    pub recorded: HashMap<String, u32>,
    /// Keys in the order in which they were recorded.
    pub order: Vec<String>,
    /// Customers of each call that is under way, to see whether calls meet.
    pub under_way: Vec<String>,
    pub met: bool,
    /// So many calls of RecordInteractions are answered with UNAVAILABLE.
    pub unavailable: u32,
}

#[derive(Clone, Default)]
pub struct Fake(pub Arc<Mutex<State>>);

impl Fake {
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the state")
    }

    /// Serves on a free port until the test's runtime ends.
    pub async fn serve(&self) -> Channel {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let server = tonic::transport::Server::builder()
            .add_service(BriefingServiceServer::new(self.clone()))
            .add_service(CustomerServiceServer::new(self.clone()))
            .add_service(EchoServiceServer::new(self.clone()))
            .add_service(InteractionServiceServer::new(self.clone()))
            .add_service(PolicyServiceServer::new(self.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(server);
        connect::connect(&format!("http://{address}")).await.expect("listens")
    }
}

fn refusal(code: Code, reason: &str, field: &str) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, "rapport.test", HashMap::new());
    if !field.is_empty() {
        details.add_bad_request_violation(field, "must be right");
    }
    Status::with_error_details(code, "refused", details)
}

/// Methods that no test calls.
macro_rules! unused {
    ($($method:ident($request:ty) -> $answer:ty;)*) => {
        $(fn $method<'life0, 'async_trait>(
            &'life0 self,
            _: Request<$request>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<$answer>, Status>> + Send + 'async_trait>>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async { Err(Status::unimplemented("not in the fake")) })
        })*
    };
}

#[tonic::async_trait]
impl CustomerService for Fake {
    async fn create_customer(
        &self,
        request: Request<CreateCustomerRequest>,
    ) -> Result<Response<CreateCustomerResponse>, Status> {
        let request = request.into_inner();
        let draft = request.customer.unwrap_or_default();
        if draft.identities.iter().any(|identity| identity.value == "taken") {
            return Err(refusal(Code::AlreadyExists, "IDENTITY_TAKEN", "customer.identities[0]"));
        }
        let mut state = self.state();
        let mut answer = Response::new(CreateCustomerResponse::default());
        if state.remembered.contains(&request.request_id) {
            answer.metadata_mut().insert("rapport-replayed", "true".parse().expect("ASCII"));
        } else if state.created.contains(&request.request_id) {
            return Err(refusal(Code::AlreadyExists, "CUSTOMER_EXISTS", ""));
        } else {
            let id = format!("c{}", state.created.len());
            state.ids.extend(draft.identities.into_iter().map(|identity| (identity.value, id.clone())));
            state.created.push(request.request_id.clone());
            state.remembered.insert(request.request_id);
            answer.get_mut().receipt = Some(Receipt { customer_id: id, ..Receipt::default() });
        }
        Ok(answer)
    }

    async fn lookup_customer(
        &self,
        request: Request<LookupCustomerRequest>,
    ) -> Result<Response<LookupCustomerResponse>, Status> {
        let state = self.state();
        let ids =
            request.into_inner().identities.into_iter().filter_map(|identity| state.ids.get(&identity.value).cloned());
        let matches = ids.map(|customer_id| IdentityMatch { customer_id, matched: Vec::new() }).collect();
        Ok(Response::new(LookupCustomerResponse { matches }))
    }

    unused! {
        get_customer(GetCustomerRequest) -> GetCustomerResponse;
        update_customer(UpdateCustomerRequest) -> UpdateCustomerResponse;
        erase_customer(EraseCustomerRequest) -> EraseCustomerResponse;
        list_customers(ListCustomersRequest) -> ListCustomersResponse;
        add_identity(AddIdentityRequest) -> AddIdentityResponse;
        remove_identity(RemoveIdentityRequest) -> RemoveIdentityResponse;
        record_evidence(RecordEvidenceRequest) -> RecordEvidenceResponse;
        remove_preference(RemovePreferenceRequest) -> RemovePreferenceResponse;
        add_precautions(AddPrecautionsRequest) -> AddPrecautionsResponse;
        review_precaution(ReviewPrecautionRequest) -> ReviewPrecautionResponse;
        record_precaution_inquiry(RecordPrecautionInquiryRequest) -> RecordPrecautionInquiryResponse;
        add_occasion(AddOccasionRequest) -> AddOccasionResponse;
        update_occasion(UpdateOccasionRequest) -> UpdateOccasionResponse;
        remove_occasion(RemoveOccasionRequest) -> RemoveOccasionResponse;
        record_consent(RecordConsentRequest) -> RecordConsentResponse;
    }
}

fn customer(interaction: &Interaction) -> String {
    match &interaction.customer {
        Some(interaction::Customer::Identity(identity)) => identity.value.clone(),
        Some(interaction::Customer::CustomerId(id)) => id.clone(),
        None => String::new(),
    }
}

fn record(state: &mut State, interaction: &Interaction) -> InteractionResult {
    let key = &interaction.external_id;
    let sent = state.recorded.entry(key.clone()).or_default();
    *sent += 1;
    let outcome = match key.split('-').next() {
        Some("bad") => RecordOutcome::Refused,
        Some("old") => RecordOutcome::BeforeHorizon,
        Some("again") if *sent == 1 => RecordOutcome::Retry,
        Some("again") if *sent == 2 => RecordOutcome::Recorded,
        _ if *sent > 1 => RecordOutcome::Repeated,
        _ => RecordOutcome::Recorded,
    };
    if outcome == RecordOutcome::Recorded {
        state.order.push(key.clone());
    }
    let error = (outcome == RecordOutcome::Refused).then(|| ItemError {
        code: 3,
        reason: "FIELD_INVALID".into(),
        field: "venue_id".into(),
        message: "must be a venue of the policy".into(),
    });
    InteractionResult { outcome: outcome.into(), error, ..InteractionResult::default() }
}

#[tonic::async_trait]
impl InteractionService for Fake {
    async fn record_interactions(
        &self,
        request: Request<RecordInteractionsRequest>,
    ) -> Result<Response<RecordInteractionsResponse>, Status> {
        let interactions = request.into_inner().interactions;
        let customers: HashSet<String> = interactions.iter().map(customer).collect();
        {
            let mut state = self.state();
            if state.unavailable > 0 {
                state.unavailable -= 1;
                return Err(Status::unavailable("restarting"));
            }
            state.met |= state.under_way.iter().any(|busy| customers.contains(busy));
            state.under_way.extend(customers.iter().cloned());
        }
        // Calls that could meet now would.
        tokio::task::yield_now().await;
        let mut state = self.state();
        state.under_way.retain(|busy| !customers.contains(busy));
        let results = interactions.iter().map(|interaction| record(&mut state, interaction)).collect();
        Ok(Response::new(RecordInteractionsResponse { results }))
    }

    type IngestInteractionsStream = tokio_stream::Empty<Result<IngestInteractionsResponse, Status>>;

    unused! {
        ingest_interactions(tonic::Streaming<IngestInteractionsRequest>) -> Self::IngestInteractionsStream;
        void_interaction(VoidInteractionRequest) -> VoidInteractionResponse;
        list_interactions(ListInteractionsRequest) -> ListInteractionsResponse;
    }
}

#[tonic::async_trait]
impl PolicyService for Fake {
    async fn get_policy(&self, _: Request<GetPolicyRequest>) -> Result<Response<GetPolicyResponse>, Status> {
        match self.state().policy.clone() {
            Some(policy) => Ok(Response::new(GetPolicyResponse { policy: Some(policy) })),
            None => Err(refusal(Code::NotFound, "POLICY_NOT_FOUND", "")),
        }
    }

    async fn set_policy(&self, request: Request<SetPolicyRequest>) -> Result<Response<SetPolicyResponse>, Status> {
        let mut policy = request.into_inner().policy.unwrap_or_default();
        policy.version += 1;
        policy.etag = "made by the server".into();
        self.state().policy = Some(policy.clone());
        Ok(Response::new(SetPolicyResponse { policy: Some(policy) }))
    }
}

#[tonic::async_trait]
impl BriefingService for Fake {
    async fn get_briefing(
        &self,
        request: Request<GetBriefingRequest>,
    ) -> Result<Response<GetBriefingResponse>, Status> {
        let subject = request.into_inner().subject.and_then(|subject| subject.subject);
        let customer_id = match subject {
            Some(briefing_subject::Subject::CustomerId(id)) => id,
            Some(briefing_subject::Subject::Identity(identity)) => {
                self.state().ids.get(&identity.value).cloned().unwrap_or_default()
            }
            None => String::new(),
        };
        let precaution = Statement { code: "PRECAUTION_ALLERGY".into(), text: "Nuts".into(), ..Statement::default() };
        let briefing = Briefing {
            state: BriefingState::Known.into(),
            customer_id,
            respect: vec![precaution],
            ..Briefing::default()
        };
        Ok(Response::new(GetBriefingResponse { briefing: Some(briefing) }))
    }

    unused! {
        lookup_briefings(LookupBriefingsRequest) -> LookupBriefingsResponse;
    }
}

#[tonic::async_trait]
impl EchoService for Fake {
    async fn echo(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        let payload = vec![0; request.into_inner().response_bytes as usize].into();
        Ok(Response::new(EchoResponse { payload }))
    }
}
