//! What is unresolved silences selling; what is owed is told.

use super::*;
use crate::domain::{
    catalogue::{Contents, GestureType},
    follow_up::{FollowUpDraft, FollowUpKind},
    id::PartId,
    testing::{gesture_type, gift, issue, promise},
};

const BIRTHDAY: (i32, i32) = (12, 22);

fn regular_guest() -> Vec<Change> {
    let mut changes = vec![named("Ms Ferreira"), said("espresso", Stance::Favourite)];
    changes.push(Change::OccasionAdded(occasion(OccasionKind::Birthday, Some(1980), BIRTHDAY.0, BIRTHDAY.1)));
    changes.push(allergy("TREE_NUTS", Criticality::High));
    changes.push(Change::PrecautionsAsked(time(NOW)));
    changes.extend(regular());
    changes
}

#[test]
fn an_open_issue_silences_selling_but_neither_name_nor_wishes_nor_precautions() {
    let quiet = Ask::new().brief(&with(regular_guest()));
    assert!(!quiet.anticipate.is_empty());
    assert!(codes_of(&quiet.delight).contains(&codes::FAVOURITE_TOUCH));
    let mut changes = regular_guest();
    changes.push(Change::IssueOpened(issue("AIR_CONDITIONING", "Room 412")));
    let mut guest = with(changes);
    let told = Ask::new().brief(&guest);
    assert_eq!(codes_of(&told.anticipate), [codes::HABIT_ITEM; 0]);
    assert_eq!(codes_of(&told.delight), [codes::OCCASION_WISH]);
    assert_eq!(codes_of(&told.respect), codes_of(&quiet.respect));
    assert_eq!(codes_of(&told.acknowledge), codes_of(&quiet.acknowledge));
    let headline: Vec<&str> = told.headline.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(headline[1], "Open issue: air conditioning, Room 412");
    assert!(headline[2].starts_with("Ms Ferreira: 37th birthday"));
    assert_eq!(told.communicate[0].code, codes::ISSUE_OPEN);
    let id = guest.open_issues()[0].id;
    let resolved = Change::IssueResolved { id, resolution: "repaired".into() };
    apply(&mut guest, &resolved, &stamp("2017-12-02T12:00:00Z", "mara@desk")).unwrap();
    assert_eq!(Ask::new().brief(&guest), quiet);
}

#[test]
fn promises_are_told_when_they_are_near_and_the_overdue_ones_lead() {
    let due = |at: &str| Change::FollowUpPromised(FollowUpDraft { due_time: time(at), ..promise(at) });
    let guest = with([due("2018-03-01T12:00:00Z"), due("2017-12-23T12:00:00Z"), due("2017-12-22T12:00:00Z")]);
    let told = Ask::new().brief(&guest);
    let promises: Vec<(codes::Code, &str)> =
        told.communicate.iter().map(|one| (one.code, one.text.as_str())).take(2).collect();
    assert_eq!(
        promises,
        [(codes::PROMISE_OVERDUE, "Overdue: 2017-12-22T12:00:00Z."), (codes::PROMISE_DUE, "2017-12-23T12:00:00Z.")]
    );
    assert!(!told.communicate.iter().any(|one| one.text.contains("2018")));
    assert_eq!(told.headline[1].code, codes::PROMISE_OVERDUE);
    // An answer that was kept must not outlive the moment at which a promise is broken.
    let before = Ask::new().at("2017-12-22T11:59:00Z").brief(&guest);
    assert_eq!(before.valid_until, Some(time("2017-12-22T12:00:00Z")));
}

#[test]
fn a_delivery_on_its_way_is_no_word_to_the_guest() {
    let delivery = FollowUpDraft { kind: FollowUpKind::Delivery, due_time: time(NOW), ..promise("Carry up the tart") };
    let told = Ask::new().at("2017-12-22T22:00:00Z").brief(&with([Change::FollowUpPromised(delivery)]));
    assert_eq!(find(&told.communicate, codes::PROMISE_DUE).tact, Tact::ActQuietly);
}

#[test]
fn only_those_who_serve_hear_of_it() {
    let mut changes = vec![granted(Purpose::Marketing), granted(Purpose::Analytics)];
    changes.push(Change::IssueOpened(issue("AIR_CONDITIONING", "Room 412")));
    changes.push(Change::FollowUpPromised(promise("Call them")));
    let guest = with(changes);
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let told = Ask::new().for_purpose(purpose).brief(&guest);
        assert!(
            told.communicate
                .iter()
                .chain(&told.headline)
                .all(|one| { ![codes::ISSUE_OPEN, codes::PROMISE_DUE, codes::PROMISE_OVERDUE].contains(&one.code) })
        );
    }
}

