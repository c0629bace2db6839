//! Items of venues. The notation of `parse!` and `send!` is explained in `mirror.rs`.

use std::collections::HashSet;

use super::{
    CATEGORY_CHARS_MAX, ITEM_CHARS_MAX, Parsed, count,
    mirror::{IntoWire, enum_table, parse, send},
    policy::hours as opening_hours,
    time,
    values::{each, from_text, item_name, lower_line, no_card, zero_is},
    violations::Violations,
};
use crate::{
    domain::{
        Timestamp, Violation,
        card::{self, Use},
        items::{Content, ContentSource, Contents, Item, Kitchen, Level, Name, Put, Selection, Standing, of_code},
        policy::ItemRules,
        substances::{self, Meaning},
        text,
    },
    proto,
    service::{
        Caller,
        items::{
            change::Changed,
            read::{ItemAt, ItemsPage},
        },
        tokens,
    },
};

/// The longest id of an item: as long as codes are.
const ITEM_ID_CHARS_MAX: usize = 64;
/// Items in one request: a menu of two pages in each of several hundred versions fits; more would fill an answer with faults.
const ITEMS_PER_REQUEST_MAX: usize = 500;
const NAMES_MAX: usize = 12;
const TAGS_MAX: usize = 16;
const DIETS_MAX: usize = 8;
/// Annex II has 14 allergens; with their members, and what diets leave out, an item has seldom more than half of this.
const CONTENTS_MAX: usize = 40;
const COMPONENTS_MAX: usize = 32;
const HOURS_MAX: usize = 21;
/// How far the clock of who declares contents may be ahead of the server's: those of tills are set by the network.
const CLOCK_AHEAD_SECONDS_MAX: i64 = 5 * 60;
/// How far ahead a menu may be put.
const AHEAD_SECONDS_MAX: i64 = 366 * 86_400;

enum_table!(proto::ContentLevel = Level { Contains = Contains, MayContain = MayContain });
enum_table!(content_source: proto::ContentSource = ContentSource { Recipe = Recipe, Label = Label, Supplier = Supplier });
enum_table!(proto::ItemState = Standing {
    Declared = Declared,
    NotDeclared = NotDeclared,
    Expired = Expired,
    Changed = Changed,
    ComponentNotDeclared = ComponentNotDeclared,
});

/// The items of a request, or all that is wrong with them.
pub fn puts(
    caller: &Caller,
    list: Vec<proto::Item>,
    from_time: Option<prost_types::Timestamp>,
) -> Result<Vec<Put>, crate::service::error::Error> {
    let from = time("from_time", from_time)?;
    if from.is_some_and(|from| from.as_second() > caller.now.as_second() + AHEAD_SECONDS_MAX) {
        return Err(Violation::new("from_time", "must not be more than a year ahead").into());
    }
    let mut wrong = Violations::default();
    let mut ids = HashSet::new();
    let puts = wrong.each("items", list, 1..=ITEMS_PER_REQUEST_MAX, |field, raw| put(caller, field, raw, from));
    wrong.none().map_err(crate::service::error::Error::Invalid)?;
    // Only now are the places in the list those of the request.
    match puts.iter().position(|put| !ids.insert(put.id.as_str())) {
        None => {}
        Some(index) => {
            let field = format!("items[{index}].item_id");
            return Err(Violation::new(field, "must be unique within the request").into());
        }
    }
    Ok(puts)
}

