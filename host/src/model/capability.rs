//! What a plugin offers or asks for.

use serde::{Deserialize, Serialize};

/// Defines the enum, its names and the list of all from one table, so that they cannot disagree.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A label or an authority, by the names of `wit/types.wit`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Capability {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Capability {
            /// All of them, in the order of `wit/types.wit`.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the name, as in WIT.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

capabilities! {
    /// Writes text.
    TextGeneration = "text-generation",
    /// Answers conversations.
    ChatCompletion = "chat-completion",
    /// Answers in chunks.
    Streaming = "streaming",
    /// Calls functions that the request names.
    FunctionCalling = "function-calling",
    /// Reads images.
    Vision = "vision",
    /// Follows executions.
    ExecutionTracking = "execution-tracking",
    /// Counts and measures.
    MetricsCollection = "metrics-collection",
    /// Reports failures.
    ErrorReporting = "error-reporting",
    /// Adds up what model calls cost.
    CostTracking = "cost-tracking",
    /// Keeps data between runs.
    PersistentStorage = "persistent-storage",
    /// Finds by embedding.
    VectorSearch = "vector-search",
    /// Answers from what was answered before.
    SemanticCache = "semantic-cache",
    /// Authority: the workspace and granted directories.
    FileAccess = "file-access",
    /// Authority: HTTP and sockets.
    NetworkAccess = "network-access",
    /// Authority that no host grants: a component has no processes.
    ShellAccess = "shell-access",
    /// Authority: databases behind the network or in granted directories.
    DatabaseAccess = "database-access",
    /// Authority: model calls through the operator's providers.
    Completions = "completions",
    /// Authority: calls of other plugins' tools.
    Tools = "tools",
    /// Authority: the operator's memory plugin.
    Memory = "memory",
    /// Authority: questions to the person.
    Ask = "ask",
    /// Authority: named secrets in outgoing headers.
    Secrets = "secrets",
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
