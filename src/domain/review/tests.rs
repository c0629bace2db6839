use std::collections::BTreeMap;

use super::{facts::Count, *};
use crate::domain::{
    Change, Profile,
    absence::slips_away,
    apply::{apply, settle_level},
    gesture::{ExpectationLevel, GestureDraft, GestureOutcome},
    id::PartId,
    policy::{LevelConditions, Policy, Standards},
    relationship,
    testing::{self, issue, promise, purchase, stamp, time},
};

/// Counters as the index worker keeps them, of one customer whose changes come one by one.
struct Counters {
    policy: Policy,
    profile: Profile,
    counts: BTreeMap<(String, String), i64>,
}

impl Counters {
    fn new() -> Self {
        let mut policy = testing::policy();
        policy.rules.standards = Standards { resolve_within: Some(3_600), ..Standards::default() };
        Self { policy, profile: testing::profile(), counts: BTreeMap::new() }
    }

    fn add(&mut self, counts: Vec<Count>) {
        for Count { tally, key, n } in counts {
            *self.counts.entry((tally, key)).or_default() += n;
        }
        self.counts.retain(|_, n| *n != 0);
    }

    fn change(&mut self, at: &str, change: Change) {
        self.change_by("mara@till-4", at, change);
    }

    fn change_by(&mut self, who: &str, at: &str, change: Change) {
        let before = Facts::of(&self.profile, &self.policy, time(at));
        apply(&mut self.profile, &change, &stamp(at, who)).unwrap();
        let level = relationship::level(&self.profile, &self.policy.rules, time(at));
        settle_level(&mut self.profile, level);
        let after = Facts::of(&self.profile, &self.policy, time(at));
        self.add(counted(Some(&before), Some(&after), time(at)));
    }

    fn of(&self, tally: &str) -> BTreeMap<&str, i64> {
        let own = self.counts.iter().filter(|((name, _), _)| name == tally);
        own.map(|((_, key), n)| (key.as_str(), *n)).collect()
    }
}

fn resolved(id: u32) -> Change {
    Change::IssueResolved { id: PartId(id), resolution: "repaired".to_owned() }
}

fn reopened(id: u32) -> Change {
    Change::IssueReopened { id: PartId(id), reason: "again".to_owned() }
}

fn completed(id: u32, kept: bool) -> Change {
    Change::FollowUpCompleted { id: PartId(id), kept, rating: 0 }
}

fn gesture() -> GestureDraft {
    GestureDraft {
        gesture_type: crate::domain::id::GestureTypeId::parse("", "sorbet").unwrap(),
        venue: crate::domain::VenueId::parse("", "here").unwrap(),
        cost: crate::domain::money::Money::parse("", "USD", 500).unwrap(),
        note: String::new(),
        place: String::new(),
        deliver_time: None,
        deliver_owner: String::new(),
        issue: None,
        expectation: ExpectationLevel::Augmented,
        role: crate::domain::id::RoleId::parse("", "manager").unwrap(),
        proposed: false,
        drawn_on: None,
    }
}

#[test]
fn an_issue_counts_in_the_months_on_the_venues_clock_and_again_when_it_is_reopened() {
    let mut counters = Counters::new();
    // In New York it is still November.
    counters.change("2017-12-01T03:00:00Z", Change::IssueOpened(issue("NOISE", "Room 412")));
    counters.change("2017-12-01T04:00:00Z", resolved(1));
    counters.change("2017-12-01T06:00:00Z", reopened(1));
    counters.change("2017-12-01T07:00:01Z", resolved(1));
    let november = BTreeMap::from([
        ("cause|here|NOISE", 1),
        ("issue|here|opened", 1),
        ("issue|here|resolved", 1),
        ("standard|here|resolve|met", 1),
    ]);
    assert_eq!(counters.of("review/2017-11"), november);
    assert_eq!(counters.of("causes/2017-11"), BTreeMap::from([("here|NOISE|Room 412", 1)]));
    let december =
        BTreeMap::from([("issue|here|reopened", 1), ("issue|here|resolved", 1), ("standard|here|resolve|missed", 1)]);
    assert_eq!(counters.of("review/2017-12"), december);
}

#[test]
fn what_gives_way_to_newer_ones_stays_counted() {
    let mut counters = Counters::new();
    let issues = 2 * crate::domain::limits::ISSUES_MAX as u32;
    for id in 1..=issues {
        counters.change("2017-11-20T10:00:00Z", Change::IssueOpened(issue("NOISE", "")));
        counters.change("2017-11-20T10:30:00Z", resolved(id));
    }
    assert!(counters.profile.issues.len() < issues as usize, "some gave way");
    let counts = counters.of("review/2017-11");
    assert_eq!((counts["issue|here|opened"], counts["issue|here|resolved"]), (issues.into(), issues.into()));
}

