//! What the health service says: whether calls can be served, whether the process lives, and whether writes were lost.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use super::{Core, StartError};
use crate::grpc;

/// How often readiness is looked at again.
const READY_EVERY: Duration = Duration::from_secs(1);
/// The health service of the process alone: it says SERVING while the store is away, since restarting the process would not
/// bring the store back.
const LIVENESS: &str = "liveness";
/// The health service that says whether acknowledged writes were lost within the last day. What is left is served, so no call tells of it.
const NO_LOSS: &str = "no-loss";

/// Each service, and the server as a whole.
fn watched() -> impl Iterator<Item = &'static str> {
    grpc::watched().chain([""])
}

/// Of a server that does not serve yet.
pub async fn begin(health: &HealthReporter) {
    report(health, ServingStatus::NotServing).await;
    health.set_service_status(LIVENESS, ServingStatus::Serving).await;
    // Until the stores were looked at: every start would end an alarm otherwise.
    health.set_service_status(NO_LOSS, ServingStatus::Unknown).await;
}

pub async fn report(health: &HealthReporter, status: ServingStatus) {
    for service in watched() {
        health.set_service_status(service, status).await;
    }
}

/// Ends the streams of those who watch: they would never end by themselves.
pub async fn end(health: &mut HealthReporter) {
    for service in watched().chain([LIVENESS, NO_LOSS]) {
        health.clear_service_status(service).await;
    }
}

/// Keeps health in step with the store, once that is loaded.
pub async fn watch(core: Core, health: HealthReporter, loaded: CancellationToken) {
    loaded.cancelled().await;
    let (mut last, mut had_lost) = (String::new(), None);
    let mut every = tokio::time::interval(READY_EVERY);
    loop {
        every.tick().await;
        match is_ready(&core).await {
            Ok(()) if last == "ready" => {}
            Ok(()) => {
                tracing::info!("ready: the store answers");
                report(&health, ServingStatus::Serving).await;
                "ready".clone_into(&mut last);
            }
            Err(fault) => {
                let text = fault.to_string();
                if text != last {
                    tracing::error!(error = %text, "not ready");
                    report(&health, ServingStatus::NotServing).await;
                    last = text;
                }
            }
        }
        let now = core.rapport.callers().now().as_millisecond();
        let has_lost = core.fitness.has_lost_lately(now);
        if let Some(lost) = has_lost.filter(|_| has_lost != had_lost) {
            // At once: until it is noted, no other process knows of it once the logs have grown.
            if lost && let Err(fault) = core.ring.note_ends(now).await {
                tracing::debug!(error = %fault, "the loss could not be noted; it is tried again in a second");
            }
            let status = if lost { ServingStatus::NotServing } else { ServingStatus::Serving };
            health.set_service_status(NO_LOSS, status).await;
            had_lost = has_lost;
        }
    }
}

/// Whether the stores can be served from, and have a policy to serve by.
async fn is_ready(core: &Core) -> Result<(), StartError> {
    core.prepare().await?;
    Ok(core.rapport.callers().policy_opens(&core.tenant).await?)
}
