//! The messages of the measured calls, and when their answers are right.

use bytes::Bytes;
use prost::{DecodeError, Message as _};

use super::{calls::BATCH, menu, subjects};
use crate::{
    cli::args,
    proto::{
        Briefing, BriefingState, BriefingSubject, EvidenceDraft, EvidenceSource, GetBriefingRequest,
        GetBriefingResponse, Interaction, InteractionKind, LineState, LookupBriefingsRequest, LookupBriefingsResponse,
        Purchase, PurchaseLine, Purpose, RecordEvidenceRequest, RecordEvidenceResponse, RecordInteractionsRequest,
        RecordInteractionsResponse, RecordOutcome, Stance, briefing_result, briefing_subject::Subject,
        interaction::Customer,
    },
};

/// Whom the calls are about.
pub struct Customers {
    pub ids: Vec<String>,
    pub venue: String,
    /// Part of the request ids and external ids of all measured calls, so that no run repeats those of another.
    pub run: String,
}

impl Customers {
    pub fn new(ids: Vec<String>, venue: String) -> Self {
        Self { ids, venue, run: args::request_id() }
    }

    fn index(&self, number: u64) -> usize {
        // Successive calls begin at indexes that lie far apart.
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        usize::try_from(number.wrapping_mul(SPREAD) % self.ids.len() as u64).unwrap_or_default()
    }

    /// Whom the call of that number is about.
    fn id(&self, number: u64) -> String {
        self.ids[self.index(number)].clone()
    }

    /// Several customers, without repetition as long as there are enough.
    fn several(&self, number: u64, count: u64) -> impl Iterator<Item = String> {
        self.ids.iter().cycle().skip(self.index(number)).take(usize::try_from(count).unwrap_or(usize::MAX)).cloned()
    }
}

fn briefing(customers: &Customers, subject: Subject) -> GetBriefingRequest {
    GetBriefingRequest {
        subject: Some(BriefingSubject { subject: Some(subject) }),
        venue_id: customers.venue.clone(),
        purpose: Purpose::Service.into(),
        ..GetBriefingRequest::default()
    }
}

pub fn briefing_by_id(customers: &Customers, number: u64) -> GetBriefingRequest {
    briefing(customers, Subject::CustomerId(customers.id(number)))
}

pub fn briefing_by_identity(customers: &Customers, number: u64) -> GetBriefingRequest {
    briefing(customers, Subject::Identity(subjects::identity(customers.index(number))))
}

/// Composed anew for every call: with a basket, no answer is kept.
pub fn briefing_with_basket(customers: &Customers, number: u64) -> GetBriefingRequest {
    GetBriefingRequest { basket_items: vec!["espresso".into()], ..briefing_by_id(customers, number) }
}

/// Composed anew for every call, without a basket: of a moment that the caller names, no answer is kept.
pub fn briefing_of_a_moment(customers: &Customers, number: u64) -> GetBriefingRequest {
    GetBriefingRequest { at: Some(args::now()), ..briefing_by_id(customers, number) }
}

/// Composed anew for every call, with each line checked.
pub fn briefing_with_lines(customers: &Customers, number: u64) -> GetBriefingRequest {
    GetBriefingRequest { basket_lines: menu::lines(number), ..briefing_by_id(customers, number) }
}

pub fn lookup(customers: &Customers, number: u64) -> LookupBriefingsRequest {
    let subject = |id| BriefingSubject { subject: Some(Subject::CustomerId(id)) };
    LookupBriefingsRequest {
        subjects: customers.several(number, BATCH).map(subject).collect(),
        venue_id: customers.venue.clone(),
        purpose: Purpose::Service.into(),
        ..LookupBriefingsRequest::default()
    }
}

/// One more piece of evidence of a preference that each customer has from the start, so that profiles do not grow while they
/// are measured.
pub fn evidence(customers: &Customers, number: u64) -> RecordEvidenceRequest {
    let (category, item) = subjects::preference(0);
    let evidence = EvidenceDraft {
        category: category.into(),
        item,
        stance: Stance::Likes.into(),
        source: EvidenceSource::Observed.into(),
        venue_id: customers.venue.clone(),
        ..EvidenceDraft::default()
    };
    RecordEvidenceRequest {
        customer_id: customers.id(number),
        request_id: format!("{}/{number}", customers.run),
        evidence: vec![evidence],
        ..RecordEvidenceRequest::default()
    }
}

/// Purchases of two lines, each of another customer.
pub fn purchases(customers: &Customers, number: u64, count: u64) -> RecordInteractionsRequest {
    let line = |item: &str, amount| PurchaseLine {
        item: item.into(),
        category: "bench".into(),
        quantity: 1.0,
        amount_minor_units: amount,
        seat: String::new(),
    };
    let interactions = customers.several(number, count).enumerate().map(|(index, id)| Interaction {
        source: "rapport-bench".into(),
        external_id: format!("{}/{number}/{index}", customers.run),
        customer: Some(Customer::CustomerId(id)),
        kind: InteractionKind::Purchase.into(),
        venue_id: customers.venue.clone(),
        occur_time: Some(args::now()),
        purchase: Some(Purchase { lines: vec![line("espresso", 450), line("croissant", 380)], ..Purchase::default() }),
        ..Interaction::default()
    });
    RecordInteractionsRequest { interactions: interactions.collect() }
}

/// Whether it is this customer's briefing, with their precaution.
fn is_about(briefing: &Briefing, id: &str) -> bool {
    briefing.state() == BriefingState::Known
        && briefing.customer_id == id
        && briefing.respect.iter().any(|statement| statement.code == "PRECAUTION_ALLERGY")
}

pub fn is_briefing(customers: &Customers, number: u64, answer: Bytes) -> Result<bool, DecodeError> {
    let briefing = GetBriefingResponse::decode(answer)?.briefing.unwrap_or_default();
    Ok(is_about(&briefing, &customers.ids[customers.index(number)]))
}

/// The same, with a state for each line of its basket.
pub fn is_checked(customers: &Customers, number: u64, answer: Bytes) -> Result<bool, DecodeError> {
    let briefing = GetBriefingResponse::decode(answer)?.briefing.unwrap_or_default();
    let are_checked = briefing.line_checks.iter().all(|check| check.state() != LineState::Unspecified);
    Ok(is_about(&briefing, &customers.ids[customers.index(number)])
        && are_checked
        && briefing.line_checks.len() == menu::LINES)
}

pub fn is_lookup(customers: &Customers, number: u64, answer: Bytes) -> Result<bool, DecodeError> {
    let results = LookupBriefingsResponse::decode(answer)?.results;
    let are_right = results.iter().zip(customers.several(number, BATCH)).all(|(result, id)| match &result.result {
        Some(briefing_result::Result::Briefing(briefing)) => is_about(briefing, &id),
        Some(briefing_result::Result::Error(_)) | None => false,
    });
    Ok(are_right && results.len() as u64 == BATCH)
}

pub fn is_receipt(customers: &Customers, number: u64, answer: Bytes) -> Result<bool, DecodeError> {
    let receipt = RecordEvidenceResponse::decode(answer)?.receipt.unwrap_or_default();
    Ok(receipt.customer_id == customers.ids[customers.index(number)])
}

pub fn are_recorded(answer: Bytes, count: u64) -> Result<bool, DecodeError> {
    let results = RecordInteractionsResponse::decode(answer)?.results;
    Ok(results.len() as u64 == count && results.iter().all(|result| result.outcome() == RecordOutcome::Recorded))
}
