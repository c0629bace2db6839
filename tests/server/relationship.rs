//! How close a relationship is: from what happened, by the policy's conditions, and capped by what is owed.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::{Code, Request};

use super::world::*;

on_both!(
    levels_follow_from_the_policy_and_are_explained,
    an_open_issue_of_the_policys_severity_caps,
    an_overdue_promise_caps_and_kept_answers_know_it,
    a_day_that_begins_counts_in_kept_answers,
    values_are_for_roles_that_see_them,
    other_purposes_are_refused,
    feedback_and_referrals_are_checked,
    feedback_and_referrals_count_once_and_are_taken_back,
);

const DAY: i64 = 86_400;
const BASIC: i32 = RelationshipLevel::Basic as i32;
const ENGAGEMENT: i32 = RelationshipLevel::Engagement as i32;
const INTIMACY: i32 = RelationshipLevel::Intimacy as i32;

fn asked(needed: i32) -> LevelConditions {
    LevelConditions { visits_min: needed, ..LevelConditions::default() }
}

/// Puts conditions in force; one role sees values.
async fn require(world: &World, engagement: LevelConditions, intimacy: LevelConditions) {
    let role =
        |id: &str, sees_value| Role { role_id: id.into(), display_name: id.into(), sees_value, ..Role::default() };
    let policy = Policy {
        engagement: Some(engagement),
        intimacy: Some(intimacy),
        roles: vec![role("director", true), role("concierge", false)],
        ..policy()
    };
    world.policies().set_policy(SetPolicyRequest { policy: Some(policy) }).await.expect("set");
}

async fn record(world: &World, interaction: Interaction) -> InteractionResult {
    let request = RecordInteractionsRequest { interactions: vec![interaction] };
    world.interactions().record_interactions(request).await.expect("answered").into_inner().results.remove(0)
}

/// A customer with so many visits, the last an hour ago.
async fn visitor(world: &World, visits: i64) -> String {
    let id = world.create(named("Ana")).await.customer_id;
    for number in 0..visits {
        let visit = Interaction {
            occur_time: time(NOON - 3_600 - number * DAY),
            ..purchase(&id, &format!("visit-{number}"), vec![line("tea", 450)])
        };
        assert_eq!(record(world, visit).await.outcome, RecordOutcome::Recorded as i32);
    }
    id
}

fn asking(id: &str, purpose: Purpose) -> GetRelationshipRequest {
    GetRelationshipRequest { customer_id: id.into(), purpose: purpose as i32 }
}

async fn relationship(world: &World, id: &str) -> Relationship {
    let request = asking(id, Purpose::Service);
    let answer = world.briefings().get_relationship(request).await.expect("answered").into_inner();
    answer.relationship.expect("a relationship")
}

/// The level, which briefing and explanation must agree on.
async fn level(world: &World, id: &str) -> i32 {
    let explained = relationship(world, id).await;
    let briefing = world.brief(by_id(id)).await;
    assert_eq!(briefing.relationship_level, explained.level, "the briefing says what the explanation says");
    explained.level
}

