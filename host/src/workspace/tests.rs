//! The tree as files: each rule by itself, then at random against a real directory.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]
#![cfg(unix)]

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::git::scratch::Scratch;
use crate::model::EditKind;

/// Opens the tree of a repository's HEAD.
pub(super) fn open(scratch: &Scratch) -> (GitTree, Handle) {
    open_with(scratch, |_| {})
}

pub(super) fn open_with(
    scratch: &Scratch,
    change: impl FnOnce(&mut TreeOptions),
) -> (GitTree, Handle) {
    let mut options = TreeOptions {
        read_only: false,
        quotas: Quotas::default(),
        clock: Arc::new(|| UNIX_EPOCH + Duration::from_secs(4_000_000_000)),
    };
    change(&mut options);
    let mut tree = GitTree::open(scratch.repo(), &scratch.id("HEAD"), options).unwrap();
    let root = tree.root();
    (tree, root)
}

const CREATE: OpenFlags = OpenFlags {
    create: true,
    directory: false,
    exclusive: false,
    truncate: false,
};
pub(super) const PLAIN: OpenFlags = OpenFlags {
    create: false,
    ..CREATE
};
pub(super) const DIRECTORY: OpenFlags = OpenFlags {
    directory: true,
    ..PLAIN
};
const TRUNCATE: OpenFlags = OpenFlags {
    truncate: true,
    ..CREATE
};

/// Writes a whole file.
pub(super) fn put(
    tree: &mut GitTree,
    root: Handle,
    path: &str,
    bytes: &[u8],
) -> Result<(), FsError> {
    let file = tree.open_at(root, path, true, TRUNCATE, true)?;
    let result = tree.write(file, 0, bytes);
    tree.close(file);
    result
}

pub(super) fn get(tree: &mut GitTree, root: Handle, path: &str) -> Result<Vec<u8>, FsError> {
    let file = tree.open_at(root, path, true, PLAIN, false)?;
    let result = tree.read(file, 0, usize::MAX);
    tree.close(file);
    result
}

pub(super) fn edits(tree: &GitTree) -> Vec<(String, EditKind)> {
    tree.edits()
        .unwrap()
        .into_iter()
        .map(|edit| (edit.path, edit.kind))
        .collect()
}

fn names(tree: &mut GitTree, dir: Handle) -> Vec<String> {
    tree.list(dir)
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect()
}

macro_rules! refused {
    ($result:expr, $error:pat) => {
        match $result {
            Err($error) => {}
            other => panic!("expected {}, got {other:?}", stringify!($error)),
        }
    };
}
pub(super) use refused;

#[test]
fn what_is_rewritten_with_its_own_bytes_is_no_edit() {
    let scratch = Scratch::with(&[("a", "1"), ("d/b", "2")]);
    let (mut tree, root) = open(&scratch);
    put(&mut tree, root, "a", b"1").unwrap();
    tree.rename_at(root, "d/b", root, "c").unwrap();
    tree.rename_at(root, "c", root, "d/b").unwrap();
    put(&mut tree, root, "new", b"x").unwrap();
    tree.unlink_at(root, "new").unwrap();
    assert_eq!(edits(&tree), []);
    let written = tree.write_tree().unwrap();
    assert_eq!(written.tree, tree.base_tree());
}

#[test]
fn a_handle_stays_with_its_node() {
    let scratch = Scratch::with(&[("a", "one"), ("d/b", "2")]);
    let (mut tree, root) = open(&scratch);
    let first = tree.open_at(root, "a", true, PLAIN, true).unwrap();
    let second = tree.open_at(root, "a", true, PLAIN, false).unwrap();
    assert!(tree.is_same(first, second));
    tree.rename_at(root, "a", root, "d/c").unwrap();
    tree.write(first, 3, b" two").unwrap();
    assert_eq!(get(&mut tree, root, "d/c").unwrap(), b"one two");
    tree.unlink_at(root, "d/c").unwrap();
    tree.append(first, b"!").unwrap();
    assert_eq!(tree.read(second, 0, 99).unwrap(), b"one two!");
    assert_eq!(tree.stat(second).unwrap().links, 0);
    tree.close(first);
    tree.close(second);
    refused!(tree.read(second, 0, 1), FsError::BadDescriptor);
    // A directory too: what is removed under it is gone, what is made in it when it is gone is refused.
    tree.create_dir_at(root, "e").unwrap();
    let dir = tree.open_at(root, "e", true, DIRECTORY, false).unwrap();
    tree.rename_at(root, "e", root, "f").unwrap();
    put(&mut tree, dir, "x", b"x").unwrap();
    assert_eq!(get(&mut tree, root, "f/x").unwrap(), b"x");
    tree.unlink_at(root, "f/x").unwrap();
    tree.remove_dir_at(root, "f").unwrap();
    refused!(put(&mut tree, dir, "x", b"x"), FsError::NoEntry);
    assert_eq!(edits(&tree), [("a".to_owned(), EditKind::Deleted)]);
}