#[test]
fn promises_end_once_and_long_items_are_not_named() {
    let mut counters = Counters::new();
    for id in 1..=3 {
        counters.change("2017-12-10T10:00:00Z", Change::FollowUpPromised(promise("Call back")));
        assert_eq!(counters.profile.next_part, id + 1);
    }
    counters.change("2017-12-15T21:00:00Z", completed(1, true));
    counters.change("2017-12-15T23:00:00Z", completed(2, true));
    counters.change("2017-12-15T23:00:00Z", completed(3, false));
    let sentence = "the lady in the corner, whom everybody knows";
    counters.change("2017-12-16T10:00:00Z", Change::IssueOpened(issue("NOISE", sentence)));
    let counts = counters.of("review/2017-12");
    for key in ["promise|here|kept", "promise|here|kept_late", "promise|here|missed", "cause|here|NOISE"] {
        assert_eq!(counts[key], 1, "{key}");
    }
    assert!(counters.of("causes/2017-12").is_empty());
}

#[test]
fn a_gesture_moves_to_its_outcome_and_goes_when_it_is_taken_back() {
    let mut counters = Counters::new();
    counters.change("2017-12-01T10:00:00Z", Change::GestureGiven(GestureDraft { proposed: true, ..gesture() }));
    assert!(counters.of("gestures/2017-12").is_empty(), "it is only proposed");
    let role = gesture().role;
    counters.change_by(
        "nora@desk-1",
        "2017-12-01T11:00:00Z",
        Change::GestureApproved { id: PartId(1), role, drawn_on: None },
    );
    assert_eq!(counters.of("gestures/2017-12"), BTreeMap::from([("here|sorbet|AUGMENTED|", 1)]));
    let outcome = GestureOutcome::Declined;
    counters.change("2018-01-02T10:00:00Z", Change::GestureOutcomeRecorded { id: PartId(1), outcome });
    assert_eq!(counters.of("gestures/2017-12"), BTreeMap::from([("here|sorbet|AUGMENTED|DECLINED", 1)]));
    counters.change("2018-01-02T11:00:00Z", Change::GestureCancelled { id: PartId(1), reason: "error".to_owned() });
    assert!(counters.of("gestures/2017-12").is_empty());
    assert!(counters.of("gestures/2018-01").is_empty());
}

#[test]
fn the_third_time_it_is_expected_and_the_sixth_generic() {
    let mut counters = Counters::new();
    for day in 1..=6 {
        counters.change(&format!("2017-12-0{day}T10:00:00Z"), Change::GestureGiven(gesture()));
    }
    let drifted = |counters: &Counters, key: &str| counters.of("review/2017-12").get(key).copied();
    assert_eq!(drifted(&counters, "drift|sorbet|EXPECTED"), Some(1));
    assert_eq!(drifted(&counters, "drift|sorbet|GENERIC"), Some(1));
    counters.change("2017-12-07T10:00:00Z", Change::GestureCancelled { id: PartId(6), reason: "error".to_owned() });
    assert_eq!(drifted(&counters, "drift|sorbet|GENERIC"), None);
    // A year later it is special again, which is nothing that anybody did.
    let before = counters.counts.clone();
    counters.change("2019-12-07T10:00:00Z", Change::PrecautionsAsked(time("2019-12-07T10:00:00Z")));
    assert_eq!(counters.counts, before);
}

#[test]
fn a_customer_is_counted_under_one_level_whatever_time_and_policy_do() {
    let mut counters = Counters::new();
    let twice = |at: &str, key: &str| Change::InteractionRecorded(purchase(&format!("{key}{at}"), at, &[]));
    let needs =
        |visits_min| LevelConditions { visits_min, last_visit_days_max: 30, ..counters.policy.rules.engagement };
    let (strict, lenient) = (needs(3), needs(1));
    let never = LevelConditions { visits_min: 1_000, ..lenient };
    let unasked = |conditions| LevelConditions { stated_preferences_min: 0, ..conditions };
    counters.policy.rules.engagement = unasked(lenient);
    counters.policy.rules.intimacy = never;
    counters.change("2017-06-01T10:00:00Z", twice("2017-06-01T09:00:00Z", "a"));
    assert_eq!(counters.of(LEVELS), BTreeMap::from([("ENGAGEMENT", 1)]));
    // By October the last visit is too long ago: nothing has told so before, and the next visit finds them as they were.
    counters.change("2017-10-01T10:00:00Z", twice("2017-10-01T09:00:00Z", "b"));
    assert_eq!(counters.of(LEVELS), BTreeMap::from([("ENGAGEMENT", 1)]));
    // Another policy moves them when they change next.
    counters.policy.rules.engagement = unasked(strict);
    counters.change("2017-10-02T10:00:00Z", Change::PrecautionsAsked(time("2017-10-02T10:00:00Z")));
    assert_eq!(counters.of(LEVELS), BTreeMap::from([("BASIC", 1)]));
    assert_eq!(counters.of("review/2017-10"), BTreeMap::from([("moved|ENGAGEMENT|BASIC", 1)]));
    // Erased, they are in no level; that they moved stays.
    let last = Facts::of(&counters.profile, &counters.policy, time("2017-10-03T10:00:00Z"));
    counters.add(counted(Some(&last), None, time("2017-10-03T10:00:00Z")));
    assert!(counters.of(LEVELS).is_empty());
    assert_eq!(counters.of("review/2017-10").len(), 1);
}

