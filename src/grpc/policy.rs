//! PolicyService.

use tonic::{Request, Response, Status, async_trait};

use super::{Gate, convert, status::status};
use crate::{
    domain::Violation,
    proto::{
        GetPolicyRequest, GetPolicyResponse, SetPolicyRequest, SetPolicyResponse, policy_service_server::PolicyService,
    },
    service::{error::Error, tokens},
};

#[async_trait]
impl PolicyService for Gate {
    async fn get_policy(&self, request: Request<GetPolicyRequest>) -> Result<Response<GetPolicyResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let GetPolicyRequest { version } = request.into_inner();
        let version = u64::try_from(version).map_err(|_| status(Violation::new("version", "must not be negative")))?;
        let found = self.rapport.policy(&caller, (version > 0).then_some(version)).await.map_err(status)?;
        Ok(Response::new(GetPolicyResponse { policy: Some(convert::policy::policy_out(found)) }))
    }

    async fn set_policy(&self, request: Request<SetPolicyRequest>) -> Result<Response<SetPolicyResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let SetPolicyRequest { policy } = request.into_inner();
        let policy = policy.ok_or_else(|| status(Violation::new("policy", "must be given")))?;
        let etag = tokens::parse_etag(&policy.etag);
        let policy = convert::policy::policy("policy", policy).map_err(|all| status(Error::Invalid(all)))?;
        let set = self.rapport.writes().set_policy(&caller, policy, etag).await.map_err(status)?;
        Ok(Response::new(SetPolicyResponse { policy: Some(convert::policy::policy_out(set)) }))
    }
}
