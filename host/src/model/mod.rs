//! Pure data: names, calls, capabilities, events, edits.
//!
//! Does not know about files, processes, time, async, wasmtime or MCP.

mod authority;
mod bytes;
mod call;
mod capability;
pub mod chat;
mod edit;
mod event;
mod execution;
mod grant;
mod limit;
mod names;
mod plugin;
mod receipt;
mod tool;

pub use authority::{
    DirectoryRule, HostPattern, HttpRequest, HttpRule, Methods, PortPattern, Protocol, Scheme,
    SecretName, SecretRule, SocketRule,
};
pub use call::{Call, Caller, Reply, Verb};
pub use capability::Capability;
pub use chat::{ChatError, Request, Response};
pub use edit::{Edit, EditKind};
pub use event::{Event, EventType};
pub use execution::{
    BranchInfo, ExecutionInfo, ExecutionRecord, ExecutionSettings, ExecutionStatus,
};
pub use grant::{Access, Denied, Grant, Party, ToolPattern};
pub use limit::{LimitName, Limits, Usage};
pub use names::{
    BranchName, CallId, CommitId, Digest, ExecutionId, InvalidName, PluginName, ToolName, ToolPath,
};
pub use plugin::{Annotations, Dependency, Health, Kind, PluginInfo, Status, ToolInfo};
pub use receipt::{DirectoryUse, Landed, Receipt};
pub use tool::{Content, Output, ResourceBody, ToolError};
