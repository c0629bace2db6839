//! InteractionService.

use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream};
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::{
    Gate,
    convert::{self, interaction as wire},
    status::{item_error, status},
};
use crate::{
    domain::{id::SourceId, limits::INTERACTIONS_PER_REQUEST_MAX, text},
    proto::{
        IngestInteractionsRequest, IngestInteractionsResponse, Interaction, InteractionResult, ListInteractionsRequest,
        ListInteractionsResponse, RecordInteractionsRequest, RecordInteractionsResponse, RecordOutcome,
        VoidInteractionRequest, VoidInteractionResponse, interaction_service_server::InteractionService,
    },
    service::{
        Caller,
        error::{Error, Result as ServiceResult},
        interactions::{ListQuery, Outcome, Reported},
        tokens,
    },
};

/// Items of a stream taken together, and how many such batches are under way: 4 × 64 = the 256 of the contract.
const INGEST_BATCH: usize = 64;
const INGEST_BATCHES: usize = 4;

fn outcome_out(caller: &Caller, outcome: Outcome) -> InteractionResult {
    let stored = |outcome: RecordOutcome, customer: crate::domain::CustomerId, revision| InteractionResult {
        outcome: outcome as i32,
        customer_id: customer.to_string(),
        revision_token: tokens::revision_token(&caller.index_key, customer, revision),
        error: None,
    };
    let failed = |outcome: RecordOutcome, error: Error| InteractionResult {
        outcome: outcome as i32,
        error: Some(item_error(error)),
        ..InteractionResult::default()
    };
    match outcome {
        Outcome::Recorded { customer, revision } => stored(RecordOutcome::Recorded, customer, revision),
        Outcome::Repeated { customer, revision } => stored(RecordOutcome::Repeated, customer, revision),
        Outcome::BeforeHorizon { customer, revision } => stored(RecordOutcome::BeforeHorizon, customer, revision),
        Outcome::Refused(error) => failed(RecordOutcome::Refused, error),
        Outcome::Retry(error) => failed(RecordOutcome::Retry, error),
    }
}

impl Gate {
    /// Records what could be parsed; results in the order given.
    async fn record(&self, caller: &Caller, interactions: Vec<Interaction>) -> ServiceResult<Vec<InteractionResult>> {
        let mut results: Vec<Option<InteractionResult>> = Vec::with_capacity(interactions.len());
        let mut places = Vec::with_capacity(interactions.len());
        let mut reported: Vec<Reported> = Vec::with_capacity(interactions.len());
        for (place, raw) in interactions.into_iter().enumerate() {
            match wire::interaction(caller, "", raw) {
                Ok(one) => {
                    places.push(place);
                    reported.push(one);
                    results.push(None);
                }
                Err(violation) => results.push(Some(outcome_out(caller, Outcome::Refused(violation.into())))),
            }
        }
        let outcomes = self.rapport.writes().record(caller, reported).await?;
        for (place, outcome) in places.into_iter().zip(outcomes) {
            results[place] = Some(outcome_out(caller, outcome));
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// A batch of a stream: its own moment, its own caller.
    async fn ingest(
        &self,
        metadata: &tonic::metadata::MetadataMap,
        batch: Vec<IngestInteractionsRequest>,
    ) -> Result<Vec<IngestInteractionsResponse>, Status> {
        let caller = self.enter(metadata).await?;
        let (sequences, interactions): (Vec<u64>, Vec<Interaction>) = batch
            .into_iter()
            .map(|IngestInteractionsRequest { sequence, interaction }| (sequence, interaction.unwrap_or_default()))
            .unzip();
        let results = self.record(&caller, interactions).await.map_err(status)?;
        let answer = |(sequence, result)| IngestInteractionsResponse { sequence, result: Some(result) };
        Ok(sequences.into_iter().zip(results).map(answer).collect())
    }
}

#[async_trait]
impl InteractionService for Gate {
    async fn record_interactions(
        &self,
        request: Request<RecordInteractionsRequest>,
    ) -> Result<Response<RecordInteractionsResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let RecordInteractionsRequest { interactions } = request.into_inner();
        convert::count("interactions", interactions.len(), 1..=INTERACTIONS_PER_REQUEST_MAX).map_err(status)?;
        let results = self.record(&caller, interactions).await.map_err(status)?;
        Ok(Response::new(RecordInteractionsResponse { results }))
    }

    type IngestInteractionsStream =
        Pin<Box<dyn Stream<Item = Result<IngestInteractionsResponse, Status>> + Send + 'static>>;

    async fn ingest_interactions(
        &self,
        request: Request<Streaming<IngestInteractionsRequest>>,
    ) -> Result<Response<Self::IngestInteractionsStream>, Status> {
        let metadata = request.metadata().clone();
        // Refused before the first item, if the caller may not come in at all.
        self.enter(&metadata).await?;
        let gate = self.clone();
        let answers = request
            .into_inner()
            .ready_chunks(INGEST_BATCH)
            .map(move |batch| {
                let (gate, metadata) = (gate.clone(), metadata.clone());
                async move {
                    let items: Result<Vec<_>, Status> = batch.into_iter().collect();
                    gate.ingest(&metadata, items?).await
                }
            })
            .buffer_unordered(INGEST_BATCHES)
            .flat_map(|batch| {
                stream::iter(match batch {
                    Ok(answers) => answers.into_iter().map(Ok).collect(),
                    Err(status) => vec![Err(status)],
                })
            });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn void_interaction(
        &self,
        request: Request<VoidInteractionRequest>,
    ) -> Result<Response<VoidInteractionResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let VoidInteractionRequest { customer_id, source, external_id, reason } = request.into_inner();
        let customer = convert::customer_id(&customer_id).map_err(status)?;
        let source = SourceId::parse("source", &source).map_err(status)?;
        let external_id = text::external_id("external_id", &external_id).map_err(status)?;
        let reason = convert::reason(&reason).map_err(status)?;
        let receipt = self.rapport.writes().void(&caller, customer, source, external_id, reason).await;
        let receipt = convert::receipt_out(&caller, receipt.map_err(status)?);
        Ok(Response::new(VoidInteractionResponse { receipt: Some(receipt) }))
    }

    async fn list_interactions(
        &self,
        request: Request<ListInteractionsRequest>,
    ) -> Result<Response<ListInteractionsResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let ListInteractionsRequest { customer_id, purpose, start_time, end_time, page_size, page_token } =
            request.into_inner();
        let query = ListQuery {
            customer: convert::customer_id(&customer_id).map_err(status)?,
            purpose: convert::purpose("purpose", purpose).map_err(status)?,
            start: convert::time("start_time", start_time).map_err(status)?,
            end: convert::time("end_time", end_time).map_err(status)?,
            page_size: convert::page_size(page_size).map_err(status)?,
            page_token,
        };
        let (page, next_page_token) = self.rapport.interactions(&caller, &query).await.map_err(status)?;
        let interactions = page.into_iter().map(|listed| wire::listed_out(query.customer, listed)).collect();
        Ok(Response::new(ListInteractionsResponse { interactions, next_page_token }))
    }
}
