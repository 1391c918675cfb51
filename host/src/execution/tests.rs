//! Executions from start to cleanup, one at a time and many at once.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::*;
use crate::git::Repo;
use crate::git::scratch::Scratch;
use crate::model::{
    BranchName, CallId, CommitId, ExecutionId, ExecutionSettings, ExecutionStatus, MergeStrategy,
};
use crate::workspace::{GitTree, OpenFlags, Quotas, TreeOptions};

pub(super) const AUTO: ExecutionSettings = ExecutionSettings {
    enable_branching: true,
    auto_commit: true,
    auto_merge: true,
    auto_cleanup: true,
    base_branch: None,
    forge: None,
    strategy: MergeStrategy::Merge,
    protect: Vec::new(),
    checks: Vec::new(),
};

pub(super) fn id(text: &str) -> ExecutionId {
    text.parse().unwrap()
}

pub(super) fn branch(text: &str) -> BranchName {
    text.parse().unwrap()
}

pub(super) fn start(executions: &Executions, name: &str) -> Execution {
    executions
        .start(&id(name), &executions.base(None).unwrap())
        .unwrap()
}

/// What a call that wrote leaves.
pub(super) struct Left {
    call: CallId,
    tree: crate::git::TreeId,
    objects: crate::git::Batch,
    trailers: [(String, String); 1],
}

impl Left {
    pub(super) fn as_new<'a>(&'a self, base: &'a CommitId) -> NewCheckpoint<'a> {
        NewCheckpoint {
            call: self.call,
            base,
            tree: self.tree,
            objects: &self.objects,
            message: "writes",
            trailers: &self.trailers,
            also_empty: false,
        }
    }
}

/// Opens a tree at a commit, and writes files.
pub(super) fn checkpoint_of(
    execution: &Execution,
    base: &CommitId,
    files: &[(&str, &str)],
) -> Left {
    let options = TreeOptions {
        read_only: false,
        quotas: Quotas::default(),
        clock: Arc::new(|| UNIX_EPOCH),
    };
    let mut tree = GitTree::open(execution.executions.repo.clone(), base, options).unwrap();
    let root = tree.root();
    let flags = OpenFlags {
        create: true,
        truncate: true,
        ..OpenFlags::default()
    };
    for (path, text) in files {
        if let Some((dir, _)) = path.split_once('/') {
            tree.create_dir_at(root, dir).ok();
        }
        let file = tree.open_at(root, path, true, flags, true).unwrap();
        tree.write(file, 0, text.as_bytes()).unwrap();
        tree.close(file);
    }
    let (written, objects) = tree.to_write().unwrap();
    Left {
        call: CallId::generate(),
        tree: written.tree,
        objects,
        trailers: [("Paracle-Execution".to_owned(), execution.id().to_string())],
    }
}

/// Writes files from a commit on, and checkpoints them.
pub(super) fn write_at(
    execution: &Execution,
    base: &CommitId,
    files: &[(&str, &str)],
) -> Checkpoint {
    let left = checkpoint_of(execution, base, files);
    execution.checkpoint(&left.as_new(base)).unwrap()
}

pub(super) fn write(execution: &Execution, files: &[(&str, &str)]) -> Checkpoint {
    write_at(execution, &execution.tip().unwrap(), files)
}

/// All that a person can see of a checkout: HEAD, the index, every file.
pub(super) fn checkout(scratch: &Scratch) -> String {
    let index = std::fs::read(scratch.root().join(".git/index")).unwrap_or_default();
    let head = std::fs::read_to_string(scratch.root().join(".git/HEAD")).unwrap();
    format!(
        "{head}{}{}{}",
        crate::model::Digest::of(&index),
        scratch.git(&["--no-optional-locks", "status", "--porcelain", "--ignored"]),
        scratch.git(&["ls-files", "-s"])
    )
}

#[test]
fn a_run_is_committed_on_its_own_branch_and_nowhere_else() {
    let scratch = Scratch::with(&[("a", "1"), ("b", "1")]);
    scratch.write("a", "uncommitted");
    scratch.write("untracked", "x");
    let before = checkout(&scratch);
    let executions = Executions::new(Repo::discover(&scratch.root()).unwrap());
    let execution = start(&executions, "run");
    let Checkpoint::Committed {
        commit,
        merged: false,
        ..
    } = write(&execution, &[("b", "2"), ("new/c", "3")])
    else {
        panic!("not committed");
    };
    assert_eq!(checkout(&scratch), before);
    assert_eq!(execution.tip().unwrap(), commit);
    let name = execution.record().branch.clone();
    assert_eq!(scratch.id(name.as_str()), commit);
    assert_eq!(
        scratch.git(&["diff", "--name-only", "main", name.as_str()]),
        "b\nnew/c"
    );
    assert_eq!(
        scratch.git(&["log", "-1", "--format=%(trailers)", name.as_str()]),
        "Paracle-Execution: run"
    );
    let diff = executions.diff(&id("run"), 1 << 16).unwrap();
    assert_eq!(diff.edits.len(), 2);
    assert!(diff.patch.text.contains("+3"));
    assert!(
        matches!(write(&execution, &[("b", "2")]), Checkpoint::Unchanged(tip) if tip == commit)
    );
    let done = execution
        .complete(true, &ExecutionSettings::default())
        .unwrap();
    assert_eq!(done.record.unwrap().status, ExecutionStatus::Kept);
    assert_eq!(checkout(&scratch), before);
    scratch.fsck();
}

