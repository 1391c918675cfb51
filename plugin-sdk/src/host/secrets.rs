//! The names of the secrets that the plugin may use. Needs the `secrets` capability.
//!
//! A value never enters the plugin: write [`placeholder`] into an outgoing header, and the host puts the value in,
//! towards the hosts that the grant names and no others.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::secrets as host;
use crate::plugin::{Capability, Denied};

/// Lists the names.
pub fn names() -> Result<Vec<String>, Denied> {
    if HOSTED {
        host::names()
    } else {
        Err(Denied::no_host(Capability::Secrets))
    }
}

/// Returns what stands for a secret in a header.
///
/// ```
/// assert_eq!(paracle_plugin_sdk::host::secrets::placeholder("TOKEN"), "{{secret:TOKEN}}");
/// ```
pub fn placeholder(name: &str) -> String {
    format!("{{{{secret:{name}}}}}")
}
