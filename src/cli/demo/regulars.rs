//! Regulars of bar and restaurant, made to show what is concluded from what they do: habits, absence; and what was asked.

use crate::proto::{
    ConsentState, Criticality, IdentityType, Interaction, OccasionKind, PrecautionKind, Purpose, Stance,
};

use super::{
    Sample,
    days::{Days, gregorian},
    draft::{Party, consent, identity, occasion, person, precaution, purchase, stated},
    venues::{BAR, LISBON, RESTAURANT, ZURICH},
};

pub fn all(days: &Days) -> Vec<Sample> {
    vec![ines(days), hans(days), sophie(days), leah(days)]
}

/// Every Friday evening for four months: nearly always the same drink, often the same dish. Nobody has asked her whether
/// she wants offers: after so many visits somebody may.
fn ines(days: &Days) -> Sample {
    const FRIDAYS: i32 = 18;
    let card = "GC-2001";
    let mut draft = person("Inês Carvalho", "Inês", "pt-PT", card);
    draft.identities.push(identity(IdentityType::Email, "ines.carvalho@example.com", ""));
    draft.precautions_asked = true;
    let fridays = (1..=FRIDAYS).map(|nth| {
        let mut lines = vec![("white port and tonic", "drink", 850)];
        if nth % 3 != 0 {
            lines.push(("bacalhau à brás", "main", 1_650));
        }
        if nth % 4 == 0 {
            lines.push(("pastel de nata", "dessert", 220));
        }
        // Not to the minute: people are not clocks.
        let minute = i8::try_from(nth * 7 % 40).unwrap_or_default();
        purchase(card, BAR, &format!("friday-{nth}"), days.friday(nth, 19, minute, LISBON), Party(2), &lines)
    });
    Sample { draft, interactions: fridays.collect() }
}

/// Came every week, and has not come for eight months.
fn hans(days: &Days) -> Sample {
    let card = "GC-2002";
    let mut draft = person("Hans Petersen", "Herr Petersen", "de", card);
    draft.precautions_asked = true;
    draft.evidence = vec![stated("wine", "Completer from Graubünden", Stance::Favourite, days.ago(300, 12, 0, ZURICH))];
    let asked = "newsletter, unsubscribed";
    draft.consents = vec![consent(Purpose::Marketing, ConsentState::Withdrawn, asked, days.ago(230, 9, 0, ZURICH))];
    let lunches = (0..20_i64).map(|week| lunch(card, week, days));
    Sample { draft, interactions: lunches.collect() }
}

fn lunch(card: &str, week: i64, days: &Days) -> Interaction {
    const DAYS_AWAY: i64 = 240;
    let when = days.ago(DAYS_AWAY + 7 * week, 12, 30, ZURICH);
    let lines = [("Zürcher Geschnetzeltes", "main", 4_200), ("Completer, glass", "drink", 1_400)];
    purchase(card, RESTAURANT, &format!("lunch-{week}"), when, Party(1), &lines)
}

/// Was asked about precautions and has none: not the same as never asked.
fn sophie(days: &Days) -> Sample {
    let mut draft = person("Sophie Lindqvist", "Sophie", "sv", "GC-2003");
    draft.precautions_asked = true;
    draft.evidence = vec![stated("drink", "flat white, oat milk", Stance::Favourite, days.ago(5, 9, 0, ZURICH))];
    let bill = [("flat white, oat milk", "drink", 620), ("cinnamon bun", "pastry", 480)];
    let interactions = vec![purchase("GC-2003", RESTAURANT, "bill-1", days.ago(5, 9, 0, ZURICH), Party(1), &bill)];
    Sample { draft, interactions }
}

/// Born on 29 February: kept on the 28th in common years. Keeps kosher.
fn leah(days: &Days) -> Sample {
    let mut draft = person("Leah Goldberg", "Mrs Goldberg", "en-US", "GC-2004");
    draft.precautions = vec![precaution(PrecautionKind::Diet, "KOSHER", "Sealed meals are fine.", Criticality::Low)];
    draft.precautions_asked = true;
    draft.occasions = vec![occasion(OccasionKind::Birthday, gregorian(Some(1972), 2, 29))];
    let bill = [("grilled char", "main", 3_900), ("mineral water", "drink", 700)];
    let interactions = vec![purchase("GC-2004", RESTAURANT, "bill-1", days.ago(70, 19, 30, ZURICH), Party(2), &bill)];
    Sample { draft, interactions }
}
