//! What health says of a server, and when.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use super::{Core, StartError};
use crate::grpc;

/// How often readiness is looked at again.
const READY_EVERY: Duration = Duration::from_secs(1);

/// Each service, and the server as a whole.
pub fn watched() -> impl Iterator<Item = &'static str> {
    grpc::watched().chain([""])
}

pub async fn report(health: &HealthReporter, status: ServingStatus) {
    for service in watched() {
        health.set_service_status(service, status).await;
    }
}

/// Keeps health in step with the store, once that is loaded.
pub async fn watch_readiness(core: Core, health: HealthReporter, loaded: CancellationToken) {
    loaded.cancelled().await;
    let mut last = String::new();
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
    }
}

/// Whether the stores can be served from, and have a policy to serve by.
async fn is_ready(core: &Core) -> Result<(), StartError> {
    core.prepare().await?;
    Ok(core.rapport.callers().policy_opens(&core.tenant).await?)
}
