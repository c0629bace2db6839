//! Command-line flags made from the table of settings, so that the two cannot differ.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Command};

use super::failure::Failure;
use crate::config::{
    Config, Source,
    settings::{self, Place, Reach, SETTINGS, Setting},
};

/// The settings given as flags: all of them (`serve`), or those of a store only.
#[derive(Debug, Clone, Default)]
pub struct Flags<const SERVE: bool> {
    values: BTreeMap<String, String>,
}

pub type ServeFlags = Flags<true>;
pub type StoreFlags = Flags<false>;

impl<const SERVE: bool> Flags<SERVE> {
    fn settings() -> impl Iterator<Item = &'static &'static Setting> {
        SETTINGS.iter().filter(|setting| setting.place != Place::NotAsFlag && (SERVE || setting.reach == Reach::Store))
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
        Ok(Config::load(&self.source()?)?)
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

impl<const SERVE: bool> clap::Args for Flags<SERVE> {
    fn augment_args(command: Command) -> Command {
        Self::settings().fold(command, |command, setting| command.arg(argument::<SERVE>(setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const SERVE: bool> clap::FromArgMatches for Flags<SERVE> {
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

fn argument<const SERVE: bool>(setting: &'static Setting) -> Arg {
    // Who names no store calls a server: then the store's default does not hold.
    let has_default = SERVE || setting.name != settings::STORE.name;
    let default = if setting.default.is_empty() || setting.is_switch() || !has_default {
        String::new()
    } else {
        format!(" [default: {}]", setting.default)
    };
    let help = format!("{} [env: {}]{default}", setting.meaning.replace('`', ""), setting.env);
    let heading = if SERVE { "Settings" } else { "Instead of a server, a store that this command opens itself" };
    let is_rare = !SERVE && ![settings::STORE.name, settings::CONFIG.name].contains(&setting.name);
    let argument = Arg::new(setting.name).long(setting.name).help(help).help_heading(heading).hide_short_help(is_rare);
    if setting.is_switch() {
        // Without a value it means true; `--echo=false` overrides the environment.
        argument.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("true|false")
    } else {
        argument.value_name(setting.shape)
    }
}
