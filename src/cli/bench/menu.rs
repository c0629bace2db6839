//! The menu of the bench's own venue: as many items as a large house sells, each with what it contains.

use std::collections::BTreeMap;

use super::subjects::VENUE;
use crate::{
    cli::{connect::ServiceChannel, failure::Failure},
    proto::{
        BasketLine, ContentLevel, Item, ItemContent, ItemContents, ItemName, PutItemsRequest,
        catalogue_service_client::CatalogueServiceClient,
    },
};

/// Items of the menu: every dish with every side and every sauce.
pub const ITEMS: usize = DISHES.len() * SIDES.len() * SAUCES.len();
/// Lines of a basket: what four people order in an evening.
pub const LINES: usize = 30;
/// Seats at the table.
const SEATS: usize = 4;
/// Items of one request: the most that the contract allows.
const PUT_MAX: usize = 500;
/// Two lines of a basket lie so far apart on the menu. It has no factor in common with the number of items.
const STEP: usize = 367;

/// A part of an item's name, and what it contains.
type Part = (&'static str, &'static [&'static str]);

const DISHES: [Part; 20] = [
    ("Grilled salmon", &["FISH"]),
    ("Veal escalope", &["GLUTEN", "EGGS", "BEEF", "MEAT"]),
    ("Roast chicken", &["MEAT"]),
    ("Wild mushroom risotto", &["MILK", "CELERY", "ALCOHOL", "SULPHITES"]),
    ("Tagliatelle", &["GLUTEN", "EGGS"]),
    ("Cheese fondue", &["MILK", "ALCOHOL", "SULPHITES"]),
    ("Lamb cutlets", &["MEAT"]),
    ("Prawn skewer", &["CRUSTACEANS"]),
    ("Käsespätzle", &["GLUTEN", "EGGS", "MILK"]),
    ("Entrecôte", &["BEEF", "MEAT"]),
    ("Steamed mussels", &["MOLLUSCS"]),
    ("Tofu curry", &["SOY"]),
    ("Falafel", &["GLUTEN"]),
    ("Omelette", &["EGGS"]),
    ("Gnocchi", &["GLUTEN"]),
    ("Pork belly", &["PORK", "MEAT"]),
    ("Crème brûlée", &["MILK", "EGGS"]),
    ("Baked pumpkin", &[]),
    ("Duck breast", &["MEAT"]),
    ("Lentil soup", &["CELERY"]),
];

const SIDES: [Part; 10] = [
    ("fries", &[]),
    ("rice", &[]),
    ("mashed potatoes", &["MILK"]),
    ("green beans", &[]),
    ("rösti", &[]),
    ("bread", &["GLUTEN"]),
    ("almond couscous", &["GLUTEN", "ALMOND"]),
    ("walnut salad", &["WALNUT"]),
    ("spinach", &[]),
    ("sesame noodles", &["GLUTEN", "SESAME"]),
];

const SAUCES: [Part; 10] = [
    ("lemon", &[]),
    ("pesto", &["TREE_NUTS", "MILK"]),
    ("mustard sauce", &["MUSTARD", "MILK"]),
    ("satay sauce", &["PEANUTS", "SOY"]),
    ("tomato sauce", &[]),
    ("herb butter", &["MILK"]),
    ("aioli", &["EGGS"]),
    ("red wine jus", &["ALCOHOL", "SULPHITES", "CELERY"]),
    ("salsa verde", &["FISH"]),
    ("crème fraîche", &["MILK"]),
];

/// The parts of the item of that number.
fn parts(number: usize) -> [Part; 3] {
    let (dishes, sides) = (DISHES.len(), SIDES.len());
    [DISHES[number % dishes], SIDES[number / dishes % sides], SAUCES[number / dishes / sides % SAUCES.len()]]
}

fn name(number: usize) -> String {
    let [(dish, _), (side, _), (sauce, _)] = parts(number);
    format!("{dish}, {side} and {sauce}")
}

fn item(number: usize) -> Item {
    let level = ContentLevel::Contains.into();
    let codes = parts(number).into_iter().flat_map(|(_, codes)| codes);
    let contents: BTreeMap<&str, ItemContent> =
        codes.map(|code| (*code, ItemContent { code: (*code).into(), level })).collect();
    Item {
        item_id: format!("bench-{number:04}"),
        names: vec![ItemName { language: "en".into(), text: name(number) }],
        category: "food".into(),
        contents: Some(ItemContents { contents: contents.into_values().collect(), ..ItemContents::default() }),
        ..Item::default()
    }
}

/// Puts the menu. Only into the bench's own venue: it would replace items of others, and waiters would read them.
pub async fn declare(channel: ServiceChannel, venue: &str) -> Result<(), Failure> {
    if venue != VENUE {
        return Err(Failure::Failed(format!(
            "this mode puts {ITEMS} items into its venue's menu, so it needs the bench's own venue, \"{VENUE}\": run it \
             against a server that has no policy"
        )));
    }
    let mut client = CatalogueServiceClient::new(channel);
    for first in (0..ITEMS).step_by(PUT_MAX) {
        let items = (first..ITEMS.min(first + PUT_MAX)).map(item).collect();
        client.put_items(PutItemsRequest { venue_id: venue.into(), items, ..PutItemsRequest::default() }).await?;
    }
    Ok(())
}

/// The basket of the call of that number: 200 in turn, which have all items between them.
pub fn lines(number: u64) -> Vec<BasketLine> {
    let first = usize::try_from(number % ITEMS as u64).unwrap_or_default() * LINES;
    let line = |place: usize| BasketLine {
        item: name((first + place) * STEP % ITEMS),
        quantity: 1,
        seat: (place % SEATS + 1).to_string(),
        ..BasketLine::default()
    };
    (0..LINES).map(line).collect()
}
