//! A row fills the template: what comes out is proto3-JSON, read like a line of NDJSON.

use prost_reflect::MessageDescriptor;
use serde_json::Value as Json;

use super::mapping::Node;
use crate::{
    cli::json,
    proto::{ImportRecord, import_record::Record},
};

/// Why a row is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// For programs.
    pub reason: &'static str,
    pub field: String,
    pub message: String,
}

/// The record that a row makes.
pub fn record(kind: &MessageDescriptor, root: &Node, row: &[String]) -> Result<Record, CellFault> {
    let Some(filled) = fill(root, row, 0)? else {
        let message = "all columns that the mapping names are empty".to_owned();
        return Err(CellFault { reason: "EMPTY_ROW", field: String::new(), message });
    };
    let record: Result<ImportRecord, _> = json::read_value(kind, filled);
    let wrong = |field, message| CellFault { reason: "INVALID_ROW", field, message };
    match record {
        Ok(ImportRecord { record: Some(record) }) => Ok(record),
        Ok(ImportRecord { record: None }) => Err(wrong(String::new(), "the row holds no record".to_owned())),
        Err(fault) => Err(wrong(fault.field, fault.message)),
    }
}

/// `None`: it has columns, and all of them are empty. Then constants beside them say nothing either.
fn fill(node: &Node, row: &[String], part: usize) -> Result<Option<Json>, CellFault> {
    match node {
        Node::Constant(value) => Ok(Some(value.clone())),
        Node::Cell(cell) => cell.value(row, part).map_err(|message| {
            let columns: Vec<String> = cell.places.iter().map(|place| (place + 1).to_string()).collect();
            let message = format!("column {} {message}", columns.join(", "));
            CellFault { reason: "INVALID_VALUE", field: cell.path.clone(), message }
        }),
        Node::Object(fields) => {
            let mut filled = serde_json::Map::new();
            let (mut has_cells, mut has_values) = (false, false);
            for (name, node) in fields {
                let value = fill(node, row, part)?;
                has_cells |= is_open(node);
                has_values |= is_open(node) && value.is_some();
                filled.extend(value.map(|value| (name.clone(), value)));
            }
            Ok((has_values || !has_cells).then_some(Json::Object(filled)))
        }
        Node::List(nodes) => {
            let mut elements = Vec::new();
            for node in nodes {
                for part in 0..parts(node, row) {
                    elements.extend(fill(node, row, part)?);
                }
            }
            Ok((!elements.is_empty()).then_some(Json::Array(elements)))
        }
    }
}

fn is_open(node: &Node) -> bool {
    match node {
        Node::Constant(_) => false,
        Node::Cell(_) => true,
        Node::Object(fields) => fields.iter().any(|(_, node)| is_open(node)),
        Node::List(nodes) => nodes.iter().any(is_open),
    }
}

