use super::*;
use crate::domain::{
    Change, Profile, Refusal, apply,
    basket::Seat,
    briefing::{Mask, Question},
    catalogue::{Authority, Contents, GestureType, MayGive, Role, Rules},
    consent::Purpose,
    follow_up::{FollowUpDraft, FollowUpKind},
    id::{GestureTypeId, PartId, RoleId, VenueId},
    items::Menu,
    moment::Moment,
    money::Money,
    occasion::OccasionKind,
    policy::{OpeningHours, Policy},
    precaution::{Criticality, PrecautionKind, PrecautionStatus},
    preference::{EvidenceSource, Stance},
    suitability::{
        dimensions::{Expense, approving, team},
        merit::top,
        missed::warnings,
    },
    testing::{self, evidence, gesture_type, gift, issue, occasion, precaution, promise, stamp, time},
};

/// A Friday, 18:00 in New York.
const NOW: &str = "2017-12-22T23:00:00Z";

fn apply_at(profile: &mut Profile, at: &str, change: Change) -> PartId {
    apply(profile, &change, &stamp(at, "mara@till-4")).unwrap().created.unwrap_or(PartId(0))
}

/// Somebody who was asked for precautions, so that what is eaten may be given.
fn profile() -> Profile {
    let mut profile = testing::profile();
    apply_at(&mut profile, "2017-12-01T12:00:00Z", Change::PrecautionsAsked(time("2017-12-01T12:00:00Z")));
    profile
}

fn with(changes: impl IntoIterator<Item = Change>) -> Profile {
    let mut profile = profile();
    for change in changes {
        apply_at(&mut profile, "2017-12-01T12:00:00Z", change);
    }
    profile
}

fn role(id: &str, most: i64) -> Role {
    let currency = gift("x").cost.currency;
    let authority =
        Authority { currency, per_gesture: most, per_guest: 2 * most, per_incident: most, per_day: 4 * most };
    Role {
        id: RoleId::parse("", id).unwrap(),
        display_name: id.to_owned(),
        authorities: vec![authority],
        may_give: MayGive::Every,
        sees_value: false,
        sees_bars: false,
    }
}

fn policy(catalogue: Vec<GestureType>) -> Policy {
    let rules = Rules { catalogue, roles: vec![role("waiter", 499), role("chef", 500)], ..Rules::default() };
    testing::policy().with_rules(rules).unwrap()
}

fn ask<T>(policy: &Policy, at: &str, with: impl FnOnce(&Question<'_>) -> T) -> T {
    let now = time(at);
    with(&Question {
        policy,
        venue: &policy.venues[0],
        now,
        at: now,
        purpose: Purpose::Service,
        mask: Mask::ALL,
        basket: &[],
        lines: &[],
        seat: Seat::Customers(""),
        menu: Menu::nothing(),
        others: None,
    })
}

/// The code of what speaks against giving a type now; empty: nothing does.
fn against(profile: &Profile, policy: &Policy, id: &str) -> &'static str {
    let kind = policy.rules.gesture_type(&GestureTypeId::parse("", id).unwrap()).unwrap();
    let wish = GestureQuery {
        kind,
        cost: None,
        issue: None,
        proposal: None,
        deliver_time: None,
        note: "",
        place: "",
        role: policy.rules.role("chef"),
    };
    match ask(policy, NOW, |question| consider(profile, question, &wish)) {
        Ok(allowed) => allowed.over.map_or("", |over| over.code),
        Err(veto) => veto.code,
    }
}

fn containing(codes: &[&str]) -> GestureType {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    GestureType { contents: Contents::Known(codes), ..gesture_type("dish") }
}

