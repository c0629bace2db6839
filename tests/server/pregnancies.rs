//! A pregnancy is kept only as the customer said it, and never mentioned, in whatever words it was written.

use rapport::proto::*;

use super::{
    basket::called,
    catalogue::{item, put},
    promises::{promise_for, recovery},
    staff_texts::may_contain,
    world::*,
};

on_both!(
    a_pregnancy_in_other_words_needs_a_basis_and_is_quiet,
    what_only_sounds_like_a_pregnancy_is_said,
    a_pregnancy_in_whatever_words_is_acted_on,
    a_pregnancy_that_is_said_now_is_judged,
    a_pregnancy_ends_as_it_was_told,
    one_pregnancy_is_one_whatever_its_word,
    an_illness_is_said_aloud_beside_a_pregnancy,
    what_is_said_for_a_visit_ends_with_it,
    a_pregnancy_does_not_name_a_person,
    words_for_a_day_are_not_told_to_others,
    what_is_secret_beside_a_pregnancy_is_not_said,
    what_is_stopped_for_a_pregnancy_does_not_tell_of_it,
);

const DAY: i64 = 86_400;

fn of(kind: PrecautionKind, code: &str, text: &str) -> PrecautionDraft {
    PrecautionDraft { kind: kind as i32, text: text.into(), ..allergy(code) }
}

fn add(id: &str, draft: PrecautionDraft) -> AddPrecautionsRequest {
    with!(AddPrecautionsRequest { customer_id: id.to_owned(), precautions: vec![draft] })
}

async fn a_pregnancy_in_other_words_needs_a_basis_and_is_quiet(world: World) {
    use PrecautionKind::{Abstention, Accessibility, Diet};
    let by_itself = [
        "schwangr",
        "preganant",
        "hochschwanger",
        "erwartet ein Kind",
        "in anderen Umständen",
        "expecting in May",
        "trying for a baby",
        "attend un bébé",
        "in attesa",
        "in dolce attesa",
        "espera un bebé",
        "à espera de bebé",
    ];
    let besides =
        [of(Accessibility, "OTHER", "hochschwanger, Stuhl mit Lehne"), of(Abstention, "ALCOHOL", "enceinte de 5 mois")];
    let codes = ["HOCHSCHWANGER", "IN_DOLCE_ATTESA"].map(|code| (of(Diet, code, ""), true));
    let texts = by_itself.map(|text| (of(Diet, "OTHER", text), true));
    for (draft, ends) in codes.into_iter().chain(texts).chain(besides.map(|draft| (draft, false))) {
        let name = format!("{} {}", draft.code, draft.text);
        let ana = world.create(asked("Ana")).await.customer_id;
        let refused = refusal!(world, customers, add_precautions, add(&ana, draft.clone()));
        // The words that are quoted are those of the list.
        let at = if draft.text.is_empty() { "precautions[0].basis" } else { "precautions[0].text" };
        assert_field(&refused, at, "");
        assert!(refused.message().contains("basis") || at.ends_with("basis"), "{refused:?}");
        let agreed = PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..draft.clone() };
        world.customers().add_precautions(add(&ana, agreed)).await.expect("added");
        let known = world.get(&ana).await.precautions.remove(0).reported.expect("reported");
        assert_eq!(known.until_time.is_some(), ends, "{name}");
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(briefing.respect[0].tact, Tact::NeverMention as i32, "{name}");
        let all = [&briefing.headline, &briefing.communicate, &briefing.delight].into_iter().flatten();
        for statement in all.filter(|one| one.tact() == Tact::Say) {
            let is_told = |words: &str| !words.is_empty() && statement.text.contains(words);
            assert!(!is_told(&draft.text) && !statement.text.contains("schwanger"), "{name}: {}", statement.text);
        }
    }
}

