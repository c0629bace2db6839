//! Occasions: quiet wins, nothing before it happened, and by the business day.

use rapport::proto::*;

use super::world::*;

on_both!(
    quiet_wins_over_celebrate,
    nothing_is_celebrated_before_it_happened,
    wishes_follow_the_business_day,
    what_happens_once_does_not_come_round,
    what_is_quiet_once_is_quiet_once,
);

const DAY: i64 = 86_400;

fn said(briefing: &Briefing) -> String {
    let sections = [&briefing.headline, &briefing.acknowledge, &briefing.delight];
    sections.into_iter().flatten().map(|one| one.text.as_str()).collect::<Vec<_>>().join(" | ")
}

async fn quiet_wins_over_celebrate(world: World) {
    let quiet = |day: OccasionDraft| OccasionDraft { do_not_celebrate: true, ..day };
    let of = |whose: &str, day: OccasionDraft| OccasionDraft { of_whom: whose.into(), ..day };
    for (days, is_told) in [
        (vec![birthday(Some(1_950), 3, 14), quiet(birthday(None, 3, 14))], false),
        (vec![of("son Leo", birthday(None, 3, 15)), of("Son Leo", quiet(birthday(Some(2_001), 3, 15)))], false),
        (vec![birthday(Some(1_950), 3, 14), of("son Leo", quiet(birthday(None, 3, 14)))], true),
        (vec![birthday(Some(1_950), 3, 14), quiet(birthday(None, 3, 15))], true),
    ] {
        let draft = CustomerDraft { occasions: days.clone(), precautions_asked: true, ..named("Ana") };
        let briefing = world.brief(by_id(&world.create(draft).await.customer_id)).await;
        assert_eq!(said(&briefing).contains("birthday"), is_told, "{days:?}: {}", said(&briefing));
        assert!(briefing.respect.iter().any(|one| one.code == "OCCASION_DO_NOT_CELEBRATE"));
    }
}

async fn nothing_is_celebrated_before_it_happened(world: World) {
    let anniversary = |year, label: &str| OccasionDraft {
        kind: OccasionKind::Anniversary as i32,
        label: label.into(),
        ..birthday(Some(year), 3, 14)
    };
    for (occasion, expected) in [
        (anniversary(2_001, "Wedding Anniversary"), "Ana: 25th Wedding Anniversary today"),
        (anniversary(2_001, "25th wedding anniversary"), "Ana: 25th wedding anniversary today"),
        (anniversary(2_027, "wedding"), "Ana"),
        (anniversary(2_026, "wedding"), "Ana"),
        (birthday(Some(2_026), 3, 14), "Ana"),
        (birthday(Some(1), 3, 14), "Ana: birthday today"),
    ] {
        let draft = CustomerDraft { occasions: vec![occasion], precautions_asked: true, ..named("Ana") };
        let briefing = world.brief(by_id(&world.create(draft).await.customer_id)).await;
        assert_eq!(briefing.headline.last().expect("a line").text, expected);
        assert_eq!(briefing.delight.is_empty(), expected == "Ana", "{}", said(&briefing));
    }
}

async fn wishes_follow_the_business_day(world: World) {
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    // Half past three at night in Zurich, and half past four.
    for (at, is_told) in [(NOON + DAY / 2 + 9_000, true), (NOON + DAY / 2 + 12_600, false)] {
        world.set_clock(at);
        assert_eq!(said(&world.brief(by_id(&ana)).await).contains("birthday today"), is_told, "{at}");
    }
}

async fn what_happens_once_does_not_come_round(world: World) {
    let wedding = |year| OccasionDraft {
        kind: OccasionKind::Anniversary as i32,
        label: "wedding".into(),
        once: true,
        ..birthday(year, 3, 16)
    };
    let draft = CustomerDraft { occasions: vec![wedding(Some(2_026))], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    for (at, expected) in [
        (NOON, "Ana: wedding in 2 days"),
        (NOON + 2 * DAY, "Ana: wedding today"),
        (NOON + 3 * DAY, "Ana"),
        (NOON + 367 * DAY, "Ana"),
    ] {
        world.set_clock(at);
        assert_eq!(world.brief(by_id(&ana)).await.headline.last().expect("a line").text, expected);
    }
    let add = with!(AddOccasionRequest { customer_id: ana, occasion: Some(wedding(None)) });
    assert_field(&refusal!(world, customers, add_occasion, add), "occasion.date.year", "");
}

async fn what_is_quiet_once_is_quiet_once(world: World) {
    let farewell = OccasionDraft {
        kind: OccasionKind::Other as i32,
        label: "farewell".into(),
        once: true,
        do_not_celebrate: true,
        ..birthday(Some(2_026), 3, 16)
    };
    let draft = CustomerDraft { occasions: vec![farewell], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    let is_quiet =
        async || world.brief(by_id(&ana)).await.respect.iter().any(|one| one.code == "OCCASION_DO_NOT_CELEBRATE");
    for (days, expected) in [(0, true), (2, true), (3, false), (367, false)] {
        world.set_clock(NOON + days * DAY);
        assert_eq!(is_quiet().await, expected, "{days}");
    }
}
