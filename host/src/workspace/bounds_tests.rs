//! The bounds of the tree, its times and its numbers.
#![cfg(unix)]

use std::time::{Duration, UNIX_EPOCH};

use super::tests::{DIRECTORY, PLAIN, edits, get, open, open_with, put, refused};
use super::*;
use crate::git::scratch::Scratch;

#[test]
fn quotas_end_in_errors_and_change_nothing() {
    let scratch = Scratch::with(&[("a", "1"), ("big", &"x".repeat(200))]);
    let quotas = Quotas {
        files: 2,
        bytes_written: 50,
        open_handles: 4,
        bytes_held: 1000,
        file_size: 100,
        in_memory: 20,
    };
    let (mut tree, root) = open_with(&scratch, |options| options.quotas = quotas);
    put(&mut tree, root, "one", &[7; 30]).unwrap();
    let file = tree.open_at(root, "one", true, PLAIN, true).unwrap();
    refused!(
        tree.write(file, 30, &[7; 30]),
        FsError::InsufficientSpace(_)
    );
    refused!(tree.set_size(file, 90), FsError::InsufficientSpace(_));
    refused!(tree.set_size(file, 101), FsError::FileTooLarge);
    refused!(tree.write(file, u64::MAX, b"x"), FsError::Invalid);
    refused!(tree.set_size(file, u64::MAX), FsError::Invalid);
    refused!(tree.read(file, u64::MAX, 1), FsError::Invalid);
    let last = u64::MAX / 2;
    refused!(tree.write(file, last, b"x"), FsError::FileTooLarge);
    assert_eq!(tree.stat(file).unwrap().size, 30);
    refused!(get(&mut tree, root, "big"), FsError::FileTooLarge);
    assert_eq!(tree.stat_at(root, "big", true).unwrap().size, 200);
    tree.create_dir_at(root, "d").unwrap();
    refused!(tree.create_dir_at(root, "e"), FsError::InsufficientSpace(_));
    let more = [0; 2].map(|_| tree.open_at(root, "a", true, PLAIN, false).unwrap());
    refused!(
        tree.open_at(root, "a", true, PLAIN, false),
        FsError::InsufficientSpace(_)
    );
    tree.close(more[0]);
    tree.open_at(root, "a", true, PLAIN, false).unwrap();
}

#[test]
fn trees_cannot_be_nested_without_end() {
    let scratch = Scratch::with(&[("a", "1")]);
    let (mut tree, root) = open(&scratch);
    let mut dir = root;
    let mut made = 0;
    while tree.create_dir_at(dir, "d").is_ok() {
        dir = tree.open_at(dir, "d", true, DIRECTORY, false).unwrap();
        made += 1;
    }
    assert_eq!(made, 255);
    refused!(tree.create_dir_at(dir, "d"), FsError::NameTooLong);
    tree.create_dir_at(root, "e").unwrap();
    refused!(tree.rename_at(root, "d", root, "e/d"), FsError::NameTooLong);
    refused!(tree.rename_at(root, "d", root, "d/d/x"), FsError::Invalid);
    put(&mut tree, dir, "leaf", b"x").unwrap_err();
    assert_eq!(edits(&tree), []);
}

#[test]
fn times_are_the_commits_until_they_are_set() {
    let scratch = Scratch::with(&[("a", "1"), ("d/b", "1")]);
    let (mut tree, root) = open(&scratch);
    let base: u64 = scratch.git(&["log", "-1", "--format=%ct"]).parse().unwrap();
    let base = UNIX_EPOCH + Duration::from_secs(base);
    assert_eq!(tree.stat_at(root, "a", true).unwrap().modified, base);
    let at = UNIX_EPOCH + Duration::from_secs(7);
    tree.set_times_at(root, "a", true, SetTime::Keep, SetTime::At(at))
        .unwrap();
    let stat = tree.stat_at(root, "a", true).unwrap();
    assert_eq!((stat.accessed, stat.modified), (base, at));
    put(&mut tree, root, "d/b", b"2").unwrap();
    assert!(tree.stat_at(root, "d/b", true).unwrap().modified > base);
    assert_eq!(edits(&tree).len(), 1);
}

#[test]
fn node_numbers_are_the_nodes_own() {
    let scratch = Scratch::with(&[("a", "1"), ("b", "1")]);
    let (mut tree, root) = open(&scratch);
    let (a, b) = (
        tree.node_id_at(root, "a", true).unwrap(),
        tree.node_id_at(root, "b", true).unwrap(),
    );
    assert_ne!(a, b);
    put(&mut tree, root, "a", b"other").unwrap();
    tree.rename_at(root, "a", root, "c").unwrap();
    assert_eq!(tree.node_id_at(root, "c", true).unwrap(), a);
    refused!(tree.node_id_at(root, "a", true), FsError::NoEntry);
}
