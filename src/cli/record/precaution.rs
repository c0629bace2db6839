//! `rapport record precaution`.

use super::{ServiceArgs, WhoArgs, confirm};
use crate::{
    cli::{Outcome, args, failure::Failure},
    proto::{
        AddPrecautionsRequest, Criticality, PrecautionBasis, PrecautionDraft, PrecautionKind, PrecautionStatus,
        ReactionSeverity, customer_service_client::CustomerServiceClient,
    },
};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// What kind it is
    #[arg(long, value_parser = args::one_of("PRECAUTION_KIND",
        &["allergy", "intolerance", "diet", "accessibility", "abstention", "topic"],
        |name| PrecautionKind::from_str_name(name).map(i32::from)))]
    kind: i32,
    /// The substance, diet, need or topic as a code of A-Z, 0-9 and _, for example TREE_NUTS
    #[arg(long)]
    code: String,
    /// Words for people, for example "Nuts, also traces. Carries an EpiPen."
    #[arg(long, default_value = "", hide_default_value = true)]
    text: String,
    /// How dangerous it is to ignore; not said counts as high
    #[arg(long, value_parser = args::one_of("CRITICALITY", &["low", "high"],
        |name| Criticality::from_str_name(name).map(i32::from)))]
    criticality: Option<i32>,
    /// How severe the reaction was
    #[arg(long, value_parser = args::one_of("REACTION_SEVERITY", &["mild", "moderate", "severe"],
        |name| ReactionSeverity::from_str_name(name).map(i32::from)))]
    severity: Option<i32>,
    /// Whether it was verified with the customer
    #[arg(long, default_value = "unconfirmed", value_parser = args::one_of("PRECAUTION_STATUS",
        &["unconfirmed", "confirmed"], |name| PrecautionStatus::from_str_name(name).map(i32::from)))]
    status: i32,
    /// Whose it is when not the customer's own, for example "my son"
    #[arg(long, default_value = "", hide_default_value = true)]
    of_whom: String,
    /// Until when it holds, for example 2026-05-17T12:00:00Z
    #[arg(long, conflicts_with = "until_departure", value_parser = args::parse_time)]
    until: Option<prost_types::Timestamp>,
    /// It holds until the customer leaves --venue: until its business day ends
    #[arg(long, requires = "venue")]
    until_departure: bool,
    /// Where the customer is
    #[arg(long)]
    venue: Option<String>,
    /// On what it is kept
    #[arg(long, value_parser = args::one_of("PRECAUTION_BASIS", &["consent", "this-visit-only"],
        |name| PrecautionBasis::from_str_name(name).map(i32::from)))]
    basis: Option<i32>,
    /// How that can be shown, for example "said so at the table"
    #[arg(long, default_value = "", hide_default_value = true, requires = "basis")]
    basis_evidence: String,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    args.target
        .call(async move |channel| {
            let customer_id = args.who.find(channel.clone(), None).await?;
            let precaution = PrecautionDraft {
                kind: args.kind,
                code: args.code,
                text: args.text,
                criticality: args.criticality.unwrap_or_default(),
                severity: args.severity.unwrap_or_default(),
                status: args.status,
                of_whom: args.of_whom,
                until_time: args.until,
                until_departure: args.until_departure,
                venue_id: args.venue.unwrap_or_default(),
                basis: args.basis.unwrap_or_default(),
                basis_evidence: args.basis_evidence,
                basis_time: None,
            };
            let request = AddPrecautionsRequest {
                customer_id,
                request_id: args::request_id(),
                etag: String::new(),
                precautions: vec![precaution],
            };
            let answer = CustomerServiceClient::new(channel).add_precautions(request).await?.into_inner();
            confirm("the precaution", answer.receipt)
        })
        .await
}
