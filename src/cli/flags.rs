//! Command-line flags made from the table of settings, so that the two cannot differ.

use std::{collections::BTreeMap, marker::PhantomData};

use clap::{Arg, ArgMatches, Command};

use super::failure::Failure;
use crate::config::{
    Config, Source,
    settings::{self, Place, Reach, SETTINGS, Setting},
};

/// The settings given as flags, for one kind of command.
#[derive(Debug, Clone, Default)]
pub struct Flags<K> {
    values: BTreeMap<String, String>,
    settings_use: PhantomData<K>,
}

/// What a kind of command needs of the settings, and how its help speaks of them.
pub trait SettingsUse: Default {
    const HEADING: &'static str;
    /// Also what only a server needs.
    const SERVES: bool;
    /// It calls a server unless --store or --config is given: neither the default store nor one that the environment names
    /// makes it open a store.
    const CALLS: bool;
    /// Nobody stands at a till meanwhile.
    const IS_PATIENT: bool;
}

/// `serve`.
#[derive(Debug, Clone, Default)]
pub struct Serving;
/// Commands that work on a store, and on nothing else.
#[derive(Debug, Clone, Default)]
pub struct Keeping;
/// Commands that call a server, or open a store instead.
#[derive(Debug, Clone, Default)]
pub struct Calling;

impl SettingsUse for Serving {
    const HEADING: &'static str = "Settings";
    const SERVES: bool = true;
    const CALLS: bool = false;
    const IS_PATIENT: bool = false;
}

impl SettingsUse for Keeping {
    const HEADING: &'static str = "The store";
    const SERVES: bool = false;
    const CALLS: bool = false;
    const IS_PATIENT: bool = true;
}

impl SettingsUse for Calling {
    const HEADING: &'static str = "Instead of a server, a store that this command opens itself";
    const SERVES: bool = false;
    const CALLS: bool = true;
    const IS_PATIENT: bool = false;
}

impl<K: SettingsUse> Flags<K> {
    fn settings() -> impl Iterator<Item = &'static &'static Setting> {
        let is_wanted = |setting: &&&Setting| K::SERVES || setting.reach == Reach::Store;
        SETTINGS.iter().filter(|setting| setting.place != Place::NotAsFlag).filter(is_wanted)
    }

    pub fn has(&self, setting: &Setting) -> bool {
        self.values.contains_key(setting.name)
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Sets what neither the command line nor the environment says.
    pub fn set_default(&mut self, setting: &Setting, value: &str) {
        let in_env = std::env::var_os(setting.env).is_some_and(|value| !value.is_empty());
        if !in_env {
            self.values.entry(setting.name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }

    /// Sets what must not come from anywhere else.
    pub fn set(&mut self, setting: &Setting, value: &str) {
        self.values.insert(setting.name.to_owned(), value.to_owned());
    }

    /// The configuration from these flags, the process's environment and the file they name.
    pub fn config(&self) -> Result<Config, Failure> {
        Ok(Config { is_patient: K::IS_PATIENT, ..Config::load(&self.source()?)? })
    }

    fn source(&self) -> Result<Source, Failure> {
        let mut env = BTreeMap::new();
        for setting in SETTINGS {
            let Some(value) = std::env::var_os(setting.env) else {
                continue;
            };
            let value = value.into_string().map_err(|_| Failure::Usage(format!("{}: is not UTF-8", setting.env)))?;
            env.insert(setting.env.to_owned(), value);
        }
        let path = self.values.get(settings::CONFIG.name).or_else(|| env.get(settings::CONFIG.env));
        let file = match path.filter(|path| !path.is_empty()) {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text =
                    text.map_err(|error| Failure::Usage(format!("cannot read the configuration {path}: {error}")))?;
                Some((path.clone(), text))
            }
        };
        Ok(Source { flags: self.values.clone(), env, file })
    }
}

impl<K: SettingsUse> clap::Args for Flags<K> {
    fn augment_args(command: Command) -> Command {
        Self::settings().fold(command, |command, setting| command.arg(argument::<K>(setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<K: SettingsUse> clap::FromArgMatches for Flags<K> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in Self::settings() {
            if let Some(value) = matches.get_one::<String>(setting.name) {
                self.values.insert(setting.name.to_owned(), value.clone());
            }
        }
        Ok(())
    }
}

fn argument<K: SettingsUse>(setting: &'static Setting) -> Arg {
    let says_where = [settings::STORE.name, settings::CONFIG.name].contains(&setting.name);
    let is_open = K::CALLS && says_where;
    let env = if is_open { String::new() } else { format!(" [env: {}]", setting.env) };
    let default = if setting.default.is_empty() || setting.is_switch() || is_open {
        String::new()
    } else {
        format!(" [default: {}]", setting.default)
    };
    let help = format!("{}{env}{default}", setting.meaning.replace('`', ""));
    let is_rare = !K::SERVES && !says_where;
    let argument =
        Arg::new(setting.name).long(setting.name).help(help).help_heading(K::HEADING).hide_short_help(is_rare);
    if setting.is_switch() {
        // Without a value it means true; `--echo=false` overrides the environment.
        argument.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("true|false")
    } else {
        argument.value_name(setting.shape)
    }
}