#[test]
fn precautions_veto_by_code() {
    use PrecautionKind::{Abstention, Accessibility, Allergy, Diet, Intolerance, Topic};
    for (kind, code, contents, suits, expected) in [
        (Allergy, "ALMOND", &["TREE_NUTS"][..], "", "PRECAUTION"),
        (Allergy, "ALMOND", &["ALMOND"], "", "PRECAUTION"),
        (Allergy, "ALMOND", &["HAZELNUT"], "", ""),
        (Allergy, "TREE_NUTS", &["MILK", "ALMOND"], "", "PRECAUTION"),
        (Allergy, "KIWI", &["KIWI"], "", "PRECAUTION"),
        // Nobody knows what it is about: it may be anything.
        (Allergy, "KIWI", &["MILK"], "", "PRECAUTION_NOT_UNDERSTOOD"),
        (Allergy, "KIWI", &[], "", ""),
        (Allergy, "MANDEL", &["ALMOND"], "", "PRECAUTION"),
        (Allergy, "TRENUTS", &["ALMOND"], "", "PRECAUTION_NOT_UNDERSTOOD"),
        (Intolerance, "LAKTOSE", &["MILK"], "", "PRECAUTION"),
        (Intolerance, "LACTOZ", &["MILK"], "", "PRECAUTION_NOT_UNDERSTOOD"),
        (Intolerance, "NO_", &["MILK"], "", "PRECAUTION_NOT_UNDERSTOOD"),
        (Abstention, "ALKOHOL", &["ALCOHOL"], "", "PRECAUTION"),
        (Abstention, "ALCOOHL", &["ALCOHOL"], "", "PRECAUTION_NOT_UNDERSTOOD"),
        (Abstention, "SMOKING", &["ALCOHOL"], "", ""),
        (Allergy, "FEATHERS", &["MILK"], "", ""),
        (Allergy, "MILK", &["MILK"], "VEGAN", "PRECAUTION"),
        (Intolerance, "LACTOSE_FREE", &["MILK"], "", "PRECAUTION"),
        (Abstention, "ALCOHOL", &["ALCOHOL"], "", "PRECAUTION"),
        (Abstention, "ALCOHOL", &[], "", ""),
        // A diet, whatever it was recorded as.
        (Abstention, "VEGAN", &["MILK"], "", "PRECAUTION"),
        (Abstention, "VEGAN", &["MILK"], "VEGAN", ""),
        (Diet, "HALAL", &["ALCOHOL"], "", "PRECAUTION"),
        (Diet, "HALAL", &["BEEF"], "", "PRECAUTION"),
        (Diet, "HALAL", &["BEEF"], "HALAL", ""),
        (Diet, "KOSHER", &["CRUSTACEANS"], "", "PRECAUTION"),
        (Diet, "KOSHER", &["POULTRY"], "KOSHER", ""),
        (Diet, "VEGAN", &["HONEY"], "", "PRECAUTION"),
        (Diet, "VEGAN", &["ALMOND"], "", ""),
        (Diet, "VEGETARIAN", &["MEAT"], "VEGAN", ""),
        (Diet, "VEGETARIAN", &["EGGS"], "", ""),
        (Diet, "LOW_SALT", &["MILK"], "", "PRECAUTION"),
        (Diet, "LOW_SALT", &["MILK"], "LOW_SALT", ""),
        (Diet, "LOW_SALT", &[], "", ""),
        (Topic, "MILK", &["MILK"], "", "PRECAUTION"),
        (Accessibility, "MILK", &["MILK"], "", "PRECAUTION"),
    ] {
        let guest = with([Change::PrecautionAdded(precaution(kind, code, Criticality::Low))]);
        let suits_diets = if suits.is_empty() { Vec::new() } else { vec![suits.to_owned()] };
        let dish = GestureType { suits_diets, ..containing(contents) };
        assert_eq!(against(&guest, &policy(vec![dish]), "dish"), expected, "{code} and {contents:?}, fit for {suits}");
        let unknown = GestureType { contents: Contents::Unknown, ..gesture_type("dish") };
        let is_food = !["SMOKING", "FEATHERS"].contains(&code);
        let expected = if is_food { "CONTENTS_UNKNOWN" } else { "" };
        assert_eq!(against(&guest, &policy(vec![unknown]), "dish"), expected, "{code} and what nobody knows");
    }
}

#[test]
fn traces_of_another_nut_count_where_they_are_dangerous() {
    for (criticality, expected) in [(Criticality::High, "PRECAUTION"), (Criticality::Low, "")] {
        let guest = with([Change::PrecautionAdded(precaution(PrecautionKind::Allergy, "WALNUT", criticality))]);
        assert_eq!(against(&guest, &policy(vec![containing(&["HAZELNUT"])]), "dish"), expected, "{criticality:?}");
    }
}

