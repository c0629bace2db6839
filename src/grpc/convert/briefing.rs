//! Briefings: what is asked, and the answer.

use std::{mem::take, ops::RangeInclusive};

use bytes::Bytes;

use super::{
    ITEM_CHARS_MAX, Parsed, count, customer,
    mirror::{IntoWire, enum_table, send},
    precaution,
};
use crate::{
    domain::{
        CustomerId, Timestamp, Violation,
        basket::BasketLine,
        briefing::{
            Briefing, BriefingState, CheckedItems, CheckedLine, LineFinding, Mask, Statement, Tact, Value, Withheld,
            WithheldReason, brief_unreadable,
        },
        card::{self, Use},
        consent::Purpose,
        gate::{LineState, ToldBy},
        id::PartId,
        limits::PRECAUTIONS_PER_REQUEST_MAX,
        policy::Venue,
        precaution::PrecautionDraft,
        text,
    },
    phrasing::{self, Language, Words},
    proto::{self, EncodedBriefing, Written},
    service::{
        Caller,
        briefing::{Answer, Basket, Subject, View},
        inputs::Inputs,
        tokens,
    },
};

enum_table!(proto::BriefingState = BriefingState {
    Known = Known, FirstVisit = FirstVisit, Ambiguous = Ambiguous, Unreadable = Unreadable,
});
enum_table!(proto::Tact = Tact {
    Say = Say, ActQuietly = ActQuietly, NeverMention = NeverMention,
});

/// Items in one basket: as many as a purchase has lines.
const BASKET_ITEMS_MAX: usize = crate::domain::limits::LINES_MAX;

/// Changes of one line: more than any till prints under a dish.
const MODIFIERS_MAX: usize = 16;
/// Pieces in one line: what a purchase allows is a slip of the finger beyond this.
const QUANTITY_MAX: u32 = 10_000;
/// Stands for a name of which nothing can be read, in any language.
const NAMELESS: &str = "?";
/// Seats, as tills name them: "2", "left sofa".
const SEAT_CHARS_MAX: usize = 16;

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

/// Empty: all sections; none beside headline and respect in the view for tills.
pub fn mask(sections: &[i32], view: i32) -> Parsed<Mask> {
    let is_till = view == proto::BriefingView::Till as i32;
    if sections.is_empty() && !is_till {
        return Ok(Mask::ALL);
    }
    let mut mask = Mask::NONE;
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
    Ok(if is_till { Mask::NONE } else { mask })
}

/// A basket in its short form, or line by line.
pub fn basket(items: Vec<String>, lines: Vec<proto::BasketLine>, customer_seat: &str) -> Parsed<Basket> {
    if !items.is_empty() && !lines.is_empty() {
        return Err(Violation::new("basket_lines", "must be empty beside basket_items, or hold them too"));
    }
    let customer_seat = seat("customer_seat", customer_seat)?;
    if lines.is_empty() {
        return Ok(Basket::of(self::items(items)?, customer_seat));
    }
    Ok(Basket::of(basket_lines(lines, 0..=BASKET_ITEMS_MAX)?, customer_seat))
}

/// The request of CheckItems: its lines, and what was said.
pub fn check_items(
    caller: &Caller,
    venue: &str,
    lines: Vec<proto::BasketLine>,
    customer_seat: &str,
    precautions: Vec<proto::PrecautionDraft>,
) -> Parsed<(Basket, Vec<PrecautionDraft>)> {
    count("precautions", precautions.len(), 1..=PRECAUTIONS_PER_REQUEST_MAX)?;
    let customer_seat = seat("seat", customer_seat)?;
    let lines = basket_lines(lines, 1..=BASKET_ITEMS_MAX)?;
    Ok((Basket::of(lines, customer_seat), precaution::said_now(caller, venue, "precautions", precautions)?))
}

fn seat(field: &str, raw: &str) -> Parsed<String> {
    let seat = text::key(field, raw, 0..=SEAT_CHARS_MAX)?;
    card::refuse_card_data([(field, seat.as_str())])?;
    Ok(seat)
}

