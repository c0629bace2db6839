mod anticipation;
mod asked;
mod properties;
mod purposes;
mod recovery;

use super::*;
use crate::{
    domain::{
        Change, VenueId,
        anticipation::snapshot::Snapshot,
        apply,
        basket::{BasketLine, Seat},
        consent::{Consent, ConsentState},
        id::HoldToken,
        identity::Identity,
        items::Menu,
        occasion::OccasionKind,
        policy::Policy,
        precaution::{Criticality, PrecautionKind, PrecautionStatus},
        preference::{EvidenceSource, Scope, Stance},
        profile::{Details, Name, ProfileIdentity},
        testing::{self, evidence, occasion, precaution, profile, purchase_at, stamp, time},
    },
    phrasing,
};

/// A Friday, 18:00 in New York.
const NOW: &str = "2017-12-22T23:00:00Z";

const ID: CustomerId = CustomerId::from_bytes([7; 16]);

/// A statement as staff read it: the words are made outside the domain, and tested with what they are made from.
#[derive(Debug, Clone, PartialEq)]
struct Statement {
    code: codes::Code,
    parameters: Vec<(&'static str, Value)>,
    text: String,
    reason: String,
    tact: Tact,
}

/// A briefing as staff read it.
#[derive(Debug, Clone, PartialEq)]
struct Briefing {
    state: BriefingState,
    customer: Option<CustomerId>,
    candidates: Vec<CustomerId>,
    headline: Vec<Statement>,
    precaution_state: PrecautionState,
    asked_time: Option<Timestamp>,
    respect: Vec<Statement>,
    acknowledge: Vec<Statement>,
    communicate: Vec<Statement>,
    anticipate: Vec<Statement>,
    delight: Vec<Statement>,
    withheld: Vec<Withheld>,
    found_by: Option<IdentityType>,
    as_of: Timestamp,
    valid_until: Option<Timestamp>,
    relationship: Option<RelationshipLevel>,
}

fn read(briefing: super::Briefing) -> Briefing {
    let one = |statement: super::Statement| {
        let phrasing::Words { text, reason } = phrasing::words(phrasing::Language::English, &statement);
        let super::Statement { code, parameters, basis: _, form: _, tact } = statement;
        Statement { code, parameters, text, reason: reason.into_owned(), tact }
    };
    let all = |section: Vec<super::Statement>| section.into_iter().map(one).collect();
    let super::Briefing { state, customer, candidates, precaution_state, asked_time, withheld, .. } = briefing;
    Briefing {
        state,
        customer,
        candidates,
        headline: all(briefing.headline),
        precaution_state,
        asked_time,
        respect: all(briefing.respect),
        acknowledge: all(briefing.acknowledge),
        communicate: all(briefing.communicate),
        anticipate: all(briefing.anticipate),
        delight: all(briefing.delight),
        withheld,
        found_by: briefing.found_by,
        as_of: briefing.as_of,
        valid_until: briefing.valid_until,
        relationship: briefing.relationship,
    }
}

fn brief_stranger(question: &Question<'_>) -> Briefing {
    read(super::brief_stranger(question))
}

fn brief_candidates(candidates: &[(CustomerId, Profile)], question: &Question<'_>) -> Briefing {
    read(super::brief_candidates(candidates, question))
}

struct Ask {
    policy: Policy,
    venue: &'static str,
    now: Timestamp,
    at: Timestamp,
    purpose: Purpose,
    mask: Mask,
    basket: Vec<String>,
    others: Option<Snapshot>,
}

impl Ask {
    fn new() -> Self {
        let now = time(NOW);
        let policy = testing::policy();
        Self {
            policy,
            venue: "here",
            now,
            at: now,
            purpose: Purpose::Service,
            mask: Mask::ALL,
            basket: Vec::new(),
            others: None,
        }
    }

    fn at(mut self, at: &str) -> Self {
        self.at = time(at);
        self.now = time(at);
        self
    }

    fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    fn question<T>(&self, ask: impl FnOnce(&Question<'_>) -> T) -> T {
        let venue = self.policy.venue(&VenueId::parse("", self.venue).unwrap()).unwrap();
        ask(&Question {
            policy: &self.policy,
            venue,
            now: self.now,
            at: self.at,
            purpose: self.purpose,
            mask: self.mask,
            basket: &self.basket,
            lines: &self.basket.iter().cloned().map(BasketLine::of).collect::<Vec<_>>(),
            seat: Seat::Customers(""),
            menu: Menu::nothing(),
            others: self.others.as_ref(),
        })
    }

    fn brief(&self, profile: &Profile) -> Briefing {
        read(self.question(|question| brief(ID, profile, question)))
    }
}

fn with(changes: impl IntoIterator<Item = Change>) -> Profile {
    let mut profile = profile();
    for change in changes {
        apply(&mut profile, &change, &stamp("2017-12-01T12:00:00Z", "mara@till-4")).unwrap();
    }
    profile
}

fn allergy(code: &str, criticality: Criticality) -> Change {
    Change::PrecautionAdded(precaution(PrecautionKind::Allergy, code, criticality))
}

fn said(item: &str, stance: Stance) -> Change {
    Change::EvidenceRecorded(evidence(item, stance, EvidenceSource::Stated, None, "2017-12-01T12:00:00Z"))
}

fn seen(item: &str, stance: Stance, venue: &str) -> Change {
    Change::EvidenceRecorded(evidence(item, stance, EvidenceSource::Observed, Some(venue), "2017-12-01T12:00:00Z"))
}

/// Asked for precautions on the day on which all else was recorded.
fn asked() -> Change {
    Change::PrecautionsAsked(time("2017-12-01T12:00:00Z"))
}

fn granted(purpose: Purpose) -> Change {
    let decide_time = time("2017-06-01T00:00:00Z");
    Change::ConsentRecorded(Consent { purpose, state: ConsentState::Granted, decide_time, evidence: String::new() })
}

fn named(addressed_as: &str) -> Change {
    let name = Name { full: "Ana Ferreira".to_owned(), addressed_as: addressed_as.to_owned(), ..Name::default() };
    Change::DetailsSet(Details { name, language: "pt-BR".to_owned(), ..Details::default() })
}

/// Ten Friday evenings with coffee, every second of them with almond cake; and as many Mondays with bread.
fn regular() -> Vec<Change> {
    let mut changes = Vec::new();
    for week in 0..10_i64 {
        let friday = time("2017-10-06T22:30:00Z") + jiff::SignedDuration::from_hours(week * 7 * 24);
        let monday = friday + jiff::SignedDuration::from_hours(3 * 24 - 12);
        let mut items = vec![("Coffee", "drink")];
        if week % 2 == 0 {
            items.push(("Almond cake", "dessert"));
        }
        changes.push(purchase_at(&format!("f{week}"), friday, &items));
        changes.push(purchase_at(&format!("m{week}"), monday, &[("Bread", "bakery")]));
    }
    changes.into_iter().map(Change::InteractionRecorded).collect()
}

fn codes_of(statements: &[Statement]) -> Vec<codes::Code> {
    statements.iter().map(|statement| statement.code).collect()
}

fn find(statements: &[Statement], code: codes::Code) -> &Statement {
    statements.iter().find(|statement| statement.code == code).unwrap_or_else(|| panic!("{code}: {statements:#?}"))
}

fn items(statements: &[Statement], code: codes::Code) -> Vec<String> {
    let of_code = statements.iter().filter(|statement| statement.code == code);
    let item = |statement: &Statement| match &statement.parameters[0] {
        ("item", Value::Text(item)) => item.clone(),
        ("item", Value::Item(item)) => item.get().clone(),
        other => panic!("{other:?}"),
    };
    of_code.map(item).collect()
}

#[test]
fn precautions_come_most_critical_first_and_lead_the_headline() {
    let mut confirmed = precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    confirmed.status = PrecautionStatus::Confirmed;
    confirmed.text = "Also traces. Carries an EpiPen.".to_owned();
    let profile = with([
        allergy("EGGS", Criticality::Low),
        Change::PrecautionAdded(precaution(PrecautionKind::Topic, "DIVORCE", Criticality::Unknown)),
        allergy("SESAME", Criticality::Unknown),
        Change::PrecautionAdded(confirmed),
    ]);
    let briefing = Ask::new().brief(&profile);
    assert_eq!(briefing.precaution_state, PrecautionState::Listed);
    let texts: Vec<&str> = briefing.respect.iter().map(|statement| statement.text.as_str()).collect();
    assert_eq!(texts[0], "Tree nut allergy, life-threatening. Also traces. Carries an EpiPen.");
    assert_eq!(texts[1], "Sesame allergy, treat as life-threatening.");
    assert_eq!(texts[2], "Do not mention: divorce.");
    assert_eq!(texts[3], "Egg allergy.");
    assert_eq!(briefing.respect[2].tact, Tact::NeverMention);
    assert_eq!(briefing.respect[0].reason, "Recorded on 1 December 2017 by mara@till-4, confirmed.");
    assert_eq!(briefing.headline[0].text, "Tree nut allergy, life-threatening +3 more: read all");
    // What nobody verified is to be confirmed, but a topic is never asked about.
    let confirm = briefing.communicate.iter().filter(|statement| statement.code == codes::CONFIRM_PRECAUTION);
    assert_eq!(confirm.count(), 2);
}

#[test]
fn not_asked_and_none_known_are_different_answers() {
    let briefing = Ask::new().brief(&profile());
    assert_eq!(briefing.precaution_state, PrecautionState::NotAsked);
    assert_eq!(codes_of(&briefing.respect), [codes::PRECAUTIONS_NOT_ASKED]);
    assert_eq!(briefing.headline[0].code, codes::PRECAUTIONS_NOT_ASKED);
    let asked = time("2017-12-01T00:00:00Z");
    let briefing = Ask::new().brief(&with([Change::PrecautionsAsked(asked)]));
    assert_eq!(briefing.precaution_state, PrecautionState::NoneKnown);
    assert_eq!(briefing.asked_time, Some(asked));
    assert_eq!(codes_of(&briefing.respect), [codes::PRECAUTIONS_NONE_KNOWN]);
    let briefing = Ask::new().at("2019-01-01T12:00:00Z").brief(&with([Change::PrecautionsAsked(asked)]));
    find(&briefing.communicate, codes::ASK_PRECAUTIONS_AGAIN);
}

#[test]
fn only_what_is_about_food_answers_the_question_about_allergies() {
    let precaution_of = |kind, code| Change::PrecautionAdded(precaution(kind, code, Criticality::Low));
    let asked = Change::PrecautionsAsked(time("2017-12-22T12:00:00Z"));
    let wheelchair = || precaution_of(PrecautionKind::Accessibility, "WHEELCHAIR");
    for other in [wheelchair(), precaution_of(PrecautionKind::Topic, "DIVORCE")] {
        let briefing = Ask::new().brief(&with([other.clone()]));
        assert_eq!(briefing.precaution_state, PrecautionState::NotAsked, "{other:?}");
        // Listed all the same, and first; the headline has both.
        assert!(briefing.respect[0].parameters.iter().any(|(name, _)| *name == "precaution_id"), "{other:?}");
        assert_eq!(briefing.respect[1].code, codes::PRECAUTIONS_NOT_ASKED, "{other:?}");
        assert_eq!(briefing.headline[0].code, briefing.respect[0].code);
        assert_eq!(briefing.headline[1].text, "Ask about allergies and diets.");
        // Once asked, the answer stands beside what is listed, as where nothing is: a topic must not show in it. It is asked for again
        // when it is old.
        let guest = with([other.clone(), asked.clone()]);
        let briefing = Ask::new().brief(&guest);
        assert_eq!((briefing.precaution_state, briefing.respect.len()), (PrecautionState::Listed, 2), "{other:?}");
        find(&briefing.respect, codes::PRECAUTIONS_NONE_KNOWN);
        assert!(!codes_of(&briefing.communicate).contains(&codes::ASK_PRECAUTIONS_AGAIN));
        find(&Ask::new().at("2019-01-01T12:00:00Z").brief(&guest).communicate, codes::ASK_PRECAUTIONS_AGAIN);
    }
    for kind in [PrecautionKind::Allergy, PrecautionKind::Intolerance, PrecautionKind::Diet, PrecautionKind::Abstention]
    {
        let briefing = Ask::new().brief(&with([wheelchair(), precaution_of(kind, "MILK")]));
        assert_eq!(briefing.precaution_state, PrecautionState::Listed, "{kind:?}");
        assert_eq!(briefing.respect[2].text, "Ask about other allergies, diets and needs before serving.", "{kind:?}");
    }
    // The same of an identity that several share.
    let id = |byte| CustomerId::from_bytes([byte; 16]);
    let both = |one, other| Ask::new().question(|question| brief_candidates(&[(id(1), one), (id(2), other)], question));
    let briefing = both(with([wheelchair()]), with([wheelchair(), asked.clone()]));
    assert_eq!(briefing.precaution_state, PrecautionState::Listed);
    assert_eq!(codes_of(&briefing.respect), [codes::PRECAUTION_ACCESSIBILITY, codes::PRECAUTIONS_NOT_ASKED]);
    let briefing = both(with([wheelchair()]), with([asked]));
    assert_eq!(briefing.precaution_state, PrecautionState::NotAsked);
    assert_eq!(codes_of(&briefing.respect), [codes::PRECAUTION_ACCESSIBILITY, codes::PRECAUTIONS_NOT_ASKED]);
}

#[test]
fn respect_is_never_trimmed() {
    let profile = with((0..64).map(|number| allergy(&format!("S{number}"), Criticality::High)));
    let ask =
        Ask { mask: Mask { acknowledge: false, communicate: false, anticipate: false, delight: false }, ..Ask::new() };
    let briefing = ask.brief(&profile);
    assert_eq!(briefing.respect.len(), 65, "and the question");
    assert!(briefing.acknowledge.is_empty() && briefing.communicate.is_empty());
    assert!(briefing.anticipate.is_empty() && briefing.delight.is_empty());
    assert_eq!(briefing.headline[0].text, "S0, s1, s2, s3, s4, s5: life-threatening +58 more: read all");
}

#[test]
fn the_name_stands_with_the_occasion() {
    let birthday = Change::OccasionAdded(occasion(OccasionKind::Birthday, Some(1977), 12, 22));
    let briefing = Ask::new().brief(&with([named("Ms Ferreira"), birthday.clone()]));
    assert_eq!(briefing.headline[1].text, "Ms Ferreira: 40th birthday today");
    assert_eq!(find(&briefing.acknowledge, codes::NAME).text, "Address as Ms Ferreira.");
    assert_eq!(find(&briefing.acknowledge, codes::LANGUAGE).text, "Speak Portuguese (pt-BR) if you can.");
    assert_eq!(find(&briefing.acknowledge, codes::OCCASION_TODAY).text, "40th birthday today.");
    assert_eq!(find(&briefing.delight, codes::OCCASION_WISH).text, "Wish a happy birthday.");
    // A week ahead it is near, eight days ahead it is not; at the venue it is still the day before.
    let briefing = Ask::new().at("2017-12-15T23:00:00Z").brief(&with([birthday.clone()]));
    assert_eq!(find(&briefing.acknowledge, codes::OCCASION_SOON).text, "40th birthday in 7 days, on 22 December 2017.");
    let briefing = Ask::new().at("2017-12-15T04:30:00Z").brief(&with([birthday]));
    assert!(!codes_of(&briefing.acknowledge).contains(&codes::OCCASION_SOON));
}

#[test]
fn a_leap_day_says_its_rule() {
    let leap = Change::OccasionAdded(occasion(OccasionKind::Birthday, Some(1984), 2, 29));
    let briefing = Ask::new().at("2018-02-28T20:00:00Z").brief(&with([leap]));
    let today = find(&briefing.acknowledge, codes::OCCASION_TODAY);
    assert!(today.reason.ends_with("29 February is kept on 28 February in common years."), "{}", today.reason);
    assert!(find(&briefing.delight, codes::OCCASION_WISH).reason.contains("29 February"));
}

#[test]
fn a_day_not_to_celebrate_is_respected_and_nothing_else() {
    let mut quiet = occasion(OccasionKind::Anniversary, None, 12, 22);
    quiet.do_not_celebrate = true;
    quiet.of_whom = "late husband".to_owned();
    let briefing = Ask::new().brief(&with([Change::OccasionAdded(quiet)]));
    let statement = find(&briefing.respect, codes::OCCASION_DO_NOT_CELEBRATE);
    assert_eq!(statement.text, "Do not celebrate or mention: anniversary of late husband (22 December).");
    assert_eq!(statement.tact, Tact::NeverMention);
    assert!(briefing.delight.is_empty());
    assert!(!codes_of(&briefing.acknowledge).contains(&codes::OCCASION_TODAY));
    assert_eq!(briefing.headline.len(), 1);
}

#[test]
fn a_long_name_is_cut_to_a_line() {
    let briefing = Ask::new().brief(&with([named(&"Ü".repeat(60)), allergy(&"X".repeat(64), Criticality::High)]));
    for statement in &briefing.headline {
        assert!(statement.text.chars().count() <= HEADLINE_CHARS_MAX, "{}", statement.text);
    }
}

#[test]
fn kept_away_comes_before_disliked_and_only_what_was_said_is_spoken_about() {
    let observed = [seen("lilies", Stance::Dislikes, "here"), seen("lilies", Stance::Dislikes, "here")];
    let once = seen("jazz", Stance::Dislikes, "here");
    let profile = with(observed.into_iter().chain([once, said("coriander", Stance::Avoid)]));
    let respect = Ask::new().brief(&profile).respect;
    assert_eq!(codes_of(&respect), [codes::PRECAUTIONS_NOT_ASKED, codes::PREFERENCE_AVOID, codes::PREFERENCE_DISLIKES]);
    assert_eq!((respect[1].tact, respect[2].tact), (Tact::Say, Tact::ActQuietly));
    assert_eq!(respect[1].text, "Keep away: coriander.");
}

#[test]
fn a_long_absence_is_noticed() {
    let profile = with(regular());
    let soon = Ask::new().brief(&profile);
    assert_eq!(find(&soon.acknowledge, codes::VISITS).text, "20 visits so far, the last on 11 December 2017.");
    assert!(!codes_of(&soon.acknowledge).contains(&codes::RETURNING_AFTER_ABSENCE));
    let late = Ask::new().at("2018-06-01T12:00:00Z").brief(&profile);
    let back = find(&late.acknowledge, codes::RETURNING_AFTER_ABSENCE);
    assert_eq!(back.text, "Back after 172 days: welcome them back.");
    find(&Ask::new().brief(&self::profile()).acknowledge, codes::FIRST_VISIT);
}

#[test]
fn an_answer_is_valid_until_the_clock_means_something_else() {
    let valid = |at: &str| Ask::new().at(at).brief(&profile()).valid_until.unwrap();
    // What is expected moves with the venue's hours.
    assert_eq!(valid("2017-12-22T13:30:00Z"), time("2017-12-22T14:00:00Z"));
    assert_eq!(valid("2017-12-22T23:00:00Z"), time("2017-12-23T00:00:00Z"));
    // Midnight there.
    assert_eq!(valid("2017-12-23T04:30:00Z"), time("2017-12-23T05:00:00Z"));
    let mut expiring = profile();
    expiring.identities.push(ProfileIdentity {
        identity: Identity { kind: IdentityType::Room, issuer: String::new(), value: "12".to_owned() },
        token: HoldToken([0; 16]),
        expire_time: Some(time("2017-12-22T23:10:00Z")),
    });
    assert_eq!(Ask::new().brief(&expiring).valid_until, Some(time("2017-12-22T23:10:00Z")));
}

#[test]
fn every_code_is_documented() {
    let document = include_str!("../../../../docs/statements.md");
    for code in codes::ALL {
        assert!(document.contains(&format!("| `{code}` |")), "{code} is not in docs/statements.md");
    }
    let documented = document.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(documented, codes::ALL.len());
}
