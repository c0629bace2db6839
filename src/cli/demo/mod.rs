//! The demo: a small business and fifteen customers, each made to show something. Dates follow from today.
//!
//! They are loaded like any import, through the contract.

pub mod days;
pub mod draft;
pub mod guests;
pub mod moments;
pub mod page;
pub mod regulars;
pub mod venues;

use super::{
    catalogue::table,
    connect::ServiceChannel,
    failure::{Failure, reason},
    import::{
        pipeline::{Importer, Sink},
        rejects::Rejects,
        rows::Row,
    },
};
use crate::proto::{
    CustomerDraft, Interaction, Policy, PutItemsRequest, catalogue_service_client::CatalogueServiceClient,
    import_record::Record,
};
use days::Days;

/// Who recorded the demo's customers.
pub const DEVICE: &str = "desk-1";
pub const STAFF: &str = "mara";
/// Calls at once: there are few records.
const QUEUES: usize = 4;

/// One customer and what happened to them.
pub struct Sample {
    pub draft: CustomerDraft,
    pub interactions: Vec<Interaction>,
}

/// All customers.
pub fn samples(days: &Days) -> Vec<Sample> {
    let mut samples = guests::all(days);
    samples.extend(regulars::all(days));
    samples.extend(moments::guests(days));
    samples
}

/// All records, in the order of an import file.
pub fn records(days: &Days) -> Vec<Record> {
    let review_due_date = days.date_ahead(30).to_string();
    let mut records = vec![Record::Policy(Policy { review_due_date, ..venues::policy() })];
    let mut interactions = Vec::new();
    for sample in samples(days) {
        records.push(Record::Customer(sample.draft));
        interactions.extend(sample.interactions.into_iter().map(Record::Interaction));
    }
    records.extend(interactions);
    records
}

/// Loads the demo into a service. A store that has it from another day keeps the customers of that day.
pub async fn load(channel: ServiceChannel, days: &Days) -> Result<(), Failure> {
    let sink = Sink::new(Rejects::to_memory());
    let mut importer = Importer::new(channel.clone(), sink.clone(), QUEUES);
    for (line, record) in (1..).zip(records(days)) {
        importer.push(Row { line, raw: String::new(), record }).await?;
    }
    importer.settle().await?;
    let (_, rejects) = sink.rejects.finish()?;
    for reject in rejects.iter().filter(|reject| reject.reason != "IDENTITY_TAKEN") {
        tracing::warn!(record = reject.line, reason = %reject.reason, field = %reject.field, "a demo record was refused");
    }
    declare(channel.clone()).await?;
    moments::play(channel, days).await
}

/// What the hotel by the lake has declared: a third of what the demo's guests order, as in most houses that have begun.
const ITEMS: &[u8] = include_bytes!("../../../examples/hotel/items.csv");

