//! What a front desk lives on: whom nobody celebrates any more, quiet days, bars, shared telephones, and what marketing learns.

use rapport::proto::{mark_customer_request::Mark, recovery_service_client::RecoveryServiceClient, *};
use tonic::{Code, Status};

use super::{
    basket::order,
    gestures::{give, given, giving, in_role, open_issue, set},
    world::*,
};

on_both!(
    a_celebration_under_way_is_stopped_when_its_reason_is_gone,
    marketing_learns_nothing_of_an_issue,
    marketing_is_not_told_days_that_nobody_celebrates,
    a_quiet_day_wins_however_it_was_written,
    both_marks_stand_in_respect,
    nothing_is_celebrated_or_promised_while_barred,
    the_day_of_the_dead_stays_theirs,
    an_old_answer_of_a_shared_phone_is_asked_for_again,
    this_visit_only_ends_with_the_visit,
    a_bar_is_ended_by_those_who_see_it,
    a_death_is_reported_by_somebody_named,
    a_pregnancy_in_other_words_is_never_mentioned,
    what_is_said_of_somebody_who_is_marked_counts,
    a_code_that_says_none_is_refused,
);

const DAY: i64 = 86_400;

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

fn has(statements: &[Statement], code: &str) -> bool {
    codes(statements).contains(&code)
}

fn of(of_whom: &str, occasion: OccasionDraft) -> OccasionDraft {
    OccasionDraft { of_whom: of_whom.into(), ..occasion }
}

fn quiet(occasion: OccasionDraft) -> OccasionDraft {
    OccasionDraft { do_not_celebrate: true, ..occasion }
}

fn mark(id: &str, mark: Mark) -> MarkCustomerRequest {
    let reason = if matches!(mark, Mark::Bar(_)) { String::new() } else { "told by the family".to_owned() };
    with!(MarkCustomerRequest { customer_id: id.to_owned(), mark: Some(mark), reason })
}

async fn died(world: &World, id: &str, of_whom: &str) {
    for staff in ["mara", "jon"] {
        let request = MarkCustomerRequest { of_whom: of_whom.into(), ..mark(id, Mark::Deceased(true)) };
        world.customers().mark_customer(by(staff, request)).await.expect("marked");
    }
}

fn bar(days: i64) -> Mark {
    Mark::Bar(with!(Bar { code: "UNPAID".into(), text: "Left twice".into(), until_time: time(NOON + days * DAY) }))
}

async fn barred(world: &World, id: &str, days: i64) {
    world.customers().mark_customer(in_role("jon", "manager", mark(id, bar(days)))).await.expect("marked");
}

async fn add_occasion(world: &World, id: &str, occasion: OccasionDraft) -> String {
    let request = with!(AddOccasionRequest { customer_id: id.to_owned(), occasion: Some(occasion) });
    let answer = world.customers().add_occasion(by("mara", request)).await.expect("added").into_inner();
    answer.receipt.expect("a receipt").created_ids.remove(0)
}

async fn conflicts(world: &World) -> Vec<String> {
    world.settle().await;
    let request = with!(ListFollowUpsRequest { venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
    let answer = RecoveryServiceClient::new(world.channel()).list_follow_ups(request).await.expect("listed");
    answer.into_inner().follow_ups.into_iter().map(|owed| owed.conflict).collect()
}

async fn brief_for(world: &World, id: &str, purpose: Purpose) -> Briefing {
    let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(id)) };
    world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("a briefing")
}