async fn what_only_sounds_like_a_pregnancy_is_said(world: World) {
    for text in [
        "A pregnant pause before the toast",
        "Expects a parcel",
        "Erwartungen sind hoch",
        "Expecting a child seat",
        "prenant des anticoagulants",
        "Mother to be seated near the door",
        "attend son enfant à la gare",
        "Expecting in May a new hip",
        "Having a baby chair",
        "Second trimester at school",
        "Not pregnant",
        "Was pregnant last year",
    ] {
        let draft = of(PrecautionKind::Accessibility, "OTHER", text);
        let ana = world.create(CustomerDraft { precautions: vec![draft], ..asked("Ana") }).await.customer_id;
        assert_eq!(world.brief(by_id(&ana)).await.respect[0].tact, Tact::Say as i32, "{text}");
    }
    // A danger is said aloud, and needs no basis, whatever stands beside it.
    let danger = of(PrecautionKind::Allergy, "PEANUTS", "worse since she is expecting");
    let ana = world.create(CustomerDraft { precautions: vec![danger], ..asked("Ana") }).await.customer_id;
    assert_eq!(world.brief(by_id(&ana)).await.respect[0].tact, Tact::Say as i32);
}

fn consent(draft: PrecautionDraft) -> PrecautionDraft {
    PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..draft }
}

fn this_visit(draft: PrecautionDraft) -> PrecautionDraft {
    PrecautionDraft { basis: PrecautionBasis::ThisVisitOnly as i32, venue_id: VENUE.into(), ..draft }
}

/// States of gin tonic, tuna tartare and soup for this customer, and the briefing.
async fn ordering(world: &World, id: &str) -> (Vec<String>, Briefing) {
    let items = ["Gin tonic", "Tuna tartare", "Soup"].map(str::to_owned).to_vec();
    let request = GetBriefingRequest { basket_items: items, ..briefing(by_id(id)) };
    let briefing = world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("one");
    let states = briefing.line_checks.iter().map(|check| check.state().as_str_name().replace("LINE_STATE_", ""));
    (states.collect(), briefing)
}

async fn a_pregnancy_in_whatever_words_is_acted_on(world: World) {
    use PrecautionKind::{Abstention, Accessibility, Diet};
    for draft in [
        of(Diet, "PREGNANCY", ""),
        of(Diet, "HOCHSCHWANGER", ""),
        of(Diet, "PREGNENT", ""),
        of(Abstention, "OTHER", "expecting in May"),
        of(Diet, "OTHER", "schwangere Frau"),
        of(Diet, "OTHER", "attend un enfant"),
        of(Diet, "OTHER", "aspetta un figlio"),
        of(Diet, "OTHER", "espera un hijo"),
        of(Diet, "OTHER", "grávida"),
        // Besides something else.
        of(Diet, "VEGETARIAN", "schwanger"),
        of(Abstention, "ALCOHOL", "pregnant"),
        of(Accessibility, "OTHER", "pregnant, chair"),
    ] {
        let name = format!("{} {}", draft.code, draft.text);
        let likes = vec![stated("Champagne"), stated("Sushi")];
        let ana = CustomerDraft { precautions: vec![consent(draft)], evidence: likes, ..asked("Ana") };
        let ana = world.create(ana).await.customer_id;
        let (states, briefing) = ordering(&world, &ana).await;
        assert_eq!(states, ["CONFLICT", "CONFLICT", "NOT_DECLARED"], "{name}");
        let conflicts: Vec<&Statement> = briefing.respect.iter().filter(|one| one.code == "BASKET_CONFLICT").collect();
        assert!(!conflicts.is_empty() && conflicts.iter().any(|one| one.tact() == Tact::ActQuietly), "{name}");
        let sections = [&briefing.headline, &briefing.respect, &briefing.anticipate, &briefing.delight];
        for one in sections.into_iter().flatten().chain(&briefing.communicate).chain(&briefing.acknowledge) {
            let is_bad =
                one.text.contains("Champagne") || one.text.contains("Sushi") || one.text.contains("the customer and");
            assert!(!is_bad && (one.tact() != Tact::Say || !one.text.contains("regnan")), "{name}: {}", one.text);
        }
    }
}

