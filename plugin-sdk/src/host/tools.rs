//! Calls of other plugins' tools. Needs the `tools` capability; each call is under the caller's grants as well.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::tools as host;
use crate::output::Output;
use crate::plugin::{Capability, Denied};
use crate::tool::ToolError;
use serde_json::Value;

#[doc(inline)]
pub use host::Available;

/// Lists the tools that the plugin may call.
pub fn list() -> Result<Vec<Available>, Denied> {
    if HOSTED {
        host::list()
    } else {
        Err(Denied::no_host(Capability::Tools))
    }
}

/// Calls a tool by its full name, `plugin__tool`.
pub fn call(name: &str, arguments: &Value) -> Result<Output, ToolError> {
    if HOSTED {
        host::call(name, &arguments.to_string())
    } else {
        Err(ToolError::Permission(Denied::no_host(Capability::Tools)))
    }
}
