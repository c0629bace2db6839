//! Who sees what, and who is not known.

use super::*;

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
    // Who may not see precautions gets nothing that is eaten or drunk, of anybody.
    assert!(marketing.anticipate.is_empty());
    let analytics = Ask::new().for_purpose(Purpose::Analytics).brief(&profile);
    let what: Vec<&str> = analytics.withheld.iter().map(|withheld| withheld.what).collect();
    assert_eq!(what, ["respect", "name", "occasions"]);
    assert!(analytics.headline.is_empty() && analytics.delight.is_empty());
    assert_eq!(codes_of(&analytics.acknowledge), [codes::LANGUAGE, codes::VISITS]);
    let all = format!("{marketing:?} {analytics:?}");
    assert!(!all.contains("TREE_NUTS") && !all.contains("Tree nut"));
    assert!(!format!("{analytics:?}").contains("Ferreira"));
}

#[test]
fn a_stranger_is_asked() {
    let briefing = Ask::new().question(brief_stranger);
    assert_eq!((briefing.state, briefing.precaution_state), (BriefingState::FirstVisit, PrecautionState::NotAsked));
    assert_eq!(codes_of(&briefing.respect), [codes::PRECAUTIONS_NOT_ASKED]);
    assert_eq!(codes_of(&briefing.communicate), [codes::ASK_NAME]);
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
    assert_eq!(texts[..2], ["Sesame allergy, life-threatening.", "Egg allergy."]);
    assert_eq!(briefing.respect[2].code, codes::PRECAUTIONS_NOT_ASKED);
    assert_eq!(briefing.respect.len(), 3);
    assert_eq!(codes_of(&briefing.headline), [codes::PRECAUTION_ALLERGY, codes::PRECAUTIONS_NOT_ASKED, codes::ASK_WHO]);
    let all = format!("{briefing:?}");
    for foreign in ["Ferreira", "espresso", "birthday", "mara", "p1"] {
        assert!(!all.contains(foreign), "{foreign}");
    }
    let marketing =
        Ask::new().for_purpose(Purpose::Marketing).question(|question| brief_candidates(&candidates, question));
    assert!(marketing.respect.is_empty());
    assert_eq!(marketing.precaution_state, PrecautionState::Withheld);
}
