//! InteractionService.

use super::{
    call::{Answer, Call, serve},
    convert::{self, Parsed, interaction},
    status::{CallError, item_error},
};
use crate::{
    domain::{CustomerId, id::SourceId, limits::INTERACTIONS_PER_REQUEST_MAX, text},
    proto::{
        IngestInteractionsRequest, IngestInteractionsResponse, Interaction, InteractionResult, ListInteractionsRequest,
        ListInteractionsResponse, RecordInteractionsRequest, RecordInteractionsResponse, RecordOutcome,
        VoidInteractionRequest, VoidInteractionResponse, interaction_service_server::InteractionService,
    },
    service::{
        Caller,
        error::{Error, Result},
        interactions::{ListQuery, Outcome},
        tokens,
    },
    store::Revision,
};

serve! {
    InteractionService {
        record_interactions: RecordInteractionsRequest => RecordInteractionsResponse,
        void_interaction: VoidInteractionRequest => VoidInteractionResponse,
        list_interactions: ListInteractionsRequest => ListInteractionsResponse,
    }
    streams {
        ingest_interactions: IngestInteractionsRequest => IngestInteractionsResponse as IngestInteractionsStream
    }
}

async fn record_interactions(call: Call, message: RecordInteractionsRequest) -> Answer<RecordInteractionsResponse> {
    let RecordInteractionsRequest { interactions } = message;
    convert::count("interactions", interactions.len(), 1..=INTERACTIONS_PER_REQUEST_MAX)?;
    Ok(RecordInteractionsResponse { results: record(&call, interactions).await? }.into())
}

/// A batch of the stream; answers in any order, each with its number.
async fn ingest_interactions(
    call: Call,
    batch: Vec<IngestInteractionsRequest>,
) -> std::result::Result<Vec<IngestInteractionsResponse>, CallError> {
    let item = |IngestInteractionsRequest { sequence, interaction }| (sequence, interaction.unwrap_or_default());
    let (sequences, interactions): (Vec<u64>, Vec<Interaction>) = batch.into_iter().map(item).unzip();
    let results = record(&call, interactions).await?;
    let answer = |(sequence, result)| IngestInteractionsResponse { sequence, result: Some(result) };
    Ok(sequences.into_iter().zip(results).map(answer).collect())
}

/// Records what could be parsed, and meanwhile looks up whether what could not be was counted before; results in the order
/// given.
async fn record(call: &Call, interactions: Vec<Interaction>) -> Result<Vec<InteractionResult>> {
    let (mut reported, mut refused) = (Vec::with_capacity(interactions.len()), Vec::new());
    let mut passes = Vec::with_capacity(interactions.len());
    for raw in interactions {
        let parsed = interaction::reported(&call.caller, raw);
        passes.push(parsed.is_ok());
        match parsed {
            Ok(one) => reported.push(one),
            Err(one) => refused.push(one),
        }
    }
    let recorded =
        async { if reported.is_empty() { Ok(Vec::new()) } else { call.writes().record(&call.caller, reported).await } };
    let (recorded, refused) = tokio::join!(recorded, call.rapport.readers().refused(&call.caller, refused));
    let (mut recorded, mut refused) = (recorded?.into_iter(), refused.into_iter());
    let outcome = |passes: bool| {
        let outcome = if passes { recorded.next() } else { refused.next() };
        outcome_out(&call.caller, outcome.unwrap_or(Outcome::Retry(Error::Internal)))
    };
    Ok(passes.into_iter().map(outcome).collect())
}

fn outcome_out(caller: &Caller, outcome: Outcome) -> InteractionResult {
    let stored = |outcome: RecordOutcome, customer: CustomerId, revision: Revision| InteractionResult {
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

async fn void_interaction(call: Call, message: VoidInteractionRequest) -> Answer<VoidInteractionResponse> {
    let VoidInteractionRequest { customer_id, source, external_id, reason } = message;
    let customer = convert::customer_id(&customer_id)?;
    let source = SourceId::parse("source", &source)?;
    let external_id = text::external_id("external_id", &external_id)?;
    let reason = convert::reason(&reason)?;
    let receipt = call.writes().void(&call.caller, customer, source, external_id, reason).await?;
    Ok(call.receipt(receipt, |receipt| VoidInteractionResponse { receipt }))
}

async fn list_interactions(call: Call, message: ListInteractionsRequest) -> Answer<ListInteractionsResponse> {
    let query = query(message)?;
    let (page, next_page_token) = call.rapport.readers().interactions(&call.caller, &query).await?;
    let told = interaction::Told::of(&call.caller, query.purpose);
    let interactions = page.into_iter().map(|listed| interaction::listed_out(query.customer, listed, told)).collect();
    Ok(ListInteractionsResponse { interactions, next_page_token, withheld: told.withheld() }.into())
}

fn query(message: ListInteractionsRequest) -> Parsed<ListQuery> {
    let ListInteractionsRequest { customer_id, purpose, start_time, end_time, page_size, page_token } = message;
    Ok(ListQuery {
        customer: convert::customer_id(&customer_id)?,
        purpose: convert::purpose("purpose", purpose)?,
        start: convert::time("start_time", start_time)?,
        end: convert::time("end_time", end_time)?,
        page_size: convert::page_size(page_size)?,
        page_token,
    })
}
