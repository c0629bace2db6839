//! BriefingService.

use tokio::sync::Semaphore;

use super::{
    call::{Answer, Call, serve},
    convert::{
        self, Parsed,
        briefing::{self, Unread},
        relationship,
    },
    status::{CallError, item_error, item_error_at},
};
use crate::{
    domain::{Timestamp, VenueId, limits::LOOKUP_SUBJECTS_MAX, policy::Venue},
    phrasing::Language,
    proto::{
        BasketLine, CheckItemsRequest, CheckItemsResponse, Encoded, EncodedBriefing, GetBriefingRequest,
        GetBriefingResponse, GetRelationshipRequest, GetRelationshipResponse, LookupBriefingsRequest,
        LookupBriefingsResponse, Withheld, briefing_service_server::BriefingService,
    },
    service::{
        Caller,
        beside::beside_other_calls,
        briefing::{self as use_case, Ask, Basket, Subject},
        error::{Error, Result},
        inputs::Inputs,
    },
};

serve! {
    BriefingService {
        get_briefing: GetBriefingRequest => Encoded<GetBriefingResponse> | unread,
        lookup_briefings: LookupBriefingsRequest => Encoded<LookupBriefingsResponse> | all_unread,
        get_relationship: GetRelationshipRequest => GetRelationshipResponse,
        check_items: CheckItemsRequest => Encoded<CheckItemsResponse>,
    }
}

fn venue<'a>(caller: &'a Caller, raw: &str) -> Parsed<&'a Venue> {
    caller.venue("venue_id", &VenueId::parse("venue_id", raw)?)
}

/// GetBriefing's request, parsed but for the basket, which the question borrows.
fn asked<'a>(
    caller: &'a Caller,
    request: GetBriefingRequest,
    basket: &'a mut Basket,
) -> Parsed<(Subject, Ask<'a>, String)> {
    let GetBriefingRequest {
        subject,
        venue_id,
        at,
        basket_items,
        purpose,
        sections,
        revision_token,
        language,
        basket_lines,
        customer_seat,
        view,
    } = request;
    let venue = venue(caller, &venue_id)?;
    *basket = briefing::basket(basket_items, basket_lines, &customer_seat)?;
    let subject = briefing::subject(caller, "subject.", subject, venue)?;
    let ask = Ask {
        venue,
        at: convert::time("at", at)?,
        purpose: convert::purpose("purpose", purpose)?,
        mask: briefing::mask(&sections, view)?,
        basket,
        view: briefing::view("view", view)?,
        language: briefing::language(&language, venue)?.tag(),
    };
    Ok((subject, ask, revision_token))
}

/// LookupBriefings' request: what is wrong with one subject is wrong with that one alone.
fn asked_many(caller: &Caller, request: LookupBriefingsRequest) -> Parsed<(Vec<Parsed<Subject>>, Ask<'_>)> {
    let LookupBriefingsRequest { subjects, venue_id, at, purpose, sections, language, view } = request;
    convert::count("subjects", subjects.len(), 1..=LOOKUP_SUBJECTS_MAX)?;
    let venue = venue(caller, &venue_id)?;
    // The fields of an item's error are those within the item.
    let subjects = subjects.into_iter().map(|raw| briefing::subject(caller, "", Some(raw), venue)).collect();
    let ask = Ask {
        venue,
        at: convert::time("at", at)?,
        purpose: convert::purpose("purpose", purpose)?,
        mask: briefing::mask(&sections, view)?,
        basket: Basket::NONE,
        view: briefing::view("view", view)?,
        language: briefing::language(&language, venue)?.tag(),
    };
    Ok((subjects, ask))
}

/// The same call, with the menu of its venue at hand. A venue that is not one is refused when the request is parsed.
async fn with_menu(mut call: Call, venue_id: &str) -> Result<Call> {
    if let Ok(venue) = VenueId::parse("venue_id", venue_id) {
        call.caller = call.rapport.readers().with_menu(call.caller, &venue).await?;
    }
    Ok(call)
}

/// GetBriefing's answer while records cannot be read: the house must not be blind, and ask everybody.
fn unread(message: &GetBriefingRequest, now: Timestamp) -> Encoded<GetBriefingResponse> {
    unread_of(message).written(now).into()
}

fn unread_of(message: &GetBriefingRequest) -> Unread {
    let GetBriefingRequest { language, purpose, sections, view, .. } = message;
    Unread::of(language, *purpose, sections, *view)
}

/// The same of LookupBriefings, for each subject.
fn all_unread(message: &LookupBriefingsRequest, now: Timestamp) -> Encoded<LookupBriefingsResponse> {
    let unread = all_unread_of(message);
    message.subjects.iter().map(|_| Ok(unread.written(now))).collect::<Vec<_>>().into()
}

fn all_unread_of(message: &LookupBriefingsRequest) -> Unread {
    let LookupBriefingsRequest { language, purpose, sections, view, .. } = message;
    Unread::of(language, *purpose, sections, *view)
}

/// Names in a basket whose check takes milliseconds, with all modifiers; a table of eight orders fewer.
const NAMES_CHECKED_INLINE_MAX: usize = 100;

/// Does what may take long for a large basket, one at a time and beside the other calls: else a few baskets of two hundred lines with
/// all their modifiers would keep everybody waiting.
async fn checked<T>(names: usize, check: impl FnOnce() -> T) -> T {
    static LARGE: Semaphore = Semaphore::const_new(1);
    if names <= NAMES_CHECKED_INLINE_MAX {
        return check();
    }
    // Never closed. Whoever waits here is not counted against: the call's deadline ends it.
    let _turn = LARGE.acquire().await;
    beside_other_calls(check)
}