async fn a_pregnancy_that_is_said_now_is_judged(world: World) {
    let pregnant = || of(PrecautionKind::Diet, "PREGNANCY", "");
    let as_allergy = of(PrecautionKind::Allergy, "PREGNANCY", "");
    let at_no_venue = PrecautionDraft { basis: PrecautionBasis::ThisVisitOnly as i32, ..pregnant() };
    for said in [pregnant(), at_no_venue, as_allergy, of(PrecautionKind::Diet, "OTHER", "pregnant")] {
        let line = |item: &str| BasketLine { item: item.into(), ..BasketLine::default() };
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: vec![line("Gin tonic"), line("Peanut soup")],
            precautions: vec![allergy("PEANUTS"), said]
        });
        let checked = world.briefings().check_items(request).await.expect("checked").into_inner();
        assert!(checked.line_checks.iter().all(|check| check.state == LineState::Conflict as i32), "{checked:?}");
    }
    // What stands in one with it is judged as by itself: traces count for an allergy, and nobody knows kiwi.
    put(
        &world,
        vec![called(&["House bar"], may_contain("bar", "WALNUT")), called(&["Cubes"], item("cubes", &["SOY"]))],
    )
    .await;
    use PrecautionKind::{Accessibility, Allergy, Topic};
    for (kind, code, item, expected) in [
        (Allergy, "PREGNANT_NUTS", "House bar", LineState::Conflict),
        (Accessibility, "PREGNANT_NUTS", "House bar", LineState::Conflict),
        (Topic, "PREGNANT_NUTS", "House bar", LineState::Conflict),
        (Allergy, "PREGNANT_NUTS", "Cubes", LineState::NothingDeclaredAgainstIt),
        (Allergy, "KIWI_PREGNANT", "Cubes", LineState::NotDeclared),
    ] {
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: vec![BasketLine { item: item.into(), ..BasketLine::default() }],
            precautions: vec![of(kind, code, "")]
        });
        let checked = world.briefings().check_items(request).await.expect("checked").into_inner();
        assert!(checked.line_checks[0].state() == expected, "{code}, {item}: {checked:?}");
    }
}

async fn a_pregnancy_ends_as_it_was_told(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let pregnant = |told: i64, until: Option<i64>| PrecautionDraft {
        basis_time: time(told),
        until_time: until.and_then(time),
        ..consent(of(PrecautionKind::Diet, "PREGNANCY", ""))
    };
    let refused = refusal!(world, customers, add_precautions, add(&ana, pregnant(NOON - 280 * DAY, None)));
    assert_field(&refused, "precautions[0].basis_time", "");
    let told = NOON - 200 * DAY;
    for (later, draft, end) in [
        (0, pregnant(told, None), told + 280 * DAY),
        // The same again, and again with another time: it began when it began.
        (2, pregnant(told, None), told + 280 * DAY),
        (3, pregnant(NOON, None), told + 280 * DAY),
        (4, pregnant(NOON, Some(NOON + 250 * DAY)), told + 280 * DAY),
    ] {
        world.set_clock(NOON + later);
        world.customers().add_precautions(add(&ana, draft)).await.expect("added");
        let known = world.get(&ana).await.precautions;
        let ends: Vec<_> = known.iter().map(|one| one.reported.as_ref().and_then(|one| one.until_time)).collect();
        assert_eq!(ends, [time(end)], "{later}");
    }
    // An earlier end stays.
    let bo = world.create(asked("Bo")).await.customer_id;
    for until in [Some(NOON + 30 * DAY), None] {
        world.customers().add_precautions(add(&bo, pregnant(NOON, until))).await.expect("added");
        let known = world.get(&bo).await.precautions.remove(0).reported.expect("reported");
        assert_eq!(known.until_time, time(NOON + 30 * DAY));
    }
    // One that is over is no end, whatever stands beside it.
    let over = PrecautionDraft {
        until_time: time(NOON - DAY),
        until_departure: true,
        venue_id: VENUE.into(),
        ..allergy("MILK")
    };
    assert_field(&refusal!(world, customers, add_precautions, add(&bo, over)), "precautions[0].until_time", "");
}

