//! Makes a clone of this repository to work on, even where there is only a source archive.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo::{capture, root};
use crate::error::{At, Error};

/// Clones this repository into `folder`, which is replaced.
pub(crate) fn make(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).at("remove", folder)?;
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).at("create", parent)?;
    }
    // Git refuses to read a repository that another user owns; the copy of its files serves as well then.
    if !clone(folder)? {
        copy(&root(), folder, &["target", ".git"])?;
        capture(git(folder).args(["init", "--quiet", "--initial-branch=main"]))?;
        capture(git(folder).args(["add", "--all"]))?;
        capture(git(folder).args(["commit", "--quiet", "--message", "the source archive"]))?;
    }
    Ok(())
}

/// Prepares a git call in a folder, with an author for machines that have set none.
pub(crate) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "user.name=Paracle demo",
        "-c",
        "user.email=demo@paracle.invalid",
        "-C",
    ]);
    git.arg(folder);
    git
}

/// Says whether there was something to clone and git agreed.
fn clone(folder: &Path) -> Result<bool, Error> {
    if !root().join(".git").exists() {
        return Ok(false);
    }
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--no-hardlinks"])
        .arg(root())
        .arg(folder)
        .stderr(Stdio::null());
    let status = git.status();
    let status = status.map_err(|source| Error::Start {
        program: "git".to_owned(),
        source,
    })?;
    if !status.success() && folder.exists() {
        fs::remove_dir_all(folder).at("remove", folder)?;
    }
    Ok(status.success())
}

/// Copies a folder, without some of its top level.
fn copy(from: &Path, to: &Path, except: &[&str]) -> Result<(), Error> {
    fs::create_dir_all(to).at("create", to)?;
    for entry in fs::read_dir(from).at("read", from)? {
        let entry = entry.at("read", from)?;
        let kind = entry.file_type().at("read", entry.path())?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if except.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if kind.is_dir() {
            // A folder that cargo built into is not source, wherever it stands.
            if !source.join("CACHEDIR.TAG").exists() {
                copy(&source, &target, &[])?;
            }
        } else if kind.is_file() {
            fs::copy(&source, &target).at("copy", &source)?;
        }
    }
    Ok(())
}
