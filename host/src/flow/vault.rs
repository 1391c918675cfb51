//! The secrets of the person's own configuration, read at their first use and kept for the life of the process.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::config::{OwnSettings, SecretSource};
use crate::model::{SecretName, SecretValue};
use crate::network::{SecretError, Secrets};

/// Reads secrets where the person keeps them.
pub(super) struct Vault {
    sources: BTreeMap<SecretName, SecretSource>,
    file: PathBuf,
    read: Mutex<HashMap<SecretName, SecretValue>>,
}

impl Vault {
    pub(super) fn new(sources: BTreeMap<SecretName, SecretSource>, own: &Path) -> Self {
        Self {
            sources,
            file: own.join(OwnSettings::FILE),
            read: Mutex::default(),
        }
    }
}

impl Secrets for Vault {
    fn read(&self, name: &SecretName) -> Result<SecretValue, SecretError> {
        // One at a time: a keyring that asks the person asks once.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = read.get(name) {
            return Ok(value.clone());
        }
        let failed = |why| SecretError {
            name: name.clone(),
            why,
        };
        let source = self.sources.get(name).ok_or_else(|| {
            failed(format!(
                "nothing says where it is; add `secrets: {{ {name}: {{ env: VARIABLE }} }}` to {}",
                self.file.display()
            ))
        })?;
        let value = source.read().map_err(failed)?;
        read.insert(name.clone(), value.clone());
        Ok(value)
    }
}
