//! What was asked, and which days are celebrated.

use super::*;
use crate::domain::{occasion::OccasionDraft, precaution::Until, profile::CustomerKind};

#[test]
fn an_answer_about_allergies_holds_for_its_visit() {
    let texts = |profile: &Profile| {
        let briefing = Ask::new().brief(profile);
        let ask = |one: &&Statement| one.code == codes::PRECAUTIONS_NOT_ASKED;
        let asks = briefing.headline.iter().find(ask).map_or(String::new(), |one| one.text.clone());
        (asks, briefing.respect.last().map_or(String::new(), |one| one.text.clone()))
    };
    let said = |headline: &str, respect: &str| (headline.to_owned(), respect.to_owned());
    let asked = |at: &str| Change::PrecautionsAsked(time(at));
    // The business day of the question began at four in New York.
    let (now, before) = (asked("2017-12-22T09:00:00Z"), asked("2017-12-22T08:59:00Z"));
    let listed = || allergy("MILK", Criticality::Low);
    assert_eq!(texts(&with([now.clone()])), said("", "Named no allergies or needs when asked."));
    assert_eq!(texts(&with([before.clone()])), said("", "Named none on 22 December 2017: ask again."));
    assert_eq!(texts(&with([listed(), now.clone()])), said("", "Milk allergy."));
    assert_eq!(texts(&with([listed(), before])), said("", "Ask whether this is still so, and all."));
    // What was noted is no answer to what nobody asked.
    let others =
        said("Ask about other allergies and diets.", "Ask about other allergies, diets and needs before serving.");
    assert_eq!(texts(&with([listed()])), others);
    // Nobody answers for a household.
    let household = Change::DetailsSet(Details { kind: CustomerKind::Household, ..Details::default() });
    let who = said(
        "Ask who is here today, and about allergies and diets.",
        "Ask who is here today, and about allergies, diets and other needs before serving.",
    );
    assert_eq!(texts(&with([household.clone(), now.clone()])), who);
    assert_eq!(texts(&with([household.clone(), listed(), now.clone()])), who);
    let family = with([household, now.clone()]);
    assert_eq!(Ask::new().brief(&family).precaution_state, PrecautionState::NotAsked);
    // Where they share an identity: the union, and the question.
    let id = |byte| CustomerId::from_bytes([byte; 16]);
    let both = [(id(1), family), (id(2), with([listed(), now]))];
    let briefing = Ask::new().question(|question| brief_candidates(&both, question));
    assert_eq!(briefing.precaution_state, PrecautionState::Listed);
    let respect = [codes::PRECAUTION_ALLERGY, codes::PRECAUTIONS_NOT_ASKED];
    assert_eq!(codes_of(&briefing.respect), respect);
    assert_eq!(codes_of(&briefing.headline), [respect[0], respect[1], codes::ASK_WHO]);
}

#[test]
fn an_answer_no_longer_stands_when_what_it_named_has_ended() {
    let asked = || Change::PrecautionsAsked(time("2017-12-22T12:00:00Z"));
    let until = |kind, code: &str, until: &str| {
        let until = Some(Until { time: time(until), is_departure: false });
        Change::PrecautionAdded(PrecautionDraft { until, ..precaution(kind, code, Criticality::High) })
    };
    let state = |profile: &Profile| {
        let briefing = Ask::new().brief(profile);
        (briefing.precaution_state, briefing.respect.iter().map(|one| one.text.clone()).collect::<Vec<_>>())
    };
    let none = (PrecautionState::NoneKnown, vec!["Named no allergies or needs when asked.".to_owned()]);
    let again = "Ask again about allergies, diets and other needs before serving.".to_owned();
    let outdated = (PrecautionState::NotAsked, vec![again.clone()]);
    let allergy_until = |end: &str| until(PrecautionKind::Allergy, "PEANUTS", end);
    assert_eq!(state(&with([allergy_until("2017-12-22T22:00:00Z"), asked()])), outdated);
    assert_eq!(state(&with([allergy_until("2017-12-22T12:00:00Z"), asked()])), none, "over before the answer");
    let chair = until(PrecautionKind::Accessibility, "WHEELCHAIR", "2017-12-22T22:00:00Z");
    assert_eq!(state(&with([chair, asked()])), none, "it says nothing about food");
    let (listed, texts) =
        state(&with([allergy_until("2017-12-22T22:00:00Z"), allergy("MILK", Criticality::Low), asked()]));
    assert_eq!((listed, texts.last()), (PrecautionState::Listed, Some(&again)));
    // Those who share an identity with them are asked too.
    let id = |byte| CustomerId::from_bytes([byte; 16]);
    let both = [(id(1), with([allergy_until("2017-12-22T22:00:00Z"), asked()])), (id(2), with([asked()]))];
    let briefing = Ask::new().question(|question| brief_candidates(&both, question));
    assert_eq!(briefing.precaution_state, PrecautionState::NotAsked);
    assert_eq!(briefing.respect[0].text, again);
}

