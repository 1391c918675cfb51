//! What a client may do to a server over standard input and output that would stall it, fill it or silence it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::TestEnv;

const PLUGINS: &str =
    "plugins:\n  - {name: hello}\n  - {name: files, grants: {workspace: read-only}}\n";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello", "files"], PLUGINS)
}

/// The most memory that a process ever had, in MiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() >> 10
}

/// A server whose output nobody reads yet.
fn unread(env: &TestEnv) -> Child {
    let mut program = env.program_in("");
    program.args(["mcp", "serve", "--stdio"]);
    program.stdin(Stdio::piped()).stdout(Stdio::piped());
    program.stderr(Stdio::null()).spawn().unwrap()
}

fn line(message: &Value) -> Vec<u8> {
    format!("{message}\n").into_bytes()
}

fn hello() -> Vec<u8> {
    let initialize = json!({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }});
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    [line(&initialize), line(&initialized)].concat()
}

fn call(id: usize, tool: &str, arguments: &Value) -> Vec<u8> {
    line(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments}}))
}

#[test]
fn twenty_thousand_pipelined_calls_are_all_answered_in_bounded_memory() {
    const CALLS: i64 = 20_000;
    // A thousand requests are held at most, with their tasks; 20,000 would be over 300.
    const MOST_MIB: u64 = 192;
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    for _ in 0..200 {
        server.call("hello__greet", json!({"name": "Ada"}));
    }
    let before = peak(server.id());
    let begun: Vec<i64> = (0..CALLS)
        .map(|_| server.begin_call("hello__greet", json!({"name": "Ada"})))
        .collect();
    for id in begun {
        let reply = server.reply(id);
        assert_eq!(reply["result"]["content"][0]["text"], "Hello, Ada!");
    }
    let grown = peak(server.id()) - before;
    assert!(grown < MOST_MIB, "{grown} MiB more than {before}");
    server.close();
}

#[test]
fn a_client_that_does_not_read_stops_the_server_from_reading_and_loses_no_answer() {
    const CALLS: usize = 4_000;
    // A thousand unread answers, each held as its text and as its line; all of them would be over 700.
    const MOST_MIB: u64 = 384;
    let env = env();
    // All answers together are 200 MB.
    env.write("large.txt", &"0123456789\n".repeat(5_000));
    env.git(&["add", "large.txt"]);
    env.git(&["commit", "--quiet", "--message=large"]);
    let mut server = unread(&env);
    let (mut input, output) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = sent.clone();
    let writer = std::thread::spawn(move || {
        input.write_all(&hello()).unwrap();
        for id in 0..CALLS {
            let line = call(id, "files__read", &json!({"path": "large.txt"}));
            input.write_all(&line).unwrap();
            counter.store(id + 1, Ordering::Relaxed);
        }
        input
    });
    // Until nothing moves any more.
    let mut before = usize::MAX;
    while sent.load(Ordering::Relaxed) != before {
        before = sent.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_secs(2));
    }
    let most = peak(server.id());
    assert!(
        before < CALLS,
        "the server read all that it could not answer"
    );
    assert!(most < MOST_MIB, "{most} MiB");
    let mut lines = BufReader::new(output).lines();
    for _ in 0..=CALLS {
        let line = lines.next().unwrap().unwrap();
        assert!(
            line.contains("\"result\""),
            "{}",
            &line[..line.len().min(400)]
        );
    }
    drop(writer.join().unwrap());
    assert!(server.wait().unwrap().success());
}

#[test]
fn a_line_that_is_too_long_is_answered_and_the_next_is_served() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    let long = "x".repeat(17 << 20);
    server.send(
        &json!({"jsonrpc": "2.0", "id": 1000, "method": "tools/call",
        "params": {"name": "hello__greet", "arguments": {"name": long}}}),
    );
    let result = server.call("hello__greet", json!({"name": "Ada"}));
    assert_eq!(result["content"][0]["text"], "Hello, Ada!");
    let mut answers = server.nameless();
    while answers.is_empty() {
        server.call("hello__greet", json!({"name": "Ada"}));
        answers = server.nameless();
    }
    let error = &answers[0]["error"];
    assert_eq!(error["code"], -32700, "{error}");
    let words = error["message"].as_str().unwrap();
    assert!(words.contains("longer than 16 MiB"), "{words}");
    server.close();
}

#[test]
fn half_a_line_at_the_end_of_the_input_ends_the_server_in_good_order() {
    let env = env();
    let mut server = unread(&env);
    let mut input = server.stdin.take().unwrap();
    input.write_all(&hello()).unwrap();
    let whole = call(7, "hello__greet", &json!({"name": "Ada"}));
    input.write_all(&whole).unwrap();
    input.write_all(&whole[..whole.len() / 2]).unwrap();
    drop(input);
    let ended = server.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", ended.status);
    let said = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(said.matches("Hello, Ada!").count(), 1, "{said}");
}

#[test]
fn a_line_that_is_no_utf_8_is_answered_and_the_next_is_served() {
    let env = env();
    let mut server = unread(&env);
    let mut input = server.stdin.take().unwrap();
    input.write_all(&hello()).unwrap();
    let mut broken = call(7, "hello__greet", &json!({"name": "A_a"}));
    let at = broken.iter().position(|&byte| byte == b'_').unwrap();
    broken[at] = 0xff;
    for bytes in [&b"\xff\xfe\n"[..], &broken] {
        input.write_all(bytes).unwrap();
    }
    input
        .write_all(&call(8, "hello__greet", &json!({"name": "Ada"})))
        .unwrap();
    drop(input);
    let ended = server.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(said.matches("-32700").count(), 2, "{said}");
    assert_eq!(said.matches("Hello, Ada!").count(), 1, "{said}");
}

#[test]
fn what_nobody_knows_is_refused_where_it_asks_and_passed_over_where_it_tells() {
    let env = env();
    let mut server = env.mcp();
    server.initialize();
    for method in ["tools/cal", "rpc.discover", "", "\u{202e}tools/call"] {
        let reply = server.request(method, json!({}));
        assert_eq!(reply["error"]["code"], -32601, "{method:?}: {reply}");
    }
    for method in ["notifications/nobody", "notifications/cancelled"] {
        server.send(&json!({"jsonrpc": "2.0", "method": method, "params": {"requestId": "none"}}));
    }
    let result = server.call("hello__greet", json!({"name": "Ada"}));
    assert_eq!(result["content"][0]["text"], "Hello, Ada!");
    server.close();
}
