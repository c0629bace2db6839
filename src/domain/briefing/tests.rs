use proptest::prelude::*;

use super::*;
use crate::domain::{
    Change, apply,
    consent::{Consent, ConsentState},
    id::HoldToken,
    identity::Identity,
    occasion::OccasionKind,
    precaution::{Criticality, PrecautionKind, PrecautionStatus},
    preference::{EvidenceSource, Scope, Stance},
    profile::{Details, Name, OwnIdentity},
    testing::{self, evidence, occasion, precaution, profile, purchase, purchase_at, stamp, time},
};

/// A Friday, 18:00 in New York.
const NOW: &str = "2017-12-22T23:00:00Z";
const ID: CustomerId = CustomerId::from_bytes([7; 16]);

struct Ask {
    policy: Policy,
    venue: &'static str,
    now: Timestamp,
    at: Timestamp,
    purpose: Purpose,
    mask: Mask,
    basket: Vec<String>,
}

impl Ask {
    fn new() -> Self {
        let now = time(NOW);
        let policy = testing::policy();
        Self { policy, venue: "here", now, at: now, purpose: Purpose::Service, mask: Mask::ALL, basket: Vec::new() }
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
        })
    }

    fn brief(&self, profile: &Profile) -> Briefing {
        self.question(|question| brief(ID, profile, question))
    }
}

fn with(changes: impl IntoIterator<Item = Change>) -> Profile {
    let mut profile = profile();
    for change in changes {
        apply(&mut profile, &change, &stamp("2017-12-01T12:00:00Z", "staff:mara@till-4")).unwrap();
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

fn codes_of(statements: &[Statement]) -> Vec<&'static str> {
    statements.iter().map(|statement| statement.code).collect()
}

fn find<'a>(statements: &'a [Statement], code: &str) -> &'a Statement {
    statements.iter().find(|statement| statement.code == code).unwrap_or_else(|| panic!("{code}: {statements:#?}"))
}

