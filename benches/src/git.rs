//! Generated repositories, and the floor of an execution: the same work through git's own worktrees.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Failure;

/// Files a folder, and folders a folder: about what source trees have.
const FILES: usize = 100;
const FOLDERS: usize = 25;

/// A repository of many small files, checked out and clean; gone when dropped.
pub struct GeneratedRepository {
    home: TempDir,
    checkout: PathBuf,
}

impl GeneratedRepository {
    /// Makes one of so many files, in one commit.
    pub fn of(files: usize) -> Result<Self, Failure> {
        let home = tempfile::tempdir()?;
        let checkout = home.path().join("checkout");
        fs::create_dir(&checkout)?;
        let made = Self { home, checkout };
        made.git(&["init", "--quiet", "--initial-branch=main"])?;
        made.git(&["config", "user.name", "Bench"])?;
        made.git(&["config", "user.email", "bench@paracle.invalid"])?;
        // Nothing of git's runs in the background of a measurement.
        made.git(&["config", "gc.auto", "0"])?;
        made.git(&["config", "maintenance.auto", "false"])?;
        made.import(files)?;
        made.git(&["reset", "--quiet", "--hard", "main"])?;
        Ok(made)
    }

    /// Returns the checkout.
    pub fn folder(&self) -> &Path {
        &self.checkout
    }

    /// Names a file in the middle of it.
    pub fn some_file(files: usize) -> String {
        path(files / 2)
    }

    /// Names one of its files; two numbers that are near each other are in two folders, where there are so many.
    pub fn file(files: usize, number: usize) -> String {
        path(number * FILES % files)
    }

    /// Does with git what an execution does: a tree of its own, a read, a write, a commit, and everything away again.
    pub fn worktree(&self, read: &str, write: &str, content: &str) -> Result<(), Failure> {
        let folder = self.home.path().join("worktree");
        let name = folder.to_string_lossy();
        // Detached: a branch less to make and to delete, which favours git.
        self.git(&["worktree", "add", "--quiet", "--detach", &name, "main"])?;
        fs::read(folder.join(read))?;
        fs::write(folder.join(write), content)?;
        git(&folder, &["add", "--all"])?;
        git(
            &folder,
            &["commit", "--quiet", "--message", "a bench wrote"],
        )?;
        self.git(&["worktree", "remove", &name])
    }

    fn git(&self, arguments: &[&str]) -> Result<(), Failure> {
        git(&self.checkout, arguments)
    }

    fn import(&self, files: usize) -> Result<(), Failure> {
        let mut stream = String::from(
            "commit refs/heads/main\ncommitter Bench <bench@paracle.invalid> 1700000000 +0000\ndata 5\nfiles\n",
        );
        for index in 0..files {
            let content = format!("file {index}\n").repeat(20);
            writeln!(stream, "M 100644 inline {}", path(index))?;
            writeln!(stream, "data {}\n{content}", content.len())?;
        }
        let mut import = command(&self.checkout)
            .args(["fast-import", "--quiet"])
            .stdin(Stdio::piped())
            .spawn()?;
        let mut input = import
            .stdin
            .take()
            .ok_or("git fast-import came without a pipe")?;
        input.write_all(stream.as_bytes())?;
        drop(input);
        if import.wait()?.success() {
            Ok(())
        } else {
            Err("git fast-import failed; its own words are above".into())
        }
    }
}

/// Names a file by its number.
fn path(index: usize) -> String {
    let folder = index / FILES;
    format!(
        "src/{:03}/{:02}/file-{index}.txt",
        folder / FOLDERS,
        folder % FOLDERS
    )
}

/// Prepares a git call that is the same on every machine.
fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(inherited);
    }
    git
}

fn git(folder: &Path, arguments: &[&str]) -> Result<(), Failure> {
    if command(folder).args(arguments).status()?.success() {
        Ok(())
    } else {
        Err(format!(
            "`git {}` failed; its own words are above",
            arguments.join(" ")
        )
        .into())
    }
}
