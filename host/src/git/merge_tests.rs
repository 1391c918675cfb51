//! Our merge against git's own.

use super::scratch::Scratch;
use super::*;

#[test]
fn unrelated_and_criss_cross_histories_are_told_apart() {
    let scratch = Scratch::with(&[("a", "1\n2\n3\n4\n5\n")]);
    scratch.git(&["checkout", "-q", "--orphan", "other"]);
    let other = scratch.commit("other root");
    let repo = scratch.repo();
    assert!(matches!(
        repo.merge(&scratch.id("main"), &other),
        Err(GitError::Unrelated { .. })
    ));
    for (side, line) in [("x", "one\n2\n3\n4\n5\n"), ("y", "1\n2\n3\n4\nfive\n")] {
        scratch.git(&["checkout", "-q", "-b", side, "main"]);
        scratch.write("a", line);
        scratch.commit(side);
    }
    let (x, y) = (scratch.id("x"), scratch.id("y"));
    scratch.git(&["merge", "-q", "--no-edit", x.as_str()]);
    scratch.git(&["checkout", "-q", "x"]);
    scratch.git(&["merge", "-q", "--no-edit", y.as_str()]);
    let (x, y) = (scratch.id("x"), scratch.id("y"));
    assert_eq!(repo.merge_bases(&x, &y).unwrap().len(), 2);
    assert!(matches!(repo.merge(&x, &y).unwrap(), Merge::Clean(_)));
}

#[test]
fn a_conflict_has_path_kind_and_all_sides() {
    let scratch = Scratch::with(&[("edited", "1\n2\n3\n"), ("gone", "x\n"), ("was", "y\n")]);
    scratch.write("binary", [0, 1]);
    scratch.commit("base");
    let expected = [
        ("added", "add/add", [false, true, true]),
        ("binary", "binary", [true, true, true]),
        ("edited", "content", [true, true, true]),
        ("gone", "modify/delete", [true, false, true]),
        ("was", "file/directory", [true, true, true]),
    ];
    scratch.git(&["checkout", "-q", "-b", "ours"]);
    for (path, text) in [("added", "o\n"), ("edited", "1\no\n3\n")] {
        scratch.write(path, text);
    }
    scratch.write("binary", [0, 2]);
    scratch.git(&["rm", "-q", "gone", "was"]);
    scratch.write("was/in", "o");
    scratch.commit("ours");
    scratch.git(&["checkout", "-q", "-b", "theirs", "main"]);
    for (path, text) in [
        ("added", "t\n"),
        ("edited", "1\nt\n3\n"),
        ("gone", "t\n"),
        ("was", "t\n"),
    ] {
        scratch.write(path, text);
    }
    scratch.write("binary", [0, 3]);
    scratch.commit("theirs");
    let repo = scratch.repo();
    let merged = repo.merge(&scratch.id("ours"), &scratch.id("theirs"));
    let Ok(Merge::Conflict(conflicted)) = merged else {
        panic!("{merged:?}");
    };
    let found: Vec<_> = conflicted
        .conflicts
        .iter()
        .map(|one| {
            let sides = [one.base, one.ours, one.theirs].map(|side| side.is_some());
            (one.path.to_string(), one.kind.name(), sides)
        })
        .collect();
    let expected = expected.map(|(path, kind, sides)| (path.to_owned(), kind, sides));
    assert_eq!(found, expected);
    let was = &conflicted.conflicts[4];
    assert!(was.ours.is_some_and(|side| side.mode.is_tree()), "{was:?}");
    assert_eq!(was.beside.len(), 1, "{was:?}");
}

#[test]
fn attributes_that_say_how_to_merge_are_gits_to_follow() {
    let text = "1\n2\n3\n4\n5\n";
    let scratch = Scratch::with(&[("a", text), ("b", text), (".gitattributes", "a -merge\n")]);
    for (side, edit) in [
        ("ours", "one\n2\n3\n4\n5\n"),
        ("theirs", "1\n2\n3\n4\nfive\n"),
    ] {
        scratch.git(&["checkout", "-q", "-b", side, "main"]);
        scratch.write("a", edit);
        scratch.write("b", edit);
        scratch.commit(side);
    }
    let merged = scratch
        .repo()
        .merge(&scratch.id("ours"), &scratch.id("theirs"));
    let Ok(Merge::Conflict(conflicted)) = merged else {
        panic!("{merged:?}");
    };
    assert_eq!(conflicted.paths(), ["a"], "b has no attribute");
}

#[test]
fn what_a_merge_reads_goes_by_what_changed() {
    let files: Vec<(String, String)> = (0..40)
        .flat_map(|dir| {
            (0..40).map(move |file| (format!("d{dir}/f{file}"), format!("{dir} {file}\n")))
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let scratch = Scratch::with(&files);
    for (side, path) in [("ours", "d1/f1"), ("theirs", "d1/f2")] {
        scratch.git(&["checkout", "-q", "-b", side, "main"]);
        scratch.write(path, "changed\n");
        scratch.commit(side);
    }
    let repo = scratch.repo();
    let ids = ["main", "ours", "theirs"].map(|name| scratch.id(name));
    // Of the other directories, not one tree can be read.
    for dir in (0..40).filter(|dir| *dir != 1) {
        let id = scratch.git(&["rev-parse", &format!("main:d{dir}")]);
        let object = scratch
            .root()
            .join(".git/objects")
            .join(&id[..2])
            .join(&id[2..]);
        scratch.remove(&object);
    }
    let trees = ids.clone().map(|id| repo.commit(&id).unwrap().tree);
    let merged = repo
        .merge_trees(&mut Batch::default(), trees[0], trees[1], trees[2])
        .unwrap();
    assert!(matches!(merged, tree_merge::TreeMerge::Clean(_)));
}
