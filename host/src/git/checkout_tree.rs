//! The files of a checkout as they are, uncommitted changes and all, as a tree: by git itself, on an index of our own.
#![expect(clippy::disallowed_methods, reason = "an index of our own is a file")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::Oid;

use super::command::Answer;
use super::objects::{ObjectId, TreeId};
use super::{GitError, Repo};

/// What is added: all that git does not ignore, without the host's own folders. By patterns alone: git refuses an excluded
/// path that is ignored as well.
const WHAT: [&str; 6] = [
    "add",
    "--all",
    "--",
    ":/",
    ":(top,exclude,glob,icase)**/.parac",
    ":(top,exclude,glob,icase)**/.parac/**",
];

/// How git says that a folder is a repository of its own, whose files it does not add.
const EMBEDDED: &str = "warning: adding embedded git repository: ";

/// From when on an index of ours is one that a killed process left.
const STALE: Duration = Duration::from_hours(24);

/// What is in the files of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutTree {
    /// Its tree, stored.
    pub tree: TreeId,
    /// Folders that are repositories of their own: what is in them is not in the tree.
    pub repositories: Vec<String>,
}

/// A copy of the person's index, gone when dropped.
pub(super) struct OwnIndex(PathBuf);

impl Repo {
    /// Stores what is in this checkout's files, and not ignored, as a tree; neither index nor files are touched.
    pub fn checkout_tree(&self) -> Result<CheckoutTree, GitError> {
        let root = self.workdir().ok_or_else(|| GitError::NoCheckout {
            path: self.git_dir().to_owned(),
        })?;
        let index = OwnIndex::copy(self)?;
        let aside = self.aside()?;
        let git = |arguments: &[&str]| -> Result<Answer, GitError> {
            let variables = [
                ("GIT_INDEX_FILE", index.0.as_os_str()),
                // A split index would leave its other half in the person's git directory.
                ("GIT_CONFIG_COUNT", OsStr::new("2")),
                ("GIT_CONFIG_KEY_0", OsStr::new("core.splitIndex")),
                ("GIT_CONFIG_VALUE_0", OsStr::new("false")),
                // What is larger goes part by part from the file into a pack.
                ("GIT_CONFIG_KEY_1", OsStr::new("core.bigFileThreshold")),
                ("GIT_CONFIG_VALUE_1", OsStr::new("1m")),
            ];
            let answer = aside.git(root, &variables, arguments)?;
            match (answer.code, arguments.first()) {
                (0, _) => Ok(answer),
                (_, Some(command)) => Err(answer.error(command, root)),
                (_, None) => Err(answer.error("git", root)),
            }
        };
        let added = git(&WHAT)?;
        let repositories = added
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix(EMBEDDED))
            .map(str::to_owned)
            .collect();
        let written = git(&["write-tree"])?;
        let tree = std::str::from_utf8(&written.stdout)
            .ok()
            .and_then(|id| Oid::from_str(id.trim()).ok());
        let Some(tree) = tree else {
            return Err(written.error("write-tree", root));
        };
        aside.store()?;
        Ok(CheckoutTree {
            tree: TreeId::new(ObjectId(tree)),
            repositories,
        })
    }
}

impl OwnIndex {
    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Copies the index of a checkout, for this thread.
    pub(super) fn copy(repo: &Repo) -> Result<Self, GitError> {
        let folder = repo.own_dir()?;
        remove_stale(&folder);
        let own = Self(folder.join(format!(
            "checkout-{}-{:?}.index",
            std::process::id(),
            std::thread::current().id()
        )));
        let theirs = repo.git_dir().join("index");
        let failed = |error| GitError::file("copy", &theirs, error);
        if theirs.exists() {
            fs::copy(&theirs, &own.0).map_err(failed)?;
            // Git takes an entry for changed if its file is as young as the index: so the copy is as old as the index.
            let then = fs::metadata(&theirs)
                .and_then(|index| index.modified())
                .map_err(failed)?;
            File::options()
                .write(true)
                .open(&own.0)
                .and_then(|copy| copy.set_modified(then))
                .map_err(failed)?;
        }
        Ok(own)
    }
}

impl Drop for OwnIndex {
    fn drop(&mut self) {
        // What cannot be removed now is found by a later one.
        for path in [self.0.with_extension("index.lock"), self.0.clone()] {
            fs::remove_file(path).unwrap_or_default();
        }
    }
}

/// Removes the indexes that killed processes left.
fn remove_stale(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with("checkout-") && name.contains(".index"));
        let old = || {
            entry
                .metadata()
                // Not when it changed: a copy is as old as what it was copied from.
                .and_then(|file| file.created())
                .is_ok_and(|then| then.elapsed().is_ok_and(|age| age > STALE))
        };
        if ours && old() {
            fs::remove_file(entry.path()).unwrap_or_default();
        }
    }
}
