//! GestureService.

use tonic::{Request, Response, Status, async_trait};

use super::{
    Gate,
    changing::{answer, change, edit},
    convert::{self, Parsed, gesture as wire},
    status::status,
};
use crate::{
    domain::{Change, id::PartId},
    proto::{gesture_service_server::GestureService, *},
    service::{
        Caller,
        gestures::{Ask, Give},
        profile::Edit,
    },
};

fn to_give(caller: &Caller, message: GiveGestureRequest) -> Parsed<(Edit, Give)> {
    let edit = edit("GiveGestureRequest", &message.customer_id, &message.request_id, &message.etag, &message)?;
    Ok((edit, wire::give(caller, message)?))
}

fn to_approve(message: &ApproveGestureRequest) -> Parsed<(Edit, PartId)> {
    let ApproveGestureRequest { customer_id, request_id, etag, gesture_id } = message;
    let edit = edit("ApproveGestureRequest", customer_id, request_id, etag, message)?;
    Ok((edit, wire::gesture_id(gesture_id)?))
}

fn to_cancel(message: &CancelGestureRequest) -> Parsed<(Edit, PartId, String)> {
    let CancelGestureRequest { customer_id, request_id, etag, gesture_id, reason } = message;
    let edit = edit("CancelGestureRequest", customer_id, request_id, etag, message)?;
    Ok((edit, wire::gesture_id(gesture_id)?, convert::reason(reason)?))
}

fn to_ask<'a>(caller: &'a Caller, message: &SuggestGesturesRequest) -> Parsed<Ask<'a>> {
    let SuggestGesturesRequest { customer_id, venue_id, issue_id, limit, include_vetoed } = message;
    Ok(Ask {
        customer: convert::customer_id(customer_id)?,
        venue: wire::at_venue(caller, venue_id)?,
        issue: wire::issue_id(issue_id)?,
        limit: wire::limit(*limit)?,
        include_vetoed: *include_vetoed,
    })
}

#[async_trait]
impl GestureService for Gate {
    async fn suggest_gestures(
        &self,
        request: Request<SuggestGesturesRequest>,
    ) -> Result<Response<SuggestGesturesResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let ask = to_ask(&caller, request.get_ref()).map_err(status)?;
        let gestures = self.rapport.suggest_gestures(&caller, &ask, wire::suggested_out).await.map_err(status)?;
        Ok(Response::new(SuggestGesturesResponse { gestures }))
    }

    async fn give_gesture(
        &self,
        request: Request<GiveGestureRequest>,
    ) -> Result<Response<GiveGestureResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let (edit, give) = to_give(&caller, request.into_inner()).map_err(status)?;
        let given = self.rapport.writes().give_gesture(&caller, edit, give).await.map_err(status)?;
        let (state, approving_role_ids) = (wire::given_state(given.proposed), wire::role_ids(&given.approving));
        Ok(answer(&caller, given.receipt, |receipt| GiveGestureResponse { receipt, state, approving_role_ids }))
    }

    async fn approve_gesture(
        &self,
        request: Request<ApproveGestureRequest>,
    ) -> Result<Response<ApproveGestureResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let (edit, id) = to_approve(request.get_ref()).map_err(status)?;
        let receipt = self.rapport.writes().approve_gesture(&caller, edit, id).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| ApproveGestureResponse { receipt }))
    }

    async fn cancel_gesture(
        &self,
        request: Request<CancelGestureRequest>,
    ) -> Result<Response<CancelGestureResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let (edit, id, reason) = to_cancel(request.get_ref()).map_err(status)?;
        let receipt = self.rapport.writes().cancel_gesture(&caller, edit, id, reason).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| CancelGestureResponse { receipt }))
    }

    async fn record_gesture_outcome(
        &self,
        request: Request<RecordGestureOutcomeRequest>,
    ) -> Result<Response<RecordGestureOutcomeResponse>, Status> {
        change!(
            self,
            request,
            RecordGestureOutcomeRequest { gesture_id, outcome },
            RecordGestureOutcomeResponse,
            |caller| {
                let id = wire::gesture_id(&gesture_id)?;
                vec![Change::GestureOutcomeRecorded { id, outcome: wire::outcome("outcome", outcome)? }]
            }
        )
    }

    async fn list_gestures(
        &self,
        request: Request<ListGesturesRequest>,
    ) -> Result<Response<ListGesturesResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let ListGesturesRequest { customer_id, purpose } = request.into_inner();
        let customer = convert::customer_id(&customer_id).map_err(status)?;
        let purpose = convert::purpose("purpose", purpose).map_err(status)?;
        let gifts = self.rapport.gestures(&caller, customer, purpose).await.map_err(status)?;
        Ok(Response::new(ListGesturesResponse {
            gestures: gifts.gestures.into_iter().map(wire::gesture_out).collect(),
            ledger: gifts.ledger.into_iter().map(wire::ledger_out).collect(),
        }))
    }
}