async fn a_celebration_under_way_is_stopped_when_its_reason_is_gone(world: World) {
    set(&world, giving()).await;
    let ana = world.create(asked("Ana")).await.customer_id;
    let son = add_occasion(&world, &ana, of("my son", birthday(None, 3, 14))).await;
    let cake = GiveGestureRequest { deliver_time: time(NOON + 2 * DAY), ..give(&ana, "sorbet") };
    given(&world, in_role("jon", "manager", cake)).await;
    // It comes two days after the day, which is fine.
    assert_eq!(conflicts(&world).await, [""]);
    died(&world, &ana, "My Son.").await;
    assert_eq!(conflicts(&world).await, ["DO_NOT_CELEBRATE"]);
    let communicate = world.brief(by_id(&ana)).await.communicate;
    let told = communicate.iter().find(|one| one.code == "PROMISE_DUE").expect("a statement");
    assert_eq!(told.text, "Do not deliver: Lemon sorbet in the room.");
    assert!(told.reason.starts_with("There is nothing to celebrate any more, or it is kept quiet."), "{}", told.reason);
    let alive = MarkCustomerRequest { of_whom: "my son".into(), ..mark(&ana, Mark::Deceased(false)) };
    world.customers().mark_customer(by("mara", alive)).await.expect("undone");
    assert_eq!(conflicts(&world).await, [""]);
    // The day of the delivery itself is kept quiet by now.
    let quiet_day = add_occasion(&world, &ana, quiet(birthday(None, 3, 16))).await;
    assert_eq!(conflicts(&world).await, ["DO_NOT_CELEBRATE"]);
    for occasion_id in [quiet_day, son] {
        let remove = with!(RemoveOccasionRequest { customer_id: ana.clone(), occasion_id });
        world.customers().remove_occasion(by("mara", remove)).await.expect("removed");
    }
    assert_eq!(conflicts(&world).await, ["NOTHING_TO_CELEBRATE"]);
    // Overdue, it is judged by the day on which it was due.
    world.set_clock(NOON + 5 * DAY);
    assert_eq!(conflicts(&world).await, ["NOTHING_TO_CELEBRATE"]);
    add_occasion(&world, &ana, birthday(None, 3, 16)).await;
    assert_eq!(conflicts(&world).await, [""]);
}

