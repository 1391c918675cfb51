//! The end of `cargo xtask demo`: an agent mends what a check finds, on a branch of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{capture, line};
use crate::error::{At as _, Error};
use crate::scratch_repository;

/// What the check looks at: the second line is wrong.
const SCRIPT: &str = "\
#!/bin/sh
double() { echo $(($1 + $1 + 1)); }
double \"$1\"
";

/// The check.
const CHECK: &str = "\
#!/bin/sh
given=$(sh \"$(dirname \"$0\")/double.sh\" 21)
if [ \"$given\" = 42 ]; then echo 'check: passed'; else echo \"check: double 21 is $given, and has to be 42\"; exit 1; fi
";

const AGENTS: &str = "\
agents:
  - id: fixer
    role: You mend what a check finds. Read before you write.
    provider: scripted
    tools: [files__read, files__edit]
";

/// The model's words: it reads, edits, and says what it did. Which tools it may call, and what they may do, is not its word.
const SCRIPTED: &str = r"  - name: scripted
    config:
      turns:
        - { at: 0, call: [{ name: files__read, arguments: { path: demo/double.sh } }] }
        - at: 1
          call:
            - { name: files__edit, arguments: { path: demo/double.sh, old: '$(($1 + $1 + 1))', new: '$(($1 + $1))' } }
        - { at: 2, say: It added one too many; doubling is adding a number to itself. }
";

/// Has a check fail, an agent mend it, and a person merge that.
pub(crate) fn show(
    host: &Path,
    repository: &Path,
    say: impl Fn(&str),
    step: impl Fn(&[&str]) -> Result<String, Error>,
) -> Result<(), Error> {
    say("a check fails");
    let folder = repository.join("demo");
    fs::create_dir_all(&folder).at("create", &folder)?;
    for (name, text) in [("double.sh", SCRIPT), ("check.sh", CHECK)] {
        let path = folder.join(name);
        fs::write(&path, text).at("write", &path)?;
    }
    let mut git = scratch_repository::git(repository);
    capture(git.args(["add", "demo"]))?;
    let mut git = scratch_repository::git(repository);
    capture(git.args(["commit", "--quiet", "--message", "A check that fails"]))?;
    if check(repository)? {
        return Err(Error::Demo(
            "the check passes before anything was mended".to_owned(),
        ));
    }

    say("an agent mends it (its model follows a script: nothing leaves this machine)");
    let agents = repository.join(".parac/agents");
    fs::create_dir_all(&agents).at("create", &agents)?;
    let manifest = agents.join("manifest.yaml");
    fs::write(&manifest, AGENTS).at("write", &manifest)?;
    let plugins = repository.join(".parac/config/plugins.yaml");
    let text = fs::read_to_string(&plugins).at("read", &plugins)?;
    let text = text.replace("  - name: scripted\n", SCRIPTED);
    fs::write(&plugins, text).at("write", &plugins)?;
    print!("{}", step(&["agent", "show", "fixer"])?);
    print!("{}", step(&["run", "agent:fixer", "make the check pass"])?);
    let branch = newest_branch(host, repository)?;
    if check(repository)? {
        return Err(Error::Demo(
            "the agent changed the checkout itself".to_owned(),
        ));
    }

    say("its change is on a branch until a person merges it");
    print!("{}", step(&["git", "merge", &branch])?);
    if check(repository)? {
        Ok(())
    } else {
        Err(Error::Demo("the check fails after the merge".to_owned()))
    }
}

/// Runs the check, and shows what it says.
fn check(repository: &Path) -> Result<bool, Error> {
    let mut check = Command::new("sh");
    check.arg("demo/check.sh").current_dir(repository);
    println!("\n$ {}", line(&check));
    let status = check.status().map_err(|source| Error::Start {
        program: "sh".to_owned(),
        source,
    })?;
    Ok(status.success())
}

/// Returns the branch that the agent left: the others are merged.
fn newest_branch(host: &Path, repository: &Path) -> Result<String, Error> {
    let mut branches = Command::new(host);
    branches
        .args(["git", "branches", "--json"])
        .current_dir(repository);
    let branches = capture(&mut branches)?;
    let branches: serde_json::Value = serde_json::from_str(&branches)
        .map_err(|error| Error::Demo(format!("the branches are no JSON: {error}")))?;
    let mut names = branches
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|branch| branch["name"].as_str());
    names
        .next_back()
        .map(str::to_owned)
        .ok_or_else(|| Error::Demo("the agent left no branch".to_owned()))
}
