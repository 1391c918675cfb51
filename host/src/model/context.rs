//! Resources and prompts: what a plugin offers to be read, and what a person picks to begin with.

use serde::{Deserialize, Serialize};

use super::{Content, Denied, Icon, ResourceBody};

/// Schemes that are the host's own, or that name what no plugin can give.
pub const RESERVED_SCHEMES: &[&str] =
    &["execution", "plugin", "workflow", "agent", "result", "file"];

/// A resource, as its plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceInfo {
    /// Its address.
    pub uri: String,
    /// A short name.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its type, if known.
    pub mime_type: Option<String>,
    /// In bytes.
    pub size: Option<u64>,
    /// Pictures for people.
    pub icons: Vec<Icon>,
}

/// Resources by a pattern of their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateInfo {
    /// A URI template (RFC 6570).
    pub uri_template: String,
    /// A short name.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What they are.
    pub description: Option<String>,
    /// Their type, if it is the same for all.
    pub mime_type: Option<String>,
    /// Pictures for people.
    pub icons: Vec<Icon>,
}

/// What a resource reads as, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceContent {
    /// Its address.
    pub uri: String,
    /// Its type, if known.
    pub mime_type: Option<String>,
    /// Its bytes or text.
    pub body: ResourceBody,
}

/// An argument of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptArgument {
    /// Unique in its prompt.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether the prompt cannot do without.
    pub required: bool,
}

/// A prompt, as its plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptInfo {
    /// Unique in its plugin.
    pub name: super::ToolName,
    /// For people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it takes.
    pub arguments: Vec<PromptArgument>,
    /// Pictures for people.
    pub icons: Vec<Icon>,
}

/// Whose words a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person's.
    User,
    /// The assistant's.
    Assistant,
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptMessage {
    /// Whose words.
    pub speaker: Speaker,
    /// What is said.
    pub content: Content,
}

/// A prompt, made with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// What it is for.
    pub description: Option<String>,
    /// What a conversation begins with.
    pub messages: Vec<PromptMessage>,
}

/// An argument of a prompt, or a variable of a template, with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Which.
    pub name: String,
    /// What it is.
    pub value: String,
}

/// What a value is suggested for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "lowercase")]
pub enum Completable {
    /// An argument of a prompt.
    Prompt {
        /// Which prompt.
        name: String,
        /// Which argument.
        argument: String,
    },
    /// A variable of a template.
    Template {
        /// Which template.
        uri_template: String,
        /// Which variable.
        variable: String,
    },
}

/// Values that would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// The best first.
    pub values: Vec<String>,
    /// How many there are, where that is known.
    pub total: Option<u32>,
    /// Whether there are more than these.
    pub more: bool,
}

/// Why a resource was not read, or a prompt not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ContextError {
    /// There is none.
    #[error("there is no {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// An argument is not right.
    #[error("{} not right: {message}", super::tool::argument(at))]
    InvalidValue {
        /// A JSON Pointer (RFC 6901).
        at: String,
        /// What is wrong.
        message: String,
    },
    /// The host refused something that the plugin needs.
    #[error(transparent)]
    Permission {
        /// What and why.
        #[from]
        denied: Denied,
    },
    /// The plugin did what it could and failed.
    #[error("{message}")]
    Runtime {
        /// In the plugin's own words.
        message: String,
    },
    /// The plugin saw that its caller gave up.
    #[error("the plugin stopped because its caller gave up")]
    Cancelled,
}
