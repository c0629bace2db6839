//! GestureService.

use super::{
    call::{Answer, Call, change, change_request, serve},
    convert::{self, Parsed, gesture},
};
use crate::{
    domain::{Change, gesture::Suggested, text},
    phrasing::Language,
    proto::{gesture_service_server::GestureService, *},
    service::{Caller, gestures::Ask},
};

serve! {
    GestureService {
        suggest_gestures: SuggestGesturesRequest => SuggestGesturesResponse,
        give_gesture: GiveGestureRequest => GiveGestureResponse,
        approve_gesture: ApproveGestureRequest => ApproveGestureResponse,
        cancel_gesture: CancelGestureRequest => CancelGestureResponse,
        record_gesture_outcome: RecordGestureOutcomeRequest => RecordGestureOutcomeResponse,
        list_gestures: ListGesturesRequest => ListGesturesResponse,
    }
}

async fn suggest_gestures(call: Call, message: SuggestGesturesRequest) -> Answer<SuggestGesturesResponse> {
    let (ask, language) = asked(&call.caller, &message)?;
    let write = |one: Suggested<'_>| gesture::suggested_out(language, one);
    let gestures = call.rapport.readers().suggest_gestures(&call.caller, &ask, write).await?;
    Ok(SuggestGesturesResponse { gestures }.into())
}

fn asked<'a>(caller: &'a Caller, message: &SuggestGesturesRequest) -> Parsed<(Ask<'a>, Language)> {
    let SuggestGesturesRequest { customer_id, venue_id, issue_id, limit, include_vetoed, language, purpose } = message;
    let named = text::language("language", language)?;
    let ask = Ask {
        customer: convert::customer_id(customer_id)?,
        venue: gesture::at_venue(caller, venue_id)?,
        issue: gesture::issue_id(issue_id)?,
        limit: gesture::limit(*limit)?,
        include_vetoed: *include_vetoed,
        purpose: convert::purpose_or_service("purpose", *purpose, "SuggestGestures")?,
    };
    let language = Language::chosen(&named, ask.venue);
    Ok((ask, language))
}

async fn give_gesture(call: Call, message: GiveGestureRequest) -> Answer<GiveGestureResponse> {
    let change = change_request!(GiveGestureRequest, message)?;
    let given = match gesture::give(&call.caller, message) {
        Ok(give) => call.writes().give_gesture(&call.caller, change, give).await?,
        Err(refused) => call.rapport.readers().first_gift(&call.caller, &change).await?.ok_or(refused)?,
    };
    let (state, approving_role_ids) = (gesture::given_state(given.proposed), gesture::role_ids(&given.approving));
    Ok(call.receipt(given.receipt, |receipt| GiveGestureResponse { receipt, state, approving_role_ids }))
}

async fn approve_gesture(call: Call, message: ApproveGestureRequest) -> Answer<ApproveGestureResponse> {
    let change = change_request!(ApproveGestureRequest, message)?;
    let ApproveGestureRequest { customer_id: _, request_id: _, etag: _, gesture_id } = message;
    let receipt = call.writes().approve_gesture(&call.caller, change, gesture::gesture_id(&gesture_id)?).await?;
    Ok(call.receipt(receipt, |receipt| ApproveGestureResponse { receipt }))
}

async fn cancel_gesture(call: Call, message: CancelGestureRequest) -> Answer<CancelGestureResponse> {
    let change = change_request!(CancelGestureRequest, message)?;
    let CancelGestureRequest { customer_id: _, request_id: _, etag: _, gesture_id, reason } = message;
    let (id, reason) = (gesture::gesture_id(&gesture_id)?, convert::reason(&reason)?);
    let receipt = call.writes().cancel_gesture(&call.caller, change, id, reason).await?;
    Ok(call.receipt(receipt, |receipt| CancelGestureResponse { receipt }))
}

change! {
    record_gesture_outcome(call, RecordGestureOutcomeRequest { gesture_id, outcome }) -> RecordGestureOutcomeResponse {
        let id = gesture::gesture_id(&gesture_id)?;
        vec![Change::GestureOutcomeRecorded { id, outcome: gesture::outcome("outcome", outcome)? }]
    }
}

async fn list_gestures(call: Call, message: ListGesturesRequest) -> Answer<ListGesturesResponse> {
    let ListGesturesRequest { customer_id, purpose } = message;
    let customer = convert::customer_id(&customer_id)?;
    let purpose = convert::purpose("purpose", purpose)?;
    let gifts = call.rapport.readers().gestures(&call.caller, customer, purpose).await?;
    Ok(ListGesturesResponse {
        gestures: gifts.gestures.into_iter().map(|listed| gesture::gesture_out(&call.caller, listed)).collect(),
        ledger: gifts.ledger.into_iter().map(gesture::ledger_out).collect(),
    }
    .into())
}
