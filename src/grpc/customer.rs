//! CustomerService.

use super::{
    call::{Answer, Call, change, change_request, missing, serve},
    convert::{self, Parsed, customer, customer_out, precaution, upcoming},
};
use crate::{
    domain::{
        Change, VenueId, Violation,
        identity::Identity as KnownIdentity,
        limits::{EVIDENCE_PER_REQUEST_MAX, LOOKUP_IDENTITIES_MAX, PRECAUTIONS_PER_REQUEST_MAX},
        precaution::PrecautionStatus,
    },
    proto::{customer_service_server::CustomerService, *},
    service::{
        lookup::{Match, Matches},
        tokens,
        upcoming::Page,
    },
    store::CustomerKey,
};

/// A preference id is 16 hex digits.
const PREFERENCE_ID_CHARS: usize = 16;

serve! {
    CustomerService {
        create_customer: CreateCustomerRequest => CreateCustomerResponse,
        get_customer: GetCustomerRequest => GetCustomerResponse,
        update_customer: UpdateCustomerRequest => UpdateCustomerResponse,
        erase_customer: EraseCustomerRequest => EraseCustomerResponse,
        list_customers: ListCustomersRequest => ListCustomersResponse,
        list_upcoming_occasions: ListUpcomingOccasionsRequest => ListUpcomingOccasionsResponse,
        lookup_customer: LookupCustomerRequest => LookupCustomerResponse,
        add_identity: AddIdentityRequest => AddIdentityResponse,
        remove_identity: RemoveIdentityRequest => RemoveIdentityResponse,
        record_evidence: RecordEvidenceRequest => RecordEvidenceResponse,
        remove_preference: RemovePreferenceRequest => RemovePreferenceResponse,
        add_precautions: AddPrecautionsRequest => AddPrecautionsResponse,
        review_precaution: ReviewPrecautionRequest => ReviewPrecautionResponse,
        record_precaution_inquiry: RecordPrecautionInquiryRequest => RecordPrecautionInquiryResponse,
        add_occasion: AddOccasionRequest => AddOccasionResponse,
        update_occasion: UpdateOccasionRequest => UpdateOccasionResponse,
        remove_occasion: RemoveOccasionRequest => RemoveOccasionResponse,
        mark_customer: MarkCustomerRequest => MarkCustomerResponse,
        record_consent: RecordConsentRequest => RecordConsentResponse,
    }
}

async fn create_customer(call: Call, message: CreateCustomerRequest) -> Answer<CreateCustomerResponse> {
    let request = convert::request("CreateCustomerRequest", &message.request_id, &message)?;
    let CreateCustomerRequest { customer: draft, request_id: _ } = message;
    let receipt = match customer::draft(&call.caller, "customer", draft.ok_or_else(|| missing("customer"))?) {
        Ok(new) => call.writes().create(&call.caller, request, new).await?,
        Err(refused) => call.rapport.readers().first_creation(&call.caller, &request).await?.ok_or(refused)?,
    };
    Ok(call.receipt(receipt, |receipt| CreateCustomerResponse { receipt }))
}

async fn get_customer(call: Call, message: GetCustomerRequest) -> Answer<GetCustomerResponse> {
    let GetCustomerRequest { customer_id, purpose, revision_token } = message;
    let customer = convert::customer_id(&customer_id)?;
    let purpose = convert::purpose("purpose", purpose)?;
    let current = call.rapport.readers().get(&call.caller, customer, &revision_token).await?;
    let customer = customer_out::customer_out(&call.caller, customer, current, purpose);
    Ok(GetCustomerResponse { customer: Some(customer) }.into())
}

async fn update_customer(call: Call, message: UpdateCustomerRequest) -> Answer<UpdateCustomerResponse> {
    let change = change_request!(UpdateCustomerRequest, message)?;
    let UpdateCustomerRequest { customer_id: _, request_id: _, etag: _, details, update_mask } = message;
    let details = details.unwrap_or_default();
    let says_kind = details.kind() != CustomerKind::Unspecified;
    let update = customer::details_mask(update_mask, says_kind, customer::details("details", details)?)?;
    let receipt = call.writes().change_details(&call.caller, change, update).await?;
    Ok(call.receipt(receipt, |receipt| UpdateCustomerResponse { receipt }))
}