async fn one_pregnancy_is_one_whatever_its_word(world: World) {
    use PrecautionKind::{Abstention, Diet};
    let told = NOON - 200 * DAY;
    let ana = world.create(asked("Ana")).await.customer_id;
    let at = |told: i64, draft: PrecautionDraft| PrecautionDraft { basis_time: time(told), ..consent(draft) };
    let add_to = async |draft: PrecautionDraft| world.customers().add_precautions(add(&ana, draft)).await;
    add_to(at(told, of(Diet, "PREGNANCY", ""))).await.expect("added");
    let in_other_words = [
        of(Diet, "SCHWANGER", ""),
        of(Diet, "PREGNANT", ""),
        of(Abstention, "PREGNANCY", ""),
        of(Diet, "OTHER", "schwanger"),
    ];
    for (later, draft) in (1..).zip(in_other_words.clone()) {
        world.set_clock(NOON + later);
        let name = format!("{} {}", draft.code, draft.text);
        let receipt = add_to(consent(draft)).await.expect("added").into_inner().receipt.expect("a receipt");
        assert_eq!(receipt.created_ids, ["p1"], "{name}");
        let known = world.get(&ana).await.precautions;
        let until = known[0].reported.as_ref().expect("reported").until_time;
        assert_eq!((known.len(), until), (1, time(told + 280 * DAY)), "{name}");
    }
    // What says more is told besides, and does not last longer.
    add_to(consent(of(Diet, "OTHER", "schwanger, sits by the window"))).await.expect("added");
    let all = world.get(&ana).await.precautions;
    assert!(all.iter().all(|one| one.reported.as_ref().is_some_and(|one| one.until_time == time(told + 280 * DAY))));
    // Over, it does not begin anew with a list that is sent each night.
    world.set_clock(NOON + 90 * DAY);
    for draft in in_other_words {
        let refused = refusal!(world, customers, add_precautions, add(&ana, consent(draft)));
        assert_field(&refused, "precautions[0].basis_time", "");
    }
    add_to(at(NOON + 85 * DAY, of(Diet, "PREGNANCY", ""))).await.expect("another");
    assert_eq!(ordering(&world, &ana).await.0[0], "CONFLICT");
    // For some hours, and then with more words for longer: nothing ends before it was said to.
    let bo = world.create(asked("Bo")).await.customer_id;
    let hours = PrecautionDraft { until_time: time(NOON + 90 * DAY + 60), ..consent(of(Diet, "PREGNANCY", "")) };
    for draft in [hours, consent(of(Diet, "PREGNANCY", "twins"))] {
        world.customers().add_precautions(add(&bo, draft)).await.expect("added");
    }
    world.set_clock(NOON + 91 * DAY);
    assert_eq!(ordering(&world, &bo).await.0[0], "CONFLICT");
}