fn basket_lines(raw: Vec<proto::BasketLine>, allowed: RangeInclusive<usize>) -> Parsed<Vec<BasketLine>> {
    count("basket_lines", raw.len(), allowed)?;
    raw.into_iter().enumerate().map(|(index, line)| basket_line(&format!("basket_lines[{index}]"), line)).collect()
}

fn basket_line(field: &str, raw: proto::BasketLine) -> Parsed<BasketLine> {
    let proto::BasketLine { item, modifiers, quantity, seat } = raw;
    count(&format!("{field}.modifiers"), modifiers.len(), 0..=MODIFIERS_MAX)?;
    let Some(quantity) = u32::try_from(quantity).ok().filter(|quantity| *quantity <= QUANTITY_MAX) else {
        return Err(Violation::new(format!("{field}.quantity"), format!("must be 0 to {QUANTITY_MAX}; 0 is 1")));
    };
    let mut is_garbled = false;
    let mut named = |field: &str, raw: &str| {
        let name = name(raw, &mut is_garbled);
        card::refuse_card_data_in([(field, name.as_str(), Use::Reference)], &[]).map(|()| name)
    };
    let mut line = BasketLine::of(named(&format!("{field}.item"), &item)?);
    line.seat = self::seat(&format!("{field}.seat"), &seat)?;
    for (index, proto::BasketModifier { kind, item }) in modifiers.into_iter().enumerate() {
        let field = format!("{field}.modifiers[{index}]");
        let item = named(&format!("{field}.item"), &item)?;
        match proto::ModifierKind::try_from(kind) {
            Ok(proto::ModifierKind::Added) => line.added.push(item),
            Ok(proto::ModifierKind::Exchanged) => line.exchanged.push(item),
            Ok(proto::ModifierKind::LeftOut) => line.left_out.push(item),
            Ok(proto::ModifierKind::Unspecified) | Err(_) => {
                return Err(Violation::new(format!("{field}.kind"), "must be ADDED, LEFT_OUT or EXCHANGED"));
            }
        }
    }
    Ok(BasketLine { quantity, is_garbled, ..line })
}

/// What a till calls something. A name that cannot be one must not cost anybody the other lines, or what is known of their
/// allergies: what can be read of it counts, and the line is garbled.
fn name(raw: &str, is_garbled: &mut bool) -> String {
    text::item("", raw, 1..=ITEM_CHARS_MAX).unwrap_or_else(|_| {
        *is_garbled = true;
        let readable = text::readable(raw, ITEM_CHARS_MAX);
        if readable.is_empty() { NAMELESS.to_owned() } else { readable }
    })
}

pub fn view(field: &str, raw: i32) -> Parsed<View> {
    match proto::BriefingView::try_from(raw) {
        Ok(proto::BriefingView::Unspecified) => Ok(View::Full),
        Ok(proto::BriefingView::Till) => Ok(View::Till),
        Err(_) => Err(Violation::new(field, "must be a view of the contract")),
    }
}

fn items(items: Vec<String>) -> Parsed<Vec<BasketLine>> {
    count("basket_items", items.len(), 0..=BASKET_ITEMS_MAX)?;
    let parse = |item: String| {
        let mut is_garbled = false;
        let item = name(&item, &mut is_garbled);
        BasketLine { is_garbled, ..BasketLine::of(item) }
    };
    let lines: Vec<BasketLine> = items.into_iter().map(parse).collect();
    let texts = lines.iter().map(|line| ("basket_items", line.item.as_str(), Use::Reference));
    if card::refuse_card_data_in(texts, &[]).is_err() {
        // Found: look again with paths, to say where.
        let paths: Vec<String> = (0..lines.len()).map(|index| format!("basket_items[{index}]")).collect();
        let found = paths.iter().zip(&lines).map(|(path, line)| (path.as_str(), line.item.as_str(), Use::Reference));
        card::refuse_card_data_in(found, &[])?;
    }
    Ok(lines)
}

/// The language that the request names, else the venue's; English where we do not write it.
pub fn language(raw: &str, venue: &Venue) -> Parsed<Language> {
    Ok(Language::chosen(&text::language("language", raw)?, venue))
}

