//! `cargo xtask demo`: the main job, from nothing, on a clone of this repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::cargo::{capture, cargo, line, show, target_folder};
use crate::demo_agent;
use crate::error::Error;
use crate::mcp_client::McpClient;
use crate::scratch_repository;
use crate::wasm_std;

/// The protocol revision of the handshake.
const PROTOCOL: &str = "2025-11-25";

/// Builds everything, then shows one change land on a branch, by hand and by protocol.
pub(crate) fn demo() -> Result<(), Error> {
    let start = Instant::now();
    wasm_std::provide()?;
    // The same packages and features as `cargo xtask test`, so that both share what they build.
    show(cargo().args(["build", "--workspace", "--locked"]))?;
    let host = host_binary();
    let repository = target_folder().join("demo/repository");

    say("a clone of this repository to work on");
    scratch_repository::make(&repository)?;
    print!("{}", step(&host, &repository, &["init", "--samples"])?);
    by_hand(&host, &repository)?;
    by_protocol(&host, &repository)?;
    demo_agent::show(&host, &repository, say, |arguments| {
        step(&host, &repository, arguments)
    })?;

    say("to use it in an MCP client, paste this into its configuration");
    print!("{}", step(&host, &repository, &["mcp", "config"])?);
    println!("\ndone in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Runs a tool as a person does: run, look, merge.
fn by_hand(host: &Path, repository: &Path) -> Result<(), Error> {
    say("a sandboxed tool reads the whole tree and writes a report, on a branch of its own");
    let receipt = step(host, repository, &["run", "repo-report__report", "--json"])?;
    let mut receipt: Value = serde_json::from_str(&receipt)
        .map_err(|error| Error::Demo(format!("the receipt is no JSON: {error}")))?;
    // What the tool answered is long, and stands in the diff below as well.
    receipt["reply"] = json!("(the report's summary; left out here)");
    println!("{receipt:#}");
    let field = |key: &str| {
        let value = receipt[key].as_str();
        value.ok_or_else(|| Error::Demo(format!("the receipt names no `{key}`")))
    };
    let (execution, branch) = (field("execution")?, field("branch")?);
    print!(
        "{}",
        step(host, repository, &["execution", "diff", execution])?
    );
    print!("{}", step(host, repository, &["git", "merge", branch])?);
    let mut log = scratch_repository::git(repository);
    print!(
        "{}",
        capture(log.args(["log", "--oneline", "--graph", "--max-count=5"]))?
    );
    Ok(())
}

/// Does the same as an assistant does it.
fn by_protocol(host: &Path, repository: &Path) -> Result<(), Error> {
    say("the same over MCP: a handshake, the list of tools, one call");
    let mut client = McpClient::start(host, repository)?;
    let hello = json!({
        "protocolVersion": PROTOCOL,
        "capabilities": {},
        "clientInfo": {"name": "xtask-demo", "version": env!("CARGO_PKG_VERSION")},
    });
    println!("{}", client.request("initialize", &hello)?);
    client.notify("notifications/initialized")?;
    let answer = client.request("tools/list", &json!({}))?;
    let tools = answer["tools"].as_array().into_iter().flatten();
    let names: Vec<&str> = tools.filter_map(|tool| tool["name"].as_str()).collect();
    println!("\ntools/list: {}\n", names.join(", "));
    let call = json!({"name": "hello__greet", "arguments": {"name": "world"}});
    println!("tools/call: {}", client.request("tools/call", &call)?);
    Ok(())
}

/// Runs the host in the repository, shows the call, and returns what it printed.
fn step(host: &Path, repository: &Path, arguments: &[&str]) -> Result<String, Error> {
    let mut command = Command::new(host);
    command.args(arguments).current_dir(repository);
    println!("\n$ {}", line(&command));
    capture(&mut command)
}

/// Returns the built host, which stands beside this binary.
fn host_binary() -> PathBuf {
    let own = std::env::current_exe().ok();
    let folder = own.as_deref().and_then(Path::parent).map(Path::to_owned);
    folder
        .unwrap_or_else(|| target_folder().join("debug"))
        .join("paracle-host")
}

fn say(what: &str) {
    println!("\n── {what}");
}
