//! What a client notices: a call into a fresh sandbox, beside rmcp's own with no sandbox at all.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use paracle_benches::is_smoke;
use paracle_benches::{
    Client, Era, Failure, GeneratedRepository, HttpClient, Measured, Tail, Wires,
};
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

    fn stdio(&self) -> Command {
        self.command(&["mcp", "serve", "--stdio"])
    }

    fn http(&self) -> Result<Command, Failure> {
        let settings = self.repository.folder().join(".parac/config");
        std::fs::create_dir_all(&settings)?;
        // One client asks more often than any that waits for a model.
        std::fs::write(
            settings.join("mcp.yaml"),
            "rate: { per_second: 1000000, burst: 1000000 }\n",
        )?;
        Ok(self.command(&["--json", "mcp", "serve", "--http", "127.0.0.1:0"]))
    }

    /// Returns the floor, which is built with the program.
    fn bare(&self) -> Command {
        Command::new(self.program.with_file_name("bare-echo"))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .current_dir(self.repository.folder())
            .env("HOME", self.home.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME");
        command
    }
}

/// Tells whether a row is asked for; `mcp` asks for all.
fn is_wanted(row: &str) -> bool {
    paracle_benches::is_wanted(&format!("mcp {row}"))
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
    let mut ours = Client::start(place.stdio(), wires, era)?;
    let mut floor = Client::start(place.bare(), wires, era)?;
    // Warm-up: the first call compiles.
    Both::default().add(&mut ours, "hello__greet", calls / 4)?;
    Both::default().add(&mut floor, "greet", calls / 4)?;
    let (mut our, mut its) = (Both::default(), Both::default());
    for _ in 0..rounds {
        its.add(&mut floor, "greet", calls)?;
        our.add(&mut ours, "hello__greet", calls)?;
    }
    tails(
        name,
        &our.one.latencies,
        &its.one.latencies,
        ["<= 1.6", "<= 3"],
    );
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

/// Calls over HTTP, on a connection that is kept.
fn http_calls(place: &Place, era: Era) -> Result<(), Failure> {
    let name = format!("{}, http", era.name());
    if !is_wanted(&name) {
        return Ok(());
    }
    let (rounds, calls) = if is_smoke() { (1, 20) } else { (ROUNDS, 2000) };
    let arguments = json!({ "name": "world" });
    let mut ours = HttpClient::start(place.http()?, era)?;
    let mut bare = place.bare();
    bare.arg("--http");
    let mut floor = HttpClient::start(bare, era)?;
    // Warm-up: the first call compiles.
    ours.one_by_one("hello__greet", &arguments, calls / 4)?;
    floor.one_by_one("greet", &arguments, calls / 4)?;
    let (mut our, mut its) = (Measured::default(), Measured::default());
    for _ in 0..rounds {
        its.join(floor.one_by_one("greet", &arguments, calls)?);
        our.join(ours.one_by_one("hello__greet", &arguments, calls)?);
    }
    tails(&name, &our.latencies, &its.latencies, ["<= 1.5", ""]);
    Ok(())
}

fn tails(name: &str, ours: &Tail, floor: &Tail, goals: [&str; 2]) {
    for (percent, goal) in [50, 99].into_iter().zip(goals) {
        line(
            &format!("call, {name}: p{percent}"),
            ours.percentile(percent),
            floor.percentile(percent),
            goal,
        );
    }
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
    Client::start(place.stdio(), Wires::Pipes, Era::Legacy)?.end()?;
    for _ in 0..rounds {
        let client = Client::start(place.stdio(), Wires::Pipes, Era::Legacy)?;
        ours.add(client.first_list);
        let memory = client.server().memory()?;
        (resident, peak) = (memory.resident, peak.max(memory.peak));
        client.end()?;
        let client = Client::start(place.bare(), Wires::Pipes, Era::Legacy)?;
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
        "over standard input and output, or HTTP", "ours", "floor", "ratio"
    );
    let few = Place::with(1, &program)?;
    calls(&few, Wires::Pipes, Era::Legacy, "2025-11-25, pipes")?;
    calls(&few, Wires::Sockets, Era::Legacy, "2025-11-25, sockets")?;
    calls(&few, Wires::Pipes, Era::Modern, "2026-07-28, pipes")?;
    start(&few, "", 1)?;
    http_calls(&few, Era::Legacy)?;
    http_calls(&few, Era::Modern)?;
    let many = Place::with(PLUGINS, &program)?;
    start(&many, "<= 30 ms", PLUGINS)
}
