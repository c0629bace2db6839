//! The calls of an import, repeated while there is hope.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    cli::{
        connect::ServiceChannel,
        failure::{Failure, explain, reason},
    },
    hex::hex,
    proto::{
        CreateCustomerRequest, CustomerDraft, GetPolicyRequest, Interaction, InteractionResult, Item, ItemError,
        Policy, PutItemsRequest, RecordInteractionsRequest, RecordOutcome, SetPolicyRequest,
        catalogue_service_client::CatalogueServiceClient, customer_service_client::CustomerServiceClient,
        interaction_service_client::InteractionServiceClient, policy_service_client::PolicyServiceClient,
    },
};

/// Attempts after the first. The waits between them add up to 16 seconds, with jitter to at most 33: a restarting
/// server needs less than 16.
const RETRIES: usize = 8;
const WAIT_MIN: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(5);
/// What the longer waits that the service asks for may add up to, for one call. It asks for a minute where too many identities that nobody
/// has were sent, and the calls of all queues take turns then.
const TOLD_WAITS_MAX: Duration = Duration::from_mins(15);
/// Set by the service on an answer that it gave before, to the same request.
const REPLAYED: &str = "rapport-replayed";
/// The service's reason when the customer of this request id exists, and the request is no longer remembered.
const CUSTOMER_EXISTS: &str = "CUSTOMER_EXISTS";
/// 128 bits: no two drafts of any file meet by chance.
const DIGEST_BYTES: usize = 16;

/// Why a call did not succeed.
pub enum CallFailure {
    /// The service refused the call. Every row in it is rejected; other calls may succeed.
    Refused(Box<Status>),
    /// The import cannot go on.
    Fatal(Failure),
}

impl From<CallFailure> for Failure {
    fn from(failed: CallFailure) -> Self {
        match failed {
            CallFailure::Refused(status) => Self::Failed(explain(&status)),
            CallFailure::Fatal(failure) => failure,
        }
    }
}

/// Whether anything changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Made,
    Unchanged,
}

/// The service as an import uses it. Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Calls {
    customers: CustomerServiceClient<ServiceChannel>,
    interactions: InteractionServiceClient<ServiceChannel>,
    policies: PolicyServiceClient<ServiceChannel>,
    catalogue: CatalogueServiceClient<ServiceChannel>,
}

impl Calls {
    pub fn new(channel: ServiceChannel) -> Self {
        Self {
            customers: CustomerServiceClient::new(channel.clone()),
            interactions: InteractionServiceClient::new(channel.clone()),
            policies: PolicyServiceClient::new(channel.clone()),
            catalogue: CatalogueServiceClient::new(channel),
        }
    }

    /// Creates the customer. Unchanged: this user created one from the very same draft before, or in an earlier attempt
    /// of this call.
    pub async fn create(&self, draft: CustomerDraft) -> Result<Effect, CallFailure> {
        let request_id = request_id(&draft);
        let request = CreateCustomerRequest { customer: Some(draft), request_id };
        let answer = repeat(|| {
            let (mut client, request) = (self.customers.clone(), request.clone());
            async move { client.create_customer(request).await }
        });
        match answer.await {
            Ok(answer) if answer.metadata().contains_key(REPLAYED) => Ok(Effect::Unchanged),
            Ok(_) => Ok(Effect::Made),
            Err(CallFailure::Refused(status)) if reason(&status) == CUSTOMER_EXISTS => Ok(Effect::Unchanged),
            Err(failed) => Err(failed),
        }
    }

