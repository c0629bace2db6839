//! The policy's rules of giving and closeness: what cannot be meant is refused at its field, without its value, and nothing
//! of the policy is stored.

use prost_types::Duration;
use rapport::proto::*;

use super::world::*;

on_both!(
    what_fits_is_kept,
    roles_are_checked,
    gesture_types_are_checked,
    budgets_and_venues_are_checked,
    times_and_levels_are_checked,
    lists_have_limits,
    all_faults_are_told_together,
);

/// Stands in every bad text, so that an echo is found.
const MARK: &str = "Qy7mark";
/// A test number of a card scheme, in words of its own.
const CARD: &str = "the tart 4111 1111 1111 1111";

fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

fn chf(minor_units: i64) -> Money {
    Money { currency_code: "CHF".into(), minor_units }
}

/// A policy with one of everything.
fn full() -> Policy {
    let mut policy = policy();
    policy.venues[0].capabilities = vec!["kitchen".into()];
    policy.venues[0].opening_hours = vec![OpeningHours { iso_weekday: 7, open: "18:00".into(), close: "02:00".into() }];
    let authority = Authority { currency_code: "CHF".into(), per_gesture_minor_units: 5_000, ..Authority::default() };
    let role = Role {
        role_id: "concierge".into(),
        display_name: "Concierge".into(),
        authorities: vec![authority],
        gesture_type_ids: vec!["tart".into()],
        sees_value: false,
        sees_bars: true,
    };
    let kind = GestureType {
        gesture_type_id: "tart".into(),
        display_name: "Almond tart".into(),
        costs: vec![chf(900)],
        contents: vec!["ALMOND".into()],
        suits_diets: vec!["VEGETARIAN".into()],
        cool_down: seconds(86_400),
        needs: vec!["kitchen".into()],
        trial_venue_ids: vec![VENUE.into()],
        appeals_to: vec!["dessert".into()],
        level_min: 2,
        deliver_within_minutes: 30,
        ..GestureType::default()
    };
    Policy {
        review_due_date: "2027-01-31".into(),
        standards: Some(ServiceStandards { greet_within: seconds(180), ..ServiceStandards::default() }),
        roles: vec![role],
        catalogue: vec![kind],
        budgets: vec![Budget { venue_id: VENUE.into(), monthly: Some(chf(100_000)) }],
        engagement: Some(LevelConditions { visits_min: 2, ..LevelConditions::default() }),
        intimacy: Some(LevelConditions { visits_min: 5, mean_score_min: 0.75, ..LevelConditions::default() }),
        drift: Some(Drift { expected_from: 2, generic_from: 4, window: seconds(30 * 86_400) }),
        caps_from: IssueSeverity::Critical as i32,
        bar_codes: vec!["NO_SHOW".into()],
        none_known_stands: true,
        legal_ages: vec![LegalAge { venue_id: VENUE.into(), substance: "ALCOHOL".into(), years: 16 }],
        ..policy
    }
}

/// Makes the full policy wrong.
type Change = Box<dyn Fn(&mut Policy)>;

/// Asserts that a change of the full policy is refused at a field, and changes nothing.
async fn refused(world: &World, table: Vec<(&str, Change)>) {
    let before = world.dump().await;
    for (at, change) in table {
        let mut policy = full();
        change(&mut policy);
        let status = refusal!(world, policies, set_policy, SetPolicyRequest { policy: Some(policy) });
        assert_field(&status, &format!("policy.{at}"), MARK);
        assert!(!status.message().contains("4111"), "{at}: the value is echoed");
    }
    world.assert_unchanged(&before).await;
}

/// Rows of a field and what makes it wrong.
macro_rules! rows {
    ($($at:expr => |$policy:ident| $change:expr),+ $(,)?) => {
        vec![$(($at, Box::new(|$policy: &mut Policy| { $change; }) as Change)),+]
    };
}

