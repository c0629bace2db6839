use super::*;
use crate::domain::{
    items::{Contents, Level, Name, Standing},
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
            let Violation { field, message } = faults.remove(0);
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
    let (after, _) = catalogue.menu(&rules, evening);
    assert_eq!(after.find("a").unwrap().contains, after.of_code("MILK"));
    // Removed before it was served.
    catalogue.remove(&["a".to_owned()], &stamp("2026-05-03T13:00:00Z"));
    assert!(catalogue.menu(&rules, evening).0.find("a").is_none());
    assert!(catalogue.find("a").unwrap().at(time("2026-05-03T12:10:00Z")).unwrap().item.is_some(), "it was sold then");
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