async fn erase_customer(call: Call, message: EraseCustomerRequest) -> Answer<EraseCustomerResponse> {
    let EraseCustomerRequest { customer_id, request_id: _, etag, reason } = message;
    let customer = convert::customer_id(&customer_id)?;
    // Checked, not logged: the words may hold personal data.
    convert::reason(&reason)?;
    let answers = call.answers.clone();
    let forget = move |key: &CustomerKey| answers.forget(key);
    let copies_since = call.writes().erase(&call.caller, customer, tokens::parse_etag(&etag), forget).await?;
    tracing::info!(customer.id = %customer, principal = %call.caller.principal.author(), "customer erased");
    Ok(EraseCustomerResponse { key_copies_since_time: copies_since.map(convert::mirror::IntoWire::into_wire) }.into())
}

async fn list_customers(call: Call, message: ListCustomersRequest) -> Answer<ListCustomersResponse> {
    let ListCustomersRequest { page_size, page_token, purpose } = message;
    let purpose = convert::purpose_or_service("purpose", purpose, "ListCustomers")?;
    let size = convert::page_size(page_size)?;
    let (page, next_page_token) = call.rapport.readers().list(&call.caller, size, &page_token, purpose).await?;
    let customer_ids = page.iter().map(ToString::to_string).collect();
    Ok(ListCustomersResponse { customer_ids, next_page_token }.into())
}

async fn list_upcoming_occasions(
    call: Call,
    message: ListUpcomingOccasionsRequest,
) -> Answer<ListUpcomingOccasionsResponse> {
    let (asked, tokens) = upcoming::asked(&call.caller, message)?;
    let listed = call.rapport.readers().list_upcoming_occasions(&call.caller, asked, &tokens).await?;
    let today = asked.venue.local(call.caller.now).date;
    let Page { occasions, next_page_token, is_incomplete: incomplete } = listed;
    let occasions = occasions.into_iter().map(|one| upcoming::upcoming_out(one, today, asked.purpose)).collect();
    Ok(ListUpcomingOccasionsResponse { occasions, next_page_token, incomplete }.into())
}

async fn lookup_customer(call: Call, message: LookupCustomerRequest) -> Answer<LookupCustomerResponse> {
    let purpose = convert::purpose("purpose", message.purpose)?;
    let identities = sought(&call, message)?;
    let Matches { matches, withheld } = call.rapport.readers().lookup(&call.caller, &identities, purpose).await?;
    let one = |found: Match| IdentityMatch {
        customer_id: found.customer.to_string(),
        matched: found.matched.iter().map(customer_out::identity_out).collect(),
    };
    Ok(LookupCustomerResponse {
        matches: matches.into_iter().map(one).collect(),
        withheld: withheld.map(customer_out::withheld_matches).into_iter().collect(),
    }
    .into())
}

fn sought(call: &Call, message: LookupCustomerRequest) -> Parsed<Vec<KnownIdentity>> {
    let LookupCustomerRequest { identities, venue_id, purpose: _ } = message;
    convert::count("identities", identities.len(), 1..=LOOKUP_IDENTITIES_MAX)?;
    let venue = if venue_id.is_empty() {
        None
    } else {
        Some(call.caller.venue("venue_id", &VenueId::parse("venue_id", &venue_id)?)?)
    };
    let parse = |(index, raw)| customer::identity(&call.caller, &format!("identities[{index}]"), raw, venue);
    identities.iter().enumerate().map(parse).collect()
}

async fn add_identity(call: Call, message: AddIdentityRequest) -> Answer<AddIdentityResponse> {
    let change = change_request!(AddIdentityRequest, message)?;
    let AddIdentityRequest { customer_id: _, request_id: _, etag: _, identity } = message;
    let receipt = match customer::wanted(&call.caller, "identity", &identity.ok_or_else(|| missing("identity"))?) {
        Ok(wanted) => call.writes().add_identity(&call.caller, change, wanted).await?,
        Err(refused) => call.receipt_or(&change, refused).await?,
    };
    Ok(call.receipt(receipt, |receipt| AddIdentityResponse { receipt }))
}

