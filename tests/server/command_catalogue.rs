//! What dishes contain, from a shell: put from files, read, changed, confirmed, imported.

use super::command_line::{POLICY, Ran, Shell, assert_ran};

const TART: &str = r#"{"itemId":"tart","names":[{"text":"Almond tart"}],"category":"dessert",
"contents":{"contents":[{"code":"ALMOND","level":"CONTENT_LEVEL_CONTAINS"}]}}"#;

fn known() -> Shell {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    shell
}

fn catalogue(shell: &Shell, args: &[&str]) -> Ran {
    shell.on_store(&[&["catalogue"], args, &["--venue", "v"]].concat())
}

#[test]
fn items_are_put_from_files_and_what_is_wrong_is_told_by_its_line() {
    let shell = known();
    assert_ran(&catalogue(&shell, &["list"]), 0, "nothing is listed\n");
    let good = TART.replace('\n', "");
    let unknown = good.replace("tart", "other").replace("ALMOND", "RED_THING");
    shell.write("items.ndjson", &[&good, "{\"itemId\":1}", &unknown]);
    let menu =
        ["id,name,category,contains,may_contain,components", "soup,Soup,starter,,,", "set,Menu,menu,,,tart;soup"];
    shell.write("menu.csv", &menu);
    let put = catalogue(&shell, &["put", "items.ndjson", "menu.csv"]);
    assert_ran(&put, 1, "put 3 items, 3 of them new or different; refused 2\n");
    assert!(put.err.contains("items.ndjson:2: ") && !put.err.contains("menu.csv:"), "{}", put.err);
    assert!(put.err.contains("items.ndjson:3: contents.contents[0].code must be the code"), "{}", put.err);
    assert_ran(&catalogue(&shell, &["put", "menu.csv"]), 0, "put 2 items, 0 of them new or different; refused 0\n");
    let listed = catalogue(&shell, &["list"]);
    assert_ran(&listed, 0, "tart  Almond tart  dessert  DECLARED  since ");
    assert_ran(&listed, 0, "    contains ALMOND\n");
    assert_ran(&listed, 0, "soup  Soup  starter  NOT_DECLARED");
    assert_ran(&listed, 0, "set  Menu  menu  COMPONENT_NOT_DECLARED");
    // What is listed as lines can be put again.
    let lines = catalogue(&shell, &["list", "--json"]);
    shell.write("again.ndjson", &lines.out.lines().collect::<Vec<_>>());
    assert_ran(&catalogue(&shell, &["put", "again.ndjson"]), 0, "put 3 items, 0 of them new or different");
}

#[test]
fn a_changed_recipe_counts_again_once_it_is_confirmed() {
    let shell = known();
    shell.write("items.ndjson", &[&TART.replace('\n', "")]);
    assert_ran(&catalogue(&shell, &["put", "items.ndjson"]), 0, "put 1 items");
    let changed = catalogue(&shell, &["changed", "--category", "dessert"]);
    assert_ran(&changed, 0, "not declared until they are confirmed: 1\n");
    assert_ran(&catalogue(&shell, &["get", "tart"]), 0, "tart  Almond tart  dessert  CHANGED");
    assert_ran(&catalogue(&shell, &["confirm", "tart"]), 0, "confirmed: 1\n");
    assert_ran(&catalogue(&shell, &["get", "tart"]), 0, "DECLARED");
    assert_ran(&catalogue(&shell, &["kitchen", "SESAME"]), 0, "declared\n");
    assert_ran(&catalogue(&shell, &["list"]), 0, "the kitchen may carry over:  SESAME\n");
    assert_ran(&catalogue(&shell, &["check"]), 0, "all that is sold and named is declared\n");
    assert_ran(&catalogue(&shell, &["remove", "tart"]), 0, "removed: 1\n");
    let gone = catalogue(&shell, &["get", "tart"]);
    assert!(gone.code == Some(1) && gone.err.contains("(ITEM_NOT_FOUND)"), "{}", gone.err);
    assert_eq!(catalogue(&shell, &["changed"]).code, Some(2), "which ones?");
    assert_eq!(catalogue(&shell, &["changed", "tart", "--all"]).code, Some(2), "one or all?");
}

#[test]
fn items_are_imported_as_rows_and_under_a_mapping() {
    let shell = known();
    let row = |id: &str, code: &str| {
        format!(
            r#"{{"item":{{"venueId":"v","item":{{"itemId":"{id}","contents":{{"contents":[{{"code":"{code}","level":"CONTENT_LEVEL_CONTAINS"}}]}}}}}}}}"#
        )
    };
    let rows = [row("one", "MILK"), row("two", "RED_THING"), row("three", "FISH")];
    shell.write("rows.ndjson", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let ran = shell.on_store(&["import", "rows.ndjson"]);
    assert_ran(&ran, 1, "  items         2 put\n  rejected      1\n");
    assert_ran(&catalogue(&shell, &["get", "three"]), 0, "contains FISH");
    shell.write(
        "map.toml",
        &[
            "[item]",
            "venue_id = \"v\"",
            "[item.item]",
            "item_id = { column = \"No\" }",
            "category = { column = \"Group\" }",
            "[[item.item.names]]",
            "text = { column = \"Name\" }",
            "[[item.item.contents.contents]]",
            "level = \"CONTAINS\"",
            "code = { column = \"Allergens\", split = \",\", values = { A = \"GLUTEN\", G = \"MILK\" } }",
        ],
    );
    shell.write("menu.csv", &["No,Name,Group,Allergens", "7,Kaiserschmarrn,Dessert,\"A,G\""]);
    assert_ran(&shell.on_store(&["import", "--map", "map.toml", "menu.csv"]), 0, "  items         1 put\n");
    assert_ran(&catalogue(&shell, &["get", "7"]), 0, "7  Kaiserschmarrn  dessert  DECLARED");
    assert_ran(&catalogue(&shell, &["get", "7"]), 0, "contains GLUTEN, MILK");
}
