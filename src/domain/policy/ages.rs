//! From which age something may be offered, by venue and substance.

use crate::domain::{kernel::id::VenueId, parts::identity::Region};

/// The age from which something may be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalAge {
    /// `None`: every venue that has no age of its own.
    pub venue: Option<VenueId>,
    /// The code of a substance; empty: what is not for minors.
    pub substance: String,
    /// 0: any age.
    pub years: u8,
}

/// What has an age where the policy does not say: alcohol, and what is not for minors.
const WITH_DEFAULT: [&str; 2] = [ALCOHOL, ""];
const ALCOHOL: &str = "ALCOHOL";
/// Below it everybody is a child by Article 1 of the UN Convention on the Rights of the Child; and the age for alcohol in most
/// countries (WHO, Global status report on alcohol and health 2014).
const ADULT: u8 = 18;
/// Where nobody knows in which country the venue is: the highest age of a whole country, by the same report.
const STRICTEST: u8 = 21;
/// Countries with a higher age for alcohol in restaurants; where it differs by drink or province, the highest. docs/policy.md
/// names the laws.
const ALCOHOL_AGES: [([u8; 2], u8); 12] = [
    (*b"CA", 19),
    (*b"ID", 21),
    (*b"IN", 25),
    (*b"IS", 20),
    (*b"JP", 20),
    (*b"KR", 19),
    (*b"LK", 21),
    (*b"LT", 20),
    (*b"MY", 21),
    (*b"NO", 20),
    (*b"TH", 20),
    (*b"US", 21),
];

/// The ages that hold at a venue in a region: substance and years, each substance once.
pub(super) fn at_venue<'a>(
    decided: &'a [LegalAge],
    venue: &VenueId,
    region: Option<Region>,
) -> impl Iterator<Item = (&'a str, u8)> {
    let mut all: Vec<&str> = decided.iter().map(|age| age.substance.as_str()).chain(WITH_DEFAULT).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(move |substance| {
        let at = |venue: Option<&VenueId>| {
            let is_meant = |age: &&LegalAge| age.venue.as_ref() == venue && age.substance == substance;
            decided.iter().find(is_meant).map(|age| age.years)
        };
        (substance, at(Some(venue)).or_else(|| at(None)).unwrap_or_else(|| default(substance, region)))
    })
}

fn default(substance: &str, region: Option<Region>) -> u8 {
    match region {
        _ if substance != ALCOHOL => ADULT,
        None => STRICTEST,
        Some(Region(region)) => {
            ALCOHOL_AGES.iter().find(|(country, _)| *country == region).map_or(ADULT, |(_, years)| *years)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> VenueId {
        VenueId::parse("", "here").expect("an id")
    }

    fn ages(region: Option<&[u8; 2]>, decided: Vec<LegalAge>) -> Vec<(String, u8)> {
        let here = here();
        let all = at_venue(&decided, &here, region.map(|region| Region(*region)));
        all.map(|(substance, years)| (substance.to_owned(), years)).collect()
    }

    #[test]
    fn where_the_policy_says_nothing_the_country_decides() {
        let both = |alcohol| vec![(String::new(), 18), ("ALCOHOL".to_owned(), alcohol)];
        assert_eq!(ages(Some(b"CH"), Vec::new()), both(18));
        assert_eq!(ages(Some(b"US"), Vec::new()), both(21));
        assert_eq!(ages(Some(b"JP"), Vec::new()), both(20));
        assert_eq!(ages(None, Vec::new()), both(21));
        assert!(ALCOHOL_AGES.is_sorted() && ALCOHOL_AGES.iter().all(|(_, years)| *years > ADULT));
    }

    #[test]
    fn a_venues_own_age_comes_before_the_age_of_all() {
        let venue = here();
        let age = |venue: Option<&VenueId>, substance: &str, years| LegalAge {
            venue: venue.cloned(),
            substance: substance.to_owned(),
            years,
        };
        let all = vec![age(None, "ALCOHOL", 20), age(Some(&venue), "ALCOHOL", 16), age(None, "CAFFEINE", 14)];
        let expected = [("", 18), ("ALCOHOL", 16), ("CAFFEINE", 14)];
        assert_eq!(ages(Some(b"US"), all), expected.map(|(substance, years)| (substance.to_owned(), years)));
        let other = VenueId::parse("", "elsewhere").expect("an id");
        assert_eq!(ages(Some(b"US"), vec![age(Some(&other), "ALCOHOL", 16)])[1].1, 21);
    }
}
