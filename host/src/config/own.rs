//! The person's own `config.yaml`: what holds for every repository on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, SecretSource, files};
use crate::model::{LimitValues, SecretName, WallMode};
use crate::private;

/// What the person's own file says; a missing or empty one says nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnSettings {
    /// Whether `run` and `mcp serve` confine their own process.
    pub wall: WallMode,
    /// The most that any plugin may take, whatever a repository gives it.
    pub limits: Option<LimitValues>,
    /// Where the value of each secret comes from.
    pub secrets: BTreeMap<SecretName, SecretSource>,
    /// A file of certificates that are trusted besides the world's, in PEM form.
    pub tls_roots: Option<PathBuf>,
    /// What that file holds.
    #[serde(skip)]
    pub tls_roots_pem: Vec<u8>,
}

impl OwnSettings {
    /// The file's name in the person's own folder.
    pub const FILE: &str = "config.yaml";

    /// Returns the files that are read at the first use of a secret: what confines this process has to leave them open.
    pub fn secret_files(&self) -> impl Iterator<Item = &Path> {
        self.secrets.values().filter_map(|source| match source {
            SecretSource::File(path) => Some(path.as_path()),
            SecretSource::Env(_) | SecretSource::Keyring(_) => None,
        })
    }

    /// Makes paths absolute, as seen from the folder of the file.
    fn resolve(&mut self, folder: &Path) {
        if let Some(path) = &mut self.tls_roots {
            *path = folder.join(&*path);
        }
        for source in self.secrets.values_mut() {
            if let SecretSource::File(path) = source {
                *path = folder.join(&*path);
            }
        }
    }
}

/// Reads `config.yaml` of the person's own folder, and the certificates that it names.
pub(super) fn read(own: &Path) -> Result<OwnSettings, ConfigError> {
    let path = own.join(OwnSettings::FILE);
    private::check(&path)?;
    let mut settings: OwnSettings = files::read(&path)?;
    settings.resolve(own);
    if let Some(path) = &settings.tls_roots {
        settings.tls_roots_pem = files::read_bytes(path)?;
    }
    Ok(settings)
}
