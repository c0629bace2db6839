//! `rapport recovery promise`, `complete` and `list`: follow-ups.

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
        CompleteFollowUpRequest, FollowUpDraft, FollowUpFilter, FollowUpKind, FollowUpState, ListFollowUpsRequest,
        PromiseFollowUpRequest, Purpose, recovery_service_client::RecoveryServiceClient,
    },
};

#[derive(clap::Args)]
pub struct Promise {
    #[command(flatten)]
    who: WhoArgs,
    /// Where: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// What was promised, for example "Call about the repaired air conditioning."
    #[arg(long)]
    text: String,
    /// By when, RFC 3339: not in the past, at most two years ahead
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    due: Timestamp,
    /// Who keeps it
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    owner: String,
    /// The place there, for example "Room 412"
    #[arg(long, default_value = "", hide_default_value = true)]
    place: String,
    /// The issue it belongs to, for example i5
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    issue: String,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
pub struct Complete {
    #[command(flatten)]
    who: WhoArgs,
    /// The follow-up, for example f9; the delivery of a gesture is one, too
    #[arg(long, value_name = "ID")]
    follow_up: String,
    /// It was not kept, and can no longer be
    #[arg(long)]
    missed: bool,
    /// How the customer took it, 1 to 5
    #[arg(long, value_name = "RATING", default_value_t = 0, hide_default_value = true)]
    rating: i32,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
pub struct List {
    /// Where it is owed: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// Only what is due until the end of the venue's business day, with what is overdue
    #[arg(long, conflicts_with = "overdue")]
    today: bool,
    /// Only what is past its time
    #[arg(long)]
    overdue: bool,
    /// Entries per page, at most 200
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    page_size: i32,
    /// The next page, as the page before names it
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    page_token: String,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: ServiceArgs,
}

impl Promise {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, venue, text, due, owner, place, issue, target } = self;
        let work = async move |channel: ServiceChannel| {
            let request = PromiseFollowUpRequest {
                customer_id: who.find(channel.clone(), Some(&venue)).await?,
                request_id: args::request_id(),
                etag: String::new(),
                follow_up: Some(FollowUpDraft {
                    kind: FollowUpKind::Promise.into(),
                    text,
                    owner,
                    due_time: Some(due),
                    venue_id: venue,
                    place,
                    issue_id: issue,
                }),
            };
            let answer = RecoveryServiceClient::new(channel).promise_follow_up(request).await?.into_inner();
            output::done(&format!("promised as {}\n", answer.receipt.unwrap_or_default().created_ids.join(", ")))
        };
        target.call(work).await
    }
}

impl Complete {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { who, follow_up, missed, rating, target } = self;
        let work = async move |channel: ServiceChannel| {
            let request = CompleteFollowUpRequest {
                customer_id: who.find(channel.clone(), None).await?,
                request_id: args::request_id(),
                etag: String::new(),
                follow_up_id: follow_up,
                state: if missed { FollowUpState::Missed } else { FollowUpState::Done }.into(),
                rating,
            };
            RecoveryServiceClient::new(channel).complete_follow_up(request).await?;
            output::done(if missed { "noted as missed\n" } else { "noted as kept\n" })
        };
        target.call(work).await
    }
}

impl List {
    pub async fn run(self) -> Result<Outcome, Failure> {
        let Self { venue, today, overdue, page_size, page_token, json, target } = self;
        let filter = match (today, overdue) {
            (true, _) => FollowUpFilter::DueToday,
            (_, true) => FollowUpFilter::Overdue,
            _ => FollowUpFilter::Unspecified,
        };
        let work = async move |channel: ServiceChannel| {
            let request = ListFollowUpsRequest {
                venue_id: venue,
                filter: filter.into(),
                page_size,
                page_token,
                purpose: Purpose::Service.into(),
            };
            let answer = RecoveryServiceClient::new(channel).list_follow_ups(request).await?.into_inner();
            if json {
                return output::answer("ListFollowUpsResponse", &answer);
            }
            output::done(&show::owed(&answer))
        };
        target.call(work).await
    }
}
