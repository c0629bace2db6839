//! Stored bytes of co-purchase statistics: every item under a hash of its name, with name and category only if enough customers bought it to
//! hide each other. Since format 2 the hash is keyed, see `service/copurchase.rs`.

use prost::Message;

use super::mirror::damaged;
use crate::{
    domain::{
        copurchase::{AtVenue, Count, Crowd, Item, Others},
        repurchase::{Again, LAGS},
    },
    store::{Result, stored},
};

/// Bytes by which the key is known that hashed the items.
pub const KEYED_BY_LEN: usize = 8;
/// By which key the items are hashed; `None`: by none, as in format 1.
pub type KeyedBy = Option<[u8; KEYED_BY_LEN]>;

/// The statistics' bytes.
pub fn encode(others: &Others, keyed_by: KeyedBy) -> Vec<u8> {
    let Others { purchases, items, venues, pairs, lags, half_life } = others;
    let told = |told: fn(&Item) -> &String| -> Vec<String> {
        let items = items.values();
        items.map(|item| if item.count.crowd.hides_each() { told(item).clone() } else { String::new() }).collect()
    };
    let venue = |(hash, venue): (&u32, &AtVenue)| stored::VenueSales {
        venue: *hash,
        purchases: venue.purchases,
        items: Some(sales(venue.items.iter().map(|(hash, count)| ([*hash], *count)))),
    };
    let stored = stored::Others {
        purchases: *purchases,
        items: Some(sales(items.iter().map(|(hash, item)| ([*hash], item.count)))),
        names: told(|item| &item.name),
        categories: told(|item| &item.category),
        venues: venues.iter().map(venue).collect(),
        pairs: Some(sales(pairs.iter().map(|((one, other), count)| ([*one, *other], *count)))),
        items_again: repeats(items.values().map(|item| item.again)),
        lags: repeats(lags.iter().copied()),
        half_life: *half_life,
        keyed_by: keyed_by.map(|key| key.to_vec()).unwrap_or_default(),
        days: if keyed_by.is_some() { items.values().map(|item| item.day).collect() } else { Vec::new() },
    };
    stored.encode_to_vec()
}

/// The reverse of [`encode`]; names and categories that were held back are empty.
///
/// # Errors
/// `Corrupt` if the bytes are not such statistics.
pub fn decode(bytes: &[u8]) -> Result<(Others, KeyedBy)> {
    let stored::Others {
        purchases,
        items,
        names,
        categories,
        venues,
        pairs,
        items_again,
        lags,
        half_life,
        keyed_by,
        days,
    } = stored::Others::decode(bytes).map_err(|_| damaged("co-purchase statistics: not such a message"))?;
    let keyed_by = match keyed_by.as_slice() {
        [] => None,
        key => Some(key.try_into().map_err(|_| damaged("co-purchase statistics: the key of its hashes"))?),
    };
    let items = counts::<1>(items)?;
    if names.len() != items.len() || categories.len() != items.len() {
        return Err(damaged("co-purchase statistics: names or categories of another number than items"));
    }
    let again = again_of(items_again, items.len(), "co-purchase statistics: repurchases by item")?;
    let days = if keyed_by.is_none() { vec![0; items.len()] } else { days };
    if days.len() != items.len() {
        return Err(damaged("co-purchase statistics: days of another number than items"));
    }
    let named = items.into_iter().zip(names.into_iter().zip(categories).zip(again.into_iter().zip(days)));
    let at_venue = |stored::VenueSales { venue, purchases, items }| {
        let items = counts::<1>(items)?.into_iter().map(|([hash], count)| (hash, count)).collect();
        Ok((venue, AtVenue { purchases, items }))
    };
    let by_time = "co-purchase statistics: repurchases by time since the last purchase";
    let lags: [Again; LAGS] = again_of(lags, LAGS, by_time)?.try_into().map_err(|_| damaged(by_time))?;
    let others = Others {
        purchases,
        items: named
            .map(|(([hash], count), ((name, category), (again, day)))| {
                (hash, Item { name, category, count, again, day })
            })
            .collect(),
        venues: venues.into_iter().map(at_venue).collect::<Result<_>>()?,
        pairs: counts::<2>(pairs)?.into_iter().map(|([one, other], count)| ((one, other), count)).collect(),
        lags,
        half_life,
    };
    Ok((others, keyed_by))
}

/// None if nothing was counted.
fn repeats(all: impl Iterator<Item = Again> + Clone) -> Option<stored::Again> {
    let is_any = all.clone().any(|one| one != Again::default());
    is_any.then(|| stored::Again {
        expected: all.clone().map(|one| one.expected).collect(),
        bought: all.map(|one| one.bought).collect(),
    })
}

/// `what`: which list it is, for the error.
fn again_of(raw: Option<stored::Again>, count: usize, what: &str) -> Result<Vec<Again>> {
    let Some(raw) = raw else {
        return Ok(vec![Again::default(); count]);
    };
    if [raw.expected.len(), raw.bought.len()] != [count; 2] {
        return Err(damaged(what));
    }
    let both = raw.expected.into_iter().zip(raw.bought);
    Ok(both.map(|(expected, bought)| Again { expected, bought }).collect())
}

fn sales<const N: usize>(counts: impl Iterator<Item = ([u32; N], Count)>) -> stored::Sales {
    let mut sales = stored::Sales::default();
    for (hashes, count) in counts {
        sales.hashes.extend(hashes);
        sales.purchases.push(count.purchases);
        sales.weights.push(count.weight);
        sales.crowds.push(count.crowd.0);
    }
    sales
}

fn counts<const N: usize>(raw: Option<stored::Sales>) -> Result<Vec<([u32; N], Count)>> {
    let raw = raw.unwrap_or_default();
    let (hashes, rest) = raw.hashes.as_chunks::<N>();
    let count = hashes.len();
    if !rest.is_empty() || [raw.purchases.len(), raw.weights.len(), raw.crowds.len()] != [count; 3] {
        return Err(damaged("co-purchase statistics: lists of different lengths"));
    }
    let count = |index: usize| Count {
        purchases: raw.purchases[index],
        weight: raw.weights[index],
        crowd: Crowd(raw.crowds[index]),
    };
    Ok(hashes.iter().enumerate().map(|(index, hashes)| (*hashes, count(index))).collect())
}