#[test]
fn paths_do_not_lead_out() {
    let scratch = Scratch::empty();
    scratch.write("d/f", "x");
    scratch.write("real", "y");
    for (target, link) in [
        ("/etc", "absolute"),
        ("..", "up"),
        ("loop", "loop"),
        ("d/../real", "inside"),
        (".git/config", "git"),
    ] {
        std::os::unix::fs::symlink(target, scratch.root().join(link)).unwrap();
    }
    scratch.commit("links");
    let (mut tree, root) = open(&scratch);
    for path in [
        "..",
        "../x",
        "d/../../x",
        "/etc/passwd",
        "/",
        "absolute/passwd",
        "absolute",
        "up",
        "up/x",
    ] {
        refused!(tree.stat_at(root, path, true), FsError::NotPermitted);
    }
    let d = tree.open_at(root, "d", true, DIRECTORY, false).unwrap();
    refused!(tree.stat_at(d, "../real", true), FsError::NotPermitted);
    refused!(tree.stat_at(root, "loop", true), FsError::Loop);
    refused!(tree.stat_at(root, "loop/x", false), FsError::Loop);
    refused!(
        tree.open_at(root, "inside", false, PLAIN, false),
        FsError::Loop
    );
    refused!(tree.stat_at(root, "", true), FsError::NoEntry);
    refused!(tree.stat_at(root, "a\0b", true), FsError::Invalid);
    refused!(
        tree.stat_at(root, &"n".repeat(256), true),
        FsError::NameTooLong
    );
    refused!(
        tree.stat_at(root, &"n/".repeat(3000), true),
        FsError::NameTooLong
    );
    refused!(tree.stat_at(root, "real/", true), FsError::NotDirectory);
    refused!(tree.stat_at(root, "real/x", true), FsError::NotDirectory);
    refused!(tree.stat_at(root, "git", true), FsError::NoEntry);
    refused!(tree.readlink_at(root, "absolute"), FsError::NotPermitted);
    assert_eq!(get(&mut tree, root, "inside").unwrap(), b"y");
    assert_eq!(get(&mut tree, root, "d/.././/real").unwrap(), b"y");
    assert_eq!(tree.readlink_at(root, "inside").unwrap(), "d/../real");
    assert_eq!(
        tree.stat_at(root, "inside", false).unwrap().kind,
        NodeKind::Symlink
    );
    refused!(
        tree.symlink_at("../../x", root, "d/l"),
        FsError::NotPermitted
    );
    tree.symlink_at("../real", root, "d/l").unwrap();
    assert_eq!(get(&mut tree, root, "d/l").unwrap(), b"y");
}

#[test]
fn gits_own_directory_is_neither_seen_nor_made() {
    let scratch = Scratch::with(&[("a", "1")]);
    let (mut tree, root) = open(&scratch);
    for name in [".git", ".GIT", "git~1", ".git."] {
        refused!(tree.stat_at(root, name, true), FsError::NoEntry);
        refused!(put(&mut tree, root, name, b"x"), FsError::NotPermitted);
        refused!(tree.create_dir_at(root, name), FsError::NotPermitted);
        refused!(tree.rename_at(root, "a", root, name), FsError::NotPermitted);
        refused!(tree.symlink_at("a", root, name), FsError::NotPermitted);
    }
    refused!(tree.link_at(root, "a", root, "b"), FsError::Unsupported);
}