#[test]
fn a_vouched_diet_does_not_silence_what_was_said_besides() {
    for (code, text, contents, name, expected) in [
        ("VEGETARIAN", "No egg either.", &["EGGS", "MILK"][..], "The dish", "PRECAUTION"),
        ("VEGETARIAN", "No egg either.", &["MILK"], "The dish", ""),
        ("VEGETARIAN", "", &["EGGS", "MILK"], "The dish", ""),
        ("VEGAN", "Vegan, allergic to almonds", &["ALMOND"], "The dish", "PRECAUTION"),
        ("VEGAN", "Vegan, allergic to almonds", &["TREE_NUTS"], "The dish", "PRECAUTION"),
        ("VEGAN", "Vegan, allergic to almonds", &["HAZELNUT"], "The dish", ""),
        ("VEGAN", "Vegan, allergic to almonds", &[], "Almond cake", "PRECAUTION"),
        ("VEGAN", "Vegan, allergic to almonds", &[], "Vegan butter cake", ""),
    ] {
        let mut told = precaution(PrecautionKind::Diet, code, Criticality::Low);
        told.text = text.to_owned();
        let guest = with([Change::PrecautionAdded(told)]);
        let suits_diets = vec![code.to_owned()];
        let dish = GestureType { suits_diets, display_name: name.to_owned(), ..containing(contents) };
        assert_eq!(against(&guest, &policy(vec![dish]), "dish"), expected, "{code}, {text}: {name} of {contents:?}");
    }
    let guest = with([Change::PrecautionAdded(precaution(PrecautionKind::Abstention, "VEGAN", Criticality::Low))]);
    let named = GestureType { display_name: "Vegan cake".to_owned(), ..gesture_type("dish") };
    assert_eq!(against(&guest, &policy(vec![named]), "dish"), "", "the name of a diet forbids nothing");
}

#[test]
fn a_taste_meets_what_appeals_to_it_in_the_singular_and_the_plural() {
    for (word, item, meets) in [
        ("strawberries", "strawberry", true),
        ("Strawberry", "strawberries", true),
        ("kiwis", "Kiwi", true),
        ("brioche", "brioches", true),
        ("lilies", "Lily", true),
        ("tea", "teas", true),
        ("tea", "team", false),
        ("strawberry", "strawberry ice", false),
    ] {
        let kind = GestureType { appeals_to: vec![word.to_owned()], ..gesture_type("treat") };
        let policy = policy(vec![kind]);
        let liked = evidence(item, Stance::Likes, EvidenceSource::Stated, None, "2017-12-01T12:00:00Z");
        let guest = with([Change::EvidenceRecorded(liked)]);
        let limits = GiverLimits { role: policy.rules.role("chef"), month_left: 0, day_left: 0 };
        let taste = ask(&policy, NOW, |question| {
            suggest(&guest, question, &limits, None)[0].reasons.is_some_and(|reasons| reasons.taste.is_some())
        });
        assert_eq!(taste, meets, "{word} and {item}");
    }
}

#[test]
fn what_was_refuted_vetoes_nothing_and_words_veto_like_codes() {
    let mut told = precaution(PrecautionKind::Allergy, "OTHER", Criticality::Low);
    told.text = "Also traces of almonds".to_owned();
    let mut guest = with([Change::PrecautionAdded(told)]);
    let catalogue = policy(vec![containing(&["ALMOND"])]);
    assert_eq!(against(&guest, &catalogue, "dish"), "PRECAUTION");
    let refuted =
        Change::PrecautionReviewed { id: PartId(1), status: PrecautionStatus::Refuted, reason: "tested".to_owned() };
    apply(&mut guest, &refuted, &stamp(NOW, "jo@desk")).unwrap();
    assert_eq!(against(&guest, &catalogue, "dish"), "NOT_ASKED", "what there is instead is to be asked");
    apply_at(&mut guest, NOW, Change::PrecautionsAsked(time("2017-12-22T23:00:01Z")));
    assert_eq!(against(&guest, &catalogue, "dish"), "");
}

#[test]
fn the_customer_may_not_want_it_or_not_be_close_enough() {
    let said = |item: &str, stance| {
        Change::EvidenceRecorded(evidence(item, stance, EvidenceSource::Stated, None, "2017-12-01T12:00:00Z"))
    };
    let named = GestureType { display_name: "Bouquet of lilies".to_owned(), ..gesture_type("flowers") };
    let appealing = GestureType { appeals_to: vec!["Massage".to_owned()], ..gesture_type("spa") };
    let close = GestureType { level_min: 2, ..gesture_type("close") };
    let policy = policy(vec![named, appealing, close]);
    let guest = with([said("lily", Stance::Likes), said("Lilies", Stance::Avoid), said("massage", Stance::Dislikes)]);
    assert_eq!(against(&guest, &policy, "flowers"), "DISLIKED");
    assert_eq!(against(&guest, &policy, "spa"), "DISLIKED");
    assert_eq!(against(&guest, &policy, "close"), "LEVEL_TOO_LOW");
    // A single observation is no dislike.
    let seen = evidence("massage", Stance::Dislikes, EvidenceSource::Observed, Some("here"), "2017-12-01T12:00:00Z");
    assert_eq!(against(&with([Change::EvidenceRecorded(seen)]), &policy, "spa"), "");
}

