use super::{
    super::{
        catalogue::Catalogue,
        item::{Item, Level, Standing},
    },
    *,
};
use crate::domain::{
    items::{Content, Contents, ITEMS_MAX, Name, Put, Selection},
    kernel::author::{Author, Stamp},
    testing::time,
};

pub(in crate::domain::items) fn stamp(at: &str) -> Stamp {
    Stamp { at: time(at), by: Author::new("chef", "kitchen-1") }
}

pub(in crate::domain::items) fn contents(codes: &[(&str, Level)]) -> Contents {
    let content = |(code, level): &(&str, Level)| Content { code: (*code).to_owned(), level: *level };
    Contents { list: codes.iter().map(content).collect(), source: None, until: None }
}

pub(in crate::domain::items) fn item(names: &[&str], contents: Option<Contents>, components: &[&str]) -> Item {
    let name = |text: &&str| Name { language: String::new(), text: (*text).to_owned() };
    Item {
        names: names.iter().map(name).collect(),
        category: "dish".to_owned(),
        tags: Vec::new(),
        suits_diets: Vec::new(),
        not_for_minors: false,
        not_food: false,
        hours: Vec::new(),
        contents,
        components: components.iter().map(|id| (*id).to_owned()).collect(),
    }
}

pub(in crate::domain::items) fn put(id: &str, item: Item) -> Put {
    Put { id: id.to_owned(), item, declare_time: None, from: None }
}

const NOON: &str = "2026-05-03T12:00:00Z";

fn menu_of(puts: &[Put]) -> Menu {
    let mut catalogue = Catalogue::default();
    catalogue.put("items", puts, &stamp(NOON)).unwrap();
    catalogue.menu(&ItemRules::default(), time(NOON)).0
}

/// Items, each with one content.
fn each_with(items: &[(&str, &str)]) -> Vec<Put> {
    let one = |(name, code): &(&str, &str)| put(name, item(&[name], Some(contents(&[(code, Level::Contains)])), &[]));
    items.iter().map(one).collect()
}

/// A menu of items, each with one content.
pub fn menu_with(items: &[(&str, &str)]) -> Menu {
    menu_of(&each_with(items))
}

/// The same after so long that nothing of it counts as declared.
pub fn outdated_menu_with(items: &[(&str, &str)]) -> Menu {
    let mut catalogue = Catalogue::default();
    catalogue.put("items", &each_with(items), &stamp(NOON)).unwrap();
    catalogue.menu(&ItemRules::default(), time("2027-05-03T12:00:00Z")).0
}

fn milk() -> Substances {
    substances::of_content("MILK")
}

#[test]
fn an_item_is_found_by_its_id_and_by_its_names() {
    let menu = menu_of(&[
        put("4711", item(&["Crème brûlée", "Gebrannte Crème"], Some(contents(&[("MILK", Level::Contains)])), &[])),
        put("12", item(&["Käsespätzle"], Some(contents(&[("WHEAT", Level::MayContain)])), &[])),
    ]);
    for text in ["4711", "creme brulee", "CRÈME BRÛLÉE", "gebrannte creme"] {
        let found = menu.find(text).unwrap_or_else(|| panic!("{text}"));
        assert!(found.is_declared && found.contains == milk() && found.category == "dish", "{text}");
    }
    for text in ["kasespatzle", "Kaesespaetzle", "KÄSESPÄTZLE"] {
        assert_eq!(menu.find(text).unwrap().may_contain, substances::of_content("WHEAT"), "{text}");
    }
    for text in ["", "471", "brulee", "creme", "☕"] {
        assert!(menu.find(text).is_none(), "{text}");
    }
    assert!(Menu::nothing().find("4711").is_none());
}

