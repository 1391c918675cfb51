//! The same random sequences on the git tree and on a checkout: the same answers, the same error codes, the same tree.

use std::collections::BTreeMap;
use std::fs;

use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::differences::Difference;
use super::step::Planned;
use super::{generate, kept, reference};
use crate::common::TestEnv;

/// How many sequences one call of the guest works through.
const SEQUENCES: usize = 150;

/// How often a sequence that fails is tried again shorter.
const SHRINKS: usize = 300;

const YAML: &str = "plugins: [{name: wasi-fs, grants: {workspace: read-write}, limits: {time_ms: 600000, \
    cpu_ms: 600000, result_kib: 65536}}]";

type Sequence = Vec<Planned>;

/// What came of some sequences.
#[derive(Default)]
struct Compared {
    /// Which sequences failed, where, and how.
    failed: Vec<(usize, String)>,
    steps: usize,
    worked: usize,
    differences: BTreeMap<Difference, usize>,
}

impl Compared {
    fn met(&mut self, difference: Difference) {
        *self.differences.entry(difference).or_default() += 1;
    }
}

#[test]
fn a_repository_under_a_roof_answers_as_one_that_is_the_workspace_itself() {
    // The first sequences of the test below.
    let mut bytes = [0; 32];
    bytes[0] = 1;
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let strategy = generate::sequence();
    let sequences: Vec<Sequence> = (0..40)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    let compared = compare(&sequences, Some("app"));
    assert_eq!(compared.failed, []);
    assert!(compared.steps > 300, "{} steps", compared.steps);
}

#[test]
pub(crate) fn the_git_tree_answers_as_the_built_in_file_system_does() {
    let mut totals = compare(&kept::sequences(), None);
    assert!(totals.failed.is_empty(), "{:?}", totals.failed);
    for seed in seeds() {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        let strategy = generate::sequence();
        let mut trees: Vec<_> = (0..SEQUENCES)
            .map(|_| strategy.new_tree(&mut runner).unwrap())
            .collect();
        let sequences: Vec<Sequence> = trees.iter().map(ValueTree::current).collect();
        let compared = compare(&sequences, None);
        if let Some((which, how)) = compared.failed.first() {
            let all: Vec<_> = compared
                .failed
                .iter()
                .map(|(_, how)| how.as_str())
                .collect();
            println!("{} sequences differ:\n{}", all.len(), all.join("\n"));
            let (shorter, how) = shrink(trees.remove(*which), how.clone());
            panic!(
                "seed {seed} (PARACLE_TEST_SEED={seed} tries it again): {how}\nafter {shorter:#?}"
            );
        }
        totals.steps += compared.steps;
        totals.worked += compared.worked;
        for (difference, times) in compared.differences {
            *totals.differences.entry(difference).or_default() += times;
        }
    }
    // A test that compares nothing would pass.
    assert!(totals.steps > 3000, "{} steps", totals.steps);
    let (worked, steps) = (totals.worked, totals.steps);
    assert!(worked * 4 > steps, "{worked} of {steps} worked");
    // One seed of a person's own need not meet all of them.
    let asked = std::env::var_os("PARACLE_TEST_SEED").is_some();
    for difference in Difference::ALL.into_iter().filter(|_| !asked) {
        assert!(
            totals.differences.contains_key(&difference),
            "{difference:?} was not met"
        );
    }
}

/// Returns the seed that a person asked for, or a few that are always the same.
fn seeds() -> Vec<u64> {
    match std::env::var("PARACLE_TEST_SEED") {
        // `PARACLE_TEST_SEED=7` or `PARACLE_TEST_SEED=100..120`.
        Ok(text) => match text.split_once("..") {
            Some((first, end)) => (first.parse().unwrap()..end.parse().unwrap()).collect(),
            None => vec![text.parse().unwrap()],
        },
        Err(_) => vec![1, 2],
    }
}

fn shrink(mut tree: impl ValueTree<Value = Sequence>, mut how: String) -> (Sequence, String) {
    let mut shortest = tree.current();
    for _ in 0..SHRINKS {
        let compared = compare(&[tree.current()], None);
        let goes_on = match compared.failed.into_iter().next() {
            Some((_, still)) => {
                shortest = tree.current();
                how = still;
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !goes_on {
            break;
        }
    }
    (shortest, how)
}

/// Works through sequences on both file systems; of ours, under a roof where the repository has a name.
fn compare(sequences: &[Sequence], name: Option<&str>) -> Compared {
    let env = TestEnv::with_plugins(&["wasi-fs"], YAML);
    for number in 0..sequences.len() {
        generate::fixture(&env.repo().join(format!("s{number}")));
    }
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=fixtures"]);

    let (repo, under) = name.map_or_else(
        || (".".to_owned(), String::new()),
        |name| (format!("{name}=."), format!("{name}/")),
    );
    let sequences_text = serde_json::to_string(sequences).unwrap();
    let arguments = serde_json::json!({"sequences": sequences_text, "under": under});
    fs::write(env.outside("arguments.json"), arguments.to_string()).unwrap();
    let arguments = format!("@{}", env.outside("arguments.json").display());
    let receipt = env
        .run(&[
            "--repo",
            &repo,
            "run",
            "wasi-fs__steps",
            "--args",
            &arguments,
            "--json",
        ])
        .exits(0)
        .json();
    let ours = reference::ended(&receipt["reply"]["ok"]["structured"]);

    // What the git tree refuses on purpose, the other one does and takes back.
    let mut planned = sequences.to_vec();
    let mut compared = Compared::default();
    for (sequence, ours) in planned.iter_mut().zip(&ours) {
        for (planned, ours) in sequence.iter_mut().zip(ours) {
            planned.undo = Difference::refused(&planned.step, ours).is_some();
            if let Some(theirs) = Difference::in_their_words(&planned.step) {
                planned.step = theirs;
                compared.met(Difference::Ending);
            }
        }
    }
    let theirs = reference::steps(&env.repo(), &serde_json::to_string(&planned).unwrap());

    for (number, sequence) in planned.iter().enumerate() {
        for (at, planned) in sequence.iter().enumerate() {
            let (ours, theirs) = (&ours[number][at], &theirs[number][at]);
            compared.steps += 1;
            compared.worked += usize::from(ours.starts_with("ok"));
            if ours == theirs {
                continue;
            }
            let works = theirs == "ok" || theirs == "ok replaces";
            let difference = Difference::refused(&planned.step, ours)
                .filter(|_| works)
                .or_else(|| Difference::told(&planned.step, ours, theirs));
            if let Some(difference) = difference {
                compared.met(difference);
            } else {
                let how = format!("{:?}\n ours: {ours}\n theirs: {theirs}", planned.step);
                compared.failed.push((number, how));
                break;
            }
        }
    }
    if compared.failed.is_empty() {
        let branch = match name {
            None => &receipt["branch"],
            Some(_) => &receipt["repositories"][0]["branch"],
        };
        compared.failed.extend(other_tree(&env, branch));
    }
    compared
}

/// Compares the tree that was committed with the checkout, as git adds it.
fn other_tree(env: &TestEnv, branch: &serde_json::Value) -> Option<(usize, String)> {
    let branch = branch.as_str().unwrap_or("main");
    env.git(&["add", "--all"]);
    let theirs = env.git(&["write-tree"]);
    let differing = env.git(&["diff-tree", "-r", "--no-renames", branch, theirs.trim()]);
    let first = differing.lines().next()?;
    let number = first.split("\ts").nth(1)?.split('/').next()?.parse().ok()?;
    Some((
        number,
        format!("the trees differ, ours first:\n{differing}"),
    ))
}
