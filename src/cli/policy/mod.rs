//! `rapport policy`: the policy as a YAML file that people write, keep in version control, check and set.

mod places;
pub mod yaml;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};
use tonic::{Code, Response, Status};

use super::{
    Outcome,
    caller::Caller,
    connect::{ServiceChannel, TargetArgs},
    failure::Failure,
    output,
};
use crate::{
    domain::{Violation, edible, substances},
    grpc::normal_policy,
    proto::{
        GestureType, GetPolicyRequest, GetPolicyResponse, Policy, SetPolicyRequest,
        policy_service_client::PolicyServiceClient,
    },
};

use yaml::{Document, YamlFault};

/// Lines around a change that are shown with it.
const CONTEXT_LINES: u32 = 3;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check files by the rules of the service, without one
    #[command(after_help = "Exit codes: 0 all may be set, 1 one of them may not, 2 called wrongly.")]
    Check {
        /// Policies in YAML
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the policy in force as YAML
    Get {
        /// An earlier version [default: the one in force]
        #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
        version: i64,
        #[command(flatten)]
        target: TargetArgs,
    },
    /// Put a policy in force, and say what it changes
    Set {
        /// The policy in YAML
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Only say what it would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        target: TargetArgs,
    },
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.what {
        What::Check { files } => check(&files),
        What::Get { version, target } => on(target, async |channel| get(channel, version).await).await,
        What::Set { file, dry_run, target } => {
            let (policy, normal) = checked(&file)?;
            on(target, async |channel| set(channel, policy, &normal, dry_run).await).await
        }
    }
}

async fn on(
    target: TargetArgs,
    work: impl AsyncFnOnce(ServiceChannel) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let connection = target.connect(Caller::of_shell()).await?;
    let result = work(connection.channel()).await;
    connection.close().await;
    result
}

fn check(files: &[PathBuf]) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Done;
    for file in files {
        match checked(file) {
            Ok(_) => output::print(&format!("{}: may be set\n", file.display()))?,
            Err(failure) => {
                outcome = Outcome::Partly;
                output::tell(&failure.to_string());
            }
        }
    }
    Ok(outcome)
}

/// A policy from a file: as it is written, and as the service would keep it.
fn checked(file: &Path) -> Result<(Policy, Policy), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Failed(format!("cannot read {}: {error}", file.display())))?;
    let told = |faults: Vec<YamlFault>| Failure::Failed(tell(file, &faults));
    let Document { policy, places } = yaml::read(&text).map_err(told)?;
    let fault = |Violation { field, message, .. }: Violation| YamlFault { line: places.line(&field), field, message };
    let normal = normal_policy(policy.clone());
    let normal = normal.map_err(|violations| told(violations.into_iter().map(fault).collect()))?;
    let notes: Vec<YamlFault> = strange_contents(&normal).chain(undeclared_contents(&normal)).map(fault).collect();
    if !notes.is_empty() {
        eprintln!("{}", tell(file, &notes));
    }
    Ok((policy, normal))
}

/// Contents that a precaution about another code never meets: perhaps rightly so, perhaps a slip of the pen that would have
/// almonds served to a customer who must not have nuts.
fn strange_contents(policy: &Policy) -> impl Iterator<Item = Violation> {
    policy.catalogue.iter().enumerate().flat_map(|(place, kind)| {
        let codes =
            kind.contents.iter().enumerate().filter(|(_, code)| !substances::is_known(code) && !edible::is_named(code));
        codes.map(move |(at, _)| {
            let rule = "note: no substance that is known; only a precaution with this very code will veto it";
            Violation::new(format!("catalogue[{place}].contents[{at}]"), rule)
        })
    })
}

