//! `rapport catalogue`: what a venue sells, and what it has declared of it.

pub mod put;
mod read;
pub mod table;

use clap::Subcommand;

use super::{
    Outcome, args,
    caller::{Caller, CallerArgs},
    connect::{ServiceChannel, TargetArgs},
    failure::Failure,
    output,
};
use crate::proto::{
    CatalogueReceipt, ConfirmItemsRequest, DeclareKitchenRequest, ItemSelection, MarkItemsChangedRequest,
    RemoveItemsRequest, catalogue_service_client::CatalogueServiceClient,
};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// Where, and by whom.
#[derive(clap::Args)]
struct At {
    /// Whose items they are: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    #[command(flatten)]
    caller: CallerArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Which items are meant.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Ids of items
    #[arg(value_name = "ITEM")]
    items: Vec<String>,
    /// All items of this category
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// All items of the venue
    #[arg(long)]
    all: bool,
}

#[derive(Subcommand)]
enum What {
    /// Put items from files: one JSON object per line, or a table (a name that ends in .csv)
    Put {
        /// The files; docs/catalogue.md names the columns of a table
        #[arg(required = true, value_name = "FILE")]
        files: Vec<std::path::PathBuf>,
        /// From when the items are so, with its offset; else now
        #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
        from: Option<prost_types::Timestamp>,
        #[command(flatten)]
        at: At,
    },
    /// Show an item, also as it was at a time
    Get {
        /// Its id
        #[arg(value_name = "ITEM")]
        item: String,
        /// The time, with its offset; else now
        #[arg(long = "at", value_name = "TIME", value_parser = args::parse_time)]
        time: Option<prost_types::Timestamp>,
        /// Print the answer as proto3-JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        at: At,
    },
    /// List the items of a venue, also as they were at a time
    List {
        /// The time, with its offset; else now
        #[arg(long = "at", value_name = "TIME", value_parser = args::parse_time)]
        time: Option<prost_types::Timestamp>,
        /// Print them as lines that `put` takes
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        at: At,
    },
    /// Remove items; what they were stays readable
    Remove {
        /// Ids of items
        #[arg(required = true, value_name = "ITEM")]
        items: Vec<String>,
        #[command(flatten)]
        at: At,
    },
    /// Say that a recipe or product has changed: the contents count as not declared until they are confirmed
    Changed {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        at: At,
    },
    /// Confirm that the declared contents are still right
    Confirm {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        at: At,
    },
    /// Declare what the whole kitchen may carry over; without codes: nothing
    Kitchen {
        /// Codes of substances
        #[arg(value_name = "CODE")]
        may_contain: Vec<String>,
        #[command(flatten)]
        at: At,
    },
    /// List what is sold and not declared, what is bought most first
    #[command(after_help = "Exit codes: 0 all that is sold is declared, 1 something is not, 2 called wrongly.")]
    Check {
        #[command(flatten)]
        at: At,
    },
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.what {
        What::Put { files, from, at } => {
            let items = put::read(&files)?;
            on(at, async |channel, venue| put::put(channel, venue, items, from).await).await
        }
        What::Get { item, time, json, at } => {
            on(at, async |channel, venue| read::get(channel, venue, item, time, json).await).await
        }
        What::List { time, json, at } => {
            on(at, async |channel, venue| read::list(channel, venue, time, json).await).await
        }
        What::Remove { items, at } => on(at, async |channel, venue| remove(channel, venue, items).await).await,
        What::Changed { which, at } => on(at, async |channel, venue| changed(channel, venue, which).await).await,
        What::Confirm { which, at } => on(at, async |channel, venue| confirm(channel, venue, which).await).await,
        What::Kitchen { may_contain, at } => {
            on(at, async |channel, venue| kitchen(channel, venue, may_contain).await).await
        }
        What::Check { at } => on(at, async |channel, venue| read::check(channel, venue).await).await,
    }
}

async fn on(
    at: At,
    work: impl AsyncFnOnce(ServiceChannel, String) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let connection = at.target.connect(Caller::from(at.caller)).await?;
    let result = work(connection.channel(), at.venue).await;
    connection.close().await;
    result
}

impl From<Which> for ItemSelection {
    fn from(which: Which) -> Self {
        Self { item_ids: which.items, category: which.category.unwrap_or_default(), all: which.all }
    }
}

fn told(verb: &str, receipt: Option<CatalogueReceipt>) -> Result<Outcome, Failure> {
    let changed = receipt.unwrap_or_default().changed_count;
    let why = if changed == 0 { " (no item of these was to be changed: see `rapport catalogue list`)" } else { "" };
    output::done(&format!("{verb}: {changed}{why}\n"))
}

async fn remove(channel: ServiceChannel, venue_id: String, item_ids: Vec<String>) -> Result<Outcome, Failure> {
    let request = RemoveItemsRequest { venue_id, item_ids, request_id: args::request_id(), etag: String::new() };
    told("removed", CatalogueServiceClient::new(channel).remove_items(request).await?.into_inner().receipt)
}

async fn changed(channel: ServiceChannel, venue_id: String, which: Which) -> Result<Outcome, Failure> {
    let items = Some(which.into());
    let request = MarkItemsChangedRequest { venue_id, items, request_id: args::request_id(), etag: String::new() };
    let answer = CatalogueServiceClient::new(channel).mark_items_changed(request).await?.into_inner();
    told("not declared until they are confirmed", answer.receipt)
}

async fn confirm(channel: ServiceChannel, venue_id: String, which: Which) -> Result<Outcome, Failure> {
    let items = Some(which.into());
    let request = ConfirmItemsRequest { venue_id, items, request_id: args::request_id(), etag: String::new() };
    told("confirmed", CatalogueServiceClient::new(channel).confirm_items(request).await?.into_inner().receipt)
}

async fn kitchen(channel: ServiceChannel, venue_id: String, may_contain: Vec<String>) -> Result<Outcome, Failure> {
    let request = DeclareKitchenRequest { venue_id, may_contain, request_id: args::request_id(), etag: String::new() };
    CatalogueServiceClient::new(channel).declare_kitchen(request).await?;
    output::done("declared\n")
}