#[test]
fn an_id_is_taken_once_and_names_are_checked() {
    let scratch = Scratch::with(&[("a", "1")]);
    let executions = Executions::new(scratch.repo());
    let first = start(&executions, "same");
    let base = executions.base(None).unwrap();
    assert!(matches!(
        executions.start(&id("same"), &base),
        Err(ExecutionError::Running { .. })
    ));
    drop(first);
    let error = executions.start(&id("same"), &base).unwrap_err();
    assert!(
        matches!(
            error,
            ExecutionError::Exists {
                status: ExecutionStatus::Active,
                ..
            }
        ),
        "{error}"
    );
    assert!(executions.base(Some("absent")).is_err());
    assert!(matches!(
        executions.show(&id("other")),
        Err(ExecutionError::Unknown { .. })
    ));
    assert!(matches!(
        executions.id_of_branch(&branch("main")),
        Err(ExecutionError::NotExecution { .. })
    ));
    assert!(matches!(
        executions.id_of_branch(&branch("exec/a/b")),
        Err(ExecutionError::NotExecution { .. })
    ));
    let name = executions.show(&id("same")).unwrap().record.branch;
    assert_eq!(executions.id_of_branch(&name).unwrap(), id("same"));
}

#[test]
fn an_interrupted_execution_is_listed_by_any_process_and_resumed() {
    let scratch = Scratch::with(&[("a", "1")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "stopped");
    write(&execution, &[("a", "2")]);
    let elsewhere = Executions::new(scratch.repo());
    assert!(elsewhere.show(&id("stopped")).unwrap().running);
    assert!(matches!(
        elsewhere.resume(&id("stopped")),
        Err(ExecutionError::Running { .. })
    ));
    assert!(matches!(
        elsewhere.discard(&id("stopped")),
        Err(ExecutionError::Running { .. })
    ));
    assert!(matches!(
        elsewhere.merge(&id("stopped"), None).unwrap(),
        MergeOutcome::Refused { .. }
    ));
    drop(execution);
    let info = &elsewhere.list().unwrap()[0];
    assert_eq!(
        (info.running, info.record.status, info.commit_count),
        (false, ExecutionStatus::Active, 1)
    );
    let resumed = elsewhere.resume(&id("stopped")).unwrap();
    write(&resumed, &[("a", "3")]);
    assert_eq!(elsewhere.show(&id("stopped")).unwrap().commit_count, 2);
    let branches = elsewhere.branches().unwrap();
    assert_eq!(
        (
            branches.len(),
            branches[0].commit_count,
            branches[0].running
        ),
        (1, Some(2), true)
    );
}

#[test]
fn parallel_calls_are_merged_and_conflicts_lose_nothing() {
    let scratch = Scratch::with(&[("a", "1\n2\n3\n4\n5\n"), ("b", "1")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "two");
    let base = execution.tip().unwrap();
    write_at(&execution, &base, &[("a", "one\n2\n3\n4\n5\n")]);
    let second = write_at(
        &execution,
        &base,
        &[("a", "1\n2\n3\n4\nfive\n"), ("b", "2")],
    );
    assert!(
        matches!(second, Checkpoint::Committed { merged: true, .. }),
        "{second:?}"
    );
    let name = execution.record().branch.to_string();
    assert_eq!(
        scratch.git(&["show", &format!("{name}:a")]),
        "one\n2\n3\n4\nfive"
    );
    let Checkpoint::Conflict {
        paths,
        commit,
        kept,
    } = write_at(&execution, &base, &[("a", "uno\n2\n3\n4\n5\n")])
    else {
        panic!("no conflict");
    };
    assert_eq!(paths, ["a"]);
    assert_eq!(scratch.id(&kept), commit);
    assert_eq!(
        scratch.git(&["show", &format!("{kept}:a")]),
        "uno\n2\n3\n4\n5"
    );
    assert_eq!(executions.show(&id("two")).unwrap().conflicts, [kept]);
    scratch.fsck();
}

#[test]
fn an_executions_branch_is_not_moved_under_a_checkout_of_it() {
    let scratch = Scratch::with(&[("a", "1")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "run");
    write(&execution, &[("a", "2")]);
    scratch.git(&["checkout", "-q", execution.record().branch.as_str()]);
    write(&execution, &[("a", "3")]);
    assert_eq!(
        std::fs::read_to_string(scratch.root().join("a")).unwrap(),
        "3"
    );
    assert_eq!(scratch.git(&["status", "--porcelain"]), "");
    scratch.write("a", "mine");
    let before = checkout(&scratch);
    let base = execution.tip().unwrap();
    let blob = scratch.repo().store_blob(b"4".to_vec()).unwrap();
    let mut batch = crate::git::Batch::default();
    let entry = crate::git::Entry {
        name: b"a".as_slice().into(),
        mode: crate::git::Mode::FILE,
        id: blob,
    };
    let tree = batch.tree(vec![entry]).unwrap();
    let new = NewCheckpoint {
        call: CallId::generate(),
        base: &base,
        tree,
        objects: &batch,
        message: "x",
        trailers: &[],
        also_empty: false,
    };
    let Err(ExecutionError::CheckedOut { kept, .. }) = execution.checkpoint(&new) else {
        panic!("moved")
    };
    assert_eq!(scratch.git(&["show", &format!("{kept}:a")]), "4");
    assert_eq!(
        (checkout(&scratch), execution.tip().unwrap()),
        (before, base)
    );
    assert!(matches!(
        execution.discard(),
        Err(ExecutionError::CheckedOut { .. })
    ));
}
