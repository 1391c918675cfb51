//! Each step of an execution at three sizes of repository, beside git with a worktree, and the goals beside both.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::time::Duration;

use paracle_benches::{
    Failure, GeneratedRepository, Laps, Step, Tail, floor, is_smoke, is_wanted, ours,
};

const SIZES: [(usize, &str); 3] = [(1_000, "1k"), (10_000, "10k"), (100_000, "100k")];

/// Rounds of ours; git's are few, because each writes the whole tree.
const ROUNDS: usize = 15;
const FLOOR_ROUNDS: usize = 3;

const ROWS: [(Step, &str, &str); 9] = [
    (Step::Start, "start", "2 ms; 100k <= 1.5 x 1k"),
    (Step::FirstRead, "first read", ""),
    (Step::Hold, "the first write's refs", ""),
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
    if !is_wanted("steps") {
        return Ok(());
    }
    let (sizes, rounds, floor_rounds) = if is_smoke() {
        (&SIZES[..1], 1, 1)
    } else {
        (&SIZES[..], ROUNDS, FLOOR_ROUNDS)
    };
    let late = Tail::of_the_machine(300);
    println!(
        "a sleeping thread wakes late by {:.2?} (p50), {:.2?} (p99)",
        late.percentile(50),
        late.percentile(99)
    );
    let mut starts = Vec::new();
    for (files, size) in sizes {
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
            format!("{size} files"),
            "ours",
            "git",
            "ratio"
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
