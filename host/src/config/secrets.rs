//! Where the value of a secret comes from: a variable, a file that nobody else can read, or the system's keyring.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::model::SecretValue;
use crate::private::{self, Others};

/// No secret is larger; what is read of a file, at most.
const LARGEST: u64 = 64 << 10;

/// Where a secret's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of this process.
    Env(String),
    /// A file that belongs to this user and that nobody else can read.
    File(PathBuf),
    /// An entry of the system's keyring.
    Keyring(KeyringEntry),
}

/// An entry of the system's keyring.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyringEntry {
    /// For what.
    pub service: String,
    /// Whose.
    pub user: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
struct RawSource {
    #[serde(default)]
    env: Option<String>,
    #[serde(default)]
    file: Option<PathBuf>,
    #[serde(default)]
    keyring: Option<KeyringEntry>,
}

/// What belongs where a source stands. It never repeats what stands there: it may be a secret.
const SHAPE: &str = "here belongs one of `{ env: VARIABLE }`, `{ file: PATH }` and `{ keyring: { service: …, user: … } }`; never the value itself";

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Source;

        impl<'de> Visitor<'de> for Source {
            type Value = SecretSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(SHAPE)
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<SecretSource, E> {
                Err(E::custom(SHAPE))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretSource, A::Error> {
                let raw = RawSource::deserialize(MapAccessDeserializer::new(map))?;
                match raw {
                    RawSource {
                        env: Some(env),
                        file: None,
                        keyring: None,
                    } => Ok(SecretSource::Env(env)),
                    RawSource {
                        env: None,
                        file: Some(file),
                        keyring: None,
                    } => Ok(SecretSource::File(file)),
                    RawSource {
                        env: None,
                        file: None,
                        keyring: Some(entry),
                    } => Ok(SecretSource::Keyring(entry)),
                    _ => Err(A::Error::custom(SHAPE)),
                }
            }
        }

        deserializer.deserialize_any(Source)
    }
}

impl SecretSource {
    /// Reads the value; the error says what is wrong, and what to do.
    pub fn read(&self) -> Result<SecretValue, String> {
        let text = match self {
            Self::Env(variable) => from_variable(variable)?,
            Self::File(path) => from_file(path)?,
            Self::Keyring(entry) => from_keyring(entry)?,
        };
        SecretValue::new(&text).map_err(|error| error.to_string())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "config is the room that reads the environment"
)]
fn from_variable(variable: &str) -> Result<Zeroizing<String>, String> {
    match std::env::var(variable) {
        Ok(value) => Ok(Zeroizing::new(value)),
        Err(std::env::VarError::NotPresent) => Err(format!("the variable {variable} is not set")),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(format!("the variable {variable} is not text"))
        }
    }
}

fn from_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let failed = |why: &dyn fmt::Display| format!("{}: {why}", path.display());
    // People link such files from where they keep them.
    let opened = private::open_linked(path, Others::Nothing).map_err(|error| error.to_string())?;
    let (file, _) = opened.ok_or_else(|| failed(&"there is no such file"))?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(failed(&"it is not text")),
    }
}

#[cfg(feature = "keyring")]
fn from_keyring(entry: &KeyringEntry) -> Result<Zeroizing<String>, String> {
    let KeyringEntry { service, user } = entry;
    keyring::Entry::new(service, user)
        .and_then(|entry| entry.get_password())
        .map(Zeroizing::new)
        .map_err(|error| format!("the keyring's entry for {service} and {user}: {error}"))
}

#[cfg(not(feature = "keyring"))]
fn from_keyring(_entry: &KeyringEntry) -> Result<Zeroizing<String>, String> {
    Err(
        "this paracle-host was built without the keyring; build it with `cargo install --path host --features keyring`"
            .to_owned(),
    )
}
