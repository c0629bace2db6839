//! Interactions: what callers report, and what is kept.

use prost::Message;

use super::{
    CATEGORY_CHARS_MAX, ITEM_CHARS_MAX, Parsed, TEXT_CHARS_MAX, count, customer, enum_table, money_out, path, time,
    time_out,
};
use crate::{
    domain::{
        CustomerId, VenueId, Violation,
        advocacy::{BRINGS_ANOTHER, Feedback},
        card,
        id::SourceId,
        interaction::{Interaction, InteractionKind, Line, Purchase},
        limits::{FUTURE_SECONDS_MAX, LINES_MAX},
        money::{Currency, Money},
        policy::Venue,
        text,
    },
    proto,
    service::{
        Caller,
        interactions::{Listed, Reported, Whom},
    },
};

enum_table!(interaction_kind, interaction_kind_out, proto::InteractionKind, InteractionKind, {
    Purchase = Purchase, Visit = Visit, Contact = Contact, Feedback = Feedback, Referral = Referral,
});

const SEAT_CHARS_MAX: usize = 16;
const EXTERNAL_ID_CHARS_MAX: usize = 128;
/// More than any quantity a till counts; keeps sums exact.
const QUANTITY_MAX: f64 = 1e9;
/// More minor units than any line or bill: ten billion of a currency with cents.
const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// The highest score of a scale: per cent.
const SCALE_MAX: i32 = 100;
const PARTY_SIZE_MAX: i32 = 10_000;

/// One reported interaction; `field` is its path in the request, empty when it stands alone.
pub fn interaction(caller: &Caller, field: &str, raw: proto::Interaction) -> Parsed<Reported> {
    let content = raw.encode_to_vec();
    let proto::Interaction {
        source,
        external_id,
        customer: whom,
        kind,
        venue_id,
        occur_time,
        purchase: bought,
        visit_external_id,
        text: words,
        feedback,
        referral,
    } = raw;
    let at = |name: &str| path(field, name);
    let venue = caller.venue(&at("venue_id"), &VenueId::parse(&at("venue_id"), &venue_id)?)?;
    let whom = match whom {
        None => {
            return Err(Violation::new(at("customer_id"), "must be given, or an identity"));
        }
        Some(proto::interaction::Customer::CustomerId(id)) => {
            Whom::Customer(CustomerId::parse(&at("customer_id"), &id)?)
        }
        Some(proto::interaction::Customer::Identity(identity)) => {
            Whom::Identity(customer::identity(caller, &at("identity"), &identity, Some(venue))?)
        }
    };
    let Some(occur_time) = time(&at("occur_time"), occur_time)? else {
        return Err(Violation::new(at("occur_time"), "must be given"));
    };
    if occur_time.as_second() > caller.now.as_second() + FUTURE_SECONDS_MAX {
        return Err(Violation::new(at("occur_time"), "must not be more than a day in the future"));
    }
    let kind = interaction_kind(&at("kind"), kind)?;
    let of = |own: InteractionKind| kind == own;
    let bought = only_for(of(InteractionKind::Purchase), &at("purchase"), "PURCHASE", bought)?;
    let feedback = only_for(of(InteractionKind::Feedback), &at("feedback"), "FEEDBACK", feedback)?;
    let referral = only_for(of(InteractionKind::Referral), &at("referral"), "REFERRAL", referral)?;
    let interaction = Interaction {
        source: source_id(&at("source"), &source)?,
        external_id: text::external_id(&at("external_id"), &external_id)?,
        kind,
        venue: venue.id.clone(),
        occur_time,
        local: venue.local(occur_time),
        purchase: bought.map(|bought| purchase(&at("purchase"), bought, venue)).transpose()?,
        visit_external_id: text::line(&at("visit_external_id"), &visit_external_id, 0..=EXTERNAL_ID_CHARS_MAX)?,
        text: text::line(&at("text"), &words, 0..=TEXT_CHARS_MAX)?,
        feedback: feedback.map(|given| score(&at("feedback"), given)).transpose()?,
        referred: referral.map(|given| referred(&at("referral"), &given, &whom)).transpose()?,
    };
    card::refuse([
        (at("external_id").as_str(), interaction.external_id.as_str()),
        (at("visit_external_id").as_str(), interaction.visit_external_id.as_str()),
        (at("text").as_str(), interaction.text.as_str()),
    ])?;
    Ok(Reported { whom, interaction, content })
}

