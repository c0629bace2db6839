use std::io::Write as _;

use super::*;

const POLICY: &str =
    r#"{"policy":{"owner":"o","venues":[{"venueId":"bar","timeZone":"Europe/Zurich","currencyCode":"CHF"}]}}"#;

fn purchase(customer: u32, day: u32, items: &[&str]) -> String {
    let lines: Vec<String> = items.iter().map(|item| format!(r#"{{"item":"{item}","quantity":1}}"#)).collect();
    format!(
        r#"{{"interaction":{{"source":"till","externalId":"{customer}-{day}","customerId":"{customer}","kind":"INTERACTION_KIND_PURCHASE","venueId":"bar","occurTime":"2026-01-{day:02}T12:00:00Z","purchase":{{"lines":[{}]}}}}}}"#,
        lines.join(",")
    )
}

fn read(rows: &[String]) -> history::Histories {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for row in rows {
        writeln!(file, "{row}").unwrap();
    }
    let mut reader = history::Reader::default();
    reader.read(file.path()).unwrap();
    reader.finish()
}

fn options() -> ReplayOptions {
    ReplayOptions { target: TargetPurchase::Last, k: 2, purchases_min: 3, basket: 1, alone: true }
}

#[test]
fn measures_are_those_of_the_field() {
    let bought = ["a", "b", "c"].into_iter().collect();
    let mut score = replay::Score::default();
    score.add(["a", "x", "b"], &bought, 2);
    let [recall, ndcg, hit_rate] = score.means();
    assert!((recall - 1.0 / 3.0).abs() < 1e-9 && (hit_rate - 1.0).abs() < 1e-9);
    // The one right item stands first; ideally two would: 1 / (1 + 1/log2(3)).
    assert!((ndcg - 0.613_147).abs() < 1e-6, "{ndcg}");
    score.add(["x", "y"], &bought, 2);
    assert!((score.means()[2] - 0.5).abs() < 1e-9);
}

#[test]
fn each_target_is_asked_for_before_it_is_counted() {
    // Tea until the last day, which nobody can foresee.
    let mut rows = vec![POLICY.to_owned()];
    rows.extend((1..=4).map(|day| purchase(1, day, &["tea"])));
    rows.push(purchase(1, 5, &["gin"]));
    // Another customer has too few purchases to be measured, but is counted for all.
    rows.push(purchase(2, 6, &["gin"]));
    let histories = read(&rows);
    let measured = replay::replay(&histories, &options());
    assert_eq!(measured.customers, 1);
    assert!(measured.rankings.iter().all(|(_, score)| score.customers == 1 && score.means()[0] == 0.0));
    let second_last = replay::replay(&histories, &ReplayOptions { target: TargetPurchase::SecondLast, ..options() });
    assert!(second_last.rankings.iter().all(|(name, score)| score.means()[0] == 1.0 || *name == "G-TopFreq"));
}

#[test]
fn the_rest_of_a_basket_is_measured_apart() {
    let mut rows = vec![POLICY.to_owned()];
    for day in 1..=20 {
        let is_pasta = [1, 4, 5, 9, 11, 12, 16, 18].contains(&day);
        rows.push(purchase(1, day, if is_pasta { &["pasta", "tomatoes"] } else { &["bread", "cheese"] }));
    }
    rows.push(purchase(1, 21, &["pasta", "tomatoes"]));
    let measured = replay::replay(&read(&rows), &ReplayOptions { k: 1, ..options() });
    assert_eq!((measured.rest.customers, measured.rest.means()[0]), (1, 1.0));
    assert_eq!(measured.rest_unaided.means()[0], 0.0, "bread is bought oftener");
}

#[test]
fn what_is_reported_again_counts_once_and_what_is_wrong_is_left_out() {
    let rows = [POLICY.to_owned(), purchase(1, 1, &["tea"]), purchase(1, 1, &["tea"]), "{".to_owned()];
    let histories = read(&rows);
    assert_eq!((histories.purchases.len(), histories.customers, histories.left_out), (1, 1, 1));
    let without_policy = read(&[purchase(1, 1, &["tea"])]);
    assert_eq!((without_policy.purchases.len(), without_policy.left_out), (0, 1));
}
