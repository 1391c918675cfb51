//! MCP over HTTP, in both eras, over real connections.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::TestEnv;

mod attacks;
mod bounds;
mod callers;
mod crowds;
mod eras;
mod keys;
mod oauth;
mod scopes;
mod second;
mod tls;

const YAML: &str = "plugins:\n  - name: files\n    grants: { workspace: read-write }\n";

fn env() -> TestEnv {
    TestEnv::with_plugins(&["hello", "files"], YAML)
}

/// A running server.
pub(crate) struct Served {
    pub(crate) child: Child,
    address: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn read(stream: &mut impl Read) -> Self {
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        let (head, body) = all.split_once("\r\n\r\n").unwrap();
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Returns the last message, whether it came as an event or as it is.
    fn message(&self) -> Value {
        let mut events = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        let text = events.next_back().unwrap_or(&self.body);
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Served {
    pub(crate) fn start(env: &TestEnv, words: &[&str]) -> Self {
        Self::start_at(env, "127.0.0.1:0", words)
    }

    fn start_at(env: &TestEnv, address: &str, words: &[&str]) -> Self {
        let mut child = env
            .program_in("")
            .args(["--json", "mcp", "serve", "--http", address])
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
            let own = format!("host: {}\r\n", self.address);
            text.push_str(&own);
        }
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        write!(stream, "{text}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        Answer::read(&mut stream)
    }

    /// Returns a number of `/metrics`.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let text = self.ask("GET /metrics", &[], "").body;
        let mut lines = text.lines().filter_map(|line| line.rsplit_once(' '));
        let found = lines.find(|(other, _)| *other == format!("paracle_{name}"));
        found.map_or(0, |(_, value)| value.parse().unwrap())
    }

    /// Waits until a number of `/metrics` is so.
    pub(crate) fn until(&self, name: &str, wanted: impl Fn(u64) -> bool) {
        for _ in 0..2400 {
            if wanted(self.number(name)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{name} is {}", self.number(name));
    }

    pub(crate) fn post(&self, headers: &[(&str, &str)], message: &Value) -> Answer {
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

    fn modern(&self, headers: &[(&str, &str)], method: &str, params: Value) -> Answer {
        self.modern_able(headers, &json!({}), method, params)
    }

    /// Sends a request of the modern era by a client that can do something.
    fn modern_able(
        &self,
        headers: &[(&str, &str)],
        able: &Value,
        method: &str,
        mut params: Value,
    ) -> Answer {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": able,
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

    /// Sends a request, and does not wait for its answer.
    fn begin(&self, headers: &[(&str, &str)], message: &Value) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let body = message.to_string();
        let mut text = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\n",
            self.address
        );
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        write!(stream, "{text}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream
    }

    /// Returns all that is sent for a request of the modern era.
    fn modern_text(&self, method: &str, mut params: Value) -> String {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let body = body.to_string();
        format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
             mcp-method: {method}\r\nmcp-name: {name}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
    }

    /// Sends a request of the modern era, and does not wait for its answer.
    fn begin_modern(&self, method: &str, params: Value) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let text = self.modern_text(method, params);
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    pub(crate) fn call(&self, headers: &[(&str, &str)], tool: &str, arguments: &Value) -> String {
        let answer = self.modern(
            headers,
            "tools/call",
            json!({"name": tool, "arguments": arguments}),
        );
        answer.message().to_string()
    }

    /// Signals the server to end.
    fn terminate(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    pub(crate) fn initialize(&self) -> String {
        self.initialize_as(&[])
    }

    fn initialize_as(&self, headers: &[(&str, &str)]) -> String {
        self.initialize_able(headers, &json!({}))
    }

    fn initialize_able(&self, headers: &[(&str, &str)], able: &Value) -> String {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": able,
            "clientInfo": {"name": "test", "version": "1"}}});
        let answer = self.post(headers, &message);
        assert_eq!(
            answer.message()["result"]["serverInfo"]["name"],
            "paracle-host"
        );
        let session = answer.header("mcp-session-id").unwrap().to_owned();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let headers = [headers, &[("mcp-session-id", &*session)]].concat();
        assert_eq!(self.post(&headers, &ready).status, 202);
        session
    }

    /// Reads a resource in the modern era.
    fn read(&self, headers: &[(&str, &str)], uri: &str) -> String {
        let headers = [headers, &[("mcp-name", uri)]].concat();
        let answer = self.modern(&headers, "resources/read", json!({"uri": uri}));
        answer.message().to_string()
    }

    pub(crate) fn legacy(&self, session: &str, tool: &str, arguments: &Value) -> String {
        let message = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}});
        let headers = [
            ("mcp-session-id", session),
            ("mcp-protocol-version", "2025-11-25"),
        ];
        self.post(&headers, &message).message().to_string()
    }

    fn stop(mut self) {
        self.terminate();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Makes a token, and returns the header that has it.
fn token(env: &TestEnv, name: &str) -> String {
    let file = env.own().join("tokens");
    let file = file.to_str().unwrap();
    let made = env.run(&["--json", "mcp", "token", "new", name, "--token-file", file]);
    let made = made.exits(0).json();
    format!("Bearer {}", made["token"].as_str().unwrap())
}

fn token_file(env: &TestEnv) -> String {
    env.own().join("tokens").to_str().unwrap().to_owned()
}
