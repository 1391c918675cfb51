//! Generated repositories, and the floor of an execution: the same work through git's own worktrees.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{Failure, TARGET};

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

    /// Names so many files in it, spread over its folders.
    pub fn spread(files: usize, many: usize) -> impl Iterator<Item = String> {
        (0..many).map(move |index| path(index * (files / many).max(1)))
    }

    /// Returns a place beside the checkout, in the same file system.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Makes the branch that executions start from and merge to, which is not checked out.
    pub fn make_target(&self) -> Result<(), Failure> {
        self.git(&["branch", "--quiet", TARGET, "main"])
    }

    /// Moves that branch to a commit of its own, as another execution's merge does.
    pub fn move_target(&self, round: usize) -> Result<(), Failure> {
        let work = self.beside("target");
        if !work.exists() {
            // Without its files: only the commit is wanted.
            let name = work.to_string_lossy();
            self.git(&[
                "worktree",
                "add",
                "--quiet",
                "--no-checkout",
                "--detach",
                &name,
                TARGET,
            ])?;
        }
        git(&work, &["reset", "--quiet", "--soft", TARGET])?;
        git(&work, &["read-tree", TARGET])?;
        let content = self.beside("content");
        fs::write(&content, format!("somebody else's, round {round}\n"))?;
        let blob = Self::said(&work, &["hash-object", "-w", &content.to_string_lossy()])?;
        let entry = format!("100644,{blob},others/{round}.md");
        git(&work, &["update-index", "--add", "--cacheinfo", &entry])?;
        git(
            &work,
            &["commit", "--quiet", "--message", "somebody else's"],
        )?;
        let head = Self::head_of(&work)?;
        self.git(&["update-ref", &format!("refs/heads/{TARGET}"), &head])
    }

    /// Commits something in the checkout.
    pub fn move_main(&self, round: usize) -> Result<(), Failure> {
        fs::create_dir_all(self.checkout.join("others"))?;
        fs::write(
            self.checkout.join(format!("others/{round}.md")),
            "somebody else's\n",
        )?;
        self.git(&["add", "others"])?;
        self.git(&["commit", "--quiet", "--message", "somebody else's"])
    }

    /// Returns the commit that a working tree is at.
    pub fn head_of(folder: &Path) -> Result<String, Failure> {
        Self::said(folder, &["rev-parse", "HEAD"])
    }

    /// Runs git in the checkout.
    pub fn git(&self, arguments: &[&str]) -> Result<(), Failure> {
        git(&self.checkout, arguments)
    }

    /// Runs git in another working tree.
    pub fn git_at(folder: &Path, arguments: &[&str]) -> Result<(), Failure> {
        git(folder, arguments)
    }

    /// Runs git in another working tree, and throws away what it says.
    pub fn git_quiet_at(folder: &Path, arguments: &[&str]) -> Result<(), Failure> {
        Self::said(folder, arguments).map(drop)
    }

    fn said(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
        let output = command(folder)
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(format!(
                "`git {}` failed; its own words are above",
                arguments.join(" ")
            )
            .into())
        }
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
