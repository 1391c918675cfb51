//! How long a spinning guest goes on after its caller has cancelled it: at the 99th percentile, 10 ms is the goal.
//!
//! The answer comes when the guest is gone, its memory given back: one time for both.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use paracle_benches::{
    BenchHost, BusyThreads, Failure, GeneratedRepository, Tail, is_smoke, is_wanted, runtime,
};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const GOAL: &str = "p99 <= 10 ms";

/// How long the guests spin before one is cancelled: longer than it takes to be known for a heavy one.
const BEFORE: Duration = Duration::from_millis(15);

struct Spinning {
    cancel: CancellationToken,
    answered: JoinHandle<Result<Instant, Failure>>,
}

fn spin(runtime: &Runtime, host: &Arc<BenchHost>) -> Spinning {
    let cancel = CancellationToken::new();
    let (host, token) = (host.clone(), cancel.clone());
    Spinning {
        answered: runtime
            .spawn(async move { Box::pin(host.call_until("spin__spin", token)).await }),
        cancel,
    }
}

fn stop(runtime: &Runtime, guest: Spinning) -> Result<Duration, Failure> {
    let signal = Instant::now();
    guest.cancel.cancel();
    let answered = runtime.block_on(guest.answered)??;
    Ok(answered.duration_since(signal))
}

fn main() -> Result<(), Failure> {
    let rounds = if is_smoke() { 3 } else { 300 };
    let runtime = runtime()?;
    let repository = GeneratedRepository::of(1)?;
    let host = Arc::new(runtime.block_on(BenchHost::open(&repository))?);
    println!(
        "{:<44}{:>10}{:>10}   goal",
        "time from the signal to the answer", "p50", "p99"
    );
    for busy in [false, true] {
        let beside = if busy { ", processors busy" } else { "" };
        let line = |row: &str, tail: &Tail, goal: &str| {
            let (middle, slow) = (tail.percentile(50), tail.percentile(99));
            println!("{row:<44}{middle:>10.2?}{slow:>10.2?}   {goal}");
        };
        let late = {
            let _busy = busy.then(BusyThreads::start);
            Tail::of_the_machine(rounds)
        };
        line(
            &format!("a sleeping thread wakes late by{beside}"),
            &late,
            "the machine's own",
        );
        for guests in [1, 2, 8, 64] {
            let row = format!("stop: {guests} spinning{beside}");
            if !is_wanted(&row) {
                continue;
            }
            let _busy = busy.then(BusyThreads::start);
            let mut spinning: Vec<_> = (0..guests).map(|_| spin(&runtime, &host)).collect();
            // Each has had its first turns.
            std::thread::sleep(BEFORE * guests.max(10));
            let mut tail = Tail::default();
            for round in 0..rounds {
                std::thread::sleep(BEFORE);
                let at = round % spinning.len();
                let guest = std::mem::replace(&mut spinning[at], spin(&runtime, &host));
                tail.add(stop(&runtime, guest)?);
            }
            for guest in spinning {
                stop(&runtime, guest)?;
            }
            line(&row, &tail, GOAL);
        }
    }
    Ok(())
}
