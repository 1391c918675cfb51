//! Each step of an execution by itself, by the host's own rooms and by git with a worktree.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use paracle_host::execution::{
    Base, Execution, ExecutionError, Executions, MergeOutcome, NewCheckpoint,
};
use paracle_host::git::Repo;
use paracle_host::model::{BranchName, CallId, ExecutionId};
use paracle_host::workspace::{GitTree, OpenFlags, Quotas, TreeOptions};

use crate::{Failure, GeneratedRepository};

/// The branch that executions start from and merge to; nobody has it checked out.
pub const TARGET: &str = "target";

/// How many files the large checkpoint has.
const MANY: usize = 100;

/// The steps, in the order that they are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From a branch's name to a tree that can be worked in.
    Start,
    /// From there to the first file's content.
    FirstRead,
    /// What the first write adds: its lock, its state and its refs, on the disk.
    Hold,
    /// The same with the first commit, as a call does it.
    FirstWrite,
    /// A commit of one changed file.
    CheckpointOne,
    /// A commit of a hundred changed files in as many folders as they need.
    CheckpointMany,
    /// What it changed, with a patch.
    Diff,
    /// A merge into a branch that moved meanwhile.
    Merge,
    /// Giving one up.
    Discard,
    /// Start, write, checkpoint and merge.
    Whole,
}

/// How long each step took.
#[derive(Debug, Default)]
pub struct Laps(Vec<(Step, Duration)>);

impl Laps {
    fn lap<T>(
        &mut self,
        step: Step,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let done = work()?;
        self.0.push((step, started.elapsed()));
        Ok(done)
    }

    /// Adds the steps of another round.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the median of a step; none if it was not measured.
    pub fn median(&self, step: Step) -> Option<Duration> {
        let mut laps: Vec<Duration> = self
            .0
            .iter()
            .filter(|(other, _)| *other == step)
            .map(|(_, lap)| *lap)
            .collect();
        laps.sort_unstable();
        laps.get(laps.len() / 2).copied()
    }
}

/// Opens a tree, as a call does.
fn tree(repo: &Repo, base: &paracle_host::model::CommitId) -> Result<GitTree, Failure> {
    let options = TreeOptions {
        read_only: false,
        quotas: Quotas::default(),
        clock: Arc::new(SystemTime::now),
    };
    Ok(GitTree::open(repo.clone(), base, options)?)
}

fn write(tree: &mut GitTree, path: &str, content: &str) -> Result<(), Failure> {
    let root = tree.root();
    let flags = OpenFlags {
        create: true,
        truncate: true,
        ..OpenFlags::default()
    };
    let file = tree.open_at(root, path, true, flags, true)?;
    tree.write(file, 0, content.as_bytes())?;
    tree.close(file);
    Ok(())
}