async fn marketing_learns_nothing_of_an_issue(world: World) {
    let mut policy = giving();
    policy.engagement = Some(with!(LevelConditions { stated_preferences_min: 1 }));
    set(&world, policy).await;
    let favourite = EvidenceDraft { stance: Stance::Favourite as i32, ..stated("jazz in the lounge") };
    let favourite = EvidenceDraft { category: "music".into(), ..favourite };
    let analytics = Consent { purpose: Purpose::Analytics as i32, ..agreed() };
    let draft = CustomerDraft { evidence: vec![favourite], consents: vec![agreed(), analytics], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    let told = async |purpose| {
        let briefing = brief_for(&world, &ana, purpose).await;
        (briefing.headline, briefing.communicate, briefing.anticipate, briefing.delight, briefing.relationship_level)
    };
    let before = [told(Purpose::Marketing).await, told(Purpose::Analytics).await];
    assert!(before.iter().all(|(_, _, _, delight, _)| has(delight, "FAVOURITE_TOUCH")));
    let serving = told(Purpose::Service).await;
    open_issue(&world, &ana).await;
    assert_eq!([told(Purpose::Marketing).await, told(Purpose::Analytics).await], before);
    assert_ne!(told(Purpose::Service).await, serving);
}

async fn marketing_is_not_told_days_that_nobody_celebrates(world: World) {
    let occasions = vec![
        of("my son", birthday(None, 3, 16)),
        birthday(None, 3, 17),
        of("Ben", birthday(None, 5, 2)),
        quiet(of("ben", birthday(None, 5, 2))),
    ];
    let ana = world.create(CustomerDraft { occasions, consents: vec![agreed()], ..asked("Ana") }).await.customer_id;
    died(&world, &ana, "my son").await;
    let read = async |purpose: Purpose| {
        let request = GetCustomerRequest { purpose: purpose as i32, ..get(&ana) };
        let customer = world.customers().get_customer(request).await.expect("read").into_inner().customer;
        let told = customer.expect("a customer").occasions.into_iter().filter_map(|one| one.reported);
        told.map(|one| one.of_whom).collect::<Vec<_>>()
    };
    assert_eq!(read(Purpose::Service).await, ["my son", "", "Ben", "ben"]);
    assert_eq!(read(Purpose::Marketing).await, [""]);
}

async fn a_quiet_day_wins_however_it_was_written(world: World) {
    let anniversary = |day| OccasionDraft { kind: OccasionKind::Anniversary as i32, ..birthday(None, 3, day) };
    let once = |year| OccasionDraft { once: true, ..quiet(birthday(Some(year), 3, 14)) };
    for (celebrated, unwanted, is_celebrated) in [
        (birthday(None, 3, 14), quiet(birthday(None, 3, 13)), true),
        (birthday(None, 3, 14), quiet(anniversary(14)), true),
        (anniversary(14), quiet(anniversary(14)), false),
        (anniversary(14), quiet(anniversary(20)), true),
        (birthday(None, 3, 14), once(2026), false),
        (birthday(None, 3, 14), once(2025), true),
        (of("my  son", birthday(None, 3, 14)), quiet(of("My Son.", birthday(None, 3, 14))), false),
        (of("Strauß", birthday(None, 3, 14)), quiet(of("STRAUSS", birthday(None, 3, 14))), false),
        (of("José O’Neil", birthday(None, 3, 14)), quiet(of("Jose O'Neil", birthday(None, 3, 14))), false),
        (of("Mia", birthday(None, 3, 14)), quiet(of("Max", birthday(None, 3, 14))), true),
    ] {
        let occasions = vec![celebrated, unwanted];
        let ana = world.create(CustomerDraft { occasions: occasions.clone(), ..asked("Ana") }).await.customer_id;
        assert_eq!(has(&world.brief(by_id(&ana)).await.delight, "OCCASION_WISH"), is_celebrated, "{occasions:?}");
    }
    // A 29 February is kept on the 28th in common years.
    let leap = |kind: OccasionKind, day| OccasionDraft { kind: kind as i32, ..birthday(None, 2, day) };
    for kind in [OccasionKind::Birthday, OccasionKind::Anniversary] {
        let occasions = vec![leap(kind, 29), quiet(leap(kind, 28))];
        let ana = world.create(CustomerDraft { occasions, ..asked("Ana") }).await.customer_id;
        // 28 February 2027.
        world.set_clock(NOON + 351 * DAY);
        assert!(!has(&world.brief(by_id(&ana)).await.delight, "OCCASION_WISH"));
        world.set_clock(NOON);
    }
}

async fn both_marks_stand_in_respect(world: World) {
    set(&world, giving()).await;
    let phone = || identity(IdentityType::Phone, "+41446681800");
    let of = |name: &str| CustomerDraft { identities: vec![phone()], ..asked(name) };
    let (ana, ben) = (world.create(of("Ana")).await.customer_id, world.create(of("Ben")).await.customer_id);
    died(&world, &ana, "").await;
    barred(&world, &ben, 3).await;
    let shared = world.brief(by_identity(phone())).await;
    assert_eq!(codes(&shared.respect)[..2], ["MARKED_DECEASED", "BARRED"]);
    barred(&world, &ana, 3).await;
    let both = world.brief(by_id(&ana)).await;
    assert_eq!(codes(&both.respect)[..2], ["MARKED_DECEASED", "BARRED"]);
    assert_eq!(codes(&both.headline)[..2], ["MARKED_DECEASED", "PRECAUTIONS_NOT_ASKED"]);
}

async fn promise(world: &World, id: &str) -> Result<(), Status> {
    let promise = with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Call about the boat".into(),
        due_time: time(NOON + 4 * DAY),
        venue_id: VENUE.into()
    });
    let request = with!(PromiseFollowUpRequest { customer_id: id.to_owned(), follow_up: Some(promise) });
    RecoveryServiceClient::new(world.channel()).promise_follow_up(by("mara", request)).await.map(|_| ())
}

