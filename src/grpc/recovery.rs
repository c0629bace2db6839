//! RecoveryService.

use tonic::{Request, Response, Status, async_trait};

use super::{
    Gate,
    changing::{answer, change, edit, missing},
    convert::{self, Parsed, customer::part_id, recovery as wire},
    status::status,
};
use crate::{
    domain::{Change, Timestamp, id::PartId},
    proto::{recovery_service_server::RecoveryService, *},
    service::{Caller, profile::Edit},
};

/// A resolution, taken apart.
struct Resolved {
    edit: Edit,
    id: PartId,
    resolution: String,
    due: Option<Timestamp>,
}

fn resolved(caller: &Caller, message: ResolveIssueRequest) -> Parsed<Resolved> {
    let edit = edit("ResolveIssueRequest", &message.customer_id, &message.request_id, &message.etag, &message)?;
    let ResolveIssueRequest { customer_id: _, request_id: _, etag: _, issue_id, resolution, follow_up_due_time } =
        message;
    Ok(Resolved {
        edit,
        id: part_id("issue_id", 'i', &issue_id)?,
        resolution: convert::words("resolution", &resolution)?,
        due: wire::due(caller, "follow_up_due_time", follow_up_due_time)?,
    })
}

#[async_trait]
impl RecoveryService for Gate {
    async fn open_issue(&self, request: Request<OpenIssueRequest>) -> Result<Response<OpenIssueResponse>, Status> {
        change!(self, request, OpenIssueRequest { issue }, OpenIssueResponse, |caller| {
            vec![Change::IssueOpened(wire::issue(&caller, "issue", issue.ok_or_else(|| missing("issue"))?)?)]
        })
    }

    async fn assign_issue(
        &self,
        request: Request<AssignIssueRequest>,
    ) -> Result<Response<AssignIssueResponse>, Status> {
        change!(self, request, AssignIssueRequest { issue_id, owner }, AssignIssueResponse, |caller| {
            let id = part_id("issue_id", 'i', &issue_id)?;
            vec![Change::IssueAssigned { id, owner: wire::owner("owner", &owner)? }]
        })
    }

    async fn resolve_issue(
        &self,
        request: Request<ResolveIssueRequest>,
    ) -> Result<Response<ResolveIssueResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let Resolved { edit, id, resolution, due } = resolved(&caller, request.into_inner()).map_err(status)?;
        let receipt = self.rapport.writes().resolve_issue(&caller, edit, id, resolution, due).await;
        Ok(answer(&caller, receipt.map_err(status)?, |receipt| ResolveIssueResponse { receipt }))
    }

    async fn reopen_issue(
        &self,
        request: Request<ReopenIssueRequest>,
    ) -> Result<Response<ReopenIssueResponse>, Status> {
        change!(self, request, ReopenIssueRequest { issue_id, reason }, ReopenIssueResponse, |caller| {
            let id = part_id("issue_id", 'i', &issue_id)?;
            vec![Change::IssueReopened { id, reason: convert::reason(&reason)? }]
        })
    }

    async fn promise_follow_up(
        &self,
        request: Request<PromiseFollowUpRequest>,
    ) -> Result<Response<PromiseFollowUpResponse>, Status> {
        change!(self, request, PromiseFollowUpRequest { follow_up }, PromiseFollowUpResponse, |caller| {
            let follow_up = follow_up.ok_or_else(|| missing("follow_up"))?;
            vec![Change::FollowUpPromised(wire::follow_up(&caller, "follow_up", follow_up)?)]
        })
    }

    async fn list_follow_ups(
        &self,
        request: Request<ListFollowUpsRequest>,
    ) -> Result<Response<ListFollowUpsResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let ListFollowUpsRequest { venue_id, filter, page_size, page_token } = request.into_inner();
        let venue = wire::venue(&caller, "venue_id", &venue_id).map_err(status)?;
        let filter = wire::filter(filter).map_err(status)?;
        let size = convert::page_size(page_size).map_err(status)?;
        let listed = self.rapport.list_follow_ups(&caller, venue, filter, size, &page_token).await;
        let (owed, next_page_token) = listed.map_err(status)?;
        let follow_ups = owed.into_iter().map(|owed| wire::owed_out(owed, venue, caller.now)).collect();
        Ok(Response::new(ListFollowUpsResponse { follow_ups, next_page_token }))
    }

    async fn complete_follow_up(
        &self,
        request: Request<CompleteFollowUpRequest>,
    ) -> Result<Response<CompleteFollowUpResponse>, Status> {
        change!(
            self,
            request,
            CompleteFollowUpRequest { follow_up_id, state, rating },
            CompleteFollowUpResponse,
            |caller| {
                let id = part_id("follow_up_id", 'f', &follow_up_id)?;
                vec![Change::FollowUpCompleted { id, kept: wire::kept(state)?, rating: wire::rating(rating)? }]
            }
        )
    }

    async fn get_recovery(
        &self,
        request: Request<GetRecoveryRequest>,
    ) -> Result<Response<GetRecoveryResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let GetRecoveryRequest { customer_id, purpose } = request.into_inner();
        let customer = convert::customer_id(&customer_id).map_err(status)?;
        let purpose = convert::purpose("purpose", purpose).map_err(status)?;
        let found = self.rapport.recovery(&caller, customer, purpose).await.map_err(status)?;
        Ok(Response::new(GetRecoveryResponse {
            issues: found.issues.into_iter().map(wire::issue_out).collect(),
            follow_ups: found.follow_ups.into_iter().map(wire::follow_up_out).collect(),
        }))
    }
}