#[test]
fn only_what_is_near_is_celebrated_and_never_a_day_that_hurts() {
    let policy = policy(vec![GestureType { celebrates: true, ..gesture_type("cake") }]);
    let day = |month, day, quiet| {
        let mut draft = occasion(OccasionKind::Anniversary, None, month, day);
        draft.do_not_celebrate = quiet;
        Change::OccasionAdded(draft)
    };
    let quiet = |kind, once, year, day| {
        let mut draft = occasion(kind, Some(year), 12, day);
        (draft.do_not_celebrate, draft.once) = (true, once);
        Change::OccasionAdded(draft)
    };
    let once = |year, day| quiet(OccasionKind::Other, true, year, day);
    for (days, expected) in [
        (vec![], "NOTHING_TO_CELEBRATE"),
        (vec![day(12, 24, false), once(2017, 22)], "DO_NOT_CELEBRATE"),
        (vec![day(12, 24, false), once(2016, 22)], ""),
        (vec![once(2017, 24)], "DO_NOT_CELEBRATE"),
        // It hurts on its first day too.
        (vec![day(12, 24, false), quiet(OccasionKind::Anniversary, false, 2017, 22)], "DO_NOT_CELEBRATE"),
        (vec![day(12, 22, false)], ""),
        (vec![day(12, 29, false)], ""),
        (vec![day(12, 30, false)], "NOTHING_TO_CELEBRATE"),
        (vec![day(12, 21, false)], "NOTHING_TO_CELEBRATE"),
        (vec![day(12, 22, true)], "DO_NOT_CELEBRATE"),
        (vec![day(12, 28, true)], "DO_NOT_CELEBRATE"),
        (vec![day(12, 30, true)], "NOTHING_TO_CELEBRATE"),
        (vec![day(12, 24, false), day(12, 22, true)], "DO_NOT_CELEBRATE"),
        (vec![day(12, 24, false), day(12, 23, true)], ""),
    ] {
        assert_eq!(against(&with(days.clone()), &policy, "cake"), expected, "{days:?}");
    }
}

#[test]
fn the_process_allows_one_at_a_time_and_nothing_while_an_issue_is_open() {
    let cooling = GestureType { cool_down_seconds: 22 * 86_400, ..gesture_type("tea") };
    let makes_good = GestureType { recovery: true, ..gesture_type("voucher") };
    let policy = policy(vec![cooling, makes_good, gesture_type("note")]);
    let mut guest = with([Change::GestureGiven(GestureDraft { proposed: true, ..gift("tea") })]);
    assert_eq!(against(&guest, &policy, "tea"), "UNDER_WAY");
    assert_eq!(against(&guest, &policy, "note"), "");
    let approved = Change::GestureApproved { id: PartId(1), role: RoleId::parse("", "chef").unwrap(), drawn_on: None };
    let mara = apply(&mut guest, &approved, &stamp("2017-12-01T12:00:00Z", "MARA@other-till"));
    assert_eq!(mara, Err(Refusal::SecondPersonNeeded));
    apply(&mut guest, &approved, &stamp("2017-12-01T12:00:00Z", "jo@desk")).unwrap();
    assert_eq!(against(&guest, &policy, "tea"), "UNDER_WAY");
    let delivery = FollowUpDraft { kind: FollowUpKind::Delivery, gesture: Some(PartId(1)), ..promise("Carry it up") };
    let id = apply_at(&mut guest, NOW, Change::FollowUpPromised(delivery));
    apply_at(&mut guest, NOW, Change::FollowUpCompleted { id, kept: true, rating: 0 });
    assert_eq!(against(&guest, &policy, "tea"), "COOL_DOWN");
    apply_at(&mut guest, NOW, Change::IssueOpened(issue("NOISE", "Room 7")));
    assert_eq!(against(&guest, &policy, "note"), "OPEN_ISSUE");
    assert_eq!(against(&guest, &policy, "voucher"), "");
}

