//! Many threads at once, in one execution and in many.

use super::tests::*;
use super::*;
use crate::git::Repo;
use crate::git::scratch::Scratch;

#[test]
fn threads_that_checkpoint_at_once_lose_nothing() {
    let scratch = Scratch::with(&[(
        "shared", "one
",
    )]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "crowd");
    let base = execution.tip().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (execution, base) = (&execution, &base);
            scope.spawn(move || {
                for call in 0..4 {
                    let path = format!("t{thread}/c{call}");
                    // Some calls start from the first commit, some from the newest.
                    let base = if call % 2 == 0 {
                        base.clone()
                    } else {
                        execution.tip().unwrap()
                    };
                    let ended = write_at(execution, &base, &[(&path, "x")]);
                    assert!(matches!(ended, Checkpoint::Committed { .. }), "{ended:?}");
                }
            });
        }
    });
    let name = execution.record().branch.to_string();
    assert_eq!(
        scratch
            .git(&["ls-tree", "-r", "--name-only", &name])
            .lines()
            .count(),
        33
    );
    assert_eq!(executions.show(&id("crowd")).unwrap().commit_count, 32);
    scratch.fsck();
}

#[test]
fn executions_that_merge_at_once_all_land() {
    let scratch = Scratch::with(&[("a", "1")]);
    scratch.git(&["checkout", "-q", "--detach"]);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let root = scratch.root();
            scope.spawn(move || {
                // Each with handles of its own, as another process would have.
                let executions = Executions::new(Repo::discover(&root).unwrap());
                let base = executions.base(Some("main")).unwrap();
                let execution = executions.start(&id(&format!("e{n}")), &base).unwrap();
                write(&execution, &[(&format!("file{n}"), "x")]);
                let done = execution.complete(true, &AUTO).unwrap();
                assert!(
                    matches!(done.merge, Some(MergeOutcome::Merged { .. })) && done.branch_deleted,
                    "{done:?}"
                );
            });
        }
    });
    assert_eq!(
        scratch
            .git(&["ls-tree", "--name-only", "main"])
            .lines()
            .count(),
        9
    );
    assert_eq!(scratch.git(&["branch", "--list", "exec/*"]), "");
    scratch.fsck();
}
