//! Interactions: what callers report, and what is kept.

use prost::Message;

use super::{
    CATEGORY_CHARS_MAX, ITEM_CHARS_MAX, Parsed, TEXT_CHARS_MAX, count, customer,
    mirror::{IntoWire, enum_table, parse, send},
    path, time,
    values::{as_is, each, from_text, given, item_name, line},
};
use crate::{
    domain::{
        CustomerId, Stamp, VenueId, Violation,
        advocacy::{BRINGS_ANOTHER, Feedback},
        briefing::WithheldReason,
        card::{self, Use},
        consent::Purpose,
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
        briefing::Subject,
        interactions::{Listed, Named, Refused, Reported, Sent},
    },
};

enum_table!(interaction_kind: proto::InteractionKind = InteractionKind {
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

/// One reported interaction.
pub fn reported(caller: &Caller, mut raw: proto::Interaction) -> Result<Reported, Refused> {
    let named = raw.encode_to_vec();
    let customer = raw.customer.take();
    let sent = Sent { content: raw.encode_to_vec(), named };
    raw.customer = customer;
    match interaction(caller, raw) {
        Ok((subject, interaction)) => Ok(Reported { subject, interaction, sent }),
        Err(violation) => Err(Refused { violation, named: recognised_by(caller, sent).map(Box::new) }),
    }
}

/// What an interaction was recognised by when it passed, also if its venue is not of the policy any more.
fn recognised_by(caller: &Caller, sent: Sent) -> Option<Named> {
    let raw = proto::Interaction::decode(sent.named.as_slice()).ok()?;
    let venue = VenueId::parse("venue_id", &raw.venue_id).ok()?;
    let subject = match raw.customer? {
        proto::interaction::Customer::CustomerId(id) => Subject::Customer(CustomerId::parse("customer_id", &id).ok()?),
        proto::interaction::Customer::Identity(raw) => {
            let known = caller.in_force.policy.venue(&venue);
            let mut identity = customer::own_identity(caller, "identity", &raw, known).ok()?;
            if identity.kind.is_of_a_venue() && identity.issuer.is_empty() {
                venue.as_str().clone_into(&mut identity.issuer);
            }
            Subject::Identity(identity)
        }
    };
    let source = source_id("source", &raw.source).ok()?;
    let external_id = text::external_id("external_id", &raw.external_id).ok()?;
    Some(Named { subject, source, external_id, sent })
}

fn interaction(caller: &Caller, raw: proto::Interaction) -> Parsed<(Subject, Interaction)> {
    let proto::Interaction {
        source,
        external_id,
        customer: subject,
        kind,
        venue_id,
        occur_time,
        purchase: bought,
        visit_external_id,
        text: words,
        feedback,
        referral,
    } = raw;
    let venue = caller.venue("venue_id", &VenueId::parse("venue_id", &venue_id)?)?;
    let subject = match subject {
        None => return Err(Violation::new("customer_id", "must be given, or an identity")),
        Some(proto::interaction::Customer::CustomerId(id)) => Subject::Customer(CustomerId::parse("customer_id", &id)?),
        Some(proto::interaction::Customer::Identity(identity)) => {
            Subject::Identity(customer::identity(caller, "identity", &identity, Some(venue))?)
        }
    };
    let occur_time = given("occur_time", time("occur_time", occur_time)?)?;
    if occur_time.as_second() > caller.now.as_second() + FUTURE_SECONDS_MAX {
        return Err(Violation::new("occur_time", "must not be more than a day in the future"));
    }
    let kind = interaction_kind("kind", kind)?;
    let bought = only_for(kind == InteractionKind::Purchase, "purchase", "PURCHASE", bought)?;
    let feedback = only_for(kind == InteractionKind::Feedback, "feedback", "FEEDBACK", feedback)?;
    let referral = only_for(kind == InteractionKind::Referral, "referral", "REFERRAL", referral)?;
    let interaction = Interaction {
        source: source_id("source", &source)?,
        external_id: text::external_id("external_id", &external_id)?,
        kind,
        venue: venue.id.clone(),
        occur_time,
        local: venue.local(occur_time),
        purchase: bought.map(|bought| purchase("purchase", bought, venue)).transpose()?,
        visit_external_id: text::key("visit_external_id", &visit_external_id, 0..=EXTERNAL_ID_CHARS_MAX)?,
        text: text::line("text", &words, 0..=TEXT_CHARS_MAX)?,
        feedback: feedback.map(|given| score("feedback", given)).transpose()?,
        referred: referral.map(|given| referred("referral", given, &subject)).transpose()?,
    };
    let texts = [
        ("external_id", interaction.external_id.as_str(), Use::Reference),
        ("visit_external_id", interaction.visit_external_id.as_str(), Use::Reference),
        ("text", interaction.text.as_str(), Use::Words),
    ];
    card::refuse_card_data_in(texts, &[])?;
    Ok((subject, interaction))
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
    parse!(field, raw: proto::Feedback => Feedback {
        score: as_is,
        scale_min: as_is,
        scale_max: as_is,
        {
            if !(0 <= scale_min && scale_min < scale_max && scale_max <= SCALE_MAX) {
                return Err(Violation::new("scale_max", "must have 0 <= scale_min < scale_max <= 100"));
            }
            if !(scale_min..=scale_max).contains(&score) {
                return Err(Violation::new("score", "must lie between scale_min and scale_max"));
            }
        }
    })
}

/// The customer who was brought; nobody brings themselves.
fn referred(field: &str, raw: proto::Referral, subject: &Subject) -> Parsed<CustomerId> {
    let proto::Referral { referred_customer_id } = raw;
    let field = path(field, "referred_customer_id");
    let referred = CustomerId::parse(&field, &referred_customer_id)?;
    match subject {
        Subject::Customer(customer) if *customer == referred => Err(Violation::new(field, BRINGS_ANOTHER)),
        Subject::Customer(_) | Subject::Identity(_) => Ok(referred),
    }
}

/// A system's name stands for itself: its digits are no part of a number in the key beside it.
fn source_id(field: &str, raw: &str) -> Parsed<SourceId> {
    let source = SourceId::parse(field, raw)?;
    if source.as_str().len() >= card::PAN_DIGITS_MIN {
        card::refuse_card_data([(field, source.as_str())])?;
    }
    Ok(source)
}

fn purchase(field: &str, raw: proto::Purchase, venue: &Venue) -> Parsed<Purchase> {
    parse!(field, raw: proto::Purchase => Purchase {
        { count("lines", lines.len(), 0..=LINES_MAX)?; }
        lines: each(purchase_line),
        { refuse_cards(&lines)?; }
        total: |field, raw| match raw {
            Some(raw) => money(field, raw),
            None => sum(&lines, venue),
        },
        party_size: guests,
    })
}

fn money(field: &str, raw: proto::Money) -> Parsed<Money> {
    parse!(field, raw: proto::Money => Money {
        currency = currency_code: from_text(Currency::parse),
        minor_units: amount,
    })
}

fn sum(lines: &[Line], venue: &Venue) -> Parsed<Money> {
    let sum = lines.iter().map(|line| line.amount_minor_units).sum();
    Ok(Money { currency: venue.currency, minor_units: amount("lines", sum)? })
}

fn guests(field: &str, raw: i32) -> Parsed<u32> {
    let size = u32::try_from(raw).ok().filter(|_| raw <= PARTY_SIZE_MAX);
    size.ok_or_else(|| Violation::new(field, "must be 0 to 10,000"))
}

fn amount(field: &str, minor_units: i64) -> Parsed<i64> {
    if (0..=AMOUNT_MAX).contains(&minor_units) {
        Ok(minor_units)
    } else {
        Err(Violation::new(field, "must not be negative, and at most 1,000,000,000,000 minor units"))
    }
}

fn finite(field: &str, raw: f64) -> Parsed<f64> {
    if raw.is_finite() && raw.abs() <= QUANTITY_MAX {
        Ok(raw)
    } else {
        Err(Violation::new(field, "must be a finite number between -1,000,000,000 and 1,000,000,000"))
    }
}

fn purchase_line(field: &str, raw: proto::PurchaseLine) -> Parsed<Line> {
    parse!(field, raw: proto::PurchaseLine => Line {
        quantity: finite,
        amount_minor_units: amount,
        item: item_name(1..=ITEM_CHARS_MAX),
        category: line(0..=CATEGORY_CHARS_MAX),
        seat: line(0..=SEAT_CHARS_MAX),
    })
}

/// Card data in the lines, also split over neighbours.
fn refuse_cards(lines: &[Line]) -> Parsed<()> {
    let texts = || {
        lines.iter().flat_map(|line| {
            // An item may be a barcode.
            [
                ("item", line.item.as_str(), Use::Reference),
                ("category", line.category.as_str(), Use::Words),
                ("seat", line.seat.as_str(), Use::Words),
            ]
        })
    };
    if card::refuse_card_data_in(texts(), &[]).is_ok() {
        return Ok(());
    }
    // Found: look again with paths, to say where.
    let paths: Vec<String> =
        texts().enumerate().map(|(index, (name, ..))| format!("lines[{}].{name}", index / 3)).collect();
    let found = paths.iter().zip(texts()).map(|(path, (_, text, used))| (path.as_str(), text, used));
    card::refuse_card_data_in(found, &[])
}

/// What of an interaction role and purpose are told.
#[derive(Clone, Copy)]
pub struct Told {
    amounts: bool,
    notes: bool,
    others: bool,
}

impl Told {
    pub fn of(caller: &Caller, purpose: Purpose) -> Self {
        Self { amounts: caller.sees_value(), notes: purpose.reads_notes(), others: purpose.is_told_others() }
    }

    /// What is left out of each interaction, or which are.
    pub fn withheld(self) -> Vec<proto::Withheld> {
        let amounts = AMOUNTS.iter().filter(|_| !self.amounts).map(|what| (what, WithheldReason::Role));
        let notes = NOTES.iter().filter(|_| !self.notes).map(|what| (what, WithheldReason::Purpose));
        let others = OTHERS.iter().filter(|_| !self.others).map(|what| (what, WithheldReason::Purpose));
        let out = |(what, reason): (&&str, WithheldReason)| proto::Withheld {
            what: (*what).to_owned(),
            reason: reason.into_wire(),
        };
        amounts.chain(notes).chain(others).map(out).collect()
    }

    fn of_one(self, mut interaction: proto::Interaction) -> proto::Interaction {
        if !self.notes {
            interaction.text.clear();
        }
        if let Some(referral) = interaction.referral.as_mut().filter(|_| !self.others) {
            referral.referred_customer_id.clear();
        }
        if let Some(purchase) = interaction.purchase.as_mut().filter(|_| !self.amounts) {
            purchase.total = None;
            purchase.lines.iter_mut().for_each(|line| line.amount_minor_units = 0);
        }
        interaction
    }
}

/// Withheld from roles that do not see what a customer is worth: sums of them are the customer's spend.
const AMOUNTS: [&str; 2] = ["interaction.purchase.total", "interaction.purchase.lines.amount_minor_units"];
/// Withheld from purposes that do not read notes: what staff wrote, and all that was voided.
const NOTES: [&str; 2] = ["interaction.text", "voided"];
/// Withheld from purposes that are not told of other people in a customer's record.
const OTHERS: [&str; 2] = ["interaction.referral.referred_customer_id", "recorded_by"];

pub fn listed_out(customer: CustomerId, listed: Listed, told: Told) -> proto::RecordedInteraction {
    let Listed { interaction, recorded: Stamp { at, by }, voided } = listed;
    proto::RecordedInteraction {
        interaction: Some(told.of_one(interaction_out(customer, interaction))),
        recorded_by: if told.others { by.into_wire() } else { String::new() },
        record_time: at.into_wire(),
        voided: voided.is_some(),
        void_reason: voided.unwrap_or_default(),
    }
}

fn interaction_out(customer: CustomerId, interaction: Interaction) -> proto::Interaction {
    let referral = |referred: Option<CustomerId>| {
        referred.map(|referred| proto::Referral { referred_customer_id: referred.into_wire() })
    };
    send!(interaction: Interaction => proto::Interaction {
        source,
        external_id,
        + customer: Some(proto::interaction::Customer::CustomerId(customer.into_wire())),
        kind,
        venue = venue_id,
        occur_time,
        local = _,
        purchase,
        visit_external_id,
        text,
        feedback,
        referred = referral: referral,
    })
}

send!(Purchase => proto::Purchase { lines, total, party_size });

send!(Line => proto::PurchaseLine { item, category, quantity, amount_minor_units, seat });

send!(Feedback => proto::Feedback { score, scale_min, scale_max });
