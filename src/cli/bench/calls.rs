//! The calls that are measured.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use bytes::Bytes;
use prost::Message as _;
use tonic::Status;

use super::subjects;
use crate::{
    cli::{connect::Wire, failure::Failure, words},
    proto::{
        BriefingState, BriefingSubject, EchoRequest, GetBriefingRequest, GetBriefingResponse, Interaction,
        InteractionKind, Purchase, PurchaseLine, Purpose, RecordInteractionsRequest, RecordOutcome,
        briefing_service_client::BriefingServiceClient, briefing_subject::Subject,
        echo_service_client::EchoServiceClient, interaction::Customer,
        interaction_service_client::InteractionServiceClient,
    },
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// GetBriefing by customer id.
    Id,
    /// GetBriefing by customer id with a basket: composed for every call, never kept.
    Basket,
    /// GetBriefing by identity.
    Identity,
    /// RecordInteractions with one purchase.
    Write,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "briefing by id",
            Self::Basket => "briefing with a basket",
            Self::Identity => "briefing by identity",
            Self::Write => "record an interaction",
        }
    }
}

/// One kind of call. `number` differs from call to call, and says which customer it is about.
pub trait Call: Clone + Send + Sync + 'static {
    /// Calls once. `false`: an answer came, but not the right one.
    fn call(&self, wire: Wire, number: u64) -> impl Future<Output = Result<bool, Status>> + Send;
}

/// The measured call, with the customers to choose from.
#[derive(Clone)]
pub struct Plan {
    pub mode: Mode,
    ids: Arc<Vec<String>>,
    venue: Arc<str>,
    /// Interactions of this run get keys that no other run used.
    run: Arc<str>,
    written: Arc<AtomicU64>,
}

impl Plan {
    pub fn new(mode: Mode, ids: Vec<String>, venue: String) -> Self {
        let run = words::request_id().into();
        Self { mode, ids: Arc::new(ids), venue: venue.into(), run, written: Arc::default() }
    }

    fn place(&self, number: u64) -> usize {
        // Neighbouring numbers meet far-apart customers, so that no cache line or page is favoured.
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        usize::try_from(number.wrapping_mul(SPREAD) % self.ids.len() as u64).unwrap_or_default()
    }

    fn briefing_request(&self, number: u64) -> GetBriefingRequest {
        let place = self.place(number);
        let subject = match self.mode {
            Mode::Identity => Subject::Identity(subjects::identity(place)),
            Mode::Id | Mode::Basket | Mode::Write => Subject::CustomerId(self.ids[place].clone()),
        };
        GetBriefingRequest {
            subject: Some(BriefingSubject { subject: Some(subject) }),
            venue_id: self.venue.to_string(),
            purpose: Purpose::Service.into(),
            basket_items: if self.mode == Mode::Basket { vec!["espresso".into()] } else { Vec::new() },
            ..GetBriefingRequest::default()
        }
    }

    fn write_request(&self, number: u64) -> RecordInteractionsRequest {
        let key = self.written.fetch_add(1, Relaxed);
        let line = |item: &str, amount| PurchaseLine {
            item: item.into(),
            category: "bench".into(),
            quantity: 1.0,
            amount_minor_units: amount,
            seat: String::new(),
        };
        let interaction = Interaction {
            source: "rapport-bench".into(),
            external_id: format!("{}/{key}", self.run),
            customer: Some(Customer::CustomerId(self.ids[self.place(number)].clone())),
            kind: InteractionKind::Purchase.into(),
            venue_id: self.venue.to_string(),
            occur_time: Some(words::now()),
            purchase: Some(Purchase {
                lines: vec![line("espresso", 450), line("croissant", 380)],
                ..Purchase::default()
            }),
            ..Interaction::default()
        };
        RecordInteractionsRequest { interactions: vec![interaction] }
    }

    /// Encoded bytes of one request.
    pub fn request_bytes(&self) -> usize {
        match self.mode {
            Mode::Id | Mode::Basket | Mode::Identity => self.briefing_request(0).encoded_len(),
            Mode::Write => self.write_request(0).encoded_len(),
        }
    }

    /// One briefing, and the id of the customer it should be about.
    pub async fn brief_once(&self, wire: Wire, number: u64) -> Result<(String, GetBriefingResponse), Failure> {
        let answer = BriefingServiceClient::new(wire).get_briefing(self.briefing_request(number)).await?;
        Ok((self.ids[self.place(number)].clone(), answer.into_inner()))
    }

    /// One recorded interaction; how many bytes the answer takes.
    pub async fn write_once(&self, wire: Wire) -> Result<usize, Failure> {
        let answer = InteractionServiceClient::new(wire).record_interactions(self.write_request(0)).await?.into_inner();
        match answer.results.first().map(|result| result.outcome()) {
            Some(RecordOutcome::Recorded) => Ok(answer.encoded_len()),
            _ => Err(Failure::Failed("an interaction was not recorded; nothing was measured".to_owned())),
        }
    }
}

impl Call for Plan {
    async fn call(&self, wire: Wire, number: u64) -> Result<bool, Status> {
        if self.mode == Mode::Write {
            let request = self.write_request(number);
            let answer = InteractionServiceClient::new(wire).record_interactions(request).await?.into_inner();
            return Ok(answer.results.first().is_some_and(|result| result.outcome() == RecordOutcome::Recorded));
        }
        let answer = BriefingServiceClient::new(wire).get_briefing(self.briefing_request(number)).await?;
        Ok(answer.into_inner().briefing.is_some_and(|briefing| briefing.state() == BriefingState::Known))
    }
}

/// The floor: as many bytes in and out as the measured call, and nothing done.
#[derive(Clone)]
pub struct Echo {
    request: EchoRequest,
}

impl Echo {
    pub fn equal_to(request_bytes: usize, answer_bytes: usize) -> Self {
        // The largest payload whose message is not larger than the other one.
        let payload = (0..=answer_bytes).rev().find(|size| field_bytes(*size) <= answer_bytes).unwrap_or_default();
        let response_bytes = u32::try_from(payload).unwrap_or(u32::MAX);
        let mut request = EchoRequest { payload: Bytes::new(), response_bytes };
        let rest = request_bytes.saturating_sub(request.encoded_len());
        let ballast = (0..=rest).rev().find(|size| field_bytes(*size) <= rest).unwrap_or_default();
        request.payload = vec![b'x'; ballast].into();
        Self { request }
    }
}

/// Bytes of a field with a payload: tag, length, payload.
fn field_bytes(payload: usize) -> usize {
    if payload == 0 { 0 } else { 1 + prost::length_delimiter_len(payload) + payload }
}

impl Call for Echo {
    async fn call(&self, wire: Wire, _number: u64) -> Result<bool, Status> {
        let answer = EchoServiceClient::new(wire).echo(self.request.clone()).await?;
        Ok(answer.into_inner().payload.len() == self.request.response_bytes as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::EchoResponse;

    #[test]
    fn the_floor_has_equal_bytes() {
        for (request, answer) in [(60, 900), (20, 127), (200, 131), (64, 20_000)] {
            let echo = Echo::equal_to(request, answer).request;
            let size = echo.encoded_len();
            assert!(request - size <= 1, "{request} {size}");
            let payload = Bytes::from(vec![0; echo.response_bytes as usize]);
            let size = EchoResponse { payload }.encoded_len();
            assert!(answer - size <= 1, "{answer} {size}");
        }
    }
}
