//! What went wrong, was made good, promised and given, so that the service review has something to show. The guests are
//! new ones: nothing of it touches the others.

use crate::{
    cli::{connect::ServiceChannel, failure::Failure},
    proto::{
        CompleteFollowUpRequest, ConsentState, EvidenceDraft, Feedback, FollowUpDraft, FollowUpKind, FollowUpState,
        GestureOutcome, GetRecoveryRequest, GiveGestureRequest, Interaction, InteractionKind, IssueDraft,
        IssueSeverity, LookupCustomerRequest, OpenIssueRequest, PromiseFollowUpRequest, Purpose,
        RecordGestureOutcomeRequest, RecordInteractionsRequest, Referral, ResolveIssueRequest, Stance,
        customer_service_client::CustomerServiceClient, gesture_service_client::GestureServiceClient,
        interaction::Customer, interaction_service_client::InteractionServiceClient,
        recovery_service_client::RecoveryServiceClient,
    },
};

use super::{
    Sample,
    days::Days,
    draft::{consent, identity, person, stated, stay},
    venues::{BAR, HOTEL, MANAGER, RESTAURANT, ZURICH},
};

const MARCO: &str = "GC-1009";
const LUCIA: &str = "GC-1010";
const OSKAR: &str = "GC-1011";

pub fn guests(days: &Days) -> Vec<Sample> {
    vec![
        guest(days, MARCO, ("Marco Bianchi", "Signor Bianchi", "it"), &[95, 60, 20]),
        guest(days, LUCIA, ("Lucía Vega", "Señora Vega", "es"), &[0]),
        // Every month, until a hundred days ago.
        guest(days, OSKAR, ("Oskar Lind", "Herr Lind", "sv"), &[250, 220, 190, 160, 130, 100]),
    ]
}

fn guest(days: &Days, card: &str, (name, addressed_as, language): (&str, &str, &str), stays: &[i64]) -> Sample {
    let mut draft = person(name, addressed_as, language, card);
    draft.precautions_asked = true;
    let like = stated("dessert", "dark chocolate", Stance::Likes, days.ago(20, 18, 0, ZURICH));
    draft.evidence = if card == MARCO { vec![like] } else { Vec::<EvidenceDraft>::new() };
    let asked = consent(Purpose::Marketing, ConsentState::Denied, "asked at check-in", days.ago(20, 18, 0, ZURICH));
    draft.consents = vec![asked];
    let interactions = stays.iter().map(|ago| stay(card, HOTEL, &format!("stay-{ago}"), days.ago(*ago, 15, 0, ZURICH)));
    Sample { draft, interactions: interactions.collect() }
}

/// Plays what happened, once: a store that has it already is left as it is.
pub async fn play(channel: ServiceChannel, days: &Days) -> Result<(), Failure> {
    let guests = (find(&channel, MARCO).await?, find(&channel, LUCIA).await?, find(&channel, OSKAR).await?);
    let (Some(marco), Some(lucia), Some(oskar)) = guests else { return Ok(()) };
    let told = GetRecoveryRequest { customer_id: marco.clone(), purpose: Purpose::Service.into() };
    let told = RecoveryServiceClient::new(channel.clone()).get_recovery(told).await?.into_inner();
    if !told.issues.is_empty() {
        return Ok(());
    }
    made_good(&channel, &marco).await?;
    accustomed(&channel, &marco).await?;
    let broken = open(&channel, &lucia, RESTAURANT, "WAITING_TIME", "Table 7").await?;
    open(&channel, &lucia, HOTEL, "AIR_CONDITIONING", "Room 508").await?;
    complete(&channel, &lucia, &resolve(&channel, &lucia, &broken).await?, FollowUpState::Missed).await?;
    overdue(&channel, &lucia, days).await?;
    advocacy(&channel, (&marco, &lucia, &oskar), days).await
}

async fn find(channel: &ServiceChannel, card: &str) -> Result<Option<String>, Failure> {
    let identities = vec![identity(crate::proto::IdentityType::Loyalty, card, "")];
    let request = LookupCustomerRequest { identities, venue_id: String::new(), purpose: Purpose::Service.into() };
    let answer = CustomerServiceClient::new(channel.clone()).lookup_customer(request).await?.into_inner();
    Ok(answer.matches.into_iter().next().map(|found| found.customer_id))
}

/// A warm room, repaired, made good with a plate of fruit that delighted, and asked about the next day.
async fn made_good(channel: &ServiceChannel, guest: &str) -> Result<(), Failure> {
    let issue = open(channel, guest, HOTEL, "AIR_CONDITIONING", "Room 412").await?;
    let (gesture, delivery) = give(channel, guest, "apology-plate", HOTEL, &issue).await?;
    complete(channel, guest, &delivery, FollowUpState::Done).await?;
    let outcome = RecordGestureOutcomeRequest {
        customer_id: guest.into(),
        gesture_id: gesture,
        outcome: GestureOutcome::Delighted.into(),
        ..RecordGestureOutcomeRequest::default()
    };
    GestureServiceClient::new(channel.clone()).record_gesture_outcome(outcome).await?;
    let word = resolve(channel, guest, &issue).await?;
    complete(channel, guest, &word, FollowUpState::Done).await
}