#[test]
fn the_concept_and_the_tools() {
    let here = VenueId::parse("", "here").unwrap();
    let elsewhere = GestureType { trial_venues: vec![VenueId::parse("", "other").unwrap()], ..gesture_type("new") };
    let trial = GestureType { trial_venues: vec![here], ..gesture_type("trial") };
    let kitchen = GestureType { needs: vec!["kitchen".to_owned()], ..gesture_type("soup") };
    let priceless = GestureType { costs: Vec::new(), ..gesture_type("priceless") };
    let mut policy = policy(vec![elsewhere, trial, kitchen, priceless, gesture_type("tea")]);
    assert_eq!(against(&profile(), &policy, "new"), "TRIAL_ELSEWHERE");
    assert_eq!(against(&profile(), &policy, "trial"), "");
    assert_eq!(against(&profile(), &policy, "soup"), "VENUE_CANNOT");
    assert_eq!(against(&profile(), &policy, "priceless"), "NO_PRICE");
    policy.venues[0].capabilities = vec!["kitchen".to_owned()];
    assert_eq!(against(&profile(), &policy, "soup"), "");
    policy.venues[0].opening_hours = vec![OpeningHours { iso_weekday: 5, open_minutes: 600, close_minutes: 1_080 }];
    assert_eq!(against(&profile(), &policy, "soup"), "CLOSED");
    policy.venues[0].opening_hours[0].close_minutes = 1_081;
    assert_eq!(against(&profile(), &policy, "soup"), "");
}

/// Given so many times, one a week, and delivered.
fn accustomed(times: i64) -> Profile {
    let mut guest = profile();
    for week in 0..times {
        let at = time("2017-11-01T12:00:00Z") + jiff::SignedDuration::from_hours(week * 7 * 24);
        apply_at(&mut guest, &at.to_string(), Change::GestureGiven(gift("tea")));
        guest.gestures.last_mut().unwrap().state = GestureState::Delivered;
    }
    guest
}

#[test]
fn repetition_makes_it_ordinary_and_time_special_again() {
    let policy = policy(vec![gesture_type("tea"), gesture_type("note")]);
    let drift = policy.rules.drift;
    let kind = GestureTypeId::parse("", "tea").unwrap();
    for (times, at, expected) in [
        (0, NOW, ExpectationLevel::Augmented),
        (2, NOW, ExpectationLevel::Augmented),
        (3, NOW, ExpectationLevel::Expected),
        (6, NOW, ExpectationLevel::Generic),
        (6, "2018-11-30T23:59:59Z", ExpectationLevel::Augmented),
        (6, "2018-11-15T00:00:00Z", ExpectationLevel::Expected),
    ] {
        assert_eq!(accustomed(times).expectation(&kind, false, &drift, time(at)), expected, "{times} at {at}");
    }
    assert_eq!(profile().expectation(&kind, true, &drift, time(NOW)), ExpectationLevel::Potential);
    assert_eq!(against(&accustomed(6), &policy, "tea"), "GENERIC");
    assert_eq!(against(&accustomed(3), &policy, "tea"), "");
}

#[test]
fn what_makes_good_is_never_too_ordinary_and_nobody_counts_on_it() {
    let mut guest = accustomed(6);
    let of = |change: fn(&mut GestureType)| {
        let mut kind = gesture_type("tea");
        change(&mut kind);
        policy(vec![kind])
    };
    let counted_on = |guest: &Profile, policy: &Policy| {
        ask(policy, NOW, |question| {
            warnings(&Moment::of(guest, question)).iter().map(|one| one.times).collect::<Vec<_>>()
        })
    };
    let hint = |guest: &Profile, policy: &Policy| {
        ask(policy, NOW, |question| {
            top(&Moment::of(guest, question)).map(|(kind, _)| kind.get().id.as_str().to_owned())
        })
    };
    let (treat, makes_good) = (of(|_| {}), of(|kind| kind.recovery = true));
    assert_eq!((against(&guest, &treat, "tea"), counted_on(&guest, &treat)), ("GENERIC", vec![6]));
    // All other dimensions agree; only what the customer was given this month exceeds the chef's authority.
    assert_eq!((against(&guest, &makes_good, "tea"), counted_on(&guest, &makes_good)), ("OVER_AUTHORITY", Vec::new()));
    assert_eq!(counted_on(&guest, &of(|kind| kind.celebrates = true)), [0_usize; 0], "nothing to celebrate is near");
    let elsewhere = of(|kind| kind.trial_venues = vec![VenueId::parse("", "other").unwrap()]);
    assert_eq!(counted_on(&guest, &elsewhere), [0_usize; 0]);
    assert_eq!(hint(&guest, &makes_good), None, "nothing went wrong");
    apply_at(&mut guest, NOW, Change::IssueOpened(issue("NOISE", "Room 7")));
    assert_eq!(hint(&guest, &makes_good).as_deref(), Some("tea"));
}

