//! What is stored, beside git's housekeeping.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::scratch::Scratch;
use super::*;
use crate::model::ExecutionId;

/// Removes all that no ref reaches, at once.
const GC: &[&str] = &["gc", "--quiet", "--prune=now"];

/// Stores a tree of one file, and returns it.
fn tree(repo: &Repo, content: &str) -> TreeId {
    let mut batch = Batch::default();
    let blob = batch.blob(Arc::new(content.as_bytes().to_vec())).unwrap();
    let entry = Entry {
        name: b"file".as_slice().into(),
        mode: Mode::FILE,
        id: blob.object(),
    };
    let tree = batch.tree(vec![entry]).unwrap();
    repo.store(&batch).unwrap();
    tree
}

fn keeps(scratch: &Scratch) -> usize {
    let packs = std::fs::read_dir(scratch.root().join(".git/objects/pack")).unwrap();
    packs
        .filter(|entry| entry.as_ref().unwrap().path().extension() == Some("keep".as_ref()))
        .count()
}

fn packs(scratch: &Scratch) -> usize {
    let said = scratch.git(&["count-objects", "-v"]);
    let count = said.lines().find_map(|line| line.strip_prefix("packs: "));
    count.unwrap().parse().unwrap()
}

#[test]
fn what_is_stored_outlives_a_gc_before_its_ref_moves() {
    let scratch = Scratch::with(&[("a", "1")]);
    let repo = scratch.repo();
    let head = scratch.id("HEAD");
    let tree = tree(&repo, "new");
    scratch.git(GC);
    let commit = repo
        .make_commit(&NewCommit {
            tree,
            parents: std::slice::from_ref(&head),
            message: "kept",
            trailers: &[],
        })
        .unwrap();
    scratch.git(GC);
    scratch.git(&["prune", "--expire=now"]);
    let id: ExecutionId = "e".parse().unwrap();
    let name = RefName::execution(&id, "base");
    let moved = repo.move_commit_ref(&name, None, Some(&commit));
    assert_eq!(moved.unwrap(), Moved::Yes);
    drop(repo);
    assert_eq!(keeps(&scratch), 0, "keeping ends with the process");
    scratch.git(GC);
    assert_eq!(scratch.git(&["show", &format!("{name}:file")]), "new");
    assert_eq!(packs(&scratch), 1, "and git joins the packs");
    scratch.fsck();
}

#[test]
fn what_was_stored_before_and_collected_is_stored_again() {
    let scratch = Scratch::with(&[("a", "1")]);
    let repo = scratch.repo();
    let first = tree(&repo, "same");
    drop(repo);
    scratch.git(GC);
    let repo = scratch.repo();
    assert!(repo.tree(first).is_err(), "nothing pointed at it");
    assert_eq!(tree(&repo, "same"), first);
    assert_eq!(tree(&repo, "same"), first);
    assert_eq!(keeps(&scratch), 2, "each under a name of its own");
    scratch.git(GC);
    assert_eq!(repo.tree(first).unwrap().len(), 1);
}

#[test]
fn what_git_itself_merges_outlives_a_gc() {
    let scratch = Scratch::with(&[("old/a", "1\n2\n3\n4\n5\n6\n7\n8\n"), ("b", "1")]);
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("old/a", "one\n2\n3\n4\n5\n6\n7\n8\n");
    let side = scratch.commit("edits");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.git(&["mv", "old/a", "new"]);
    let main = scratch.commit("renames");
    let repo = scratch.repo();
    let Merge::Clean(tree) = repo.merge(&main, &side).unwrap() else {
        panic!("git knows renames");
    };
    scratch.git(GC);
    scratch.git(&["prune", "--expire=now"]);
    let merged = scratch.git(&["cat-file", "-p", &format!("{tree}:new")]);
    assert!(merged.starts_with("one\n"), "{merged}");
    let left = std::fs::read_dir(scratch.root().join(".git/objects/paracle-incoming"));
    assert_eq!(left.unwrap().count(), 0);
}

