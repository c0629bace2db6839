//! Who takes a precaution back, and what of it ends.

use super::super::*;
use crate::domain::{
    id::PartId,
    limits::PRECAUTIONS_MAX,
    mark::Deceased,
    precaution::{
        BasisKind, Criticality, Precaution, PrecautionDraft, PrecautionKind, PrecautionStatus, RecordBasis, Severity,
        Until,
    },
    profile::Asked,
    testing::{precaution, profile, stamp, time},
    time::Timestamp,
};

const NOW: &str = "2026-03-02T10:00:00Z";

fn by(author: &str) -> Stamp {
    stamp(NOW, author)
}

fn nuts(criticality: Criticality) -> Change {
    Change::PrecautionAdded(precaution(PrecautionKind::Allergy, "TREE_NUTS", criticality))
}

fn refuted() -> Change {
    Change::PrecautionReviewed { id: PartId(1), status: PrecautionStatus::Refuted, reason: "asked again".to_owned() }
}

#[test]
fn who_said_as_much_before_does_not_take_it_back_alone() {
    let (mut profile, refuted) = (profile(), refuted());
    let levels = [("mara", Criticality::High), ("jon", Criticality::Low), ("jon", Criticality::High)];
    for (who, criticality) in levels {
        apply(&mut profile, &nuts(criticality), &by(&[who, "@till-4"].concat())).unwrap();
    }
    for who in ["mara@till-4", "jon@till-4"] {
        assert_eq!(apply(&mut profile, &refuted, &by(who)), Err(Refusal::SecondPersonNeeded), "{who}");
    }
    apply(&mut profile, &refuted, &by("vera@till-4")).unwrap();
}

#[test]
fn what_is_said_for_some_time_ends_by_itself() {
    let until = |hours: i64| {
        let time = time(&format!("2026-03-02T{}:00:00Z", 10 + hours));
        Some(Until { time, is_departure: false })
    };
    let nuts = |text: &str, criticality, until| PrecautionDraft {
        text: text.to_owned(),
        until,
        ..precaution(PrecautionKind::Allergy, "NUTS", criticality)
    };
    let (low, high) = (Criticality::Low, Criticality::High);
    let cases = [
        // More words, or more danger, for some time: the one on record stays as it was.
        (nuts("", low, None), nuts("Chemotherapy", low, until(1)), 2),
        (nuts("", low, None), nuts("", high, until(1)), 2),
        (nuts("", high, None), nuts("", low, until(1)), 2),
        (nuts("", low, until(2)), nuts("Traces", low, until(1)), 2),
        (nuts("Chemotherapy", low, until(1)), nuts("", low, None), 2),
        // Nothing more, or for as long.
        (nuts("Traces", high, None), nuts("traces.", high, until(1)), 1),
        (nuts("", low, until(1)), nuts("Traces", high, None), 1),
        (nuts("Traces", low, until(1)), nuts("Traces", low, until(2)), 1),
    ];
    for (known, again, count) in cases {
        let name = format!("{known:?} {again:?}");
        let mut profile = profile();
        for (draft, who) in
            [(&known, "mara@till-4"), (&again, "jo@till-4"), (&again, "jo@till-4"), (&known, "mara@till-4")]
        {
            apply(&mut profile, &Change::PrecautionAdded(draft.clone()), &by(who)).unwrap();
        }
        assert_eq!(profile.precautions.len(), count, "{name}");
        let longest = profile.precautions.iter().find(|one| one.reported.until.is_none());
        if let (2, Some(longest)) = (count, longest) {
            let said = if known.until.is_none() { &known } else { &again };
            assert_eq!(&longest.reported, said, "{name}");
        }
    }
}

