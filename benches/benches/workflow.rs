//! What a workflow costs beside the calls of its steps alone: a step's execution, its commit, and the graph.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::time::Duration;

use paracle_benches::{
    BenchHost, Failure, GeneratedRepository, Work, define, is_smoke, is_wanted, resident, runtime,
};

const STEPS: usize = 200;
const ROUNDS: usize = 9;

/// What is measured, how many steps stand beside each other, and how it is shown.
const ROWS: [(Work, usize, &str); 4] = [
    (Work::Looks, 50, "200 steps that look, 50 at once"),
    (Work::Looks, 1, "200 steps that look, one by one"),
    (Work::Writes, 50, "200 steps that write, 50 at once"),
    (Work::Writes, 1, "200 steps that write, one by one"),
];

fn main() -> Result<(), Failure> {
    if !is_wanted("workflow") {
        return Ok(());
    }
    let (steps, rounds) = if is_smoke() { (60, 1) } else { (STEPS, ROUNDS) };
    let repository = GeneratedRepository::of(1000)?;
    let runtime = runtime()?;
    let host = runtime.block_on(BenchHost::open(&repository))?;
    println!(
        "{:<36}{:>12}{:>12}{:>14}   goal",
        "workflow", "all of it", "its calls", "a step more"
    );
    for (work, wide, row) in ROWS {
        define(&repository, work, steps, wide)?;
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(runtime.block_on(host.workflow(work))?);
            floor.push(runtime.block_on(host.calls_of(work, steps, wide))?);
        }
        let (ours, floor) = (median(ours), median(floor));
        let more = ours.saturating_sub(floor) / u32::try_from(steps)?;
        println!("{row:<36}{ours:>12.2?}{floor:>12.2?}{more:>14.2?}   <= 2 ms");
    }
    define(&repository, Work::Writes, steps, 50)?;
    let before = resident()?;
    for _ in 0..rounds {
        runtime.block_on(host.workflow(Work::Writes))?;
    }
    println!(
        "resident after {rounds} more runs: {} KiB, before them {before} KiB   flat",
        resident()?
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
