//! Takes rows in the order of the file and keeps several calls under way.
//!
//! The policy is set alone: everything else refers to its venues. Items of a venue are put several hundred at once. Customers are created side by side, and before the
//! interactions that follow them. Interactions go through queues: all of one customer's through the same queue, one call
//! at a time, so that calls never meet at a customer. Within a queue a stretch of rows is sorted by customer, so that
//! one call holds many interactions of few customers.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
    sync::Arc,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinHandle, JoinSet},
};

use super::{
    calls::{CallFailure, Calls, Effect},
    queues::{self, Pending, Work},
    rejects::{RawRow, Reject, Rejects},
    rows::Row,
    tally::{Counts, Totals},
};
use crate::{
    cli::{
        catalogue::put::{BATCH, wrong_items},
        connect::ServiceChannel,
        failure::{Failure, explain, field, reason},
    },
    proto::{Interaction, Item, VenueItem, import_record::Record, interaction::Customer},
};

/// Calls that create customers, under way at once: more gain nothing on a group commit.
const CREATIONS_MAX: usize = 64;
/// Bytes of rows collected for a queue before they are sorted and sent. With 8 queues, each collecting, holding and
/// sending one stretch, rows and messages take some 70 MB at most.
const STRETCH_BYTES: usize = 1 << 20;

/// An import under way.
pub struct Importer {
    calls: Calls,
    sink: Arc<Sink>,
    creations: JoinSet<Result<(), Failure>>,
    queues: Vec<Queue>,
    /// Items of one venue, not put yet.
    items: Vec<PendingItem>,
}

/// An item, and where it stands.
struct PendingItem {
    line: u64,
    raw: String,
    venue: String,
    item: Item,
}

/// Where counts and rejections go.
pub struct Sink {
    pub tally: Totals,
    pub rejects: Rejects,
}

struct Queue {
    collected: Vec<Pending>,
    collected_bytes: usize,
    work: mpsc::Sender<Work>,
    task: JoinHandle<Result<(), Failure>>,
}

impl Sink {
    pub fn new(rejects: Rejects) -> Arc<Self> {
        Self::after(Counts::default(), rejects)
    }

    /// Goes on from the counts of an earlier run.
    pub fn after(counts: Counts, rejects: Rejects) -> Arc<Self> {
        Arc::new(Self { tally: Totals::from_counts(counts), rejects })
    }

    /// Rejects what never became a row.
    pub fn set_aside(&self, reject: Reject) -> Result<(), Failure> {
        self.tally.row();
        self.reject(reject)
    }

    pub fn reject(&self, reject: Reject) -> Result<(), Failure> {
        self.tally.rejected();
        let added = self.rejects.add(reject);
        added.map_err(|error| Failure::Failed(format!("cannot write the reject file: {error}")))
    }

    pub fn refuse(&self, line: u64, raw: String, status: &tonic::Status) -> Result<(), Failure> {
        let (reason, field, message) = (reason(status), field(status), explain(status));
        self.reject(Reject { line, reason, field, message, row: RawRow::Text(raw) })
    }
}

impl Importer {
    /// `queues`: how many calls that record interactions are under way at once.
    pub fn new(channel: ServiceChannel, sink: Arc<Sink>, queues: usize) -> Self {
        let calls = Calls::new(channel);
        let queues = (0..queues.max(1)).map(|_| Queue::start(&calls, &sink)).collect();
        Self { calls, sink, creations: JoinSet::new(), queues, items: Vec::new() }
    }

    /// Takes one row. Errors: the import cannot go on.
    pub async fn push(&mut self, row: Row) -> Result<(), Failure> {
        self.sink.tally.row();
        let Row { line, raw, record } = row;
        match record {
            Record::Policy(policy) => {
                self.settle().await?;
                match self.calls.set_policy(policy).await {
                    Ok(Effect::Made) => self.sink.tally.policy_set(),
                    Ok(Effect::Unchanged) => self.sink.tally.policy_unchanged(),
                    Err(CallFailure::Refused(status)) => self.sink.refuse(line, raw, &status)?,
                    Err(CallFailure::Fatal(failure)) => return Err(failure),
                }
                Ok(())
            }
            Record::Customer(draft) => {
                while self.creations.len() >= CREATIONS_MAX {
                    self.await_creation().await?;
                }
                let (calls, sink) = (self.calls.clone(), self.sink.clone());
                self.creations.spawn(async move {
                    match calls.create(draft).await {
                        Ok(Effect::Made) => sink.tally.customer_created(),
                        Ok(Effect::Unchanged) => sink.tally.customer_unchanged(),
                        Err(CallFailure::Refused(status)) => sink.refuse(line, raw, &status)?,
                        Err(CallFailure::Fatal(failure)) => return Err(failure),
                    }
                    Ok(())
                });
                Ok(())
            }
            Record::Item(VenueItem { venue_id: venue, item }) => {
                if self.items.len() >= BATCH || self.items.first().is_some_and(|first| first.venue != venue) {
                    self.put_items().await?;
                }
                self.items.push(PendingItem { line, raw, venue, item: item.unwrap_or_default() });
                Ok(())
            }
            Record::Interaction(interaction) => {
                while !self.creations.is_empty() {
                    self.await_creation().await?;
                }
                let customer = customer_hash(&interaction);
                let place = usize::try_from(customer % self.queues.len() as u64).unwrap_or_default();
                self.queues[place].collect(Pending { line, raw, interaction, customer }).await
            }
        }
    }

