//! The bench's own customers: profiles of about 1.5 KB, made through the contract and found again by the next run.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tonic::Code;

use crate::{
    cli::{
        connect::{CALL_TIMEOUT, ServiceChannel},
        failure::{Failure, reason},
    },
    proto::{
        Calendar, CalendarDate, CreateCustomerRequest, Criticality, CustomerDetails, CustomerDraft, CustomerKind,
        EvidenceDraft, EvidenceSource, GetPolicyRequest, Identity, IdentityType, LookupCustomerRequest, OccasionDraft,
        OccasionKind, PersonName, Policy, PrecautionDraft, PrecautionKind, PrecautionStatus, Purpose, SetPolicyRequest,
        Stance, Venue, customer_service_client::CustomerServiceClient, policy_service_client::PolicyServiceClient,
    },
};

const ISSUER: &str = "rapport-bench";
/// The venue of a policy that is made now.
pub const VENUE: &str = "bench";
/// 18 subjects of some 60 bytes, with precautions, occasions and names: about 1.5 KB as it is stored.
const PREFERENCES: usize = 18;

/// The identity of the customer at a place.
pub fn identity(place: usize) -> Identity {
    let value = format!("bench-{place:07}");
    Identity { r#type: IdentityType::Loyalty.into(), value, issuer: ISSUER.into(), expire_time: None }
}

/// The venue to name: the given one, the policy's first, or that of a policy made now.
pub async fn venue(channel: ServiceChannel, given: Option<String>) -> Result<String, Failure> {
    if let Some(venue) = given {
        return Ok(venue);
    }
    let mut client = PolicyServiceClient::new(channel);
    match client.get_policy(GetPolicyRequest { version: 0 }).await {
        Ok(answer) => {
            let venue = answer.into_inner().policy.and_then(|policy| policy.venues.into_iter().next());
            venue.map(|venue| venue.venue_id).ok_or_else(|| Failure::Failed("the policy has no venue".to_owned()))
        }
        Err(status) if status.code() == Code::NotFound => {
            let venue = Venue {
                venue_id: VENUE.into(),
                display_name: "Bench".into(),
                time_zone: "Europe/Zurich".into(),
                currency_code: "CHF".into(),
                ..Venue::default()
            };
            let policy = Policy { owner: "rapport bench".into(), venues: vec![venue], ..Policy::default() };
            client.set_policy(SetPolicyRequest { policy: Some(policy) }).await?;
            Ok(VENUE.to_owned())
        }
        Err(status) => Err(status.into()),
    }
}

/// The ids of that many customers, in the order of their places, and how many of them had to be made.
pub async fn prepare(
    channel: ServiceChannel,
    count: u32,
    venue: &str,
    at_once: usize,
) -> Result<(Vec<String>, usize), Failure> {
    let client = CustomerServiceClient::new(channel);
    let found: Vec<(String, bool)> = stream::iter(0..count as usize)
        .map(|place| find_or_make(client.clone(), place, venue.to_owned()))
        .buffered(at_once)
        .try_collect()
        .await?;
    let made = found.iter().filter(|(_, is_made)| *is_made).count();
    Ok((found.into_iter().map(|(id, _)| id).collect(), made))
}

/// The id, and whether the customer was made now.
async fn find_or_make(
    mut client: CustomerServiceClient<ServiceChannel>,
    place: usize,
    venue: String,
) -> Result<(String, bool), Failure> {
    if let Some(id) = find(&mut client, place).await? {
        return Ok((id, false));
    }
    let request_id = format!("{ISSUER}-{place:07}");
    let mut request = tonic::Request::new(CreateCustomerRequest { customer: Some(draft(place, &venue)), request_id });
    request.set_timeout(CALL_TIMEOUT);
    match client.create_customer(request).await {
        Ok(answer) => Ok((answer.into_inner().receipt.unwrap_or_default().customer_id, true)),
        // Another bench made it meanwhile.
        Err(status) if status.code() == Code::AlreadyExists => {
            let found = find(&mut client, place).await?;
            found.map(|id| (id, false)).ok_or_else(|| {
                Failure::Failed(format!("a bench customer can neither be made nor found ({})", reason(&status)))
            })
        }
        Err(status) => Err(status.into()),
    }
}

async fn find(client: &mut CustomerServiceClient<ServiceChannel>, place: usize) -> Result<Option<String>, Failure> {
    let request = LookupCustomerRequest {
        identities: vec![identity(place)],
        venue_id: String::new(),
        purpose: Purpose::Service.into(),
    };
    let answer = client.lookup_customer(request).await?.into_inner();
    Ok(answer.matches.into_iter().next().map(|found| found.customer_id))
}

/// The category and item of a customer's preference of that number.
pub fn preference(number: usize) -> (&'static str, String) {
    const SUBJECTS: [(&str, &str); 6] = [
        ("drink", "sparkling water, no ice"),
        ("room", "high floor, away from the lift"),
        ("table", "by the window, quiet side"),
        ("breakfast", "porridge with berries"),
        ("wine", "Chasselas from Lavaux"),
        ("newspaper", "a paper one, at the door"),
    ];
    let (category, item) = SUBJECTS[number % SUBJECTS.len()];
    (category, format!("{item} ({})", number / SUBJECTS.len() + 1))
}

fn draft(place: usize, venue: &str) -> CustomerDraft {
    let name = PersonName {
        full: format!("Bench Customer {place}"),
        addressed_as: format!("Customer {place}"),
        pronunciation: String::new(),
    };
    let evidence = (0..PREFERENCES).map(|turn| {
        let (category, item) = preference(turn);
        EvidenceDraft {
            category: category.into(),
            item,
            stance: if turn % 5 == 4 { Stance::Dislikes } else { Stance::Likes }.into(),
            source: if turn % 2 == 0 { EvidenceSource::Stated } else { EvidenceSource::Observed }.into(),
            venue_id: venue.into(),
            ..EvidenceDraft::default()
        }
    });
    let precaution = |kind: PrecautionKind, code: &str, text: &str, criticality: Criticality| PrecautionDraft {
        kind: kind.into(),
        code: code.into(),
        text: text.into(),
        criticality: criticality.into(),
        status: PrecautionStatus::Confirmed.into(),
        ..PrecautionDraft::default()
    };
    // A birthday on every day of a year's first 28 of each month, so that some customers celebrate today.
    let month = i32::try_from(place % 12).unwrap_or_default() + 1;
    let day = i32::try_from(place / 12 % 28).unwrap_or_default() + 1;
    let date = CalendarDate { calendar: Calendar::Gregorian.into(), year: Some(1980), month, day, leap_month: false };
    CustomerDraft {
        details: Some(CustomerDetails {
            kind: CustomerKind::Person.into(),
            name: Some(name),
            language: "de-CH".into(),
            child: false,
        }),
        identities: vec![
            identity(place),
            Identity {
                r#type: IdentityType::Email.into(),
                value: format!("bench-{place}@example.com"),
                ..Identity::default()
            },
        ],
        precautions: vec![
            precaution(PrecautionKind::Allergy, "TREE_NUTS", "Nuts, also traces.", Criticality::High),
            precaution(PrecautionKind::Diet, "VEGETARIAN", "", Criticality::Low),
        ],
        precautions_asked: true,
        evidence: evidence.collect(),
        occasions: vec![OccasionDraft {
            kind: OccasionKind::Birthday.into(),
            date: Some(date),
            ..OccasionDraft::default()
        }],
        consents: Vec::new(),
    }
}
