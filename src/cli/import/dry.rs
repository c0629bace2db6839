//! `rapport import --dry-run`: the files go into a private store that is gone afterwards, through the service itself. So
//! what is refused here is what would be refused there, by the same rules and under the same policy.

use super::{Args, Calls, ImportOptions, all};
use crate::{
    app::InProcess,
    cli::{
        Outcome,
        caller::Caller,
        failure::Failure,
        flags::{Flags, Keeping},
        output,
        stop::Stop,
    },
    config::settings,
};

/// Reads the target's policy, and nothing else of it.
pub(super) async fn run(args: &Args, options: &ImportOptions, stop: &mut Stop) -> Result<Outcome, Failure> {
    let target = args.target.connect(Caller::of_shell()).await?;
    let policy = Calls::new(target.channel()).policy().await;
    target.close().await;
    let private = tempfile::Builder::new().prefix("rapport-dry-run-").tempdir()?;
    let path = private.path().display();
    let mut flags = Flags::<Keeping>::default();
    flags.set(settings::STORE, &format!("redb:{path}/data"));
    flags.set(settings::KEYS, &format!("file:{path}/keys"));
    flags.set(settings::SEEN_FILE, &format!("{path}/seen"));
    let store = InProcess::open(&flags.config()?).await?;
    let channel = Caller::of_shell().on(store.channel.clone());
    let result = async {
        if let Some(policy) = policy? {
            Calls::new(channel.clone()).set_policy(policy).await?;
        }
        all(&channel, &args.files, options, stop).await
    };
    let result = result.await;
    drop(channel);
    store.close().await;
    output::print("dry run: nothing was written; created and recorded is what would have been\n")?;
    result
}
