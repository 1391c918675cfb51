//! What an execution holds in memory that touched ten files of a hundred thousand, over the idle host: 1 MiB is the goal.
#![expect(clippy::print_stdout, reason = "the table is what the bench is for")]

use std::fs;

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use paracle_benches::{BenchHost, Failure, GeneratedRepository, is_smoke, is_wanted, runtime};
use paracle_host::git::Repo;
use paracle_host::model::ExecutionId;
use paracle_host::workspace::{GitTree, OpenFlags, Quotas, TreeOptions};
use serde_json::json;
use tokio::runtime::Runtime;

const GOAL: &str = "<= 1 MiB";

/// Files that each execution reads and changes.
const TOUCHED: usize = 10;

/// Touches files, each in another folder, in an execution that stays open.
async fn touch(host: &BenchHost, files: usize, number: usize) -> Result<ExecutionId, Failure> {
    let execution = ExecutionId::generate();
    for at in 0..TOUCHED {
        let path = GeneratedRepository::file(files, number * TOUCHED + at);
        host.call("files__read", json!({ "path": path }), &execution)
            .await?;
        let content = format!("execution {number} wrote\n");
        let file = json!({ "path": path, "content": content });
        host.call("files__write", file, &execution).await?;
    }
    Ok(execution)
}

/// Opens a call's tree and changes files in it, and leaves it open.
fn tree(repo: &Repo, files: usize, number: usize) -> Result<GitTree, Failure> {
    let options = TreeOptions {
        read_only: false,
        quotas: Quotas::default(),
        clock: Arc::new(SystemTime::now),
    };
    let mut tree = GitTree::open(repo.clone(), &repo.head()?.0, options)?;
    let root = tree.root();
    for at in 0..TOUCHED {
        let path = GeneratedRepository::file(files, number * TOUCHED + at);
        let file = tree.open_at(root, &path, true, OpenFlags::default(), true)?;
        tree.write(file, 0, b"a call wrote\n")?;
    }
    Ok(tree)
}

/// Reads how much of this process is in memory, in bytes.
fn resident() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.ok_or("the kernel does not say")?.parse::<u64>()? * 1024)
}

fn measure(runtime: &Runtime, files: usize, executions: usize) -> Result<(), Failure> {
    let repository = GeneratedRepository::of(files)?;
    let host = runtime.block_on(BenchHost::open(&repository))?;
    // What the first ones leave in pools and caches is the host's, idle again.
    let warm = executions.min(4);
    for number in 0..warm {
        runtime.block_on(touch(&host, files, number))?;
    }
    let idle = resident()?;
    for number in warm..warm + executions {
        runtime.block_on(touch(&host, files, number))?;
    }
    line("an execution between its calls", files, executions, idle)?;
    in_a_call(repository.folder(), files, executions)
}

/// What a call holds beside its guest while it runs.
fn in_a_call(folder: &Path, files: usize, calls: usize) -> Result<(), Failure> {
    let repo = Repo::discover(folder)?;
    let warm = tree(&repo, files, 0)?;
    let idle = resident()?;
    let open: Vec<GitTree> = (1..=calls)
        .map(|number| tree(&repo, files, number))
        .collect::<Result<_, _>>()?;
    line("an execution in a call of it", files, calls, idle)?;
    drop((warm, open));
    Ok(())
}

fn line(what: &str, files: usize, open: usize, idle: u64) -> Result<(), Failure> {
    let grown = resident()?.saturating_sub(idle);
    #[expect(clippy::cast_precision_loss, reason = "it is shown with one digit")]
    let (each, idle) = (
        grown as f64 / open as f64 / 1024.0,
        idle as f64 / 1_048_576.0,
    );
    println!(
        "{:<68}{each:>8.1} KiB   {GOAL}   ({open} at once over {idle:.1} MiB)",
        format!("memory: {what}, {TOUCHED} of {files} files touched"),
    );
    Ok(())
}

fn main() -> Result<(), Failure> {
    if !is_wanted("memory") {
        return Ok(());
    }
    let runtime = runtime()?;
    if is_smoke() {
        return measure(&runtime, 1_000, 2);
    }
    measure(&runtime, 1_000, 32)?;
    measure(&runtime, 100_000, 32)
}