async fn what_fits_is_kept(world: World) {
    let request = SetPolicyRequest { policy: Some(full()) };
    let set = world.policies().set_policy(request).await.expect("fits").into_inner().policy.expect("a policy");
    let sent = Policy { version: set.version, update_time: set.update_time, etag: set.etag.clone(), ..full() };
    assert_eq!(set, sent);
}

async fn roles_are_checked(world: World) {
    refused(
        &world,
        rows![
            "roles[0].role_id" => |policy| policy.roles[0].role_id = format!("a b{MARK}"),
            "roles[0].role_id" => |policy| policy.roles[0].role_id = String::new(),
            "roles[0].role_id" => |policy| policy.roles[0].role_id = "x".repeat(65),
            "roles[1].role_id" => |policy| policy.roles.push(policy.roles[0].clone()),
            "roles[0].display_name" => |policy| policy.roles[0].display_name = String::new(),
            "roles[0].display_name" => |policy| policy.roles[0].display_name = format!("{MARK}\u{202e}"),
            "roles[0].display_name" => |policy| policy.roles[0].display_name = CARD.into(),
            "roles[0].authorities[0].currency_code" => |policy| policy.roles[0].authorities[0].currency_code = MARK.into(),
            "roles[0].authorities[0].currency_code" => |policy| policy.roles[0].authorities[0].currency_code = "ZZZ".into(),
            "roles[0].authorities[0].per_gesture_minor_units" => |policy| policy.roles[0].authorities[0].per_gesture_minor_units = -1,
            "roles[0].authorities[0].per_guest_minor_units" => |policy| policy.roles[0].authorities[0].per_guest_minor_units = i64::MIN,
            "roles[0].authorities[0].per_incident_minor_units" => |policy| policy.roles[0].authorities[0].per_incident_minor_units = i64::MAX,
            "roles[0].authorities[0].per_day_minor_units" => |policy| policy.roles[0].authorities[0].per_day_minor_units = 1_000_000_000_001,
            "roles[0].authorities" => |policy| { let one = policy.roles[0].authorities[0].clone(); policy.roles[0].authorities.push(one); },
            "roles[0].gesture_type_ids[0]" => |policy| policy.roles[0].gesture_type_ids = vec![MARK.into()],
            "roles[0].gesture_type_ids[1]" => |policy| policy.roles[0].gesture_type_ids = vec!["tart".into(), "*".into()],
        ],
    )
    .await;
}

async fn gesture_types_are_checked(world: World) {
    refused(
        &world,
        rows![
            "catalogue[0].gesture_type_id" => |policy| policy.catalogue[0].gesture_type_id = format!("{MARK} "),
            "catalogue[1].gesture_type_id" => |policy| policy.catalogue.push(policy.catalogue[0].clone()),
            "catalogue[0].display_name" => |policy| policy.catalogue[0].display_name = String::new(),
            "catalogue[0].display_name" => |policy| policy.catalogue[0].display_name = CARD.into(),
            "catalogue[0].costs[0].minor_units" => |policy| policy.catalogue[0].costs[0].minor_units = -1,
            "catalogue[0].costs[0].minor_units" => |policy| policy.catalogue[0].costs[0].minor_units = 1_000_000_000_001,
            "catalogue[0].costs[0].currency_code" => |policy| policy.catalogue[0].costs[0].currency_code = "XYZ".into(),
            "catalogue[0].costs" => |policy| policy.catalogue[0].costs = vec![chf(1), chf(2)],
            "catalogue[0].contents[0]" => |policy| policy.catalogue[0].contents = vec![format!("{MARK}-é")],
            "catalogue[0].contents[0]" => |policy| policy.catalogue[0].contents = vec![String::new()],
            "catalogue[0].contents_unknown" => |policy| policy.catalogue[0].contents_unknown = true,
            "catalogue[0].suits_diets[0]" => |policy| policy.catalogue[0].suits_diets = vec![format!("{MARK}!")],
            "catalogue[0].cool_down" => |policy| policy.catalogue[0].cool_down = seconds(-1),
            "catalogue[0].cool_down" => |policy| policy.catalogue[0].cool_down = seconds(1_096 * 86_400 + 1),
            "catalogue[0].cool_down" => |policy| policy.catalogue[0].cool_down = Some(Duration { seconds: 1, nanos: 1 }),
            "catalogue[0].needs[0]" => |policy| policy.catalogue[0].needs = vec![format!("{MARK} oven")],
            "catalogue[0].needs[0]" => |policy| policy.catalogue[0].needs = vec!["x".repeat(41)],
            "catalogue[0].trial_venue_ids[1]" => |policy| policy.catalogue[0].trial_venue_ids.push(MARK.into()),
            "catalogue[0].appeals_to[0]" => |policy| policy.catalogue[0].appeals_to = vec!["x".repeat(65)],
            "catalogue[0].appeals_to[0]" => |policy| policy.catalogue[0].appeals_to = vec![CARD.into()],
            "catalogue[0].level_min" => |policy| policy.catalogue[0].level_min = 4,
            "catalogue[0].level_min" => |policy| policy.catalogue[0].level_min = -1,
            "catalogue[0].deliver_within_minutes" => |policy| policy.catalogue[0].deliver_within_minutes = -1,
            "catalogue[0].deliver_within_minutes" => |policy| policy.catalogue[0].deliver_within_minutes = 10_081,
        ],
    )
    .await;
}