#[test]
fn a_delivery_that_endangers_is_told_as_one() {
    let contents = |codes: &[&str]| Contents::Known(codes.iter().map(|code| (*code).to_owned()).collect());
    let tart = |contents| GestureType { contents, display_name: "Almond tart".to_owned(), ..gesture_type("tart") };
    let asking = |contents| {
        let mut ask = Ask::new();
        ask.policy.rules.catalogue = vec![tart(contents)];
        ask
    };
    let told = |ask: Ask, precautions: &[Change]| {
        let (kind, gesture) = (FollowUpKind::Delivery, Some(PartId(1)));
        let delivery = FollowUpDraft { kind, gesture, ..promise("Almond tart in the room") };
        let promised = [Change::GestureGiven(gift("tart")), Change::FollowUpPromised(delivery)];
        let given = with(promised.into_iter().chain(precautions.iter().cloned()));
        let briefing = ask.brief(&given);
        let owed = find(&briefing.communicate, codes::PROMISE_OVERDUE).clone();
        let conflict = owed.parameters.iter().find(|(name, _)| *name == "conflict").map(|(_, value)| value.clone());
        assert!(briefing.headline.iter().any(|line| line.text == owed.text));
        (owed.text, owed.reason, conflict)
    };
    let nuts = allergy("TREE_NUTS", Criticality::High);
    let (text, reason, conflict) = told(asking(contents(&["MILK", "ALMOND"])), std::slice::from_ref(&nuts));
    assert!(text.starts_with("Do not deliver: "), "{text}");
    assert!(reason.starts_with("Tree nut allergy, life-threatening; it contains almond. Promised by "), "{reason}");
    assert_eq!(conflict, Some(Value::Text("PRECAUTION".to_owned())));
    // The worst precaution is the reason, in whatever order they were recorded.
    let lactose = Change::PrecautionAdded(precaution(PrecautionKind::Intolerance, "LACTOSE", Criticality::Low));
    for precautions in [[lactose.clone(), nuts.clone()], [nuts, lactose]] {
        let (_, reason, _) = told(asking(contents(&["MILK", "ALMOND"])), &precautions);
        assert!(reason.starts_with("Tree nut allergy, life-threatening; it contains almond."), "{reason}");
    }
    for (ask, precaution, expected) in [
        (asking(contents(&["MILK"])), allergy("TRENUTS", Criticality::Low), Some("PRECAUTION_NOT_UNDERSTOOD")),
        (asking(Contents::Unknown), allergy("MILK", Criticality::Low), Some("CONTENTS_UNKNOWN")),
        (asking(contents(&["MILK"])), allergy("SESAME", Criticality::High), None),
        // Its name counts too.
        (asking(contents(&["MILK"])), allergy("TREE_NUTS", Criticality::High), Some("PRECAUTION")),
        (asking(contents(&[])), allergy("TRENUTS", Criticality::High), Some("PRECAUTION_NOT_UNDERSTOOD")),
        (asking(contents(&[])), allergy("TREE_NUTS", Criticality::High), Some("PRECAUTION")),
        (asking(contents(&[])), allergy("SESAME", Criticality::High), None),
        // Its type has left the catalogue.
        (Ask::new(), allergy("TREE_NUTS", Criticality::High), Some("PRECAUTION")),
        (Ask::new(), allergy("SESAME", Criticality::High), Some("CONTENTS_UNKNOWN")),
        (Ask::new(), allergy("FEATHERS", Criticality::High), None),
        (asking(contents(&["ALMOND"])), said("almond tart", Stance::Dislikes), None),
    ] {
        let (text, _, conflict) = told(ask, std::slice::from_ref(&precaution));
        assert_eq!(conflict, expected.map(|code| Value::Text(code.to_owned())), "{precaution:?}");
        assert_eq!(text.starts_with("Do not deliver: "), expected.is_some(), "{text}");
    }
    let (text, _, conflict) = told(asking(contents(&["ALMOND"])), &[]);
    assert!(text.starts_with("Overdue: ") && conflict.is_none(), "{text}");
}

#[test]
fn what_is_stopped_for_a_death_is_acted_on_without_a_word() {
    let son = "my son".to_owned();
    let days = occasion(OccasionKind::Birthday, None, 6, 1);
    let days = Change::OccasionAdded(crate::domain::occasion::OccasionDraft { of_whom: son.clone(), ..days });
    let mut guest = with([days, Change::FollowUpPromised(promise("Cake for my son"))]);
    let died = Change::DeceasedMarked { deceased: true, of_whom: son, reason: "told".to_owned() };
    for by in ["mara@till-4", "jon@till-4"] {
        apply(&mut guest, &died, &stamp("2017-12-02T12:00:00Z", by)).unwrap();
    }
    let told = Ask::new().brief(&guest);
    let stopped: Vec<_> = told.communicate.iter().filter(|one| one.text.starts_with("Do not deliver")).collect();
    assert_eq!(stopped.len(), 1, "{told:#?}");
    assert_eq!(stopped[0].tact, Tact::ActQuietly);
    for line in told.headline.iter().filter(|line| line.text.contains("my son")) {
        assert_eq!(line.tact, Tact::ActQuietly, "{line:?}");
    }
}
