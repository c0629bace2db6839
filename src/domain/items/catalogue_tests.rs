use super::*;
use crate::domain::{
    items::{Content, Contents, Level, Name, Standing},
    kernel::author::Author,
    policy::ItemRules,
    testing::time,
};

fn stamp(at: &str) -> Stamp {
    Stamp { at: time(at), by: Author::new("chef", "kitchen-1") }
}

fn item(components: &[&str]) -> Item {
    Item {
        names: Vec::new(),
        category: "dish".to_owned(),
        tags: Vec::new(),
        suits_diets: Vec::new(),
        not_for_minors: false,
        not_food: false,
        hours: Vec::new(),
        contents: Some(Contents { list: Vec::new(), source: None, until: None }),
        components: components.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn put(id: &str, components: &[&str]) -> Put {
    Put { id: id.to_owned(), item: item(components), declare_time: None, from: None }
}

fn fault(catalogue: &mut Catalogue, puts: &[Put]) -> (String, String) {
    match catalogue.put("items", puts, &stamp("2026-05-03T12:00:00Z")) {
        Err(Refusals::Invalid(mut faults)) => {
            let Violation { field, message, .. } = faults.remove(0);
            (field, message)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_the_same_makes_no_version() {
    let mut catalogue = Catalogue::default();
    let at = |day: u8| stamp(&format!("2026-05-{day:02}T12:00:00Z"));
    assert_eq!(catalogue.put("items", &[put("a", &[])], &at(1)).unwrap(), 1);
    assert_eq!(catalogue.put("items", &[put("a", &[])], &at(2)).unwrap(), 0);
    assert_eq!(catalogue.entries[0].versions.len(), 1);
    // Other names: the contents were declared when they were.
    let name = Name { language: String::new(), text: "Soup".to_owned() };
    let named = Put { item: Item { names: vec![name], ..item(&[]) }, ..put("a", &[]) };
    assert_eq!(catalogue.put("items", std::slice::from_ref(&named), &at(3)).unwrap(), 1);
    assert_eq!(catalogue.entries[0].versions[1].declared, Some(at(1)));
    // The same, declared anew.
    let again = Put { declare_time: Some(at(4).at), ..named };
    assert_eq!(catalogue.put("items", std::slice::from_ref(&again), &at(5)).unwrap(), 1);
    assert_eq!(catalogue.entries[0].versions[2].declared, Some(at(4)));
    assert_eq!(catalogue.put("items", &[again], &at(6)).unwrap(), 0);
    assert_eq!(catalogue.touched, BTreeSet::from([0]));
}

#[test]
fn a_mark_stays_until_the_contents_are_declared_anew() {
    let mut catalogue = Catalogue::default();
    catalogue.put("items", &[put("a", &[])], &stamp("2026-05-01T12:00:00Z")).unwrap();
    catalogue.mark_changed(&Selection::Category("dish".to_owned()), &stamp("2026-05-02T12:00:00Z"));
    let rules = ItemRules::default();
    let standing = |catalogue: &Catalogue| catalogue.standing("a", &rules, time("2026-05-04T12:00:00Z"));
    let renamed = Put { item: Item { category: "soup".to_owned(), ..item(&[]) }, ..put("a", &[]) };
    catalogue.put("items", std::slice::from_ref(&renamed), &stamp("2026-05-03T12:00:00Z")).unwrap();
    assert_eq!(standing(&catalogue), Standing::Changed, "a till that sends its list again confirms nothing");
    let old = Put { declare_time: Some(time("2026-05-01T18:00:00Z")), ..renamed.clone() };
    catalogue.put("items", &[old], &stamp("2026-05-03T13:00:00Z")).unwrap();
    assert_eq!(standing(&catalogue), Standing::Changed, "declared before the mark");
    let new = Put { declare_time: Some(time("2026-05-03T14:00:00Z")), ..renamed };
    catalogue.put("items", &[new], &stamp("2026-05-03T14:00:00Z")).unwrap();
    assert_eq!(standing(&catalogue), Standing::Declared);
}

#[test]
fn an_older_list_takes_back_nothing_that_was_declared_since() {
    let mut catalogue = Catalogue::default();
    let rules = ItemRules::default();
    let of = |contents: &[&str], declared: Option<&str>| {
        let content = |code: &&str| crate::domain::items::Content { code: (*code).to_owned(), level: Level::Contains };
        let contents = Contents { list: contents.iter().map(content).collect(), source: None, until: None };
        let item = Item { contents: Some(contents), ..item(&[]) };
        Put { item, declare_time: declared.map(time), ..put("a", &[]) }
    };
    let standing = |catalogue: &Catalogue| catalogue.standing("a", &rules, time("2026-05-04T12:00:00Z"));
    catalogue.put("items", &[of(&["WALNUT"], None)], &stamp("2026-05-02T12:00:00Z")).unwrap();
    catalogue.put("items", &[of(&[], Some("2026-04-01T12:00:00Z"))], &stamp("2026-05-03T12:00:00Z")).unwrap();
    assert_eq!(standing(&catalogue), Standing::Changed);
    catalogue.put("items", &[of(&[], Some("2026-05-03T13:00:00Z"))], &stamp("2026-05-03T13:00:00Z")).unwrap();
    assert_eq!(standing(&catalogue), Standing::Declared);
}

#[test]
fn a_menu_is_put_before_it_is_served() {
    let mut catalogue = Catalogue::default();
    catalogue.put("items", &[put("a", &[])], &stamp("2026-05-03T12:00:00Z")).unwrap();
    let evening = time("2026-05-03T18:00:00Z");
    let contents = Contents {
        list: vec![crate::domain::items::Content { code: "MILK".to_owned(), level: Level::Contains }],
        source: None,
        until: None,
    };
    let change = Put { item: Item { contents: Some(contents), ..item(&[]) }, from: Some(evening), ..put("a", &[]) };
    assert_eq!(catalogue.put("items", &[change], &stamp("2026-05-03T12:30:00Z")).unwrap(), 1);
    let rules = ItemRules::default();
    let (before, until) = catalogue.menu(&rules, time("2026-05-03T17:59:59Z"));
    assert_eq!((before.find("a").unwrap().contains, until), (0, Some(evening)));
    let milk = before.of_code("MILK");
    let told = |time| before.at(time).find("a").unwrap().contains;
    assert_eq!((told(time("2026-05-03T17:59:59Z")), told(evening)), (0, milk), "what is delivered in the evening");
    let (after, _) = catalogue.menu(&rules, evening);
    assert_eq!(after.find("a").unwrap().contains, after.of_code("MILK"));
    // Removed before it was served.
    catalogue.remove(&["a".to_owned()], &stamp("2026-05-03T13:00:00Z"));
    let (menu, _) = catalogue.menu(&rules, evening);
    assert!(
        menu.find("a").is_some_and(|known| !known.is_sold && !known.is_declared),
        "only what was known of it counts"
    );
    assert!(catalogue.find("a").unwrap().at(time("2026-05-03T12:10:00Z")).unwrap().item.is_some(), "it was sold then");
}

#[test]
fn a_confirmation_counts_for_what_is_put_for_later_and_a_mark_too() {
    let rules = ItemRules::default();
    let at = |day: u32| stamp(&format!("2026-05-{day:02}T12:00:00Z"));
    let later = |id: &str, day: u32, category: &str, codes: &[&str]| {
        let list = codes.iter().map(|code| Content { code: (*code).to_owned(), level: Level::Contains }).collect();
        let contents = Some(Contents { list, source: None, until: None });
        Put {
            item: Item { category: category.to_owned(), contents, ..item(&[]) },
            from: Some(at(day).at),
            ..put(id, &[])
        }
    };
    let mut catalogue = Catalogue::default();
    let puts = [
        later("cake", 3, "dessert", &["MILK"]),
        later("cake", 20, "dessert", &["MILK", "EGGS"]),
        later("cake", 25, "special", &["MILK", "LUPIN"]),
        later("next", 20, "dessert", &["MILK"]),
        later("soup", 3, "dish", &["CELERY"]),
        later("soup", 20, "dessert", &["CELERY"]),
    ];
    for put in puts {
        catalogue.put("items", &[put], &at(3)).unwrap();
    }
    let standing = |catalogue: &Catalogue, id: &str, day: u32| {
        let time = at(day).at;
        catalogue.find(id).unwrap().at(time).map(|version| version.own_standing(&rules, time).0)
    };
    let all = |catalogue: &Catalogue| {
        let of = |id, days: &[u32]| days.iter().map(|day| standing(catalogue, id, *day)).collect::<Vec<_>>();
        [of("cake", &[6, 20, 25]), of("next", &[20]), of("soup", &[6, 20])].concat()
    };
    let (declared, changed) = (Some(Standing::Declared), Some(Standing::Changed));
    let desserts = Selection::Category("dessert".to_owned());
    assert_eq!(catalogue.mark_changed(&desserts, &at(4)), 3, "what will be one counts");
    assert_eq!(all(&catalogue), [changed; 6]);
    let cake = Selection::Ids(vec!["cake".to_owned()]);
    assert_eq!(catalogue.confirm(&cake, &at(5)), 1);
    assert_eq!(all(&catalogue), [declared, declared, declared, changed, changed, changed]);
    assert_eq!(catalogue.confirm(&desserts, &at(5)), 3);
    // The soup of today is no dessert: nobody has confirmed it.
    assert_eq!(all(&catalogue), [declared, declared, declared, declared, changed, declared]);
    // What comes after the confirmation counts again, also where new contents are declared for now alone.
    assert_eq!(catalogue.mark_changed(&cake, &at(6)), 1);
    catalogue.put("items", &[later("cake", 6, "dessert", &["MILK", "FISH"])], &stamp("2026-05-06T12:00:01Z")).unwrap();
    assert_eq!(standing(&catalogue, "cake", 7), declared);
    assert_eq!((standing(&catalogue, "cake", 20), standing(&catalogue, "cake", 25)), (changed, changed));
    // What is taken back before it was ever sold leaves its place.
    assert_eq!(catalogue.remove(&["next".to_owned()], &at(7)), 1);
    assert!(catalogue.find("next").is_none());
}

/// An item that contains these, for now.
fn of(codes: &[&str]) -> Item {
    let list = codes.iter().map(|code| Content { code: (*code).to_owned(), level: Level::Contains }).collect();
    Item { contents: Some(Contents { list, source: None, until: None }), ..item(&[]) }
}

fn at(day: u32, hour: u32) -> Stamp {
    stamp(&format!("2026-05-{day:02}T{hour:02}:00:00Z"))
}

#[test]
fn what_is_put_for_a_day_holds_on_that_day() {
    let mut catalogue = Catalogue::default();
    let now = |codes: &[&str]| Put { item: of(codes), ..put("a", &[]) };
    let later = |day: u32, codes: &[&str]| Put { from: Some(at(day, 0).at), ..now(codes) };
    let mut put = |put: Put, stamp: &Stamp| catalogue.put("items", &[put], stamp).unwrap();
    assert_eq!(put(now(&["MILK"]), &at(1, 8)), 1);
    assert_eq!(put(later(10, &["MILK"]), &at(1, 9)), 1, "equal to today's");
    assert_eq!(put(later(12, &["MILK"]), &at(1, 9)), 1, "equal to the day before");
    assert_eq!(put(later(10, &["MILK"]), &at(1, 10)), 0, "it is put for that day already");
    assert_eq!(put(now(&["FISH"]), &at(2, 8)), 1);
    assert_eq!(put(later(10, &["EGGS"]), &at(2, 9)), 1);
    let read = |catalogue: &Catalogue, day| catalogue.entries[0].at(at(day, 1).at).unwrap().item.clone().unwrap();
    for (day, codes) in [(3, ["FISH"]), (10, ["EGGS"]), (12, ["MILK"]), (30, ["MILK"])] {
        assert_eq!(read(&catalogue, day), of(&codes), "{day}");
    }
    let declared = catalogue.entries[0].at(at(12, 1).at).unwrap().declared.clone();
    assert_eq!(declared, Some(at(1, 8)), "declared when it was, as the same contents are");
}

/// A till that puts its menu of tomorrow every evening takes no place for versions that say nothing.
#[test]
fn what_came_as_it_was_before_takes_no_place() {
    let mut catalogue = Catalogue::default();
    catalogue.put("items", &[put("a", &[])], &at(1, 8)).unwrap();
    for day in 2..=28 {
        let tomorrow = Put { from: Some(at(day, 0).at), ..put("a", &[]) };
        assert_eq!(catalogue.put("items", &[tomorrow], &at(day - 1, 20)).unwrap(), 1);
    }
    assert_eq!(catalogue.entries[0].versions.len(), 2);
}

#[test]
fn a_mark_outlasts_whatever_stands_between_the_same_contents() {
    let now = |codes: &[&str]| Put { item: of(codes), ..put("a", &[]) };
    let later = |codes: &[&str]| Put { from: Some(at(20, 0).at), ..now(codes) };
    let nothing = || Put { item: Item { contents: None, ..item(&[]) }, ..put("a", &[]) };
    let ids = || vec!["a".to_owned()];
    let put = |catalogue: &mut Catalogue, put: Put, hour| catalogue.put("items", &[put], &at(3, hour)).unwrap();
    let marked = |first: Vec<Put>| {
        let mut catalogue = Catalogue::default();
        for one in first {
            catalogue.put("items", &[one], &at(1, 8)).unwrap();
        }
        assert_eq!(catalogue.mark_changed(&Selection::Ids(ids()), &at(2, 8)), 1);
        catalogue
    };
    let standing = |catalogue: &Catalogue, day| catalogue.standing("a", &ItemRules::default(), at(day, 12).at);
    let mut removed = marked(vec![now(&["MILK", "EGGS"])]);
    removed.remove(&ids(), &at(3, 8));
    put(&mut removed, now(&["MILK", "EGGS"]), 9);
    let mut emptied = marked(vec![now(&["MILK", "EGGS"])]);
    put(&mut emptied, nothing(), 8);
    put(&mut emptied, now(&["MILK", "EGGS"]), 9);
    let mut as_later = marked(vec![now(&["FISH"]), later(&["MILK", "EGGS"])]);
    put(&mut as_later, now(&["MILK", "EGGS"]), 9);
    let mut only_later = marked(vec![later(&["MILK", "EGGS"])]);
    put(&mut only_later, now(&["MILK", "EGGS"]), 9);
    let mut in_other_order = marked(vec![now(&["MILK", "EGGS"])]);
    put(&mut in_other_order, now(&["EGGS", "MILK"]), 9);
    let mut of_the_label = marked(vec![now(&["MILK", "EGGS"])]);
    let mut label = now(&["MILK", "EGGS"]);
    label.item.contents.as_mut().unwrap().source = Some(crate::domain::items::ContentSource::Label);
    put(&mut of_the_label, label, 9);
    for (index, mut catalogue) in
        [removed, emptied, as_later, only_later, in_other_order, of_the_label].into_iter().enumerate()
    {
        assert_eq!(standing(&catalogue, 3), Standing::Changed, "{index}");
        let told = Put { declare_time: Some(at(3, 10).at), ..now(&["MILK", "EGGS"]) };
        put(&mut catalogue, told, 10);
        assert_eq!(standing(&catalogue, 3), Standing::Declared, "{index}: declared anew");
    }
    // Other contents are a new declaration; those that were marked still are not.
    let mut other = marked(vec![now(&["MILK"])]);
    put(&mut other, now(&["MILK", "LUPIN"]), 8);
    assert_eq!(standing(&other, 3), Standing::Declared);
    put(&mut other, now(&["MILK"]), 9);
    assert_eq!(standing(&other, 3), Standing::Changed);
    assert_eq!(other.confirm(&Selection::All, &at(3, 10)), 1);
    assert_eq!(standing(&other, 3), Standing::Declared);
    put(&mut other, now(&["MILK", "LUPIN"]), 11);
    put(&mut other, now(&["MILK"]), 12);
    assert_eq!(standing(&other, 3), Standing::Declared, "they were confirmed");
}

#[test]
fn what_is_made_of_others_alone_is_marked_too() {
    let dish = |parts: &[&str]| Put { item: Item { contents: None, ..item(parts) }, ..put("dish", &[]) };
    let ids = Selection::Ids(vec!["dish".to_owned()]);
    let mut catalogue = Catalogue::default();
    let put_at = |catalogue: &mut Catalogue, one: Put, hour| catalogue.put("items", &[one], &at(2, hour)).unwrap();
    catalogue.put("items", &[put("b", &[]), put("c", &[]), dish(&["b", "c"])], &at(1, 8)).unwrap();
    assert_eq!(catalogue.confirm(&ids, &at(1, 9)), 0, "it has declared nothing of its own");
    let standing = |catalogue: &Catalogue| catalogue.standing("dish", &ItemRules::default(), at(3, 12).at);
    catalogue.mark_changed(&ids, &at(1, 10));
    assert_eq!(standing(&catalogue), Standing::Changed);
    put_at(&mut catalogue, dish(&[]), 1);
    put_at(&mut catalogue, dish(&["c", "b"]), 2);
    assert_eq!(standing(&catalogue), Standing::Changed);
    put_at(&mut catalogue, dish(&["c"]), 3);
    assert_eq!(standing(&catalogue), Standing::Declared, "made of something else");
    put_at(&mut catalogue, dish(&["b", "c"]), 4);
    assert_eq!((standing(&catalogue), catalogue.confirm(&ids, &at(2, 5))), (Standing::Changed, 1));
    assert_eq!(standing(&catalogue), Standing::Declared);
}

#[test]
fn a_confirmation_is_counted_where_it_makes_contents_count() {
    let dated = |codes: &[&str], day| {
        let mut put = Put { item: of(codes), ..put("a", &[]) };
        put.item.contents.as_mut().unwrap().until = Some(at(day, 0).at);
        put
    };
    let mut catalogue = Catalogue::default();
    let undeclared = Put { item: Item { contents: None, ..item(&[]) }, ..put("b", &[]) };
    catalogue.put("items", &[dated(&["MILK"], 5), undeclared], &at(1, 8)).unwrap();
    let standing = |catalogue: &Catalogue, day| catalogue.standing("a", &ItemRules::default(), at(day, 12).at);
    assert_eq!(catalogue.confirm(&Selection::All, &at(2, 8)), 1, "the other has declared nothing");
    assert_eq!(catalogue.confirm(&Selection::All, &at(5, 0)), 0, "its date has passed");
    assert_eq!((standing(&catalogue, 4), standing(&catalogue, 6)), (Standing::Declared, Standing::Expired));
    assert_eq!(catalogue.entries[0].at(at(6, 0).at).unwrap().confirmed, Some(at(2, 8)));
    // Put with another date, it counts.
    catalogue.put("items", &[dated(&["MILK"], 20)], &at(7, 8)).unwrap();
    assert_eq!(standing(&catalogue, 8), Standing::Declared);
}

#[test]
fn components_exist_and_lead_to_an_end() {
    let mut catalogue = Catalogue::default();
    assert_eq!(fault(&mut catalogue, &[put("a", &["nowhere"])]).0, "items[0].component_ids");
    let mut catalogue = Catalogue::default();
    let (field, rule) = fault(&mut catalogue, &[put("a", &["b"]), put("b", &["c"]), put("c", &["a"])]);
    assert_eq!((field.as_str(), rule.as_str()), ("items[0].component_ids", "must not lead back to the item itself"));
    let mut catalogue = Catalogue::default();
    assert!(fault(&mut catalogue, &[put("a", &["a"])]).1.contains("itself"));
    let chain = |length: usize| -> Vec<Put> {
        let below = |number: usize| if number == 0 { Vec::new() } else { vec![format!("i{}", number - 1)] };
        let one =
            |number| Put { item: Item { components: below(number), ..item(&[]) }, ..put(&format!("i{number}"), &[]) };
        (0..=length).map(one).collect()
    };
    let mut catalogue = Catalogue::default();
    let stamp = stamp("2026-05-03T12:00:00Z");
    assert!(catalogue.put("items", &chain(COMPONENT_DEPTH_MAX), &stamp).is_ok());
    assert!(matches!(catalogue.put("items", &chain(COMPONENT_DEPTH_MAX + 1), &stamp), Err(Refusals::Invalid(_))));
}

#[test]
fn versions_are_kept_for_thirteen_months_and_bounded() {
    let mut catalogue = Catalogue::default();
    let version = |number: usize| {
        let category = format!("c{number}");
        Put { item: Item { category, ..item(&[]) }, ..put("a", &[]) }
    };
    let start = time("2026-01-01T00:00:00Z");
    let by = Author::new("chef", "kitchen-1");
    for number in 0..VERSIONS_MAX + 10 {
        let at = start.checked_add(jiff::SignedDuration::from_hours(number as i64)).unwrap();
        catalogue.put("items", &[version(number)], &Stamp { at, by: by.clone() }).unwrap();
    }
    assert_eq!(catalogue.entries[0].versions.len(), VERSIONS_MAX);
    // A year and two months later only the one in force until then is left, and the new one.
    let later = Stamp { at: time("2027-03-15T00:00:00Z"), by };
    catalogue.put("items", &[version(0)], &later).unwrap();
    assert_eq!(catalogue.entries[0].versions.len(), 2);
    // The place of what was removed long ago is used again.
    catalogue.remove(&["a".to_owned()], &later);
    let again = Stamp { at: time("2028-06-01T00:00:00Z"), by: later.by.clone() };
    catalogue.put("items", &[put("b", &[])], &again).unwrap();
    assert_eq!((catalogue.entries.len(), catalogue.entries[0].id.as_str()), (1, "b"));
}

#[test]
fn a_venue_has_a_bound() {
    let mut catalogue = Catalogue::default();
    let puts: Vec<Put> = (0..=ITEMS_MAX).map(|number| put(&format!("i{number}"), &[])).collect();
    let stamp = stamp("2026-05-03T12:00:00Z");
    assert!(catalogue.put("items", &puts[..ITEMS_MAX], &stamp).is_ok());
    assert!(matches!(
        catalogue.put("items", &puts[ITEMS_MAX..], &stamp),
        Err(Refusals::Limit(Refusal::LimitReached { max: ITEMS_MAX, .. }))
    ));
}
