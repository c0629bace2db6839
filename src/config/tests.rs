use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{url::RedisUrl, *};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn source(flags: &[(&str, &str)], env: &[(&str, &str)], file: &str) -> Source {
    let file = (!file.is_empty()).then(|| ("rapport.toml".to_owned(), file.to_owned()));
    Source { flags: map(flags), env: map(env), file }
}

fn faults(source: &Source) -> Vec<String> {
    let error = Config::load(source).expect_err("has faults");
    error.0.into_iter().map(|fault| format!("{}: {}", fault.place, fault.message)).collect()
}

#[test]
fn defaults_serve_this_machine_from_a_folder() {
    let config = Config::load(&Source::default()).expect("defaults are valid");
    assert_eq!(config.listen.to_string(), "127.0.0.1:50051");
    assert_eq!(config.admin_listen, None);
    assert_eq!(config.store, StoreUrl::Redb { folder: "./rapport-data".into() });
    assert_eq!(config.keys, KeysUrl::File { folder: "./rapport-keys".into() });
    let WrappingKey::Usual { file, before } = config.wrapping_key else { panic!("nobody has said which") };
    assert_eq!(file, Path::new("./rapport-keys.wrapping.key"), "not where the keys are copied from");
    assert_eq!(before, Path::new("./rapport-keys/wrapping.key"));
    assert_eq!(config.seen_file, Path::new("./rapport-keys.seen"));
    assert_eq!(config.limits.message_bytes_max, 5 * 1024 * 1024);
    assert_eq!(config.limits.deadline_max, Duration::from_secs(10));
    assert!(!config.insecure && !config.echo && !config.allow_volatile_redis);
}

#[test]
fn the_note_of_what_was_seen_is_beside_the_keys_or_the_wrapping_key() {
    let seen = |flags: &[(&str, &str)], env: &[(&str, &str)]| {
        Config::load(&source(flags, env, "")).expect("valid").seen_file.display().to_string()
    };
    let redis = [("store", "redis://data:6379/0"), ("keys", "redis://:secret@keys:6380/1")];
    assert_eq!(seen(&redis, &[]), "rapport-keys-keys-6380-1.seen");
    assert_eq!(seen(&redis, &[("RAPPORT_WRAPPING_KEY", KEY)]), "rapport-keys-keys-6380-1.seen");
    assert_eq!(
        seen(&redis, &[("RAPPORT_WRAPPING_KEY_FILE", "/etc/rapport/key")]),
        "/etc/rapport/rapport-keys-keys-6380-1.seen"
    );
    assert_eq!(
        seen(&[("keys", "file:/srv/keys")], &[("RAPPORT_WRAPPING_KEY_FILE", "/etc/rapport/key")]),
        "/srv/keys.seen"
    );
    assert_eq!(seen(&redis, &[("RAPPORT_SEEN_FILE", "/var/seen")]), "/var/seen");
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let file = "listen = \"127.0.0.1:1\"\necho = true\nconnections-max = 7\n";
    let env = [("RAPPORT_LISTEN", "127.0.0.1:2"), ("RAPPORT_CONNECTIONS_MAX", "")];
    let config = Config::load(&source(&[], &[], file)).expect("valid");
    assert_eq!(config.listen.port(), 1);
    let config = Config::load(&source(&[], &env, file)).expect("valid");
    assert_eq!((config.listen.port(), config.limits.connections_max), (2, 7));
    let config = Config::load(&source(&[("listen", "127.0.0.1:3")], &env, file)).expect("valid");
    assert_eq!((config.listen.port(), config.echo), (3, true));
}