#[test]
fn a_restored_customer_counts_with_what_is_kept_of_them() {
    let mut counters = Counters::new();
    counters.change("2017-12-01T10:00:00Z", Change::IssueOpened(issue("NOISE", "")));
    counters.change("2017-12-01T10:30:00Z", resolved(1));
    let facts = Facts::of(&counters.profile, &counters.policy, time("2018-03-01T10:00:00Z"));
    let counts = counters.counts.clone();
    counters.counts.clear();
    counters.add(counted(None, Some(&facts), time("2018-03-01T10:00:00Z")));
    assert_eq!(counters.counts, counts);
}

#[test]
fn who_is_away_three_intervals_is_slipping_away() {
    let visit = |profile: &mut Profile, at: &str| {
        let change = Change::InteractionRecorded(purchase(at, at, &[]));
        apply(profile, &change, &stamp(at, "till")).unwrap();
    };
    let mut guest = testing::profile();
    visit(&mut guest, "2017-01-01T12:00:00Z");
    visit(&mut guest, "2017-02-10T12:00:00Z");
    assert_eq!(slips_away(&guest.habits), None, "two visits make no habit");
    visit(&mut guest, "2017-03-22T12:00:00Z");
    // 40 days are usual; 120 days later is Thursday 20 July, and weeks begin as the epoch did, on a Thursday.
    assert_eq!(slips_away(&guest.habits), Some(time("2017-07-27T00:00:00Z")));
    let mut regular = testing::profile();
    for day in 1..=9 {
        visit(&mut regular, &format!("2017-01-0{day}T12:00:00Z"));
    }
    // Three days are no absence: 60 are, to 10 March.
    assert_eq!(slips_away(&regular.habits), Some(time("2017-03-16T00:00:00Z")));
}

#[test]
fn months_are_written_and_counted() {
    let month = |raw: &str| Month::parse(raw).unwrap();
    assert_eq!(month("2026-11").to_string(), "2026-11");
    assert_eq!(month("2026-12").next(), month("2027-01"));
    assert_eq!(month("2025-11").until(month("2026-02")), 3);
    assert_eq!(month("2026-02").start(), time("2026-02-01T00:00:00Z"));
    for wrong in ["2026-13", "2026-1", "202611", "2026-11-01", "26-11-01", ""] {
        assert_eq!(Month::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn counters_are_read_by_venue_and_what_has_no_place_is_told() {
    let counts = |pairs: &[(&str, i64)]| pairs.iter().map(|(key, n)| ((*key).to_owned(), *n)).collect();
    let review = counts(&[
        ("issue|here|opened", 3),
        ("issue|other|opened", 2),
        ("cause|here|NOISE", 3),
        ("moved|BASIC|ENGAGEMENT", 4),
        ("feedback", 2),
        ("score", 1_500),
        ("other", 7),
        ("promise|here|kept", -1),
    ]);
    let causes = counts(&[("here|NOISE|Room|412", 1), ("other|NOISE|x", 2), ("other", 1)]);
    let given = counts(&[("here|sorbet|AUGMENTED|", 5)]);
    let all = Figures::read(&review, &causes, &given, None);
    assert_eq!((all.opened, all.others, all.causes.len()), (5, 8, 3));
    assert_eq!(all.mean_score(), Some(0.75));
    assert_eq!(all.promises, Promises::default());
    let here = Figures::read(&review, &causes, &given, Some("here"));
    assert_eq!((here.opened, here.moved[0].movements, here.given[0].gestures), (3, 4, 5));
    assert_eq!(here.causes[1].item, "Room|412");
    let none = Figures::read(&review, &causes, &given, Some("nowhere"));
    assert_eq!((none.opened, none.causes.len(), none.given.len()), (0, 0, 0));
}
