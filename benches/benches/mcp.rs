//! What a client notices: a call into a fresh sandbox over standard input and output, beside rmcp's own with no sandbox at all.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use paracle_benches::{Client, Era, Failure, GeneratedRepository, Measured, Tail, Wires};
use paracle_benches::{is_smoke, is_wanted};
use paracle_sample_artifacts::{ALL, fixtures};
use serde_json::json;

/// How many plugins are loaded where it says so.
const PLUGINS: usize = 20;

/// How many calls are in flight where it says so.
const WINDOW: usize = 64;

/// Rounds of each measurement, ours and the floor by turns: what the machine does meanwhile meets both.
const ROUNDS: usize = 5;

/// A repository with plugins, and the home of the person who uses it.
struct Place {
    repository: GeneratedRepository,
    home: tempfile::TempDir,
    program: PathBuf,
}

impl Place {
    fn with(plugins: usize, program: &Path) -> Result<Self, Failure> {
        let repository = GeneratedRepository::of(1)?;
        let folder = repository.folder().join(".parac/plugins");
        std::fs::create_dir_all(&folder)?;
        let hello = ALL.iter().filter(|(name, _)| *name == "hello");
        let others = ALL.iter().filter(|(name, _)| *name != "hello");
        // Guests that are no tools, or that no host loads, stand for those that a person may have as well.
        let all = hello.chain(others).chain(fixtures::ALL);
        for (name, bytes) in all.take(plugins) {
            std::fs::write(folder.join(format!("{name}.wasm")), bytes)?;
        }
        Ok(Self {
            repository,
            home: tempfile::tempdir()?,
            program: program.to_owned(),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["mcp", "serve", "--stdio"])
            .current_dir(self.repository.folder())
            .env("HOME", self.home.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME");
        command
    }
}

fn bare() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bare-echo"))
}

/// Latencies and rates of both.
#[derive(Default)]
struct Both {
    one: Measured,
    many: Measured,
}

impl Both {
    fn add(&mut self, client: &mut Client, tool: &str, calls: usize) -> Result<(), Failure> {
        let arguments = json!({ "name": "world" });
        self.one.join(client.one_by_one(tool, &arguments, calls)?);
        self.many
            .join(client.many_at_once(tool, &arguments, (calls, WINDOW))?);
        Ok(())
    }
}

fn calls(place: &Place, wires: Wires, era: Era, name: &str) -> Result<(), Failure> {
    if !is_wanted(name) {
        return Ok(());
    }
    let (rounds, calls) = if is_smoke() { (1, 70) } else { (ROUNDS, 2000) };
    let mut ours = Client::start(place.command(), wires, era)?;
    let mut floor = Client::start(bare(), wires, era)?;
    // Warm-up: the first call compiles.
    Both::default().add(&mut ours, "hello__greet", calls / 4)?;
    Both::default().add(&mut floor, "greet", calls / 4)?;
    let (mut our, mut its) = (Both::default(), Both::default());
    for _ in 0..rounds {
        its.add(&mut floor, "greet", calls)?;
        our.add(&mut ours, "hello__greet", calls)?;
    }
    let of = |percent: usize| {
        (
            our.one.latencies.percentile(percent),
            its.one.latencies.percentile(percent),
        )
    };
    let (p50, floor50) = of(50);
    let (p99, floor99) = of(99);
    line(&format!("call, {name}: p50"), p50, floor50, "<= 1.6");
    line(&format!("call, {name}: p99"), p99, floor99, "<= 3");
    let (rate, most) = (our.many.rate(), its.many.rate());
    println!(
        "{:<44}{:>12.0}{:>12.0}{:>8.2}   >= 0.6",
        format!("calls a second, {WINDOW} in flight, {name}"),
        rate,
        most,
        rate / most
    );
    ours.end()?;
    floor.end()
}

/// Measures starts: the first of a place compiles what it has, the others find that.
fn start(place: &Place, goal: &str, plugins: usize) -> Result<(), Failure> {
    let name = format!("start to first list, {plugins} plugins");
    if !is_wanted(&name) {
        return Ok(());
    }
    let rounds = if is_smoke() { 1 } else { 20 };
    let (mut ours, mut floor) = (Tail::default(), Tail::default());
    let mut resident = 0;
    let mut peak = 0;
    Client::start(place.command(), Wires::Pipes, Era::Legacy)?.end()?;
    for _ in 0..rounds {
        let client = Client::start(place.command(), Wires::Pipes, Era::Legacy)?;
        ours.add(client.first_list);
        let memory = client.server().memory()?;
        (resident, peak) = (memory.resident, peak.max(memory.peak));
        client.end()?;
        let client = Client::start(bare(), Wires::Pipes, Era::Legacy)?;
        floor.add(client.first_list);
        client.end()?;
    }
    line(&name, ours.percentile(50), floor.percentile(50), goal);
    println!(
        "{:<44}{:>12}{:>12}{:>8}   at the peak <= 30 MB with {PLUGINS}",
        format!("memory after it, and at its peak, {plugins}"),
        mib(resident),
        mib(peak),
        ""
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so much")]
fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn line(row: &str, ours: Duration, floor: Duration, goal: &str) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64().max(f64::EPSILON);
    println!("{row:<44}{ours:>12.1?}{floor:>12.1?}{ratio:>8.2}   {goal}");
}

fn main() -> Result<(), Failure> {
    let program = std::env::var_os("PARACLE_HOST").map(PathBuf::from).ok_or(
        "PARACLE_HOST does not name the program to be measured: `cargo xtask bench` builds it and says so",
    )?;
    println!(
        "{:<44}{:>12}{:>12}{:>8}   goal (the floor is rmcp alone)",
        "over standard input and output", "ours", "floor", "ratio"
    );
    let few = Place::with(1, &program)?;
    calls(&few, Wires::Pipes, Era::Legacy, "2025-11-25, pipes")?;
    calls(&few, Wires::Sockets, Era::Legacy, "2025-11-25, sockets")?;
    calls(&few, Wires::Pipes, Era::Modern, "2026-07-28, pipes")?;
    start(&few, "", 1)?;
    let many = Place::with(PLUGINS, &program)?;
    start(&many, "<= 30 ms", PLUGINS)
}