fn put(caller: &Caller, field: &str, raw: proto::Item, from: Option<Timestamp>) -> Parsed<Put> {
    let id = kept_item_id("item_id", &raw.item_id)?;
    let declared = raw.contents.as_ref().and_then(|contents| contents.declare_time);
    let declared = declared.map(|declared| declare_time("contents.declare_time", declared, caller.now));
    let rules = &caller.in_force.policy.rules.items;
    let item = parse!(field, raw: proto::Item => Item {
        _ = item_id,
        {
            count("names", names.len(), 0..=NAMES_MAX)?;
            count("tags", tags.len(), 0..=TAGS_MAX)?;
            count("suits_diets", suits_diets.len(), 0..=DIETS_MAX)?;
            count("hours", hours.len(), 0..=HOURS_MAX)?;
            count("component_ids", component_ids.len(), 0..=COMPONENTS_MAX)?;
        }
        names: each(name),
        category: lower_line(0..=CATEGORY_CHARS_MAX),
        tags: each(lower_line(1..=CATEGORY_CHARS_MAX)),
        { card::refuse_card_data(std::iter::once(("category", category.as_str())).chain(tags.iter().map(|tag| ("tags", tag.as_str()))))?; }
        suits_diets: each(from_text(no_card(text::code))),
        not_for_minors,
        hours: each(opening_hours),
        not_food,
        contents: |field, raw: Option<proto::ItemContents>| raw.map(|raw| contents_of(rules, field, raw)).transpose(),
        components = component_ids: each(from_text(kept_item_id)),
    })?;
    refuse_contradiction(field, &item)?;
    Ok(Put { id, item, declare_time: declared.transpose()?, from })
}

/// When contents were declared. It is kept as it was sent: clamped to the server's clock, the same list would be declared later each
/// time that it is sent.
fn declare_time(field: &str, raw: prost_types::Timestamp, now: Timestamp) -> Parsed<Timestamp> {
    let declared = time(field, Some(raw))?.unwrap_or(now);
    if declared.as_second() <= now.as_second() + CLOCK_AHEAD_SECONDS_MAX {
        return Ok(declared);
    }
    Err(Violation::new(field, "must not be in the future"))
}

/// Who vouches for a diet can't declare what the diet leaves out.
fn refuse_contradiction(field: &str, item: &Item) -> Parsed<()> {
    let Some(contents) = &item.contents else { return Ok(()) };
    for (index, diet) in item.suits_diets.iter().enumerate() {
        // With those before it: meat and milk are kosher, each by itself.
        let mut contains = 0;
        let contradicts = |one: &Content| {
            contains |= if one.level == Level::Contains { substances::of_content(&one.code) } else { 0 };
            substances::diet_leaves_out(diet, contains)
        };
        if let Some(at) = contents.list.iter().position(contradicts) {
            let rule = format!("leaves out what contents.contents[{at}] declares; correct one of them");
            return Err(Violation::new(format!("suits_diets[{index}]"), rule).within(field));
        }
    }
    Ok(())
}

/// An item's id, as its till names it.
pub fn item_id(field: &str, raw: &str) -> Parsed<String> {
    text::key(field, raw, 1..=ITEM_ID_CHARS_MAX)
}

/// An id that is to be kept: it may be a barcode.
fn kept_item_id(field: &str, raw: &str) -> Parsed<String> {
    let id = item_id(field, raw)?;
    card::refuse_card_data_in([(field, id.as_str(), Use::Reference)], &[])?;
    Ok(id)
}

pub fn item_ids(field: &str, raw: Vec<String>) -> Parsed<Vec<String>> {
    count(field, raw.len(), 1..=ITEMS_PER_REQUEST_MAX)?;
    each(from_text(item_id))(field, raw)
}

fn name(field: &str, raw: proto::ItemName) -> Parsed<Name> {
    parse!(field, raw: proto::ItemName => Name {
        language: from_text(text::language),
        text: item_name(1..=ITEM_CHARS_MAX),
        { card::refuse_card_data([("text", text.as_str())])?; }
    })
}

fn contents_of(rules: &ItemRules, field: &str, raw: proto::ItemContents) -> Parsed<Contents> {
    let parsed = parse!(field, raw: proto::ItemContents => Contents {
        { count("contents", contents.len(), 0..=CONTENTS_MAX)?; }
        list = contents: each(|field: &str, raw| content(rules, field, raw)),
        source: zero_is(None, |field, raw| content_source(field, raw).map(Some)),
        until = expire_time: time,
        _ = declare_time,
    })?;
    let mut codes = HashSet::new();
    match parsed.list.iter().position(|content| !codes.insert(content.code.as_str())) {
        None => Ok(parsed),
        Some(index) => Err(Violation::new(format!("contents[{index}].code"), "must be in the list once").within(field)),
    }
}

fn content(rules: &ItemRules, field: &str, raw: proto::ItemContent) -> Parsed<Content> {
    parse!(field, raw: proto::ItemContent => Content {
        code: |field, raw: String| substance(rules, field, &raw),
        level,
    })
}

