//! Where values come from: flags over environment over file over default. Knows no process, no file system.

use std::collections::BTreeMap;

use super::{
    Fault,
    settings::{Place, SETTINGS, Setting},
};

/// What was set, by where. Keys of `flags` are the names of settings, keys of `env` those of variables.
#[derive(Default)]
pub struct Source {
    /// Settings by name, without dashes: `listen`.
    pub flags: BTreeMap<String, String>,
    /// The process's environment. Variables of other programs are ignored.
    pub env: BTreeMap<String, String>,
    /// Name and text of the configuration file.
    pub file: Option<(String, String)>,
}

/// A value and where it was set.
pub(super) struct Found {
    pub place: String,
    pub text: String,
}

/// The values by the names of their settings; those that are not set are not in it.
pub(super) fn resolve(source: &Source, faults: &mut Vec<Fault>) -> BTreeMap<&'static str, Found> {
    let mut file = read_file(source, faults);
    let mut values = BTreeMap::new();
    for setting in SETTINGS {
        let from_file = file.remove(setting.name);
        let found = from_flags(source, setting).or_else(|| from_env(source, setting)).or(from_file);
        if let Some(found) = found {
            values.insert(setting.name, found);
        }
    }
    values
}

fn from_flags(source: &Source, setting: &Setting) -> Option<Found> {
    let text = source.flags.get(setting.name)?;
    Some(Found { place: format!("--{}", setting.name), text: text.clone() })
}

fn from_env(source: &Source, setting: &Setting) -> Option<Found> {
    // Compose files and manifests leave variables empty to mean "not set".
    let text = source.env.get(setting.env).filter(|text| !text.is_empty())?;
    Some(Found { place: setting.env.to_owned(), text: text.clone() })
}

fn read_file(source: &Source, faults: &mut Vec<Fault>) -> BTreeMap<String, Found> {
    let Some((path, text)) = &source.file else {
        return BTreeMap::new();
    };
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            // The parser's own message may quote the line, and with it a password.
            let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            faults.push(Fault { place: format!("{path}, line {line}"), message: "is not TOML".to_owned() });
            return BTreeMap::new();
        }
    };
    let mut values = BTreeMap::new();
    for (name, value) in table {
        let place = format!("{path}, {name}");
        let known = SETTINGS.iter().any(|setting| setting.name == name && setting.place != Place::NotInFile);
        let text = match value {
            _ if !known => {
                let message = "is no setting; `rapport config` lists them all".to_owned();
                faults.push(Fault { place, message });
                continue;
            }
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(value) => value.to_string(),
            toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
                let message = "must be a text, a whole number, true or false".to_owned();
                faults.push(Fault { place, message });
                continue;
            }
        };
        values.insert(name, Found { place, text });
    }
    values
}