#[test]
fn whoever_takes_one_back_needs_a_second_person_beside_a_worse_one() {
    let mut profile = profile();
    let low = precaution(PrecautionKind::Allergy, "MILK", Criticality::Low);
    let until = Some(Until { time: time("2026-03-02T20:00:00Z"), is_departure: true });
    let high = PrecautionDraft { until, ..precaution(PrecautionKind::Allergy, "MILK", Criticality::High) };
    apply(&mut profile, &Change::PrecautionAdded(low), &by("mara@till-4")).unwrap();
    apply(&mut profile, &Change::PrecautionAdded(high), &by("jon@till-4")).unwrap();
    assert_eq!(profile.precautions.len(), 2);
    for who in ["mara@till-4", "jon@till-4", "till-9"] {
        assert_eq!(apply(&mut profile, &refuted(), &by(who)), Err(Refusal::SecondPersonNeeded), "{who}");
    }
    apply(&mut profile.clone(), &refuted(), &by("vera@till-4")).unwrap();
    // Once the worse one has ended, the first is hers.
    apply(&mut profile, &refuted(), &stamp("2026-03-02T21:00:00Z", "mara@till-4")).unwrap();
}

#[test]
fn what_is_said_again_after_a_death_was_reported_brings_back_all_of_it() {
    let mut profile = profile();
    let son = |text: &str, hour: Option<&str>| {
        let until = hour.map(|hour| Until { time: time(hour), is_departure: false });
        let draft = precaution(PrecautionKind::Allergy, "NUTS", Criticality::High);
        Change::PrecautionAdded(PrecautionDraft { of_whom: "my son".to_owned(), text: text.to_owned(), until, ..draft })
    };
    let died = Change::DeceasedMarked { deceased: true, of_whom: "my son".to_owned(), reason: String::new() };
    let at = |minute: u32, who: &str| stamp(&format!("2026-03-02T10:{minute:02}:00Z"), who);
    apply(&mut profile, &son("EpiPen", None), &at(0, "mara@till-4")).unwrap();
    apply(&mut profile, &died, &at(1, "mara@till-4")).unwrap();
    apply(&mut profile, &son("sits by the window", Some("2026-03-02T11:00:00Z")), &at(2, "vera@till-4")).unwrap();
    apply(&mut profile, &died, &at(3, "jon@till-4")).unwrap();
    for (hour, count) in [("2026-03-02T10:30:00Z", 2), ("2026-03-02T11:30:00Z", 1)] {
        let counting = profile.active_precautions(time(hour));
        assert_eq!(counting.len(), count, "{hour}");
        assert!(counting.iter().any(|known| known.reported.text.contains("EpiPen")), "{hour}");
    }
}

/// Numbers that follow from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

const HOURS: usize = 40;
const DEPARTURE: usize = 24;

fn hour(hour: usize) -> Timestamp {
    Timestamp::from_second(time(NOW).as_second() + i64::try_from(hour).unwrap() * 3_600).unwrap()
}

/// Some report of one allergy at an hour, with words that no other has, or with a word that others have too.
fn any_report(numbers: &mut Numbers, at: usize) -> PrecautionDraft {
    let said = [BasisKind::NotSaid, BasisKind::Consent, BasisKind::ThisVisitOnly][numbers.below(3)];
    let departure = Some(Until { time: hour(DEPARTURE), is_departure: true });
    let later = |end: usize| Some(Until { time: hour(end), is_departure: false });
    let until = match (said, numbers.below(3)) {
        (BasisKind::ThisVisitOnly, 0) | (_, 1) => departure,
        (BasisKind::ThisVisitOnly, _) => later((at + 1 + numbers.below(8)).min(DEPARTURE)),
        (_, 0) => None,
        _ => later(at + 1 + numbers.below(8)),
    };
    let text = match numbers.below(3) {
        0 => String::new(),
        1 => "often".to_owned(),
        _ => format!("words {at}"),
    };
    let criticality = [Criticality::Low, Criticality::Unknown, Criticality::High][numbers.below(3)];
    let basis = RecordBasis { said, how: String::new(), time: Some(hour(at)) };
    PrecautionDraft { text, until, basis, ..precaution(PrecautionKind::Allergy, "NUTS", criticality) }
}