async fn levels_follow_from_the_policy_and_are_explained(world: World) {
    require(&world, asked(2), LevelConditions { stated_preferences_min: 1, ..asked(3) }).await;
    let id = visitor(&world, 1).await;
    assert_eq!(level(&world, &id).await, BASIC);
    let again = Interaction { occur_time: time(NOON - 60), ..purchase(&id, "again", vec![line("tea", 450)]) };
    record(&world, again).await;
    assert_eq!(level(&world, &id).await, ENGAGEMENT);
    let explained = relationship(&world, &id).await;
    assert_eq!((explained.earned_level, explained.capped_by.len()), (ENGAGEMENT, 0));
    let told = |condition: &LevelCondition| {
        (condition.level, condition.name.clone(), condition.needed, condition.actual, condition.holds)
    };
    assert_eq!(
        explained.conditions.iter().map(told).collect::<Vec<_>>(),
        [
            (ENGAGEMENT, "visits_min".to_owned(), 2.0, 2.0, true),
            (INTIMACY, "visits_min".to_owned(), 3.0, 2.0, false),
            (INTIMACY, "stated_preferences_min".to_owned(), 1.0, 0.0, false),
        ]
    );
    let request = RecordEvidenceRequest {
        customer_id: id.clone(),
        evidence: vec![stated("chinotto")],
        ..RecordEvidenceRequest::default()
    };
    world.customers().record_evidence(request).await.expect("recorded");
    let once_more = Interaction { occur_time: time(NOON - 30), ..purchase(&id, "once more", vec![line("tea", 450)]) };
    record(&world, once_more).await;
    assert_eq!(level(&world, &id).await, INTIMACY);
    // A stricter policy counts at once.
    require(&world, asked(50), asked(60)).await;
    assert_eq!(level(&world, &id).await, BASIC);
}

async fn open(world: &World, id: &str, severity: IssueSeverity) -> String {
    let issue = with!(IssueDraft { severity: severity as i32, cause: "NOISE".into(), venue_id: VENUE.into() });
    let request = with!(OpenIssueRequest { customer_id: id.into(), issue: Some(issue) });
    let opened = RecoveryServiceClient::new(world.channel()).open_issue(by("mara", request)).await.expect("opened");
    opened.into_inner().receipt.expect("a receipt").created_ids.remove(0)
}

async fn an_open_issue_of_the_policys_severity_caps(world: World) {
    require(&world, asked(1), asked(2)).await;
    let id = visitor(&world, 2).await;
    open(&world, &id, IssueSeverity::Minor).await;
    assert_eq!(level(&world, &id).await, INTIMACY, "MAJOR is where it begins");
    let issue = open(&world, &id, IssueSeverity::Major).await;
    assert_eq!(level(&world, &id).await, BASIC);
    let explained = relationship(&world, &id).await;
    assert_eq!(explained.earned_level, INTIMACY);
    assert_eq!(explained.capped_by, ["An issue is open."]);
    let request = with!(ResolveIssueRequest { customer_id: id.clone(), issue_id: issue, resolution: "moved".into() });
    RecoveryServiceClient::new(world.channel()).resolve_issue(by("mara", request)).await.expect("resolved");
    assert_eq!(level(&world, &id).await, INTIMACY);
}

async fn an_overdue_promise_caps_and_kept_answers_know_it(world: World) {
    require(&world, asked(1), asked(2)).await;
    let id = visitor(&world, 2).await;
    let promise = with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Call about the lost scarf".into(),
        venue_id: VENUE.into(),
        due_time: time(NOON + 30)
    });
    let request = with!(PromiseFollowUpRequest { customer_id: id.clone(), follow_up: Some(promise) });
    let mut recovery = RecoveryServiceClient::new(world.channel());
    let made = recovery.promise_follow_up(by("mara", request)).await.expect("promised").into_inner();
    let follow_up = made.receipt.expect("a receipt").created_ids.remove(0);
    assert_eq!(level(&world, &id).await, INTIMACY);
    // The same question within the minute for which an answer is kept.
    world.set_clock(NOON + 40);
    assert_eq!(level(&world, &id).await, BASIC);
    assert_eq!(relationship(&world, &id).await.capped_by, ["A promise is overdue."]);
    let done = with!(CompleteFollowUpRequest {
        customer_id: id.clone(),
        follow_up_id: follow_up,
        state: FollowUpState::Done as i32
    });
    recovery.complete_follow_up(by("mara", done)).await.expect("completed");
    assert_eq!(level(&world, &id).await, INTIMACY);
}

