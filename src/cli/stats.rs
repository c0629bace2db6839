//! `rapport stats`: how much a store holds, how far its indexes are behind, and how quickly it answers.

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::{failed, open, spinner},
    output,
};
use crate::{
    backup::{is_old, newest},
    config::BackupPlan,
    domain::Timestamp,
    service::stats::{Sizes, Stats},
    store::{
        fitness::{Setback, time_text, time_text_of_second},
        layers::Reading,
    },
};

/// Two digits: a size is good to one percent.
const DIGITS: u8 = 2;
/// More than a customer can take, by far; a histogram that grows with what it is told would cost no less.
const BYTES_MAX: u64 = 1 << 32;

#[derive(clap::Args)]
#[command(after_help = "\
Bytes are those of the values as they are stored, sealed; keys and what the store adds are not counted. Store calls are
those of this command: how quickly the store answers here. A server counts its own.")]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Flags<Keeping>,
}

/// The sizes of one part, over all customers.
struct Part {
    name: &'static str,
    of: fn(&Sizes) -> u64,
    sizes: Histogram<u64>,
    sum: u64,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let core = open(&args.store).await?;
    let mut parts = parts()?;
    let bar = spinner("customers measured:");
    let mut tell = |sizes: Sizes| {
        bar.inc(1);
        for part in &mut parts {
            let size = (part.of)(&sizes);
            part.sum += size;
            part.sizes.saturating_record(size);
        }
    };
    let stats = core.rapport.maintenance().stats(&core.tenant, &mut tell).await.map_err(failed)?;
    bar.finish_and_clear();
    let calls = core.meters.called();
    let backup = args.store.config()?.backup.map(|plan| Backup::of(&plan, core.fitness.store_id()));
    let given_up = core.fitness.given_up().await.map_err(failed)?;
    let apart = core.apart().await.map_err(failed)?.and_then(|apart| apart.told());
    let whole = Wholeness { apart, epoch: core.fitness.epoch(), setback: core.fitness.setback(), given_up, backup };
    let text = if args.json {
        format!("{}\n", as_json(&stats, &whole, &parts, &calls))
    } else {
        format!("{}{}{}", as_text(&stats, &parts), whole.as_text(), calls_as_text(&calls))
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}

/// Whether the stores have lost anything.
struct Wholeness {
    /// What an operator should know of the servers.
    apart: Option<String>,
    epoch: u64,
    setback: Option<Setback>,
    /// What an operator gave up last with an older copy.
    given_up: Option<Setback>,
    /// `None`: the settings ask for none.
    backup: Option<Backup>,
}

/// The newest backup of this store, of those that a server makes.
struct Backup {
    newest: Option<i64>,
    is_old: bool,
}

impl Backup {
    fn of(plan: &BackupPlan, store_id: Option<[u8; 16]>) -> Self {
        let now = Timestamp::now().as_second();
        let newest = newest(&plan.places, store_id, now);
        Self { newest, is_old: is_old(newest, now) }
    }

    fn as_text(&self) -> String {
        let newest = self.newest.map_or_else(|| "none".to_owned(), time_text_of_second);
        let told = if self.is_old { " (WARNING: older than two days; the server's log says why)" } else { "" };
        format!("backup         {newest}{told}\n")
    }
}

/// The note of what was seen counts all buckets together.
fn in_buckets(buckets: u32) -> String {
    if buckets == 0 { String::new() } else { format!(" in {buckets} buckets") }
}

impl Wholeness {
    fn as_text(&self) -> String {
        let mut text = format!("epoch          {}\n", self.epoch);
        if let Some(Setback { times, seen_ms, since_ms, buckets, changes }) = &self.setback {
            text.push_str(&format!(
                "lost writes    {changes}{}, of {} and later; seen {} (losses so far: {times})\n",
                in_buckets(*buckets),
                time_text(*since_ms),
                time_text(*seen_ms)
            ));
        }
        if let Some(Setback { times, seen_ms, since_ms, buckets, changes }) = &self.given_up {
            text.push_str(&format!(
                "given up       {changes} changes{}, of {} and later; adopted {} (older copies adopted so far: {times})\n",
                in_buckets(*buckets),
                time_text(*since_ms),
                time_text(*seen_ms)
            ));
        }
        text.extend(self.apart.iter().map(|told| format!("servers        WARNING: {told}\n")));
        text.extend(self.backup.as_ref().map(Backup::as_text));
        text
    }

    fn backup_as_json(&self) -> Value {
        self.backup.as_ref().map_or(
            Value::Null,
            |Backup { newest, is_old }| json!({ "newestTime": newest.map(time_text_of_second), "isOld": is_old }),
        )
    }

    fn as_json(lost: Option<&Setback>) -> Value {
        let setback = |setback: &Setback| {
            json!({
                "times": setback.times,
                "seenTime": time_text(setback.seen_ms),
                "sinceTime": time_text(setback.since_ms),
                "buckets": setback.buckets,
                "changes": setback.changes,
            })
        };
        lost.map_or(Value::Null, setback)
    }
}

fn parts() -> Result<Vec<Part>, Failure> {
    let part = |name: &'static str, of: fn(&Sizes) -> u64| {
        Ok::<_, Failure>(Part {
            name,
            of,
            sizes: Histogram::new_with_bounds(1, BYTES_MAX, DIGITS).map_err(failed)?,
            sum: 0,
        })
    };
    Ok(vec![
        part("record", |sizes| sizes.record)?,
        part("history", |sizes| sizes.history)?,
        part("requests", |sizes| sizes.requests)?,
        part("identities", |sizes| sizes.identities)?,
        part("keys", |sizes| sizes.keys)?,
        part("together", |sizes| sizes.record + sizes.history + sizes.requests + sizes.identities + sizes.keys)?,
    ])
}