async fn remove_identity(call: Call, message: RemoveIdentityRequest) -> Answer<RemoveIdentityResponse> {
    let change = change_request!(RemoveIdentityRequest, message)?;
    let RemoveIdentityRequest { customer_id: _, request_id: _, etag: _, identity } = message;
    let identity = identity.ok_or_else(|| missing("identity"))?;
    let receipt = match customer::own_identity(&call.caller, "identity", &identity, None) {
        Ok(identity) => call.writes().remove_identity(&call.caller, change, identity).await?,
        Err(refused) => call.receipt_or(&change, refused).await?,
    };
    Ok(call.receipt(receipt, |receipt| RemoveIdentityResponse { receipt }))
}

change! {
    record_evidence(call, RecordEvidenceRequest { evidence }) -> RecordEvidenceResponse {
        convert::count("evidence", evidence.len(), 1..=EVIDENCE_PER_REQUEST_MAX)?;
        let parse = |(index, raw)| {
            customer::evidence(&call.caller, &format!("evidence[{index}]"), raw).map(Change::EvidenceRecorded)
        };
        evidence.into_iter().enumerate().map(parse).collect::<Parsed<_>>()?
    }
}

change! {
    remove_preference(call, RemovePreferenceRequest { preference_id }) -> RemovePreferenceResponse {
        let fits = preference_id.len() == PREFERENCE_ID_CHARS
            && preference_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !fits {
            return Err(Violation::new("preference_id", "must be a preference id as GetCustomer gives it"));
        }
        vec![Change::PreferenceRemoved(preference_id)]
    }
}

change! {
    add_precautions(call, AddPrecautionsRequest { precautions }) -> AddPrecautionsResponse {
        convert::count("precautions", precautions.len(), 1..=PRECAUTIONS_PER_REQUEST_MAX)?;
        precaution::precautions(&call.caller, "precautions", precautions)?.into_iter().map(Change::PrecautionAdded).collect()
    }
}

change! {
    review_precaution(call, ReviewPrecautionRequest { precaution_id, status, reason }) -> ReviewPrecautionResponse {
        let status = precaution::precaution_status("status", status)?;
        let reason = match status {
            PrecautionStatus::Unconfirmed => {
                return Err(Violation::new("status", "must not be UNCONFIRMED: a review decides"));
            }
            PrecautionStatus::Confirmed if reason.is_empty() => String::new(),
            _ => convert::reason(&reason)?,
        };
        vec![Change::PrecautionReviewed { id: customer::part_id("precaution_id", 'p', &precaution_id)?, status, reason }]
    }
}

change! {
    record_precaution_inquiry(call, RecordPrecautionInquiryRequest { ask_time }) -> RecordPrecautionInquiryResponse {
        vec![Change::PrecautionsAsked(convert::past_time("ask_time", ask_time, call.caller.now)?)]
    }
}

change! {
    add_occasion(call, AddOccasionRequest { occasion }) -> AddOccasionResponse {
        vec![Change::OccasionAdded(customer::occasion(&call.caller, "occasion", occasion.ok_or_else(|| missing("occasion"))?)?)]
    }
}

change! {
    update_occasion(call, UpdateOccasionRequest { occasion_id, occasion }) -> UpdateOccasionResponse {
        let occasion = customer::occasion(&call.caller, "occasion", occasion.ok_or_else(|| missing("occasion"))?)?;
        vec![Change::OccasionReplaced { id: customer::part_id("occasion_id", 'o', &occasion_id)?, occasion }]
    }
}

change! {
    remove_occasion(call, RemoveOccasionRequest { occasion_id }) -> RemoveOccasionResponse {
        vec![Change::OccasionRemoved(customer::part_id("occasion_id", 'o', &occasion_id)?)]
    }
}

async fn mark_customer(call: Call, message: MarkCustomerRequest) -> Answer<MarkCustomerResponse> {
    let change = change_request!(MarkCustomerRequest, message)?;
    let MarkCustomerRequest { customer_id: _, request_id: _, etag: _, mark, of_whom, reason } = message;
    let receipt = match convert::mark::change(&call.caller, mark, of_whom, reason) {
        Ok(mark) => call.writes().mark(&call.caller, change, mark).await?,
        Err(refused) => call.receipt_or(&change, refused).await?,
    };
    Ok(call.receipt(receipt, |receipt| MarkCustomerResponse { receipt }))
}

change! {
    record_consent(call, RecordConsentRequest { consent }) -> RecordConsentResponse {
        let consent = customer::consent(&call.caller, "consent", consent.ok_or_else(|| missing("consent"))?)?;
        vec![Change::ConsentRecorded(consent)]
    }
}