/// What interactions of one kind must say, and all others must not.
fn only_for<T>(is_kind: bool, field: &str, kind: &str, given: Option<T>) -> Parsed<Option<T>> {
    match (is_kind, &given) {
        (true, None) => Err(Violation::new(field, format!("must be given when the kind is {kind}"))),
        (false, Some(_)) => Err(Violation::new(field, format!("must be unset unless the kind is {kind}"))),
        (true, Some(_)) | (false, None) => Ok(given),
    }
}

/// A score within its scale.
fn score(field: &str, raw: proto::Feedback) -> Parsed<Feedback> {
    let proto::Feedback { score, scale_min, scale_max } = raw;
    if !(0 <= scale_min && scale_min < scale_max && scale_max <= SCALE_MAX) {
        return Err(Violation::new(path(field, "scale_max"), "must have 0 <= scale_min < scale_max <= 100"));
    }
    if !(scale_min..=scale_max).contains(&score) {
        return Err(Violation::new(path(field, "score"), "must lie between scale_min and scale_max"));
    }
    Ok(Feedback { score, scale_min, scale_max })
}

/// The customer who was brought; nobody brings themselves.
fn referred(field: &str, raw: &proto::Referral, whom: &Whom) -> Parsed<CustomerId> {
    let field = path(field, "referred_customer_id");
    let referred = CustomerId::parse(&field, &raw.referred_customer_id)?;
    match whom {
        Whom::Customer(customer) if *customer == referred => Err(Violation::new(field, BRINGS_ANOTHER)),
        Whom::Customer(_) | Whom::Identity(_) => Ok(referred),
    }
}

/// A system's name stands for itself: its digits are no part of a number in the key beside it.
fn source_id(field: &str, raw: &str) -> Parsed<SourceId> {
    let source = SourceId::parse(field, raw)?;
    if source.as_str().len() >= card::PAN_DIGITS_MIN {
        card::refuse([(field, source.as_str())])?;
    }
    Ok(source)
}

fn purchase(field: &str, raw: proto::Purchase, venue: &Venue) -> Parsed<Purchase> {
    let proto::Purchase { lines, total, party_size } = raw;
    count(&path(field, "lines"), lines.len(), 0..=LINES_MAX)?;
    let mut parsed = Vec::with_capacity(lines.len());
    for (place, raw) in lines.into_iter().enumerate() {
        parsed.push(line(field, place, raw)?);
    }
    refuse_cards(field, &parsed)?;
    let total = match total {
        Some(proto::Money { currency_code, minor_units }) => {
            let at = path(field, "total");
            let total = Money { currency: Currency::parse(&path(&at, "currency_code"), &currency_code)?, minor_units };
            amount(&path(&at, "minor_units"), minor_units)?;
            total
        }
        None => {
            let sum = parsed.iter().map(|line| line.amount_minor_units).sum();
            amount(&path(field, "lines"), sum)?;
            Money { currency: venue.currency, minor_units: sum }
        }
    };
    let party_size = u32::try_from(party_size)
        .ok()
        .filter(|size| i64::from(*size) <= i64::from(PARTY_SIZE_MAX))
        .ok_or_else(|| Violation::new(path(field, "party_size"), "must be 0 to 10,000"))?;
    Ok(Purchase { lines: parsed, total, party_size })
}

