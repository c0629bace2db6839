//! Stored bytes of what a venue sells: a head that says which parts are in force, and the parts. Contents are stored as codes,
//! never as sets: what a code means is decided when it is read.

use prost::Message as _;

use super::{
    mirror::{AsIs, EmptyIfNone, Stored, damaged, mirror, numbers},
    requests::Remembered,
};
use crate::{
    domain::{
        Stamp,
        items::{Content, ContentSource, Contents, Entry, Item, Kitchen, Level, Name, Version},
    },
    store::{Result, Revision, stored},
};

/// The head: what is in force, beside the items themselves.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The revisions of the parts, in order.
    pub parts: Vec<Revision>,
    /// What the kitchen may carry over, by time.
    pub kitchen: Vec<Kitchen>,
    /// Requests that are recognised when they come again.
    pub requests: Vec<Remembered>,
}

/// The head's bytes.
pub fn encode_head(head: &Head) -> Vec<u8> {
    let name = |part: &Revision| stored::ItemsPartName { counter: part.counter, write_id: part.write_id };
    stored::ItemsHead {
        parts: head.parts.iter().map(name).collect(),
        kitchen: head.kitchen.store(),
        requests: (!head.requests.is_empty()).then(|| stored::Requests { requests: head.requests.store() }),
    }
    .encode_to_vec()
}

/// The reverse of [`encode_head`].
///
/// # Errors
/// `Corrupt` if the bytes are no head.
pub fn decode_head(bytes: &[u8]) -> Result<Head> {
    let stored::ItemsHead { parts, kitchen, requests } =
        stored::ItemsHead::decode(bytes).map_err(|_| damaged("the items of a venue"))?;
    let name = |part: stored::ItemsPartName| Revision { counter: part.counter, write_id: part.write_id };
    Ok(Head {
        parts: parts.into_iter().map(name).collect(),
        kitchen: Stored::read(kitchen)?,
        requests: Stored::read(requests.map(|list| list.requests).unwrap_or_default())?,
    })
}

/// A part's bytes.
pub fn encode_part(entries: &[Entry]) -> Vec<u8> {
    stored::ItemsPart { entries: entries.iter().map(Stored::store).collect() }.encode_to_vec()
}

/// The reverse of [`encode_part`].
///
/// # Errors
/// `Corrupt` if the bytes are no part.
pub fn decode_part(bytes: &[u8]) -> Result<Vec<Entry>> {
    let part = stored::ItemsPart::decode(bytes).map_err(|_| damaged("items of a venue"))?;
    Stored::read(part.entries)
}

mirror!(Stamp = stored::ItemStamp { at, by });

mirror!(Kitchen = stored::ItemsKitchen { from, put, may_contain: AsIs });

mirror!(Entry = stored::ItemEntry { id, versions });

// The three stamps and the item may be missing.
mirror!(Version = stored::ItemVersion { from, put, item, declared, confirmed, changed });

mirror!(
    Item = stored::Item {
        names,
        category,
        tags: AsIs,
        suits_diets: AsIs,
        not_for_minors,
        not_food,
        hours,
        contents,
        components: AsIs,
    }
);

mirror!(Name = stored::ItemName { language, text });

mirror!(Contents = stored::ItemContents { list, source: EmptyIfNone, until });

mirror!(Content = stored::ItemContent { code, level });

numbers!(Level { Contains = 1, MayContain = 2 });

numbers!(ContentSource { Recipe = 1, Label = 2, Supplier = 3 });
