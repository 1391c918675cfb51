//! Many processes at once in one repository, alone and beside a person who commits and collects garbage.
//!
//! A few executions here; `cargo xtask crowd-test` has 64 of them, from 8 processes at a time.
#![expect(
    clippy::print_stderr,
    reason = "how many landed is what the long form has to say"
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::Value;

use crate::common::TestEnv;

const PLUGINS: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// Each so many-th execution writes the same file as the others of its kind.
const CONTENDED: usize = 8;

/// What became of an execution.
#[derive(Debug)]
struct Landing {
    id: usize,
    merged: bool,
    branch: String,
}

fn number(variable: &str, few: usize) -> usize {
    let given = std::env::var(variable).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(few)
}

fn executions() -> usize {
    number("PARACLE_CROWD_EXECUTIONS", 10)
}

/// A file with a line for each execution, far enough from the next that git merges them.
fn shared(line: impl Fn(usize) -> String) -> String {
    let lines: Vec<String> = (0..executions()).map(line).collect();
    lines.join("\n\n\n\n") + "\n"
}

fn prepare() -> TestEnv {
    let env = TestEnv::with_plugins(&["files"], PLUGINS);
    env.write(".parac/config/git.yaml", "base_branch: main\n");
    env.write("shared.txt", &shared(|id| format!("line {id:03}")));
    env.git(&["add", "shared.txt"]);
    env.git(&["commit", "--quiet", "--message=shared"]);
    env
}

/// Does one execution, two calls long, each a process of its own; the second merges it.
fn execution(env: &TestEnv, id: usize) -> Landing {
    let name = format!("crowd-{id}");
    let run = |words: &[&str]| {
        let head = ["run", "--json", "--execution", &name];
        env.run(&[&head, words].concat())
    };
    let path = format!("path=own/{id}");
    run(&["files__write", &path, "content=mine"]).exits(0);
    let (old, new) = (format!("old=line {id:03}"), format!("new=done {id:03}"));
    let content = format!("content={id}");
    let ended = if id.is_multiple_of(CONTENDED) {
        run(&["--merge", "files__write", "path=contended", &content])
    } else {
        run(&["--merge", "files__edit", "path=shared.txt", &old, &new])
    };
    let receipt = ended.json();
    let outcome = receipt["completed"]["merge"]["outcome"].as_str();
    let merged = match (ended.status, outcome) {
        (0, Some("merged")) => true,
        (4, Some("conflict")) => false,
        _ => panic!(
            "{name} ended with {}: {receipt:#}\n{}",
            ended.status, ended.stderr
        ),
    };
    if !merged {
        let paths = &receipt["completed"]["merge"]["paths"];
        assert!(paths.to_string().contains("contended"), "{receipt:#}");
    }
    Landing {
        id,
        merged,
        branch: receipt["branch"].as_str().map(str::to_owned).unwrap(),
    }
}

/// Does all executions, so many processes at a time.
fn crowd(env: &TestEnv) -> Vec<Landing> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut landings = Vec::new();
        loop {
            let id = next.fetch_add(1, Ordering::Relaxed);
            if id >= executions() {
                return landings;
            }
            landings.push(execution(env, id));
        }
    };
    std::thread::scope(|scope| {
        let processes = number("PARACLE_CROWD_PROCESSES", 4);
        let threads: Vec<_> = (0..processes).map(|_| scope.spawn(work)).collect();
        let landed = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        landed.collect()
    })
}

/// Checks that main has all of what was merged, and a branch the rest.
fn check(env: &TestEnv, landings: &[Landing]) {
    env.fsck();
    assert_eq!(landings.len(), executions());
    let own = env.git(&["ls-tree", "-r", "--name-only", "main", "own/"]);
    let own: Vec<&str> = own.lines().collect();
    for landing in landings {
        let there = own.contains(&format!("own/{}", landing.id).as_str());
        assert_eq!(there, landing.merged, "{landing:?}");
        if !landing.merged {
            let kept = env.git(&["show", &format!("{}:contended", landing.branch)]);
            assert_eq!(kept, landing.id.to_string());
        }
    }
    let edited = |id: usize| !id.is_multiple_of(CONTENDED);
    let word = |id| if edited(id) { "done" } else { "line" };
    let expected = shared(|id| format!("{} {id:03}", word(id)));
    assert_eq!(env.git(&["show", "main:shared.txt"]), expected);
    let merged = landings.iter().filter(|landing| landing.merged).count();
    let commits = env.git(&["rev-list", "--count", "--merges", "main"]);
    assert_eq!(commits.trim(), merged.to_string());
    for landing in landings.iter().filter(|landing| edited(landing.id)) {
        assert!(landing.merged, "only contended files conflict: {landing:?}");
    }
    assert!(merged > landings.len() - landings.len().div_ceil(CONTENDED));
    let listed = env.run(&["execution", "list", "--json"]).exits(0).json();
    let running = |execution: &&Value| execution["running"] == true;
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), executions());
    assert_eq!(listed.iter().filter(running).count(), 0);
    eprintln!(
        "{merged} merged, {} in conflict and kept",
        landings.len() - merged
    );
}

#[test]
fn a_crowd_that_merges_into_one_branch_loses_no_change_and_fails_at_no_lock() {
    let env = prepare();
    env.git(&["checkout", "--quiet", "-b", "mine"]);
    env.write("uncommitted.txt", "the person's\n");
    let before = env.checkout();
    let started = Instant::now();
    let landings = crowd(&env);
    eprintln!("alone: {:.1?}", started.elapsed());
    check(&env, &landings);
    assert_eq!(env.checkout(), before);
}

#[test]
fn a_crowd_that_merges_into_a_branch_that_is_checked_out_moves_the_checkout() {
    let env = prepare();
    let landings = crowd(&env);
    check(&env, &landings);
    assert_eq!(env.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_crowd_loses_nothing_while_a_person_commits_and_collects_garbage() {
    let env = prepare();
    env.git(&["checkout", "--quiet", "-b", "mine"]);
    let over = AtomicBool::new(false);
    let mut rounds = 0;
    let landings = std::thread::scope(|scope| {
        let all = scope.spawn(|| {
            let landings = std::panic::catch_unwind(|| crowd(&env));
            over.store(true, Ordering::Relaxed);
            landings
        });
        while !over.load(Ordering::Relaxed) {
            rounds += 1;
            // One after the other: git itself may take what a commit that is being made is about to need.
            env.write("mine.txt", &format!("{rounds}\n"));
            env.git(&["add", "mine.txt"]);
            env.git(&["commit", "--quiet", &format!("--message=mine {rounds}")]);
            env.git(&["gc", "--quiet", "--prune=now"]);
        }
        all.join().unwrap()
    });
    let landings = landings.unwrap();
    env.git(&["gc", "--quiet", "--prune=now"]);
    check(&env, &landings);
    let own = env.git(&["rev-list", "--count", "main..mine"]);
    assert_eq!(own.trim(), rounds.to_string());
    eprintln!("beside {rounds} commits, each with a `git gc --prune=now`");
}
