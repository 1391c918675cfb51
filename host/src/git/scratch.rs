//! Scratch repositories for the tests of the rooms that use git.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::Repo;
use crate::model::CommitId;

/// A repository in a directory that goes with it.
pub(crate) struct Scratch {
    dir: TempDir,
}

impl Scratch {
    /// Makes an empty repository on branch `main`.
    pub(crate) fn empty() -> Self {
        let scratch = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        scratch.git(&["init", "-q", "-b", "main", "."]);
        scratch
    }

    /// Makes a repository with these files in its first commit.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let scratch = Self::empty();
        for (path, content) in files {
            scratch.write(path, content);
        }
        scratch.commit("first");
        scratch
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub(crate) fn repo(&self) -> Repo {
        Repo::discover(self.dir.path()).unwrap()
    }

    /// Runs git as a person would, and returns what it printed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        run(self.dir.path(), arguments)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Removes a file, such as an object.
    pub(crate) fn remove(&self, path: &Path) {
        assert!(path.starts_with(self.dir.path()));
        fs::remove_file(path).unwrap();
    }

    /// Commits everything in the checkout.
    pub(crate) fn commit(&self, message: &str) -> CommitId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> CommitId {
        self.git(&["rev-parse", revision]).parse().unwrap()
    }

    /// Fails unless the repository is whole.
    pub(crate) fn fsck(&self) {
        let said = self.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        assert_eq!(said, "", "git fsck complains");
    }
}

/// Runs git in a directory, away from the machine's configuration.
pub(crate) fn run(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(dir)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "A Person")
        .env("GIT_AUTHOR_EMAIL", "person@example.org")
        .env("GIT_COMMITTER_NAME", "A Person")
        .env("GIT_COMMITTER_EMAIL", "person@example.org")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned();
    assert!(
        output.status.success(),
        "git {arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// A small random generator, so that a failing test can be run again by its seed.
pub(crate) struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns the seeds of a random test: a few, or as many as the variable `SEEDS` says.
    pub(crate) fn seeds(few: u64) -> std::ops::Range<u64> {
        0..std::env::var("SEEDS")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(few)
    }

    /// Returns a number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// Picks one.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
