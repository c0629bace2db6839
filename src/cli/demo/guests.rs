//! Customers of the hotels and the restaurant, made to show what can be recorded of somebody: precautions, preferences, names,
//! identities, occasions.

use crate::proto::{
    ConsentState, Criticality, CustomerDraft, CustomerKind, Identity, IdentityType, OccasionDraft, OccasionKind,
    PrecautionDraft, PrecautionKind, Purpose, ReactionSeverity, Stance,
};

use super::{
    Sample,
    days::{Anniversary, Days, gregorian},
    draft::{Party, consent, identity, observed, occasion, person, precaution, purchase, stated, stay},
    venues::{BEACH, CANCUN, HOTEL, RESTAURANT, ZURICH},
};

/// A phone that a family and its daughter share.
const FAMILY_PHONE: &str = "+41 44 668 18 00";

pub fn all(days: &Days) -> Vec<Sample> {
    vec![elena(days), tomas(days), james(days), amara(days), keller_family(days), nina(days), hanako(days), priya(days)]
}

/// The guest the demo begins with: arrives on her birthday, must not get nuts, and once danced to mariachi music at another hotel.
/// That is a single observation: it is asked about there and told nowhere else, and not acted on. Before anybody knew of her allergy
/// she said that she likes almond cake: that holds at every venue, and only the allergy excludes the cake.
fn elena(days: &Days) -> Sample {
    let card = "GC-1017";
    let mut draft = person("Elena Marchetti", "Ms Marchetti", "it", card);
    draft.identities.push(identity(IdentityType::Pms, "88213", "opera-zrh"));
    let room = identity(IdentityType::Room, "412", HOTEL);
    draft.identities.push(Identity { expire_time: Some(days.ahead(3)), ..room });
    draft.identities.push(identity(IdentityType::Phone, "+44 20 7946 0018", ""));
    draft.identities.push(identity(IdentityType::Email, "elena.marchetti@example.com", ""));
    let nuts = "Also traces. Carries an EpiPen.";
    let nuts = precaution(PrecautionKind::Allergy, "TREE_NUTS", nuts, Criticality::High);
    draft.precautions.push(PrecautionDraft { severity: ReactionSeverity::Severe.into(), ..nuts });
    draft.precautions_asked = true;
    draft.evidence = vec![
        stated("drink", "chinotto, no ice", Stance::Favourite, days.ago(40, 18, 0, ZURICH)),
        stated("room", "a room on a high floor, lake side", Stance::Likes, days.ago(400, 15, 0, ZURICH)),
        stated("room", "feather pillows", Stance::Avoid, days.ago(400, 15, 5, ZURICH)),
        stated("dessert", "almond cake", Stance::Likes, days.ago(400, 15, 10, ZURICH)),
        observed("music", "mariachi", BEACH, days.ago(210, 21, 0, CANCUN)),
    ];
    draft.occasions = vec![
        occasion(OccasionKind::Birthday, days.yearly(Anniversary { in_days: 0, years: 41 })),
        OccasionDraft {
            of_whom: "daughter Mia".into(),
            ..occasion(OccasionKind::Birthday, days.yearly(Anniversary { in_days: 9, years: 8 }))
        },
    ];
    draft.consents = vec![
        consent(Purpose::Service, ConsentState::Granted, "registration form, signed", days.ago(400, 15, 0, ZURICH)),
        consent(Purpose::Marketing, ConsentState::Denied, "asked at check-in", days.ago(400, 15, 1, ZURICH)),
    ];
    let interactions = vec![
        stay(card, HOTEL, "stay-1", days.ago(400, 15, 0, ZURICH)),
        stay(card, BEACH, "stay-2", days.ago(210, 15, 0, CANCUN)),
        stay(card, HOTEL, "stay-3", days.ago(40, 15, 0, ZURICH)),
        purchase(
            card,
            RESTAURANT,
            "bill-1",
            days.ago(40, 20, 0, ZURICH),
            Party(2),
            &[("risotto al limone", "main", 3_800), ("chinotto", "drink", 750)],
        ),
    ];
    Sample { draft, interactions }
}

/// Mariachi again, but seen three times and then said: it is acted on, at every venue. Nobody has asked about precautions.
fn tomas(days: &Days) -> Sample {
    let card = "GC-1002";
    let mut draft = person("Tomás Herrera", "Señor Herrera", "es-MX", card);
    draft.evidence = vec![
        observed("music", "mariachi", BEACH, days.ago(330, 21, 0, CANCUN)),
        observed("music", "mariachi", BEACH, days.ago(200, 21, 30, CANCUN)),
        observed("music", "mariachi", BEACH, days.ago(90, 22, 0, CANCUN)),
        stated("music", "mariachi", Stance::Likes, days.ago(89, 9, 0, CANCUN)),
        stated("drink", "mezcal, neat", Stance::Favourite, days.ago(200, 22, 0, CANCUN)),
    ];
    draft.consents =
        vec![consent(Purpose::Marketing, ConsentState::Granted, "asked at check-out", days.ago(89, 9, 5, CANCUN))];
    let interactions =
        [330, 200, 90].map(|ago| stay(card, BEACH, &format!("stay-{ago}"), days.ago(ago, 15, 0, CANCUN)));
    Sample { draft, interactions: interactions.into() }
}

