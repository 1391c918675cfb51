//! What is checked out: how it moves, and what is uncommitted there.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use super::scratch::Scratch;
use super::*;

#[test]
fn a_checked_out_branch_moves_only_by_gits_own_fast_forward() {
    let scratch = Scratch::with(&[("a", "1"), ("b", "1")]);
    let one = scratch.id("HEAD");
    scratch.write("a", "2");
    let two = scratch.commit("second");
    scratch.git(&["reset", "-q", "--hard", one.as_str()]);
    // A hook that would show, if hooks ran.
    scratch.write(".git/hooks/post-merge", "#!/bin/sh\ntouch hooked\n");
    scratch.git(&["config", "core.fileMode", "false"]);
    let repo = scratch.repo();
    let main = "main".parse().unwrap();
    scratch.write("b", "mine");
    assert!(
        matches!(repo.advance_branch(&main, &one, &two, "x").unwrap(), Advance::Refused(why) if why.contains("uncommitted"))
    );
    assert_eq!(scratch.id("main"), one);
    scratch.git(&["checkout", "-q", "b"]);
    assert_eq!(
        repo.advance_branch(&main, &two, &one, "x").unwrap(),
        Advance::Elsewhere
    );
    assert_eq!(
        repo.advance_branch(&main, &one, &two, "x").unwrap(),
        Advance::Done
    );
    assert_eq!(
        std::fs::read_to_string(scratch.root().join("a")).unwrap(),
        "2"
    );
    assert_eq!(scratch.git(&["status", "--porcelain"]), "");
    assert!(!scratch.root().join("hooked").exists());
    // Not checked out: the ref moves, with a line in its reflog.
    scratch.git(&["checkout", "-q", "--detach"]);
    scratch.git(&["branch", "-q", "-f", "main", one.as_str()]);
    assert_eq!(
        repo.advance_branch(&main, &one, &two, "merge: x").unwrap(),
        Advance::Done
    );
    assert!(scratch.git(&["reflog", "main"]).contains("merge: x"));
}

#[test]
fn uncommitted_paths_are_listed_up_to_a_bound() {
    let scratch = Scratch::with(&[("a", "1"), ("b", "1")]);
    scratch.write("a", "2");
    scratch.write("new file", "2");
    let dirty = scratch.repo().dirty_paths(1).unwrap();
    assert_eq!(
        dirty,
        Dirty {
            paths: vec!["a".to_owned()],
            more: 1
        }
    );
}

#[test]
fn what_is_uncommitted_is_listed_as_git_lists_it() {
    let scratch = Scratch::with(&[
        ("a", "1"),
        ("b", "1"),
        ("dir/gone", "1"),
        ("dir/same", "1"),
        ("run", "1"),
        ("filtered", "1"),
        (".gitignore", "*.log\n"),
        (".gitattributes", "filtered filter=upper\n"),
    ]);
    scratch.git(&["config", "filter.upper.clean", "tr a-z A-Z"]);
    let repo = scratch.repo();
    let same = || {
        let dirty = repo.dirty_paths(100).unwrap();
        assert_eq!(dirty, repo.ask_git_for_dirty_paths(100).unwrap());
        dirty.paths.len()
    };
    assert_eq!(same(), 0);
    scratch.write("a", "2");
    scratch.write("new/file", "2");
    scratch.write("new/other", "2");
    scratch.write("x.log", "ignored");
    scratch.write("staged", "2");
    scratch.git(&["add", "staged"]);
    scratch.git(&["rm", "-q", "dir/gone"]);
    scratch.git(&["update-index", "--chmod=+x", "run"]);
    assert_eq!(same(), 5);
    // Only git's filter knows that nothing has changed.
    scratch.write("filtered", "1");
    assert_eq!(same(), 5);
    scratch.write("filtered", "2");
    assert_eq!(same(), 6);
}
