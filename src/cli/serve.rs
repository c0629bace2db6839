//! `rapport serve`: runs the service until SIGINT or SIGTERM, then drains.

use std::net::SocketAddr;

use tempfile::TempDir;

use super::{
    Outcome,
    caller::Caller,
    connect, demo,
    failure::Failure,
    flags::{Flags, Serving},
    output,
    stop::{Stop, outlive_file_size_limit},
};
use crate::{app::Server, config::settings, telemetry};

#[derive(clap::Args)]
pub struct Args {
    /// Start with sample customers, in a private store that is gone afterwards unless --store names one
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    flags: Flags<Serving>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    // Before anything else, so that a signal during the start is not lost, and the private folder never stays behind.
    let mut stop = Stop::listen()?;
    outlive_file_size_limit()?;
    let mut flags = args.flags;
    // Held until the end: dropping it removes the folder.
    let _private = if args.demo { prepare_demo(&mut flags)? } else { None };
    let config = flags.config()?;
    telemetry::start(&config.log);
    let start = if args.demo { Server::start_loading(config) } else { Server::start(config) };
    let server = tokio::select! {
        server = start => server?,
        () = stop.wait() => return Ok(Outcome::Done),
    };
    tracing::info!(server.address = %server.address, "serving");
    if let Some(address) = server.admin_address {
        tracing::info!(server.admin_address = %address, "serving health");
    }
    let serving = tokio::select! {
        loaded = load(&server, args.demo) => loaded.map(|()| true),
        () = stop.wait() => Ok(false),
    };
    match serving {
        Ok(true) => stop.wait().await,
        Ok(false) => {}
        Err(failure) => {
            server.shutdown().await;
            return Err(failure);
        }
    }
    tracing::info!("stopping: no new calls, those under way may end");
    tokio::select! {
        () = server.shutdown() => tracing::info!("stopped"),
        () = stop.wait() => tracing::warn!("stopped at once, on a second signal"),
    }
    Ok(Outcome::Done)
}

/// The demo's own settings. The folder of its store, unless the user named one.
fn prepare_demo(flags: &mut Flags<Serving>) -> Result<Option<TempDir>, Failure> {
    flags.set_default(settings::ECHO, "true");
    if flags.has(settings::STORE) {
        return Ok(None);
    }
    // Its page is what the user should see. A store that stays is served as any other.
    flags.set_default(settings::LOG_LEVEL, "warn");
    let private = tempfile::Builder::new().prefix("rapport-demo-").tempdir()?;
    let path = private.path().display();
    flags.set(settings::STORE, &format!("redb:{path}/data"));
    flags.set(settings::KEYS, &format!("file:{path}/keys"));
    flags.set(settings::SEEN_FILE, &format!("{path}/seen"));
    Ok(Some(private))
}

/// Brings the demo's guests in, if it is one. Only then is it said to be ready, and what to try is printed.
async fn load(server: &Server, is_demo: bool) -> Result<(), Failure> {
    if !is_demo {
        return Ok(());
    }
    let url = format!("http://{}", reachable(server.address));
    let channel = Caller::named(demo::DEVICE, demo::STAFF).on(connect::connect(&url).await?);
    let days = demo::days::Days::starting_at(jiff::Timestamp::now());
    demo::load(channel, &days).await?;
    // What the page invites to try includes the listing, which the index worker fills a moment later.
    server.core.rapport.worker().sweep().await.map_err(|fault| Failure::Failed(fault.to_string()))?;
    server.loaded();
    output::print(&demo::page::page(&url))
}

/// An address to call: one that listens everywhere is called on this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, v6.port()).into(),
        known => known,
    }
}
