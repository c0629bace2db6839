//! `rapport tour`: the story in the terminal, told by the real service.
//!
//! A demo server is started inside the process, on a free port and over a store that is gone afterwards. Scenes run the
//! very commands and make the very calls that they print (but for the server's address), so that what is shown is what happened.

pub mod narrator;
pub mod scenes;

use std::{collections::BTreeMap, io::IsTerminal as _, path::Path};

use super::{Outcome, args, caller::Caller, connect, demo, failure::Failure, stop::Stop};
use crate::{
    app::Server,
    config::{
        Config, Source,
        settings::{KEYS, LISTEN, STORE, WRAPPING_KEY_FILE},
    },
    service::clock::Clock,
};
use jiff::Timestamp;
use narrator::Narrator;
use scenes::SCENES;

#[derive(clap::Args)]
pub struct Args {
    /// Do not wait for Enter between scenes; nobody is waited for without a terminal
    #[arg(long)]
    fast: bool,
    /// The time it plays at, RFC 3339; its clock stands still [default: now]
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    at: Option<prost_types::Timestamp>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    // Held until the end: dropping it removes the folder. So a signal must end the tour, not the process.
    let folder = tempfile::Builder::new().prefix("rapport-tour-").tempdir()?;
    let mut stop = Stop::listen()?;
    let at = args.at.as_ref().and_then(args::time);
    let clock = at.map_or(Clock::System, |at| Clock::Set(std::sync::Arc::new(at.as_millisecond().into())));
    let server = Server::start_at(config(folder.path())?, clock).await?;
    let waits = !args.fast && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let told = tokio::select! {
        told = tell(&server, at.unwrap_or_else(Timestamp::now), waits) => told,
        () = stop.wait() => Ok(()),
    };
    server.shutdown().await;
    told.map(|()| Outcome::Done)
}

/// Settings that touch nothing outside of the folder, in any environment.
fn config(folder: &Path) -> Result<Config, Failure> {
    let path = folder.display();
    let flags = BTreeMap::from([
        (LISTEN.name.to_owned(), "127.0.0.1:0".to_owned()),
        (STORE.name.to_owned(), format!("redb:{path}/data")),
        (KEYS.name.to_owned(), format!("file:{path}/keys")),
        (WRAPPING_KEY_FILE.name.to_owned(), format!("{path}/keys/wrapping.key")),
    ]);
    Ok(Config::load(&Source { flags, ..Source::default() })?)
}

async fn tell(server: &Server, now: Timestamp, waits: bool) -> Result<(), Failure> {
    let url = format!("http://{}", server.address);
    let channel = connect::connect(&url).await?;
    let (loader, teller) = (Caller::named(demo::DEVICE, demo::STAFF), Caller::named(demo::DEVICE, demo::STAFF));
    let days = demo::days::Days::starting_at(now);
    demo::load(loader.on(channel.clone()), &days).await?;
    let narrator = Narrator::new(url, channel, teller.in_role(ROLE), days, waits);
    narrator.say(INTRODUCTION)?;
    for (place, scene) in SCENES.iter().enumerate() {
        narrator.title(place + 1, SCENES.len(), scene.title)?;
        (scene.play)(&narrator).await?;
        narrator.why(scene.why)?;
        if place + 1 < SCENES.len() {
            narrator.wait().await;
        }
    }
    narrator.say(END)
}

/// In which calls are made that name no other.
const ROLE: &str = "concierge";
const INTRODUCTION: &str = "A hotel by a lake, its restaurant, a bar in Lisbon, and a dozen guests. All of it is invented, \
    and the service is real: it runs in this process over a store that is gone afterwards. Each call can be repeated against \
    `rapport serve --demo`, with its own ids.";
const END: &str = "That was the tour. `rapport serve --demo` keeps the same guests at your service, and README.md says where \
    to go from there.";
