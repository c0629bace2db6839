//! BriefingService.

use tonic::{Request, Response, Status, async_trait};

use super::{
    Gate,
    convert::{self, Parsed, briefing as wire, relationship},
    status::{item_error, status},
};
use crate::{
    domain::{VenueId, limits::LOOKUP_SUBJECTS_MAX, policy::Venue},
    proto::{
        BriefingResult, GetBriefingRequest, GetBriefingResponse, GetRelationshipRequest, GetRelationshipResponse,
        LookupBriefingsRequest, LookupBriefingsResponse, Withheld, briefing_result,
        briefing_service_server::BriefingService,
    },
    service::{
        Caller,
        briefing::{Ask, Subject},
        error::Error,
    },
};

fn venue<'a>(caller: &'a Caller, raw: &str) -> Parsed<&'a Venue> {
    caller.venue("venue_id", &VenueId::parse("venue_id", raw)?)
}

/// GetBriefing's request, parsed but for the basket, which the question borrows.
fn asked<'a>(
    caller: &'a Caller,
    request: GetBriefingRequest,
    basket: &'a mut Vec<String>,
) -> Parsed<(Subject, Ask<'a>, String)> {
    let GetBriefingRequest { subject, venue_id, at, basket_items, purpose, sections, revision_token } = request;
    let venue = venue(caller, &venue_id)?;
    *basket = wire::basket(basket_items)?;
    let subject = wire::subject(caller, "subject", subject, venue)?;
    let ask = Ask {
        venue,
        at: convert::time("at", at)?,
        purpose: convert::purpose("purpose", purpose)?,
        mask: wire::mask(&sections)?,
        basket,
    };
    Ok((subject, ask, revision_token))
}

/// LookupBriefings' request: what is wrong with one subject is wrong with that one alone.
fn asked_many(caller: &Caller, request: LookupBriefingsRequest) -> Parsed<(Vec<Parsed<Subject>>, Ask<'_>)> {
    let LookupBriefingsRequest { subjects, venue_id, at, purpose, sections } = request;
    convert::count("subjects", subjects.len(), 1..=LOOKUP_SUBJECTS_MAX)?;
    let venue = venue(caller, &venue_id)?;
    let parse = |(index, raw)| wire::subject(caller, &format!("subjects[{index}]"), Some(raw), venue);
    let subjects = subjects.into_iter().enumerate().map(parse).collect();
    let ask = Ask {
        venue,
        at: convert::time("at", at)?,
        purpose: convert::purpose("purpose", purpose)?,
        mask: wire::mask(&sections)?,
        basket: &[],
    };
    Ok((subjects, ask))
}

#[async_trait]
impl BriefingService for Gate {
    async fn get_briefing(
        &self,
        request: Request<GetBriefingRequest>,
    ) -> Result<Response<GetBriefingResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let mut basket = Vec::new();
        let (subject, ask, token) = asked(&caller, request.into_inner(), &mut basket).map_err(status)?;
        let as_of = ask.at.unwrap_or(caller.now);
        let written = self.rapport.brief(&caller, &subject, &ask, &token, |answer| wire::write(&caller, answer)).await;
        let written = wire::written(written.map_err(status)?, as_of);
        Ok(Response::new(GetBriefingResponse { briefing: None, written: Some(written) }))
    }

    async fn lookup_briefings(
        &self,
        request: Request<LookupBriefingsRequest>,
    ) -> Result<Response<LookupBriefingsResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let (subjects, ask) = asked_many(&caller, request.into_inner()).map_err(status)?;
        let as_of = ask.at.unwrap_or(caller.now);
        let write = |answer| wire::write(&caller, answer);
        let known: Vec<Subject> = subjects.iter().filter_map(|parsed| parsed.as_ref().ok().cloned()).collect();
        let answers = self.rapport.brief_many(&caller, &known, &ask, write).await.map_err(status)?;
        let mut answers = answers.into_iter();
        let answer = |parsed: Parsed<Subject>| {
            parsed.map_err(Error::from).and_then(|_| answers.next().ok_or(Error::Internal)?)
        };
        let result = |answer| match answer {
            Ok(briefing) => BriefingResult { result: None, written: Some(wire::written(briefing, as_of)) },
            Err(error) => {
                BriefingResult { result: Some(briefing_result::Result::Error(item_error(error))), written: None }
            }
        };
        Ok(Response::new(LookupBriefingsResponse { results: subjects.into_iter().map(answer).map(result).collect() }))
    }

    async fn get_relationship(
        &self,
        request: Request<GetRelationshipRequest>,
    ) -> Result<Response<GetRelationshipResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let GetRelationshipRequest { customer_id, purpose } = request.into_inner();
        let customer = convert::customer_id(&customer_id).map_err(status)?;
        let purpose = convert::purpose("purpose", purpose).map_err(status)?;
        let found = self.rapport.relationship(&caller, customer, purpose).await.map_err(status)?;
        let hidden = || Withheld { what: "values".to_owned(), reason: "ROLE".to_owned() };
        Ok(Response::new(GetRelationshipResponse {
            withheld: found.values.is_none().then(hidden).into_iter().collect(),
            relationship: Some(relationship::relationship_out(found.relationship)),
            values: found.values.unwrap_or_default().into_iter().map(relationship::value_out).collect(),
        }))
    }
}