    /// The policy in force, if there is one.
    pub async fn policy(&self) -> Result<Option<Policy>, CallFailure> {
        let in_force = repeat(|| {
            let mut client = self.policies.clone();
            async move { client.get_policy(GetPolicyRequest { version: 0 }).await }
        });
        match in_force.await {
            Ok(answer) => Ok(answer.into_inner().policy),
            Err(CallFailure::Refused(status)) if status.code() == Code::NotFound => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// Replaces the policy when it differs from the one in force.
    pub async fn set_policy(&self, mut policy: Policy) -> Result<Effect, CallFailure> {
        let in_force = self.policy().await?;
        if in_force.is_some_and(|in_force| comparable(in_force) == comparable(policy.clone())) {
            return Ok(Effect::Unchanged);
        }
        // It names the revision that the file was read from; an import replaces the policy in force, whatever it is.
        policy.etag.clear();
        repeat(|| {
            let (mut client, policy) = (self.policies.clone(), policy.clone());
            async move { client.set_policy(SetPolicyRequest { policy: Some(policy) }).await }
        })
        .await?;
        Ok(Effect::Made)
    }

    /// Puts items of a venue; what is the same already stays. Safe to repeat.
    pub async fn put_items(&self, venue_id: &str, items: Vec<Item>) -> Result<(), CallFailure> {
        let request = PutItemsRequest { venue_id: venue_id.to_owned(), items, ..PutItemsRequest::default() };
        let put = repeat(|| {
            let (mut client, request) = (self.catalogue.clone(), request.clone());
            async move { client.put_items(request).await }
        });
        put.await.map(drop)
    }

    /// Records up to 100 interactions; the results are in their order. Those the service asks to repeat are repeated.
    pub async fn record(&self, interactions: &[Interaction]) -> Result<Vec<InteractionResult>, CallFailure> {
        let mut results = vec![InteractionResult::default(); interactions.len()];
        let mut open: Vec<usize> = (0..interactions.len()).collect();
        let mut waits = Waits::new();
        loop {
            let some = open.iter().map(|place| interactions[*place].clone()).collect();
            let request = RecordInteractionsRequest { interactions: some };
            let answer = repeat(|| {
                let (mut client, request) = (self.interactions.clone(), request.clone());
                async move { client.record_interactions(request).await }
            });
            let answer = answer.await?.into_inner().results;
            if answer.len() != open.len() {
                let message = "the service answered another number of results than it was sent interactions";
                return Err(CallFailure::Fatal(Failure::Failed(message.to_owned())));
            }
            for (place, result) in open.iter().zip(answer) {
                results[*place] = result;
            }
            open.retain(|place| results[*place].outcome() == RecordOutcome::Retry);
            if open.is_empty() {
                return Ok(results);
            }
            let told = open.iter().filter_map(|place| told_by_item(results[*place].error.as_ref()?)).max();
            let Some(wait) = waits.next(told) else {
                let error = results[open[0]].error.clone().unwrap_or_default();
                return Err(CallFailure::Fatal(Failure::Failed(format!(
                    "the service keeps asking to try again later: {} ({})",
                    error.message, error.reason
                ))));
            };
            tokio::time::sleep(wait).await;
        }
    }
}

/// The same draft gets the same request id in every run, so that the same user creates it once. For the service it is
/// another request if another user (`$USER`) sends it.
pub fn request_id(draft: &CustomerDraft) -> String {
    let hash = digest(&SHA256, &draft.encode_to_vec());
    format!("import:{}", hex(&hash.as_ref()[..DIGEST_BYTES]))
}

/// What a policy says, without what the server adds, and with the start of the business day written out. A file that
/// writes out another default differs from the policy in force, and is set again.
fn comparable(mut policy: Policy) -> Vec<u8> {
    policy.version = 0;
    policy.update_time = None;
    policy.etag.clear();
    for venue in &mut policy.venues {
        if venue.business_day_start.is_empty() {
            "00:00".clone_into(&mut venue.business_day_start);
        }
    }
    policy.encode_to_vec()
}

/// The waits between the attempts of one call.
struct Waits {
    own: ExponentialBackoff,
    told_left: Duration,
}

impl Waits {
    fn new() -> Self {
        Self { own: own_waits(), told_left: TOLD_WAITS_MAX }
    }

    /// The next, as long as the service says at the least; `None`: there is no hope.
    fn next(&mut self, told: Option<Duration>) -> Option<Duration> {
        match told {
            // The service knows when it answers again: no attempt of ours is spent.
            Some(told) if told > WAIT_MAX => {
                self.told_left = self.told_left.checked_sub(told)?;
                Some(told + own_waits().next().unwrap_or_default())
            }
            _ => Some(self.own.next()?.max(told.unwrap_or_default())),
        }
    }
}

fn own_waits() -> ExponentialBackoff {
    let waits = ExponentialBuilder::new().with_min_delay(WAIT_MIN).with_max_delay(WAIT_MAX).with_max_times(RETRIES);
    // Jitter: several importers must not come back at once.
    waits.with_jitter().build()
}

/// How long the service asks to wait.
fn told(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// The same of one item.
fn told_by_item(error: &ItemError) -> Option<Duration> {
    error.retry_delay?.try_into().ok()
}

async fn repeat<T, F>(mut call: impl FnMut() -> F) -> Result<T, CallFailure>
where
    F: Future<Output = Result<T, Status>>,
{
    let mut waits = Waits::new();
    loop {
        let status = match call().await {
            Ok(answer) => return Ok(answer),
            Err(status) => status,
        };
        let wait = match failure_scope(&status) {
            FailureScope::Transient => waits.next(told(&status)),
            FailureScope::Row => return Err(CallFailure::Refused(Box::new(status))),
            FailureScope::Permanent => None,
        };
        let Some(wait) = wait else { return Err(CallFailure::Fatal(Failure::Failed(explain(&status)))) };
        tokio::time::sleep(wait).await;
    }
}

/// What a failed call says about the next one.
enum FailureScope {
    /// May succeed when repeated; all calls of an import are safe to repeat.
    Transient,
    /// Not to be repeated as it is; calls with other rows may succeed.
    Row,
    /// No call of this import can succeed.
    Permanent,
}

fn failure_scope(status: &Status) -> FailureScope {
    match status.code() {
        Code::Unavailable if reason(status) == "STORE_MISCONFIGURED" => FailureScope::Permanent,
        Code::Unavailable | Code::Aborted | Code::DeadlineExceeded | Code::Cancelled => FailureScope::Transient,
        Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::OutOfRange => {
            FailureScope::Row
        }
        Code::ResourceExhausted
            if matches!(reason(status).as_str(), "TOO_MANY_CALLS" | "TOO_MANY_UNKNOWN" | "TOO_MUCH_IN_FLIGHT") =>
        {
            FailureScope::Transient
        }
        // A profile that is full concerns one row, a store that is full concerns all.
        Code::ResourceExhausted if !reason(status).starts_with("STORE") => FailureScope::Row,
        _ => FailureScope::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;
    use tonic_types::ErrorDetails;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn a_call_is_repeated_when_the_service_says() {
        let begun = Instant::now();
        let mut calls = 0;
        let answer = repeat(|| {
            calls += 1;
            let is_open = begun.elapsed() >= MINUTE;
            let mut details =
                ErrorDetails::with_error_info("TOO_MANY_UNKNOWN", "rapport", std::collections::HashMap::new());
            details.set_retry_info(Some(MINUTE));
            let status = Status::with_error_details(Code::ResourceExhausted, "wait", details);
            async move { if is_open { Ok(()) } else { Err(status) } }
        });
        assert!(answer.await.is_ok());
        assert_eq!(calls, 2);
    }

    #[test]
    fn waits_are_as_long_as_the_service_says_and_end() {
        let mut waits = Waits::new();
        let told: Vec<Duration> = std::iter::from_fn(|| waits.next(Some(MINUTE))).collect();
        assert!(told.len() == 15 && told.iter().all(|wait| (MINUTE..MINUTE + WAIT_MAX).contains(wait)), "{told:?}");
        let own: Vec<Duration> = std::iter::from_fn(|| waits.next(None)).collect();
        assert_eq!(own.len(), RETRIES, "none of them was spent");
        let second = Duration::from_secs(1);
        assert!(Waits::new().next(Some(second)).is_some_and(|wait| wait >= second), "a short one, too");
    }
}