/// Fried aubergine, and fried fish.
#[test]
fn a_name_with_other_accents_may_be_another_thing() {
    let [aubergine, fish] = ["cà chiên", "cá chiên"].map(|name| {
        let declared = contents(&[(if name == "cà chiên" { "MILK" } else { "FISH" }, Level::Contains)]);
        put(if name == "cà chiên" { "1" } else { "2" }, item(&[name], Some(declared), &[]))
    });
    let menu = menu_of(std::slice::from_ref(&aubergine));
    for (text, is_declared) in [("cà chiên", true), ("CÀ CHIÊN", true), ("ca chien", true), ("cá chiên", false)] {
        let found = menu.find(text).unwrap();
        assert_eq!((found.is_declared, found.contains), (is_declared, milk()), "{text}");
    }
    let menu = menu_of(&[aubergine, fish]);
    assert_eq!(menu.find("cà chiên").unwrap().contains, milk());
    assert!(menu.find("cá chiên").unwrap().is_declared && menu.find("cá chiên").unwrap().contains & milk() == 0);
    assert!(menu.find("ca chien").unwrap().contains & milk() != 0, "either may be meant");
    // Written with accents of neither, it may be the one that has some.
    let [plain, accented] = [("1", "Zrak", None), ("2", "Zrák", Some("MILK"))].map(|(id, name, code)| {
        put(
            id,
            item(
                &[name],
                Some(contents(&code.map(|code| (code, Level::Contains)).into_iter().collect::<Vec<_>>())),
                &[],
            ),
        )
    });
    let menu = menu_of(&[plain, accented]);
    for (text, is_declared) in [("zrák", true), ("ZRÀK", false), ("zrąk", false)] {
        let found = menu.find(text).unwrap();
        assert_eq!((found.is_declared, found.contains & milk() != 0), (is_declared, true), "{text}");
    }
    assert!(menu.find("zrak").unwrap().contains & milk() != 0, "either may be meant");
    let menu = menu_of(&[put("1", item(&["Pate", "Müsli"], Some(contents(&[])), &[]))]);
    for text in ["pâté", "Muesli", "MÜSLI", "musli"] {
        assert_eq!(menu.find(text).map(|found| found.is_declared), Some(true), "{text}");
    }
}

#[test]
fn several_items_of_one_name_are_taken_together() {
    let egg = Item {
        suits_diets: vec!["HALAL".to_owned()],
        not_for_minors: true,
        category: "soup".to_owned(),
        ..item(&["Soup"], Some(contents(&[("EGGS", Level::Contains)])), &[])
    };
    let cream = Item {
        suits_diets: vec!["VEGETARIAN".to_owned(), "HALAL".to_owned()],
        ..item(&["soup"], Some(contents(&[("MILK", Level::MayContain)])), &[])
    };
    let menu = menu_of(&[put("1", egg.clone()), put("2", cream.clone())]);
    let found = menu.find("SOUP").unwrap();
    assert_eq!((found.contains, found.may_contain), (substances::of_content("EGGS"), milk()));
    assert!(found.is_declared && found.not_for_minors && !found.not_food && found.category.is_empty());
    assert!(found.suits.diet("HALAL") && !found.suits.diet("VEGETARIAN"), "only what all of them suit");
    assert!(menu.find("2").unwrap().suits.diet("VEGETARIAN"), "an id means one");
    let menu = menu_of(&[put("1", egg), put("2", cream), put("3", item(&["Soup"], None, &[]))]);
    assert!(!menu.find("soup").unwrap().is_declared, "one of them is not declared");
}

#[test]
fn components_add_up_and_are_as_declared_as_the_least_of_them() {
    let sauce = put("sauce", item(&["Sauce"], Some(contents(&[("MILK", Level::Contains)])), &[]));
    let side = put("side", item(&["Side"], Some(contents(&[("CELERY", Level::MayContain)])), &[]));
    let dish = put("dish", item(&["Dish"], Some(contents(&[("FISH", Level::Contains)])), &["sauce", "side"]));
    let set = put("set", item(&["Menu"], None, &["dish"]));
    let found_of = |puts: &[Put], id: &str| {
        let menu = menu_of(puts);
        let found = menu.find(id).unwrap();
        (found.contains, found.may_contain, found.is_declared)
    };
    let all = [set.clone(), dish.clone(), sauce, side.clone()];
    let fish = substances::of_content("FISH");
    let celery = substances::of_content("CELERY");
    for id in ["dish", "set"] {
        assert_eq!(found_of(&all, id), (fish | milk(), celery, true), "{id}");
    }
    let undeclared = put("sauce", item(&["Sauce"], None, &[]));
    for id in ["dish", "set"] {
        let all = [set.clone(), dish.clone(), undeclared.clone(), side.clone()];
        assert_eq!(found_of(&all, id), (fish, celery, false), "what is known counts all the same: {id}");
    }
}

