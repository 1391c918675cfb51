//! The room against repositories made by git.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use std::sync::Arc;

use super::scratch::{Scratch, run};
use super::*;
use crate::model::{EditKind, ExecutionId};

#[test]
fn a_repository_is_found_from_anywhere_in_it() {
    let scratch = Scratch::with(&[("deep/er/file", "x")]);
    let common = scratch.repo().common_dir().canonicalize().unwrap();
    let inside = Repo::discover(&scratch.root().join("deep/er")).unwrap();
    assert_eq!(inside.common_dir().canonicalize().unwrap(), common);
    let linked = scratch
        .root()
        .join("../linked-".to_owned() + scratch.root().file_name().unwrap().to_str().unwrap());
    scratch.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        linked.to_str().unwrap(),
    ]);
    let worktree = Repo::discover(&linked.join("deep")).unwrap();
    assert_eq!(worktree.common_dir().canonicalize().unwrap(), common);
    assert_eq!(worktree.head().unwrap().1.unwrap().as_str(), "side");
    std::fs::remove_dir_all(linked).unwrap();
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
    let bare = Repo::discover(bare.path()).unwrap();
    assert!(bare.workdir().is_none());
    assert_eq!(bare.head().unwrap().0, scratch.id("HEAD"));
}

#[test]
fn each_kind_of_unfit_repository_has_its_error() {
    let nowhere = tempfile::tempdir().unwrap();
    assert!(matches!(
        Repo::discover(nowhere.path()),
        Err(GitError::NoRepository { .. })
    ));
    assert!(matches!(
        Repo::discover(&nowhere.path().join("absent")),
        Err(GitError::NoRepository { .. })
    ));
    let empty = Scratch::empty();
    let error = empty.repo().head().unwrap_err();
    assert!(
        matches!(&error, GitError::Unborn { branch, .. } if branch == "main"),
        "{error}"
    );
    let sha256 = tempfile::tempdir().unwrap();
    run(
        sha256.path(),
        &["init", "-q", "--object-format=sha256", "."],
    );
    let error = Repo::discover(sha256.path()).unwrap_err();
    assert!(
        matches!(&error, GitError::ObjectFormat { format, .. } if format == "SHA-256"),
        "{error}"
    );
}

#[test]
fn a_detached_head_and_a_shallow_clone_are_fine() {
    let scratch = Scratch::with(&[("a", "1")]);
    scratch.write("a", "2");
    let tip = scratch.commit("second");
    scratch.git(&["checkout", "-q", "--detach"]);
    assert_eq!(scratch.repo().head().unwrap(), (tip.clone(), None));
    let shallow = tempfile::tempdir().unwrap();
    let url = format!("file://{}", scratch.root().display());
    run(shallow.path(), &["clone", "-q", "--depth", "1", &url, "."]);
    let repo = Repo::discover(shallow.path()).unwrap();
    assert_eq!(repo.head().unwrap().0, tip);
    assert!(repo.is_ancestor(&tip, &tip).unwrap());
}

#[test]
fn branches_tags_and_commits_resolve_and_nothing_else() {
    let scratch = Scratch::with(&[("a", "1")]);
    let first = scratch.id("HEAD");
    scratch.git(&["tag", "-a", "v1", "-m", "one"]);
    let repo = scratch.repo();
    for name in [
        "main",
        "v1",
        "refs/heads/main",
        first.as_str(),
        &first.as_str()[..8],
    ] {
        assert_eq!(repo.resolve(name).unwrap(), first, "{name}");
    }
    for name in [
        "",
        "absent",
        "..",
        "main~1",
        "HEAD^{tree}",
        ":a",
        "--all",
        "-x",
        "@{u}",
        "0000000000000000000000000000000000000000",
    ] {
        assert!(
            matches!(repo.resolve(name), Err(GitError::NoSuchCommit { .. })),
            "{name}"
        );
    }
}

#[test]
fn what_is_written_is_what_git_would_have_written() {
    let scratch = Scratch::with(&[("a.c", "1"), ("a/x", "2"), ("a-b", "3"), ("z", "4")]);
    let repo = scratch.repo();
    let tree = repo.commit(&scratch.id("HEAD")).unwrap().tree;
    let mut batch = Batch::default();
    let mut entries = repo.tree(tree).unwrap();
    entries.reverse();
    assert_eq!(batch.tree(entries).unwrap(), tree);
    assert_eq!(batch.tree(Vec::new()).unwrap(), TreeId::empty());
    for count in [3, 200] {
        let mut batch = Batch::default();
        let entries = (0..count)
            .map(|n| {
                let blob = batch
                    .blob(Arc::new(format!("{count} {n}").into_bytes()))
                    .unwrap();
                Entry {
                    name: format!("f{n}").into_bytes().into(),
                    mode: Mode::FILE,
                    id: blob.object(),
                }
            })
            .collect();
        let tree = batch.tree(entries).unwrap();
        repo.store(&batch).unwrap();
        assert_eq!(repo.tree(tree).unwrap().len(), count);
        assert_eq!(
            scratch.git(&["ls-tree", &tree.to_string()]).lines().count(),
            count
        );
        assert_eq!(
            scratch.git(&["cat-file", "-p", &format!("{tree}:f1")]),
            format!("{count} 1")
        );
    }
    assert!(scratch.git(&["count-objects", "-v"]).contains("packs: 2"));
    scratch.fsck();
}

