//! Merges while others move the target, the branch, or the merge's own work.

use std::cell::Cell;

use super::tests::{branch, id, start, write, write_at};
use super::*;
use crate::git::TreePath;
use crate::git::scratch::Scratch;
use crate::model::{ExecutionSettings, MergeStrategy};

fn path(text: &str) -> TreePath {
    text.parse().unwrap()
}

/// Leaves an execution `run` that does not fit onto main in `a` and `b`.
fn conflicting() -> (Scratch, Executions) {
    let scratch = Scratch::with(&[("a", "1\n"), ("b", "1\n"), ("c", "1\n")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "run");
    write(&execution, &[("a", "theirs\n"), ("b", "theirs\n")]);
    execution
        .complete(true, &ExecutionSettings::default())
        .unwrap();
    scratch.write("a", "ours\n");
    scratch.write("b", "ours\n");
    scratch.commit("ours");
    let outcome = executions.merge(&id("run"), None).unwrap();
    assert!(
        matches!(&outcome, MergeOutcome::Conflict { paths, .. } if *paths == ["a", "b"]),
        "{outcome:?}"
    );
    (scratch, executions)
}

#[test]
fn rule_5_a_target_that_moves_meanwhile_is_merged_into_anew() {
    for strategy in [
        MergeStrategy::Merge,
        MergeStrategy::Squash,
        MergeStrategy::Rebase,
    ] {
        let scratch = Scratch::with(&[("a", "1\n")]);
        let executions = Executions::new(scratch.repo());
        let execution = start(&executions, "run");
        write(&execution, &[("b", "theirs\n")]);
        execution
            .complete(true, &ExecutionSettings::default())
            .unwrap();
        let moved = Cell::new(0);
        let check = |_: &crate::model::CommitId| {
            moved.set(moved.get() + 1);
            if moved.get() < 3 {
                scratch.write(&format!("ours{}", moved.get()), "x");
                scratch.commit("moved meanwhile");
            }
            Ok(())
        };
        let order = MergeOrder {
            strategy,
            check: Some(&check),
            ..MergeOrder::default()
        };
        let outcome = executions.merge_with(&id("run"), order).unwrap();
        assert!(
            matches!(outcome, MergeOutcome::Merged { .. }),
            "{outcome:?}"
        );
        assert_eq!(moved.get(), 3, "each tree is checked before it lands");
        assert_eq!(
            scratch.git(&["ls-tree", "--name-only", "main"]),
            "a\nb\nours1\nours2"
        );
        assert_eq!(scratch.git(&["status", "--porcelain"]), "");
        scratch.fsck();
    }
}

#[test]
fn a_check_that_does_not_pass_moves_nothing() {
    let scratch = Scratch::with(&[("a", "1\n")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "run");
    write(&execution, &[("b", "theirs\n")]);
    let before = scratch.id("main");
    let settings = ExecutionSettings {
        auto_merge: true,
        checks: vec![serde_json::from_value(serde_json::json!({"command": ["true"]})).unwrap()],
        ..ExecutionSettings::default()
    };
    // Nobody is there to run them.
    let done = execution.complete(true, &settings).unwrap();
    assert!(
        matches!(done.merge, Some(MergeOutcome::Refused { .. })),
        "{done:?}"
    );
    assert_eq!(scratch.id("main"), before);
}

#[test]
fn calls_that_decide_at_once_lose_nothing() {
    let (scratch, executions) = conflicting();
    let execution = executions.resume(&id("run")).unwrap();
    let work = executions.work(&id("run")).unwrap();
    let mut done = 0;
    for (file, other) in [("a", "c"), ("b", "d")] {
        // Both calls start from the first work.
        let new =
            super::tests::checkpoint_of(&execution, &work, &[(file, "both\n"), (other, "x\n")]);
        let decided = execution
            .decide(&new.as_new(&work), &|_| false)
            .unwrap()
            .unwrap();
        done += u32::from(decided.done);
    }
    assert_eq!(done, 1);
    let name = execution.record().branch.to_string();
    for (file, text) in [("a", "both"), ("b", "both"), ("c", "x"), ("d", "x")] {
        assert_eq!(scratch.git(&["show", &format!("{name}:{file}")]), text);
    }
    assert!(executions.unresolved(&id("run")).unwrap().is_none());
    scratch.fsck();
}

#[test]
fn a_branch_that_moves_on_makes_the_merge_begin_anew() {
    let (_scratch, executions) = conflicting();
    executions
        .resolve(&id("run"), &path("a"), Choice::Theirs)
        .unwrap();
    let execution = executions.resume(&id("run")).unwrap();
    let tip = execution.tip().unwrap();
    write_at(&execution, &tip, &[("c", "2\n")]);
    drop(execution);
    assert!(executions.unresolved(&id("run")).unwrap().is_none());
    assert_eq!(
        executions.work(&id("run")).unwrap(),
        executions.tip(&id("run")).unwrap()
    );
    let outcome = executions.merge(&id("run"), None).unwrap();
    assert!(
        matches!(&outcome, MergeOutcome::Conflict { paths, .. } if *paths == ["b"]),
        "what was decided of the same sides stays decided: {outcome:?}"
    );
}

#[test]
fn a_conflict_of_crossed_histories_holds_the_base_that_is_in_no_commit() {
    let scratch = Scratch::with(&[("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")]);
    let text = |first: &str, last: &str| format!("{first}\n2\n3\n4\n5\n6\n7\n8\n{last}\n");
    for (side, first, last) in [("x", "x", "9"), ("y", "1", "y")] {
        scratch.git(&["checkout", "-q", "-b", side, "main"]);
        scratch.write("a", text(first, last));
        scratch.commit(side);
    }
    let (x, y) = (scratch.id("x"), scratch.id("y"));
    for (side, other) in [("x", y), ("y", x)] {
        scratch.git(&["checkout", "-q", side]);
        scratch.git(&["merge", "-q", "--no-edit", other.as_str()]);
    }
    scratch.write("a", text("x", "of x"));
    scratch.git(&["checkout", "-q", "-f", "x"]);
    scratch.write("a", text("x", "of x"));
    scratch.commit("x again");
    let executions = Executions::new(scratch.repo());
    let base = executions.base(Some("y")).unwrap();
    let execution = executions.start(&id("run"), &base).unwrap();
    write(&execution, &[("a", &text("x", "of y"))]);
    drop(execution);
    let outcome = executions.merge(&id("run"), Some(&branch("x"))).unwrap();
    assert!(
        matches!(&outcome, MergeOutcome::Conflict { paths, .. } if *paths == ["a"]),
        "{outcome:?}"
    );
    scratch.git(&["reflog", "expire", "--expire=now", "--all"]);
    scratch.git(&["gc", "-q", "--prune=now"]);
    let merge = executions.unresolved(&id("run")).unwrap().unwrap();
    let base = merge.conflicts[0].conflict.base.unwrap();
    assert_eq!(
        scratch.git(&["cat-file", "blob", &base.id.to_string()]),
        text("x", "y").trim_end()
    );
    scratch.fsck();
}