async fn a_day_that_begins_counts_in_kept_answers(world: World) {
    let recent = LevelConditions { last_visit_days_max: 1, ..asked(1) };
    require(&world, recent, asked(50)).await;
    let id = visitor(&world, 1).await;
    let midnight = NOON + DAY + DAY / 2;
    world.set_clock(midnight - 20);
    assert_eq!(level(&world, &id).await, ENGAGEMENT);
    world.set_clock(midnight + 20);
    assert_eq!(level(&world, &id).await, BASIC);
}

fn in_role<T>(role: &str, message: T) -> Request<T> {
    let mut request = by("mara", message);
    request.metadata_mut().insert("rapport-role", role.parse().expect("ASCII"));
    request
}

async fn values_are_for_roles_that_see_them(world: World) {
    require(&world, asked(1), asked(2)).await;
    let id = visitor(&world, 2).await;
    let ask = async |role: &str| {
        let request = in_role(role, asking(&id, Purpose::Service));
        world.briefings().get_relationship(request).await.expect("answered").into_inner()
    };
    let seen = ask("director").await;
    assert!(seen.withheld.is_empty(), "{seen:?}");
    assert_eq!(seen.values[0].historic, Some(Money { currency_code: "CHF".into(), minor_units: 900 }));
    let known = async |role: &str, purpose: Purpose| {
        let request = GetCustomerRequest { purpose: purpose as i32, ..get(&id) };
        let answer = world.customers().get_customer(in_role(role, request)).await.expect("found").into_inner();
        let customer = answer.customer.expect("a customer");
        (customer.habits.map(|habits| habits.spend), customer.withheld)
    };
    let (spend, withheld) = known("director", Purpose::Service).await;
    assert_eq!((spend.expect("habits")[0].total.clone(), withheld), (seen.values[0].historic.clone(), Vec::new()));
    let (habits, withheld) = known("concierge", Purpose::Analytics).await;
    assert!(
        habits.is_none() && withheld.contains(&"habits".to_owned()) && !withheld.contains(&"habits.spend".to_owned())
    );
    for role in ["concierge", "nobody-knows"] {
        assert_eq!(known(role, Purpose::Service).await, (Some(Vec::new()), vec!["habits.spend".to_owned()]), "{role}");
        let hidden = ask(role).await;
        assert_eq!((&hidden.relationship, hidden.values.len()), (&seen.relationship, 0), "{role}");
        let withheld: Vec<_> = hidden.withheld.iter().map(|one| (one.what.as_str(), one.reason.as_str())).collect();
        assert_eq!(withheld, [("values", "ROLE")], "{role}");
    }
}

async fn other_purposes_are_refused(world: World) {
    let id = visitor(&world, 1).await;
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let refused = refusal!(world, briefings, get_relationship, asking(&id, purpose));
        assert_refused(&refused, Code::PermissionDenied, "PURPOSE_NOT_ALLOWED");
    }
    let unsaid = refusal!(world, briefings, get_relationship, asking(&id, Purpose::Unspecified));
    assert_field(&unsaid, "purpose", "");
    let nobody = refusal!(world, briefings, get_relationship, asking(&"0".repeat(26), Purpose::Service));
    assert_refused(&nobody, Code::NotFound, "CUSTOMER_NOT_FOUND");
    assert_field(
        &refusal!(world, briefings, get_relationship, asking("no id", Purpose::Service)),
        "customer_id",
        "no id",
    );
}

fn feedback(id: &str, key: &str, score: i32) -> Interaction {
    Interaction {
        kind: InteractionKind::Feedback as i32,
        purchase: None,
        feedback: Some(Feedback { score, scale_min: 1, scale_max: 5 }),
        ..purchase(id, key, Vec::new())
    }
}

fn referral(id: &str, key: &str, brought: &str) -> Interaction {
    Interaction {
        kind: InteractionKind::Referral as i32,
        purchase: None,
        referral: Some(Referral { referred_customer_id: brought.into() }),
        ..purchase(id, key, Vec::new())
    }
}

