//! The person's own `config.yaml`: what holds for every repository on this machine.

use std::path::Path;

use serde::Deserialize;

use super::{ConfigError, files};
use crate::model::{LimitValues, WallMode};
use crate::private;

/// What the person's own file says; a missing or empty one says nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnSettings {
    /// Whether `run` and `mcp serve` confine their own process.
    pub wall: WallMode,
    /// The most that any plugin may take, whatever a repository gives it.
    pub limits: Option<LimitValues>,
}

/// Reads `config.yaml` of the person's own folder.
pub(super) fn read(own: &Path) -> Result<OwnSettings, ConfigError> {
    let path = own.join("config.yaml");
    private::check(&path)?;
    files::read(&path)
}
