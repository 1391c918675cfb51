//! What ends a call from outside reaches its guest wherever it is: in a loop, in a host call, in a loop of host calls.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::json;

use crate::common::TestEnv;

/// A day for everything, so that nothing else than what the test does ends a call.
const PATIENT: &str = "plugins: [{name: hostile, limits: {time_ms: 86400000, cpu_ms: 86400000, host_calls: 1000000000000}}]";

/// Where a guest is, and what it says before it goes there.
const PLACES: [(&str, &str); 3] = [
    ("spin", "it spins"),
    ("sleep", "it sleeps"),
    ("call", "it calls"),
];

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Waits until a program's log says something, and reads on, so that the program never waits for its reader.
fn wait_for(child: &mut Child, line: &str) -> std::thread::JoinHandle<String> {
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains(line) {
        assert!(log.read_line(&mut text).unwrap() > 0, "it ended: {text}");
    }
    std::thread::spawn(move || {
        let mut line = Vec::new();
        while log.read_until(b'\n', &mut line).unwrap() > 0 {}
        text + &String::from_utf8_lossy(&line)
    })
}

fn run(env: &TestEnv, what: &str) -> Child {
    let arguments = json!({ "what": what }).to_string();
    env.program_in("")
        .args(["run", "hostile__push", "-v", "--args", &arguments])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
pub(crate) fn ctrl_c_and_a_request_to_end_reach_a_guest_wherever_it_is() {
    let env = TestEnv::with_plugins(&["hostile"], PATIENT);
    for (what, said) in PLACES {
        for asked in ["-INT", "-TERM"] {
            let mut child = run(&env, what);
            let log = wait_for(&mut child, said);
            signal(&child, asked);
            let status: ExitStatus = child.wait().unwrap();
            let log = log.join().unwrap();
            assert_eq!(status.code(), Some(5), "{what} {asked}: {log}");
            assert!(log.contains("the call was cancelled"), "{log}");
        }
    }
}

#[test]
pub(crate) fn a_server_that_is_asked_to_end_does_whatever_its_guests_do() {
    let env = TestEnv::with_plugins(&["hostile"], PATIENT);
    for asked in [Some("-TERM"), None] {
        let mut child = env
            .program_in("")
            .args(["mcp", "serve", "--stdio", "-v"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}
        }});
        writeln!(input, "{hello}").unwrap();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        writeln!(input, "{ready}").unwrap();
        for (id, (what, _)) in PLACES.iter().cycle().take(9).enumerate() {
            let call = json!({"name": "hostile__push", "arguments": {"what": what}});
            let call =
                json!({"jsonrpc": "2.0", "id": id + 1, "method": "tools/call", "params": call});
            writeln!(input, "{call}").unwrap();
        }
        let log = wait_for(&mut child, "it calls");
        match asked {
            Some(asked) => signal(&child, asked),
            // A client that goes away.
            None => drop(input),
        }
        let status = child.wait().unwrap();
        assert!(status.success(), "{asked:?}: {status}");
        log.join().unwrap();
    }
}