/// Does not drink: that may be said, and is acted on. The reason is a topic of its own, which is never mentioned.
fn james(days: &Days) -> Sample {
    let mut draft = person("James Whitfield", "Mr Whitfield", "en-GB", "GC-1003");
    let alcohol = "Not offered, not in sauces or desserts, none in the minibar.";
    draft.precautions = vec![
        precaution(PrecautionKind::Abstention, "ALCOHOL", alcohol, Criticality::High),
        precaution(PrecautionKind::Topic, "SOBRIETY", "Never ask why he does not drink.", Criticality::High),
    ];
    draft.precautions_asked = true;
    draft.evidence =
        vec![stated("drink", "elderflower soda with lime", Stance::Favourite, days.ago(60, 18, 0, ZURICH))];
    let interactions = vec![stay("GC-1003", HOTEL, "stay-1", days.ago(60, 14, 0, ZURICH))];
    Sample { draft, interactions }
}

/// Uses a wheelchair.
fn amara(days: &Days) -> Sample {
    let mut draft = person("Amara Okafor", "Dr Okafor", "en", "GC-1004");
    let need = "Step-free table with room beside it, roll-in shower.";
    draft.precautions = vec![precaution(PrecautionKind::Accessibility, "WHEELCHAIR", need, Criticality::Low)];
    draft.precautions_asked = true;
    draft.evidence = vec![stated("table", "a table by the window", Stance::Likes, days.ago(25, 19, 0, ZURICH))];
    let interactions = vec![purchase(
        "GC-1004",
        RESTAURANT,
        "bill-1",
        days.ago(25, 19, 0, ZURICH),
        Party(4),
        &[("perch fillets", "main", 4_400), ("Riesling, glass", "drink", 1_200)],
    )];
    Sample { draft, interactions }
}

/// A household behind one card; its phone is also the daughter's.
fn keller_family(days: &Days) -> Sample {
    let mut draft = person("Keller family", "Family Keller", "de-CH", "GC-1005");
    if let Some(details) = &mut draft.details {
        details.kind = CustomerKind::Household.into();
    }
    draft.identities.push(identity(IdentityType::Phone, FAMILY_PHONE, ""));
    draft.precautions_asked = true;
    draft.evidence =
        vec![stated("table", "a high chair for the youngest", Stance::Likes, days.ago(120, 12, 0, ZURICH))];
    draft.occasions = vec![OccasionDraft {
        of_whom: "grandmother Ruth".into(),
        ..occasion(OccasionKind::Birthday, days.yearly(Anniversary { in_days: 20, years: 79 }))
    }];
    draft.consents =
        vec![consent(Purpose::Marketing, ConsentState::Granted, "club form, signed", days.ago(120, 13, 0, ZURICH))];
    let interactions = [120, 92, 64, 36, 8].map(|ago| {
        purchase(
            "GC-1005",
            RESTAURANT,
            &format!("bill-{ago}"),
            days.ago(ago, 12, 15, ZURICH),
            Party(5),
            &[("rösti", "main", 2_600), ("children's pasta", "main", 1_400), ("apple juice", "drink", 650)],
        )
    });
    Sample { draft, interactions: interactions.into() }
}

/// The daughter: found by the family's phone as well, so a call from it is answered with both, and with her allergy.
fn nina(days: &Days) -> Sample {
    let mut draft = person("Nina Keller", "Nina", "de-CH", "GC-1006");
    draft.identities.push(identity(IdentityType::Phone, FAMILY_PHONE, ""));
    let peanuts = precaution(PrecautionKind::Allergy, "PEANUTS", "Also peanut oil.", Criticality::High);
    draft.precautions = vec![PrecautionDraft { severity: ReactionSeverity::Moderate.into(), ..peanuts }];
    draft.precautions_asked = true;
    draft.evidence = vec![stated("dessert", "lemon sorbet", Stance::Favourite, days.ago(36, 13, 0, ZURICH))];
    let bill = [("lemon sorbet", "dessert", 950), ("apple juice", "drink", 650)];
    let interactions = vec![purchase("GC-1006", RESTAURANT, "bill-1", days.ago(36, 13, 0, ZURICH), Party(1), &bill)];
    Sample { draft, interactions }
}

/// A name in another script, and how it is said.
fn hanako(days: &Days) -> Sample {
    let mut draft = person("山田 花子", "山田様", "ja", "GC-1007");
    if let Some(name) = draft.details.as_mut().and_then(|details| details.name.as_mut()) {
        name.pronunciation = "yah-MAH-dah HAH-nah-koh".into();
    }
    draft.precautions = vec![precaution(PrecautionKind::Intolerance, "LACTOSE", "", Criticality::Low)];
    draft.precautions_asked = true;
    draft.evidence = vec![
        stated("drink", "green tea, hot", Stance::Favourite, days.ago(15, 8, 0, ZURICH)),
        stated("greeting", "handshake", Stance::Avoid, days.ago(15, 8, 0, ZURICH)),
    ];
    let interactions = vec![stay("GC-1007", HOTEL, "stay-1", days.ago(15, 16, 0, ZURICH))];
    Sample { draft, interactions }
}

/// A wedding anniversary tomorrow, and a birthday on 29 February that she wants left alone.
fn priya(days: &Days) -> Sample {
    let mut draft: CustomerDraft = person("Priya Raman", "Ms Raman", "en-IN", "GC-1008");
    draft.precautions = vec![precaution(PrecautionKind::Diet, "VEGETARIAN", "No egg either.", Criticality::Low)];
    draft.precautions_asked = true;
    draft.occasions = vec![
        OccasionDraft {
            label: "wedding".into(),
            ..occasion(OccasionKind::Anniversary, days.yearly(Anniversary { in_days: 1, years: 12 }))
        },
        OccasionDraft { do_not_celebrate: true, ..occasion(OccasionKind::Birthday, gregorian(Some(1988), 2, 29)) },
    ];
    let interactions = vec![stay("GC-1008", HOTEL, "stay-1", days.ago(364, 15, 0, ZURICH))];
    Sample { draft, interactions }
}
