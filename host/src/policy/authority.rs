//! Which capabilities are authority that a person can grant, and which part of a grant each is.

use crate::model::{Capability, Grant};

/// What a grant can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authority {
    /// The execution's tree at `/workspace`, and directories of the machine.
    Files,
    /// HTTP requests and sockets.
    Network,
    /// Model calls through provider plugins.
    Completions,
    /// Calls of other plugins' tools.
    Tools,
    /// Secrets in outgoing headers.
    Secrets,
    /// Questions to whoever called.
    Ask,
}

impl Authority {
    const ALL: [Self; 6] = [
        Self::Files,
        Self::Network,
        Self::Completions,
        Self::Tools,
        Self::Secrets,
        Self::Ask,
    ];

    /// Returns the authority behind a capability; none where it describes only, or where nobody can grant it yet.
    pub(super) const fn of(capability: Capability) -> Option<Self> {
        match capability {
            Capability::FileAccess => Some(Self::Files),
            Capability::NetworkAccess => Some(Self::Network),
            Capability::Completions => Some(Self::Completions),
            Capability::Tools => Some(Self::Tools),
            Capability::Secrets => Some(Self::Secrets),
            Capability::Ask => Some(Self::Ask),
            // A database is reached by network or files. Shells are never granted, `memory` not yet.
            Capability::DatabaseAccess
            | Capability::ShellAccess
            | Capability::Memory
            // The others describe.
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

    /// Returns the capability that a plugin declares to be given it.
    pub(super) const fn capability(self) -> Capability {
        match self {
            Self::Files => Capability::FileAccess,
            Self::Network => Capability::NetworkAccess,
            Self::Completions => Capability::Completions,
            Self::Tools => Capability::Tools,
            Self::Secrets => Capability::Secrets,
            Self::Ask => Capability::Ask,
        }
    }

    /// Returns the part of a grant that it is.
    pub(super) fn part(self, grant: &Grant) -> Grant {
        let nothing = Grant::default();
        match self {
            Self::Files => Grant {
                workspace: grant.workspace,
                directories: grant.directories.clone(),
                ..nothing
            },
            Self::Network => Grant {
                network: grant.network.clone(),
                sockets: grant.sockets.clone(),
                ..nothing
            },
            Self::Completions => Grant {
                completions: grant.completions.clone(),
                ..nothing
            },
            Self::Tools => Grant {
                tools: grant.tools.clone(),
                ..nothing
            },
            Self::Secrets => Grant {
                secrets: grant.secrets.clone(),
                ..nothing
            },
            Self::Ask => Grant {
                ask: grant.ask,
                ..nothing
            },
        }
    }

    /// Returns the authorities that a grant is made of.
    pub(super) fn within(grant: &Grant) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(|authority| !authority.part(grant).is_empty())
    }

    /// Returns what stands in `plugins.yaml` where it is granted, with words in the place of names.
    pub(super) const fn line(self) -> &'static str {
        match self {
            Self::Files => "workspace: read-write",
            Self::Network => "network: ['https://HOST']",
            Self::Completions => "completions: [PROVIDER]",
            Self::Tools => "tools: [PLUGIN__TOOL]",
            Self::Secrets => "secrets: [NAME@HOST]",
            Self::Ask => "ask: true",
        }
    }
}