#[test]
fn all_faults_come_together_each_with_its_place() {
    let file = "listn = 1\nlimits = [1]\ndrain-seconds-max = 4000\n";
    let env = [("RAPPORT_LOG_FORMAT", "xml"), ("RAPPORT_WRAPPING_KEY", "short"), ("RAPPORT_TENANT", "a b")];
    let found = faults(&source(&[("listen", "localhost"), ("echo", "yes"), ("store", "s3:x")], &env, file));
    let places = [
        "rapport.toml, listn: is no setting",
        "rapport.toml, limits: is no setting",
        "--listen: ",
        "--store: ",
        "RAPPORT_WRAPPING_KEY: ",
        "RAPPORT_TENANT: ",
        "--echo: ",
        "RAPPORT_LOG_FORMAT: ",
        "rapport.toml, drain-seconds-max: ",
    ];
    for place in places {
        assert!(found.iter().any(|fault| fault.starts_with(place)), "{place} is missing in {found:#?}");
    }
    assert_eq!(found.len(), places.len(), "{found:#?}");
}

#[test]
fn a_broken_file_is_one_fault_and_does_not_hide_the_others() {
    let found = faults(&source(&[("listen", "x")], &[], "echo = true\nstore = \"redis://:hunter2@h:1/0\n"));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("rapport.toml, line 2: is not TOML"), "{found:#?}");
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn beyond_this_machine_needs_insecure_and_says_why() {
    for address in ["0.0.0.0:50051", "[::]:50051", "192.0.2.1:1"] {
        let found = faults(&source(&[("listen", address)], &[], ""));
        assert!(found[0].starts_with("--listen: ") && found[0].contains("--insecure"), "{found:?}");
        assert!(Config::load(&source(&[("listen", address), ("insecure", "true")], &[], "")).is_ok());
    }
    assert!(Config::load(&source(&[("listen", "[::1]:0")], &[], "")).is_ok());
    let admin = source(&[("admin-listen", "0.0.0.0:9000")], &[], "");
    assert!(Config::load(&admin).is_ok(), "health tells nothing of customers");
}

#[test]
fn keys_are_never_with_the_data() {
    for keys in ["file:./data", "file:data/keys", "file:./x/../data"] {
        let found = faults(&source(&[("store", "redb:data"), ("keys", keys)], &[], ""));
        assert!(found[0].starts_with("--keys: "), "{found:?}");
    }
    let found = faults(&source(&[("store", "redb:x/rapport-keys")], &[], ""));
    assert!(found[0].starts_with("keys: "), "the default is checked too: {found:?}");
    let found = faults(&source(&[("store", "redb:data"), ("wrapping-key-file", "data/key")], &[], ""));
    assert!(found[0].starts_with("--wrapping-key-file: "), "{found:?}");
    let redis = ("store", "redis://localhost:6379/0");
    for keys in [None, Some("redis://localhost:6379/0"), Some("file:keys")] {
        let flags: Vec<_> = [redis].into_iter().chain(keys.map(|keys| ("keys", keys))).collect();
        assert_eq!(faults(&source(&flags, &[], "")).len(), 1);
    }
    let config = Config::load(&source(&[redis, ("keys", "redis://localhost:6379/1")], &[], "")).expect("valid");
    assert!(matches!(config.keys, KeysUrl::Redis(RedisUrl { database: 1, .. })));
}

#[test]
fn secrets_are_not_printed() {
    let flags = [("store", "redis://ann:p%40ss-word@[::1]:6379/2"), ("keys", "redis://:p%40ss-word@b:6379/0")];
    let config = Config::load(&source(&flags, &[("RAPPORT_WRAPPING_KEY", KEY)], "")).expect("valid");
    let StoreUrl::Redis(url) = &config.store else { panic!("a Redis store") };
    assert_eq!((url.host.as_str(), url.port, url.database, url.user.as_deref()), ("::1", 6379, 2, Some("ann")));
    assert_eq!(url.password.as_ref().map(|secret| secret.expose().as_str()), Some("p@ss-word"));
    assert!(matches!(&config.wrapping_key, WrappingKey::Given(key) if key.expose()[31] == 31));
    let shown = format!("{config:?}");
    assert!(!shown.contains("ss-word") && !shown.contains("31]"), "{shown}");
    assert!(shown.contains("[redacted]"));
    let bad = faults(&source(&[("store", "redis://:hunter2@h:0/0")], &[], ""));
    assert!(!bad.concat().contains("hunter2"), "{bad:?}");
}

