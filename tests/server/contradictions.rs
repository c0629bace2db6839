//! What contradicts itself, or what is on record, is refused and told where; what lasts is who vouches for it.

use rapport::proto::*;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::world::*;

on_both!(
    a_departure_with_a_later_time_is_refused,
    a_precaution_stays_one_when_its_words_have_no_room,
    nobody_is_born_after_today,
    who_said_it_first_does_not_refute_it_after_a_colleague_raised_it,
    a_withdrawal_is_not_undone_by_an_older_grant,
);

const DAY: i64 = 86_400;
/// 04:00 in Zurich.
const DAY_END: i64 = NOON + 15 * 3_600;

fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().expect("a BadRequest").field_violations;
    violations.into_iter().map(|violation| violation.field).collect()
}

fn add(id: &str, precautions: Vec<PrecautionDraft>) -> AddPrecautionsRequest {
    with!(AddPrecautionsRequest { customer_id: id.to_owned(), precautions })
}

async fn a_departure_with_a_later_time_is_refused(world: World) {
    let until =
        |at| PrecautionDraft { until_time: time(at), until_departure: true, venue_id: VENUE.into(), ..allergy("MILK") };
    let ana = world.create(asked("Ana")).await.customer_id;
    for at in [DAY_END + 1, NOON + 3 * DAY] {
        let refused = refusal!(world, customers, add_precautions, add(&ana, vec![until(at)]));
        assert_field(&refused, "precautions[0].until_time", "");
        assert_eq!(fields(&refused), ["precautions[0].until_time", "precautions[0].until_departure"]);
        let customer = Some(CustomerDraft { precautions: vec![until(at)], ..named("Ben") });
        let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer }));
        let both = ["customer.precautions[0].until_time", "customer.precautions[0].until_departure"];
        assert_eq!(fields(&refused), both);
    }
    assert!(world.get(&ana).await.precautions.is_empty());
    // The end itself says the same; an earlier time gives way.
    for at in [DAY_END, NOON + 3_600] {
        world.customers().add_precautions(add(&ana, vec![until(at)])).await.expect("added");
        let known = world.get(&ana).await.precautions.remove(0).reported.expect("reported");
        assert_eq!(known.until_time, time(DAY_END));
    }
}

async fn a_precaution_stays_one_when_its_words_have_no_room(world: World) {
    let milk = |text: &str, criticality: Criticality| PrecautionDraft {
        text: text.into(),
        criticality: criticality as i32,
        ..allergy("MILK")
    };
    let (old, new) = ("a".repeat(200), "b".repeat(200));
    let ana = world.create(asked("Ana")).await.customer_id;
    world.customers().add_precautions(add(&ana, vec![milk(&old, Criticality::Low)])).await.expect("added");
    let both = vec![allergy("SESAME"), milk(&new, Criticality::High)];
    let refused = refusal!(world, customers, add_precautions, add(&ana, both));
    assert_field(&refused, "precautions[1].text", &new);
    let known = || async { world.get(&ana).await.precautions };
    assert_eq!(known().await.len(), 1, "nothing of the request was taken");
    for (text, room) in [("", old.clone()), ("b", format!("{old}. b"))] {
        let again = add(&ana, vec![milk(text, Criticality::High)]);
        let receipt = world.customers().add_precautions(again).await.expect("updated").into_inner().receipt;
        assert_eq!(receipt.expect("a receipt").created_ids, ["p1"]);
        let known = known().await;
        let reported = known[0].reported.as_ref().expect("reported");
        assert_eq!((known.len(), &reported.text, reported.criticality), (1, &room, Criticality::High as i32));
    }
}

