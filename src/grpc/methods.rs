//! The methods of the contract, and what the server must know of each before it reads a request. This is the one list of
//! them that is kept by hand; a test holds it to the contract's descriptors.

use self::Size::{Bulk, Small};
use super::Limits;

/// A method of the contract.
#[derive(Debug)]
pub struct Method {
    /// As callers name it.
    pub path: &'static str,
    /// How large its requests may be.
    pub size: Size,
    /// Whether a call has many requests: its handler begins before the first of them.
    pub is_stream: bool,
    /// Whether a call needs a caller that is known.
    pub caller: Needed,
    /// Whether a call needs a policy that can be read.
    pub policy: Needed,
}

/// The largest request of a method that carries no bulk, in bytes after decompression: 64 precautions with 280 characters each
/// take 70 KB in any script, and twice that decomposed.
const SMALL_BYTES_MAX: usize = 256 << 10;

/// How large the requests of a method may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// At most [`SMALL_BYTES_MAX`].
    Small,
    /// As the server is configured: a hundred interactions, subjects or pieces of evidence, a new customer with every list full (some
    /// 800 KB, decomposed: see `domain::text::line`), five hundred items, a basket of two hundred lines with all their modifiers (some
    /// 300 KB in plain letters), a policy of a thousand venues, a measurement.
    Bulk,
}

/// Whether something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    Yes,
    No,
}

impl Method {
    /// Its largest request, in bytes, where the server is configured to take so many.
    pub fn message_bytes_max(&self, configured: usize) -> usize {
        match self.size {
            Size::Small => configured.min(SMALL_BYTES_MAX),
            Size::Bulk => configured,
        }
    }
}

/// The largest request, in bytes, of a method that carries no bulk.
pub fn small_bytes_max(limits: Limits) -> usize {
    limits.message_bytes_max.min(SMALL_BYTES_MAX)
}

/// The paths of a service's methods whose requests may be as large as the server is configured for.
pub fn bulk(service: &str) -> impl Iterator<Item = &'static str> {
    METHODS
        .iter()
        .filter(move |method| method.size == Bulk && service_of(method.path) == service)
        .map(|method| method.path)
}

/// The method of this path.
pub fn find(path: &str) -> Option<&'static Method> {
    METHODS.binary_search_by(|method| method.path.cmp(path)).ok().map(|index| &METHODS[index])
}

/// `rapport.v1.CustomerService`, of `/rapport.v1.CustomerService/GetCustomer`.
fn service_of(path: &str) -> &str {
    path.trim_start_matches('/').rsplit_once('/').map_or("", |(service, _)| service)
}

const fn method(path: &'static str, size: Size) -> Method {
    Method { path, size, is_stream: false, caller: Needed::Yes, policy: Needed::Yes }
}

/// One that reads and replaces policies, also while that in force is damaged or lost.
const fn of_policies(path: &'static str, size: Size) -> Method {
    Method { path, size, is_stream: false, caller: Needed::Yes, policy: Needed::No }
}

