//! Stored bytes of what all customers of a tenant buy. They are not sealed: names are held back of what fewer customers
//! bought than hide each other.

use prost::Message;

use super::entries::damaged;
use crate::{
    domain::anticipation::others::{AtVenue, Count, Crowd, Item, Others},
    store::{Result, stored},
};

/// What others buy.
pub fn encode(others: &Others) -> Vec<u8> {
    let told = |told: fn(&Item) -> &String| -> Vec<String> {
        let items = others.items.values();
        items.map(|item| if item.count.crowd.hides_each() { told(item).clone() } else { String::new() }).collect()
    };
    let venue = |(hash, venue): (&u32, &AtVenue)| stored::VenueSales {
        venue: *hash,
        purchases: venue.purchases,
        items: Some(sales(venue.items.iter().map(|(hash, count)| ([*hash], *count)))),
    };
    let stored = stored::Others {
        purchases: others.purchases,
        items: Some(sales(others.items.iter().map(|(hash, item)| ([*hash], item.count)))),
        names: told(|item| &item.name),
        categories: told(|item| &item.category),
        venues: others.venues.iter().map(venue).collect(),
        pairs: Some(sales(others.pairs.iter().map(|((one, other), count)| ([*one, *other], *count)))),
    };
    stored.encode_to_vec()
}

/// The reverse of [`encode`], without the names that were held back.
///
/// # Errors
/// `Corrupt` if the bytes are not what others buy.
pub fn decode(bytes: &[u8]) -> Result<Others> {
    let raw = stored::Others::decode(bytes).map_err(|_| damaged("what others buy"))?;
    let items = counts::<1>(raw.items)?;
    if raw.names.len() != items.len() || raw.categories.len() != items.len() {
        return Err(damaged("the names of what others buy"));
    }
    let named = items.into_iter().zip(raw.names.into_iter().zip(raw.categories));
    let venue = |venue: stored::VenueSales| {
        let items = counts::<1>(venue.items)?.into_iter().map(|([hash], count)| (hash, count)).collect();
        Ok((venue.venue, AtVenue { purchases: venue.purchases, items }))
    };
    Ok(Others {
        purchases: raw.purchases,
        items: named.map(|(([hash], count), (name, category))| (hash, Item { name, category, count })).collect(),
        venues: raw.venues.into_iter().map(venue).collect::<Result<_>>()?,
        pairs: counts::<2>(raw.pairs)?.into_iter().map(|([one, other], count)| ((one, other), count)).collect(),
    })
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
        return Err(damaged("what others buy"));
    }
    let count = |place: usize| Count {
        purchases: raw.purchases[place],
        weight: raw.weights[place],
        crowd: Crowd(raw.crowds[place]),
    };
    Ok(hashes.iter().enumerate().map(|(place, hashes)| (*hashes, count(place))).collect())
}
