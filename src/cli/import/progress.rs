//! What a person sees while an import runs. Nothing when standard error is no terminal.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Often enough to look alive, seldom enough not to cost anything.
const BETWEEN_DRAWS: Duration = Duration::from_millis(200);

pub struct Progress {
    bar: ProgressBar,
    /// Records that an earlier run took.
    earlier: u64,
    started: Instant,
    drawn: Instant,
}

impl Progress {
    /// `bytes`: the size of the file, if it is known. `earlier`: records that an earlier run took.
    pub fn start(name: &str, bytes: Option<u64>, earlier: u64) -> Self {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = match bytes {
            Some(_) => "{prefix} {wide_bar} {percent:>3} %  {msg}  {eta} left",
            None => "{prefix} {spinner} {bytes} read  {msg}  {elapsed}",
        };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(name.to_owned());
        let now = Instant::now();
        Self { bar, earlier, started: now, drawn: now }
    }

    /// `records`: those of the earlier run included.
    pub fn at(&mut self, bytes: u64, records: u64) {
        if self.drawn.elapsed() < BETWEEN_DRAWS {
            return;
        }
        self.drawn = Instant::now();
        let now = records - self.earlier;
        let rate = now as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        self.bar.set_message(format!("{now} records, {rate:.0}/s"));
        self.bar.set_position(bytes);
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Removes the bar before the summary.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