async fn feedback_and_referrals_are_checked(world: World) {
    let id = world.create(CustomerDraft { identities: vec![loyalty("GC-1")], ..named("Ana") }).await.customer_id;
    let other = world.create(named("Rui")).await.customer_id;
    let before = world.dump().await;
    let scale = |score, scale_min, scale_max| Interaction {
        feedback: Some(Feedback { score, scale_min, scale_max }),
        ..feedback(&id, "1", 1)
    };
    let by_card = |interaction: Interaction| Interaction {
        customer: Some(interaction::Customer::Identity(loyalty("GC-1"))),
        ..interaction
    };
    let table = [
        (scale(6, 1, 5), "feedback.score"),
        (scale(0, 1, 5), "feedback.score"),
        (scale(i32::MIN, 0, 100), "feedback.score"),
        (scale(1, 5, 5), "feedback.scale_max"),
        (scale(1, 5, 1), "feedback.scale_max"),
        (scale(1, -1, 5), "feedback.scale_max"),
        (scale(1, 1, 101), "feedback.scale_max"),
        (Interaction { feedback: None, ..feedback(&id, "1", 1) }, "feedback"),
        (Interaction { purchase: Some(Purchase::default()), ..feedback(&id, "1", 1) }, "purchase"),
        (Interaction { referral: Some(Referral::default()), ..feedback(&id, "1", 1) }, "referral"),
        (Interaction { kind: InteractionKind::Visit as i32, ..feedback(&id, "1", 1) }, "feedback"),
        (Interaction { referral: None, ..referral(&id, "1", &other) }, "referral"),
        (Interaction { kind: InteractionKind::Contact as i32, ..referral(&id, "1", &other) }, "referral"),
        (referral(&id, "1", ""), "referral.referred_customer_id"),
        (referral(&id, "1", "nobody"), "referral.referred_customer_id"),
        (referral(&id, "1", &id), "referral.referred_customer_id"),
        (by_card(referral(&id, "1", &id)), "referral.referred_customer_id"),
    ];
    for (interaction, at) in table {
        let result = record(&world, interaction).await;
        let error = result.error.expect(at);
        assert_eq!((error.code, error.reason.as_str(), error.field.as_str()), (3, "FIELD_INVALID", at), "{error:?}");
    }
    world.assert_unchanged(&before).await;
    let fine = record(&world, by_card(referral(&id, "1", &other))).await;
    assert_eq!((fine.outcome, fine.customer_id), (RecordOutcome::Recorded as i32, id));
}

async fn feedback_and_referrals_count_once_and_are_taken_back(world: World) {
    let voices = LevelConditions { feedback_min: 2, mean_score_min: 0.75, referrals_min: 1, ..asked(0) };
    require(&world, voices, asked(50)).await;
    let id = world.create(named("Ana")).await.customer_id;
    let facts = async || -> Vec<f64> {
        relationship(&world, &id).await.conditions.iter().take(3).map(|condition| condition.actual).collect()
    };
    let other = world.create(named("Rui")).await.customer_id;
    for again in [false, true] {
        for one in [feedback(&id, "f1", 5), feedback(&id, "f2", 3), referral(&id, "r1", &other)] {
            let outcome = if again { RecordOutcome::Repeated } else { RecordOutcome::Recorded };
            assert_eq!(record(&world, one).await.outcome, outcome as i32);
        }
    }
    assert_eq!(facts().await, [2.0, 0.75, 1.0]);
    assert_eq!(level(&world, &id).await, ENGAGEMENT);
    let void = async |key: &str| {
        let request = VoidInteractionRequest {
            customer_id: id.clone(),
            source: "till-4".into(),
            external_id: key.into(),
            reason: "entered twice".into(),
        };
        world.interactions().void_interaction(request).await.expect("voided");
    };
    void("f2").await;
    assert_eq!(facts().await, [1.0, 1.0, 1.0]);
    void("r1").await;
    void("f1").await;
    assert_eq!(facts().await, [0.0, 0.0, 0.0]);
    assert_eq!(level(&world, &id).await, BASIC);
}
