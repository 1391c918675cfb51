//! What kind of failure keeps a plugin from being loaded.

use super::InstallError;
use crate::sandbox::{PrepareError, RunError};

/// What kind of failure keeps a plugin from being loaded: what programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadFailureKind {
    /// The file cannot be read, or is too large.
    File,
    /// It is no component that this host runs.
    Component,
    /// It reached a limit while it was asked who it is.
    Limit,
    /// It broke while it was asked who it is.
    Crash,
    /// What it says of itself breaks a rule.
    Metadata,
    /// A schema of it cannot be used.
    Schema,
    /// Its configuration does not fit.
    Config,
    /// Its entry grants what no plugin may have.
    Grant,
    /// A person has not approved it on this machine.
    NotApproved,
    /// It was made for other hosts.
    Contract,
    /// Another plugin has its name.
    Duplicate,
    /// A plugin that it needs is missing.
    Dependency,
    /// It is listed, and nowhere.
    Absent,
    /// The host itself cannot run it.
    Inside,
}

impl InstallError {
    /// Returns what kind of failure it is.
    pub const fn kind(&self) -> LoadFailureKind {
        use LoadFailureKind as Kind;
        match self {
            Self::Load(_) | Self::Prepare(PrepareError::Load(_)) => Kind::File,
            Self::Prepare(
                PrepareError::NotWasm
                | PrepareError::CoreModule
                | PrepareError::Invalid { .. }
                | PrepareError::Instances { .. }
                | PrepareError::TooMuch { .. }
                | PrepareError::OtherWorld { .. }
                | PrepareError::OtherVersion { .. }
                | PrepareError::Kinds { .. }
                | PrepareError::HalfContext
                | PrepareError::Imports { .. },
            ) => Kind::Component,
            Self::Prepare(PrepareError::Slow { .. }) => Kind::Limit,
            Self::Prepare(PrepareError::Silent { source }) => match source {
                RunError::Limit { .. } | RunError::Deadline { .. } => Kind::Limit,
                RunError::Trapped { .. }
                | RunError::Exited { .. }
                | RunError::Cancelled
                | RunError::BadReply { .. }
                | RunError::Start { .. }
                | RunError::WrongKind { .. } => Kind::Crash,
            },
            Self::Prepare(PrepareError::Metadata { .. } | PrepareError::KindDiffers { .. })
            | Self::LongName { .. }
            | Self::Another { .. }
            | Self::Reserved => Kind::Metadata,
            Self::Prepare(PrepareError::Config { .. }) | Self::Config { .. } | Self::Grants(_) => {
                Kind::Config
            }
            Self::Prepare(PrepareError::Engine { .. }) => Kind::Inside,
            Self::Directory(_) => Kind::Grant,
            Self::NotApproved { .. } => Kind::NotApproved,
            Self::Contract { .. } => Kind::Contract,
            Self::Schema { .. } => Kind::Schema,
            Self::Duplicate { .. } => Kind::Duplicate,
            Self::Dependency { .. } => Kind::Dependency,
            Self::Absent { .. } => Kind::Absent,
        }
    }
}
