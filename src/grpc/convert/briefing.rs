//! Briefings: what is asked, and the answer.

use bytes::Bytes;
use prost::Message;

use super::{
    ITEM_CHARS_MAX, Parsed, count, customer, customer_out::precaution_state_out, money_out, relationship, time_out,
};
use crate::{
    domain::{
        CustomerId, Timestamp, Violation,
        briefing::{Briefing, BriefingState, Mask, Statement, Tact, Value, Withheld, WithheldReason},
        card,
        policy::Venue,
        text,
    },
    phrasing::{self, Language, Words},
    proto::{self, EncodedBriefing},
    service::{
        Caller,
        briefing::{Answer, Subject},
        tokens,
    },
};

/// Items in one basket: as many as a purchase has lines.
const BASKET_ITEMS_MAX: usize = crate::domain::limits::LINES_MAX;

pub fn subject(caller: &Caller, field: &str, raw: Option<proto::BriefingSubject>, venue: &Venue) -> Parsed<Subject> {
    match raw.and_then(|raw| raw.subject) {
        None => Err(Violation::new(field, "must name a customer_id or an identity")),
        Some(proto::briefing_subject::Subject::CustomerId(id)) => {
            CustomerId::parse(&format!("{field}.customer_id"), &id).map(Subject::Customer)
        }
        Some(proto::briefing_subject::Subject::Identity(identity)) => {
            customer::identity(caller, &format!("{field}.identity"), &identity, Some(venue)).map(Subject::Identity)
        }
    }
}

/// Empty: all sections.
pub fn mask(sections: &[i32]) -> Parsed<Mask> {
    if sections.is_empty() {
        return Ok(Mask::ALL);
    }
    let mut mask = Mask { acknowledge: false, communicate: false, anticipate: false, delight: false };
    for (place, section) in sections.iter().enumerate() {
        match proto::BriefingSection::try_from(*section) {
            Ok(proto::BriefingSection::Respect) => {}
            Ok(proto::BriefingSection::Acknowledge) => mask.acknowledge = true,
            Ok(proto::BriefingSection::Communicate) => mask.communicate = true,
            Ok(proto::BriefingSection::Anticipate) => mask.anticipate = true,
            Ok(proto::BriefingSection::Delight) => mask.delight = true,
            Ok(proto::BriefingSection::Unspecified) | Err(_) => {
                return Err(Violation::new(format!("sections[{place}]"), "must be a section of the contract"));
            }
        }
    }
    Ok(mask)
}

pub fn basket(items: Vec<String>) -> Parsed<Vec<String>> {
    count("basket_items", items.len(), 0..=BASKET_ITEMS_MAX)?;
    let parse =
        |(place, item): (usize, String)| text::line(&format!("basket_items[{place}]"), &item, 1..=ITEM_CHARS_MAX);
    let items: Vec<String> = items.into_iter().enumerate().map(parse).collect::<Parsed<_>>()?;
    let texts = || items.iter().map(String::as_str);
    if card::refuse(texts().map(|text| ("basket_items", text))).is_err() {
        // Found: look again with paths, to say where.
        let paths: Vec<String> = (0..items.len()).map(|place| format!("basket_items[{place}]")).collect();
        card::refuse(paths.iter().map(String::as_str).zip(texts()))?;
    }
    Ok(items)
}

/// The language that the request names, else the venue's; English where we do not write it.
pub fn language(raw: &str, venue: &Venue) -> Parsed<Language> {
    let named = text::language("language", raw)?;
    let tag = if named.is_empty() { &venue.language } else { &named };
    Ok(Language::of(tag))
}

/// A briefing as bytes, less the moment it is about: so it can be sent again. `language`: its tag.
pub fn write(caller: &Caller, language: &str, answer: Answer) -> Bytes {
    let briefing = briefing_out(caller, Language::of(language), answer);
    let briefing = proto::Briefing { as_of_time: None, ..briefing };
    briefing.encode_to_vec().into()
}

