//! `rapport record interaction`.

use prost_types::Timestamp;

use super::{ServiceArgs, WhoArgs};
use crate::{
    cli::{Outcome, args, connect::ServiceChannel, failure::Failure, output},
    proto::{
        Interaction, InteractionKind, Money, Purchase, PurchaseLine, RecordInteractionsRequest, RecordOutcome,
        interaction::Customer, interaction_service_client::InteractionServiceClient,
    },
};

/// Where and when it happened, and by what it is known.
#[derive(clap::Args)]
pub struct What {
    /// Where: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// When, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    at: Option<Timestamp>,
    /// The system that reports it
    #[arg(long, default_value = "shell")]
    source: String,
    /// Its key there; the same source and key count once [default: a new one]
    #[arg(long, value_name = "KEY")]
    external_id: Option<String>,
    /// A short note; the customer may ask to see this text
    #[arg(long, default_value = "", hide_default_value = true)]
    text: String,
}

impl What {
    /// The interaction, still without its kind and what belongs to that.
    pub fn interaction(self, who: WhoArgs) -> Interaction {
        let customer = match (who.customer, who.identity) {
            (Some(id), _) => Some(Customer::CustomerId(id)),
            (None, identity) => identity.map(Customer::Identity),
        };
        Interaction {
            source: self.source,
            external_id: self.external_id.unwrap_or_else(args::request_id),
            customer,
            venue_id: self.venue,
            occur_time: Some(self.at.unwrap_or_else(args::now)),
            text: self.text,
            ..Interaction::default()
        }
    }
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// What happened
    #[arg(long, value_parser = args::one_of("INTERACTION_KIND", &["purchase", "visit", "contact"],
        |name| InteractionKind::from_str_name(name).map(i32::from)))]
    kind: i32,
    /// A line of the purchase: ITEM|CATEGORY|QUANTITY|MINOR_UNITS, the last three optional; may be repeated
    #[arg(long = "line", value_name = "LINE", value_parser = line)]
    lines: Vec<PurchaseLine>,
    /// What was paid in all: MINOR_UNITS CURRENCY, for example "1250 CHF" for 12.50 [default: the sum of the lines]
    #[arg(long, value_parser = money)]
    total: Option<Money>,
    /// How many people the purchase served
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    party_size: i32,
    /// The visit it is part of, by that visit's external id
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
    visit: String,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let is_purchase = args.kind == i32::from(InteractionKind::Purchase);
    let speaks_of_purchase = !args.lines.is_empty() || args.total.is_some() || args.party_size != 0;
    if speaks_of_purchase && !is_purchase {
        return Err(Failure::Usage("--line, --total and --party-size belong to --kind purchase".to_owned()));
    }
    let purchase =
        is_purchase.then_some(Purchase { lines: args.lines, total: args.total, party_size: args.party_size });
    let interaction =
        Interaction { kind: args.kind, purchase, visit_external_id: args.visit, ..args.what.interaction(args.who) };
    args.target.call(async move |channel| record(channel, interaction).await).await
}

/// Records it, and says what became of it.
pub async fn record(channel: ServiceChannel, interaction: Interaction) -> Result<Outcome, Failure> {
    let request = RecordInteractionsRequest { interactions: vec![interaction] };
    let answer = InteractionServiceClient::new(channel).record_interactions(request).await?.into_inner();
    let result = answer.results.into_iter().next().unwrap_or_default();
    let id = &result.customer_id;
    let (said, outcome) = match result.outcome() {
        RecordOutcome::Recorded => (format!("was recorded for {id}"), Outcome::Done),
        RecordOutcome::Repeated => (format!("was recorded before for {id}; nothing changed"), Outcome::Done),
        RecordOutcome::BeforeHorizon => {
            (format!("is older than the kept history of {id}, so it was not counted"), Outcome::Partly)
        }
        RecordOutcome::Refused | RecordOutcome::Retry | RecordOutcome::Unspecified => {
            let error = result.error.clone().unwrap_or_default();
            return Err(Failure::Failed(format!("{} ({})", error.message, error.reason)));
        }
    };
    output::print(&format!("the interaction {said}\n"))?;
    Ok(outcome)
}

/// Parses `ITEM|CATEGORY|QUANTITY|MINOR_UNITS`. A quantity that is not said is 1.
fn line(text: &str) -> Result<PurchaseLine, String> {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let [item, rest @ ..] = parts.as_slice() else {
        return Err("must begin with an item".to_owned());
    };
    if item.is_empty() || rest.len() > 3 {
        return Err("must be ITEM|CATEGORY|QUANTITY|MINOR_UNITS, the last three optional".to_owned());
    }
    let part = |place: usize| rest.get(place).copied().filter(|text| !text.is_empty());
    let quantity = part(1).unwrap_or("1").parse().map_err(|_| "has a quantity that is not a number")?;
    let amount =
        part(2).unwrap_or("0").parse().map_err(|_| "has an amount that is not a whole number of minor units")?;
    Ok(PurchaseLine {
        item: (*item).to_owned(),
        category: part(0).unwrap_or_default().to_owned(),
        quantity,
        amount_minor_units: amount,
        seat: String::new(),
    })
}

fn money(text: &str) -> Result<Money, String> {
    const SHAPE: &str = "must be minor units and a currency, for example \"1250 CHF\" for 12.50 francs";
    let (amount, currency) = text.trim().split_once(' ').ok_or(SHAPE)?;
    let minor_units = amount.parse().map_err(|_| SHAPE)?;
    Ok(Money { currency_code: currency.trim().to_owned(), minor_units })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_item_category_quantity_and_amount() {
        let parts =
            |text: &str| line(text).map(|line| (line.item, line.category, line.quantity, line.amount_minor_units));
        assert_eq!(parts("Espresso"), Ok(("Espresso".into(), String::new(), 1.0, 0)));
        assert_eq!(parts("Espresso|coffee|2|900"), Ok(("Espresso".into(), "coffee".into(), 2.0, 900)));
        assert_eq!(parts("Bread||-0.5|"), Ok(("Bread".into(), String::new(), -0.5, 0)));
        for wrong in ["", "|x", "a|b|many", "a|b|1|2.5", "a|b|1|2|x"] {
            assert!(line(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn money_is_whole_minor_units() {
        assert_eq!(money("1250 CHF").map(|money| (money.minor_units, money.currency_code)), Ok((1250, "CHF".into())));
        assert!(money("12.50 CHF").is_err() && money("1250").is_err());
    }
}
