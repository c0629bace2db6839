//! The mapping: a message of the contract written in TOML, with columns in place of values. See docs/import.md.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde::Deserialize;
use serde_json::Value as Json;

use super::value::{Shape, Source};
use crate::{cli::json, proto::ImportRecord};

/// What the rows of a file become.
pub struct Mapping {
    pub delimiter: u8,
    pub has_header: bool,
    /// Columns by which rows belong together; none: every row is an interaction of its own.
    pub group_by: Vec<Column>,
    /// The record, as a template.
    pub root: Node,
}

/// A part of the template.
#[derive(Clone)]
pub enum Node {
    Constant(Json),
    Cell(Box<Cell>),
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
}

/// A place that a row fills in.
#[derive(Clone)]
pub struct Cell {
    /// Of the field, for people.
    pub path: String,
    pub shape: Shape,
    pub source: Source,
    pub zone: Option<TimeZone>,
    pub decimal: char,
    pub thousands: Option<char>,
    /// Where the columns are in a row; known once the header was read.
    pub places: Vec<usize>,
}

/// A column by its name in the header, or by its number from 1.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Column {
    Number(usize),
    Name(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    table: Options,
    customer: Option<toml::Table>,
    interaction: Option<toml::Table>,
    item: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    delimiter: char,
    header: bool,
    decimal: char,
    thousands: Option<char>,
    zone: Option<String>,
    group_by: Vec<Column>,
}

impl Default for Options {
    fn default() -> Self {
        Self { delimiter: ',', header: true, decimal: '.', thousands: None, zone: None, group_by: Vec::new() }
    }
}

impl Mapping {
    /// Errors: all that is wrong with it, a line each.
    pub fn parse(text: &str) -> Result<Self, String> {
        let File { table, customer, interaction, item } = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut build = Build { zone: None, options: &table, faults: Vec::new() };
        if let Some(name) = &table.zone {
            build.zone = TimeZone::get(name).map_err(|error| build.fault("table.zone", &error.to_string())).ok();
        }
        if !table.delimiter.is_ascii() || ['"', '\n', '\r'].contains(&table.delimiter) {
            build.fault("table.delimiter", "is one ASCII character, and no quote or newline");
        }
        if Some(table.decimal) == table.thousands || table.decimal.is_ascii_digit() {
            build.fault("table.decimal", "is neither a digit nor the character of thousands");
        }
        let (name, message) = match (customer, interaction, item) {
            (Some(customer), None, None) => ("customer", customer),
            (None, Some(interaction), None) => ("interaction", interaction),
            (None, None, Some(item)) => ("item", item),
            _ => return Err("needs one of [customer], [interaction] and [item]: map the file once for each".to_owned()),
        };
        if name != "interaction" && !table.group_by.is_empty() {
            build.fault("table.group_by", "groups the lines of purchases; a customer or item is one row");
        }
        let record = json::descriptor("ImportRecord");
        let whole = toml::Table::from_iter([(name.to_owned(), toml::Value::Table(message))]);
        let root = build.object(&record, whole, "");
        if build.faults.is_empty()
            && let Err(fault) = json::read_value::<ImportRecord>(&record, constants(&root))
        {
            build.fault(&fault.field, &fault.message);
        }
        if !build.faults.is_empty() {
            return Err(build.faults.join("\n"));
        }
        let delimiter = u8::try_from(table.delimiter).unwrap_or(b',');
        Ok(Self { delimiter, has_header: table.header, group_by: table.group_by, root })
    }
}

struct Build<'a> {
    zone: Option<TimeZone>,
    options: &'a Options,
    faults: Vec<String>,
}