#[test]
fn what_plugins_cannot_see_is_carried_byte_for_byte() {
    let scratch = Scratch::with(&[("d/plain", "1"), ("run.sh", "#!/bin/sh\n")]);
    scratch.git(&["update-index", "--chmod=+x", "run.sh"]);
    let blob = scratch.git(&["rev-parse", "HEAD:d/plain"]);
    let head = scratch.id("HEAD").to_string();
    scratch.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{head},sub"),
    ]);
    scratch.git(&["commit", "-qm", "modes"]);
    let name = std::os::unix::ffi::OsStringExt::from_vec(b"d/\xff\xfe".to_vec());
    let path: std::ffi::OsString = name;
    std::fs::write(scratch.root().join(path), "odd").unwrap();
    scratch.git(&["add", "d"]);
    scratch.git(&["commit", "-qm", "odd"]);
    let (mut tree, root) = open(&scratch);
    let d = tree.open_at(root, "d", true, DIRECTORY, false).unwrap();
    assert_eq!(names(&mut tree, d), ["plain"]);
    tree.unlink_at(root, "d/plain").unwrap();
    refused!(tree.remove_dir_at(root, "d"), FsError::NotEmpty);
    put(&mut tree, root, "run.sh", b"#!/bin/sh\necho\n").unwrap();
    tree.rename_at(root, "d", root, "moved").unwrap();
    // A submodule is an empty directory that cannot be changed.
    let sub = tree.open_at(root, "sub", true, DIRECTORY, false).unwrap();
    assert_eq!(names(&mut tree, sub), [""; 0]);
    refused!(put(&mut tree, root, "sub/x", b"x"), FsError::NotPermitted);
    refused!(tree.remove_dir_at(root, "sub"), FsError::NotPermitted);
    refused!(
        tree.rename_at(root, "sub", root, "other"),
        FsError::NotPermitted
    );
    let written = tree.write_tree().unwrap();
    let listed = scratch.git(&["ls-tree", "-r", &written.tree.to_string()]);
    assert!(
        listed.contains(&format!("160000 commit {head}\tsub")),
        "{listed}"
    );
    assert!(listed.contains("\"moved/\\377\\376\""), "{listed}");
    assert!(
        listed.contains("100755 blob") && !listed.contains(&blob),
        "{listed}"
    );
    scratch.fsck();
}

#[test]
fn empty_directories_are_reported_and_not_kept() {
    let scratch = Scratch::with(&[("d/only", "1"), (".gitignore", "*.log\n")]);
    let (mut tree, root) = open(&scratch);
    tree.unlink_at(root, "d/only").unwrap();
    tree.create_dir_at(root, "e/").unwrap();
    tree.create_dir_at(root, "e/f").unwrap();
    put(&mut tree, root, "x.log", b"kept").unwrap();
    let written = tree.write_tree().unwrap();
    assert_eq!(written.empty_directories, ["d", "e/f", "e"]);
    assert_eq!(
        scratch.git(&["ls-tree", "-r", "--name-only", &written.tree.to_string()]),
        ".gitignore\nx.log"
    );
}

#[test]
fn a_read_only_tree_refuses_every_change() {
    let scratch = Scratch::with(&[("a", "1"), ("d/b", "2")]);
    let (mut tree, root) = open_with(&scratch, |options| options.read_only = true);
    refused!(
        tree.open_at(root, "a", true, PLAIN, true),
        FsError::ReadOnly
    );
    refused!(
        tree.open_at(root, "a", true, TRUNCATE, false),
        FsError::ReadOnly
    );
    refused!(
        tree.open_at(root, "new", true, CREATE, false),
        FsError::ReadOnly
    );
    refused!(tree.create_dir_at(root, "e"), FsError::ReadOnly);
    refused!(tree.remove_dir_at(root, "d"), FsError::ReadOnly);
    refused!(tree.unlink_at(root, "a"), FsError::ReadOnly);
    refused!(tree.rename_at(root, "a", root, "b"), FsError::ReadOnly);
    refused!(tree.symlink_at("a", root, "l"), FsError::ReadOnly);
    refused!(tree.link_at(root, "a", root, "l"), FsError::ReadOnly);
    refused!(
        tree.set_times_at(root, "a", true, SetTime::Now, SetTime::Now),
        FsError::ReadOnly
    );
    let file = tree.open_at(root, "a", true, PLAIN, false).unwrap();
    refused!(tree.write(file, 0, b"x"), FsError::ReadOnly);
    refused!(tree.append(file, b"x"), FsError::ReadOnly);
    refused!(tree.set_size(file, 0), FsError::ReadOnly);
    refused!(
        tree.set_times(file, SetTime::Now, SetTime::Keep),
        FsError::ReadOnly
    );
    assert_eq!(tree.read(file, 0, 9).unwrap(), b"1");
    assert_eq!(edits(&tree), []);
}
