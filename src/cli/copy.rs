//! `rapport copy`: a store into another place, of the same backend or of the other one.

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::failed,
    output,
};
use crate::{
    app::{self, Content, Erased},
    config::{KeysUrl, StoreUrl, settings, usual_keys},
    domain::Timestamp,
    telemetry,
};

#[derive(clap::Args)]
#[command(after_help = "\
FROM and TO are STORE,KEYS: two URLs, as --store and --keys have them, with a comma between; for redb the default keys may be left out.
  rapport copy redb:./rapport-data redis://data:6379/0,redis://keys:6379/0
  rapport copy --keys-only redis://one:6379/1 redis://keys:6379/0
All is copied as it is stored, sealed and wrapped, with what is known of the erased: serve TO with the wrapping key of FROM. A redb store may \
be served meanwhile, and is copied as of one moment; who is erased until it is copied is erased in TO too. A Redis must not be written to, which is checked. \
TO must be empty. All is read back and compared, and can be served from only then. FROM stays as it is, and goes on to be served by whoever serves it: two \
stores from then on. With --move, and of keys alone always, FROM is not served any more: whoever does, or starts, is told where it went. `rapport store adopt` \
takes FROM back.
Exit codes: 0 copied; 1 not copied; 2 called wrongly.")]
pub struct Args {
    /// What is copied
    #[arg(value_name = "FROM")]
    from: String,
    /// Where it goes
    #[arg(value_name = "TO")]
    to: String,
    /// Copy the keys alone, from one Redis to another: FROM and TO are URLs of keys
    #[arg(long)]
    keys_only: bool,
    /// Serve FROM no more: TO is the new home of the house. A redb store must not be served meanwhile
    #[arg(long = "move", conflicts_with = "keys_only")]
    moves: bool,
    #[command(flatten)]
    store: Flags<Keeping>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    for setting in [settings::STORE, settings::KEYS] {
        if args.store.has(setting) {
            return Err(Failure::Usage(format!("--{}: name it in FROM or TO", setting.name)));
        }
    }
    if args.keys_only {
        return keys_only(args).await;
    }
    let (from, to) = (with(&args.store, &args.from), with(&args.store, &args.to));
    let (from, to) = (from.config()?, to.config()?);
    telemetry::start(&from.log);
    let copied = app::copy(&from, &to, args.moves).await.map_err(failed)?;
    if let Some(data) = copied.data {
        told("data", data)?;
    }
    told("keys", copied.keys)?;
    if let Some(Erased { customers, until_ms }) = copied.erased {
        output::print(&format!(
            "erased meanwhile: {customers} customers, in TO too\n\
             FROM is served: who is erased there after {} is not erased in TO: stop FROM, and repeat these erasures in TO (`customer erased` in \
             its log names them), or copy again once it has stopped\n",
            moment(until_ms)
        ))?;
    }
    if args.moves {
        output::print("FROM is not served any more; `rapport store adopt` there takes it back\n")?;
    }
    output::print("serve TO with the wrapping key of FROM; once it serves, remove FROM\n")?;
    Ok(Outcome::Done)
}

/// To the millisecond, to be compared with the times of a log.
fn moment(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| "an unknown time".to_owned(), |time| format!("{time:.3}"))
}

async fn keys_only(args: Args) -> Result<Outcome, Failure> {
    let url = |name: &str, text: &str| match KeysUrl::parse(text) {
        Ok(KeysUrl::Redis(url)) => Ok(url),
        Ok(KeysUrl::File { .. }) => Err(Failure::Usage(format!(
            "{name}: keys of a redb store are a file: stop the service, and move keys.redb"
        ))),
        Err(fault) => Err(Failure::Usage(format!("{name}: {fault}"))),
    };
    let (from, to) = (url("FROM", &args.from)?, url("TO", &args.to)?);
    // The stores of these settings are not opened.
    let config = with(&args.store, "redb:./rapport-data").config()?;
    telemetry::start(&config.log);
    let copied = app::copy_keys(&from, &to, &config).await.map_err(failed)?;
    told("keys", copied.keys)?;
    output::print(
        "nobody serves with the keys in FROM any more: serve with --keys TO; once it serves, remove the keys in FROM\n",
    )?;
    Ok(Outcome::Done)
}

fn told(what: &str, content: Content) -> Result<(), Failure> {
    output::print(&format!("{what}: entries {}, bytes {}: read back, and the same\n", content.pairs, content.bytes))
}

/// The settings with these two stores.
fn with(flags: &Flags<Keeping>, both: &str) -> Flags<Keeping> {
    let mut flags = flags.clone();
    // A password or a folder may have a comma.
    let at = ["file:", "redis://"].iter().filter_map(|scheme| both.rfind(&format!(",{scheme}"))).max();
    match at {
        Some(at) => {
            flags.set(settings::STORE, &both[..at]);
            flags.set(settings::KEYS, &both[at + 1..]);
        }
        None => {
            flags.set(settings::STORE, both);
            // Whatever the environment says of another store.
            if let Ok(StoreUrl::Redb { folder }) = StoreUrl::parse(both) {
                flags.set(settings::KEYS, &format!("file:{}", usual_keys(&folder).display()));
            }
        }
    }
    flags
}