/// How many elements of a list a row makes of one of the template.
fn parts(node: &Node, row: &[String]) -> usize {
    match node {
        Node::Constant(_) | Node::List(_) => 1,
        Node::Cell(cell) => cell.parts(row),
        Node::Object(fields) => fields.iter().map(|(_, node)| parts(node, row)).max().unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::mapping::{Header, Mapping},
        *,
    };
    use crate::proto::{CustomerDraft, IdentityType, Interaction, PrecautionKind};

    fn filled(mapping: &str, header: &str, row: &str) -> Result<Record, CellFault> {
        let split = |line: &str| line.split('|').map(|text| text.trim().to_owned()).collect::<Vec<_>>();
        let mut root = Mapping::parse(mapping).expect("a mapping").root;
        let header = Header::new(&split(header));
        root.each_cell(&mut |cell| {
            cell.places = cell.source.columns().map(|column| header.place(column).expect("is there")).collect();
        });
        record(&json::descriptor("ImportRecord"), &root, &split(row))
    }

    fn customer(mapping: &str, header: &str, row: &str) -> CustomerDraft {
        match filled(mapping, header, row) {
            Ok(Record::Customer(draft)) => draft,
            Ok(_) => panic!("another record"),
            Err(fault) => panic!("{fault:?}"),
        }
    }

    fn interaction(mapping: &str, header: &str, row: &str) -> Result<Interaction, CellFault> {
        match filled(mapping, header, row)? {
            Record::Interaction(interaction) => Ok(interaction),
            _ => panic!("another record"),
        }
    }

    const GUEST: &str = r#"
        [customer.details.name]
        full = { columns = ["First", "Last"] }
        [[customer.identities]]
        type = "phone"
        value = { column = "Phone" }
        [[customer.identities]]
        type = { column = 5, values = { Card = "loyalty", Hotel = "PMS" } }
        value = { column = "No" }
        [[customer.precautions]]
        kind = "diet"
        code = { column = "Diet", split = ",", values = { vegan = "VEGAN", "-" = "", Halal = "HALAL" } }
        [[customer.occasions]]
        kind = "BIRTHDAY"
        date = { column = "Born", format = "%d.%m.%Y" }
    "#;
    const HEADER: &str = "First | Last | Phone | No | Type | Diet | Born";

    #[test]
    fn one_row_makes_a_customer_with_all_its_parts() {
        let draft =
            customer(GUEST, HEADER, "Ana | Ferreira | +41 44 668 18 00 | 17 | HOTEL | Vegan, halal | 29.02.1984");
        assert_eq!(draft.details.and_then(|details| details.name).map(|name| name.full), Some("Ana Ferreira".into()));
        let types: Vec<_> = draft.identities.iter().map(|identity| identity.r#type()).collect();
        assert!(types == [IdentityType::Phone, IdentityType::Pms]);
        let diets: Vec<_> = draft.precautions.iter().map(|diet| (diet.kind(), diet.code.as_str())).collect();
        assert!(diets == [(PrecautionKind::Diet, "VEGAN"), (PrecautionKind::Diet, "HALAL")]);
        let date = draft.occasions[0].date.expect("a date");
        assert_eq!((date.year, date.month, date.day), (Some(1984), 2, 29));
    }

    #[test]
    fn what_is_empty_makes_nothing() {
        let draft = customer(GUEST, HEADER, "Ana | | | | | - | ");
        assert_eq!((draft.identities.len(), draft.precautions.len(), draft.occasions.len()), (0, 0, 0));
        let fault = filled(GUEST, HEADER, " | | | | | | ").err().expect("is empty");
        assert_eq!(fault.reason, "EMPTY_ROW");
    }

    #[test]
    fn what_the_mapping_does_not_know_is_never_left_out() {
        let fault = filled(GUEST, HEADER, "Ana | | | | | vegan, nuts | ").err().expect("nuts are not known");
        assert_eq!((fault.reason, fault.field.as_str()), ("INVALID_VALUE", "customer.precautions[0].code"));
        assert!(fault.message.starts_with("column 6 ") && !fault.message.contains("nuts"), "{}", fault.message);
        let fault = filled(GUEST, HEADER, "Ana | | | | | | 31/02/1984").err().expect("no such day");
        assert_eq!(fault.field, "customer.occasions[0].date");
    }

    fn amount(options: &str, decimals: usize, text: &str) -> Option<i64> {
        let mapping = format!(
            "[table]\n{options}\n[[interaction.purchase.lines]]\nitem = 'x'\n\
             amountMinorUnits = {{ column = 1, decimals = {decimals} }}"
        );
        let interaction = interaction(&mapping, "a", text).ok()?;
        Some(interaction.purchase.expect("a purchase").lines[0].amount_minor_units)
    }

    #[test]
    fn money_is_read_exactly_or_not_at_all() {
        let swiss = "thousands = \"'\"";
        let german = "decimal = ','\nthousands = '.'";
        let cases = [
            ("", 2, "12.5", Some(1_250)),
            ("", 2, "12", Some(1_200)),
            ("", 2, ".5", Some(50)),
            ("", 2, "12.505", None),
            ("", 0, "12.00", Some(12)),
            ("", 2, "1,200", None),
            ("", 2, "0.29", Some(29)),
            (swiss, 2, "1'234'567.05", Some(123_456_705)),
            (swiss, 2, "1’200.00", Some(120_000)),
            (german, 2, "1.234,50", Some(123_450)),
            (german, 2, "12.50", None),
            (german, 2, "-3,20", Some(-320)),
            ("", 2, "EUR 3", None),
            ("", 2, "99999999999999999999", None),
        ];
        for (options, decimals, text, expected) in cases {
            assert_eq!(amount(options, decimals, text), expected, "{options} {text}");
        }
    }

    #[test]
    fn local_times_need_their_zone() {
        let mapping = |table: &str, format: &str| {
            format!("[table]\n{table}\n[interaction]\noccur_time = {{ columns = ['D', 'T'], format = '{format}' }}")
        };
        let seconds = |mapping: String, row: &str| {
            let interaction = interaction(&mapping, "D | T", row).ok()?;
            interaction.occur_time.map(|time| time.seconds)
        };
        let zurich = mapping("zone = 'Europe/Zurich'", "%d.%m.%Y %H:%M");
        assert_eq!(seconds(zurich.clone(), "15.07.2026 | 12:00"), Some(1_784_109_600));
        assert_eq!(seconds(zurich, "15.07.2026 | noon"), None);
        assert_eq!(seconds(mapping("", "%d.%m.%Y %H:%M %z"), "15.07.2026 | 12:00 +0200"), Some(1_784_109_600));
        assert!(Mapping::parse(&mapping("", "%d.%m.%Y %H:%M")).is_err_and(|fault| fault.contains("table.zone")));
    }

    #[test]
    fn a_wrong_mapping_names_all_its_faults() {
        let wrong = "[table]\nzone = 'Mars/Base'\n[customer]\ncolour = 'red'\nprecautions_asked = 'maybe'\n\
                     [[customer.identities]]\ntype = { column = 'T', values = { a = 'CARD' } }\nvalue = { colum = 'x' }";
        let faults = Mapping::parse(wrong).err().expect("is wrong");
        for fault in ["table.zone", "customer.colour", "customer.identities[0].type", "customer.identities[0].value"] {
            assert!(faults.contains(fault), "{fault}: {faults}");
        }
        assert!(Mapping::parse("[customer]\nprecautions_asked = 'maybe'").is_err());
        assert!(Mapping::parse("[customer]\n[interaction]").is_err());
    }
}