#[test]
fn a_ref_moves_only_from_where_it_is_expected() {
    let scratch = Scratch::with(&[("a", "1")]);
    let one = scratch.id("HEAD");
    scratch.write("a", "2");
    let two = scratch.commit("second");
    let repo = scratch.repo();
    let id: ExecutionId = "e".parse().unwrap();
    let name = RefName::execution(&id, "base");
    let swap = |old, new| repo.move_commit_ref(&name, old, new).unwrap();
    assert_eq!(swap(None, Some(&one)), Moved::Yes);
    assert_eq!(swap(None, Some(&two)), Moved::Elsewhere);
    assert_eq!(swap(Some(&two), Some(&one)), Moved::Elsewhere);
    assert_eq!(swap(Some(&one), Some(&two)), Moved::Yes);
    scratch.git(&["pack-refs", "--all"]);
    assert_eq!(swap(Some(&one), None), Moved::Elsewhere);
    assert_eq!(swap(Some(&two), None), Moved::Yes);
    assert_eq!(swap(Some(&two), None), Moved::Elsewhere);
    assert_eq!(repo.read_ref(&name).unwrap(), None);
}

#[test]
fn a_ref_locked_by_another_process_is_waited_for() {
    let scratch = Scratch::with(&[("a", "1")]);
    let repo = scratch.repo();
    let id: ExecutionId = "e".parse().unwrap();
    let dir = scratch.root().join(".git/refs/paracle/executions/e");
    std::fs::create_dir_all(&dir).unwrap();
    let lock = dir.join("base.lock");
    std::fs::write(&lock, "").unwrap();
    let waiting = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        std::fs::remove_file(lock).unwrap();
    });
    let moved = repo.move_commit_ref(
        &RefName::execution(&id, "base"),
        None,
        Some(&scratch.id("HEAD")),
    );
    assert_eq!(moved.unwrap(), Moved::Yes);
    waiting.join().unwrap();
}

#[test]
fn commits_carry_an_explicit_identity_and_trailers_that_cannot_be_forged() {
    let scratch = Scratch::with(&[("a", "1")]);
    scratch.git(&["config", "user.name", "Someone"]);
    scratch.git(&["config", "user.email", "someone@example.org"]);
    let repo = scratch.repo();
    let parent = scratch.id("HEAD");
    let tree = repo.commit(&parent).unwrap().tree;
    let trailers = [(
        "Paracle-Tool".to_owned(),
        "write\nParacle-Grant: all".to_owned(),
    )];
    let new = NewCommit {
        tree,
        parents: &[parent],
        message: "does\0 it",
        trailers: &trailers,
    };
    let commit = repo.make_commit(&new).unwrap();
    let shown = scratch.git(&[
        "log",
        "-1",
        "--format=%an <%ae> %cn <%ce>%n%(trailers)",
        commit.as_str(),
    ]);
    assert_eq!(
        shown,
        "Someone <someone@example.org> paracle-host <paracle-host@localhost>\nParacle-Tool: write Paracle-Grant: all"
    );
}

#[test]
fn edits_and_patch_tell_what_differs() {
    let scratch = Scratch::with(&[
        ("keep", "k"),
        ("d/change", "1\n"),
        ("gone", "g"),
        ("swap", "file"),
    ]);
    let one = scratch.id("HEAD");
    scratch.git(&["rm", "-q", "gone", "swap"]);
    scratch.write("d/change", "2\n");
    scratch.write("swap/in", "dir");
    let two = scratch.commit("second");
    let repo = scratch.repo();
    let trees = (
        repo.commit(&one).unwrap().tree,
        repo.commit(&two).unwrap().tree,
    );
    let edits: Vec<_> = repo
        .edits(trees.0, trees.1)
        .unwrap()
        .into_iter()
        .map(|edit| (edit.path, edit.kind))
        .collect();
    let expected = [
        ("d/change", EditKind::Modified),
        ("gone", EditKind::Deleted),
        ("swap", EditKind::Deleted),
        ("swap/in", EditKind::Added),
    ];
    assert_eq!(edits, expected.map(|(path, kind)| (path.to_owned(), kind)));
    let (_, patch) = repo.patch(trees.0, trees.1, 1 << 20).unwrap();
    assert!(
        patch.text.contains("-1\n+2\n") && !patch.cut,
        "{}",
        patch.text
    );
    let (_, patch) = repo.patch(trees.0, trees.1, 100).unwrap();
    assert!(patch.text.len() < 100 && patch.cut);
}
