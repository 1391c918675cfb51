//! Which capabilities are authority that an operator can grant, and how.

use crate::model::Capability;

/// What a grant can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authority {
    /// The execution's tree at `/workspace`.
    Workspace,
    /// Model calls through provider plugins.
    Completions,
    /// Calls of other plugins' tools.
    Tools,
}

impl Authority {
    /// Returns the authority behind a capability; none where it describes only, or where nobody can grant it yet.
    pub(super) const fn of(capability: Capability) -> Option<Self> {
        match capability {
            Capability::FileAccess => Some(Self::Workspace),
            Capability::Completions => Some(Self::Completions),
            Capability::Tools => Some(Self::Tools),
            // The first six will be authority; the others describe.
            Capability::NetworkAccess
            | Capability::ShellAccess
            | Capability::DatabaseAccess
            | Capability::Memory
            | Capability::Ask
            | Capability::Secrets
            | Capability::TextGeneration
            | Capability::ChatCompletion
            | Capability::Streaming
            | Capability::FunctionCalling
            | Capability::Vision
            | Capability::ExecutionTracking
            | Capability::MetricsCollection
            | Capability::ErrorReporting
            | Capability::CostTracking
            | Capability::PersistentStorage
            | Capability::VectorSearch
            | Capability::SemanticCache => None,
        }
    }

    /// Returns the line of `plugins.yaml` that grants it.
    pub(super) const fn line(self) -> &'static str {
        match self {
            Self::Workspace => "workspace: read-write",
            Self::Completions => "completions: [PROVIDER]",
            Self::Tools => "tools: [PLUGIN__TOOL]",
        }
    }
}
