//! A server under attack, and the client that speaks lines to it from several threads.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::{Place, host};

/// When an answer is given up: far beyond what any takes. A host that takes longer does not live.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `mcp serve --stdio`.
pub(super) struct Server {
    child: Child,
    input: Mutex<Input>,
    channel: Arc<Channel>,
}

struct Input {
    pipe: Option<ChildStdin>,
    last: i64,
}

/// What came on the protocol's channel.
#[derive(Default)]
struct Channel {
    state: Mutex<Received>,
    changed: Condvar,
}

#[derive(Default)]
struct Received {
    waited: HashSet<i64>,
    answers: HashMap<i64, Value>,
    /// A line that nobody of the host can have written.
    forged: Option<String>,
    ended: bool,
}

impl Channel {
    fn lock(&self) -> MutexGuard<'_, Received> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, line: &str) {
        let mut received = self.lock();
        let message: Option<Value> = serde_json::from_str(line).ok();
        let message = message.filter(|message| message["jsonrpc"] == "2.0");
        match message {
            Some(message) if message.get("method").is_some() => {}
            Some(message) => match message["id"].as_i64() {
                Some(id) if received.waited.remove(&id) => {
                    received.answers.insert(id, message);
                }
                _ => received.forged = Some(line.chars().take(200).collect()),
            },
            None => received.forged = Some(line.chars().take(200).collect()),
        }
        self.changed.notify_all();
    }
}

impl Server {
    /// Starts a server and shakes hands with it.
    pub(super) fn start(place: &Place) -> Result<Self, String> {
        let mut command =
            host(place, &["mcp", "serve", "--stdio"]).map_err(|error| error.to_string())?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the host cannot be started: {error}"))?;
        let channel = Arc::new(Channel::default());
        let output = child.stdout.take();
        std::thread::spawn({
            let channel = channel.clone();
            move || {
                let lines = output
                    .into_iter()
                    .flat_map(|pipe| BufReader::new(pipe).lines());
                for line in lines.map_while(Result::ok) {
                    channel.line(&line);
                }
                channel.lock().ended = true;
                channel.changed.notify_all();
            }
        });
        let pipe = child.stdin.take();
        let server = Self {
            child,
            input: Mutex::new(Input { pipe, last: 0 }),
            channel,
        };
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "doctor", "version": env!("CARGO_PKG_VERSION")},
        });
        server.request("initialize", &hello)?;
        server.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok(server)
    }

    fn send(&self, message: &Value) -> Result<(), String> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let pipe = input.pipe.as_mut().ok_or("the connection is closed")?;
        writeln!(pipe, "{message}")
            .and_then(|()| pipe.flush())
            .map_err(|error| format!("the host does not read: {error}"))
    }

    /// Sends a request and waits for its answer.
    pub(super) fn request(&self, method: &str, params: &Value) -> Result<Value, String> {
        let id = {
            let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
            input.last += 1;
            input.last
        };
        self.channel.lock().waited.insert(id);
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        let until = Instant::now() + PATIENCE;
        let mut received = self.channel.lock();
        loop {
            if let Some(answer) = received.answers.remove(&id) {
                return Ok(answer);
            }
            let left = until.saturating_duration_since(Instant::now());
            if received.ended {
                return Err("the host ended".to_owned());
            }
            if left.is_zero() {
                return Err(format!("the host did not answer {method}"));
            }
            let waited = self.channel.changed.wait_timeout(received, left);
            received = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Calls a tool; the answer is the whole message.
    pub(super) fn call(&self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.request("tools/call", &json!({"name": tool, "arguments": arguments}))
    }

    /// Returns a line on the protocol's channel that the host did not write.
    pub(super) fn forged(&self) -> Option<String> {
        self.channel.lock().forged.clone()
    }

    /// Returns the most memory that the host's process had at once, where the system says it.
    pub(super) fn peak_mib(&self) -> Option<u64> {
        super::arena::peak_mib(self.child.id())
    }

    /// Closes the connection; an error if the host does not end well by itself.
    pub(super) fn close(mut self) -> Result<(), String> {
        self.input
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pipe = None;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the host ended with {status}")),
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Err(error) => return Err(error.to_string()),
            }
        }
        Err("the host does not end".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that closed well is gone already; any other must not be left behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
