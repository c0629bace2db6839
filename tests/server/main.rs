//! The whole service, called as clients call it: one file per subject, each against the real server on a free port, with
//! redb and with a real Redis.

#[path = "../common/mod.rs"]
mod common;

#[macro_use]
mod world;

mod briefings;
mod cards;
mod command_line;
mod crashes;
mod customers;
mod feed;
mod gestures;
mod gestures_race;
mod gestures_refused;
mod hotel;
mod identities;
mod interactions;
mod operation;
mod pages_and_tokens;
mod policies;
mod refusals;
mod round_trips;
mod two_replicas;
