//! Changes of marks: deceased, barred.

use super::effect::{Effect, TouchedParts, touched};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, limits::DECEASED_MAX},
    parts::mark::{Bar, Barred, Deceased},
    profile::{CustomerKind, Profile},
    words::people::is_same_person,
};

/// Two people mark somebody as deceased; one undoes it. `of_whom`: empty, the customer.
pub(super) fn deceased(
    profile: &mut Profile,
    is_deceased: bool,
    of_whom: &str,
    stamp: &Stamp,
) -> Result<Effect, Refusal> {
    let known = profile.deceased.iter().position(|known| is_same_person(&known.of_whom, of_whom));
    match (known, is_deceased) {
        (None, false) => return Err(Refusal::NotActive { what: "mark" }),
        (Some(place), false) => {
            let undone = profile.deceased.remove(place);
            let since = undone.confirmed.filter(|_| undone.of_whom.is_empty()).map(|confirmed| confirmed.at);
            // Whoever answered meanwhile had somebody else's card.
            if since.is_some() && profile.asked_time > since {
                profile.asked_time = None;
                return Ok(touched(TouchedParts::DETAILS.with(TouchedParts::PRECAUTIONS)));
            }
        }
        (None, true) => report(profile, of_whom, stamp)?,
        (Some(place), true) => {
            let known = &mut profile.deceased[place];
            if known.confirmed.is_none() {
                if !stamp.by.is_second_person(&known.reported_by) {
                    return Err(Refusal::SecondPersonNeeded);
                }
                known.confirmed = Some(stamp.clone());
            }
        }
    }
    Ok(touched(TouchedParts::DETAILS))
}

/// A mark that names nobody on record would change nothing, and nobody would notice.
fn report(profile: &mut Profile, of_whom: &str, stamp: &Stamp) -> Result<(), Refusal> {
    if of_whom.is_empty() && profile.details.kind == CustomerKind::Household {
        return Err(Refusal::WhomOfSeveral);
    }
    if !of_whom.is_empty() && !profile.names(of_whom) {
        return Err(Refusal::NobodyNamed);
    }
    // Else the same person could confirm under their name what they said without one.
    if stamp.by.staff().is_none() {
        return Err(Refusal::StaffNotNamed);
    }
    if profile.deceased.len() >= DECEASED_MAX {
        return Err(Refusal::LimitReached { what: "marks of deceased people", max: DECEASED_MAX });
    }
    let (reported_by, report_time) = (stamp.by.clone(), stamp.at);
    profile.deceased.push(Deceased { of_whom: of_whom.to_owned(), reported_by, report_time, confirmed: None });
    Ok(())
}

/// The latest bar counts. Who may end, shorten or replace one is decided by the use case.
/// The same one until later is still of whoever set it.
pub(super) fn bar(profile: &mut Profile, bar: &Bar, stamp: &Stamp) -> Effect {
    let is_same = |known: &Bar| stamp.at < known.until && (&known.code, &known.text) == (&bar.code, &bar.text);
    if let Some(known) = profile.barred.as_mut().filter(|known| is_same(&known.bar) && known.bar.until <= bar.until) {
        known.bar.until = bar.until;
        return touched(TouchedParts::DETAILS);
    }
    profile.barred = Some(Barred { bar: bar.clone(), by: stamp.by.clone(), time: stamp.at });
    touched(TouchedParts::DETAILS)
}

pub(super) fn lift(profile: &mut Profile) -> Result<Effect, Refusal> {
    profile.barred.take().ok_or(Refusal::NotActive { what: "bar" })?;
    Ok(touched(TouchedParts::DETAILS))
}