/// A briefing that was written, and the moment it is about.
pub fn encoded(briefing: Bytes, as_of: Timestamp) -> EncodedBriefing {
    EncodedBriefing {
        briefing,
        as_of: proto::Briefing { as_of_time: Some(time_out(as_of)), ..proto::Briefing::default() },
    }
}

fn briefing_out(caller: &Caller, language: Language, answer: Answer) -> proto::Briefing {
    let Answer { briefing, revision } = answer;
    let Briefing {
        state,
        customer,
        candidates,
        headline,
        precaution_state,
        asked_time,
        respect,
        acknowledge,
        communicate,
        anticipate,
        delight,
        withheld,
        found_by,
        as_of,
        valid_until,
        relationship: level,
    } = briefing;
    let statement = |statement| statement_out(language, statement);
    let statements = |list: Vec<Statement>| list.into_iter().map(statement).collect();
    let revision = customer.zip(revision);
    proto::Briefing {
        state: state_out(state),
        customer_id: customer.map(|customer| customer.to_string()).unwrap_or_default(),
        candidate_ids: candidates.iter().map(CustomerId::to_string).collect(),
        headline: statements(headline),
        precaution_state: precaution_state_out(precaution_state),
        precautions_asked_time: asked_time.map(time_out),
        respect: statements(respect),
        acknowledge: statements(acknowledge),
        communicate: statements(communicate),
        anticipate: statements(anticipate),
        delight: statements(delight),
        withheld: withheld.into_iter().map(withheld_out).collect(),
        found_by: found_by.map_or(0, customer::identity_type_out),
        as_of_time: Some(time_out(as_of)),
        etag: revision.map(|(_, revision)| tokens::etag(revision)).unwrap_or_default(),
        revision_token: revision
            .map(|(customer, revision)| tokens::revision_token(&caller.index_key, customer, revision))
            .unwrap_or_default(),
        valid_until_time: valid_until.map(time_out),
        stale: false,
        stale_age_ms: 0,
        relationship_level: level.map_or(0, relationship::level_out),
    }
}

fn state_out(state: BriefingState) -> i32 {
    let state = match state {
        BriefingState::Known => proto::BriefingState::Known,
        BriefingState::FirstVisit => proto::BriefingState::FirstVisit,
        BriefingState::Ambiguous => proto::BriefingState::Ambiguous,
    };
    state as i32
}

fn statement_out(language: Language, statement: Statement) -> proto::Statement {
    let Words { text, reason } = phrasing::words(language, &statement);
    // Form and basis are told by the words.
    let Statement { code, parameters, basis: _, form: _, tact } = statement;
    let tact = match tact {
        Tact::Say => proto::Tact::Say,
        Tact::ActQuietly => proto::Tact::ActQuietly,
        Tact::NeverMention => proto::Tact::NeverMention,
    };
    proto::Statement {
        code: code.to_owned(),
        parameters: parameters.into_iter().map(|(name, value)| parameter_out(name, value)).collect(),
        text,
        reason,
        tact: tact as i32,
    }
}

fn parameter_out(name: &str, value: Value) -> proto::Parameter {
    use proto::parameter::Value as Out;
    let value = match value {
        Value::Text(text) => Out::Text(text),
        Value::Number(number) => Out::Number(number),
        Value::Ratio(ratio) => Out::Ratio(ratio),
        Value::Time(time) => Out::Time(time_out(time)),
        Value::Money(money) => Out::Money(money_out(money)),
    };
    proto::Parameter { name: name.to_owned(), value: Some(value) }
}

fn withheld_out(withheld: Withheld) -> proto::Withheld {
    let reason = match withheld.reason {
        WithheldReason::Purpose => "PURPOSE",
        WithheldReason::Consent => "CONSENT",
        WithheldReason::Role => "ROLE",
        WithheldReason::StoreUnreachable => "STORE_UNREACHABLE",
    };
    proto::Withheld { what: withheld.what.to_owned(), reason: reason.to_owned() }
}
