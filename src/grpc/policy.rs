//! PolicyService.

use super::{
    call::{Answer, Call, missing, serve},
    convert::policy,
};
use crate::{
    domain::Violation,
    proto::{
        GetPolicyRequest, GetPolicyResponse, SetPolicyRequest, SetPolicyResponse, policy_service_server::PolicyService,
    },
    service::{error::Error, tokens},
};

serve! {
    PolicyService {
        get_policy: GetPolicyRequest => GetPolicyResponse,
        set_policy: SetPolicyRequest => SetPolicyResponse,
    }
}

async fn get_policy(call: Call, message: GetPolicyRequest) -> Answer<GetPolicyResponse> {
    let GetPolicyRequest { version } = message;
    let version = u64::try_from(version).map_err(|_| Violation::new("version", "must not be negative"))?;
    let found = call.rapport.readers().policy(&call.caller, (version > 0).then_some(version)).await?;
    Ok(GetPolicyResponse { policy: Some(policy::policy_out(found)) }.into())
}

async fn set_policy(call: Call, message: SetPolicyRequest) -> Answer<SetPolicyResponse> {
    let SetPolicyRequest { policy: document } = message;
    let document = document.ok_or_else(|| missing("policy"))?;
    let etag = tokens::parse_etag(&document.etag);
    let parsed = policy::policy("policy", document).map_err(Error::Invalid)?;
    let set = call.writes().set_policy(&call.caller, parsed, etag).await?;
    Ok(SetPolicyResponse { policy: Some(policy::policy_out(set)) }.into())
}