/// What is named as food or drink and has no contents: most likely nobody has written them down yet.
fn undeclared_contents(policy: &Policy) -> impl Iterator<Item = Violation> {
    let is_undeclared = |kind: &GestureType| kind.contents.is_empty() && !kind.contents_unknown;
    let named = policy.catalogue.iter().enumerate();
    let named = named.filter(move |(_, kind)| is_undeclared(kind) && edible::is_named(&kind.display_name));
    named.map(|(place, _)| {
        let rule = "note: its name says food or drink, and it has no contents; name them, or set contents_unknown";
        Violation::new(format!("catalogue[{place}].display_name"), rule)
    })
}

/// One line for each fault, as compilers write them.
fn tell(file: &Path, faults: &[YamlFault]) -> String {
    let line = |fault: &YamlFault| {
        let at = fault.line.map(|line| format!("{line}:")).unwrap_or_default();
        let field = if fault.field.is_empty() { String::new() } else { format!("{} ", fault.field) };
        output::tame(&format!("{}:{at} {field}{}", file.display(), fault.message))
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The policy in force; `None`: none was ever set.
fn in_force(answered: Result<Response<GetPolicyResponse>, Status>) -> Result<Option<Policy>, Failure> {
    match answered {
        Ok(answer) => Ok(answer.into_inner().policy),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

async fn get(channel: ServiceChannel, version: i64) -> Result<Outcome, Failure> {
    let answered = PolicyServiceClient::new(channel).get_policy(GetPolicyRequest { version }).await;
    let found = if version == 0 { in_force(answered)? } else { answered?.into_inner().policy };
    let Some(policy) = found else {
        return Err(Failure::Failed("no policy was set yet: set one with `rapport policy set FILE`".to_owned()));
    };
    output::print(&format!("# Version {}.\n{}", policy.version, yaml::write(&policy)?))?;
    Ok(Outcome::Done)
}

/// The lines that differ, in the unified format.
fn changed_lines(old: &str, new: &str) -> String {
    let lines = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    let mut config = UnifiedDiffConfig::default();
    config.context_len(CONTEXT_LINES);
    format!("--- in force\n+++ new\n{}", diff.unified_diff(&BasicLineDiffPrinter(&lines.interner), config, &lines))
}

/// Sets what was checked. The etag is the file's, else that of the policy it was compared with: the first of two
/// writers wins, and no change is lost unseen.
async fn set(channel: ServiceChannel, mut policy: Policy, normal: &Policy, dry_run: bool) -> Result<Outcome, Failure> {
    let before = match PolicyServiceClient::new(channel.clone()).get_policy(GetPolicyRequest { version: 0 }).await {
        // Nothing can be compared with it, not even an etag.
        Err(status) if status.code() == Code::DataLoss => {
            output::tell(&format!(
                "rapport: the policy in force is damaged or lost, and is replaced: {}",
                status.message()
            ));
            policy.etag.clear();
            Policy::default()
        }
        answered => in_force(answered)?.unwrap_or_default(),
    };
    let (old, new) = (yaml::write(&before)?, yaml::write(normal)?);
    if old == new {
        output::print(&format!("nothing changes; version {} stays in force\n", before.version))?;
        return Ok(Outcome::Done);
    }
    let shown = if before.version == 0 { String::new() } else { old };
    output::print(&changed_lines(&shown, &new))?;
    if dry_run {
        output::print("dry run: nothing was set\n")?;
        return Ok(Outcome::Done);
    }
    let etag = if policy.etag.is_empty() { before.etag } else { policy.etag.clone() };
    let request = SetPolicyRequest { policy: Some(Policy { etag, ..policy }) };
    let set = PolicyServiceClient::new(channel).set_policy(request).await?.into_inner().policy.unwrap_or_default();
    output::print(&format!("version {} is in force\n", set.version))?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::changed_lines;

    #[test]
    fn changes_are_shown_with_the_lines_around_them() {
        let old = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
        let shown = changed_lines(old, &old.replace("two", "2"));
        assert_eq!(shown, "--- in force\n+++ new\n@@ -1,5 +1,5 @@\n one\n-two\n+2\n three\n four\n five\n");
        assert!(changed_lines("", "one\n").ends_with("\n+one\n"), "a first policy");
    }
}