#[test]
fn a_chain_that_grows_at_its_end_is_counted_whole() {
    let mut catalogue = Catalogue::default();
    let own = |code: &str| Some(contents(&[(code, Level::Contains)]));
    let mut below = String::new();
    for number in 0..12 {
        // Each is made of the one that was put after it.
        let id = format!("k{number}");
        let end = put(&id, item(&[], own("CELERY"), &[]));
        catalogue.put("items", &[end], &stamp(NOON)).unwrap();
        if !below.is_empty() {
            let longer = put(&below, item(&[], own("CELERY"), &[&id]));
            catalogue.put("items", &[longer], &stamp(NOON)).unwrap();
        }
        below = id;
    }
    let last = put("k11", item(&[], own("MILK"), &[]));
    catalogue.put("items", &[last], &stamp(NOON)).unwrap();
    let (menu, _) = catalogue.menu(&ItemRules::default(), time(NOON));
    for number in 0..12 {
        let found = menu.find(&format!("k{number}")).unwrap();
        assert!(found.is_declared && found.contains & milk() == milk(), "k{number}");
    }
}

#[test]
fn contents_expire_are_marked_and_are_confirmed() {
    let mut catalogue = Catalogue::default();
    let dated = Contents { until: Some(time("2026-05-10T00:00:00Z")), ..contents(&[("MILK", Level::Contains)]) };
    let puts = [
        put("long", item(&["Long"], Some(contents(&[("MILK", Level::Contains)])), &[])),
        put("short", item(&["Short"], Some(dated), &[])),
        put("none", item(&["None"], None, &[])),
    ];
    assert_eq!(catalogue.put("items", &puts, &stamp(NOON)).unwrap(), 3);
    let rules = ItemRules::default();
    let declared = |catalogue: &Catalogue, at: &str| {
        let (menu, until) = catalogue.menu(&rules, time(at));
        (["long", "short", "none"].map(|id| menu.find(id).unwrap().is_declared), until)
    };
    let ends = time("2026-08-01T12:00:00Z");
    assert_eq!(declared(&catalogue, NOON), ([true, true, false], Some(time("2026-05-10T00:00:00Z"))));
    assert_eq!(declared(&catalogue, "2026-05-10T00:00:00Z"), ([true, false, false], Some(ends)));
    assert_eq!(declared(&catalogue, "2026-08-01T12:00:00Z").0, [false; 3], "90 days are over");
    assert_eq!(catalogue.standing("long", &rules, ends), Standing::Expired);
    // What is known of it is known all the same.
    assert_eq!(catalogue.menu(&rules, ends).0.find("long").unwrap().contains, milk());
    assert_eq!(catalogue.confirm(&Selection::All, &stamp("2026-08-02T00:00:00Z")), 1, "what counts again");
    assert_eq!(declared(&catalogue, "2026-08-02T00:00:00Z").0, [true, false, false], "a date stays a date");
    let meant = Selection::Ids(vec!["long".to_owned()]);
    assert_eq!(catalogue.mark_changed(&meant, &stamp("2026-08-03T00:00:00Z")), 1);
    assert_eq!(catalogue.standing("long", &rules, time("2026-08-03T00:00:00Z")), Standing::Changed);
    assert_eq!(catalogue.standing("long", &rules, time("2026-08-02T10:00:00Z")), Standing::Declared, "it was then");
    assert_eq!(catalogue.confirm(&meant, &stamp("2026-08-04T00:00:00Z")), 1);
    assert_eq!(catalogue.standing("long", &rules, time("2026-08-04T00:00:00Z")), Standing::Declared);
}

#[test]
fn a_policy_adds_substances() {
    let rules = ItemRules { added_substances: vec!["KIWI".to_owned(), "LATEX".to_owned()], ..ItemRules::default() };
    let mut catalogue = Catalogue::default();
    let kiwi = put("1", item(&["Bowl"], Some(contents(&[("KIWI", Level::Contains)])), &[]));
    catalogue.put("items", &[kiwi], &stamp(NOON)).unwrap();
    catalogue.declare_kitchen(vec!["LATEX".to_owned()], &stamp(NOON));
    let (menu, _) = catalogue.menu(&rules, time(NOON));
    let (kiwi, latex) = (menu.of_code("KIWI"), menu.of_code("LATEX"));
    assert!(kiwi.is_power_of_two() && latex.is_power_of_two() && kiwi != latex);
    assert_eq!((menu.find("bowl").unwrap().contains, menu.kitchen()), (kiwi, latex));
    // A policy that takes the code back leaves contents that nobody understands.
    let (menu, _) = catalogue.menu(&ItemRules::default(), time(NOON));
    assert!(!menu.find("bowl").unwrap().is_declared);
}

