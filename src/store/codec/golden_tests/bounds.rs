//! Damaged bytes, and the largest ones.

use super::*;

#[test]
fn damaged_bytes_are_errors_and_never_panics() {
    let mut bytes = profile::encode(&Profile { habits: recent_habits(), ..moments_profile() });
    for place in 0..bytes.len() {
        for value in [0, 0x7f, 0xff] {
            let before = std::mem::replace(&mut bytes[place], value);
            let _ = profile::decode(&bytes);
            bytes[place] = before;
        }
        let _ = profile::decode(&bytes[..place]);
    }
    for entry in entries() {
        let bytes = history::encode(&entry);
        for length in 0..bytes.len() {
            let _ = history::decode(&bytes[..length]);
        }
    }
}

/// Every list full, every text of the longest, in characters of four bytes.
#[test]
fn the_largest_profile_is_bounded() {
    let text = |chars: usize| "\u{1d538}".repeat(chars);
    let mut profile = moments_profile();
    let Details { name, .. } = &mut profile.details;
    *name = Name { full: text(120), addressed_as: text(60), pronunciation: text(120) };
    let author = Author::read("a".repeat(129));
    let mut identity = own();
    identity.identity = Identity { kind: IdentityType::Room, issuer: text(64), value: text(128) };
    profile.identities = vec![identity; limits::IDENTITIES_MAX];
    let precaution = Precaution {
        reported: PrecautionDraft { code: "A".repeat(64), text: text(280), ..precaution() },
        recorded_by: author.clone(),
        review: Some(Review { by: author.clone(), time: time(1), reason: text(280) }),
        ..profile.precautions.remove(0)
    };
    profile.precautions = vec![precaution; limits::PRECAUTIONS_MAX];
    let preference = Preference {
        subject: Subject { category: text(64), item: text(80), situation: text(64) },
        last_by: author.clone(),
        ..profile.preferences.remove(0)
    };
    profile.preferences = vec![preference; limits::PREFERENCES_MAX];
    let occasion = Occasion {
        reported: OccasionDraft { of_whom: text(60), label: text(60), ..occasion() },
        recorded_by: author.clone(),
        ..profile.occasions.remove(0)
    };
    profile.occasions = vec![occasion; limits::OCCASIONS_MAX];
    profile.consents = vec![Consent { evidence: text(280), ..consent() }; 3];
    let tally = HabitTally {
        key: text(80),
        category: text(64),
        count: u32::MAX,
        periods: [u16::MAX; PERIODS],
        recent: u64::MAX,
        ..habit("")
    };
    profile.habits.items = vec![tally.clone(); limits::HABIT_ITEMS_MAX];
    profile.habits.categories = vec![tally; limits::HABIT_CATEGORIES_MAX];
    let purchase = RecentPurchase { second: i64::MAX, items: u8::MAX, ..recent_habits().recent[0] };
    profile.habits.recent = vec![purchase; limits::RECENT_MAX];
    let visit = LastVisit { venue: u32::MAX, second: i64::MAX };
    profile.habits.whereabouts =
        Whereabouts { latest: vec![visit; limits::WHEREABOUTS_MAX], elsewhere: Some(i64::MAX) };
    let spend = Spend { currency: francs(), minor_units: i64::MAX, purchases: u64::MAX };
    profile.habits.spend = vec![spend; limits::CURRENCIES_MAX];
    let reported =
        IssueDraft { item: text(80), text: text(280), cause: "A".repeat(64), owner: "a".repeat(64), ..issue() };
    let issue = Issue { reported, opened_by: author.clone(), resolution: text(280), ..profile.issues.remove(0) };
    profile.issues = vec![issue; limits::ISSUES_MAX];
    let promised = FollowUpDraft { text: text(280), place: text(60), owner: "a".repeat(64), ..follow_up() };
    let promise = FollowUp { promised, promised_by: author.clone(), ..profile.follow_ups.remove(0) };
    profile.follow_ups = vec![promise; limits::FOLLOW_UPS_MAX];
    let given = GestureDraft { note: text(280), place: text(60), ..drawn_gesture() };
    let one = Gesture { given, given_by: author.clone(), approved_by: author, ..profile.gestures.remove(0) };
    profile.gestures = vec![one; limits::GESTURES_MAX];
    let entry = LedgerEntry { times: vec![time(1); limits::GIVES_KEEP], ..profile.ledger.remove(0) };
    profile.ledger = vec![entry; limits::LEDGER_MAX];
    let bytes = profile::encode(&profile).len();
    assert!(bytes < limits::PROFILE_BYTES_MAX, "{bytes} bytes");
    assert!(bytes > limits::PROFILE_BYTES_MAX / 4, "{bytes} bytes: the bound is not near");
}
