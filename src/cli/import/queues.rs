//! One queue of an import: records stretches of interactions, one call at a time.

use std::sync::Arc;

use prost::Message as _;
use tokio::sync::{mpsc, oneshot};

use super::{
    calls::{CallFailure, Calls},
    pipeline::Sink,
    rejects::{RawRow, Reject},
};
use crate::{
    cli::failure::Failure,
    domain::limits::INTERACTIONS_PER_REQUEST_MAX,
    proto::{Interaction, InteractionResult, RecordOutcome},
};

/// Bytes of one call: well under the service's 5 MiB, so that a larger last row still fits.
const CALL_BYTES_MAX: usize = 1 << 20;

/// An interaction that waits to be recorded.
pub struct Pending {
    pub line: u64,
    pub raw: String,
    pub interaction: Interaction,
    /// Equal for interactions of one customer.
    pub customer: u64,
}

/// What a queue is told.
pub enum Work {
    Stretch(Vec<Pending>),
    /// Answer once everything before is stored.
    Barrier(oneshot::Sender<()>),
}

/// Works until the importer is dropped or nothing more can be recorded.
pub async fn run(calls: Calls, sink: Arc<Sink>, mut tasks: mpsc::Receiver<Work>) -> Result<(), Failure> {
    while let Some(work) = tasks.recv().await {
        match work {
            Work::Stretch(mut stretch) => {
                // Stable: one customer's interactions stay in the order of the file.
                stretch.sort_by_key(|pending| pending.customer);
                for call in split(stretch) {
                    record(&calls, &sink, call).await?;
                }
            }
            // Nobody waits any more when the importer gave up meanwhile.
            Work::Barrier(done) => drop(done.send(())),
        }
    }
    Ok(())
}

fn split(stretch: Vec<Pending>) -> Vec<Vec<Pending>> {
    let mut calls = Vec::new();
    let (mut call, mut bytes) = (Vec::new(), 0);
    for pending in stretch {
        let size = pending.interaction.encoded_len();
        if call.len() == INTERACTIONS_PER_REQUEST_MAX || (bytes + size > CALL_BYTES_MAX && !call.is_empty()) {
            calls.push(std::mem::take(&mut call));
            bytes = 0;
        }
        bytes += size;
        call.push(pending);
    }
    if !call.is_empty() {
        calls.push(call);
    }
    calls
}

async fn record(calls: &Calls, sink: &Sink, call: Vec<Pending>) -> Result<(), Failure> {
    let (mut rows, mut interactions) = (Vec::with_capacity(call.len()), Vec::with_capacity(call.len()));
    for Pending { line, raw, interaction, customer: _ } in call {
        rows.push((line, raw));
        interactions.push(interaction);
    }
    match calls.record(&interactions).await {
        Ok(results) => {
            for ((line, raw), result) in rows.into_iter().zip(results) {
                count(sink, line, raw, result)?;
            }
        }
        Err(CallFailure::Refused(status)) => {
            for (line, raw) in rows {
                sink.refuse(line, raw, &status)?;
            }
        }
        Err(CallFailure::Fatal(failure)) => return Err(failure),
    }
    Ok(())
}

fn count(sink: &Sink, line: u64, raw: String, result: InteractionResult) -> Result<(), Failure> {
    match result.outcome() {
        RecordOutcome::Recorded => sink.tally.interaction_recorded(),
        RecordOutcome::Repeated => sink.tally.interaction_repeated(),
        RecordOutcome::BeforeHorizon => sink.tally.interaction_before_horizon(),
        RecordOutcome::Refused | RecordOutcome::Retry | RecordOutcome::Unspecified => {
            let error = result.error.unwrap_or_default();
            let field = if error.field.is_empty() { error.field } else { format!("interaction.{}", error.field) };
            let row = RawRow::Text(raw);
            sink.reject(Reject { line, reason: error.reason, field, message: error.message, row })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(line: u64, text: usize) -> Pending {
        let interaction = Interaction { text: "x".repeat(text), ..Interaction::default() };
        Pending { line, raw: String::new(), interaction, customer: 0 }
    }

    #[test]
    fn calls_are_bounded_in_number_and_bytes() {
        let sizes = |rows: Vec<Pending>| split(rows).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes((0..250).map(|line| pending(line, 1)).collect()), [100, 100, 50]);
        assert_eq!(sizes((0..3).map(|line| pending(line, 400_000)).collect()), [2, 1]);
        assert_eq!(sizes(vec![pending(0, 2 << 20), pending(1, 1)]), [1, 1]);
        assert_eq!(sizes(Vec::new()), [0_usize; 0]);
    }
}