/// The bounds of the memory that a venue takes: 200 bytes an item, and 300 for its names.
#[test]
fn ten_thousand_items_take_what_they_may() {
    let languages = ["de", "en", "fr", "it", "es", "pt"];
    let puts: Vec<Put> = (0..ITEMS_MAX)
        .map(|number| {
            let names = languages.map(|language| Name {
                language: language.to_owned(),
                text: format!("Crème no. {number} of {language}"),
            });
            let named = Item { names: names.to_vec(), ..item(&[], Some(contents(&[("MILK", Level::Contains)])), &[]) };
            put(&format!("sku-{number:05}"), named)
        })
        .collect();
    let menu = menu_of(&puts);
    assert!(size_of::<Row>() + size_of::<Key>() + "sku-00000".len() <= 200);
    let per_item = menu.weight() / ITEMS_MAX;
    assert!(per_item <= 500, "{per_item} bytes an item");
    assert!(menu.find("sku-09999").is_some() && menu.find("creme no 77 of pt").is_some());
}

#[test]
fn what_names_tell_of_is_handed_over_with_what_is_declared() {
    let rules = ItemRules { added_substances: vec!["KIWI".to_owned()], ..ItemRules::default() };
    let mut catalogue = Catalogue::default();
    let puts = [
        put("s1", item(&["Toast", "Peanut butter toast"], Some(contents(&[])), &[])),
        put("s2", item(&["Peanut-free bar"], None, &[])),
        put("s3", item(&["Two kiwis", "Toast"], None, &[])),
        put("m", item(&["Set"], None, &["s1", "s3"])),
    ];
    catalogue.put("items", &puts, &stamp(NOON)).unwrap();
    let (menu, _) = catalogue.menu(&rules, time(NOON));
    let (peanuts, kiwi) = (substances::of_content("PEANUTS"), menu.of_code("KIWI"));
    for (text, all, lifted) in [
        ("s1", peanuts, peanuts),
        ("s2", peanuts, 0),
        ("s3", kiwi, kiwi),
        ("toast", peanuts | kiwi, peanuts | kiwi),
        ("m", peanuts | kiwi, peanuts | kiwi),
    ] {
        let told = menu.find(text).unwrap().told;
        let asked = peanuts | kiwi;
        assert_eq!((told.all & asked, told.lifted & asked), (all, lifted), "{text}");
    }
}

#[test]
fn items_are_found_inside_texts_by_whole_names() {
    let menu = menu_of(&[
        put("1", item(&["Wobble"], Some(contents(&[("PEANUTS", Level::Contains)])), &[])),
        put("2", item(&["Pink Wobble de luxe"], Some(contents(&[("MILK", Level::Contains)])), &[])),
        put("3", item(&["Käsespätzle", "Cookies"], Some(contents(&[("EGGS", Level::Contains)])), &[])),
    ]);
    let [peanuts, milk, eggs] = ["PEANUTS", "MILK", "EGGS"].map(substances::of_content);
    for (text, expected) in [
        ("Wobble", peanuts),
        ("bring a wobble", peanuts),
        ("Wobbles, please", peanuts),
        ("the pink wobble de luxe at nine", peanuts | milk),
        ("a cookie, or kaesespaetzle", eggs),
        ("KÄSESPÄTZLE for two", eggs),
        ("2", milk),
    ] {
        assert_eq!(menu.mentioned_in(text).map(|found| found.contains), Some(expected), "{text}");
    }
    let menu = menu_of(&[
        put("SKU4711", item(&["Alpha"], Some(contents(&[("PEANUTS", Level::Contains)])), &[])),
        put("S7", item(&["Beta"], Some(contents(&[("MILK", Level::Contains)])), &[])),
        put("house-tart", item(&["Gamma"], Some(contents(&[("EGGS", Level::Contains)])), &[])),
        put("12", item(&["Delta"], Some(contents(&[("EGGS", Level::Contains)])), &[])),
        put("b", item(&["Epsilon"], Some(contents(&[("EGGS", Level::Contains)])), &[])),
    ]);
    for (text, expected) in [
        ("Bring SKU4711 too", peanuts),
        ("bring sku4711.", peanuts),
        ("Bring S7", milk),
        ("s7 and SKU4711", milk | peanuts),
        ("the house-tart (for two)", eggs),
    ] {
        assert_eq!(menu.mentioned_in(text).map(|found| found.contains), Some(expected), "{text}");
    }
    for text in ["SKU47112", "S77", "table 12", "8:12", "a or b", "house tart"] {
        assert!(menu.mentioned_in(text).is_none(), "{text}");
    }
}

