//! MCP over HTTP, in both eras, over real connections.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::common::TestEnv;

const YAML: &str = "plugins:\n  - name: files\n    grants: { workspace: read-write }\n";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello", "files"], YAML)
}

/// A running server.
struct Served {
    child: Child,
    address: String,
}

/// An answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Returns the last message, whether it came as an event or as it is.
    fn message(&self) -> Value {
        let events = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        let text = events.last().unwrap_or(&self.body);
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Served {
    fn start(env: &TestEnv, words: &[&str]) -> Self {
        let mut child = env
            .program_in("")
            .args(["--json", "mcp", "serve", "--http", "127.0.0.1:0"])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut text = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        while !text.ends_with("}\n") {
            assert!(out.read_line(&mut text).unwrap() > 0, "no address: {text}");
        }
        let said: Value = serde_json::from_str(&text).unwrap();
        Self {
            child,
            address: said["address"].as_str().unwrap().to_owned(),
        }
    }

    fn ask(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let mut text = format!("{line} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            text.push_str(&format!("host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(stream, "{text}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        let (head, body) = all.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn post(&self, headers: &[(&str, &str)], message: &Value) -> Answer {
        let own = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        self.ask(
            "POST /mcp",
            &[&own[..], headers].concat(),
            &message.to_string(),
        )
    }

    fn modern(&self, headers: &[(&str, &str)], method: &str, mut params: Value) -> Answer {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        });
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let mut own = vec![
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", method),
        ];
        if !name.is_empty() {
            own.push(("mcp-name", &name));
        }
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.post(&[&own[..], headers].concat(), &message)
    }

    fn call(&self, headers: &[(&str, &str)], tool: &str, arguments: &Value) -> String {
        let answer = self.modern(
            headers,
            "tools/call",
            json!({"name": tool, "arguments": arguments}),
        );
        answer.message().to_string()
    }

    fn initialize(&self) -> String {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}}});
        let answer = self.post(&[], &message);
        assert_eq!(
            answer.message()["result"]["serverInfo"]["name"],
            "paracle-host"
        );
        let session = answer.header("mcp-session-id").unwrap().to_owned();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(
            self.post(&[("mcp-session-id", &session)], &ready).status,
            202
        );
        session
    }

    fn legacy(&self, session: &str, tool: &str, arguments: &Value) -> String {
        let message = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}});
        let headers = [
            ("mcp-session-id", session),
            ("mcp-protocol-version", "2025-11-25"),
        ];
        self.post(&headers, &message).message().to_string()
    }

    fn stop(mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn both_eras_are_served_over_http() {
    let env = env();
    let served = Served::start(&env, &[]);
    let greeted = served.call(&[], "hello__greet", &json!({"name": "Ada"}));
    assert!(greeted.contains("Hello, Ada!"), "{greeted}");
    let session = served.initialize();
    let greeted = served.legacy(&session, "hello__greet", &json!({"name": "Bob"}));
    assert!(greeted.contains("Hello, Bob!"), "{greeted}");
    assert_eq!(served.ask("GET /healthz", &[], "").status, 200);
    assert_eq!(served.ask("GET /readyz", &[], "").status, 200);
    let metrics = served.ask("GET /metrics", &[], "");
    assert!(
        metrics.body.contains("paracle_callers 2"),
        "{}",
        metrics.body
    );
    served.stop();
}

#[test]
fn other_pages_and_other_names_for_this_machine_are_refused() {
    let env = env();
    let served = Served::start(&env, &[]);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("host", "evil.example"),
    ] {
        let answer = served.modern(&[(name, value)], "tools/list", json!({}));
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(served.ask("GET /metrics", &[(name, value)], "").status, 403);
    }
    assert_eq!(served.modern(&[], "tools/list", json!({})).status, 200);
}

#[test]
fn a_bind_beyond_this_machine_needs_tokens() {
    env()
        .run(&["mcp", "serve", "--http", "0.0.0.0:0"])
        .exits(2)
        .says(&["mcp token new"]);
}

#[test]
fn only_who_has_a_token_calls_and_callers_do_not_see_each_other() {
    let env = env();
    let file = env.own().join("tokens");
    let file = file.to_str().unwrap();
    let token = |name: &str| {
        let made = env.run(&["--json", "mcp", "token", "new", name, "--token-file", file]);
        let made = made.exits(0).json();
        format!("Bearer {}", made["token"].as_str().unwrap())
    };
    let (ada, bob) = (token("ada"), token("bob"));
    let served = Served::start(&env, &["--token-file", file]);
    for headers in [&[][..], &[("authorization", "Bearer 00")][..]] {
        let answer = served.modern(headers, "tools/list", json!({}));
        assert_eq!(answer.status, 401);
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .starts_with("Bearer")
        );
        assert_eq!(served.ask("GET /metrics", headers, "").status, 401);
    }
    let (ada, bob) = ([("authorization", &*ada)], [("authorization", &*bob)]);
    let (path, text) = ("NOTES.md", "only Ada's");
    served.call(
        &ada,
        "files__write",
        &json!({"path": path, "content": text}),
    );
    let read = json!({"path": path});
    assert!(served.call(&ada, "files__read", &read).contains(text));
    assert!(!served.call(&bob, "files__read", &read).contains(text));
    served.stop();
    let shown = env
        .run(&["--json", "audit", "show"])
        .exits(0)
        .stdout
        .clone();
    assert!(
        shown.contains("\"ada\"") && shown.contains("\"bob\""),
        "{shown}"
    );
}

#[test]
fn sessions_have_executions_of_their_own_and_an_end_completes_them() {
    let env = env();
    let served = Served::start(&env, &[]);
    let (one, other) = (served.initialize(), served.initialize());
    let write = json!({"path": "NOTES.md", "content": "of one"});
    served.legacy(&one, "files__write", &write);
    let read = json!({"path": "NOTES.md"});
    assert!(served.legacy(&one, "files__read", &read).contains("of one"));
    assert!(
        !served
            .legacy(&other, "files__read", &read)
            .contains("of one")
    );
    served.stop();
    let listed = env
        .run(&["--json", "execution", "list"])
        .exits(0)
        .stdout
        .clone();
    assert!(listed.contains("\"kept\""), "{listed}");
}

#[test]
fn who_calls_too_often_is_told_when_to_come_back() {
    let env = env();
    env.write(
        ".parac/config/mcp.yaml",
        "rate: { per_second: 1, burst: 3 }\n",
    );
    let served = Served::start(&env, &[]);
    let answers: Vec<_> = (0..12)
        .map(|_| served.modern(&[], "tools/list", json!({})))
        .collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert!(refused.header("retry-after").is_some());
}