/// Hands on what a tree has, as the end of a call does.
fn left<T>(
    tree: &GitTree,
    with: impl FnOnce(&NewCheckpoint<'_>) -> Result<T, ExecutionError>,
) -> Result<T, Failure> {
    let (written, objects) = tree.to_write()?;
    Ok(with(&NewCheckpoint {
        call: CallId::generate(),
        base: tree.base(),
        tree: written.tree,
        objects: &objects,
        message: "a bench wrote",
        trailers: &[],
        also_empty: false,
    })?)
}

/// Commits what a tree has.
fn checkpoint(execution: &Execution, tree: &GitTree) -> Result<(), Failure> {
    left(tree, |new| execution.checkpoint(new)).map(drop)
}

fn merged(outcome: &MergeOutcome) -> Result<(), Failure> {
    match outcome {
        MergeOutcome::Merged { .. } => Ok(()),
        other => Err(format!("not merged: {other:?}").into()),
    }
}

/// Goes through an execution, step by step; `round` keeps what it writes apart from other rounds.
pub fn ours(repository: &GeneratedRepository, files: usize, round: usize) -> Result<Laps, Failure> {
    let mut laps = Laps::default();
    let executions = Executions::new(Repo::discover(repository.folder())?);
    let repo = executions.repo().clone();
    let target: BranchName = TARGET.parse()?;
    let begin = || -> Result<(Base, GitTree), Failure> {
        let base = executions.base(Some(TARGET))?;
        let tree = tree(&repo, &base.commit)?;
        Ok((base, tree))
    };
    // What only the first in a process pays, such as reading git's settings.
    begin()?;

    let (base, mut opened) = laps.lap(Step::Start, begin)?;
    let path = GeneratedRepository::some_file(files);
    laps.lap(Step::FirstRead, || {
        let root = opened.root();
        let file = opened.open_at(root, &path, true, OpenFlags::default(), false)?;
        let content = opened.read(file, 0, 1 << 20)?;
        opened.close(file);
        if content.is_empty() {
            Err("an empty file".into())
        } else {
            Ok(())
        }
    })?;
    let id = ExecutionId::generate();
    let execution = laps.lap(Step::Hold, || Ok(executions.start(&id, &base)?))?;
    write(&mut opened, &format!("notes/{round}.md"), "one file\n").or_else(|_| {
        let root = opened.root();
        opened.create_dir_at(root, "notes")?;
        write(&mut opened, &format!("notes/{round}.md"), "one file\n")
    })?;
    laps.lap(Step::CheckpointOne, || checkpoint(&execution, &opened))?;
    let mut opened = tree(&repo, &execution.tip()?)?;
    for changed in GeneratedRepository::spread(files, MANY) {
        write(
            &mut opened,
            &changed,
            &format!("changed in round {round}\n"),
        )?;
    }
    laps.lap(Step::CheckpointMany, || checkpoint(&execution, &opened))?;
    laps.lap(Step::Diff, || Ok(executions.diff(&id, 1 << 20)?))?;
    drop(execution);
    laps.lap(Step::Discard, || Ok(executions.discard(&id)?))?;

    let whole = Instant::now();
    let (base, mut opened) = begin()?;
    let id = ExecutionId::generate();
    write(&mut opened, "root.md", &format!("round {round}\n"))?;
    let (execution, _) = laps.lap(Step::FirstWrite, || {
        left(&opened, |new| executions.start_with(&id, &base, new))
    })?;
    // Somebody else moves the target, so that there is something to merge; that is not the execution's own time.
    let moving = Instant::now();
    repository.move_target(round)?;
    let moved = moving.elapsed();
    drop(execution);
    let outcome = laps.lap(Step::Merge, || Ok(executions.merge(&id, Some(&target))?))?;
    merged(&outcome)?;
    laps.0
        .push((Step::Whole, whole.elapsed().saturating_sub(moved)));
    Ok(laps)
}

/// Does the same with a worktree, by git's own commands.
pub fn floor(
    repository: &GeneratedRepository,
    files: usize,
    round: usize,
) -> Result<Laps, Failure> {
    let mut laps = Laps::default();
    let work = repository.beside("worktree");
    let name = work.to_string_lossy().into_owned();
    let add = || repository.git(&["worktree", "add", "--quiet", "--detach", &name, "main"]);
    let commit = || -> Result<(), Failure> {
        GeneratedRepository::git_at(&work, &["add", "--all"])?;
        GeneratedRepository::git_at(&work, &["commit", "--quiet", "--message", "a bench wrote"])
    };
    laps.lap(Step::Start, add)?;
    laps.lap(Step::FirstRead, || {
        Ok(std::fs::read(
            work.join(GeneratedRepository::some_file(files)),
        )?)
    })?;
    std::fs::create_dir_all(work.join("notes"))?;
    std::fs::write(work.join(format!("notes/{round}.md")), "one file\n")?;
    laps.lap(Step::CheckpointOne, commit)?;
    for changed in GeneratedRepository::spread(files, MANY) {
        std::fs::write(work.join(changed), format!("changed in round {round}\n"))?;
    }
    laps.lap(Step::CheckpointMany, commit)?;
    laps.lap(Step::Diff, || {
        GeneratedRepository::git_quiet_at(&work, &["diff", "main...HEAD"])
    })?;
    laps.lap(Step::Discard, || {
        repository.git(&["worktree", "remove", "--force", &name])
    })?;

    let whole = Instant::now();
    add()?;
    std::fs::write(work.join("root.md"), format!("round {round}\n"))?;
    commit()?;
    let moving = Instant::now();
    let head = GeneratedRepository::head_of(&work)?;
    repository.move_main(round)?;
    let moved = moving.elapsed();
    laps.lap(Step::Merge, || {
        repository.git(&["merge", "--quiet", "--no-ff", "--message", "merged", &head])
    })?;
    repository.git(&["worktree", "remove", "--force", &name])?;
    laps.0
        .push((Step::Whole, whole.elapsed().saturating_sub(moved)));
    Ok(laps)
}
