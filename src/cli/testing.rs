//! The real service over a store of its own, for the tests of the command line.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use tempfile::TempDir;

use super::{caller::Caller, connect::ServiceChannel};
use crate::{
    app::InProcess,
    config::{Config, Source},
    proto::{
        Briefing, BriefingSubject, Customer, GetBriefingRequest, GetCustomerRequest, Identity, ListCustomersRequest,
        Purpose, briefing_service_client::BriefingServiceClient, briefing_subject::Subject,
        customer_service_client::CustomerServiceClient,
    },
    service::clock::Clock,
};

/// A service in this process, with a clock to set.
pub struct Service {
    inner: InProcess,
    pub clock: Arc<AtomicI64>,
    // Lives as long as the service.
    folder: TempDir,
}

impl Service {
    pub async fn start() -> Self {
        Self::start_at(jiff::Timestamp::now()).await
    }

    pub async fn start_at(now: jiff::Timestamp) -> Self {
        Self::over(tempfile::tempdir().expect("a folder"), now.as_millisecond()).await
    }

    async fn over(folder: TempDir, millis: i64) -> Self {
        let clock = Arc::new(AtomicI64::new(millis));
        let inner = InProcess::open_at(&config(&folder), Clock::Set(clock.clone())).await.expect("starts");
        Self { inner, clock, folder }
    }

    /// Closes the store and opens it again.
    pub async fn restart(self) -> Self {
        self.inner.close().await;
        Self::over(self.folder, self.clock.load(Relaxed)).await
    }

    pub fn channel(&self) -> ServiceChannel {
        Caller::named("desk-1", "mara").on(self.inner.channel.clone())
    }

    /// The first 200 customers, as they are now.
    pub async fn customers(&self) -> Vec<Customer> {
        // The listing is filled by the index worker.
        self.inner.core.rapport.worker().sweep().await.expect("the store works");
        customers(self.channel()).await
    }

    pub async fn brief(&self, identity: Identity, venue: &str) -> Briefing {
        let request = GetBriefingRequest {
            subject: Some(BriefingSubject { subject: Some(Subject::Identity(identity)) }),
            venue_id: venue.to_owned(),
            purpose: Purpose::Service.into(),
            ..GetBriefingRequest::default()
        };
        BriefingServiceClient::new(self.channel())
            .get_briefing(request)
            .await
            .expect("a briefing")
            .into_inner()
            .briefing
            .unwrap_or_default()
    }
}

/// A configuration that touches nothing outside of the folder.
pub fn config(folder: &TempDir) -> Config {
    let path = folder.path().display();
    let flags = BTreeMap::from([
        ("listen".to_owned(), "127.0.0.1:0".to_owned()),
        ("echo".to_owned(), "true".to_owned()),
        ("store".to_owned(), format!("redb:{path}/data")),
        ("keys".to_owned(), format!("file:{path}/keys")),
        ("wrapping-key-file".to_owned(), format!("{path}/keys/wrapping.key")),
    ]);
    Config::load(&Source { flags, ..Source::default() }).expect("a configuration")
}

async fn customers(channel: ServiceChannel) -> Vec<Customer> {
    let mut client = CustomerServiceClient::new(channel);
    let page = client.list_customers(ListCustomersRequest { page_size: 200, ..ListCustomersRequest::default() });
    let ids = page.await.expect("a page").into_inner().customer_ids;
    let mut all = Vec::new();
    for customer_id in ids {
        let request = GetCustomerRequest { customer_id, purpose: Purpose::Service.into(), ..Default::default() };
        all.extend(client.get_customer(request).await.expect("found").into_inner().customer);
    }
    all
}
