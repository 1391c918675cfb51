//! `cargo xtask merge-replay`: the merges of a real history, made again by `paracle-host git merge`, and compared.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cargo::{capture, cargo, host_tests, line, show, target_folder};
use crate::error::{At, Error};
use crate::scratch_repository::git;

/// One merge of the history.
struct Past {
    commit: String,
    ours: String,
    theirs: String,
}

/// How the merges ended.
#[derive(Default)]
struct Counts {
    same: u32,
    by_hand: u32,
    conflicts: u32,
    nothing: u32,
    refused: u32,
    /// What should not be: ours differs from git's own merge, or fails.
    differ: Vec<String>,
}

/// Replays every merge of two commits that a repository's branches and tags reach, in a clone that borrows its objects.
pub(crate) fn replay(words: &[String]) -> Result<(), Error> {
    let [repository] = words else {
        return Err(Error::Usage(
            "`merge-replay` takes one repository".to_owned(),
        ));
    };
    show(cargo().args(["build", "--quiet", "--locked", "--package", "paracle-host"]))?;
    let program = target_folder().join("debug").join("paracle-host");
    let folder = std::env::temp_dir().join(format!("paracle-replay-{}", std::process::id()));
    let done = replay_in(&folder, Path::new(repository), &program);
    if folder.exists() {
        fs::remove_dir_all(&folder).at("remove", &folder)?;
    }
    done
}

fn replay_in(folder: &Path, repository: &Path, program: &Path) -> Result<(), Error> {
    let mut clone = Command::new("git");
    clone
        .args(["clone", "--quiet", "--bare", "--shared", "--"])
        .args([repository, folder]);
    capture(&mut clone)?;
    // Refs by the thousand, and none of them a file of its own.
    let merges = merges(folder)?;
    prepare(folder, &merges)?;
    let mut counts = Counts::default();
    for (n, merge) in merges.iter().enumerate() {
        one(folder, program, n, merge, &mut counts)?;
    }
    let Counts {
        same,
        by_hand,
        conflicts,
        nothing,
        refused,
        differ,
    } = counts;
    println!("merges of two commits              {:>6}", merges.len());
    println!("as they were made                  {same:>6}");
    println!("clean, and changed by hand then    {by_hand:>6}");
    println!("conflicts, and the same by git     {conflicts:>6}");
    println!("nothing was left to merge          {nothing:>6}");
    println!("refused, as by git                 {refused:>6}");
    println!("other than git                     {:>6}", differ.len());
    if differ.is_empty() {
        return Ok(());
    }
    Err(Error::Demo(format!(
        "these merges ended other than by git:\n{}",
        differ.join("\n")
    )))
}

/// Lists the merges of two commits; those of more are git's alone.
fn merges(folder: &Path) -> Result<Vec<Past>, Error> {
    let log = capture(git(folder).args([
        "rev-list",
        "--all",
        "--min-parents=2",
        "--max-parents=2",
        "--parents",
    ]))?;
    Ok(log
        .lines()
        .filter_map(|line| {
            let mut ids = line.split(' ').map(str::to_owned);
            Some(Past {
                commit: ids.next()?,
                ours: ids.next()?,
                theirs: ids.next()?,
            })
        })
        .collect())
}

/// Makes an execution of each merge's second side, and a branch of its first: all refs at once.
fn prepare(folder: &Path, merges: &[Past]) -> Result<(), Error> {
    let records = folder.join("records");
    fs::create_dir_all(&records).at("create", &records)?;
    let mut paths = String::new();
    for (n, merge) in merges.iter().enumerate() {
        let record = json!({
            "schema": 1, "id": id(n), "base_branch": target(n), "base_commit": merge.ours, "branch": branch(n),
            "created_at": "2000-01-01T00:00:00Z", "status": "kept",
        });
        let path = records.join(n.to_string());
        fs::write(&path, record.to_string()).at("write", &path)?;
        paths.push_str(&path.to_string_lossy());
        paths.push('\n');
    }
    let blobs = fed(
        git(folder).args(["hash-object", "-w", "--stdin-paths"]),
        &paths,
    )?;
    let mut refs = String::new();
    for ((n, merge), blob) in merges.iter().enumerate().zip(blobs.lines()) {
        for (name, object) in [
            (format!("refs/paracle/executions/{}/state", id(n)), blob),
            (format!("refs/heads/{}", target(n)), &merge.ours),
            (format!("refs/heads/{}", branch(n)), &merge.theirs),
        ] {
            refs.extend(["create ", &name, " ", object, "\n"]);
        }
    }
    fed(git(folder).args(["update-ref", "--stdin"]), &refs)?;
    capture(git(folder).args(["pack-refs", "--all"])).map(drop)
}