/// A briefing as bytes, less the time it is about: so it can be sent again.
pub fn write(inputs: &Inputs<'_>, answer: Answer) -> Bytes {
    let (language, is_till) = (Language::of(inputs.language()), inputs.view() == View::Till);
    let Answer { briefing, revision } = answer;
    let revision = briefing.customer.zip(revision).filter(|_| inputs.purpose().is_told_revisions());
    let tokens =
        revision.map(|(customer, revision)| (tokens::etag(revision), inputs.revision_token(customer, revision)));
    written(language, is_till, briefing, tokens.unwrap_or_default())
}

/// What a briefing must be answered with while records cannot be read: neither policy nor record is at hand.
pub struct Unread {
    language: Language,
    purpose: i32,
    mask: Mask,
    is_till: bool,
}

impl Unread {
    /// What matters of a request. What is wrong with it is told once records can be read again.
    pub fn of(language: &str, purpose: i32, sections: &[i32], view: i32) -> Self {
        Self {
            language: Language::of(language),
            purpose,
            mask: mask(sections, view).unwrap_or(Mask::ALL),
            is_till: view == proto::BriefingView::Till as i32,
        }
    }

    /// The briefing.
    pub fn written(&self, now: Timestamp) -> EncodedBriefing {
        let purpose = super::purpose("purpose", self.purpose).unwrap_or(Purpose::Service);
        let briefing = brief_unreadable(purpose, self.mask, now);
        encoded(written(self.language, self.is_till, briefing, Default::default()), now)
    }
}

/// A briefing that was written, and the time it is about.
pub fn encoded(briefing: Bytes, as_of: Timestamp) -> EncodedBriefing {
    EncodedBriefing { briefing, as_of: proto::Briefing { as_of_time: as_of.into_wire(), ..proto::Briefing::default() } }
}

/// Room for a usual statement, in bytes.
const STATEMENT_BYTES: usize = 256;

/// A briefing in words, as bytes, less the time it is about. `tokens`: its etag and its revision token.
fn written(language: Language, is_till: bool, mut briefing: Briefing, tokens: (String, String)) -> Bytes {
    use proto::numbers::briefing as number;
    let sections = [
        (number::HEADLINE, take(&mut briefing.headline)),
        (number::RESPECT, take(&mut briefing.respect)),
        (number::ACKNOWLEDGE, take(&mut briefing.acknowledge)),
        (number::COMMUNICATE, take(&mut briefing.communicate)),
        (number::ANTICIPATE, take(&mut briefing.anticipate)),
        (number::DELIGHT, take(&mut briefing.delight)),
    ];
    let statements: usize = sections.iter().map(|(_, section)| section.len()).sum();
    let (etag, revision_token) = tokens;
    let typed = |all: Vec<(Option<PartId>, PrecautionDraft)>| {
        if is_till { Vec::new() } else { all.into_iter().map(briefed).collect() }
    };
    let built = send!(briefing: Briefing => proto::Briefing {
        state,
        customer = customer_id: |customer: Option<CustomerId>| customer.map(IntoWire::into_wire).unwrap_or_default(),
        candidates = candidate_ids,
        precaution_state,
        asked_time = precautions_asked_time,
        withheld,
        found_by,
        as_of = _,
        + as_of_time: None,
        + etag: etag,
        + revision_token: revision_token,
        valid_until = valid_until_time,
        + stale: false,
        + stale_age_ms: 0,
        relationship = relationship_level,
        precautions: typed,
        lines = line_checks,
        // Written below.
        headline = _,
        respect = _,
        acknowledge = _,
        communicate = _,
        anticipate = _,
        delight = _,
        + headline: Vec::new(),
        + respect: Vec::new(),
        + acknowledge: Vec::new(),
        + communicate: Vec::new(),
        + anticipate: Vec::new(),
        + delight: Vec::new(),
    });
    let mut written = Written::from_message(&built, statements * STATEMENT_BYTES);
    for (field, section) in sections {
        write_section(language, is_till, field, &section, &mut written);
    }
    written.into_bytes()
}

