//! Settings: raw files and variables in, resolved values out.
//!
//! The only room that reads flags' values, the environment and configuration files, and the person's key; nothing behind it does. Does not
//! know about plugins' code, git or wasm. Unknown keys in our own files are errors.

mod environment;
mod error;
mod files;
mod forge;
mod key;
mod own;
mod parac;
mod secrets;
mod settings;
mod surroundings;

pub use environment::{Environment, PersonFolders, named_folders};
pub use error::ConfigError;
pub use files::line_of_base_branch;
pub use forge::{Asking, ForgeToken, forge_token, forge_variables};
pub use key::{KeyError, open_key, read_key};
pub use own::{AuditSettings, OwnSettings};
pub use parac::{Agents, Catalog, CatalogEntry, Warning, read_agents, read_catalog, read_workflow};
pub use secrets::{KeyringEntry, SecretSource};
pub use settings::{MemberSettings, PluginEntry, Settings};
pub use surroundings::Surroundings;
