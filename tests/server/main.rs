//! The whole service, called as clients call it: one file per subject, each against the real server on a free port, with
//! redb and with a real Redis.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the failure itself")]

#[path = "../common/mod.rs"]
mod common;

#[macro_use]
mod world;

mod ages;
mod anticipation;
mod asked;
mod backfill;
mod basket;
mod briefings;
mod called;
mod card_kinds;
mod cards;
mod careful;
mod catalogue;
mod catalogue_marks;
mod command_catalogue;
mod command_line;
mod command_page;
mod command_recovery;
mod copies;
mod crash_points;
mod crashes;
mod crashing;
mod customers;
mod damaged;
mod desk;
mod dropped_calls;
mod endings;
mod evening;
mod floods;
mod forgotten;
mod gate;
mod gate_oracle;
mod gate_oracle_menu;
mod gate_oracle_table;
mod gestures;
mod gestures_race;
mod gestures_refused;
mod hotel;
mod identities;
mod imports;
mod interactions;
mod kept_answers;
mod languages;
mod last_known;
mod lines;
mod lists;
mod log_lines;
mod lost;
mod lost_policy;
mod misconfigured;
mod money;
mod occasions;
mod older;
mod operation;
mod pages_and_tokens;
mod persons;
mod policies;
mod policy_files;
mod policy_rules;
mod process;
mod promises;
mod purposes;
mod raised;
mod raw;
mod recovery;
mod recovery_refused;
mod refusals;
mod relationship;
mod removals;
mod repeats;
mod resources;
mod review;
mod rooms;
mod round_trips;
mod soak;
mod soundness;
mod staff_texts;
mod starting;
mod svg;
mod tour;
mod transport;
mod transport_web;
mod two_replicas;
mod unmarked;
mod upcoming;
mod upcoming_model;
mod upgrades;
mod whole;
mod wording;
