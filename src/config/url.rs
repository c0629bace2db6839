//! The places where data and keys are kept, parsed from their URLs.

use std::path::{Component, Path, PathBuf};

use super::Secret;

/// Where customers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A folder of this machine; holds `data.redb`.
    Redb {
        folder: PathBuf,
    },
    Redis(RedisUrl),
}

/// Where wrapped data keys are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysUrl {
    /// A folder of this machine; holds `keys.redb`.
    File {
        folder: PathBuf,
    },
    Redis(RedisUrl),
}

/// A Redis database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl {
    pub host: String,
    pub port: u16,
    pub database: u32,
    pub user: Option<String>,
    pub password: Option<Secret<String>>,
}

impl RedisUrl {
    /// True when both are one database. Host names are compared as written: two names of one host are not noticed.
    pub fn same_database(&self, other: &Self) -> bool {
        self.host.eq_ignore_ascii_case(&other.host) && self.port == other.port && self.database == other.database
    }

    /// The URL again, as a driver reads it.
    pub fn text(&self) -> zeroize::Zeroizing<String> {
        let mut text = String::from("redis://");
        if let Some(password) = &self.password {
            encode(self.user.as_deref().unwrap_or_default(), &mut text);
            text.push(':');
            encode(password.expose(), &mut text);
            text.push('@');
        }
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        text.push_str(&format!("{host}:{}/{}", self.port, self.database));
        zeroize::Zeroizing::new(text)
    }
}

/// Percent-encodes everything but letters and digits.
fn encode(plain: &str, out: &mut String) {
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

impl StoreUrl {
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("redb:") {
            return Ok(Self::Redb { folder: folder(path)? });
        }
        match text.strip_prefix("redis://") {
            Some(rest) => Ok(Self::Redis(redis(rest)?)),
            None => Err("must be redb:FOLDER or redis://HOST:PORT/DB".to_owned()),
        }
    }
}

impl KeysUrl {
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::File { folder: folder(path)? });
        }
        match text.strip_prefix("redis://") {
            Some(rest) => Ok(Self::Redis(redis(rest)?)),
            None => Err("must be file:FOLDER or redis://HOST:PORT/DB".to_owned()),
        }
    }
}

/// The folder `name` beside another folder.
pub(super) fn beside(folder: &Path, name: &str) -> PathBuf {
    match folder.parent() {
        Some(parent) => parent.join(name),
        None => PathBuf::from(name),
    }
}

/// True when one folder is the other or lies in it, as far as their names tell.
pub(super) fn overlap(one: &Path, other: &Path) -> bool {
    let (one, other) = (plain(one), plain(other));
    one.starts_with(&other) || other.starts_with(&one)
}

/// Whether a path is a folder, or lies in it.
pub fn is_within(path: &Path, folder: &Path) -> bool {
    plain(path).starts_with(plain(folder))
}

fn plain(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

fn folder(path: &str) -> Result<PathBuf, String> {
    if path.is_empty() || path.contains('\0') {
        return Err("must name a folder after the colon".to_owned());
    }
    // Two slashes are what people write by habit of other URLs.
    Ok(PathBuf::from(path.strip_prefix("//").filter(|rest| !rest.is_empty()).unwrap_or(path)))
}

fn redis(rest: &str) -> Result<RedisUrl, String> {
    const SHAPE: &str = "must be redis://HOST:PORT/DB, with a user and password as redis://USER:PASSWORD@HOST:PORT/DB";
    let (credentials, place) = match rest.rsplit_once('@') {
        Some((credentials, place)) => (Some(credentials), place),
        None => (None, rest),
    };
    let (authority, database) = place.split_once('/').ok_or(SHAPE)?;
    let (host, port) = authority.rsplit_once(':').ok_or(SHAPE)?;
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    if host.is_empty() || host.contains(|letter: char| letter.is_whitespace() || "/?#@".contains(letter)) {
        return Err(SHAPE.to_owned());
    }
    let port = port.parse().ok().filter(|port| *port != 0).ok_or("must have a port from 1 to 65535 after the host")?;
    let database = database.parse().map_err(|_| "must end in the number of a database, for example /0")?;
    let (user, password) = match credentials {
        None => (None, None),
        Some(both) => {
            let (user, password) = both.split_once(':').ok_or(SHAPE)?;
            let user = (!user.is_empty()).then(|| decode(user)).transpose()?;
            (user, Some(Secret::new(decode(password)?)))
        }
    };
    Ok(RedisUrl { host: host.to_owned(), port, database, user, password })
}

/// Percent-decoding, which a password with `/` or `@` needs.
fn decode(text: &str) -> Result<String, String> {
    const WRONG: &str = "has a % in its user or password that is not followed by two hexadecimal digits (write %25)";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok()).ok_or(WRONG)?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| WRONG)?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_err(|_| "has a user or password that is not UTF-8".to_owned())
}