fn names(lines: &[BasketLine]) -> usize {
    lines.iter().map(|line| 1 + line.modifiers.len()).sum()
}

async fn get_briefing(call: Call, message: GetBriefingRequest) -> Answer<Encoded<GetBriefingResponse>> {
    let (now, unread) = (call.caller.now, unread_of(&message));
    match briefed(call, message).await {
        Err(CallError::Service(error)) if error.is_unfit() => Ok(Encoded::from(unread.written(now)).into()),
        answer => answer,
    }
}

async fn briefed(call: Call, message: GetBriefingRequest) -> Answer<Encoded<GetBriefingResponse>> {
    let call = with_menu(call, &message.venue_id).await?;
    let Call { rapport, answers, caller } = &call;
    let mut basket = Basket::default();
    let names = message.basket_items.len() + names(&message.basket_lines);
    let (subject, ask, token) = checked(names, || asked(caller, message, &mut basket)).await?;
    let begun = answers.begin();
    let resolved = rapport.readers().resolve(caller, &subject, &token).await?;
    let inputs = Inputs::of(caller, &ask, &resolved);
    let written = checked(names, || answers.briefing(begun, &inputs, resolved)).await?;
    Ok(Encoded::from(briefing::encoded(written, inputs.as_of())).into())
}

async fn lookup_briefings(call: Call, message: LookupBriefingsRequest) -> Answer<Encoded<LookupBriefingsResponse>> {
    let (now, unread, subjects) = (call.caller.now, all_unread_of(&message), message.subjects.len());
    match all_briefed(call, message, &unread).await {
        Err(CallError::Service(error)) if error.is_unfit() => {
            Ok(Encoded::from((0..subjects).map(|_| Ok(unread.written(now))).collect::<Vec<_>>()).into())
        }
        answer => answer,
    }
}

/// Of all briefings in one answer. Most gRPC libraries take 4 MiB unless they are told otherwise; errors of a hundred items take some 30 KB.
const ANSWER_BYTES_MAX: usize = (4 << 20) - (64 << 10);

async fn all_briefed(
    call: Call,
    message: LookupBriefingsRequest,
    unread: &Unread,
) -> Answer<Encoded<LookupBriefingsResponse>> {
    let call = with_menu(call, &message.venue_id).await?;
    let Call { rapport, answers, caller } = &call;
    let (subjects, ask) = asked_many(caller, message)?;
    let known: Vec<Subject> = subjects.iter().filter_map(|parsed| parsed.as_ref().ok().cloned()).collect();
    let begun = answers.begin();
    let mut found = rapport.readers().resolve_many(caller, &known).await?.into_iter();
    let mut room = ANSWER_BYTES_MAX;
    let mut brief = || -> std::result::Result<EncodedBriefing, CallError> {
        let resolved = found.next().unwrap_or(Err(Error::Internal))?;
        let inputs = Inputs::of(caller, &ask, &resolved);
        let written = briefing::encoded(answers.briefing(begun, &inputs, resolved)?, inputs.as_of());
        // The first has room, whatever it is: else nobody could ask for it.
        if written.length() > room && room < ANSWER_BYTES_MAX {
            return Err(CallError::AnswerFull);
        }
        room = room.saturating_sub(written.length());
        Ok(written)
    };
    let each = |parsed: Parsed<Subject>| match parsed {
        Ok(subject) => match brief() {
            Err(CallError::Service(error)) if error.is_unfit() => Ok(unread.written(caller.now)),
            Err(CallError::Service(error)) => Err(item_error_at(briefing::subject_field(&subject), error)),
            briefing => briefing.map_err(item_error),
        },
        Err(violation) => Err(item_error(violation)),
    };
    Ok(Encoded::from(subjects.into_iter().map(each).collect::<Vec<_>>()).into())
}

async fn check_items(call: Call, message: CheckItemsRequest) -> Answer<Encoded<CheckItemsResponse>> {
    let call = with_menu(call, &message.venue_id).await?;
    let CheckItemsRequest { venue_id, basket_lines, precautions, seat, language } = message;
    let venue = venue(&call.caller, &venue_id)?;
    let language = briefing::language(&language, venue)?;
    let names = names(&basket_lines);
    let check = || -> Answer<Encoded<CheckItemsResponse>> {
        let (basket, said) = briefing::check_items(&call.caller, &venue_id, basket_lines, &seat, precautions)?;
        let checked = use_case::check_items(&call.caller, venue, &basket, said);
        Ok(Encoded::from(briefing::checked_out(language, checked)).into())
    };
    checked(names, check).await
}

async fn get_relationship(call: Call, message: GetRelationshipRequest) -> Answer<GetRelationshipResponse> {
    let GetRelationshipRequest { customer_id, purpose } = message;
    let customer = convert::customer_id(&customer_id)?;
    let purpose = convert::purpose("purpose", purpose)?;
    let found = call.rapport.readers().relationship(&call.caller, customer, purpose).await?;
    // The request names no language, and no venue that would have one.
    let language = Language::default();
    let hidden = || Withheld { what: "values".to_owned(), reason: "ROLE".to_owned() };
    Ok(GetRelationshipResponse {
        withheld: found.values.is_none().then(hidden).into_iter().collect(),
        relationship: Some(relationship::relationship_out(language, found.relationship)),
        values: found.values.unwrap_or_default().into_iter().map(relationship::value_out).collect(),
    }
    .into())
}