/// Chocolate for the third time: it is expected now.
async fn accustomed(channel: &ServiceChannel, guest: &str) -> Result<(), Failure> {
    for _ in 0..3 {
        let (_, delivery) = give(channel, guest, "dark-chocolate", BAR, "").await?;
        complete(channel, guest, &delivery, FollowUpState::Done).await?;
    }
    Ok(())
}

/// Promised until this very moment, and nobody has called.
async fn overdue(channel: &ServiceChannel, guest: &str, days: &Days) -> Result<(), Failure> {
    let mut due = crate::cli::args::timestamp(days.now);
    due.seconds += 30;
    let follow_up = FollowUpDraft {
        kind: FollowUpKind::Promise.into(),
        text: "Call back about the room.".into(),
        due_time: Some(due),
        venue_id: HOTEL.into(),
        ..FollowUpDraft::default()
    };
    let request = PromiseFollowUpRequest {
        customer_id: guest.into(),
        follow_up: Some(follow_up),
        ..PromiseFollowUpRequest::default()
    };
    RecoveryServiceClient::new(channel.clone()).promise_follow_up(request).await?;
    Ok(())
}

async fn advocacy(
    channel: &ServiceChannel,
    (one, other, brought): (&str, &str, &str),
    days: &Days,
) -> Result<(), Failure> {
    let said = |guest: &str, kind: InteractionKind, key: &str| Interaction {
        source: "demo-desk".into(),
        external_id: key.into(),
        customer: Some(Customer::CustomerId(guest.into())),
        kind: kind.into(),
        venue_id: HOTEL.into(),
        occur_time: Some(crate::cli::args::timestamp(days.now)),
        ..Interaction::default()
    };
    let scored = |guest: &str, key: &str, score: i32| Interaction {
        feedback: Some(Feedback { score, scale_min: 0, scale_max: 10 }),
        ..said(guest, InteractionKind::Feedback, key)
    };
    let referral = Interaction {
        referral: Some(Referral { referred_customer_id: brought.into() }),
        ..said(one, InteractionKind::Referral, "referral-1")
    };
    let interactions = vec![scored(one, "feedback-1", 9), scored(other, "feedback-2", 4), referral];
    let request = RecordInteractionsRequest { interactions };
    InteractionServiceClient::new(channel.clone()).record_interactions(request).await?;
    Ok(())
}

async fn open(channel: &ServiceChannel, guest: &str, venue: &str, cause: &str, item: &str) -> Result<String, Failure> {
    let issue = IssueDraft {
        severity: IssueSeverity::Minor.into(),
        cause: cause.into(),
        venue_id: venue.into(),
        item: item.into(),
        ..IssueDraft::default()
    };
    let request = OpenIssueRequest { customer_id: guest.into(), issue: Some(issue), ..OpenIssueRequest::default() };
    let answer = RecoveryServiceClient::new(channel.clone()).open_issue(request).await?.into_inner();
    made(answer.receipt, 0)
}

/// Resolves an issue; answers the word with the guest that is owed now.
async fn resolve(channel: &ServiceChannel, guest: &str, issue: &str) -> Result<String, Failure> {
    let request = ResolveIssueRequest {
        customer_id: guest.into(),
        issue_id: issue.into(),
        resolution: "Put right on the spot.".into(),
        ..ResolveIssueRequest::default()
    };
    let answer = RecoveryServiceClient::new(channel.clone()).resolve_issue(request).await?.into_inner();
    made(answer.receipt, 0)
}

async fn complete(channel: &ServiceChannel, guest: &str, follow_up: &str, state: FollowUpState) -> Result<(), Failure> {
    let request = CompleteFollowUpRequest {
        customer_id: guest.into(),
        follow_up_id: follow_up.into(),
        state: state.into(),
        ..CompleteFollowUpRequest::default()
    };
    RecoveryServiceClient::new(channel.clone()).complete_follow_up(request).await?;
    Ok(())
}

/// Gives as the manager; answers the gesture and its delivery.
async fn give(
    channel: &ServiceChannel,
    guest: &str,
    kind: &str,
    venue: &str,
    issue: &str,
) -> Result<(String, String), Failure> {
    let mut request = tonic::Request::new(GiveGestureRequest {
        customer_id: guest.into(),
        gesture_type_id: kind.into(),
        venue_id: venue.into(),
        issue_id: issue.into(),
        ..GiveGestureRequest::default()
    });
    request.metadata_mut().insert("rapport-role", tonic::metadata::MetadataValue::from_static(MANAGER));
    let answer = GestureServiceClient::new(channel.clone()).give_gesture(request).await?.into_inner();
    Ok((made(answer.receipt.clone(), 0)?, made(answer.receipt, 1)?))
}

fn made(receipt: Option<crate::proto::Receipt>, place: usize) -> Result<String, Failure> {
    let id = receipt.and_then(|receipt| receipt.created_ids.into_iter().nth(place));
    id.ok_or_else(|| Failure::Failed("the service did not say what it made".to_owned()))
}
