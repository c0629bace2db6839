//! Who takes a precaution back, and what of it ends.

use super::super::*;
use crate::domain::{
    id::PartId,
    precaution::{Criticality, PrecautionDraft, PrecautionKind, PrecautionStatus, Until},
    testing::{precaution, profile, stamp, time},
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
