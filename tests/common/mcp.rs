//! A client of `mcp serve --stdio` that speaks lines, as recorded clients do.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// When a test is given up: far beyond what any answer takes, so that a server that hangs fails it.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running server.
pub(crate) struct McpServer {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    replies: HashMap<i64, Value>,
    /// Answers to what had no id that could be read.
    nameless: Vec<Value>,
    /// What the server asked, and waits to be answered.
    asked: Vec<Value>,
    /// What the client says that it can do.
    capabilities: Value,
    next: i64,
    /// True where requests carry the modern era's `_meta`.
    modern: bool,
}

impl McpServer {
    /// Starts a server.
    pub(crate) fn start(mut command: Command, log: Stdio) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            lines,
            child,
            replies: HashMap::new(),
            nameless: Vec::new(),
            asked: Vec::new(),
            capabilities: json!({}),
            next: 0,
            modern: false,
        }
    }

    /// Can show the person a form.
    pub(crate) fn with_elicitation(mut self) -> Self {
        self.capabilities = json!({"elicitation": {"form": {}}});
        self
    }

    /// Shakes hands as clients up to 2025-11-25 do.
    pub(crate) fn initialize(&mut self) -> Value {
        let answer = self.request(
            "initialize",
            json!({
                "protocolVersion": "2025-11-25",
                "capabilities": self.capabilities.clone(),
                "clientInfo": {"name": "test", "version": "1"},
            }),
        );
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        answer
    }

    /// Discovers the server as clients of 2026-07-28 do.
    pub(crate) fn discover(&mut self) -> Value {
        self.modern = true;
        self.request("server/discover", json!({}))
    }

    /// Writes a line.
    pub(crate) fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string());
    }

    /// Writes a line that may be anything.
    pub(crate) fn send_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    /// Sends a request and returns its id.
    pub(crate) fn begin(&mut self, method: &str, mut params: Value) -> i64 {
        self.next += 1;
        if self.modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": self.capabilities.clone(),
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            });
        }
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Waits for the reply to a request. Every line has to be JSON-RPC: a guest that writes there fails the test.
    pub(crate) fn reply(&mut self, id: i64) -> Value {
        loop {
            if let Some(reply) = self.replies.remove(&id) {
                return reply;
            }
            let line = self
                .lines
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("request {id} was not answered: {error}"));
            let message: Value = serde_json::from_str(&line)
                .unwrap_or_else(|error| panic!("{error}: not the protocol's: {line:?}"));
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
            assert!(
                message.pointer("/result/forged").is_none(),
                "a guest wrote into the protocol"
            );
            if message.get("method").is_some() {
                self.asked.push(message);
            } else if let Some(id) = message["id"].as_i64() {
                self.replies.insert(id, message);
            } else {
                self.nameless.push(message);
            }
        }
    }

    /// Returns the answers that came, until a reply that was waited for, to what had no id that could be read.
    pub(crate) fn nameless(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.nameless)
    }

    /// Waits until the server asks something, and returns it; a request that is answered before fails the test.
    pub(crate) fn asked(&mut self) -> Value {
        loop {
            if let Some(at) = self
                .asked
                .iter()
                .position(|message| message.get("id").is_some())
            {
                return self.asked.remove(at);
            }
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            let message: Value = serde_json::from_str(&line).unwrap();
            assert!(
                message.get("method").is_some(),
                "not asked, but answered: {message}"
            );
            self.asked.push(message);
        }
    }

    /// Waits until the server tells something, and returns it.
    pub(crate) fn told(&mut self, method: &str) -> Value {
        loop {
            let told = |message: &Value| message["method"] == method;
            if let Some(at) = self.asked.iter().position(told) {
                return self.asked.remove(at);
            }
            self.hear();
        }
    }

    /// Returns what the server told until now, and forgets it.
    pub(crate) fn heard(&mut self) -> Vec<Value> {
        let (told, asked) = std::mem::take(&mut self.asked)
            .into_iter()
            .partition(|message| message.get("id").is_none());
        self.asked = asked;
        told
    }

    /// Waits for a line.
    fn hear(&mut self) {
        let line = self
            .lines
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|error| panic!("nothing more was told: {error}"));
        let message: Value = serde_json::from_str(&line).unwrap();
        if message.get("method").is_some() {
            self.asked.push(message);
        } else if let Some(id) = message["id"].as_i64() {
            self.replies.insert(id, message);
        }
    }

    /// Answers what the server asked.
    pub(crate) fn answer(&mut self, asked: &Value, result: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": result}));
    }

    /// Tells whether the server asked nothing that was not answered.
    pub(crate) fn asks_nothing(&self) -> bool {
        self.asked.iter().all(|message| message.get("id").is_none())
    }

    /// Tells whether a request was answered before one that was waited for.
    pub(crate) fn answered(&self, id: i64) -> bool {
        self.replies.contains_key(&id)
    }

    /// Sends a request and waits for its reply.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.reply(id)
    }

    /// Begins a call of a tool.
    pub(crate) fn begin_call(&mut self, tool: &str, arguments: Value) -> i64 {
        let mut params = json!({"name": tool});
        params["arguments"] = arguments;
        self.begin("tools/call", params)
    }

    /// Calls a tool and returns the result, which has to be one.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.begin_call(tool, arguments);
        let mut reply = self.reply(id);
        assert!(reply.get("error").is_none(), "{reply}");
        reply["result"].take()
    }

    /// Returns the server's process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the input and waits for the server to end well.
    pub(crate) fn close(mut self) {
        drop(self.stdin.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the server ended with {status}");
    }
}

impl Drop for McpServer {
    fn drop(&mut self) {
        // A test that failed leaves no server behind; one that closed it has none to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