    /// Puts the collected items: those that the service names as wrong are rejected, and the others put without them.
    async fn put_items(&mut self) -> Result<(), Failure> {
        let mut batch = std::mem::take(&mut self.items);
        while let Some(first) = batch.first() {
            let items = batch.iter().map(|pending| pending.item.clone()).collect();
            match self.calls.put_items(&first.venue, items).await {
                Ok(()) => {
                    for _ in &batch {
                        self.sink.tally.item_put();
                    }
                    return Ok(());
                }
                Err(CallFailure::Fatal(failure)) => return Err(failure),
                Err(CallFailure::Refused(status)) => {
                    let wrong = wrong_items(&status, batch.len());
                    if wrong.is_empty() {
                        // The venue, or all of them together.
                        for PendingItem { line, raw, .. } in batch.drain(..) {
                            self.sink.refuse(line, raw, &status)?;
                        }
                    }
                    for (index, field, message) in wrong {
                        let PendingItem { line, raw, .. } = batch.remove(index);
                        let (reason, field) = (reason(&status), format!("item.item.{field}"));
                        self.sink.reject(Reject { line, reason, field, message, row: RawRow::Text(raw) })?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Waits until everything taken so far is stored.
    pub async fn settle(&mut self) -> Result<(), Failure> {
        self.put_items().await?;
        while !self.creations.is_empty() {
            self.await_creation().await?;
        }
        let mut barriers = Vec::new();
        for queue in &mut self.queues {
            queue.send_stretch().await?;
            let (done, barrier) = oneshot::channel();
            queue.send(Work::Barrier(done)).await?;
            barriers.push(barrier);
        }
        for (queue, barrier) in self.queues.iter_mut().zip(barriers) {
            if barrier.await.is_err() {
                return Err(queue.failure().await);
            }
        }
        Ok(())
    }

    async fn await_creation(&mut self) -> Result<(), Failure> {
        match self.creations.join_next().await {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(error)) => Err(Failure::Failed(format!("a task of the import broke: {error}"))),
        }
    }
}

/// Interactions of one customer get the same number. Spellings of one identity may get different ones: then calls may
/// meet at a customer, and the service puts them in order.
fn customer_hash(interaction: &Interaction) -> u64 {
    let mut hasher = DefaultHasher::new();
    match &interaction.customer {
        Some(Customer::CustomerId(id)) => id.hash(&mut hasher),
        Some(Customer::Identity(identity)) => {
            (identity.r#type, &identity.issuer, &identity.value).hash(&mut hasher);
        }
        None => {}
    }
    hasher.finish()
}

impl Queue {
    fn start(calls: &Calls, sink: &Arc<Sink>) -> Self {
        let (work, tasks) = mpsc::channel(1);
        let task = tokio::spawn(queues::run(calls.clone(), sink.clone(), tasks));
        Self { collected: Vec::new(), collected_bytes: 0, work, task }
    }

    async fn collect(&mut self, pending: Pending) -> Result<(), Failure> {
        self.collected_bytes += pending.raw.len();
        self.collected.push(pending);
        if self.collected_bytes >= STRETCH_BYTES { self.send_stretch().await } else { Ok(()) }
    }

    async fn send_stretch(&mut self) -> Result<(), Failure> {
        if self.collected.is_empty() {
            return Ok(());
        }
        self.collected_bytes = 0;
        let stretch = std::mem::take(&mut self.collected);
        self.send(Work::Stretch(stretch)).await
    }

    async fn send(&mut self, work: Work) -> Result<(), Failure> {
        match self.work.send(work).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure().await),
        }
    }

    /// Why the queue's task ended.
    async fn failure(&mut self) -> Failure {
        match (&mut self.task).await {
            Ok(Err(failure)) => failure,
            Ok(Ok(())) => Failure::Failed("a queue of the import ended early".to_owned()),
            Err(error) => Failure::Failed(format!("a task of the import broke: {error}")),
        }
    }
}
