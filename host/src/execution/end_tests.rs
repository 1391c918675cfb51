//! How executions end: merged, kept, discarded, cleaned up.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use super::tests::{AUTO, branch, checkout, id, start, write};
use super::*;
use crate::git::Repo;
use crate::git::scratch::{Scratch, run};
use crate::model::{ExecutionSettings, ExecutionStatus};

#[test]
fn a_merge_moves_a_clean_checkout_and_leaves_a_dirty_one() {
    let scratch = Scratch::with(&[("a", "1"), ("b", "1")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "run");
    write(&execution, &[("a", "2")]);
    execution
        .complete(true, &ExecutionSettings::default())
        .unwrap();
    scratch.write("b", "mine");
    let before = checkout(&scratch);
    let MergeOutcome::ReadyToMerge { commit, .. } = executions.merge(&id("run"), None).unwrap()
    else {
        panic!("merged under changes");
    };
    assert_eq!(checkout(&scratch), before);
    assert_eq!(scratch.id("refs/paracle/executions/run/merge"), commit);
    scratch.git(&["checkout", "-q", "b"]);
    let merged = executions.merge(&id("run"), None).unwrap();
    assert!(matches!(&merged, MergeOutcome::Merged { .. }), "{merged:?}");
    assert_eq!(
        std::fs::read_to_string(scratch.root().join("a")).unwrap(),
        "2"
    );
    assert_eq!(scratch.git(&["status", "--porcelain"]), "");
    assert!(matches!(
        executions.merge(&id("run"), None).unwrap(),
        MergeOutcome::UpToDate { .. }
    ));
    assert_eq!(
        executions.show(&id("run")).unwrap().record.status,
        ExecutionStatus::Merged
    );
    scratch.fsck();
}

#[test]
fn any_end_but_clean_keeps_the_branch() {
    let scratch = Scratch::with(&[("a", "1")]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "run");
    write(&execution, &[("a", "2")]);
    scratch.write("a", "3");
    let theirs = scratch.commit("a person's own");
    let before = checkout(&scratch);
    let done = execution.complete(true, &AUTO).unwrap();
    assert!(
        matches!(&done.merge, Some(MergeOutcome::Conflict { paths, .. }) if *paths == ["a"]),
        "{done:?}"
    );
    assert!(!done.branch_deleted);
    assert_eq!((scratch.id("main"), checkout(&scratch)), (theirs, before));
    let kept = executions.show(&id("run")).unwrap();
    assert_eq!(
        (kept.record.status, kept.branch_exists),
        (ExecutionStatus::Kept, true)
    );
    // The next start does not care.
    start(&executions, "next");
    let failed = start(&executions, "failed");
    write(&failed, &[("b", "2")]);
    let done = failed.complete(false, &AUTO).unwrap();
    assert_eq!(
        (done.record.unwrap().status, done.merge),
        (ExecutionStatus::Kept, None)
    );
    scratch.fsck();
}

#[test]
fn a_merged_branch_goes_and_an_id_is_free_again() {
    let scratch = Scratch::with(&[("a", "1")]);
    scratch.git(&["checkout", "-q", "-b", "elsewhere"]);
    let executions = Executions::new(scratch.repo());
    let base = executions.base(Some("main")).unwrap();
    assert_eq!(base.branch, Some(branch("main")));
    let execution = executions.start(&id("run"), &base).unwrap();
    write(&execution, &[("a", "2")]);
    let done = execution.complete(true, &AUTO).unwrap();
    assert!(done.branch_deleted, "{done:?}");
    let info = executions.show(&id("run")).unwrap();
    assert_eq!(
        (info.record.status, info.branch_exists, info.commit_count),
        (ExecutionStatus::Merged, false, 1)
    );
    assert_eq!(executions.diff(&id("run"), 1000).unwrap().edits.len(), 1);
    assert_eq!(scratch.git(&["show", "main:a"]), "2");
    let again = executions.start(&id("run"), &base).unwrap();
    assert_eq!(again.complete(true, &AUTO).unwrap().record, None);
    assert_eq!(executions.list().unwrap(), []);
    assert_eq!(
        scratch.git(&["for-each-ref", "--format=%(refname)"]),
        "refs/heads/elsewhere\nrefs/heads/main"
    );
}

#[test]
fn a_detached_head_needs_a_named_target() {
    let scratch = Scratch::with(&[("a", "1")]);
    scratch.git(&["checkout", "-q", "--detach"]);
    let executions = Executions::new(scratch.repo());
    let execution = start(&executions, "run");
    write(&execution, &[("a", "2")]);
    execution
        .complete(true, &ExecutionSettings::default())
        .unwrap();
    assert!(matches!(
        executions.merge(&id("run"), None),
        Err(ExecutionError::NoTarget { .. })
    ));
    assert!(
        executions
            .merge(&id("run"), Some(&branch("absent")))
            .is_err()
    );
    let merged = executions.merge(&id("run"), Some(&branch("main"))).unwrap();
    assert!(matches!(merged, MergeOutcome::Merged { .. }));
}

#[test]
fn a_bare_repository_works_the_same() {
    let scratch = Scratch::with(&[("a", "1")]);
    let bare = tempfile::tempdir().unwrap();
    run(
        bare.path(),
        &[
            "clone",
            "-q",
            "--bare",
            scratch.root().to_str().unwrap(),
            ".",
        ],
    );
    let executions = Executions::new(Repo::discover(bare.path()).unwrap());
    let execution = start(&executions, "run");
    write(&execution, &[("a", "2")]);
    let done = execution.complete(true, &AUTO).unwrap();
    assert!(
        matches!(done.merge, Some(MergeOutcome::Merged { .. })),
        "{done:?}"
    );
    assert_eq!(run(bare.path(), &["show", "main:a"]), "2");
}

#[test]
fn cleanup_removes_only_what_is_merged_old_and_not_running() {
    let scratch = Scratch::with(&[("a", "1")]);
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = Arc::clone(&now);
    let executions = Executions::with_clock(
        scratch.repo(),
        Arc::new(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed))),
    );
    let keep = ExecutionSettings {
        auto_cleanup: false,
        ..AUTO
    };
    let merged = start(&executions, "merged");
    write(&merged, &[("b", "2")]);
    merged.complete(true, &keep).unwrap();
    let kept = start(&executions, "kept");
    write(&kept, &[("c", "2")]);
    kept.complete(true, &ExecutionSettings::default()).unwrap();
    let gone = start(&executions, "gone");
    write(&gone, &[("d", "2")]);
    let tip = gone.tip().unwrap();
    gone.discard().unwrap();
    assert_eq!(executions.tip(&id("gone")).unwrap(), tip);
    assert!(!executions.show(&id("gone")).unwrap().branch_exists);
    drop(start(&executions, "interrupted"));
    let _running = start(&executions, "running");
    let day = Duration::from_hours(24);
    let stay = |cleaned: Vec<Cleaned>| -> Vec<String> {
        cleaned
            .into_iter()
            .filter(|cleaned| cleaned.stays.is_some())
            .map(|cleaned| cleaned.id.to_string())
            .collect()
    };
    assert_eq!(stay(executions.cleanup(day, None).unwrap()).len(), 5);
    now.fetch_add(2 * 86_400, Ordering::Relaxed);
    let mut staying = stay(executions.cleanup(day, None).unwrap());
    staying.sort();
    assert_eq!(staying, ["interrupted", "kept", "running"]);
    assert_eq!(executions.list().unwrap().len(), 3);
    // Its branch has no commit and is an ancestor of the target, and still it stays.
    assert!(executions.show(&id("running")).unwrap().branch_exists);
    scratch.git(&[
        "merge",
        "-q",
        executions.show(&id("kept")).unwrap().record.branch.as_str(),
    ]);
    let mut staying = stay(executions.cleanup(day, None).unwrap());
    staying.sort();
    assert_eq!(staying, ["interrupted", "running"]);
    scratch.fsck();
}
