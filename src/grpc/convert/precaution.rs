//! What callers say of precautions.

use super::{
    Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX,
    mirror::{FromWire, enum_table, parse, within},
    past_time, time,
    values::{from_text, line, zero_is},
};
use crate::{
    domain::{
        VenueId, Violation, card,
        precaution::{
            BasisKind, Criticality, PrecautionDraft, PrecautionKind, PrecautionStatus, RecordBasis, Severity, Until,
        },
        says_none, text,
    },
    proto,
    service::Caller,
};

enum_table!(proto::PrecautionKind = PrecautionKind {
    Allergy = Allergy, Intolerance = Intolerance, Diet = Diet, Accessibility = Accessibility,
    Abstention = Abstention, Topic = Topic,
});
enum_table!(proto::Criticality = Criticality {
    Unspecified = Unknown, Low = Low, High = High,
});
enum_table!(proto::ReactionSeverity = Severity {
    Unspecified = Unknown, Mild = Mild, Moderate = Moderate, Severe = Severe,
});
enum_table!(precaution_status: proto::PrecautionStatus = PrecautionStatus {
    Unconfirmed = Unconfirmed, Confirmed = Confirmed, Refuted = Refuted, Resolved = Resolved,
    EnteredInError = EnteredInError,
});
enum_table!(proto::PrecautionBasis = BasisKind {
    Unspecified = NotSaid, Consent = Consent, ThisVisitOnly = ThisVisitOnly,
});
/// What is done with precautions that are sent.
#[derive(Clone, Copy)]
enum Use<'v> {
    Recorded,
    /// They are said now, at this venue, and judged; nothing is kept.
    Judged(&'v str),
}

fn precaution(caller: &Caller, used: Use<'_>, field: &str, mut raw: proto::PrecautionDraft) -> Parsed<PrecautionDraft> {
    if let (Use::Judged(venue), true) = (used, raw.venue_id.is_empty()) {
        venue.clone_into(&mut raw.venue_id);
    }
    let basis = within(field, || record_basis(caller, &raw))?;
    let until = within(field, || until(caller, &raw, basis.said))?;
    let draft = parse!(field, raw: proto::PrecautionDraft => PrecautionDraft {
        text: line(0..=TEXT_CHARS_MAX),
        code: from_text(text::code),
        of_whom: line(0..=SHORT_CHARS_MAX),
        {
            card::refuse_card_data([
                ("code", code.as_str()),
                ("text", text.as_str()),
                ("of_whom", of_whom.as_str()),
            ])?;
        }
        status: zero_is(PrecautionStatus::Unconfirmed, precaution_status),
        {
            if !matches!(status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed) {
                return Err(Violation::new("status", "must be UNCONFIRMED or CONFIRMED in a new precaution"));
            }
        }
        kind,
        criticality,
        severity,
        _ = until_time,
        _ = until_departure,
        _ = venue_id,
        + until: until,
        _ = basis_evidence,
        _ = basis_time,
        _ = basis,
        + basis: basis,
    })?;
    within(field, || pregnancy(caller, used, refuse_none(draft)?))
}

/// "None" is an answer, and no precaution: it would be served as an allergy that nobody understands.
fn refuse_none(draft: PrecautionDraft) -> Parsed<PrecautionDraft> {
    if says_none(&draft.code) {
        let wrong = "must name what it is about: that a customer named none is recorded by RecordPrecautionInquiry \
                     (precautions_asked of a new customer), and read as NONE_KNOWN";
        return Err(Violation::new("code", wrong));
    }
    Ok(draft)
}

/// A pregnancy is kept only as the customer said it, and ends by itself.
fn pregnancy(caller: &Caller, used: Use<'_>, draft: PrecautionDraft) -> Parsed<PrecautionDraft> {
    let Some((field, words)) = draft.pregnancy_told() else { return Ok(draft) };
    let is_pregnancy = draft.is_pregnancy();
    if matches!(used, Use::Judged(_)) {
        // Said as an allergy, it is judged as what it is: else nobody would check what stands beside it.
        // What stands in one with it stays what it is, and is parted from it.
        let is_one = is_pregnancy && !draft.is_two_things();
        let kind = if is_one { PrecautionKind::Diet } else { draft.kind };
        return Ok(PrecautionDraft { kind, ..draft });
    }
    // Of another kind it would speak against nothing that is eaten, or be called an allergy.
    if is_pregnancy && !matches!(draft.kind, PrecautionKind::Diet | PrecautionKind::Abstention) {
        return Err(Violation::new("kind", "must be DIET or ABSTENTION: a pregnancy is about what is eaten and drunk"));
    }
    if let Some(field) = draft.two_in_one().filter(|_| field != "of_whom") {
        let wrong = format!(
            "must not tell of a pregnancy (\"{words}\") and of an illness or a diet in one: record the illness by itself, as ALLERGY or \
             INTOLERANCE (\"coeliac disease\"), a diet as DIET, and the pregnancy as DIET PREGNANCY with a basis"
        );
        return Err(Violation::new(field, wrong));
    }
    if draft.is_pregnancy_called_illness() {
        let wrong = "must be DIET or ABSTENTION: a pregnancy is no illness, and an illness is said aloud and does not end by itself";
        return Err(Violation::new("kind", wrong));
    }
    if draft.is_said_aloud() {
        if field != "of_whom" {
            return Ok(draft);
        }
        let wrong = format!(
            "must name who it is without telling of a pregnancy (\"{words}\"): an allergy is said aloud; record the pregnancy besides, as \
             DIET PREGNANCY with a basis"
        );
        return Err(Violation::new(field, wrong));
    }
    if draft.basis.said == BasisKind::NotSaid {
        let needed = "must be CONSENT or THIS_VISIT_ONLY: a pregnancy is recorded only if the customer said so";
        if field == "code" {
            return Err(Violation::new("basis", needed));
        }
        let wrong = format!(
            "must not tell of a pregnancy (\"{words}\") without a basis: set basis to CONSENT or THIS_VISIT_ONLY if the customer said so, \
             or say in other words what else is meant"
        );
        return Err(Violation::new(field, wrong).beside("basis", needed));
    }
    // What is about something else, and only tells of it besides, stays.
    if !is_pregnancy {
        return Ok(draft);
    }
    let over =
        || Violation::new("basis_time", "must be within the last 280 days: a pregnancy that was told before is over");
    draft.ending_by_itself(caller.now).ok_or_else(over)
}

