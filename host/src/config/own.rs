//! The person's own settings: `config.yaml` in their own folder, outside of any repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::SecretSource;
use crate::model::SecretName;

/// What the person says for all repositories on this machine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnSettings {
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

    /// Makes paths absolute, as seen from the folder of the file.
    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Some(path) = &mut self.tls_roots {
            *path = folder.join(&*path);
        }
        for source in self.secrets.values_mut() {
            if let SecretSource::File(path) = source {
                *path = folder.join(&*path);
            }
        }
    }

    /// Returns the files that are read at the first use of a secret: what confines this process has to leave them open.
    pub fn secret_files(&self) -> impl Iterator<Item = &Path> {
        self.secrets.values().filter_map(|source| match source {
            SecretSource::File(path) => Some(path.as_path()),
            SecretSource::Env(_) | SecretSource::Keyring(_) => None,
        })
    }
}
