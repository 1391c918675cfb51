//! What a neighbour notices of an attack: at the 99th percentile its call may take three times as long as in quiet.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use paracle_benches::{
    BenchHost, Failure, GeneratedRepository, Tail, is_smoke, is_wanted, runtime,
};
use paracle_host::model::ExecutionId;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

const GOAL: f64 = 3.0;

/// Between the neighbour's calls, as between those of a quick assistant.
const PAUSE: Duration = Duration::from_millis(2);

/// How often quiet and attack take turns in a row, and how long each change is given.
const TURNS: usize = 5;
const SETTLED: Duration = Duration::from_millis(100);

/// Who attacks: a name, how many at once, the tool and its arguments.
fn attacks() -> Vec<(&'static str, usize, &'static str, Value)> {
    let push = |what: &str, n: u64| json!({ "what": what, "n": n, "path": "/workspace/flood" });
    vec![
        ("1 guest spins", 1, "spin__spin", json!({})),
        ("2 guests spin", 2, "spin__spin", json!({})),
        ("8 guests spin", 8, "spin__spin", json!({})),
        (
            "2 loop through host calls",
            2,
            "hostile__push",
            push("call", 0),
        ),
        (
            "2 take all memory",
            2,
            "hungry__allocate",
            json!({ "mib": 100_000 }),
        ),
        (
            "2 flood the log",
            2,
            "hostile__push",
            push("say", 1_000_000),
        ),
        (
            "2 flood the workspace",
            2,
            "hostile__push",
            push("files", 1_000_000),
        ),
        (
            "2 fill one file",
            2,
            "hostile__push",
            push("fill", 10_000_000_000),
        ),
    ]
}

/// Attacks again and again: each is ended by a limit, or not at all.
fn attack(
    runtime: &Runtime,
    host: &Arc<BenchHost>,
    tool: &'static str,
    arguments: Value,
) -> JoinHandle<()> {
    let host = host.clone();
    runtime.spawn(async move {
        loop {
            // It fails, and that is meant.
            drop(
                host.call(tool, arguments.clone(), &ExecutionId::generate())
                    .await,
            );
            tokio::task::yield_now().await;
        }
    })
}

/// Calls a neighbour at its pace, each from the moment that it is asked for to its answer.
fn calls(runtime: &Runtime, host: &Arc<BenchHost>, rounds: usize) -> Result<Tail, Failure> {
    let mut tail = Tail::default();
    for _ in 0..rounds {
        std::thread::sleep(PAUSE);
        let host = host.clone();
        let asked = Instant::now();
        let answered = runtime.spawn(async move {
            let execution = ExecutionId::generate();
            let answer = host.call("hello__greet", json!({ "name": "world" }), &execution);
            answer.await.map(|_| Instant::now())
        });
        tail.add(runtime.block_on(answered)??.duration_since(asked));
    }
    Ok(tail)
}

fn main() -> Result<(), Failure> {
    let rounds = if is_smoke() { TURNS } else { 2000 };
    let runtime = runtime()?;
    let repository = GeneratedRepository::of(1)?;
    let host = Arc::new(runtime.block_on(BenchHost::open(&repository))?);
    drop(calls(&runtime, &host, rounds / 10 + 1)?);
    println!(
        "{:<34}{:>10}{:>10}{:>10}{:>10}{:>8}   goal",
        "a neighbour's call", "quiet p50", "p99", "now p50", "p99", "ratio"
    );
    for (what, many, tool, arguments) in attacks() {
        if !is_wanted(&format!("neighbour: {what}")) {
            continue;
        }
        let (mut quiet, mut now) = (Tail::default(), Tail::default());
        // In turns, so that what else the machine does is in both.
        for _ in 0..TURNS {
            quiet.join(calls(&runtime, &host, rounds / TURNS)?);
            let attackers: Vec<_> = (0..many)
                .map(|_| attack(&runtime, &host, tool, arguments.clone()))
                .collect();
            std::thread::sleep(SETTLED);
            now.join(calls(&runtime, &host, rounds / TURNS)?);
            for attacker in attackers {
                attacker.abort();
            }
            std::thread::sleep(SETTLED);
        }
        let ratio = now.percentile(99).as_secs_f64() / quiet.percentile(99).as_secs_f64();
        println!(
            "{what:<34}{:>10.1?}{:>10.1?}{:>10.1?}{:>10.1?}{ratio:>8.2}   p99 <= {GOAL} x quiet",
            quiet.percentile(50),
            quiet.percentile(99),
            now.percentile(50),
            now.percentile(99)
        );
    }
    Ok(())
}