impl Build<'_> {
    fn fault(&mut self, path: &str, message: &str) {
        self.faults.push(format!("{path}: {message}"));
    }

    fn object(&mut self, message: &MessageDescriptor, table: toml::Table, path: &str) -> Node {
        let mut fields = Vec::new();
        for (name, value) in table {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let field = message.get_field_by_name(&name).or_else(|| message.get_field_by_json_name(&name));
            match field {
                Some(field) => fields.push((field.json_name().to_owned(), self.field(&field, value, &path))),
                None => self.fault(&path, &format!("{} has no such field", message.name())),
            }
        }
        Node::Object(fields)
    }

    fn field(&mut self, field: &FieldDescriptor, value: toml::Value, path: &str) -> Node {
        match value {
            toml::Value::Array(values) if field.is_list() => {
                let node = |(place, value)| self.single(field, value, &format!("{path}[{place}]"), true);
                Node::List(values.into_iter().enumerate().map(node).collect())
            }
            _ if field.is_list() => {
                self.fault(path, "is a list: write [[double brackets]]");
                Node::Constant(Json::Null)
            }
            value => self.single(field, value, path, path.contains('[')),
        }
    }

    fn single(&mut self, field: &FieldDescriptor, value: toml::Value, path: &str, in_list: bool) -> Node {
        match (field.kind(), value) {
            (_, toml::Value::Table(table)) if table.contains_key("column") || table.contains_key("columns") => {
                self.cell(field, table, path, in_list)
            }
            (Kind::Message(message), toml::Value::Table(table)) => self.object(&message, table, path),
            (_, toml::Value::Table(_) | toml::Value::Array(_)) => {
                self.fault(path, "takes a value, or a column: { column = \"…\" }");
                Node::Constant(Json::Null)
            }
            (kind, value) => Node::Constant(match (Shape::of(&kind), value) {
                (Some(shape), toml::Value::String(text)) => shape.constant(&text),
                (_, toml::Value::Boolean(value)) => Json::from(value),
                (_, toml::Value::Integer(value)) => Json::from(value),
                (_, toml::Value::Float(value)) => Json::from(value),
                (_, toml::Value::Datetime(value)) => Json::from(value.to_string()),
                // A message cannot be a text, which the check of all constants finds.
                (None, toml::Value::String(text)) => Json::from(text),
                (_, toml::Value::Array(_) | toml::Value::Table(_)) => Json::Null,
            }),
        }
    }

    fn cell(&mut self, field: &FieldDescriptor, table: toml::Table, path: &str, in_list: bool) -> Node {
        let Some(shape) = Shape::of(&field.kind()) else {
            self.fault(path, "cannot be read from a column: name its fields");
            return Node::Constant(Json::Null);
        };
        let source: Source = match table.try_into() {
            Ok(source) => source,
            Err(error) => {
                self.fault(path, error.to_string().trim());
                return Node::Constant(Json::Null);
            }
        };
        for fault in source.faults(&shape, self.zone.is_some(), in_list) {
            self.fault(path, fault);
        }
        let (zone, decimal, thousands) = (self.zone.clone(), self.options.decimal, self.options.thousands);
        Node::Cell(Box::new(Cell {
            path: path.to_owned(),
            shape,
            source,
            zone,
            decimal,
            thousands,
            places: Vec::new(),
        }))
    }
}

/// What no column changes.
fn constants(node: &Node) -> Json {
    match node {
        Node::Constant(value) => value.clone(),
        Node::Cell(_) => Json::Null,
        Node::Object(fields) => fields.iter().map(|(name, node)| (name.clone(), constants(node))).collect(),
        Node::List(nodes) => nodes.iter().filter(|node| !matches!(node, Node::Cell(_))).map(constants).collect(),
    }
}

impl Node {
    /// Calls `change` with every cell.
    pub fn each_cell(&mut self, change: &mut impl FnMut(&mut Cell)) {
        match self {
            Self::Constant(_) => {}
            Self::Cell(cell) => change(cell),
            Self::Object(fields) => fields.iter_mut().for_each(|(_, node)| node.each_cell(change)),
            Self::List(nodes) => nodes.iter_mut().for_each(|node| node.each_cell(change)),
        }
    }
}

/// Where columns are.
pub struct Header {
    places: BTreeMap<String, Vec<usize>>,
    pub columns: usize,
}

impl Header {
    pub fn new(names: &[String]) -> Self {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, name) in names.iter().enumerate() {
            places.entry(name.clone()).or_default().push(place);
        }
        Self { places, columns: names.len() }
    }

    /// Errors: what is wrong with the column.
    pub fn place(&self, column: &Column) -> Result<usize, String> {
        match column {
            Column::Number(number) if (1..=self.columns).contains(number) => Ok(number - 1),
            Column::Number(number) => Err(format!("column {number}: the file has {} columns", self.columns)),
            Column::Name(name) => match self.places.get(name).map(Vec::as_slice) {
                Some([place]) => Ok(*place),
                Some(_) => Err(format!("column {name:?}: the header has it twice; name it by its number")),
                None => Err(format!("column {name:?}: the header does not have it")),
            },
        }
    }
}
