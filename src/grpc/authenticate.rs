//! Who calls, and for which tenant.

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use tonic::transport::server::TcpConnectInfo;

use super::{accept::network, status::CallError};
use crate::{
    domain::{TenantId, card, id},
    service::principal::{DEVICE_UNKNOWN, Principal, Proof},
};

/// Who calls, when nothing is asserted.
const ROLE_UNKNOWN: &str = "staff";

static TENANT: HeaderName = HeaderName::from_static("rapport-tenant");
static DEVICE: HeaderName = HeaderName::from_static("rapport-device");
static STAFF: HeaderName = HeaderName::from_static("rapport-staff");
static ROLE: HeaderName = HeaderName::from_static("rapport-role");

/// Says who calls. It is asked once for each call, before anything of its body is read.
pub trait Authenticator: Send + Sync + 'static {
    /// The caller, by the headers of the request, and by what the request's extensions say of its connection (its peer's
    /// address, for example).
    fn identify(&self, headers: &HeaderMap, connection: &Extensions) -> Result<Principal, CallError>;
}

/// Believes what callers assert of themselves in metadata: device, staff and role. The tenant is the configured one. That is
/// accepted on loopback only, or where the operator said so (`insecure`).
pub struct Asserted {
    /// The tenant that every caller acts for. A caller that names another one in `rapport-tenant` is refused.
    pub tenant: TenantId,
}

impl Authenticator for Asserted {
    fn identify(&self, headers: &HeaderMap, connection: &Extensions) -> Result<Principal, CallError> {
        if only(headers, &TENANT)?.is_some_and(|tenant| tenant != self.tenant.as_str()) {
            return Err(CallError::TenantMismatch);
        }
        Ok(Principal {
            tenant: self.tenant.clone(),
            device: name(headers, &DEVICE)?.unwrap_or(DEVICE_UNKNOWN).to_owned(),
            staff: name(headers, &STAFF)?.unwrap_or_default().to_owned(),
            role: name(headers, &ROLE)?.unwrap_or(ROLE_UNKNOWN).to_owned(),
            proof: Proof::Asserted,
            peer: connection
                .get::<TcpConnectInfo>()
                .and_then(TcpConnectInfo::remote_addr)
                .map(|peer| network(peer.ip())),
        })
    }
}

/// The only value of a header. Of two, nobody can say which is meant: a proxy may have set one, and the caller the other.
pub(super) fn only<'a>(headers: &'a HeaderMap, key: &'static HeaderName) -> Result<Option<&'a HeaderValue>, CallError> {
    let mut given = headers.get_all(key).iter();
    match (given.next(), given.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(CallError::MetadataRepeated(key.as_str())),
    }
}

/// A name out of metadata: 1 to 64 characters of letters, digits and `._-`, and no card's number.
fn name<'a>(headers: &'a HeaderMap, key: &'static HeaderName) -> Result<Option<&'a str>, CallError> {
    let Some(raw) = only(headers, key)? else {
        return Ok(None);
    };
    let fits = raw.to_str().ok().filter(|text| {
        (1..=id::NAME_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    });
    let name = fits.ok_or(CallError::Metadata(key.as_str()))?;
    // The name is written into what is recorded.
    if name.len() >= card::PAN_DIGITS_MIN && card::refuse_card_data([(key.as_str(), name)]).is_err() {
        return Err(CallError::MetadataOfCard(key.as_str()));
    }
    Ok(Some(name))
}