/// The worst of some reports that hold at a time, and all their words.
fn told<'a>(all: impl Iterator<Item = &'a PrecautionDraft>, now: Timestamp) -> (Option<u8>, Vec<String>) {
    let held: Vec<&PrecautionDraft> = all.filter(|one| now < one.end()).collect();
    let words = held.iter().flat_map(|one| one.text.split(". ")).filter(|one| !one.is_empty()).map(str::to_owned);
    let mut words: Vec<String> = words.collect();
    words.sort();
    words.dedup();
    (held.iter().map(|one| one.criticality.rank()).max(), words)
}

#[test]
fn at_each_time_all_is_told_that_was_said_to_hold_then_and_no_more() {
    for seed in 0..400 {
        let (mut numbers, mut profile, mut reports) = (Numbers(seed), profile(), Vec::new());
        for at in 0..HOURS {
            if at < DEPARTURE && numbers.below(3) == 0 {
                let draft = any_report(&mut numbers, at);
                // One person alone: nothing becomes less critical.
                let by = Stamp { at: hour(at), ..by("mara@till-4") };
                apply(&mut profile, &Change::PrecautionAdded(draft.clone()), &by).unwrap();
                reports.push(draft);
            }
            let active = profile.active_precautions(hour(at));
            let told_now = told(active.into_iter().map(|known| &known.reported), hour(at));
            assert_eq!(told_now, told(reports.iter(), hour(at)), "seed {seed}, hour {at}: {reports:#?}");
        }
        // What has no end is told once.
        let stay = profile.precautions.iter().filter(|known| known.reported.until.is_none());
        assert!(stay.count() <= 1, "seed {seed}: {reports:#?}");
    }
}

#[test]
fn what_is_refused_leaves_what_is_on_record_as_it_was() {
    let mut profile = profile();
    let low = |text: &str| PrecautionDraft {
        text: text.to_owned(),
        until: (!text.is_empty()).then(|| Until { time: time("2026-03-02T12:00:00Z"), is_departure: false }),
        ..precaution(PrecautionKind::Allergy, "NUTS", Criticality::Low)
    };
    for index in 1..PRECAUTIONS_MAX {
        let other = precaution(PrecautionKind::Allergy, &format!("THING_{index}"), Criticality::High);
        apply(&mut profile, &Change::PrecautionAdded(other), &by("mara@till-4")).unwrap();
    }
    apply(&mut profile, &Change::PrecautionAdded(low("")), &by("mara@till-4")).unwrap();
    profile.deceased.push(Deceased {
        of_whom: String::new(),
        reported_by: by("mara@till-4").by,
        report_time: time(NOW),
        confirmed: None,
    });
    let before = profile.clone();
    let later = stamp("2026-03-02T11:00:00Z", "jon@till-4");
    let refused = apply(&mut profile, &Change::PrecautionAdded(low("Chemotherapy")), &later);
    assert!(matches!(refused, Err(Refusal::LimitReached { .. })), "{refused:?}");
    assert_eq!(profile, before);
}

#[test]
fn an_illness_in_one_record_with_a_pregnancy_outlasts_it() {
    let mut profile = profile();
    let end = time("2026-03-02T11:00:00Z");
    let recorded = PrecautionDraft {
        until: Some(Until { time: end, is_departure: false }),
        basis: RecordBasis { said: BasisKind::Consent, how: String::new(), time: Some(time("2025-05-26T11:00:00Z")) },
        ..precaution(PrecautionKind::Diet, "PREGNANT_COELIAC", Criticality::Unknown)
    };
    apply(&mut profile, &Change::PrecautionAdded(recorded), &by("mara@till-4")).unwrap();
    let parted = part_pregnancies(profile.clone());
    let found: Vec<_> = parted.precautions.iter().map(|known| (known.id, known.reported.code.as_str())).collect();
    assert_eq!(found, [(PartId(1), "PREGNANCY"), (PartId(2), "COELIAC")]);
    assert_eq!(parted.next_part, 3);
    let active: Vec<_> = parted.active_precautions(end).into_iter().map(|known| known.reported.kind).collect();
    assert_eq!(active, [PrecautionKind::Intolerance]);
    assert_eq!(part_pregnancies(parted.clone()), parted, "once is enough");
    // What somebody has ended is ended as a whole.
    profile.precautions[0].reported.status = PrecautionStatus::Resolved;
    assert_eq!(part_pregnancies(profile.clone()), profile);
}

