//! `rapport fsck`: whether a store is sound, and mending what can be mended.

use serde_json::json;

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::{failed, spinner},
    output,
};
use crate::{
    app::Core,
    service::{
        check::{Event, Fault, Finding, Report, check_unfit},
        clock::Clock,
    },
    telemetry,
};

/// As fsck(8) has them.
const REPAIRED: u8 = 1;
const LEFT: u8 = 2;
const NOT_CHECKED: u8 = 8;
/// Called wrongly.
pub const USAGE: u8 = 16;

#[derive(clap::Args)]
#[command(after_help = "\
Looks at every record, entry of the history, remembered request, identity, listing, budget, log and key. What does not open is \
left as it is and reported as DATA_LOSS of its customer: take that customer from a backup or an export.
With Redis it may run beside the service. With redb the service must be stopped.
Exit codes: 0 sound (perhaps with overdue holds, which do no harm), 1 everything found was repaired, 2 something is left, 8 could not be checked, 16 called wrongly.")]
pub struct Args {
    /// Repair what can be repaired
    #[arg(long)]
    repair: bool,
    /// Print one JSON object at the end instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Flags<Keeping>,
}

/// Runs the check, and answers with its own exit codes.
pub async fn run(args: Args) -> Outcome {
    match check(&args).await {
        Ok(report) if report.left() > 0 => Outcome::Own(LEFT),
        Ok(report) if report.repaired() > 0 => Outcome::Own(REPAIRED),
        Ok(_) => Outcome::Done,
        Err(failure) => {
            output::tell(&format!("rapport: {failure}"));
            Outcome::Own(if matches!(failure, Failure::Usage(_)) { USAGE } else { NOT_CHECKED })
        }
    }
}

async fn check(args: &Args) -> Result<Report, Failure> {
    let config = args.store.config()?;
    telemetry::start(&config.log);
    let core = Core::find(&config, Clock::System).await?;
    let prepared = if args.repair { core.prepare().await } else { core.prepare_to_read().await };
    if let Err(fault) = prepared {
        return if core.fitness.check().is_err() {
            unfit(args, &core, &fault.to_string()).await
        } else {
            Err(fault.into())
        };
    }
    let bar = spinner("things looked at:");
    let mut tell = |event: Event<'_>| match event {
        Event::Looked(count) => bar.inc(count),
        Event::Found(finding) => bar.suspend(|| output::tell(&line(finding, args.repair))),
    };
    let report = core.rapport.maintenance().check(&core.tenant, args.repair, &mut tell).await.map_err(failed)?;
    bar.finish_and_clear();
    output::print(&if args.json { format!("{}\n", as_json(&report)) } else { as_text(&report, args.repair) })?;
    Ok(report)
}

/// What is missing from stores that are not whole: nothing more can be checked.
async fn unfit(args: &Args, core: &Core, fault: &str) -> Result<Report, Failure> {
    let losses = Box::pin(core.fitness.losses(&core.tenant)).await.map_err(failed)?;
    let mut tell = |event: Event<'_>| {
        if let Event::Found(finding) = event {
            output::tell(&line(finding, args.repair));
        }
    };
    let report = check_unfit(fault, &losses, &mut tell);
    let end = match core.fitness.not_mistaken().await {
        Ok(()) => {
            "not whole, and nothing else was checked: bring back what is missing, or give it up with `rapport store adopt`\n"
        }
        Err(_) => "nothing else was checked: correct `--store` and `--keys`\n",
    };
    output::print(&if args.json { format!("{}\n", as_json(&report)) } else { faults(&report) + end })?;
    Ok(report)
}

fn line(finding: &Finding, repair: bool) -> String {
    let Finding { fault, at, what, repaired } = finding;
    let loss = match (fault.is_data_loss(), fault.is_harmless()) {
        (true, _) => "DATA_LOSS ",
        (false, true) => "note: ",
        (false, false) => "",
    };
    let end = match (repaired, repair) {
        (true, _) => " (repaired)",
        (false, true) => " (left)",
        (false, false) => "",
    };
    output::tame(&format!("{loss}{} {at}: {what}{end}", fault.code()))
}

fn as_text(report: &Report, repair: bool) -> String {
    let Report { customers, entries, identities, hints, budgets, log_entries, keys, tombstones, unused_keys, .. } =
        report;
    let mut text = format!(
        "customers {customers}, entries of history {entries}, identities {identities}, listed {hints}, \
         budgets {budgets}, log entries {log_entries}, keys {keys} (of erased customers {tombstones}, not in use {unused_keys})\n"
    );
    text.push_str(&faults(report));
    for (fault, (_, left)) in &report.faults {
        match fault {
            Fault::HoldOverdue if *left > 0 => text.push_str(
                "  overdue holds do no harm: they are freed when somebody wants the identity or budget, or by --repair\n",
            ),
            Fault::KeyUncommitted if *left > 0 => {
                text.push_str("  keys that are not committed do no harm while their records are there: --repair marks them\n");
            }
            _ => {}
        }
    }
    text.push_str(match (report.repaired(), report.left()) {
        (0, 0) => "sound\n",
        (_, 0) => "everything that was wrong is repaired\n",
        _ if repair || report.faults.iter().all(|(fault, (_, left))| *left == 0 || fault.is_data_loss()) => {
            "not sound: what is left cannot be mended here\n"
        }
        _ => "not sound: `rapport fsck --repair` mends what can be mended\n",
    });
    text
}

fn faults(report: &Report) -> String {
    let line = |(fault, (repaired, left)): (&Fault, &(u64, u64))| {
        format!("  {:<18} {repaired} repaired, {left} left\n", fault.code())
    };
    report.faults.iter().map(line).collect()
}

fn as_json(report: &Report) -> serde_json::Value {
    let fault = |(fault, (repaired, left)): (&Fault, &(u64, u64))| json!({ "fault": fault.code(), "dataLoss": fault.is_data_loss(), "harmless": fault.is_harmless(), "repaired": repaired, "left": left });
    json!({
        "sound": report.left() == 0,
        "customers": report.customers,
        "entries": report.entries,
        "identities": report.identities,
        "hints": report.hints,
        "budgets": report.budgets,
        "logEntries": report.log_entries,
        "keys": report.keys,
        "tombstones": report.tombstones,
        "unusedKeys": report.unused_keys,
        "repaired": report.repaired(),
        "left": report.left(),
        "faults": report.faults.iter().map(fault).collect::<Vec<_>>(),
    })
}