async fn an_illness_is_said_aloud_beside_a_pregnancy(world: World) {
    use PrecautionKind::{Abstention, Accessibility, Diet, Topic};
    // Two things in one record: which of them ends, and which is said?
    for (draft, field) in [
        (of(Diet, "NUT_ALLERGY", "carries an EpiPen; pregnant"), "text"),
        (of(Diet, "COELIAC", "pregnant"), "text"),
        (of(Diet, "OTHER", "coeliac since childhood, now pregnant"), "text"),
        (of(Diet, "PREGNANT_COELIAC", ""), "code"),
        (of(Diet, "PREGNANCY", "nut allergy, anaphylactic"), "text"),
        (of(Diet, "VEGAN_PREGNANT", ""), "code"),
        (of(Diet, "VEGAN", "pregnant; allergic to nuts, EpiPen"), "text"),
        (of(Abstention, "NUTS", "anaphylactic; pregnant"), "text"),
        (of(Accessibility, "WHEELCHAIR", "pregnant; nut allergy, EpiPen"), "text"),
    ] {
        let name = format!("{} {}", draft.code, draft.text);
        let customer = Some(CustomerDraft { precautions: vec![consent(draft)], ..asked("Ana") });
        let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer }));
        assert_field(&refused, &format!("customer.precautions[0].{field}"), "");
        assert!(refused.message().contains("by itself"), "{name}: {refused:?}");
    }
    // Told one after the other they are two, and the illness is said.
    for (ill, again) in [
        (of(Diet, "VEGAN", "allergic to nuts, EpiPen"), of(Diet, "VEGAN", "pregnant")),
        (of(Accessibility, "WHEELCHAIR", "nut allergy, EpiPen"), of(Accessibility, "WHEELCHAIR", "pregnant")),
        (of(Topic, "OTHER", "nut allergy, EpiPen"), of(Diet, "PREGNANCY", "")),
    ] {
        let name = format!("{} {}", ill.code, ill.text);
        let ana = world.create(CustomerDraft { precautions: vec![ill], ..asked("Ana") }).await.customer_id;
        world.customers().add_precautions(add(&ana, consent(again))).await.expect("added");
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(briefing.respect[0].tact, Tact::Say as i32, "{name}");
        assert!(briefing.respect[0].text.contains("EpiPen"), "{name}: {}", briefing.respect[0].text);
        assert_ne!(briefing.headline[0].code, "PRECAUTION_TOPIC", "{name}");
        for one in briefing.headline.iter().chain(&briefing.respect).filter(|one| one.tact() == Tact::Say) {
            assert!(!one.text.contains("regnan"), "{name}: {}", one.text);
        }
        assert_eq!(ordering(&world, &ana).await.0[0], "CONFLICT", "{name}");
    }
    // Once in six languages it is denied: nothing is to be kept quiet.
    for text in ["não está grávida", "non sono incinta", "weder schwanger noch krank", "pregnant: no"] {
        let draft = of(Diet, "OTHER", text);
        let ana = world.create(CustomerDraft { precautions: vec![draft], ..asked("Ana") }).await.customer_id;
        assert_eq!(world.brief(by_id(&ana)).await.respect[0].tact, Tact::Say as i32, "{text}");
        assert_ne!(ordering(&world, &ana).await.0[0], "CONFLICT", "{text}");
    }
}

async fn what_is_said_for_a_visit_ends_with_it(world: World) {
    let alcohol = |text: &str| of(PrecautionKind::Abstention, "ALCOHOL", text);
    let ana = world.create(CustomerDraft { precautions: vec![alcohol("")], ..asked("Ana") }).await.customer_id;
    for _ in 0..2 {
        let said = this_visit(alcohol("pregnant, 5th month"));
        world.customers().add_precautions(add(&ana, said)).await.expect("added");
    }
    let known = world.get(&ana).await.precautions;
    let kept: Vec<_> = known.iter().filter_map(|one| one.reported.as_ref()).collect();
    assert_eq!(kept.len(), 2, "{known:?}");
    assert!(kept.iter().any(|one| one.text.is_empty() && one.until_time.is_none()), "{kept:?}");
    let visit = kept.iter().find(|one| !one.text.is_empty()).expect("the words");
    assert!(visit.until_time.is_some() && visit.basis() == PrecautionBasis::ThisVisitOnly, "{visit:?}");
    assert_eq!(ordering(&world, &ana).await.0, ["CONFLICT", "CONFLICT", "NOT_DECLARED"]);
    // The next day it is a matter of alcohol alone.
    world.set_clock(NOON + DAY);
    assert_eq!(ordering(&world, &ana).await.0, ["CONFLICT", "NOT_DECLARED", "NOT_DECLARED"]);
    // In other letters and marks it is the same.
    let pollen = ["bee pollen", "BEE POLLEN."].map(|text| of(PrecautionKind::Allergy, "OTHER", text));
    let [one, again] = pollen.map(|draft| PrecautionDraft { criticality: Criticality::Low as i32, ..draft });
    world.customers().add_precautions(add(&ana, one)).await.expect("added");
    world.customers().add_precautions(add(&ana, again)).await.expect("added");
    assert_eq!(world.get(&ana).await.precautions.len(), 3);
}

