//! Nothing grows: what the process holds after a warm-up, and after three times as much again of the same.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::{McpServer, TestEnv};
use crate::http::Served;

/// How many calls are in flight.
const WINDOW: usize = 64;

/// How much more memory each quarter has to take to be a leak. One that takes much more and is followed by one that does not is
/// none: records of the journal that waited once for the disk, or threads that once ran at the same time.
const STEP_KIB: u64 = 2 << 10;

/// How much more may be resident at the end all the same: 50,000 records that waited, and what the allocator keeps in pieces.
const MOST_KIB: u64 = 96 << 10;

/// How many more descriptors or threads there may be: those that just come or go.
const FEW: u64 = 8;

/// How many more tasks there may be: those of connections that just close.
const TASKS: u64 = 32;

/// How long what just ended may take to be gone; threads without work are kept for ten seconds.
const SETTLES: Duration = Duration::from_secs(30);

const YAML: &str =
    "plugins:\n  - {name: hello}\n  - {name: files, grants: {workspace: read-only}}\n";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello", "files"], YAML)
}

/// Returns how often something is done: a few times as a test, and often by `cargo xtask leak-test`.
fn times(variable: &str, few: usize) -> usize {
    std::env::var(variable).map_or(few, |times| times.parse().unwrap())
}

/// What a process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    resident_kib: u64,
    handles: u64,
    threads: u64,
    tasks: Option<u64>,
}

impl Held {
    fn by(process: u32, tasks: Option<u64>) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let word = line.unwrap().split_whitespace().next();
            word.unwrap().parse().unwrap()
        };
        let handles = fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
        Self {
            resident_kib: number("VmRSS:"),
            handles: handles.try_into().unwrap(),
            threads: number("Threads:"),
            tasks,
        }
    }

    /// Tells whether no more is open than was before, but for what comes and goes.
    fn is_bounded_by(&self, warm: &Self) -> bool {
        self.handles <= warm.handles + FEW
            && self.threads <= warm.threads + FEW
            && self.tasks <= warm.tasks.map(|tasks| tasks + TASKS)
    }
}

/// Does something so many times, some at once, and checks that what is held after a quarter of them is what is held at the end; returns a table of it.
fn repeat(
    (what, each): (&str, usize),
    times: usize,
    mut work: impl FnMut(),
    held: impl Fn() -> Held,
) -> String {
    let quarter = times.div_ceil(4 * each);
    let mut table = format!(
        "{what:>12}{:>14}{:>9}{:>9}{:>9}{:>10}\n",
        "resident", "handles", "threads", "tasks", "after"
    );
    let began = Instant::now();
    let mut warm = None;
    let mut resident = Vec::new();
    let mut done = 0;
    for _ in 0..4 {
        for _ in 0..quarter {
            work();
        }
        done += quarter * each;
        let bound = *warm.get_or_insert_with(&held);
        let settling = Instant::now();
        let mut now = held();
        while !now.is_bounded_by(&bound) && settling.elapsed() < SETTLES {
            std::thread::sleep(Duration::from_millis(100));
            now = held();
        }
        let tasks = now.tasks.map_or("-".to_owned(), |tasks| tasks.to_string());
        writeln!(
            table,
            "{done:>12}{:>10} KiB{:>9}{:>9}{tasks:>9}{:>8.0?} s",
            now.resident_kib,
            now.handles,
            now.threads,
            began.elapsed().as_secs()
        )
        .unwrap();
        assert!(now.is_bounded_by(&bound), "it grows:\n{table}");
        resident.push(now.resident_kib);
    }
    let steps = resident.windows(2).map(|two| two[1].saturating_sub(two[0]));
    let (least, all) = (steps.clone().min(), steps.sum::<u64>());
    assert!(
        least < Some(STEP_KIB) && all < MOST_KIB,
        "it grows with each quarter:\n{table}"
    );
    table
}

/// Makes as many calls as are in flight at once: most greet, one reads the workspace, and one is refused.
fn round(server: &mut McpServer) {
    let begun: Vec<i64> = (0..WINDOW)
        .map(|at| match at {
            0 => server.begin_call("files__read", json!({"path": "README.md"})),
            1 => server.begin_call("hello__greet", json!({"name": 1})),
            _ => server.begin_call("hello__greet", json!({"name": "Ada"})),
        })
        .collect();
    for (at, id) in begun.into_iter().enumerate() {
        let reply = server.reply(id);
        let is_error = reply["result"]["isError"] == true || reply.get("error").is_some();
        assert_eq!(is_error, at == 1, "{reply}");
    }
}

#[test]
fn calls_leave_nothing_behind() {
    let calls = times("PARACLE_LEAK_CALLS", 20_000);
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let process = server.id();
    let held = || Held::by(process, None);
    let table = repeat(("calls", WINDOW), calls, || round(&mut server), held);
    eprintln!("{table}");
    server.close();
}

#[test]
fn reconnects_leave_nothing_behind() {
    let reconnects = times("PARACLE_LEAK_RECONNECTS", 400);
    let env = env();
    // Whoever connects so often waits for no model.
    let rate = "rate: { per_second: 1000000, burst: 1000000 }\n";
    env.write(".parac/config/mcp.yaml", rate);
    let served = Served::start(&env, &[]);
    let greet = |session: &str| {
        let greeted = match session {
            "" => served.call(&[], "hello__greet", &json!({"name": "Ada"})),
            session => served.legacy(session, "hello__greet", &json!({"name": "Ada"})),
        };
        assert!(greeted.contains("Hello, Ada!"), "{greeted}");
    };
    let first = served.initialize();
    let mut last = String::new();
    let work = || {
        last = served.initialize();
        greet(&last);
        greet("");
    };
    let held = || {
        assert!(served.number("sessions") <= 64);
        served.until("callers", |callers| callers <= 65);
        let tasks = served.number("runtime_tasks");
        assert!(tasks > 0, "they are not told");
        Held::by(served.child.id(), Some(tasks))
    };
    let table = repeat(("reconnects", 1), reconnects, work, held);
    eprintln!("{table}");
    // The one that was heard of least lately is over, and says so; the newest goes on.
    let message = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let of = |session: &str| {
        let headers = [
            ("mcp-session-id", session),
            ("mcp-protocol-version", "2025-11-25"),
        ];
        served.post(&headers, &message).status
    };
    assert_eq!((of(&first), of(&last)), (404, 200));
}