#[test]
fn a_checkouts_uncommitted_files_are_stored_part_by_part() {
    let scratch = Scratch::with(&[("a", "1")]);
    let repo = scratch.repo();
    let large: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    for name in ["large1", "large2"] {
        scratch.write(name, [name.as_bytes(), &large].concat());
    }
    for number in 0..30 {
        scratch.write(
            &format!("small{number}"),
            vec![number; 9000 + usize::from(number)],
        );
    }
    let tree = repo.checkout_tree().unwrap().tree;
    scratch.git(GC);
    let size = |name: &str| scratch.git(&["cat-file", "-s", &format!("{tree}:{name}")]);
    assert_eq!(size("large2"), (large.len() + 6).to_string());
    for number in 0..30 {
        assert_eq!(size(&format!("small{number}")), (9000 + number).to_string());
    }
    // Git's own of the large files, and ours of as many small ones as are held at once.
    assert!(packs(&scratch) > 3, "{}", packs(&scratch));
    let left = std::fs::read_dir(scratch.root().join(".git/objects/paracle-incoming"));
    assert_eq!(left.unwrap().count(), 0);
}

#[test]
fn what_a_killed_process_left_is_swept_by_the_next() {
    let scratch = Scratch::with(&[("a", "1")]);
    tree(&scratch.repo(), "x");
    let folder = scratch.root().join(".git/objects/pack");
    let pack = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension() == Some("idx".as_ref()))
        .unwrap();
    let dead = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    std::fs::write(
        pack.with_extension("keep"),
        format!("paracle-host {dead}\n"),
    )
    .unwrap();
    let half = folder.join("pack-7061726100000000000000000000000000000000.keep");
    std::fs::write(&half, format!("paracle-host {dead}\n")).unwrap();
    std::fs::write(half.with_extension("pack"), "PACK").unwrap();
    let persons = folder.join("pack-0000000000000000000000000000000000000001.keep");
    std::fs::write(&persons, "a person's\n").unwrap();
    let incoming = scratch.root().join(".git/objects/paracle-incoming");
    std::fs::create_dir_all(incoming.join(format!("{dead}-1"))).unwrap();
    // One that lives keeps what it keeps.
    let alive = scratch.repo();
    tree(&alive, "alive");
    assert_eq!(keeps(&scratch), 2);
    let other = scratch.repo();
    tree(&other, "other");
    assert_eq!(keeps(&scratch), 3, "the person's, and one of each process");
    assert!(persons.exists() && pack.exists() && !half.with_extension("pack").exists());
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
}

#[test]
fn many_small_packs_are_joined_and_nothing_is_lost() {
    let scratch = Scratch::with(&[("a", "1")]);
    let trees: Vec<_> = (0..30)
        .map(|n| tree(&scratch.repo(), &n.to_string()))
        .collect();
    let packs = packs(&scratch);
    assert!(packs < 24, "{packs}");
    for tree in trees {
        let said = scratch.git(&["cat-file", "-p", &format!("{tree}:file")]);
        assert!(said.parse::<u32>().is_ok(), "{said}");
    }
    scratch.fsck();
}

#[test]
fn no_ref_is_missed_or_lost_while_git_packs_them() {
    let scratch = Scratch::with(&[("a", "1")]);
    let one = scratch.id("HEAD");
    let two = scratch.commit("second");
    let repo = scratch.repo();
    let id: ExecutionId = "e".parse().unwrap();
    let names: Vec<_> = (0..8)
        .map(|n| RefName::execution(&id, &format!("conflicts/{n}")))
        .collect();
    for name in &names {
        let made = repo.move_commit_ref(name, None, Some(&one));
        assert_eq!(made.unwrap(), Moved::Yes);
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                scratch.git(&["pack-refs", "--all"]);
            }
        });
        let rounds = || {
            let mut at = (&one, &two);
            for round in 0..24 {
                let name = &names[round % names.len()];
                if round % 8 == 0 {
                    std::mem::swap(&mut at.0, &mut at.1);
                }
                let moved = repo.move_commit_ref(name, Some(at.1), Some(at.0)).unwrap();
                assert_eq!(moved, Moved::Yes, "{name} in round {round}");
                let listed = repo.list_refs("refs/paracle/executions/*").unwrap();
                assert_eq!(listed.len(), names.len(), "in round {round}");
            }
            for name in &names {
                let gone = repo.move_commit_ref(name, Some(at.0), None).unwrap();
                assert_eq!(gone, Moved::Yes, "{name}");
            }
        };
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(rounds));
        over.store(true, Ordering::Relaxed);
        done.unwrap();
    });
    assert!(repo.list_refs("refs/paracle/*").unwrap().is_empty());
    assert_eq!(scratch.git(&["for-each-ref", "refs/paracle"]), "");
}
