//! Random merges, by ours and by `git merge-tree`: the same tree, or the same conflicts.
//!
//! `cargo xtask merge-equivalence` runs thousands of them; here run some hundred.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read their own variables, and start programs"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use git2::{Commit, Oid, Repository, Signature, Time};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::change_tests::{Case, FILE, Files, apply, case, put};
use super::scratch::Scratch;
use super::tree_merge::TreeMerge;
use super::*;
use crate::model::CommitId;

/// How many merges where nobody says it.
const MERGES: u32 = 200;

/// A repository whose objects are written without waiting for the disk.
struct Store {
    scratch: Scratch,
    git: Repository,
}

impl Store {
    fn new() -> Self {
        let scratch = Scratch::empty();
        let git = Repository::open(scratch.root()).unwrap();
        Self { scratch, git }
    }

    fn tree(&self, files: &Files) -> Oid {
        let mut builder = self.git.treebuilder(None).unwrap();
        let mut below: BTreeMap<&str, Files> = BTreeMap::new();
        for (path, (mode, content)) in files {
            if let Some((dir, rest)) = path.split_once('/') {
                let file = (*mode, content.clone());
                below.entry(dir).or_default().insert(rest.to_owned(), file);
            } else {
                let blob = self.git.blob(content).unwrap();
                let mode = i32::try_from(*mode).unwrap();
                builder.insert(path, blob, mode).map(drop).unwrap();
            }
        }
        for (dir, files) in below {
            let tree = self.tree(&files);
            builder.insert(dir, tree, 0o040_000).map(drop).unwrap();
        }
        builder.write().unwrap()
    }

    fn commit(&self, files: &Files, parents: &[Oid]) -> Oid {
        let who = Signature::new("A Person", "person@example.org", &Time::new(0, 0)).unwrap();
        let tree = self.git.find_tree(self.tree(files)).unwrap();
        let parents: Vec<Commit<'_>> = parents
            .iter()
            .map(|id| self.git.find_commit(*id).unwrap())
            .collect();
        let parents: Vec<&Commit<'_>> = parents.iter().collect();
        self.git
            .commit(None, &who, &who, "x", &tree, &parents)
            .unwrap()
    }

    /// Makes the two commits of a case.
    fn sides(&self, case: &Case) -> [Oid; 2] {
        let mut base = Files::new();
        for (path, text) in &case.base {
            put(&mut base, path, FILE, text.clone());
        }
        let root = self.commit(&base, &[]);
        let mut files = [base.clone(), base];
        for (files, changes) in files.iter_mut().zip(&case.sides) {
            for change in changes {
                apply(files, change);
            }
        }
        // Never the same commit, though the trees may be the same.
        let first = [0, 1].map(|n| {
            let middle = self.commit(&files[n], &[root]);
            if n == 0 {
                middle
            } else {
                self.commit(&files[n], &[middle])
            }
        });
        let Some(crossed) = &case.crossed else {
            return first;
        };
        let merged = [(0, 1), (1, 0)].map(|(own, other)| {
            let mut merged = files[own].clone();
            for (path, (mode, content)) in &files[other] {
                if !merged.contains_key(path) {
                    put(&mut merged, path, *mode, content.clone());
                }
            }
            merged
        });
        let mut files = merged;
        for (files, changes) in files.iter_mut().zip(crossed) {
            for change in changes {
                apply(files, change);
            }
        }
        [
            self.commit(&files[0], &[first[0], first[1]]),
            self.commit(&files[1], &[first[1], first[0]]),
        ]
    }

    /// What git says by itself: the tree, and the paths in conflict.
    fn git_says(&self, ours: &CommitId, theirs: &CommitId) -> (String, BTreeSet<String>) {
        let answer = Command::new("git")
            .current_dir(self.scratch.root())
            .args([
                "merge-tree",
                "--write-tree",
                "-z",
                "--name-only",
                "--no-messages",
            ])
            .args([ours.as_str(), theirs.as_str()])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(matches!(answer.status.code(), Some(0 | 1)), "{answer:?}");
        let text = String::from_utf8(answer.stdout).unwrap();
        let mut fields = text.split('\0').filter(|field| !field.is_empty());
        let tree = fields.next().unwrap().to_owned();
        (tree, fields.map(str::to_owned).collect())
    }
}

/// How the merges ended.
#[derive(Debug, Default)]
struct Counts {
    in_process: u32,
    asked: u32,
    crossed: u32,
    kinds: BTreeMap<&'static str, u32>,
}

fn check(store: &Store, case: &Case, counts: &mut Counts) -> Result<(), TestCaseError> {
    let repo = store.scratch.repo();
    let [ours, theirs] = store
        .sides(case)
        .map(|id| id.to_string().parse::<CommitId>().unwrap());
    let (tree, names) = store.git_says(&ours, &theirs);
    let bases = repo.merge_bases(&ours, &theirs).unwrap();
    counts.crossed += u32::from(bases.len() > 1);
    let trees = [&bases[0], &ours, &theirs].map(|id| repo.commit(id).unwrap().tree);
    let alone = repo
        .merge_trees(&mut Batch::default(), trees[0], trees[1], trees[2])
        .unwrap();
    match repo.merge(&ours, &theirs).unwrap() {
        Merge::Clean(merged) => {
            prop_assert_eq!((merged.to_string(), BTreeSet::new()), (tree, names));
            let decided = bases.len() == 1 && matches!(alone, TreeMerge::Clean(_));
            *(if decided {
                &mut counts.in_process
            } else {
                &mut counts.asked
            }) += 1;
        }
        Merge::Conflict(conflicted) => {
            prop_assert_eq!(conflicted.tree.to_string(), tree);
            let mut told = BTreeSet::new();
            for conflict in &conflicted.conflicts {
                *counts.kinds.entry(conflict.kind.name()).or_default() += 1;
                prop_assert!(conflict.kind != ConflictKind::Other, "{:?}", conflict);
                told.insert(conflict.path.to_string());
                told.extend(conflict.beside.iter().map(ToString::to_string));
            }
            prop_assert!(
                names.is_subset(&told),
                "{:?} {:?}",
                names,
                conflicted.conflicts
            );
        }
    }
    Ok(())
}

fn number(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_merges_are_gits_own_or_the_same_conflicts() {
    let merges = number("PARACLE_MERGES").unwrap_or(MERGES);
    let seed = number("PARACLE_MERGE_SEED").unwrap_or(1);
    println!("{merges} merges by seed {seed}: PARACLE_MERGES and PARACLE_MERGE_SEED say others");
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: merges,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let store = Store::new();
    let counts = std::cell::RefCell::new(Counts::default());
    let done = runner.run(&case(), |case| {
        check(&store, &case, &mut counts.borrow_mut())
    });
    let counts = counts.into_inner();
    println!("{counts:?}");
    if let Err(error) = done {
        panic!("seed {seed}: {error}");
    }
    assert!(
        counts.in_process > 0 && counts.asked > 0 && counts.crossed > 0 && counts.kinds.len() > 4,
        "{counts:?}"
    );
    store.scratch.fsck();
}
