//! What a merge could not decide: each path with its kind and all that the sides have there.

use serde::{Deserialize, Serialize};

use super::tree::{Entry, Mode};
use super::{ObjectId, TreeId, TreePath};

/// What a merge leaves to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflicted {
    /// The tree as far as it is decided: files in conflict hold both sides between markers.
    pub tree: TreeId,
    /// The paths in conflict, by path.
    pub conflicts: Vec<Conflict>,
}

/// One path that a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The path.
    pub path: TreePath,
    /// What kind of conflict it is.
    pub kind: ConflictKind,
    /// What both sides began with.
    pub base: Option<Side>,
    /// What the branch that is merged to has.
    pub ours: Option<Side>,
    /// What the branch that is merged has.
    pub theirs: Option<Side>,
    /// Names that the merge gave to sides that cannot stand at the path at once; they go once it is decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<TreePath>,
    /// What git says of it.
    pub said: String,
}

/// What one side has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The mode, as git writes it.
    pub mode: Mode,
    /// The object.
    pub id: ObjectId,
}

impl Side {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            mode: entry.mode,
            id: entry.id,
        }
    }
}

/// Why a merge cannot decide a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    /// Both changed the same lines, or the same link.
    Content,
    /// Both added it, with different contents.
    AddAdd,
    /// One changed what the other removed.
    ModifyDelete,
    /// Both changed a file that is not text.
    Binary,
    /// It is of another type on each side: a file and a link, say.
    Mode,
    /// It is a file on one side and a directory on the other.
    FileDirectory,
    /// Both renamed it, or two names meet in one.
    Rename,
    /// One renamed what the other removed.
    RenameDelete,
    /// One added it to a directory that the other renamed.
    DirectoryRename,
    /// Both moved a submodule.
    Submodule,
    /// Git names a kind that this version does not know; its words say which.
    Other,
}

impl ConflictKind {
    /// Returns the words for a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::AddAdd => "add/add",
            Self::ModifyDelete => "modify/delete",
            Self::Binary => "binary",
            Self::Mode => "mode",
            Self::FileDirectory => "file/directory",
            Self::Rename => "rename",
            Self::RenameDelete => "rename/delete",
            Self::DirectoryRename => "directory rename",
            Self::Submodule => "submodule",
            Self::Other => "other",
        }
    }

    /// Reads git's stable name of a kind; `None` for what is no conflict.
    fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("CONFLICT")?.trim_start();
        Some(match rest.trim_matches(['(', ')']) {
            "contents" => Self::Content,
            "binary" => Self::Binary,
            "file/directory" => Self::FileDirectory,
            "distinct modes" => Self::Mode,
            "modify/delete" => Self::ModifyDelete,
            "rename/rename" | "rename involved in collision" => Self::Rename,
            "rename/delete" => Self::RenameDelete,
            "directory rename suggested"
            | "file in way of directory rename"
            | "directory rename collision"
            | "directory rename unclear split" => Self::DirectoryRename,
            other if other.starts_with("submodule") => Self::Submodule,
            _ => Self::Other,
        })
    }

    /// Which of several kinds of one path says the most about it.
    const fn rank(self) -> u8 {
        match self {
            Self::Other => 0,
            Self::Content => 1,
            Self::AddAdd => 2,
            Self::ModifyDelete => 3,
            Self::Binary => 4,
            Self::DirectoryRename => 5,
            Self::Rename => 6,
            Self::RenameDelete => 7,
            Self::Mode => 8,
            Self::FileDirectory => 9,
            Self::Submodule => 10,
        }
    }
}

/// One of git's messages about a merge.
pub(super) struct Message {
    pub(super) paths: Vec<TreePath>,
    pub(super) kind: String,
    pub(super) text: String,
}

/// One path of git's list: at stage 1 the base's, at 2 ours, at 3 theirs.
pub(super) struct Staged {
    pub(super) path: TreePath,
    pub(super) stage: u8,
    pub(super) side: Side,
}

/// Puts git's list of stages and its messages together, path by path.
pub(super) fn conflicts(staged: Vec<Staged>, messages: &[Message]) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = Vec::new();
    for one in staged {
        let (path, beside) = match original(&one.path, messages) {
            Some(original) => (original, Some(one.path)),
            None => (one.path, None),
        };
        let at = conflicts.iter().position(|known| known.path == path);
        let at = at.unwrap_or_else(|| {
            conflicts.push(Conflict {
                path,
                kind: ConflictKind::Other,
                base: None,
                ours: None,
                theirs: None,
                beside: Vec::new(),
                said: String::new(),
            });
            conflicts.len() - 1
        });
        let conflict = &mut conflicts[at];
        let place = match one.stage {
            1 => &mut conflict.base,
            2 => &mut conflict.ours,
            _ => &mut conflict.theirs,
        };
        *place = Some(one.side);
        if let Some(beside) = beside
            && !conflict.beside.contains(&beside)
        {
            conflict.beside.push(beside);
        }
    }
    for message in messages {
        let Some(kind) = ConflictKind::parse(&message.kind) else {
            continue;
        };
        let about = |conflict: &Conflict| {
            message
                .paths
                .iter()
                .any(|path| *path == conflict.path || conflict.beside.contains(path))
        };
        let mut told = false;
        for conflict in conflicts.iter_mut().filter(|conflict| about(conflict)) {
            conflict.tell(kind, &message.text);
            told = true;
        }
        // A conflict without a path of its own, such as a directory that was renamed to two places.
        if let (false, Some(path)) = (told, message.paths.first()) {
            let mut conflict = Conflict {
                path: path.clone(),
                kind,
                base: None,
                ours: None,
                theirs: None,
                beside: Vec::new(),
                said: String::new(),
            };
            conflict.tell(kind, &message.text);
            conflicts.push(conflict);
        }
    }
    conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    conflicts
}

impl Conflict {
    fn tell(&mut self, kind: ConflictKind, text: &str) {
        let kind = match kind {
            ConflictKind::Content if self.base.is_none() => ConflictKind::AddAdd,
            kind => kind,
        };
        if self.said.is_empty() || kind.rank() > self.kind.rank() {
            self.kind = kind;
        }
        if !self.said.is_empty() {
            self.said.push('\n');
        }
        self.said.push_str(text.trim_end());
    }
}

/// Returns the path that git gave another name to, because its sides cannot stand there at once.
fn original(path: &TreePath, messages: &[Message]) -> Option<TreePath> {
    messages.iter().find_map(|message| {
        let original = match ConflictKind::parse(&message.kind)? {
            // The new name comes first here,
            ConflictKind::FileDirectory => message.paths.get(1)?,
            // and the old one there.
            ConflictKind::Mode => message.paths.first()?,
            _ => return None,
        };
        let renamed = message.paths.contains(path) && original != path;
        renamed.then(|| original.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_names_of_kinds_are_read() {
        for (name, kind) in [
            ("Auto-merging", None),
            ("CONFLICT (contents)", Some(ConflictKind::Content)),
            (
                "CONFLICT(directory rename collision)",
                Some(ConflictKind::DirectoryRename),
            ),
            (
                "CONFLICT (submodule may have rewinds)",
                Some(ConflictKind::Submodule),
            ),
            ("CONFLICT (of a new kind)", Some(ConflictKind::Other)),
        ] {
            assert_eq!(ConflictKind::parse(name), kind, "{name}");
        }
    }
}