fn amount(field: &str, minor_units: i64) -> Parsed<()> {
    if (0..=AMOUNT_MAX).contains(&minor_units) {
        Ok(())
    } else {
        Err(Violation::new(field, "must not be negative, and at most 1,000,000,000,000 minor units"))
    }
}

fn line(purchase: &str, place: usize, raw: proto::PurchaseLine) -> Parsed<Line> {
    let proto::PurchaseLine { item, category, quantity, amount_minor_units, seat } = raw;
    // Paths are made only when something is wrong: a purchase may have two hundred lines.
    let at = |violation: Violation| violation.within(&format!("{purchase}.lines[{place}]"));
    if !quantity.is_finite() || quantity.abs() > QUANTITY_MAX {
        return Err(at(Violation::new("quantity", "must be a finite number between -1,000,000,000 and 1,000,000,000")));
    }
    amount("amount_minor_units", amount_minor_units).map_err(at)?;
    Ok(Line {
        item: text::line("item", &item, 1..=ITEM_CHARS_MAX).map_err(at)?,
        category: text::line("category", &category, 0..=CATEGORY_CHARS_MAX).map_err(at)?,
        quantity,
        amount_minor_units,
        seat: text::line("seat", &seat, 0..=SEAT_CHARS_MAX).map_err(at)?,
    })
}

/// Card data in the lines, also split over neighbours.
fn refuse_cards(field: &str, lines: &[Line]) -> Parsed<()> {
    let texts = lines.iter().flat_map(|line| {
        [("item", line.item.as_str()), ("category", line.category.as_str()), ("seat", line.seat.as_str())]
    });
    if card::refuse(texts).is_ok() {
        return Ok(());
    }
    // Found: look again with paths, to say where.
    let paths: Vec<String> = (0..lines.len())
        .flat_map(|place| ["item", "category", "seat"].map(|name| format!("{field}.lines[{place}].{name}")))
        .collect();
    let texts = lines.iter().flat_map(|line| [line.item.as_str(), line.category.as_str(), line.seat.as_str()]);
    card::refuse(paths.iter().map(String::as_str).zip(texts))
}

pub fn listed_out(customer: CustomerId, listed: Listed) -> proto::RecordedInteraction {
    let Listed { interaction, recorded, voided } = listed;
    proto::RecordedInteraction {
        interaction: Some(interaction_out(customer, interaction)),
        recorded_by: recorded.by.into(),
        record_time: Some(time_out(recorded.at)),
        voided: voided.is_some(),
        void_reason: voided.unwrap_or_default(),
    }
}

fn interaction_out(customer: CustomerId, interaction: Interaction) -> proto::Interaction {
    let Interaction {
        source,
        external_id,
        kind,
        venue,
        occur_time,
        local: _,
        purchase,
        visit_external_id,
        text,
        feedback,
        referred,
    } = interaction;
    proto::Interaction {
        source: source.as_str().to_owned(),
        external_id,
        customer: Some(proto::interaction::Customer::CustomerId(customer.to_string())),
        kind: interaction_kind_out(kind),
        venue_id: venue.as_str().to_owned(),
        occur_time: Some(time_out(occur_time)),
        purchase: purchase.map(|Purchase { lines, total, party_size }| proto::Purchase {
            lines: lines.into_iter().map(line_out).collect(),
            total: Some(money_out(total)),
            party_size: i32::try_from(party_size).unwrap_or(i32::MAX),
        }),
        visit_external_id,
        text,
        feedback: feedback.map(|Feedback { score, scale_min, scale_max }| proto::Feedback {
            score,
            scale_min,
            scale_max,
        }),
        referral: referred.map(|referred| proto::Referral { referred_customer_id: referred.to_string() }),
    }
}

fn line_out(line: Line) -> proto::PurchaseLine {
    let Line { item, category, quantity, amount_minor_units, seat } = line;
    proto::PurchaseLine { item, category, quantity, amount_minor_units, seat }
}
