//! RecoveryService.

use super::{
    call::{Answer, Call, change, change_request, missing, serve},
    convert::{self, customer::part_id, recovery},
};
use crate::{
    domain::Change,
    proto::{recovery_service_server::RecoveryService, *},
};

serve! {
    RecoveryService {
        open_issue: OpenIssueRequest => OpenIssueResponse,
        assign_issue: AssignIssueRequest => AssignIssueResponse,
        resolve_issue: ResolveIssueRequest => ResolveIssueResponse,
        reopen_issue: ReopenIssueRequest => ReopenIssueResponse,
        promise_follow_up: PromiseFollowUpRequest => PromiseFollowUpResponse,
        list_follow_ups: ListFollowUpsRequest => ListFollowUpsResponse,
        complete_follow_up: CompleteFollowUpRequest => CompleteFollowUpResponse,
        get_recovery: GetRecoveryRequest => GetRecoveryResponse,
    }
}

change! {
    open_issue(call, OpenIssueRequest { issue }) -> OpenIssueResponse {
        vec![Change::IssueOpened(recovery::issue(&call.caller, "issue", issue.ok_or_else(|| missing("issue"))?)?)]
    }
}

change! {
    assign_issue(call, AssignIssueRequest { issue_id, owner }) -> AssignIssueResponse {
        let id = part_id("issue_id", 'i', &issue_id)?;
        vec![Change::IssueAssigned { id, owner: recovery::owner("owner", &owner)? }]
    }
}

async fn resolve_issue(call: Call, message: ResolveIssueRequest) -> Answer<ResolveIssueResponse> {
    let change = change_request!(ResolveIssueRequest, message)?;
    let ResolveIssueRequest { customer_id: _, request_id: _, etag: _, issue_id, resolution, follow_up_due_time } =
        message;
    let id = part_id("issue_id", 'i', &issue_id)?;
    let resolution = convert::words("resolution", &resolution)?;
    let receipt = match recovery::due(&call.caller, "follow_up_due_time", follow_up_due_time) {
        Ok(due) => call.writes().resolve_issue(&call.caller, change, id, resolution, due).await?,
        Err(refused) => call.receipt_or(&change, refused).await?,
    };
    Ok(call.receipt(receipt, |receipt| ResolveIssueResponse { receipt }))
}

change! {
    reopen_issue(call, ReopenIssueRequest { issue_id, reason }) -> ReopenIssueResponse {
        let id = part_id("issue_id", 'i', &issue_id)?;
        vec![Change::IssueReopened { id, reason: convert::reason(&reason)? }]
    }
}

change! {
    promise_follow_up(call, PromiseFollowUpRequest { follow_up }) -> PromiseFollowUpResponse {
        let follow_up = follow_up.ok_or_else(|| missing("follow_up"))?;
        vec![Change::FollowUpPromised(recovery::follow_up(&call.caller, "follow_up", follow_up)?)]
    }
}

async fn list_follow_ups(call: Call, message: ListFollowUpsRequest) -> Answer<ListFollowUpsResponse> {
    let ListFollowUpsRequest { venue_id, filter, page_size, page_token, purpose } = message;
    let purpose = convert::purpose_or_service("purpose", purpose, "ListFollowUps")?;
    let venue = recovery::venue(&call.caller, "venue_id", &venue_id)?;
    let filter = recovery::filter(filter)?;
    let size = convert::page_size(page_size)?;
    let listed = call.rapport.readers().list_follow_ups(&call.caller, venue, purpose, filter, size, &page_token).await;
    let (owed, next_page_token) = listed?;
    let follow_ups = owed.into_iter().map(|owed| recovery::owed_out(&call.caller, owed, venue)).collect();
    Ok(ListFollowUpsResponse { follow_ups, next_page_token }.into())
}

change! {
    complete_follow_up(call, CompleteFollowUpRequest { follow_up_id, state, rating }) -> CompleteFollowUpResponse {
        let id = part_id("follow_up_id", 'f', &follow_up_id)?;
        vec![Change::FollowUpCompleted { id, kept: recovery::kept(state)?, rating: recovery::rating(rating)? }]
    }
}

async fn get_recovery(call: Call, message: GetRecoveryRequest) -> Answer<GetRecoveryResponse> {
    let GetRecoveryRequest { customer_id, purpose } = message;
    let customer = convert::customer_id(&customer_id)?;
    let purpose = convert::purpose("purpose", purpose)?;
    let found = call.rapport.readers().recovery(&call.caller, customer, purpose).await?;
    Ok(GetRecoveryResponse {
        issues: found.issues.into_iter().map(recovery::issue_out).collect(),
        follow_ups: found.follow_ups.into_iter().map(|known| recovery::follow_up_out(&call.caller, known)).collect(),
    }
    .into())
}