#[test]
fn what_may_kill_by_its_words_is_taken_back_by_a_second_person() {
    let milk = |criticality, text: &str| PrecautionDraft {
        text: text.to_owned(),
        ..precaution(PrecautionKind::Allergy, "MILK", criticality)
    };
    let severe = PrecautionDraft { severity: Severity::Severe, ..milk(Criticality::Low, "") };
    let (low, high) = (Criticality::Low, Criticality::High);
    for (first, again) in [
        (milk(low, ""), milk(low, "anaphylactic, carries an EpiPen")),
        (milk(low, "EpiPen"), milk(low, "EpiPen")),
        (milk(low, ""), severe),
        (milk(high, "EpiPen"), milk(low, "")),
    ] {
        let name = format!("{first:?} {again:?}");
        let mut profile = profile();
        apply(&mut profile, &Change::PrecautionAdded(first.clone()), &by("mara@till-4")).unwrap();
        apply(&mut profile, &Change::PrecautionAdded(again.clone()), &by("jon@till-4")).unwrap();
        assert_eq!(profile.precautions.len(), 1, "{name}");
        assert_eq!(apply(&mut profile, &refuted(), &by("mara@till-4")), Err(Refusal::SecondPersonNeeded), "{name}");
        if first != again {
            assert_eq!(apply(&mut profile, &refuted(), &by("jon@till-4")), Err(Refusal::SecondPersonNeeded), "{name}");
        }
        apply(&mut profile, &refuted(), &by("vera@till-4")).unwrap();
    }
    // What is harmless by all that was said, one person takes back.
    let mut profile = profile();
    apply(&mut profile, &Change::PrecautionAdded(milk(low, "a little itch")), &by("mara@till-4")).unwrap();
    apply(&mut profile, &refuted(), &by("mara@till-4")).unwrap();
}

fn added(
    kind: PrecautionKind,
    code: &str,
    criticality: Criticality,
    all: &[(&str, BasisKind, Option<Until>)],
) -> Profile {
    let mut profile = profile();
    for ((text, said, until), who) in all.iter().zip(["mara@till-4", "jon@till-4", "vera@till-4"]) {
        let basis = RecordBasis { said: *said, ..RecordBasis::default() };
        let draft =
            PrecautionDraft { text: (*text).to_owned(), until: *until, basis, ..precaution(kind, code, criticality) };
        apply(&mut profile, &Change::PrecautionAdded(draft), &by(who)).unwrap();
    }
    profile
}

#[test]
fn what_is_said_again_of_a_visit_stays_as_long_as_that() {
    use BasisKind::{Consent, NotSaid, ThisVisitOnly};
    let departure = Some(Until { time: hour(DEPARTURE), is_departure: true });
    let soon = Some(Until { time: hour(1), is_departure: false });
    for (first, until) in [(NotSaid, None), (Consent, None), (NotSaid, departure)] {
        let all = [("", first, until), ("stoma bag", ThisVisitOnly, departure), ("stoma bag", NotSaid, None)];
        let profile = added(PrecautionKind::Accessibility, "WHEELCHAIR", Criticality::Low, &all);
        let found: Vec<_> =
            profile.precautions.iter().map(|one| (one.reported.text.as_str(), one.reported.until)).collect();
        assert_eq!(found, [("", until), ("stoma bag", departure)], "{first:?}");
    }
    // One that ends before the visit does is no end for what may be dangerous.
    for (criticality, ends) in [(Criticality::Unknown, 2), (Criticality::Low, 1)] {
        let all = [("", ThisVisitOnly, soon), ("", NotSaid, None)];
        let profile = added(PrecautionKind::Abstention, "PORK", criticality, &all);
        assert_eq!(profile.precautions.len(), ends, "{criticality:?}");
    }
    // Nor is it one for what a colleague says until later: what lasts until they leave ends then.
    let days = Some(Until { time: hour(30 * 24), is_departure: false });
    for (until, expected) in [(departure, vec![departure]), (days, vec![soon, days]), (soon, vec![soon])] {
        let all = [("", ThisVisitOnly, soon), ("", NotSaid, until)];
        let profile = added(PrecautionKind::Diet, "VEGAN", Criticality::Low, &all);
        let ends: Vec<_> = profile.precautions.iter().map(|one| one.reported.until).collect();
        assert_eq!(ends, expected, "{until:?}");
        assert_eq!(profile.precautions[0].reported.basis.said, ThisVisitOnly);
    }
    let severe = |said, until| PrecautionDraft {
        severity: Severity::Severe,
        until,
        basis: RecordBasis { said, ..RecordBasis::default() },
        ..precaution(PrecautionKind::Diet, "GLUTEN_FREE", Criticality::Low)
    };
    let mut profile = profile();
    for draft in [severe(ThisVisitOnly, soon), severe(NotSaid, None)] {
        apply(&mut profile, &Change::PrecautionAdded(draft), &by("mara@till-4")).unwrap();
    }
    assert_eq!(profile.precautions.len(), 2, "severe reactions");
}

