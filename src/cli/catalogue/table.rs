//! Items from a table: CSV whose first line names the columns.

use super::put::Row;
use crate::{
    cli::{
        failure::Failure,
        import::table::cut::{Cutter, RowFault},
    },
    proto::{ContentLevel, ContentSource, Item, ItemContent, ItemContents, ItemName},
};

/// In a column of contents: none of what there are codes for. An empty cell says nothing, and nothing is declared.
const NONE: &str = "-";

/// What a column means.
enum Column {
    Id,
    /// A name in a language.
    Name(String),
    Category,
    Tags,
    Contains,
    MayContain,
    Source,
    Suits,
    Components,
    NotForMinors,
    NotFood,
}

impl Column {
    fn of(header: &str) -> Option<Self> {
        let header = header.trim().to_lowercase();
        Some(match header.as_str() {
            "id" | "item_id" => Self::Id,
            "name" => Self::Name(String::new()),
            "category" => Self::Category,
            "tags" => Self::Tags,
            "contains" => Self::Contains,
            "may_contain" => Self::MayContain,
            "source" => Self::Source,
            "suits" | "suits_diets" => Self::Suits,
            "components" | "component_ids" => Self::Components,
            "not_for_minors" => Self::NotForMinors,
            "not_food" => Self::NotFood,
            other => Self::Name(other.strip_prefix("name:")?.to_owned()),
        })
    }
}

/// The rows of a table.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Row>, Failure> {
    // The sign after the first column's name.
    let delimiter = bytes.iter().copied().find(|byte| b",;\n".contains(byte)).filter(|sign| *sign == b';');
    let delimiter = delimiter.unwrap_or(b',');
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut cutter, mut consumed) = (Cutter::new(bytes, delimiter), Vec::new());
    let header = cutter.next(None, &mut consumed)?.and_then(|cut| cut.fields.ok());
    let header = header.ok_or_else(|| Failure::Failed(format!("{file}: the first line names no columns")))?;
    let mut columns = Vec::with_capacity(header.len());
    for name in &header {
        let column = Column::of(name).ok_or_else(|| {
            Failure::Failed(format!(
                "{file}:1: {name} is no column of items; there are id, name, name:LANGUAGE, category, tags, contains, \
                 may_contain, source, suits, components, not_for_minors, not_food"
            ))
        })?;
        columns.push(column);
    }
    if !columns.iter().any(|column| matches!(column, Column::Id)) {
        return Err(Failure::Failed(format!("{file}:1: a column must be named id")));
    }
    let mut rows = Vec::new();
    while let Some(cut) = cutter.next(Some(columns.len()), &mut consumed)? {
        let item = cut.fields.map_err(|fault| told(fault, columns.len())).and_then(|cells| item(&columns, &cells));
        rows.push(Row { file: file.to_owned(), line: cut.line, item });
    }
    Ok(rows)
}

fn told(fault: RowFault, columns: usize) -> String {
    match fault {
        RowFault::Columns(count) => format!("has {count} columns, and the first line {columns}"),
        RowFault::NotUtf8 => "is not UTF-8".to_owned(),
        RowFault::TooLong => "is too long".to_owned(),
        RowFault::CutOff => "the file ends within quotes".to_owned(),
    }
}

fn item(columns: &[Column], cells: &[String]) -> Result<Item, String> {
    let mut item = Item::default();
    let mut contents: Option<ItemContents> = None;
    let mut source = ContentSource::Unspecified;
    let mut says_contains = false;
    for (column, cell) in columns.iter().zip(cells) {
        let cell = cell.trim();
        let list = || list_of(cell);
        match column {
            Column::Id => cell.clone_into(&mut item.item_id),
            Column::Name(_) if cell.is_empty() => {}
            Column::Name(language) => {
                item.names.push(ItemName { language: language.clone(), text: cell.to_owned() });
            }
            Column::Category => cell.clone_into(&mut item.category),
            Column::Tags => item.tags = list(),
            Column::Suits => item.suits_diets = list(),
            Column::Components => item.component_ids = list(),
            Column::NotForMinors => item.not_for_minors = yes(cell)?,
            Column::NotFood => item.not_food = yes(cell)?,
            Column::Source if cell.is_empty() => {}
            Column::Source => {
                let name = format!("CONTENT_SOURCE_{}", cell.to_uppercase());
                let known = ContentSource::from_str_name(&name);
                source = known.ok_or("source must be recipe, label or supplier")?;
            }
            Column::Contains | Column::MayContain if cell.is_empty() => {}
            Column::Contains | Column::MayContain => {
                let is_contained = matches!(column, Column::Contains);
                says_contains |= is_contained;
                let level = if is_contained { ContentLevel::Contains } else { ContentLevel::MayContain };
                let codes = if cell == NONE { Vec::new() } else { list() };
                let codes = codes.into_iter().map(|code| ItemContent { code, level: level.into() });
                contents.get_or_insert_default().contents.extend(codes);
            }
        }
    }
    // Traces alone do not say what is in it.
    if contents.is_some() && !says_contains {
        return Err("contains must be given beside may_contain: codes, or - for none".to_owned());
    }
    item.contents = contents.map(|contents| ItemContents { source: source.into(), ..contents });
    Ok(item)
}

/// A cell of several values: separated by commas, semicolons or bars.
fn list_of(cell: &str) -> Vec<String> {
    let parts = cell.split([',', ';', '|']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn yes(cell: &str) -> Result<bool, String> {
    match cell.to_lowercase().as_str() {
        "" | "no" | "false" | "0" => Ok(false),
        "yes" | "true" | "1" | "x" => Ok(true),
        _ => Err("must be yes or no".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_items_contain() {
        let text = "id;name:de;category;contains;may_contain;not_for_minors\n\
            1;Nusstorte;Dessert;WALNUT, WHEAT;SESAME;\n\
            2;Wasser;Getränk;-;;no\n\
            3;Suppe;Vorspeise;;;\n\
            4;Wein;Getränk;ALCOHOL;;x\n\
            5;zu kurz\n\
            6;Brot;;;SESAME;\n";
        let rows = read("menu.csv", text.as_bytes()).expect("a table");
        let item = |index: usize| rows[index].item.clone();
        let codes = |item: &Item| -> Vec<(String, i32)> {
            let contents = item.contents.clone().unwrap_or_default().contents;
            contents.into_iter().map(|content| (content.code, content.level)).collect()
        };
        let cake = item(0).expect("right");
        assert_eq!((cake.item_id.as_str(), cake.names[0].language.as_str()), ("1", "de"));
        assert_eq!(codes(&cake), [("WALNUT".to_owned(), 1), ("WHEAT".to_owned(), 1), ("SESAME".to_owned(), 2)]);
        assert_eq!(item(1).expect("right").contents, Some(ItemContents::default()), "declared: none");
        assert_eq!(item(2).expect("right").contents, None, "not declared");
        assert!(item(3).expect("right").not_for_minors);
        assert!(item(5).expect_err("refused").starts_with("contains must be given"));
        assert_eq!((rows[4].line, item(4)), (6, Err("has 2 columns, and the first line 6".to_owned())));
    }

    #[test]
    fn a_column_that_is_none_is_named() {
        for (text, told) in [("id,colour\n", "colour is no column"), ("name\nSoup\n", "named id"), ("", "no columns")] {
            let failure = read("menu.csv", text.as_bytes()).err().expect("refused");
            assert!(failure.to_string().contains(told), "{failure}");
        }
    }
}