async fn nothing_is_celebrated_or_promised_while_barred(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft { occasions: vec![birthday(Some(1990), 3, 14)], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    let issue_id = open_issue(&world, &ana).await;
    barred(&world, &ana, 3).await;
    let refused = promise(&world, &ana).await.unwrap_err();
    assert_refused(&refused, Code::FailedPrecondition, "CUSTOMER_BARRED");
    let resolve = with!(ResolveIssueRequest { customer_id: ana.clone(), issue_id, resolution: "moved".into() });
    let resolved = RecoveryServiceClient::new(world.channel()).resolve_issue(by("mara", resolve)).await;
    assert!(resolved.expect("resolved").into_inner().receipt.expect("a receipt").created_ids.is_empty());
    let briefing = world.brief(by_id(&ana)).await;
    let all = [&briefing.headline, &briefing.acknowledge, &briefing.communicate, &briefing.delight];
    for statement in all.into_iter().flatten() {
        let code = statement.code.as_str();
        assert!(!code.starts_with("OCCASION") && code != "FIRST_VISIT", "{code}");
    }
    assert_eq!(codes(&briefing.headline), ["BARRED", "NAME"]);
    // It ends by itself, and so does the silence.
    world.set_clock(NOON + 3 * DAY);
    promise(&world, &ana).await.expect("promised");
}

async fn the_day_of_the_dead_stays_theirs(world: World) {
    let mia = of("Mia", birthday(None, 3, 14));
    let ana = world.create(CustomerDraft { occasions: vec![mia.clone()], ..asked("Ana") }).await.customer_id;
    let occasion_id = world.get(&ana).await.occasions[0].occasion_id.clone();
    let update = |occasion: OccasionDraft| {
        let (customer_id, occasion_id) = (ana.clone(), occasion_id.clone());
        with!(UpdateOccasionRequest { customer_id, occasion_id, occasion: Some(occasion) })
    };
    died(&world, &ana, "Mia").await;
    let renamed = OccasionDraft { of_whom: "Mia Keller".into(), ..mia.clone() };
    let refused = refusal!(world, customers, update_occasion, update(renamed.clone()));
    assert_field(&refused, "occasion.of_whom", "Mia");
    let moved = OccasionDraft { of_whom: "MIA".into(), ..birthday(None, 3, 15) };
    world.customers().update_occasion(by("mara", update(moved))).await.expect("the same person");
    assert!(!has(&world.brief(by_id(&ana)).await.delight, "OCCASION_WISH"));
    let alive = MarkCustomerRequest { of_whom: "Mia".into(), ..mark(&ana, Mark::Deceased(false)) };
    world.customers().mark_customer(by("mara", alive)).await.expect("undone");
    world.customers().update_occasion(by("mara", update(renamed))).await.expect("updated");
    assert!(has(&world.brief(by_id(&ana)).await.delight, "OCCASION_WISH"));
}

async fn an_old_answer_of_a_shared_phone_is_asked_for_again(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681800");
    let of = |name: &str| CustomerDraft { identities: vec![phone()], ..asked(name) };
    world.create(of("Ana")).await;
    let ben = world.create(of("Ben")).await.customer_id;
    let today = world.brief(by_identity(phone())).await;
    assert_eq!(codes(&today.respect), ["PRECAUTIONS_NONE_KNOWN"]);
    assert!(!today.respect[0].text.contains("ask again"), "{}", today.respect[0].text);
    world.set_clock(NOON + 40 * DAY);
    let asked_today = with!(RecordPrecautionInquiryRequest { customer_id: ben.clone() });
    world.customers().record_precaution_inquiry(by("mara", asked_today)).await.expect("recorded");
    let later = world.brief(by_identity(phone())).await;
    assert_eq!(later.respect[0].text, "Named none on 14 March 2026: ask again.");
    let add = with!(AddPrecautionsRequest { customer_id: ben, precautions: vec![allergy("MILK")] });
    world.customers().add_precautions(by("mara", add)).await.expect("added");
    let listed = world.brief(by_identity(phone())).await;
    assert_eq!(codes(&listed.respect), ["PRECAUTION_ALLERGY", "PRECAUTIONS_STILL_SO"]);
}

async fn this_visit_only_ends_with_the_visit(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let visit = |until| PrecautionDraft {
        until_time: time(until),
        venue_id: VENUE.into(),
        basis: PrecautionBasis::ThisVisitOnly as i32,
        ..allergy("MILK")
    };
    let add = |draft| with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![draft] });
    // 04:00 in Zurich.
    let day_end = 1_773_543_600;
    for until in [day_end + 1, NOON + 300 * DAY] {
        let refused = refusal!(world, customers, add_precautions, add(visit(until)));
        assert_field(&refused, "precautions[0].until_time", "");
    }
    let nowhere = PrecautionDraft { venue_id: String::new(), ..visit(NOON + 60) };
    assert_field(&refusal!(world, customers, add_precautions, add(nowhere)), "precautions[0].venue_id", "");
    let longer = PrecautionDraft { basis: 0, ..visit(NOON + 300 * DAY) };
    // Each report lasts as long as it says, and no longer.
    for (draft, ends) in [
        (visit(NOON + 3_600), vec![NOON + 3_600]),
        (visit(day_end), vec![day_end]),
        (longer, vec![day_end, NOON + 300 * DAY]),
    ] {
        world.customers().add_precautions(by("mara", add(draft))).await.expect("added");
        let known = world.get(&ana).await.precautions;
        let known = known.iter().filter_map(|one| one.reported.as_ref()?.until_time).map(|until| until.seconds);
        assert_eq!(known.collect::<Vec<_>>(), ends);
    }
}