/// In the order of their paths.
static METHODS: &[Method] = &[
    method("/rapport.v1.BriefingService/CheckItems", Bulk),
    method("/rapport.v1.BriefingService/GetBriefing", Bulk),
    method("/rapport.v1.BriefingService/GetRelationship", Small),
    method("/rapport.v1.BriefingService/LookupBriefings", Bulk),
    method("/rapport.v1.CatalogueService/ConfirmItems", Small),
    method("/rapport.v1.CatalogueService/DeclareKitchen", Small),
    method("/rapport.v1.CatalogueService/GetItem", Small),
    method("/rapport.v1.CatalogueService/ListItems", Small),
    method("/rapport.v1.CatalogueService/ListUndeclaredItems", Small),
    method("/rapport.v1.CatalogueService/MarkItemsChanged", Small),
    method("/rapport.v1.CatalogueService/PutItems", Bulk),
    method("/rapport.v1.CatalogueService/RemoveItems", Small),
    method("/rapport.v1.CustomerService/AddIdentity", Small),
    method("/rapport.v1.CustomerService/AddOccasion", Small),
    method("/rapport.v1.CustomerService/AddPrecautions", Small),
    method("/rapport.v1.CustomerService/CreateCustomer", Bulk),
    method("/rapport.v1.CustomerService/EraseCustomer", Small),
    method("/rapport.v1.CustomerService/GetCustomer", Small),
    method("/rapport.v1.CustomerService/ListCustomers", Small),
    method("/rapport.v1.CustomerService/ListUpcomingOccasions", Small),
    method("/rapport.v1.CustomerService/LookupCustomer", Small),
    method("/rapport.v1.CustomerService/MarkCustomer", Small),
    method("/rapport.v1.CustomerService/RecordConsent", Small),
    method("/rapport.v1.CustomerService/RecordEvidence", Bulk),
    method("/rapport.v1.CustomerService/RecordPrecautionInquiry", Small),
    method("/rapport.v1.CustomerService/RemoveIdentity", Small),
    method("/rapport.v1.CustomerService/RemoveOccasion", Small),
    method("/rapport.v1.CustomerService/RemovePreference", Small),
    method("/rapport.v1.CustomerService/ReviewPrecaution", Small),
    method("/rapport.v1.CustomerService/UpdateCustomer", Small),
    method("/rapport.v1.CustomerService/UpdateOccasion", Small),
    // The floor of measurements, which does nothing else.
    Method {
        path: "/rapport.v1.EchoService/Echo",
        size: Bulk,
        is_stream: false,
        caller: Needed::No,
        policy: Needed::No,
    },
    method("/rapport.v1.GestureService/ApproveGesture", Small),
    method("/rapport.v1.GestureService/CancelGesture", Small),
    method("/rapport.v1.GestureService/GiveGesture", Small),
    method("/rapport.v1.GestureService/ListGestures", Small),
    method("/rapport.v1.GestureService/RecordGestureOutcome", Small),
    method("/rapport.v1.GestureService/SuggestGestures", Small),
    Method { is_stream: true, ..method("/rapport.v1.InteractionService/IngestInteractions", Bulk) },
    method("/rapport.v1.InteractionService/ListInteractions", Small),
    method("/rapport.v1.InteractionService/RecordInteractions", Bulk),
    method("/rapport.v1.InteractionService/VoidInteraction", Small),
    of_policies("/rapport.v1.PolicyService/GetPolicy", Small),
    of_policies("/rapport.v1.PolicyService/SetPolicy", Bulk),
    method("/rapport.v1.RecoveryService/AssignIssue", Small),
    method("/rapport.v1.RecoveryService/CompleteFollowUp", Small),
    method("/rapport.v1.RecoveryService/GetRecovery", Small),
    method("/rapport.v1.RecoveryService/ListFollowUps", Small),
    method("/rapport.v1.RecoveryService/OpenIssue", Small),
    method("/rapport.v1.RecoveryService/PromiseFollowUp", Small),
    method("/rapport.v1.RecoveryService/ReopenIssue", Small),
    method("/rapport.v1.RecoveryService/ResolveIssue", Small),
    method("/rapport.v1.ReportService/GetServiceReview", Small),
];

#[cfg(test)]
mod tests {
    use prost_reflect::{DescriptorPool, MethodDescriptor};

    use super::*;
    use crate::proto;

    #[test]
    fn the_table_has_every_method_of_the_contract() {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS).expect("descriptors");
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let path = |method: &MethodDescriptor| format!("/{}/{}", method.parent_service().full_name(), method.name());
        let mut contract: Vec<(String, bool)> =
            methods.map(|method| (path(&method), method.is_client_streaming())).collect();
        contract.sort();
        let table: Vec<(String, bool)> =
            METHODS.iter().map(|method| (method.path.to_owned(), method.is_stream)).collect();
        assert_eq!(table, contract);
        let paths = contract.into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert!(paths.iter().all(|path| find(path).is_some_and(|method| method.path == path)));
        assert!(find("/rapport.v1.CustomerService/Nothing").is_none() && find("").is_none());
    }

    #[test]
    fn few_methods_carry_bulk() {
        let bulk: Vec<&str> = proto::SERVICES.iter().copied().flat_map(bulk).collect();
        assert_eq!(
            bulk,
            [
                "/rapport.v1.BriefingService/CheckItems",
                "/rapport.v1.BriefingService/GetBriefing",
                "/rapport.v1.BriefingService/LookupBriefings",
                "/rapport.v1.CatalogueService/PutItems",
                "/rapport.v1.CustomerService/CreateCustomer",
                "/rapport.v1.CustomerService/RecordEvidence",
                "/rapport.v1.EchoService/Echo",
                "/rapport.v1.InteractionService/IngestInteractions",
                "/rapport.v1.InteractionService/RecordInteractions",
                "/rapport.v1.PolicyService/SetPolicy",
            ]
        );
        for (configured, small) in [(70_000, 70_000), (SMALL_BYTES_MAX, SMALL_BYTES_MAX), (5 << 20, SMALL_BYTES_MAX)] {
            assert_eq!(small_bytes_max(Limits { message_bytes_max: configured }), small);
        }
    }
}