async fn budgets_and_venues_are_checked(world: World) {
    refused(
        &world,
        rows![
            "budgets[0].venue_id" => |policy| policy.budgets[0].venue_id = MARK.into(),
            "budgets[0].venue_id" => |policy| policy.budgets[0].venue_id = String::new(),
            "budgets[0].monthly" => |policy| policy.budgets[0].monthly = None,
            "budgets[0].monthly.minor_units" => |policy| policy.budgets[0].monthly = Some(chf(-1)),
            "budgets[0].monthly.minor_units" => |policy| policy.budgets[0].monthly = Some(chf(i64::MAX)),
            "budgets[0].monthly.currency_code" => |policy| policy.budgets[0].monthly = Some(Money { currency_code: MARK.into(), minor_units: 1 }),
            "budgets" => |policy| policy.budgets.push(policy.budgets[0].clone()),
            "venues[0].capabilities[0]" => |policy| policy.venues[0].capabilities = vec![format!("{MARK}/")],
            "venues[0].language" => |policy| policy.venues[0].language = format!("{MARK}_"),
            "venues[0].opening_hours[0].iso_weekday" => |policy| policy.venues[0].opening_hours[0].iso_weekday = 0,
            "venues[0].opening_hours[0].iso_weekday" => |policy| policy.venues[0].opening_hours[0].iso_weekday = 8,
            "venues[0].opening_hours[0].open" => |policy| policy.venues[0].opening_hours[0].open = "24:00".into(),
            "venues[0].opening_hours[0].close" => |policy| policy.venues[0].opening_hours[0].close = format!("{MARK}:00"),
        ],
    )
    .await;
}

