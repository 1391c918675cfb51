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

use super::scratch::Scratch;
use super::tree_merge::TreeMerge;
use super::*;
use crate::model::CommitId;

/// How many merges where nobody says it.
const MERGES: u32 = 200;

type Files = BTreeMap<String, (u32, Vec<u8>)>;

const FILE: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
const LINK: u32 = 0o120_000;

/// One change of a tree; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Change {
    Replace(usize, usize, u8),
    Insert(usize, usize, u8),
    Cut(usize, usize),
    Rewrite(usize, Vec<u8>),
    Binary(usize, u8),
    Remove(usize),
    Rename(usize, String),
    RenameDirectory(usize, String),
    Mode(usize),
    Link(usize, u8),
    ToDirectory(usize),
    ToFile(usize, Vec<u8>),
    Add(String, Vec<u8>),
}

#[derive(Debug, Clone)]
struct Case {
    base: Vec<(String, Vec<u8>)>,
    sides: [Vec<Change>; 2],
    /// What the sides change once each has merged the other: then there are two bases.
    crossed: Option<[Vec<Change>; 2]>,
}

fn path() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "b", "c", "d/a", "d/b", "d/e/a", "f/a", "f/b", "g", "h/i/j/k", "d", "f",
    ])
    .prop_map(str::to_owned)
}

/// Lines of few words, so that many are there twice.
fn text() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(0u8..14, 0..24), any::<bool>()).prop_map(|(lines, ended)| {
        let lines: Vec<String> = lines.iter().map(|line| word(*line)).collect();
        let end = if ended { "\n" } else { "" };
        (lines.join("\n") + end).into_bytes()
    })
}

fn word(n: u8) -> String {
    match n {
        0 | 1 => String::new(),
        2 | 3 => "}".to_owned(),
        n => format!("a line that says {n}"),
    }
}

fn change() -> impl Strategy<Value = Change> {
    let n = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    prop_oneof![
        6 => (n(), n(), 0u8..14).prop_map(|(f, l, w)| Change::Replace(f, l, w)),
        5 => (n(), n(), 0u8..14).prop_map(|(f, l, w)| Change::Insert(f, l, w)),
        4 => (n(), n()).prop_map(|(f, l)| Change::Cut(f, l)),
        1 => (n(), text()).prop_map(|(f, t)| Change::Rewrite(f, t)),
        1 => (n(), any::<u8>()).prop_map(|(f, b)| Change::Binary(f, b)),
        2 => n().prop_map(Change::Remove),
        3 => (n(), path()).prop_map(|(f, p)| Change::Rename(f, p)),
        1 => (n(), path()).prop_map(|(f, p)| Change::RenameDirectory(f, p)),
        1 => n().prop_map(Change::Mode),
        1 => (n(), 0u8..3).prop_map(|(f, t)| Change::Link(f, t)),
        1 => n().prop_map(Change::ToDirectory),
        1 => (n(), text()).prop_map(|(f, t)| Change::ToFile(f, t)),
        2 => (path(), text()).prop_map(|(p, t)| Change::Add(p, t)),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let changes = || prop::collection::vec(change(), 0..5);
    let both = || [changes(), changes()];
    (
        prop::collection::vec((path(), text()), 1..8),
        both(),
        prop::option::weighted(0.15, both()),
    )
        .prop_map(|(base, sides, crossed)| Case {
            base,
            sides,
            crossed,
        })
}

/// Puts a file somewhere; what stands in its way goes.
fn put(files: &mut Files, path: &str, mode: u32, content: Vec<u8>) {
    let below = format!("{path}/");
    files.retain(|other, _| !other.starts_with(&below) && !path.starts_with(&format!("{other}/")));
    files.insert(path.to_owned(), (mode, content));
}

fn apply(files: &mut Files, change: &Change) {
    let pick = |n: usize| {
        let at = n % files.len().max(1);
        files.keys().nth(at).cloned()
    };
    let lines = |files: &mut Files, n: usize, edit: &dyn Fn(&mut Vec<String>)| {
        let at = n % files.len().max(1);
        if let Some((mode, content)) = files.values_mut().nth(at)
            && *mode != LINK
            && !content.contains(&0)
        {
            let text = String::from_utf8(content.clone()).unwrap();
            let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            edit(&mut lines);
            *content = lines.join("\n").into_bytes();
        }
    };
    match change {
        Change::Replace(n, at, w) => lines(files, *n, &|lines| {
            let at = at % lines.len();
            lines[at] = word(*w);
        }),
        Change::Insert(n, at, w) => lines(files, *n, &|lines| {
            lines.insert(at % (lines.len() + 1), word(*w));
        }),
        Change::Cut(n, at) => lines(files, *n, &|lines| {
            lines.remove(at % lines.len());
            if lines.is_empty() {
                lines.push(String::new());
            }
        }),
        Change::Rewrite(n, text) => {
            if let Some(path) = pick(*n) {
                files.insert(path, (FILE, text.clone()));
            }
        }
        Change::Binary(n, byte) => {
            if let Some(path) = pick(*n) {
                files.insert(path, (FILE, vec![0, *byte, 10, 7]));
            }
        }
        Change::Remove(n) => {
            if let Some(path) = pick(*n) {
                files.remove(&path);
            }
        }
        Change::Rename(n, to) => {
            if let Some((mode, content)) = pick(*n).and_then(|path| files.remove(&path)) {
                put(files, to, mode, content);
            }
        }
        Change::RenameDirectory(n, to) => {
            if let Some((dir, _)) = pick(*n).as_deref().and_then(|path| path.split_once('/')) {
                let below = format!("{dir}/");
                let (moved, kept): (Files, Files) = std::mem::take(files)
                    .into_iter()
                    .partition(|(path, _)| path.starts_with(&below));
                *files = kept;
                for (path, (mode, content)) in moved {
                    let rest = path.strip_prefix(&below).unwrap();
                    put(files, &format!("{to}/{rest}"), mode, content);
                }
            }
        }
        Change::Mode(n) => {
            let at = n % files.len().max(1);
            if let Some((mode @ (FILE | EXECUTABLE), _)) = files.values_mut().nth(at) {
                *mode ^= FILE ^ EXECUTABLE;
            }
        }
        Change::Link(n, target) => {
            if let Some(path) = pick(*n) {
                files.insert(path, (LINK, format!("to{target}").into_bytes()));
            }
        }
        Change::ToDirectory(n) => {
            if let Some(path) = pick(*n)
                && let Some((mode, content)) = files.remove(&path)
            {
                put(files, &format!("{path}/in"), mode, content);
            }
        }
        Change::ToFile(n, text) => {
            if let Some((dir, _)) = pick(*n).as_deref().and_then(|path| path.split_once('/')) {
                put(files, dir, FILE, text.clone());
            }
        }
        Change::Add(path, text) => put(files, path, FILE, text.clone()),
    }
}

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
    let alone = repo.merge_trees(trees[0], trees[1], trees[2]).unwrap();
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
