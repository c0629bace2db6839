//! The gate: who calls, for which tenant.
//!
//! Until there are credentials, device, staff and role are asserted in metadata, and the tenant is the configured one.
//! That is accepted on loopback only, or where the operator said so.

use std::sync::Arc;

use tonic::{Status, metadata::MetadataMap};

use super::status::{Fault, status};
use crate::{
    domain::{TenantId, card, id},
    service::{
        Caller, Rapport,
        principal::{Principal, Proof},
    },
};

/// Who calls, when nothing is asserted.
const DEVICE_UNKNOWN: &str = "unknown-device";
const ROLE_UNKNOWN: &str = "staff";

/// Lets callers in.
#[derive(Clone)]
pub struct Gate {
    pub rapport: Arc<Rapport>,
    pub tenant: TenantId,
}

impl Gate {
    /// The caller behind a request's metadata.
    pub(super) async fn enter(&self, metadata: &MetadataMap) -> Result<Caller, Status> {
        let principal = self.principal(metadata).map_err(status)?;
        self.rapport.enter(principal).await.map_err(|error| status(Fault::Service(error)))
    }

    fn principal(&self, metadata: &MetadataMap) -> Result<Principal, Fault> {
        if metadata.get("rapport-tenant").is_some_and(|tenant| tenant != self.tenant.as_str()) {
            return Err(Fault::TenantMismatch);
        }
        Ok(Principal {
            tenant: self.tenant.clone(),
            device: name(metadata, "rapport-device")?.unwrap_or_else(|| DEVICE_UNKNOWN.to_owned()),
            staff: name(metadata, "rapport-staff")?.unwrap_or_default(),
            role: name(metadata, "rapport-role")?.unwrap_or_else(|| ROLE_UNKNOWN.to_owned()),
            proof: Proof::Asserted,
        })
    }
}

/// A name out of metadata: 1 to 64 characters of letters, digits and `._-`.
fn name(metadata: &MetadataMap, key: &'static str) -> Result<Option<String>, Fault> {
    let Some(raw) = metadata.get(key) else {
        return Ok(None);
    };
    let fits = raw.to_str().ok().filter(|text| {
        (1..=id::NAME_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            // The name is written into what is recorded.
            && (text.len() < card::PAN_DIGITS_MIN || card::refuse([(key, *text)]).is_ok())
    });
    fits.map(|text| Some(text.to_owned())).ok_or(Fault::Metadata(key))
}
