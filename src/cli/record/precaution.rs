//! `rapport record precaution`.

use super::{ServiceArgs, WhoArgs, confirm};
use crate::{
    cli::{Outcome, args, failure::Failure},
    proto::{
        AddPrecautionsRequest, Criticality, PrecautionDraft, PrecautionKind, PrecautionStatus, ReactionSeverity,
        customer_service_client::CustomerServiceClient,
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
