//! What the commands share that open a store themselves: to copy it, to check it, to measure it.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    failure::Failure,
    flags::{Flags, Keeping},
};
use crate::{app::Core, service::clock::Clock, telemetry};

/// Often enough to look alive, seldom enough not to cost anything.
const BETWEEN_DRAWS: Duration = Duration::from_millis(200);

/// Opens the store that the flags, the environment or the defaults name, for reading. It must be there.
pub async fn open(flags: &Flags<Keeping>) -> Result<Core, Failure> {
    let config = flags.config()?;
    telemetry::start(&config.log);
    let core = Core::find(&config, Clock::System).await?;
    core.prepare_to_read().await?;
    Ok(core)
}

/// The same for writing, and makes it where there is none.
pub async fn open_or_make(flags: &Flags<Keeping>) -> Result<Core, Failure> {
    let config = flags.config()?;
    telemetry::start(&config.log);
    let core = Core::open(&config, Clock::System).await?;
    core.prepare().await?;
    Ok(core)
}

/// What a person sees meanwhile: a count that grows. Nothing when standard error is no terminal.
pub fn spinner(what: &'static str) -> ProgressBar {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{spinner} {prefix} {human_pos}  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_prefix(what);
    bar.enable_steady_tick(BETWEEN_DRAWS);
    bar
}

/// A failure of the service, for people.
pub fn failed(fault: impl std::fmt::Display) -> Failure {
    Failure::Failed(fault.to_string())
}