/// A code that is understood. What was probably meant by another one is suggested, and never taken.
fn substance(rules: &ItemRules, field: &str, raw: &str) -> Parsed<String> {
    let code = text::code(field, raw)?;
    if of_code(rules, &code) != 0 {
        return Ok(code);
    }
    let rule = "must be the code of a substance that is understood, or one of the policy's item_rules.added_substances";
    Err(match substances::meaning(&code) {
        Meaning::NotUnderstood { suggestion: Some(meant) } => {
            Violation::new(field, format!("{rule}; if {meant} is meant, send that"))
        }
        _ => Violation::new(field, rule),
    })
}

/// Codes of what a kitchen may carry over, each once.
pub fn kitchen_codes(caller: &Caller, field: &str, raw: Vec<String>) -> Parsed<Vec<String>> {
    count(field, raw.len(), 0..=CONTENTS_MAX)?;
    let rules = &caller.in_force.policy.rules.items;
    let mut codes = each(|field: &str, raw: String| substance(rules, field, &raw))(field, raw)?;
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

pub fn selection(field: &str, raw: Option<proto::ItemSelection>) -> Parsed<Selection> {
    let proto::ItemSelection { item_ids: ids, category, all } = raw.unwrap_or_default();
    let wrong = || Violation::new(field, "must have exactly one of item_ids, category and all");
    match (ids.is_empty(), category.is_empty(), all) {
        (false, true, false) => item_ids("item_ids", ids).map(Selection::Ids).map_err(|fault| fault.within(field)),
        (true, false, false) => {
            let parse = no_card(|field, raw| text::lower_line(field, raw, 1..=CATEGORY_CHARS_MAX));
            parse("category", &category).map(Selection::Category).map_err(|fault| fault.within(field))
        }
        (true, true, true) => Ok(Selection::All),
        _ => Err(wrong()),
    }
}

pub fn receipt_out(changed: Changed) -> proto::CatalogueReceipt {
    proto::CatalogueReceipt {
        etag: tokens::etag(changed.revision),
        changed_count: i32::try_from(changed.count).unwrap_or(i32::MAX),
    }
}

pub fn page_out(page: ItemsPage) -> proto::ListItemsResponse {
    let ItemsPage { items, next_page_token, kitchen, revision } = page;
    proto::ListItemsResponse {
        versions: items.into_iter().map(version_out).collect(),
        next_page_token,
        kitchen: kitchen.map(|Kitchen { from, put, may_contain }| proto::Kitchen {
            may_contain,
            from_time: from.into_wire(),
            declared_by: put.by.into(),
        }),
        etag: revision.map(tokens::etag).unwrap_or_default(),
    }
}

pub fn version_out(found: ItemAt) -> proto::ItemVersion {
    let ItemAt { id, version, standing } = found;
    let declared = version.declared;
    let (confirm_time, confirmed_by) = version.confirmed.map(|stamp| (stamp.at, stamp.by)).unzip();
    let (changed_time, changed_by) = version.changed.map(|stamp| (stamp.at, stamp.by)).unzip();
    let item = version.item.map(|item| {
        let mut sent: proto::Item = item.into_wire();
        sent.item_id = id;
        if let (Some(contents), Some(declared)) = (&mut sent.contents, &declared) {
            contents.declare_time = declared.at.into_wire();
        }
        sent
    });
    proto::ItemVersion {
        item,
        from_time: version.from.into_wire(),
        state: standing.into_wire(),
        update_time: version.put.at.into_wire(),
        updated_by: version.put.by.into(),
        declared_by: declared.map(|stamp| stamp.by).into_wire(),
        confirm_time: confirm_time.into_wire(),
        confirmed_by: confirmed_by.into_wire(),
        changed_time: changed_time.into_wire(),
        changed_by: changed_by.into_wire(),
    }
}

send!(Item => proto::Item {
    names,
    category,
    tags,
    suits_diets,
    not_for_minors,
    not_food,
    hours,
    contents,
    components = component_ids,
    + item_id: String::new(),
});

send!(Name => proto::ItemName { language, text });

send!(Contents => proto::ItemContents {
    list = contents,
    source,
    until = expire_time,
    + declare_time: None,
});

send!(Content => proto::ItemContent { code, level });
