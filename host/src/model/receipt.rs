//! What a call left behind, for its caller.

use serde::Serialize;

use super::{
    Access, BranchName, CallId, CommitId, Denied, Digest, Edit, ExecutionId, Grant, MemberName,
    PluginName, Reply, Usage, Wall, counted,
};

/// What a call did in a granted directory. It did so at once: no branch holds it, and no failure takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectoryUse {
    /// Where the plugin finds it.
    pub at: String,
    /// How far it was open.
    pub access: Access,
    /// Names that were made, removed or renamed, and files that were cut or lengthened.
    pub changes: u64,
    /// Bytes that were written into files.
    pub written_bytes: u64,
}

impl DirectoryUse {
    /// Tells whether anything there is other than before.
    pub const fn changed(&self) -> bool {
        self.changes > 0 || self.written_bytes > 0
    }

    /// Says in words what was done.
    pub fn told(&self) -> String {
        format!(
            "{}: {} and {}, which no branch holds",
            self.at,
            counted(self.changes, "change"),
            counted(self.written_bytes, "byte")
        )
    }
}

/// Where a call's changes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Landed {
    /// The repository's name, where there are several.
    #[serde(rename = "name", skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberName>,
    /// The execution's branch.
    pub branch: BranchName,
    /// The commit that the execution began with.
    pub base: CommitId,
    /// The commit before the call's: what differs between the two is what the call changed. None where the commit has more
    /// than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommitId>,
    /// The call's checkpoint.
    pub commit: CommitId,
    /// The ref that holds it where the branch does not have it yet, because a merge waits for decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// What the call changed.
    pub changed: Vec<Edit>,
}

impl Landed {
    /// Returns what was changed, with the repository's name before each path where there are several.
    pub fn named(&self) -> Vec<Edit> {
        match &self.member {
            None => self.changed.clone(),
            Some(member) => member.prefixed(&self.changed),
        }
    }
}

/// A call's answer and all that a person may want to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The call.
    pub call: CallId,
    /// The plugin that answered.
    pub plugin: PluginName,
    /// Its version.
    pub version: semver::Version,
    /// Its bytes.
    pub digest: Digest,
    /// The tool or model that was called.
    pub step: String,
    /// What the call was granted.
    pub grant: Grant,
    /// The execution it belongs to.
    pub execution: ExecutionId,
    /// Where its changes are, in each repository that it changed.
    pub landed: Vec<Landed>,
    /// What it changed and is nowhere, because nothing was to be committed.
    pub given_up: Vec<Edit>,
    /// What it did in the directories that it was granted beside the workspace.
    pub directories: Vec<DirectoryUse>,
    /// What the plugin answered.
    pub reply: Reply,
    /// What it was refused while it ran.
    pub refused: Vec<Denied>,
    /// What it took.
    pub usage: Usage,
    /// What kept the process of the call in.
    pub wall: Wall,
    /// What the caller should know, such as uncommitted files that the call did not see.
    pub notes: Vec<String>,
}
