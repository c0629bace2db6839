//! Briefings: what is asked, and the answer.

use bytes::Bytes;
use prost::Message;

use super::{
    ITEM_CHARS_MAX, Parsed, count, customer,
    mirror::{IntoWire, enum_table, send},
};
use crate::{
    domain::{
        CustomerId, Timestamp, Violation,
        briefing::{Briefing, BriefingState, Mask, Statement, Tact, Value, Withheld, WithheldReason, codes::Code},
        card,
        policy::Venue,
        text,
    },
    phrasing::{self, Language, Words},
    proto::{self, EncodedBriefing},
    service::{
        Caller,
        briefing::{Answer, Subject},
        inputs::Inputs,
        tokens,
    },
};

enum_table!(proto::BriefingState = BriefingState {
    Known = Known, FirstVisit = FirstVisit, Ambiguous = Ambiguous,
});
enum_table!(proto::Tact = Tact {
    Say = Say, ActQuietly = ActQuietly, NeverMention = NeverMention,
});

/// Items in one basket: as many as a purchase has lines.
const BASKET_ITEMS_MAX: usize = crate::domain::limits::LINES_MAX;

/// The field of a subject that names the customer, within it.
pub fn subject_field(subject: &Subject) -> &'static str {
    match subject {
        Subject::Customer(_) => "customer_id",
        Subject::Identity(_) => "identity",
    }
}

/// `field`: the path of the subject, with its dot; empty within an item.
pub fn subject(caller: &Caller, field: &str, raw: Option<proto::BriefingSubject>, venue: &Venue) -> Parsed<Subject> {
    match raw.and_then(|proto::BriefingSubject { subject }| subject) {
        None if field.is_empty() => Err(Violation::new("customer_id", "must be given, or an identity")),
        None => Err(Violation::new(field.trim_end_matches('.'), "must name a customer_id or an identity")),
        Some(proto::briefing_subject::Subject::CustomerId(id)) => {
            CustomerId::parse(&format!("{field}customer_id"), &id).map(Subject::Customer)
        }
        Some(proto::briefing_subject::Subject::Identity(identity)) => {
            customer::identity(caller, &format!("{field}identity"), &identity, Some(venue)).map(Subject::Identity)
        }
    }
}

/// Empty: all sections.
pub fn mask(sections: &[i32]) -> Parsed<Mask> {
    if sections.is_empty() {
        return Ok(Mask::ALL);
    }
    let mut mask = Mask { acknowledge: false, communicate: false, anticipate: false, delight: false };
    for (index, section) in sections.iter().enumerate() {
        match proto::BriefingSection::try_from(*section) {
            Ok(proto::BriefingSection::Respect) => {}
            Ok(proto::BriefingSection::Acknowledge) => mask.acknowledge = true,
            Ok(proto::BriefingSection::Communicate) => mask.communicate = true,
            Ok(proto::BriefingSection::Anticipate) => mask.anticipate = true,
            Ok(proto::BriefingSection::Delight) => mask.delight = true,
            Ok(proto::BriefingSection::Unspecified) | Err(_) => {
                return Err(Violation::new(format!("sections[{index}]"), "must be a section of the contract"));
            }
        }
    }
    Ok(mask)
}

pub fn basket(items: Vec<String>) -> Parsed<Vec<String>> {
    count("basket_items", items.len(), 0..=BASKET_ITEMS_MAX)?;
    let parse =
        |(index, item): (usize, String)| text::line(&format!("basket_items[{index}]"), &item, 1..=ITEM_CHARS_MAX);
    let items: Vec<String> = items.into_iter().enumerate().map(parse).collect::<Parsed<_>>()?;
    let texts = || items.iter().map(String::as_str);
    if card::refuse_card_data(texts().map(|text| ("basket_items", text))).is_err() {
        // Found: look again with paths, to say where.
        let paths: Vec<String> = (0..items.len()).map(|index| format!("basket_items[{index}]")).collect();
        card::refuse_card_data(paths.iter().map(String::as_str).zip(texts()))?;
    }
    Ok(items)
}

/// The language that the request names, else the venue's; English where we do not write it.
pub fn language(raw: &str, venue: &Venue) -> Parsed<Language> {
    Ok(Language::chosen(&text::language("language", raw)?, venue))
}

/// A briefing as bytes, less the time it is about: so it can be sent again.
pub fn write(inputs: &Inputs<'_>, answer: Answer) -> Bytes {
    let briefing = proto::Briefing { as_of_time: None, ..briefing_out(inputs, answer) };
    briefing.encode_to_vec().into()
}

/// A briefing that was written, and the time it is about.
pub fn encoded(briefing: Bytes, as_of: Timestamp) -> EncodedBriefing {
    EncodedBriefing { briefing, as_of: proto::Briefing { as_of_time: as_of.into_wire(), ..proto::Briefing::default() } }
}

fn briefing_out(inputs: &Inputs<'_>, answer: Answer) -> proto::Briefing {
    let language = Language::of(inputs.language());
    let Answer { briefing, revision } = answer;
    let revision = briefing.customer.zip(revision);
    let words = |list: Vec<Statement>| list.into_iter().map(|one| statement_out(language, one)).collect();
    send!(briefing: Briefing => proto::Briefing {
        state,
        customer = customer_id: |customer: Option<CustomerId>| customer.map(IntoWire::into_wire).unwrap_or_default(),
        candidates = candidate_ids,
        headline: words,
        precaution_state,
        asked_time = precautions_asked_time,
        respect: words,
        acknowledge: words,
        communicate: words,
        anticipate: words,
        delight: words,
        withheld,
        found_by,
        as_of = as_of_time,
        + etag: revision.map(|(_, revision)| tokens::etag(revision)).unwrap_or_default(),
        + revision_token: revision
            .map(|(customer, revision)| inputs.revision_token(customer, revision))
            .unwrap_or_default(),
        valid_until = valid_until_time,
        + stale: false,
        + stale_age_ms: 0,
        relationship = relationship_level,
    })
}

impl IntoWire<proto::Parameter> for (&'static str, Value) {
    fn into_wire(self) -> proto::Parameter {
        use proto::parameter::Value as Out;
        let (name, value) = self;
        let value = match value {
            Value::Text(text) => Out::Text(text),
            Value::Number(number) => Out::Number(number),
            Value::Ratio(ratio) => Out::Ratio(ratio),
            Value::Time(time) => Out::Time(time.into_wire()),
            Value::Money(money) => Out::Money(money.into_wire()),
        };
        proto::Parameter { name: name.to_owned(), value: Some(value) }
    }
}

send!(Withheld => proto::Withheld { what, reason });

fn statement_out(language: Language, statement: Statement) -> proto::Statement {
    let Words { text, reason } = phrasing::words(language, &statement);
    send!(statement: Statement => proto::Statement {
        code,
        parameters,
        + text: text,
        + reason: reason,
        tact,
        // Form and basis are told by the words.
        basis = _,
        form = _,
    })
}

impl IntoWire<String> for Code {
    fn into_wire(self) -> String {
        self.name().to_owned()
    }
}

impl IntoWire<String> for WithheldReason {
    fn into_wire(self) -> String {
        match self {
            Self::Purpose => "PURPOSE",
            Self::Consent => "CONSENT",
            Self::Role => "ROLE",
            Self::StoreUnreachable => "STORE_UNREACHABLE",
        }
        .to_owned()
    }
}