async fn nobody_is_born_after_today(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let add =
        |occasion: OccasionDraft| with!(AddOccasionRequest { customer_id: ana.clone(), occasion: Some(occasion) });
    // It is 14 March 2026 at the venue, and nowhere later than the 15th.
    for (year, month, day) in [(2026, 3, 16), (2026, 4, 1), (2027, 1, 1), (2062, 3, 14)] {
        for of_whom in ["", "my son"] {
            let born = OccasionDraft { of_whom: of_whom.into(), ..birthday(Some(year), month, day) };
            for do_not_celebrate in [false, true] {
                let born = OccasionDraft { do_not_celebrate, ..born.clone() };
                assert_field(&refusal!(world, customers, add_occasion, add(born)), "occasion.date", "");
            }
            let customer = Some(CustomerDraft { occasions: vec![born], ..named("Ben") });
            let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer }));
            assert_field(&refused, "customer.occasions[0].date", "");
        }
    }
    let known = world.customers().add_occasion(add(birthday(Some(2026), 3, 15))).await.expect("added").into_inner();
    let update = with!(UpdateOccasionRequest {
        customer_id: ana.clone(),
        occasion_id: known.receipt.expect("a receipt").created_ids.remove(0),
        occasion: Some(birthday(Some(2027), 3, 15))
    });
    assert_field(&refusal!(world, customers, update_occasion, update), "occasion.date", "");
    // What is to come may be noted, and counts from its day on.
    let wedding = OccasionDraft { kind: OccasionKind::Anniversary as i32, ..birthday(Some(2027), 3, 14) };
    let party = OccasionDraft { once: true, ..birthday(Some(2027), 3, 16) };
    for coming in [wedding, party] {
        world.customers().add_occasion(add(coming)).await.expect("added");
    }
    let wishes = async |at: i64| {
        world.set_clock(at);
        let delight = world.brief(by_id(&ana)).await.delight;
        delight.iter().filter(|one| one.code == "OCCASION_WISH").count()
    };
    assert_eq!(wishes(NOON).await, 0);
    // 14 March 2027: the first birthday tomorrow, and the party the day after.
    assert_eq!(wishes(NOON + 365 * DAY).await, 2);
}

async fn who_said_it_first_does_not_refute_it_after_a_colleague_raised_it(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let said = |criticality: Criticality| PrecautionDraft { criticality: criticality as i32, ..allergy("MILK") };
    for (staff, criticality) in [("jon", Criticality::Low), ("mara", Criticality::High)] {
        world.customers().add_precautions(by(staff, add(&ana, vec![said(criticality)]))).await.expect("added");
    }
    let refute = || {
        with!(ReviewPrecautionRequest {
            customer_id: ana.clone(),
            precaution_id: "p1".into(),
            status: PrecautionStatus::Refuted as i32,
            reason: "asked again".into()
        })
    };
    for staff in ["jon", "mara"] {
        let refused = world.customers().review_precaution(by(staff, refute())).await.unwrap_err();
        assert_refused(&refused, Code::FailedPrecondition, "SECOND_PERSON_NEEDED");
        world.customers().add_precautions(by(staff, add(&ana, vec![said(Criticality::Low)]))).await.expect("no less");
        let known = world.get(&ana).await.precautions.remove(0);
        assert_eq!(known.reported.expect("reported").criticality, Criticality::High as i32, "{staff}");
    }
    world.customers().review_precaution(by("vera", refute())).await.expect("refuted");
}

async fn a_withdrawal_is_not_undone_by_an_older_grant(world: World) {
    let decided = |state: ConsentState, at: i64| Consent { state: state as i32, decide_time: time(at), ..agreed() };
    let (granted, withdrawn) = (ConsentState::Granted, ConsentState::Withdrawn);
    for (decisions, stands) in [
        ([(granted, NOON - 60), (withdrawn, NOON - 60)], withdrawn),
        ([(withdrawn, NOON - 60), (granted, NOON - 60)], withdrawn),
        ([(withdrawn, NOON - 60), (granted, NOON - 61)], withdrawn),
        ([(granted, NOON - 61), (withdrawn, NOON - 60)], withdrawn),
        // A time to come is now.
        ([(granted, NOON + 3_600), (withdrawn, NOON)], withdrawn),
        ([(withdrawn, NOON - 60), (granted, NOON - 59)], granted),
    ] {
        let name = decisions.map(|(state, at)| format!("{} {}", state.as_str_name(), at - NOON)).join(", ");
        let ana = world.create(named("Ana")).await.customer_id;
        for (state, at) in decisions {
            let consent = Some(decided(state, at));
            let request = with!(RecordConsentRequest { customer_id: ana.clone(), consent });
            world.customers().record_consent(request).await.expect("recorded");
        }
        assert_eq!(world.get(&ana).await.consents[0].state, stands as i32, "{name}");
        let request = GetCustomerRequest { purpose: Purpose::Marketing as i32, ..get(&ana) };
        let seen = world.customers().get_customer(request).await.expect("read").into_inner().customer;
        let is_told = seen.and_then(|seen| seen.details).and_then(|details| details.name).is_some();
        assert_eq!(is_told, stands == granted, "{name}");
    }
}
