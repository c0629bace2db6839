//! CatalogueService.

use super::{
    call::{Answer, Call, Reply, serve},
    convert::{self, Parsed, items},
};
use crate::{
    domain::VenueId,
    proto::{catalogue_service_server::CatalogueService, *},
    service::{
        Caller, Request,
        items::{
            change::{Changed, ItemChange, Target},
            undeclared::Undeclared,
        },
        tokens,
    },
};

serve! {
    CatalogueService {
        put_items: PutItemsRequest => PutItemsResponse,
        get_item: GetItemRequest => GetItemResponse,
        list_items: ListItemsRequest => ListItemsResponse,
        remove_items: RemoveItemsRequest => RemoveItemsResponse,
        confirm_items: ConfirmItemsRequest => ConfirmItemsResponse,
        mark_items_changed: MarkItemsChangedRequest => MarkItemsChangedResponse,
        declare_kitchen: DeclareKitchenRequest => DeclareKitchenResponse,
        list_undeclared_items: ListUndeclaredItemsRequest => ListUndeclaredItemsResponse,
    }
}

fn venue(caller: &Caller, raw: &str) -> Parsed<VenueId> {
    Ok(caller.venue("venue_id", &VenueId::parse("venue_id", raw)?)?.id.clone())
}

fn target(caller: &Caller, venue_id: &str, request: Request, etag: &str) -> Parsed<Target> {
    Ok(Target { venue: venue(caller, venue_id)?, request, etag: tokens::parse_etag(etag) })
}

async fn changed(call: &Call, target: Target, change: ItemChange) -> Result<Changed, super::status::CallError> {
    Ok(call.writes().change_items(&call.caller, target, change).await?)
}

/// An answer with the receipt of a change.
fn receipt<T>(changed: Changed, of: impl FnOnce(Option<CatalogueReceipt>) -> T) -> Reply<T> {
    Reply::again(of(Some(items::receipt_out(changed))), changed.replayed)
}

async fn put_items(call: Call, message: PutItemsRequest) -> Answer<PutItemsResponse> {
    let request = convert::request("PutItemsRequest", &message.request_id, &message)?;
    let PutItemsRequest { venue_id, items: list, from_time, request_id: _, etag } = message;
    let target = target(&call.caller, &venue_id, request, &etag)?;
    let puts = items::puts(&call.caller, list, from_time)?;
    let changed = changed(&call, target, ItemChange::Put(puts)).await?;
    Ok(receipt(changed, |receipt| PutItemsResponse { receipt }))
}

async fn get_item(call: Call, message: GetItemRequest) -> Answer<GetItemResponse> {
    let GetItemRequest { venue_id, item_id, at } = message;
    let venue = venue(&call.caller, &venue_id)?;
    let id = items::item_id("item_id", &item_id)?;
    let at = convert::time("at", at)?.unwrap_or(call.caller.now);
    let found = call.rapport.readers().item(&call.caller, &venue, &id, at).await?;
    Ok(GetItemResponse { version: Some(items::version_out(found)) }.into())
}

async fn list_items(call: Call, message: ListItemsRequest) -> Answer<ListItemsResponse> {
    let ListItemsRequest { venue_id, at, page_size, page_token } = message;
    let venue = venue(&call.caller, &venue_id)?;
    let (at, size) = (convert::time("at", at)?, convert::page_size(page_size)?);
    let page = call.rapport.readers().items(&call.caller, &venue, at, size, &page_token).await?;
    Ok(items::page_out(page).into())
}

async fn remove_items(call: Call, message: RemoveItemsRequest) -> Answer<RemoveItemsResponse> {
    let request = convert::request("RemoveItemsRequest", &message.request_id, &message)?;
    let RemoveItemsRequest { venue_id, item_ids, request_id: _, etag } = message;
    let target = target(&call.caller, &venue_id, request, &etag)?;
    let ids = items::item_ids("item_ids", item_ids)?;
    let changed = changed(&call, target, ItemChange::Remove(ids)).await?;
    Ok(receipt(changed, |receipt| RemoveItemsResponse { receipt }))
}

async fn confirm_items(call: Call, message: ConfirmItemsRequest) -> Answer<ConfirmItemsResponse> {
    let request = convert::request("ConfirmItemsRequest", &message.request_id, &message)?;
    let ConfirmItemsRequest { venue_id, items: selection, request_id: _, etag } = message;
    let target = target(&call.caller, &venue_id, request, &etag)?;
    let selection = items::selection("items", selection)?;
    let changed = changed(&call, target, ItemChange::Confirm(selection)).await?;
    Ok(receipt(changed, |receipt| ConfirmItemsResponse { receipt }))
}

async fn mark_items_changed(call: Call, message: MarkItemsChangedRequest) -> Answer<MarkItemsChangedResponse> {
    let request = convert::request("MarkItemsChangedRequest", &message.request_id, &message)?;
    let MarkItemsChangedRequest { venue_id, items: selection, request_id: _, etag } = message;
    let target = target(&call.caller, &venue_id, request, &etag)?;
    let selection = items::selection("items", selection)?;
    let changed = changed(&call, target, ItemChange::MarkChanged(selection)).await?;
    Ok(receipt(changed, |receipt| MarkItemsChangedResponse { receipt }))
}

async fn declare_kitchen(call: Call, message: DeclareKitchenRequest) -> Answer<DeclareKitchenResponse> {
    let request = convert::request("DeclareKitchenRequest", &message.request_id, &message)?;
    let DeclareKitchenRequest { venue_id, may_contain, request_id: _, etag } = message;
    let target = target(&call.caller, &venue_id, request, &etag)?;
    let codes = items::kitchen_codes(&call.caller, "may_contain", may_contain)?;
    let changed = changed(&call, target, ItemChange::Kitchen(codes)).await?;
    Ok(receipt(changed, |receipt| DeclareKitchenResponse { receipt }))
}

async fn list_undeclared_items(call: Call, message: ListUndeclaredItemsRequest) -> Answer<ListUndeclaredItemsResponse> {
    let ListUndeclaredItemsRequest { venue_id } = message;
    let venue = venue(&call.caller, &venue_id)?;
    let (found, unnamed) = call.rapport.readers().undeclared(&call.caller, &venue).await?;
    let one = |Undeclared { name, category, purchases, is_listed }| UndeclaredItem {
        name,
        category,
        purchase_count: i64::from(purchases),
        listed: is_listed,
    };
    Ok(ListUndeclaredItemsResponse {
        items: found.into_iter().map(one).collect(),
        unnamed_count: i64::try_from(unnamed).unwrap_or(i64::MAX),
    }
    .into())
}
