//! Pure data: names, calls, capabilities, events, edits.
//!
//! Does not know about files, processes, wasmtime or MCP.

mod agent;
mod audit;
mod authority;
mod bytes;
mod call;
mod capability;
pub mod chat;
mod client;
mod context;
mod count;
mod edit;
mod event;
mod execution;
mod forge;
mod grant;
mod key;
mod limit;
mod limits;
mod mcp;
mod member;
mod merging;
mod names;
mod plugin;
mod price;
mod receipt;
mod retries;
mod secret_value;
mod serving;
mod tool;
mod usage;
mod visible;
mod wall;
mod workflow;

pub use agent::{Agent, AgentLimits, At, Mark};
pub use audit::{
    AuditRecord, Audited, CallBegan, CallEnded, CalledBy, Denial, Found, GrantRecord, GrantText,
    HttpRecord, LimitRecord, Mended, Origin, SocketRecord,
};
pub use authority::{
    DirectoryRule, HostPattern, HttpRequest, HttpRule, Methods, PortPattern, Protocol, Scheme,
    SecretName, SecretRule, SocketRule,
};
pub use call::{Call, Caller, PartOf, Reply, Verb};
pub use capability::Capability;
pub use chat::{ChatError, Request, Response};
pub use client::{
    Ability, Answer, BoxFuture, Changed, Client, ClientLink, ClientReply, ClientRequest, LogLevel,
    NoClient, NotAvailable, Question, Root, Yielding, Yields,
};
pub use context::{
    Completable, ContextError, Given, Prompt, PromptArgument, PromptInfo, PromptMessage,
    RESERVED_SCHEMES, ResourceContent, ResourceInfo, Speaker, Suggestions, TemplateInfo,
};
pub use count::counted;
pub use edit::{Edit, EditKind};
pub use event::{Event, EventType};
pub use execution::{
    BranchInfo, CheckpointInfo, ExecutionInfo, ExecutionLog, ExecutionRecord, ExecutionSettings,
    ExecutionStatus, LeftBehind, MergeWaits, PlanRecord,
};
pub use forge::{ForgeKind, NewPullRequest, Place, percent_encoded};
pub use grant::{Access, Denied, Grant, Need, Party, ToolPattern};
pub use key::{KEY_BYTES, Mac, PurposeKey, UserKey};
pub use limit::{LimitName, LimitSpec, Unit};
pub use limits::{Breach, Ended, LimitOrigin, LimitValues, Limits};
pub use mcp::{McpAllowed, McpSettings, OfferedNames};
pub use member::{Member, MemberName, Members, said_of};
pub use merging::{BranchPattern, MergeCheck, MergeStrategy};
pub use names::{
    BranchName, CallId, CommitId, Digest, ExecutionId, InvalidName, PlanName, PluginName, ToolName,
    ToolPath,
};
pub use plugin::{
    Annotations, Dependency, Health, Icon, Kind, PluginInfo, Status, TaskSupport, ToolInfo,
};
pub use price::{Price, Prices};
pub use receipt::{DirectoryUse, Landed, Receipt};
pub use retries::Retries;
pub use secret_value::{BadSecret, SecretValue};
pub use serving::{OauthSettings, Rate};
pub use tool::{Content, Output, ResourceBody, ToolError};
pub use usage::Usage;
pub use visible::{is_hidden, schema_words};
pub use wall::{Confined, Wall, WallMode};
pub use workflow::{Does, InputSpec, InputType, OnFailure, OutputSpec, Step, Workflow};