#[test]
fn one_wrapping_key_at_a_time() {
    let env = [("RAPPORT_WRAPPING_KEY", KEY), ("RAPPORT_WRAPPING_KEY_FILE", "k")];
    assert!(faults(&source(&[], &env, ""))[0].contains("give one of them"));
}

#[test]
fn limits_hold_at_their_ends() {
    let name = "message-bytes-max";
    for (value, valid) in [("65535", false), ("65536", true), ("67108864", true), ("67108865", false), ("-1", false)] {
        assert_eq!(Config::load(&source(&[(name, value)], &[], "")).is_ok(), valid, "{value}");
    }
}

#[test]
fn a_full_request_of_strangers_is_never_refused_for_ever() {
    let with = |count: &str| source(&[("unknown-identities-per-minute-max", count)], &[], "");
    for count in ["1", "99", "1000001", "-1"] {
        let found = faults(&with(count));
        assert!(found.len() == 1 && found[0].contains("must be 0, or a whole number from 100"), "{count}: {found:?}");
    }
    let bound = |count: &str| Config::load(&with(count)).expect("valid").limits.unknown_identities_per_minute_max;
    assert_eq!((bound("0"), bound("100").map(u32::from)), (None, Some(100)));
}

#[test]
fn the_page_equals_the_table() {
    let page = include_str!("../../docs/configuration.md");
    assert_eq!(page, settings::reference(), "run `cargo run -- config > docs/configuration.md`");
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    let load = |text: &str| Config::load(&source(&[("cors-origins", text)], &[], ""));
    let config = load("https://pos.example, http://localhost:5173,http://[::1]:80").expect("valid");
    assert_eq!(config.cors_origins, ["https://pos.example", "http://localhost:5173", "http://[::1]:80"]);
    assert!(load("").expect("valid").cors_origins.is_empty());
    for wrong in ["*", "https://*.pos.example", "pos.example", "https://pos.example/", "HTTPS://pos.example"] {
        assert!(load(wrong).is_err(), "{wrong}");
    }
    for wrong in ["https://Pos.example", "ftp://pos.example", "null", "https://ann@pos.example", "https://a b"] {
        assert!(load(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn backups_lie_apart_from_what_they_copy_and_are_of_redb() {
    let plan = |flags: &[(&str, &str)]| Config::load(&source(flags, &[], "")).map(|config| config.backup);
    assert_eq!(plan(&[]), Ok(None));
    let found = plan(&[("backup-to", "/b"), ("backup-at", "23:59")]).unwrap().unwrap();
    assert_eq!((&found.places.data, &found.places.keys), (&PathBuf::from("/b"), &PathBuf::from("/b/keys")));
    assert_eq!(found.at, Duration::from_mins(24 * 60 - 1));
    let beside: &[(&str, &str)] =
        &[("store", "redb:/d"), ("keys", "file:/k"), ("backup-to", "/"), ("backup-keys-to", "/kk")];
    assert!(plan(beside).is_ok(), "beside them");
    for wrong in [
        &[("backup-to", "/d/b"), ("store", "redb:/d"), ("keys", "file:/k")][..],
        &[("backup-to", "/k/../d"), ("store", "redb:/d"), ("keys", "file:/k")],
        &[("backup-to", "/b"), ("backup-keys-to", "/k"), ("store", "redb:/d"), ("keys", "file:/k")],
        &[("backup-to", "/b"), ("store", "redis://h:1/0"), ("keys", "redis://h:1/1")],
        &[("backup-to", "/b"), ("backup-at", "24:00")],
        &[("backup-to", "/b"), ("backup-at", "4:00")],
        &[("backup-to", "")],
        &[("backup-keys-to", "/b")],
    ] {
        assert_eq!(faults(&source(wrong, &[], "")).len(), 1, "{wrong:?}");
    }
}