async fn a_pregnancy_does_not_name_a_person(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    for whom in ["pregnant wife", "schwangere Frau"] {
        let of_her = |draft: PrecautionDraft| PrecautionDraft { of_whom: whom.into(), ..draft };
        let fish = of_her(of(PrecautionKind::Diet, "NO_RAW_FISH", ""));
        let refused = refusal!(world, customers, add_precautions, add(&ana, fish.clone()));
        assert_field(&refused, "precautions[0].of_whom", "");
        let milk = refusal!(world, customers, add_precautions, add(&ana, of_her(allergy("MILK"))));
        assert_field(&milk, "precautions[0].of_whom", "");
        world.customers().add_precautions(add(&ana, consent(fish))).await.expect("added");
    }
    let (states, briefing) = ordering(&world, &ana).await;
    assert_eq!(states, ["CONFLICT", "CONFLICT", "NOT_DECLARED"]);
    for one in [&briefing.headline, &briefing.communicate].into_iter().flatten().filter(|one| one.tact() == Tact::Say) {
        assert!(!one.text.contains("pregnan") && !one.text.contains("schwanger"), "{}", one.text);
    }
    let occasion = Some(OccasionDraft { of_whom: "unborn baby".into(), ..birthday(None, 5, 1) });
    let day = with!(AddOccasionRequest { customer_id: ana.clone(), occasion });
    assert_field(&refusal!(world, customers, add_occasion, day), "occasion.of_whom", "");
}