/// Entries that the index worker has not done: the most of one bucket, and all.
fn lag(stats: &Stats) -> (u64, u64) {
    let behind = || stats.logs.iter().map(|log| log.end.saturating_sub(log.cursor));
    (behind().max().unwrap_or(0), behind().sum())
}

fn log_entries(stats: &Stats) -> u64 {
    stats.logs.iter().map(|log| log.end.saturating_sub(log.trimmed)).sum()
}

fn customers(parts: &[Part]) -> u64 {
    parts.first().map_or(0, |part| part.sizes.len())
}

fn as_text(stats: &Stats, parts: &[Part]) -> String {
    let mut text = format!("customers      {}\n", customers(parts));
    text.push_str(&format!("{:<14} {:>10} {:>10} {:>10} {:>14}\n", "bytes of one", "median", "p99", "max", "all"));
    for Part { name, sizes, sum, .. } in parts {
        let (median, p99) = (sizes.value_at_quantile(0.5), sizes.value_at_quantile(0.99));
        text.push_str(&format!("  {name:<12} {median:>10} {p99:>10} {:>10} {sum:>14}\n", sizes.max()));
    }
    let (most, all) = lag(stats);
    let format = stats.write_format.map_or_else(|| "none yet".to_owned(), |format| format.to_string());
    text.push_str(&format!(
        "listed         {}\nidentities     {} ({} held, {} put back)\nlog entries    {}\nlog lag        {all} ({most} in one bucket)\n\
         items          {}\ndestroyed keys {}\nwrite format   {format}\n",
        stats.listed,
        stats.identities,
        stats.held,
        stats.identities_restored,
        log_entries(stats),
        stats.items,
        key_copies_as_text(stats.key_copies_since_ms),
    ));
    text
}

fn key_copies_as_text(since_ms: Option<Option<i64>>) -> String {
    let since = match since_ms {
        None => return "no copy is left in the files of the key store".to_owned(),
        Some(since_ms) => since_ms.map_or_else(String::new, |since_ms| format!(" since {}", time_text(since_ms))),
    };
    format!(
        "copies of those destroyed{since} may be left in the files of the key store; a server removes them, or its log says why not"
    )
}

fn micros(call: &Reading, share: f64) -> u64 {
    u64::try_from(call.quantile(share).as_micros()).unwrap_or(u64::MAX)
}

fn calls_as_text(calls: &[Reading]) -> String {
    let mut text = format!(
        "{:<14} {:>10} {:>10} {:>10} {:>14} {:>14}\n",
        "store calls", "calls", "failed", "operations", "median (us)", "p99 (us)"
    );
    for call in calls {
        let (median, p99) = (micros(call, 0.5), micros(call, 0.99));
        text.push_str(&format!(
            "  {:<12} {:>10} {:>10} {:>10} {median:>14} {p99:>14}\n",
            call.method.name(),
            call.calls,
            call.failures,
            call.operations
        ));
    }
    text
}

fn as_json(stats: &Stats, whole: &Wholeness, parts: &[Part], calls: &[Reading]) -> Value {
    let sizes = |part: &Part| {
        let (median, p99) = (part.sizes.value_at_quantile(0.5), part.sizes.value_at_quantile(0.99));
        (part.name.to_owned(), json!({ "median": median, "p99": p99, "max": part.sizes.max(), "sum": part.sum }))
    };
    let call = |call: &Reading| {
        let (median, p99) = (micros(call, 0.5), micros(call, 0.99));
        let told = json!({
            "calls": call.calls,
            "failed": call.failures,
            "operations": call.operations,
            "medianMicros": median,
            "p99Micros": p99,
        });
        (call.method.name().to_owned(), told)
    };
    let (most, all) = lag(stats);
    json!({
        "customers": customers(parts),
        "bytes": parts.iter().map(sizes).collect::<serde_json::Map<String, Value>>(),
        "listed": stats.listed,
        "identities": { "all": stats.identities, "held": stats.held, "restored": stats.identities_restored },
        "log": { "entries": log_entries(stats), "lag": { "max": most, "sum": all } },
        "items": stats.items,
        "destroyedKeys": {
            "mayBeLeft": stats.key_copies_since_ms.is_some(),
            "sinceTime": stats.key_copies_since_ms.flatten().map(time_text),
        },
        "writeFormat": stats.write_format,
        "epoch": whole.epoch,
        "lostWrites": Wholeness::as_json(whole.setback.as_ref()),
        "givenUp": Wholeness::as_json(whole.given_up.as_ref()),
        "serversWarning": whole.apart,
        "backup": whole.backup_as_json(),
        "storeCalls": calls.iter().map(call).collect::<serde_json::Map<String, Value>>(),
    })
}
