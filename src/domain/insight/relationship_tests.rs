use super::*;
use crate::{
    domain::{
        Change, apply,
        issue::{IssueDraft, IssueSeverity},
        testing::{profile, stamp, time, venue},
    },
    phrasing,
};

const NOW: &str = "2026-06-01T12:00:00Z";

fn rules(engagement: LevelConditions, intimacy: LevelConditions) -> Rules {
    Rules { engagement, intimacy, ..Rules::default() }
}

fn visits(visits_min: u32) -> LevelConditions {
    LevelConditions {
        visits_min,
        last_visit_days_max: 90,
        stated_preferences_min: 0,
        confirmed_preferences_min: 0,
        feedback_min: 0,
        mean_score_min: 0,
        referrals_min: 0,
    }
}

fn regular(count: u64, last: &str) -> Profile {
    let mut profile = profile();
    profile.habits.visits = count;
    profile.habits.last_visit = Some(time(last));
    profile
}

#[test]
fn each_level_rests_on_the_one_below() {
    let rules = rules(visits(5), LevelConditions { visits_min: 2, ..visits(2) });
    let guest = regular(3, "2026-05-30T12:00:00Z");
    // What INTIMACY asks for holds, what ENGAGEMENT asks for does not.
    assert_eq!(level(&guest, &rules, time(NOW)), RelationshipLevel::Basic);
    let regular = regular(5, "2026-05-30T12:00:00Z");
    assert_eq!(level(&regular, &rules, time(NOW)), RelationshipLevel::Intimacy);
}

#[test]
fn staying_away_loosens_it() {
    let rules = rules(visits(2), visits(9));
    let guest = regular(3, "2026-05-01T12:00:00Z");
    assert_eq!(level(&guest, &rules, time(NOW)), RelationshipLevel::Engagement);
    assert_eq!(level(&guest, &rules, time("2026-09-01T12:00:00Z")), RelationshipLevel::Basic);
    let explained = assess(&guest, &rules, time(NOW));
    assert_eq!(explained.level, RelationshipLevel::Engagement);
    let missing = explained.conditions.iter().filter(|one| !one.holds);
    let missing: Vec<String> = missing.map(|one| phrasing::condition(phrasing::Language::English, one)).collect();
    assert_eq!(missing, ["6 more visits."]);
}

#[test]
fn a_stranger_holds_no_condition_of_recency() {
    let explained = assess(&profile(), &rules(visits(0), visits(0)), time(NOW));
    assert_eq!(explained.level, RelationshipLevel::Basic);
    assert_eq!(explained.conditions[0].actual, -1.0);
}

#[test]
fn an_issue_of_the_policys_severity_caps_until_it_is_resolved() {
    let rules = rules(visits(2), visits(3));
    let mut guest = regular(3, "2026-05-30T12:00:00Z");
    let issue = |severity| {
        Change::IssueOpened(IssueDraft {
            severity,
            cause: "AIR_CONDITIONING".into(),
            venue: venue("here", "inn", "UTC", 0).id,
            item: String::new(),
            text: String::new(),
            owner: String::new(),
        })
    };
    apply(&mut guest, &issue(IssueSeverity::Minor), &stamp(NOW, "mara@desk")).unwrap();
    assert_eq!(level(&guest, &rules, time(NOW)), RelationshipLevel::Intimacy);
    let made = apply(&mut guest, &issue(IssueSeverity::Major), &stamp(NOW, "mara@desk")).unwrap().created.unwrap();
    let explained = assess(&guest, &rules, time(NOW));
    assert_eq!((explained.level, explained.earned), (RelationshipLevel::Basic, RelationshipLevel::Intimacy));
    assert_eq!(explained.capped_by, [Cap::OpenIssue]);
    let resolved = Change::IssueResolved { id: made, resolution: "repaired".into() };
    apply(&mut guest, &resolved, &stamp(NOW, "mara@desk")).unwrap();
    assert_eq!(level(&guest, &rules, time(NOW)), RelationshipLevel::Intimacy);
}
