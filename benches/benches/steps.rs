//! Each step of an execution at three sizes of repository, beside git with a worktree, and the goals beside both.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::time::Duration;

use paracle_benches::{
    Failure, GeneratedRepository, Laps, Step, Tail, floor, is_smoke, is_wanted, ours,
};

/// What is measured, by the name that asks for it alone, and how often git does its part: each time, it writes the whole tree.
const SIZES: [(usize, &str, usize); 3] = [
    (1_000, "steps-1k", 3),
    (10_000, "steps-10k", 3),
    (100_000, "steps-100k", 2),
];

/// Rounds of ours.
const ROUNDS: usize = 15;

const ROWS: [(Step, &str, &str); 10] = [
    (Step::Start, "start", "2 ms; 100k <= 1.5 x 1k"),
    (Step::FirstRead, "first read", ""),
    (Step::Hold, "refs of a start by itself", "2 ms in memory"),
    (Step::FirstWrite, "refs and commit of 1st write", ""),
    (Step::CheckpointOne, "checkpoint of 1 file", ""),
    (Step::CheckpointMany, "checkpoint of 100 files", ""),
    (Step::Diff, "diff", ""),
    (Step::Merge, "clean merge", "10 ms at 100k"),
    (Step::Discard, "discard", ""),
    (
        Step::Whole,
        "start, write, commit, merge",
        "ratio <= 0.01 at 100k",
    ),
];

fn main() -> Result<(), Failure> {
    if !SIZES.iter().any(|(_, name, _)| is_wanted(name)) {
        return Ok(());
    }
    let (sizes, rounds) = if is_smoke() {
        (&SIZES[..1], 1)
    } else {
        (&SIZES[..], ROUNDS)
    };
    let late = Tail::of_the_machine(300);
    println!(
        "a sleeping thread wakes late by {:.2?} (p50), {:.2?} (p99)",
        late.percentile(50),
        late.percentile(99)
    );
    let mut starts = Vec::new();
    for (files, size, floor_rounds) in sizes {
        // The smallest is always measured, without git: what the others' starts are compared with.
        let floor_rounds = match (is_wanted(size), starts.is_empty()) {
            (true, _) => rounds.min(*floor_rounds),
            (false, true) => 0,
            (false, false) => continue,
        };
        let repository = GeneratedRepository::of(*files)?;
        repository.make_target()?;
        let (mut host, mut git) = (Laps::default(), Laps::default());
        // In turns, so that both see the same machine.
        for round in 0..rounds {
            host.join(ours(&repository, *files, round)?);
            if round < floor_rounds {
                git.join(floor(&repository, *files, round)?);
            }
        }
        println!(
            "\n{:<32}{:>10}{:>10}{:>9}   goal",
            size, "ours", "git", "ratio"
        );
        for (step, row, goal) in ROWS {
            let (ours, git) = (host.median(step), git.median(step));
            let ratio = ours
                .zip(git)
                .map(|(ours, git)| ours.as_secs_f64() / git.as_secs_f64());
            let ratio = ratio.map(|ratio| format!("{ratio:.4}")).unwrap_or_default();
            println!(
                "{row:<32}{:>10}{:>10}{ratio:>9}   {goal}",
                shown(ours),
                shown(git)
            );
            if step == Step::Start {
                starts.extend(ours);
            }
        }
    }
    if let (Some(first), Some(last)) = (starts.first(), starts.last()) {
        println!(
            "\nstart, largest to smallest: {:.2}",
            last.as_secs_f64() / first.as_secs_f64()
        );
    }
    Ok(())
}

fn shown(time: Option<Duration>) -> String {
    time.map(|time| format!("{time:.2?}")).unwrap_or_default()
}
