//! `rapport recovery open`, `assign`, `resolve`, `reopen` and `show`: the issues of a customer.

use prost_types::Timestamp;

use super::show;
use crate::{
    cli::{
        Outcome, args,
        connect::ServiceChannel,
        failure::Failure,
        output,
        record::{ServiceArgs, WhoArgs},
    },
    proto::{
        AssignIssueRequest, GetRecoveryRequest, IssueDraft, IssueSeverity, OpenIssueRequest, Purpose,
        ReopenIssueRequest, ResolveIssueRequest, recovery_service_client::RecoveryServiceClient,
    },
};

#[derive(clap::Args)]
pub struct Open {
    #[command(flatten)]
    who: WhoArgs,
    /// Where: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// How bad it is. minor: an annoyance; major: a part of the visit was spoilt; critical: the visit was spoilt, or somebody was in danger
    #[arg(long, value_parser = args::one_of("ISSUE_SEVERITY", &["minor", "major", "critical"],
        |name| IssueSeverity::from_str_name(name).map(i32::from)))]
    severity: i32,
    /// Why, as a code of A-Z, 0-9 and _ that can be counted, for example AIR_CONDITIONING
    #[arg(long, value_name = "CODE")]
    cause: String,
    /// What failed, for example "Room 412"; a thing, not a person
    #[arg(long, default_value = "", hide_default_value = true)]
    item: String,
    /// What happened; the customer may ask to see this text
    #[arg(long, default_value = "", hide_default_value = true)]
    text: String,
    /// Who is to solve it
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    owner: String,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
pub struct Assign {
    #[command(flatten)]
    who: WhoArgs,
    /// The issue, for example i5
    #[arg(long, value_name = "ID")]
    issue: String,
    /// Who solves it
    #[arg(long, value_name = "NAME")]
    owner: String,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
pub struct Resolve {
    #[command(flatten)]
    who: WhoArgs,
    /// The issue, for example i5
    #[arg(long, value_name = "ID")]
    issue: String,
    /// How it was solved
    #[arg(long, value_name = "TEXT")]
    resolution: String,
    /// By when somebody asks the customer whether all is well, RFC 3339 [default: as the policy says]
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    due: Option<Timestamp>,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
pub struct Reopen {
    #[command(flatten)]
    who: WhoArgs,
    /// The issue, for example i5
    #[arg(long, value_name = "ID")]
    issue: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
pub struct Show {
    #[command(flatten)]
    who: WhoArgs,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: ServiceArgs,
}

impl Open {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, venue, severity, cause, item, text, owner, target } = self;
        let work = async move |channel: ServiceChannel| {
            let request = OpenIssueRequest {
                customer_id: who.find(channel.clone(), Some(&venue)).await?,
                request_id: args::request_id(),
                etag: String::new(),
                issue: Some(IssueDraft { severity, cause, venue_id: venue, item, text, owner }),
            };
            let answer = RecoveryServiceClient::new(channel).open_issue(request).await?.into_inner();
            output::done(&format!("opened as {}\n", answer.receipt.unwrap_or_default().created_ids.join(", ")))
        };
        target.call(work).await
    }
}

impl Assign {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, issue, owner, target } = self;
        let work = async move |channel: ServiceChannel| {
            let message = format!("assigned to {owner}\n");
            let request = AssignIssueRequest {
                customer_id: who.find(channel.clone(), None).await?,
                request_id: args::request_id(),
                etag: String::new(),
                issue_id: issue,
                owner,
            };
            RecoveryServiceClient::new(channel).assign_issue(request).await?;
            output::done(&message)
        };
        target.call(work).await
    }
}

impl Resolve {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, issue, resolution, due, target } = self;
        let work = async move |channel: ServiceChannel| {
            let request = ResolveIssueRequest {
                customer_id: who.find(channel.clone(), None).await?,
                request_id: args::request_id(),
                etag: String::new(),
                issue_id: issue,
                resolution,
                follow_up_due_time: due,
            };
            let answer = RecoveryServiceClient::new(channel).resolve_issue(request).await?.into_inner();
            let ids = answer.receipt.unwrap_or_default().created_ids.join(", ");
            let owed = if ids.is_empty() {
                "nothing is owed".to_owned()
            } else {
                format!("the word with the customer is owed as {ids}")
            };
            output::done(&format!("resolved; {owed}\n"))
        };
        target.call(work).await
    }
}

impl Reopen {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, issue, reason, target } = self;
        let work = async move |channel: ServiceChannel| {
            let request = ReopenIssueRequest {
                customer_id: who.find(channel.clone(), None).await?,
                request_id: args::request_id(),
                etag: String::new(),
                issue_id: issue,
                reason,
            };
            RecoveryServiceClient::new(channel).reopen_issue(request).await?;
            output::done("opened again\n")
        };
        target.call(work).await
    }
}

impl Show {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, json, target } = self;
        let work = async move |channel: ServiceChannel| {
            let customer_id = who.find(channel.clone(), None).await?;
            let request = GetRecoveryRequest { customer_id, purpose: Purpose::Service.into() };
            let answer = RecoveryServiceClient::new(channel).get_recovery(request).await?.into_inner();
            if json {
                return output::answer("GetRecoveryResponse", &answer);
            }
            output::done(&show::recovery(&answer))
        };
        target.call(work).await
    }
}