fn items(statements: &[Statement], code: &str) -> Vec<String> {
    let of_code = statements.iter().filter(|statement| statement.code == code);
    let item = |statement: &Statement| match &statement.parameters[0] {
        ("item", Value::Text(item)) => item.clone(),
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
    assert_eq!(texts[0], "Tree nuts allergy, life-threatening. Also traces. Carries an EpiPen.");
    assert_eq!(texts[1], "Sesame allergy, treat as life-threatening.");
    assert_eq!(texts[2], "Do not mention: divorce.");
    assert_eq!(texts[3], "Eggs allergy.");
    assert_eq!(briefing.respect[2].tact, Tact::NeverMention);
    assert_eq!(briefing.respect[0].reason, "Recorded on 2017-12-01 by staff:mara@till-4, confirmed.");
    assert_eq!(briefing.headline[0].text, "Tree nuts allergy, life-threatening +3 more");
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
fn respect_is_never_trimmed() {
    let profile = with((0..64).map(|number| allergy(&format!("S{number}"), Criticality::High)));
    let ask =
        Ask { mask: Mask { acknowledge: false, communicate: false, anticipate: false, delight: false }, ..Ask::new() };
    let briefing = ask.brief(&profile);
    assert_eq!(briefing.respect.len(), 64);
    assert!(briefing.acknowledge.is_empty() && briefing.communicate.is_empty());
    assert!(briefing.anticipate.is_empty() && briefing.delight.is_empty());
    assert_eq!(briefing.headline[0].text, "S0 allergy, life-threatening +63 more");
}

#[test]
fn the_name_stands_with_the_occasion() {
    let birthday = Change::OccasionAdded(occasion(OccasionKind::Birthday, Some(1977), 12, 22));
    let briefing = Ask::new().brief(&with([named("Ms Ferreira"), birthday.clone()]));
    assert_eq!(briefing.headline[1].text, "Ms Ferreira: 40th birthday today");
    assert_eq!(find(&briefing.acknowledge, codes::NAME).text, "Address as Ms Ferreira.");
    assert_eq!(find(&briefing.acknowledge, codes::LANGUAGE).text, "Speak pt-BR if you can.");
    assert_eq!(find(&briefing.acknowledge, codes::OCCASION_TODAY).text, "40th birthday today.");
    assert_eq!(find(&briefing.delight, codes::OCCASION_WISH).text, "Wish a happy 40th birthday.");
    // A week ahead it is near, eight days ahead it is not; at the venue it is still the day before.
    let briefing = Ask::new().at("2017-12-15T23:00:00Z").brief(&with([birthday.clone()]));
    assert_eq!(find(&briefing.acknowledge, codes::OCCASION_SOON).text, "40th birthday in 7 days, on 2017-12-22.");
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
    assert_eq!(statement.text, "Do not celebrate or mention: anniversary of late husband (12-22).");
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
fn habits_are_told_with_their_counts() {
    let briefing = Ask::new().brief(&with(regular()));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Coffee", "Almond cake"]);
    let coffee = find(&briefing.anticipate, codes::HABIT_ITEM);
    assert_eq!(coffee.text, "Usually buys Coffee.");
    assert_eq!(coffee.reason, "Bought in 10 of 20 visits, 10 of them on Friday evenings, last on 2017-12-08.");
    assert_eq!(coffee.tact, Tact::ActQuietly);
    // On a Monday morning it is bread.
    let briefing = Ask::new().at("2017-12-18T11:00:00Z").brief(&with(regular()));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM)[0], "Bread");
}

#[test]
fn what_is_in_the_basket_is_left_out() {
    let ask = Ask { basket: vec!["COFFEE".to_owned()], ..Ask::new() };
    let briefing = ask.brief(&with(regular()));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Almond cake"]);
    assert_eq!(briefing.valid_until, None);
    let ask = Ask { basket: vec!["espresso".to_owned()], ..Ask::new() };
    let briefing = ask.brief(&with([said("Espresso", Stance::Favourite)]));
    assert!(briefing.anticipate.is_empty() && briefing.delight.is_empty());
}

#[test]
fn a_precaution_vetoes_what_it_forbids() {
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([allergy("TREE_NUTS", Criticality::Low)])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Coffee"]);
    let abstains = Change::PrecautionAdded(precaution(PrecautionKind::Abstention, "ALCOHOL", Criticality::Unknown));
    let briefing = Ask::new().brief(&with([said("Merlot", Stance::Favourite), said("tea", Stance::Likes), abstains]));
    assert_eq!(codes_of(&briefing.anticipate), [codes::PREFERENCE_LIKES]);
    assert!(briefing.delight.is_empty());
}

#[test]
fn the_table_of_contents_leaves_out_what_it_should() {
    use PrecautionKind::{Abstention, Allergy, Diet, Intolerance};
    for (kind, code, text, item, forbidden) in [
        (Allergy, "TREE_NUTS", "", "Almond croissants", true),
        (Allergy, "TREE_NUTS", "", "Hazelnutcream", true),
        (Allergy, "TREE_NUTS", "", "Doughnut", false),
        (Allergy, "PEANUTS", "", "PEANUT BUTTER", true),
        (Allergy, "STRAWBERRIES", "", "Strawberries and mint", true),
        (Allergy, "CRUSTACEANS", "", "Prawn curry", true),
        (Allergy, "EGGS", "", "Eggplant", false),
        (Allergy, "OTHER", "no shrimp please", "Shrimp roll", true),
        (Intolerance, "LACTOSE", "", "Caffe latte", true),
        (Intolerance, "LACTOSE_FREE", "", "Milk", true),
        (Diet, "HALAL", "", "Glass of wine", true),
        (Diet, "HALAL", "", "Halal chicken", false),
        (Diet, "VEGAN", "", "Honey", true),
        (Diet, "VEGAN", "", "Omelettes", true),
        (Diet, "VEGAN", "", "Vegan soup", false),
        (Diet, "NO_PORK", "", "Ham", true),
        (Diet, "VEGETARIAN", "", "Salmon", true),
        (Diet, "KOSHER", "", "Oysters", true),
        (Abstention, "CAFFEINE", "", "Espresso", true),
        (Abstention, "ALCOHOL", "", "Ginger tea", false),
        (PrecautionKind::Topic, "COFFEE", "", "Coffee", false),
    ] {
        let mut draft = precaution(kind, code, Criticality::Unknown);
        draft.text = text.to_owned();
        let profile = with([Change::PrecautionAdded(draft), said(item, Stance::Likes)]);
        let briefing = Ask::new().brief(&profile);
        assert_eq!(briefing.anticipate.is_empty(), forbidden, "{code} and {item}");
    }
}

#[test]
fn what_is_disliked_or_refused_is_not_suggested() {
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([said("coffee", Stance::Dislikes)])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Almond cake"]);
    let refused = Change::EvidenceRecorded(evidence(
        "coffee",
        Stance::Likes,
        EvidenceSource::Refused,
        Some("here"),
        "2017-12-20T12:00:00Z",
    ));
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([refused])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Almond cake"]);
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
fn one_observation_is_asked_about_where_it_was_made_and_nowhere_else() {
    let profile = with([seen("mariachi music", Stance::Likes, "here")]);
    let briefing = Ask::new().brief(&profile);
    assert!(briefing.anticipate.is_empty());
    assert_eq!(find(&briefing.communicate, codes::CONFIRM_PREFERENCE).text, "Ask whether they like mariachi music.");
    let elsewhere = Ask { venue: "sister", ..Ask::new() }.brief(&profile);
    assert!(!codes_of(&elsewhere.communicate).contains(&codes::CONFIRM_PREFERENCE));
    let twice = with([seen("espresso", Stance::Likes, "here"), seen("espresso", Stance::Likes, "here")]);
    let briefing = Ask { venue: "other", ..Ask::new() }.brief(&twice);
    let likes = find(&briefing.anticipate, codes::PREFERENCE_LIKES);
    assert_eq!((likes.tact, likes.reason.as_str()), (Tact::ActQuietly, "Observed twice, the latest on 2017-12-01."));
}

#[test]
fn brand_scope_reaches_the_brand() {
    let mut stated =
        evidence("espresso", Stance::Favourite, EvidenceSource::Stated, Some("here"), "2017-12-01T12:00:00Z");
    stated.scope = Scope::Brand;
    let profile = with([Change::EvidenceRecorded(stated)]);
    for (venue, count) in [("here", 1), ("sister", 1), ("other", 0)] {
        assert_eq!(Ask { venue, ..Ask::new() }.brief(&profile).anticipate.len(), count, "{venue}");
    }
}

#[test]
fn a_situation_that_the_clock_knows_holds_in_its_hours() {
    let mut breakfast = evidence("porridge", Stance::Likes, EvidenceSource::Stated, None, "2017-12-01T12:00:00Z");
    breakfast.subject.situation = "breakfast".to_owned();
    let mut unknown = breakfast.clone();
    unknown.subject.situation = "by the pool".to_owned();
    let profile = with([Change::EvidenceRecorded(breakfast), Change::EvidenceRecorded(unknown)]);
    let evening = Ask::new().brief(&profile).anticipate;
    assert_eq!(evening.len(), 1);
    assert_eq!(evening[0].text, "Likes: porridge (by the pool).");
    assert_eq!(Ask::new().at("2017-12-22T13:00:00Z").brief(&profile).anticipate.len(), 2);
}

#[test]
fn a_long_absence_is_noticed() {
    let profile = with(regular());
    let soon = Ask::new().brief(&profile);
    assert_eq!(find(&soon.acknowledge, codes::VISITS).text, "20 visits so far, the last on 2017-12-11.");
    assert!(!codes_of(&soon.acknowledge).contains(&codes::RETURNING_AFTER_ABSENCE));
    let late = Ask::new().at("2018-06-01T12:00:00Z").brief(&profile);
    let back = find(&late.acknowledge, codes::RETURNING_AFTER_ABSENCE);
    assert_eq!(back.text, "Back after 172 days: welcome them back.");
    find(&Ask::new().brief(&self::profile()).acknowledge, codes::FIRST_VISIT);
}

#[test]
fn without_consent_only_serving_sees_anything() {
    let profile = with(regular().into_iter().chain([named("Ms Ferreira"), allergy("EGGS", Criticality::High)]));
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let briefing = Ask::new().for_purpose(purpose).brief(&profile);
        assert_eq!(briefing.precaution_state, PrecautionState::Withheld);
        for section in [
            &briefing.headline,
            &briefing.respect,
            &briefing.acknowledge,
            &briefing.communicate,
            &briefing.anticipate,
            &briefing.delight,
        ] {
            assert!(section.is_empty());
        }
        assert!(briefing.withheld.contains(&Withheld { what: "respect", reason: WithheldReason::Purpose }));
        assert!(briefing.withheld.contains(&Withheld { what: "anticipate", reason: WithheldReason::Consent }));
    }
}

#[test]
fn with_consent_each_purpose_sees_its_part() {
    let birthday = Change::OccasionAdded(occasion(OccasionKind::Birthday, None, 12, 22));
    let changes = [named("Ms Ferreira"), allergy("TREE_NUTS", Criticality::High), birthday];
    let consents = [granted(Purpose::Marketing), granted(Purpose::Analytics)];
    let profile = with(regular().into_iter().chain(changes).chain(consents));
    let marketing = Ask::new().for_purpose(Purpose::Marketing).brief(&profile);
    assert_eq!(marketing.withheld, [Withheld { what: "respect", reason: WithheldReason::Purpose }]);
    assert!(marketing.respect.is_empty());
    assert_eq!(marketing.asked_time, None);
    find(&marketing.acknowledge, codes::NAME);
    find(&marketing.delight, codes::OCCASION_WISH);
    assert_eq!(items(&marketing.anticipate, codes::HABIT_ITEM), ["Coffee"]);
    let analytics = Ask::new().for_purpose(Purpose::Analytics).brief(&profile);
    let what: Vec<&str> = analytics.withheld.iter().map(|withheld| withheld.what).collect();
    assert_eq!(what, ["respect", "name", "occasions"]);
    assert!(analytics.headline.is_empty() && analytics.delight.is_empty());
    assert_eq!(codes_of(&analytics.acknowledge), [codes::LANGUAGE, codes::VISITS]);
    let all = format!("{marketing:?} {analytics:?}");
    assert!(!all.contains("TREE_NUTS") && !all.contains("Tree nuts"));
    assert!(!format!("{analytics:?}").contains("Ferreira"));
}

#[test]
fn a_stranger_is_asked() {
    let briefing = Ask::new().question(brief_stranger);
    assert_eq!((briefing.state, briefing.precaution_state), (BriefingState::FirstVisit, PrecautionState::NotAsked));
    assert_eq!(codes_of(&briefing.respect), [codes::PRECAUTIONS_NOT_ASKED]);
    assert_eq!(codes_of(&briefing.communicate), [codes::ASK_NAME, codes::ASK_CONSENT]);
    assert_eq!(codes_of(&briefing.headline), [codes::PRECAUTIONS_NOT_ASKED]);
}

#[test]
fn candidates_share_their_precautions_and_nothing_else() {
    let other = CustomerId::from_bytes([8; 16]);
    let birthday = Change::OccasionAdded(occasion(OccasionKind::Birthday, None, 12, 22));
    let one =
        with([named("Ms Ferreira"), allergy("EGGS", Criticality::Low), said("espresso", Stance::Avoid), birthday]);
    let two = with([allergy("EGGS", Criticality::Low), allergy("SESAME", Criticality::High)]);
    let three = with([]);
    let candidates = [(ID, one), (other, two), (CustomerId::from_bytes([9; 16]), three)];
    let briefing = Ask::new().question(|question| brief_candidates(&candidates, question));
    assert_eq!(briefing.state, BriefingState::Ambiguous);
    assert_eq!(briefing.candidates.len(), 3);
    assert_eq!(briefing.customer, None);
    assert_eq!(briefing.precaution_state, PrecautionState::Listed);
    let texts: Vec<&str> = briefing.respect.iter().map(|statement| statement.text.as_str()).collect();
    assert_eq!(texts[..2], ["Sesame allergy, life-threatening.", "Eggs allergy."]);
    assert_eq!(briefing.respect[2].code, codes::PRECAUTIONS_NOT_ASKED);
    assert_eq!(briefing.respect.len(), 3);
    assert_eq!(codes_of(&briefing.headline), [codes::PRECAUTION_ALLERGY, codes::ASK_WHO]);
    let all = format!("{briefing:?}");
    for foreign in ["Ferreira", "espresso", "birthday", "mara", "p1"] {
        assert!(!all.contains(foreign), "{foreign}");
    }
    let marketing =
        Ask::new().for_purpose(Purpose::Marketing).question(|question| brief_candidates(&candidates, question));
    assert!(marketing.respect.is_empty());
    assert_eq!(marketing.precaution_state, PrecautionState::Withheld);
}

#[test]
fn an_answer_is_valid_until_the_clock_means_something_else() {
    let valid = |at: &str| Ask::new().at(at).brief(&profile()).valid_until.unwrap();
    // 18:00 in New York: dinner ends at 23:00, but the UTC day ends at 19:00.
    assert_eq!(valid("2017-12-22T23:00:00Z"), time("2017-12-23T00:00:00Z"));
    assert_eq!(valid("2017-12-22T13:30:00Z"), time("2017-12-22T16:00:00Z"));
    // Midnight there, and the business day at four.
    assert_eq!(valid("2017-12-23T04:30:00Z"), time("2017-12-23T05:00:00Z"));
    assert_eq!(valid("2017-12-23T05:00:00Z"), time("2017-12-23T09:00:00Z"));
    let mut expiring = profile();
    expiring.identities.push(OwnIdentity {
        identity: Identity { kind: IdentityType::Room, issuer: String::new(), value: "12".to_owned() },
        token: HoldToken([0; 16]),
        expire_time: Some(time("2017-12-22T23:10:00Z")),
    });
    assert_eq!(Ask::new().brief(&expiring).valid_until, Some(time("2017-12-22T23:10:00Z")));
}

#[test]
fn another_moment_moves_anticipation_but_not_belief() {
    let profile = with([said("espresso", Stance::Favourite)]);
    let later = Ask { at: time("2027-12-22T23:00:00Z"), ..Ask::new() };
    let confidence = |briefing: &Briefing| format!("{:?}", find(&briefing.anticipate, codes::PREFERENCE_FAVOURITE));
    assert_eq!(confidence(&later.brief(&profile)), confidence(&Ask::new().brief(&profile)));
    assert_eq!(later.brief(&profile).as_of, later.at);
}

#[test]
fn every_code_is_documented() {
    let document = include_str!("../../../docs/statements.md");
    for code in codes::ALL {
        assert!(document.contains(&format!("| `{code}` |")), "{code} is not in docs/statements.md");
    }
    let documented = document.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(documented, codes::ALL.len());
}

fn any_change() -> impl Strategy<Value = Change> {
    let kinds = prop::sample::select(vec![
        PrecautionKind::Allergy,
        PrecautionKind::Diet,
        PrecautionKind::Topic,
        PrecautionKind::Accessibility,
    ]);
    let stance = prop::sample::select(vec![Stance::Favourite, Stance::Likes, Stance::Dislikes, Stance::Avoid]);
    let source = prop::sample::select(vec![EvidenceSource::Stated, EvidenceSource::Observed, EvidenceSource::Refused]);
    let situation = prop::sample::select(vec!["", "breakfast", "dinner", "pool"]);
    let venue = prop::sample::select(vec!["here", "sister", "other"]);
    let hours = 0i64..300 * 24;
    prop_oneof![
        (kinds, "[A-Z]{1,60}")
            .prop_map(|(kind, code)| { Change::PrecautionAdded(precaution(kind, &code, Criticality::Unknown)) }),
        ("[a-f]", stance, source, situation, venue, hours.clone()).prop_map(
            |(item, stance, source, situation, venue, hour)| {
                let mut one = evidence(&item, stance, source, Some(venue), "2017-01-01T00:00:00Z");
                one.subject.situation = situation.to_owned();
                one.observe_time += jiff::SignedDuration::from_hours(hour);
                Change::EvidenceRecorded(one)
            }
        ),
        (1i32..=12, 1i32..=28, any::<bool>()).prop_map(|(month, day, quiet)| {
            let mut draft = occasion(OccasionKind::Birthday, Some(1980), month, day);
            draft.do_not_celebrate = quiet;
            Change::OccasionAdded(draft)
        }),
        ("\\PC{0,60}").prop_map(|name| named(&name)),
        (hours, "[a-f]").prop_map(|(hour, item)| {
            let at = time("2017-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(hour);
            Change::InteractionRecorded(purchase_at(&item, at, &[(&item, "x")]))
        }),
    ]
}

fn any_profile() -> impl Strategy<Value = Profile> {
    prop::collection::vec(any_change(), 0..40).prop_map(|changes| {
        let mut profile = profile();
        for change in changes {
            // Duplicates are refused, and leave no trace.
            let _ = apply(&mut profile, &change, &stamp("2017-12-01T12:00:00Z", "staff:mara@till-4"));
        }
        profile
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn an_answer_does_not_change_before_it_expires(
        profile in any_profile(), second in 0i64..86_400 * 400, share in 0.0f64..1.0
    ) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let first = Ask { now, at: now, ..Ask::new() }.brief(&profile);
        let until = first.valid_until.unwrap();
        prop_assert!(until > now);
        let wait = (until.as_second() - now.as_second() - 1).max(0) as f64 * share;
        let later = now + jiff::SignedDuration::from_secs(wait as i64);
        let mut second = Ask { now: later, at: later, ..Ask::new() }.brief(&profile);
        second.as_of = first.as_of;
        prop_assert_eq!(first, second);
    }

    #[test]
    fn every_briefing_keeps_its_promises(profile in any_profile(), second in 0i64..86_400 * 400, purpose in 0u8..3) {
        let now = time("2017-06-01T00:00:00Z") + jiff::SignedDuration::from_secs(second);
        let purpose = [Purpose::Service, Purpose::Marketing, Purpose::Analytics][usize::from(purpose)];
        let briefing = Ask { now, at: now, ..Ask::new() }.for_purpose(purpose).brief(&profile);
        prop_assert!(briefing.headline.len() <= HEADLINE_MAX);
        for statement in &briefing.headline {
            prop_assert!(statement.text.chars().count() <= HEADLINE_CHARS_MAX);
        }
        let sections =
            [&briefing.headline, &briefing.respect, &briefing.acknowledge, &briefing.communicate, &briefing.anticipate, &briefing.delight];
        for statement in sections.into_iter().flatten() {
            prop_assert!(codes::ALL.contains(&statement.code));
            prop_assert!(!statement.text.is_empty() && !statement.reason.is_empty());
        }
        if purpose == Purpose::Service {
            let active = profile.precautions.iter().filter(|known| known.is_active()).count();
            let listed = briefing.respect.iter().filter(|statement| {
                statement.parameters.iter().any(|(name, _)| *name == "precaution_id")
            });
            prop_assert_eq!(listed.count(), active);
            prop_assert!(briefing.withheld.is_empty());
        } else {
            prop_assert!(!briefing.withheld.is_empty());
            prop_assert!(briefing.respect.is_empty());
        }
    }
}

/// Prints how long a usual profile takes: `cargo test --release -- --ignored --nocapture how_long`.
#[test]
#[ignore = "a measurement"]
fn how_long_a_usual_profile_takes() {
    let mut usual = with(regular().into_iter().chain([
        named("Ms Ferreira"),
        allergy("TREE_NUTS", Criticality::High),
        said("espresso", Stance::Favourite),
        said("window seat", Stance::Likes),
        seen("lilies", Stance::Dislikes, "here"),
        Change::OccasionAdded(occasion(OccasionKind::Birthday, Some(1977), 12, 24)),
    ]));
    for number in 0..80 {
        let item = format!("Item number {number}");
        usual.habits.fold(&purchase("x", "2017-11-03T22:00:00Z", &[(&item, "things")]));
    }
    let ask = Ask::new();
    let rounds = 20_000_u32;
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(ask.brief(std::hint::black_box(&usual)));
    }
    println!("{:?} for a briefing", start.elapsed() / rounds);
}