async fn times_and_levels_are_checked(world: World) {
    fn intimacy(policy: &mut Policy) -> &mut LevelConditions {
        policy.intimacy.as_mut().expect("is given")
    }
    fn standards(policy: &mut Policy) -> &mut ServiceStandards {
        policy.standards.as_mut().expect("are given")
    }
    refused(
        &world,
        rows![
            "review_due_date" => |policy| policy.review_due_date = format!("{MARK}-01-31"),
            "review_due_date" => |policy| policy.review_due_date = "2027-02-29".into(),
            "review_due_date" => |policy| policy.review_due_date = "31.01.2027".into(),
            "review_due_date" => |policy| policy.review_due_date = "2027-01-31T00:00:00Z".into(),
            "standards.greet_within" => |policy| standards(policy).greet_within = seconds(86_401),
            "standards.resolve_within" => |policy| standards(policy).resolve_within = seconds(-1),
            "standards.resolve_within" => |policy| standards(policy).resolve_within = seconds(90 * 86_400 + 1),
            "standards.follow_up_within" => |policy| standards(policy).follow_up_within = seconds(i64::MAX),
            "drift" => |policy| policy.drift = Some(Drift { expected_from: 5, generic_from: 5, window: None }),
            "drift" => |policy| policy.drift = Some(Drift { expected_from: 1, generic_from: 5, window: None }),
            "drift" => |policy| policy.drift = Some(Drift { expected_from: 6, generic_from: 0, window: None }),
            "drift" => |policy| policy.drift = Some(Drift { expected_from: 2, generic_from: 13, window: None }),
            "drift.expected_from" => |policy| policy.drift = Some(Drift { expected_from: -1, ..Drift::default() }),
            "drift.generic_from" => |policy| policy.drift = Some(Drift { generic_from: 256, ..Drift::default() }),
            "drift.window" => |policy| policy.drift = Some(Drift { window: seconds(7 * 86_400 - 1), ..Drift::default() }),
            "drift.window" => |policy| policy.drift = Some(Drift { window: seconds(1_097 * 86_400), ..Drift::default() }),
            "drift.window" => |policy| policy.drift = Some(Drift { window: seconds(-1), ..Drift::default() }),
            "intimacy.visits_min" => |policy| intimacy(policy).visits_min = -1,
            "intimacy.visits_min" => |policy| intimacy(policy).visits_min = 100_001,
            "intimacy.last_visit_days_max" => |policy| intimacy(policy).last_visit_days_max = 3_661,
            "intimacy.stated_preferences_min" => |policy| intimacy(policy).stated_preferences_min = 201,
            "intimacy.confirmed_preferences_min" => |policy| intimacy(policy).confirmed_preferences_min = 201,
            "intimacy.feedback_min" => |policy| intimacy(policy).feedback_min = 10_001,
            "intimacy.referrals_min" => |policy| intimacy(policy).referrals_min = 10_001,
            "intimacy.mean_score_min" => |policy| intimacy(policy).mean_score_min = f64::NAN,
            "intimacy.mean_score_min" => |policy| intimacy(policy).mean_score_min = f64::INFINITY,
            "intimacy.mean_score_min" => |policy| intimacy(policy).mean_score_min = -0.001,
            "intimacy.mean_score_min" => |policy| intimacy(policy).mean_score_min = 1.001,
            "engagement.visits_min" => |policy| policy.engagement = Some(LevelConditions { visits_min: i32::MIN, ..LevelConditions::default() }),
            "caps_from" => |policy| policy.caps_from = 4_711,
            "legal_ages[0].years" => |policy| policy.legal_ages[0].years = 26,
            "legal_ages[0].years" => |policy| policy.legal_ages[0].years = -1,
            "legal_ages[0].substance" => |policy| policy.legal_ages[0].substance = format!("x {MARK}"),
            "legal_ages[0].substance" => |policy| policy.legal_ages[0].substance = "NOTHING_KNOWN".into(),
            "legal_ages[0].venue_id" => |policy| policy.legal_ages[0].venue_id = MARK.into(),
            "legal_ages" => |policy| policy.legal_ages.push(policy.legal_ages[0].clone()),
            "bar_codes[1]" => |policy| policy.bar_codes.push(format!("rude {MARK}")),
        ],
    )
    .await;
}

