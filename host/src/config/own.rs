//! What the person says for every repository on this machine.

use serde::Deserialize;

use crate::model::WallMode;

/// The content of `config.yaml` in the person's own folder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSettings {
    /// Whether `run` and `mcp serve` confine their own process.
    #[serde(default)]
    pub wall: WallMode,
}
