//! What others buy.

use super::{super::copurchase, golden};
use crate::{
    domain::{
        copurchase::{AtVenue, CROWD_MIN, Count, Crowd, Item, Others},
        repurchase::{Again, LAGS},
    },
    store::stored,
};

#[test]
fn what_others_buy_of_format_1_is_written_and_read_as_released() {
    let count = |customers: u32| Count { purchases: customers, weight: 181, crowd: Crowd((1 << customers) - 1) };
    let item = |name: &str, customers| Item {
        name: name.to_owned(),
        category: "drink".to_owned(),
        count: count(customers),
        ..Item::default()
    };
    let mut others = Others {
        purchases: 900,
        items: [(7, item("espresso", CROWD_MIN)), (u32::MAX, item("truffle", CROWD_MIN - 1))].into(),
        venues: [(12, AtVenue { purchases: 800, items: [(7, count(6)), (u32::MAX, count(1))].into() })].into(),
        pairs: [((7, u32::MAX), count(2))].into(),
        ..Others::default()
    };
    let kept = golden("others.1", &copurchase::encode(&others, None));
    let held_back = Item { count: count(CROWD_MIN - 1), ..Item::default() };
    others.items.insert(u32::MAX, held_back);
    assert_eq!(copurchase::decode(&kept).expect("readable"), (others.clone(), None));
    assert_eq!(copurchase::decode(&[]).expect("nothing yet"), (Others::default(), None));
    for length in 0..kept.len() {
        let _ = copurchase::decode(&kept[..length]);
    }
    let again = |parts: u64| Again { expected: parts, bought: 3 * parts };
    others.items.get_mut(&7).expect("espresso").again = again(65_536);
    others.lags = std::array::from_fn(|lag| again(lag as u64));
    others.half_life = 1_251;
    let kept = golden("others-again.1", &copurchase::encode(&others, None));
    assert_eq!(copurchase::decode(&kept).expect("readable"), (others.clone(), None));
    assert_eq!(others.lags.len(), LAGS);
    for length in 0..kept.len() {
        let _ = copurchase::decode(&kept[..length]);
    }
    let refused = |stored: stored::Others| {
        copurchase::decode(&prost::Message::encode_to_vec(&stored)).expect_err("lists of different lengths").to_string()
    };
    let one = || Some(stored::Again { expected: vec![1], bought: vec![1] });
    let by_time = refused(stored::Others { lags: one(), ..Default::default() });
    assert!(by_time.ends_with("repurchases by time since the last purchase"), "{by_time}");
    let by_item = refused(stored::Others { items_again: one(), ..Default::default() });
    assert!(by_item.ends_with("repurchases by item"), "{by_item}");
    let names = refused(stored::Others { names: vec!["espresso".to_owned()], ..Default::default() });
    assert!(names.ends_with("names or categories of another number than items"), "{names}");
    let keyed = stored::Others { keyed_by: vec![7; 3], ..Default::default() };
    assert!(refused(keyed).ends_with("the key of its hashes"));
    let one = |hash| Some(stored::Sales { hashes: vec![hash], purchases: vec![1], weights: vec![1], crowds: vec![1] });
    let names = vec![String::new()];
    let keyed = stored::Others {
        keyed_by: vec![7; 8],
        items: one(3),
        names: names.clone(),
        categories: names,
        ..Default::default()
    };
    assert!(refused(keyed).ends_with("days of another number than items"));
}

#[test]
fn what_others_buy_under_keyed_hashes_is_written_and_read_as_released() {
    let count = |customers: u32| Count { purchases: customers, weight: 181, crowd: Crowd((1 << customers) - 1) };
    let named = Item {
        name: "espresso".into(),
        category: "drink".into(),
        count: count(CROWD_MIN),
        day: 20_400,
        ..Item::default()
    };
    let rare = Item { count: count(1), day: 20_401, ..Item::default() };
    let others = Others { purchases: 9, items: [(7, named), (8, rare)].into(), ..Others::default() };
    let keyed_by = Some([3; copurchase::KEYED_BY_LEN]);
    let kept = golden("others-keyed.2", &copurchase::encode(&others, keyed_by));
    assert_eq!(copurchase::decode(&kept).expect("readable"), (others, keyed_by));
}
