//! The person's own `config.yaml`: what holds for every repository on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, SecretSource, files};
use crate::model::{LimitValues, Prices, SecretName, WallMode};
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
    /// How audit journals are kept.
    pub audit: AuditSettings,
    /// What models cost.
    pub prices: Prices,
    /// A file of certificates that are trusted besides the world's, in PEM form.
    pub tls_roots: Option<PathBuf>,
    /// What that file holds.
    #[serde(skip)]
    pub tls_roots_pem: Vec<u8>,
}

/// How audit journals are kept.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    segment_kib: Option<SegmentKib>,
}

impl AuditSettings {
    /// Returns how long a journal's segment gets before it is followed by another, in bytes; none if nothing is said.
    pub const fn segment(self) -> Option<u64> {
        match self.segment_kib {
            Some(SegmentKib(kib)) => Some(kib << 10),
            None => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
struct SegmentKib(u64);

impl TryFrom<u64> for SegmentKib {
    type Error = &'static str;

    fn try_from(kib: u64) -> Result<Self, Self::Error> {
        // A smaller one would be full after a few records, and a larger one is as good as none.
        if (64..=1 << 20).contains(&kib) {
            Ok(Self(kib))
        } else {
            Err("`segment_kib` is a number from 64 to 1048576")
        }
    }
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
