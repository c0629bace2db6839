//! Items as lines of a terminal.

use crate::{
    cli::{
        Outcome,
        connect::ServiceChannel,
        failure::Failure,
        json,
        lines::{below, line, minute, short},
        output,
    },
    proto::{
        ContentLevel, GetItemRequest, Item, ItemVersion, ListItemsRequest, ListUndeclaredItemsRequest,
        catalogue_service_client::CatalogueServiceClient,
    },
};

/// Items in one answer: the most that the service gives.
const PAGE_SIZE: i32 = 200;

pub async fn get(
    channel: ServiceChannel,
    venue_id: String,
    item_id: String,
    at: Option<prost_types::Timestamp>,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let request = GetItemRequest { venue_id, item_id, at };
    let answer = CatalogueServiceClient::new(channel).get_item(request).await?.into_inner();
    if as_json {
        return output::answer("GetItemResponse", &answer);
    }
    output::done(&version(&answer.version.unwrap_or_default()))
}

pub async fn list(
    channel: ServiceChannel,
    venue_id: String,
    at: Option<prost_types::Timestamp>,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let (mut client, mut page_token) = (CatalogueServiceClient::new(channel), String::new());
    let (kind, mut is_first) = (json::descriptor("Item"), true);
    loop {
        let request = ListItemsRequest { venue_id: venue_id.clone(), at, page_size: PAGE_SIZE, page_token };
        let page = client.list_items(request).await?.into_inner();
        for one in &page.versions {
            if as_json {
                let text = json::write(&kind, &one.item.clone().unwrap_or_default(), false);
                output::print(&format!("{}\n", text.map_err(|fault| Failure::Failed(fault.message))?))?;
            } else {
                output::print(&version(one))?;
            }
        }
        if is_first && !as_json {
            if page.versions.is_empty() {
                output::print("nothing is listed\n")?;
            }
            if let Some(kitchen) = page.kitchen {
                output::print(&line(&["the kitchen may carry over:", &kitchen.may_contain.join(", ")]))?;
            }
        }
        is_first = false;
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(Outcome::Done);
        }
    }
}

pub async fn check(channel: ServiceChannel, venue_id: String) -> Result<Outcome, Failure> {
    let request = ListUndeclaredItemsRequest { venue_id };
    let found = CatalogueServiceClient::new(channel).list_undeclared_items(request).await?.into_inner();
    for item in &found.items {
        let state = if item.listed { "listed, not declared" } else { "not listed" };
        output::print(&line(&[&item.purchase_count.to_string(), &item.name, &item.category, state]))?;
    }
    if found.unnamed_count > 0 {
        output::print(&format!(
            "{} more that fewer than five customers bought, and that are not named\n",
            found.unnamed_count
        ))?;
    }
    if found.items.is_empty() {
        return output::done("all that is sold and named is declared\n");
    }
    Ok(Outcome::Partly)
}

fn version(version: &ItemVersion) -> String {
    let item = version.item.clone().unwrap_or_default();
    let names: Vec<&str> = item.names.iter().map(|name| name.text.as_str()).collect();
    let first = line(&[
        &item.item_id,
        &names.join(" / "),
        &item.category,
        short(version.state().as_str_name(), "ITEM_STATE_"),
        &format!("since {} by {}", minute(version.from_time.as_ref()), version.updated_by),
    ]);
    [first, below(&contents(&item)), below(&said("made of: ", &item.component_ids.join(", ")))].concat()
}

fn contents(item: &Item) -> String {
    let of = |level: ContentLevel| -> String {
        let contents = item.contents.iter().flat_map(|contents| &contents.contents);
        let codes = contents.filter(|content| content.level() == level).map(|content| content.code.as_str());
        codes.collect::<Vec<_>>().join(", ")
    };
    let both = [said("contains ", &of(ContentLevel::Contains)), said("may contain ", &of(ContentLevel::MayContain))];
    both.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// A word with what it says; nothing when there is nothing to say.
fn said(word: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{word}{text}") }
}
