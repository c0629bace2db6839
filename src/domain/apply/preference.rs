//! Changes of preferences.

use super::effect::{Effect, TouchedParts, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, limits::PREFERENCES_MAX},
    parts::preference::{Evidence, Preference},
    profile::Profile,
};

/// Preferences are ordered by subject, so that the same evidence makes the same profile in any order.
pub(super) fn record(profile: &mut Profile, evidence: &Evidence, stamp: &Stamp) -> Result<Effect, Refusal> {
    let known = profile.preferences.iter().position(|known| known.subject == evidence.subject);
    // Spelt in another way it is the same.
    let alike = || profile.preferences.iter().position(|known| known.subject.is_alike(&evidence.subject));
    if let Some(index) = known.or_else(alike) {
        let mut known = profile.preferences.remove(index);
        known.fold(evidence, &stamp.by);
        insert(profile, known);
        return Ok(touched(TouchedParts::PREFERENCES));
    }
    if profile.preferences.len() >= PREFERENCES_MAX {
        return Err(Refusal::LimitReached { what: "preferences", max: PREFERENCES_MAX });
    }
    insert(profile, Preference::from_evidence(evidence, &stamp.by));
    Ok(touched(TouchedParts::PREFERENCES))
}

fn insert(profile: &mut Profile, preference: Preference) {
    let index = profile.preferences.partition_point(|known| known.subject < preference.subject);
    profile.preferences.insert(index, preference);
}

pub(super) fn remove(profile: &mut Profile, id: &str) -> Result<Effect, Refusal> {
    let index = profile.preferences.iter().position(|known| known.subject.preference_id() == id);
    let index = index.ok_or(Refusal::Missing { what: "preference" })?;
    profile.preferences.remove(index);
    Ok(touched(TouchedParts::PREFERENCES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        parts::preference::{EvidenceSource, Stance, Subject},
        testing::{evidence, profile, stamp},
    };

    #[test]
    fn each_word_is_the_same_with_its_accents_and_without() {
        let kept = |spellings: &[&str]| {
            let (mut profile, by) = (profile(), stamp("2026-06-01T13:00:00Z", "mara@x"));
            for item in spellings {
                let said = evidence(item, Stance::Likes, EvidenceSource::Stated, None, "2026-03-02T10:00:00Z");
                record(&mut profile, &said, &by).unwrap();
            }
            profile.preferences.into_iter().map(|known| known.subject.item).collect::<Vec<_>>()
        };
        let mut spellings = ["crème brûlée", "crème brulée", "creme brûlée", "CREME BRULEE"];
        assert_eq!(kept(&spellings), ["crème brûlée"]);
        spellings.reverse();
        assert_eq!(kept(&spellings), ["crème brûlée"]);
        assert_eq!(kept(&["pâte", "pâté"]), ["pâte", "pâté"]);
        assert_eq!(kept(&["Weißbier", "WEIẞBIER", "WEISSBIER"]).len(), 1);
        let beside = |category: &str| {
            let said = evidence("tea", Stance::Likes, EvidenceSource::Stated, None, "2026-03-02T10:00:00Z");
            Evidence { subject: Subject { category: category.to_owned(), ..said.subject.clone() }, ..said }
        };
        assert!(beside("getränke ß").subject.is_alike(&beside("getränke ss").subject));
        assert!(!beside("drink").subject.is_alike(&beside("food").subject));
    }

    #[test]
    fn what_is_kept_away_is_no_favourite_in_another_spelling() {
        let spellings = ["Crème brûlée", "creme brulee", "CREME-BRULEE", "crème Brûlée"];
        let stances = [Stance::Avoid, Stance::Favourite, Stance::Likes, Stance::Avoid];
        let stated = |at: usize| {
            let when = format!("2026-06-01T12:00:0{at}Z");
            evidence(spellings[at], stances[at], EvidenceSource::Stated, None, &when)
        };
        let in_order = |order: [usize; 4]| {
            let (mut profile, by) = (profile(), stamp("2026-06-01T13:00:00Z", "mara@x"));
            for other in ["brandy", "oysters"] {
                let other = evidence(other, Stance::Likes, EvidenceSource::Stated, None, "2026-03-02T10:00:00Z");
                record(&mut profile, &other, &by).unwrap();
            }
            for at in order {
                record(&mut profile, &stated(at), &by).unwrap();
            }
            assert!(profile.preferences.is_sorted_by(|one, other| one.subject < other.subject));
            let known = |known: &&Preference| !["brandy", "oysters"].contains(&known.subject.item.as_str());
            let [kept]: [Preference; 1] =
                profile.preferences.iter().filter(known).cloned().collect::<Vec<_>>().try_into().expect("one");
            (kept.subject.item, kept.stance, kept.stated.count)
        };
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            assert_eq!(in_order(order), ("crème Brûlée".to_owned(), Stance::Avoid, 4), "{order:?}");
        }
    }
}
