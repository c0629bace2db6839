use super::*;
use crate::domain::{
    insight::substances,
    items::{
        Contents, Item, Level, Selection,
        menu::tests::{contents, item, put, stamp},
    },
    testing::time,
};

const NOON: &str = "2026-05-03T12:00:00Z";

fn with(name: &str, code: &str) -> Item {
    item(&[name], Some(contents(&[(code, Level::Contains)])), &[])
}

fn day(day: u32) -> Timestamp {
    time(&format!("2026-05-{day:02}T12:00:00Z"))
}

fn menu(catalogue: &Catalogue) -> Menu {
    catalogue.menu(&ItemRules::default(), time(NOON)).0
}

fn put_from(catalogue: &mut Catalogue, id: &str, item: Item, from: Timestamp) {
    let later = crate::domain::items::Put { from: Some(from), ..put(id, item) };
    catalogue.put("items", &[later], &stamp(NOON)).unwrap();
}

#[test]
fn a_name_of_before_tells_what_was_known_and_clears_nothing() {
    let [almond, milk, eggs] = ["ALMOND", "MILK", "EGGS"].map(substances::of_content);
    let mut catalogue = Catalogue::default();
    let vouched = Item { suits_diets: vec!["HALAL".to_owned()], ..with("Gone bowl", "ALMOND") };
    let made = item(&["Set"], Some(contents(&[])), &["gone"]);
    let puts = [
        put("gone", vouched),
        put("new", with("Old bowl", "ALMOND")),
        put("set", made),
        put("moved", with("Tart", "ALMOND")),
    ];
    catalogue.put("items", &puts, &stamp("2026-05-01T12:00:00Z")).unwrap();
    catalogue.remove(&["gone".to_owned(), "moved".to_owned()], &stamp("2026-05-02T12:00:00Z"));
    let puts = [put("new", with("New bowl", "EGGS")), put("other", with("Tart", "MILK"))];
    catalogue.put("items", &puts, &stamp(NOON)).unwrap();
    let menu = menu(&catalogue);
    for (text, contains, is_declared) in [
        ("gone", almond, false),
        ("GONE BOWL", almond, false),
        // Whoever asks for it gets what it is by now.
        ("Old bowl", almond | eggs, false),
        ("New bowl", eggs, true),
        ("new", eggs, true),
        // What is sold under a name is meant by it.
        ("Tart", milk, true),
        ("moved", almond, false),
        // What it was made of.
        ("Set", almond, false),
    ] {
        let found = menu.find(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((found.contains, found.is_declared), (contains, is_declared), "{text}");
        assert!(!found.suits.diet("HALAL"), "{text}");
        assert!(menu.mentioned_in(&format!("bring a {text}")).is_some(), "{text}");
    }
    assert!(!menu.find("gone bowl").unwrap().is_sold && menu.find("set").unwrap().is_sold);
    assert!(catalogue.all_at(&ItemRules::default(), time(NOON)).iter().all(|(entry, ..)| entry.id != "gone"));
}

#[test]
fn what_is_put_for_later_is_known_by_its_name_before() {
    let almond = substances::of_content("ALMOND");
    let mut catalogue = Catalogue::default();
    put_from(&mut catalogue, "soon", with("Soon bowl", "ALMOND"), day(5));
    let menu = menu(&catalogue);
    let declared = |menu: &Menu| menu.find("Soon bowl").map(|found| (found.contains, found.is_declared));
    assert_eq!(declared(menu.at(day(4))), Some((almond, false)));
    assert_eq!(declared(menu.at(day(5))), Some((almond, true)));
}

#[test]
fn after_the_last_menu_what_is_put_counts_and_is_not_declared() {
    let [almond, milk, eggs] = ["ALMOND", "MILK", "EGGS"].map(substances::of_content);
    let mut catalogue = Catalogue::default();
    let puts = [
        put("plain", with("Plain", "MILK")),
        put("turns", with("Turns", "MILK")),
        put("set", item(&["Set"], Some(contents(&[])), &["turns"])),
    ];
    catalogue.put("items", &puts, &stamp(NOON)).unwrap();
    for from in 4..8 {
        put_from(&mut catalogue, &format!("special-{from}"), with("Special", "FISH"), day(from));
    }
    let of = |catalogue: &Catalogue, at: u32, text: &str| {
        let menu = menu(catalogue);
        let found = menu.at(day(at)).find(text).unwrap();
        (found.contains, found.is_declared)
    };
    put_from(&mut catalogue, "turns", with("Turns", "ALMOND"), day(10));
    // The fifth time, and nothing follows it.
    for (at, expected) in [(9, (milk, true)), (10, (almond, true)), (20, (almond, true))] {
        assert_eq!((of(&catalogue, at, "turns"), of(&catalogue, at, "set")), (expected, expected), "{at}");
    }
    put_from(&mut catalogue, "turns", with("Turns", "EGGS"), day(12));
    for at in [10, 12, 20] {
        let expected = (almond | eggs, false);
        assert_eq!((of(&catalogue, at, "turns"), of(&catalogue, at, "set")), (expected, expected), "{at}");
        assert_eq!(of(&catalogue, at, "plain"), (milk, true), "{at}");
    }
    assert_eq!(of(&catalogue, 9, "turns"), (milk, true));
}

#[test]
fn what_is_declared_ends_by_itself() {
    let mut catalogue = Catalogue::default();
    let dated = Contents { until: Some(day(10)), ..contents(&[("MILK", Level::Contains)]) };
    let puts = [
        put("dated", item(&["Dated"], Some(dated), &[])),
        put("long", with("Long", "MILK")),
        put("set", item(&["Set"], Some(contents(&[])), &["dated", "long"])),
    ];
    catalogue.put("items", &puts, &stamp(NOON)).unwrap();
    let now = menu(&catalogue);
    assert!(now.lasts_until(day(9)) && !now.lasts_until(day(10)) && Menu::nothing().lasts_until(Timestamp::MAX));
    for (text, last, ends) in [
        ("dated", day(9), day(10)),
        ("set", day(9), day(10)),
        ("long", time("2026-08-01T11:59:59Z"), time("2026-08-01T12:00:00Z")),
    ] {
        let found = now.find(text).unwrap();
        assert_eq!((found.on(last).is_declared, found.on(ends).is_declared), (true, false), "{text}");
        assert_eq!(found.on(ends).contains, found.contains, "{text}");
    }
    // Confirmed, it counts from then.
    catalogue.confirm(&Selection::All, &stamp("2026-05-09T12:00:00Z"));
    let confirmed = catalogue.menu(&ItemRules::default(), day(9)).0;
    assert!(confirmed.find("long").unwrap().on(time("2026-08-07T11:00:00Z")).is_declared);
}
