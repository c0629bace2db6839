//! `rapport gesture`: what may be given to a customer, and giving it.

mod show;

use clap::Subcommand;
use prost_types::Timestamp;

use super::{
    Outcome, args,
    connect::ServiceChannel,
    failure::Failure,
    output,
    record::{ServiceArgs, WhoArgs},
};
use crate::proto::{
    ApproveGestureRequest, CancelGestureRequest, GestureOutcome, GestureState, GiveGestureRequest, ListGesturesRequest,
    Purpose, RecordGestureOutcomeRequest, SuggestGesturesRequest, gesture_service_client::GestureServiceClient,
};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// What might be given here and now, the best first
    Suggest(Suggest),
    /// Give a gesture, or propose it
    Give(Give),
    /// Approve what a colleague proposed
    Approve(Approve),
    /// Take back what is not delivered yet
    Cancel(Cancel),
    /// Say how the customer took a gesture
    Outcome(OutcomeArgs),
    /// What was given, and what it has become to the customer
    List(List),
}

#[derive(clap::Args)]
struct Suggest {
    #[command(flatten)]
    who: WhoArgs,
    /// Where: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// The issue that is to be made good, for example i7
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    issue: String,
    /// How many at most
    #[arg(long, default_value_t = 5)]
    limit: i32,
    /// Also what something speaks against, with the reasons
    #[arg(long)]
    all: bool,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
struct Give {
    #[command(flatten)]
    who: WhoArgs,
    /// The type, as the policy's catalogue names it, for example flowers
    #[arg(long = "type", value_name = "ID")]
    kind: String,
    /// Where: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// The issue it makes good, for example i7
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    issue: String,
    /// The words of the note
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// The place of delivery, for example "Room 412"
    #[arg(long, default_value = "", hide_default_value = true)]
    place: String,
    /// When it is to be delivered, RFC 3339 [default: as the type says]
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    deliver_at: Option<Timestamp>,
    /// Who delivers
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    deliver_by: String,
    /// When it is over your authority, propose it to those who may approve
    #[arg(long)]
    propose: bool,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
struct Approve {
    #[command(flatten)]
    who: WhoArgs,
    /// The proposal, for example g12
    #[arg(long, value_name = "ID")]
    gesture: String,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
struct Cancel {
    #[command(flatten)]
    who: WhoArgs,
    /// The gesture, for example g12
    #[arg(long, value_name = "ID")]
    gesture: String,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
struct OutcomeArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// The gesture, for example g12
    #[arg(long, value_name = "ID")]
    gesture: String,
    /// Visibly pleased, without a sign, or not wanted
    #[arg(long, value_parser = args::one_of("GESTURE_OUTCOME", &["delighted", "neutral", "declined"],
        |name| GestureOutcome::from_str_name(name).map(i32::from)))]
    outcome: i32,
    #[command(flatten)]
    target: ServiceArgs,
}

#[derive(clap::Args)]
struct List {
    #[command(flatten)]
    who: WhoArgs,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.what {
        What::Suggest(args) => suggest(args).await,
        What::Give(args) => give(args).await,
        What::Approve(args) => approve(args).await,
        What::Cancel(args) => cancel(args).await,
        What::Outcome(args) => taken(args).await,
        What::List(args) => list(args).await,
    }
}

async fn suggest(args: Suggest) -> Result<Outcome, Failure> {
    let Suggest { who, venue, issue, limit, all, json, target } = args;
    let work = async move |channel: ServiceChannel| {
        let request = SuggestGesturesRequest {
            customer_id: who.find(channel.clone(), Some(&venue)).await?,
            venue_id: venue,
            issue_id: issue,
            limit,
            include_vetoed: all,
            language: String::new(),
            purpose: Purpose::Service.into(),
        };
        let answer = GestureServiceClient::new(channel).suggest_gestures(request).await?.into_inner();
        if json {
            return output::answer("SuggestGesturesResponse", &answer);
        }
        output::done(&show::suggestions(&answer.gestures))
    };
    target.call(work).await
}

async fn give(args: Give) -> Result<Outcome, Failure> {
    let Give { who, kind, venue, issue, note, place, deliver_at, deliver_by, propose, target } = args;
    let work = async move |channel: ServiceChannel| {
        let request = GiveGestureRequest {
            customer_id: who.find(channel.clone(), Some(&venue)).await?,
            request_id: args::request_id(),
            etag: String::new(),
            gesture_type_id: kind,
            venue_id: venue,
            issue_id: issue,
            note,
            place,
            deliver_time: deliver_at,
            deliver_owner: deliver_by,
            propose,
        };
        let answer = GestureServiceClient::new(channel).give_gesture(request).await?.into_inner();
        let ids = answer.receipt.unwrap_or_default().created_ids;
        if answer.state == i32::from(GestureState::Proposed) {
            let roles = answer.approving_role_ids.join(", ");
            return output::done(&format!("proposed as {}; it may be approved by: {roles}\n", ids.join(", ")));
        }
        output::done(&format!("given as {}\n", ids.join("; its delivery is owed as ")))
    };
    target.call(work).await
}

async fn approve(args: Approve) -> Result<Outcome, Failure> {
    let Approve { who, gesture, target } = args;
    let work = async move |channel: ServiceChannel| {
        let request = ApproveGestureRequest {
            customer_id: who.find(channel.clone(), None).await?,
            request_id: args::request_id(),
            etag: String::new(),
            gesture_id: gesture,
        };
        let answer = GestureServiceClient::new(channel).approve_gesture(request).await?.into_inner();
        let ids = answer.receipt.unwrap_or_default().created_ids.join(", ");
        output::done(&format!("approved; its delivery is owed as {ids}\n"))
    };
    target.call(work).await
}

async fn cancel(args: Cancel) -> Result<Outcome, Failure> {
    let Cancel { who, gesture, reason, target } = args;
    let work = async move |channel: ServiceChannel| {
        let request = CancelGestureRequest {
            customer_id: who.find(channel.clone(), None).await?,
            request_id: args::request_id(),
            etag: String::new(),
            gesture_id: gesture,
            reason,
        };
        GestureServiceClient::new(channel).cancel_gesture(request).await?;
        output::done("cancelled; what it cost is free again\n")
    };
    target.call(work).await
}

async fn taken(args: OutcomeArgs) -> Result<Outcome, Failure> {
    let OutcomeArgs { who, gesture, outcome, target } = args;
    let work = async move |channel: ServiceChannel| {
        let request = RecordGestureOutcomeRequest {
            customer_id: who.find(channel.clone(), None).await?,
            request_id: args::request_id(),
            etag: String::new(),
            gesture_id: gesture,
            outcome,
        };
        GestureServiceClient::new(channel).record_gesture_outcome(request).await?;
        output::done("noted\n")
    };
    target.call(work).await
}

async fn list(args: List) -> Result<Outcome, Failure> {
    let List { who, json, target } = args;
    let work = async move |channel: ServiceChannel| {
        let customer_id = who.find(channel.clone(), None).await?;
        let request = ListGesturesRequest { customer_id, purpose: Purpose::Service.into() };
        let answer = GestureServiceClient::new(channel).list_gestures(request).await?.into_inner();
        if json {
            return output::answer("ListGesturesResponse", &answer);
        }
        output::done(&show::gifts(&answer))
    };
    target.call(work).await
}