async fn words_for_a_day_are_not_told_to_others(world: World) {
    let day =
        |label: &str| OccasionDraft { kind: OccasionKind::Other as i32, label: label.into(), ..birthday(None, 3, 15) };
    let labels =
        ["Expecting a baby", "Geburtstermin", "Baby shower", "Our baby, due", "Champagne evening", "Silver wedding"];
    let draft = CustomerDraft { occasions: labels.map(day).to_vec(), consents: vec![agreed()], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    let tea = purchase(&ana, "1", vec![line("tea", 300)]);
    world
        .interactions()
        .record_interactions(by("mara", RecordInteractionsRequest { interactions: vec![tea] }))
        .await
        .expect("recorded");
    world.settle().await;
    for (purpose, told) in
        [(Purpose::Service, &labels[..]), (Purpose::Marketing, &["", "", "", "", "", "Silver wedding"][..])]
    {
        let read = GetCustomerRequest { purpose: purpose as i32, ..get(&ana) };
        let customer = world.customers().get_customer(read).await.expect("read").into_inner().customer.expect("one");
        let list = with!(ListUpcomingOccasionsRequest {
            venue_id: VENUE.into(),
            last_date: "2026-03-31".into(),
            purpose: purpose as i32
        });
        let listed = world.customers().list_upcoming_occasions(list).await.expect("listed").into_inner().occasions;
        let listed: Vec<Occasion> = listed.into_iter().filter_map(|one| one.occasion).collect();
        for occasions in [&customer.occasions, &listed] {
            let mut found: Vec<&str> =
                occasions.iter().filter_map(|one| Some(one.reported.as_ref()?.label.as_str())).collect();
            let mut told = told.to_vec();
            found.sort_unstable();
            told.sort_unstable();
            assert_eq!(found, told, "{}", purpose.as_str_name());
        }
        let is_withheld = customer.withheld.contains(&"occasions.label".to_owned());
        assert_eq!(is_withheld, purpose == Purpose::Marketing);
    }
}

/// Aloud: what a display may show that the customer's company sees.
fn aloud(briefing: &Briefing) -> String {
    let all = briefing.headline.iter().chain(&briefing.respect).chain(&briefing.communicate);
    let said = all.filter(|one| one.tact == Tact::Say as i32);
    let lines: Vec<String> = said.map(|one| format!("{} {}", one.text, one.reason)).collect();
    lines.join("\n")
}

async fn what_is_secret_beside_a_pregnancy_is_not_said(world: World) {
    use PrecautionKind::{Accessibility, Allergy, Diet};
    for (kind, code, text, said) in [
        (Diet, "HALAL", "pregnant, husband must not know, miscarriage last year, no gelatine", "no gelatine"),
        (Accessibility, "WHEELCHAIR", "schwanger, Vater unbekannt; ramp", "ramp"),
        (Allergy, "PEANUTS", "also sesame, pregnant (5th month, a girl), nobody knows", "also sesame"),
        (Allergy, "PEANUTS", "EpiPen not allowed when pregnant; also sesame", "also sesame"),
    ] {
        let ana = world.create(asked("Ana")).await.customer_id;
        world.customers().add_precautions(add(&ana, consent(of(kind, code, text)))).await.expect("added");
        let briefing = world.brief(by_id(&ana)).await;
        let told = aloud(&briefing);
        assert!(told.contains(said), "{told}");
        for secret in
            ["pregnan", "husband", "nobody knows", "girl", "month", "miscarriage", "schwanger", "Vater", "EpiPen"]
        {
            assert!(!told.contains(secret), "{text}: {told}");
            let typed = briefing.precautions.iter().filter(|one| one.code == code);
            assert!(typed.clone().all(|one| !one.text.contains(secret)), "{text}: {:?}", briefing.precautions);
        }
    }
    // A diet of hers is said, and the pregnancy is not.
    let ana = world.create(asked("Ana")).await.customer_id;
    let of_her = PrecautionDraft { of_whom: "pregnant wife".into(), ..consent(of(Diet, "HALAL", "")) };
    world.customers().add_precautions(add(&ana, of_her)).await.expect("added");
    let told = aloud(&world.brief(by_id(&ana)).await);
    assert!(told.contains("halal") && told.contains("wife") && !told.contains("pregnan"), "{told}");
    for draft in [of(PrecautionKind::Intolerance, "ALCOHOL", "pregnant"), of(Allergy, "OTHER", "pregnant")] {
        let refused = refusal!(world, customers, add_precautions, add(&ana, consent(draft)));
        assert_field(&refused, "precautions[0].kind", "");
    }
}

async fn what_is_stopped_for_a_pregnancy_does_not_tell_of_it(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let draft = of(PrecautionKind::Allergy, "TREE_NUTS", "EpiPen, pregnant");
    world.customers().add_precautions(add(&ana, draft)).await.expect("added");
    promise_for(&world, &ana, VENUE, "Bring the gin", NOON + 60).await;
    let briefing = world.brief(by_id(&ana)).await;
    let stopped = briefing.communicate.iter().find(|one| one.text.contains("gin")).expect("it is stopped");
    assert_eq!(stopped.tact, Tact::ActQuietly as i32, "{}", stopped.text);
    assert!(!stopped.reason.contains("ut allergy"), "{}", stopped.reason);
    let told = recovery(&world, &ana).await;
    let conflicts: Vec<String> = told.follow_ups.into_iter().map(|one| one.conflict_text).collect();
    assert!(conflicts.iter().all(|text| !text.contains("ut allergy") && text.contains("alcohol")), "{conflicts:?}");
}