/// Writes statements, in words. `is_short`: for a till's display, what they say without why.
fn write_section(language: Language, is_short: bool, field: u32, section: &[Statement], written: &mut Written) {
    for statement in section {
        written.within(field, |written| write_statement(language, is_short, statement, written));
    }
}

fn write_statement(language: Language, is_short: bool, statement: &Statement, written: &mut Written) {
    use proto::numbers::statement as number;
    let Words { text, reason } = phrasing::words(language, statement);
    // Form and basis are told by the words.
    let Statement { code, parameters, tact, basis: _, form: _ } = statement;
    written.text(number::CODE, code.name());
    written.number(number::STATEMENT_CODE, code.number().into());
    written.number(number::TACT, IntoWire::<i32>::into_wire(*tact).into());
    written.text(number::TEXT, &text);
    if is_short {
        return;
    }
    written.text(number::REASON, &reason);
    for (name, value) in parameters {
        written.within(number::PARAMETERS, |written| write_parameter(name, value, written));
    }
}

fn write_parameter(name: &str, value: &Value, written: &mut Written) {
    use proto::numbers::parameter as number;
    written.text(number::NAME, name);
    match value {
        Value::Text(text) => written.text(number::TEXT, text),
        Value::Item(item) => written.text(number::TEXT, item.get()),
        Value::Number(value) => written.number(number::NUMBER, *value),
        Value::Ratio(ratio) => written.ratio(number::RATIO, *ratio),
        Value::Time(time) => written.message::<prost_types::Timestamp>(number::TIME, &time.into_wire()),
        Value::Money(money) => written.message::<proto::Money>(number::MONEY, &money.into_wire()),
    }
}

send!(Withheld => proto::Withheld { what, reason });

fn briefed((id, precaution): (Option<PartId>, PrecautionDraft)) -> proto::BriefedPrecaution {
    let (whose, words) = (precaution.told_whom().into_owned(), precaution.told_text().into_owned());
    send!(precaution: PrecautionDraft => proto::BriefedPrecaution {
        kind,
        code,
        criticality,
        severity,
        status,
        text = _,
        of_whom = _,
        until = _,
        basis = _,
        + text: words,
        + of_whom: whose,
        + precaution_id: id.map(|id| id.with_letter('p')).unwrap_or_default(),
    })
}

enum_table!(proto::LineState = LineState {
    NothingDeclaredAgainstIt = NothingDeclaredAgainstIt, NotDeclared = NotDeclared, MayContain = MayContain,
    Conflict = Conflict,
});
enum_table!(proto::ToldBy = ToldBy { Declared = Declared, Name = Name, Related = Related });

impl IntoWire<i32> for usize {
    fn into_wire(self) -> i32 {
        i32::try_from(self).unwrap_or(i32::MAX)
    }
}

send!(CheckedLine => proto::LineCheck { line, state, findings });
send!(LineFinding => proto::LineFinding {
    precaution = precaution_id: |id: Option<PartId>| id.map(|id| id.with_letter('p')).unwrap_or_default(),
    precaution_code,
    substance,
    told_by,
    state,
    too_young,
});

/// The answer of CheckItems.
pub fn checked_out(language: Language, checked: CheckedItems) -> Written {
    use proto::numbers::check_items_response as number;
    let CheckedItems { headline, respect, lines } = checked;
    let built = proto::CheckItemsResponse { line_checks: lines.into_wire(), ..proto::CheckItemsResponse::default() };
    let mut written = Written::from_message(&built, (headline.len() + respect.len()) * STATEMENT_BYTES);
    write_section(language, false, number::HEADLINE, &headline, &mut written);
    write_section(language, false, number::RESPECT, &respect, &mut written);
    written
}

impl IntoWire<String> for WithheldReason {
    fn into_wire(self) -> String {
        match self {
            Self::Purpose => "PURPOSE",
            Self::Consent => "CONSENT",
            Self::Role => "ROLE",
            Self::StoreUnreachable => "STORE_UNREACHABLE",
            Self::StoreUnfit => "STORE_UNFIT",
        }
        .to_owned()
    }
}