#[test]
fn a_pregnancy_hides_nothing_that_was_said_aloud() {
    use BasisKind::{Consent, NotSaid};
    for (kind, code, text) in [
        (PrecautionKind::Diet, "HALAL", ""),
        (PrecautionKind::Abstention, "PORK", ""),
        (PrecautionKind::Accessibility, "WHEELCHAIR", "epilepsy, seizures: call 144"),
    ] {
        let own = (text, NotSaid, None);
        let pregnant = ("pregnant", Consent, None);
        for all in [[own, pregnant, pregnant], [pregnant, own, own]] {
            let profile = added(kind, code, Criticality::High, &all);
            let quiet: Vec<bool> = profile.precautions.iter().map(|one| one.reported.is_never_mentioned()).collect();
            assert_eq!(quiet, [false, true], "{code}");
        }
        // As older versions joined them.
        let mut old = added(kind, code, Criticality::High, &[own]);
        let joined = &mut old.precautions[0].reported;
        joined.text = [text, "pregnant"].map(str::to_owned).join(if text.is_empty() { "" } else { ". " });
        joined.basis.said = Consent;
        let parted = part_pregnancies(old);
        let told = |one: &Precaution| (one.reported.text.clone(), one.reported.is_never_mentioned());
        let found: Vec<_> = parted.precautions.iter().map(told).collect();
        assert_eq!(found, [(text.to_owned(), false), (String::new(), true)], "{code}");
        assert_eq!(part_pregnancies(parted.clone()), parted, "once is enough");
    }
}

#[test]
fn what_is_said_again_of_the_dead_is_no_answer() {
    let mut profile = profile();
    let milk = precaution(PrecautionKind::Allergy, "MILK", Criticality::High);
    let son = Change::PrecautionAdded(PrecautionDraft { of_whom: "my son".to_owned(), ..milk });
    let died = Change::DeceasedMarked { deceased: true, of_whom: "my son".to_owned(), reason: String::new() };
    let at = |minute: u32, who: &str| stamp(&format!("2026-03-02T10:{minute:02}:00Z"), who);
    apply(&mut profile, &son, &at(0, "mara@till-4")).unwrap();
    profile.asked_time = Some(time("2026-03-02T10:01:00Z"));
    apply(&mut profile, &died, &at(2, "mara@till-4")).unwrap();
    apply(&mut profile, &died, &at(3, "jon@till-4")).unwrap();
    let now = time("2026-03-02T10:30:00Z");
    assert_eq!(profile.asked(now), Asked::Outdated);
    apply(&mut profile, &son, &at(4, "vera@till-4")).unwrap();
    assert_eq!(profile.active_precautions(now).len(), 1);
    assert_eq!(profile.asked(now), Asked::Outdated);
    profile.asked_time = Some(time("2026-03-02T10:05:00Z"));
    assert!(profile.is_asked(now));
}