#[test]
fn authority_reaches_to_the_cent() {
    let kind = gesture_type("tea");
    let cost = kind.costs[0];
    let chef = role("chef", 500);
    fn expense<'a>(profile: &'a Profile, kind: &'a GestureType, cost: Money, issue: Option<PartId>) -> Expense<'a> {
        Expense { profile, kind, cost, issue, now: time(NOW) }
    }
    let over = |profile: &Profile, kind: &GestureType, cost: Money, role: Option<&Role>, issue, day| match team(
        &expense(profile, kind, cost, issue),
        role,
        day,
    ) {
        Some(Objection::OverLimit { limit, left }) => limit.name().to_owned() + " " + &left.minor_units.to_string(),
        Some(other) => other.code().to_owned(),
        None => String::new(),
    };
    let mut guest = profile();
    assert_eq!(over(&guest, &kind, cost, Some(&chef), None, Some(500)), "");
    assert_eq!(over(&guest, &kind, Money { minor_units: 501, ..cost }, Some(&chef), None, None), "per_gesture 500");
    assert_eq!(over(&guest, &kind, cost, Some(&chef), None, Some(499)), "per_day 499");
    assert_eq!(over(&guest, &kind, cost, None, None, None), "ROLE_UNKNOWN");
    let other = Role { may_give: MayGive::These(Vec::new()), ..chef.clone() };
    assert_eq!(over(&guest, &kind, cost, Some(&other), None, None), "TYPE_NOT_ALLOWED");
    // None stated means zero, and zero may give what costs nothing.
    let stated_none = Role { authorities: Vec::new(), ..chef.clone() };
    assert_eq!(over(&guest, &kind, cost, Some(&stated_none), None, None), "per_gesture 0");
    assert_eq!(over(&guest, &kind, Money { minor_units: 0, ..cost }, Some(&stated_none), None, Some(0)), "");

    apply_at(&mut guest, NOW, Change::IssueOpened(issue("NOISE", "")));
    let for_issue = GestureDraft { issue: Some(PartId(1)), cost: Money { minor_units: 1, ..cost }, ..gift("cake") };
    apply_at(&mut guest, NOW, Change::GestureGiven(for_issue));
    assert_eq!(over(&guest, &kind, cost, Some(&chef), Some(PartId(1)), None), "per_incident 499");
    assert_eq!(over(&guest, &kind, cost, Some(&chef), None, None), "");
    apply_at(&mut guest, NOW, Change::GestureGiven(gift("cake")));
    assert_eq!(over(&guest, &kind, cost, Some(&chef), None, None), "per_guest 499");
    let cancelled = Change::GestureCancelled { id: PartId(3), reason: "a slip".to_owned() };
    apply_at(&mut guest, NOW, cancelled);
    assert_eq!(over(&guest, &kind, cost, Some(&chef), None, None), "");
    let rules = Rules { roles: vec![role("waiter", 499), chef], ..Rules::default() };
    let approving = approving(&expense(&guest, &kind, cost, None), &rules);
    assert_eq!(approving.iter().map(RoleId::as_str).collect::<Vec<_>>(), ["chef"]);
}

#[test]
fn what_is_counted_on_ranks_below_what_is_fresh() {
    let policy = policy(vec![gesture_type("tea"), gesture_type("note")]);
    let till = GiverLimits { role: policy.rules.role("chef"), month_left: 10_000, day_left: 10_000 };
    let guest = accustomed(4);
    let ranked = |till: &GiverLimits<'_>| {
        ask(&policy, NOW, |question| {
            let all = suggest(&guest, question, till, None);
            all.iter().map(|one| (one.kind.id.as_str().to_owned(), one.is_suggested())).collect::<Vec<_>>()
        })
    };
    assert_eq!(ranked(&till), [("note".to_owned(), true), ("tea".to_owned(), true)]);
    // Nothing is suggested without the money, or without the authority.
    let poor =
        [(499, 10_000), (10_000, 499)].map(|(month_left, day_left)| GiverLimits { month_left, day_left, ..till });
    for short in poor.into_iter().chain([GiverLimits { role: None, ..till }]) {
        assert!(ranked(&short).iter().all(|(_, suggested)| !suggested));
    }
}
