//! `rapport record evidence`.

use prost_types::Timestamp;

use super::{ServiceArgs, WhoArgs, confirm};
use crate::{
    cli::{Outcome, args, failure::Failure},
    proto::{
        EvidenceDraft, EvidenceSource, PreferenceScope, RecordEvidenceRequest, Stance,
        customer_service_client::CustomerServiceClient,
    },
};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// The subject's category, for example drink
    #[arg(long)]
    category: String,
    /// The subject, for example "espresso, double"
    #[arg(long)]
    item: String,
    /// The customer's attitude to it
    #[arg(long, value_parser = args::one_of("STANCE", &["favourite", "likes", "dislikes", "avoid"],
        |name| Stance::from_str_name(name).map(i32::from)))]
    stance: i32,
    /// How it came to be known
    #[arg(long, value_parser = args::one_of("EVIDENCE_SOURCE", &["stated", "observed", "inferred", "refused"],
        |name| EvidenceSource::from_str_name(name).map(i32::from)))]
    source: i32,
    /// Where; required for what was observed
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    venue: String,
    /// When, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    at: Option<Timestamp>,
    /// The circumstance in which it holds, for example breakfast
    #[arg(long, default_value = "", hide_default_value = true)]
    situation: String,
    /// How far it reaches [default: venue for what was observed, tenant for what was stated]
    #[arg(long, value_parser = args::one_of("PREFERENCE_SCOPE", &["venue", "brand", "tenant"],
        |name| PreferenceScope::from_str_name(name).map(i32::from)))]
    scope: Option<i32>,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    args.target
        .call(async move |channel| {
            let customer_id = args.who.find(channel.clone(), Some(&args.venue)).await?;
            let evidence = EvidenceDraft {
                category: args.category,
                item: args.item,
                stance: args.stance,
                source: args.source,
                venue_id: args.venue,
                observe_time: args.at,
                situation: args.situation,
                scope: args.scope.unwrap_or_default(),
            };
            let request = RecordEvidenceRequest {
                customer_id,
                request_id: args::request_id(),
                etag: String::new(),
                evidence: vec![evidence],
            };
            let answer = CustomerServiceClient::new(channel).record_evidence(request).await?.into_inner();
            confirm("the evidence", answer.receipt)
        })
        .await
}
