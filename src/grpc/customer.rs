//! CustomerService.

use tonic::{Request, Response, Status, async_trait};

use super::{
    Gate,
    changing::{answer, change, edit, missing},
    convert::{self, Parsed, customer as wire, customer_out},
    status::status,
};
use crate::{
    domain::{
        Change, VenueId, Violation,
        limits::{EVIDENCE_PER_REQUEST_MAX, LOOKUP_IDENTITIES_MAX, PRECAUTIONS_PER_REQUEST_MAX},
        precaution::PrecautionStatus,
    },
    proto::{customer_service_server::CustomerService, *},
    service::{Request as Known, tokens},
};

/// A preference id is 16 hex digits.
const PREFERENCE_ID_CHARS: usize = 16;

#[async_trait]
impl CustomerService for Gate {
    async fn create_customer(
        &self,
        request: Request<CreateCustomerRequest>,
    ) -> Result<Response<CreateCustomerResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let message = request.into_inner();
        let known: Known = convert::request("CreateCustomerRequest", &message.request_id, &message).map_err(status)?;
        let CreateCustomerRequest { customer, request_id: _ } = message;
        let draft = customer.ok_or_else(|| status(missing("customer")))?;
        let new = wire::draft(&caller, "customer", draft).map_err(status)?;
        let receipt = self.rapport.writes().create(&caller, known, new).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| CreateCustomerResponse { receipt }))
    }

    async fn get_customer(
        &self,
        request: Request<GetCustomerRequest>,
    ) -> Result<Response<GetCustomerResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let GetCustomerRequest { customer_id, purpose, revision_token } = request.into_inner();
        let customer = convert::customer_id(&customer_id).map_err(status)?;
        let purpose = convert::purpose("purpose", purpose).map_err(status)?;
        let current = self.rapport.get(&caller, customer, &revision_token).await.map_err(status)?;
        let customer = customer_out::customer_out(&caller, customer, current, purpose);
        Ok(Response::new(GetCustomerResponse { customer: Some(customer) }))
    }

    async fn update_customer(
        &self,
        request: Request<UpdateCustomerRequest>,
    ) -> Result<Response<UpdateCustomerResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let message = request.into_inner();
        let edit = edit("UpdateCustomerRequest", &message.customer_id, &message.request_id, &message.etag, &message)
            .map_err(status)?;
        let UpdateCustomerRequest { customer_id: _, request_id: _, etag: _, details, update_mask } = message;
        let details = wire::details("details", details.unwrap_or_default()).map_err(status)?;
        let update = wire::details_mask(update_mask, details).map_err(status)?;
        let receipt = self.rapport.writes().change_details(&caller, edit, update).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| UpdateCustomerResponse { receipt }))
    }

    async fn erase_customer(
        &self,
        request: Request<EraseCustomerRequest>,
    ) -> Result<Response<EraseCustomerResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let EraseCustomerRequest { customer_id, request_id: _, etag, reason } = request.into_inner();
        let customer = convert::customer_id(&customer_id).map_err(status)?;
        // Checked, not logged: the words may hold personal data.
        convert::reason(&reason).map_err(status)?;
        self.rapport.writes().erase(&caller, customer, tokens::parse_etag(&etag)).await.map_err(status)?;
        tracing::info!(customer.id = %customer, principal = %caller.principal.author(), "customer erased");
        Ok(Response::new(EraseCustomerResponse {}))
    }

    async fn list_customers(
        &self,
        request: Request<ListCustomersRequest>,
    ) -> Result<Response<ListCustomersResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let ListCustomersRequest { page_size, page_token } = request.into_inner();
        let size = convert::page_size(page_size).map_err(status)?;
        let (page, next_page_token) = self.rapport.list(&caller, size, &page_token).await.map_err(status)?;
        let customer_ids = page.iter().map(ToString::to_string).collect();
        Ok(Response::new(ListCustomersResponse { customer_ids, next_page_token }))
    }

    async fn lookup_customer(
        &self,
        request: Request<LookupCustomerRequest>,
    ) -> Result<Response<LookupCustomerResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let LookupCustomerRequest { identities, venue_id, purpose } = request.into_inner();
        convert::purpose("purpose", purpose).map_err(status)?;
        convert::count("identities", identities.len(), 1..=LOOKUP_IDENTITIES_MAX).map_err(status)?;
        let venue = if venue_id.is_empty() {
            None
        } else {
            let id = VenueId::parse("venue_id", &venue_id).map_err(status)?;
            Some(caller.venue("venue_id", &id).map_err(status)?)
        };
        let mut parsed = Vec::with_capacity(identities.len());
        for (place, raw) in identities.iter().enumerate() {
            parsed.push(wire::identity(&caller, &format!("identities[{place}]"), raw, venue).map_err(status)?);
        }
        let matches = self.rapport.lookup(&caller, &parsed).await.map_err(status)?;
        let one = |found: crate::service::lookup::Match| IdentityMatch {
            customer_id: found.customer.to_string(),
            matched: found.matched.iter().map(customer_out::identity_out).collect(),
        };
        Ok(Response::new(LookupCustomerResponse { matches: matches.into_iter().map(one).collect() }))
    }

    async fn add_identity(
        &self,
        request: Request<AddIdentityRequest>,
    ) -> Result<Response<AddIdentityResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let message = request.into_inner();
        let edit = edit("AddIdentityRequest", &message.customer_id, &message.request_id, &message.etag, &message)
            .map_err(status)?;
        let AddIdentityRequest { customer_id: _, request_id: _, etag: _, identity } = message;
        let identity = identity.ok_or_else(|| status(missing("identity")))?;
        let wanted = wire::wanted(&caller, "identity", &identity).map_err(status)?;
        let receipt = self.rapport.writes().add_identity(&caller, edit, wanted).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| AddIdentityResponse { receipt }))
    }

    async fn remove_identity(
        &self,
        request: Request<RemoveIdentityRequest>,
    ) -> Result<Response<RemoveIdentityResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let message = request.into_inner();
        let edit = edit("RemoveIdentityRequest", &message.customer_id, &message.request_id, &message.etag, &message)
            .map_err(status)?;
        let RemoveIdentityRequest { customer_id: _, request_id: _, etag: _, identity } = message;
        let identity = identity.ok_or_else(|| status(missing("identity")))?;
        let identity = wire::own_identity(&caller, "identity", &identity, None).map_err(status)?;
        let receipt = self.rapport.writes().remove_identity(&caller, edit, identity).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| RemoveIdentityResponse { receipt }))
    }

    async fn record_evidence(
        &self,
        request: Request<RecordEvidenceRequest>,
    ) -> Result<Response<RecordEvidenceResponse>, Status> {
        change!(self, request, RecordEvidenceRequest { evidence }, RecordEvidenceResponse, |caller| {
            convert::count("evidence", evidence.len(), 1..=EVIDENCE_PER_REQUEST_MAX)?;
            let parse = |(place, raw)| {
                wire::evidence(&caller, &format!("evidence[{place}]"), raw).map(Change::EvidenceRecorded)
            };
            evidence.into_iter().enumerate().map(parse).collect::<Parsed<Vec<Change>>>()?
        })
    }

    async fn remove_preference(
        &self,
        request: Request<RemovePreferenceRequest>,
    ) -> Result<Response<RemovePreferenceResponse>, Status> {
        change!(self, request, RemovePreferenceRequest { preference_id }, RemovePreferenceResponse, |caller| {
            let fits = preference_id.len() == PREFERENCE_ID_CHARS
                && preference_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if !fits {
                return Err(Violation::new("preference_id", "must be a preference id as GetCustomer gives it"));
            }
            vec![Change::PreferenceRemoved(preference_id)]
        })
    }

    async fn add_precautions(
        &self,
        request: Request<AddPrecautionsRequest>,
    ) -> Result<Response<AddPrecautionsResponse>, Status> {
        change!(self, request, AddPrecautionsRequest { precautions }, AddPrecautionsResponse, |caller| {
            convert::count("precautions", precautions.len(), 1..=PRECAUTIONS_PER_REQUEST_MAX)?;
            wire::precautions("precautions", precautions)?.into_iter().map(Change::PrecautionAdded).collect()
        })
    }

    async fn review_precaution(
        &self,
        request: Request<ReviewPrecautionRequest>,
    ) -> Result<Response<ReviewPrecautionResponse>, Status> {
        change!(
            self,
            request,
            ReviewPrecautionRequest { precaution_id, status, reason },
            ReviewPrecautionResponse,
            |caller| {
                let status = wire::precaution_status("status", status)?;
                let reason = match status {
                    PrecautionStatus::Unconfirmed => {
                        return Err(Violation::new("status", "must not be UNCONFIRMED: a review decides"));
                    }
                    PrecautionStatus::Confirmed if reason.is_empty() => String::new(),
                    _ => convert::reason(&reason)?,
                };
                vec![Change::PrecautionReviewed {
                    id: wire::part_id("precaution_id", 'p', &precaution_id)?,
                    status,
                    reason,
                }]
            }
        )
    }

    async fn record_precaution_inquiry(
        &self,
        request: Request<RecordPrecautionInquiryRequest>,
    ) -> Result<Response<RecordPrecautionInquiryResponse>, Status> {
        change!(self, request, RecordPrecautionInquiryRequest { ask_time }, RecordPrecautionInquiryResponse, |caller| {
            vec![Change::PrecautionsAsked(convert::past_time("ask_time", ask_time, caller.now)?)]
        })
    }

    async fn add_occasion(
        &self,
        request: Request<AddOccasionRequest>,
    ) -> Result<Response<AddOccasionResponse>, Status> {
        change!(self, request, AddOccasionRequest { occasion }, AddOccasionResponse, |caller| {
            vec![Change::OccasionAdded(wire::occasion("occasion", occasion.ok_or_else(|| missing("occasion"))?)?)]
        })
    }

    async fn update_occasion(
        &self,
        request: Request<UpdateOccasionRequest>,
    ) -> Result<Response<UpdateOccasionResponse>, Status> {
        change!(self, request, UpdateOccasionRequest { occasion_id, occasion }, UpdateOccasionResponse, |caller| {
            let occasion = wire::occasion("occasion", occasion.ok_or_else(|| missing("occasion"))?)?;
            vec![Change::OccasionReplaced { id: wire::part_id("occasion_id", 'o', &occasion_id)?, occasion }]
        })
    }

    async fn remove_occasion(
        &self,
        request: Request<RemoveOccasionRequest>,
    ) -> Result<Response<RemoveOccasionResponse>, Status> {
        change!(self, request, RemoveOccasionRequest { occasion_id }, RemoveOccasionResponse, |caller| {
            vec![Change::OccasionRemoved(wire::part_id("occasion_id", 'o', &occasion_id)?)]
        })
    }

    async fn record_consent(
        &self,
        request: Request<RecordConsentRequest>,
    ) -> Result<Response<RecordConsentResponse>, Status> {
        change!(self, request, RecordConsentRequest { consent }, RecordConsentResponse, |caller| {
            let consent = wire::consent(&caller, "consent", consent.ok_or_else(|| missing("consent"))?)?;
            vec![Change::ConsentRecorded(consent)]
        })
    }
}