fn record_basis(caller: &Caller, raw: &proto::PrecautionDraft) -> Parsed<RecordBasis> {
    let how = text::line("basis_evidence", &raw.basis_evidence, 0..=TEXT_CHARS_MAX)?;
    card::refuse_card_data([("basis_evidence", how.as_str())])?;
    let said = BasisKind::from_wire("basis", raw.basis)?;
    if said == BasisKind::NotSaid {
        if !how.is_empty() || raw.basis_time.is_some() {
            return Err(Violation::new(
                "basis",
                "must be CONSENT or THIS_VISIT_ONLY where its evidence or time is given",
            ));
        }
        return Ok(RecordBasis::default());
    }
    Ok(RecordBasis { said, how, time: Some(past_time("basis_time", raw.basis_time, caller.now)?) })
}

/// Until the time that is given, or until the end of the visit: the business day of the venue.
fn until(caller: &Caller, raw: &proto::PrecautionDraft, basis: BasisKind) -> Parsed<Option<Until>> {
    card::refuse_card_data([("venue_id", raw.venue_id.as_str())])?;
    let given = time("until_time", raw.until_time)?;
    if given.is_some_and(|given| given <= caller.now) {
        return Err(Violation::new("until_time", "must be in the future, or unset"));
    }
    let is_this_visit = basis == BasisKind::ThisVisitOnly;
    let is_departure = raw.until_departure || (given.is_none() && is_this_visit);
    let end = if is_departure || is_this_visit {
        if raw.venue_id.is_empty() {
            return Err(Violation::new("venue_id", "must name the venue of the policy that the customer is at"));
        }
        let venue = caller.venue("venue_id", &VenueId::parse("venue_id", &raw.venue_id)?)?;
        let departure = venue.day_end(caller.now);
        let is_beyond = given.is_some_and(|given| given > departure);
        if is_beyond && is_this_visit {
            let wrong = "must be within this visit (the venue's business day), or unset: the basis is THIS_VISIT_ONLY";
            return Err(Violation::new("until_time", wrong));
        }
        if is_beyond {
            let wrong =
                "must not be after the departure (the end of the venue's business day): leave out one of the two";
            let beside = "must not stand beside a later until_time: leave out one of the two";
            return Err(Violation::new("until_time", wrong).beside("until_departure", beside));
        }
        Some(given.filter(|_| !is_departure).unwrap_or(departure))
    } else {
        given
    };
    Ok(end.map(|time| Until { time, is_departure }))
}

/// Precautions to be recorded; the same one twice is refused.
pub fn precautions(caller: &Caller, field: &str, raw: Vec<proto::PrecautionDraft>) -> Parsed<Vec<PrecautionDraft>> {
    all(caller, Use::Recorded, field, raw)
}

/// Precautions that are said now at a venue, to be judged: none of them is kept, so that none needs a basis.
pub fn said_now(
    caller: &Caller,
    venue: &str,
    field: &str,
    raw: Vec<proto::PrecautionDraft>,
) -> Parsed<Vec<PrecautionDraft>> {
    all(caller, Use::Judged(venue), field, raw)
}

fn all(caller: &Caller, used: Use<'_>, field: &str, raw: Vec<proto::PrecautionDraft>) -> Parsed<Vec<PrecautionDraft>> {
    let mut drafts: Vec<PrecautionDraft> = Vec::with_capacity(raw.len());
    for (index, draft) in raw.into_iter().enumerate() {
        let field = format!("{field}[{index}]");
        let draft = precaution(caller, used, &field, draft)?;
        if drafts.iter().any(|other| other.is_same_as(&draft) && other.ends_like(&draft)) {
            return Err(Violation::new(field, "must not repeat the kind and code of another entry that ends with it"));
        }
        drafts.push(draft);
    }
    Ok(drafts)
}