async fn lists_have_limits(world: World) {
    refused(
        &world,
        rows![
            "roles" => |policy| policy.roles = roles(51),
            "catalogue" => |policy| policy.catalogue = kinds(201),
            "budgets" => |policy| policy.budgets = vec![policy.budgets[0].clone(); 4_001],
            "roles[0].authorities" => |policy| policy.roles[0].authorities = vec![Authority::default(); 9],
            "roles[0].gesture_type_ids" => |policy| policy.roles[0].gesture_type_ids = vec!["tart".into(); 201],
            "catalogue[0].costs" => |policy| policy.catalogue[0].costs = vec![chf(1); 9],
            "catalogue[0].contents" => |policy| policy.catalogue[0].contents = vec!["MILK".into(); 31],
            "catalogue[0].suits_diets" => |policy| policy.catalogue[0].suits_diets = vec!["HALAL".into(); 9],
            "catalogue[0].needs" => |policy| policy.catalogue[0].needs = vec!["oven".into(); 9],
            "catalogue[0].trial_venue_ids" => |policy| policy.catalogue[0].trial_venue_ids = vec![VENUE.into(); 101],
            "catalogue[0].appeals_to" => |policy| policy.catalogue[0].appeals_to = vec!["tea".into(); 11],
            "venues[0].capabilities" => |policy| policy.venues[0].capabilities = vec!["oven".into(); 51],
            "venues[0].opening_hours" => |policy| policy.venues[0].opening_hours = vec![OpeningHours::default(); 22],
            "legal_ages" => |policy| policy.legal_ages = vec![policy.legal_ages[0].clone(); 4_001],
            "bar_codes" => |policy| policy.bar_codes = vec!["RUDE".into(); 21],
        ],
    )
    .await;
    let mut most = full();
    let some = |count: usize, word: &str| vec![word.to_owned(); count];
    (most.roles, most.catalogue) = (roles(50), kinds(200));
    most.roles[0].gesture_type_ids = most.catalogue.iter().map(|kind| kind.gesture_type_id.clone()).collect();
    most.catalogue[0].contents = some(30, "MILK");
    most.catalogue[0].suits_diets = some(8, "HALAL");
    most.catalogue[0].needs = some(8, "oven");
    most.catalogue[0].trial_venue_ids = some(100, VENUE);
    most.catalogue[0].appeals_to = some(10, "tea");
    most.catalogue[0].costs = ["CHF", "EUR", "GBP", "USD", "MXN", "JPY", "SEK", "NOK"]
        .map(|code| Money { currency_code: code.into(), minor_units: 1_000_000_000_000 })
        .into();
    most.venues[0].capabilities = some(50, "oven");
    most.venues[0].opening_hours = vec![OpeningHours { iso_weekday: 1, ..OpeningHours::default() }; 21];
    most.bar_codes = some(20, "RUDE");
    world.policies().set_policy(SetPolicyRequest { policy: Some(most) }).await.expect("fits");
}

fn roles(count: usize) -> Vec<Role> {
    let role = |number| Role { role_id: format!("r{number}"), display_name: "A role".into(), ..Role::default() };
    (0..count).map(role).collect()
}

fn kinds(count: usize) -> Vec<GestureType> {
    let kind = |number| GestureType {
        gesture_type_id: format!("g{number}"),
        display_name: "A gesture".into(),
        ..GestureType::default()
    };
    (0..count).map(kind).collect()
}

async fn all_faults_are_told_together(world: World) {
    let before = world.dump().await;
    let fields = async |policy: Policy| -> Vec<String> {
        let status = refusal!(world, policies, set_policy, SetPolicyRequest { policy: Some(policy) });
        let bad = tonic_types::StatusExt::get_details_bad_request(&status).expect("fields");
        bad.field_violations.into_iter().map(|violation| violation.field).collect()
    };
    let mut policy = full();
    policy.owner.clear();
    policy.venues[1].time_zone = "Mars".into();
    policy.roles[0].display_name.clear();
    policy.caps_from = 9;
    assert_eq!(
        fields(policy).await,
        ["policy.owner", "policy.venues[1].time_zone", "policy.roles[0].display_name", "policy.caps_from"]
    );
    // What concerns several entries is told once each of them is right.
    let mut policy = full();
    policy.catalogue.push(policy.catalogue[0].clone());
    policy.budgets[0].venue_id = "nowhere".into();
    assert_eq!(fields(policy).await, ["policy.catalogue[1].gesture_type_id", "policy.budgets[0].venue_id"]);
    let many = Policy { catalogue: vec![GestureType::default(); 200], ..full() };
    assert_eq!(fields(many).await.len(), 20, "as many as a header holds");
    world.assert_unchanged(&before).await;
}