#[test]
fn quiet_wins_over_celebrate() {
    let birthday = || occasion(OccasionKind::Birthday, Some(1977), 12, 22);
    let quiet = |whose: &str| {
        let day = occasion(OccasionKind::Birthday, None, 12, 22);
        Change::OccasionAdded(OccasionDraft { do_not_celebrate: true, of_whom: whose.to_owned(), ..day })
    };
    let briefing = Ask::new().brief(&with([Change::OccasionAdded(birthday()), quiet("")]));
    let said = [&briefing.headline, &briefing.acknowledge, &briefing.delight];
    assert!(said.into_iter().flatten().all(|one| !one.text.contains("birthday")), "{briefing:?}");
    find(&briefing.respect, codes::OCCASION_DO_NOT_CELEBRATE);
    // Somebody else's day is another one.
    let briefing = Ask::new().brief(&with([Change::OccasionAdded(birthday()), quiet("son Leo")]));
    find(&briefing.delight, codes::OCCASION_WISH);
}

#[test]
fn wishes_follow_the_business_day() {
    let birthday = Change::OccasionAdded(occasion(OccasionKind::Birthday, Some(1977), 12, 22));
    let codes_at = |at: &str| codes_of(&Ask::new().at(at).brief(&with([birthday.clone()])).acknowledge);
    // In New York: half past three at night, and half past four.
    assert!(codes_at("2017-12-23T08:30:00Z").contains(&codes::OCCASION_TODAY));
    assert!(!codes_at("2017-12-23T09:30:00Z").contains(&codes::OCCASION_TODAY));
    assert!(codes_at("2017-12-22T08:30:00Z").contains(&codes::OCCASION_SOON));
}

#[test]
fn an_anniversary_is_said_once() {
    let said = |label: &str, year| {
        let day = occasion(OccasionKind::Anniversary, Some(year), 12, 22);
        let day = OccasionDraft { label: label.to_owned(), ..day };
        let briefing = Ask::new().brief(&with([Change::OccasionAdded(day)]));
        briefing.headline.last().map_or(String::new(), |one| one.text.clone())
    };
    assert_eq!(said("Wedding Anniversary", 2001), "16th Wedding Anniversary today");
    assert_eq!(said("wedding", 2001), "16th wedding anniversary today");
    assert_eq!(said("25th wedding anniversary", 1992), "25th wedding anniversary today");
    assert_eq!(said("wedding", 2018), "Ask about allergies and diets.", "it has not happened yet");
}

#[test]
fn an_allergy_that_was_noted_as_a_topic_is_no_riddle() {
    let topic = |code: &str, text: &str| {
        let draft = precaution(PrecautionKind::Topic, code, Criticality::High);
        Change::PrecautionAdded(crate::domain::precaution::PrecautionDraft { text: text.to_owned(), ..draft })
    };
    // What is said aloud is confirmed as what it is.
    let told = Ask::new().brief(&with([topic("NUT_ALLERGY", ""), asked()]));
    let confirm = find(&told.communicate, codes::CONFIRM_PRECAUTION);
    assert!(!confirm.text.contains("Do not mention"), "{}", confirm.text);
    assert!(confirm.text.to_lowercase().contains("nut allergy"), "{}", confirm.text);
    // What is not said was no answer: nobody reads that there is none.
    for (code, text) in [("NUTS", ""), ("ALLERGY", "nuts"), ("DIVORCE", "kiwi allergy")] {
        let told = Ask::new().brief(&with([topic(code, text), asked()]));
        assert!(!codes_of(&told.respect).contains(&codes::PRECAUTIONS_NONE_KNOWN), "{code}");
        find(&told.respect, codes::PRECAUTIONS_NOT_ASKED);
    }
    let told = Ask::new().brief(&with([topic("DIVORCE", ""), asked()]));
    find(&told.respect, codes::PRECAUTIONS_NONE_KNOWN);
}