async fn declare(channel: ServiceChannel) -> Result<(), Failure> {
    let rows = table::read("examples/hotel/items.csv", ITEMS)?;
    let items = rows.into_iter().map(|row| row.item.map_err(Failure::Failed)).collect::<Result<_, _>>()?;
    let request = PutItemsRequest { venue_id: venues::HOTEL.to_owned(), items, ..PutItemsRequest::default() };
    // A store of an earlier release may have to be upgraded first: the guests are shown all the same.
    if let Err(status) = CatalogueServiceClient::new(channel).put_items(request).await {
        tracing::warn!(reason = %reason(&status), "the demo's items were refused");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use prost::Message as _;

    use super::*;
    use crate::{
        cli::{json, testing::Service},
        proto::{
            Briefing, BriefingState, CreateCustomerRequest, IdentityType, ImportRecord, OccasionKind, Statement,
            customer_service_client::CustomerServiceClient,
        },
    };

    /// Days that are awkward: leap day, the day after, New Year, and a plain one.
    fn some_days() -> Vec<Days> {
        ["2028-02-29T12:00:00Z", "2027-03-01T00:30:00Z", "2026-12-31T23:30:00Z", "2026-07-14T09:00:00Z"]
            .iter()
            .map(|time| Days::starting_at(time.parse().expect("a time")))
            .collect()
    }

    #[test]
    fn every_record_is_proto3_json_and_back() {
        for days in some_days() {
            for record in records(&days) {
                let record = ImportRecord { record: Some(record) };
                let kind = json::descriptor("ImportRecord");
                let text = json::write(&kind, &record, false).expect("writes");
                let again: ImportRecord = json::parse(&kind, &text).expect("reads");
                assert_eq!(again.encode_to_vec(), record.encode_to_vec());
            }
        }
    }

    #[test]
    fn exclusive_identities_and_interactions_are_unique() {
        for days in some_days() {
            let samples = samples(&days);
            assert_eq!(samples.len(), 15);
            let (mut identities, mut interactions) = (HashSet::new(), HashSet::new());
            for sample in samples {
                for identity in sample.draft.identities {
                    if matches!(identity.r#type(), IdentityType::Loyalty | IdentityType::Pms) {
                        assert!(identities.insert((identity.r#type, identity.issuer, identity.value)));
                    }
                }
                for interaction in sample.interactions {
                    assert!(interactions.insert((interaction.source, interaction.external_id)));
                    let time = interaction.occur_time.expect("has a time");
                    assert!(time.seconds <= days.now.as_second(), "nothing has happened in the future");
                }
            }
        }
    }

    #[test]
    fn the_first_guest_has_a_birthday_today() {
        for days in some_days() {
            let draft = samples(&days).remove(0).draft;
            let birthday = draft.occasions.into_iter().find(|occasion| occasion.kind() == OccasionKind::Birthday);
            let date = birthday.and_then(|occasion| occasion.date).expect("has a birthday");
            assert_eq!((date.month, date.day), (i32::from(days.today.month()), i32::from(days.today.day())));
            let year = i16::try_from(date.year.expect("known")).expect("a year");
            let day = i8::try_from(date.day).expect("a day");
            assert!(jiff::civil::Date::new(year, days.today.month(), day).is_ok(), "a day that was");
        }
    }

    fn texts(statements: &[Statement]) -> Vec<&str> {
        statements.iter().map(|statement| statement.text.as_str()).collect()
    }

    /// The demo's service at a noon.
    async fn demo() -> (Service, Days) {
        demo_at("2026-07-14T10:00:00Z").await
    }

    async fn demo_at(time: &str) -> (Service, Days) {
        let days = Days::starting_at(time.parse().expect("a time"));
        let service = Service::start_at(days.now).await;
        load(service.channel(), &days).await.expect("loads");
        (service, days)
    }

    /// What the service of the demo says of each line of its page.
    async fn briefings() -> Vec<(&'static str, Briefing)> {
        let (service, _) = demo().await;
        let mut briefings = Vec::new();
        for (name, identity, venue, _) in page::CUSTOMERS {
            let identity = crate::cli::args::identity(identity).expect("valid");
            briefings.push((*name, service.brief(identity, venue).await));
        }
        briefings
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_line_of_the_page_is_answered_with_tact() {
        let briefings = briefings().await;
        let mut asked_for_consent = Vec::new();
        for (name, briefing) in &briefings {
            let state = match *name {
                "(nobody)" => BriefingState::FirstVisit,
                "Nina Keller" => BriefingState::Ambiguous,
                _ => BriefingState::Known,
            };
            assert!(briefing.state() == state, "{name}");
            if briefing.communicate.iter().any(|statement| statement.code == "ASK_CONSENT") {
                asked_for_consent.push(*name);
            }
        }
        assert_eq!(asked_for_consent, ["Inês Carvalho"], "a regular, and nothing else to ask");
    }

    /// Before the business day of the hotel starts, at four, it is the day before.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_birthday_is_today_at_every_hour() {
        let elena = crate::cli::args::identity("loyalty:GC-1017").expect("valid");
        for time in ["2026-11-27T23:10:00Z", "2026-11-28T02:59:59Z", "2026-11-28T03:00:00Z", "2026-11-28T22:59:59Z"] {
            let (service, _) = demo_at(time).await;
            let briefing = service.brief(elena.clone(), venues::HOTEL).await;
            assert!(texts(&briefing.headline).contains(&"Ms Marchetti: 41st birthday today"), "{time}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_first_guest_shows_what_it_is_about() {
        let (_, elena) = briefings().await.swap_remove(0);
        assert_eq!(texts(&elena.headline), ["Tree nut allergy, life-threatening", "Ms Marchetti: 41st birthday today"]);
        assert_eq!(elena.respect[0].text, "Tree nut allergy, life-threatening. Also traces. Carries an EpiPen.");
        let all = json::write(&json::descriptor("Briefing"), &elena, false).expect("writes").to_lowercase();
        assert!(all.contains("chinotto"));
        for absent in ["almond", "mariachi"] {
            assert!(!all.contains(absent), "{absent}");
        }
        let delight = [
            "Wish a happy birthday.",
            "Have ready before they ask: chinotto, no ice.",
            "Consider giving: A small birthday cake.",
        ];
        assert_eq!(texts(&elena.delight), delight);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_but_her_allergy_keeps_the_almond_cake_from_the_first_guest() {
        let (service, days) = demo().await;
        let mut twin = samples(&days).remove(0).draft;
        twin.precautions.clear();
        let card = draft::identity(IdentityType::Loyalty, "GC-9999", "");
        twin.identities = vec![card.clone()];
        let request = CreateCustomerRequest { customer: Some(twin), request_id: "twin".into() };
        CustomerServiceClient::new(service.channel()).create_customer(request).await.expect("created");
        let twin = service.brief(card, venues::HOTEL).await;
        assert!(texts(&twin.anticipate).contains(&"Likes: almond cake."), "{:?}", texts(&twin.anticipate));
    }
}
