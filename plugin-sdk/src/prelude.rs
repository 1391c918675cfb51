//! What a plugin's source opens with: `use paracle_plugin_sdk::prelude::*;`.

pub use crate::context::Context;
pub use crate::output::{Content, Json, Output};
pub use crate::plugin::{Capability, ConfigProblem, Denied, Health, InitError, Plugin, PluginInfo};
pub use crate::tool::{Annotations, Tool, ToolError};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};
pub use serde_json::{self, Value, json};