fn one(
    folder: &Path,
    program: &Path,
    n: usize,
    merge: &Past,
    counts: &mut Counts,
) -> Result<(), Error> {
    let mut ours = Command::new(program);
    ours.args(["git", "merge", "--json", "--repo"])
        .arg(folder)
        .arg(id(n));
    let (_, said) = answered(&mut ours)?;
    let said: Value = serde_json::from_str(&said).unwrap_or_default();
    let (code, git_said) = answered(git(folder).args([
        "merge-tree",
        "--write-tree",
        "--name-only",
        "--no-messages",
        &merge.ours,
        &merge.theirs,
    ]))?;
    let mut lines = git_said.lines();
    let tree = lines.next().unwrap_or_default();
    let outcome = said["outcome"].as_str().unwrap_or_default();
    let same = match (outcome, code) {
        ("merged", 0) => {
            let merged = said["commit"].as_str().unwrap_or_default();
            let made = tree_of(folder, merged)? == tree;
            if tree_of(folder, &merge.commit)? == tree {
                counts.same += u32::from(made);
            } else {
                counts.by_hand += u32::from(made);
            }
            made
        }
        ("up-to-date", 0) => {
            counts.nothing += 1;
            tree_of(folder, &merge.ours)? == tree
        }
        ("conflict", 1) => {
            let told = said["conflicts"].to_string();
            let same = lines.all(|path| told.contains(path.trim_matches('"')));
            counts.conflicts += u32::from(same);
            same
        }
        ("refused", code) if code > 1 => {
            counts.refused += 1;
            true
        }
        _ => false,
    };
    if !same {
        let commit = &merge.commit;
        counts
            .differ
            .push(format!("{commit}: git {code} {git_said} ours {said}"));
    }
    Ok(())
}

fn tree_of(folder: &Path, commit: &str) -> Result<String, Error> {
    let tree = capture(git(folder).args(["rev-parse", &format!("{commit}^{{tree}}")]))?;
    Ok(tree.trim().to_owned())
}

fn id(n: usize) -> String {
    format!("replay-{n}")
}

fn target(n: usize) -> String {
    format!("replayed/{n}")
}

fn branch(n: usize) -> String {
    format!("exec/{}/20000101_000000", id(n))
}

/// Runs a program, whatever it ends with.
fn answered(command: &mut Command) -> Result<(i32, String), Error> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| start(command, source))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status.code().unwrap_or(-1), text))
}

/// Runs a program that reads a text.
fn fed(command: &mut Command, text: &str) -> Result<String, Error> {
    use std::io::Write as _;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| start(command, source))?;
    let input = child.stdin.take();
    let output = std::thread::scope(|scope| {
        if let Some(mut input) = input {
            // A program that does not read to the end fails, and says why itself.
            scope.spawn(move || input.write_all(text.as_bytes()).unwrap_or_default());
        }
        child.wait_with_output()
    })
    .map_err(|source| start(command, source))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Failed {
            command: line(command),
        })
    }
}

fn start(command: &Command, source: std::io::Error) -> Error {
    Error::Start {
        program: line(command),
        source,
    }
}

/// Runs the random merges of the tests, as many as asked for.
pub(crate) fn equivalence(words: &[String]) -> Result<(), Error> {
    let mut merges = "2000";
    let mut seed = "1";
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--merges" => &mut merges,
            "--seed" => &mut seed,
            unknown => {
                return Err(Error::Usage(format!(
                    "`merge-equivalence` takes --merges N and --seed N, not `{unknown}`"
                )));
            }
        };
        *place = match words.next() {
            Some(number) if number.parse::<u32>().is_ok() => number,
            _ => return Err(Error::Usage(format!("`{word}` needs a number"))),
        };
    }
    show(
        host_tests(&["--lib"])
            .args(["--nocapture"])
            .arg("random_merges_are_gits_own_or_the_same_conflicts")
            .env("PARACLE_MERGES", merges)
            .env("PARACLE_MERGE_SEED", seed),
    )
}