async fn a_bar_is_ended_by_those_who_see_it(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    // While nobody sees bars, everybody ends them.
    barred(&world, &ana, 3).await;
    world.customers().mark_customer(by("vera", mark(&ana, Mark::LiftBar(true)))).await.expect("lifted");
    let mut policy = giving();
    policy.roles.iter_mut().find(|role| role.role_id == "manager").expect("a manager").sees_bars = true;
    set(&world, policy).await;
    barred(&world, &ana, 300).await;
    for mark in [mark(&ana, bar(1)), mark(&ana, Mark::LiftBar(true))] {
        let refused = world.customers().mark_customer(in_role("vera", "waiter", mark)).await.unwrap_err();
        assert_refused(&refused, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
    }
    assert_eq!(world.get(&ana).await.bar.expect("a bar").until_time, time(NOON + 300 * DAY));
    world.customers().mark_customer(in_role("vera", "waiter", mark(&ana, bar(301)))).await.expect("longer");
    let why = ["bar.code", "bar.text", "bar.barred_by"];
    let withheld = world.get(&ana).await.withheld;
    assert!(why.iter().all(|field| withheld.contains(&(*field).to_owned())), "{withheld:?}");
    let read = world.customers().get_customer(in_role("jon", "manager", get(&ana))).await.expect("read").into_inner();
    assert!(!read.customer.expect("a customer").withheld.iter().any(|field| field.starts_with("bar.")));
    world.customers().mark_customer(in_role("jon", "manager", mark(&ana, bar(1)))).await.expect("shorter");
    world.customers().mark_customer(in_role("jon", "manager", mark(&ana, Mark::LiftBar(true)))).await.expect("lifted");
}

async fn a_death_is_reported_by_somebody_named(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    let unnamed = refusal!(world, customers, mark_customer, mark(&ana, Mark::Deceased(true)));
    assert_refused(&unnamed, Code::FailedPrecondition, "STAFF_NOT_NAMED");
    assert!(world.get(&ana).await.deceased.is_empty());
    died(&world, &ana, "").await;
    assert_eq!(world.get(&ana).await.deceased[0].confirmed_by, "jon@till-4");
}

async fn a_pregnancy_in_other_words_is_never_mentioned(world: World) {
    let diet = |code: &str, text: &str| PrecautionDraft {
        kind: PrecautionKind::Diet as i32,
        text: text.into(),
        basis: PrecautionBasis::Consent as i32,
        ..allergy(code)
    };
    for (draft, is_told) in [
        (diet("OTHER", "She is pregnant"), false),
        (diet("OTHER", "Elle est enceinte de 5 mois"), false),
        (diet("OTHER", "Está embarazada"), false),
        (diet("OTHER", "Schwangere"), false),
        (diet("PREGNANCIES", ""), false),
        (diet("EXPECTING", ""), false),
        (PrecautionDraft { kind: PrecautionKind::Abstention as i32, ..diet("ALCOHOL", "grávida") }, false),
        (diet("OTHER", "No onions"), true),
        // A danger is said aloud, whatever stands beside it.
        (PrecautionDraft { text: "worse while pregnant".into(), ..allergy("PEANUTS") }, true),
    ] {
        let name = format!("{} {}", draft.code, draft.text);
        let ana = world.create(CustomerDraft { precautions: vec![draft], ..asked("Ana") }).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let tact = if is_told { Tact::Say } else { Tact::NeverMention };
        assert_eq!(briefing.respect[0].tact, tact as i32, "{name}");
        assert_eq!(briefing.headline[0].code == "PRECAUTION_TOPIC", !is_told, "{name}");
    }
}

async fn what_is_said_of_somebody_who_is_marked_counts(world: World) {
    set(&world, giving()).await;
    let of_son = |code: &str| PrecautionDraft { of_whom: "my son".into(), ..allergy(code) };
    let precautions = vec![of_son("MILK"), of_son("SESAME")];
    let ana = world.create(CustomerDraft { precautions, ..asked("Ana") }).await.customer_id;
    let son = |deceased| MarkCustomerRequest { of_whom: "my son".into(), ..mark(&ana, Mark::Deceased(deceased)) };
    let add = async |after: i64, code: &str| {
        world.set_clock(NOON + after);
        let precautions = vec![PrecautionDraft { of_whom: "My  Son.".into(), ..allergy(code) }];
        let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions });
        let added = world.customers().add_precautions(by("vera", add)).await.expect("added").into_inner();
        added.receipt.expect("a receipt").created_ids.remove(0)
    };
    let counts = async || {
        let request = GetBriefingRequest { basket_items: vec!["Peanut butter".into()], ..briefing(by_id(&ana)) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        let briefing = answer.briefing.expect("a briefing");
        let mut counting: Vec<String> = briefing.precautions.iter().map(|one| one.code.clone()).collect();
        counting.sort();
        (counting, briefing.line_checks[0].state == LineState::Conflict as i32)
    };
    let are = |codes: &[&str], is_conflict: bool| (codes.iter().map(|code| (*code).to_owned()).collect(), is_conflict);
    world.set_clock(NOON + 60);
    world.customers().mark_customer(by("mara", son(true))).await.expect("reported");
    // Between the first who says so and the second.
    add(120, "CELERY").await;
    assert_eq!(add(130, "SESAME").await, "p2");
    world.set_clock(NOON + 180);
    world.customers().mark_customer(by("jon", son(true))).await.expect("confirmed");
    assert_eq!(counts().await, are(&["CELERY", "SESAME"], false));
    add(240, "PEANUTS").await;
    assert_eq!(counts().await, are(&["CELERY", "PEANUTS", "SESAME"], true));
    // Said again, it is the same one, and counts anew.
    assert_eq!(add(300, "MILK").await, "p1");
    assert_eq!(counts().await, are(&["CELERY", "MILK", "PEANUTS", "SESAME"], true));
    // A day of theirs would never be kept.
    let day = |of_whom: &str| {
        let occasion = Some(of(of_whom, birthday(None, 5, 1)));
        with!(AddOccasionRequest { customer_id: ana.clone(), occasion })
    };
    let refused = refusal!(world, customers, add_occasion, day("My Son"));
    assert_field(&refused, "occasion.of_whom", "My Son");
    world.customers().add_occasion(by("mara", day("Leo"))).await.expect("somebody else");
    world.customers().mark_customer(by("mara", son(false))).await.expect("undone");
    world.customers().add_occasion(by("mara", day("My Son"))).await.expect("added");
    assert_eq!(counts().await, are(&["CELERY", "MILK", "PEANUTS", "SESAME"], true));
}

async fn a_code_that_says_none_is_refused(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let add =
        |draft: PrecautionDraft| with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![draft] });
    let diet = |code: &str| PrecautionDraft { kind: PrecautionKind::Diet as i32, ..allergy(code) };
    for draft in ["NONE", "NO_ALLERGIES", "KEINE", "NKDA", "N_A"].map(allergy).into_iter().chain([diet("NONE")]) {
        let refused = refusal!(world, customers, add_precautions, add(draft.clone()));
        assert_field(&refused, "precautions[0].code", "");
        assert!(format!("{refused:?}").contains("RecordPrecautionInquiry"), "{refused:?}");
        let basket_lines = vec![order("Soup")];
        let check = with!(CheckItemsRequest { venue_id: VENUE.into(), precautions: vec![draft], basket_lines });
        assert_field(&refusal!(world, briefings, check_items, check), "precautions[0].code", "");
    }
    assert!(world.get(&ana).await.precautions.is_empty());
    for draft in [diet("NO_PORK"), allergy("OTHER_NUTS")] {
        world.customers().add_precautions(by("mara", add(draft))).await.expect("added");
    }
}