#[test]
fn what_is_no_name_is_not_found_inside_a_text() {
    let menu = menu_of(&[
        put("1", item(&["Wobble"], Some(contents(&[("PEANUTS", Level::Contains)])), &[])),
        put("2", item(&["Pink Wobble de luxe"], Some(contents(&[("MILK", Level::Contains)])), &[])),
    ]);
    for text in ["", "☕", "wobbler", "pink de luxe", "table 2", "s"] {
        assert!(menu.mentioned_in(text).is_none(), "{text}");
    }
    assert!(Menu::nothing().mentioned_in("wobble").is_none());
}

/// What stands before and after a name there is no word of its own.
#[test]
fn names_of_scripts_without_blanks_are_found_inside_texts() {
    let names = ["宫保鸡丁", "ラーメンサテ", "ผัดไทยกุ้ง", "팟타이면", "차", "はは"];
    let puts = names.map(|name| put(name, item(&[name], Some(contents(&[("PEANUTS", Level::Contains)])), &[])));
    let menu = menu_of(&puts);
    for text in [
        "请上宫保鸡丁",
        "宫保鸡丁和米饭",
        "宫保鸡丁，热",
        "2 宫保鸡丁",
        "米饭+宫保鸡丁",
        "宫保鸡丁（大）",
        "宫保鸡丁、米饭",
        "ラーメンサテをお願いします",
        "ขอผัดไทยกุ้งหนึ่ง",
        "팟타이면을 주세요",
        "차 주세요",
    ] {
        assert!(menu.named_inside(text).is_some(), "{text}");
    }
    // Half a name, a syllable of another word, and another voicing.
    for text in ["宫保", "ผัดไทย", "자동차", "かばばん", "팟타이며"] {
        assert!(menu.named_inside(text).is_none(), "{text}");
    }
}

#[test]
fn what_is_part_of_another_things_name_is_not_meant() {
    let menu = menu_of(&[
        put("1", item(&["Beer"], Some(contents(&[("ALCOHOL", Level::Contains), ("BARLEY", Level::MayContain)])), &[])),
        put("2", item(&["Butter"], Some(contents(&[("MILK", Level::Contains), ("SESAME", Level::Contains)])), &[])),
    ]);
    let contains = |text: &str| menu.named_inside(text).map_or(0, |found| found.contains | found.told.all);
    let [alcohol, milk, sesame] = ["ALCOHOL", "MILK", "SESAME"].map(substances::of_content);
    assert_eq!(contains("Ginger beer") & alcohol, 0);
    assert_eq!(contains("Peanut butter") & milk, 0);
    // What the words of the table do not tell of it counts.
    assert_eq!(contains("Peanut butter") & sesame, sesame);
    for (text, expected) in [("big beer", alcohol), ("ginger beer and beer", alcohol), ("bread, butter", milk)] {
        assert_eq!(contains(text) & expected, expected, "{text}");
    }
}

/// A till that sends names alone says nothing of contents.
#[test]
fn what_was_last_declared_counts_where_a_put_says_nothing() {
    let peanuts = substances::of_content("PEANUTS");
    let nuts = || Some(contents(&[("PEANUTS", Level::Contains)]));
    let of = |contents, components: &[&str]| put("z", item(&["Zeur"], contents, components));
    let part = put("part", item(&["Part"], nuts(), &[]));
    let not_food = put("z", Item { not_food: true, ..item(&["Zeur"], None, &[]) });
    for first in [vec![of(nuts(), &[])], vec![part, of(None, &["part"])]] {
        for (then, expected) in [
            (vec![], true),
            // What says that there is none of it does.
            (vec![of(Some(contents(&[])), &[])], false),
            (vec![not_food.clone()], false),
        ] {
            for is_removed in [false, true] {
                let mut catalogue = Catalogue::default();
                let mut hours = (10..).map(|hour| format!("2026-05-03T{hour}:00:00Z"));
                for puts in [&first, &then] {
                    catalogue.put("items", puts, &stamp(&hours.next().unwrap())).unwrap();
                }
                if is_removed {
                    catalogue.remove(&["z".to_owned()], &stamp(&hours.next().unwrap()));
                }
                let at = hours.next().unwrap();
                catalogue.put("items", &[of(None, &[])], &stamp(&at)).unwrap();
                let menu = catalogue.menu(&ItemRules::default(), time(&at)).0;
                let found = menu.find("zeur").unwrap();
                assert!(!found.is_declared);
                assert_eq!(found.contains & peanuts != 0, expected, "{first:?}, {then:?}, removed: {is_removed}");
            }
        }
    }
}
