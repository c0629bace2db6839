//! The methods of the contract, and what the server must know of each before it reads a request. This is the one list of
//! them that is kept by hand; a test holds it to the contract's descriptors.

use self::Carries::{Many, One};
use super::Limits;

/// A method of the contract.
#[derive(Debug)]
pub struct Method {
    /// As callers name it.
    pub path: &'static str,
    /// How much a request of it carries.
    carries: Carries,
    /// Whether a call needs a caller that is known.
    pub caller: Needed,
}

/// How much a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carries {
    /// One thing: a question, or a change of one customer.
    One,
    /// A list of things, or a document.
    Many,
}

/// Whether something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    Yes,
    No,
}

impl Method {
    /// The largest request, in bytes, after decompression.
    fn message_bytes_max(&self, limits: Limits) -> usize {
        match self.carries {
            Carries::One | Carries::Many => limits.message_bytes_max,
        }
    }
}

/// The largest request that any method of a service takes.
pub fn message_bytes_max(service: &str, limits: Limits) -> usize {
    let own = METHODS.iter().filter(|method| service_of(method.path) == service);
    own.map(|method| method.message_bytes_max(limits)).max().unwrap_or_default()
}

/// The method of this path.
pub fn find(path: &str) -> Option<&'static Method> {
    METHODS.binary_search_by(|method| method.path.cmp(path)).ok().map(|index| &METHODS[index])
}

/// `rapport.v1.CustomerService`, of `/rapport.v1.CustomerService/GetCustomer`.
fn service_of(path: &str) -> &str {
    path.trim_start_matches('/').rsplit_once('/').map_or("", |(service, _)| service)
}

const fn method(path: &'static str, carries: Carries) -> Method {
    Method { path, carries, caller: Needed::Yes }
}

/// In the order of their paths.
static METHODS: &[Method] = &[
    method("/rapport.v1.BriefingService/GetBriefing", One),
    method("/rapport.v1.BriefingService/GetRelationship", One),
    method("/rapport.v1.BriefingService/LookupBriefings", Many),
    method("/rapport.v1.CustomerService/AddIdentity", One),
    method("/rapport.v1.CustomerService/AddOccasion", One),
    method("/rapport.v1.CustomerService/AddPrecautions", One),
    method("/rapport.v1.CustomerService/CreateCustomer", One),
    method("/rapport.v1.CustomerService/EraseCustomer", One),
    method("/rapport.v1.CustomerService/GetCustomer", One),
    method("/rapport.v1.CustomerService/ListCustomers", One),
    method("/rapport.v1.CustomerService/LookupCustomer", One),
    method("/rapport.v1.CustomerService/RecordConsent", One),
    method("/rapport.v1.CustomerService/RecordEvidence", One),
    method("/rapport.v1.CustomerService/RecordPrecautionInquiry", One),
    method("/rapport.v1.CustomerService/RemoveIdentity", One),
    method("/rapport.v1.CustomerService/RemoveOccasion", One),
    method("/rapport.v1.CustomerService/RemovePreference", One),
    method("/rapport.v1.CustomerService/ReviewPrecaution", One),
    method("/rapport.v1.CustomerService/UpdateCustomer", One),
    method("/rapport.v1.CustomerService/UpdateOccasion", One),
    // The floor of measurements, which does nothing else.
    Method { path: "/rapport.v1.EchoService/Echo", carries: Many, caller: Needed::No },
    method("/rapport.v1.GestureService/ApproveGesture", One),
    method("/rapport.v1.GestureService/CancelGesture", One),
    method("/rapport.v1.GestureService/GiveGesture", One),
    method("/rapport.v1.GestureService/ListGestures", One),
    method("/rapport.v1.GestureService/RecordGestureOutcome", One),
    method("/rapport.v1.GestureService/SuggestGestures", One),
    method("/rapport.v1.InteractionService/IngestInteractions", Many),
    method("/rapport.v1.InteractionService/ListInteractions", One),
    method("/rapport.v1.InteractionService/RecordInteractions", Many),
    method("/rapport.v1.InteractionService/VoidInteraction", One),
    method("/rapport.v1.PolicyService/GetPolicy", One),
    method("/rapport.v1.PolicyService/SetPolicy", Many),
    method("/rapport.v1.RecoveryService/AssignIssue", One),
    method("/rapport.v1.RecoveryService/CompleteFollowUp", One),
    method("/rapport.v1.RecoveryService/GetRecovery", One),
    method("/rapport.v1.RecoveryService/ListFollowUps", One),
    method("/rapport.v1.RecoveryService/OpenIssue", One),
    method("/rapport.v1.RecoveryService/PromiseFollowUp", One),
    method("/rapport.v1.RecoveryService/ReopenIssue", One),
    method("/rapport.v1.RecoveryService/ResolveIssue", One),
    method("/rapport.v1.ReportService/GetServiceReview", One),
];

#[cfg(test)]
mod tests {
    use prost_reflect::DescriptorPool;

    use super::*;
    use crate::proto;

    #[test]
    fn the_table_has_every_method_of_the_contract() {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS).expect("descriptors");
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let mut paths: Vec<String> =
            methods.map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name())).collect();
        paths.sort();
        let table: Vec<&str> = METHODS.iter().map(|method| method.path).collect();
        assert_eq!(table, paths);
        assert!(paths.iter().all(|path| find(path).is_some_and(|method| method.path == path)));
        assert!(find("/rapport.v1.CustomerService/Nothing").is_none() && find("").is_none());
    }

    #[test]
    fn each_service_has_the_limit_of_its_methods() {
        let limits = Limits { message_bytes_max: 70_000 };
        for service in proto::SERVICES {
            assert_eq!(message_bytes_max(service, limits), 70_000, "{service}");
        }
        assert_eq!(message_bytes_max("rapport.v1.Nobody", limits), 0);
    }
}
